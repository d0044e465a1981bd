/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "m1_counts.h"

#include <math.h>

static const double one_by_one = 32.0;  /* factors before the formula, whose error is of the order 32^-9 */
static const double small_ratio = 1e-2; /* below, logarithms are expanded */
static const double flat = 1e-5;        /* m eta / x below which the derivative by eta is expanded */

/* ((1 + d) log(1 + d) - d)/d = d/2 - d^2/6 + d^3/12 - ... */
static double mean_log(double d)
{
    if (d >= small_ratio) {
        return ((1.0 + d) * log1p(d) - d) / d;
    }
    double sum = 0.0, power = d;
    for (int k = 1; k <= 8; k++) {
        sum += power / (double)(k * (k + 1));
        power *= -d;
    }
    return sum;
}

static double mean_inverse(double d)
{
    return d > 0.0 ? log1p(d) / d : 1.0;
}

/*
 * Sum of log(x + i eta), i from `from` to m - 1, by Euler and Maclaurin: integral, half of the ends, and Bernoulli
 * terms up to the seventh derivative. Also the derivative by x, the same sum of 1/(x + i eta).
 */
static double tail(double x, double eta, double from, double m, double *d_x)
{
    static const double bernoulli[] = {1.0 / 12.0, -1.0 / 720.0, 1.0 / 30240.0, -1.0 / 1209600.0}; /* B_2j/(2j)! */
    const double low = x + from * eta, high = x + m * eta;
    const double d = (m - from) * eta / low;
    double sum = (m - from) * (log(low) + mean_log(d)) + 0.5 * (log(low) - log(high));
    double inverse = (m - from) / low * mean_inverse(d) + 0.5 * (1.0 / low - 1.0 / high);
    double a = eta / low, b = eta / high; /* (2j - 2)! (eta/v)^(2j - 1): odd derivatives of log v */
    for (int j = 1; j <= 4; j++) {
        const double order = 2.0 * j - 1.0;
        sum += bernoulli[j - 1] * (b - a);
        inverse -= bernoulli[j - 1] * order * (b / high - a / low);
        a *= order * (order + 1.0) * (eta / low) * (eta / low);
        b *= order * (order + 1.0) * (eta / high) * (eta / high);
    }
    *d_x += inverse;
    return sum;
}

double m1_counts_rising(double x, double eta, double m, double *d_x, double *d_eta)
{
    double sum = 0.0, by_eta = 0.0;
    *d_x = 0.0;
    const double n = fmin(m, one_by_one);
    for (double i = 0.0; i < n; i += 1.0) {
        const double v = x + i * eta;
        sum += log(v);
        *d_x += 1.0 / v;
        by_eta += i / v;
    }
    if (m > n) {
        sum += tail(x, eta, n, m, d_x);
        if (m * eta < flat * x) {
            const double first = 0.5 * m * (m - 1.0) / x;
            by_eta = first * (1.0 - eta * (2.0 * m - 1.0) / (3.0 * x) +
                              eta * eta * m * (m - 1.0) / (2.0 * x * x)); /* sums of i, i^2, i^3 */
        } else {
            by_eta = (m - x * *d_x) / eta; /* the product is homogeneous of degree m in (x, eta) */
        }
    }
    *d_eta = by_eta;
    return sum;
}
