/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_bend.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_vmath.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Part of each variance that is added to it, so that rounding cannot make a covariance indefinite. */
#define RIDGE 1e-9
/* Ridge of the regression, in draws: damps terms that only few draws support. */
#define TERM_RIDGE_DRAWS 3.0
/* Most terms of one coordinate: more would need more draws than a pilot has. */
#define MAX_TERMS 16u
/* Ranges and tolerance of skewness and tails (never lighter than normal: the map would be steep where no draw lies);
 * log likelihood that they must gain (three numbers, Akaike, doubled). */
#define MAX_SKEW 1.5
#define MIN_TAIL 0.5
#define MAX_TAIL 1.0
#define SHAPE_TOLERANCE 0.03
#define SHAPE_GAIN 6.0
/* Draws with less than this part of the mean weight do not count for shapes. */
#define NEGLIGIBLE 1e-3
/* Reach of a coordinate in a term, standard deviations: with many coordinates there are corners that no draw has seen.
 */
#define MANY_DIMS 6u
#define BOUND_MANY 3.0
#define BOUND_FEW 6.0
/* Numbers of a term: its position, and up to three factors. */
#define TERM_SIZE 4u
/* Of sums, so that they do not depend on the width of vectors. */
#define LANES 8u

static mtc_status bend_alloc(mtc_bend *b, size_t d, size_t max_term, mtc_err *err)
{
    memset(b, 0, sizeof *b);
    const size_t n_double = 3 * d + d * d + max_term, n_index = d + TERM_SIZE * max_term;
    b->block = mtc_calloc(1, n_double * sizeof(double) + 2 * d * sizeof(mtc_bend_shape) + n_index * sizeof(size_t));
    if (b->block == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a map of %zu dimensions", d);
    }
    b->n_dim = d;
    b->first = b->block;
    b->second = b->first + d;
    b->mean = (double *)(void *)(b->second + d);
    b->chol = b->mean + d;
    b->place = b->chol + d * d;
    b->scale = b->place + d;
    b->factor = b->scale + d;
    b->order = (size_t *)(void *)(b->factor + max_term);
    b->term = b->order + d;
    for (size_t a = 0; a < d; a++) {
        b->first[a].tail = b->second[a].tail = b->scale[a] = 1.0;
    }
    return MTC_OK;
}

void mtc_bend_fini(mtc_bend *b)
{
    if (b != NULL) {
        mtc_free(b->block);
        memset(b, 0, sizeof *b);
    }
}

mtc_status mtc_bend_copy(const mtc_bend *b, mtc_bend *out, mtc_err *err)
{
    const size_t d = b->n_dim;
    const mtc_status st = bend_alloc(out, d, b->n_term, err);
    if (st == MTC_OK) {
        memcpy(out->mean, b->mean, d * sizeof *b->mean);
        memcpy(out->chol, b->chol, d * d * sizeof *b->chol);
        memcpy(out->place, b->place, d * sizeof *b->place);
        memcpy(out->scale, b->scale, d * sizeof *b->scale);
        memcpy(out->first, b->first, d * sizeof *b->first);
        memcpy(out->second, b->second, d * sizeof *b->second);
        memcpy(out->order, b->order, d * sizeof *b->order);
        memcpy(out->term, b->term, TERM_SIZE * b->n_term * sizeof *b->term);
        memcpy(out->factor, b->factor, b->n_term * sizeof *b->factor);
        out->n_term = b->n_term;
        out->log_det = b->log_det;
    }
    return st;
}

/* A whitened coordinate as terms see it: itself where draws lie, and bounded farther out, because a curve that is known
 * where the draws lie must not be drawn on into corners where it was never seen. */
static double bounded(double y, double bound)
{
    const double q = y * y / (bound * bound), q4 = q * q * q * q;
    return y / sqrt(sqrt(sqrt(1.0 + q4)));
}

static double bounded_slope(double y, double bound)
{
    const double q = y * y / (bound * bound), q4 = q * q * q * q;
    return 1.0 / ((1.0 + q4) * sqrt(sqrt(sqrt(1.0 + q4))));
}

static double reach(const mtc_bend *b)
{
    return b->n_dim < MANY_DIMS ? BOUND_FEW : BOUND_MANY;
}

/* Value of a term's factors at a whitened point. */
static double term_value(const mtc_bend *b, const size_t *t, const double *y)
{
    const double bound = reach(b);
    double value = 1.0;
    for (size_t k = 1; k < TERM_SIZE; k++) {
        value *= t[k] < b->n_dim ? bounded(y[b->order[t[k]]], bound) : 1.0;
    }
    return value;
}

/* A shape step at u, and the log of its derivative added to *log_slope. */
static double unskew(const mtc_bend_shape *shape, double u, double *log_slope)
{
    const double v = u - shape->centre;
    const double s = shape->tail * asinh(v) - shape->skew;
    *log_slope += log(shape->tail) + log(cosh(s)) - 0.5 * log1p(v * v);
    return sinh(s);
}

static double skewed(const mtc_bend_shape *shape, double r)
{
    return shape->centre + sinh((asinh(r) + shape->skew) / shape->tail);
}

static bool is_plain(const mtc_bend_shape *shape)
{
    return shape->skew == 0.0 && shape->tail == 1.0;
}

double mtc_bend_straighten(const mtc_bend *b, const double *x, double *r, double *y)
{
    const size_t d = b->n_dim;
    double log_jacobian = -b->log_det;
    for (size_t a = 0; a < d; a++) {
        double at = x[a];
        if (!is_plain(&b->first[a])) {
            at = unskew(&b->first[a], (at - b->place[a]) / b->scale[a], &log_jacobian);
            log_jacobian -= log(b->scale[a]);
        }
        y[a] = at - b->mean[a];
    }
    mtc_lower_solve(b->chol, d, y);
    memcpy(r, y, d * sizeof *r);
    for (size_t t = 0; t < b->n_term; t++) {
        r[b->order[b->term[TERM_SIZE * t]]] -= b->factor[t] * term_value(b, b->term + TERM_SIZE * t, y);
    }
    for (size_t a = 0; a < d; a++) {
        r[a] = is_plain(&b->second[a]) ? r[a] : unskew(&b->second[a], r[a], &log_jacobian);
    }
    return log_jacobian;
}

void mtc_bend_apply(const mtc_bend *b, const double *r, double *x, double *y)
{
    const size_t d = b->n_dim;
    for (size_t a = 0; a < d; a++) {
        y[a] = is_plain(&b->second[a]) ? r[a] : skewed(&b->second[a], r[a]);
    }
    for (size_t t = 0; t < b->n_term; t++) { /* terms stand in the order of positions: factors are final */
        y[b->order[b->term[TERM_SIZE * t]]] += b->factor[t] * term_value(b, b->term + TERM_SIZE * t, y);
    }
    mtc_lower_mul(b->chol, d, y);
    for (size_t a = 0; a < d; a++) {
        x[a] = b->mean[a] + y[a];
        x[a] = is_plain(&b->first[a]) ? x[a] : b->place[a] + b->scale[a] * skewed(&b->first[a], x[a]);
    }
}

/* ---- derivatives ---- */

/* The inverse of a shape step at r: its slope, and the slope of that slope's logarithm. */
static double skewed_slope(const mtc_bend_shape *shape, double r, double *log_slope, double *by_r)
{
    const double w = (asinh(r) + shape->skew) / shape->tail;
    const double by_w = 1.0 / (shape->tail * sqrt(1.0 + r * r));
    const double slope = cosh(w) * by_w;
    *log_slope += log(slope);
    *by_r = tanh(w) * by_w - r / (1.0 + r * r);
    return slope;
}

/* y_bar of the factors of a term, whose position has y_bar already. */
static void pull_term(const mtc_bend *b, size_t t, const double *y, double *y_bar)
{
    const size_t *term = b->term + TERM_SIZE * t;
    const double bound = reach(b);
    const double bar = b->factor[t] * y_bar[b->order[term[0]]];
    for (size_t k = 1; k < TERM_SIZE; k++) {
        if (term[k] < b->n_dim) {
            double others = 1.0;
            for (size_t m = 1; m < TERM_SIZE; m++) {
                others *= m != k && term[m] < b->n_dim ? bounded(y[b->order[term[m]]], bound) : 1.0;
            }
            y_bar[b->order[term[k]]] += bar * others * bounded_slope(y[b->order[term[k]]], bound);
        }
    }
}

double mtc_bend_pull(const mtc_bend *b, const double *r, const double *grad_x, double *grad_r, double *y)
{
    const size_t d = b->n_dim;
    double *const bar = grad_r;
    double *const u = y + d;
    double log_jacobian = b->log_det;
    for (size_t a = 0; a < d; a++) {
        y[a] = is_plain(&b->second[a]) ? r[a] : skewed(&b->second[a], r[a]);
    }
    for (size_t t = 0; t < b->n_term; t++) {
        y[b->order[b->term[TERM_SIZE * t]]] += b->factor[t] * term_value(b, b->term + TERM_SIZE * t, y);
    }
    memcpy(u, y, d * sizeof *u);
    mtc_lower_mul(b->chol, d, u);
    for (size_t a = 0; a < d; a++) {
        bar[a] = grad_x[a];
        if (!is_plain(&b->first[a])) {
            double by_u;
            bar[a] *= b->scale[a] * skewed_slope(&b->first[a], b->mean[a] + u[a], &log_jacobian, &by_u);
            bar[a] += by_u;
            log_jacobian += log(b->scale[a]);
        }
    }
    mtc_lower_mul_t(b->chol, d, bar);
    for (size_t t = b->n_term; t-- > 0;) {
        pull_term(b, t, y, bar);
    }
    for (size_t a = 0; a < d; a++) {
        if (!is_plain(&b->second[a])) {
            double by_r;
            bar[a] *= skewed_slope(&b->second[a], r[a], &log_jacobian, &by_r);
            bar[a] += by_r;
        }
    }
    return log_jacobian;
}

/* ---- fit ---- */

/* Scratch of the fit. */
typedef struct {
    const mtc_wsample *s;
    size_t d;
    double *block;
    double *w;      /* n, sum 1 */
    double *y;      /* n x d whitened */
    double *gain;   /* d x d: squared correlation of y_i^2 with y_j */
    double *normal; /* (MAX_TERMS + 1)^2 */
    double *right;  /* MAX_TERMS + 1 */
    double *column; /* n and idle ones: one coordinate while its shape is fitted ... */
    double *share;  /* ... and the weights */
    double ess, least_weight;
} bend_fit;

static mtc_status weigh(bend_fit *f, mtc_err *err)
{
    const mtc_wsample *s = f->s;
    double top = -HUGE_VAL, sum = 0.0, sum2 = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        top = fmax(top, s->log_weight[i]);
    }
    if (!isfinite(top)) {
        return mtc_fail(err, MTC_ENUMERIC, "no draw of %zu has weight", s->n);
    }
    for (size_t i = 0; i < s->n; i++) {
        f->w[i] = exp(s->log_weight[i] - top);
        sum += f->w[i];
        sum2 += f->w[i] * f->w[i];
    }
    for (size_t i = 0; i < s->n; i++) {
        f->w[i] /= sum;
    }
    f->ess = sum * sum / sum2;
    f->least_weight = NEGLIGIBLE / (double)s->n;
    return MTC_OK;
}

/* Weighted mean and Cholesky factor of the draws in f->y into the map, and the draws whitened. */
static mtc_status whiten(bend_fit *f, mtc_bend *b, mtc_err *err)
{
    const size_t d = f->d, n = f->s->n;
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; a < d; a++) {
            b->mean[a] += f->w[i] * f->y[i * d + a];
        }
    }
    for (size_t i = 0; i < n; i++) {
        const double *x = f->y + i * d;
        for (size_t a = 0; a < d; a++) {
            for (size_t c = 0; c <= a; c++) {
                b->chol[a * d + c] += f->w[i] * (x[a] - b->mean[a]) * (x[c] - b->mean[c]);
            }
        }
    }
    for (size_t a = 0; a < d; a++) {
        b->chol[a * d + a] *= 1.0 + RIDGE;
    }
    const mtc_status st = mtc_cholesky(b->chol, d, err);
    if (st != MTC_OK) {
        return st;
    }
    b->log_det = 0.5 * mtc_cholesky_log_det(b->chol, d);
    for (size_t i = 0; i < n; i++) {
        double *y = f->y + i * d;
        for (size_t a = 0; a < d; a++) {
            y[a] -= b->mean[a];
        }
        mtc_lower_solve(b->chol, d, y);
    }
    return MTC_OK;
}

/* Correlation of a term's product with whitened coordinate j. */
static double term_correlation(const bend_fit *f, const mtc_bend *b, const size_t *term, size_t j)
{
    const size_t d = f->d;
    double mp = 0.0, mv = 0.0, pp = 0.0, vv = 0.0, pv = 0.0;
    for (size_t n = 0; n < f->s->n; n++) {
        mp += f->w[n] * term_value(b, term, f->y + n * d);
        mv += f->w[n] * f->y[n * d + j];
    }
    for (size_t n = 0; n < f->s->n; n++) {
        const double p = term_value(b, term, f->y + n * d) - mp, v = f->y[n * d + j] - mv;
        pp += f->w[n] * p * p;
        vv += f->w[n] * v * v;
        pv += f->w[n] * p * v;
    }
    return pp > 0.0 && vv > 0.0 ? pv / sqrt(pp * vv) : 0.0;
}

/* Order: coordinates whose squares explain the others first. */
static void choose_order(bend_fit *f, mtc_bend *b)
{
    const size_t d = f->d;
    for (size_t i = 0; i < d; i++) {
        b->order[i] = i;
    }
    for (size_t i = 0; i < d; i++) {
        const size_t square[TERM_SIZE] = {0, i, i, d};
        for (size_t j = 0; j < d; j++) {
            const double c = i == j ? 0.0 : term_correlation(f, b, square, j);
            f->gain[i * d + j] = c * c;
        }
    }
    for (size_t i = 0; i < d; i++) {
        for (size_t j = i + 1; j < d; j++) {
            double score_i = 0.0, score_j = 0.0;
            for (size_t k = 0; k < d; k++) {
                score_i += f->gain[b->order[i] * d + k] - f->gain[k * d + b->order[i]];
                score_j += f->gain[b->order[j] * d + k] - f->gain[k * d + b->order[j]];
            }
            if (score_j > score_i) {
                const size_t swap = b->order[i];
                b->order[i] = b->order[j];
                b->order[j] = swap;
            }
        }
    }
}

/* Add {j, i, k, l} to the terms where its product matters for position j. Returns 1 if so. */
static size_t try_term(const bend_fit *f, const mtc_bend *b, const size_t *candidate, double least, size_t *term)
{
    const double c = term_correlation(f, b, candidate, b->order[candidate[0]]);
    if (fabs(c) <= least) {
        return 0;
    }
    memcpy(term, candidate, TERM_SIZE * sizeof *term);
    return 1;
}

/* Terms of position j that matter: products of two and cubes beyond the threshold, with 1 and the linear ones of the
 * coordinates in use, so that the products need not stand for them. Returns their number. */
static size_t choose_terms(const bend_fit *f, const mtc_bend *b, size_t j, double threshold, size_t *term)
{
    const double least = threshold / sqrt(f->ess);
    const size_t one = f->d;
    size_t n = 0;
    for (size_t i = 0; i < j && n < MAX_TERMS; i++) {
        for (size_t k = 0; k <= i && n < MAX_TERMS; k++) {
            n += try_term(f, b, (const size_t[]){j, i, k, one}, least, term + TERM_SIZE * n);
        }
        if (n < MAX_TERMS) {
            n += try_term(f, b, (const size_t[]){j, i, i, i}, least, term + TERM_SIZE * n);
        }
    }
    if (n == 0) {
        return 0;
    }
    const size_t n_product = n;
    memcpy(term + TERM_SIZE * n++, (const size_t[]){j, one, one, one}, TERM_SIZE * sizeof *term);
    for (size_t i = 0; i < j && n < 2 * MAX_TERMS; i++) {
        bool used = false;
        for (size_t t = 0; t < n_product; t++) {
            used = used || term[TERM_SIZE * t + 1] == i || term[TERM_SIZE * t + 2] == i;
        }
        if (used) {
            memcpy(term + TERM_SIZE * n++, (const size_t[]){j, i, one, one}, TERM_SIZE * sizeof *term);
        }
    }
    return n;
}

/* Least squares for n terms of one position, starting at b->term + TERM_SIZE * first. */
static mtc_status solve_terms(bend_fit *f, mtc_bend *b, size_t first, size_t n, mtc_err *err)
{
    const size_t d = f->d, *term = b->term + TERM_SIZE * first, j = b->order[term[0]];
    double value[2 * MAX_TERMS];
    memset(f->normal, 0, n * n * sizeof *f->normal);
    memset(f->right, 0, n * sizeof *f->right);
    for (size_t i = 0; i < f->s->n; i++) {
        const double *y = f->y + i * d;
        for (size_t t = 0; t < n; t++) {
            value[t] = term_value(b, term + TERM_SIZE * t, y);
        }
        for (size_t t = 0; t < n; t++) {
            f->right[t] += f->w[i] * value[t] * y[j];
            for (size_t u = 0; u <= t; u++) {
                f->normal[t * n + u] += f->w[i] * value[t] * value[u];
            }
        }
    }
    for (size_t t = 0; t < n; t++) {
        f->normal[t * n + t] *= 1.0 + TERM_RIDGE_DRAWS / f->ess;
    }
    const mtc_status st = mtc_cholesky(f->normal, n, err);
    if (st == MTC_OK) {
        mtc_cholesky_solve(f->normal, n, f->right);
        memcpy(b->factor + first, f->right, n * sizeof *f->right);
    }
    return st;
}

/* One coordinate's shape step while it is fitted, and its log likelihood. */
typedef struct {
    mtc_bend_shape is;
    double value;
} shape_fit;

/* Column j of f->y for the fit of a shape with this centre: asinh of the draws that count, their weights; returns how
 * many. *fixed: the part of the log likelihood that depends on neither skewness nor tail. */
static size_t shape_column(const bend_fit *f, size_t j, double centre, double *fixed)
{
    size_t n = 0;
    *fixed = 0.0;
    for (size_t i = 0; i < f->s->n; i++) {
        if (f->w[i] > f->least_weight) {
            const double v = f->y[i * f->d + j] - centre;
            f->column[n] = asinh(v);
            f->share[n++] = f->w[i];
            *fixed -= 0.5 * f->w[i] * log1p(v * v);
        }
    }
    for (size_t i = n; i < (n + LANES - 1) / LANES * LANES; i++) { /* idle draws fill the last lanes */
        f->column[i] = f->share[i] = 0.0;
    }
    return n;
}

/* Log likelihood per draw of a normal law for n unskewed values, mean and variance profiled out, without the fixed
 * part. */
MTC_VECTORISED static double shape_likelihood(const double *restrict column, const double *restrict share, size_t n,
                                              double skew, double tail)
{
    double mean[LANES] = {0.0}, square[LANES] = {0.0}, slope[LANES] = {0.0}, weight[LANES] = {0.0};
    double sum[4] = {0.0};
    for (size_t i = 0; i < n; i += LANES) {
        for (size_t v = 0; v < LANES; v++) {
            const double e = mtc_vexp(tail * column[i + v] - skew), inv = 1.0 / e;
            const double r = 0.5 * (e - inv), w = share[i + v];
            weight[v] += w;
            mean[v] += w * r;
            square[v] += w * r * r;
            slope[v] += w * mtc_vlog(0.5 * (e + inv));
        }
    }
    for (size_t v = 0; v < LANES; v++) {
        sum[0] += weight[v];
        sum[1] += mean[v];
        sum[2] += square[v];
        sum[3] += slope[v];
    }
    const double variance = sum[2] - sum[1] * sum[1];
    return variance > 0.0 && isfinite(variance) ? sum[0] * log(tail) + sum[3] - 0.5 * log(variance) : -HUGE_VAL;
}

/* Best value of one number of a shape in [low, high], by golden section; `which` points into s. */
static void best_number(const bend_fit *f, size_t n, shape_fit *s, double *which, double low, double high)
{
    const double ratio = 0.6180339887498949;
    double a = high - ratio * (high - low), b = low + ratio * (high - low), at_a, at_b;
    *which = a;
    at_a = shape_likelihood(f->column, f->share, n, s->is.skew, s->is.tail);
    *which = b;
    at_b = shape_likelihood(f->column, f->share, n, s->is.skew, s->is.tail);
    while (high - low > SHAPE_TOLERANCE) {
        const bool left = at_a > at_b;
        if (left) {
            high = b;
            b = a;
            at_b = at_a;
            *which = a = high - ratio * (high - low);
            at_a = shape_likelihood(f->column, f->share, n, s->is.skew, s->is.tail);
        } else {
            low = a;
            a = b;
            at_a = at_b;
            *which = b = low + ratio * (high - low);
            at_b = shape_likelihood(f->column, f->share, n, s->is.skew, s->is.tail);
        }
    }
    *which = at_a > at_b ? a : b;
    s->value = fmax(at_a, at_b);
}

/* Shape step of column j of f->y, in standard units; plain where Akaike's criterion asks for none. */
static mtc_bend_shape fit_shape(const bend_fit *f, size_t j)
{
    const mtc_bend_shape plain = {.tail = 1.0};
    double fixed;
    size_t n = shape_column(f, j, 0.0, &fixed);
    shape_fit best = {plain, fixed + shape_likelihood(f->column, f->share, n, 0.0, 1.0)};
    const double none = best.value;
    for (double centre = -0.6; centre < 0.7; centre += 0.6) {
        shape_fit s = {.is = {.centre = centre, .tail = 1.0}};
        n = shape_column(f, j, centre, &fixed);
        for (int cycle = 0; cycle < 2; cycle++) {
            best_number(f, n, &s, &s.is.skew, -MAX_SKEW, MAX_SKEW);
            best_number(f, n, &s, &s.is.tail, MIN_TAIL, MAX_TAIL);
        }
        s.value += fixed;
        best = s.value > best.value ? s : best;
    }
    return (best.value - none) * f->ess > SHAPE_GAIN ? best.is : plain;
}

/* First shape steps, from the marginal laws; the draws after them into f->y. */
static void fit_marginals(bend_fit *f, mtc_bend *b)
{
    const size_t d = f->d, n = f->s->n;
    for (size_t j = 0; j < d; j++) {
        double mean = 0.0, square = 0.0, log_slope = 0.0;
        for (size_t i = 0; i < n; i++) {
            mean += f->w[i] * f->s->x[i * d + j];
        }
        for (size_t i = 0; i < n; i++) {
            const double off = f->s->x[i * d + j] - mean;
            square += f->w[i] * off * off;
        }
        if (square > 0.0) {
            b->place[j] = mean;
            b->scale[j] = sqrt(square);
        }
        for (size_t i = 0; i < n; i++) {
            f->y[i * d + j] = (f->s->x[i * d + j] - b->place[j]) / b->scale[j];
        }
        b->first[j] = fit_shape(f, j);
        for (size_t i = 0; i < n; i++) {
            double *const at = &f->y[i * d + j];
            *at = is_plain(&b->first[j]) ? f->s->x[i * d + j] : unskew(&b->first[j], *at, &log_slope);
        }
    }
}

/* Second shape steps, of each coordinate of the bent sample, which overwrites f->y. */
static void fit_shapes(bend_fit *f, mtc_bend *b, double *scratch)
{
    for (size_t i = 0; i < f->s->n; i++) {
        (void)mtc_bend_straighten(b, f->s->x + i * f->d, f->y + i * f->d, scratch);
    }
    for (size_t j = 0; j < f->d; j++) {
        b->second[j] = fit_shape(f, j);
    }
}

static mtc_status fit_alloc(bend_fit *f, const mtc_wsample *s, mtc_err *err)
{
    const size_t d = s->n_dim, most = 2 * MAX_TERMS;
    memset(f, 0, sizeof *f);
    f->s = s;
    f->d = d;
    f->block = mtc_calloc(s->n * (d + 3) + 2 * LANES + d + d * d + most * most + most + d, sizeof *f->block);
    if (f->block == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory to fit a map to %zu draws", s->n);
    }
    f->w = f->block;
    f->y = f->w + s->n;
    f->gain = f->y + s->n * d;
    f->normal = f->gain + d + d * d;
    f->column = f->normal + most * most;
    f->share = f->column + s->n + LANES;
    f->right = f->share + s->n + LANES;
    return MTC_OK;
}

/* Log likelihood per draw of a normal law for the straightened draws, mean and covariance profiled out: what a map is
 * worth. Overwrites f->y. */
static mtc_status map_value(bend_fit *f, const mtc_bend *b, double *value, mtc_err *err)
{
    const size_t d = f->d, n = f->s->n;
    double *const mean = f->gain, *const cov = f->gain + d, *const scratch = f->right;
    memset(mean, 0, (d + d * d) * sizeof *mean);
    *value = 0.0;
    for (size_t i = 0; i < n; i++) {
        *value += f->w[i] * mtc_bend_straighten(b, f->s->x + i * d, f->y + i * d, scratch);
        for (size_t a = 0; a < d; a++) {
            mean[a] += f->w[i] * f->y[i * d + a];
        }
    }
    for (size_t i = 0; i < n; i++) {
        const double *const r = f->y + i * d;
        for (size_t a = 0; a < d; a++) {
            for (size_t c = 0; c <= a; c++) {
                cov[a * d + c] += f->w[i] * (r[a] - mean[a]) * (r[c] - mean[c]);
            }
        }
    }
    const mtc_status st = mtc_cholesky(cov, d, err);
    if (st == MTC_OK) {
        *value -= 0.5 * mtc_cholesky_log_det(cov, d);
    }
    return st;
}

/* Fit with or without the first shape steps, and say what the map is worth. */
static mtc_status fit_map(bend_fit *f, double threshold, bool with_marginals, mtc_bend *out, double *value,
                          mtc_err *err)
{
    const size_t d = f->d;
    mtc_status st = MTC_OK;
    MTC_TRY(bend_alloc(out, d, 2 * MAX_TERMS * d, err));
    if (with_marginals) {
        fit_marginals(f, out);
    } else {
        memcpy(f->y, f->s->x, f->s->n * d * sizeof *f->y);
    }
    MTC_TRY(whiten(f, out, err));
    choose_order(f, out);
    for (size_t j = 1; j < d; j++) {
        const size_t n = choose_terms(f, out, j, threshold, out->term + TERM_SIZE * out->n_term);
        if (n > 0) {
            MTC_TRY(solve_terms(f, out, out->n_term, n, err));
            out->n_term += n;
        }
    }
    fit_shapes(f, out, f->right);
    MTC_TRY(map_value(f, out, value, err));
out:
    if (st != MTC_OK) {
        mtc_bend_fini(out);
    }
    return st;
}

static bool has_first_steps(const mtc_bend *b)
{
    bool any = false;
    for (size_t a = 0; a < b->n_dim; a++) {
        any = any || !is_plain(&b->first[a]);
    }
    return any;
}

mtc_status mtc_bend_fit(const mtc_wsample *s, double threshold, mtc_bend *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    bend_fit f = {0};
    mtc_bend straight = {0};
    double with, without;

    memset(out, 0, sizeof *out);
    if (s->n == 0 || s->n_dim == 0) {
        return mtc_fail(err, MTC_ESIZE, "a map needs draws and dimensions");
    }
    MTC_TRY(fit_alloc(&f, s, err));
    MTC_TRY(weigh(&f, err));
    MTC_TRY(fit_map(&f, threshold, true, out, &with, err));
    if (has_first_steps(out)) { /* a bend may be what makes a marginal law skewed: then the bend alone does better */
        MTC_TRY(fit_map(&f, threshold, false, &straight, &without, err));
        if (without > with) {
            mtc_bend_fini(out);
            *out = straight;
            memset(&straight, 0, sizeof straight);
        }
    }
out:
    mtc_bend_fini(&straight);
    mtc_free(f.block);
    if (st != MTC_OK) {
        mtc_bend_fini(out);
    }
    return st;
}
