/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include <math.h>
#include <string.h>

/* The posterior of one model given one source alone: the same priors for the parameters that this source uses. */
static mtc_status restrict_posterior(const mtc_compare_model *m, const char *source, mtc_arena *arena,
                                     mtc_posterior **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_param_info *const *param = NULL;
    mtc_prior *prior = NULL;
    char *name = NULL;
    size_t n = 0;
    const long index = compare_find_source(m->posterior, source);
    if (index < 0) {
        return mtc_fail(err, MTC_EDOMAIN, "model '%s' has no source '%s'", m->name, source);
    }
    const mtc_likelihood *l = mtc_posterior_source(m->posterior, (size_t)index);
    MTC_TRY(mtc_posterior_params(l, 1, mtc_course_params, MTC_COURSE_N_PARAM, arena, &param, &n, err));
    MTC_TRY(mtc_arena_new(arena, n, &prior, err));
    for (size_t i = 0; i < n; i++) {
        const long k = mtc_posterior_find(m->posterior, param[i]->name);
        if (k < 0) {
            return mtc_fail(err, MTC_EBUG, "model '%s' has no parameter '%s'", m->name, param[i]->name);
        }
        prior[i] = *mtc_posterior_prior(m->posterior, (size_t)k);
    }
    MTC_TRY(mtc_arena_printf(arena, &name, err, "%s/only %s", m->name, source));
    MTC_TRY(mtc_posterior_create(name, l, 1, param, prior, n, arena, out, err));
    MTC_TRY(mtc_posterior_couple(*out, mtc_course_couplings, arena, err));
out:
    return st;
}

/* Log evidence of one model given one source alone; NaN where there is no number. */
static mtc_status evidence_of(const mtc_compare_plan *plan, size_t model, const char *source, mtc_exec *exec,
                              mtc_result *r, double *value, double *se, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_arena *arena = NULL;
    mtc_posterior *p = NULL;
    mtc_evidence *ev = mtc_calloc(1, sizeof *ev);
    if (!ev) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the evidence of %s", source);
    }
    MTC_TRY(mtc_arena_create(&arena, err));
    MTC_TRY(restrict_posterior(&plan->model[model], source, arena, &p, err));
    MTC_TRY(mtc_evidence_run(mtc_posterior_target(p), NULL, &plan->evidence, plan->seed, exec, ev, err));
    r->cost.likelihood_calls += ev->n_value;
    r->cost.gradient_calls += ev->n_gradient;
    *value = ev->has_value ? ev->log_evidence : (double)NAN;
    *se = ev->has_value ? ev->se : (double)NAN;
    if (!ev->reliable) {
        MTC_TRY(mtc_result_sentence(r, &r->warning, &r->n_warning, err,
                                    "%s: the evidence of source '%s' alone is not reliable.", r->model[model].name,
                                    source));
    }
out:
    mtc_evidence_fini(ev);
    mtc_free(ev);
    mtc_arena_destroy(arena);
    return st;
}

/* Index of a model by name. */
static size_t model_index(const mtc_result *r, const char *name)
{
    size_t i = 0;
    while (i + 1 < r->n_model && strcmp(r->model[i].name, name) != 0) {
        i++;
    }
    return i;
}

mtc_status compare_by_source(const mtc_compare_plan *plan, mtc_exec *exec, mtc_result *r, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_comparison *c = &r->comparison;
    if (!plan->by_source || !c->is_present) {
        return MTC_OK;
    }
    MTC_TRY(mtc_result_list(r, plan->n_source, &c->by_source, err));
    const size_t top = model_index(r, c->numerator), bottom = model_index(r, c->denominator);
    for (size_t i = 0; i < plan->n_source; i++) {
        double value[2] = {r->model[top].evidence.value, r->model[bottom].evidence.value};
        double se[2] = {r->model[top].evidence.se, r->model[bottom].evidence.se};
        const char *name = r->source[i].name;
        if (plan->n_source > 1) {
            MTC_TRY(evidence_of(plan, top, name, exec, r, &value[0], &se[0], err));
            MTC_TRY(evidence_of(plan, bottom, name, exec, r, &value[1], &se[1], err));
        }
        c->by_source[c->n_by_source++] =
            (mtc_result_source_factor){name, value[0] - value[1], sqrt(se[0] * se[0] + se[1] * se[1])};
    }
out:
    return st;
}
