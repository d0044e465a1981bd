/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a coefficient or a joint that costs digits, a wrong answer beyond the range, bits that depend on the place
 * in a vector. */
#include "mtc_vmath.h"

#include "test_golden.h"
#include "test_near.h"

static double ccdf(double z)
{
    return mtc_vccdf(z, mtc_vphi(z));
}

static void golden_values(void **state)
{
    /* phi and its tail: the rounding of z^2/2 counts, 72 ulp at 12 and 640 at 36 */
    static const test_golden_function functions[] = {
        {"exp", mtc_vexp, NULL, 3e-16, 0, 0},     {"log", mtc_vlog, NULL, 0, 2.3e-16, 0},
        {"mills", mtc_vmills, NULL, 6e-16, 0, 0}, {"phi", mtc_vphi, NULL, 2e-15, 0, 0},
        {"phi_far", mtc_vphi, NULL, 1e-13, 0, 0}, {"ccdf", ccdf, NULL, 3e-15, 0, 0},
        {"ccdf_far", ccdf, NULL, 1e-13, 0, 0},    {"log1p", mtc_vlog1p, NULL, 0, 4e-16, 0},
    };
    (void)state;
    assert_int_equal(
        test_golden_compare(MTC_TEST_GOLDEN "/core_vmath.csv", functions, sizeof functions / sizeof *functions), 0);
}

static void log1p_keeps_small_arguments(void **state)
{
    (void)state;
    for (double x = 1e-300; x < 1e-3; x *= 7.3) {
        assert_near(mtc_vlog1p(x), log1p(x), 5e-16 * x);
    }
}

static void beyond_the_range(void **state)
{
    (void)state;
    assert_near(mtc_vexp(-709.0), 0.0, 0.0);
    assert_near(mtc_vexp(-1e300), 0.0, 0.0);
    assert_near(mtc_vexp(-(double)INFINITY), 0.0, 0.0);
    assert_near(mtc_vexp(1e300), mtc_vexp(709.0), 0.0);
    assert_true(isfinite(mtc_vexp((double)INFINITY)));
    assert_near(mtc_vlog(0.0), mtc_vlog(1e-300), 0.0);
    assert_near(mtc_vlog(1e-305), mtc_vlog(1e-300), 0.0);
    assert_near(mtc_vphi(50.0), 0.0, 0.0);
    assert_near(ccdf(50.0), 0.0, 0.0);
    assert_near(ccdf(-50.0), 1.0, 0.0);
    assert_near(mtc_vmills(0.0), sqrt(2.0 * atan(1.0)), 6e-16); /* sqrt(pi/2) */
    assert_near(mtc_vlog1p(0.0), 0.0, 0.0);
}

MTC_VECTORISED static void many(const double *restrict x, double *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = mtc_vexp(x[i]) + mtc_vlog(1.5 + x[i] * x[i]) + mtc_vmills(x[i] < 0.0 ? -x[i] : x[i]);
    }
}

/* An element alone and the same element anywhere in a vector. */
static void bits_do_not_depend_on_the_place(void **state)
{
    enum { N = 67 };
    double x[N], y[N];
    (void)state;
    for (int i = 0; i < N; i++) {
        x[i] = 0.37 * i - 11.0;
    }
    many(x, y, N);
    for (int i = 0; i < N; i++) {
        double alone;
        many(&x[i], &alone, 1);
        assert_memory_equal(&alone, &y[i], sizeof alone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_values),
        cmocka_unit_test(log1p_keeps_small_arguments),
        cmocka_unit_test(beyond_the_range),
        cmocka_unit_test(bits_do_not_depend_on_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
