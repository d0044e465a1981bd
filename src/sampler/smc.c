/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_rng.h"
#include "smc_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 256
/* Of a run's result, before its particles. */
enum { RUN_LOG_EVIDENCE, RUN_N_VALUE, RUN_ROWS };

typedef struct {
    const mtc_target *target;
    const mtc_smc_settings *set;
    const mtc_smc_ladder *ladder;
    const mtc_exec *exec;
    uint64_t seed;
    const char *stream;
    size_t first;
} run_job;

/* Scratch of one run. */
typedef struct {
    mtc_evaluator e;
    gsl_rng *rng;
    double *start, *log_weight, *scratch;
    size_t *index;
} run_ws;

static void run_ws_fini(run_ws *w)
{
    mtc_evaluator_fini(&w->e);
    gsl_rng_free(w->rng);
    mtc_free(w->start);
    mtc_free(w->index);
}

static mtc_status run_ws_init(run_ws *w, const run_job *job, size_t run, mtc_err *err)
{
    const size_t d = job->target->n_dim, m = job->set->n_ancestor, n = m * job->set->n_length;
    mtc_status st = MTC_OK;
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s/run %zu", job->stream, job->first + run);
    MTC_TRY(mtc_evaluator_init(&w->e, job->target, err));
    MTC_TRY(mtc_rng_stream(job->seed, name, &w->rng, err));
    w->start = mtc_calloc(m * smc_stride(d) + n + 2 * d, sizeof *w->start);
    w->index = mtc_calloc(m, sizeof *w->index);
    if (w->start == NULL || w->index == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for %zu particles", n);
        goto out;
    }
    w->log_weight = w->start + m * smc_stride(d);
    w->scratch = w->log_weight + n;
out:
    return st;
}

/* From one temperature to the next; *log_ratio: of the normalising constants. */
static mtc_status descend(const run_job *job, run_ws *w, size_t t, double *rows, double *log_ratio, mtc_err *err)
{
    const mtc_smc_ladder *l = job->ladder;
    const size_t d = l->n_dim, stride = smc_stride(d), m = job->set->n_ancestor, length = job->set->n_length;
    const double step = l->beta[t] - (t > 0 ? l->beta[t - 1] : 0.0);
    const smc_walk walk = {d, l->beta[t], l->scale[t], l->chol + t * d * d};
    *log_ratio = smc_weigh(rows, m * length, d, step, w->log_weight);
    if (!isfinite(*log_ratio)) {
        return MTC_OK;
    }
    smc_resample(w->log_weight, m * length, mtc_rng_uniform(w->rng), m, w->index);
    for (size_t b = 0; b < m; b++) {
        memcpy(w->start + b * stride, rows + w->index[b] * stride, stride * sizeof *rows);
    }
    for (size_t b = 0; b < m; b++) {
        size_t accepted;
        const mtc_status st = smc_walk_run(&walk, &w->e, w->rng, w->start + b * stride, length,
                                           rows + b * length * stride, &accepted, w->scratch, err);
        if (st != MTC_OK) {
            return st;
        }
    }
    return MTC_OK;
}

static mtc_status run_one(const void *self, void *worker, size_t run, mtc_blob *out, mtc_err *err)
{
    const run_job *job = self;
    const size_t stride = smc_stride(job->target->n_dim), n = job->set->n_ancestor * job->set->n_length;
    mtc_status st = MTC_OK;
    run_ws w = {.rng = NULL};
    double log_evidence = 0.0;
    (void)worker;
    MTC_TRY(mtc_blob_init(out, RUN_ROWS + n * stride, err));
    MTC_TRY(run_ws_init(&w, job, run, err));
    double *const rows = out->value + RUN_ROWS;
    for (size_t i = 0; i < n; i++) {
        MTC_TRY(smc_prior_particle(&w.e, w.rng, rows + i * stride, err));
    }
    for (size_t t = 0; t < job->ladder->n_temperature && isfinite(log_evidence); t++) {
        double log_ratio;
        if (mtc_exec_is_stopped(job->exec)) {
            st = mtc_fail(err, MTC_EINTERRUPTED, "interrupted in %s", job->stream);
            goto out;
        }
        MTC_TRY(descend(job, &w, t, rows, &log_ratio, err));
        log_evidence += log_ratio;
    }
    out->value[RUN_LOG_EVIDENCE] = log_evidence;
    out->value[RUN_N_VALUE] = (double)w.e.n_value;
out:
    run_ws_fini(&w);
    return st;
}

mtc_status mtc_smc_run(const mtc_target *target, const mtc_smc_settings *set, const mtc_smc_ladder *ladder,
                       uint64_t seed, const char *stream, size_t first, size_t n_run, mtc_exec *exec,
                       mtc_smc_result *result, mtc_err *err)
{
    const run_job self = {target, set, ladder, exec, seed, stream, first};
    const mtc_job job = {.name = stream, .n_task = n_run, .self = &self, .run = run_one};
    const size_t n = set->n_ancestor * set->n_length, size = n * smc_stride(target->n_dim);
    mtc_status st = MTC_OK;
    mtc_blob *blob = mtc_calloc(n_run, sizeof *blob);
    *result = (mtc_smc_result){.n_run = n_run, .n_particle = n, .n_dim = target->n_dim};
    result->row = mtc_calloc(n_run * (size + 1), sizeof *result->row);
    if (blob == NULL || result->row == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for %zu runs of %zu particles", n_run, n);
        goto out;
    }
    result->log_evidence = result->row + n_run * size;
    MTC_TRY(mtc_exec_run(exec, &job, blob, err));
    for (size_t r = 0; r < n_run; r++) {
        memcpy(result->row + r * size, blob[r].value + RUN_ROWS, size * sizeof *result->row);
        result->log_evidence[r] = blob[r].value[RUN_LOG_EVIDENCE];
        result->n_value += (unsigned long)blob[r].value[RUN_N_VALUE];
        mtc_blob_fini(&blob[r]);
    }
out:
    mtc_free(blob);
    if (st != MTC_OK) {
        mtc_smc_result_fini(result);
    }
    return st;
}

void mtc_smc_result_fini(mtc_smc_result *result)
{
    if (result != NULL) {
        mtc_free(result->row);
        memset(result, 0, sizeof *result);
    }
}
