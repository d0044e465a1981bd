/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: loss of digits near cancellation and in the tails, overflow of exp, wrong answers at the infinities. */
#include "mtc_logmath.h"

#include "test_golden.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define EPS 0x1p-52

static void golden_values(void **state)
{
    (void)state;
    /* the bounds that the header states; an ulp is at most one epsilon of the value */
    static const test_golden_function functions[] = {
        {"log_add", NULL, mtc_log_add, 0, 2 * EPS, 1},     {"log_sub", NULL, mtc_log_sub, 0, 0, 1},
        {"log1mexp", mtc_log1mexp, NULL, 1.2 * EPS, 0, 0}, {"logit", mtc_logit, NULL, 4 * EPS, 0, 0},
        {"sigmoid", mtc_sigmoid, NULL, 4 * EPS, 0, 0},     {"log_sigmoid", mtc_log_sigmoid, NULL, 4 * EPS, 0, 0},
    };
    assert_int_equal(
        test_golden_compare(MTC_TEST_GOLDEN "/core_logmath.csv", functions, sizeof functions / sizeof *functions), 0);
}

static void log_sub_is_as_good_as_its_difference(void **state)
{
    (void)state;
    /* a - b exact: nothing but the last operations can err */
    assert_true(fabs(mtc_log_sub(3.0, 2.0) - 2.5413248546129181) < 4 * EPS * 3.0);
    assert_true(fabs(mtc_log_sub(-700.0, -700.0 - 0x1p-30) - (-720.79441541726402)) < 4 * EPS * 721.0);
    /* log_add undoes it */
    for (double d = 1e-6; d < 100.0; d *= 3.7) {
        assert_true(fabs(mtc_log_add(mtc_log_sub(2.385, 2.385 - d), 2.385 - d) - 2.385) < 1e-14);
    }
}

static void infinities(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    assert_true(mtc_log_add(-inf, -inf) == -inf);
    assert_true(mtc_log_add(-inf, 2.385) == 2.385);
    assert_true(mtc_log_add(2.385, -inf) == 2.385);
    assert_true(mtc_log_add(inf, 1.0) == inf);
    assert_true(mtc_log_add(inf, inf) == inf);
    assert_true(mtc_log_add(inf, -inf) == inf);
    assert_true(mtc_log_sub(1.0, -inf) == 1.0);
    assert_true(mtc_log_sub(1.0, 1.0) == -inf);
    assert_true(mtc_log_sub(1.0, 2.0) == -inf);
    assert_true(mtc_log_sub(-inf, -inf) == -inf);
    assert_true(mtc_log_sub(inf, 1.0) == inf);
    assert_true(mtc_log1mexp(0.0) == -inf);
    assert_true(mtc_log1mexp(-1.0) == -inf);
    assert_true(mtc_log1mexp(inf) == 0.0);
    assert_true(mtc_logit(0.0) == -inf && mtc_logit(-0.5) == -inf);
    assert_true(mtc_logit(1.0) == inf && mtc_logit(1.5) == inf);
    assert_true(mtc_sigmoid(-inf) == 0.0 && mtc_sigmoid(inf) == 1.0);
    assert_true(mtc_log_sigmoid(-inf) == -inf && mtc_log_sigmoid(inf) == 0.0);
}

static void not_a_number_stays_visible(void **state)
{
    (void)state;
    const double x[] = {1.0, (double)NAN, 2.0};
    assert_true(isnan(mtc_log_sum(x, 3)));
    assert_true(isnan(mtc_log_add(1.0, (double)NAN)));
    assert_true(isnan(mtc_log_add((double)NAN, 1.0)));
    assert_true(isnan(mtc_log_sub((double)NAN, 1.0)));
    assert_true(isnan(mtc_log1mexp((double)NAN)));
    assert_true(isnan(mtc_logit((double)NAN)));
    assert_true(isnan(mtc_log_sigmoid((double)NAN)));
}

static void sums(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    const double none[] = {-inf, -inf, -inf};
    const double some[] = {-inf, 3.25, -inf};
    const double large[] = {1.0, inf};
    double x[1000];
    assert_true(mtc_log_sum(none, 0) == -inf);
    assert_true(mtc_log_mean(none, 0) == -inf);
    assert_true(mtc_log_sum(none, 3) == -inf);
    assert_true(mtc_log_mean(none, 3) == -inf);
    assert_true(mtc_log_sum(some, 3) == 3.25);
    assert_true(fabs(mtc_log_mean(some, 3) - (3.25 - 1.0986122886681098)) < 1e-15);
    assert_true(mtc_log_sum(large, 2) == inf);
    for (int i = 0; i < 1000; i++) {
        x[i] = -5056.3 + log1p((double)i); /* exp: 1, 2, ... 1000 times exp(-5056.3), whose sum is 500500 */
    }
    assert_true(fabs(mtc_log_sum(x, 1000) - (-5056.3 + log(500500.0))) < 4 * EPS * 5057);
    assert_true(fabs(mtc_log_mean(x, 1000) - (-5056.3 + log(500.5))) < 6 * EPS * 5057);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_values), cmocka_unit_test(log_sub_is_as_good_as_its_difference),
        cmocka_unit_test(infinities),    cmocka_unit_test(not_a_number_stays_visible),
        cmocka_unit_test(sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
