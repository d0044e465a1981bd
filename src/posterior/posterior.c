/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_posterior.h"

#include "mtc_rng.h"
#include "posterior_internal.h"

#include <string.h>

/* ---- the target's operations on the prior ---- */

/* x of the quantile u[c] of every free parameter's prior; x and u may be one array. */
static void at_quantiles(const mtc_posterior *p, const double *u, double *x)
{
    for (size_t c = 0; c < p->n_free; ++c) {
        x[c] = mtc_prior_quantile(&p->prior[p->free_param[c]], u[c]);
    }
    posterior_unconstrain(p, x, x);
}

static mtc_status prior_draw(const void *self, gsl_rng *rng, double *x, mtc_err *err)
{
    const mtc_posterior *p = self;
    (void)err;
    for (size_t c = 0; c < p->n_free; ++c) {
        x[c] = mtc_rng_uniform(rng);
    }
    at_quantiles(p, x, x);
    return MTC_OK;
}

static mtc_status prior_quantile(const void *self, const double *u, double *x, mtc_err *err)
{
    const mtc_posterior *p = self;
    for (size_t c = 0; c < p->n_free; ++c) {
        if (!(u[c] > 0.0 && u[c] < 1.0)) {
            return mtc_fail(err, MTC_EDOMAIN, "a quantile of the prior needs 0 < u < 1, got %g", u[c]);
        }
    }
    at_quantiles(p, u, x);
    return MTC_OK;
}

static void constrain(const void *self, const double *x, double *natural)
{
    posterior_constrain(self, x, NULL, natural);
}

/* ---- building ---- */

static const char *source_name(const mtc_likelihood *likelihood)
{
    return likelihood->src != NULL && likelihood->src->name != NULL ? likelihood->src->name : likelihood->ops->name;
}

static mtc_status copy_params(mtc_posterior *p, const mtc_param_info *const *param, const mtc_prior *prior,
                              mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const char **name = NULL;
    MTC_TRY(mtc_arena_new(arena, p->n_param, &p->param, err));
    MTC_TRY(mtc_arena_new(arena, p->n_param, &p->prior, err));
    MTC_TRY(mtc_arena_new(arena, p->n_param, &p->coordinate, err));
    MTC_TRY(mtc_arena_new(arena, p->n_param, &p->free_param, err));
    MTC_TRY(mtc_arena_new(arena, p->n_param, &name, err));
    for (size_t i = 0; i < p->n_param; ++i) {
        p->param[i] = param[i];
        p->prior[i] = prior[i];
        p->coordinate[i] = -1;
        if (!prior[i].is_fixed) {
            p->coordinate[i] = (long)p->n_free;
            p->free_param[p->n_free] = i;
            name[p->n_free++] = param[i]->name;
        }
    }
    p->target.n_dim = p->n_free;
    p->target.param_name = name;
out:
    return st;
}

static mtc_status copy_source(mtc_posterior *p, posterior_source *s, const mtc_likelihood *likelihood, mtc_arena *arena,
                              mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_param_info *const *own = NULL;
    s->likelihood = *likelihood;
    s->name = source_name(likelihood);
    s->n_obs = likelihood->ops->n_obs(likelihood->self);
    likelihood->ops->params(likelihood->self, &own, &s->n_theta);
    MTC_TRY(mtc_arena_new(arena, s->n_theta, &s->index, err));
    for (size_t j = 0; j < s->n_theta; ++j) {
        const long at = mtc_posterior_find(p, own[j]->name);
        if (at < 0) {
            return mtc_fail(err, MTC_EDOMAIN, "source '%s' uses '%s', which is no parameter of model '%s'", s->name,
                            own[j]->name, p->target.name);
        }
        s->index[j] = (size_t)at;
    }
    if (s->n_theta > p->n_theta_max) {
        p->n_theta_max = s->n_theta;
    }
out:
    return st;
}

/* Sources in order of their names, with their place among all observations. */
static mtc_status copy_sources(mtc_posterior *p, const mtc_likelihood *source, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    MTC_TRY(mtc_arena_new(arena, p->n_source, &p->source, err));
    for (size_t i = 0; i < p->n_source; ++i) {
        const char *name = source_name(&source[i]);
        size_t at = i;
        for (; at > 0 && strcmp(name, p->source[at - 1].name) < 0; --at) {
            p->source[at] = p->source[at - 1];
        }
        if (at > 0 && strcmp(name, p->source[at - 1].name) == 0) {
            return mtc_fail(err, MTC_EDOMAIN, "two sources are named '%s'", name);
        }
        p->source[at] = (posterior_source){0};
        MTC_TRY(copy_source(p, &p->source[at], &source[i], arena, err));
    }
    for (size_t i = 0; i < p->n_source; ++i) {
        p->source[i].first_obs = p->n_obs;
        p->n_obs += p->source[i].n_obs;
    }
    p->target.n_obs = p->n_obs;
out:
    return st;
}

static mtc_status check_arguments(const char *name, const mtc_likelihood *source, size_t n_source,
                                  const mtc_param_info *const *param, const mtc_prior *prior, size_t n_param,
                                  mtc_err *err)
{
    if (name == NULL || (source == NULL && n_source > 0) || ((param == NULL || prior == NULL) && n_param > 0)) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_posterior_create: an argument is missing");
    }
    for (size_t i = 0; i < n_source; ++i) {
        if (source[i].ops == NULL || source[i].ops->abi != MTC_LIKELIHOOD_ABI) {
            return mtc_fail(err, MTC_EDOMAIN, "source %zu of model '%s' is of another version of the interface", i,
                            name);
        }
    }
    for (size_t i = 0; i < n_param; ++i) {
        if (prior[i].ops == NULL) {
            return mtc_fail(err, MTC_EDOMAIN, "parameter '%s' of model '%s' has no prior", param[i]->name, name);
        }
    }
    return MTC_OK;
}

mtc_status mtc_posterior_create(const char *name, const mtc_likelihood *source, size_t n_source,
                                const mtc_param_info *const *param, const mtc_prior *prior, size_t n_param,
                                mtc_arena *arena, mtc_posterior **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_posterior *p = NULL;
    char *own_name = NULL;
    if (arena == NULL || out == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_posterior_create: an argument is missing");
    }
    *out = NULL;
    MTC_TRY(check_arguments(name, source, n_source, param, prior, n_param, err));
    MTC_TRY(mtc_arena_new(arena, 1, &p, err));
    MTC_TRY(mtc_arena_strndup(arena, name, strlen(name), &own_name, err));
    p->n_param = n_param;
    p->n_source = n_source;
    p->target = (mtc_target){.name = own_name,
                             .has_gradient = true,
                             .self = p,
                             .ws_create = posterior_ws_create,
                             .ws_destroy = posterior_ws_destroy,
                             .eval = posterior_eval,
                             .prior_draw = prior_draw,
                             .prior_quantile = prior_quantile,
                             .constrain = constrain};
    MTC_TRY(copy_params(p, param, prior, arena, err));
    MTC_TRY(copy_sources(p, source, arena, err));
    p->target.per_obs = p->n_obs > 0 ? posterior_per_obs : NULL;
    *out = p;
out:
    return st;
}

mtc_status mtc_posterior_set_draft(mtc_posterior *p, const mtc_posterior *draft, mtc_err *err)
{
    bool same = p->n_free == draft->n_free && p->n_couple == draft->n_couple;
    for (size_t i = 0; same && i < p->n_free; i++) {
        same = p->param[p->free_param[i]] == draft->param[draft->free_param[i]];
    }
    if (!same) {
        return mtc_fail(err, MTC_EBUG, "model '%s' and its draft have different parameters", p->target.name);
    }
    p->target.draft = &draft->target;
    return MTC_OK;
}

const mtc_target *mtc_posterior_target(const mtc_posterior *p)
{
    return &p->target;
}

/* ---- description ---- */

size_t mtc_posterior_n_param(const mtc_posterior *p)
{
    return p->n_param;
}

const mtc_param_info *mtc_posterior_param(const mtc_posterior *p, size_t i)
{
    return p->param[i];
}

const mtc_prior *mtc_posterior_prior(const mtc_posterior *p, size_t i)
{
    return &p->prior[i];
}

long mtc_posterior_find(const mtc_posterior *p, const char *name)
{
    for (size_t i = 0; i < p->n_param; ++i) {
        if (strcmp(p->param[i]->name, name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

long mtc_posterior_coordinate(const mtc_posterior *p, size_t i)
{
    return p->coordinate[i];
}

size_t mtc_posterior_free(const mtc_posterior *p, size_t coordinate)
{
    return p->free_param[coordinate];
}

size_t mtc_posterior_n_source(const mtc_posterior *p)
{
    return p->n_source;
}

const mtc_likelihood *mtc_posterior_source(const mtc_posterior *p, size_t i)
{
    return &p->source[i].likelihood;
}

size_t mtc_posterior_n_obs(const mtc_posterior *p)
{
    return p->n_obs;
}

size_t mtc_posterior_source_obs(const mtc_posterior *p, size_t i, size_t *first)
{
    if (first != NULL) {
        *first = p->source[i].first_obs;
    }
    return p->source[i].n_obs;
}

/* ---- from one scale to the other ---- */

void mtc_posterior_natural(const mtc_posterior *p, const double *x, double *theta)
{
    for (size_t i = 0; i < p->n_param; ++i) {
        theta[i] = p->prior[i].fixed_value;
    }
    posterior_constrain(p, x, p->free_param, theta);
}

void mtc_posterior_unconstrain(const mtc_posterior *p, const double *theta, double *x)
{
    for (size_t c = 0; c < p->n_free; ++c) {
        x[c] = theta[p->free_param[c]];
    }
    posterior_unconstrain(p, x, x);
}

size_t mtc_posterior_source_theta(const mtc_posterior *p, size_t i, const double *theta, double *values)
{
    const posterior_source *s = &p->source[i];
    for (size_t j = 0; j < s->n_theta; ++j) {
        values[j] = theta[s->index[j]];
    }
    return s->n_theta;
}

double mtc_prior_conflict(const mtc_prior *prior, double median)
{
    return prior->is_fixed ? 0.0 : mtc_prior_score(prior, median);
}
