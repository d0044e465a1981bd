/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_transform.h"

#include <math.h>

/* Distances from a bound outside [DISTANCE_MIN, 1 / DISTANCE_MIN] are refused: 1 / distance must stay finite with room
 * for the factors that a log density's derivative brings (a log-normal with log-sd 0.1 at e^-668: 7e4). */
#define LOG_DISTANCE_MAX 667.7
/* Ratio of bounds from which a range is meant on the log scale. */
#define LOG_SCALE_RATIO 10.0

mtc_transform mtc_transform_for(double lower, double upper)
{
    mtc_transform t = {.kind = MTC_TRANSFORM_IDENTITY, .lower = lower, .upper = upper};
    const bool has_lower = !isinf(lower);
    const bool has_upper = !isinf(upper);
    if (has_lower && has_upper) {
        /* one part in 1e9 of slack, so that 0.05 to 0.5 counts as tenfold whatever its rounding */
        const bool is_log = lower > 0.0 && upper / lower >= LOG_SCALE_RATIO * (1.0 - 1e-9);
        t.kind = is_log ? MTC_TRANSFORM_LOG_LOGIT : MTC_TRANSFORM_LOGIT;
        t.origin = is_log ? log(lower) : lower;
        t.width = is_log ? log(upper / lower) : upper - lower;
    } else if (has_lower) {
        t.kind = MTC_TRANSFORM_LOG_ABOVE;
    } else if (has_upper) {
        t.kind = MTC_TRANSFORM_LOG_BELOW;
    }
    return t;
}

static bool eval_log(const mtc_transform *t, double z, double sign, mtc_transformed *out)
{
    if (!(fabs(z) <= LOG_DISTANCE_MAX)) {
        return false;
    }
    out->dx = sign * exp(z);
    out->x = (sign > 0.0 ? t->lower : t->upper) + out->dx;
    out->log_jacobian = z;
    out->dlog_jacobian = 1.0;
    return true;
}

/* a + width * sigmoid(z), approached from the nearer end so that the distance to it keeps its digits */
static bool eval_logit(const mtc_transform *t, double z, double upper, mtc_transformed *out)
{
    if (!(fabs(z) <= LOG_DISTANCE_MAX)) {
        return false;
    }
    const double small = exp(-fabs(z));
    const double near = t->width * (small / (1.0 + small));
    out->x = z < 0.0 ? t->origin + near : upper - near;
    out->dx = near / (1.0 + small);
    out->log_jacobian = log(t->width) - fabs(z) - 2.0 * log1p(small);
    out->dlog_jacobian = -tanh(0.5 * z);
    return true;
}

static bool eval_log_logit(const mtc_transform *t, double z, mtc_transformed *out)
{
    if (!eval_logit(t, z, t->origin + t->width, out)) {
        return false;
    }
    const double log_x = out->x;
    const double dlog_x = out->dx;
    out->x = fmin(fmax(exp(log_x), t->lower), t->upper);
    out->dx = out->x * dlog_x;
    out->log_jacobian += log_x;
    out->dlog_jacobian += dlog_x;
    return true;
}

bool mtc_transform_eval(const mtc_transform *t, double z, mtc_transformed *out)
{
    switch (t->kind) {
    case MTC_TRANSFORM_IDENTITY:
        *out = (mtc_transformed){z, 1.0, 0.0, 0.0};
        return isfinite(z) != 0;
    case MTC_TRANSFORM_LOG_ABOVE:
        return eval_log(t, z, 1.0, out);
    case MTC_TRANSFORM_LOG_BELOW:
        return eval_log(t, z, -1.0, out);
    case MTC_TRANSFORM_LOGIT:
        return eval_logit(t, z, t->upper, out);
    case MTC_TRANSFORM_LOG_LOGIT:
        return eval_log_logit(t, z, out);
    }
    return false;
}

static double clamp_z(double z)
{
    return fmin(fmax(z, -LOG_DISTANCE_MAX), LOG_DISTANCE_MAX);
}

/* how far x lies above a (below b for sign -1); at least one step of the numbers next to the bound */
static double log_distance(double x, double bound, double sign)
{
    const double step = fabs(nextafter(bound, sign * HUGE_VAL) - bound);
    return log(fmax(sign * (x - bound), step));
}

double mtc_transform_inverse(const mtc_transform *t, double x)
{
    switch (t->kind) {
    case MTC_TRANSFORM_IDENTITY:
        return x;
    case MTC_TRANSFORM_LOG_ABOVE:
        return clamp_z(log_distance(x, t->lower, 1.0));
    case MTC_TRANSFORM_LOG_BELOW:
        return clamp_z(log_distance(x, t->upper, -1.0));
    case MTC_TRANSFORM_LOGIT:
        return clamp_z(log_distance(x, t->lower, 1.0) - log_distance(x, t->upper, -1.0));
    case MTC_TRANSFORM_LOG_LOGIT: {
        const double inside = fmin(fmax(x, t->lower), t->upper);
        return clamp_z(log_distance(log(inside / t->lower), 0.0, 1.0) - log_distance(log(t->upper / inside), 0.0, 1.0));
    }
    }
    return 0.0;
}
