/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_loo.h"

#include "mtc_logmath.h"
#include "mtc_psis.h"

#include <math.h>

/* Shape of the weights from which on their averages do not settle (Vehtari et al. 2024, JMLR 25:72). */
#define K_HIGH 0.7

mtc_status mtc_loo(const double *ll, size_t n, double *scratch, mtc_loo_unit *out, mtc_err *err)
{
    double *const weight = scratch, *const smoothed = scratch + n;
    double mean = 0.0, square = 0.0;
    mtc_psis_info info;
    if (n == 0) {
        return mtc_fail(err, MTC_ESIZE, "leaving a unit out needs posterior draws");
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(ll[i])) {
            return mtc_fail(err, MTC_ENUMERIC, "a unit is impossible at a posterior draw");
        }
        weight[i] = -ll[i];
        mean += ll[i] / (double)n;
    }
    const mtc_status st = mtc_psis(weight, n, 1.0, &info, smoothed, err);
    if (st != MTC_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        smoothed[i] += ll[i];
        square += (ll[i] - mean) * (ll[i] - mean);
    }
    *out = (mtc_loo_unit){.elpd_loo = mtc_log_sum(smoothed, n),
                          .lppd = mtc_log_mean(ll, n),
                          .variance = n > 1 ? square / (double)(n - 1) : 0.0,
                          .k_hat = info.k_hat};
    return MTC_OK;
}

/* Standard error of a sum over units that are a sample. */
static double sum_se(double sum, double square, size_t n)
{
    const double m = (double)n;
    return n > 1 ? sqrt(m * fmax(square - sum * sum / m, 0.0) / (m - 1.0)) : (double)NAN;
}

void mtc_loo_sum(const mtc_loo_unit *unit, size_t n, mtc_loo_total *out)
{
    double square_loo = 0.0, square_waic = 0.0, lppd = 0.0;
    *out = (mtc_loo_total){.k_max = -HUGE_VAL};
    for (size_t i = 0; i < n; i++) {
        const double waic = unit[i].lppd - unit[i].variance;
        lppd += unit[i].lppd;
        out->elpd_loo += unit[i].elpd_loo;
        square_loo += unit[i].elpd_loo * unit[i].elpd_loo;
        out->elpd_waic += waic;
        square_waic += waic * waic;
        out->p_waic += unit[i].variance;
        out->n_k_high += unit[i].k_hat > K_HIGH ? 1 : 0;
        if (unit[i].k_hat > out->k_max) {
            out->k_max = unit[i].k_hat;
            out->worst = i;
        }
    }
    out->p_loo = lppd - out->elpd_loo;
    out->elpd_loo_se = sum_se(out->elpd_loo, square_loo, n);
    out->elpd_waic_se = sum_se(out->elpd_waic, square_waic, n);
}

void mtc_loo_difference(const mtc_loo_unit *a, const mtc_loo_unit *b, size_t n, double *value, double *se)
{
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double off = a[i].elpd_loo - b[i].elpd_loo;
        sum += off;
        square += off * off;
    }
    *value = sum;
    *se = sum_se(sum, square, n);
}
