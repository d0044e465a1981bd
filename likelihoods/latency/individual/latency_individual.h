/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LATENCY_INDIVIDUAL_H
#define LATENCY_INDIVIDUAL_H

#include "mtc_course.h"
#include "mtc_curve_sum.h"
#include "mtc_likelihood.h"

enum {
    ROLE_TIME,
    ROLE_EVENT,
    ROLE_CENSOR,
    ROLE_TIME_LOWER,
    ROLE_TIME_UPPER,
    ROLE_ENTRY,
    ROLE_SIZE,
    ROLE_SIZE_LOWER,
    ROLE_SIZE_UPPER,
    N_ROLE
};

extern const mtc_role latency_individual_roles[N_ROLE + 1];
extern const mtc_key latency_individual_keys[];

typedef enum { LATENCY_EVENT, LATENCY_CENSORED, LATENCY_INTERVAL, LATENCY_AT_SURGERY } latency_outcome;

typedef struct {
    latency_outcome outcome;
    double t_years;       /* event, censoring, lower end of the interval */
    double t_upper_years; /* interval */
    double entry_years;   /* left truncation; 0: observed from surgery */
    size_t cls;           /* index into the size classes */
    mtc_pos pos;
} latency_patient;

/** Patients shown together: one size range, or the exact sizes within a T category. */
typedef struct {
    char id[64];
    char label[64];
    double lower_mm, upper_mm;
    size_t n, n_event;
    size_t first_curve, n_curve; /* curves of the pictures that stand for it, equally weighted */
} latency_group;

enum {
    SHOW_TIMES = 61,    /* of a picture */
    LATENCY_TIMES = 81, /* of the quantities */
    GROUP_CURVES = 8    /* sizes that stand for a group of exact sizes */
};

typedef struct {
    const mtc_source *src;
    const mtc_course *course;
    bool conditioned; /* condition_on: m0 */
    size_t n;
    latency_patient *patient;
    size_t n_class;
    mtc_size_class *cls;
    mtc_curve_sum *sum;
    size_t n_term;
    size_t *entry_term; /* per patient: its term for the condition (or SIZE_MAX) */
    size_t n_group;
    latency_group *group;
    size_t *group_of; /* per class */
    size_t n_curve;
    mtc_curve_plan *show_plan, *quantity_plan;
    double show_time[SHOW_TIMES];
    double quantity_time[LATENCY_TIMES];
    mtc_display *display;
    size_t n_fact;
    mtc_quantity *fact;
    double *fact_value;
    size_t n_quantity;
    mtc_quantity *quantity;
    size_t n_censoring;
    double *censoring_years; /* sorted: where simulated follow-up is drawn from */
    const mtc_param_info *params[MTC_COURSE_N_PARAM];
} latency_individual;

typedef struct {
    mtc_curve_sum_ws *sum;
    mtc_curve_ws *show, *quantity;
    double *per_term; /* n_term */
    double *survival, *density;
} latency_ws;

mtc_status latency_individual_read(latency_individual *self, mtc_source *src, mtc_arena *arena, mtc_errlist *errors,
                                   mtc_err *err);
mtc_status latency_individual_show(latency_individual *self, mtc_arena *arena, mtc_err *err);
mtc_status latency_individual_predict(const void *self, void *ws, size_t i, const double *theta, double *y,
                                      mtc_err *err);
mtc_status latency_individual_quantities(const void *self, void *ws, const double *theta, double *value, mtc_err *err);
mtc_status latency_individual_simulate(const void *self, const double *theta, gsl_rng *rng, mtc_rows **out,
                                       mtc_err *err);
double latency_individual_draw_size(const void *self, gsl_rng *rng);

#endif
