/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_unit.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_PER_WEEK 7.0
#define NUMBER_LENGTH_MAX 400u

static const struct {
    mtc_dim dim;
    double factor;
    const char *symbol;
    const char *word;
} unit_info[MTC_UNIT_COUNT] = {
    [MTC_UNIT_NONE] = {MTC_DIM_NONE, 1.0, "", ""},
    [MTC_UNIT_YEARS] = {MTC_DIM_TIME, 1.0, "y", "years"},
    [MTC_UNIT_MONTHS] = {MTC_DIM_TIME, 1.0 / 12.0, "mo", "months"},
    [MTC_UNIT_WEEKS] = {MTC_DIM_TIME, DAYS_PER_WEEK / MTC_DAYS_PER_YEAR, "w", "weeks"},
    [MTC_UNIT_DAYS] = {MTC_DIM_TIME, 1.0 / MTC_DAYS_PER_YEAR, "d", "days"},
    [MTC_UNIT_MM] = {MTC_DIM_LENGTH, 1.0, "mm", "mm"},
    [MTC_UNIT_CM] = {MTC_DIM_LENGTH, 10.0, "cm", "cm"},
    [MTC_UNIT_MM3] = {MTC_DIM_VOLUME, 1.0, "mm3", "mm3"},
    [MTC_UNIT_CM3] = {MTC_DIM_VOLUME, 1000.0, "cm3", "cm3"},
    [MTC_UNIT_PER_YEAR] = {MTC_DIM_RATE, 1.0, "1/y", "per year"},
};

static const struct {
    const char *text;
    mtc_unit unit;
} unit_names[] = {
    {"y", MTC_UNIT_YEARS},
    {"yr", MTC_UNIT_YEARS},
    {"yrs", MTC_UNIT_YEARS},
    {"year", MTC_UNIT_YEARS},
    {"years", MTC_UNIT_YEARS},
    {"mo", MTC_UNIT_MONTHS},
    {"month", MTC_UNIT_MONTHS},
    {"months", MTC_UNIT_MONTHS},
    {"w", MTC_UNIT_WEEKS},
    {"wk", MTC_UNIT_WEEKS},
    {"week", MTC_UNIT_WEEKS},
    {"weeks", MTC_UNIT_WEEKS},
    {"d", MTC_UNIT_DAYS},
    {"day", MTC_UNIT_DAYS},
    {"days", MTC_UNIT_DAYS},
    {"mm", MTC_UNIT_MM},
    {"cm", MTC_UNIT_CM},
    {"mm3", MTC_UNIT_MM3},
    {"cm3", MTC_UNIT_CM3},
    {"ml", MTC_UNIT_CM3},
    {"mL", MTC_UNIT_CM3},
    {"per_year", MTC_UNIT_PER_YEAR},
    {"per year", MTC_UNIT_PER_YEAR},
    {"1/y", MTC_UNIT_PER_YEAR},
    {"1/year", MTC_UNIT_PER_YEAR},
    {"/y", MTC_UNIT_PER_YEAR},
    {"/year", MTC_UNIT_PER_YEAR},
};

/* Plural words only: "birth_year" is a calendar year, not a duration. The longer suffix stands first. */
static const struct {
    const char *text;
    mtc_unit unit;
} unit_suffixes[] = {
    {"per_year", MTC_UNIT_PER_YEAR},
    {"years", MTC_UNIT_YEARS},
    {"months", MTC_UNIT_MONTHS},
    {"weeks", MTC_UNIT_WEEKS},
    {"days", MTC_UNIT_DAYS},
    {"mm3", MTC_UNIT_MM3},
    {"cm3", MTC_UNIT_CM3},
    {"ml", MTC_UNIT_CM3},
    {"mm", MTC_UNIT_MM},
    {"cm", MTC_UNIT_CM},
};

static mtc_unit known_unit(mtc_unit unit)
{
    return (unsigned)unit < (unsigned)MTC_UNIT_COUNT ? unit : MTC_UNIT_NONE;
}

mtc_dim mtc_unit_dim(mtc_unit unit)
{
    return unit_info[known_unit(unit)].dim;
}

double mtc_unit_factor(mtc_unit unit)
{
    return unit_info[known_unit(unit)].factor;
}

const char *mtc_unit_symbol(mtc_unit unit)
{
    return unit_info[known_unit(unit)].symbol;
}

const char *mtc_unit_word(mtc_unit unit)
{
    return unit_info[known_unit(unit)].word;
}

int mtc_unit_find(const char *text, mtc_unit *out)
{
    for (size_t i = 0; text && i < sizeof unit_names / sizeof *unit_names; i++) {
        if (strcmp(text, unit_names[i].text) == 0) {
            *out = unit_names[i].unit;
            return 1;
        }
    }
    return 0;
}

int mtc_unit_from_suffix(const char *name, mtc_unit *out)
{
    if (!name) {
        return 0;
    }
    const size_t n = strlen(name);
    for (size_t i = 0; i < sizeof unit_suffixes / sizeof *unit_suffixes; i++) {
        const size_t m = strlen(unit_suffixes[i].text);
        if (n >= m && strcmp(name + (n - m), unit_suffixes[i].text) == 0 && (n == m || name[n - m - 1] == '_')) {
            *out = unit_suffixes[i].unit;
            return 1;
        }
    }
    return 0;
}

const char *mtc_dim_units(mtc_dim dim)
{
    switch (dim) {
    case MTC_DIM_TIME:
        return "d, w, mo, y";
    case MTC_DIM_LENGTH:
        return "mm, cm";
    case MTC_DIM_VOLUME:
        return "mm3, cm3";
    case MTC_DIM_RATE:
        return "1/y";
    case MTC_DIM_NONE:
        break;
    }
    return "";
}

static const char *dim_word(mtc_dim dim)
{
    switch (dim) {
    case MTC_DIM_TIME:
        return "a time";
    case MTC_DIM_LENGTH:
        return "a length";
    case MTC_DIM_VOLUME:
        return "a volume";
    case MTC_DIM_RATE:
        return "a rate";
    case MTC_DIM_NONE:
        break;
    }
    return "a plain number";
}

static size_t span_digits(const char *s)
{
    size_t n = 0;
    while (s[n] >= '0' && s[n] <= '9') {
        n++;
    }
    return n;
}

/* Length of the decimal number at the start of s: sign, digits, point, exponent; 0 where there is none. Decided here,
 * because strtod also takes hexadecimal numbers, "inf" and "nan". */
static size_t span_number(const char *s)
{
    size_t n = (s[0] == '+' || s[0] == '-') ? 1 : 0;
    const size_t whole = span_digits(s + n);
    n += whole;
    if (s[n] == '.') {
        const size_t part = span_digits(s + n + 1);
        if (whole + part == 0) {
            return 0;
        }
        n += 1 + part;
    } else if (whole == 0) {
        return 0;
    }
    if (s[n] == 'e' || s[n] == 'E') {
        const size_t sign = (s[n + 1] == '+' || s[n + 1] == '-') ? 1 : 0;
        const size_t power = span_digits(s + n + 1 + sign);
        if (power > 0) {
            n += 1 + sign + power;
        }
    }
    return n;
}

static const char *skip_blanks(const char *s)
{
    while (*s == ' ' || *s == '\t') {
        s++;
    }
    return s;
}

/* Value of the number of n characters at s, whatever the locale of the caller. */
static mtc_status number_value(const char *s, size_t n, double *out, mtc_err *err)
{
    char digits[NUMBER_LENGTH_MAX + 1];
    if (n > NUMBER_LENGTH_MAX) {
        return mtc_fail(err, MTC_ECONFIG, "a number of %zu characters, at most %u are read", n, NUMBER_LENGTH_MAX);
    }
    memcpy(digits, s, n);
    digits[n] = '\0';
    const locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory while reading a number");
    }
    const locale_t old = uselocale(c_locale);
    const double value = strtod(digits, NULL);
    (void)uselocale(old);
    freelocale(c_locale);
    if (!isfinite(value)) {
        return mtc_fail(err, MTC_ECONFIG, "'%s' is too large for a number", digits);
    }
    *out = value;
    return MTC_OK;
}

static size_t span_trimmed(const char *s)
{
    size_t n = strlen(s);
    while (n > 0 && isspace((unsigned char)s[n - 1])) {
        n--;
    }
    return n;
}

mtc_status mtc_number_parse(const char *text, double *out, mtc_err *err)
{
    if (!text) {
        return mtc_fail(err, MTC_ECONFIG, "a number is missing");
    }
    const char *s = skip_blanks(text);
    const size_t n = span_trimmed(s);
    if (n == 0) {
        return mtc_fail(err, MTC_ECONFIG, "a number is missing");
    }
    if (span_number(s) != n) {
        return mtc_fail(err, MTC_ECONFIG, "'%.*s' is not a number", (int)(n < 80 ? n : 80), s);
    }
    return number_value(s, n, out, err);
}

static mtc_status refuse_unit(const char *text, const char *unit_text, mtc_dim dim, mtc_err *err)
{
    mtc_unit unit = MTC_UNIT_NONE;
    mtc_status st = MTC_ECONFIG;
    if (unit_text[0] == '\0') {
        st = mtc_fail(err, MTC_ECONFIG, "'%.80s' needs a unit (%s)", text, mtc_dim_units(dim));
        mtc_err_hint(err, "write the unit after the number, as in '%.40s %.*s'", text,
                     (int)strcspn(mtc_dim_units(dim), ","), mtc_dim_units(dim));
    } else if (!mtc_unit_find(unit_text, &unit)) {
        st = dim == MTC_DIM_NONE ? mtc_fail(err, MTC_ECONFIG, "'%.80s' is not a number", text)
                                 : mtc_fail(err, MTC_ECONFIG, "unit '%s' in '%.80s' is not known (units that fit: %s)",
                                            unit_text, text, mtc_dim_units(dim));
    } else if (dim == MTC_DIM_NONE) {
        st = mtc_fail(err, MTC_ECONFIG, "'%.80s' has a unit where a plain number is needed", text);
    } else {
        st = mtc_fail(err, MTC_ECONFIG, "'%.80s' is %s where %s is needed (units that fit: %s)", text,
                      dim_word(mtc_unit_dim(unit)), dim_word(dim), mtc_dim_units(dim));
    }
    return st;
}

mtc_status mtc_quantity_parse(const char *text, mtc_dim dim, double *inside, mtc_unit *unit, mtc_err *err)
{
    char unit_text[32] = "";
    mtc_unit found = MTC_UNIT_NONE;

    if (!text) {
        return mtc_fail(err, MTC_ECONFIG, "a value is missing");
    }
    const char *s = skip_blanks(text);
    const size_t n = span_number(s);
    if (n == 0) {
        return s[0] == '\0' ? mtc_fail(err, MTC_ECONFIG, "a value is missing")
                            : mtc_fail(err, MTC_ECONFIG, "'%.80s' is not a number%s", s,
                                       dim == MTC_DIM_NONE ? "" : " with a unit");
    }
    const char *rest = skip_blanks(s + n);
    const size_t n_unit = span_trimmed(rest);
    if (n_unit >= sizeof unit_text) {
        return mtc_fail(err, MTC_ECONFIG, "'%.80s' is not a number%s", s, dim == MTC_DIM_NONE ? "" : " with a unit");
    }
    memcpy(unit_text, rest, n_unit);
    const int ok = n_unit == 0 ? dim == MTC_DIM_NONE
                               : mtc_unit_find(unit_text, &found) && dim != MTC_DIM_NONE && mtc_unit_dim(found) == dim;
    if (!ok) {
        return refuse_unit(s, unit_text, dim, err);
    }
    double value = 0.0;
    const mtc_status st = number_value(s, n, &value, err);
    if (st != MTC_OK) {
        return st;
    }
    value *= mtc_unit_factor(found);
    if (!isfinite(value)) {
        return mtc_fail(err, MTC_ECONFIG, "'%.80s' is too large for a number", s);
    }
    *inside = value;
    if (unit) {
        *unit = found;
    }
    return MTC_OK;
}
