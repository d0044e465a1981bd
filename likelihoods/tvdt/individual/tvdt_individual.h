/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TVDT_INDIVIDUAL_INTERNAL_H
#define MTC_TVDT_INDIVIDUAL_INTERNAL_H

#include "mtc_likelihood.h"
#include "tvdt_show.h"
#include "tvdt_tumour.h"

/* Columns. Long form: one row per tumour (site, tvdt...). Wide form: one row per patient (primary_..., metastasis_...).
 */
typedef enum {
    ROLE_PATIENT,
    ROLE_SITE,
    ROLE_TVDT, /* value, lower, upper follow each other three times */
    ROLE_TVDT_LOWER,
    ROLE_TVDT_UPPER,
    ROLE_PRIMARY,
    ROLE_PRIMARY_LOWER,
    ROLE_PRIMARY_UPPER,
    ROLE_METASTASIS,
    ROLE_METASTASIS_LOWER,
    ROLE_METASTASIS_UPPER,
    N_ROLE
} tvdt_role;

extern const mtc_role tvdt_individual_roles[N_ROLE + 1];
extern const mtc_key tvdt_individual_keys[];

/* Numbers that describe the data, in the order in which they are reported. */
typedef enum { COUNT_PATIENT, COUNT_PRIMARY, COUNT_METASTASIS, COUNT_PAIR, COUNT_CENSORED, N_COUNT } tvdt_count;

typedef struct {
    const mtc_source *src;
    mtc_tvdt_params params;
    double measurement_log_sd;
    bool between_study;
    bool is_long; /* one row per tumour */
    size_t n;     /* patients */
    mtc_tvdt_patient *patient;
    const char **id; /* per patient, "" where none */
    size_t *row;     /* per patient, its first row */
    size_t count[N_COUNT];
    mtc_tvdt_show show;
} tvdt_individual;

/* Rows -> patients; all mistakes to errors. */
mtc_status tvdt_individual_read(tvdt_individual *self, mtc_source *src, mtc_arena *arena, mtc_errlist *errors,
                                mtc_err *err);
/* Observed distribution functions. */
mtc_status tvdt_individual_show(tvdt_individual *self, mtc_arena *arena, mtc_err *err);
/* New patients of the same design. */
mtc_status tvdt_individual_simulate(const void *self, const double *theta, gsl_rng *rng, mtc_rows **out, mtc_err *err);

#endif
