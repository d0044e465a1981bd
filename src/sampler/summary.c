/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_diagnostics.h"

#include "mtc_arena.h"
#include "mtc_special.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

/* Scratch of one summary: n_all numbers each. Split chains have `half` draws; there are 2 n_chain of them. */
typedef struct {
    const double *draw;
    size_t n_chain, n_draw, n_all, half, n_work;
    double *sorted; /* draws, ascending */
    double *work;   /* the quantity whose ESS or R-hat is taken, 2 n_chain x half: an odd middle draw is left out */
    double *rho;    /* half + 2 */
    double *mean;   /* 2 n_chain: means of split chains */
    size_t *order;  /* n_work */
} summary_ws;

static mtc_status ws_init(summary_ws *w, const double *draw, size_t n_chain, size_t n_draw, mtc_err *err)
{
    const size_t least = 8;
    *w =
        (summary_ws){.draw = draw, .n_chain = n_chain, .n_draw = n_draw, .n_all = n_chain * n_draw, .half = n_draw / 2};
    w->n_work = 2 * n_chain * w->half;
    if (!draw || n_chain == 0 || n_draw < least) {
        return mtc_fail(err, MTC_ESIZE, "diagnostics need chains of at least %zu draws, not %zu", least, n_draw);
    }
    for (size_t i = 0; i < w->n_all; i++) {
        if (!isfinite(draw[i])) {
            return mtc_fail(err, MTC_ENAN, "draw %zu of chain %zu is not a finite number", i % n_draw, i / n_draw);
        }
    }
    w->sorted = mtc_calloc(2 * w->n_all + w->half + 2 + 2 * n_chain, sizeof *w->sorted);
    w->order = mtc_calloc(w->n_all, sizeof *w->order);
    if (!w->sorted || !w->order) {
        mtc_free(w->sorted);
        mtc_free(w->order);
        w->sorted = NULL;
        w->order = NULL;
        return mtc_fail(err, MTC_ENOMEM, "no memory for the diagnostics of %zu draws", w->n_all);
    }
    w->work = w->sorted + w->n_all;
    w->rho = w->work + w->n_all;
    w->mean = w->rho + w->half + 2;
    return MTC_OK;
}

static void ws_fini(summary_ws *w)
{
    mtc_free(w->sorted);
    mtc_free(w->order);
}

static const double *split_chain(const summary_ws *w, size_t c)
{
    return w->work + c * w->half;
}

static double sum_products(const double *x, double mean, size_t n, size_t lag)
{
    double sum = 0.0;
    for (size_t i = 0; i + lag < n; i++) {
        sum += (x[i] - mean) * (x[i + lag] - mean);
    }
    return sum;
}

/* Means of the split chains into w->mean; their variance and the mean of the variances within. */
static void between_and_within(summary_ws *w, double *between, double *within)
{
    const size_t n_split = 2 * w->n_chain;
    double sum = 0.0;
    for (size_t c = 0; c < n_split; c++) {
        w->mean[c] = gsl_stats_mean(split_chain(w, c), 1, w->half);
        sum += sum_products(split_chain(w, c), w->mean[c], w->half, 0) / (double)(w->half - 1);
    }
    *within = sum / (double)n_split;
    *between = gsl_stats_variance(w->mean, 1, n_split);
}

/* R-hat of w->work. */
static double work_rhat(summary_ws *w)
{
    const double n = (double)w->half;
    double between = 0.0, within = 0.0;
    between_and_within(w, &between, &within);
    return within > 0.0 ? sqrt(between / within + (n - 1.0) / n) : (double)INFINITY;
}

/* Autocorrelation at a lag from all chains together (Vehtari et al. 2021, equation 10). */
static double autocorrelation(const summary_ws *w, size_t lag, double within, double var_plus)
{
    const size_t n_split = 2 * w->n_chain;
    double sum = 0.0;
    for (size_t c = 0; c < n_split; c++) {
        sum += sum_products(split_chain(w, c), w->mean[c], w->half, lag) / (double)w->half;
    }
    return 1.0 - (within - sum / (double)n_split) / var_plus;
}

/* Geyer's initial positive and monotone sequence of autocorrelations; returns the sum that estimates tau. */
static double integrated_time(summary_ws *w, double within, double var_plus)
{
    double *rho = w->rho;
    memset(rho, 0, (w->half + 2) * sizeof *rho);
    double even = 1.0, odd = autocorrelation(w, 1, within, var_plus);
    rho[0] = even;
    rho[1] = odd;
    size_t t = 0;
    while (t + 5 < w->half && even + odd > 0.0) {
        t += 2;
        even = autocorrelation(w, t, within, var_plus);
        odd = autocorrelation(w, t + 1, within, var_plus);
        if (even + odd >= 0.0) {
            rho[t] = even;
            rho[t + 1] = odd;
        }
    }
    const size_t last = t;
    if (even > 0.0) {
        rho[last] = even;
    }
    double sum = 0.0;
    for (size_t k = 2; k + 2 <= last; k += 2) {
        if (rho[k] + rho[k + 1] > rho[k - 2] + rho[k - 1]) {
            rho[k] = 0.5 * (rho[k - 2] + rho[k - 1]);
            rho[k + 1] = rho[k];
        }
    }
    for (size_t k = 0; k < last; k++) {
        sum += rho[k];
    }
    return -1.0 + 2.0 * sum + rho[last];
}

/* Effective sample size of the mean of w->work. */
static double work_ess(summary_ws *w)
{
    const double n = (double)w->half, n_used = n * 2.0 * (double)w->n_chain;
    double between = 0.0, within = 0.0;
    between_and_within(w, &between, &within);
    const double var_plus = within * (n - 1.0) / n + between;
    if (!(var_plus > 0.0)) {
        return 0.0;
    }
    const double tau = integrated_time(w, within, var_plus);
    /* antithetic chains are not believed beyond this factor */
    return n_used / fmax(tau, 1.0 / log10(n_used));
}

/* w->work := normal scores of the average ranks of w->work (Blom's offsets). */
static void rank_normalise(summary_ws *w)
{
    gsl_sort_index(w->order, w->work, 1, w->n_work);
    for (size_t first = 0; first < w->n_work;) {
        const double value = w->work[w->order[first]];
        size_t next = first + 1;
        while (next < w->n_work && w->work[w->order[next]] == value) {
            next++;
        }
        const double rank = 0.5 * (double)(first + 1 + next);
        const double p = (rank - 0.375) / ((double)w->n_work + 0.25);
        const double score = mtc_normal_quantile(p, 1.0 - p);
        for (; first < next; first++) {
            w->work[w->order[first]] = score;
        }
    }
}

/* w->work := a function of the draws of the split chains. */
static void load(summary_ws *w, double (*of)(double, double), double about)
{
    for (size_t c = 0; c < 2 * w->n_chain; c++) {
        const double *from = w->draw + (c / 2) * w->n_draw + (c % 2 == 0 ? 0 : w->n_draw - w->half);
        for (size_t i = 0; i < w->half; i++) {
            w->work[c * w->half + i] = of(from[i], about);
        }
    }
}

static double itself(double x, double about)
{
    (void)about;
    return x;
}

static double distance(double x, double about)
{
    return fabs(x - about);
}

static double square(double x, double about)
{
    return (x - about) * (x - about);
}

static double at_most(double x, double about)
{
    return x <= about ? 1.0 : 0.0;
}

/* Quantile of the beta law by bisection: gsl_cdf_beta_Pinv gives up on laws as narrow as these. */
static double beta_quantile(double p, double a, double b)
{
    double low = 0.0, high = 1.0;
    for (int k = 0; k < 60 && high - low > 1e-15; k++) {
        const double middle = 0.5 * (low + high);
        if (gsl_cdf_beta_P(middle, a, b) < p) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}

/* MCSE of a quantile: half the width of the interval of order statistics that holds 68% (equation in section 4.4). */
static double mcse_quantile(const summary_ws *w, double prob, double ess)
{
    if (!(ess > 0.0)) {
        return (double)INFINITY;
    }
    const double n = (double)w->n_all, one_sd = 0.1586553;
    const double low = beta_quantile(one_sd, ess * prob + 1.0, ess * (1.0 - prob) + 1.0);
    const double high = beta_quantile(1.0 - one_sd, ess * prob + 1.0, ess * (1.0 - prob) + 1.0);
    const double first = fmax(floor(low * n), 1.0), last = fmin(ceil(high * n), n);
    return 0.5 * (w->sorted[(size_t)last - 1] - w->sorted[(size_t)first - 1]);
}

static double ess_quantile(summary_ws *w, double value)
{
    load(w, at_most, value);
    return work_ess(w);
}

static void fill_quantiles(summary_ws *w, mtc_summary *s)
{
    s->q05 = gsl_stats_quantile_from_sorted_data(w->sorted, 1, w->n_all, 0.05);
    s->q50 = gsl_stats_quantile_from_sorted_data(w->sorted, 1, w->n_all, 0.5);
    s->q95 = gsl_stats_quantile_from_sorted_data(w->sorted, 1, w->n_all, 0.95);
    s->ess_q05 = ess_quantile(w, s->q05);
    s->ess_q50 = ess_quantile(w, s->q50);
    s->ess_q95 = ess_quantile(w, s->q95);
    s->ess_tail = fmin(s->ess_q05, s->ess_q95);
    s->mcse_q05 = mcse_quantile(w, 0.05, s->ess_q05);
    s->mcse_q50 = mcse_quantile(w, 0.5, s->ess_q50);
    s->mcse_q95 = mcse_quantile(w, 0.95, s->ess_q95);
}

static void fill_moments(summary_ws *w, mtc_summary *s)
{
    s->mean = gsl_stats_mean(w->draw, 1, w->n_all);
    s->sd = gsl_stats_sd_m(w->draw, 1, w->n_all, s->mean);
    load(w, itself, 0.0);
    s->ess_mean = work_ess(w);
    load(w, square, s->mean);
    s->ess_sd = work_ess(w);
    double second = 0.0, fourth = 0.0;
    for (size_t i = 0; i < w->n_all; i++) {
        const double away = square(w->draw[i], s->mean);
        second += away / (double)w->n_all;
        fourth += away * away / (double)w->n_all;
    }
    s->mcse_mean = s->ess_mean > 0.0 ? s->sd / sqrt(s->ess_mean) : (double)INFINITY;
    s->mcse_sd = (double)INFINITY;
    if (s->ess_sd > 0.0) {
        /* delta method on the variance; no normality */
        const double var_of_var = fmax(fourth - second * second, 0.0) / s->ess_sd;
        s->mcse_sd = sqrt(var_of_var / second / 4.0);
    }
}

static void fill_convergence(summary_ws *w, mtc_summary *s)
{
    load(w, itself, 0.0);
    rank_normalise(w);
    const double bulk = work_rhat(w);
    s->ess_bulk = work_ess(w);
    load(w, distance, s->q50);
    rank_normalise(w);
    s->rhat = fmax(bulk, work_rhat(w));
}

mtc_status mtc_summarise(const double *draw, size_t n_chain, size_t n_draw, mtc_summary *out, mtc_err *err)
{
    summary_ws w;
    const mtc_status st = ws_init(&w, draw, n_chain, n_draw, err);
    if (st != MTC_OK) {
        return st;
    }
    *out = (mtc_summary){0};
    memcpy(w.sorted, draw, w.n_all * sizeof *draw);
    gsl_sort(w.sorted, 1, w.n_all);
    if (w.sorted[0] == w.sorted[w.n_all - 1]) {
        const double none = (double)INFINITY;
        *out = (mtc_summary){.mean = draw[0], .q05 = draw[0], .q50 = draw[0], .q95 = draw[0], .rhat = none};
        out->mcse_mean = out->mcse_sd = out->mcse_q05 = out->mcse_q50 = out->mcse_q95 = none;
    } else {
        fill_quantiles(&w, out);
        fill_moments(&w, out);
        fill_convergence(&w, out);
    }
    ws_fini(&w);
    return MTC_OK;
}

mtc_status mtc_ess_mean(const double *draw, size_t n_chain, size_t n_draw, double *ess, mtc_err *err)
{
    summary_ws w;
    const mtc_status st = ws_init(&w, draw, n_chain, n_draw, err);
    if (st != MTC_OK) {
        return st;
    }
    load(&w, itself, 0.0);
    *ess = work_ess(&w);
    ws_fini(&w);
    return MTC_OK;
}

void mtc_ebfmi(const double *energy, size_t n_chain, size_t n_draw, double *out)
{
    for (size_t c = 0; c < n_chain; c++) {
        const double *e = energy + c * n_draw;
        const double mean = gsl_stats_mean(e, 1, n_draw);
        double step = 0.0, spread = 0.0;
        for (size_t i = 0; i < n_draw; i++) {
            spread += (e[i] - mean) * (e[i] - mean);
            step += i > 0 ? (e[i] - e[i - 1]) * (e[i] - e[i - 1]) : 0.0;
        }
        out[c] = spread > 0.0 ? step / spread : (double)INFINITY;
    }
}
