/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: weights that are not those of leaving a unit out, sums and standard errors over units, an outlier whose
 * weights cannot be trusted and that is not named, pairs of units that are not paired. */
#include "mtc_loo.h"
#include "mtc_rng.h"

#include "test_near.h"

#include <gsl/gsl_math.h>
#include <math.h>

enum { N_ROW = 8, N_DRAW = 20000 };
static const double row[N_ROW] = {1.9, -0.6, 2.45, 3.1, 0.27, 1.58, 4.02, 1.13};
static const double sd = 1.7, prior_mean = 0.8, prior_sd = 2.1;

static double log_normal(double x, double mean, double variance)
{
    return -0.5 * (log(2.0 * M_PI * variance) + (x - mean) * (x - mean) / variance);
}

/* Posterior of the mean from all rows but one; skip = N_ROW: from all. */
static void posterior(size_t skip, const double *y, double *mean, double *variance)
{
    double precision = 1.0 / (prior_sd * prior_sd), sum = prior_mean * precision;
    for (size_t i = 0; i < N_ROW; i++) {
        precision += i == skip ? 0.0 : 1.0 / (sd * sd);
        sum += i == skip ? 0.0 : y[i] / (sd * sd);
    }
    *mean = sum / precision;
    *variance = 1.0 / precision;
}

/* All units by draws of the posterior. */
static void leave_out(const double *y, mtc_loo_unit *unit)
{
    static double draw[N_DRAW], ll[N_DRAW], scratch[2 * N_DRAW];
    double mean = 0.0, variance = 0.0;
    gsl_rng *rng = NULL;
    posterior(N_ROW, y, &mean, &variance);
    assert_int_equal(mtc_rng_stream(4, "loo", &rng, NULL), MTC_OK);
    for (size_t i = 0; i < N_DRAW; i++) {
        draw[i] = mean + sqrt(variance) * mtc_rng_normal(rng);
    }
    for (size_t k = 0; k < N_ROW; k++) {
        for (size_t i = 0; i < N_DRAW; i++) {
            ll[i] = log_normal(y[k], draw[i], sd * sd);
        }
        assert_int_equal(mtc_loo(ll, N_DRAW, scratch, &unit[k], NULL), MTC_OK);
    }
    gsl_rng_free(rng);
}

static void units_are_those_of_the_closed_form(void **state)
{
    (void)state;
    mtc_loo_unit unit[N_ROW];
    mtc_loo_total total;
    double sum = 0.0, square = 0.0, lppd = 0.0;
    leave_out(row, unit);
    for (size_t k = 0; k < N_ROW; k++) {
        double mean = 0.0, variance = 0.0;
        posterior(k, row, &mean, &variance);
        const double exact = log_normal(row[k], mean, variance + sd * sd);
        assert_near(unit[k].elpd_loo, exact, 0.02);
        posterior(N_ROW, row, &mean, &variance);
        assert_near(unit[k].lppd, log_normal(row[k], mean, variance + sd * sd), 0.01);
        assert_true(unit[k].k_hat < 0.5);
        sum += exact;
        square += exact * exact;
        lppd += log_normal(row[k], mean, variance + sd * sd);
    }
    mtc_loo_sum(unit, N_ROW, &total);
    assert_near(total.elpd_loo, sum, 0.05);
    assert_near(total.elpd_loo_se, sqrt(N_ROW * (square - sum * sum / N_ROW) / (N_ROW - 1)), 0.05);
    assert_near(total.p_loo, lppd - sum, 0.05);
    assert_near(total.elpd_waic, total.elpd_loo, 0.15); /* equal to second order in 1 / N_ROW */
    assert_int_equal(total.n_k_high, 0);
}

static void an_outlier_is_named(void **state)
{
    (void)state;
    double y[N_ROW];
    mtc_loo_unit unit[N_ROW];
    mtc_loo_total total;
    for (size_t k = 0; k < N_ROW; k++) {
        y[k] = row[k];
    }
    y[5] = 60.0;
    leave_out(y, unit);
    mtc_loo_sum(unit, N_ROW, &total);
    assert_int_equal(total.worst, 5);
    assert_true(total.n_k_high >= 1 && total.k_max > 0.7);
}

static void differences_are_paired(void **state)
{
    (void)state;
    mtc_loo_unit a[N_ROW], b[N_ROW];
    mtc_loo_total total;
    double value = 0.0, se = 0.0;
    leave_out(row, a);
    for (size_t k = 0; k < N_ROW; k++) {
        b[k] = a[k];
        b[k].elpd_loo -= 0.25 + (k % 2 == 0 ? 0.01 : -0.01);
    }
    mtc_loo_sum(a, N_ROW, &total);
    mtc_loo_difference(a, b, N_ROW, &value, &se);
    assert_near(value, 0.25 * N_ROW, 1e-12);
    assert_near(se, sqrt(N_ROW * N_ROW * 1e-4 / (N_ROW - 1)), 1e-12);
    assert_true(se < 0.1 * total.elpd_loo_se);
    mtc_loo_difference(a, b, 1, &value, &se);
    assert_true(isnan(se));
}

static void impossible_units_are_refused(void **state)
{
    (void)state;
    const double ll[3] = {-1.0, -HUGE_VAL, -2.0};
    double scratch[6];
    mtc_loo_unit unit;
    assert_int_equal(mtc_loo(ll, 3, scratch, &unit, NULL), MTC_ENUMERIC);
    assert_int_equal(mtc_loo(ll, 0, scratch, &unit, NULL), MTC_ESIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(units_are_those_of_the_closed_form),
                                       cmocka_unit_test(an_outlier_is_named), cmocka_unit_test(differences_are_paired),
                                       cmocka_unit_test(impossible_units_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
