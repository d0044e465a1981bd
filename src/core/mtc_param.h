/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_PARAM_H
#define MTC_PARAM_H

#include "mtc_unit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a parameter is, whatever its prior. One const object each, owned by the component that needs the parameter. */
typedef struct {
    const char *name;    /* everywhere: "doubling_time_days" */
    const char *key;     /* in a configuration, where the unit stands with the value: "doubling_time" */
    mtc_unit unit;       /* of its values in results, points and priors' own densities */
    double lower, upper; /* domain, in `unit`; values at a finite bound are inside (tau = 0), +-inf is open */
    const char *symbol;  /* "δ" */
    const char *text;    /* one line for people */
} mtc_param_info;

/** What a coupling does at one point (a, b): parameters u, v > 0, the derivatives of both, log |d(u, v)/d(a, b)|. */
typedef struct {
    double u, v;
    double du_da, du_db, dv_da, dv_db;
    double log_det, dlog_det_da, dlog_det_db;
} mtc_coupled;

/**
 * Two positive parameters that data bind together, seen through coordinates in which they do not: what the data say
 * well in one, what they leave open in the other. Samplers and proposals then meet no curved ridge. It changes how a
 * posterior is explored, never the posterior.
 */
typedef struct {
    const char *first, *second; /* names of u and v */
    /* required. False where u or v would be no positive number */
    int (*eval)(double a, double b, mtc_coupled *out);
    /* required. a, b of u, v > 0 */
    void (*inverse)(double u, double v, double *a, double *b);
} mtc_coupling;

#ifdef __cplusplus
}
#endif
#endif
