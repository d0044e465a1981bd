/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SELFTEST_INTERNAL_H
#define SELFTEST_INTERNAL_H

#include "mtc_selftest.h"

/* ---- a box with a uniform prior ---- */

typedef struct {
    size_t n;
    double lower, upper;
} selftest_box;

/* data of the model begins with a selftest_box */
double selftest_box_prior(const void *data, const double *theta, double *grad);
void selftest_box_draw(const void *data, gsl_rng *rng, double *theta);

/* ---- judging ---- */

/* One run by one method. */
typedef struct {
    double has_value, error, se, calls;
} selftest_trial;

/* Figures and verdict from n trials. */
void selftest_judge(const selftest_trial *trial, size_t n, mtc_selftest_row *row);

#endif
