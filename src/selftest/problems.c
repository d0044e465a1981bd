/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

/* The one list: adding a problem is its file and its line here. */
#define PROBLEMS(X)                                                                                                    \
    X(conjugate_normal)                                                                                                \
    X(exponential_gamma)                                                                                               \
    X(pine_density)                                                                                                    \
    X(pine_adjusted)                                                                                                   \
    X(eight_schools)                                                                                                   \
    X(rosenbrock)                                                                                                      \
    X(skewed)                                                                                                          \
    X(shells_2)                                                                                                        \
    X(shells_10)                                                                                                       \
    X(egg_box)

#define DECLARE(name) extern const mtc_selftest_problem selftest_##name;
PROBLEMS(DECLARE)

#define ADDRESS(name) &selftest_##name,

const mtc_selftest_problem *const *mtc_selftest_problems(void)
{
    static const mtc_selftest_problem *const list[] = {PROBLEMS(ADDRESS) NULL};
    return list;
}
