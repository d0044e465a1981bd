/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Patients drawn step by step against the likelihood's integrals: S(t), F(0), the number of founders, the size at
 * which they left, the size at surgery.
 * Null: T follows S. Statistic: largest |S_n - S| over 61 times from surgery on, n = 40,000 patients at each point.
 * Reject where sqrt(n) D > 3.05: at most 2 exp(-2 * 3.05^2) = 1.7e-8 for each fresh seed and look (Dvoretzky, Kiefer,
 * Wolfowitz; Massart's constant; it holds for laws with atoms and for some patients never). F(0), a small number, is
 * also judged by the exact binomial tails of the count of T <= 0, at 1e-8 each side. 12 points of S and F(0) and 10
 * laws of founders and sizes: below 7e-7 in all. Finds with 99% probability a curve that is off by 0.021 somewhere
 * (sqrt(n) 0.021 is 1.17 above the threshold, the 1% point of a deviation with sd 1/2).
 * Twins with a fault planted in one parameter of the simulated patients (10 to 25%, where many founders hide it 80%)
 * must be found.
 */
#include "mtc_curve.h"
#include "mtc_onset.h"
#include "mtc_rng.h"
#include "mtc_vmath.h"
#include "test_near.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_PATIENT = 40000, N_TIME = 61 };
static const double limit = 3.05;
static const double tail = 1e-8;
static const double horizon_years = 30.0;

typedef struct {
    const char *name;
    double theta[MTC_COURSE_N_PARAM];
    mtc_size_class cls;
} point;

/* delta d, sigma_D, r, sigma_rho, Lambda, theta, l_s mm, sigma_l, alpha, tau y */
static const point points[] = {
    {"linear, medians", {150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 15.0, 0.2, 1.0, 1.0}, {20.0, 50.0}},
    {"parallel, medians", {150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 2.0, 0.2, 0.25, 1.0}, {20.0, 50.0}},
    {"linear, fast metastases, at once", {150.0, 0.7, 5.0, 0.4, 3.0, 1.5, 15.0, 0.1, 1.0, 0.0}, {50.0, 120.0}},
    {"parallel, any size, any number", {200.0, 1.2, 1.2, 0.8, 30.0, 3.0, 2.0, 0.3, 0.0, 0.5}, {1.0, 120.0}},
    {"no frailty", {150.0, 0.5, 2.0, 0.3, 1.0, 0.0, 5.0, 0.2, 0.6, 0.5}, {30.0, 30.0}},
    {"strong frailty", {150.0, 0.5, 2.0, 0.3, 3.0, 6.0, 5.0, 0.2, 0.6, 0.5}, {30.0, 30.0}},
    {"long delay", {120.0, 0.5, 2.0, 0.3, 2.0, 0.5, 2.0, 0.2, 0.3, 4.0}, {30.0, 30.0}},
    {"sharp onset, size-independent", {100.0, 0.4, 1.0, 0.2, 1.5, 1.0, 10.0, 0.05, 0.0, 0.0}, {22.0, 22.0}},
    {"doubling times wide, ratio narrow", {150.0, 2.0, 2.0, 0.05, 2.0, 1.0, 3.0, 0.2, 0.5, 1.0}, {22.0, 22.0}},
    {"late onset", {90.0, 0.6, 4.0, 0.5, 1.0, 1.0, 40.0, 0.3, 1.5, 0.3}, {50.0, 120.0}},
    {"very many founders", {150.0, 0.6, 2.0, 0.3, 2e6, 1.0, 2.0, 0.2, 0.7, 3.0}, {22.0, 22.0}},
    {"very many founders, at once", {150.0, 0.6, 2.0, 0.3, 1e5, 0.3, 15.0, 0.2, 1.0, 0.0}, {20.0, 50.0}},
};
enum { N_POINT = sizeof points / sizeof *points };

static mtc_course course_default(void)
{
    mtc_course course;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_course_init(&course, NULL, NULL, &errors), MTC_OK);
    return course;
}

static gsl_rng *stream(const char *what, size_t look)
{
    char task[96];
    gsl_rng *rng = NULL;
    (void)snprintf(task, sizeof task, "test/simulated course/%s/%zu", what, look);
    assert_int_equal(mtc_rng_stream(20090401, task, &rng, NULL), MTC_OK);
    return rng;
}

/* ---- time to metastasis ---------------------------------------------------------------------------------------- */

static double time_at(int j)
{
    return horizon_years * pow((double)j / (N_TIME - 1), 2.0);
}

/* S(t) at the times, F(0). */
static double expect(const mtc_course *course, const point *at, double *survival)
{
    double t[N_TIME], density[N_TIME], distribution[N_TIME];
    mtc_curve_plan *plan = NULL;
    mtc_curve_ws *ws = NULL;
    mtc_course_point p;
    mtc_domain domain;
    mtc_curve_values values = {survival, density, distribution};
    for (int j = 0; j < N_TIME; j++) {
        t[j] = time_at(j);
    }
    mtc_course_point_init(&p, at->theta);
    assert_int_equal(mtc_curve_plan_create(course, &at->cls, 1, t, N_TIME, &plan, NULL), MTC_OK);
    assert_int_equal(mtc_curve_ws_create(plan, &ws, NULL), MTC_OK);
    assert_int_equal(mtc_curve_eval(plan, ws, &p, &values, &domain, NULL), MTC_OK);
    assert_int_equal(domain, MTC_DOMAIN_OK);
    mtc_curve_ws_destroy(ws);
    mtc_curve_plan_destroy(plan);
    return distribution[0];
}

typedef struct {
    double distance;   /* sqrt(n) D */
    double few, many;  /* P(count <= seen), P(count >= seen) of T <= 0 */
    double at_surgery; /* seen fraction */
} verdict;

static verdict judge(const point *at, const double *theta, size_t look)
{
    static double survival[N_TIME];
    size_t n_beyond[N_TIME] = {0};
    const mtc_course course = course_default();
    const double f0 = expect(&course, at, survival);
    gsl_rng *rng = stream(at->name, look);
    for (size_t i = 0; i < N_PATIENT; i++) {
        mtc_patient patient;
        const double mm = mtc_course_draw_size_mm(&course, at->cls.lower_mm, at->cls.upper_mm, rng);
        assert_int_equal(mtc_course_draw_patient(&course, theta, mm, rng, &patient, NULL, 0, NULL, NULL), MTC_OK);
        for (int j = 0; j < N_TIME && patient.time_years > time_at(j); j++) {
            n_beyond[j]++;
        }
    }
    gsl_rng_free(rng);
    verdict v = {0.0, 0.0, 0.0, 0.0};
    for (int j = 0; j < N_TIME; j++) {
        v.distance = fmax(v.distance, sqrt(N_PATIENT) * fabs((double)n_beyond[j] / N_PATIENT - survival[j]));
    }
    const unsigned k = (unsigned)(N_PATIENT - n_beyond[0]);
    v.few = gsl_cdf_binomial_P(k, f0, N_PATIENT);
    v.many = k > 0 ? gsl_cdf_binomial_Q(k - 1, f0, N_PATIENT) : 1.0;
    v.at_surgery = (double)k / N_PATIENT;
    return v;
}

static int rejects(const verdict *v)
{
    return v->distance > limit || v->few < tail || v->many < tail;
}

static void patients_follow_the_curves(void **state)
{
    (void)state;
    size_t n_off = 0, n_at_surgery = 0;
    for (size_t i = 0; i < N_POINT; i++) {
        const verdict v = judge(&points[i], points[i].theta, 0);
        print_message("%-36s sqrt(n) D %.2f, T <= 0: %.4f (tails %.2g, %.2g)\n", points[i].name, v.distance,
                      v.at_surgery, v.few, v.many);
        n_off += rejects(&v) ? 1 : 0;
        n_at_surgery += v.at_surgery > 0.01;
    }
    assert_int_equal(n_off, 0);
    assert_true(n_at_surgery >= 3); /* F(0) is judged where there is something to judge */
}

static void planted_faults_are_found(void **state)
{
    static const struct {
        size_t at, param;
        double factor;
    } faults[] = {
        {6, MTC_P_OUTGROWTH_DELAY, 1.15},      {2, MTC_P_DOUBLING_TIME, 1.1}, {2, MTC_P_GROWTH_RATIO, 0.9},
        {8, MTC_P_DOUBLING_TIME_LOG_SD, 1.15}, {2, MTC_P_FRAILTY, 0.8},       {2, MTC_P_FOUNDERS, 1.25},
        {7, MTC_P_SEEDING_DIAMETER, 1.15},     {5, MTC_P_FRAILTY, 0.85},      {10, MTC_P_OUTGROWTH_DELAY, 1.8},
    };
    (void)state;
    size_t n_missed = 0;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        double theta[MTC_COURSE_N_PARAM];
        const point *at = &points[faults[i].at];
        memcpy(theta, at->theta, sizeof theta);
        theta[faults[i].param] *= faults[i].factor;
        const verdict v = judge(at, theta, 1 + i);
        print_message("%s, %s x %g: sqrt(n) D %.2f, tails %.2g, %.2g\n", at->name,
                      mtc_course_params[faults[i].param].name, faults[i].factor, v.distance, v.few, v.many);
        n_missed += rejects(&v) ? 0 : 1;
    }
    assert_int_equal(n_missed, 0);
}

/* ---- founders -------------------------------------------------------------------------------------------------- */

static double theta_of(const point *at, double founders, double *theta)
{
    memcpy(theta, at->theta, MTC_COURSE_N_PARAM * sizeof *theta);
    theta[MTC_P_FOUNDERS] = founders;
    return founders;
}

/* The reference patient's count has mean Lambda and variance Lambda + theta Lambda^2: what Lambda is defined by. */
static void founders_of_the_reference_patient(void **state)
{
    static const double founders[] = {0.7, 40.0, 3e5};
    (void)state;
    const mtc_course course = course_default();
    for (size_t f = 0; f < 3; f++) {
        double theta[MTC_COURSE_N_PARAM], sum = 0.0, square = 0.0;
        const double mean = theta_of(&points[f], founders[f], theta);
        const size_t n = f == 2 ? 4000 : 40000;
        theta[MTC_P_DOUBLING_TIME_LOG_SD] = 0.0;
        theta[MTC_P_FRAILTY] = 0.5;
        gsl_rng *rng = stream("count", f);
        for (size_t i = 0; i < n; i++) {
            mtc_patient p;
            assert_int_equal(mtc_course_draw_patient(&course, theta, 30.0, rng, &p, NULL, 0, NULL, NULL), MTC_OK);
            sum += p.n_founders;
            square += (p.n_founders - mean) * (p.n_founders - mean);
        }
        gsl_rng_free(rng);
        const double variance = mean + theta[MTC_P_FRAILTY] * mean * mean;
        const double standard = (sum / (double)n - mean) / sqrt(variance / (double)n);
        print_message("Lambda = %g: mean off by %.2f standard errors, variance %.3f of what it must be\n", mean,
                      standard, square / (double)n / variance);
        assert_true(fabs(standard) < 5.6); /* 2e-8 each */
        assert_near(square / (double)n / variance, 1.0, f == 2 ? 0.35 : 0.12);
    }
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(n) D of one founder of each patient against its share of the accumulated competence, 2^(alpha u) P(c0; u). */
static double law_of_departures(const double *theta, double exponent_factor, double founders, size_t look)
{
    enum { N = 10000 };
    static double u[N];
    double all[MTC_COURSE_N_PARAM], p, p_end, d = 0.0;
    mtc_course_point at;
    mtc_onset onset;
    const mtc_course course = course_default();
    const double n_end = mtc_doublings(40.0);
    gsl_rng *rng = stream("departure", look);
    memcpy(all, theta, sizeof all);
    all[MTC_P_FOUNDERS] = founders;
    all[MTC_P_SEEDING_EXPONENT] *= exponent_factor;
    for (size_t i = 0; i < N;) {
        mtc_patient patient;
        double mm;
        size_t n_left;
        assert_int_equal(mtc_course_draw_patient(&course, all, 40.0, rng, &patient, &mm, 1, &n_left, NULL), MTC_OK);
        if (n_left == 1) {
            u[i++] = mtc_doublings(mm);
        }
    }
    gsl_rng_free(rng);
    qsort(u, N, sizeof *u, ascending);
    mtc_course_point_init(&at, theta);
    mtc_onset_init(&onset, at.u_onset, at.width_doublings, at.exponent * MTC_LN2, n_end);
    mtc_onset_eval(&onset, &n_end, 1, &p_end, NULL, NULL, NULL);
    for (size_t i = 0; i < N; i++) {
        mtc_onset_eval(&onset, &u[i], 1, &p, NULL, NULL, NULL);
        const double share = exp2(at.exponent * (u[i] - n_end)) * p / p_end;
        d = fmax(d, fmax(share - (double)i / N, (double)(i + 1) / N - share));
    }
    return sqrt((double)N) * d;
}

static void founders_leave_as_the_competence_says(void **state)
{
    (void)state;
    const double few = law_of_departures(points[0].theta, 1.0, 3.0, 0);
    const double many = law_of_departures(points[1].theta, 1.0, 1e6, 1); /* counted, not drawn one by one */
    const double flat = law_of_departures(points[3].theta, 1.0, 20.0, 2);
    print_message("departures: sqrt(n) D %.2f, %.2f, %.2f\n", few, many, flat);
    assert_true(few < limit && many < limit && flat < limit);
    assert_true(law_of_departures(points[0].theta, 1.15, 3.0, 3) > limit);
    assert_true(law_of_departures(points[0].theta, 1.15, 1e6, 4) > limit);
}

/* ---- sizes ----------------------------------------------------------------------------------------------------- */

/* sqrt(n) D of drawn sizes against the log-normal law with the given median, truncated to the class. */
static double law_of_sizes(double lower, double upper, double median_mm, size_t look)
{
    enum { N = 20000 };
    static double z[N];
    double d = 0.0;
    mtc_course course = course_default();
    gsl_rng *rng = stream("size", look);
    for (size_t i = 0; i < N; i++) {
        z[i] = log(mtc_course_draw_size_mm(&course, lower, upper, rng) / median_mm) / course.size_log_sd;
    }
    gsl_rng_free(rng);
    qsort(z, N, sizeof *z, ascending);
    const double from = gsl_cdf_ugaussian_P(log(lower / median_mm) / course.size_log_sd);
    const double to = gsl_cdf_ugaussian_P(log(upper / median_mm) / course.size_log_sd);
    for (size_t i = 0; i < N; i++) {
        const double share = (gsl_cdf_ugaussian_P(z[i]) - from) / (to - from);
        d = fmax(d, fmax(share - (double)i / N, (double)(i + 1) / N - share));
    }
    return sqrt((double)N) * d;
}

static void sizes_follow_their_law(void **state)
{
    static const double bound[] = {1.0, 20.0, 50.0, 120.0};
    (void)state;
    assert_true(law_of_sizes(1.0, 120.0, 22.0, 0) < limit);
    for (size_t c = 0; c < 3; c++) {
        assert_true(law_of_sizes(bound[c], bound[c + 1], 22.0, 1 + c) < limit);
    }
    assert_true(law_of_sizes(1.0, 120.0, 21.0, 4) > limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patients_follow_the_curves),
        cmocka_unit_test(planted_faults_are_found),
        cmocka_unit_test(founders_of_the_reference_patient),
        cmocka_unit_test(founders_leave_as_the_competence_says),
        cmocka_unit_test(sizes_follow_their_law),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
