/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PRIORS_INTERNAL_H
#define PRIORS_INTERNAL_H

#include "mtc_prior.h"

/* log sqrt(2 pi) */
#define LOG_SQRT_2PI 0.91893853320467274178
#define LOG_2 0.69314718055994530942
#define SQRT_2 1.4142135623730950488
#define HALF_PI 1.5707963267948966192

/* Point of the support at z in R, with log |dx/dz|; increasing in z. */
typedef double (*priors_map)(double z, double *log_dx);

/* Solve cdf(x(z)) = p, or 1 - cdf = q where q < p, for z in [z_lower, z_upper]: Newton's method on the logarithm of the
 * probability, kept inside a shrinking bracket by bisection. */
double priors_invert(const mtc_prior_ops *ops, const void *self, priors_map map, double z_lower, double z_upper,
                     double p, double q);

/* x = e^z */
double priors_map_exp(double z, double *log_dx);
/* x = 1 / (1 + e^-z) */
double priors_map_logistic(double z, double *log_dx);

#endif
