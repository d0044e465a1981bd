/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_law.h"

#include "mtc_course.h"
#include "mtc_tvdt.h"
#include "mtc_unit.h"

#include <math.h>
#include <string.h>

const char *const mtc_tvdt_site_name[MTC_TVDT_N_SITE + 1] = {"primary", "metastasis", NULL};

const mtc_param_info mtc_tvdt_param_between_study = {
    .name = "between_study_log_sd",
    .key = "between_study_log_sd",
    .unit = MTC_UNIT_NONE,
    .lower = 0.0,
    .upper = HUGE_VAL,
    .symbol = "ω",
    .text = "log-sd of the median doubling time between the populations of different studies",
};

static const mtc_param_info *param_info(mtc_tvdt_param which)
{
    switch (which) {
    case MTC_TVDT_DELTA:
        return &mtc_course_params[MTC_P_DOUBLING_TIME];
    case MTC_TVDT_SIGMA_D:
        return &mtc_course_params[MTC_P_DOUBLING_TIME_LOG_SD];
    case MTC_TVDT_RATIO:
        return &mtc_course_params[MTC_P_GROWTH_RATIO];
    case MTC_TVDT_SIGMA_RHO:
        return &mtc_course_params[MTC_P_GROWTH_RATIO_LOG_SD];
    default:
        return &mtc_tvdt_param_between_study;
    }
}

void mtc_tvdt_params_init(mtc_tvdt_params *params, bool has_metastasis, bool between_study)
{
    const bool used[MTC_TVDT_N_PARAM] = {true, true, has_metastasis, has_metastasis, between_study};
    memset(params, 0, sizeof *params);
    for (int i = 0; i < MTC_TVDT_N_PARAM; ++i) {
        if (used[i]) {
            params->which[params->n] = (mtc_tvdt_param)i;
            params->list[params->n++] = param_info((mtc_tvdt_param)i);
        }
    }
}

void mtc_tvdt_params_unpack(const mtc_tvdt_params *params, const double *theta, double *all)
{
    memset(all, 0, MTC_TVDT_N_PARAM * sizeof *all);
    all[MTC_TVDT_RATIO] = 1.0;
    for (size_t i = 0; i < params->n; ++i) {
        all[params->which[i]] = theta[i];
    }
}

void mtc_tvdt_params_pack(const mtc_tvdt_params *params, const double *all, double *grad)
{
    for (size_t i = 0; i < params->n; ++i) {
        grad[i] = all[params->which[i]];
    }
}

/*
 * Where the law is computed: medians and ratios within e^(+-230), log-sds within a millionth and a thousand, of pairs a
 * correlation away from 1 by more than the square of a millionth. Priors end many orders of magnitude inside; beyond,
 * differences of logarithms keep too few digits for a density, let alone its gradient.
 */
static const double scale_max = 1e100;
static const double sd_min = 1e-6, sd_max = 1e3;
static const double uncorrelated_min = 1e-12; /* 1 - correlation^2 */

static bool is_scale(double x)
{
    return x >= 1.0 / scale_max && x <= scale_max;
}

static bool is_sd(double x)
{
    return x >= 0.0 && x <= sd_max;
}

bool mtc_tvdt_law_init(mtc_tvdt_law *law, const double *all, double measurement_log_sd)
{
    const double delta = all[MTC_TVDT_DELTA], ratio = all[MTC_TVDT_RATIO];
    if (!(is_scale(delta) && is_scale(ratio) && is_sd(all[MTC_TVDT_SIGMA_D]) && is_sd(all[MTC_TVDT_SIGMA_RHO]) &&
          is_sd(all[MTC_TVDT_OMEGA]) && is_sd(measurement_log_sd))) {
        return false;
    }
    const double d = all[MTC_TVDT_SIGMA_D] * all[MTC_TVDT_SIGMA_D];
    const double rho = all[MTC_TVDT_SIGMA_RHO] * all[MTC_TVDT_SIGMA_RHO];
    const double m = measurement_log_sd * measurement_log_sd;
    memcpy(law->all, all, sizeof law->all);
    law->mean[MTC_TVDT_PRIMARY] = log(delta / MTC_DAYS_PER_YEAR);
    law->mean[MTC_TVDT_METASTASIS] = law->mean[MTC_TVDT_PRIMARY] - log(ratio);
    law->variance[MTC_TVDT_PRIMARY] = d + m;
    law->variance[MTC_TVDT_METASTASIS] = d + rho + m;
    law->covariance = d;
    law->determinant = d * (rho + 2.0 * m) + m * (rho + m);
    for (int s = 0; s < MTC_TVDT_N_SITE; ++s) {
        law->sd[s] = sqrt(law->variance[s]);
        if (!(law->sd[s] >= sd_min)) {
            return false;
        }
    }
    return true;
}

bool mtc_tvdt_law_has_pairs(const mtc_tvdt_law *law)
{
    return law->determinant >= uncorrelated_min * law->variance[0] * law->variance[1];
}

void mtc_tvdt_law_gradient(const mtc_tvdt_law *law, const mtc_tvdt_partials *p, double *grad)
{
    const double d_mean = p->mean[MTC_TVDT_PRIMARY] + p->mean[MTC_TVDT_METASTASIS];
    const double d_variance = p->variance[MTC_TVDT_PRIMARY] + p->variance[MTC_TVDT_METASTASIS] + p->covariance;
    grad[MTC_TVDT_DELTA] += d_mean / law->all[MTC_TVDT_DELTA];
    grad[MTC_TVDT_SIGMA_D] += 2.0 * law->all[MTC_TVDT_SIGMA_D] * d_variance;
    grad[MTC_TVDT_RATIO] -= p->mean[MTC_TVDT_METASTASIS] / law->all[MTC_TVDT_RATIO];
    grad[MTC_TVDT_SIGMA_RHO] += 2.0 * law->all[MTC_TVDT_SIGMA_RHO] * p->variance[MTC_TVDT_METASTASIS];
}
