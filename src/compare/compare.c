/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include <math.h>
#include <string.h>

void compare_fit_release(model_fit *f)
{
    mtc_modes_fini(&f->modes);
    mtc_chains_fini(&f->chains);
}

void mtc_compare_fit_fini(mtc_compare_fit *fit)
{
    if (fit) {
        mtc_chains_fini(&fit->chains);
        memset(fit, 0, sizeof *fit);
    }
}

static mtc_status check_plan(const mtc_compare_plan *plan, mtc_err *err)
{
    if (!plan || plan->n_model == 0 || plan->n_predict == 0 || plan->n_patient == 0) {
        return mtc_fail(err, MTC_EDOMAIN, "a comparison needs models and numbers of predictions");
    }
    for (size_t i = 0; i < plan->n_model; i++) {
        const mtc_compare_model *m = &plan->model[i];
        if (!m->name || !m->posterior || !(m->prior_odds >= 0.0) || !isfinite(m->prior_odds)) {
            return mtc_fail(err, MTC_EDOMAIN, "model %zu of the comparison is not complete", i + 1);
        }
        if (strcmp(m->name, mtc_posterior_target(m->posterior)->name) != 0) {
            return mtc_fail(err, MTC_EDOMAIN, "model '%s' has a target named '%s'", m->name,
                            mtc_posterior_target(m->posterior)->name);
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(m->name, plan->model[k].name) == 0) {
                return mtc_fail(err, MTC_EDOMAIN, "two models have the name '%s'", m->name);
            }
        }
    }
    return MTC_OK;
}

/* What the hypotheses are called before people. */
static const char *label_of(const mtc_compare_model *m)
{
    static const struct {
        const char *name, *label;
    } known[] = {{"linear", "Linear progression"},
                 {"parallel", "Parallel progression"},
                 {"unrestricted", "Unrestricted seeding diameter"}};
    for (size_t i = 0; !m->label && i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, m->name) == 0) {
            return known[i].label;
        }
    }
    return m->label ? m->label : m->name;
}

static mtc_status describe(const mtc_compare_model *m, mtc_result *r, mtc_result_model *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_model_init(out);
    MTC_TRY(mtc_result_text(r, m->name, &out->name, err));
    MTC_TRY(mtc_result_text(r, m->preset, &out->preset, err));
    MTC_TRY(mtc_result_text(r, label_of(m), &out->label, err));
    out->in_comparison = m->prior_odds > 0.0;
out:
    return st;
}

/* Names in a fit outlive it: those of parameters are constants, the chains move over. */
static void hand_over(model_fit *f, mtc_compare_fit *out)
{
    *out = (mtc_compare_fit){.model = f->model->name,
                             .algorithm = f->algorithm,
                             .n_warmup = f->n_warmup,
                             .chains = f->chains,
                             .n_column = f->n_column,
                             .column = f->column,
                             .natural = f->natural};
    f->chains = (mtc_chains)MTC_CHAINS_INIT;
}

static mtc_status run_model(const mtc_compare_plan *plan, size_t i, mtc_exec *exec, mtc_result *r, mtc_compare_fit *fit,
                            mtc_loo_unit **unit, mtc_err *err)
{
    mtc_status st = MTC_OK;
    model_fit f = {.plan = plan,
                   .model = &plan->model[i],
                   .exec = exec,
                   .result = r,
                   .out = &r->model[i],
                   .modes = MTC_MODES_INIT,
                   .chains = MTC_CHAINS_INIT};
    MTC_TRY(describe(f.model, r, f.out, err));
    MTC_TRY(compare_draw(&f, err));
    MTC_TRY(compare_map(&f, err));
    MTC_TRY(compare_tables(&f, err));
    MTC_TRY(compare_predict(&f, err));
    MTC_TRY(compare_seeding(&f, err));
    MTC_TRY(compare_leave_out(&f, unit, err));
    if (fit) {
        hand_over(&f, &fit[i]);
    }
out:
    compare_fit_release(&f);
    return st;
}

mtc_status mtc_compare_run(const mtc_compare_plan *plan, mtc_exec *exec, mtc_result *result, mtc_compare_fit *fit,
                           mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_loo_unit **unit = NULL; /* by model */
    if (!exec || !result) {
        return mtc_fail(err, MTC_EDOMAIN, "a comparison needs an executor and a result to fill");
    }
    for (size_t i = 0; plan && fit && i < plan->n_model; i++) {
        memset(&fit[i], 0, sizeof fit[i]);
    }
    MTC_TRY(check_plan(plan, err));
    MTC_TRY(compare_sources(plan, result, err));
    MTC_TRY(mtc_result_list(result, plan->n_model, &result->model, err));
    unit = mtc_calloc(plan->n_model, sizeof *unit);
    if (!unit) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for %zu models", plan->n_model);
        goto out;
    }
    for (size_t i = 0; i < plan->n_model; i++) {
        result->n_model = i + 1;
        MTC_TRY(run_model(plan, i, exec, result, fit, &unit[i], err));
    }
    MTC_TRY(compare_answer(plan, result, err));
    compare_leave_out_difference(plan, unit, result);
    MTC_TRY(compare_by_source(plan, exec, result, err));
    MTC_TRY(compare_misfit(result, err));
out:
    for (size_t i = 0; unit && i < plan->n_model; i++) {
        mtc_free(unit[i]);
    }
    mtc_free(unit);
    for (size_t i = 0; st != MTC_OK && plan && fit && i < plan->n_model; i++) {
        mtc_compare_fit_fini(&fit[i]);
    }
    return st;
}
