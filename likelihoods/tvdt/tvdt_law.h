/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TVDT_LAW_H
#define MTC_TVDT_LAW_H

#include "mtc_param.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a tumour sits. */
typedef enum { MTC_TVDT_PRIMARY, MTC_TVDT_METASTASIS, MTC_TVDT_N_SITE } mtc_tvdt_site;

/** "primary", "metastasis"; NULL ends the list. */
extern const char *const mtc_tvdt_site_name[MTC_TVDT_N_SITE + 1];

/** Parameters of the doubling times, all that any kind of this folder uses. */
typedef enum {
    MTC_TVDT_DELTA,     /* doubling_time_days */
    MTC_TVDT_SIGMA_D,   /* doubling_time_log_sd */
    MTC_TVDT_RATIO,     /* growth_ratio */
    MTC_TVDT_SIGMA_RHO, /* growth_ratio_log_sd */
    MTC_TVDT_OMEGA,     /* between_study_log_sd */
    MTC_TVDT_N_PARAM
} mtc_tvdt_param;

/** The parameters that a data source uses: without metastases neither ratio nor its spread. */
typedef struct {
    const mtc_param_info *list[MTC_TVDT_N_PARAM]; /* n of them, in the order of mtc_tvdt_param */
    mtc_tvdt_param which[MTC_TVDT_N_PARAM];
    size_t n;
} mtc_tvdt_params;

/** Choose the parameters. */
void mtc_tvdt_params_init(mtc_tvdt_params *params, bool has_metastasis, bool between_study);

/** theta (params->n values) -> all[MTC_TVDT_N_PARAM]; unused ones get ratio 1, sds 0. */
void mtc_tvdt_params_unpack(const mtc_tvdt_params *params, const double *theta, double *all);

/** Gradient by all parameters -> gradient by those used (params->n values). */
void mtc_tvdt_params_pack(const mtc_tvdt_params *params, const double *all, double *grad);

/**
 * Joint normal law of the logarithms (years) of a patient's two doubling times:
 * log D ~ Normal(log delta, sigma_D^2), log D_m ~ Normal(log delta - log r, sigma_D^2 + sigma_rho^2), covariance
 * sigma_D^2; measurement adds its variance to both. Source: docs/model.md, sections 1 and 5.
 */
typedef struct {
    double mean[MTC_TVDT_N_SITE];     /* of log years */
    double variance[MTC_TVDT_N_SITE]; /* > 0 */
    double sd[MTC_TVDT_N_SITE];
    double covariance;
    double determinant;           /* of the covariance matrix, from sums of positive terms */
    double all[MTC_TVDT_N_PARAM]; /* the point it was made from */
} mtc_tvdt_law;

/** d log density / d entry of the law. Zero it before adding. */
typedef struct {
    double mean[MTC_TVDT_N_SITE];
    double variance[MTC_TVDT_N_SITE];
    double covariance;
} mtc_tvdt_partials;

/**
 * Law at a point all[MTC_TVDT_N_PARAM] (natural units). False where it is not defined: a median or ratio outside 1e-100
 * to 1e100, a parameter below 0 or above 1000 among the log-sds, or the log-sd of a site below 1e-6.
 */
bool mtc_tvdt_law_init(mtc_tvdt_law *law, const double *all, double measurement_log_sd);

/** Whether pairs have a density: 1 - correlation^2 >= 1e-12 (0 where the growth ratio does not vary and is not measured
 * with error). */
bool mtc_tvdt_law_has_pairs(const mtc_tvdt_law *law);

/** Log-likelihoods below this count as zero: their gradients would overflow, and no prior reaches there. */
#define MTC_TVDT_LOG_ZERO (-1e30)

/** Add to grad[MTC_TVDT_N_PARAM] (natural units) the chain rule of partials; omega's entry is left alone. */
void mtc_tvdt_law_gradient(const mtc_tvdt_law *law, const mtc_tvdt_partials *partials, double *grad);

#ifdef __cplusplus
}
#endif
#endif
