/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_USER_H
#define MTC_USER_H

#include "mtc_target.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A parameter of a user's model: its name and the open interval that it lives in; -INFINITY and INFINITY: no bound. */
typedef struct {
    const char *name;
    double lower, upper;
} mtc_user_param;

/**
 * A model of one's own, by callbacks in natural values; docs/library.md shows one whole. All pointers must outlive the
 * target, all callbacks may be called by several threads at once, and none may write to data.
 *
 * A value of -INFINITY is a point that cannot be. NaN or +INFINITY end the run with MTC_ENAN, which names the point.
 * grad is NULL or has n_param numbers to be filled: derivatives by the natural values.
 */
typedef struct {
    const char *name; /* in messages; names the random streams */
    size_t n_param;
    const mtc_user_param *param;
    const void *data;  /* handed to every callback */
    bool has_gradient; /* both densities fill grad. Without it chains are independence Metropolis with local steps */
    /* required. Normalised log density of theta within the bounds, per natural unit: no Jacobian. */
    double (*log_prior)(const void *data, const double *theta, double *grad);
    /* required. */
    double (*log_likelihood)(const void *data, const double *theta, double *grad);
    /* required. A draw from that prior. */
    void (*prior_draw)(const void *data, gsl_rng *rng, double *theta);
    size_t n_obs; /* 0: no terms */
    /* NULL where n_obs is 0. Log likelihood of each observation. */
    void (*per_obs)(const void *data, const double *theta, double *out);
} mtc_user_model;

/**
 * A target that everything above works on (optimisers, samplers, mtc_evidence_run), from a user's model: bounds become
 * log and logit coordinates with their Jacobian. Nothing is sampled here.
 */
typedef struct {
    mtc_target target; /* self points to this object: do not move it */
    const mtc_user_model *model;
    const char **name; /* n_param */
} mtc_user_target;

/** Errors: MTC_EDOMAIN (a callback or name missing, no parameter, bounds crossed), MTC_ENOMEM. */
MTC_API mtc_status mtc_user_target_init(mtc_user_target *t, const mtc_user_model *model, mtc_err *err);
/** Release; NULL and zeroed allowed. */
MTC_API void mtc_user_target_fini(mtc_user_target *t);

#ifdef __cplusplus
}
#endif
#endif
