/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: wrong factors, units of the wrong kind taken, numbers that depend on the locale, NaN or hexadecimal
 * accepted. */
#include "mtc_unit.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void factors_and_names_agree(void **state)
{
    (void)state;
    for (int i = 1; i < MTC_UNIT_COUNT; i++) {
        const mtc_unit unit = (mtc_unit)i;
        mtc_unit found = MTC_UNIT_NONE;
        assert_true(mtc_unit_find(mtc_unit_symbol(unit), &found));
        assert_int_equal(found, unit);
        assert_true(mtc_unit_find(mtc_unit_word(unit), &found));
        assert_int_equal(found, unit);
        assert_true(mtc_unit_factor(unit) > 0.0);
        assert_true(mtc_unit_dim(unit) != MTC_DIM_NONE);
    }
    assert_true(mtc_unit_factor(MTC_UNIT_DAYS) * 365.25 == 1.0);
    assert_true(mtc_unit_factor(MTC_UNIT_WEEKS) == 7.0 / 365.25);
    assert_true(mtc_unit_factor(MTC_UNIT_MONTHS) * 12.0 == 1.0);
    assert_true(mtc_unit_factor(MTC_UNIT_CM) == 10.0);
    assert_true(mtc_unit_factor(MTC_UNIT_CM3) == 1000.0);
    assert_true(mtc_unit_factor(MTC_UNIT_NONE) == 1.0);
    assert_int_equal(mtc_unit_dim((mtc_unit)99), MTC_DIM_NONE);
    assert_string_equal(mtc_unit_symbol(MTC_UNIT_NONE), "");
}

static void unknown_units_are_not_found(void **state)
{
    (void)state;
    static const char *const words[] = {"", "m", "MM", "dayss", "min", "s", "parsec"};
    mtc_unit unit = MTC_UNIT_NONE;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_false(mtc_unit_find(words[i], &unit));
    }
    assert_false(mtc_unit_find(NULL, &unit));
}

static void suffixes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        mtc_unit unit; /* NONE: no suffix */
    } cases[] = {
        {"distant_metastasis_years", MTC_UNIT_YEARS},
        {"doubling_time_days", MTC_UNIT_DAYS},
        {"size_lower_mm", MTC_UNIT_MM},
        {"volume_mm3", MTC_UNIT_MM3},
        {"volume_cm3", MTC_UNIT_CM3},
        {"diameter_cm", MTC_UNIT_CM},
        {"rate_per_year", MTC_UNIT_PER_YEAR},
        {"follow_up_months", MTC_UNIT_MONTHS},
        {"weeks", MTC_UNIT_WEEKS},
        {"birth_year", MTC_UNIT_NONE},
        {"size", MTC_UNIT_NONE},
        {"summ", MTC_UNIT_NONE},
        {"x_y", MTC_UNIT_NONE},
        {"", MTC_UNIT_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mtc_unit unit = MTC_UNIT_NONE;
        assert_int_equal(mtc_unit_from_suffix(cases[i].name, &unit), cases[i].unit != MTC_UNIT_NONE);
        assert_int_equal(unit, cases[i].unit);
    }
    mtc_unit unit = MTC_UNIT_NONE;
    assert_false(mtc_unit_from_suffix(NULL, &unit));
}

static void quantities(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        mtc_dim dim;
        double inside;
        mtc_unit unit;
    } cases[] = {
        {"82 d", MTC_DIM_TIME, 82.0 / 365.25, MTC_UNIT_DAYS},
        {"2.7 y", MTC_DIM_TIME, 2.7, MTC_UNIT_YEARS},
        {" 20  mo ", MTC_DIM_TIME, 20.0 / 12.0, MTC_UNIT_MONTHS},
        {"12mm", MTC_DIM_LENGTH, 12.0, MTC_UNIT_MM},
        {"1.2 cm", MTC_DIM_LENGTH, 12.0, MTC_UNIT_CM},
        {"1e-3 cm3", MTC_DIM_VOLUME, 1.0, MTC_UNIT_CM3},
        {"3 1/y", MTC_DIM_RATE, 3.0, MTC_UNIT_PER_YEAR},
        {"3 per_year", MTC_DIM_RATE, 3.0, MTC_UNIT_PER_YEAR},
        {"-5e2days", MTC_DIM_TIME, -500.0 / 365.25, MTC_UNIT_DAYS},
        {"0.4", MTC_DIM_NONE, 0.4, MTC_UNIT_NONE},
        {".5", MTC_DIM_NONE, 0.5, MTC_UNIT_NONE},
        {"08", MTC_DIM_NONE, 8.0, MTC_UNIT_NONE},
        {"+5.", MTC_DIM_NONE, 5.0, MTC_UNIT_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double inside = (double)NAN;
        mtc_unit unit = MTC_UNIT_COUNT;
        assert_int_equal(mtc_quantity_parse(cases[i].text, cases[i].dim, &inside, &unit, NULL), MTC_OK);
        assert_true(fabs(inside - cases[i].inside) <= 1e-15 * fabs(inside));
        assert_int_equal(unit, cases[i].unit);
        assert_int_equal(mtc_quantity_parse(cases[i].text, cases[i].dim, &inside, NULL, NULL), MTC_OK);
    }
}

static void wrong_quantities_say_what_fits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        mtc_dim dim;
        const char *says;
    } cases[] = {
        {"82", MTC_DIM_TIME, "'82' needs a unit (d, w, mo, y)"},
        {"82 mm", MTC_DIM_TIME, "'82 mm' is a length where a time is needed (units that fit: d, w, mo, y)"},
        {"82 parsec", MTC_DIM_LENGTH, "unit 'parsec' in '82 parsec' is not known (units that fit: mm, cm)"},
        {"82 d", MTC_DIM_NONE, "'82 d' has a unit where a plain number is needed"},
        {"82 d d", MTC_DIM_TIME, "unit 'd d'"},
        {"1e", MTC_DIM_TIME, "unit 'e'"},
        {"abc", MTC_DIM_TIME, "'abc' is not a number with a unit"},
        {"abc", MTC_DIM_NONE, "'abc' is not a number"},
        {"1.2.3", MTC_DIM_NONE, "'1.2.3' is not a number"},
        {"1,5 mm", MTC_DIM_LENGTH, "unit ',5 mm'"},
        {"nan d", MTC_DIM_TIME, "'nan d' is not a number"},
        {"inf", MTC_DIM_NONE, "'inf' is not a number"},
        {"-inf y", MTC_DIM_TIME, "is not a number"},
        {"0x10", MTC_DIM_NONE, "'0x10' is not a number"},
        {"1e999 d", MTC_DIM_TIME, "too large"},
        {"1.7e308 cm", MTC_DIM_LENGTH, "too large"},
        {"5 mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm", MTC_DIM_LENGTH, "is not a number"},
        {"", MTC_DIM_TIME, "a value is missing"},
        {"   ", MTC_DIM_NONE, "a value is missing"},
        {NULL, MTC_DIM_NONE, "a value is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double inside = 2.385;
        mtc_err err = MTC_ERR_INIT;
        assert_int_equal(mtc_quantity_parse(cases[i].text, cases[i].dim, &inside, NULL, &err), MTC_ECONFIG);
        if (!strstr(err.message, cases[i].says)) {
            fail_msg("'%s' gave '%s', not '%s'", cases[i].text, err.message, cases[i].says);
        }
        assert_true(inside == 2.385);
    }
}

static void plain_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    " ",     "1 2", "1e+", "--1", "1d", "0x1p3", "nan",
                                      "Inf", "1_000", "1,5", ".",   "e5",  "+",  "1e400"};
    double x = 0.0;
    assert_int_equal(mtc_number_parse(" -1.25e2 ", &x, NULL), MTC_OK);
    assert_true(x == -125.0);
    assert_int_equal(mtc_number_parse("0.1", &x, NULL), MTC_OK);
    assert_true(x == 0.1);
    assert_int_equal(mtc_number_parse("1e-310", &x, NULL), MTC_OK);
    assert_true(x > 0.0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(mtc_number_parse(bad[i], &x, NULL), MTC_ECONFIG);
    }
    assert_int_equal(mtc_number_parse(NULL, &x, NULL), MTC_ECONFIG);
}

static void very_long_numbers_are_refused(void **state)
{
    (void)state;
    char text[1000];
    double x = 0.0;
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(mtc_number_parse(text, &x, NULL), MTC_ECONFIG);
    assert_int_equal(mtc_quantity_parse(text, MTC_DIM_NONE, &x, NULL, NULL), MTC_ECONFIG);
}

/* Where the machine has a locale with a decimal comma, numbers are read with the point all the same. */
static void the_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const comma[] = {"de_DE.UTF-8", "sl_SI.UTF-8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"};
    double x = 0.0;
    for (size_t i = 0; i < sizeof comma / sizeof *comma; i++) {
        if (setlocale(LC_NUMERIC, comma[i])) {
            assert_int_equal(mtc_number_parse("2.385", &x, NULL), MTC_OK);
            assert_true(x == 2.385);
            assert_int_equal(mtc_number_parse("2,385", &x, NULL), MTC_ECONFIG);
        }
    }
    (void)setlocale(LC_NUMERIC, "C");
    assert_int_equal(mtc_number_parse("2.385", &x, NULL), MTC_OK);
}

static void dimensions_name_their_units(void **state)
{
    (void)state;
    assert_string_equal(mtc_dim_units(MTC_DIM_TIME), "d, w, mo, y");
    assert_string_equal(mtc_dim_units(MTC_DIM_LENGTH), "mm, cm");
    assert_string_equal(mtc_dim_units(MTC_DIM_VOLUME), "mm3, cm3");
    assert_string_equal(mtc_dim_units(MTC_DIM_RATE), "1/y");
    assert_string_equal(mtc_dim_units(MTC_DIM_NONE), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_and_names_agree),
        cmocka_unit_test(unknown_units_are_not_found),
        cmocka_unit_test(suffixes),
        cmocka_unit_test(quantities),
        cmocka_unit_test(wrong_quantities_say_what_fits),
        cmocka_unit_test(plain_numbers),
        cmocka_unit_test(very_long_numbers_are_refused),
        cmocka_unit_test(the_locale_does_not_matter),
        cmocka_unit_test(dimensions_name_their_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
