/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: loss of digits in either tail, in narrow intervals or at the joints between methods; NaN at the infinities.
 */
#include "mtc_special.h"

#include "test_golden.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static double quantile_lower(double p)
{
    return mtc_normal_quantile(p, 1.0 - p);
}

static double quantile_upper(double q)
{
    return mtc_normal_quantile(1.0 - q, q);
}

static void golden_values(void **state)
{
    (void)state;
    static const test_golden_function functions[] = {
        {"log_normal_pdf", mtc_log_normal_pdf, NULL, 1e-15, 0, 0},
        {"normal_cdf", mtc_normal_cdf, NULL, 2e-15, 0, 0},
        {"normal_ccdf", mtc_normal_ccdf, NULL, 2e-15, 0, 0},
        {"log_normal_cdf", mtc_log_normal_cdf, NULL, 2e-15, 0, 0},
        {"log_normal_cdf_diff", NULL, mtc_log_normal_cdf_diff, 4e-15, 0, 0},
        {"normal_quantile", quantile_lower, NULL, 4e-15, 0, 0},
        {"normal_quantile_upper", quantile_upper, NULL, 4e-15, 0, 0},
        {"normal_hazard", mtc_normal_hazard, NULL, 4e-15, 0, 0},
        {"erfcx", mtc_erfcx, NULL, 4e-15, 0, 0},
        {"log_beta", NULL, mtc_log_beta, 0, 1e-14, 0},
        {"log_choose", NULL, mtc_log_choose, 0, 1e-13, 0},
    };
    assert_int_equal(
        test_golden_compare(MTC_TEST_GOLDEN "/core_special.csv", functions, sizeof functions / sizeof *functions), 0);
}

static void normal_law_at_infinities(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    assert_true(mtc_log_normal_pdf(inf) == -inf && mtc_log_normal_pdf(-inf) == -inf);
    assert_true(mtc_normal_cdf(-inf) == 0.0 && mtc_normal_cdf(inf) == 1.0 && mtc_normal_cdf(0.0) == 0.5);
    assert_true(mtc_normal_ccdf(-inf) == 1.0 && mtc_normal_ccdf(inf) == 0.0);
    assert_true(mtc_log_normal_cdf(-inf) == -inf && mtc_log_normal_cdf(inf) == 0.0);
    assert_true(mtc_normal_hazard(-inf) == 0.0 && mtc_normal_hazard(inf) == inf);
    assert_true(mtc_normal_quantile(0.0, 1.0) == -inf && mtc_normal_quantile(1.0, 0.0) == inf);
    assert_true(mtc_normal_quantile(0.5, 0.5) == 0.0);
    assert_true(mtc_erfcx(-inf) == inf && mtc_erfcx(inf) == 0.0 && mtc_erfcx(0.0) == 1.0 && mtc_erfcx(-27.0) == inf);
    assert_true(isnan(mtc_normal_cdf((double)NAN)) && isnan(mtc_log_normal_cdf((double)NAN)));
}

static void intervals_without_width_or_end(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    assert_true(mtc_log_normal_cdf_diff(1.5, 1.5) == -inf);
    assert_true(mtc_log_normal_cdf_diff(1.5, -1.5) == -inf);
    assert_true(mtc_log_normal_cdf_diff(-inf, -inf) == -inf);
    assert_true(mtc_log_normal_cdf_diff(inf, inf) == -inf);
    assert_true(mtc_log_normal_cdf_diff(-inf, inf) == 0.0);
    assert_true(mtc_log_normal_cdf_diff(-inf, -2.385) == mtc_log_normal_cdf(-2.385));
    assert_true(mtc_log_normal_cdf_diff(2.385, inf) == mtc_log_normal_cdf(-2.385));
    assert_true(isfinite(mtc_log_normal_cdf_diff(1e9, 2e9)));
}

/* The methods of log_normal_cdf_diff meet where width x distance = 1, at 0 and at half the mass. */
static void intervals_join_smoothly(void **state)
{
    (void)state;
    for (double a = -9.0; a < 9.0; a += 0.37) {
        double last = -(double)INFINITY;
        for (double h = 1e-3; h < 20.0; h *= 1.001) {
            const double now = mtc_log_normal_cdf_diff(a, a + h);
            const double mirrored = mtc_log_normal_cdf_diff(-(a + h), -a);
            assert_true(now >= last - 2e-15 * fmax(1.0, fabs(now)));
            assert_true(fabs(now - mirrored) <= 4e-15 * fmax(1.0, fabs(now)));
            last = now;
        }
    }
}

static void quantile_is_the_inverse(void **state)
{
    (void)state;
    for (double x = -37.0; x <= 37.0; x += 0.173) {
        const double p = mtc_normal_cdf(x);
        const double q = mtc_normal_ccdf(x);
        assert_true(fabs(mtc_normal_quantile(p, q) - x) <= 1e-14 * fmax(1.0, fabs(x)));
    }
}

/* d log cdf / dx = hazard(-x), by central differences of fourth order: error about 1e-11 at this step. */
static void hazard_is_the_derivative(void **state)
{
    (void)state;
    const double h = 1e-3;
    for (double x = -30.0; x <= 8.0; x += 0.77) {
        const double d1 = mtc_log_normal_cdf(x + h) - mtc_log_normal_cdf(x - h);
        const double d2 = mtc_log_normal_cdf(x + 2 * h) - mtc_log_normal_cdf(x - 2 * h);
        const double slope = (8.0 * d1 - d2) / (12.0 * h);
        assert_true(fabs(slope - mtc_normal_hazard(-x)) < 1e-9);
    }
}

static void beta_and_choose_at_their_edges(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    assert_true(mtc_log_beta(0.0, 1.0) == inf && mtc_log_beta(1.0, -2.0) == inf);
    assert_true(isnan(mtc_log_beta((double)NAN, 1.0)));
    assert_true(mtc_log_choose(7.0, 0.0) == 0.0 && mtc_log_choose(7.0, 7.0) == 0.0);
    assert_true(mtc_log_choose(7.0, -1.0) == -inf && mtc_log_choose(7.0, 8.0) == -inf);
    assert_true(fabs(mtc_log_choose(7.0, 3.0) - log(35.0)) < 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_values),
        cmocka_unit_test(normal_law_at_infinities),
        cmocka_unit_test(intervals_without_width_or_end),
        cmocka_unit_test(intervals_join_smoothly),
        cmocka_unit_test(quantile_is_the_inverse),
        cmocka_unit_test(hazard_is_the_derivative),
        cmocka_unit_test(beta_and_choose_at_their_edges),
    };
    (void)gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
