/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include "mtc_rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 20 }; /* points per task */

/* What one source of the model predicts: numbers first, then the displays' curves, `n_out` in all. */
typedef struct {
    const mtc_likelihood *l;
    size_t index; /* in the posterior */
    size_t n_quantity, n_display, n_out;
    size_t first; /* among the outputs of all sources */
} predictor;

typedef struct {
    const mtc_posterior *p;
    size_t n_source, n_out;
    predictor *source; /* in the order of the plan */
    size_t n_theta;
    const double *theta; /* n_theta x n_param */
    bool with_displays;
} predict_job;

/* Scratch of a thread: one workspace per source, natural values of a source. */
typedef struct {
    const predict_job *job;
    void **ws;
    double *own;
} predict_worker;

static mtc_status plan_source(const predict_job *job, const model_fit *f, size_t i, predictor *s, mtc_err *err)
{
    const char *name = f->plan->source[i].src->name;
    const long index = compare_find_source(job->p, name);
    if (index < 0) {
        return mtc_fail(err, MTC_EDOMAIN, "model '%s' has no source '%s'", f->model->name, name);
    }
    *s = (predictor){.l = mtc_posterior_source(job->p, (size_t)index), .index = (size_t)index, .first = job->n_out};
    const mtc_likelihood_ops *ops = s->l->ops;
    s->n_quantity = ops->n_quantities && ops->quantities ? ops->n_quantities(s->l->self) : 0;
    s->n_out = s->n_quantity;
    s->n_display = job->with_displays && ops->n_displays && ops->predict ? ops->n_displays(s->l->self) : 0;
    for (size_t d = 0; d < s->n_display; d++) {
        s->n_out += ops->display(s->l->self, d)->n_x;
    }
    return MTC_OK;
}

static mtc_status plan_job(predict_job *job, const model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    job->n_source = f->plan->n_source;
    job->source = mtc_calloc(job->n_source + 1, sizeof *job->source);
    if (!job->source) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the predictions of %s", f->model->name);
    }
    for (size_t i = 0; i < job->n_source; i++) {
        MTC_TRY(plan_source(job, f, i, &job->source[i], err));
        job->n_out += job->source[i].n_out;
    }
out:
    return st;
}

/* ---- tasks ---- */

static void worker_fini(void *worker)
{
    predict_worker *w = worker;
    for (size_t i = 0; w && w->ws && i < w->job->n_source; i++) {
        if (w->ws[i] && w->job->source[i].l->ops->ws_destroy) {
            w->job->source[i].l->ops->ws_destroy(w->ws[i]);
        }
    }
    if (w) {
        mtc_free(w->ws);
        mtc_free(w->own);
    }
    mtc_free(w);
}

static mtc_status worker_init(const void *self, void **worker, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const predict_job *job = self;
    predict_worker *w = mtc_calloc(1, sizeof *w);
    *worker = w; /* the executor releases it, also half-built */
    if (w) {
        w->job = job;
        w->ws = mtc_calloc(job->n_source + 1, sizeof *w->ws);
        w->own = mtc_calloc(mtc_posterior_n_param(job->p) + 1, sizeof *w->own);
    }
    if (!w || !w->ws || !w->own) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for predictions");
    }
    for (size_t i = 0; i < job->n_source; i++) {
        MTC_TRY(job->source[i].l->ops->ws_create(job->source[i].l->self, &w->ws[i], err));
    }
out:
    return st;
}

static mtc_status predict_point(const predict_worker *w, const double *theta, double *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const predict_job *job = w->job;
    for (size_t i = 0; i < job->n_source; i++) {
        const predictor *s = &job->source[i];
        const mtc_likelihood_ops *ops = s->l->ops;
        double *y = out + s->first;
        mtc_posterior_source_theta(job->p, s->index, theta, w->own);
        if (s->n_quantity > 0) {
            MTC_TRY(ops->quantities(s->l->self, w->ws[i], w->own, y, err));
            y += s->n_quantity;
        }
        for (size_t d = 0; d < s->n_display; d++) {
            MTC_TRY(ops->predict(s->l->self, w->ws[i], d, w->own, y, err));
            y += ops->display(s->l->self, d)->n_x;
        }
    }
out:
    return st;
}

static mtc_status run_block(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const predict_job *job = self;
    const size_t first = task * BLOCK, n_param = mtc_posterior_n_param(job->p);
    const size_t n = job->n_theta - first < BLOCK ? job->n_theta - first : BLOCK;
    MTC_TRY(mtc_blob_init(out, n * job->n_out, err));
    for (size_t k = 0; k < n; k++) {
        MTC_TRY(predict_point(worker, job->theta + (first + k) * n_param, out->value + k * job->n_out, err));
    }
out:
    return st;
}

/* Predictions at all points, column by column: out is n_out x n_theta (released by the caller). */
static mtc_status run_job(const model_fit *f, const char *what, const predict_job *job, double **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char name[256];
    snprintf(name, sizeof name, "%s/%s", f->model->name, what);
    const mtc_job list = {.name = name,
                          .n_task = (job->n_theta + BLOCK - 1) / BLOCK,
                          .self = job,
                          .worker_init = worker_init,
                          .worker_fini = worker_fini,
                          .run = run_block};
    mtc_blob *result = mtc_calloc(list.n_task, sizeof *result);
    double *column = mtc_calloc(job->n_out * job->n_theta + 1, sizeof *column);
    if (!result || !column) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the predictions of %s", f->model->name);
        goto out;
    }
    MTC_TRY(mtc_exec_run(f->exec, &list, result, err));
    for (size_t k = 0; k < job->n_theta; k++) {
        const double *row = result[k / BLOCK].value + (k % BLOCK) * job->n_out;
        for (size_t i = 0; i < job->n_out; i++) {
            column[i * job->n_theta + k] = row[i];
        }
    }
    *out = column;
    column = NULL;
out:
    for (size_t t = 0; result && t < list.n_task; t++) {
        mtc_blob_fini(&result[t]);
    }
    mtc_free(result);
    mtc_free(column);
    return st;
}

/* ---- into the result ---- */

/* Interval over the points that give a number. */
static mtc_result_interval interval_of(double *x, size_t n)
{
    size_t n_known = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            x[n_known++] = x[i];
        }
    }
    return compare_interval(x, n_known);
}

static mtc_status take_band(mtc_result *r, const char *model, mtc_result_display *d, double *column, size_t n_theta,
                            mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_prediction *out = &d->prediction[d->n_prediction];
    *out = (mtc_result_prediction){.model = model, .n_x = d->n_x};
    MTC_TRY(mtc_result_list(r, d->n_x, &out->median, err));
    MTC_TRY(mtc_result_list(r, d->n_x, &out->q05, err));
    MTC_TRY(mtc_result_list(r, d->n_x, &out->q95, err));
    for (size_t k = 0; k < d->n_x; k++) {
        const mtc_result_interval at = interval_of(column + k * n_theta, n_theta);
        out->median[k] = at.median;
        out->q05[k] = at.q05;
        out->q95[k] = at.q95;
    }
    d->n_prediction++;
out:
    return st;
}

static mtc_result_display *find_display(mtc_result *r, const char *source, const char *id)
{
    for (size_t i = 0; i < r->n_display; i++) {
        if (strcmp(r->display[i].source, source) == 0 && strcmp(r->display[i].id, id) == 0) {
            return &r->display[i];
        }
    }
    return NULL;
}

static mtc_status take_bands(const model_fit *f, const predict_job *job, double *column, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < job->n_source; i++) {
        const predictor *s = &job->source[i];
        size_t at = s->first + s->n_quantity;
        for (size_t d = 0; d < s->n_display; d++) {
            const mtc_display *own = s->l->ops->display(s->l->self, d);
            mtc_result_display *shown = find_display(f->result, s->l->src->name, own->id);
            if (shown && shown->n_x == own->n_x) {
                MTC_TRY(take_band(f->result, f->out->name, shown, column + at * job->n_theta, job->n_theta, err));
            }
            at += own->n_x;
        }
    }
out:
    return st;
}

/* The data's own figure for a predicted number: the fact of the same id. */
static double observed(const mtc_likelihood *l, const char *id)
{
    for (size_t i = 0; i < l->ops->n_facts(l->self); i++) {
        mtc_quantity info;
        double value = (double)NAN;
        memset(&info, 0, sizeof info);
        l->ops->fact(l->self, i, &info, &value);
        if (info.id && strcmp(info.id, id) == 0) {
            return value;
        }
    }
    return (double)NAN;
}

static mtc_status take_quantities(model_fit *f, const predict_job *job, double *posterior, double *prior,
                                  const predict_job *before, mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t n = 0;
    for (size_t i = 0; i < job->n_source; i++) {
        n += job->source[i].n_quantity;
    }
    MTC_TRY(mtc_result_list(f->result, n, &f->out->quantity, err));
    for (size_t i = 0; i < job->n_source; i++) {
        const predictor *s = &job->source[i];
        for (size_t k = 0; k < s->n_quantity; k++) {
            mtc_quantity info;
            memset(&info, 0, sizeof info);
            s->l->ops->quantity(s->l->self, k, &info);
            mtc_result_quantity *q = &f->out->quantity[f->out->n_quantity++];
            *q = (mtc_result_quantity){.unit = mtc_unit_word(info.unit), .is_count = info.is_count};
            MTC_TRY(mtc_result_text(f->result, s->l->src->name, &q->source, err));
            MTC_TRY(mtc_result_text(f->result, info.id, &q->id, err));
            MTC_TRY(mtc_result_text(f->result, info.label, &q->label, err));
            q->observed = observed(s->l, info.id);
            q->posterior = interval_of(posterior + (s->first + k) * job->n_theta, job->n_theta);
            q->prior = interval_of(prior + (before->source[i].first + k) * before->n_theta, before->n_theta);
        }
    }
out:
    return st;
}

/* Natural values of all parameters drawn from their priors, n x n_param. */
static mtc_status draw_priors(const model_fit *f, size_t n, double *theta, mtc_err *err)
{
    const mtc_posterior *p = f->model->posterior;
    const size_t n_param = mtc_posterior_n_param(p);
    gsl_rng *rng = NULL;
    char stream[256];
    snprintf(stream, sizeof stream, "%s/prior predictive", f->model->name);
    const mtc_status st = mtc_rng_stream(f->plan->seed, stream, &rng, err);
    for (size_t k = 0; st == MTC_OK && k < n * n_param; k++) {
        theta[k] = mtc_prior_draw(mtc_posterior_prior(p, k % n_param), rng);
    }
    gsl_rng_free(rng);
    return st;
}

mtc_status compare_predict(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_posterior *p = f->model->posterior;
    const size_t n_prior = f->plan->n_predict;
    double *posterior = NULL, *prior = NULL, *theta = NULL;
    predict_job after = {.p = p, .n_theta = f->n_theta, .theta = f->theta, .with_displays = true};
    predict_job before = {.p = p, .n_theta = n_prior};
    theta = mtc_calloc(n_prior * mtc_posterior_n_param(p) + 1, sizeof *theta);
    if (!theta) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the predictions of %s", f->model->name);
    }
    before.theta = theta;
    MTC_TRY(draw_priors(f, n_prior, theta, err));
    MTC_TRY(plan_job(&after, f, err));
    MTC_TRY(plan_job(&before, f, err));
    MTC_TRY(run_job(f, "predict", &after, &posterior, err));
    MTC_TRY(run_job(f, "expect", &before, &prior, err));
    MTC_TRY(take_bands(f, &after, posterior, err));
    MTC_TRY(take_quantities(f, &after, posterior, prior, &before, err));
out:
    mtc_free(after.source);
    mtc_free(before.source);
    mtc_free(posterior);
    mtc_free(prior);
    mtc_free(theta);
    return st;
}
