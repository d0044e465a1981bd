/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake_likelihood.h"

#include <math.h>
#include <stdio.h>

const mtc_param_info fake_shift = {"shift", "shift", MTC_UNIT_NONE, -INFINITY, INFINITY, "m", "location"};
const mtc_param_info fake_spread = {"spread", "spread", MTC_UNIT_NONE, 0.0, INFINITY, "s", "scale"};
const mtc_param_info fake_tilt_days = {"tilt_days", "tilt", MTC_UNIT_DAYS, 0.0, INFINITY, "k", "rate of decay"};
const mtc_param_info fake_share = {"share", "share", MTC_UNIT_NONE, 0.0, 1.0, "p", "a probability"};
const mtc_param_info fake_level_mm = {"level_mm", "level", MTC_UNIT_MM, 0.0, INFINITY, "l", "a size"};

static void normal_params(const void *self, const mtc_param_info *const **list, size_t *n)
{
    static const mtc_param_info *const params[] = {&fake_spread, &fake_shift};
    (void)self;
    *list = params;
    *n = 2;
}

static void decay_params(const void *self, const mtc_param_info *const **list, size_t *n)
{
    static const mtc_param_info *const params[] = {&fake_share, &fake_level_mm, &fake_spread, &fake_tilt_days};
    (void)self;
    *list = params;
    *n = 4;
}

static mtc_status ws_create(const void *self, void **ws, mtc_err *err)
{
    (void)self;
    *ws = mtc_calloc(1, 8);
    return *ws != NULL ? MTC_OK : mtc_fail(err, MTC_ENOMEM, "no memory");
}

static mtc_status spoil(const fake_data *d, double *value, double *grad, double *per_obs, mtc_reason *reason,
                        mtc_err *err)
{
    switch (d->fault) {
    case FAKE_SOUND:
        break;
    case FAKE_NAN_VALUE:
        *value = (double)NAN;
        if (per_obs != NULL) {
            per_obs[1] = (double)NAN;
        }
        break;
    case FAKE_NAN_GRADIENT:
        if (grad != NULL) {
            grad[1] = (double)NAN;
        }
        break;
    case FAKE_INFINITE_GRADIENT:
        if (grad != NULL) {
            grad[0] = (double)INFINITY;
        }
        break;
    case FAKE_ZERO:
        *value = -(double)INFINITY;
        *reason = MTC_REASON_MODEL_DOMAIN;
        break;
    case FAKE_ERROR:
        return mtc_fail(err, MTC_ENUMERIC, "it broke");
    }
    return MTC_OK;
}

static mtc_status normal_eval(const void *self, void *ws, const double *theta, double *value, double *grad,
                              double *per_obs, mtc_reason *reason, mtc_err *err)
{
    const fake_data *d = self;
    double sum = 0.0;
    double g[2] = {0.0, 0.0};
    (void)ws;
    for (size_t i = 0; i < d->n; ++i) {
        const double z = (d->y[i] - theta[1]) / theta[0];
        const double term = -0.5 * z * z - log(theta[0]) - 0.91893853320467274;
        sum += term;
        g[0] += (z * z - 1.0) / theta[0];
        g[1] += z / theta[0];
        if (per_obs != NULL) {
            per_obs[i] = term;
        }
    }
    *value = sum;
    if (grad != NULL) {
        grad[0] = g[0];
        grad[1] = g[1];
    }
    return spoil(d, value, grad, per_obs, reason, err);
}

static mtc_status decay_eval(const void *self, void *ws, const double *theta, double *value, double *grad,
                             double *per_obs, mtc_reason *reason, mtc_err *err)
{
    const fake_data *d = self;
    const double share = theta[0];
    const double level = theta[1];
    const double spread = theta[2];
    const double tilt = theta[3];
    double sum_y = 0.0;
    const double off = log(level) - spread;
    const double n = (double)d->n;
    (void)ws;
    for (size_t i = 0; i < d->n; ++i) {
        sum_y += d->y[i];
        if (per_obs != NULL) {
            per_obs[i] = log(share) - tilt * d->y[i] * share - 0.5 * off * off / n;
        }
    }
    *value = n * log(share) - tilt * sum_y * share - 0.5 * off * off;
    if (grad != NULL) {
        grad[0] = n / share - tilt * sum_y;
        grad[1] = -off / level;
        grad[2] = off;
        grad[3] = -sum_y * share;
    }
    return spoil(d, value, grad, per_obs, reason, err);
}

static size_t n_obs(const void *self)
{
    return ((const fake_data *)self)->n;
}

static void obs_label(const void *self, size_t i, char *buf, size_t size)
{
    (void)self;
    (void)snprintf(buf, size, "row %zu", i + 1);
}

const mtc_likelihood_ops fake_normal = {.abi = MTC_LIKELIHOOD_ABI,
                                        .name = "fake/normal",
                                        .params = normal_params,
                                        .ws_create = ws_create,
                                        .ws_destroy = mtc_free,
                                        .eval = normal_eval,
                                        .n_obs = n_obs,
                                        .obs_label = obs_label};

const mtc_likelihood_ops fake_decay = {.abi = MTC_LIKELIHOOD_ABI,
                                       .name = "fake/decay",
                                       .params = decay_params,
                                       .ws_create = ws_create,
                                       .ws_destroy = mtc_free,
                                       .eval = decay_eval,
                                       .n_obs = n_obs,
                                       .obs_label = obs_label};
