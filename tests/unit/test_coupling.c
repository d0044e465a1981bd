/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a coupling of the course that does not invert, has a wrong derivative or determinant, or gives no number. */
#include "mtc_course.h"
#include "test_near.h"

#include <math.h>

static const double grid[] = {1e-3, 0.02, 0.2, 0.43, 0.9, 1.7, 4.0, 11.0, 60.0};
enum { N_GRID = sizeof grid / sizeof *grid };

static void couplings_invert(void **state)
{
    (void)state;
    for (const mtc_coupling *const *q = mtc_course_couplings; *q != NULL; q++) {
        for (size_t i = 0; i < N_GRID; i++) {
            for (size_t k = 0; k < N_GRID; k++) {
                double a, b;
                mtc_coupled at;
                (*q)->inverse(grid[i], grid[k], &a, &b);
                assert_true((*q)->eval(a, b, &at));
                assert_near(at.u, grid[i], 1e-12 * grid[i]);
                assert_near(at.v, grid[k], 1e-12 * grid[k]);
            }
        }
    }
}

/* Central difference of u, v and log det by a (which = 0) or b. */
static void differences(const mtc_coupling *q, double a, double b, int which, double *d)
{
    const double h = 1e-5;
    mtc_coupled up, down;
    assert_true(q->eval(a + (which ? 0.0 : h), b + (which ? h : 0.0), &up));
    assert_true(q->eval(a - (which ? 0.0 : h), b - (which ? h : 0.0), &down));
    d[0] = (up.u - down.u) / (2.0 * h);
    d[1] = (up.v - down.v) / (2.0 * h);
    d[2] = (up.log_det - down.log_det) / (2.0 * h);
}

static void derivatives_and_determinants(void **state)
{
    (void)state;
    for (const mtc_coupling *const *q = mtc_course_couplings; *q != NULL; q++) {
        for (double a = -6.0; a <= 1.0; a += 0.23) {
            for (double b = -6.0; b <= 2.0; b += 0.31) {
                mtc_coupled at;
                double by_a[3], by_b[3];
                assert_true((*q)->eval(a, b, &at));
                differences(*q, a, b, 0, by_a);
                differences(*q, a, b, 1, by_b);
                const double small = 1e-10, det = at.du_da * at.dv_db - at.du_db * at.dv_da;
                assert_near(by_a[0], at.du_da, 1e-7 * fabs(at.du_da) + small * at.u);
                assert_near(by_a[1], at.dv_da, 1e-7 * fabs(at.dv_da) + small * at.v);
                assert_near(by_b[0], at.du_db, 1e-7 * fabs(at.du_db) + small * at.u);
                assert_near(by_b[1], at.dv_db, 1e-7 * fabs(at.dv_db) + small * at.v);
                assert_near(by_a[2], at.dlog_det_da, 1e-7 * (1.0 + fabs(at.dlog_det_da)));
                assert_near(by_b[2], at.dlog_det_db, 1e-7 * (1.0 + fabs(at.dlog_det_db)));
                assert_near(log(fabs(det)), at.log_det, 1e-10 * (1.0 + fabs(at.log_det)));
            }
        }
    }
}

static void extremes_are_numbers_or_refused(void **state)
{
    static const double far[] = {-1e4, -700.0, -300.0, -40.0, 40.0, 300.0, 700.0, 1e4};
    (void)state;
    for (const mtc_coupling *const *q = mtc_course_couplings; *q != NULL; q++) {
        for (size_t i = 0; i < 8; i++) {
            for (size_t k = 0; k < 8; k++) {
                mtc_coupled at;
                if ((*q)->eval(far[i], far[k], &at)) {
                    assert_true(at.u > 0.0 && at.v > 0.0 && isfinite(at.u) && isfinite(at.v));
                    assert_true(isfinite(at.log_det) && isfinite(at.dlog_det_da) && isfinite(at.dlog_det_db));
                    assert_true(isfinite(at.du_da) && isfinite(at.du_db) && isfinite(at.dv_db));
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(couplings_invert),
        cmocka_unit_test(derivatives_and_determinants),
        cmocka_unit_test(extremes_are_numbers_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
