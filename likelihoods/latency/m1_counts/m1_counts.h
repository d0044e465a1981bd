/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef M1_COUNTS_INTERNAL_H
#define M1_COUNTS_INTERNAL_H

#include "latency_size.h"
#include "mtc_likelihood.h"

enum { ROLE_SIZE, ROLE_SIZE_LOWER, ROLE_SIZE_UPPER, ROLE_N, ROLE_K, N_ROLE };

extern const mtc_role m1_counts_roles[N_ROLE + 1];
extern const mtc_key m1_counts_keys[];
/** rho: correlation between patients of one row. */
extern const mtc_param_info m1_counts_over_dispersion;

/** Patients of one size, and how many of them had a metastasis at surgery. */
typedef struct {
    mtc_pos pos;
    size_t cls; /* index into the distinct size classes */
    double n, k;
} m1_row;

/** Numbers for people: totals, then two of each class. */
enum { FACT_ROWS, FACT_PATIENTS, FACT_M1, N_TOTAL, FACTS_PER_CLASS = 2 };

typedef struct {
    const mtc_source *src;
    bool over_dispersion;
    const mtc_param_info *params[MTC_COURSE_N_PARAM + 1];
    size_t n_param;
    size_t n;
    m1_row *row;
    size_t n_class;
    mtc_size_class *cls;
    double *class_n, *class_k;
    double total_n, total_k;
    char (*label)[LATENCY_SIZE_TEXT]; /* of each class */
    mtc_quantity *fact, *quantity;
    mtc_curve_plan *plan; /* all classes at surgery */
} m1_counts;

/* Rows of the source -> rows and classes; mistakes to errors. */
mtc_status m1_counts_read(m1_counts *self, mtc_source *src, mtc_arena *arena, mtc_errlist *errors, mtc_err *err);
/* Labels of classes, facts and predictions. */
mtc_status m1_counts_show(m1_counts *self, mtc_arena *arena, mtc_err *err);
/* New counts of the same design, patient by patient. */
mtc_status m1_counts_simulate(const void *self, const double *theta, gsl_rng *rng, mtc_rows **out, mtc_err *err);
/* Diameter of a patient as those in the data. */
double m1_counts_draw_size(const void *self, gsl_rng *rng);

/**
 * log of x (x + eta) ... (x + (m - 1) eta), x > 0, eta >= 0, m a whole number >= 0, with derivatives by x and eta.
 * The first 32 factors one by one, the rest by Euler and Maclaurin's formula: error <= 1e-13 max(1, |value|) for m up
 * to 1e9, relative error of the derivatives <= 1e-9.
 */
double m1_counts_rising(double x, double eta, double m, double *d_x, double *d_eta);

#endif
