/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pareto-smoothed importance sampling against an independent implementation, and where there is no tail to fit. */
#include "mtc_psis.h"
#include "test_near.h"

#include <stdio.h>
#include <string.h>

enum { MAX_N = 600 };

static void golden_cases(void **state)
{
    (void)state;
    char name[32];
    size_t n, n_tail, n_case = 0;
    double r_eff, k_hat, log_mean, se;
    FILE *f = fopen(MTC_TEST_GOLDEN "/psis.txt", "r");
    assert_non_null(f);
    while (fscanf(f, "case %31s %zu %lf %lf %zu %lf %lf ", name, &n, &r_eff, &k_hat, &n_tail, &log_mean, &se) == 7) {
        double log_w[MAX_N], want[MAX_N], got[MAX_N];
        mtc_psis_info info;
        mtc_err err = MTC_ERR_INIT;
        assert_true(n <= MAX_N);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(fscanf(f, "%la %lf ", &log_w[i], &want[i]), 2);
        }
        assert_int_equal(mtc_psis(log_w, n, r_eff, &info, got, &err), MTC_OK);
        assert_near(info.k_hat, k_hat, 1e-9);
        assert_int_equal(info.n_tail, n_tail);
        assert_near(info.log_mean, log_mean, 1e-12 * fmax(1.0, fabs(log_mean)));
        assert_near(info.se, se, 1e-12);
        for (size_t i = 0; i < n; i++) {
            assert_near(got[i], want[i], 1e-9);
        }
        n_case++;
    }
    assert_true(feof(f));
    fclose(f);
    assert_int_equal(n_case, 6);
}

static void level_weights_have_no_tail(void **state)
{
    (void)state;
    double log_w[100], smooth[100];
    mtc_psis_info info;
    for (size_t i = 0; i < 100; i++) {
        log_w[i] = -812.5;
    }
    assert_int_equal(mtc_psis(log_w, 100, 1.0, &info, smooth, NULL), MTC_OK);
    assert_near(info.k_hat, -1.0, 0.0);
    assert_near(info.log_mean, -812.5, 1e-12);
    assert_near(info.se, 0.0, 1e-12);
    assert_near(info.ess, 100.0, 1e-9);
    assert_near(smooth[17], -log(100.0), 1e-12);
}

static void one_draw_that_carries_all(void **state)
{
    (void)state;
    double log_w[100];
    mtc_psis_info info;
    for (size_t i = 0; i < 100; i++) {
        log_w[i] = -1e4;
    }
    log_w[41] = 3.0;
    assert_int_equal(mtc_psis(log_w, 100, 1.0, &info, NULL, NULL), MTC_OK);
    assert_true(isinf(info.k_hat) && info.k_hat > 0.0);
    assert_near(info.log_mean, 3.0 - log(100.0), 1e-12);
    assert_near(info.se, 1.0, 1e-12); /* sd of the mean of (100, 0, 0, ...) over its mean */
    assert_near(info.ess, 1.0, 1e-12);
}

static void few_draws(void **state)
{
    (void)state;
    const double log_w[4] = {0.1, 0.7, -0.4, 0.2};
    mtc_psis_info info;
    assert_int_equal(mtc_psis(log_w, 4, 1.0, &info, NULL, NULL), MTC_OK);
    assert_true(isinf(info.k_hat));
    assert_int_equal(mtc_psis(log_w, 1, 1.0, &info, NULL, NULL), MTC_OK);
    assert_true(isinf(info.se));
}

static void draws_outside_the_support_count(void **state)
{
    (void)state;
    double log_w[60], half[30];
    mtc_psis_info all, inside;
    for (size_t i = 0; i < 60; i++) {
        log_w[i] = i % 2 == 0 ? 0.01 * (double)i : -HUGE_VAL;
        if (i % 2 == 0) {
            half[i / 2] = log_w[i];
        }
    }
    assert_int_equal(mtc_psis(log_w, 60, 1.0, &all, NULL, NULL), MTC_OK);
    assert_int_equal(mtc_psis(half, 30, 1.0, &inside, NULL, NULL), MTC_OK);
    assert_near(all.log_mean, inside.log_mean - log(2.0), 1e-14);
    assert_true(all.se > inside.se);
}

static void bad_weights(void **state)
{
    (void)state;
    double log_w[20] = {0.0};
    mtc_psis_info info;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_psis(log_w, 0, 1.0, &info, NULL, &err), MTC_ESIZE);
    log_w[3] = (double)NAN;
    assert_int_equal(mtc_psis(log_w, 20, 1.0, &info, NULL, &err), MTC_ENAN);
    assert_non_null(strstr(err.message, "3"));
    log_w[3] = HUGE_VAL;
    assert_int_equal(mtc_psis(log_w, 20, 1.0, &info, NULL, &err), MTC_ENUMERIC);
    for (size_t i = 0; i < 20; i++) {
        log_w[i] = -HUGE_VAL;
    }
    assert_int_equal(mtc_psis(log_w, 20, 1.0, &info, NULL, &err), MTC_ENUMERIC);
}

static void gpd_fit_finds_its_own_law(void **state)
{
    (void)state;
    const double shape[] = {-0.4, 0.0, 0.3, 0.9};
    enum { N = 2000 };
    static double x[N];
    for (size_t s = 0; s < 4; s++) {
        double k, sigma;
        for (size_t i = 0; i < N; i++) { /* quantiles: a sample without noise */
            x[i] = mtc_gpd_quantile(((double)i + 0.5) / N, shape[s], 2.385);
        }
        assert_int_equal(mtc_gpd_fit(x, N, &k, &sigma, NULL), MTC_OK);
        assert_near(k, shape[s], 0.02);
        assert_near(sigma, 2.385, 0.05);
    }
}

static void gpd_bad_input(void **state)
{
    (void)state;
    double k, sigma;
    double x[6] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_gpd_fit(x, 4, &k, &sigma, &err), MTC_ESIZE);
    x[2] = 0.15;
    assert_int_equal(mtc_gpd_fit(x, 6, &k, &sigma, &err), MTC_EDOMAIN);
    x[2] = 0.3;
    x[0] = 0.0;
    assert_int_equal(mtc_gpd_fit(x, 6, &k, &sigma, &err), MTC_EDOMAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_cases),
        cmocka_unit_test(level_weights_have_no_tail),
        cmocka_unit_test(one_draw_that_carries_all),
        cmocka_unit_test(few_draws),
        cmocka_unit_test(draws_outside_the_support_count),
        cmocka_unit_test(bad_weights),
        cmocka_unit_test(gpd_fit_finds_its_own_law),
        cmocka_unit_test(gpd_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
