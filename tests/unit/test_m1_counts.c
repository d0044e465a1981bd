/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of metastases at surgery: the law of the counts, gradients, sizes, messages, simulated rows. */
#include "m1_counts.h"
#include "mtc_latency.h"
#include "mtc_rng.h"
#include "mtc_special.h"
#include "test_alloc.h"
#include "test_like.h"
#include "test_near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "likelihood: latency/m1_counts\nrows:\n"
#define OVER "likelihood: latency/m1_counts\nover_dispersion: true\nrows:\n"

/* linear progression with fast metastases: F(0) is a few percent */
static const double point[MTC_COURSE_N_PARAM + 1] = {150.0, 0.7, 3.0, 0.4, 2.0, 1.5, 10.0, 0.2, 0.8, 0.3, 0.07};

static mtc_course course_default(void)
{
    mtc_course course;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_course_init(&course, NULL, NULL, &errors), MTC_OK);
    return course;
}

static void open_good(test_like *like, const mtc_course *course, const char *yaml)
{
    if (test_like_open(like, &mtc_likelihood_latency_m1_counts, course, yaml) != MTC_OK) {
        test_like_assert_error(like, -1, 0, "none expected");
    }
}

static double value_of(const mtc_course *course, const char *yaml, const double *theta)
{
    test_like like;
    open_good(&like, course, yaml);
    const double value = test_like_value(&like, theta, NULL);
    test_like_close(&like);
    return value;
}

/* ---- the law of a count ---------------------------------------------------------------------------------------- */

/* mpmath, 60 digits: m log(eta) + log Gamma(x/eta + m) - log Gamma(x/eta), and its derivatives by x and eta */
static void rising_products(void **state)
{
    static const struct {
        double x, eta, m, value, d_x, d_eta;
    } known[] = {
        {0.03, 0.0, 40, -140.262315892799269, 1333.33333333333338, 26000.000000000001},
        {0.03, 1e-9, 5000, -17532.3729264058514, 166652.782098109708, 416537056.708951357},
        {0.03, 0.02, 12, -25.5634176712578063, 126.435283864816777, 410.347074202774832},
        {0.03, 0.02, 1000, 2003.68020781219048, 343.613242346004745, 49484.5801364809919},
        {0.97, 0.5, 33, 65.518754482793798, 6.31182238232816519, 53.7550645782833599},
        {1.0, 0.11, 1e6, 10608344.4518546523, 106.038648689448851, 9089945.10319373224},
        {1e-12, 1e-3, 200, -544.34065180164335, 1000000005873.03097, 198999.999994126965},
        {1.0, 3e-8, 400, 0.00239399043602731173, 399.997606019127888, 79799.362403731181},
        {0.2, 25.0, 64, 402.226829650838512, 5.18861235146364488, 2.51849110118829084},
        {1.0, 1e-06, 9000, 40.3745639437225352, 8959.7458313346332, 40254168.6653668054},
        {1.0, 1e-08, 400, 0.000797998937332122692, 399.999202002125334, 79799.787466636802},
        {1.0, 1e-6, 1e5, 4841.15012965986792, 95310.2252588847776, 4689774741.11522261},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double d_x, d_eta;
        const double value = m1_counts_rising(known[i].x, known[i].eta, known[i].m, &d_x, &d_eta);
        assert_near(value, known[i].value, 1e-13 * fmax(1.0, fabs(known[i].value)));
        assert_near(d_x, known[i].d_x, 1e-12 * known[i].d_x);
        assert_near(d_eta, known[i].d_eta, 1e-9 * known[i].d_eta);
    }
}

/* F(0) of the class, from counts of one patient. */
static double probability(const mtc_course *course, const char *size)
{
    char yaml[256];
    (void)snprintf(yaml, sizeof yaml, HEAD "  - {%s, n: 1, k: 1}\n", size);
    return exp(value_of(course, yaml, point));
}

static double of_count(const mtc_course *course, const char *head, int n, int k)
{
    char yaml[256];
    (void)snprintf(yaml, sizeof yaml, "%s  - {size_lower: 20 mm, size_upper: 50 mm, n: %d, k: %d}\n", head, n, k);
    return value_of(course, yaml, point);
}

static void counts_are_binomial(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    const double p = probability(&course, "size_lower: 20 mm, size_upper: 50 mm");
    assert_true(p > 0.001 && p < 0.3);
    assert_near(exp(of_count(&course, HEAD, 1, 0)), 1.0 - p, 1e-9);
    const int k[] = {0, 1, 7, 300};
    for (size_t i = 0; i < 4; i++) {
        const double want = mtc_log_choose(300.0, k[i]) + k[i] * log(p) + (300 - k[i]) * log1p(-p);
        assert_near(of_count(&course, HEAD, 300, k[i]), want, 1e-7);
    }
}

/* Sums over all counts: one, the mean n p, the variance n p q (1 + (n - 1) rho). */
static void over_dispersed_counts_have_their_moments(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    const int n = 40;
    double mass = 0.0, mean = 0.0, square = 0.0;
    for (int k = 0; k <= n; k++) {
        const double part = exp(of_count(&course, OVER, n, k));
        mass += part;
        mean += k * part;
        square += (double)k * k * part;
    }
    const double p = probability(&course, "size_lower: 20 mm, size_upper: 50 mm");
    assert_near(mass, 1.0, 1e-8);
    assert_near(mean, n * p, 1e-7);
    assert_near(square - mean * mean, n * p * (1.0 - p) * (1.0 + (n - 1) * point[MTC_COURSE_N_PARAM]), 1e-6);
}

static void no_over_dispersion_is_the_binomial(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    double theta[MTC_COURSE_N_PARAM + 1];
    const double want = of_count(&course, HEAD, 300, 7);
    test_like like;
    open_good(&like, &course, OVER "  - {size_lower: 20 mm, size_upper: 50 mm, n: 300, k: 7}\n");
    memcpy(theta, point, sizeof theta);
    theta[MTC_COURSE_N_PARAM] = 0.0;
    assert_near(test_like_value(&like, theta, NULL), want, 1e-10);
    theta[MTC_COURSE_N_PARAM] = 1e-9;
    assert_near(test_like_value(&like, theta, NULL), want, 1e-4);
    theta[MTC_COURSE_N_PARAM] = 1.0; /* all or none: no count between */
    assert_true(test_like_value(&like, theta, NULL) == -HUGE_VAL);
    test_like_close(&like);
}

/* ---- gradients and sizes --------------------------------------------------------------------------------------- */

static const char several[] = OVER "  - {size_upper: 20 mm, n: 900, k: 11}\n"
                                   "  - {size_lower: 20 mm, size_upper: 50 mm, n: 700, k: 60}\n"
                                   "  - {size_lower: 50 mm, n: 120, k: 40}\n"
                                   "  - {size: 33 mm, n: 50, k: 0}\n"
                                   "  - {size_upper: 20 mm, n: 40, k: 40}\n";

static void gradients_are_those_of_the_value(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    double grad[MTC_COURSE_N_PARAM + 1];
    test_like like;
    open_good(&like, &course, several);
    assert_int_equal(like.n_param, MTC_COURSE_N_PARAM + 1);
    assert_string_equal(like.param[MTC_COURSE_N_PARAM]->name, "count_over_dispersion");
    const double value = test_like_value(&like, point, grad);
    for (size_t i = 0; i < like.n_param; i++) {
        const double slope = test_like_slope(&like, point, i, 1e-3);
        assert_near(grad[i], slope, 1e-6 * fmax(1.0, fabs(slope)));
        assert_true(fabs(grad[i]) > 1e-3);
    }
    double per_obs[5], sum = 0.0, total;
    mtc_reason reason;
    assert_int_equal(like.ops->n_obs(like.self), 5);
    assert_int_equal(like.ops->eval(like.self, like.ws, point, &total, NULL, per_obs, &reason, NULL), MTC_OK);
    for (size_t i = 0; i < 5; i++) {
        sum += per_obs[i];
    }
    assert_near(sum, value, 1e-9);
    assert_near(total, value, 0.0);
    test_like_close(&like);
}

/* An open class is the class up to the limit of the size law; equal classes share one curve. */
static void open_classes_reach_the_limits(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    const double p = probability(&course, "size_lower: 50 mm");
    assert_near(probability(&course, "size_lower: 50 mm, size_upper: 120 mm"), p, 1e-14);
    assert_near(probability(&course, "size_upper: 20 mm"), probability(&course, "size_lower: 0 mm, size_upper: 20 mm"),
                0.0);
    assert_near(probability(&course, "size_upper: 20 mm"), probability(&course, "size_lower: 1 mm, size_upper: 20 mm"),
                1e-14);
    assert_true(probability(&course, "size: 60 mm") > probability(&course, "size: 30 mm"));
}

static void classes_are_told_apart(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    test_like like;
    open_good(&like, &course,
              HEAD "  - {size_lower: 20 mm, size_upper: 50 mm, n: 9, k: 1}\n  - {size_upper: 50 mm, n: 9, k: 1}\n"
                   "  - {size_lower: 20 mm, n: 9, k: 1}\n  - {size_lower: 20 mm, size_upper: 50 mm, n: 9, k: 1}\n");
    assert_int_equal(like.ops->n_quantities(like.self), 3);
    test_like_close(&like);
}

static void it_tells_what_it_has(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    test_like like;
    char label[64];
    open_good(&like, &course, several);
    const mtc_likelihood_ops *ops = like.ops;
    const char *ids[] = {"rows",      "patients",      "m1",      "patients.le20", "m1.le20", "patients.20to50",
                         "m1.20to50", "patients.gt50", "m1.gt50", "patients.eq33", "m1.eq33"};
    const double values[] = {5, 1810, 151, 940, 51, 700, 60, 120, 40, 50, 0};
    assert_int_equal(ops->n_facts(like.self), 11);
    for (size_t i = 0; i < 11; i++) {
        mtc_quantity info;
        double value;
        ops->fact(like.self, i, &info, &value);
        assert_string_equal(info.id, ids[i]);
        assert_near(value, values[i], 0.0);
    }
    double p[4];
    assert_int_equal(ops->n_quantities(like.self), 4);
    assert_int_equal(ops->quantities(like.self, like.ws, point, p, NULL), MTC_OK);
    mtc_quantity info;
    ops->quantity(like.self, 2, &info);
    assert_string_equal(info.id, "m1_fraction.gt50");
    assert_string_equal(info.label, "fraction with a metastasis at surgery, primary over 50 mm");
    assert_near(p[2], probability(&course, "size_lower: 50 mm"), 1e-12);
    ops->obs_label(like.self, 1, label, sizeof label);
    assert_string_equal(label, "line 5, 20-50 mm");
    test_like_close(&like);
}

/* A point that the model cannot answer for, and counts that it gives no chance. */
static void impossible_points_have_no_likelihood(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    double theta[MTC_COURSE_N_PARAM + 1], grad[MTC_COURSE_N_PARAM + 1];
    test_like like;
    open_good(&like, &course, several);
    memcpy(theta, point, sizeof theta);
    theta[MTC_P_DOUBLING_TIME] = -1.0;
    assert_true(test_like_value(&like, theta, grad) == -HUGE_VAL);
    memcpy(theta, point, sizeof theta);
    theta[MTC_COURSE_N_PARAM] = -0.1;
    assert_true(test_like_value(&like, theta, grad) == -HUGE_VAL);
    memcpy(theta, point, sizeof theta);
    theta[MTC_P_FOUNDERS] = 0.0; /* no founders at all: no metastasis */
    assert_true(test_like_value(&like, theta, grad) == -HUGE_VAL);
    test_like_close(&like);
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

static void mistakes_are_named_with_their_place(void **state)
{
    static const struct {
        const char *yaml;
        long line, column;
        const char *fragment;
    } bad[] = {
        {HEAD "  - {size_upper: 20 mm, n: 10, k: 11}\n", 3, 5, "11 with a metastasis among 10 patients"},
        {HEAD "  - {size_upper: 20 mm, n: 0, k: 0}\n", 3, 5, "column 'n': must be a whole number from 1"},
        {HEAD "  - {size_upper: 20 mm, n: 10, k: -1}\n", 3, 5, "column 'k': must be a whole number from 0"},
        {HEAD "  - {size_upper: 20 mm, n: 10.5, k: 1}\n", 3, 5, "10.5"},
        {HEAD "  - {size_upper: 20 mm, n: 10, k: 1}\n  - {size_lower: 50 mm, size_upper: 20 mm, n: 10, k: 1}\n", 4, 5,
         "lower bound 50 mm is above the upper bound 20 mm"},
        {HEAD "  - {size_lower: 20 mm, size_upper: 20 mm, n: 10, k: 1}\n", 3, 5, "(20, 20] mm is empty"},
        {HEAD "  - {size_lower: 130 mm, n: 10, k: 1}\n", 3, 5, "outside the size law"},
        {HEAD "  - {size_upper: 0 mm, n: 10, k: 1}\n", 3, 5, "upper bound must be > 0 mm"},
        {HEAD "  - {size: 0 mm, n: 10, k: 1}\n", 3, 5, "must be a diameter > 0 mm"},
        {HEAD "  - {size: 30 mm, size_upper: 50 mm, n: 10, k: 1}\n", 3, 5, "both a size and bounds"},
        {HEAD "  - {n: 10, k: 1}\n", 3, 5, "neither a size nor a bound"},
        {HEAD "  - {size_upper: 20 mm, n: 10}\n", 3, 0, "'k' is missing"},
        {HEAD "  - {size_upper: 20, n: 10, k: 1}\n", 3, 18, "mm"},
        {HEAD "  - {size_upper: -20 mm, n: 10, k: 1}\n", 3, 18, "negative"},
        {HEAD "  - {size_upper: 20 mm, n: 10, m1: 1}\n", 3, 0, "no role 'm1'"},
        {"likelihood: latency/m1_counts\nover_dispersed: true\nrows:\n  - {size_upper: 20 mm, n: 10, k: 1}\n", 2, 1,
         "over_dispersion"},
    };
    (void)state;
    const mtc_course course = course_default();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_like like;
        assert_int_not_equal(test_like_open(&like, &mtc_likelihood_latency_m1_counts, &course, bad[i].yaml), MTC_OK);
        test_like_assert_error(&like, bad[i].line, bad[i].column, bad[i].fragment);
        test_like_close(&like);
    }
}

static void all_mistakes_come_at_once_and_missing_sizes_can_be_dropped(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    test_like like;
    assert_int_equal(test_like_open(&like, &mtc_likelihood_latency_m1_counts, &course,
                                    HEAD "  - {size_upper: 20 mm, n: 10, k: 11}\n"
                                         "  - {size_lower: 50 mm, size_upper: 20 mm, n: 0, k: 1}\n"),
                     MTC_EDATA);
    assert_int_equal(like.errors.n, 3);
    test_like_close(&like);
    open_good(&like, &course,
              "likelihood: latency/m1_counts\nmissing: drop\nrows:\n"
              "  - {size_upper: 20 mm, n: 10, k: 1}\n  - {n: 5, k: 1}\n");
    assert_int_equal(like.source.n_dropped, 1);
    assert_int_equal(like.ops->n_obs(like.self), 1);
    test_like_close(&like);
    assert_int_equal(test_like_open(&like, &mtc_likelihood_latency_m1_counts, &course,
                                    "likelihood: latency/m1_counts\nmissing: drop\nrows:\n  - {n: 5, k: 1}\n"),
                     MTC_EDATA);
    test_like_assert_error(&like, 0, 0, "has a size");
    test_like_close(&like);
}

/* ---- simulated rows -------------------------------------------------------------------------------------------- */

static void simulated_rows_keep_the_design(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    test_like like;
    mtc_rows *rows = NULL;
    gsl_rng *rng = NULL;
    open_good(&like, &course, several);
    assert_int_equal(mtc_rng_stream(5, "m1 counts", &rng, NULL), MTC_OK);
    assert_int_equal(like.ops->simulate(like.self, point, rng, &rows, NULL), MTC_OK);
    const char *want[5][4] = {{"", "0 mm", "20 mm", "900"},
                              {"", "20 mm", "50 mm", "700"},
                              {"", "50 mm", "", "120"},
                              {"33 mm", "", "", "50"},
                              {"", "0 mm", "20 mm", "40"}};
    assert_int_equal(mtc_rows_count(rows), 5);
    for (size_t r = 0; r < 5; r++) {
        for (size_t c = 0; c < 4; c++) {
            assert_string_equal(mtc_rows_cell(rows, r, c), want[r][c]);
        }
        assert_true(atof(mtc_rows_cell(rows, r, 4)) <= atof(mtc_rows_cell(rows, r, 3)));
    }
    assert_true(atof(mtc_rows_cell(rows, 2, 4)) > 0.0);
    for (int i = 0; i < 200; i++) {
        const double mm = like.ops->draw_size_mm(like.self, rng);
        assert_true(mm >= 1.0 && mm <= 120.0);
    }
    mtc_rows_destroy(rows);
    double theta[MTC_COURSE_N_PARAM + 1];
    memcpy(theta, point, sizeof theta);
    theta[MTC_COURSE_N_PARAM] = 1.0;
    assert_int_equal(like.ops->simulate(like.self, theta, rng, &rows, NULL), MTC_EDOMAIN);
    assert_null(rows);
    gsl_rng_free(rng);
    test_like_close(&like);
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

/* Read, evaluate and simulate once; the first status that is not MTC_OK. */
static mtc_status whole_life(const mtc_course *course)
{
    test_like like;
    double value, grad[MTC_COURSE_N_PARAM + 1];
    mtc_reason reason;
    gsl_rng *rng = NULL;
    mtc_rows *rows = NULL;
    mtc_status st = test_like_open(&like, &mtc_likelihood_latency_m1_counts, course,
                                   OVER "  - {size_upper: 20 mm, n: 9, k: 1}\n  - {size: 33 mm, n: 5, k: 0}\n");
    MTC_TRY(st);
    MTC_TRY(like.ops->eval(like.self, like.ws, point, &value, grad, NULL, &reason, NULL));
    MTC_TRY(mtc_rng_stream(3, "memory", &rng, NULL));
    MTC_TRY(like.ops->simulate(like.self, point, rng, &rows, NULL));
out:
    gsl_rng_free(rng);
    mtc_rows_destroy(rows);
    test_like_close(&like);
    return st;
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    const mtc_course course = course_default();
    size_t k = 0;
    for (mtc_status st = MTC_ENOMEM; st != MTC_OK;) {
        k++;
        test_alloc_start(k);
        st = whole_life(&course);
        const size_t requests = test_alloc_requests();
        assert_int_equal(test_alloc_stop(), 0);
        assert_true(st == MTC_OK || requests >= k);
        assert_true(k < 1000);
    }
    assert_true(k > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rising_products),
        cmocka_unit_test(counts_are_binomial),
        cmocka_unit_test(over_dispersed_counts_have_their_moments),
        cmocka_unit_test(no_over_dispersion_is_the_binomial),
        cmocka_unit_test(gradients_are_those_of_the_value),
        cmocka_unit_test(open_classes_reach_the_limits),
        cmocka_unit_test(classes_are_told_apart),
        cmocka_unit_test(it_tells_what_it_has),
        cmocka_unit_test(impossible_points_have_no_likelihood),
        cmocka_unit_test(mistakes_are_named_with_their_place),
        cmocka_unit_test(all_mistakes_come_at_once_and_missing_sizes_can_be_dropped),
        cmocka_unit_test(simulated_rows_keep_the_design),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
