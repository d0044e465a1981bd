/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_logmath.h"
#include "mtc_rng.h"
#include "smc_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 256
/* Acceptance at which a walk is left as it is, the one that it is led to, and attempts at most. */
#define ACCEPT_LOW 0.15
#define ACCEPT_HIGH 0.5
#define ACCEPT_AIM 0.28
#define MAX_TRIES 6u
/* Part of each variance that is added to it. */
#define RIDGE 1e-8
/* Of a block's result, before its particles. */
enum { BLOCK_ACCEPTED, BLOCK_N_VALUE, BLOCK_ROWS };

/* ---- blocks of particles, one task each ---- */

typedef struct {
    const mtc_target *target;
    const smc_walk *walk; /* NULL: draws of the prior */
    const double *start;  /* one particle per block */
    size_t n_length;
    uint64_t seed;
    const char *stream;
} block_job;

typedef struct {
    mtc_evaluator e;
    double *scratch; /* 2 n_dim */
} block_worker;

static void block_worker_fini(void *worker)
{
    block_worker *w = worker;
    if (w != NULL) {
        mtc_evaluator_fini(&w->e);
        mtc_free(w->scratch);
        mtc_free(w);
    }
}

static mtc_status block_worker_init(const void *self, void **worker, mtc_err *err)
{
    const block_job *job = self;
    mtc_status st = MTC_OK;
    *worker = NULL;
    block_worker *w = mtc_calloc(1, sizeof *w);
    if (w == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a worker");
    }
    MTC_TRY(mtc_evaluator_init(&w->e, job->target, err));
    w->scratch = mtc_calloc(2 * job->target->n_dim, sizeof *w->scratch);
    if (w->scratch == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for a worker");
    }
out:
    if (st != MTC_OK) {
        block_worker_fini(w);
        return st;
    }
    *worker = w;
    return MTC_OK;
}

static mtc_status block_run(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    const block_job *job = self;
    block_worker *w = worker;
    const size_t stride = smc_stride(job->target->n_dim);
    const unsigned long before = w->e.n_value;
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;
    char name[NAME_SIZE];
    size_t accepted = 0;
    snprintf(name, sizeof name, "%s/block %zu", job->stream, task);
    MTC_TRY(mtc_blob_init(out, BLOCK_ROWS + job->n_length * stride, err));
    MTC_TRY(mtc_rng_stream(job->seed, name, &rng, err));
    double *rows = out->value + BLOCK_ROWS;
    if (job->walk != NULL) {
        MTC_TRY(smc_walk_run(job->walk, &w->e, rng, job->start + task * stride, job->n_length, rows, &accepted,
                             w->scratch, err));
    }
    for (size_t i = 0; job->walk == NULL && i < job->n_length; i++) {
        MTC_TRY(smc_prior_particle(&w->e, rng, rows + i * stride, err));
    }
    out->value[BLOCK_ACCEPTED] = (double)accepted;
    out->value[BLOCK_N_VALUE] = (double)(w->e.n_value - before);
out:
    gsl_rng_free(rng);
    return st;
}

/* ---- the pilot ---- */

typedef struct {
    const mtc_target *target;
    const mtc_smc_settings *set;
    uint64_t seed;
    const char *stream;
    mtc_exec *exec;
    mtc_smc_ladder *ladder;
    size_t n; /* particles */
    double *rows, *log_weight, *start, *mean;
    size_t *index;
    mtc_blob *blob;
} pilot;

/* Fill p->rows; *acceptance of the walk. */
static mtc_status run_blocks(pilot *p, const smc_walk *walk, const char *stream, double *acceptance, mtc_err *err)
{
    const size_t m = p->set->n_ancestor, length = p->set->n_length, stride = smc_stride(p->target->n_dim);
    const block_job self = {p->target, walk, p->start, length, p->seed, stream};
    const mtc_job job = {.name = stream,
                         .n_task = m,
                         .self = &self,
                         .worker_init = block_worker_init,
                         .worker_fini = block_worker_fini,
                         .run = block_run};
    double accepted = 0.0;
    const mtc_status st = mtc_exec_run(p->exec, &job, p->blob, err);
    for (size_t b = 0; st == MTC_OK && b < m; b++) {
        memcpy(p->rows + b * length * stride, p->blob[b].value + BLOCK_ROWS, length * stride * sizeof *p->rows);
        accepted += p->blob[b].value[BLOCK_ACCEPTED];
        p->ladder->n_value += (unsigned long)p->blob[b].value[BLOCK_N_VALUE];
        mtc_blob_fini(&p->blob[b]);
    }
    *acceptance = accepted / (double)(m * (length - 1));
    return st;
}

/* Effective share of the particles with a likelihood when the inverse temperature rises by step. */
static double cess_share(pilot *p, double step)
{
    const size_t d = p->target->n_dim, stride = smc_stride(d);
    const double mean = smc_weigh(p->rows, p->n, d, step, p->log_weight);
    double square = 0.0;
    size_t n_possible = 0;
    for (size_t i = 0; i < p->n; i++) {
        n_possible += isfinite(p->rows[i * stride + d + 1]) ? 1 : 0;
        square += exp(2.0 * (p->log_weight[i] - mean));
    }
    return (double)p->n * (double)p->n / (square * (double)n_possible);
}

static double next_step(pilot *p, double beta)
{
    double low = 0.0, high = 1.0 - beta;
    if (cess_share(p, high) >= p->set->cess_share) {
        return high;
    }
    for (int i = 0; i < 50; i++) {
        const double mid = 0.5 * (low + high);
        if (cess_share(p, mid) >= p->set->cess_share) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return low > 0.0 ? low : high;
}

/* Lower factor of the covariance of the weighted particles. */
static mtc_status covariance(pilot *p, double *chol, mtc_err *err)
{
    const size_t d = p->target->n_dim, stride = smc_stride(d);
    const double total = mtc_log_sum(p->log_weight, p->n);
    memset(p->mean, 0, d * sizeof *p->mean);
    for (size_t i = 0; i < p->n; i++) {
        const double w = exp(p->log_weight[i] - total);
        for (size_t a = 0; w > 0.0 && a < d; a++) {
            p->mean[a] += w * p->rows[i * stride + a];
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        const double w = exp(p->log_weight[i] - total);
        const double *x = p->rows + i * stride;
        for (size_t a = 0; w > 0.0 && a < d; a++) {
            for (size_t c = 0; c <= a; c++) {
                chol[a * d + c] += w * (x[a] - p->mean[a]) * (x[c] - p->mean[c]);
            }
        }
    }
    for (size_t a = 0; a < d; a++) {
        chol[a * d + a] += RIDGE * chol[a * d + a] + 1e-300;
    }
    return mtc_cholesky(chol, d, err);
}

/* The next temperature: its place, its walk, and particles there. */
static mtc_status descend(pilot *p, double *scale, mtc_err *err)
{
    mtc_smc_ladder *const l = p->ladder;
    const size_t d = l->n_dim, t = l->n_temperature, stride = smc_stride(d), m = p->set->n_ancestor;
    const double beta = t > 0 ? l->beta[t - 1] : 0.0;
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;
    char name[NAME_SIZE];
    const double step = next_step(p, beta);
    if (!isfinite(smc_weigh(p->rows, p->n, d, step, p->log_weight))) {
        return mtc_fail(err, MTC_ENUMERIC, "none of %zu draws from the prior of %s has a likelihood", p->n,
                        p->target->name);
    }
    l->beta[t] = step == 1.0 - beta ? 1.0 : beta + step;
    MTC_TRY(covariance(p, l->chol + t * d * d, err));
    snprintf(name, sizeof name, "%s/pilot/%zu", p->stream, t);
    MTC_TRY(mtc_rng_stream(p->seed, name, &rng, err));
    smc_resample(p->log_weight, p->n, mtc_rng_uniform(rng), m, p->index);
    for (size_t b = 0; b < m; b++) {
        memcpy(p->start + b * stride, p->rows + p->index[b] * stride, stride * sizeof *p->start);
    }
    for (size_t k = 0; k < MAX_TRIES; k++) {
        const smc_walk walk = {d, l->beta[t], *scale, l->chol + t * d * d};
        snprintf(name, sizeof name, "%s/pilot/%zu/%zu", p->stream, t, k);
        MTC_TRY(run_blocks(p, &walk, name, &l->acceptance[t], err));
        l->scale[t] = *scale;
        if (l->acceptance[t] >= ACCEPT_LOW && l->acceptance[t] <= ACCEPT_HIGH) {
            break;
        }
        *scale *= exp(4.0 * (l->acceptance[t] - ACCEPT_AIM));
    }
    l->n_temperature++;
out:
    gsl_rng_free(rng);
    return st;
}

static mtc_status pilot_alloc(pilot *p, mtc_err *err)
{
    mtc_smc_ladder *const l = p->ladder;
    const size_t d = l->n_dim, stride = smc_stride(d), m = p->set->n_ancestor, t = p->set->max_temperature;
    l->beta = mtc_calloc(t * (3 + d * d), sizeof *l->beta);
    p->rows = mtc_calloc((p->n + m) * stride + p->n + d, sizeof *p->rows);
    p->index = mtc_calloc(m, sizeof *p->index);
    p->blob = mtc_calloc(m, sizeof *p->blob);
    if (l->beta == NULL || p->rows == NULL || p->index == NULL || p->blob == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu particles", p->n);
    }
    l->scale = l->beta + t;
    l->acceptance = l->scale + t;
    l->chol = l->acceptance + t;
    p->start = p->rows + p->n * stride;
    p->log_weight = p->start + m * stride;
    p->mean = p->log_weight + p->n;
    return MTC_OK;
}

mtc_status mtc_smc_pilot(const mtc_target *target, const mtc_smc_settings *set, uint64_t seed, const char *stream,
                         mtc_exec *exec, mtc_smc_ladder *ladder, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char name[NAME_SIZE];
    double acceptance;
    *ladder = (mtc_smc_ladder){.n_dim = target->n_dim};
    if (set->n_ancestor < 2 || set->n_length < 2 || !(set->cess_share > 0.0 && set->cess_share < 1.0) ||
        set->max_temperature == 0) {
        return mtc_fail(err, MTC_EDOMAIN,
                        "sequential Monte Carlo needs two ancestors, chains of two, a share in (0, 1)");
    }
    pilot p = {.target = target,
               .set = set,
               .seed = seed,
               .stream = stream,
               .exec = exec,
               .ladder = ladder,
               .n = set->n_ancestor * set->n_length};
    double scale = 2.38 / sqrt((double)target->n_dim);
    MTC_TRY(pilot_alloc(&p, err));
    snprintf(name, sizeof name, "%s/pilot/prior", stream);
    MTC_TRY(run_blocks(&p, NULL, name, &acceptance, err));
    while (ladder->n_temperature == 0 || ladder->beta[ladder->n_temperature - 1] < 1.0) {
        if (ladder->n_temperature == set->max_temperature) {
            st = mtc_fail(err, MTC_ENUMERIC, "%zu temperatures did not lead from the prior of %s to its posterior",
                          set->max_temperature, target->name);
            goto out;
        }
        MTC_TRY(descend(&p, &scale, err));
    }
out:
    mtc_free(p.rows);
    mtc_free(p.index);
    mtc_free(p.blob);
    if (st != MTC_OK) {
        mtc_smc_ladder_fini(ladder);
    }
    return st;
}

void mtc_smc_ladder_fini(mtc_smc_ladder *ladder)
{
    if (ladder != NULL) {
        mtc_free(ladder->beta);
        memset(ladder, 0, sizeof *ladder);
    }
}
