/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include <math.h>
#include <string.h>

static mtc_status fill_facts(mtc_result *r, const mtc_likelihood *l, mtc_result_source *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    out->n_fact = l->ops->n_facts(l->self);
    MTC_TRY(mtc_result_list(r, out->n_fact, &out->fact, err));
    for (size_t i = 0; i < out->n_fact; i++) {
        mtc_quantity info;
        memset(&info, 0, sizeof info);
        l->ops->fact(l->self, i, &info, &out->fact[i].value);
        MTC_TRY(mtc_result_text(r, info.label, &out->fact[i].label, err));
        out->fact[i].unit = mtc_unit_word(info.unit);
        out->fact[i].is_count = info.is_count;
    }
out:
    return st;
}

static mtc_status fill_source(mtc_result *r, const mtc_likelihood *l, mtc_result_source *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *reference = mtc_spec_find(l->src->spec, "source");
    *out = (mtc_result_source){.kind = l->ops->name,
                               .description = l->ops->summary,
                               .n_obs = l->ops->n_obs(l->self),
                               .n_filtered = l->src->n_filtered,
                               .n_dropped = l->src->n_dropped};
    MTC_TRY(mtc_result_text(r, l->src->name, &out->name, err));
    MTC_TRY(mtc_result_text(r, reference ? reference->text : NULL, &out->reference, err));
    MTC_TRY(fill_facts(r, l, out, err));
out:
    return st;
}

/* Arrays of a display that may be absent. */
static mtc_status copy_some(mtc_result *r, const double *x, size_t n, double **out, mtc_err *err)
{
    *out = NULL;
    return x && n > 0 ? mtc_result_doubles(r, x, n, out, err) : MTC_OK;
}

static mtc_status fill_display(const mtc_compare_plan *plan, mtc_result *r, const mtc_likelihood *l,
                               const mtc_display *d, mtc_result_display *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    *out = (mtc_result_display){.x_log = d->x_log, .n_x = d->n_x, .n_obs = d->n_obs};
    MTC_TRY(mtc_result_text(r, l->src->name, &out->source, err));
    MTC_TRY(mtc_result_text(r, d->id, &out->id, err));
    MTC_TRY(mtc_result_text(r, d->title, &out->title, err));
    MTC_TRY(mtc_result_text(r, d->kind, &out->kind, err));
    MTC_TRY(mtc_result_text(r, d->x_label, &out->x_label, err));
    MTC_TRY(mtc_result_text(r, d->y_label, &out->y_label, err));
    MTC_TRY(mtc_result_doubles(r, d->x, d->n_x, &out->x, err));
    MTC_TRY(copy_some(r, d->obs_x, d->n_obs, &out->obs_x, err));
    MTC_TRY(copy_some(r, d->obs_y, d->n_obs, &out->obs_y, err));
    MTC_TRY(copy_some(r, d->obs_lower, d->n_obs, &out->obs_lower, err));
    MTC_TRY(copy_some(r, d->obs_upper, d->n_obs, &out->obs_upper, err));
    MTC_TRY(copy_some(r, d->obs_n_at_risk, d->n_obs, &out->obs_n_at_risk, err));
    if (d->obs_label && d->n_obs > 0) {
        MTC_TRY(mtc_result_list(r, d->n_obs, &out->obs_label, err));
        for (size_t i = 0; i < d->n_obs; i++) {
            MTC_TRY(mtc_result_text(r, d->obs_label[i], &out->obs_label[i], err));
        }
    }
    MTC_TRY(mtc_result_list(r, plan->n_model, &out->prediction, err));
out:
    return st;
}

static size_t count_displays(const mtc_likelihood *l)
{
    return l->ops->n_displays && l->ops->display ? l->ops->n_displays(l->self) : 0;
}

mtc_status compare_sources(const mtc_compare_plan *plan, mtc_result *r, mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t n_display = 0;
    for (size_t i = 0; i < plan->n_source; i++) {
        n_display += count_displays(&plan->source[i]);
    }
    MTC_TRY(mtc_result_list(r, plan->n_source, &r->source, err));
    MTC_TRY(mtc_result_list(r, n_display, &r->display, err));
    for (size_t i = 0; i < plan->n_source; i++) {
        const mtc_likelihood *l = &plan->source[i];
        MTC_TRY(fill_source(r, l, &r->source[r->n_source++], err));
        for (size_t d = 0; d < count_displays(l); d++) {
            MTC_TRY(fill_display(plan, r, l, l->ops->display(l->self, d), &r->display[r->n_display++], err));
        }
    }
out:
    return st;
}
