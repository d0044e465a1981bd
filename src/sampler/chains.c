/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_chains.h"

#include "mtc_arena.h"
#include "mtc_rng.h"

#include <stdio.h>
#include <string.h>

static const char *const stat_names[MTC_STAT_COUNT] = {
#define MTC_STAT_TEXT(name, text) text,
    MTC_STAT_LIST(MTC_STAT_TEXT)
#undef MTC_STAT_TEXT
};

const char *mtc_stat_name(mtc_stat stat)
{
    return (int)stat >= 0 && stat < MTC_STAT_COUNT ? stat_names[stat] : NULL;
}

/* ---- one chain, one task ---- */

/* A chain's result: counters, tuning, draws, statistics (one row each). */
enum { CHAIN_N_VALUE, CHAIN_N_GRADIENT, CHAIN_N_DIVERGENT, CHAIN_TUNING };

typedef struct {
    const mtc_chains_plan *plan;
    const mtc_exec *exec;
    const double *start;  /* n_chain x n_dim */
    const double *tuning; /* n_chain x n_tuning */
    size_t n_warmup, n_draw, n_tuning, part;
} chain_job;

/* Everything a running chain holds. */
typedef struct {
    const chain_job *job;
    mtc_evaluator e;
    void *ws;
    void *adaptation;
    gsl_rng *rng;
    double *block;
    mtc_state here, next;
    double *tuning; /* in the result */
    mtc_step_info info;
} chain;

static size_t tuning_size(const mtc_chains_plan *plan)
{
    return plan->kernel->n_tuning ? plan->kernel->n_tuning(plan->self, plan->target->n_dim) : 0;
}

static void chain_fini(chain *c)
{
    const mtc_kernel_ops *kernel = c->job->plan->kernel;
    if (c->adaptation) {
        kernel->adaptation->destroy(c->adaptation);
    }
    if (c->ws) {
        kernel->ws_destroy(c->ws);
    }
    gsl_rng_free(c->rng);
    mtc_free(c->block);
    mtc_evaluator_fini(&c->e);
}

static mtc_status chain_init(chain *c, size_t k, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_chains_plan *plan = c->job->plan;
    const size_t n = plan->target->n_dim;
    bool inside = false;
    char stream[320];
    MTC_TRY(mtc_evaluator_init(&c->e, plan->target, err));
    MTC_TRY(plan->kernel->ws_create(plan->self, n, &c->ws, err));
    snprintf(stream, sizeof stream, "%s/chain %zu/part %zu", plan->stream, k, c->job->part);
    MTC_TRY(mtc_rng_stream(plan->seed, stream, &c->rng, err));
    c->block = mtc_calloc(4 * n, sizeof *c->block);
    if (!c->block) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for a chain of %s", plan->target->name);
        goto out;
    }
    c->here = (mtc_state){.x = c->block, .grad = plan->kernel->needs_gradient ? c->block + n : NULL};
    c->next = (mtc_state){.x = c->block + 2 * n, .grad = plan->kernel->needs_gradient ? c->block + 3 * n : NULL};
    memcpy(c->here.x, c->job->start + k * n, n * sizeof *c->here.x);
    MTC_TRY(mtc_state_eval(&c->here, &c->e, &inside, err));
    if (!inside) {
        st = mtc_fail(err, MTC_EDOMAIN, "%s: chain %zu starts outside the support", plan->target->name, k);
    }
out:
    return st;
}

static mtc_status chain_tune(chain *c, mtc_err *err)
{
    const mtc_chains_plan *plan = c->job->plan;
    return plan->kernel->tune ? plan->kernel->tune(plan->self, c->tuning, c->ws, err) : MTC_OK;
}

static mtc_status chain_step(chain *c, mtc_err *err)
{
    const mtc_chains_plan *plan = c->job->plan;
    c->info = (mtc_step_info){0};
    if (mtc_exec_is_stopped(c->job->exec)) {
        return mtc_fail(err, MTC_EINTERRUPTED, "interrupted in %s", plan->stream);
    }
    const mtc_status st = plan->kernel->step(plan->self, c->ws, &c->e, c->rng, &c->here, &c->next, &c->info, err);
    const mtc_state old = c->here;
    c->here = c->next;
    c->next = old;
    return st;
}

static mtc_status chain_warmup(chain *c, double *n_divergent, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_chains_plan *plan = c->job->plan;
    const mtc_adaptation_ops *adapt = plan->kernel->adaptation;
    if (!adapt || c->job->n_warmup == 0) {
        return MTC_OK;
    }
    MTC_TRY(adapt->create(plan->self, plan->target->n_dim, c->job->n_warmup, c->ws, &c->e, c->rng, &c->here, c->tuning,
                          &c->adaptation, err));
    MTC_TRY(chain_tune(c, err));
    for (size_t i = 0; i < c->job->n_warmup; i++) {
        bool changed = false;
        MTC_TRY(chain_step(c, err));
        *n_divergent += c->info.divergent;
        MTC_TRY(adapt->update(c->adaptation, c->ws, &c->e, c->rng, &c->here, &c->info, c->tuning, &changed, err));
        if (changed) {
            MTC_TRY(chain_tune(c, err));
        }
    }
    adapt->finish(c->adaptation, c->tuning);
    MTC_TRY(chain_tune(c, err));
out:
    return st;
}

static void record(const chain *c, size_t d, double *x, double *stat)
{
    const size_t n = c->job->n_draw;
    memcpy(x + d * c->e.target->n_dim, c->here.x, c->e.target->n_dim * sizeof *x);
    stat[MTC_STAT_LOG_PRIOR * n + d] = c->here.log_prior;
    stat[MTC_STAT_LOG_LIKELIHOOD * n + d] = c->here.log_likelihood;
    stat[MTC_STAT_ACCEPT * n + d] = c->info.accept_stat;
    stat[MTC_STAT_STEP_SIZE * n + d] = c->info.step_size;
    stat[MTC_STAT_TREE_DEPTH * n + d] = (double)c->info.tree_depth;
    stat[MTC_STAT_N_STEPS * n + d] = (double)c->info.n_step;
    stat[MTC_STAT_DIVERGING * n + d] = c->info.divergent ? 1.0 : 0.0;
    stat[MTC_STAT_ENERGY * n + d] = c->info.energy;
}

static mtc_status run_chain(const void *self, void *worker, size_t k, mtc_blob *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const chain_job *job = self;
    const size_t n_dim = job->plan->target->n_dim;
    chain c = {.job = job};
    (void)worker;
    MTC_TRY(mtc_blob_init(out, CHAIN_TUNING + job->n_tuning + job->n_draw * (n_dim + MTC_STAT_COUNT), err));
    c.tuning = out->value + CHAIN_TUNING;
    if (job->n_tuning > 0) {
        memcpy(c.tuning, job->tuning + k * job->n_tuning, job->n_tuning * sizeof *c.tuning);
    }
    MTC_TRY(chain_init(&c, k, err));
    MTC_TRY(chain_tune(&c, err));
    MTC_TRY(chain_warmup(&c, &out->value[CHAIN_N_DIVERGENT], err));
    double *x = c.tuning + job->n_tuning;
    for (size_t d = 0; d < job->n_draw; d++) {
        MTC_TRY(chain_step(&c, err));
        record(&c, d, x, x + job->n_draw * n_dim);
    }
    out->value[CHAIN_N_VALUE] = (double)c.e.n_value;
    out->value[CHAIN_N_GRADIENT] = (double)c.e.n_gradient;
out:
    chain_fini(&c);
    return st;
}

/* ---- sets of chains ---- */

void mtc_chains_fini(mtc_chains *chains)
{
    if (!chains) {
        return;
    }
    mtc_free(chains->x);
    mtc_free(chains->stat);
    mtc_free(chains->tuning);
    *chains = (mtc_chains)MTC_CHAINS_INIT;
}

static mtc_status chains_init(mtc_chains *chains, size_t n_chain, size_t n_draw, size_t n_dim, size_t n_tuning,
                              mtc_err *err)
{
    *chains = (mtc_chains)MTC_CHAINS_INIT;
    chains->x = mtc_calloc(n_chain * n_draw, n_dim * sizeof *chains->x);
    chains->stat = mtc_calloc(n_chain * n_draw, MTC_STAT_COUNT * sizeof *chains->stat);
    chains->tuning = mtc_calloc(n_chain * n_tuning + 1, sizeof *chains->tuning);
    if (!chains->x || !chains->stat || !chains->tuning) {
        mtc_chains_fini(chains);
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu chains of %zu draws", n_chain, n_draw);
    }
    chains->n_chain = n_chain;
    chains->n_draw = n_draw;
    chains->n_dim = n_dim;
    chains->n_tuning = n_tuning;
    return MTC_OK;
}

/* Copy `n_draw` draws of every chain from a result or set with `from_draw` draws per chain to place `at` of `to`. */
static void put_draws(mtc_chains *to, size_t c, size_t at, const double *x, const double *stat, size_t n_draw,
                      size_t stat_stride)
{
    memcpy(to->x + (c * to->n_draw + at) * to->n_dim, x, n_draw * to->n_dim * sizeof *x);
    for (size_t s = 0; s < MTC_STAT_COUNT; s++) {
        memcpy(to->stat + (s * to->n_chain + c) * to->n_draw + at, stat + s * stat_stride, n_draw * sizeof *stat);
    }
}

static void take_chain(mtc_chains *chains, size_t c, size_t at, const chain_job *job, const mtc_blob *result)
{
    const double *x = result->value + CHAIN_TUNING + job->n_tuning;
    memcpy(chains->tuning + c * job->n_tuning, result->value + CHAIN_TUNING, job->n_tuning * sizeof *chains->tuning);
    put_draws(chains, c, at, x, x + job->n_draw * chains->n_dim, job->n_draw, job->n_draw);
    chains->n_value += (unsigned long)result->value[CHAIN_N_VALUE];
    chains->n_gradient += (unsigned long)result->value[CHAIN_N_GRADIENT];
    chains->n_warmup_divergent += (size_t)result->value[CHAIN_N_DIVERGENT];
}

static mtc_status check_plan(const mtc_chains_plan *plan, mtc_err *err)
{
    if (!plan || !plan->target || plan->target->n_dim == 0 || !plan->kernel || !plan->kernel->step || !plan->stream ||
        plan->n_chain == 0) {
        return mtc_fail(err, MTC_EDOMAIN, "chains need a target with free parameters, a kernel, a name and a number");
    }
    if (plan->kernel->abi != MTC_KERNEL_ABI) {
        return mtc_fail(err, MTC_EDOMAIN, "kernel %s was built for another version", plan->kernel->name);
    }
    if (plan->kernel->needs_gradient && !plan->target->has_gradient) {
        return mtc_fail(err, MTC_EDOMAIN, "%s has no gradient, which %s needs", plan->target->name, plan->kernel->name);
    }
    return MTC_OK;
}

static mtc_status run_job(mtc_exec *exec, const chain_job *job, mtc_chains *into, size_t at, mtc_err *err)
{
    const mtc_chains_plan *plan = job->plan;
    const mtc_job list = {.name = plan->stream, .n_task = plan->n_chain, .self = job, .run = run_chain};
    mtc_blob *result = mtc_calloc(plan->n_chain, sizeof *result);
    if (!result) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the results of %zu chains", plan->n_chain);
    }
    const mtc_status st = mtc_exec_run(exec, &list, result, err);
    for (size_t c = 0; c < plan->n_chain; c++) {
        if (st == MTC_OK) {
            take_chain(into, c, at, job, &result[c]);
        }
        mtc_blob_fini(&result[c]);
    }
    mtc_free(result);
    return st;
}

mtc_status mtc_chains_run(mtc_exec *exec, const mtc_chains_plan *plan, mtc_chains *chains, mtc_err *err)
{
    mtc_status st = check_plan(plan, err);
    if (st != MTC_OK) {
        return st;
    }
    const size_t n_tuning = tuning_size(plan);
    if (!chains || !plan->start || (n_tuning > 0 && !plan->tuning) || plan->n_draw == 0) {
        return mtc_fail(err, MTC_EDOMAIN, "chains of %s need starts, tuning and a number of draws", plan->target->name);
    }
    const chain_job job = {.plan = plan,
                           .exec = exec,
                           .start = plan->start,
                           .tuning = plan->tuning,
                           .n_warmup = plan->n_warmup,
                           .n_draw = plan->n_draw,
                           .n_tuning = n_tuning};
    MTC_TRY(chains_init(chains, plan->n_chain, plan->n_draw, plan->target->n_dim, n_tuning, err));
    MTC_TRY(run_job(exec, &job, chains, 0, err));
    chains->n_part = 1;
out:
    if (st != MTC_OK) {
        mtc_chains_fini(chains);
    }
    return st;
}

mtc_status mtc_chains_continue(mtc_exec *exec, const mtc_chains_plan *plan, size_t n_draw, mtc_chains *chains,
                               mtc_err *err)
{
    mtc_chains longer = MTC_CHAINS_INIT;
    double *start = NULL;
    mtc_status st = check_plan(plan, err);
    if (st != MTC_OK) {
        return st;
    }
    const size_t n_dim = plan->target->n_dim;
    if (!chains || chains->n_chain != plan->n_chain || chains->n_dim != n_dim || n_draw == 0 ||
        chains->n_tuning != tuning_size(plan)) {
        return mtc_fail(err, MTC_ESIZE, "these chains were not made with this plan for %s", plan->target->name);
    }
    MTC_TRY(chains_init(&longer, chains->n_chain, chains->n_draw + n_draw, n_dim, chains->n_tuning, err));
    start = mtc_calloc(chains->n_chain * n_dim, sizeof *start);
    if (!start) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the starts of %zu chains", chains->n_chain);
        goto out;
    }
    for (size_t c = 0; c < chains->n_chain; c++) {
        memcpy(start + c * n_dim, mtc_chains_draw(chains, c, chains->n_draw - 1), n_dim * sizeof *start);
        put_draws(&longer, c, 0, mtc_chains_draw(chains, c, 0), chains->stat + c * chains->n_draw, chains->n_draw,
                  chains->n_chain * chains->n_draw);
    }
    const chain_job job = {.plan = plan,
                           .exec = exec,
                           .start = start,
                           .tuning = chains->tuning,
                           .n_draw = n_draw,
                           .n_tuning = chains->n_tuning,
                           .part = chains->n_part};
    longer.n_value = chains->n_value;
    longer.n_gradient = chains->n_gradient;
    longer.n_warmup_divergent = chains->n_warmup_divergent;
    MTC_TRY(run_job(exec, &job, &longer, chains->n_draw, err));
    longer.n_part = chains->n_part + 1;
    const mtc_chains old = *chains;
    *chains = longer;
    longer = old;
out:
    mtc_chains_fini(&longer);
    mtc_free(start);
    return st;
}

mtc_status mtc_chains_thin(const mtc_chains *chains, size_t stride, mtc_chains *to, mtc_err *err)
{
    const size_t n_draw = chains->n_draw / stride;
    const mtc_status st = chains_init(to, chains->n_chain, n_draw, chains->n_dim, chains->n_tuning, err);
    if (st != MTC_OK) {
        return st;
    }
    for (size_t c = 0; c < chains->n_chain; c++) {
        for (size_t i = 0; i < n_draw; i++) {
            const size_t from = (i + 1) * stride - 1;
            put_draws(to, c, i, mtc_chains_draw(chains, c, from), chains->stat + c * chains->n_draw + from, 1,
                      chains->n_chain * chains->n_draw);
        }
    }
    memcpy(to->tuning, chains->tuning, chains->n_chain * chains->n_tuning * sizeof *to->tuning);
    to->n_part = chains->n_part;
    to->n_warmup_divergent = chains->n_warmup_divergent;
    to->n_value = chains->n_value;
    to->n_gradient = chains->n_gradient;
    return MTC_OK;
}

const double *mtc_chains_draw(const mtc_chains *chains, size_t c, size_t d)
{
    return chains->x + (c * chains->n_draw + d) * chains->n_dim;
}

const double *mtc_chains_stat(const mtc_chains *chains, mtc_stat stat)
{
    return chains->stat + (size_t)stat * chains->n_chain * chains->n_draw;
}

void mtc_chains_coordinate(const mtc_chains *chains, size_t i, double *out)
{
    for (size_t k = 0; k < chains->n_chain * chains->n_draw; k++) {
        out[k] = chains->x[k * chains->n_dim + i];
    }
}

mtc_status mtc_chains_natural(const mtc_chains *chains, const mtc_target *target, double *out, mtc_err *err)
{
    const size_t n_all = chains->n_chain * chains->n_draw, n = chains->n_dim;
    double *natural = mtc_calloc(n, sizeof *natural);
    if (!natural) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for natural values");
    }
    for (size_t k = 0; k < n_all; k++) {
        target->constrain(target->self, chains->x + k * n, natural);
        for (size_t i = 0; i < n; i++) {
            out[i * n_all + k] = natural[i];
        }
    }
    mtc_free(natural);
    return MTC_OK;
}
