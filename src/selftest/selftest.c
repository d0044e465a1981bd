/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include "mtc_arena.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Effort of sequential Monte Carlo where it stands alone. Fixed: to stop where the stated error happens to be small
 * would choose the runs whose errors are stated too small. */
#define SMC_EFFORT 4u

const char *mtc_selftest_method(size_t method)
{
    static const char *const name[MTC_SELFTEST_N_METHOD] = {"answer", "warp3_bridge", "importance_sampling",
                                                            "tempered_smc"};
    return method < MTC_SELFTEST_N_METHOD ? name[method] : "";
}

typedef struct {
    const mtc_selftest_settings *settings;
    size_t n_problem;
    const mtc_selftest_problem **problem;
} plan;

static double cost(unsigned long n_value, unsigned long n_gradient)
{
    return (double)n_value + MTC_SELFTEST_GRADIENT_CALLS * (double)n_gradient;
}

/* The whole engine, and its two estimators as they stood in the attempt that gave the answer. */
static mtc_status run_engine(const mtc_target *target, const plan *p, uint64_t seed, double truth, mtc_exec *exec,
                             selftest_trial *trial, mtc_err *err)
{
    mtc_evidence ev;
    mtc_status st = mtc_evidence_run(target, NULL, &p->settings->evidence, seed, exec, &ev, err);
    if (st == MTC_ENUMERIC) { /* nothing to work with is a refusal */
        mtc_err_clear(err);
        return MTC_OK;
    }
    if (st != MTC_OK) {
        return st;
    }
    const mtc_evidence_attempt *a = &ev.attempt[ev.n_attempt - 1];
    const double calls = cost(ev.n_value, ev.n_gradient);
    trial[MTC_SELFTEST_ANSWER] = (selftest_trial){ev.reliable, ev.log_evidence - truth, ev.se, calls};
    for (size_t i = 0; i < 2; i++) {
        const mtc_estimate *e = &a->estimate[i];
        const bool is_sound = ev.reliable && e->has_value && !e->weak;
        trial[MTC_SELFTEST_BRIDGE + i] = (selftest_trial){is_sound, e->log_evidence - truth, e->se, calls};
    }
    mtc_evidence_fini(&ev);
    return MTC_OK;
}

/* Whether two efforts say the same: too few particles lose the bulk in all runs alike, and more find more of it. */
static bool is_settled(const mtc_estimate *half, const mtc_estimate *whole)
{
    const double most = 3.0; /* standard errors */
    return half->has_value && whole->has_value && !whole->weak &&
           fabs(whole->log_evidence - half->log_evidence) <= most * hypot(whole->se, half->se);
}

/* Sequential Monte Carlo alone. */
static mtc_status run_smc(const mtc_target *target, const plan *p, uint64_t seed, double truth, mtc_exec *exec,
                          selftest_trial *trial, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_estimator smc = {0};
    mtc_estimate half = {.has_value = false}, whole = {.has_value = false};
    mtc_estimator_input in = {.target = target,
                              .exec = exec,
                              .seed = seed,
                              .stream = "selftest",
                              .effort = SMC_EFFORT / 2,
                              .aim_se = p->settings->evidence.target_se};
    MTC_TRY(mtc_estimator_init(&smc, &mtc_estimator_smc, p->settings->evidence.spec, NULL, err));
    MTC_TRY(mtc_estimator_run(&smc, &in, &half, err));
    in.effort = SMC_EFFORT;
    MTC_TRY(mtc_estimator_run(&smc, &in, &whole, err));
    trial[MTC_SELFTEST_SMC] = (selftest_trial){is_settled(&half, &whole), whole.log_evidence - truth, whole.se,
                                               cost(whole.n_value, whole.n_gradient)};
out:
    mtc_estimator_fini(&smc);
    return st;
}

/* Task: one problem with one seed, in the thread that runs it. */
static mtc_status run_task(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    const plan *p = self;
    const mtc_selftest_problem *problem = p->problem[task / p->settings->n_seed];
    const uint64_t seed = p->settings->seed + task % p->settings->n_seed;
    selftest_trial trial[MTC_SELFTEST_N_METHOD];
    mtc_user_target target;
    mtc_exec *exec = NULL;
    mtc_status st = MTC_OK;
    (void)worker;
    memset(trial, 0, sizeof trial);
    memset(&target, 0, sizeof target);
    MTC_TRY(mtc_exec_create(1, &exec, err));
    MTC_TRY(mtc_user_target_init(&target, &problem->model, err));
    MTC_TRY(run_engine(&target.target, p, seed, problem->log_evidence, exec, trial, err));
    MTC_TRY(run_smc(&target.target, p, seed, problem->log_evidence, exec, trial, err));
    MTC_TRY(mtc_blob_init(out, sizeof trial / (sizeof(double)), err));
    memcpy(out->value, trial, sizeof trial);
out:
    mtc_user_target_fini(&target);
    mtc_exec_destroy(exec);
    return st;
}

/* Which problems are wanted. */
static mtc_status choose(const mtc_selftest_settings *settings, plan *p, mtc_err *err)
{
    const mtc_selftest_problem *const *all = mtc_selftest_problems();
    size_t n = 0;
    while (all[n] != NULL) {
        n++;
    }
    *p = (plan){.settings = settings, .problem = mtc_calloc(n, sizeof *p->problem)};
    if (p->problem == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the self-test");
    }
    for (size_t i = 0; i < n; i++) {
        if (settings->problem == NULL || strcmp(settings->problem, all[i]->name) == 0) {
            p->problem[p->n_problem++] = all[i];
        }
    }
    return p->n_problem > 0 ? MTC_OK : mtc_fail(err, MTC_EUSAGE, "there is no problem '%s'", settings->problem);
}

/* One problem from the results of its tasks. scratch: n_seed trials */
static void judge_case(const plan *p, const mtc_blob *blob, selftest_trial *scratch, mtc_selftest_case *item)
{
    const size_t n = p->settings->n_seed;
    for (size_t method = 0; method < MTC_SELFTEST_N_METHOD; method++) {
        for (size_t i = 0; i < n; i++) {
            memcpy(&scratch[i], blob[i].value + method * (sizeof *scratch / sizeof(double)), sizeof *scratch);
        }
        selftest_judge(scratch, n, &item->row[method]);
    }
}

static bool is_passed(const mtc_selftest_case *item)
{
    bool answered = false;
    for (size_t method = 0; method < MTC_SELFTEST_N_METHOD; method++) {
        if (item->row[method].is_wrong) {
            return false;
        }
        answered = answered || !item->row[method].is_refused;
    }
    return answered;
}

mtc_status mtc_selftest_run(const mtc_selftest_settings *settings, mtc_exec *exec, mtc_selftest_result *result,
                            mtc_err *err)
{
    mtc_status st = MTC_OK;
    plan p = {0};
    mtc_blob *blob = NULL;
    selftest_trial *scratch = NULL;
    memset(result, 0, sizeof *result);
    if (settings->n_seed == 0) {
        return mtc_fail(err, MTC_EDOMAIN, "a self-test needs a seed");
    }
    MTC_TRY(choose(settings, &p, err));
    const size_t n_task = p.n_problem * settings->n_seed;
    blob = mtc_calloc(n_task, sizeof *blob);
    scratch = mtc_calloc(settings->n_seed, sizeof *scratch);
    result->item = mtc_calloc(p.n_problem, sizeof *result->item);
    if (blob == NULL || scratch == NULL || result->item == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the self-test");
        goto out;
    }
    const mtc_job job = {.name = "selftest", .n_task = n_task, .self = &p, .run = run_task};
    MTC_TRY(mtc_exec_run(exec, &job, blob, err));
    result->n_case = p.n_problem;
    result->n_seed = settings->n_seed;
    result->pass = true;
    for (size_t k = 0; k < p.n_problem; k++) {
        result->item[k].problem = p.problem[k];
        judge_case(&p, blob + k * settings->n_seed, scratch, &result->item[k]);
        result->pass = result->pass && is_passed(&result->item[k]);
    }
    for (size_t i = 0; i < n_task; i++) {
        mtc_blob_fini(&blob[i]);
    }
out:
    mtc_free(p.problem);
    mtc_free(blob);
    mtc_free(scratch);
    if (st != MTC_OK) {
        mtc_selftest_result_fini(result);
    }
    return st;
}

void mtc_selftest_result_fini(mtc_selftest_result *result)
{
    if (result != NULL) {
        mtc_free(result->item);
        memset(result, 0, sizeof *result);
    }
}
