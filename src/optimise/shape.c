/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimise_internal.h"

#include <math.h>
#include <string.h>

mtc_status local_shape_init(local_shape *s, mtc_evaluator *e, double beta, const double *scale, mtc_err *err)
{
    const size_t n = e->target->n_dim;
    *s = (local_shape){.e = e, .beta = beta, .n = n, .scale = scale};
    s->step = mtc_calloc(3 * n, sizeof *s->step);
    if (!s->step) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a Hessian");
    }
    s->point = s->step + n;
    s->beside = s->step + 2 * n;
    for (size_t i = 0; i < n; i++) {
        s->step[i] = 1e-3;
    }
    return MTC_OK;
}

void local_shape_fini(local_shape *s)
{
    mtc_free(s->step);
    *s = (local_shape){0};
}

static mtc_status difference_gradient(local_shape *s, const double *x, double *grad, bool *inside, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double *at = s->beside;
    memcpy(at, x, s->n * sizeof *at);
    for (size_t i = 0; i < s->n && *inside; i++) {
        double up = 0.0, down = 0.0;
        at[i] = x[i] + s->step[i] * s->scale[i];
        const double right = at[i];
        MTC_TRY(mtc_evaluator_log_density(s->e, at, s->beta, &up, NULL, NULL, err));
        at[i] = x[i] - s->step[i] * s->scale[i];
        const double left = at[i];
        MTC_TRY(mtc_evaluator_log_density(s->e, at, s->beta, &down, NULL, NULL, err));
        at[i] = x[i];
        *inside = isfinite(up) && isfinite(down);
        grad[i] = *inside ? (up - down) / ((right - left) / s->scale[i]) : 0.0;
    }
out:
    return st;
}

mtc_status local_gradient(local_shape *s, const double *x, double *value, double *grad, bool *inside, mtc_err *err)
{
    const bool exact = s->e->target->has_gradient;
    mtc_status st = mtc_evaluator_log_density(s->e, x, s->beta, value, exact ? grad : NULL, NULL, err);
    *inside = isfinite(*value);
    if (st != MTC_OK || !*inside) {
        return st;
    }
    if (!exact) {
        return difference_gradient(s, x, grad, inside, err);
    }
    for (size_t i = 0; i < s->n; i++) {
        grad[i] *= s->scale[i];
    }
    return MTC_OK;
}

mtc_status local_hessian(local_shape *s, const double *x, double *hessian, bool *inside, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = s->n;
    /* differences of differences need the wider step */
    const double widen = s->e->target->has_gradient ? 1.0 : 30.0;
    double *plus = mtc_calloc(2 * n, sizeof *plus);
    double *minus = plus ? plus + n : NULL;
    if (!plus) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a Hessian");
    }
    memcpy(s->point, x, n * sizeof *x);
    *inside = true;
    for (size_t i = 0; i < n && *inside; i++) {
        double value = 0.0;
        bool inside_down = true;
        s->point[i] = x[i] + widen * s->step[i] * s->scale[i];
        const double right = s->point[i];
        MTC_TRY(local_gradient(s, s->point, &value, plus, inside, err));
        s->point[i] = x[i] - widen * s->step[i] * s->scale[i];
        const double left = s->point[i];
        MTC_TRY(local_gradient(s, s->point, &value, minus, &inside_down, err));
        s->point[i] = x[i];
        *inside = *inside && inside_down;
        for (size_t j = 0; j < n && *inside; j++) {
            hessian[i * n + j] = -(plus[j] - minus[j]) / ((right - left) / s->scale[i]);
        }
    }
    for (size_t i = 0; i < n && *inside; i++) {
        for (size_t j = 0; j < i; j++) {
            const double mean = 0.5 * (hessian[i * n + j] + hessian[j * n + i]);
            hessian[i * n + j] = mean;
            hessian[j * n + i] = mean;
        }
    }
out:
    mtc_free(plus);
    return st;
}
