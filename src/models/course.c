/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_course.h"

#include "mtc_course_point.h"
#include "mtc_onset.h"
#include "mtc_vmath.h"

#include <gsl/gsl_math.h>
#include <math.h>

static const double cells_per_mm3 = 1e6;
static const double reference_diameter_mm = 30.0; /* of Lambda */

const mtc_param_info mtc_course_params[MTC_COURSE_N_PARAM] = {
    [MTC_P_DOUBLING_TIME] = {"doubling_time_days", "doubling_time", MTC_UNIT_DAYS, 0.0, INFINITY, "δ",
                             "median volume doubling time of the primary"},
    [MTC_P_DOUBLING_TIME_LOG_SD] = {"doubling_time_log_sd", "doubling_time_log_sd", MTC_UNIT_NONE, 0.0, INFINITY, "σ_D",
                                    "log-sd of the primary's doubling time between patients"},
    [MTC_P_GROWTH_RATIO] = {"growth_ratio", "growth_ratio", MTC_UNIT_NONE, 0.0, INFINITY, "r",
                            "median ratio of growth rates, metastasis over primary"},
    [MTC_P_GROWTH_RATIO_LOG_SD] = {"growth_ratio_log_sd", "growth_ratio_log_sd", MTC_UNIT_NONE, 0.0, INFINITY, "σ_ρ",
                                   "log-sd of that ratio between patients"},
    [MTC_P_FOUNDERS] = {"founders_at_reference", "founders_at_reference", MTC_UNIT_NONE, 0.0, INFINITY, "Λ",
                        "expected founders of overt metastases from a 30 mm primary at the median doubling time"},
    [MTC_P_FRAILTY] = {"seeding_frailty_variance", "seeding_frailty_variance", MTC_UNIT_NONE, 0.0, INFINITY, "θ",
                       "variance of the seeding rate between patients"},
    [MTC_P_SEEDING_DIAMETER] = {"seeding_diameter_mm", "seeding_diameter", MTC_UNIT_MM, 0.0, INFINITY, "ℓ_s",
                                "diameter of the primary at which half of full seeding competence is reached"},
    [MTC_P_SEEDING_WIDTH] = {"seeding_width", "seeding_width", MTC_UNIT_NONE, 0.0, INFINITY, "σ_ℓ",
                             "log-sd of that onset in diameter"},
    [MTC_P_SEEDING_EXPONENT] = {"seeding_exponent", "seeding_exponent", MTC_UNIT_NONE, 0.0, INFINITY, "α",
                                "seeding grows as the primary's cell number to this power"},
    [MTC_P_OUTGROWTH_DELAY] = {"outgrowth_delay_years", "outgrowth_delay", MTC_UNIT_YEARS, 0.0, INFINITY, "τ",
                               "mean delay between leaving the primary and starting to grow"},
};

const mtc_key mtc_course_keys[] = {
    {"detection_diameter", MTC_KEY_QUANTITY, MTC_DIM_LENGTH, MTC_UNIT_MM, 0.1, 100.0, "10 mm", false, NULL,
     "diameter at which a metastasis is found"},
    {"size_median", MTC_KEY_QUANTITY, MTC_DIM_LENGTH, MTC_UNIT_MM, 1.0, 120.0, "22 mm", false, NULL,
     "median of the log-normal law of primary diameters, for sizes given as classes"},
    {"size_log_sd", MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.05, 3.0, "0.55", false, NULL, "log-sd of that law"},
    {"size_min", MTC_KEY_QUANTITY, MTC_DIM_LENGTH, MTC_UNIT_MM, 0.1, 120.0, "1 mm", false, NULL,
     "lower limit of that law, used for classes open below"},
    {"size_max", MTC_KEY_QUANTITY, MTC_DIM_LENGTH, MTC_UNIT_MM, 1.0, 500.0, "120 mm", false, NULL,
     "upper limit of that law, used for classes open above"},
    {NULL, MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, NULL},
};

static void read_setting(const mtc_spec *base, const mtc_spec *over, const char *key, double *out, mtc_errlist *errors)
{
    const mtc_spec *map = mtc_spec_find(over, key) != NULL ? over : base;
    mtc_err err = MTC_ERR_INIT;
    if (mtc_spec_get_number(map, mtc_course_keys, key, out, &err) != MTC_OK) {
        mtc_errlist_push(errors, &err);
        *out = 1.0;
    }
}

mtc_status mtc_course_init(mtc_course *course, const mtc_spec *base, const mtc_spec *over, mtc_errlist *errors)
{
    const size_t before = errors->n_all;
    if (base != NULL) {
        mtc_spec_check(base, mtc_course_keys, NULL, errors);
    }
    if (over != NULL) {
        mtc_spec_check(over, mtc_course_keys, NULL, errors);
    }
    if (errors->n_all == before) {
        read_setting(base, over, "detection_diameter", &course->detection_diameter_mm, errors);
        read_setting(base, over, "size_median", &course->size_median_mm, errors);
        read_setting(base, over, "size_log_sd", &course->size_log_sd, errors);
        read_setting(base, over, "size_min", &course->size_min_mm, errors);
        read_setting(base, over, "size_max", &course->size_max_mm, errors);
    }
    if (errors->n_all == before && !(course->size_min_mm < course->size_max_mm)) {
        const mtc_spec *at = over != NULL ? over : base;
        mtc_errlist_add(errors, MTC_ECONFIG, at != NULL ? &at->pos : NULL, NULL,
                        "size_min must be smaller than size_max, got %g mm and %g mm", course->size_min_mm,
                        course->size_max_mm);
    }
    if (errors->n_all != before) {
        return MTC_ECONFIG;
    }
    course->doublings_to_detection = mtc_doublings(course->detection_diameter_mm);
    return MTC_OK;
}

double mtc_doublings(double diameter_mm)
{
    return log2(M_PI / 6.0 * cells_per_mm3) + 3.0 * log2(diameter_mm);
}

double mtc_diameter_mm(double doublings)
{
    return exp2((doublings - log2(M_PI / 6.0 * cells_per_mm3)) / 3.0);
}

void mtc_course_point_init(mtc_course_point *p, const double *theta)
{
    p->log_delta_years = log(theta[MTC_P_DOUBLING_TIME] / MTC_DAYS_PER_YEAR);
    p->sd_doubling = theta[MTC_P_DOUBLING_TIME_LOG_SD];
    p->log_ratio = log(theta[MTC_P_GROWTH_RATIO]);
    p->sd_ratio = theta[MTC_P_GROWTH_RATIO_LOG_SD];
    p->frailty = theta[MTC_P_FRAILTY];
    p->u_onset = mtc_doublings(theta[MTC_P_SEEDING_DIAMETER]);
    p->width_doublings = 3.0 * theta[MTC_P_SEEDING_WIDTH] / MTC_LN2;
    p->exponent = theta[MTC_P_SEEDING_EXPONENT];
    p->delay_years = theta[MTC_P_OUTGROWTH_DELAY];
    p->log_rate = 0.0;
    p->log_rate = log(theta[MTC_P_FOUNDERS]) - mtc_course_log_reference(p, NULL);
}

double mtc_course_log_reference(const mtc_course_point *p, double *grad)
{
    const double n = mtc_doublings(reference_diameter_mm);
    mtc_onset onset;
    double value, d_c, d_onset, d_width;
    mtc_onset_init(&onset, p->u_onset, p->width_doublings, p->exponent * MTC_LN2, n);
    mtc_onset_eval(&onset, &n, 1, &value, &d_c, &d_onset, &d_width);
    if (grad != NULL) {
        for (int i = 0; i < MTC_POINT_N; i++) {
            grad[i] = 0.0;
        }
        grad[MTC_POINT_LOG_DELTA] = 1.0;
        grad[MTC_POINT_EXPONENT] = MTC_LN2 * (n - mtc_reference_doublings()) + MTC_LN2 * d_c / value;
        grad[MTC_POINT_ONSET] = d_onset / value;
        grad[MTC_POINT_WIDTH] = d_width / value;
    }
    return p->log_delta_years + p->exponent * MTC_LN2 * (n - mtc_reference_doublings()) + log(value);
}

double mtc_reference_doublings(void)
{
    return log2(1e9);
}

double mtc_log_reference_founders(const double *theta)
{
    mtc_course_point p;
    mtc_course_point_init(&p, theta);
    return mtc_course_log_reference(&p, NULL);
}

double mtc_seeding_rate_per_year(const double *theta)
{
    mtc_course_point p;
    mtc_course_point_init(&p, theta);
    return exp(p.log_rate);
}

void mtc_course_point_gradient(const mtc_course_point *p, const double *theta, const double *d_point, double *grad)
{
    double d_reference[MTC_POINT_N];
    mtc_course_log_reference(p, d_reference);
    double d[MTC_POINT_N];
    for (int i = 0; i < MTC_POINT_N; i++) {
        d[i] = d_point[i] - d_point[MTC_POINT_LOG_RATE] * d_reference[i];
    }
    grad[MTC_P_DOUBLING_TIME] = d[MTC_POINT_LOG_DELTA] / theta[MTC_P_DOUBLING_TIME];
    grad[MTC_P_DOUBLING_TIME_LOG_SD] = d[MTC_POINT_SD_DOUBLING];
    grad[MTC_P_GROWTH_RATIO] = d[MTC_POINT_LOG_RATIO] / theta[MTC_P_GROWTH_RATIO];
    grad[MTC_P_GROWTH_RATIO_LOG_SD] = d[MTC_POINT_SD_RATIO];
    grad[MTC_P_FOUNDERS] = d_point[MTC_POINT_LOG_RATE] / theta[MTC_P_FOUNDERS];
    grad[MTC_P_FRAILTY] = d[MTC_POINT_FRAILTY];
    grad[MTC_P_SEEDING_DIAMETER] = d[MTC_POINT_ONSET] * 3.0 / (MTC_LN2 * theta[MTC_P_SEEDING_DIAMETER]);
    grad[MTC_P_SEEDING_WIDTH] = d[MTC_POINT_WIDTH] * 3.0 / MTC_LN2;
    grad[MTC_P_SEEDING_EXPONENT] = d[MTC_POINT_EXPONENT];
    grad[MTC_P_OUTGROWTH_DELAY] = d[MTC_POINT_DELAY];
}
