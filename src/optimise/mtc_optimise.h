/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_OPTIMISE_H
#define MTC_OPTIMISE_H

#include "mtc_exec.h"
#include "mtc_target.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Settings of the search; all limits count evaluations. */
typedef struct {
    size_t n_start;            /* starts: quasi-random points of the prior (scrambled Sobol), and the prior's medians */
    size_t max_eval;           /* evaluations per start (value with gradient where the target has one) */
    double beta;               /* inverse temperature: log prior + beta * log likelihood is maximised; 0..1 */
    double gradient_tolerance; /* a mode counts as verified where its gradient norm (see mtc_mode) is at most this */
    double merge_distance;     /* modes nearer than this many posterior sds (Mahalanobis) are one */
    uint64_t seed;
} mtc_optimise_settings;

#define MTC_OPTIMISE_INIT                                                                                              \
    {                                                                                                                  \
        8, 2000, 1.0, 1e-5, 0.1, 1                                                                                     \
    }

/** One local maximum of the density on the unconstrained scale. Arrays are released with the mtc_modes. */
typedef struct {
    double *x;          /* n_dim */
    double log_density; /* log prior + beta * log likelihood */
    double log_prior;   /* log-Jacobian included */
    double log_likelihood;
    double *hessian;      /* n_dim x n_dim, of minus the log density, by central differences of gradients */
    double *eigenvalue;   /* n_dim, ascending, of the Hessian in units of the prior's sds */
    double *eigenvector;  /* n_dim x n_dim, row k belongs to eigenvalue k, same units */
    double *covariance;   /* n_dim x n_dim: inverse Hessian; along flat directions the prior's variance */
    double *chol;         /* n_dim x n_dim, lower triangle: covariance = chol chol' */
    size_t n_flat;        /* directions in which the density does not fall off (eigenvalue below 1e-3 of the prior's) */
    double gradient_norm; /* sqrt(g' covariance g): how far the top is off, in posterior sds */
    bool verified;        /* gradient_norm <= gradient_tolerance, n_flat = 0 and no negative eigenvalue */
    double laplace;       /* log density + n/2 log 2 pi + 1/2 log det covariance; rough, rougher where n_flat > 0 */
    size_t n_start;       /* starts that ended here */
} mtc_mode;

/** Distinct modes, highest first. */
typedef struct {
    size_t n_dim, n_mode;
    mtc_mode *mode;
    size_t n_start;           /* starts made */
    size_t n_lost;            /* starts that found no point inside the support */
    size_t n_unfinished;      /* starts that ended elsewhere than in a verified mode (saddle, evaluations used up) */
    double *prior_sd;         /* n_dim, of the unconstrained coordinates, from quasi-random points */
    double laplace;           /* log of the sum of the modes' Laplace evidences: a rough figure */
    unsigned long n_value;    /* evaluations without gradient */
    unsigned long n_gradient; /* with gradient */
} mtc_modes;

#define MTC_MODES_INIT                                                                                                 \
    {                                                                                                                  \
        0, 0, NULL, 0, 0, 0, NULL, 0.0, 0, 0                                                                           \
    }

/**
 * Find the modes of a target: multi-start L-BFGS (NLopt; Sbplx where there is no gradient), then damped Newton steps
 * with the Hessian until the gradient norm is verified. Each start is a task of the job "<target>/optimise"; the result
 * does not depend on the number of threads. None of the modes found is left out.
 *
 * modes   out, empty on entry; at least one mode on success
 * Errors  MTC_ENUMERIC (no start inside the support), MTC_ENAN, MTC_ENOMEM, MTC_EDOMAIN, MTC_EINTERRUPTED
 * Source  Liu & Nocedal 1989 (L-BFGS) and Rowan 1990 (Sbplx), as in NLopt; Tierney & Kadane 1986 (Laplace)
 */
MTC_API mtc_status mtc_optimise(mtc_exec *exec, const mtc_target *target, const mtc_optimise_settings *settings,
                                mtc_modes *modes, mtc_err *err);
MTC_API void mtc_modes_fini(mtc_modes *modes);

/**
 * Climb from one point to its local maximum with one evaluator (the basin of a point): L-BFGS only, no polishing.
 * x       in: start, inside the support; out: best point seen
 * value   out: log prior + beta * log likelihood there
 * Errors  MTC_EDOMAIN (start outside), MTC_ENAN, MTC_ENOMEM, MTC_ENUMERIC
 */
MTC_API mtc_status mtc_climb(mtc_evaluator *e, const mtc_optimise_settings *settings, const double *scale, double *x,
                             double *value, mtc_err *err);

/** Index of the mode nearest to x in Mahalanobis distance, and that distance where not NULL. */
MTC_API size_t mtc_modes_nearest(const mtc_modes *modes, const double *x, double *distance);

#ifdef __cplusplus
}
#endif
#endif
