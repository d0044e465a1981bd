/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "latency_individual.h"

#include "mtc_latency.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static mtc_status individual_init(void *self_v, mtc_source *src, mtc_arena *arena, mtc_errlist *errors, mtc_err *err)
{
    latency_individual *self = self_v;
    mtc_status st = MTC_OK;
    const char *condition = "none";
    mtc_err local = MTC_ERR_INIT;
    bool bad = false;
    memset(self, 0, sizeof *self);
    self->src = src;
    self->course = src->course;
    for (size_t i = 0; i < MTC_COURSE_N_PARAM; i++) {
        self->params[i] = &mtc_course_params[i];
    }
    if (mtc_spec_get_text(src->spec, latency_individual_keys, "condition_on", &condition, &local) != MTC_OK) {
        (void)mtc_errlist_push(errors, &local);
        bad = true;
    }
    self->conditioned = strcmp(condition, "m0") == 0;
    MTC_TRY(latency_individual_read(self, src, arena, errors, err));
    if (bad) {
        return MTC_ECONFIG;
    }
    MTC_TRY(latency_individual_show(self, arena, err));
out:
    return st;
}

static void individual_fini(void *self_v)
{
    latency_individual *self = self_v;
    mtc_curve_sum_destroy(self->sum);
    mtc_curve_plan_destroy(self->show_plan);
    mtc_curve_plan_destroy(self->quantity_plan);
    self->sum = NULL;
    self->show_plan = NULL;
    self->quantity_plan = NULL;
}

static void individual_params(const void *self_v, const mtc_param_info *const **list, size_t *n)
{
    const latency_individual *self = self_v;
    *list = self->params;
    *n = MTC_COURSE_N_PARAM;
}

static void individual_ws_destroy(void *ws_v)
{
    latency_ws *ws = ws_v;
    if (ws == NULL) {
        return;
    }
    mtc_curve_sum_ws_destroy(ws->sum);
    mtc_curve_ws_destroy(ws->show);
    mtc_curve_ws_destroy(ws->quantity);
    mtc_free(ws->per_term);
    mtc_free(ws->survival);
    mtc_free(ws->density);
    mtc_free(ws);
}

static mtc_status individual_ws_create(const void *self_v, void **out, mtc_err *err)
{
    const latency_individual *self = self_v;
    mtc_status st = MTC_OK;
    *out = NULL;
    latency_ws *ws = mtc_calloc(1, sizeof *ws);
    if (ws == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for scratch");
    }
    const size_t n_show = self->n_curve * (SHOW_TIMES > LATENCY_TIMES ? SHOW_TIMES : LATENCY_TIMES);
    ws->per_term = mtc_calloc(self->n_term, sizeof *ws->per_term);
    ws->survival = mtc_calloc(n_show, sizeof *ws->survival);
    ws->density = mtc_calloc(n_show, sizeof *ws->density);
    if (ws->per_term == NULL || ws->survival == NULL || ws->density == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "out of memory for scratch");
        goto out;
    }
    MTC_TRY(mtc_curve_sum_ws_create(self->sum, &ws->sum, err));
    MTC_TRY(mtc_curve_ws_create(self->show_plan, &ws->show, err));
    MTC_TRY(mtc_curve_ws_create(self->quantity_plan, &ws->quantity, err));
out:
    if (st != MTC_OK) {
        individual_ws_destroy(ws);
        return st;
    }
    *out = ws;
    return MTC_OK;
}

static mtc_status individual_eval(const void *self_v, void *ws_v, const double *theta, double *value, double *grad,
                                  double *per_obs, mtc_reason *reason, mtc_err *err)
{
    const latency_individual *self = self_v;
    latency_ws *ws = ws_v;
    mtc_course_point point;
    mtc_sum_state state;
    double d_point[MTC_POINT_N];
    mtc_course_point_init(&point, theta);
    const mtc_status st = mtc_curve_sum_eval(self->sum, ws->sum, &point, value, grad != NULL ? d_point : NULL,
                                             per_obs != NULL ? ws->per_term : NULL, &state, err);
    *reason = state == MTC_SUM_OK          ? MTC_REASON_NONE
              : state == MTC_SUM_UNDERFLOW ? MTC_REASON_UNDERFLOW
                                           : MTC_REASON_MODEL_DOMAIN;
    if (st != MTC_OK) {
        return st;
    }
    if (grad != NULL && state == MTC_SUM_OK) {
        mtc_course_point_gradient(&point, theta, d_point, grad);
    }
    for (size_t i = 0; per_obs != NULL && i < self->n; i++) {
        per_obs[i] = -INFINITY;
        if (state != MTC_SUM_OUTSIDE_DOMAIN) {
            const size_t entry = self->entry_term[i];
            const double term = ws->per_term[i] - (entry != SIZE_MAX ? ws->per_term[entry] : 0.0);
            per_obs[i] = isnan(term) ? -HUGE_VAL : term; /* both underflow */
        }
    }
    return MTC_OK;
}

static size_t individual_n_obs(const void *self_v)
{
    return ((const latency_individual *)self_v)->n;
}

static void individual_obs_label(const void *self_v, size_t i, char *buf, size_t size)
{
    const latency_individual *self = self_v;
    (void)snprintf(buf, size, "line %ld", self->patient[i].pos.line);
}

static size_t individual_n_facts(const void *self_v)
{
    return ((const latency_individual *)self_v)->n_fact;
}

static void individual_fact(const void *self_v, size_t i, mtc_quantity *info, double *value)
{
    const latency_individual *self = self_v;
    *info = self->fact[i];
    *value = self->fact_value[i];
}

static size_t individual_n_quantities(const void *self_v)
{
    return ((const latency_individual *)self_v)->n_quantity;
}

static void individual_quantity(const void *self_v, size_t i, mtc_quantity *info)
{
    *info = ((const latency_individual *)self_v)->quantity[i];
}

static size_t individual_n_displays(const void *self_v)
{
    return ((const latency_individual *)self_v)->n_group;
}

static const mtc_display *individual_display(const void *self_v, size_t i)
{
    return &((const latency_individual *)self_v)->display[i];
}

const mtc_likelihood_ops mtc_likelihood_latency_individual = {
    .abi = MTC_LIKELIHOOD_ABI,
    .name = "latency/individual",
    .summary = "time from surgery to metastasis of single patients",
    .formula = "metastasis at t: log f(t); at surgery: log F(0); none until t: log S(t); in (a, b]: log [S(a) - S(b)]; "
               "condition_on m0: minus "
               "log S(0); observed from entry on: minus log S(entry)",
    .source = "docs/model.md, sections 1 to 3",
    .keys = latency_individual_keys,
    .roles = latency_individual_roles,
    .has_draft = true,
    .rows_inline = false,
    .self_size = sizeof(latency_individual),
    .init = individual_init,
    .fini = individual_fini,
    .params = individual_params,
    .ws_create = individual_ws_create,
    .ws_destroy = individual_ws_destroy,
    .eval = individual_eval,
    .n_obs = individual_n_obs,
    .obs_label = individual_obs_label,
    .n_facts = individual_n_facts,
    .fact = individual_fact,
    .n_quantities = individual_n_quantities,
    .quantity = individual_quantity,
    .quantities = latency_individual_quantities,
    .n_displays = individual_n_displays,
    .display = individual_display,
    .predict = latency_individual_predict,
    .simulate = latency_individual_simulate,
    .draw_size_mm = latency_individual_draw_size,
};
