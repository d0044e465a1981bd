/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_internal.h"

#include "mtc_rng.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const mtc_posterior *posterior;
    size_t index; /* of the source in the posterior */
    const mtc_likelihood *likelihood;
    void *ws;
    gsl_rng *rng;
    double *theta, *own; /* n_param each */
    double *value;       /* n_quantity */
    size_t n_quantity;
} expecter;

/* The posterior orders its sources by name. */
static mtc_status find_source(expecter *e, const mtc_likelihood *wanted, mtc_err *err)
{
    for (size_t i = 0; i < mtc_posterior_n_source(e->posterior); i++) {
        if (strcmp(mtc_posterior_source(e->posterior, i)->src->name, wanted->src->name) == 0) {
            e->index = i;
            e->likelihood = mtc_posterior_source(e->posterior, i);
            return MTC_OK;
        }
    }
    return mtc_fail(err, MTC_EBUG, "source '%s' is not in the posterior", wanted->src->name);
}

static mtc_status draw_one(expecter *e, mtc_err *err)
{
    for (size_t i = 0; i < mtc_posterior_n_param(e->posterior); i++) {
        e->theta[i] = mtc_prior_draw(mtc_posterior_prior(e->posterior, i), e->rng);
    }
    (void)mtc_posterior_source_theta(e->posterior, e->index, e->theta, e->own);
    return e->likelihood->ops->quantities(e->likelihood->self, e->ws, e->own, e->value, err);
}

static void summarise(double *x, size_t n, mtc_run_expectation *out)
{
    size_t n_finite = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            x[n_finite++] = x[i];
        }
    }
    out->median = out->q05 = out->q95 = NAN;
    if (n_finite > 0) {
        gsl_sort(x, 1, n_finite);
        out->median = gsl_stats_quantile_from_sorted_data(x, 1, n_finite, 0.5);
        out->q05 = gsl_stats_quantile_from_sorted_data(x, 1, n_finite, 0.05);
        out->q95 = gsl_stats_quantile_from_sorted_data(x, 1, n_finite, 0.95);
    }
}

static mtc_status collect(expecter *e, size_t n_draw, mtc_arena *arena, mtc_run_expectation *list, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double *all = NULL; /* n_quantity x n_draw */
    MTC_TRY(mtc_arena_new(arena, e->n_quantity * n_draw, &all, err));
    for (size_t d = 0; d < n_draw; d++) {
        MTC_TRY(draw_one(e, err));
        for (size_t i = 0; i < e->n_quantity; i++) {
            all[i * n_draw + d] = e->value[i];
        }
    }
    for (size_t i = 0; i < e->n_quantity; i++) {
        e->likelihood->ops->quantity(e->likelihood->self, i, &list[i].info);
        summarise(all + i * n_draw, n_draw, &list[i]);
    }
out:
    return st;
}

mtc_status mtc_run_expect(const mtc_run_model *model, size_t source, uint64_t seed, size_t n_draw, mtc_arena *arena,
                          mtc_run_expectation **out, size_t *n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    expecter e;
    char stream[256];
    memset(&e, 0, sizeof e);
    *n = 0;
    *out = NULL;
    e.posterior = model->posterior;
    MTC_TRY(find_source(&e, &model->likelihood[source], err));
    const mtc_likelihood_ops *const ops = e.likelihood->ops;
    if (!ops->n_quantities || !ops->quantity || !ops->quantities) {
        return MTC_OK;
    }
    e.n_quantity = ops->n_quantities(e.likelihood->self);
    (void)snprintf(stream, sizeof stream, "%s/%s/expect", model->config->name, e.likelihood->src->name);
    MTC_TRY(mtc_rng_stream(seed, stream, &e.rng, err));
    MTC_TRY(ops->ws_create(e.likelihood->self, &e.ws, err));
    MTC_TRY(mtc_arena_new(arena, mtc_posterior_n_param(e.posterior), &e.theta, err));
    MTC_TRY(mtc_arena_new(arena, mtc_posterior_n_param(e.posterior), &e.own, err));
    MTC_TRY(mtc_arena_new(arena, e.n_quantity, &e.value, err));
    MTC_TRY(mtc_arena_new(arena, e.n_quantity, out, err));
    MTC_TRY(collect(&e, n_draw, arena, *out, err));
    *n = e.n_quantity;
out:
    if (e.ws && e.likelihood->ops->ws_destroy) {
        e.likelihood->ops->ws_destroy(e.ws);
    }
    gsl_rng_free(e.rng);
    return st;
}
