/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_psis.h"

#include "mtc_arena.h"
#include "mtc_logmath.h"
#include "mtc_sum.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Fewer draws than this in the tail carry no information on its shape. */
#define MIN_TAIL 5u
/* Weakly informative prior on the shape: as if this many draws said 0.5. */
#define PRIOR_DRAWS 10.0
#define PRIOR_SHAPE 0.5
/* Shape said of weights that are all alike: that of the uniform law. */
#define LEVEL_SHAPE (-1.0)
/* Constant of the prior on the profile parameter in Zhang & Stephens 2009, equation 5. */
#define PROFILE_PRIOR 3.0

/* Shape at a value of the profile parameter theta = -k / sigma (their b with the sign of k turned). */
static double shape_at(const double *x, size_t n, double theta)
{
    mtc_acc acc = MTC_ACC_INIT;
    for (size_t i = 0; i < n; i++) {
        mtc_acc_add(&acc, log1p(-theta * x[i]));
    }
    return mtc_acc_value(&acc) / (double)n;
}

mtc_status mtc_gpd_fit(const double *x, size_t n, double *k, double *sigma, mtc_err *err)
{
    if (n < MIN_TAIL) {
        return mtc_fail(err, MTC_ESIZE, "a generalised Pareto law needs %u values, got %zu", MIN_TAIL, n);
    }
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] > 0.0 && isfinite(x[i])) || (i > 0 && x[i] < x[i - 1])) {
            return mtc_fail(err, MTC_EDOMAIN, "excesses must be positive and ascending: number %zu is %g", i, x[i]);
        }
    }
    const size_t n_grid = 30 + (size_t)sqrt((double)n);
    const double quartile = x[(size_t)((double)n / 4.0 + 0.5) - 1];
    double top = -HUGE_VAL;
    for (int pass = 0; pass < 2; pass++) { /* first the largest profile likelihood, then the weighted mean */
        double sum_w = 0.0, sum_wt = 0.0;
        for (size_t j = 1; j <= n_grid; j++) {
            const double root = sqrt((double)n_grid / ((double)j - 0.5));
            const double theta = 1.0 / x[n - 1] + (1.0 - root) / (PROFILE_PRIOR * quartile);
            const double shape = shape_at(x, n, theta);
            const double profile = (double)n * (log(-theta / shape) - shape - 1.0);
            if (pass == 0) {
                top = fmax(top, profile);
                continue;
            }
            const double w = exp(profile - top);
            sum_w += w;
            sum_wt += w * theta;
        }
        if (pass == 1) {
            const double theta = sum_wt / sum_w;
            *k = shape_at(x, n, theta);
            *sigma = -*k / theta;
        }
    }
    return MTC_OK;
}

double mtc_gpd_quantile(double p, double k, double sigma)
{
    const double e = -log1p(-p);
    return fabs(k) < DBL_EPSILON ? sigma * e : sigma * expm1(k * e) / k;
}

/* A draw's log weight and where it stood. */
typedef struct {
    double log_w;
    size_t index;
} ranked;

static int by_weight(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    if (p->log_w != q->log_w) {
        return p->log_w < q->log_w ? -1 : 1;
    }
    return p->index < q->index ? -1 : (p->index > q->index ? 1 : 0);
}

/* Mean, standard error and effective size of the raw weights relative to the largest. */
static void raw_summary(const double *log_w, size_t n, double top, mtc_psis_info *info)
{
    mtc_acc sum = MTC_ACC_INIT, sum2 = MTC_ACC_INIT, dev = MTC_ACC_INIT;
    for (size_t i = 0; i < n; i++) {
        const double w = exp(log_w[i] - top);
        mtc_acc_add(&sum, w);
        mtc_acc_add(&sum2, w * w);
    }
    const double total = mtc_acc_value(&sum), mean = total / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double off = exp(log_w[i] - top) / mean - 1.0;
        mtc_acc_add(&dev, off * off);
    }
    info->log_mean = top + log(mean);
    info->ess = total * total / mtc_acc_value(&sum2);
    info->se = n > 1 ? sqrt(mtc_acc_value(&dev) / ((double)n * (double)(n - 1))) : HUGE_VAL;
}

/* Draws of the upper m that lie above the cut strictly: ties with it (chains that stood still) are no excesses. */
static size_t above_cut(const ranked *order, size_t n, size_t m, double top)
{
    const double cut = n > m ? exp(order[n - m - 1].log_w - top) : 0.0;
    while (m > 0 && !(exp(order[n - m].log_w - top) - cut > 0.0)) {
        m--;
    }
    return m;
}

/* Fit the tail order[n - n_tail .. n - 1]; where the fit holds put the smoothed log weights into them. */
static mtc_status smooth_tail(ranked *order, size_t n, double top, mtc_psis_info *info, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const double cut = n > info->n_tail ? exp(order[n - info->n_tail - 1].log_w - top) : 0.0;
    const bool level = cut >= 1.0 - 10.0 * DBL_EPSILON;
    const size_t m = above_cut(order, n, info->n_tail, top);
    ranked *tail = order + (n - m);
    double k = 0.0, sigma = 0.0;
    double *excess = NULL;

    info->n_tail = m;
    info->k_hat = level ? LEVEL_SHAPE : HUGE_VAL;
    if (level || m < MIN_TAIL) {
        return MTC_OK;
    }
    excess = mtc_calloc(m, sizeof *excess);
    if (excess == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a tail of %zu weights", m);
    }
    for (size_t i = 0; i < m; i++) {
        excess[i] = exp(tail[i].log_w - top) - cut;
    }
    MTC_TRY(mtc_gpd_fit(excess, m, &k, &sigma, err));
    info->k_hat = ((double)m * k + PRIOR_DRAWS * PRIOR_SHAPE) / ((double)m + PRIOR_DRAWS);
    for (size_t i = 0; i < m; i++) {
        const double p = ((double)i + 0.5) / (double)m;
        const double w = cut + mtc_gpd_quantile(p, info->k_hat, sigma);
        tail[i].log_w = fmin(log(w), 0.0) + top;
    }
out:
    mtc_free(excess);
    return st;
}

static mtc_status check_weights(const double *log_w, size_t n, double *top, mtc_err *err)
{
    *top = -HUGE_VAL;
    if (n == 0) {
        return mtc_fail(err, MTC_ESIZE, "no importance weights");
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(log_w[i])) {
            return mtc_fail(err, MTC_ENAN, "importance weight %zu is not a number", i);
        }
        *top = fmax(*top, log_w[i]);
    }
    if (!isfinite(*top)) {
        return mtc_fail(err, MTC_ENUMERIC, "the largest of %zu log importance weights is %g", n, *top);
    }
    return MTC_OK;
}

mtc_status mtc_psis(const double *log_w, size_t n, double r_eff, mtc_psis_info *info, double *log_smoothed,
                    mtc_err *err)
{
    mtc_status st = MTC_OK;
    ranked *order = NULL;
    double top;

    memset(info, 0, sizeof *info);
    MTC_TRY(check_weights(log_w, n, &top, err));
    raw_summary(log_w, n, top, info);
    order = mtc_calloc(n, sizeof *order);
    if (order == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu weights", n);
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = (ranked){log_w[i], i};
    }
    qsort(order, n, sizeof *order, by_weight);
    info->n_tail = (size_t)ceil(fmin(0.2 * (double)n, 3.0 * sqrt((double)n / r_eff)));
    if (info->n_tail < MIN_TAIL) {
        info->k_hat = HUGE_VAL;
    } else {
        MTC_TRY(smooth_tail(order, n, top, info, err));
    }
    if (log_smoothed != NULL) {
        for (size_t i = 0; i < n; i++) {
            log_smoothed[order[i].index] = order[i].log_w;
        }
        const double total = mtc_log_sum(log_smoothed, n);
        for (size_t i = 0; i < n; i++) {
            log_smoothed[i] -= total;
        }
    }
out:
    mtc_free(order);
    return st;
}
