/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COURSE_PAIR_H
#define COURSE_PAIR_H

#include "mtc_course.h"
#include "mtc_posterior.h"

/** Models "linear" and "parallel" and a check "unrestricted" over all parameters of the course, with data that are
 * normal in each log parameter, so that evidences and posteriors have closed forms. Placed by the test. */
enum { COURSE_N_MODEL = 3, COURSE_N_GROWTH = 3 };
typedef struct {
    mtc_arena *arena;
    mtc_course course;
    mtc_source source[2];
    mtc_likelihood likelihood[2]; /* "growth": the first COURSE_N_GROWTH parameters; "cohort": all */
    mtc_posterior *posterior[COURSE_N_MODEL];
    double log_evidence[COURSE_N_MODEL];
    double log_mean[COURSE_N_MODEL][MTC_COURSE_N_PARAM]; /* posterior of log parameters */
    double log_sd[COURSE_N_MODEL][MTC_COURSE_N_PARAM];
} course_pair;

mtc_status course_pair_init(course_pair *c, mtc_err *err);
void course_pair_fini(course_pair *c);

/** Log-sd with which each parameter was "observed" by each source; both saw the same. */
#define COURSE_DATA_SD 0.3

#endif
