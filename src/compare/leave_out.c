/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well each model predicts a patient, row or count from all the others. */
#include "compare_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 20 }; /* draws per task */
/* Log likelihoods that are held at once, and draws below which the weights say too little. */
#define MOST_NUMBERS 4e7
#define FEWEST_DRAWS 100u

typedef struct {
    const mtc_target *target;
    const mtc_chains *chains;
    size_t n_draw, n_all; /* used, and in the chains */
} unit_job;

static mtc_status worker_init(const void *self, void **worker, mtc_err *err)
{
    const unit_job *job = self;
    return job->target->ws_create(job->target->self, worker, err);
}

static mtc_status run_block(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    const unit_job *job = self;
    const size_t first = task * BLOCK, n = job->n_draw - first < BLOCK ? job->n_draw - first : BLOCK;
    mtc_status st = MTC_OK;
    MTC_TRY(mtc_blob_init(out, n * job->target->n_obs, err));
    for (size_t k = 0; k < n; k++) {
        const double *x = job->chains->x + ((first + k) * job->n_all / job->n_draw) * job->chains->n_dim;
        MTC_TRY(job->target->per_obs(job->target->self, worker, x, out->value + k * job->target->n_obs, err));
    }
out:
    return st;
}

/* All units from the log likelihoods of all draws. */
static mtc_status take_units(const unit_job *job, const mtc_blob *block, mtc_loo_unit *unit, mtc_err *err)
{
    const size_t n = job->n_draw, n_obs = job->target->n_obs;
    mtc_status st = MTC_OK;
    double *ll = mtc_calloc(3 * n, sizeof *ll);
    if (!ll) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for leaving units out");
    }
    for (size_t i = 0; i < n_obs; i++) {
        for (size_t k = 0; k < n; k++) {
            ll[k] = block[k / BLOCK].value[(k % BLOCK) * n_obs + i];
        }
        MTC_TRY(mtc_loo(ll, n, ll + n, &unit[i], err));
    }
out:
    mtc_free(ll);
    return st;
}

/* "rotterdam, row 1507" */
static mtc_status name_unit(const model_fit *f, size_t i, const char **out, mtc_err *err)
{
    const mtc_posterior *p = f->model->posterior;
    char label[128] = "", text[256] = "";
    for (size_t s = 0; s < mtc_posterior_n_source(p); s++) {
        size_t first = 0;
        const size_t n = mtc_posterior_source_obs(p, s, &first);
        if (i >= first && i - first < n) {
            const mtc_likelihood *l = mtc_posterior_source(p, s);
            l->ops->obs_label(l->self, i - first, label, sizeof label);
            snprintf(text, sizeof text, "%s, %s", l->src->name, label);
        }
    }
    return mtc_result_text(f->result, text, out, err);
}

static mtc_status fill(const model_fit *f, size_t n_draw, const mtc_loo_unit *unit, mtc_err *err)
{
    const size_t n_obs = mtc_posterior_target(f->model->posterior)->n_obs;
    mtc_result_predictive *out = &f->out->predictive;
    mtc_loo_total total;
    mtc_loo_sum(unit, n_obs, &total);
    *out = (mtc_result_predictive){.is_present = true,
                                   .n_unit = n_obs,
                                   .n_draw = n_draw,
                                   .elpd_loo = total.elpd_loo,
                                   .elpd_loo_se = total.elpd_loo_se,
                                   .p_loo = total.p_loo,
                                   .elpd_waic = total.elpd_waic,
                                   .elpd_waic_se = total.elpd_waic_se,
                                   .p_waic = total.p_waic,
                                   .k_hat_max = total.k_max,
                                   .n_k_hat_high = total.n_k_high};
    return name_unit(f, total.worst, &out->worst_unit, err);
}

mtc_status compare_leave_out(model_fit *f, mtc_loo_unit **unit, mtc_err *err)
{
    const mtc_target *target = mtc_posterior_target(f->model->posterior);
    unit_job job = {.target = target, .chains = &f->chains, .n_all = f->chains.n_chain * f->chains.n_draw};
    mtc_status st = MTC_OK;
    char name[256];
    *unit = NULL;
    job.n_draw = job.n_all < f->plan->n_leave_out ? job.n_all : f->plan->n_leave_out;
    if (job.n_draw == 0 || target->n_obs == 0) {
        return MTC_OK;
    }
    job.n_draw = (double)job.n_draw * (double)target->n_obs > MOST_NUMBERS
                     ? (size_t)(MOST_NUMBERS / (double)target->n_obs)
                     : job.n_draw;
    if (job.n_draw < FEWEST_DRAWS) {
        return mtc_result_sentence(f->result, &f->result->warning, &f->result->n_warning, err,
                                   "%s: no unit was left out (PSIS-LOO, WAIC): %zu draws for %zu units are too few.",
                                   f->model->name, job.n_draw, target->n_obs);
    }
    snprintf(name, sizeof name, "%s/leave out", f->model->name);
    const mtc_job list = {.name = name,
                          .n_task = (job.n_draw + BLOCK - 1) / BLOCK,
                          .self = &job,
                          .worker_init = worker_init,
                          .worker_fini = target->ws_destroy,
                          .run = run_block};
    mtc_blob *block = mtc_calloc(list.n_task, sizeof *block);
    *unit = mtc_calloc(target->n_obs, sizeof **unit);
    if (!block || !*unit) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for leaving units out");
        goto out;
    }
    MTC_TRY(mtc_exec_run(f->exec, &list, block, err));
    f->result->cost.likelihood_calls += job.n_draw;
    MTC_TRY(take_units(&job, block, *unit, err));
    MTC_TRY(fill(f, job.n_draw, *unit, err));
out:
    for (size_t t = 0; block && t < list.n_task; t++) {
        mtc_blob_fini(&block[t]);
    }
    mtc_free(block);
    return st;
}

void compare_leave_out_difference(const mtc_compare_plan *plan, mtc_loo_unit *const *unit, mtc_result *r)
{
    mtc_result_comparison *c = &r->comparison;
    size_t top = plan->n_model, bottom = plan->n_model;
    for (size_t i = 0; c->is_present && i < plan->n_model; i++) {
        top = strcmp(plan->model[i].name, c->numerator) == 0 ? i : top;
        bottom = strcmp(plan->model[i].name, c->denominator) == 0 ? i : bottom;
    }
    if (top == plan->n_model || bottom == plan->n_model || !unit[top] || !unit[bottom] ||
        r->model[top].predictive.n_unit != r->model[bottom].predictive.n_unit) {
        return;
    }
    mtc_loo_difference(unit[top], unit[bottom], r->model[top].predictive.n_unit, &c->elpd_loo_difference,
                       &c->elpd_loo_difference_se);
}
