/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_summary.h"

#include "mtc_sum.h"
#include "mtc_tvdt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const mtc_key summary_keys[] = {
    {"between_study", MTC_KEY_BOOL, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, "false", false, NULL,
     "the populations of different studies differ in their median (parameter between_study_log_sd)"},
    {NULL, MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, NULL},
};

static mtc_status summary_init(void *self_v, mtc_source *src, mtc_arena *arena, mtc_errlist *errors, mtc_err *err)
{
    tvdt_summary *self = self_v;
    mtc_status st = MTC_OK;
    mtc_err local = MTC_ERR_INIT;
    bool good = true;
    memset(self, 0, sizeof *self);
    if (mtc_spec_get_bool(src->spec, summary_keys, "between_study", &self->between_study, &local) != MTC_OK) {
        (void)mtc_errlist_push(errors, &local);
        good = false;
    }
    MTC_TRY(tvdt_summary_read(self, src, arena, errors, err));
    if (!good) {
        return MTC_ECONFIG;
    }
    mtc_tvdt_params_init(&self->params, self->count[COUNT_METASTASIS] > 0.0, self->between_study);
    MTC_TRY(tvdt_summary_show(self, arena, err));
out:
    return st;
}

static void summary_params(const void *self_v, const mtc_param_info *const **list, size_t *n)
{
    const tvdt_summary *self = self_v;
    *list = self->params.list;
    *n = self->params.n;
}

/* Closed forms and stack memory only: there is no scratch. */
static mtc_status summary_ws_create(const void *self, void **ws, mtc_err *err)
{
    (void)self;
    (void)err;
    *ws = NULL;
    return MTC_OK;
}

static void summary_ws_destroy(void *ws)
{
    (void)ws;
}

static double eval_row(const tvdt_row *row, const mtc_tvdt_law *law, mtc_tvdt_partials *p)
{
    double d_mean = 0.0, d_sd = 0.0;
    const double value = row->kind->eval(row, law->mean[row->site], law->sd[row->site], &d_mean, &d_sd);
    p->mean[row->site] += d_mean;
    p->variance[row->site] += 0.5 * d_sd / law->sd[row->site];
    return value;
}

/* ---- rows of one study, with their shared shift -------------------------------------------------------------- */

typedef struct {
    const tvdt_summary *self;
    size_t group;
} study;

static double study_eval(const void *data, const mtc_tvdt_law *law, mtc_tvdt_partials *p)
{
    const study *s = data;
    mtc_acc sum = MTC_ACC_INIT;
    for (size_t i = s->self->group_start[s->group]; i < s->self->group_start[s->group + 1]; ++i) {
        mtc_acc_add(&sum, eval_row(&s->self->row[s->self->by_group[i]], law, p));
    }
    return mtc_acc_value(&sum);
}

/* Mean at which one row's density, which has a single mode, is largest: outwards in doubling steps, then bisection. */
static double row_mode(const tvdt_row *row, double start, double sd)
{
    double d = 0.0, d_sd, step = sd;
    (void)row->kind->eval(row, start, sd, &d, &d_sd);
    const double direction = d > 0.0 ? 1.0 : -1.0;
    double inner = start, outer = start + direction * step;
    for (int i = 0; i < 60; ++i) {
        if (!(row->kind->eval(row, outer, sd, &d, &d_sd) > -HUGE_VAL) || d * direction <= 0.0) {
            break;
        }
        inner = outer;
        step *= 2.0;
        outer += direction * step;
    }
    for (int i = 0; i < 8; ++i) {
        const double x = 0.5 * (inner + outer);
        const bool beyond = !(row->kind->eval(row, x, sd, &d, &d_sd) > -HUGE_VAL) || d * direction <= 0.0;
        *(beyond ? &outer : &inner) = x;
    }
    return outer;
}

static double row_centre(const tvdt_row *row)
{
    return row->order.k > 0 ? row->order.log_value[row->order.k / 2] : row->log_centre;
}

static mtc_tvdt_group study_group(const study *s, const mtc_tvdt_law *law)
{
    mtc_tvdt_group g = {.eval = study_eval, .data = s};
    const size_t first = s->self->group_start[s->group], end = s->self->group_start[s->group + 1];
    for (size_t i = first; i < end; ++i) {
        const tvdt_row *row = &s->self->row[s->self->by_group[i]];
        g.information += row->kind->information(row, law->sd[row->site]);
        g.convexity += row->kind->convexity(row, law->sd[row->site]);
    }
    for (size_t i = first; i < end && g.convexity > 0.0; ++i) {
        const tvdt_row *row = &s->self->row[s->self->by_group[i]];
        const double mode = row_mode(row, row_centre(row), law->sd[row->site]) - law->mean[row->site];
        g.mode_lower = i == first ? mode : fmin(g.mode_lower, mode);
        g.mode_upper = i == first ? mode : fmax(g.mode_upper, mode);
    }
    return g;
}

static mtc_status eval_studies(const tvdt_summary *self, const mtc_tvdt_law *law, mtc_tvdt_partials *p, double *d_omega,
                               double *value, double *per_obs, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_acc sum = MTC_ACC_INIT;
    for (size_t g = 0; g < self->n_group; ++g) {
        double one = 0.0;
        const study s = {self, g};
        const mtc_tvdt_group group = study_group(&s, law);
        MTC_TRY(mtc_tvdt_shift_integrate(&group, law, p, d_omega, &one, err));
        if (per_obs != NULL) {
            per_obs[g] = one;
        }
        mtc_acc_add(&sum, one);
    }
    *value = mtc_acc_value(&sum);
out:
    return st;
}

static double eval_rows(const tvdt_summary *self, const mtc_tvdt_law *law, mtc_tvdt_partials *p, double *per_obs)
{
    mtc_acc sum = MTC_ACC_INIT;
    for (size_t i = 0; i < self->n; ++i) {
        const double one = eval_row(&self->row[i], law, p);
        if (per_obs != NULL) {
            per_obs[i] = one;
        }
        mtc_acc_add(&sum, one);
    }
    return mtc_acc_value(&sum);
}

static mtc_status summary_eval(const void *self_v, void *ws, const double *theta, double *value, double *grad,
                               double *per_obs, mtc_reason *reason, mtc_err *err)
{
    const tvdt_summary *self = self_v;
    mtc_status st = MTC_OK;
    mtc_tvdt_law law;
    mtc_tvdt_partials p;
    double all[MTC_TVDT_N_PARAM], all_grad[MTC_TVDT_N_PARAM] = {0.0};
    (void)ws;
    *reason = MTC_REASON_NONE;
    memset(&p, 0, sizeof p);
    mtc_tvdt_params_unpack(&self->params, theta, all);
    if (!mtc_tvdt_law_init(&law, all, 0.0)) {
        *value = -HUGE_VAL;
        *reason = MTC_REASON_MODEL_DOMAIN;
        return MTC_OK;
    }
    if (self->between_study) {
        MTC_TRY(eval_studies(self, &law, &p, &all_grad[MTC_TVDT_OMEGA], value, per_obs, err));
    } else {
        *value = eval_rows(self, &law, &p, per_obs);
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

/* ---- what it says about the data ----------------------------------------------------------------------------- */

/* Rows of one study are not independent where they share a shift: then a study is the unit. */
static size_t summary_n_obs(const void *self_v)
{
    const tvdt_summary *self = self_v;
    return self->between_study ? self->n_group : self->n;
}

static void summary_obs_label(const void *self_v, size_t i, char *buf, size_t size)
{
    const tvdt_summary *self = self_v;
    const size_t at = self->between_study ? self->by_group[self->group_start[i]] : i;
    const tvdt_row *row = &self->row[at];
    const char *name = row->study != NULL ? row->study : row->source;
    if (self->between_study && row->study != NULL) {
        (void)snprintf(buf, size, "study %s", row->study);
    } else {
        (void)snprintf(buf, size, "row %zu%s%s", at + 1, name != NULL ? ", " : "", name != NULL ? name : "");
    }
}

static size_t summary_n_facts(const void *self)
{
    (void)self;
    return N_COUNT;
}

/* Published numbers: none of them is hidden as a small count of patients would be. */
static void summary_fact(const void *self_v, size_t i, mtc_quantity *info, double *value)
{
    static const mtc_quantity facts[N_COUNT] = {
        [COUNT_ROW] = {.id = "rows", .label = "reported summaries"},
        [COUNT_STUDY] = {.id = "studies", .label = "studies"},
        [COUNT_PRIMARY] = {.id = "tumours.primary", .label = "primaries behind them"},
        [COUNT_METASTASIS] = {.id = "tumours.metastasis", .label = "metastases behind them"},
    };
    const tvdt_summary *self = self_v;
    *info = facts[i];
    *value = self->count[i];
}

static size_t summary_n_displays(const void *self_v)
{
    return ((const tvdt_summary *)self_v)->show.n;
}

static const mtc_display *summary_display(const void *self_v, size_t i)
{
    return &((const tvdt_summary *)self_v)->show.display[i];
}

static mtc_status summary_predict(const void *self_v, void *ws, size_t i, const double *theta, double *y, mtc_err *err)
{
    const tvdt_summary *self = self_v;
    double all[MTC_TVDT_N_PARAM];
    (void)ws;
    (void)err;
    mtc_tvdt_params_unpack(&self->params, theta, all);
    mtc_tvdt_show_predict(&self->show, i, all, 0.0, y);
    return MTC_OK;
}

const mtc_likelihood_ops mtc_likelihood_tvdt_summary = {
    .abi = MTC_LIKELIHOOD_ABI,
    .name = "tvdt/summary",
    .summary = "published summaries of doubling times: quantiles, ranges, geometric means, means with sd",
    .formula = "log D ~ Normal(M, V): M = log delta, V = sigma_D^2 (primary); M = log delta - log r, V = sigma_D^2 + "
               "sigma_rho^2 (metastasis). Order statistics of n tumours with ranks i: Gamma(n+1) / [Gamma(i1) "
               "Gamma(i2-i1) ... Gamma(n-ik+1)] F1^(i1-1) (F2-F1)^(i2-i1-1) ... (1-Fk)^(n-ik) f1 ... fk. Geometric "
               "mean and log-sd: Normal and scaled chi-squared. Mean and sd: bivariate normal (approximate). "
               "between_study: rows of one study share a shift Normal(0, omega^2) of M, integrated out.",
    .source = "Klein 2009, Nature Reviews Cancer 9:302, table 1 (doubling times); docs/model.md, section 5",
    .keys = summary_keys,
    .roles = NULL,
    .rows_inline = true,
    .self_size = sizeof(tvdt_summary),
    .init = summary_init,
    .params = summary_params,
    .ws_create = summary_ws_create,
    .ws_destroy = summary_ws_destroy,
    .eval = summary_eval,
    .n_obs = summary_n_obs,
    .obs_label = summary_obs_label,
    .n_facts = summary_n_facts,
    .fact = summary_fact,
    .n_displays = summary_n_displays,
    .display = summary_display,
    .predict = summary_predict,
    .simulate = tvdt_summary_simulate,
};
