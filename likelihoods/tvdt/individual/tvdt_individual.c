/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_individual.h"

#include "mtc_sum.h"
#include "mtc_tvdt.h"
#include "tvdt_shift.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static mtc_status individual_init(void *self_v, mtc_source *src, mtc_arena *arena, mtc_errlist *errors, mtc_err *err)
{
    tvdt_individual *self = self_v;
    mtc_status st = MTC_OK;
    mtc_err local = MTC_ERR_INIT;
    const size_t n_before = errors->n_all;
    memset(self, 0, sizeof *self);
    if (mtc_spec_get_number(src->spec, tvdt_individual_keys, "measurement_log_sd", &self->measurement_log_sd, &local) !=
        MTC_OK) {
        (void)mtc_errlist_push(errors, &local);
    }
    if (mtc_spec_get_bool(src->spec, tvdt_individual_keys, "between_study", &self->between_study, &local) != MTC_OK) {
        (void)mtc_errlist_push(errors, &local);
    }
    MTC_TRY(tvdt_individual_read(self, src, arena, errors, err));
    if (errors->n_all > n_before) {
        return MTC_ECONFIG;
    }
    mtc_tvdt_params_init(&self->params, self->count[COUNT_METASTASIS] > 0, self->between_study);
    MTC_TRY(tvdt_individual_show(self, arena, err));
out:
    return st;
}

static void individual_params(const void *self_v, const mtc_param_info *const **list, size_t *n)
{
    const tvdt_individual *self = self_v;
    *list = self->params.list;
    *n = self->params.n;
}

/* Closed forms and stack memory only: there is no scratch. */
static mtc_status individual_ws_create(const void *self, void **ws, mtc_err *err)
{
    (void)self;
    (void)err;
    *ws = NULL;
    return MTC_OK;
}

static void individual_ws_destroy(void *ws)
{
    (void)ws;
}

/* All patients under one law; per_obs may be NULL. */
static double sum_patients(const tvdt_individual *self, const mtc_tvdt_law *law, mtc_tvdt_partials *p, double *per_obs)
{
    mtc_acc sum = MTC_ACC_INIT;
    for (size_t i = 0; i < self->n; ++i) {
        const double one = mtc_tvdt_patient_log(law, &self->patient[i], p);
        if (per_obs != NULL) {
            per_obs[i] = one;
        }
        mtc_acc_add(&sum, one);
    }
    return mtc_acc_value(&sum);
}

static double group_eval(const void *self, const mtc_tvdt_law *law, mtc_tvdt_partials *p)
{
    return sum_patients(self, law, p, NULL);
}

/* The likelihood with one shift of the median shared by all patients. */
static mtc_status eval_shifted(const tvdt_individual *self, const mtc_tvdt_law *law, mtc_tvdt_partials *p,
                               double *d_omega, double *value, mtc_err *err)
{
    const double n_primary = (double)self->count[COUNT_PRIMARY], n_metastasis = (double)self->count[COUNT_METASTASIS];
    const mtc_tvdt_group group = {
        .eval = group_eval,
        .data = self,
        .information = n_primary / law->variance[MTC_TVDT_PRIMARY] + n_metastasis / law->variance[MTC_TVDT_METASTASIS],
    };
    return mtc_tvdt_shift_integrate(&group, law, p, d_omega, value, err);
}

static mtc_status individual_eval(const void *self_v, void *ws, const double *theta, double *value, double *grad,
                                  double *per_obs, mtc_reason *reason, mtc_err *err)
{
    const tvdt_individual *self = self_v;
    mtc_status st = MTC_OK;
    mtc_tvdt_law law;
    mtc_tvdt_partials p;
    double all[MTC_TVDT_N_PARAM], all_grad[MTC_TVDT_N_PARAM] = {0.0};
    (void)ws;
    *reason = MTC_REASON_NONE;
    memset(&p, 0, sizeof p);
    mtc_tvdt_params_unpack(&self->params, theta, all);
    if (!mtc_tvdt_law_init(&law, all, self->measurement_log_sd) ||
        (self->count[COUNT_PAIR] > 0 && !mtc_tvdt_law_has_pairs(&law))) {
        *value = -HUGE_VAL;
        *reason = MTC_REASON_MODEL_DOMAIN;
        return MTC_OK;
    }
    if (self->between_study) {
        MTC_TRY(eval_shifted(self, &law, &p, &all_grad[MTC_TVDT_OMEGA], value, err));
        if (per_obs != NULL) {
            per_obs[0] = *value;
        }
    } else {
        *value = sum_patients(self, &law, &p, per_obs);
    }
    if (!(*value > MTC_TVDT_LOG_ZERO)) {
        *value = -HUGE_VAL;
        *reason = MTC_REASON_UNDERFLOW;
    } else if (grad != NULL) {
        mtc_tvdt_law_gradient(&law, &p, all_grad);
        mtc_tvdt_params_pack(&self->params, all_grad, grad);
    }
out:
    return st;
}

/* Patients are independent; with a shared shift only the whole study is. */
static size_t individual_n_obs(const void *self_v)
{
    const tvdt_individual *self = self_v;
    return self->between_study ? 1 : self->n;
}

static void individual_obs_label(const void *self_v, size_t i, char *buf, size_t size)
{
    const tvdt_individual *self = self_v;
    if (self->between_study) {
        (void)snprintf(buf, size, "all patients");
    } else if (self->id[i][0] != '\0') {
        (void)snprintf(buf, size, "patient %s", self->id[i]);
    } else {
        const mtc_pos *pos = &self->src->row_pos[self->row[i]];
        (void)snprintf(buf, size, "line %ld", pos->line);
    }
}

static size_t individual_n_facts(const void *self)
{
    (void)self;
    return N_COUNT;
}

static void individual_fact(const void *self_v, size_t i, mtc_quantity *info, double *value)
{
    static const mtc_quantity facts[N_COUNT] = {
        [COUNT_PATIENT] = {.id = "patients", .label = "patients", .is_count = true},
        [COUNT_PRIMARY] = {.id = "tumours.primary", .label = "primaries", .is_count = true},
        [COUNT_METASTASIS] = {.id = "tumours.metastasis", .label = "metastases", .is_count = true},
        [COUNT_PAIR] = {.id = "pairs", .label = "patients with both", .is_count = true},
        [COUNT_CENSORED] = {.id = "censored", .label = "tumours known by bounds only", .is_count = true},
    };
    const tvdt_individual *self = self_v;
    *info = facts[i];
    *value = (double)self->count[i];
}

static size_t individual_n_displays(const void *self_v)
{
    return ((const tvdt_individual *)self_v)->show.n;
}

static const mtc_display *individual_display(const void *self_v, size_t i)
{
    return &((const tvdt_individual *)self_v)->show.display[i];
}

static mtc_status individual_predict(const void *self_v, void *ws, size_t i, const double *theta, double *y,
                                     mtc_err *err)
{
    const tvdt_individual *self = self_v;
    double all[MTC_TVDT_N_PARAM];
    (void)ws;
    (void)err;
    mtc_tvdt_params_unpack(&self->params, theta, all);
    mtc_tvdt_show_predict(&self->show, i, all, self->measurement_log_sd, y);
    return MTC_OK;
}

const mtc_likelihood_ops mtc_likelihood_tvdt_individual = {
    .abi = MTC_LIKELIHOOD_ABI,
    .name = "tvdt/individual",
    .summary = "doubling times of single tumours: exact or censored; primaries, metastases, pairs of one patient",
    .formula = "log D ~ Normal(log delta, sigma_D^2); metastasis: log D_m ~ Normal(log delta - log r, sigma_D^2 + "
               "sigma_rho^2); pair: bivariate normal with covariance sigma_D^2; measurement_log_sd^2 adds to both "
               "variances. Density per year for an exact time, probability between its bounds for a censored one.",
    .source = "Klein 2009, Nature Reviews Cancer 9:302, table 1 (doubling times); docs/model.md, sections 1 and 5",
    .keys = tvdt_individual_keys,
    .roles = tvdt_individual_roles,
    .rows_inline = false,
    .self_size = sizeof(tvdt_individual),
    .init = individual_init,
    .params = individual_params,
    .ws_create = individual_ws_create,
    .ws_destroy = individual_ws_destroy,
    .eval = individual_eval,
    .n_obs = individual_n_obs,
    .obs_label = individual_obs_label,
    .n_facts = individual_n_facts,
    .fact = individual_fact,
    .n_displays = individual_n_displays,
    .display = individual_display,
    .predict = individual_predict,
    .simulate = tvdt_individual_simulate,
};
