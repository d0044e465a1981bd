/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FINE_CURVE_H
#define FINE_CURVE_H

#include "mtc_curve.h"

/** Plain probabilities, and a density per year. */
typedef struct {
    double survival, density, distribution;
} fine_values;

/**
 * Time to metastasis by brute force: the trapezoidal rule over the doubling time and the growth time, with steps so
 * small that there is nothing to choose, one class size after the other, founders by the closed form with GSL's
 * functions. Written from docs/model.md alone; it shares nothing with src/models/curve_*.c but the point's struct.
 *
 * Both variables run over 8.5 sd, so values below 1e-12 are not to be had from it.
 * t_years  >= 0
 * refine   1: steps of 0.7 of the smallest scale; 2: half of them, to measure the error of the former
 */
void fine_curve(const mtc_course *course, const mtc_course_point *p, mtc_size_class cls, double t_years, double refine,
                fine_values *out);

#endif
