/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TVDT_SHOW_H
#define MTC_TVDT_SHOW_H

#include "mtc_likelihood.h"
#include "tvdt_law.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Points of the grid on which a distribution function of doubling times is drawn. */
#define MTC_TVDT_N_GRID 121

/** Observed points of a picture; arrays of `n`, in the arena. */
typedef struct {
    double *x_days;
    double *probability;
    const char **label; /* NULL: none */
    size_t n;
} mtc_tvdt_points;

/** The pictures of a source: the distribution function at each site that has data. */
typedef struct {
    size_t n;
    mtc_tvdt_site site[MTC_TVDT_N_SITE];
    mtc_display display[MTC_TVDT_N_SITE];
} mtc_tvdt_show;

/**
 * Add the picture of one site with its observed points (kept, not copied). Grid: 5 to 5000 days, evenly in the
 * logarithm.
 * Errors  MTC_ENOMEM
 */
mtc_status mtc_tvdt_show_add(mtc_tvdt_show *show, mtc_tvdt_site site, const mtc_tvdt_points *points, mtc_arena *arena,
                             mtc_err *err);

/**
 * Distribution function of a measured doubling time at a site, on the grid of display i; y has MTC_TVDT_N_GRID values.
 * With a spread between studies it is that of a tumour from a further study. Where the law is not defined, y is 0.
 */
void mtc_tvdt_show_predict(const mtc_tvdt_show *show, size_t i, const double *all, double measurement_log_sd,
                           double *y);

/** Text of a number of days, "141.25", or with its unit, "141.25 d"; 10 significant digits. Returns buf. */
const char *mtc_tvdt_days_text(double log_years, bool with_unit, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
