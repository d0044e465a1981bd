/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated patients: what must hold of each of them. Their laws are judged in tests/statistical. */
#include "mtc_course.h"
#include "mtc_rng.h"
#include "test_near.h"

#include <string.h>

static mtc_course course_default(void)
{
    mtc_course course;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_course_init(&course, NULL, NULL, &errors), MTC_OK);
    return course;
}

static gsl_rng *stream(const char *task)
{
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(11, task, &rng, NULL), MTC_OK);
    return rng;
}

static const double usual[MTC_COURSE_N_PARAM] = {150.0, 0.7, 1.5, 0.4, 2.0, 1.5, 2.0, 0.2, 0.25, 1.0};

static void a_patient_adds_up(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    gsl_rng *rng = stream("adds up");
    size_t n_never = 0, n_some = 0;
    for (int i = 0; i < 2000; i++) {
        mtc_patient p;
        double left[64];
        size_t n_left = 99;
        assert_int_equal(mtc_course_draw_patient(&course, usual, 22.0, rng, &p, left, 64, &n_left, NULL), MTC_OK);
        assert_near(p.diameter_mm, 22.0, 0.0);
        assert_near(p.metastasis_tvdt_years * p.growth_ratio, p.tvdt_years, 1e-12 * p.tvdt_years);
        assert_true((double)n_left == fmin(64.0, p.n_founders));
        const double oldest = -mtc_doublings(22.0) * p.tvdt_years;
        if (p.n_founders == 0.0) {
            n_never++;
            assert_true(isinf(p.time_years) && isinf(p.first_start_years));
            assert_true(isnan(p.first_left_years) && isnan(p.first_left_diameter_mm));
            continue;
        }
        n_some++;
        assert_true(p.first_left_years >= oldest && p.first_left_years <= 0.0);
        assert_true(p.first_start_years > p.first_left_years);
        assert_near(p.time_years, p.first_start_years + mtc_doublings(10.0) * p.metastasis_tvdt_years,
                    1e-12 * (1.0 + fabs(p.time_years)));
        const double u = mtc_doublings(22.0) + p.first_left_years / p.tvdt_years;
        assert_near(mtc_doublings(p.first_left_diameter_mm), u, 1e-9);
        size_t n_match = 0;
        for (size_t k = 0; k < n_left; k++) {
            assert_true(left[k] > 0.0 && left[k] <= 22.0 * (1.0 + 1e-12));
            n_match += left[k] == p.first_left_diameter_mm;
        }
        assert_true(n_match == 1 || p.n_founders > 64.0);
    }
    assert_true(n_never > 200 && n_some > 200);
    gsl_rng_free(rng);
}

static void the_same_stream_gives_the_same_patient(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    gsl_rng *one = stream("same"), *two = stream("same");
    for (int i = 0; i < 50; i++) {
        mtc_patient a, b;
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        double left[10];
        assert_int_equal(mtc_course_draw_patient(&course, usual, 30.0, one, &a, NULL, 0, NULL, NULL), MTC_OK);
        assert_int_equal(mtc_course_draw_patient(&course, usual, 30.0, two, &b, NULL, 0, NULL, NULL), MTC_OK);
        assert_memory_equal(&a, &b, sizeof a);
        (void)left;
    }
    gsl_rng_free(one);
    gsl_rng_free(two);
}

static void at_once_without_delay(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    gsl_rng *rng = stream("at once");
    double theta[MTC_COURSE_N_PARAM];
    memcpy(theta, usual, sizeof theta);
    theta[MTC_P_OUTGROWTH_DELAY] = 0.0;
    theta[MTC_P_FRAILTY] = 0.0;
    theta[MTC_P_SEEDING_WIDTH] = 0.0; /* a hard threshold at 2 mm */
    for (int i = 0; i < 500; i++) {
        mtc_patient p;
        double left[256];
        size_t n_left;
        assert_int_equal(mtc_course_draw_patient(&course, theta, 22.0, rng, &p, left, 256, &n_left, NULL), MTC_OK);
        for (size_t k = 0; k < n_left; k++) {
            assert_true(left[k] >= 2.0 * (1.0 - 1e-12));
            assert_true(left[k] >= p.first_left_diameter_mm);
        }
        assert_true(n_left == 0 || p.first_start_years == p.first_left_years);
    }
    gsl_rng_free(rng);
}

/* Far more founders than can be drawn: the first must come early, the count be right, the choice complete. */
static void any_number_of_founders(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    gsl_rng *rng = stream("many");
    double theta[MTC_COURSE_N_PARAM];
    memcpy(theta, usual, sizeof theta);
    theta[MTC_P_DOUBLING_TIME_LOG_SD] = 0.0;
    theta[MTC_P_FRAILTY] = 0.0;
    theta[MTC_P_SEEDING_EXPONENT] = 0.0; /* as many per doubling from 2 mm on */
    const double number[] = {5e3, 1e5, 1e6, 1e9, 1e14};
    double before = 1e9;
    for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
        double latest = -1e9;
        theta[MTC_P_FOUNDERS] = number[i];
        for (int k = 0; k < 20; k++) {
            mtc_patient p;
            double left[100];
            size_t n_left;
            assert_int_equal(mtc_course_draw_patient(&course, theta, 30.0, rng, &p, left, 100, &n_left, NULL), MTC_OK);
            assert_int_equal(n_left, 100);
            assert_near(p.n_founders, number[i], 6.0 * sqrt(number[i]));
            latest = fmax(latest, p.first_start_years);
            double mean = 0.0;
            for (size_t j = 0; j < 100; j++) {
                mean += 0.01 * left[j];
            }
            assert_true(mean > 7.0 && mean < 14.0); /* (30 - 2)/log(15) = 10.3 */
        }
        assert_true(latest < before - 0.1);
        before = latest;
    }
    gsl_rng_free(rng);
}

/* With a hard threshold and no delay the first of many leaves at the threshold, and none is lost of the others. */
static void the_others_are_counted(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    gsl_rng *rng = stream("others");
    double theta[MTC_COURSE_N_PARAM];
    memcpy(theta, usual, sizeof theta);
    theta[MTC_P_DOUBLING_TIME_LOG_SD] = 0.0;
    theta[MTC_P_FRAILTY] = 0.0;
    theta[MTC_P_SEEDING_EXPONENT] = 0.0;
    theta[MTC_P_SEEDING_WIDTH] = 0.0;
    theta[MTC_P_OUTGROWTH_DELAY] = 0.0;
    for (double number = 1e2; number < 1e13; number *= 100.0) {
        theta[MTC_P_FOUNDERS] = number;
        for (int k = 0; k < 20; k++) {
            mtc_patient p;
            assert_int_equal(mtc_course_draw_patient(&course, theta, 30.0, rng, &p, NULL, 0, NULL, NULL), MTC_OK);
            assert_near(p.n_founders, number, 6.0 * sqrt(number));
            assert_true(p.first_left_diameter_mm >= 2.0 * (1.0 - 1e-12));
            assert_true(mtc_doublings(p.first_left_diameter_mm / 2.0) - mtc_doublings(1.0) < 40.0 * 11.7 / number);
        }
    }
    gsl_rng_free(rng);
}

static void impossible_points_are_refused(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    gsl_rng *rng = stream("refused");
    mtc_patient p;
    mtc_err err = MTC_ERR_INIT;
    for (int i = 0; i < MTC_COURSE_N_PARAM; i++) {
        const double bad[] = {-1.0, (double)NAN, (double)INFINITY};
        for (size_t k = 0; k < 3; k++) {
            double theta[MTC_COURSE_N_PARAM];
            memcpy(theta, usual, sizeof theta);
            theta[i] = bad[k];
            assert_int_equal(mtc_course_draw_patient(&course, theta, 22.0, rng, &p, NULL, 0, NULL, &err), MTC_EDOMAIN);
            assert_non_null(strstr(err.message, mtc_course_params[i].name));
        }
    }
    const double sizes[] = {0.0, -3.0, 0.001, (double)NAN, (double)INFINITY};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        assert_int_equal(mtc_course_draw_patient(&course, usual, sizes[k], rng, &p, NULL, 0, NULL, &err), MTC_EDOMAIN);
    }
    double theta[MTC_COURSE_N_PARAM]; /* the reference primary never seeds: no rate gives it a founder */
    memcpy(theta, usual, sizeof theta);
    theta[MTC_P_SEEDING_DIAMETER] = 80.0;
    theta[MTC_P_SEEDING_WIDTH] = 0.0;
    assert_int_equal(mtc_course_draw_patient(&course, theta, 22.0, rng, &p, NULL, 0, NULL, &err), MTC_EDOMAIN);
    gsl_rng_free(rng);
}

static void sizes_lie_in_their_class(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    const struct {
        double lower, upper;
    } cls[] = {{1.0, 20.0}, {20.0, 50.0}, {50.0, 120.0}, {1.0, 120.0}, {100.0, 110.0}, {400.0, 400.5}};
    gsl_rng *rng = stream("sizes");
    for (size_t c = 0; c < sizeof cls / sizeof *cls; c++) {
        double low = INFINITY, high = 0.0;
        const double width = cls[c].upper - cls[c].lower;
        for (int i = 0; i < 3000; i++) {
            const double mm = mtc_course_draw_size_mm(&course, cls[c].lower, cls[c].upper, rng);
            assert_true(mm >= cls[c].lower && mm <= cls[c].upper);
            low = fmin(low, mm);
            high = fmax(high, mm);
        }
        assert_true(high - low > 0.5 * width);
    }
    assert_near(mtc_course_draw_size_mm(&course, 23.0, 23.0, rng), 23.0, 0.0);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_patient_adds_up),        cmocka_unit_test(the_same_stream_gives_the_same_patient),
        cmocka_unit_test(at_once_without_delay),    cmocka_unit_test(any_number_of_founders),
        cmocka_unit_test(the_others_are_counted),   cmocka_unit_test(impossible_points_are_refused),
        cmocka_unit_test(sizes_lie_in_their_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
