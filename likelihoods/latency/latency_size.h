/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LATENCY_SIZE_H
#define LATENCY_SIZE_H

#include "mtc_curve.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Room that any label or id of a size class needs. */
#define LATENCY_SIZE_TEXT 64

/** Neither bound is known (NaN = an empty cell): such a row says nothing of the size and counts as missing. */
bool latency_size_missing(double lower_mm, double upper_mm);

/**
 * Size class (lower, upper] of a row as data give it (docs/model.md, section 2).
 *
 * lower_mm, upper_mm  NaN where the cell is empty. A lower bound of 0 or an empty one is open below and becomes the
 *                     course's size_min; an empty upper bound is open above and becomes size_max.
 * pos                 where the bounds stand, for messages
 * out                 left alone on failure
 * errors              MTC_EDATA: both empty, negative, an upper bound of 0, crossed or equal bounds (exact sizes have
 *                     a column of their own), a class that lies outside the size law
 * Returns             MTC_OK or MTC_EDATA
 */
mtc_status latency_size_read(double lower_mm, double upper_mm, const mtc_course *course, const mtc_pos *pos,
                             mtc_size_class *out, mtc_errlist *errors);

/** An exact diameter as a class of no width. Errors: MTC_EDATA where it is not > 0 or smaller than one cell. */
mtc_status latency_size_read_exact(double diameter_mm, const mtc_pos *pos, mtc_size_class *out, mtc_errlist *errors);

/** For people: "at most 20 mm", "20-50 mm", "over 50 mm", "any size"; "23 mm" for an exact size. */
void latency_size_label(const mtc_size_class *cls, const mtc_course *course, char *buf, size_t size);

/** For keys of results: "le20", "20to50", "gt50", "any"; "eq23" for an exact size. */
void latency_size_id(const mtc_size_class *cls, const mtc_course *course, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
