/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_UNIT_H
#define MTC_UNIT_H

#include "mtc_err.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of quantity. */
typedef enum { MTC_DIM_NONE, MTC_DIM_TIME, MTC_DIM_LENGTH, MTC_DIM_VOLUME, MTC_DIM_RATE } mtc_dim;

/** A unit a number can be given in. Inside everything is years, mm, mm3, per year. */
typedef enum {
    MTC_UNIT_NONE,
    MTC_UNIT_YEARS,
    MTC_UNIT_MONTHS, /* 1/12 year */
    MTC_UNIT_WEEKS,
    MTC_UNIT_DAYS, /* 1/365.25 year */
    MTC_UNIT_MM,
    MTC_UNIT_CM,
    MTC_UNIT_MM3,
    MTC_UNIT_CM3,
    MTC_UNIT_PER_YEAR,
    MTC_UNIT_COUNT
} mtc_unit;

#define MTC_DAYS_PER_YEAR 365.25

/** Dimension of a unit. */
MTC_API mtc_dim mtc_unit_dim(mtc_unit unit);
/** Factor to the inside unit of its dimension: value_inside = value * factor. */
MTC_API double mtc_unit_factor(mtc_unit unit);
/** How it is written after a number: "d", "y", "mo", "mm", ...; "" for MTC_UNIT_NONE. */
MTC_API const char *mtc_unit_symbol(mtc_unit unit);
/** Plain word: "days", "years", "mm". */
MTC_API const char *mtc_unit_word(mtc_unit unit);
/** Unit from its symbol or word (d, day, days, mo, month(s), y, yr, year(s), w, mm, cm, mm3, cm3, ml, per_year, 1/y).
 * False if none. */
MTC_API int mtc_unit_find(const char *text, mtc_unit *out);
/** Unit from the suffix of a column or parameter name (_days, _years, _months, _mm, _cm, ...). False if none. */
MTC_API int mtc_unit_from_suffix(const char *name, mtc_unit *out);
/** The units that fit a dimension, as text for messages: "d, w, mo, y". */
MTC_API const char *mtc_dim_units(mtc_dim dim);

/**
 * Read "82 d", "2.7 y", "12mm" or, for MTC_DIM_NONE, "0.4". C locale, the whole text.
 * inside  out: value in the inside unit of `dim`
 * unit    out or NULL: the unit that was written
 * Errors  MTC_ECONFIG with a message naming the units that fit; NaN and infinity are refused
 */
MTC_API mtc_status mtc_quantity_parse(const char *text, mtc_dim dim, double *inside, mtc_unit *unit, mtc_err *err);
/** Read a plain number, C locale, the whole text; refuses NaN, infinity, hex. */
MTC_API mtc_status mtc_number_parse(const char *text, double *out, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
