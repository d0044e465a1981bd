/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_internal.h"

#include "mtc_course_point.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char rate_name[] = "seeding_rate_per_year";

long mtc_run_course_index(const mtc_run_model *model, size_t course_param)
{
    return mtc_posterior_find(model->posterior, mtc_course_params[course_param].name);
}

/* Natural values in the order of the course; false where the model does not use all of them. */
static bool course_values(const mtc_run_model *model, const double *theta, double *course)
{
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
        const long i = mtc_run_course_index(model, k);
        if (i < 0) {
            return false;
        }
        course[k] = theta[i];
    }
    return true;
}

/* d log Lambda / d parameter at fixed rate. The course's own chain rule gives it: at fixed Lambda log mu moves by the
 * opposite. */
static mtc_status rate_gradient(const mtc_run_model *model, const double *course, mtc_arena *arena, double **out,
                                mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_course_point point;
    double d_point[MTC_POINT_N] = {0.0};
    double d_log_rate[MTC_COURSE_N_PARAM];
    MTC_TRY(mtc_arena_new(arena, mtc_posterior_n_param(model->posterior), out, err));
    mtc_course_point_init(&point, course);
    d_point[MTC_POINT_LOG_RATE] = 1.0;
    mtc_course_point_gradient(&point, course, d_point, d_log_rate);
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
        (*out)[mtc_run_course_index(model, k)] = k == MTC_P_FOUNDERS ? 0.0 : -d_log_rate[k];
    }
out:
    return st;
}

/* Lambda from the rate, or the rate from Lambda. */
static mtc_status settle_rate(const mtc_run_model *model, mtc_arena *arena, mtc_run_point *point, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double course[MTC_COURSE_N_PARAM];
    const double rate = point->rate;
    if (!course_values(model, point->theta, course)) {
        point->rate = NAN;
        point->by_rate = false;
        return MTC_OK;
    }
    if (!point->by_rate) {
        point->rate = mtc_seeding_rate_per_year(course);
        return MTC_OK;
    }
    if (!(rate > 0.0)) {
        return mtc_fail(err, MTC_ECONFIG, "%s must be > 0, got %g", rate_name, rate);
    }
    course[MTC_P_FOUNDERS] = 1.0;
    course[MTC_P_FOUNDERS] = rate * exp(mtc_log_reference_founders(course));
    point->theta[mtc_run_course_index(model, MTC_P_FOUNDERS)] = course[MTC_P_FOUNDERS];
    MTC_TRY(rate_gradient(model, course, arena, &point->d_log_founders, err));
out:
    return st;
}

static mtc_status take_value(const mtc_run_model *model, const mtc_run_value *value, bool *given, mtc_run_point *point,
                             mtc_err *err)
{
    const long i = mtc_posterior_find(model->posterior, value->name);
    const bool is_rate = strcmp(value->name, rate_name) == 0 && mtc_run_course_index(model, MTC_P_FOUNDERS) >= 0;
    if (!isfinite(value->value)) {
        return mtc_fail(err, MTC_ECONFIG, "%s is not a finite number", value->name);
    }
    if (is_rate) {
        point->by_rate = true;
        point->rate = value->value;
    } else if (i < 0) {
        point->ignored[point->n_ignored++] = value->name;
    } else if (given[i]) {
        return mtc_fail(err, MTC_ECONFIG, "%s is given twice", value->name);
    } else {
        given[i] = true;
        point->theta[i] = value->value;
    }
    return MTC_OK;
}

/* Absent parameters: fixed ones take their value, Lambda may come from the rate, all others are an error. */
static mtc_status fill_absent(const mtc_run_model *model, const bool *given, mtc_run_point *point, mtc_err *err)
{
    char missing[600] = "";
    size_t used = 0;
    const long founders = mtc_run_course_index(model, MTC_P_FOUNDERS);
    for (size_t i = 0; i < mtc_posterior_n_param(model->posterior); i++) {
        const mtc_prior *const prior = mtc_posterior_prior(model->posterior, i);
        if (given[i] || (point->by_rate && (long)i == founders)) {
            continue;
        }
        if (prior->is_fixed) {
            point->theta[i] = prior->fixed_value;
        } else if (used + 64 < sizeof missing) {
            used += (size_t)snprintf(missing + used, sizeof missing - used, "%s%s", used > 0 ? ", " : "",
                                     mtc_posterior_param(model->posterior, i)->name);
        }
    }
    if (used > 0) {
        return mtc_fail(err, MTC_ECONFIG, "the point lacks %s", missing);
    }
    if (point->by_rate && given[founders]) {
        return mtc_fail(err, MTC_ECONFIG, "give %s or founders_at_reference, not both", rate_name);
    }
    return MTC_OK;
}

mtc_status mtc_run_point_make(const mtc_run_model *model, const mtc_run_value *value, size_t n_value, mtc_arena *arena,
                              mtc_run_point *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    bool *given = NULL;
    const size_t n = mtc_posterior_n_param(model->posterior);
    memset(out, 0, sizeof *out);
    out->rate = NAN;
    MTC_TRY(mtc_arena_new(arena, n, &out->theta, err));
    MTC_TRY(mtc_arena_new(arena, n, &given, err));
    MTC_TRY(mtc_arena_new(arena, n_value, &out->ignored, err));
    for (size_t i = 0; i < n_value; i++) {
        MTC_TRY(take_value(model, &value[i], given, out, err));
    }
    MTC_TRY(fill_absent(model, given, out, err));
    MTC_TRY(settle_rate(model, arena, out, err));
out:
    return st;
}

mtc_status mtc_run_point_median(const mtc_run_model *model, mtc_arena *arena, mtc_run_point *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = mtc_posterior_n_param(model->posterior);
    memset(out, 0, sizeof *out);
    MTC_TRY(mtc_arena_new(arena, n, &out->theta, err));
    for (size_t i = 0; i < n; i++) {
        out->theta[i] = mtc_prior_quantile(mtc_posterior_prior(model->posterior, i), 0.5);
    }
    MTC_TRY(settle_rate(model, arena, out, err));
out:
    return st;
}

void mtc_run_point_gradient(const mtc_run_model *model, const mtc_run_point *point, double *grad)
{
    const long founders = mtc_run_course_index(model, MTC_P_FOUNDERS);
    if (!point->by_rate || !point->d_log_founders || founders < 0) {
        return;
    }
    const double d_log = grad[founders] * point->theta[founders];
    for (size_t i = 0; i < mtc_posterior_n_param(model->posterior); i++) {
        grad[i] += d_log * point->d_log_founders[i];
    }
    grad[founders] = d_log / point->rate;
}
