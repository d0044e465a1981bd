/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_target.h"

#include "mtc_arena.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

mtc_status mtc_evaluator_init(mtc_evaluator *e, const mtc_target *target, mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (e == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_evaluator_init: no evaluator");
    }
    memset(e, 0, sizeof *e);
    if (target == NULL || target->eval == NULL || target->ws_create == NULL || target->ws_destroy == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_evaluator_init: a target without its operations");
    }
    e->buffer = mtc_calloc(2 * target->n_dim + 1, sizeof *e->buffer);
    if (e->buffer == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the gradients of '%s'", target->name);
    }
    e->target = target;
    MTC_TRY(target->ws_create(target->self, &e->ws, err));
    return MTC_OK;
out:
    mtc_free(e->buffer);
    memset(e, 0, sizeof *e);
    return st;
}

void mtc_evaluator_fini(mtc_evaluator *e)
{
    if (e == NULL) {
        return;
    }
    if (e->target != NULL) {
        e->target->ws_destroy(e->ws);
    }
    mtc_free(e->buffer);
    memset(e, 0, sizeof *e);
}

/* Name the point of a defect. The target has already failed on it, so only its coordinates are printed. */
static mtc_status defect(const mtc_target *target, const double *x, const char *what, mtc_err *err)
{
    char text[640] = "";
    size_t n = 0;
    for (size_t i = 0; i < target->n_dim && n + 1 < sizeof text; ++i) {
        const int wrote = snprintf(text + n, sizeof text - n, " %.17g", x[i]);
        n += wrote > 0 ? (size_t)wrote : 0;
    }
    return mtc_fail(err, MTC_ENAN, "target '%s': %s at the unconstrained point%s", target->name, what, text);
}

static bool any_nan(const double *x, size_t n)
{
    for (size_t i = 0; x != NULL && i < n; ++i) {
        if (isnan(x[i])) {
            return true;
        }
    }
    return false;
}

static mtc_status check_point(const mtc_target *target, const double *x, const mtc_point *point, mtc_err *err)
{
    const double max = HUGE_VAL;
    if (isnan(point->log_prior) || point->log_prior == max) {
        return defect(target, x, "the log prior is not a number or +infinity", err);
    }
    if (isnan(point->log_likelihood) || point->log_likelihood == max) {
        return defect(target, x, "the log likelihood is not a number or +infinity", err);
    }
    if (isinf(point->log_prior) || isinf(point->log_likelihood)) {
        return MTC_OK; /* gradients mean nothing there */
    }
    if (any_nan(point->grad_log_prior, target->n_dim)) {
        return defect(target, x, "the gradient of the log prior is not a number", err);
    }
    if (any_nan(point->grad_log_likelihood, target->n_dim)) {
        return defect(target, x, "the gradient of the log likelihood is not a number", err);
    }
    return MTC_OK;
}

/* log prior + beta log likelihood without 0 x infinity; a zero gradient where the value is -INFINITY */
static double combine(const mtc_point *point, double beta, double *grad, size_t n)
{
    const double value =
        beta > 0.0 && !isinf(point->log_prior) ? point->log_prior + beta * point->log_likelihood : point->log_prior;
    for (size_t i = 0; grad != NULL && i < n; ++i) {
        grad[i] = isinf(value) ? 0.0 : point->grad_log_prior[i];
        if (beta > 0.0 && !isinf(value)) {
            grad[i] += beta * point->grad_log_likelihood[i];
        }
    }
    return value;
}

mtc_status mtc_evaluator_log_density(mtc_evaluator *e, const double *x, double beta, double *value, double *grad,
                                     mtc_point *parts, mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (e == NULL || e->target == NULL || x == NULL || value == NULL || !(beta >= 0.0)) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_evaluator_log_density: an argument is missing or beta is not >= 0");
    }
    const mtc_target *target = e->target;
    mtc_point point = {.reason = MTC_REASON_NONE};
    if (parts != NULL) {
        point.grad_log_prior = parts->grad_log_prior;
        point.grad_log_likelihood = parts->grad_log_likelihood;
    }
    if (grad != NULL && point.grad_log_prior == NULL) {
        point.grad_log_prior = e->buffer;
    }
    if (grad != NULL && point.grad_log_likelihood == NULL) {
        point.grad_log_likelihood = e->buffer + target->n_dim;
    }
    const bool with_gradient = point.grad_log_prior != NULL || point.grad_log_likelihood != NULL;
    if (with_gradient && !target->has_gradient) {
        return mtc_fail(err, MTC_EDOMAIN, "target '%s' has no gradient", target->name);
    }
    MTC_TRY(target->eval(target->self, e->ws, x, &point, err));
    if (with_gradient) {
        e->n_gradient++;
    } else {
        e->n_value++;
    }
    MTC_TRY(check_point(target, x, &point, err));
    *value = combine(&point, beta, grad, target->n_dim);
    if (parts != NULL) {
        parts->log_prior = point.log_prior;
        parts->log_likelihood = point.log_likelihood;
        parts->reason = point.reason;
    }
out:
    return st;
}
