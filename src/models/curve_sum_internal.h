/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CURVE_SUM_INTERNAL_H
#define CURVE_SUM_INTERNAL_H

#include "mtc_curve_sum.h"

enum {
    SUM_ORDERS = 3,              /* of interpolation in time */
    SUM_SHARED = 0,              /* first level where exact sizes share nodes in log diameter */
    SUM_OWN = SUM_ORDERS,        /* first level where each size has curves of its own */
    SUM_DIRECT = 2 * SUM_ORDERS, /* each size and each time */
    SUM_LEVELS,
    INTERVAL_NODES = 32, /* of a panel of the integral of f over an interval */
    MAX_EXACT = 32       /* more exact sizes share nodes where that is good enough */
};

/** Orders of the levels, and the largest error of an interpolated logarithm, judged by its last coefficients. */
typedef struct {
    size_t time_order[SUM_ORDERS];
    size_t size_order[SUM_ORDERS];
    double error;     /* of a logarithm; relative to it where that is large */
    size_t few_times; /* with no more distinct times than this, interpolation saves nothing */
} sum_rules;

const sum_rules *sum_rules_of(mtc_accuracy accuracy);

/** An interval of one class, with the sum of coefficients of all terms that have it. */
typedef struct {
    size_t cls;
    double t_lower, t_upper;
    double coefficient;
    size_t n_node; /* of the integral of f */
} sum_interval;

/** Nodes at one level, and what the terms weigh on them. */
typedef struct {
    mtc_curve_plan *plan;
    size_t n_class;        /* classes of the plan */
    size_t n_range;        /* of them size ranges; then exact sizes or size nodes */
    size_t size_order;     /* nodes 0..order in log diameter share the exact sizes; 0: each exact size its own class */
    size_t time_order;     /* nodes 0..order; direct level: 0 */
    size_t n_t;            /* times of the plan */
    size_t at_zero;        /* index of t = 0, or n_t where no term needs it */
    double *survival;      /* n_class x n_t: weights of log S */
    double *density;       /* of log f */
    double *surgery;       /* n_class: of log F(0) */
    unsigned char *wanted; /* n_class x n_t: values that the terms need, sums of MTC_WANT_* */
} sum_level;

struct mtc_curve_sum {
    const sum_rules *rules;
    size_t n_class;
    size_t *range_of; /* per class: index among the ranges or exact sizes */
    int *is_exact;
    double *exact_u; /* per class: log2 size in doublings where exact */
    size_t n_range, n_exact;
    double u_low, u_high; /* of the exact sizes */
    size_t n_term;
    mtc_curve_term *term;
    size_t *interval_of; /* per term */
    size_t n_interval;
    sum_interval *interval;
    double t_low, t_high; /* of terms with t > 0 (intervals: both ends) */
    size_t n_time;        /* distinct times (direct level) */
    double *time;
    int has_surgery;    /* some term is log F(0) */
    size_t first_level; /* coarsest that exists */
    double gauss_x[INTERVAL_NODES], gauss_w[INTERVAL_NODES];
    sum_level level[SUM_LEVELS];
};

struct mtc_curve_sum_ws {
    mtc_curve_ws *curve[SUM_LEVELS];
    double *survival, *density, *distribution; /* values; logarithms in log_* */
    double *log_survival, *log_density;
    double *bar_survival, *bar_density, *bar_distribution;
    double *row; /* basis of one time */
    size_t size;
};

double sum_stretch(double t_years);
double sum_unstretch(double y);
/** Values at t of the Lobatto basis of the level; row has time_order + 1 entries. */
void sum_time_basis(const mtc_curve_sum *sum, const sum_level *level, double t_years, double *row);
/** Entries of a class in a level: for a range or an own exact size one index with weight 1, else the size nodes. */
size_t sum_class_basis(const mtc_curve_sum *sum, const sum_level *level, size_t cls, size_t *index, double *weight);
size_t sum_time_index(const mtc_curve_sum *sum, double t_years);
/** Node q of interval->n_node of the integral of f over an interval. */
void sum_interval_node(const mtc_curve_sum *sum, const sum_interval *interval, size_t q, double *t_years,
                       double *weight);

#endif
