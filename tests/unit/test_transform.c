/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a transform that does not invert, leaves its support, has a wrong Jacobian or a wrong derivative of it, or
 * makes a NaN or an infinity at extreme z. */
#include "mtc_transform.h"

#include "test_near.h"

#include <math.h>

static const struct {
    double lower, upper;
    mtc_transform_kind kind;
} supports[] = {
    {-HUGE_VAL, HUGE_VAL, MTC_TRANSFORM_IDENTITY},
    {0.0, HUGE_VAL, MTC_TRANSFORM_LOG_ABOVE},
    {10.0, HUGE_VAL, MTC_TRANSFORM_LOG_ABOVE},
    {-3.7, HUGE_VAL, MTC_TRANSFORM_LOG_ABOVE},
    {-HUGE_VAL, 2.5, MTC_TRANSFORM_LOG_BELOW},
    {0.0, 5.0, MTC_TRANSFORM_LOGIT},
    {0.0, 1.0, MTC_TRANSFORM_LOGIT},
    {-2.0, 7.3, MTC_TRANSFORM_LOGIT},
    {3.0, 4.4, MTC_TRANSFORM_LOGIT},
    {0.05, 0.5, MTC_TRANSFORM_LOG_LOGIT},
    {0.5, 80.0, MTC_TRANSFORM_LOG_LOGIT},
    {1e-6, 1e6, MTC_TRANSFORM_LOG_LOGIT},
};
enum { N_SUPPORT = sizeof supports / sizeof *supports };

static void the_support_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SUPPORT; ++i) {
        assert_int_equal(mtc_transform_for(supports[i].lower, supports[i].upper).kind, supports[i].kind);
    }
}

static void inverse_gives_the_point_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SUPPORT; ++i) {
        const mtc_transform t = mtc_transform_for(supports[i].lower, supports[i].upper);
        for (double z = -12.0; z <= 12.0; z += 0.37) {
            mtc_transformed at;
            assert_true(mtc_transform_eval(&t, z, &at));
            assert_true(at.x > t.lower && at.x < t.upper);
            /* x is rounded, which moves z by eps |x| / |dx/dz| */
            const double slack = 1e-15 * (fabs(z) + 1.0) + 1e-15 * (fabs(at.x) + 1.0) / fabs(at.dx);
            assert_near(mtc_transform_inverse(&t, at.x), z, slack * 4.0);
        }
    }
}

static void jacobians_match_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SUPPORT; ++i) {
        const mtc_transform t = mtc_transform_for(supports[i].lower, supports[i].upper);
        for (double z = -7.0; z <= 7.0; z += 0.41) {
            const double h = 2e-5;
            mtc_transformed at;
            mtc_transformed up;
            mtc_transformed down;
            assert_true(mtc_transform_eval(&t, z, &at));
            assert_true(mtc_transform_eval(&t, z + h, &up));
            assert_true(mtc_transform_eval(&t, z - h, &down));
            const double noise = 1e-15 * (fabs(at.x) + fabs(t.lower) * (isinf(t.lower) ? 0.0 : 1.0)) / h;
            const double rough = isfinite(noise) ? noise : 1e-12;
            assert_near((up.x - down.x) / (2.0 * h), at.dx, 5e-8 * fabs(at.dx) + rough);
            assert_near(log(fabs(at.dx)), at.log_jacobian, 1e-13);
            assert_near((up.log_jacobian - down.log_jacobian) / (2.0 * h), at.dlog_jacobian, 1e-8);
        }
    }
}

static void extremes_stay_finite_or_are_refused(void **state)
{
    static const double extreme[] = {-1e308, -800.0, -668.0, -600.0, -40.0, 40.0, 600.0, 668.0, 800.0, 1e308};
    (void)state;
    for (size_t i = 0; i < N_SUPPORT; ++i) {
        const mtc_transform t = mtc_transform_for(supports[i].lower, supports[i].upper);
        mtc_transformed at;
        for (size_t k = 0; k < sizeof extreme / sizeof *extreme; ++k) {
            const bool is_taken = mtc_transform_eval(&t, extreme[k], &at);
            assert_int_equal(is_taken, t.kind == MTC_TRANSFORM_IDENTITY || fabs(extreme[k]) < 667.0);
            if (is_taken) {
                assert_true(isfinite(at.x) && at.x >= t.lower && at.x <= t.upper);
                assert_true(isfinite(at.dx) && isfinite(at.log_jacobian) && isfinite(at.dlog_jacobian));
            }
        }
        assert_false(mtc_transform_eval(&t, (double)NAN, &at));
        assert_false(mtc_transform_eval(&t, (double)INFINITY, &at));
        assert_false(mtc_transform_eval(&t, -(double)INFINITY, &at));
    }
}

static void bounds_and_beyond_go_just_inside(void **state)
{
    (void)state;
    for (size_t i = 1; i < N_SUPPORT; ++i) {
        const mtc_transform t = mtc_transform_for(supports[i].lower, supports[i].upper);
        mtc_transformed at;
        if (isfinite(t.lower)) {
            assert_true(mtc_transform_eval(&t, mtc_transform_inverse(&t, t.lower), &at));
            assert_near(at.x, t.lower, 1e-14 * fabs(t.lower) + 1e-280);
            assert_true(mtc_transform_eval(&t, mtc_transform_inverse(&t, t.lower - 1.0), &at));
            assert_near(at.x, t.lower, 1e-14 * fabs(t.lower) + 1e-280);
        }
        if (isfinite(t.upper)) {
            assert_true(mtc_transform_eval(&t, mtc_transform_inverse(&t, t.upper), &at));
            assert_near(at.x, t.upper, 1e-14 * fabs(t.upper));
            assert_true(mtc_transform_eval(&t, mtc_transform_inverse(&t, t.upper + 1.0), &at));
            assert_near(at.x, t.upper, 1e-14 * fabs(t.upper));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_support_decides),
        cmocka_unit_test(inverse_gives_the_point_back),
        cmocka_unit_test(jacobians_match_differences),
        cmocka_unit_test(extremes_stay_finite_or_are_refused),
        cmocka_unit_test(bounds_and_beyond_go_just_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
