/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimise_internal.h"

#include <math.h>
#include <nlopt.h>
#include <string.h>

/* What NLopt's callback needs. Coordinates inside NLopt are x / scale, the objective is -(f(x) - f(start)). */
typedef struct {
    mtc_evaluator *e;
    const double *scale;
    double beta;
    double start_value;
    double best;    /* log density of the best point */
    double *x_best; /* n */
    double *x;      /* n, scratch */
    double *grad;   /* n, scratch; NULL without gradient */
    nlopt_opt opt;
    mtc_status st;
    mtc_err err;
} climb_state;

/* Line searches of a steep start leap to points that nobody would ask for and that may be dear to evaluate. */
static bool leaps(const climb_state *c, unsigned n)
{
    const double reach = 2.0; /* prior sds in one coordinate, from the best point */
    for (unsigned i = 0; i < n; i++) {
        if (!(fabs(c->x[i] - c->x_best[i]) <= reach * c->scale[i])) {
            return true;
        }
    }
    return false;
}

/* Outside the support and beyond reach NLopt gets a finite wall that falls towards the best point. */
static double wall(const climb_state *c, unsigned n, const double *y, double *grad)
{
    const double steepness = 1e3;
    double square = 0.0;
    for (unsigned i = 0; i < n; i++) {
        const double away = y[i] - c->x_best[i] / c->scale[i];
        square += away * away;
        if (grad) {
            grad[i] = 2.0 * steepness * away;
        }
    }
    return c->start_value - c->best + steepness * (1.0 + square);
}

static double objective(unsigned n, const double *y, double *grad, void *data)
{
    climb_state *c = data;
    double value = 0.0;
    if (c->st != MTC_OK) {
        return 0.0;
    }
    for (unsigned i = 0; i < n; i++) {
        c->x[i] = y[i] * c->scale[i];
    }
    if (leaps(c, n)) {
        return wall(c, n, y, grad);
    }
    c->st = mtc_evaluator_log_density(c->e, c->x, c->beta, &value, grad ? c->grad : NULL, NULL, &c->err);
    if (c->st != MTC_OK) {
        nlopt_force_stop(c->opt);
        return 0.0;
    }
    if (!isfinite(value)) {
        return wall(c, n, y, grad);
    }
    for (unsigned i = 0; grad && i < n; i++) {
        grad[i] = -c->grad[i] * c->scale[i];
    }
    if (value > c->best) {
        c->best = value;
        memcpy(c->x_best, c->x, n * sizeof *c->x);
    }
    return c->start_value - value;
}

/* One call of NLopt from the best point; a poor end (rounding, line search) is no error: the best point is kept here.
 */
static mtc_status climb_once(climb_state *c, const mtc_optimise_settings *settings, double *y, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = c->e->target->n_dim;
    const bool has_gradient = c->grad != NULL;
    const double small_gain = 1e-6; /* in log density; the polishing does the rest */
    c->opt = nlopt_create(has_gradient ? NLOPT_LD_LBFGS : NLOPT_LN_SBPLX, (unsigned)n);
    if (!c->opt) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for NLopt");
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = c->x_best[i] / c->scale[i];
    }
    bool set = nlopt_set_min_objective(c->opt, objective, c) > 0 && nlopt_set_ftol_abs(c->opt, small_gain) > 0 &&
               nlopt_set_maxeval(c->opt, (int)settings->max_eval) > 0;
    if (!has_gradient) {
        /* Sbplx compares simplex values: without a smallest size it may stop on a ridge */
        set = set && nlopt_set_initial_step1(c->opt, 0.5) > 0 && nlopt_set_ftol_abs(c->opt, 0.0) > 0 &&
              nlopt_set_xtol_abs1(c->opt, 1e-6) > 0;
    }
    if (!set) {
        st = mtc_fail(err, MTC_ENUMERIC, "NLopt refuses its settings");
        goto out;
    }
    nlopt_srand((unsigned long)(settings->seed & 0xffffffffu));
    double end = 0.0;
    const nlopt_result result = nlopt_optimize(c->opt, y, &end);
    if (result == NLOPT_OUT_OF_MEMORY) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for NLopt");
    } else if (result == NLOPT_INVALID_ARGS) {
        st = mtc_fail(err, MTC_ENUMERIC, "NLopt refuses its arguments");
    }
out:
    nlopt_destroy(c->opt);
    c->opt = NULL;
    return st;
}

mtc_status mtc_climb(mtc_evaluator *e, const mtc_optimise_settings *settings, const double *scale, double *x,
                     double *value, mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (!e || !settings || !scale || !x || !value || settings->max_eval == 0 || settings->max_eval > 1000000000u) {
        return mtc_fail(err, MTC_EDOMAIN, "a climb needs an evaluator, a start, scales and 1 to 1e9 evaluations");
    }
    const size_t n = e->target->n_dim;
    double *buffer = mtc_calloc(4 * n, sizeof *buffer);
    if (!buffer) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a climb");
    }
    climb_state c = {
        .e = e, .scale = scale, .beta = settings->beta, .x_best = buffer, .x = buffer + n, .err = MTC_ERR_INIT};
    c.grad = e->target->has_gradient ? buffer + 2 * n : NULL;
    memcpy(c.x_best, x, n * sizeof *x);
    MTC_TRY(mtc_evaluator_log_density(e, x, c.beta, &c.best, NULL, NULL, err));
    if (!isfinite(c.best)) {
        st = mtc_fail(err, MTC_EDOMAIN, "%s: a climb starts outside the support", e->target->name);
        goto out;
    }
    /* A new start drops the memory of a line search that got stuck. */
    const int max_restart = 5;
    const double worth = 1e-3;
    for (int k = 0; k < max_restart; k++) {
        const double before = c.best;
        c.start_value = c.best;
        MTC_TRY(climb_once(&c, settings, buffer + 3 * n, err));
        if (c.st != MTC_OK) {
            st = c.st;
            if (err) {
                *err = c.err;
            }
            goto out;
        }
        if (c.best - before <= worth) {
            break;
        }
    }
    memcpy(x, c.x_best, n * sizeof *x);
    *value = c.best;
out:
    mtc_free(buffer);
    return st;
}
