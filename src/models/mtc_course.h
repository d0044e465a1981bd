/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_COURSE_H
#define MTC_COURSE_H

#include "mtc_param.h"
#include "mtc_spec.h"

#include <gsl/gsl_rng.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The course of one patient's disease: growth of the primary, dissemination, growth to detection. Both hypotheses are
 * this one family; they differ in the priors of two parameters. Symbols and formulas: docs/model.md, section 1.
 */
typedef enum {
    MTC_P_DOUBLING_TIME,        /* delta, days */
    MTC_P_DOUBLING_TIME_LOG_SD, /* sigma_D */
    MTC_P_GROWTH_RATIO,         /* r */
    MTC_P_GROWTH_RATIO_LOG_SD,  /* sigma_rho */
    MTC_P_FOUNDERS,             /* Lambda, founders at reference */
    MTC_P_FRAILTY,              /* theta */
    MTC_P_SEEDING_DIAMETER,     /* l_s, mm */
    MTC_P_SEEDING_WIDTH,        /* sigma_l */
    MTC_P_SEEDING_EXPONENT,     /* alpha */
    MTC_P_OUTGROWTH_DELAY,      /* tau, years */
    MTC_COURSE_N_PARAM
} mtc_course_param;

/** Names, units and domains, indexed by mtc_course_param. */
MTC_API extern const mtc_param_info mtc_course_params[MTC_COURSE_N_PARAM];

/** How closely curves are worked out. */
typedef enum {
    MTC_ACCURACY_CERTIFIED, /* 1e-8 of every patient's log likelihood: what results are made of */
    MTC_ACCURACY_DRAFT      /* about 1e-4, at a sixth of the cost: to find the way, corrected afterwards */
} mtc_accuracy;

/** Settings that are held fixed (not parameters); plain data. */
typedef struct mtc_course {
    double detection_diameter_mm;                                 /* a metastasis is found at this size */
    double size_median_mm, size_log_sd, size_min_mm, size_max_mm; /* law of the primary's diameter at surgery */
    double doublings_to_detection;                                /* m = n(detection diameter) */
    mtc_accuracy accuracy;
} mtc_course;

/** Keys of the `settings:` map. */
MTC_API extern const mtc_key mtc_course_keys[];
/** Read settings; `over` (a model's own) wins over `base` (the file's); both may be NULL. All mistakes to errors. */
MTC_API mtc_status mtc_course_init(mtc_course *course, const mtc_spec *base, const mtc_spec *over, mtc_errlist *errors);

/** n(l): doublings from one cell to a sphere of this diameter; 1 mm3 = 1e6 cells. */
MTC_API double mtc_doublings(double diameter_mm);
/** Inverse of mtc_doublings. */
MTC_API double mtc_diameter_mm(double doublings);
/** Pairs of parameters to be explored together (see mtc_posterior_couple); ended by NULL. */
extern const mtc_coupling *const mtc_course_couplings[];

/** log N* : expected founders of a 30 mm primary at mu = 1 per year, D = delta, so that mu = Lambda / N*. theta
 * natural. */
MTC_API double mtc_log_reference_founders(const double *theta);
/** mu, founders per year from a 1 cm3 primary at full competence, from natural parameters. */
MTC_API double mtc_seeding_rate_per_year(const double *theta);

/** One simulated patient, drawn step by step from the model's words and not from the likelihood's formulas. */
typedef struct {
    double diameter_mm;            /* at surgery */
    double tvdt_years;             /* D */
    double growth_ratio;           /* rho */
    double metastasis_tvdt_years;  /* D / rho */
    double time_years;             /* T since surgery, INFINITY: never */
    double first_left_years;       /* v of the founder that became the first metastasis (<= 0), NaN if none */
    double first_left_diameter_mm; /* the primary's size then, NaN if none */
    double first_start_years;      /* s */
    double n_founders;             /* all founders */
} mtc_patient;

/**
 * Draw a patient with a primary of the given diameter. theta: natural parameters by mtc_course_param.
 * all_left_mm  NULL or room for max_left diameters of the primary when each founder left (first max_left in random
 * order) n_left       out, how many were written
 */
MTC_API mtc_status mtc_course_draw_patient(const mtc_course *course, const double *theta, double diameter_mm,
                                           gsl_rng *rng, mtc_patient *patient, double *all_left_mm, size_t max_left,
                                           size_t *n_left, mtc_err *err);
/** Diameter from the size law truncated to (lower, upper]. */
MTC_API double mtc_course_draw_size_mm(const mtc_course *course, double lower_mm, double upper_mm, gsl_rng *rng);

#ifdef __cplusplus
}
#endif
#endif
