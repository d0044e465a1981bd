/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_LOO_H
#define MTC_LOO_H

#include "mtc_err.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One unit (a patient, a row, a count) predicted from the others. */
typedef struct {
    double elpd_loo; /* log predictive density of the unit by a posterior without it, by Pareto-smoothed weights */
    double lppd;     /* the same with the unit in the posterior */
    double variance; /* of the unit's log likelihood over the draws: its part of the effective parameters of WAIC */
    double k_hat;    /* Pareto k of the weights; above 0.7 elpd_loo is not to be trusted */
} mtc_loo_unit;

/** Sums over units. elpd_waic is lppd less p_waic. Standard errors are sqrt(n) times the sd over units: they describe
 * which patients happened to be in the data, not the computation. */
typedef struct {
    double elpd_loo, elpd_loo_se, p_loo;
    double elpd_waic, elpd_waic_se, p_waic;
    double k_max;           /* largest k_hat, of unit `worst` */
    size_t worst, n_k_high; /* units with k_hat above 0.7 */
} mtc_loo_total;

/**
 * Leave one unit out.
 * log_likelihood  n_draw log likelihoods of the unit at posterior draws; scratch: 2 n_draw
 * Errors          MTC_ENUMERIC where the unit is impossible at a draw, MTC_ESIZE (n_draw = 0), MTC_ENOMEM
 * Source          Vehtari, Gelman & Gabry 2017, Stat. Comput. 27:1413, doi:10.1007/s11222-016-9696-4
 */
MTC_API mtc_status mtc_loo(const double *log_likelihood, size_t n_draw, double *scratch, mtc_loo_unit *out,
                           mtc_err *err);
/** n >= 1 units; with n = 1 standard errors are NaN. */
MTC_API void mtc_loo_sum(const mtc_loo_unit *unit, size_t n, mtc_loo_total *out);
/** Sum of elpd_loo of a less that of b, and its standard error: units are paired, so that it is far smaller than those
 * of the sums. */
MTC_API void mtc_loo_difference(const mtc_loo_unit *a, const mtc_loo_unit *b, size_t n, double *value, double *se);

#ifdef __cplusplus
}
#endif
#endif
