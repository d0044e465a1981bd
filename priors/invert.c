/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "priors_internal.h"

#include <math.h>

/* Bisection alone needs about 60 steps to the last bit of z in the widest bracket (1,500); Newton needs fewer. */
#define N_STEP_MAX 200
/* relative to x: for x = e^z a step in z is a relative step in x */
#define STEP_MIN 1e-15

double priors_map_exp(double z, double *log_dx)
{
    *log_dx = z;
    return exp(z);
}

double priors_map_logistic(double z, double *log_dx)
{
    const double t = exp(-fabs(z));
    *log_dx = -fabs(z) - 2.0 * log1p(t);
    return (z < 0.0 ? t : 1.0) / (1.0 + t);
}

double priors_invert(const mtc_prior_ops *ops, const void *self, priors_map map, double z_lower, double z_upper,
                     double p, double q)
{
    const bool is_lower_tail = p <= q;
    const double log_wanted = log(is_lower_tail ? p : q);
    double z = 0.5 * (z_lower + z_upper);
    for (int step = 0; step < N_STEP_MAX; ++step) {
        double px = 0.0;
        double qx = 0.0;
        double lp = 0.0;
        double dlp = 0.0;
        double log_dx = 0.0;
        const double x = map(z, &log_dx);
        ops->cdf(self, x, &px, &qx);
        const double log_tail = log(is_lower_tail ? px : qx);
        const double excess = is_lower_tail ? log_tail - log_wanted : log_wanted - log_tail; /* increases with z */
        if (excess == 0.0) {
            return x;
        }
        if (excess > 0.0) {
            z_upper = z;
        } else {
            z_lower = z;
        }
        ops->logpdf(self, x, &lp, &dlp);
        const double next = z - excess / exp(lp + log_dx - log_tail);
        const double old = z;
        z = next > z_lower && next < z_upper ? next : 0.5 * (z_lower + z_upper);
        if (fabs(z - old) <= STEP_MIN * fmax(1.0, fabs(z))) {
            break;
        }
    }
    double unused = 0.0;
    return map(z, &unused);
}
