/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include <math.h>
#include <string.h>

/* The posterior as a density per natural unit: the model's own target with its priors' own densities. */
typedef struct {
    const mtc_target *inner;
    const mtc_posterior *posterior;
    mtc_target target;
} natural_target;

static mtc_status natural_ws_create(const void *self, void **ws, mtc_err *err)
{
    const natural_target *t = self;
    return t->inner->ws_create(t->inner->self, ws, err);
}

static mtc_status natural_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const natural_target *t = self;
    const mtc_status st = t->inner->eval(t->inner->self, ws, x, point, err);
    if (st != MTC_OK || !isfinite(point->log_prior)) {
        return st;
    }
    if (!mtc_posterior_natural_prior(t->posterior, ws, x, &point->log_prior, point->grad_log_prior)) {
        point->log_prior = -(double)INFINITY;
        point->reason = MTC_REASON_PRIOR_SUPPORT;
    }
    return MTC_OK;
}

static void natural_init(natural_target *t, const mtc_posterior *p)
{
    t->posterior = p;
    t->inner = mtc_posterior_target(p);
    t->target = *t->inner;
    t->target.self = t;
    t->target.ws_create = natural_ws_create;
    t->target.eval = natural_eval;
    t->target.draft = NULL;
}

/* Climb from the best mode: the Jacobian moves the top a little, not to another hill. */
static mtc_status climb(const model_fit *f, mtc_evaluator *e, double *x, mtc_point *parts, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double value = 0.0;
    if (e->target->n_dim > 0) {
        mtc_optimise_settings search = f->plan->optimise;
        search.seed = f->plan->seed;
        memcpy(x, f->modes.mode[0].x, e->target->n_dim * sizeof *x);
        MTC_TRY(mtc_climb(e, &search, f->modes.prior_sd, x, &value, err));
    }
    MTC_TRY(mtc_evaluator_log_density(e, x, 1.0, &value, NULL, parts, err));
out:
    return st;
}

static mtc_status write_map(model_fit *f, const mtc_target *target, const double *x, const mtc_point *parts,
                            mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_map *map = &f->out->map;
    double *natural = NULL;
    const size_t n = target->n_dim;
    map->log_prior = parts->log_prior;
    map->log_likelihood = parts->log_likelihood;
    map->log_posterior = parts->log_prior + parts->log_likelihood;
    map->n_parameter = n;
    MTC_TRY(mtc_result_list(f->result, n, &map->parameter, err));
    MTC_TRY(mtc_result_list(f->result, n, &natural, err));
    const mtc_target *inner = mtc_posterior_target(f->model->posterior);
    inner->constrain(inner->self, x, natural);
    for (size_t i = 0; i < n; i++) {
        map->parameter[i] = (mtc_result_number){target->param_name[i], natural[i]};
    }
out:
    return st;
}

mtc_status compare_map(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    natural_target t = {0};
    mtc_evaluator e = {0};
    mtc_point parts = {0};
    double *x = NULL;
    natural_init(&t, f->model->posterior);
    MTC_TRY(mtc_evaluator_init(&e, &t.target, err));
    x = mtc_calloc(t.target.n_dim + 1, sizeof *x);
    if (!x) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the highest density of %s", f->model->name);
        goto out;
    }
    MTC_TRY(climb(f, &e, x, &parts, err));
    MTC_TRY(write_map(f, &t.target, x, &parts, err));
    f->result->cost.likelihood_calls += e.n_value;
    f->result->cost.gradient_calls += e.n_gradient;
out:
    mtc_evaluator_fini(&e);
    mtc_free(x);
    return st;
}
