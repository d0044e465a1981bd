/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_sum_internal.h"

#include "mtc_arena.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const sum_rules certified = {{32, 64, 128}, {24, 32, 48}, 5e-9, 40};
static const sum_rules draft = {{16, 32, 64}, {12, 24, 32}, 1e-3, 20};
/* 0 to 0.05 serve the Rotterdam cohort alike; 0.5 needs half as many nodes again */
static const double time_shift_years = 0.02;
/* Stretched time that one panel covers: 32 nodes then resolve a density with a log-sd of 0.07 to 1e-8. */
static const double longest_panel = 1.5;

const sum_rules *sum_rules_of(mtc_accuracy accuracy)
{
    return accuracy == MTC_ACCURACY_DRAFT ? &draft : &certified;
}

double sum_stretch(double t_years)
{
    return log(t_years + time_shift_years);
}

double sum_unstretch(double y)
{
    return fmax(0.0, exp(y) - time_shift_years);
}

static void lobatto_basis(size_t order, double x, double *row)
{
    double sum = 0.0;
    for (size_t j = 0; j <= order; j++) {
        const double d = x - cos(M_PI * (double)j / (double)order);
        if (fabs(d) < 1e-15) {
            memset(row, 0, (order + 1) * sizeof *row);
            row[j] = 1.0;
            return;
        }
        row[j] = (j % 2 == 0 ? 1.0 : -1.0) * (j == 0 || j == order ? 0.5 : 1.0) / d;
        sum += row[j];
    }
    for (size_t j = 0; j <= order; j++) {
        row[j] /= sum;
    }
}

/* Node 0 is the upper end. */
static double node(size_t order, size_t j, double low, double high)
{
    return 0.5 * (low + high) + 0.5 * (high - low) * cos(M_PI * (double)j / (double)order);
}

void sum_time_basis(const mtc_curve_sum *sum, const sum_level *level, double t_years, double *row)
{
    const double low = sum_stretch(sum->t_low), high = sum_stretch(sum->t_high);
    lobatto_basis(level->time_order, (2.0 * sum_stretch(t_years) - low - high) / (high - low), row);
}

size_t sum_class_basis(const mtc_curve_sum *sum, const sum_level *level, size_t cls, size_t *index, double *weight)
{
    if (!sum->is_exact[cls] || level->size_order == 0) {
        index[0] = sum->is_exact[cls] ? level->n_range + sum->range_of[cls] : sum->range_of[cls];
        weight[0] = 1.0;
        return 1;
    }
    const double x = (2.0 * sum->exact_u[cls] - sum->u_low - sum->u_high) / (sum->u_high - sum->u_low);
    lobatto_basis(level->size_order, x, weight);
    for (size_t i = 0; i <= level->size_order; i++) {
        index[i] = level->n_range + i;
    }
    return level->size_order + 1;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

size_t sum_time_index(const mtc_curve_sum *sum, double t_years)
{
    const double *at = bsearch(&t_years, sum->time, sum->n_time, sizeof *sum->time, compare);
    return at != NULL ? (size_t)(at - sum->time) : sum->n_time;
}

/* Gauss nodes of the integral of f over an interval, in panels of the stretched time. */
void sum_interval_node(const mtc_curve_sum *sum, const sum_interval *interval, size_t q, double *t_years,
                       double *weight)
{
    const double a = sum_stretch(interval->t_lower), b = sum_stretch(interval->t_upper);
    const double half = 0.5 * (b - a) / (double)(interval->n_node / INTERVAL_NODES);
    const double middle = a + half * (double)(2 * (q / INTERVAL_NODES) + 1);
    *t_years = sum_unstretch(middle + half * sum->gauss_x[q % INTERVAL_NODES]);
    *weight = half * sum->gauss_w[q % INTERVAL_NODES] * (*t_years + time_shift_years);
}

static size_t count_nodes(double t_lower, double t_upper)
{
    const double length = sum_stretch(t_upper) - sum_stretch(t_lower);
    return INTERVAL_NODES * (size_t)ceil(fmax(1.0, length / longest_panel));
}

static mtc_status check_terms(const mtc_curve_term *term, size_t n_term, size_t n_class, mtc_err *err)
{
    for (size_t i = 0; i < n_term; i++) {
        const mtc_curve_term *t = &term[i];
        if (t->cls >= n_class) {
            return mtc_fail(err, MTC_ESIZE, "term %zu names class %zu of %zu", i, t->cls, n_class);
        }
        if (!(t->t_years >= 0.0) || !isfinite(t->t_years)) {
            return mtc_fail(err, MTC_EDOMAIN, "term %zu has the time %g years", i, t->t_years);
        }
        if (t->kind == MTC_TERM_LOG_SURGERY && t->t_years != 0.0) {
            return mtc_fail(err, MTC_EDOMAIN, "term %zu asks for metastasis at surgery at %g years", i, t->t_years);
        }
        if (t->kind == MTC_TERM_LOG_INTERVAL && (!(t->t_upper_years > t->t_years) || !isfinite(t->t_upper_years))) {
            return mtc_fail(err, MTC_EDOMAIN, "term %zu has the empty interval %g to %g years", i, t->t_years,
                            t->t_upper_years);
        }
    }
    return MTC_OK;
}

static mtc_status copy_terms(mtc_curve_sum *sum, const mtc_curve_term *term, size_t n_term, mtc_err *err)
{
    sum->n_term = n_term;
    sum->term = mtc_calloc(n_term, sizeof *sum->term);
    sum->interval_of = mtc_calloc(n_term, sizeof *sum->interval_of);
    sum->interval = mtc_calloc(n_term, sizeof *sum->interval);
    if (sum->term == NULL || sum->interval_of == NULL || sum->interval == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for %zu observations", n_term);
    }
    memcpy(sum->term, term, n_term * sizeof *term);
    for (size_t i = 0; i < n_term; i++) {
        sum->has_surgery |= term[i].kind == MTC_TERM_LOG_SURGERY;
        if (term[i].kind != MTC_TERM_LOG_INTERVAL) {
            continue;
        }
        size_t k = 0;
        while (k < sum->n_interval &&
               !(sum->interval[k].cls == term[i].cls && sum->interval[k].t_lower == term[i].t_years &&
                 sum->interval[k].t_upper == term[i].t_upper_years)) {
            k++;
        }
        if (k == sum->n_interval) {
            sum->interval[sum->n_interval++] = (sum_interval){term[i].cls, term[i].t_years, term[i].t_upper_years, 0.0,
                                                              count_nodes(term[i].t_years, term[i].t_upper_years)};
        }
        sum->interval[k].coefficient += term[i].coefficient;
        sum->interval_of[i] = k;
    }
    return MTC_OK;
}

typedef struct {
    double upper_mm;
    size_t cls;
} sized;

static int by_size(const void *a, const void *b)
{
    const sized *x = a, *y = b;
    return x->upper_mm != y->upper_mm ? (x->upper_mm > y->upper_mm) - (x->upper_mm < y->upper_mm)
                                      : (x->cls > y->cls) - (x->cls < y->cls);
}

/* Ranges and exact sizes, each numbered by size. */
static mtc_status split_classes(mtc_curve_sum *sum, const mtc_size_class *cls, size_t n_class, mtc_err *err)
{
    sum->n_class = n_class;
    sum->range_of = mtc_calloc(n_class, sizeof *sum->range_of);
    sum->is_exact = mtc_calloc(n_class, sizeof *sum->is_exact);
    sum->exact_u = mtc_calloc(n_class, sizeof *sum->exact_u);
    sized *order = mtc_calloc(n_class, sizeof *order);
    if (sum->range_of == NULL || sum->is_exact == NULL || sum->exact_u == NULL || order == NULL) {
        mtc_free(order);
        return mtc_fail(err, MTC_ENOMEM, "out of memory for %zu size classes", n_class);
    }
    for (size_t c = 0; c < n_class; c++) {
        sum->is_exact[c] = cls[c].lower_mm == cls[c].upper_mm;
        order[c] = (sized){cls[c].upper_mm, c};
    }
    qsort(order, n_class, sizeof *order, by_size);
    sum->u_low = INFINITY;
    sum->u_high = -INFINITY;
    for (size_t i = 0; i < n_class; i++) {
        const size_t c = order[i].cls;
        sum->range_of[c] = sum->is_exact[c] ? sum->n_exact++ : sum->n_range++;
        if (sum->is_exact[c]) {
            sum->exact_u[c] = mtc_doublings(cls[c].lower_mm);
            sum->u_low = fmin(sum->u_low, sum->exact_u[c]);
            sum->u_high = fmax(sum->u_high, sum->exact_u[c]);
        }
    }
    mtc_free(order);
    return MTC_OK;
}

/* Distinct times of the direct level (Gauss nodes of the intervals too), and the range that interpolation covers. */
static mtc_status collect_times(mtc_curve_sum *sum, mtc_err *err)
{
    size_t n_node = 0;
    for (size_t k = 0; k < sum->n_interval; k++) {
        n_node += sum->interval[k].n_node;
    }
    sum->time = mtc_calloc(sum->n_term + n_node + 1, sizeof *sum->time);
    if (sum->time == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for %zu times", sum->n_term);
    }
    size_t n = 0;
    sum->t_low = INFINITY;
    sum->t_high = 0.0;
    for (size_t i = 0; i < sum->n_term; i++) {
        const mtc_curve_term *t = &sum->term[i];
        const int interval = t->kind == MTC_TERM_LOG_INTERVAL;
        if (!interval) {
            sum->time[n++] = t->t_years;
        }
        if (t->t_years > 0.0 || interval) {
            sum->t_low = fmin(sum->t_low, t->t_years);
            sum->t_high = fmax(sum->t_high, interval ? t->t_upper_years : t->t_years);
        }
    }
    for (size_t k = 0; k < sum->n_interval; k++) {
        for (size_t q = 0; q < sum->interval[k].n_node; q++) {
            double w;
            sum_interval_node(sum, &sum->interval[k], q, &sum->time[n++], &w);
        }
    }
    qsort(sum->time, n, sizeof *sum->time, compare);
    for (size_t i = 0; i < n; i++) {
        if (sum->n_time == 0 || sum->time[i] != sum->time[sum->n_time - 1]) {
            sum->time[sum->n_time++] = sum->time[i];
        }
    }
    if (sum->n_time <= sum->rules->few_times || !(sum->t_high > sum->t_low)) {
        sum->first_level = SUM_DIRECT;
    } else {
        sum->first_level = sum->n_exact > MAX_EXACT && sum->u_high > sum->u_low ? SUM_SHARED : SUM_OWN;
    }
    return MTC_OK;
}

/* Size classes of a level's plan: the ranges, then the exact sizes or the nodes that stand for them. */
static void level_classes(const mtc_curve_sum *sum, sum_level *level, const mtc_size_class *cls, mtc_size_class *out)
{
    level->n_range = sum->n_range;
    level->n_class = sum->n_range + (level->size_order > 0 ? level->size_order + 1 : sum->n_exact);
    for (size_t c = 0; c < sum->n_class; c++) {
        if (!sum->is_exact[c]) {
            out[sum->range_of[c]] = cls[c];
        } else if (level->size_order == 0) {
            out[sum->n_range + sum->range_of[c]] = cls[c];
        }
    }
    for (size_t i = 0; level->size_order > 0 && i <= level->size_order; i++) {
        const double mm = mtc_diameter_mm(node(level->size_order, i, sum->u_low, sum->u_high));
        out[sum->n_range + i] = (mtc_size_class){mm, mm};
    }
}

static void level_times(const mtc_curve_sum *sum, sum_level *level, int direct, double *t)
{
    if (direct) {
        memcpy(t, sum->time, sum->n_time * sizeof *t);
        level->n_t = sum->n_time;
        level->at_zero = sum->time[0] == 0.0 ? 0 : level->n_t;
        return;
    }
    const double low = sum_stretch(sum->t_low), high = sum_stretch(sum->t_high);
    for (size_t j = 0; j <= level->time_order; j++) {
        t[j] = sum_unstretch(node(level->time_order, j, low, high));
    }
    level->n_t = level->time_order + 1;
    level->at_zero = level->n_t + 1; /* none */
    if (sum->time[0] == 0.0) {
        level->at_zero = level->n_t;
        t[level->n_t++] = 0.0;
    }
}

static void add_term(const mtc_curve_sum *sum, sum_level *level, int direct, const mtc_curve_term *term, double *row,
                     size_t *index, double *weight)
{
    const int is_density = term->kind == MTC_TERM_LOG_DENSITY;
    double *target = is_density ? level->density : level->survival;
    const size_t n_index = sum_class_basis(sum, level, term->cls, index, weight);
    const int single = direct || term->t_years == 0.0;
    const size_t at = direct ? sum_time_index(sum, term->t_years) : level->at_zero;
    if (!single) {
        sum_time_basis(sum, level, term->t_years, row);
    }
    for (size_t i = 0; i < n_index; i++) {
        const size_t first = index[i] * level->n_t;
        const double w = term->coefficient * weight[i];
        if (term->kind == MTC_TERM_LOG_SURGERY) {
            level->surgery[index[i]] += w;
            level->wanted[first + at] |= MTC_WANT_DISTRIBUTION;
            continue;
        }
        for (size_t j = single ? at : 0; j <= (single ? at : level->time_order); j++) {
            target[first + j] += single ? w : w * row[j];
            level->wanted[first + j] |= is_density ? MTC_WANT_DENSITY : MTC_WANT_SURVIVAL;
        }
    }
}

/* Intervals are integrals of the density. */
static void want_interval(const mtc_curve_sum *sum, sum_level *level, int direct, const sum_interval *interval,
                          size_t *index, double *weight)
{
    const size_t n_index = sum_class_basis(sum, level, interval->cls, index, weight);
    for (size_t q = 0; direct && q < interval->n_node; q++) {
        double t, w;
        sum_interval_node(sum, interval, q, &t, &w);
        level->wanted[index[0] * level->n_t + sum_time_index(sum, t)] |= MTC_WANT_DENSITY;
    }
    for (size_t i = 0; !direct && i < n_index; i++) {
        for (size_t j = 0; j <= level->time_order; j++) {
            level->wanted[index[i] * level->n_t + j] |= MTC_WANT_DENSITY;
        }
    }
}

static mtc_status make_level(mtc_curve_sum *sum, size_t l, const mtc_course *course, const mtc_size_class *cls,
                             mtc_err *err)
{
    mtc_status st = MTC_OK;
    sum_level *level = &sum->level[l];
    const int direct = l == SUM_DIRECT;
    level->time_order = direct ? 0 : sum->rules->time_order[l % SUM_ORDERS];
    level->size_order = l < SUM_OWN ? sum->rules->size_order[l] : 0;
    const size_t max_class = sum->n_range + sum->n_exact + 1 + (level->size_order > 0 ? level->size_order + 1 : 0);
    const size_t max_t = (direct ? sum->n_time : level->time_order + 1) + 1;
    mtc_size_class *classes = mtc_calloc(max_class, sizeof *classes);
    double *t = mtc_calloc(max_t, sizeof *t);
    double *row = mtc_calloc(level->time_order + 1, sizeof *row);
    size_t *index = mtc_calloc(level->size_order + 2, sizeof *index);
    double *weight = mtc_calloc(level->size_order + 2, sizeof *weight);
    if (classes == NULL || t == NULL || row == NULL || index == NULL || weight == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "out of memory for the nodes of a curve");
        goto out;
    }
    level_classes(sum, level, cls, classes);
    level_times(sum, level, direct, t);
    MTC_TRY(mtc_curve_plan_create(course, classes, level->n_class, t, level->n_t, &level->plan, err));
    level->survival = mtc_calloc(level->n_class * level->n_t, sizeof *level->survival);
    level->density = mtc_calloc(level->n_class * level->n_t, sizeof *level->density);
    level->surgery = mtc_calloc(level->n_class, sizeof *level->surgery);
    level->wanted = mtc_calloc(level->n_class * level->n_t, sizeof *level->wanted);
    if (level->survival == NULL || level->density == NULL || level->surgery == NULL || level->wanted == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "out of memory for the nodes of a curve");
        goto out;
    }
    for (size_t i = 0; i < sum->n_term; i++) {
        if (sum->term[i].kind != MTC_TERM_LOG_INTERVAL) {
            add_term(sum, level, direct, &sum->term[i], row, index, weight);
        }
    }
    for (size_t k = 0; k < sum->n_interval; k++) {
        want_interval(sum, level, direct, &sum->interval[k], index, weight);
    }
    mtc_curve_plan_want(level->plan, 0, level->wanted);
out:
    mtc_free(classes);
    mtc_free(t);
    mtc_free(row);
    mtc_free(index);
    mtc_free(weight);
    return st;
}

mtc_status mtc_curve_sum_create(const mtc_course *course, const mtc_size_class *cls, size_t n_class,
                                const mtc_curve_term *term, size_t n_term, mtc_curve_sum **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    gsl_integration_glfixed_table *rule = NULL;
    *out = NULL;
    if (n_class == 0 || n_term == 0) {
        return mtc_fail(err, MTC_ESIZE, "a sum needs at least one size class and one observation");
    }
    mtc_curve_sum *sum = mtc_calloc(1, sizeof *sum);
    if (sum == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for a sum of curves");
    }
    sum->rules = sum_rules_of(course->accuracy);
    MTC_TRY(check_terms(term, n_term, n_class, err));
    rule = gsl_integration_glfixed_table_alloc(INTERVAL_NODES);
    if (rule == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "out of memory for a quadrature rule");
        goto out;
    }
    for (size_t i = 0; i < INTERVAL_NODES; i++) {
        gsl_integration_glfixed_point(-1.0, 1.0, i, &sum->gauss_x[i], &sum->gauss_w[i], rule);
    }
    MTC_TRY(split_classes(sum, cls, n_class, err));
    MTC_TRY(copy_terms(sum, term, n_term, err));
    MTC_TRY(collect_times(sum, err));
    for (size_t l = sum->first_level; l < SUM_LEVELS; l++) {
        MTC_TRY(make_level(sum, l, course, cls, err));
    }
out:
    if (rule != NULL) {
        gsl_integration_glfixed_table_free(rule);
    }
    if (st != MTC_OK) {
        mtc_curve_sum_destroy(sum);
        return st;
    }
    *out = sum;
    return MTC_OK;
}

void mtc_curve_sum_destroy(mtc_curve_sum *sum)
{
    if (sum == NULL) {
        return;
    }
    for (size_t l = 0; l < SUM_LEVELS; l++) {
        mtc_curve_plan_destroy(sum->level[l].plan);
        mtc_free(sum->level[l].survival);
        mtc_free(sum->level[l].density);
        mtc_free(sum->level[l].surgery);
        mtc_free(sum->level[l].wanted);
    }
    mtc_free(sum->range_of);
    mtc_free(sum->is_exact);
    mtc_free(sum->exact_u);
    mtc_free(sum->term);
    mtc_free(sum->interval_of);
    mtc_free(sum->interval);
    mtc_free(sum->time);
    mtc_free(sum);
}

size_t mtc_curve_sum_cost(const mtc_curve_sum *sum)
{
    const sum_level *level = &sum->level[sum->first_level];
    return level->n_class * level->n_t;
}
