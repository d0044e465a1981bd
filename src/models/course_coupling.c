/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pairs of the course's parameters that latency data bind together. Both were found by looking: docs/evidence.md,
 * coordinates, has the figures.
 */
#include "mtc_course.h"

#include <math.h>

/* Beyond this exp(y) and the derivatives of Lambda have no numbers. */
static const double largest = 600.0;

/* y e^y - (e^y - 1), y >= 0; relative error 1e-12 */
static double second_order(double y, double grown)
{
    if (y < 1e-2) {
        return y * y * (0.5 + y * (1.0 / 3.0 + y * (0.125 + y * (1.0 / 30.0 + y / 144.0))));
    }
    return y * exp(y) - grown;
}

/*
 * Lambda and theta. What a cohort shows is how many patients never metastasise, (1 + theta Lambda)^(-1/theta); it says
 * a, the log of minus its logarithm, within a few per cent while theta may vary tenfold.
 *   a = log(log(1 + theta Lambda) / theta), b = log theta
 */
static int founders_eval(double a, double b, mtc_coupled *out)
{
    const double theta = exp(b), y = exp(a + b);
    if (!(y < largest) || !(theta > 0.0) || !isfinite(theta)) {
        return 0;
    }
    const double grown = expm1(y);
    *out = (mtc_coupled){.u = grown / theta,
                         .v = theta,
                         .du_da = exp(a + y),
                         .du_db = second_order(y, grown) / theta,
                         .dv_da = 0.0,
                         .dv_db = theta,
                         .log_det = a + b + y,
                         .dlog_det_da = 1.0 + y,
                         .dlog_det_db = 1.0 + y};
    return out->u > 0.0 && isfinite(out->du_da);
}

static void founders_inverse(double u, double v, double *a, double *b)
{
    *a = log(log1p(v * u) / v);
    *b = log(v);
}

/*
 * sigma_D and sigma_rho. Growth times of metastases scatter between patients by the root of the sum of their squares,
 * which latencies show well, while the share of each is left to the doubling times. Below a sixth of sigma_D the
 * scatter of growth ratios is lost in it: on a logarithmic scale all that lies below would be one long plateau.
 *   a = log(sigma_D^2 + sigma_rho^2) / 2, b = log(exp(6 q) - 1) with q = sigma_rho / sigma_D
 */
static const double lost = 6.0;

static int scatter_eval(double a, double b, mtc_coupled *out)
{
    const double q6 = b > 30.0 ? b : log1p(exp(b));
    const double q = q6 / lost, sigmoid = 1.0 / (1.0 + exp(-b));
    const double slope = sigmoid / q6;                            /* d log q / db */
    const double share = q / hypot(1.0, q) * (q / hypot(1.0, q)); /* of sigma_rho in the sum of squares */
    const double u = exp(a) / hypot(1.0, q), v = q * u;
    if (!(u > 0.0) || !(v > 0.0) || !isfinite(u) || !isfinite(v)) {
        return 0;
    }
    *out = (mtc_coupled){.u = u,
                         .v = v,
                         .du_da = u,
                         .du_db = -share * slope * u,
                         .dv_da = v,
                         .dv_db = (1.0 - share) * slope * v,
                         .log_det = log(u) + log(v) + log(slope),
                         .dlog_det_da = 2.0,
                         .dlog_det_db = (1.0 - 2.0 * share) * slope + (1.0 - sigmoid) - slope};
    return 1;
}

static void scatter_inverse(double u, double v, double *a, double *b)
{
    const double q6 = lost * v / u;
    *a = log(hypot(u, v));
    *b = q6 > 30.0 ? q6 : log(expm1(q6));
}

static const mtc_coupling founders = {"founders_at_reference", "seeding_frailty_variance", founders_eval,
                                      founders_inverse};
static const mtc_coupling scatter = {"doubling_time_log_sd", "growth_ratio_log_sd", scatter_eval, scatter_inverse};

const mtc_coupling *const mtc_course_couplings[] = {&founders, &scatter, NULL};
