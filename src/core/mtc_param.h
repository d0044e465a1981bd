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

#ifdef __cplusplus
}
#endif
#endif
