/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_line.h"

#include <math.h>

/* Distances from a bound outside [DISTANCE_MIN, 1 / DISTANCE_MIN] are refused: 1 / distance must stay finite with room
 * for the factors that a log density's derivative brings (a log-normal with log-sd 0.1 at e^-668: 7e4). */
#define LOG_DISTANCE_MAX 667.7
/* Ratio of bounds from which a range is meant on the log scale. */
#define LOG_SCALE_RATIO 10.0

test_line test_line_for(double lower, double upper)
{
    test_line t = {.kind = TEST_LINE_IDENTITY, .lower = lower, .upper = upper};
    const bool has_lower = !isinf(lower);
    const bool has_upper = !isinf(upper);
    if (has_lower && has_upper) {
        /* one part in 1e9 of slack, so that 0.05 to 0.5 counts as tenfold whatever its rounding */
        const bool is_log = lower > 0.0 && upper / lower >= LOG_SCALE_RATIO * (1.0 - 1e-9);
        t.kind = is_log ? TEST_LINE_LOG_LOGIT : TEST_LINE_LOGIT;
        t.origin = is_log ? log(lower) : lower;
        t.width = is_log ? log(upper / lower) : upper - lower;
    } else if (has_lower) {
        t.kind = TEST_LINE_LOG_ABOVE;
    } else if (has_upper) {
        t.kind = TEST_LINE_LOG_BELOW;
    }
    return t;
}

static bool eval_log(const test_line *t, double z, double sign, test_line_point *out)
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
static bool eval_logit(const test_line *t, double z, double upper, test_line_point *out)
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

static bool eval_log_logit(const test_line *t, double z, test_line_point *out)
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

bool test_line_eval(const test_line *t, double z, test_line_point *out)
{
    switch (t->kind) {
    case TEST_LINE_IDENTITY:
        *out = (test_line_point){z, 1.0, 0.0, 0.0};
        return isfinite(z) != 0;
    case TEST_LINE_LOG_ABOVE:
        return eval_log(t, z, 1.0, out);
    case TEST_LINE_LOG_BELOW:
        return eval_log(t, z, -1.0, out);
    case TEST_LINE_LOGIT:
        return eval_logit(t, z, t->upper, out);
    case TEST_LINE_LOG_LOGIT:
        return eval_log_logit(t, z, out);
    }
    return false;
}
