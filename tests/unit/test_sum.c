/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a plain sum in place of the compensated one, NaN from infinities, lost tails of blocks, and an order of
 * operations that changes. */
#include "mtc_sum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void small_terms_are_not_lost(void **state)
{
    (void)state;
    const double x[] = {1.0, 1e100, 1.0, -1e100};
    assert_true(mtc_sum(x, 4) == 2.0);
    mtc_acc acc = MTC_ACC_INIT;
    for (int i = 0; i < 1000000; i++) {
        mtc_acc_add(&acc, 0.1);
    }
    /* 1e6 times the number that 0.1 stands for: 1e5 (1 + 2^-54 x 0.8 ...), which rounds to 1e5 */
    assert_true(mtc_acc_value(&acc) == 1e5);
}

static void infinities_stay(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    const double up[] = {1.0, inf, 2.0};
    const double down[] = {1.0, -inf, 2.0};
    const double both[] = {inf, -inf};
    assert_true(mtc_sum(up, 3) == inf);
    assert_true(mtc_sum(down, 3) == -inf);
    assert_true(isnan(mtc_sum(both, 2)));
    assert_true(mtc_sum(up, 0) == 0.0);
}

static void dot_of_every_length(void **state)
{
    (void)state;
    double x[1100];
    double y[1100];
    double want = 0.0;
    for (size_t i = 0; i < 1100; i++) {
        x[i] = (double)(i % 13) - 4.0;
        y[i] = (double)(i % 7) + 1.0;
    }
    for (size_t n = 0; n <= 1100; n++) { /* whole numbers: exact */
        assert_true(mtc_dot(x, y, n) == want);
        want += n < 1100 ? x[n] * y[n] : 0.0;
    }
}

/* The stated order, written out once more: 8 lanes within a block of 512, lanes added in pairs, blocks compensated. */
static void dot_keeps_its_order(void **state)
{
    (void)state;
    enum { N = 1003 };
    double x[N];
    double y[N];
    mtc_acc acc = MTC_ACC_INIT;
    for (int i = 0; i < N; i++) {
        x[i] = sin(1.0 + i);
        y[i] = exp(3.0 * cos(2.0 * i));
    }
    for (int start = 0; start < N; start += 512) {
        double lane[8] = {0.0};
        for (int i = start; i < N && i < start + 512; i++) {
            lane[(i - start) % 8] += x[i] * y[i];
        }
        mtc_acc_add(&acc, ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7])));
    }
    assert_true(mtc_dot(x, y, N) == mtc_acc_value(&acc));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_terms_are_not_lost),
        cmocka_unit_test(infinities_stay),
        cmocka_unit_test(dot_of_every_length),
        cmocka_unit_test(dot_keeps_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
