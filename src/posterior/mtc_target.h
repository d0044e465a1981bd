/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TARGET_H
#define MTC_TARGET_H

#include "mtc_err.h"
#include "mtc_likelihood.h"

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Value of a target at one unconstrained point. The caller gives the gradient arrays (n_dim) or NULL. */
typedef struct {
    double log_prior; /* log density on the unconstrained scale: log-Jacobian included */
    double log_likelihood;
    mtc_reason reason; /* why either is -INFINITY */
    double *grad_log_prior;
    double *grad_log_likelihood;
} mtc_point;

/**
 * What optimisers, samplers and estimators see, and all they see: the cancer models, the test problems with known
 * evidence and a user's own callbacks are all targets. All points are unconstrained (R^n_dim).
 */
typedef struct mtc_target mtc_target;
struct mtc_target {
    const char *name;              /* "linear": names the random streams */
    size_t n_dim;                  /* free parameters */
    const char *const *param_name; /* n_dim natural names, for draws and messages */
    bool has_gradient;
    size_t n_obs; /* units of per_obs; 0: none */
    const void *self;
    /* required. Scratch of one thread. */
    mtc_status (*ws_create)(const void *self, void **ws, mtc_err *err);
    void (*ws_destroy)(void *ws);
    /* required. point->grad_* are filled where not NULL (has_gradient). NaN anywhere is MTC_ENAN: the run stops. */
    mtc_status (*eval)(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err);
    /* required. A draw from the prior, unconstrained. */
    mtc_status (*prior_draw)(const void *self, gsl_rng *rng, double *x, mtc_err *err);
    /* required. Point of the prior from n_dim uniforms in (0,1) (for quasi-random starts). */
    mtc_status (*prior_quantile)(const void *self, const double *u, double *x, mtc_err *err);
    /* required. Natural-unit values of the free parameters, n_dim. */
    void (*constrain)(const void *self, const double *x, double *natural);
    /* NULL where n_obs = 0. Log-likelihood contributions at x. */
    mtc_status (*per_obs)(const void *self, void *ws, const double *x, double *out, mtc_err *err);
    /* NULL: none. The same coordinates and prior with a cheaper likelihood, close enough to find the way by. What was
     * drawn and weighed with it is corrected by this target afterwards (sampler/mtc_draft.h). */
    const mtc_target *draft;
};

/** A target with the scratch of one thread, its counters, and buffers: what a task works with. */
typedef struct {
    const mtc_target *target;
    void *ws;
    unsigned long n_value;    /* likelihood evaluations without gradient */
    unsigned long n_gradient; /* with gradient */
    double *buffer;           /* 2 x n_dim: gradients of a caller that did not ask for the parts */
} mtc_evaluator;

/** Scratch and counters for one thread; the target is borrowed. Errors: MTC_EDOMAIN, MTC_ENOMEM, those of ws_create. */
MTC_API mtc_status mtc_evaluator_init(mtc_evaluator *e, const mtc_target *target, mtc_err *err);
/** Release and zero; NULL and a zeroed evaluator are allowed. */
MTC_API void mtc_evaluator_fini(mtc_evaluator *e);
/**
 * log prior + beta * log likelihood at x, and its gradient where grad is not NULL. -INFINITY outside (never an error;
 * the gradient is then zero); at beta = 0 the prior alone. parts may be NULL; its gradient arrays are the caller's, or
 * NULL. Errors: MTC_ENAN where a value or gradient is NaN or a value +INFINITY; MTC_EDOMAIN where a gradient is asked
 * of a target that has none, or beta is negative or no number.
 */
MTC_API mtc_status mtc_evaluator_log_density(mtc_evaluator *e, const double *x, double beta, double *value,
                                             double *grad, mtc_point *parts, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
