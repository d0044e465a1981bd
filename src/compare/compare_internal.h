/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_INTERNAL_H
#define COMPARE_INTERNAL_H

#include "mtc_compare.h"
#include "mtc_loo.h"

/** One model while it is worked on. */
typedef struct {
    const mtc_compare_plan *plan;
    const mtc_compare_model *model;
    mtc_exec *exec;
    mtc_result *result;
    mtc_result_model *out;
    mtc_modes modes;
    mtc_chains chains; /* n_chain 0: no free parameters */
    mtc_diagnosis diagnosis;
    const char *algorithm;
    size_t n_warmup;
    size_t n_theta;  /* points that predictions are made from */
    double *theta;   /* n_theta x n_param of the posterior, natural, thinned evenly from the chains */
    size_t n_column; /* free parameters and derived */
    const char **column;
    double *natural; /* n_column x all draws */
} model_fit;

/** Modes, evidence (or NUTS alone) and draws; fills out->evidence and diagnostics, adds to the cost. */
mtc_status compare_draw(model_fit *f, mtc_err *err);
/** out->map: highest density in natural units, climbed to from the best mode. */
mtc_status compare_map(model_fit *f, mtc_err *err);
/** Natural draws, out->posterior, derived, param, seeding_diameter_mass; the points for predictions. */
mtc_status compare_tables(model_fit *f, mtc_err *err);
/** out->param: priors, conflicts and densities on grids. Needs the natural draws. */
mtc_status compare_params(model_fit *f, mtc_err *err);
/** Bands of every display (appended to its predictions) and out->quantity. */
mtc_status compare_predict(model_fit *f, mtc_err *err);
/** out->predictive, and every unit left out (in the order of the posterior's observations; the caller releases it with
 * mtc_free). *unit is NULL where the plan does not ask for it. */
mtc_status compare_leave_out(model_fit *f, mtc_loo_unit **unit, mtc_err *err);
/** The compared pair's difference, unit by unit. unit: one list per model of the plan. */
void compare_leave_out_difference(const mtc_compare_plan *plan, mtc_loo_unit *const *unit, mtc_result *r);
/** out->seeding. */
mtc_status compare_seeding(model_fit *f, mtc_err *err);
void compare_fit_release(model_fit *f);

/** result->source and result->display, the latter without predictions. */
mtc_status compare_sources(const mtc_compare_plan *plan, mtc_result *r, mtc_err *err);
/** result->comparison. */
mtc_status compare_answer(const mtc_compare_plan *plan, mtc_result *r, mtc_err *err);
/** result->comparison.by_source, where the plan asks for it. */
mtc_status compare_by_source(const mtc_compare_plan *plan, mtc_exec *exec, mtc_result *r, mtc_err *err);
/** result->misfit. */
mtc_status compare_misfit(mtc_result *r, mtc_err *err);

/** The model's own source of this name: its index in the posterior, or -1. */
long compare_find_source(const mtc_posterior *p, const char *name);
/** Natural values by mtc_course_param from those of all parameters; false where the model lacks one. */
bool compare_course_theta(const mtc_posterior *p, const double *theta, double *course_theta);
/** Type-7 quantiles of n numbers, which are sorted in place. NaN for n = 0 and for quantiles that are infinite. */
mtc_result_interval compare_interval(double *x, size_t n);

#endif
