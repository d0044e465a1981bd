/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_NEAR_H
#define TEST_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** |got - want| <= tolerance in double precision (cmocka's own compares floats); a NaN fails. */
#define assert_near(got, want, tolerance) test_near((got), (want), (tolerance), __FILE__, __LINE__)

static inline void test_near(double got, double want, double tolerance, const char *file, int line)
{
    if (!(fabs(got - want) <= tolerance)) {
        print_error("%.17g is not within %g of %.17g\n", got, tolerance, want);
        _fail(file, line);
    }
}

#endif
