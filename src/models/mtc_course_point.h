/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_COURSE_POINT_H
#define MTC_COURSE_POINT_H

#include "mtc_course.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A parameter point in the coordinates that the formulas use; the founder rate stands for Lambda. */
typedef struct {
    double log_delta_years; /* M */
    double sd_doubling;     /* sigma_D */
    double log_ratio;       /* log r */
    double sd_ratio;        /* sigma_rho */
    double log_rate;        /* log mu, per year */
    double frailty;         /* theta */
    double u_onset;         /* u_s, doublings */
    double width_doublings; /* sigma_u */
    double exponent;        /* alpha */
    double delay_years;     /* tau */
} mtc_course_point;

/** Index of each coordinate in a gradient by point coordinates. */
enum {
    MTC_POINT_LOG_DELTA,
    MTC_POINT_SD_DOUBLING,
    MTC_POINT_LOG_RATIO,
    MTC_POINT_SD_RATIO,
    MTC_POINT_LOG_RATE,
    MTC_POINT_FRAILTY,
    MTC_POINT_ONSET,
    MTC_POINT_WIDTH,
    MTC_POINT_EXPONENT,
    MTC_POINT_DELAY,
    MTC_POINT_N
};

/** u_ref: doublings of 1 cm3. */
MTC_API double mtc_reference_doublings(void);
/** Natural parameters (by mtc_course_param) to a point; mu from Lambda. */
MTC_API void mtc_course_point_init(mtc_course_point *p, const double *theta);
/** log N* at mu = 1; grad NULL or its derivative by point coordinates (length MTC_POINT_N). */
MTC_API double mtc_course_log_reference(const mtc_course_point *p, double *grad);
/** Derivative by natural parameters (Lambda fixed) from one by point coordinates (mu fixed). */
MTC_API void mtc_course_point_gradient(const mtc_course_point *p, const double *theta, const double *d_point,
                                       double *grad);

#ifdef __cplusplus
}
#endif
#endif
