/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_POSTERIOR_H
#define MTC_POSTERIOR_H

#include "mtc_likelihood.h"
#include "mtc_prior.h"
#include "mtc_target.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The posterior of one model: sources of data, a prior per parameter, and the target they make. Constant after
 * creation, shared by all threads; each thread brings its own workspace. Lives in the arena it was made with; nothing
 * to release. Sources are ordered by name and parameters as mtc_posterior_params says, so that no result depends on the
 * order of keys in a configuration.
 */
typedef struct mtc_posterior mtc_posterior;

/**
 * The parameters that a list of sources uses, each once (by name): first those of `order`, in its order, then the
 * others by name. order, n_order  the course's parameters in the order of their enumeration; may be NULL and 0 out,
 * n_out      list in the arena Errors          MTC_EDOMAIN, MTC_ENOMEM; MTC_EBUG where two sources mean different
 * things by one name
 */
MTC_API mtc_status mtc_posterior_params(const mtc_likelihood *source, size_t n_source, const mtc_param_info *order,
                                        size_t n_order, mtc_arena *arena, const mtc_param_info *const **out,
                                        size_t *n_out, mtc_err *err);

/**
 * Build the posterior of a model.
 * name              of the model; names the target and thereby the random streams (copied)
 * source, n_source  the data; their self and src must outlive the posterior. n_source = 0: the prior alone
 * param, n_param    what mtc_posterior_params gave for these sources; parameters beyond those are sampled from their
 * prior prior             n_param priors, in the same order (copied; their self must outlive the posterior) Errors
 * MTC_EDOMAIN: a source uses a parameter that is not in param, or two sources share a name; MTC_ENOMEM
 */
MTC_API mtc_status mtc_posterior_create(const char *name, const mtc_likelihood *source, size_t n_source,
                                        const mtc_param_info *const *param, const mtc_prior *prior, size_t n_param,
                                        mtc_arena *arena, mtc_posterior **out, mtc_err *err);

/**
 * Let pairs of parameters be explored through couplings, before the target is used. A coupling whose parameters are
 * not both free and of support (0, inf), or are coupled already, is passed over: those keep the scores of their priors
 * (see mtc_prior_at_score), in which every coordinate is standard normal a priori.
 * list  ended by NULL; lives as long as the posterior
 */
MTC_API mtc_status mtc_posterior_couple(mtc_posterior *p, const mtc_coupling *const *list, mtc_arena *arena,
                                        mtc_err *err);

/** Let the target have a draft: the posterior of the same model made with cheaper likelihoods, which must outlive p.
 * Errors: MTC_EBUG where the two have different free parameters. */
MTC_API mtc_status mtc_posterior_set_draft(mtc_posterior *p, const mtc_posterior *draft, mtc_err *err);

/** The target over the free parameters: what optimisers, samplers and estimators see. */
MTC_API const mtc_target *mtc_posterior_target(const mtc_posterior *p);

/* ---- description ---- */

MTC_API size_t mtc_posterior_n_param(const mtc_posterior *p);
/** Parameter i, free or fixed, in canonical order. */
MTC_API const mtc_param_info *mtc_posterior_param(const mtc_posterior *p, size_t i);
MTC_API const mtc_prior *mtc_posterior_prior(const mtc_posterior *p, size_t i);
/** Index of the parameter of this name ("seeding_diameter_mm"), or -1. */
MTC_API long mtc_posterior_find(const mtc_posterior *p, const char *name);
/** Coordinate of parameter i in the target, or -1 where it is fixed. */
MTC_API long mtc_posterior_coordinate(const mtc_posterior *p, size_t i);
/** Parameter of a coordinate of the target. */
MTC_API size_t mtc_posterior_free(const mtc_posterior *p, size_t coordinate);
MTC_API size_t mtc_posterior_n_source(const mtc_posterior *p);
/** Source i, in order of names. */
MTC_API const mtc_likelihood *mtc_posterior_source(const mtc_posterior *p, size_t i);
/** Units of per-observation terms of all sources; source i has n of them from *first on. */
MTC_API size_t mtc_posterior_n_obs(const mtc_posterior *p);
MTC_API size_t mtc_posterior_source_obs(const mtc_posterior *p, size_t i, size_t *first);

/* ---- from one scale to the other ---- */

/** Unconstrained x (n_dim) -> natural values of all parameters (n_param), the fixed ones included. */
MTC_API void mtc_posterior_natural(const mtc_posterior *p, const double *x, double *theta);
/** Natural values of all parameters -> x; values at or beyond the edge of a prior's support go just inside it. */
MTC_API void mtc_posterior_unconstrain(const mtc_posterior *p, const double *theta, double *x);

/**
 * Log prior at x as a density per natural units (without Jacobian), and its gradient by x (n_dim; NULL allowed).
 * ws: a workspace of the target. False where x is outside.
 */
MTC_API bool mtc_posterior_natural_prior(const mtc_posterior *p, void *ws, const double *x, double *log_prior,
                                         double *grad);

/** Natural values of source i's own parameters, in the order of its params(), from those of all parameters. Returns how
 * many. values: room for n_param. */
MTC_API size_t mtc_posterior_source_theta(const mtc_posterior *p, size_t i, const double *theta, double *values);

/* ---- evaluation at natural values (the `evaluate` command) ---- */

/** Values at a natural point. The caller gives the arrays, or NULL for what is not wanted. */
typedef struct {
    double log_prior;           /* density per natural unit of the free parameters; -INFINITY where zero */
    char log_prior_reason[192]; /* why it is zero: names the parameter; "" where it is not */
    double log_likelihood;      /* computed also where the prior is zero */
    mtc_reason reason;          /* why log_likelihood is -INFINITY */
    double *by_source;          /* n_source */
    double *
        grad_log_prior; /* n_param: per natural unit; 0 for a fixed parameter, and everywhere where the prior is zero */
    double *grad_log_likelihood; /* n_param, fixed parameters too; 0 everywhere where log_likelihood is -INFINITY */
    double *per_obs;             /* n_obs */
} mtc_natural_point;

/**
 * Evaluate at natural values of all parameters, in and outside the prior's support: a value off a fixed one or where
 * the prior is zero (tau = 0) still has a likelihood. A value outside a parameter's own domain has none:
 * MTC_REASON_MODEL_DOMAIN.
 * ws      from the target's ws_create
 * theta   n_param
 * Errors  MTC_EDOMAIN where theta is not finite; MTC_ENAN naming source and values; those of the likelihoods
 */
MTC_API mtc_status mtc_posterior_eval_natural(const mtc_posterior *p, void *ws, const double *theta,
                                              mtc_natural_point *point, mtc_err *err);

/**
 * Conflict of prior and data for one parameter: Phi^-1(F(median)), F the (truncated) prior's cdf and `median` the
 * posterior's; beyond 2.5 in size it is reported (docs/model.md, section 6). 0 for a fixed prior; never NaN.
 */
MTC_API double mtc_prior_conflict(const mtc_prior *prior, double median);

#ifdef __cplusplus
}
#endif
#endif
