/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

static const char *const rate_name = "seeding_rate_per_year";

/* Type-7 quantile; NaN where it lies at or next to an infinity ("never" has no number). */
static double quantile(const double *sorted, size_t n, double p)
{
    const double q = gsl_stats_quantile_from_sorted_data(sorted, 1, n, p);
    return isfinite(q) ? q : (double)NAN;
}

mtc_result_interval compare_interval(double *x, size_t n)
{
    const double none = (double)NAN;
    if (n == 0) {
        return (mtc_result_interval){none, none, none};
    }
    gsl_sort(x, 1, n);
    return (mtc_result_interval){quantile(x, n, 0.5), quantile(x, n, 0.05), quantile(x, n, 0.95)};
}

long compare_find_source(const mtc_posterior *p, const char *name)
{
    for (size_t i = 0; i < mtc_posterior_n_source(p); i++) {
        if (strcmp(mtc_posterior_source(p, i)->src->name, name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

/* Natural parameters by their place in the course; false where the model lacks one. */
static bool course_index(const mtc_posterior *p, long index[MTC_COURSE_N_PARAM])
{
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
        index[k] = mtc_posterior_find(p, mtc_course_params[k].name);
        if (index[k] < 0) {
            return false;
        }
    }
    return true;
}

bool compare_course_theta(const mtc_posterior *p, const double *theta, double *course_theta)
{
    long index[MTC_COURSE_N_PARAM];
    if (!course_index(p, index)) {
        return false;
    }
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
        course_theta[k] = theta[index[k]];
    }
    return true;
}

/* The seeding rate at every draw; *finite false where one is too large for a number. */
static mtc_status derive_rate(const model_fit *f, size_t n_all, double *rate, bool *finite, mtc_err *err)
{
    const mtc_posterior *p = f->model->posterior;
    double course_theta[MTC_COURSE_N_PARAM];
    double *theta = mtc_calloc(mtc_posterior_n_param(p), sizeof *theta);
    if (!theta) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for derived quantities");
    }
    *finite = true;
    for (size_t k = 0; k < n_all && *finite; k++) {
        mtc_posterior_natural(p, f->chains.x + k * f->chains.n_dim, theta);
        compare_course_theta(p, theta, course_theta);
        rate[k] = mtc_seeding_rate_per_year(course_theta);
        *finite = isfinite(rate[k]);
    }
    mtc_free(theta);
    return MTC_OK;
}

static mtc_status natural_draws(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_posterior *p = f->model->posterior;
    const mtc_target *target = mtc_posterior_target(p);
    const size_t n_all = f->chains.n_chain * f->chains.n_draw, n = target->n_dim;
    long index[MTC_COURSE_N_PARAM];
    MTC_TRY(mtc_result_list(f->result, n + 1, &f->column, err));
    MTC_TRY(mtc_result_list(f->result, (n + 1) * n_all, &f->natural, err));
    for (size_t i = 0; i < n; i++) {
        f->column[i] = target->param_name[i];
    }
    f->n_column = n;
    MTC_TRY(mtc_chains_natural(&f->chains, target, f->natural, err));
    if (course_index(p, index)) {
        bool finite = true;
        MTC_TRY(derive_rate(f, n_all, f->natural + n * n_all, &finite, err));
        if (finite) {
            f->column[f->n_column++] = rate_name;
        } else {
            MTC_TRY(mtc_result_sentence(f->result, &f->result->warning, &f->result->n_warning, err,
                                        "%s: the seeding rate exceeds every number in some draws and is left out.",
                                        f->model->name));
        }
    }
out:
    return st;
}

/* Points that predictions are made from: every k-th draw; the fixed point where nothing is free. */
static mtc_status thin(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_posterior *p = f->model->posterior;
    const size_t n_all = f->chains.n_chain * f->chains.n_draw, n_param = mtc_posterior_n_param(p);
    const double none = 0.0;
    f->n_theta = n_all == 0 ? 1 : n_all < f->plan->n_predict ? n_all : f->plan->n_predict;
    MTC_TRY(mtc_result_list(f->result, f->n_theta * n_param, &f->theta, err));
    for (size_t k = 0; k < f->n_theta; k++) {
        const double *x = n_all == 0 ? &none : f->chains.x + (k * n_all / f->n_theta) * f->chains.n_dim;
        mtc_posterior_natural(p, x, f->theta + k * n_param);
    }
out:
    return st;
}

static mtc_status summarise(const model_fit *f, size_t column, mtc_result_posterior *out, mtc_err *err)
{
    mtc_summary s;
    const size_t n_all = f->chains.n_chain * f->chains.n_draw;
    const mtc_status st = mtc_summarise(f->natural + column * n_all, f->chains.n_chain, f->chains.n_draw, &s, err);
    if (st == MTC_OK) {
        *out = (mtc_result_posterior){.name = f->column[column],
                                      .mean = s.mean,
                                      .sd = s.sd,
                                      .q05 = s.q05,
                                      .q50 = s.q50,
                                      .q95 = s.q95,
                                      .rhat = s.rhat,
                                      .ess_bulk = s.ess_bulk,
                                      .ess_tail = s.ess_tail,
                                      .mcse_mean = s.mcse_mean};
    }
    return st;
}

static mtc_status fill_posterior(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_posterior *p = f->model->posterior;
    const size_t n = f->chains.n_dim, n_derived = f->n_column - n;
    MTC_TRY(mtc_result_list(f->result, n, &f->out->posterior, err));
    MTC_TRY(mtc_result_list(f->result, n_derived, &f->out->derived, err));
    f->out->n_posterior = n;
    f->out->n_derived = n_derived;
    for (size_t i = 0; i < n; i++) {
        const mtc_param_info *info = mtc_posterior_param(p, mtc_posterior_free(p, i));
        MTC_TRY(summarise(f, i, &f->out->posterior[i], err));
        f->out->posterior[i].unit = mtc_unit_word(info->unit);
        f->out->posterior[i].label = info->text;
    }
    for (size_t i = 0; i < n_derived; i++) {
        MTC_TRY(summarise(f, n + i, &f->out->derived[i], err));
        f->out->derived[i].unit = mtc_unit_word(MTC_UNIT_PER_YEAR);
        f->out->derived[i].label = "founders per year from a primary of 1 cm3 at full competence";
    }
out:
    return st;
}

/* Where the posterior puts the size at which seeding starts. */
static void fill_mass(model_fit *f)
{
    const size_t n_all = f->chains.n_chain * f->chains.n_draw;
    for (size_t i = 0; i < f->chains.n_dim; i++) {
        if (strcmp(f->column[i], mtc_course_params[MTC_P_SEEDING_DIAMETER].name) != 0) {
            continue;
        }
        size_t below = 0, above = 0;
        for (size_t k = 0; k < n_all; k++) {
            below += f->natural[i * n_all + k] < 5.0;
            above += f->natural[i * n_all + k] > 10.0;
        }
        f->out->seeding_diameter_mass =
            (mtc_result_mass){(double)below / (double)n_all, (double)(n_all - below - above) / (double)n_all,
                              (double)above / (double)n_all};
    }
}

mtc_status compare_tables(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    MTC_TRY(thin(f, err));
    if (f->chains.n_chain > 0) {
        MTC_TRY(natural_draws(f, err));
        MTC_TRY(fill_posterior(f, err));
        fill_mass(f);
    }
    MTC_TRY(compare_params(f, err));
out:
    return st;
}
