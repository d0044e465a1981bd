/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TMIX_H
#define MTC_TMIX_H

#include "mtc_err.h"

#include <gsl/gsl_rng.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Mixture of multivariate Student-t densities with full scale matrices, the proposal of importance sampling and of
 * independence Metropolis. Placed by the caller; made by mtc_tmix_init, mtc_tmix_copy or mtc_tmix_fit.
 */
typedef struct {
    size_t n_dim, n_comp;
    double *weight;   /* n_comp, sum 1 */
    double *dof;      /* n_comp, degrees of freedom, > 0 */
    double *mean;     /* n_comp x n_dim */
    double *chol;     /* n_comp x n_dim x n_dim: lower Cholesky factor of the scale matrix, row-major */
    double *log_norm; /* n_comp: log weight + log normaliser of the component */
    double *block;    /* internal: the one allocation behind the arrays */
} mtc_tmix;

/** Empty mixture of n_comp components to be filled by mtc_tmix_set; n_dim, n_comp >= 1. Errors: MTC_ESIZE, MTC_ENOMEM.
 */
MTC_API mtc_status mtc_tmix_init(mtc_tmix *m, size_t n_dim, size_t n_comp, mtc_err *err);
/** Release and zero; NULL and zeroed allowed. */
MTC_API void mtc_tmix_fini(mtc_tmix *m);
/** Deep copy into an empty *out. */
MTC_API mtc_status mtc_tmix_copy(const mtc_tmix *m, mtc_tmix *out, mtc_err *err);

/**
 * Set component k from weight (> 0, normalised later), degrees of freedom, mean (n_dim) and scale matrix (n_dim x
 * n_dim, symmetric). Errors: MTC_ESIZE; MTC_EDOMAIN (weight, dof); MTC_ENUMERIC where the matrix is not positive
 * definite.
 */
MTC_API mtc_status mtc_tmix_set(mtc_tmix *m, size_t k, double weight, double dof, const double *mean,
                                const double *scale, mtc_err *err);
/** Make the weights sum to one and compute log_norm; after the last mtc_tmix_set. Errors: MTC_EDOMAIN. */
MTC_API mtc_status mtc_tmix_finish(mtc_tmix *m, mtc_err *err);

/**
 * Log density of component k alone, its weight included.
 * scratch  n_dim; holds the whitened point L^-1 (x - mean) on return.  dist2  out or NULL: its squared length
 */
MTC_API double mtc_tmix_log_component(const mtc_tmix *m, size_t k, const double *x, double *dist2, double *scratch);
/** Log density at x (n_dim). scratch: n_dim + n_comp. Never NaN for finite x. */
MTC_API double mtc_tmix_logpdf(const mtc_tmix *m, const double *x, double *scratch);
/** A draw into x (n_dim). scratch: n_dim. */
MTC_API void mtc_tmix_draw(const mtc_tmix *m, gsl_rng *rng, double *x, double *scratch);

/**
 * Overall mean (n_dim) and covariance (n_dim x n_dim) of the mixture; a component with dof <= 3 counts as if dof were
 * 3, so that the covariance is finite.
 */
MTC_API void mtc_tmix_moments(const mtc_tmix *m, double *mean, double *cov);

/** Settings of the weighted fit; MTC_TMIX_FIT_INIT gives the defaults. */
typedef struct {
    size_t max_comp;  /* most components tried when splitting */
    size_t max_iter;  /* EM steps for one number of components */
    double tolerance; /* stop when the weighted mean log density grows by less */
    double dof;       /* start value; kept where choose_dof is 0 */
    int choose_dof; /* choose from 3, 4, 5, 7, 10 by the likelihood (no lighter, for the sake of the weights), common to
                       all components */
} mtc_tmix_fit_settings;
#define MTC_TMIX_FIT_INIT                                                                                              \
    {                                                                                                                  \
        4, 40, 5e-4, 5.0, 1                                                                                            \
    }

/** A weighted sample: n points (n x n_dim), log weights (any constant), log target density there or NULL. */
typedef struct {
    size_t n, n_dim;
    const double *x;
    const double *log_weight;
    const double *log_target;
} mtc_wsample;

/** What the fit reached. */
typedef struct {
    double log_density; /* weighted mean log density of the fitted mixture */
    double ess;         /* (sum w)^2 / sum w^2 of the sample */
    size_t n_iter;
} mtc_tmix_fit_info;

/**
 * Weighted EM for a Student-t mixture from a start with a fixed number of components (Cappe et al. 2008, Stat. Comput.
 * 18, section 4; Peel & McLachlan 2000, Stat. Comput. 10), each covariance pulled towards that of the whole sample with
 * the strength of n_dim + 2 draws (Fraley & Raftery 2007, J. Classif. 24), components that lose all draws dropped.
 * Deterministic. *out is empty on entry. info may be NULL.
 * Errors: MTC_ESIZE, MTC_ENOMEM; MTC_ENUMERIC where no draw has weight.
 */
MTC_API mtc_status mtc_tmix_fit(const mtc_tmix *start, const mtc_wsample *sample, const mtc_tmix_fit_settings *settings,
                                mtc_tmix *out, mtc_tmix_fit_info *info, mtc_err *err);

/**
 * As mtc_tmix_fit, then components are split along their longest or their most skewed axis one at a time for as long
 * as Akaike's criterion, with the effective sample size in the place of n, improves, up to settings->max_comp (or the
 * start's number where that is larger).
 */
MTC_API mtc_status mtc_tmix_fit_select(const mtc_tmix *start, const mtc_wsample *sample,
                                       const mtc_tmix_fit_settings *settings, mtc_tmix *out, mtc_tmix_fit_info *info,
                                       mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
