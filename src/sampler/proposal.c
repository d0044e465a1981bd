/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_logmath.h"
#include "mtc_proposal.h"
#include "mtc_rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Longest stream name: target, purpose, batch. */
#define STREAM_NAME_SIZE 256

mtc_status mtc_proposal_copy(const mtc_proposal *q, mtc_proposal *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    memset(out, 0, sizeof *out);
    out->n_dim = q->n_dim;
    out->wide_weight = q->wide_weight;
    out->prior_weight = q->prior_weight;
    for (; out->n_part < q->n_part; out->n_part++) {
        const mtc_proposal_part *from = &q->part[out->n_part];
        mtc_proposal_part *to = &out->part[out->n_part];
        MTC_TRY(mtc_tmix_copy(&from->mix, &to->mix, err));
        if (from->bend.n_dim > 0) {
            MTC_TRY(mtc_bend_copy(&from->bend, &to->bend, err));
        }
    }
    if (q->wide.n_comp > 0) {
        MTC_TRY(mtc_tmix_copy(&q->wide, &out->wide, err));
    }
out:
    if (st != MTC_OK) {
        mtc_proposal_fini(out);
    }
    return st;
}

void mtc_proposal_part_fini(mtc_proposal_part *part)
{
    mtc_tmix_fini(&part->mix);
    mtc_bend_fini(&part->bend);
}

void mtc_proposal_fini(mtc_proposal *q)
{
    if (q != NULL) {
        for (size_t k = 0; k < MTC_PROPOSAL_PARTS; k++) {
            mtc_proposal_part_fini(&q->part[k]);
        }
        mtc_tmix_fini(&q->wide);
        memset(q, 0, sizeof *q);
    }
}

size_t mtc_proposal_scratch(const mtc_proposal *q)
{
    size_t n_comp = q->wide.n_comp;
    for (size_t k = 0; k < q->n_part; k++) {
        n_comp += q->part[k].mix.n_comp;
    }
    return 2 * q->n_dim + n_comp;
}

static double part_logpdf(const mtc_proposal_part *p, size_t d, const double *x, double *scratch)
{
    if (p->bend.n_dim == 0) {
        return mtc_tmix_logpdf(&p->mix, x, scratch);
    }
    double *const r = scratch, *const rest = scratch + d;
    const double log_jacobian = mtc_bend_straighten(&p->bend, x, r, rest);
    return log_jacobian + mtc_tmix_logpdf(&p->mix, r, rest);
}

double mtc_proposal_logpdf(const mtc_proposal *q, const double *x, double log_prior, double *scratch)
{
    double part[MTC_PROPOSAL_PARTS + 2];
    size_t n = 0;
    const double log_share = log1p(-q->wide_weight - q->prior_weight) - log((double)q->n_part);
    while (n < q->n_part) {
        part[n] = log_share + part_logpdf(&q->part[n], q->n_dim, x, scratch);
        n++;
    }
    if (q->wide_weight > 0.0) {
        part[n++] = log(q->wide_weight) + mtc_tmix_logpdf(&q->wide, x, scratch);
    }
    if (q->prior_weight > 0.0) {
        part[n++] = log(q->prior_weight) + log_prior;
    }
    return mtc_log_sum(part, n);
}

mtc_status mtc_proposal_draw(const mtc_proposal *q, const mtc_target *target, gsl_rng *rng, double *x, double *scratch,
                             mtc_err *err)
{
    const double u = q->prior_weight + q->wide_weight > 0.0 ? mtc_rng_uniform(rng) : 1.0;
    if (u < q->prior_weight) {
        return target->prior_draw(target->self, rng, x, err);
    }
    if (u < q->prior_weight + q->wide_weight) {
        mtc_tmix_draw(&q->wide, rng, x, scratch);
        return MTC_OK;
    }
    size_t k = 0;
    if (q->n_part > 1) {
        k = (size_t)((double)q->n_part * mtc_rng_uniform(rng));
    }
    const mtc_proposal_part *const part = &q->part[k < q->n_part ? k : q->n_part - 1];
    mtc_tmix_draw(&part->mix, rng, x, scratch);
    if (part->bend.n_dim > 0) {
        mtc_bend_apply(&part->bend, x, x, scratch);
    }
    return MTC_OK;
}

/* What one worker needs. */
typedef struct {
    mtc_evaluator evaluator;
    double *scratch;
} worker_state;

static void sample_worker_fini(void *worker)
{
    worker_state *w = worker;
    if (w != NULL) {
        mtc_evaluator_fini(&w->evaluator);
        mtc_free(w->scratch);
        mtc_free(w);
    }
}

static mtc_status sample_worker_init(const void *self, void **worker, mtc_err *err)
{
    const mtc_draw_plan *plan = self;
    mtc_status st = MTC_OK;
    worker_state *w = mtc_calloc(1, sizeof *w);
    if (w == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a worker");
    }
    w->scratch = mtc_calloc(mtc_proposal_scratch(plan->proposal), sizeof *w->scratch);
    if (w->scratch == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for a worker");
        goto out;
    }
    MTC_TRY(mtc_evaluator_init(&w->evaluator, plan->target, err));
out:
    if (st != MTC_OK) {
        sample_worker_fini(w);
        w = NULL;
    }
    *worker = w;
    return st;
}

static mtc_status sample_batch(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    const mtc_draw_plan *plan = self;
    worker_state *w = worker;
    const size_t d = plan->target->n_dim, stride = MTC_DRAW_STRIDE(d);
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;
    char name[STREAM_NAME_SIZE];

    snprintf(name, sizeof name, "%s/%s/batch %zu", plan->target->name, plan->stream, plan->first + task);
    MTC_TRY(mtc_rng_stream(plan->seed, name, &rng, err));
    MTC_TRY(mtc_blob_init(out, plan->batch_size * stride, err));
    for (size_t i = 0; i < plan->batch_size; i++) {
        double *const row = out->value + i * stride;
        mtc_point point = {0};
        double value;
        MTC_TRY(mtc_proposal_draw(plan->proposal, plan->target, rng, row, w->scratch, err));
        MTC_TRY(mtc_evaluator_log_density(&w->evaluator, row, 1.0, &value, NULL, &point, err));
        const bool inside = value > -HUGE_VAL;
        row[d] = point.log_prior;
        row[d + 1] = inside ? point.log_likelihood : -HUGE_VAL;
    }
out:
    gsl_rng_free(rng);
    return st;
}

mtc_status mtc_proposal_sample(const mtc_draw_plan *plan, mtc_exec *exec, double *rows, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char name[STREAM_NAME_SIZE];
    const size_t per_batch = plan->batch_size * MTC_DRAW_STRIDE(plan->target->n_dim);
    mtc_blob *blob = mtc_calloc(plan->n_batch, sizeof *blob);
    if (blob == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu batches of draws", plan->n_batch);
    }
    snprintf(name, sizeof name, "%s/%s", plan->target->name, plan->stream);
    const mtc_job job = {.name = name,
                         .n_task = plan->n_batch,
                         .self = plan,
                         .worker_init = sample_worker_init,
                         .worker_fini = sample_worker_fini,
                         .run = sample_batch};
    MTC_TRY(mtc_exec_run(exec, &job, blob, err));
    for (size_t b = 0; b < plan->n_batch; b++) {
        memcpy(rows + b * per_batch, blob[b].value, per_batch * sizeof *rows);
        mtc_blob_fini(&blob[b]);
    }
out:
    mtc_free(blob);
    return st;
}
