/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_logmath.h"

#include "mtc_sum.h"

#include <math.h>

double mtc_log_add(double a, double b)
{
    const double high = a > b ? a : b;
    const double low = a > b ? b : a;
    if (isinf(high) || isinf(low)) {
        return high; /* one of them is zero, or the sum is infinite */
    }
    return high + log1p(exp(low - high));
}

double mtc_log_sub(double a, double b)
{
    if (a <= b) {
        return -INFINITY;
    }
    if (isinf(a) || isinf(b)) {
        return a;
    }
    return a + mtc_log1mexp(a - b);
}

double mtc_log_sum(const double *x, size_t n)
{
    double high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            return x[i];
        }
        high = x[i] > high ? x[i] : high;
    }
    if (isinf(high)) {
        return high;
    }
    mtc_acc sum = MTC_ACC_INIT;
    for (size_t i = 0; i < n; i++) {
        mtc_acc_add(&sum, exp(x[i] - high));
    }
    return high + log(mtc_acc_value(&sum));
}

double mtc_log_mean(const double *x, size_t n)
{
    return n > 0 ? mtc_log_sum(x, n) - log((double)n) : -(double)INFINITY;
}

double mtc_log1mexp(double x)
{
    if (x <= 0.0) {
        return -INFINITY;
    }
    return x < 0.69314718055994531 ? log(-expm1(-x)) : log1p(-exp(-x));
}

double mtc_logit(double p)
{
    if (p <= 0.0) {
        return -INFINITY;
    }
    if (p >= 1.0) {
        return INFINITY;
    }
    if (p < 0.25) {
        return log(p) - log1p(-p);
    }
    /* p - 0.5 and 1 - p are exact here, or nearly so where they do not matter */
    return p <= 0.75 ? log1p(2.0 * (p - 0.5) / (1.0 - p)) : log(p / (1.0 - p));
}

double mtc_sigmoid(double x)
{
    if (x >= 0.0) {
        return 1.0 / (1.0 + exp(-x));
    }
    const double e = exp(x);
    return e / (1.0 + e);
}

double mtc_log_sigmoid(double x)
{
    return x >= 0.0 ? -log1p(exp(-x)) : x - log1p(exp(x));
}
