/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OPTIMISE_INTERNAL_H
#define OPTIMISE_INTERNAL_H

#include "mtc_optimise.h"

/** Typical place and width of the prior on the unconstrained scale, coordinate by coordinate; n_dim each. */
typedef struct {
    double *centre; /* medians */
    double *sd;     /* half the width of the central 68%, > 0 */
} prior_scale;

/** From 255 quasi-random points of the prior. Errors: MTC_ENOMEM, those of the target. */
mtc_status prior_scale_init(prior_scale *scale, const mtc_target *target, mtc_err *err);
void prior_scale_fini(prior_scale *scale);

/**
 * Start k of a search: the prior's medians for k = 0, else point k of a Sobol sequence (Halton above 40 dimensions)
 * that is shifted, modulo 1, by uniforms of the stream "<target>/optimise/shift".
 */
mtc_status start_point(const mtc_target *target, uint64_t seed, size_t k, double *x, mtc_err *err);

/** log prior + beta log likelihood, gradient (exact, else by central differences) and Hessian around a point. */
typedef struct {
    mtc_evaluator *e;
    double beta;
    size_t n;
    const double *scale; /* n: one prior sd; differences and Hessians are taken in these units */
    double *step;        /* n: for the differences, in prior sds */
    double *point;       /* n, scratch */
    double *beside;      /* n, scratch */
} local_shape;

mtc_status local_shape_init(local_shape *s, mtc_evaluator *e, double beta, const double *scale, mtc_err *err);
void local_shape_fini(local_shape *s);
/** Value and gradient by x / scale; *inside false where the value or a value needed for a difference is -INFINITY. */
mtc_status local_gradient(local_shape *s, const double *x, double *value, double *grad, bool *inside, mtc_err *err);
/** Hessian of minus the log density by x / scale, n x n, symmetric. */
mtc_status local_hessian(local_shape *s, const double *x, double *hessian, bool *inside, mtc_err *err);

/** Make a mode's arrays; all zero. */
mtc_status mode_init(mtc_mode *mode, size_t n, mtc_err *err);
void mode_fini(mtc_mode *mode);

/** Newton steps from mode->x, inside the support, to the top; fills everything in mode but n_start. */
mtc_status polish(mtc_evaluator *e, const mtc_optimise_settings *settings, const double *scale, mtc_mode *mode,
                  mtc_err *err);

/** Squared Mahalanobis distance of x from a mode. scratch: n. */
double mode_distance(const mtc_mode *mode, size_t n, const double *x, double *scratch);

#endif
