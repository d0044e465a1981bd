/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

enum { N_GRID = 121 };

/* ---- grids ---- */

/* From the extremes of prior and posterior, without their last half per cent; logarithmic where that spans much. */
static void make_grid(mtc_result_param *out, const mtc_prior *prior, const double *sorted, size_t n)
{
    const double wide = 20.0;
    double low = mtc_prior_quantile(prior, 0.005), high = mtc_prior_quantile(prior, 0.995);
    low = fmin(low, gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.002));
    high = fmax(high, gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.998));
    out->is_log_scale = low > 0.0 && high > wide * low;
    for (size_t i = 0; i < N_GRID; i++) {
        const double share = (double)i / (N_GRID - 1);
        out->grid[i] = out->is_log_scale ? low * pow(high / low, share) : low + share * (high - low);
    }
}

/* ---- densities ---- */

/* Gaussian kernels on the scale of scores, where posteriors are nearly normal and nothing leaks over a bound. */
static void posterior_density(const mtc_prior *prior, const double *z, size_t n, double width, const double *grid,
                              double *density)
{
    const double root_2pi = 2.5066282746310005024;
    for (size_t i = 0; i < N_GRID; i++) {
        const double at = mtc_prior_score(prior, grid[i]);
        double sum = 0.0, dx = 0.0;
        for (size_t k = 0; k < n; k++) {
            const double away = (z[k] - at) / width;
            sum += exp(-0.5 * away * away);
        }
        (void)mtc_prior_at_score(prior, at, &dx);
        const bool inside = dx > 0.0 && grid[i] > prior->lower && grid[i] < prior->upper;
        density[i] = inside ? sum / ((double)n * width * root_2pi) / dx : 0.0;
    }
}

/* Silverman's rule of thumb with the effective number of draws (Silverman 1986, equation 3.31). */
static double kernel_width(const double *sorted, size_t n, double ess)
{
    const double sd = gsl_stats_sd(sorted, 1, n);
    const double iqr = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.75) -
                       gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.25);
    const double spread = iqr > 0.0 ? fmin(sd, iqr / 1.34) : sd;
    return 0.9 * spread * pow(fmin(fmax(ess, 10.0), (double)n), -0.2);
}

static mtc_status fill_densities(model_fit *f, size_t coordinate, const mtc_prior *prior, mtc_result_param *out,
                                 mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result *r = f->result;
    const size_t n = f->chains.n_chain * f->chains.n_draw;
    double *z = mtc_calloc(2 * n, sizeof *z), *sorted = z ? z + n : NULL;
    if (!z) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the density of %s", out->name);
    }
    MTC_TRY(mtc_result_list(r, N_GRID, &out->grid, err));
    MTC_TRY(mtc_result_list(r, N_GRID, &out->prior_density, err));
    MTC_TRY(mtc_result_list(r, N_GRID, &out->posterior_density, err));
    out->n_grid = N_GRID;
    memcpy(sorted, f->natural + coordinate * n, n * sizeof *sorted);
    gsl_sort(sorted, 1, n);
    make_grid(out, prior, sorted, n);
    for (size_t i = 0; i < N_GRID; i++) {
        out->prior_density[i] = exp(mtc_prior_logpdf(prior, out->grid[i], NULL));
    }
    for (size_t i = 0; i < n; i++) {
        z[i] = mtc_prior_score(prior, f->natural[coordinate * n + i]);
    }
    memcpy(sorted, z, n * sizeof *z);
    gsl_sort(sorted, 1, n);
    const double width = kernel_width(sorted, n, f->out->posterior[coordinate].ess_bulk);
    if (width > 0.0) {
        posterior_density(prior, z, n, width, out->grid, out->posterior_density);
    }
out:
    mtc_free(z);
    return st;
}

/* ---- parameters ---- */

static mtc_status fill_param(model_fit *f, size_t i, mtc_result_param *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_posterior *p = f->model->posterior;
    const mtc_param_info *info = mtc_posterior_param(p, i);
    const mtc_prior *prior = mtc_posterior_prior(p, i);
    const long coordinate = mtc_posterior_coordinate(p, i);
    const double none = (double)NAN;
    char *text = NULL;
    MTC_TRY(mtc_prior_describe(prior, f->result->arena, &text, err));
    *out = (mtc_result_param){.name = info->name,
                              .unit = mtc_unit_word(info->unit),
                              .symbol = info->symbol,
                              .text = info->text,
                              .prior = text,
                              .is_fixed = prior->is_fixed,
                              .fixed_value = prior->is_fixed ? prior->fixed_value : none,
                              .prior_interval = {none, none, none},
                              .conflict_z = none};
    if (prior->is_fixed) {
        return MTC_OK;
    }
    out->prior_interval = (mtc_result_interval){mtc_prior_quantile(prior, 0.5), mtc_prior_quantile(prior, 0.05),
                                                mtc_prior_quantile(prior, 0.95)};
    if (coordinate >= 0 && f->chains.n_chain > 0) {
        out->conflict_z = mtc_prior_conflict(prior, f->out->posterior[coordinate].q50);
        MTC_TRY(fill_densities(f, (size_t)coordinate, prior, out, err));
    }
out:
    return st;
}

mtc_status compare_params(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = mtc_posterior_n_param(f->model->posterior);
    MTC_TRY(mtc_result_list(f->result, n, &f->out->param, err));
    f->out->n_param = n;
    for (size_t i = 0; i < n; i++) {
        MTC_TRY(fill_param(f, i, &f->out->param[i], err));
    }
out:
    return st;
}
