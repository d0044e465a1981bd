/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "m1_counts.h"

#include "mtc_latency.h"
#include "mtc_special.h"
#include "mtc_sum.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const mtc_param_info m1_counts_over_dispersion = {"count_over_dispersion",
                                                  "count_over_dispersion",
                                                  MTC_UNIT_NONE,
                                                  0.0,
                                                  1.0,
                                                  "ρ_c",
                                                  "correlation between patients counted in one row (beta-binomial)"};

/** Scratch of one thread: values at surgery by class, and their derivatives. */
typedef struct {
    mtc_curve_ws *curve;
    double *survival, *density, *distribution;             /* S(0), f(0), F(0) of each class */
    double *survival_bar, *density_bar, *distribution_bar; /* d log likelihood by each; density's are 0 */
} m1_ws;

static mtc_status m1_init(void *self_v, mtc_source *src, mtc_arena *arena, mtc_errlist *errors, mtc_err *err)
{
    m1_counts *self = self_v;
    mtc_status st = MTC_OK;
    mtc_err local = MTC_ERR_INIT;
    const double surgery = 0.0;
    memset(self, 0, sizeof *self);
    self->src = src;
    for (self->n_param = 0; self->n_param < MTC_COURSE_N_PARAM; self->n_param++) {
        self->params[self->n_param] = &mtc_course_params[self->n_param];
    }
    const bool good =
        mtc_spec_get_bool(src->spec, m1_counts_keys, "over_dispersion", &self->over_dispersion, &local) == MTC_OK;
    if (!good) {
        (void)mtc_errlist_push(errors, &local);
    }
    if (self->over_dispersion) {
        self->params[self->n_param++] = &m1_counts_over_dispersion;
    }
    MTC_TRY(m1_counts_read(self, src, arena, errors, err));
    if (!good) {
        return MTC_ECONFIG;
    }
    MTC_TRY(m1_counts_show(self, arena, err));
    MTC_TRY(mtc_curve_plan_create(src->course, self->cls, self->n_class, &surgery, 1, &self->plan, err));
    mtc_curve_plan_want(self->plan, MTC_WANT_SURVIVAL | MTC_WANT_DISTRIBUTION, NULL);
out:
    return st;
}

static void m1_fini(void *self_v)
{
    m1_counts *self = self_v;
    mtc_curve_plan_destroy(self->plan);
    self->plan = NULL;
}

static void m1_params(const void *self_v, const mtc_param_info *const **list, size_t *n)
{
    const m1_counts *self = self_v;
    *list = self->params;
    *n = self->n_param;
}

static void m1_ws_destroy(void *ws_v)
{
    m1_ws *ws = ws_v;
    if (ws != NULL) {
        mtc_curve_ws_destroy(ws->curve);
        mtc_free(ws->survival);
        mtc_free(ws);
    }
}

static mtc_status m1_ws_create(const void *self_v, void **out, mtc_err *err)
{
    const m1_counts *self = self_v;
    const size_t n = self->n_class;
    *out = NULL;
    m1_ws *ws = mtc_calloc(1, sizeof *ws);
    double *block = mtc_calloc(6 * n, sizeof *block);
    if (ws == NULL || block == NULL) {
        mtc_free(ws);
        mtc_free(block);
        return mtc_fail(err, MTC_ENOMEM, "out of memory for the scratch of %zu size classes", n);
    }
    *ws = (m1_ws){NULL, block, block + n, block + 2 * n, block + 3 * n, block + 4 * n, block + 5 * n};
    const mtc_status st = mtc_curve_ws_create(self->plan, &ws->curve, err);
    if (st != MTC_OK) {
        m1_ws_destroy(ws);
        return st;
    }
    *out = ws;
    return MTC_OK;
}

/*
 * log pmf of k among n where a patient has one with probability p, q = 1 - p; derivatives by p and q, taken as two
 * variables, and by eta = rho/(1 - rho). Binomial at eta = 0. -INFINITY where it cannot happen.
 */
static double log_pmf(const m1_row *row, double p, double q, double eta, double *d_p, double *d_q, double *d_eta)
{
    double none, d_k, d_rest, d_all;
    const double rest = row->n - row->k;
    *d_p = *d_q = *d_eta = 0.0;
    if ((row->k > 0.0 && !(p > 0.0)) || (rest > 0.0 && !(q > 0.0))) {
        return -HUGE_VAL;
    }
    const double with = row->k > 0.0 ? m1_counts_rising(p, eta, row->k, d_p, &d_k) : (d_k = 0.0);
    const double without = rest > 0.0 ? m1_counts_rising(q, eta, rest, d_q, &d_rest) : (d_rest = 0.0);
    const double all = m1_counts_rising(1.0, eta, row->n, &none, &d_all);
    *d_eta = d_k + d_rest - d_all;
    return mtc_log_choose(row->n, row->k) + with + without - all;
}

/* All rows at the workspace's F(0) and S(0); fills its bars where grad. */
static double sum_rows(const m1_counts *self, m1_ws *ws, double eta, double *d_eta, double *per_obs)
{
    mtc_acc sum = MTC_ACC_INIT;
    *d_eta = 0.0;
    memset(ws->survival_bar, 0, 3 * self->n_class * sizeof *ws->survival_bar);
    for (size_t i = 0; i < self->n; i++) {
        const m1_row *row = &self->row[i];
        double d_p, d_q, d_row;
        const double one = log_pmf(row, ws->distribution[row->cls], ws->survival[row->cls], eta, &d_p, &d_q, &d_row);
        ws->distribution_bar[row->cls] += d_p;
        ws->survival_bar[row->cls] += d_q;
        *d_eta += d_row;
        if (per_obs != NULL) {
            per_obs[i] = one;
        }
        mtc_acc_add(&sum, one);
    }
    return mtc_acc_value(&sum);
}

/* F(0), S(0) of all classes. */
static mtc_status at_surgery(const m1_counts *self, m1_ws *ws, const mtc_course_point *p, mtc_domain *domain,
                             mtc_err *err)
{
    mtc_curve_values values = {ws->survival, ws->density, ws->distribution};
    return mtc_curve_eval(self->plan, ws->curve, p, &values, domain, err);
}

static mtc_status outside(const m1_counts *self, double *value, double *per_obs, mtc_reason *reason)
{
    *value = -HUGE_VAL;
    *reason = MTC_REASON_MODEL_DOMAIN;
    for (size_t i = 0; per_obs != NULL && i < self->n; i++) {
        per_obs[i] = -HUGE_VAL;
    }
    return MTC_OK;
}

static mtc_status m1_eval(const void *self_v, void *ws_v, const double *theta, double *value, double *grad,
                          double *per_obs, mtc_reason *reason, mtc_err *err)
{
    const m1_counts *self = self_v;
    m1_ws *ws = ws_v;
    mtc_status st = MTC_OK;
    mtc_course_point point;
    mtc_domain domain = MTC_DOMAIN_OUTSIDE;
    double d_eta, d_point[MTC_POINT_N];
    const double rho = self->over_dispersion ? theta[MTC_COURSE_N_PARAM] : 0.0;
    *reason = MTC_REASON_NONE;
    if (!(rho >= 0.0 && rho < 1.0)) {
        return outside(self, value, per_obs, reason);
    }
    mtc_course_point_init(&point, theta);
    MTC_TRY(at_surgery(self, ws, &point, &domain, err));
    if (domain != MTC_DOMAIN_OK) {
        return outside(self, value, per_obs, reason);
    }
    *value = sum_rows(self, ws, rho / (1.0 - rho), &d_eta, per_obs);
    if (*value == -HUGE_VAL) {
        *reason = MTC_REASON_UNDERFLOW;
    } else if (grad != NULL) {
        const mtc_curve_values bar = {ws->survival_bar, ws->density_bar, ws->distribution_bar};
        MTC_TRY(mtc_curve_adjoint(self->plan, ws->curve, &point, &bar, d_point, err));
        mtc_course_point_gradient(&point, theta, d_point, grad);
        if (self->over_dispersion) {
            grad[MTC_COURSE_N_PARAM] = d_eta / ((1.0 - rho) * (1.0 - rho));
        }
    }
out:
    return st;
}

static size_t m1_n_obs(const void *self_v)
{
    return ((const m1_counts *)self_v)->n;
}

static void m1_obs_label(const void *self_v, size_t i, char *buf, size_t size)
{
    const m1_counts *self = self_v;
    (void)snprintf(buf, size, "line %ld, %s", self->row[i].pos.line, self->label[self->row[i].cls]);
}

static size_t m1_n_facts(const void *self_v)
{
    return N_TOTAL + FACTS_PER_CLASS * ((const m1_counts *)self_v)->n_class;
}

static void m1_fact(const void *self_v, size_t i, mtc_quantity *info, double *value)
{
    const m1_counts *self = self_v;
    const double totals[N_TOTAL] = {(double)self->n, self->total_n, self->total_k};
    *info = self->fact[i];
    if (i < N_TOTAL) {
        *value = totals[i];
    } else {
        const size_t c = (i - N_TOTAL) / FACTS_PER_CLASS;
        *value = (i - N_TOTAL) % FACTS_PER_CLASS == 0 ? self->class_n[c] : self->class_k[c];
    }
}

static size_t m1_n_quantities(const void *self_v)
{
    return ((const m1_counts *)self_v)->n_class;
}

static void m1_quantity(const void *self_v, size_t i, mtc_quantity *info)
{
    *info = ((const m1_counts *)self_v)->quantity[i];
}

static mtc_status m1_quantities(const void *self_v, void *ws_v, const double *theta, double *value, mtc_err *err)
{
    const m1_counts *self = self_v;
    m1_ws *ws = ws_v;
    mtc_course_point point;
    mtc_domain domain = MTC_DOMAIN_OUTSIDE;
    mtc_course_point_init(&point, theta);
    const mtc_status st = at_surgery(self, ws, &point, &domain, err);
    if (st == MTC_OK && domain != MTC_DOMAIN_OK) {
        return mtc_fail(err, MTC_EDOMAIN, "the model is not defined at this point");
    }
    for (size_t c = 0; st == MTC_OK && c < self->n_class; c++) {
        value[c] = ws->distribution[c];
    }
    return st;
}

const mtc_likelihood_ops mtc_likelihood_latency_m1_counts = {
    .abi = MTC_LIKELIHOOD_ABI,
    .name = "latency/m1_counts",
    .summary = "patients with a metastasis at surgery among all, by size of the primary",
    .formula = "k ~ Binomial(n, F(0)), F(0) the probability of a metastasis at surgery averaged over the size class; "
               "with over_dispersion beta-binomial with mean F(0) and correlation rho_c between the patients of a row",
    .source = "Klein 2009, Nature Reviews Cancer 9:302; docs/model.md, sections 1 to 3",
    .keys = m1_counts_keys,
    .roles = m1_counts_roles,
    .has_draft = true,
    .rows_inline = true,
    .self_size = sizeof(m1_counts),
    .init = m1_init,
    .fini = m1_fini,
    .params = m1_params,
    .ws_create = m1_ws_create,
    .ws_destroy = m1_ws_destroy,
    .eval = m1_eval,
    .n_obs = m1_n_obs,
    .obs_label = m1_obs_label,
    .n_facts = m1_n_facts,
    .fact = m1_fact,
    .n_quantities = m1_n_quantities,
    .quantity = m1_quantity,
    .quantities = m1_quantities,
    .simulate = m1_counts_simulate,
    .draw_size_mm = m1_counts_draw_size,
};
