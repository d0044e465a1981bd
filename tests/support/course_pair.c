/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "course_pair.h"

#include "mtc_rng.h"
#include "prior_text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

static const char *const model_names[COURSE_N_MODEL] = {"linear", "parallel", "unrestricted"};

/* Log-normal priors of each model: median in the parameter's unit, log-sd. */
static const double prior_median[COURSE_N_MODEL][MTC_COURSE_N_PARAM] = {{150, 0.7, 1.5, 0.4, 1, 1.5, 15, 0.2, 1, 1},
                                                                        {150, 0.7, 1.5, 0.4, 1, 1.5, 2, 0.2, 0.25, 1},
                                                                        {150, 0.7, 1.5, 0.4, 1, 1.5, 6, 0.2, 0.6, 1}};
static const double prior_log_sd[COURSE_N_MODEL][MTC_COURSE_N_PARAM] = {
    {0.5, 0.4, 0.8, 0.5, 1.5, 0.8, 0.4, 0.3, 0.5, 1.0},
    {0.5, 0.4, 0.8, 0.5, 1.5, 0.8, 0.4, 0.3, 0.5, 1.0},
    {0.5, 0.4, 0.8, 0.5, 1.5, 0.8, 1.5, 0.3, 0.9, 1.0}};

/* What was "observed": 4 mm favours parallel. */
static const double seen[MTC_COURSE_N_PARAM] = {160, 0.6, 1.3, 0.45, 1.6, 1.1, 4.0, 0.18, 0.5, 0.8};

static const mtc_param_info *course_list[MTC_COURSE_N_PARAM];

/* ---- the likelihood ---- */

/* self is the number of parameters that the source sees. */
static const size_t n_growth = COURSE_N_GROWTH, n_cohort = MTC_COURSE_N_PARAM;

static void params(const void *self, const mtc_param_info *const **list, size_t *n)
{
    *list = course_list;
    *n = *(const size_t *)self;
}

static mtc_status ws_create(const void *self, void **ws, mtc_err *err)
{
    (void)self;
    *ws = mtc_calloc(1, 8);
    return *ws ? MTC_OK : mtc_fail(err, MTC_ENOMEM, "no memory");
}

static mtc_status eval(const void *self, void *ws, const double *theta, double *value, double *grad, double *per_obs,
                       mtc_reason *reason, mtc_err *err)
{
    (void)ws;
    (void)reason;
    (void)err;
    *value = 0.0;
    for (size_t k = 0; k < *(const size_t *)self; k++) {
        const double z = (log(theta[k]) - log(seen[k])) / COURSE_DATA_SD;
        const double term = -0.5 * z * z - log(COURSE_DATA_SD) - 0.91893853320467274178;
        *value += term;
        if (grad) {
            grad[k] = -z / COURSE_DATA_SD / theta[k];
        }
        if (per_obs) {
            per_obs[k] = term;
        }
    }
    return MTC_OK;
}

static size_t n_obs(const void *self)
{
    return *(const size_t *)self;
}

static void obs_label(const void *self, size_t i, char *buf, size_t size)
{
    (void)self;
    (void)snprintf(buf, size, "row %zu", i + 1);
}

static size_t n_facts(const void *self)
{
    (void)self;
    return 2;
}

static void fact(const void *self, size_t i, mtc_quantity *info, double *value)
{
    (void)self;
    *info = i == 0 ? (mtc_quantity){"n", "patients", MTC_UNIT_NONE, true}
                   : (mtc_quantity){"half_life", "half-life", MTC_UNIT_YEARS, false};
    *value = i == 0 ? 3.0 : 2.385;
}

static size_t n_quantities(const void *self)
{
    return *(const size_t *)self == MTC_COURSE_N_PARAM ? 2 : 0;
}

static void quantity(const void *self, size_t i, mtc_quantity *info)
{
    (void)self;
    *info = i == 0 ? (mtc_quantity){"half_life", "half-life", MTC_UNIT_YEARS, false}
                   : (mtc_quantity){"never", "a time that may be infinite", MTC_UNIT_YEARS, false};
}

static mtc_status quantities(const void *self, void *ws, const double *theta, double *value, mtc_err *err)
{
    (void)self;
    (void)ws;
    (void)err;
    value[0] = log(2.0) * theta[MTC_P_DOUBLING_TIME_LOG_SD] * 5.0;
    value[1] = theta[MTC_P_FOUNDERS] < 1.0 ? (double)INFINITY : theta[MTC_P_FOUNDERS];
    return MTC_OK;
}

enum { N_X = 11, N_STEP = 6 };
static const double grid[N_X] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
static const double step_x[N_STEP] = {0, 2, 4, 6, 8, 9}, step_y[N_STEP] = {1, 0.55, 0.3, 0.16, 0.1, 0.1};
/* the second display's limits are far above every prediction */
static const double low[2][N_STEP] = {{0.5, 0.3, 0.1, 0.05, 0.01, 0.0}, {0.98, 0.95, 0.9, 0.9, 0.9, 0.9}};
static const double high[2][N_STEP] = {{1, 0.8, 0.6, 0.5, 0.4, 0.4}, {1, 1, 1, 1, 1, 1}};
static const double at_risk[N_STEP] = {300, 150, 80, 40, 22, 3};
static const mtc_display displays[2] = {{"km.all", "Free of metastasis", "kaplan_meier", "years", "share", false, N_X,
                                         grid, N_STEP, step_x, step_y, low[0], high[0], at_risk, NULL},
                                        {"km.odd", "Free of anything", "kaplan_meier", "years", "share", false, N_X,
                                         grid, N_STEP, step_x, step_y, low[1], high[1], at_risk, NULL}};

static size_t n_displays(const void *self)
{
    return *(const size_t *)self == MTC_COURSE_N_PARAM ? 2 : 0;
}

static const mtc_display *display(const void *self, size_t i)
{
    (void)self;
    return &displays[i];
}

static mtc_status predict(const void *self, void *ws, size_t i, const double *theta, double *y, mtc_err *err)
{
    (void)self;
    (void)ws;
    (void)i;
    (void)err;
    for (size_t k = 0; k < N_X; k++) {
        y[k] = exp(-grid[k] * 0.5 * theta[MTC_P_DOUBLING_TIME_LOG_SD]);
    }
    return MTC_OK;
}

static double draw_size_mm(const void *self, gsl_rng *rng)
{
    (void)self;
    return 12.0 + 20.0 * mtc_rng_uniform(rng);
}

static const mtc_likelihood_ops cohort_ops = {.abi = MTC_LIKELIHOOD_ABI,
                                              .name = "test/course",
                                              .summary = "every log parameter observed with normal error",
                                              .params = params,
                                              .ws_create = ws_create,
                                              .ws_destroy = mtc_free,
                                              .eval = eval,
                                              .n_obs = n_obs,
                                              .obs_label = obs_label,
                                              .n_facts = n_facts,
                                              .fact = fact,
                                              .n_quantities = n_quantities,
                                              .quantity = quantity,
                                              .quantities = quantities,
                                              .n_displays = n_displays,
                                              .display = display,
                                              .predict = predict,
                                              .draw_size_mm = draw_size_mm};

static const mtc_likelihood_ops growth_ops = {.abi = MTC_LIKELIHOOD_ABI,
                                              .name = "test/growth",
                                              .summary = "every log parameter observed with normal error",
                                              .params = params,
                                              .ws_create = ws_create,
                                              .ws_destroy = mtc_free,
                                              .eval = eval,
                                              .n_obs = n_obs,
                                              .obs_label = obs_label,
                                              .n_facts = n_facts,
                                              .fact = fact,
                                              .n_quantities = n_quantities,
                                              .quantity = quantity,
                                              .quantities = quantities,
                                              .n_displays = n_displays,
                                              .display = display,
                                              .predict = predict};

/* ---- the models ---- */

static mtc_status build(course_pair *c, size_t model, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    mtc_prior prior[MTC_COURSE_N_PARAM];
    const mtc_param_info *const *list = NULL;
    size_t n = 0;
    c->log_evidence[model] = 0.0;
    MTC_TRY(mtc_posterior_params(c->likelihood, 2, mtc_course_params, MTC_COURSE_N_PARAM, c->arena, &list, &n, err));
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
        const double m = log(prior_median[model][k]), s = prior_log_sd[model][k], t = COURSE_DATA_SD;
        const char *unit = mtc_unit_symbol(list[k]->unit);
        char *text = NULL;
        MTC_TRY(mtc_arena_printf(c->arena, &text, err, "{lognormal: {median: %.17g%s%s, log_sd: %.17g}}",
                                 prior_median[model][k], unit[0] ? " " : "", unit, s));
        MTC_TRY(prior_from_text(text, list[k], &prior[k], c->arena, &errors));
        double mean = m, variance = s * s;
        for (int seen_by = 0; seen_by < (k < COURSE_N_GROWTH ? 2 : 1); seen_by++) {
            const double away = log(seen[k]) - mean, all = variance + t * t;
            c->log_evidence[model] -= 0.5 * (away * away / all + log(2.0 * 3.14159265358979323846 * all));
            mean += away * variance / all;
            variance *= t * t / all;
        }
        c->log_mean[model][k] = mean;
        c->log_sd[model][k] = sqrt(variance);
    }
    MTC_TRY(mtc_posterior_create(model_names[model], c->likelihood, 2, list, prior, n, c->arena, &c->posterior[model],
                                 err));
out:
    for (size_t i = 0; i < errors.n; i++) {
        (void)fprintf(stderr, "%s\n", errors.item[i].message);
    }
    mtc_errlist_fini(&errors);
    return st;
}

mtc_status course_pair_init(course_pair *c, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    *c = (course_pair){0};
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
        course_list[k] = &mtc_course_params[k];
    }
    c->source[0].name = "growth";
    c->source[1].name = "cohort";
    c->source[1].n_filtered = 7;
    c->likelihood[0] = (mtc_likelihood){&growth_ops, (void *)(uintptr_t)&n_growth, &c->source[0]};
    c->likelihood[1] = (mtc_likelihood){&cohort_ops, (void *)(uintptr_t)&n_cohort, &c->source[1]};
    MTC_TRY(mtc_arena_create(&c->arena, err));
    MTC_TRY(mtc_course_init(&c->course, NULL, NULL, &errors));
    c->source[0].course = c->source[1].course = &c->course;
    for (size_t model = 0; model < COURSE_N_MODEL; model++) {
        MTC_TRY(build(c, model, err));
    }
out:
    mtc_errlist_fini(&errors);
    return st;
}

void course_pair_fini(course_pair *c)
{
    mtc_arena_destroy(c->arena);
    *c = (course_pair){0};
}
