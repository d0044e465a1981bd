/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_PSIS_H
#define MTC_PSIS_H

#include "mtc_err.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Fit of a generalised Pareto law (location 0, shape k, scale sigma; density 1/sigma (1 + k x / sigma)^(-1/k - 1)).
 * excess  n values > 0, ascending, n >= 5
 * k       out: shape without any prior beside the profile's own;  sigma  out: scale
 * Errors  MTC_ESIZE (n < 5), MTC_EDOMAIN (not ascending or not positive)
 * Source  Zhang & Stephens 2009, Technometrics 51:316, sections 2-3, doi:10.1198/tech.2009.08017
 */
MTC_API mtc_status mtc_gpd_fit(const double *excess, size_t n, double *k, double *sigma, mtc_err *err);
/** Quantile of the generalised Pareto law at 0 <= p < 1. */
MTC_API double mtc_gpd_quantile(double p, double k, double sigma);

/** What a set of importance weights says about itself. */
typedef struct {
    double k_hat;    /* Pareto k of the upper tail, drawn to 0.5 as by ten draws; +INFINITY: fewer than five distinct
                        from the cut; -1: the tail is level */
    size_t n_tail;   /* draws in the tail */
    double log_mean; /* log of the mean of the raw weights: the log evidence */
    double se;       /* standard error of log_mean by the delta method; +INFINITY where a single draw carries all */
    double ess;      /* (sum w)^2 / sum w^2, raw */
} mtc_psis_info;

/**
 * Pareto-smoothed importance sampling. Raw weights give log_mean and se; the smoothed ones are for expectations.
 * log_weight    n, -INFINITY allowed
 * r_eff         relative efficiency of the draws, 1 for independent ones; it lengthens the tail
 * log_smoothed  out or NULL: n, normalised so that their exponentials sum to 1; never above the largest raw weight
 * Errors        MTC_ESIZE (n = 0), MTC_ENUMERIC (no draw with weight, or one that is +INFINITY), MTC_ENAN, MTC_ENOMEM
 * Source        Vehtari, Simpson, Gelman, Yao & Gabry 2024, JMLR 25(72), algorithm 1; the prior on k: appendix G
 */
MTC_API mtc_status mtc_psis(const double *log_weight, size_t n, double r_eff, mtc_psis_info *info, double *log_smoothed,
                            mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
