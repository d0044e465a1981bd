/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_user.h"

#include "mtc_arena.h"
#include "mtc_rng.h"

#include <math.h>
#include <string.h>

/* Natural value of a coordinate; *log_slope: log of d theta / d x; *curve: d *log_slope / d x. */
static double natural(const mtc_user_param *p, double x, double *log_slope, double *curve)
{
    if (isfinite(p->lower) && isfinite(p->upper)) {
        const double e = exp(-fabs(x)), near = e / (1.0 + e), width = p->upper - p->lower;
        *log_slope = log(width) - fabs(x) - 2.0 * log1p(e);
        *curve = x > 0.0 ? 2.0 * near - 1.0 : 1.0 - 2.0 * near;
        return x > 0.0 ? p->upper - width * near : p->lower + width * near;
    }
    if (isfinite(p->lower) || isfinite(p->upper)) {
        const double sign = isfinite(p->lower) ? 1.0 : -1.0;
        *log_slope = sign * x;
        *curve = sign;
        return isfinite(p->lower) ? p->lower + exp(x) : p->upper - exp(-x);
    }
    *log_slope = 0.0;
    *curve = 0.0;
    return x;
}

/* The coordinate of a value inside the bounds. */
static double coordinate(const mtc_user_param *p, double theta)
{
    if (isfinite(p->lower) && isfinite(p->upper)) {
        return log(theta - p->lower) - log(p->upper - theta);
    }
    if (isfinite(p->lower)) {
        return log(theta - p->lower);
    }
    return isfinite(p->upper) ? -log(p->upper - theta) : theta;
}

typedef struct {
    double *theta, *log_slope, *curve; /* n_param each */
} user_ws;

static mtc_status ws_create(const void *self, void **ws, mtc_err *err)
{
    const size_t n = ((const mtc_user_target *)self)->model->n_param;
    user_ws *w = mtc_calloc(1, sizeof *w);
    double *block = mtc_calloc(3 * n, sizeof *block);
    if (w == NULL || block == NULL) {
        mtc_free(w);
        mtc_free(block);
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu parameters", n);
    }
    *w = (user_ws){block, block + n, block + 2 * n};
    *ws = w;
    return MTC_OK;
}

static void ws_destroy(void *ws)
{
    user_ws *w = ws;
    if (w != NULL) {
        mtc_free(w->theta);
        mtc_free(w);
    }
}

/* Gradients by natural values become gradients by coordinates. */
static void chain_rule(const user_ws *w, size_t n, double *grad, bool with_jacobian)
{
    for (size_t i = 0; grad != NULL && i < n; i++) {
        grad[i] = grad[i] * exp(w->log_slope[i]) + (with_jacobian ? w->curve[i] : 0.0);
    }
}

static mtc_status eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const mtc_user_model *m = ((const mtc_user_target *)self)->model;
    const user_ws *w = ws;
    double log_jacobian = 0.0;
    bool inside = true;
    (void)err;
    for (size_t i = 0; i < m->n_param; i++) {
        w->theta[i] = natural(&m->param[i], x[i], &w->log_slope[i], &w->curve[i]);
        /* far out a coordinate rounds to its bound, or leaves the numbers there are */
        inside = inside && w->theta[i] > m->param[i].lower && w->theta[i] < m->param[i].upper;
        log_jacobian += w->log_slope[i];
    }
    point->reason = MTC_REASON_PRIOR_SUPPORT;
    point->log_prior = inside ? m->log_prior(m->data, w->theta, point->grad_log_prior) : -HUGE_VAL;
    point->log_likelihood = -HUGE_VAL;
    if (point->log_prior == -HUGE_VAL) {
        return MTC_OK;
    }
    point->log_prior += log_jacobian;
    point->log_likelihood = m->log_likelihood(m->data, w->theta, point->grad_log_likelihood);
    point->reason = point->log_likelihood == -HUGE_VAL ? MTC_REASON_UNDERFLOW : MTC_REASON_NONE;
    chain_rule(w, m->n_param, point->grad_log_prior, true);
    chain_rule(w, m->n_param, point->grad_log_likelihood, false);
    return MTC_OK;
}

static mtc_status prior_draw(const void *self, gsl_rng *rng, double *x, mtc_err *err)
{
    const mtc_user_model *m = ((const mtc_user_target *)self)->model;
    m->prior_draw(m->data, rng, x);
    for (size_t i = 0; i < m->n_param; i++) {
        const mtc_user_param *p = &m->param[i];
        if (!(x[i] >= p->lower && x[i] <= p->upper) || isinf(x[i])) {
            return mtc_fail(err, MTC_EDOMAIN, "%s: prior_draw gave %s = %g, which does not lie within (%g, %g)",
                            m->name, p->name, x[i], p->lower, p->upper);
        }
        /* a uniform number may be 0 */
        const double theta = fmin(fmax(x[i], nextafter(p->lower, HUGE_VAL)), nextafter(p->upper, -HUGE_VAL));
        x[i] = coordinate(p, theta);
    }
    return MTC_OK;
}

/* Spreads starts over the prior: a draw that is a function of u. */
static mtc_status prior_from_uniforms(const void *self, const double *u, double *x, mtc_err *err)
{
    const mtc_user_model *m = ((const mtc_user_target *)self)->model;
    gsl_rng *rng = NULL;
    const uint64_t seed = mtc_hash(MTC_HASH_INIT, u, m->n_param * sizeof *u);
    mtc_status st = mtc_rng_stream(seed, "prior", &rng, err);
    st = st == MTC_OK ? prior_draw(self, rng, x, err) : st;
    gsl_rng_free(rng);
    return st;
}

static void constrain(const void *self, const double *x, double *theta)
{
    const mtc_user_model *m = ((const mtc_user_target *)self)->model;
    for (size_t i = 0; i < m->n_param; i++) {
        double log_slope = 0.0, curve = 0.0;
        theta[i] = natural(&m->param[i], x[i], &log_slope, &curve);
    }
}

static mtc_status per_obs(const void *self, void *ws, const double *x, double *out, mtc_err *err)
{
    const mtc_user_model *m = ((const mtc_user_target *)self)->model;
    (void)err;
    constrain(self, x, ((user_ws *)ws)->theta);
    m->per_obs(m->data, ((user_ws *)ws)->theta, out);
    return MTC_OK;
}

static mtc_status check(const mtc_user_model *m, mtc_err *err)
{
    if (m == NULL || m->name == NULL || m->n_param == 0 || m->param == NULL || m->log_prior == NULL ||
        m->log_likelihood == NULL || m->prior_draw == NULL || (m->n_obs > 0) != (m->per_obs != NULL)) {
        return mtc_fail(err, MTC_EDOMAIN,
                        "a model needs a name, parameters, log_prior, log_likelihood and prior_draw, and per_obs where "
                        "n_obs is not 0");
    }
    for (size_t i = 0; i < m->n_param; i++) {
        const mtc_user_param *p = &m->param[i];
        if (p->name == NULL || !(p->lower < p->upper) || p->lower == HUGE_VAL || p->upper == -HUGE_VAL) {
            return mtc_fail(err, MTC_EDOMAIN, "%s: parameter %zu (%s) needs a name and bounds with lower < upper",
                            m->name, i, p->name != NULL ? p->name : "no name");
        }
    }
    return MTC_OK;
}

mtc_status mtc_user_target_init(mtc_user_target *t, const mtc_user_model *model, mtc_err *err)
{
    mtc_status st = MTC_OK;
    memset(t, 0, sizeof *t);
    MTC_TRY(check(model, err));
    t->name = mtc_calloc(model->n_param, sizeof *t->name);
    if (t->name == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu parameters", model->n_param);
    }
    for (size_t i = 0; i < model->n_param; i++) {
        t->name[i] = model->param[i].name;
    }
    t->model = model;
    t->target = (mtc_target){.name = model->name,
                             .n_dim = model->n_param,
                             .param_name = t->name,
                             .has_gradient = model->has_gradient,
                             .n_obs = model->n_obs,
                             .self = t,
                             .ws_create = ws_create,
                             .ws_destroy = ws_destroy,
                             .eval = eval,
                             .prior_draw = prior_draw,
                             .prior_quantile = prior_from_uniforms,
                             .constrain = constrain,
                             .per_obs = model->n_obs > 0 ? per_obs : NULL};
out:
    return st;
}

void mtc_user_target_fini(mtc_user_target *t)
{
    if (t != NULL) {
        mtc_free(t->name);
        memset(t, 0, sizeof *t);
    }
}
