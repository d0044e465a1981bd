/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_internal.h"
#include "mtc_arena.h"
#include "mtc_independence.h"
#include "mtc_rng.h"
#include "route_internal.h"

#include <stdio.h>
#include <string.h>

/* Steps by which each chain leaves its start before draws are kept. */
#define SETTLE_DRAWS 50u

/* Fit the proposal in a pilot of its own and take the chains' starts from that pilot. start: n_chain x n_dim */
static mtc_status prepare(const mtc_evidence_task *task, mtc_draw_source *s, double *start, mtc_err *err)
{
    mtc_start_points points = {0};
    mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;
    char name[256];

    MTC_TRY(mtc_start_points_init(&points, task->modes, err));
    MTC_TRY(mtc_pilot_create(task->target, "independence/pilot", &points.start, task->seed, &s->pilot, err));
    MTC_TRY(mtc_pilot_run(s->pilot, &set, task->exec, err));
    MTC_TRY(mtc_proposal_copy(mtc_pilot_proposal(s->pilot), &s->proposal, err));
    snprintf(name, sizeof name, "%s/independence/starts", task->target->name);
    MTC_TRY(mtc_rng_stream(task->seed, name, &rng, err));
    MTC_TRY(mtc_pilot_resample(s->pilot, task->settings->sampler.n_chain, rng, start, err));
    s->n_value = mtc_pilot_calls(s->pilot);
out:
    gsl_rng_free(rng);
    mtc_start_points_fini(&points);
    return st;
}

static mtc_chains_plan plan_of(const mtc_evidence_task *task, const mtc_draw_source *s, const double *start)
{
    return (mtc_chains_plan){.target = task->target,
                             .kernel = &mtc_kernel_independence,
                             .self = &s->proposal,
                             .seed = task->seed,
                             .stream = s->stream,
                             .n_chain = task->settings->sampler.n_chain,
                             .n_draw = task->settings->independence_draws,
                             .start = start};
}

/* Let the chains forget where they began; their last states become the starts. */
static mtc_status settle(const mtc_evidence_task *task, mtc_draw_source *s, double *start, mtc_err *err)
{
    const size_t d = task->target->n_dim;
    mtc_status st = MTC_OK;
    mtc_chains chains = MTC_CHAINS_INIT;
    snprintf(s->stream, sizeof s->stream, "%s/independence/settling", task->target->name);
    mtc_chains_plan plan = plan_of(task, s, start);
    plan.n_draw = SETTLE_DRAWS;
    MTC_TRY(mtc_chains_run(task->exec, &plan, &chains, err));
    for (size_t c = 0; c < chains.n_chain; c++) {
        memcpy(start + c * d, mtc_chains_draw(&chains, c, chains.n_draw - 1), d * sizeof *start);
    }
    s->n_value += chains.n_value;
out:
    mtc_chains_fini(&chains);
    return st;
}

mtc_status mtc_source_fast(const mtc_evidence_task *task, mtc_draw_source *s, size_t effort, mtc_err *err)
{
    const size_t n_draw = task->settings->independence_draws * effort;
    mtc_status st = MTC_OK;
    double *start = NULL;

    s->route = "fast";
    if (s->pilot == NULL) {
        start = mtc_calloc(task->settings->sampler.n_chain * task->target->n_dim, sizeof *start);
        if (start == NULL) {
            return mtc_fail(err, MTC_ENOMEM, "no memory for the starts of chains");
        }
        MTC_TRY(prepare(task, s, start, err));
        MTC_TRY(settle(task, s, start, err));
        snprintf(s->stream, sizeof s->stream, "%s/independence", task->target->name);
        const mtc_chains_plan plan = plan_of(task, s, start);
        MTC_TRY(mtc_chains_run(task->exec, &plan, &s->chains, err));
    }
    if (s->chains.n_draw < n_draw) {
        const mtc_chains_plan plan = plan_of(task, s, NULL);
        MTC_TRY(mtc_chains_continue(task->exec, &plan, n_draw - s->chains.n_draw, &s->chains, err));
    }
    MTC_TRY(mtc_diagnose(&s->chains, task->target, 0, &s->diagnosis, err));
out:
    mtc_free(start);
    return st;
}

void mtc_source_fini(mtc_draw_source *s)
{
    if (s != NULL) {
        mtc_chains_fini(&s->chains);
        mtc_pilot_destroy(s->pilot);
        mtc_proposal_fini(&s->proposal);
        memset(s, 0, sizeof *s);
    }
}
