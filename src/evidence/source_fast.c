/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_internal.h"
#include "mtc_arena.h"
#include "mtc_independence.h"
#include "mtc_psis.h"
#include "mtc_rng.h"
#include "route_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Steps by which each chain leaves its start before draws are kept. */
#define SETTLE_DRAWS 50u

/* Shape of the weights from which on their averages do not settle. */
#define K_HAT_GATE 0.7
/* Chains that need more draws to converge get them up to this many times those of the effort. */
#define MOST_LENGTHENING 4u
/* Rounds by which the pilot goes on where its first proposal did not cover the posterior. */
#define MORE_ROUNDS 4u

/* Name of the chains' streams: "<target>/independence", from the second beginning on with its number. */
static void name_stream(const mtc_evidence_task *task, mtc_draw_source *s, const char *part)
{
    if (s->generation > 1) {
        snprintf(s->stream, sizeof s->stream, "%s/independence %zu%s", task->target->name, s->generation, part);
    } else {
        snprintf(s->stream, sizeof s->stream, "%s/independence%s", task->target->name, part);
    }
}

/* Fit the proposal in a pilot of its own and take the chains' starts from that pilot. start: n_chain x n_dim */
static mtc_status prepare(const mtc_evidence_task *task, mtc_draw_source *s, double *start, mtc_err *err)
{
    mtc_start_points points = {0};
    mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;

    if (s->pilot == NULL) {
        MTC_TRY(mtc_start_points_init(&points, task->modes, err));
        MTC_TRY(mtc_pilot_create(task->target, "independence/pilot", &points.start, task->seed, &s->pilot, err));
    } else {
        set.min_rounds = MORE_ROUNDS;
    }
    const unsigned long before = mtc_pilot_calls(s->pilot);
    MTC_TRY(mtc_pilot_run(s->pilot, &set, task->exec, err));
    s->n_value += mtc_pilot_calls(s->pilot) - before;
    mtc_proposal_fini(&s->proposal);
    MTC_TRY(mtc_proposal_copy(mtc_pilot_proposal(s->pilot), &s->proposal, err));
    name_stream(task, s, "/starts");
    MTC_TRY(mtc_rng_stream(task->seed, s->stream, &rng, err));
    MTC_TRY(mtc_pilot_resample(s->pilot, task->settings->sampler.n_chain, rng, start, err));
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
    name_stream(task, s, "/settling");
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

/* New proposal, new chains of n_draw draws; the draws of earlier ones are dropped, their calls stay counted. */
static mtc_status begin(const mtc_evidence_task *task, mtc_draw_source *s, size_t n_draw, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double *start = mtc_calloc(task->settings->sampler.n_chain * task->target->n_dim, sizeof *start);
    if (start == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the starts of chains");
    }
    s->generation++;
    s->n_value += s->chains.n_value;
    mtc_chains_fini(&s->chains);
    MTC_TRY(prepare(task, s, start, err));
    MTC_TRY(settle(task, s, start, err));
    name_stream(task, s, "");
    mtc_chains_plan plan = plan_of(task, s, start);
    plan.n_draw = n_draw;
    MTC_TRY(mtc_chains_run(task->exec, &plan, &s->chains, err));
out:
    mtc_free(start);
    return st;
}

/*
 * Tail of the importance weights that the chains lived with. At draws of the posterior their law is w times that under
 * the proposal, so that a tail of shape k there shows as k / (1 - k) here. From 0.7 on averages of weights no longer
 * settle (Vehtari et al. 2024, JMLR 25:72), and independence Metropolis visits the tail too rarely for its own draws to
 * show it (Mengersen & Tweedie 1996). Between 0.5 and 0.7 the local steps make up for it; the second estimate, whose
 * error is that of its weights, is held to 0.5.
 */
static mtc_status check_tail(mtc_draw_source *s, mtc_err *err)
{
    const mtc_chains *chains = &s->chains;
    const size_t n = chains->n_chain * chains->n_draw, d = chains->n_dim;
    const double *log_prior = mtc_chains_stat(chains, MTC_STAT_LOG_PRIOR);
    const double *log_likelihood = mtc_chains_stat(chains, MTC_STAT_LOG_LIKELIHOOD);
    mtc_diagnosis *const diagnosis = &s->diagnosis;
    mtc_status st = MTC_OK;
    mtc_psis_info info;
    double *log_w = mtc_calloc(n + mtc_proposal_scratch(&s->proposal), sizeof *log_w);
    if (log_w == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu weights", n);
    }
    for (size_t i = 0; i < n; i++) {
        log_w[i] = log_prior[i] + log_likelihood[i] -
                   mtc_proposal_logpdf(&s->proposal, chains->x + i * d, log_prior[i], log_w + n);
    }
    MTC_TRY(mtc_psis(log_w, n, 1.0, &info, NULL, err));
    const double k = info.k_hat > 0.0 ? (isfinite(info.k_hat) ? info.k_hat / (1.0 + info.k_hat) : 1.0) : info.k_hat;
    s->is_covered = k < K_HAT_GATE;
    if (diagnosis->n_check < MTC_N_CHECK) {
        mtc_check *const c = &diagnosis->check[diagnosis->n_check++];
        *c = (mtc_check){.name = "proposal_k_hat", .value = k, .threshold = K_HAT_GATE, .pass = k < K_HAT_GATE};
        snprintf(c->sentence, sizeof c->sentence,
                 c->pass
                     ? "The proposal of the chains covers the posterior: Pareto k of the weights is %.2f, below %.1f."
                     : "The proposal of the chains does not cover the posterior's tails: Pareto k of the weights "
                       "is %.2f, below %.1f is asked.",
                 k, K_HAT_GATE);
        diagnosis->converged = diagnosis->converged && c->pass;
    }
out:
    mtc_free(log_w);
    return st;
}

static mtc_status lengthen(const mtc_evidence_task *task, mtc_draw_source *s, size_t n_more, mtc_err *err)
{
    const mtc_chains_plan plan = plan_of(task, s, NULL);
    return mtc_chains_continue(task->exec, &plan, n_more, &s->chains, err);
}

/* Draws of a draft are cheap, and its correction costs some of them. */
static bool is_long_enough(const mtc_evidence_task *task, const mtc_draw_source *s)
{
    return task->is_draft ? mtc_diagnosis_has_room(&s->diagnosis) : s->diagnosis.converged;
}

static mtc_status judge(const mtc_evidence_task *task, mtc_draw_source *s, mtc_err *err)
{
    const mtc_status st = mtc_diagnose(&s->chains, task->target, 0, &s->diagnosis, err);
    return st != MTC_OK ? st : check_tail(s, err);
}

mtc_status mtc_source_fast(const mtc_evidence_task *task, mtc_draw_source *s, size_t effort, mtc_err *err)
{
    const size_t n_draw = task->settings->independence_draws * effort;
    mtc_status st = MTC_OK;

    s->route = "fast";
    s->n_draw_base = task->settings->independence_draws;
    if (s->generation == 0 || !s->is_covered) {
        MTC_TRY(begin(task, s, n_draw, err));
    } else if (s->chains.n_draw < n_draw) {
        MTC_TRY(lengthen(task, s, n_draw - s->chains.n_draw, err));
    }
    MTC_TRY(judge(task, s, err));
    /* a good proposal and too few draws: more of them, before anything is weighed */
    while (!is_long_enough(task, s) && s->is_covered && s->chains.n_draw < MOST_LENGTHENING * n_draw) {
        MTC_TRY(lengthen(task, s, n_draw / 2, err));
        MTC_TRY(judge(task, s, err));
    }
out:
    return st;
}

void mtc_source_fini(mtc_draw_source *s)
{
    if (s != NULL) {
        mtc_chains_fini(&s->chains);
        mtc_pilot_destroy(s->pilot);
        mtc_proposal_fini(&s->proposal);
        mtc_bend_fini(&s->bend);
        memset(s, 0, sizeof *s);
    }
}
