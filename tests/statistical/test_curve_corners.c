/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * No false peak: log S, log f and log F(0) at draws from the priors of docs/model.md, section 6, and at the corners of
 * small growth-ratio spread and large doubling-time spread, against a much finer plain quadrature (fine_curve.h).
 * A rule too coarse for such a point gives a likelihood of hundreds of nats too much there, which every sampler finds.
 *
 * Nothing is random but the points (fixed seed), so there are no false alarms. Bound: 1e-7 in the logarithm of values
 * above 1e-6 (2e-7 from there to 1e-8), which the finer rule reaches everywhere (its own error, measured by halving its
 * steps, is tested to be below 2e-8; typical 1e-10). The twin replaces the finer rule by one of 12 times its steps, a
 * comb, and must be found. Arguments: draws per hypothesis (80; label long: 1000).
 */
#include "fine_curve.h"

#include "mtc_rng.h"
#include "mtc_vmath.h"
#include "test_near.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

static const double bound = 1e-7;
static const double own_error = 2e-8;
static const double seldom = 1e-6; /* below it twice the bound */
static const double rarest = 1e-8;

static size_t n_draw = 80;

typedef enum { LINEAR, PARALLEL, UNRESTRICTED, N_HYPOTHESIS } hypothesis;
static const char *const hypothesis_name[N_HYPOTHESIS] = {"linear", "parallel", "unrestricted"};

/* ---- points ---------------------------------------------------------------------------------------------------- */

static double lognormal(gsl_rng *rng, double median, double log_sd, double lower, double upper)
{
    double x;
    do {
        x = median * exp(log_sd * mtc_rng_normal(rng));
    } while (x < lower || x > upper);
    return x;
}

static double positive_normal(gsl_rng *rng, double mean, double sd)
{
    double x;
    do {
        x = mean + sd * mtc_rng_normal(rng);
    } while (x < 0.0);
    return x;
}

/* A draw from the prior, natural parameters. */
static void draw_theta(hypothesis h, gsl_rng *rng, double *theta)
{
    theta[MTC_P_DOUBLING_TIME] = lognormal(rng, 150.0, 0.5, 0.0, INFINITY);
    theta[MTC_P_DOUBLING_TIME_LOG_SD] = lognormal(rng, 0.7, 0.4, 0.0, INFINITY);
    theta[MTC_P_GROWTH_RATIO] = lognormal(rng, 1.5, 0.8, 0.0, INFINITY);
    theta[MTC_P_GROWTH_RATIO_LOG_SD] = lognormal(rng, 0.4, 0.5, 0.0, INFINITY);
    theta[MTC_P_FOUNDERS] = lognormal(rng, 1.0, 1.5, 0.0, INFINITY);
    theta[MTC_P_FRAILTY] = lognormal(rng, 1.5, 0.8, 0.0, INFINITY);
    theta[MTC_P_SEEDING_WIDTH] = lognormal(rng, 0.2, 0.5, 0.05, 0.5);
    theta[MTC_P_OUTGROWTH_DELAY] = lognormal(rng, 1.0, 1.0, 0.0, INFINITY);
    if (h == LINEAR) {
        theta[MTC_P_SEEDING_DIAMETER] = lognormal(rng, 15.0, 0.4, 10.0, INFINITY);
        theta[MTC_P_SEEDING_EXPONENT] = positive_normal(rng, 1.0, 0.5);
    } else if (h == PARALLEL) {
        theta[MTC_P_SEEDING_DIAMETER] = lognormal(rng, 2.0, 0.4, 0.0, 5.0);
        theta[MTC_P_SEEDING_EXPONENT] = positive_normal(rng, 0.25, 0.5);
    } else {
        theta[MTC_P_SEEDING_DIAMETER] = 0.5 * pow(160.0, mtc_rng_uniform(rng));
        theta[MTC_P_SEEDING_EXPONENT] = positive_normal(rng, 0.6, 0.5);
    }
}

static mtc_course course_default(void)
{
    mtc_course course;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_course_init(&course, NULL, NULL, &errors), MTC_OK);
    return course;
}

/* ---- comparison ------------------------------------------------------------------------------------------------ */

typedef struct {
    size_t n, n_off, n_rare;
    double worst;
} score;

static void compare(score *s, const char *what, const double *theta, double t_years, double got, double want)
{
    if (!(want > rarest)) {
        s->n_rare++;
        return;
    }
    const double error = fabs(log(got) - log(want));
    s->n++;
    s->worst = fmax(s->worst, error);
    if (!(error <= (want < seldom ? 2.0 * bound : bound))) {
        s->n_off++;
        print_error("%s at t = %.17g: log %.12g, not %.12g\n", what, t_years, log(got), log(want));
        for (int i = 0; i < MTC_COURSE_N_PARAM; i++) {
            print_error("   %s = %.17g\n", mtc_course_params[i].name, theta[i]);
        }
    }
}

static void evaluate(const mtc_course *course, const mtc_course_point *p, mtc_size_class cls, double t_years,
                     fine_values *out)
{
    mtc_curve_plan *plan = NULL;
    mtc_curve_ws *ws = NULL;
    mtc_domain domain;
    mtc_curve_values values = {&out->survival, &out->density, &out->distribution};
    assert_int_equal(mtc_curve_plan_create(course, &cls, 1, &t_years, 1, &plan, NULL), MTC_OK);
    assert_int_equal(mtc_curve_ws_create(plan, &ws, NULL), MTC_OK);
    assert_int_equal(mtc_curve_eval(plan, ws, p, &values, &domain, NULL), MTC_OK);
    assert_int_equal(domain, MTC_DOMAIN_OK);
    mtc_curve_ws_destroy(ws);
    mtc_curve_plan_destroy(plan);
}

/* Compares one point; refine is 1 but in the twin. */
static void compare_at(score *s, const mtc_course *course, const double *theta, mtc_size_class cls, double t_years,
                       double refine)
{
    mtc_course_point p;
    fine_values got, want;
    mtc_course_point_init(&p, theta);
    evaluate(course, &p, cls, t_years, &got);
    fine_curve(course, &p, cls, t_years, refine, &want);
    compare(s, "S", theta, t_years, got.survival, want.survival);
    compare(s, "f", theta, t_years, got.density, want.density);
    if (t_years == 0.0) {
        compare(s, "F", theta, t_years, got.distribution, want.distribution);
    }
}

static void conclude(const char *what, const score *s, size_t n_least)
{
    print_message("%s: %zu values, %zu too rare, largest |difference of logs| %.2g\n", what, s->n, s->n_rare, s->worst);
    assert_int_equal(s->n_off, 0);
    assert_true(s->n >= n_least);
}

/* ---- tests ----------------------------------------------------------------------------------------------------- */

static double draw_time(gsl_rng *rng)
{
    return 0.05 * pow(400.0, mtc_rng_uniform(rng)); /* 0.05 to 20 years */
}

/* Exact sizes at surgery and one later time; every 20th draw a class; every 20th also the finer rule's own error. */
static void draws(hypothesis h)
{
    score s = {0, 0, 0, 0.0};
    gsl_rng *rng = NULL;
    const mtc_course course = course_default();
    const mtc_size_class classes[] = {{20.0, 50.0}, {50.0, 120.0}, {1.0, 20.0}};
    double largest_own = 0.0;
    assert_int_equal(mtc_rng_stream(2009, hypothesis_name[h], &rng, NULL), MTC_OK);
    for (size_t i = 0; i < n_draw; i++) {
        double theta[MTC_COURSE_N_PARAM];
        draw_theta(h, rng, theta);
        const double mm = mtc_course_draw_size_mm(&course, 1.0, 120.0, rng);
        const double t = draw_time(rng);
        const mtc_size_class exact = {mm, mm};
        compare_at(&s, &course, theta, exact, 0.0, 1.0);
        compare_at(&s, &course, theta, exact, t, 1.0);
        if (i % 20 == 7) {
            compare_at(&s, &course, theta, classes[i / 20 % 3], t, 1.0);
        }
        if (i % 20 == 11) {
            mtc_course_point p;
            fine_values once, twice;
            mtc_course_point_init(&p, theta);
            fine_curve(&course, &p, exact, t, 1.0, &once);
            fine_curve(&course, &p, exact, t, 2.0, &twice);
            largest_own = fmax(largest_own, fabs(log(once.survival / twice.survival)));
            largest_own = fmax(largest_own, once.density > rarest ? fabs(log(once.density / twice.density)) : 0.0);
        }
    }
    gsl_rng_free(rng);
    print_message("own error of the finer rule: %.2g\n", largest_own);
    assert_true(largest_own < own_error);
    conclude(hypothesis_name[h], &s, 5 * n_draw / 2);
}

static void linear_draws(void **state)
{
    (void)state;
    draws(LINEAR);
}

static void parallel_draws(void **state)
{
    (void)state;
    draws(PARALLEL);
}

static void unrestricted_draws(void **state)
{
    (void)state;
    draws(UNRESTRICTED);
}

static const double medians[2][MTC_COURSE_N_PARAM] = {
    {150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 15.0, 0.2, 1.0, 1.0},
    {150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 2.0, 0.2, 0.25, 1.0},
};

static void all_corners(score *s, double refine)
{
    static const double ratio_sd[] = {0.02, 0.05, 0.08}, doubling_sd[] = {1.5, 2.6}, width[] = {0.05, 0.5};
    static const double times[] = {0.0, 1.0, 7.0}, delays[] = {0.0, 1.0};
    static const double ratio[] = {6.0, 1.5, 1.5}; /* at surgery: metastases fast enough to be there */
    const mtc_course course = course_default();
    const mtc_size_class cls = {30.0, 30.0};
    for (size_t i = 0; i < 2u * 3u * 2u * 2u * 2u; i++) {
        double theta[MTC_COURSE_N_PARAM];
        memcpy(theta, medians[i % 2], sizeof theta);
        theta[MTC_P_GROWTH_RATIO_LOG_SD] = ratio_sd[i / 2 % 3];
        theta[MTC_P_DOUBLING_TIME_LOG_SD] = doubling_sd[i / 6 % 2];
        theta[MTC_P_SEEDING_WIDTH] = width[i / 12 % 2];
        theta[MTC_P_OUTGROWTH_DELAY] = delays[i / 24];
        for (size_t j = 0; j < 3; j++) {
            theta[MTC_P_GROWTH_RATIO] = ratio[j];
            compare_at(s, &course, theta, cls, times[j], refine);
        }
    }
}

static void corners(void **state)
{
    (void)state;
    score s = {0, 0, 0, 0.0};
    all_corners(&s, 1.0);
    conclude("corners", &s, 300);
}

/* A rule of 12 times the steps is a comb in log D where the growth ratio hardly varies. */
static void a_comb_is_found(void **state)
{
    (void)state;
    score s = {0, 0, 0, 0.0};
    const mtc_course course = course_default();
    const mtc_size_class cls = {30.0, 30.0};
    double theta[MTC_COURSE_N_PARAM];
    fine_values got, want;
    mtc_course_point p;
    memcpy(theta, medians[1], sizeof theta);
    theta[MTC_P_GROWTH_RATIO_LOG_SD] = 0.02;
    theta[MTC_P_DOUBLING_TIME_LOG_SD] = 2.6;
    mtc_course_point_init(&p, theta);
    for (double t = 1.0; t < 8.0; t += 1.0) {
        evaluate(&course, &p, cls, t, &got);
        fine_curve(&course, &p, cls, t, 1.0 / 12.0, &want);
        s.worst = fmax(s.worst, fabs(log(got.density) - log(want.density)));
    }
    print_message("comb: off by %.2g\n", s.worst);
    assert_true(s.worst > 1e3 * bound);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corners),        cmocka_unit_test(a_comb_is_found),    cmocka_unit_test(linear_draws),
        cmocka_unit_test(parallel_draws), cmocka_unit_test(unrestricted_draws),
    };
    gsl_set_error_handler_off();
    if (argc > 1) {
        n_draw = (size_t)strtoul(argv[1], NULL, 10);
    }
    return n_draw == 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
