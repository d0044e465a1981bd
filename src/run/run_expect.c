/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_internal.h"

#include "mtc_rng.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DRAWS_PER_TASK = 10 };

/* The job: draws d of the prior and the quantities there, each draw a stream of its own. */
typedef struct {
    const mtc_posterior *posterior;
    size_t index; /* of the source in the posterior */
    const mtc_likelihood *likelihood;
    const char *model;
    uint64_t seed;
    size_t n_draw, n_quantity;
} expecter;

/* Scratch of one thread. */
typedef struct {
    const mtc_likelihood *likelihood;
    void *ws;
    double *theta, *own; /* n_param each */
} expect_worker;

static void worker_fini(void *p)
{
    expect_worker *const w = p;
    if (w) {
        if (w->ws && w->likelihood->ops->ws_destroy) {
            w->likelihood->ops->ws_destroy(w->ws);
        }
        mtc_free(w->theta);
        mtc_free(w->own);
        mtc_free(w);
    }
}

static mtc_status worker_init(const void *self, void **worker, mtc_err *err)
{
    const expecter *const e = self;
    mtc_status st = MTC_OK;
    const size_t n = mtc_posterior_n_param(e->posterior) + 1;
    expect_worker *const w = mtc_calloc(1, sizeof *w);
    if (!w) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory");
    }
    w->likelihood = e->likelihood;
    w->theta = mtc_calloc(n, sizeof *w->theta);
    w->own = mtc_calloc(n, sizeof *w->own);
    st = w->theta && w->own ? e->likelihood->ops->ws_create(e->likelihood->self, &w->ws, err)
                            : mtc_fail(err, MTC_ENOMEM, "out of memory");
    if (st != MTC_OK) {
        worker_fini(w);
        return st;
    }
    *worker = w;
    return MTC_OK;
}

static mtc_status draw_one(const expecter *e, expect_worker *w, size_t draw, double *value, mtc_err *err)
{
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;
    char stream[256];
    (void)snprintf(stream, sizeof stream, "%s/%s/expect/draw %zu", e->model, e->likelihood->src->name, draw);
    MTC_TRY(mtc_rng_stream(e->seed, stream, &rng, err));
    for (size_t i = 0; i < mtc_posterior_n_param(e->posterior); i++) {
        w->theta[i] = mtc_prior_draw(mtc_posterior_prior(e->posterior, i), rng);
    }
    (void)mtc_posterior_source_theta(e->posterior, e->index, w->theta, w->own);
    MTC_TRY(e->likelihood->ops->quantities(e->likelihood->self, w->ws, w->own, value, err));
out:
    gsl_rng_free(rng);
    return st;
}

static mtc_status run_task(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    const expecter *const e = self;
    mtc_status st = MTC_OK;
    const size_t first = task * DRAWS_PER_TASK;
    const size_t n = e->n_draw - first < DRAWS_PER_TASK ? e->n_draw - first : DRAWS_PER_TASK;
    MTC_TRY(mtc_blob_init(out, n * e->n_quantity, err));
    for (size_t d = 0; d < n; d++) {
        MTC_TRY(draw_one(e, worker, first + d, out->value + d * e->n_quantity, err));
    }
out:
    return st;
}

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

static void summarise(double *x, size_t n, mtc_run_expectation *out)
{
    size_t n_number = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            x[n_number++] = x[i];
        }
    }
    out->median = out->q05 = out->q95 = NAN;
    if (n_number > 0) {
        gsl_sort(x, 1, n_number);
        out->median = gsl_stats_quantile_from_sorted_data(x, 1, n_number, 0.5);
        out->q05 = gsl_stats_quantile_from_sorted_data(x, 1, n_number, 0.05);
        out->q95 = gsl_stats_quantile_from_sorted_data(x, 1, n_number, 0.95);
    }
}

static mtc_status summarise_all(const expecter *e, const mtc_blob *blob, size_t n_task, mtc_arena *arena,
                                mtc_run_expectation *list, mtc_err *err)
{
    double *x = NULL;
    const mtc_status st = mtc_arena_new(arena, e->n_draw, &x, err);
    for (size_t q = 0; st == MTC_OK && q < e->n_quantity; q++) {
        size_t n = 0;
        for (size_t t = 0; t < n_task; t++) {
            for (size_t k = q; k < blob[t].n; k += e->n_quantity) {
                x[n++] = blob[t].value[k];
            }
        }
        e->likelihood->ops->quantity(e->likelihood->self, q, &list[q].info);
        summarise(x, n, &list[q]);
    }
    return st;
}

mtc_status mtc_run_expect(const mtc_run_model *model, size_t source, uint64_t seed, size_t n_draw, mtc_exec *exec,
                          mtc_arena *arena, mtc_run_expectation **out, size_t *n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    expecter e = {.posterior = model->posterior, .model = model->config->name, .seed = seed, .n_draw = n_draw};
    const size_t n_task = (n_draw + DRAWS_PER_TASK - 1) / DRAWS_PER_TASK;
    mtc_blob *blob = NULL;
    bool ran = false;
    char name[200];
    *n = 0;
    *out = NULL;
    MTC_TRY(find_source(&e, &model->likelihood[source], err));
    const mtc_likelihood_ops *const ops = e.likelihood->ops;
    e.n_quantity = ops->n_quantities && ops->quantity && ops->quantities ? ops->n_quantities(e.likelihood->self) : 0;
    if (e.n_quantity == 0) {
        return MTC_OK;
    }
    (void)snprintf(name, sizeof name, "%s/%s/prior", e.model, e.likelihood->src->name);
    const mtc_job job = {name, n_task, &e, worker_init, worker_fini, run_task};
    MTC_TRY(mtc_arena_new(arena, n_task, &blob, err));
    MTC_TRY(mtc_arena_new(arena, e.n_quantity, out, err));
    MTC_TRY(mtc_exec_run(exec, &job, blob, err));
    ran = true;
    MTC_TRY(summarise_all(&e, blob, n_task, arena, *out, err));
    *n = e.n_quantity;
out:
    for (size_t t = 0; ran && t < n_task; t++) {
        mtc_blob_fini(&blob[t]);
    }
    return st;
}
