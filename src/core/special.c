/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_special.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#define SQRT1_2 0.70710678118654752440       /* 1 / sqrt(2) rounded */
#define SQRT1_2_REST (-4.83364665672645e-17) /* what rounding left */
#define TWO_OVER_SQRT_PI 1.12837916709551257 /* 2 / sqrt(pi) */
#define SQRT_2_OVER_PI 0.79788456080286536
#define INV_SQRT_2PI 0.39894228040143268
#define SQRT_PI 1.77245385090551603
#define LOG_SQRT_2PI 0.91893853320467274

/* erfc(x / sqrt(2)) for x >= 0. The rounding of x / sqrt(2) is magnified by x^2, so it is put right to first order. */
static double erfc_scaled(double x)
{
    const double t = x * SQRT1_2;
    const double rest = fma(x, SQRT1_2, -t) + x * SQRT1_2_REST;
    const double value = erfc(t);
    return isinf(t) ? value : value - TWO_OVER_SQRT_PI * exp(-t * t) * rest;
}

double mtc_log_normal_pdf(double x)
{
    return -0.5 * x * x - LOG_SQRT_2PI;
}

double mtc_normal_cdf(double x)
{
    return x < 0.0 ? 0.5 * erfc_scaled(-x) : 1.0 - 0.5 * erfc_scaled(x);
}

double mtc_normal_ccdf(double x)
{
    return mtc_normal_cdf(-x);
}

/* Asymptotic series of erfcx, x >= 12: 1/(x sqrt(pi)) sum (-1)^k (2k-1)!! / (2 x^2)^k (Abramowitz & Stegun 7.1.23).
 * At 12 the 11th term is 7e-18, so ten are enough. */
static double erfcx_far(double x)
{
    const double r = 0.5 / x / x;
    double sum = 1.0;
    for (int k = 10; k > 0; k--) {
        sum = 1.0 - (2.0 * k - 1.0) * r * sum;
    }
    return sum / (x * SQRT_PI);
}

double mtc_erfcx(double x)
{
    if (x >= 12.0) {
        return erfcx_far(x);
    }
    const double square = x * x;
    const double rest = fma(x, x, -square);
    if (square > 709.7) {
        return INFINITY;
    }
    const double value = exp(square) * erfc(x);
    return value + value * rest;
}

double mtc_log_normal_cdf(double x)
{
    if (x > 0.0) {
        return log1p(-mtc_normal_ccdf(x));
    }
    if (x > -5.0) {
        return log(mtc_normal_cdf(x));
    }
    return isinf(x) ? -(double)INFINITY : -0.5 * x * x + log(0.5 * mtc_erfcx(-x * SQRT1_2));
}

/* log of the mean of exp(-m t - t^2/2) over |t| < h/2, where h (|m| + h) < 1: by symmetry the mean over u in (0, 1) of
 * cosh(m h u / 2) exp(-(h u)^2 / 8), by Gauss and Legendre's rule with 6 points (remainder below 1e-17). */
static double log_mean_narrow(double m, double h)
{
    static const double node[6] = {0.033765242898423989, 0.16939530676686776, 0.38069040695840156,
                                   0.61930959304159849,  0.83060469323313224, 0.96623475710157603};
    static const double weight[6] = {0.085662246189585178, 0.18038078652406930, 0.23395696728634552,
                                     0.23395696728634552,  0.18038078652406930, 0.085662246189585178};
    double excess = 0.0; /* mean minus one, so that narrow intervals lose nothing */
    for (int i = 0; i < 6; i++) {
        const double c = sinh(0.25 * m * h * node[i]);
        const double e = expm1(-0.125 * h * h * node[i] * node[i]);
        const double cosh_m1 = 2.0 * c * c;
        excess += weight[i] * (cosh_m1 + e + cosh_m1 * e);
    }
    return log1p(excess);
}

/* a < b <= 0, not narrow: the factor exp(-b^2/2) is taken out, the rest has no large or small numbers. */
static double log_diff_tail(double a, double b)
{
    const double ratio = exp(0.5 * (b - a) * (b + a));
    const double low = ratio > 0.0 ? mtc_erfcx(-a * SQRT1_2) * ratio : 0.0;
    return -0.5 * b * b + log(0.5 * (mtc_erfcx(-b * SQRT1_2) - low));
}

double mtc_log_normal_cdf_diff(double a, double b)
{
    if (a >= b) {
        return -INFINITY;
    }
    if (isinf(a)) {
        return mtc_log_normal_cdf(b);
    }
    if (isinf(b)) {
        return mtc_log_normal_cdf(-a);
    }
    const double h = b - a;
    const double m = 0.5 * a + 0.5 * b;
    if (h * (fabs(m) + h) < 1.0) {
        return mtc_log_normal_pdf(m) + log(h) + log_mean_narrow(m, h);
    }
    if (b <= 0.0) {
        return log_diff_tail(a, b);
    }
    if (a >= 0.0) {
        return log_diff_tail(-b, -a);
    }
    const double outside = mtc_normal_cdf(a) + mtc_normal_ccdf(b);
    return outside < 0.5 ? log1p(-outside) : log(0.5 * (erf(b * SQRT1_2) + erf(-a * SQRT1_2)));
}

double mtc_normal_quantile(double p, double q)
{
    if (p <= 0.0) {
        return -INFINITY;
    }
    if (q <= 0.0) {
        return INFINITY;
    }
    return p <= q ? gsl_cdf_ugaussian_Pinv(p) : -gsl_cdf_ugaussian_Pinv(q);
}

double mtc_normal_hazard(double x)
{
    if (x > 0.0) {
        return SQRT_2_OVER_PI / mtc_erfcx(x * SQRT1_2);
    }
    const double square = x * x; /* its rounding is magnified by exp, so it is put right to first order */
    const double rest = isinf(square) ? 0.0 : fma(x, x, -square);
    return INV_SQRT_2PI * exp(-0.5 * square) * (1.0 - 0.5 * rest) / mtc_normal_ccdf(x);
}

double mtc_log_beta(double a, double b)
{
    gsl_sf_result result;
    if (!(a > 0.0 && b > 0.0)) {
        return isnan(a) || isnan(b) ? (double)NAN : (double)INFINITY;
    }
    return gsl_sf_lnbeta_e(a, b, &result) == GSL_SUCCESS
               ? result.val
               : gsl_sf_lngamma(a) + (gsl_sf_lngamma(b) - gsl_sf_lngamma(a + b));
}

double mtc_log_choose(double n, double k)
{
    if (k < 0.0 || k > n) {
        return -INFINITY;
    }
    if (k == 0.0 || k == n) {
        return 0.0;
    }
    return -log1p(n) - mtc_log_beta(n - k + 1.0, k + 1.0);
}
