/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WARP_INTERNAL_H
#define WARP_INTERNAL_H

#include "mtc_bend.h"
#include "mtc_err.h"

#include <stdbool.h>
#include <stddef.h>

/** Coordinates in which a posterior is close to a standard normal law: straightened, centred, whitened. */
typedef struct {
    mtc_bend bend;
    double *mean, *chol; /* n_dim, n_dim x n_dim: of the straightened draws */
    double log_det;      /* of chol */
} warp_map;

/** Fit to n draws of d numbers. Errors: MTC_ENOMEM; MTC_ENUMERIC where they have no covariance of full rank. */
mtc_status warp_map_fit(warp_map *map, const double *x, size_t n, size_t d, mtc_err *err);
/** Release and zero; zeroed allowed. */
void warp_map_fini(warp_map *map);
/** z from x; returns log |det dz/dx|. scratch: n_dim. x and z are distinct. */
double warp_map_whiten(const warp_map *map, const double *x, double *z, double *scratch);
/** x from z, the inverse. scratch: n_dim. x and z are distinct. */
void warp_map_colour(const warp_map *map, const double *z, double *x, double *scratch);

/** Log ratios of the two densities of a bridge at the draws of each. */
typedef struct {
    const double *posterior; /* log p(x) - log q(x) at posterior draws, n_chain x n_draw */
    size_t n_chain, n_draw;
    const double *proposal; /* the same at n_proposal independent draws of q; -INFINITY allowed */
    size_t n_proposal;
} mtc_bridge_terms;

/** Result of one bridge. */
typedef struct {
    bool converged;
    double log_z;        /* log of the normaliser of p */
    double se;           /* of log_z */
    double se_posterior; /* part from the posterior draws, ESS-corrected */
    double se_proposal;  /* part from the proposal draws */
    double ess;          /* of the posterior terms */
    double k_hat;        /* largest Pareto k of the two sets of terms */
    size_t n_iter;
} mtc_bridge_result;

/**
 * Optimal bridge (Meng & Wong 1996, Stat. Sinica 6:831, equation 4.1), iterated to a fixed point with the sample sizes
 * replaced by effective ones (Gronau et al. 2017, J. Math. Psych. 81, appendix), and its standard error by the delta
 * method on both sets of terms (Fruehwirth-Schnatter 2004, Econometrics J. 7:143; ESS of the terms as in
 * Micaletto & Vehtari 2025, arXiv:2508.14487).
 * Errors: MTC_ENOMEM, MTC_ENAN, MTC_ESIZE. Not converging is result->converged = false.
 */
mtc_status mtc_bridge_solve(const mtc_bridge_terms *terms, mtc_bridge_result *result, mtc_err *err);

/**
 * Share of the variance of a quantity that quadratic functions of whitened draws explain (adjusted for the number of
 * products); 1, the cautious answer, where there are too few draws or too many dimensions to tell.
 * value  n;  z  n x d;  ess  effective number of draws
 */
mtc_status mtc_quadratic_share(const double *value, const double *z, size_t n, size_t d, double ess, double *share,
                               mtc_err *err);

#endif
