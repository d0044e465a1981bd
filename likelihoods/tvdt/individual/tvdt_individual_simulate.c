/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_individual.h"

#include "mtc_rng.h"
#include "mtc_unit.h"

#include <math.h>
#include <stdio.h>

#define N_CELL 32

/* Column names: the role, with the unit of the values. */
static const char *const column[N_ROLE] = {"patient",
                                           "site",
                                           "tvdt_days",
                                           "tvdt_lower_days",
                                           "tvdt_upper_days",
                                           "primary_tvdt_days",
                                           "primary_tvdt_lower_days",
                                           "primary_tvdt_upper_days",
                                           "metastasis_tvdt_days",
                                           "metastasis_tvdt_lower_days",
                                           "metastasis_tvdt_upper_days"};

/* Value, lower and upper bound of a tumour whose doubling time came out as y, observed as the tumour in the data was:
 * an exact one is seen always; bounds are where the study stops telling values apart, so a time beyond a right-
 * censoring bound is known to be longer, one before it is seen, and between two bounds only the interval is known. */
static void observe(const mtc_tvdt_tumour *like, double y, char cell[3][N_CELL])
{
    cell[0][0] = cell[1][0] = cell[2][0] = '\0';
    double lower = -HUGE_VAL, upper = HUGE_VAL;
    if (like->knowledge == MTC_TVDT_ABSENT) {
        return;
    }
    const bool interval = isfinite(like->lower) && isfinite(like->upper);
    if (like->knowledge == MTC_TVDT_CENSORED && (interval || (y > like->lower && y <= like->upper))) {
        lower = y > like->lower ? like->lower : -HUGE_VAL;
        upper = y <= like->upper ? like->upper : HUGE_VAL;
        lower = y > like->upper ? like->upper : lower;
        upper = y <= like->lower ? like->lower : upper;
    } else {
        (void)mtc_tvdt_days_text(y, false, cell[0], N_CELL);
    }
    if (isfinite(lower)) {
        (void)mtc_tvdt_days_text(lower, false, cell[1], N_CELL);
    }
    if (isfinite(upper)) {
        (void)mtc_tvdt_days_text(upper, false, cell[2], N_CELL);
    }
}

/* Log doubling times of one patient's tumours as measured: first the primary's, then the ratio, then the errors. */
static void draw_patient(const double *all, double shift, double measurement_log_sd, gsl_rng *rng, double y[2])
{
    const double log_d =
        log(all[MTC_TVDT_DELTA] / MTC_DAYS_PER_YEAR) + shift + all[MTC_TVDT_SIGMA_D] * mtc_rng_normal(rng);
    const double log_ratio = log(all[MTC_TVDT_RATIO]) + all[MTC_TVDT_SIGMA_RHO] * mtc_rng_normal(rng);
    y[MTC_TVDT_PRIMARY] = log_d + measurement_log_sd * mtc_rng_normal(rng);
    y[MTC_TVDT_METASTASIS] = log_d - log_ratio + measurement_log_sd * mtc_rng_normal(rng);
}

static mtc_status add_long(const mtc_tvdt_patient *like, const char *id, const double y[2], mtc_rows *rows,
                           mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (int site = 0; site < MTC_TVDT_N_SITE; ++site) {
        char cell[3][N_CELL];
        if (like->tumour[site].knowledge == MTC_TVDT_ABSENT) {
            continue;
        }
        observe(&like->tumour[site], y[site], cell);
        const char *const out_cell[] = {id, mtc_tvdt_site_name[site], cell[0], cell[1], cell[2]};
        MTC_TRY(mtc_rows_add(rows, out_cell, err));
    }
out:
    return st;
}

static mtc_status add_wide(const mtc_tvdt_patient *like, const char *id, const double y[2], mtc_rows *rows,
                           mtc_err *err)
{
    char cell[2][3][N_CELL];
    const char *out_cell[7] = {id};
    for (int site = 0; site < MTC_TVDT_N_SITE; ++site) {
        observe(&like->tumour[site], y[site], cell[site]);
        for (int i = 0; i < 3; ++i) {
            out_cell[1 + 3 * site + i] = cell[site][i];
        }
    }
    return mtc_rows_add(rows, out_cell, err);
}

mtc_status tvdt_individual_simulate(const void *self_v, const double *theta, gsl_rng *rng, mtc_rows **out, mtc_err *err)
{
    const tvdt_individual *self = self_v;
    mtc_status st = MTC_OK;
    const char *wide[7] = {column[ROLE_PATIENT]};
    double all[MTC_TVDT_N_PARAM];
    *out = NULL;
    for (int i = 0; i < 6; ++i) {
        wide[1 + i] = column[ROLE_PRIMARY + i];
    }
    mtc_tvdt_params_unpack(&self->params, theta, all);
    MTC_TRY(self->is_long ? mtc_rows_create(column, ROLE_PRIMARY, out, err) : mtc_rows_create(wide, 7, out, err));
    const double shift = self->between_study ? all[MTC_TVDT_OMEGA] * mtc_rng_normal(rng) : 0.0;
    for (size_t i = 0; i < self->n; ++i) {
        char id[N_CELL];
        double y[2];
        (void)snprintf(id, sizeof id, "%zu", i + 1);
        draw_patient(all, shift, self->measurement_log_sd, rng, y);
        MTC_TRY(self->is_long ? add_long(&self->patient[i], id, y, *out, err)
                              : add_wide(&self->patient[i], id, y, *out, err));
    }
out:
    if (st != MTC_OK) {
        mtc_rows_destroy(*out);
        *out = NULL;
    }
    return st;
}
