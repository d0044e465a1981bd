/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TVDT_TUMOUR_H
#define MTC_TVDT_TUMOUR_H

#include "tvdt_law.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is known of one doubling time. */
typedef enum { MTC_TVDT_ABSENT, MTC_TVDT_EXACT, MTC_TVDT_CENSORED } mtc_tvdt_knowledge;

/** One tumour; logarithms of years. */
typedef struct {
    mtc_tvdt_knowledge knowledge;
    double lower; /* EXACT: the value. CENSORED: lower bound, -INFINITY if none */
    double upper; /* EXACT: the value. CENSORED: upper bound > lower, INFINITY if none */
} mtc_tvdt_tumour;

/** The tumours of one patient; not both ABSENT. */
typedef struct {
    mtc_tvdt_tumour tumour[MTC_TVDT_N_SITE];
} mtc_tvdt_patient;

/**
 * Log contribution of one patient: density per year for each exact doubling time (Jacobian included), probability for
 * each censored one. A pair is bivariate normal; with one censored tumour it is the exact one's density times the
 * other's conditional probability; with both censored it is a rectangle probability by one-dimensional Gauss-Legendre
 * quadrature, relative error <= 1e-11.
 *
 * law       law of both doubling times; a pair needs mtc_tvdt_law_has_pairs()
 * partials  derivatives of the value are added; unspecified where the value is -INFINITY
 * Returns   -INFINITY where the probability is below the smallest number even in logarithms (of two censored
 *           tumours: below e^(-1e8)) or a pair has no density
 * Source    docs/model.md, section 5; derivative of the rectangle probability by the correlation: Plackett 1954,
 *           Biometrika 41:351
 */
double mtc_tvdt_patient_log(const mtc_tvdt_law *law, const mtc_tvdt_patient *patient, mtc_tvdt_partials *partials);

/**
 * Log probability that a pair of standard normals with correlation rho lies in (a[0], b[0]) x (a[1], b[1]).
 * q       sqrt(1 - rho^2) > 0, given because 1 - rho^2 loses digits; rho >= 0
 * d_a, d_b, d_rho  out: derivatives of the value
 */
double mtc_tvdt_rectangle(const double a[2], const double b[2], double rho, double q, double d_a[2], double d_b[2],
                          double *d_rho);

#ifdef __cplusplus
}
#endif
#endif
