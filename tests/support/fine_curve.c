/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fine_curve.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_erf.h>
#include <math.h>
#include <stdlib.h>

static const double reach_sds = 8.5;
static const double step_of_scale = 0.7;   /* the trapezoidal error of a normal law is exp(-2 pi^2 / 0.7^2) = 3e-18 */
static const double edge_logs = 28.0;      /* as close to surgery as exp(-28) of the time looks at */
static const double small_exponent = 0.05; /* c u below which the closed form needs more digits than a double has */

enum { MAX_SIZE = 200 };

/* ---- founders of one primary growth rate, docs/model.md section 1 ---------------------------------------------- */

/* P(c; u) = int_0^u exp(-c (u - u')) Phi((u' - u_s)/sigma) du' = A(u) - exp(-c u) A(0). */
typedef struct {
    double c, onset, width;
    int small;
    double start;
} accumulated;

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x * M_SQRT1_2);
}

/* exp(b^2/2 - b y) Phi(y - b); by GSL's hazard, phi/Q, where the plain form would overflow. */
static double shifted(double y, double b)
{
    const double x = b - y;
    if (x < 0.0) {
        return exp(0.5 * b * b - b * y) * normal_cdf(-x);
    }
    return exp(-0.5 * y * y) / sqrt(2.0 * M_PI) / gsl_sf_hazard(x);
}

/* A(u) = [Phi(y) - shifted]/c; with more digits where c is small; sigma (y Phi + phi) at c = 0. */
static double from_minus_infinity(const accumulated *a, double u)
{
    const double y = (u - a->onset) / a->width;
    const double b = a->c * a->width;
    if (a->c < 1e-12) {
        return a->width * (y * normal_cdf(y) + exp(-0.5 * y * y) / sqrt(2.0 * M_PI));
    }
    if (!a->small) {
        return (normal_cdf(y) - shifted(y, b)) / a->c;
    }
    const long double yl = (long double)y, bl = (long double)b, half = 0.5L;
    const long double root = sqrtl(half);
    const long double phi = half * erfcl(-yl * root);
    const long double rest = expl(half * bl * bl - bl * yl) * half * erfcl((bl - yl) * root);
    return (double)((phi - rest) / (long double)a->c);
}

static accumulated accumulate(const mtc_course_point *p, double c, double u_max)
{
    accumulated a = {c, p->u_onset, p->width_doublings, c * u_max < small_exponent, 0.0};
    a.start = from_minus_infinity(&a, 0.0);
    return a;
}

static double accumulated_at(const accumulated *a, double u)
{
    return from_minus_infinity(a, u) - exp(-a->c * u) * a->start;
}

typedef struct {
    const mtc_course_point *p;
    double d_years;
    accumulated left, waiting; /* P(c0; u), P(c0 + D/tau; u) */
} primary;

/* N(s) and nu(s) of a primary of n doublings at surgery. */
static void founders(const primary *f, double n, double s_years, double *count, double *per_year)
{
    const mtc_course_point *p = f->p;
    const double u = n + fmin(s_years, 0.0) / f->d_years;
    *count = 0.0;
    *per_year = 0.0;
    if (u <= 0.0) {
        return;
    }
    const double scale = exp(p->log_rate + p->exponent * M_LN2 * (u - log2(1e9))) * f->d_years;
    const double all = accumulated_at(&f->left, u);
    if (p->delay_years > 0.0) {
        const double waiting = accumulated_at(&f->waiting, u) * exp(-fmax(s_years, 0.0) / p->delay_years);
        *count = scale * fmax(0.0, all - waiting);
        *per_year = scale * waiting / p->delay_years;
    } else {
        *count = scale * all;
        *per_year = s_years > 0.0 ? 0.0 : scale / f->d_years * normal_cdf((u - p->u_onset) / p->width_doublings);
    }
}

/* ---- sizes ----------------------------------------------------------------------------------------------------- */

typedef struct {
    size_t n;
    double u[MAX_SIZE], weight[MAX_SIZE]; /* weights sum to 1 */
} sizes;

static void make_sizes(const mtc_course *course, mtc_size_class cls, double refine, sizes *z)
{
    const double low = mtc_doublings(cls.lower_mm), high = mtc_doublings(cls.upper_mm);
    if (!(low < high)) {
        *z = (sizes){1, {low}, {1.0}};
        return;
    }
    double sum = 0.0;
    z->n = (size_t)fmin(MAX_SIZE, refine * fmax(40.0, 6.0 * (high - low)));
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(z->n);
    for (size_t i = 0; i < z->n; i++) {
        gsl_integration_glfixed_point(low, high, i, &z->u[i], &z->weight[i], rule);
        const double off = log(mtc_diameter_mm(z->u[i]) / course->size_median_mm) / course->size_log_sd;
        z->weight[i] *= exp(-0.5 * off * off);
        sum += z->weight[i];
    }
    gsl_integration_glfixed_table_free(rule);
    for (size_t i = 0; i < z->n; i++) {
        z->weight[i] /= sum;
    }
}

/* ---- averages over growth ---------------------------------------------------------------------------------------- */

typedef struct {
    const mtc_course_point *p;
    const sizes *z;
    primary f;
    double mean, t_years; /* of log G given D; time asked for */
    fine_values sum;
} growth;

/* Adds a growth time G, log G = log_g, that puts the start of the first founder at s. */
static void add_start(growth *g, double log_g, double s_years, double weight)
{
    const double off = (log_g - g->mean) / g->p->sd_ratio;
    const double w = weight * exp(-0.5 * off * off) / sqrt(2.0 * M_PI) / g->p->sd_ratio;
    const double theta = g->p->frailty;
    if (!(w > 1e-25)) {
        return;
    }
    for (size_t i = 0; i < g->z->n; i++) {
        double count, per_year;
        founders(&g->f, g->z->u[i], s_years, &count, &per_year);
        const double log_none = theta > 0.0 ? -log1p(theta * count) / theta : -count;
        const double part = w * g->z->weight[i];
        g->sum.survival += part * exp(log_none);
        g->sum.distribution -= part * expm1(log_none);
        g->sum.density += part * per_year * exp(log_none) / (1.0 + theta * count);
    }
}

/* All growth times at t = 0: none starts after surgery. */
static void add_at_surgery(growth *g, double step)
{
    const double half = reach_sds * g->p->sd_ratio;
    for (double x = -half; x < half; x += step) {
        add_start(g, g->mean + x, -exp(g->mean + x), step);
    }
}

/* G = t (1 + exp(w)), founders that start before surgery; G = t/(1 + exp(-w)), after it. Neither has an edge. */
static void add_around(growth *g, double step)
{
    const double log_t = log(g->t_years);
    const double low = g->mean - reach_sds * g->p->sd_ratio - log_t;  /* of log(G/t) */
    const double high = g->mean + reach_sds * g->p->sd_ratio - log_t; /* likewise */
    if (high > 0.0) {
        const double from = low > 0.0 ? fmax(-edge_logs, log(expm1(low))) : -edge_logs;
        const double to = high < 30.0 ? log(expm1(high)) : high;
        for (double w = step * floor(from / step); w < to + step; w += step) {
            const double up = exp(w);
            add_start(g, log_t + log1p(up), -g->t_years * up, step / (1.0 + exp(-w)));
        }
    }
    if (low < 0.0) {
        const double from = low > -30.0 ? -log(expm1(-low)) : low;
        const double to = high < 0.0 ? fmin(edge_logs, -log(expm1(-high))) : edge_logs;
        for (double w = step * floor(from / step); w < to + step; w += step) {
            const double up = exp(w);
            add_start(g, log_t - log1p(exp(-w)), g->t_years / (1.0 + up), step / (1.0 + up));
        }
    }
}

/*
 * Log growth time on which the onset acts, seen from surgery. Where the seeding rate is so large that the first
 * founders leave in the onset's tail, y sd below it, they do so within 1/y sd.
 */
static double onset_scale(const mtc_course_point *p, double n_max)
{
    const double size = p->exponent * M_LN2 * fmax(0.0, n_max - log2(1e9));
    const double excess = fmax(0.0, p->log_rate + p->log_delta_years + 3.0 * p->sd_doubling + size);
    const double y = fmax(2.0, sqrt(2.0 * excess));
    const double away = fmin(n_max, fmax(n_max - p->u_onset, 0.0) + (1.0 + y) * p->width_doublings);
    return p->width_doublings / (0.5 * y) / away;
}

void fine_curve(const mtc_course *course, const mtc_course_point *p, mtc_size_class cls, double t_years, double refine,
                fine_values *out)
{
    sizes z;
    make_sizes(course, cls, refine, &z);
    const double n_max = z.u[0] > z.u[z.n - 1] ? z.u[0] : z.u[z.n - 1];
    const double onset = onset_scale(p, n_max);
    const double variance = p->sd_doubling * p->sd_doubling + p->sd_ratio * p->sd_ratio;
    const double given_growth = p->sd_doubling * p->sd_ratio / sqrt(variance);
    const double step_d = step_of_scale / refine * fmin(given_growth, fmin(onset, 0.5));
    const double step_g = step_of_scale / 1.11 / refine * fmin(p->sd_ratio, fmin(onset, 0.5));
    const double half = reach_sds * p->sd_doubling;
    *out = (fine_values){0.0, 0.0, 0.0};
    for (double x = -half; x < half; x += step_d) {
        const double c0 = p->exponent * M_LN2;
        const double log_d = p->log_delta_years + x;
        growth g = {.p = p, .z = &z, .t_years = t_years};
        g.f.p = p;
        g.f.d_years = exp(log_d);
        g.f.left = accumulate(p, c0, n_max);
        if (p->delay_years > 0.0) {
            g.f.waiting = accumulate(p, c0 + g.f.d_years / p->delay_years, n_max);
        }
        g.mean = log(course->doublings_to_detection) + log_d - p->log_ratio;
        if (t_years > 0.0) {
            add_around(&g, step_g);
        } else {
            add_at_surgery(&g, step_g);
        }
        const double off = x / p->sd_doubling;
        const double weight = step_d * exp(-0.5 * off * off) / sqrt(2.0 * M_PI) / p->sd_doubling;
        out->survival += weight * g.sum.survival;
        out->density += weight * g.sum.density;
        out->distribution += weight * g.sum.distribution;
    }
}
