/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_tumour.h"

#include "mtc_special.h"
#include "tvdt_normal.h"

#include <math.h>

/* g z, 0 where the limit is open (g is 0 there). */
static double times_limit(double g, double z)
{
    return isinf(z) ? 0.0 : g * z;
}

/* Log density of an exact value per year of doubling time: normal in the logarithm, Jacobian 1/D. */
static double exact_log(const mtc_tvdt_law *law, int site, double y, mtc_tvdt_partials *p)
{
    const double v = law->variance[site];
    const double z = (y - law->mean[site]) / law->sd[site];
    p->mean[site] += z / law->sd[site];
    p->variance[site] += 0.5 * (z * z - 1.0) / v;
    return mtc_log_normal_pdf(z) - log(law->sd[site]) - y;
}

static double censored_log(const mtc_tvdt_law *law, int site, const mtc_tvdt_tumour *t, mtc_tvdt_partials *p)
{
    const double a = (t->lower - law->mean[site]) / law->sd[site];
    const double b = (t->upper - law->mean[site]) / law->sd[site];
    double g_a, g_b;
    const double value = mtc_tvdt_log_between(a, b, &g_a, &g_b);
    p->mean[site] -= (g_a + g_b) / law->sd[site];
    p->variance[site] -= 0.5 * (times_limit(g_a, a) + times_limit(g_b, b)) / law->variance[site];
    return value;
}

static double single_log(const mtc_tvdt_law *law, int site, const mtc_tvdt_tumour *t, mtc_tvdt_partials *p)
{
    return t->knowledge == MTC_TVDT_EXACT ? exact_log(law, site, t->lower, p) : censored_log(law, site, t, p);
}

/* Both exact. The quadratic form is split into the primary and the rest, so that nothing cancels as rho -> 1. */
static double both_exact_log(const mtc_tvdt_law *law, const mtc_tvdt_tumour *t, mtc_tvdt_partials *p)
{
    const double *v = law->variance;
    const double c = law->covariance, det = law->determinant;
    const double y0 = t[0].lower - law->mean[0], y1 = t[1].lower - law->mean[1];
    const double beta = c / v[0], rest_variance = det / v[0];
    const double rest = y1 - beta * y0;
    const double alpha1 = rest / rest_variance;
    const double alpha0 = y0 / v[0] - beta * alpha1;
    p->mean[0] += alpha0;
    p->mean[1] += alpha1;
    p->variance[0] += 0.5 * (alpha0 * alpha0 - v[1] / det);
    p->variance[1] += 0.5 * (alpha1 * alpha1 - v[0] / det);
    p->covariance += alpha0 * alpha1 + c / det;
    return mtc_log_normal_pdf(y0 / law->sd[0]) + mtc_log_normal_pdf(rest / sqrt(rest_variance)) - 0.5 * log(det) -
           t[0].lower - t[1].lower;
}

/* Site e exact, the other censored: density of e times the conditional probability of the other. */
static double one_exact_log(const mtc_tvdt_law *law, const mtc_tvdt_tumour *t, int e, mtc_tvdt_partials *p)
{
    const int o = 1 - e;
    const double v = law->variance[e];
    const double y = t[e].lower - law->mean[e];
    const double beta = law->covariance / v, tau = sqrt(law->determinant / v);
    const double centre = law->mean[o] + beta * y;
    const double a = (t[o].lower - centre) / tau, b = (t[o].upper - centre) / tau;
    double g_a, g_b;
    const double value = mtc_tvdt_log_between(a, b, &g_a, &g_b);
    const double d_centre = -(g_a + g_b) / tau;
    const double d_tau = -(times_limit(g_a, a) + times_limit(g_b, b)) / tau;
    p->mean[o] += d_centre;
    p->mean[e] -= beta * d_centre;
    p->covariance += d_centre * y / v - d_tau * beta / tau;
    p->variance[e] += -d_centre * y * beta / v + 0.5 * d_tau * beta * beta / tau;
    p->variance[o] += 0.5 * d_tau / tau;
    return exact_log(law, e, t[e].lower, p) + value;
}

static double both_censored_log(const mtc_tvdt_law *law, const mtc_tvdt_tumour *t, mtc_tvdt_partials *p)
{
    const double sd = law->sd[0] * law->sd[1];
    const double rho = law->covariance / sd;
    double a[2], b[2], g_a[2], g_b[2], g_rho;
    for (int s = 0; s < 2; ++s) {
        a[s] = (t[s].lower - law->mean[s]) / law->sd[s];
        b[s] = (t[s].upper - law->mean[s]) / law->sd[s];
    }
    const double value = mtc_tvdt_rectangle(a, b, rho, sqrt(law->determinant) / sd, g_a, g_b, &g_rho);
    for (int s = 0; s < 2; ++s) {
        const double scale = times_limit(g_a[s], a[s]) + times_limit(g_b[s], b[s]) + rho * g_rho;
        p->mean[s] -= (g_a[s] + g_b[s]) / law->sd[s];
        p->variance[s] -= 0.5 * scale / law->variance[s];
    }
    p->covariance += g_rho / sd;
    return value;
}

double mtc_tvdt_patient_log(const mtc_tvdt_law *law, const mtc_tvdt_patient *patient, mtc_tvdt_partials *partials)
{
    const mtc_tvdt_tumour *t = patient->tumour;
    if (t[0].knowledge == MTC_TVDT_ABSENT || t[1].knowledge == MTC_TVDT_ABSENT) {
        const int site = t[0].knowledge == MTC_TVDT_ABSENT ? 1 : 0;
        return single_log(law, site, &t[site], partials);
    }
    if (!mtc_tvdt_law_has_pairs(law)) {
        return -HUGE_VAL;
    }
    if (t[0].knowledge == MTC_TVDT_CENSORED && t[1].knowledge == MTC_TVDT_CENSORED) {
        return both_censored_log(law, t, partials);
    }
    if (t[0].knowledge == MTC_TVDT_EXACT && t[1].knowledge == MTC_TVDT_EXACT) {
        return both_exact_log(law, t, partials);
    }
    return one_exact_log(law, t, t[0].knowledge == MTC_TVDT_EXACT ? 0 : 1, partials);
}
