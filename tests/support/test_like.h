/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_LIKE_H
#define TEST_LIKE_H

#include "mtc_likelihood.h"

/** A likelihood with its data, made from the YAML text of one source. Zero it; every open has a close. */
typedef struct {
    const mtc_likelihood_ops *ops;
    mtc_arena *arena;
    mtc_errlist errors;
    mtc_source source;
    void *self;
    void *ws;
    const mtc_param_info *const *param;
    size_t n_param;
} test_like;

/**
 * Read a source as the program does: keys, rows, then the kind's own init. The file is called run.yaml.
 * course  borrowed; NULL for kinds that need none
 * Returns MTC_OK, or the status of what refused it, all mistakes in like->errors. Close it in any case.
 */
mtc_status test_like_open(test_like *like, const mtc_likelihood_ops *ops, const struct mtc_course *course,
                          const char *yaml);
void test_like_close(test_like *like);

/** Value at theta; grad may be NULL. Fails the test on an error status or a NaN. */
double test_like_value(test_like *like, const double *theta, double *grad);

/** Derivative by parameter i from values at theta[i] +- h, +- h/2 (Richardson), h = step * max(|theta[i]|, 0.01). */
double test_like_slope(test_like *like, const double *theta, size_t i, double step);

/** Fail the test unless an error stands at line:column (0: any) whose message or hint contains a fragment. */
void test_like_assert_error(const test_like *like, long line, long column, const char *fragment);

#endif
