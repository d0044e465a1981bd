/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_sum_internal.h"

#include "mtc_arena.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

/* A logarithm below -this is certified relative to itself. */
static const double deep = 40.0;
enum { TAIL = 3 }; /* coefficients looked at */

mtc_status mtc_curve_sum_ws_create(const mtc_curve_sum *sum, mtc_curve_sum_ws **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    *out = NULL;
    mtc_curve_sum_ws *ws = mtc_calloc(1, sizeof *ws);
    if (ws == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for scratch");
    }
    for (size_t l = 0; l < SUM_LEVELS; l++) {
        if (sum->level[l].plan != NULL) {
            const size_t size = sum->level[l].n_class * sum->level[l].n_t;
            ws->size = size > ws->size ? size : ws->size;
            MTC_TRY(mtc_curve_ws_create(sum->level[l].plan, &ws->curve[l], err));
        }
    }
    double **const array[] = {&ws->survival,    &ws->density,      &ws->log_survival,
                              &ws->log_density, &ws->bar_survival, &ws->bar_density,
                              &ws->row,         &ws->distribution, &ws->bar_distribution};
    for (size_t i = 0; i < sizeof array / sizeof *array; i++) {
        *array[i] = mtc_calloc(ws->size + sum->rules->time_order[SUM_ORDERS - 1] + 2, sizeof **array[i]);
        if (*array[i] == NULL) {
            st = mtc_fail(err, MTC_ENOMEM, "out of memory for scratch");
            goto out;
        }
    }
out:
    if (st != MTC_OK) {
        mtc_curve_sum_ws_destroy(ws);
        return st;
    }
    *out = ws;
    return MTC_OK;
}

void mtc_curve_sum_ws_destroy(mtc_curve_sum_ws *ws)
{
    if (ws == NULL) {
        return;
    }
    for (size_t l = 0; l < SUM_LEVELS; l++) {
        mtc_curve_ws_destroy(ws->curve[l]);
    }
    mtc_free(ws->survival);
    mtc_free(ws->density);
    mtc_free(ws->log_survival);
    mtc_free(ws->log_density);
    mtc_free(ws->bar_survival);
    mtc_free(ws->bar_density);
    mtc_free(ws->row);
    mtc_free(ws->distribution);
    mtc_free(ws->bar_distribution);
    mtc_free(ws);
}

/* Sum of the last coefficients of the Chebyshev sum through n = order + 1 values at distance `stride`. */
static double tail(const double *value, size_t order, size_t stride)
{
    double total = 0.0;
    for (size_t d = 0; d < TAIL; d++) {
        const size_t j = order - d;
        double sum = 0.0;
        for (size_t k = 0; k <= order; k++) {
            const double half = k == 0 || k == order ? 0.5 : 1.0;
            sum += half * value[k * stride] * cos(M_PI * (double)((j * k) % (2 * order)) / (double)order);
        }
        total += fabs(sum) * (j == order ? 1.0 : 2.0) / (double)order;
    }
    return total;
}

static double largest(const double *value, size_t n, size_t stride)
{
    double most = 0.0;
    for (size_t k = 0; k < n; k++) {
        most = fmax(most, fabs(value[k * stride]));
    }
    return most;
}

static int decays(const double *value, size_t order, size_t stride, double error)
{
    /* far down in a tail the curves themselves are good to 1e-8 of their logarithm (tests/golden) */
    const double most = largest(value, order + 1, stride);
    return tail(value, order, stride) <= (most > deep ? error * most : error);
}

enum { IN_TIME = 1, IN_SIZE = 2 };

/* Where the coefficients of the logarithms that the terms need do not decay: a sum of IN_*. */
static int coarse(const mtc_curve_sum_ws *ws, const sum_level *level, double error)
{
    int where = 0;
    for (size_t c = 0; c < level->n_class; c++) {
        const size_t first = c * level->n_t;
        const unsigned char wanted = level->wanted[first]; /* the same at every node in time */
        if ((wanted & MTC_WANT_SURVIVAL && !decays(ws->log_survival + first, level->time_order, 1, error)) ||
            (wanted & MTC_WANT_DENSITY && !decays(ws->log_density + first, level->time_order, 1, error))) {
            where = IN_TIME;
            break;
        }
    }
    for (size_t j = 0; level->size_order > 0 && j < level->n_t; j++) {
        const size_t first = level->n_range * level->n_t + j;
        const unsigned char wanted = level->wanted[first]; /* the same at every node in size */
        if ((wanted & MTC_WANT_SURVIVAL && !decays(ws->log_survival + first, level->size_order, level->n_t, error)) ||
            (wanted & MTC_WANT_DENSITY && !decays(ws->log_density + first, level->size_order, level->n_t, error))) {
            return where | IN_SIZE;
        }
    }
    return where;
}

/* Logarithms of the values that the terms need; false where one underflows. */
static int take_logs(mtc_curve_sum_ws *ws, const sum_level *level)
{
    int positive = 1;
    for (size_t i = 0; i < level->n_class * level->n_t; i++) {
        const unsigned char wanted = level->wanted[i];
        ws->log_survival[i] = ws->survival[i] > 0.0 ? log(ws->survival[i]) : -HUGE_VAL;
        ws->log_density[i] = ws->density[i] > 0.0 ? log(ws->density[i]) : -HUGE_VAL;
        positive &= !(wanted & MTC_WANT_SURVIVAL) || ws->survival[i] > 0.0;
        positive &= !(wanted & MTC_WANT_DENSITY) || ws->density[i] > 0.0;
        positive &= !(wanted & MTC_WANT_DISTRIBUTION) || ws->distribution[i] > 0.0;
    }
    return positive;
}

/* log f of a class at a time, and its weights on the nodes in ws->row (interpolation levels). */
static double log_density_at(const mtc_curve_sum *sum, mtc_curve_sum_ws *ws, const sum_level *level,
                             const size_t *index, const double *weight, size_t n_index, double t_years)
{
    double value = 0.0;
    sum_time_basis(sum, level, t_years, ws->row);
    for (size_t i = 0; i < n_index; i++) {
        const double *f = ws->log_density + index[i] * level->n_t;
        double one = 0.0;
        for (size_t j = 0; j <= level->time_order; j++) {
            one += ws->row[j] * f[j];
        }
        value += weight[i] * one;
    }
    return value;
}

/* P(T in interval); adds bar times its derivative to the density's bars where bar is not 0. */
static double interval_probability(const mtc_curve_sum *sum, mtc_curve_sum_ws *ws, const sum_level *level, int direct,
                                   const sum_interval *interval, double bar)
{
    size_t index[128];
    double weight[128];
    const size_t n_index = sum_class_basis(sum, level, interval->cls, index, weight);
    double total = 0.0;
    for (size_t q = 0; q < interval->n_node; q++) {
        double t, w;
        sum_interval_node(sum, interval, q, &t, &w);
        if (direct) {
            const size_t at = index[0] * level->n_t + sum_time_index(sum, t);
            total += w * ws->density[at];
            ws->bar_density[at] += bar * w;
            continue;
        }
        const double f = exp(log_density_at(sum, ws, level, index, weight, n_index, t));
        total += w * f;
        for (size_t i = 0; bar != 0.0 && i < n_index; i++) {
            for (size_t j = 0; j <= level->time_order; j++) {
                const size_t at = index[i] * level->n_t + j;
                ws->bar_density[at] += bar * w * f * weight[i] * ws->row[j] / ws->density[at];
            }
        }
    }
    return total;
}

static double sum_level_value(const mtc_curve_sum *sum, mtc_curve_sum_ws *ws, const sum_level *level, int direct)
{
    double value = 0.0;
    for (size_t i = 0; i < level->n_class * level->n_t; i++) {
        ws->bar_survival[i] = level->survival[i] != 0.0 ? level->survival[i] / ws->survival[i] : 0.0;
        ws->bar_density[i] = level->density[i] != 0.0 ? level->density[i] / ws->density[i] : 0.0;
        value += level->survival[i] != 0.0 ? level->survival[i] * ws->log_survival[i] : 0.0;
        value += level->density[i] != 0.0 ? level->density[i] * ws->log_density[i] : 0.0;
    }
    for (size_t c = 0; sum->has_surgery && c < level->n_class; c++) {
        const size_t at = c * level->n_t + level->at_zero;
        for (size_t j = 0; j < level->n_t; j++) {
            ws->bar_distribution[c * level->n_t + j] = 0.0;
        }
        if (level->surgery[c] != 0.0) {
            ws->bar_distribution[at] = level->surgery[c] / ws->distribution[at];
            value += level->surgery[c] * log(ws->distribution[at]);
        }
    }
    for (size_t k = 0; k < sum->n_interval; k++) {
        const sum_interval *interval = &sum->interval[k];
        const double probability = interval_probability(sum, ws, level, direct, interval, 0.0);
        if (!(probability > 0.0)) {
            return -INFINITY;
        }
        (void)interval_probability(sum, ws, level, direct, interval, interval->coefficient / probability);
        value += interval->coefficient * log(probability);
    }
    return value;
}

static void term_values(const mtc_curve_sum *sum, mtc_curve_sum_ws *ws, const sum_level *level, int direct,
                        double *per_term)
{
    size_t index[128];
    double weight[128];
    for (size_t i = 0; i < sum->n_term; i++) {
        const mtc_curve_term *term = &sum->term[i];
        const double *array = term->kind == MTC_TERM_LOG_DENSITY ? ws->log_density : ws->log_survival;
        const size_t n_index = sum_class_basis(sum, level, term->cls, index, weight);
        if (term->kind == MTC_TERM_LOG_INTERVAL) {
            per_term[i] = log(interval_probability(sum, ws, level, direct, &sum->interval[sum->interval_of[i]], 0.0));
            continue;
        }
        const int single = direct || term->t_years == 0.0;
        const size_t at = direct ? sum_time_index(sum, term->t_years) : level->at_zero;
        if (!single) {
            sum_time_basis(sum, level, term->t_years, ws->row);
        }
        double value = 0.0;
        for (size_t k = 0; k < n_index; k++) {
            const double *curve = array + index[k] * level->n_t;
            double one = single ? curve[at] : 0.0;
            if (term->kind == MTC_TERM_LOG_SURGERY) {
                one = log(ws->distribution[index[k] * level->n_t + at]);
            }
            for (size_t j = 0; !single && j <= level->time_order; j++) {
                one += ws->row[j] * curve[j];
            }
            value += weight[k] * one;
        }
        per_term[i] = value;
    }
}

/* Exact sizes far short of the onset of seeding: no interpolant in size reaches across. Saves an attempt. */
static int across_onset(const mtc_curve_sum *sum, const mtc_course_point *p)
{
    return sum->u_low < p->u_onset - 4.0 * p->width_doublings;
}

/* Level to try after one that was not good enough. */
static size_t next_level(const mtc_curve_sum *sum, size_t l, int where)
{
    if (l >= SUM_OWN) {
        return l + 1;
    }
    /* finer nodes in size, as long as they are much fewer than the sizes */
    if (l + 1 < SUM_OWN && (!(where & IN_SIZE) || sum->n_exact > 4 * sum->rules->size_order[l + 1])) {
        return l + 1;
    }
    return SUM_OWN + l + (where & IN_TIME ? 1 : 0);
}

/* Evaluate the coarsest level whose interpolation is certified. */
static mtc_status find_level(const mtc_curve_sum *sum, mtc_curve_sum_ws *ws, const mtc_course_point *p, size_t *found,
                             mtc_sum_state *state, mtc_err *err)
{
    mtc_curve_values values = {ws->survival, ws->density, sum->has_surgery ? ws->distribution : NULL};
    *state = MTC_SUM_OK;
    size_t l = sum->first_level == SUM_SHARED && across_onset(sum, p) ? SUM_OWN : sum->first_level;
    for (;;) {
        mtc_domain domain;
        const sum_level *level = &sum->level[l];
        *found = l;
        const mtc_status st = mtc_curve_eval(level->plan, ws->curve[l], p, &values, &domain, err);
        if (st != MTC_OK) {
            return st;
        }
        if (domain != MTC_DOMAIN_OK) {
            *state = MTC_SUM_OUTSIDE_DOMAIN;
            return MTC_OK;
        }
        const int positive = take_logs(ws, level);
        if (l == SUM_DIRECT) {
            *state = positive ? MTC_SUM_OK : MTC_SUM_UNDERFLOW;
            return MTC_OK;
        }
        if (!positive) {
            l = l < SUM_OWN ? SUM_OWN : SUM_DIRECT; /* no logarithm to interpolate */
            continue;
        }
        const int where = coarse(ws, level, sum->rules->error);
        if (where == 0) {
            return MTC_OK;
        }
        l = next_level(sum, l, where);
    }
}

mtc_status mtc_curve_sum_eval(const mtc_curve_sum *sum, mtc_curve_sum_ws *ws, const mtc_course_point *p, double *value,
                              double *d_point, double *per_term, mtc_sum_state *state, mtc_err *err)
{
    size_t l;
    mtc_status st = find_level(sum, ws, p, &l, state, err);
    *value = -INFINITY;
    if (st != MTC_OK || *state == MTC_SUM_OUTSIDE_DOMAIN) {
        return st;
    }
    const sum_level *level = &sum->level[l];
    const int direct = l == SUM_DIRECT;
    if (per_term != NULL) {
        term_values(sum, ws, level, direct, per_term);
    }
    if (*state != MTC_SUM_OK) {
        return MTC_OK;
    }
    *value = sum_level_value(sum, ws, level, direct);
    if (!isfinite(*value)) {
        *value = -INFINITY;
        *state = MTC_SUM_UNDERFLOW;
        return MTC_OK;
    }
    if (d_point != NULL) {
        const mtc_curve_values bar = {ws->bar_survival, ws->bar_density,
                                      sum->has_surgery ? ws->bar_distribution : NULL};
        st = mtc_curve_adjoint(level->plan, ws->curve[l], p, &bar, d_point, err);
    }
    return st;
}
