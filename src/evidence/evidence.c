/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alarm_internal.h"
#include "evidence_internal.h"
#include "mtc_arena.h"
#include "route_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Estimators stop on their own once their standard error is this part of the target, so that their difference can be
 * judged. */
#define AIM_PART 0.7
/* Estimates that a draft's correction applies to: primary and second. The rough one starts from the target's modes. */
#define N_CORRECTED 2u

/* Everything alive while one evidence is worked out. */
typedef struct {
    mtc_evidence_task task;
    const mtc_target *exact; /* task.target is its draft; NULL: task.target itself is what is asked about */
    bool draft_failed;       /* it was not close */
    mtc_estimator second, rough;
    mtc_modes own_modes;
    mtc_chains corrected;    /* draws of the target by way of its draft: those of the last attempt with a->drafted */
    mtc_diagnosis diagnosis; /* of the draws that the last attempt would deliver */
    double early;            /* worst disagreement of sound estimates, in combined standard errors */
    unsigned long n_value, n_gradient; /* of routes that were left */
} run_state;

void mtc_evidence_fini(mtc_evidence *evidence)
{
    if (evidence != NULL) {
        mtc_chains_fini(&evidence->chains);
        memset(evidence, 0, sizeof *evidence);
    }
}

/* All parameters fixed: the likelihood is the evidence. */
static mtc_status run_exact(const mtc_target *target, mtc_evidence *ev, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_evaluator e = {0};
    mtc_point parts = {0};
    const double nowhere = 0.0;
    double value;

    MTC_TRY(mtc_evaluator_init(&e, target, err));
    MTC_TRY(mtc_evaluator_log_density(&e, &nowhere, 1.0, &value, NULL, &parts, err));
    mtc_evidence_attempt *a = &ev->attempt[ev->n_attempt++];
    a->route = ev->route = "exact";
    a->effort = 1;
    a->converged = true;
    a->n_estimate = 1;
    a->estimate[0] = (mtc_estimate){.name = "exact", .has_value = isfinite(value), .n_value = e.n_value};
    if (isfinite(value)) {
        a->estimate[0].log_evidence = ev->log_evidence = value;
    } else {
        snprintf(a->estimate[0].note, sizeof a->estimate[0].note, "the likelihood is zero at the fixed values");
        mtc_reasons_add(&a->reasons, "the likelihood is zero at the fixed values");
    }
    ev->has_value = ev->reliable = a->reliable = isfinite(value);
    ev->reasons = a->reasons;
    ev->n_value = e.n_value;
    ev->diagnosis.converged = true;
out:
    mtc_evaluator_fini(&e);
    return st;
}

/* The failed checks of the chains as reasons. */
static void add_diagnosis(const mtc_diagnosis *d, mtc_reasons *reasons)
{
    for (size_t i = 0; i < d->n_check; i++) {
        if (!d->check[i].pass) {
            mtc_reasons_add(reasons, "chains: %s", d->check[i].sentence);
        }
    }
}

/* What can be said of draws themselves is said of those that are delivered; the rest is of the chains they come from.
 */
static mtc_status diagnose_corrected(run_state *run, mtc_err *err)
{
    mtc_diagnosis own;
    mtc_diagnosis *const d = &run->diagnosis;
    const mtc_status st = mtc_diagnose(&run->corrected, run->exact, 0, &own, err);
    d->converged = true;
    for (size_t i = 0; i < d->n_check; i++) {
        for (size_t k = 0; st == MTC_OK && k < own.n_check; k++) {
            if (strcmp(d->check[i].name, own.check[k].name) == 0) {
                d->check[i] = own.check[k];
            }
        }
        d->converged = d->converged && d->check[i].pass;
    }
    return st;
}

/* Draws to be corrected, into run->corrected: the exact likelihood costs most, so that chains that were lengthened are
 * thinned as far as they pass their diagnostics with room. */
static mtc_status thin(run_state *run, const mtc_draw_source *source, size_t effort, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t stride = source->chains.n_draw / (effort * source->n_draw_base); st == MTC_OK; stride--) {
        mtc_diagnosis d = {.converged = false};
        mtc_chains_fini(&run->corrected);
        st = mtc_chains_thin(&source->chains, stride > 1 ? stride : 1, &run->corrected, err);
        if (stride <= 1) {
            break;
        }
        st = st == MTC_OK ? mtc_diagnose(&run->corrected, run->task.target, 0, &d, err) : st;
        if (mtc_diagnosis_has_room(&d)) {
            break;
        }
    }
    return st;
}

/* Bring estimates that were made with a draft to the target itself, and put the target's draws into run->corrected. */
static mtc_status correct(run_state *run, const mtc_draw_source *source, mtc_evidence_attempt *a, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_draft draft;
    MTC_TRY(thin(run, source, a->effort, err));
    MTC_TRY(mtc_draft_correct(&draft, run->exact, run->task.seed, run->task.exec, &run->corrected, err));
    run->n_value += draft.n_value;
    MTC_TRY(diagnose_corrected(run, err));
    a->converged = run->diagnosis.converged;
    a->drafted = true;
    a->draft_shift = draft.shift;
    a->draft_se = draft.se;
    a->draft_spread = draft.spread;
    for (size_t i = 0; i < N_CORRECTED; i++) {
        a->estimate[i].log_evidence += draft.shift;
        a->estimate[i].own_se = a->estimate[i].se;
    }
    a->estimate[0].se += draft.se; /* of the same chains: the errors may go together */
    a->estimate[1].se = hypot(a->estimate[1].se, draft.se);
    run->draft_failed = !draft.close;
    if (draft.n_forbidden > 0) {
        mtc_reasons_add(&a->reasons, "the rough likelihoods allow what the exact one forbids (%zu of %zu draws)",
                        draft.n_forbidden, run->corrected.n_chain * run->corrected.n_draw);
    } else if (!draft.close) {
        mtc_reasons_add(&a->reasons,
                        "the rough likelihoods were not close enough: their log differs from the exact one by %.2f "
                        "(standard deviation over the posterior; Pareto k %.2f)",
                        draft.spread, draft.k_hat);
    }
out:
    return st;
}

/* Whether an attempt with a draft would be reliable if the draft were the target. */
static bool promises(const run_state *run, const mtc_evidence_attempt *a)
{
    mtc_evidence_attempt trial = *a;
    double early = run->early;
    mtc_verdict(&trial, run->task.settings->target_se, &early);
    return trial.reliable;
}

/* Run the estimators on the chains as they are and judge. An attempt with a draft that fails already is not worth a
 * correction, unless it is the last one. */
static mtc_status run_attempt(run_state *run, const mtc_draw_source *source, mtc_estimator *primary, size_t effort,
                              bool is_last, mtc_evidence_attempt *a, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const double target_se = run->task.settings->target_se;
    char stream[32];
    snprintf(stream, sizeof stream, "%s %zu", source->route, source->generation);
    const mtc_estimator_input in = {.target = run->task.target,
                                    .exec = run->task.exec,
                                    .seed = run->task.seed,
                                    .stream = stream,
                                    .modes = run->task.modes,
                                    .chains = &source->chains,
                                    .effort = effort,
                                    .aim_se = AIM_PART * target_se / sqrt((double)effort)};
    a->route = source->route;
    a->effort = effort;
    run->diagnosis = source->diagnosis;
    a->converged = run->diagnosis.converged;
    MTC_TRY(mtc_estimator_run(primary, &in, &a->estimate[0], err));
    MTC_TRY(mtc_estimator_run(&run->second, &in, &a->estimate[1], err));
    MTC_TRY(mtc_estimator_run(&run->rough, &in, &a->estimate[2], err));
    a->n_estimate = 3;
    if (run->exact != NULL && (is_last || promises(run, a))) {
        MTC_TRY(correct(run, source, a, err));
    }
    add_diagnosis(&run->diagnosis, &a->reasons);
    mtc_verdict(a, target_se, &run->early);
out:
    return st;
}

/* The last attempt and its draws become the answer so far. */
static void take_answer(run_state *run, mtc_evidence *ev, mtc_draw_source *source)
{
    const mtc_evidence_attempt *a = &ev->attempt[ev->n_attempt - 1];
    ev->has_value = a->estimate[0].has_value;
    ev->log_evidence = a->estimate[0].log_evidence;
    ev->se = a->estimate[0].se;
    ev->reliable = a->reliable;
    ev->reasons = a->reasons;
    ev->route = a->route;
    ev->diagnosis = run->diagnosis;
    mtc_chains_fini(&ev->chains);
    mtc_chains *const chains = a->drafted ? &run->corrected : &source->chains;
    ev->chains = *chains;
    *chains = (mtc_chains)MTC_CHAINS_INIT;
}

/* A bridge for chains that began anew starts anew, too. */
static mtc_status renew_primary(const run_state *run, mtc_estimator *primary, unsigned long *n_spent,
                                const mtc_evidence *ev, mtc_err *err)
{
    const mtc_evidence_settings *set = run->task.settings;
    if (primary->ops != NULL) {
        *n_spent += ev->attempt[ev->n_attempt - 1].estimate[0].n_value;
        mtc_estimator_fini(primary);
    }
    return mtc_estimator_init(primary, set->primary != NULL ? set->primary : &mtc_estimator_warp3, set->spec, NULL,
                              err);
}

static mtc_status run_route(run_state *run, mtc_route route, mtc_evidence *ev, mtc_err *err)
{
    const mtc_evidence_settings *set = run->task.settings;
    mtc_status st = MTC_OK;
    mtc_draw_source source = {0};
    mtc_estimator primary = {0};
    size_t effort = 1, generation = 0;
    unsigned long n_spent = 0;

    if (ev->n_attempt >= MTC_EVIDENCE_ATTEMPTS) {
        return MTC_OK; /* the answer so far stands */
    }
    for (size_t escalation = 0; escalation <= set->max_escalations; escalation++, effort *= 2) {
        if (ev->n_attempt >= MTC_EVIDENCE_ATTEMPTS) {
            break;
        }
        if (route == MTC_ROUTE_FULL) {
            MTC_TRY(mtc_source_full(&run->task, &source, effort, err));
        } else {
            MTC_TRY(mtc_source_fast(&run->task, &source, effort, err));
        }
        if (source.generation != generation) {
            MTC_TRY(renew_primary(run, &primary, &n_spent, ev, err));
            generation = source.generation;
        }
        mtc_evidence_attempt *a = &ev->attempt[ev->n_attempt];
        const bool is_last = escalation == set->max_escalations || ev->n_attempt + 1 == MTC_EVIDENCE_ATTEMPTS;
        MTC_TRY(run_attempt(run, &source, &primary, effort, is_last, a, err));
        ev->n_attempt++;
        if (a->reliable || run->draft_failed) {
            break;
        }
    }
    run->n_value +=
        source.n_value + source.chains.n_value + n_spent + ev->attempt[ev->n_attempt - 1].estimate[0].n_value;
    run->n_gradient += source.n_gradient + source.chains.n_gradient;
    take_answer(run, ev, &source);
out:
    mtc_estimator_fini(&primary);
    mtc_source_fini(&source);
    return st;
}

/* The routes in their order until one is reliable. */
static mtc_status run_routes(run_state *run, mtc_evidence *ev, mtc_err *err)
{
    const mtc_route wanted = run->task.settings->route;
    const bool can_full = run->task.target->has_gradient;
    mtc_status st = MTC_OK;
    if (wanted == MTC_ROUTE_FULL && !can_full) {
        return mtc_fail(err, MTC_EDOMAIN, "the full route needs gradients, which %s does not have",
                        run->task.target->name);
    }
    if (wanted != MTC_ROUTE_FULL) {
        st = run_route(run, MTC_ROUTE_FAST, ev, err);
        if (st == MTC_ENUMERIC && wanted == MTC_ROUTE_AUTO && can_full) {
            mtc_evidence_attempt *a = &ev->attempt[ev->n_attempt++];
            memset(a, 0, sizeof *a);
            a->route = "fast";
            a->effort = 1;
            mtc_reasons_add(&a->reasons, "no proposal could be fitted for the chains");
            mtc_err_clear(err);
            st = MTC_OK;
        }
        MTC_TRY(st);
    }
    const bool go_on = wanted == MTC_ROUTE_AUTO && can_full && !ev->reliable && !run->draft_failed;
    if (wanted == MTC_ROUTE_FULL || go_on) {
        MTC_TRY(run_route(run, MTC_ROUTE_FULL, ev, err));
    }
out:
    return st;
}

static mtc_status check_settings(const mtc_evidence_settings *s, mtc_err *err)
{
    if (!(s->target_se > 0.0) || s->sampler.n_chain < 2 || s->sampler.n_chain % 2 != 0 || s->independence_draws < 8 ||
        s->sampler.n_draw < 8) {
        return mtc_fail(err, MTC_EDOMAIN,
                        "evidence: target_se must be > 0, the number of chains even, draws per chain at least 8");
    }
    return MTC_OK;
}

/* Modes that were not given are searched for. */
static mtc_status find_modes(run_state *run, mtc_err *err)
{
    if (run->task.modes != NULL) {
        return MTC_OK;
    }
    mtc_optimise_settings set = MTC_OPTIMISE_INIT;
    set.seed = run->task.seed;
    const mtc_status st = mtc_optimise(run->task.exec, run->task.target, &set, &run->own_modes, err);
    run->task.modes = &run->own_modes;
    run->n_value += run->own_modes.n_value;
    run->n_gradient += run->own_modes.n_gradient;
    return st;
}

/* The second estimator and the rough one, empty. */
static mtc_status begin_estimators(run_state *run, mtc_err *err)
{
    const mtc_evidence_settings *set = run->task.settings;
    const mtc_estimator_ops *second = set->second != NULL ? set->second : &mtc_estimator_importance;
    mtc_estimator_fini(&run->second);
    mtc_estimator_fini(&run->rough);
    const mtc_status st = mtc_estimator_init(&run->second, second, set->spec, NULL, err);
    return st != MTC_OK ? st : mtc_estimator_init(&run->rough, &mtc_estimator_laplace, set->spec, NULL, err);
}

/* All over again with the target itself; the attempts with the draft stay on record, and a disagreement there counts:
 * the posterior has the same shape. */
static mtc_status leave_draft(run_state *run, mtc_evidence *ev, mtc_err *err)
{
    mtc_status st = MTC_OK;
    run->n_value += ev->attempt[ev->n_attempt - 1].estimate[1].n_value;
    run->task.target = run->exact;
    run->task.is_draft = false;
    run->exact = NULL;
    run->draft_failed = false;
    MTC_TRY(begin_estimators(run, err));
    MTC_TRY(run_routes(run, ev, err));
out:
    return st;
}

/* One look by sequential Monte Carlo with the given effort, into the last attempt. */
static mtc_status look_for_modes(run_state *run, mtc_estimator *smc, size_t effort, mtc_evidence *ev, mtc_err *err)
{
    mtc_evidence_attempt *const a = &ev->attempt[ev->n_attempt - 1];
    mtc_estimate *const e = &a->estimate[a->n_estimate];
    const mtc_estimator_input in = {.target = run->task.target,
                                    .exec = run->task.exec,
                                    .seed = run->task.seed,
                                    .stream = "alarm",
                                    .effort = effort,
                                    .aim_se = run->task.settings->target_se};
    const mtc_status st = mtc_estimator_run(smc, &in, e, err);
    if (st != MTC_OK) {
        return st;
    }
    e->log_evidence += a->drafted ? a->draft_shift : 0.0;
    return evidence_alarm(run->task.target, &ev->chains, ev->log_evidence, ev->se, e, evidence_smc_result(smc),
                          ev->smc_alarm, sizeof ev->smc_alarm, err);
}

/* The alarm for modes that all chains missed; what it cannot decide at first it looks at with more particles. */
static mtc_status sound_alarm(run_state *run, mtc_evidence *ev, mtc_err *err)
{
    const size_t most_effort = 4;
    mtc_status st = MTC_OK;
    mtc_estimator smc = {0};
    mtc_evidence_attempt *const a = &ev->attempt[ev->n_attempt - 1];
    if (!run->task.settings->with_alarm || !ev->reliable || a->n_estimate >= MTC_EVIDENCE_ESTIMATES) {
        return MTC_OK;
    }
    MTC_TRY(mtc_estimator_init(&smc, &mtc_estimator_smc, run->task.settings->spec, NULL, err));
    for (size_t effort = 1; effort <= most_effort; effort *= 2) {
        MTC_TRY(look_for_modes(run, &smc, effort, ev, err));
        if (strncmp(ev->smc_alarm, "undecided", 9) != 0) {
            break;
        }
    }
    run->n_value += a->estimate[a->n_estimate].n_value;
    a->n_estimate++;
    if (strcmp(ev->smc_alarm, "silent") != 0) {
        mtc_reasons_add(&a->reasons, "alarm for missed modes %s", ev->smc_alarm);
        ev->reasons = a->reasons;
        ev->reliable = a->reliable = false;
    }
out:
    mtc_estimator_fini(&smc);
    return st;
}

mtc_status mtc_evidence_run(const mtc_target *target, const mtc_modes *modes, const mtc_evidence_settings *settings,
                            uint64_t seed, mtc_exec *exec, mtc_evidence *ev, mtc_err *err)
{
    const mtc_modes no_modes = MTC_MODES_INIT;
    mtc_status st = MTC_OK;
    run_state run = {.task = {target, false, modes, settings, seed, exec}, .own_modes = no_modes};

    memset(ev, 0, sizeof *ev);
    snprintf(ev->smc_alarm, sizeof ev->smc_alarm, "not run");
    MTC_TRY(check_settings(settings, err));
    if (target->n_dim == 0) {
        return run_exact(target, ev, err);
    }
    MTC_TRY(find_modes(&run, err));
    if (target->draft != NULL) {
        run.exact = target;
        run.task.target = target->draft;
        run.task.is_draft = true;
    }
    MTC_TRY(begin_estimators(&run, err));
    MTC_TRY(run_routes(&run, ev, err));
    if (run.draft_failed) {
        MTC_TRY(leave_draft(&run, ev, err));
    }
    MTC_TRY(sound_alarm(&run, ev, err));
    ev->n_value = run.n_value + ev->attempt[ev->n_attempt - 1].estimate[1].n_value;
    ev->n_gradient = run.n_gradient;
out:
    mtc_estimator_fini(&run.second);
    mtc_estimator_fini(&run.rough);
    mtc_modes_fini(&run.own_modes);
    mtc_chains_fini(&run.corrected);
    if (st != MTC_OK) {
        mtc_evidence_fini(ev);
    }
    return st;
}
