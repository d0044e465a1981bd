/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a bad cell taken for a number or reported at another place, a missing cell taken for 0, a unit forgotten. */
#include "mtc_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"id", "time_days"};
static const char *const cells[] = {"a", "365.25", "b", "", "c", "soon", "d", "NA", "e", "-730.5"};
static const long lines[] = {2, 3, 4, 7, 8}; /* a quoted cell may span lines */
static const mtc_table table = {"cohort.csv", 5, 2, names, cells, lines};

static void columns_are_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(mtc_table_column(&table, "time_days"), 1);
    assert_int_equal(mtc_table_column(&table, "id"), 0);
    assert_int_equal(mtc_table_column(&table, "time"), -1);
    assert_int_equal(mtc_table_column(&table, NULL), -1);
    assert_int_equal(mtc_table_column(NULL, "id"), -1);
}

static void numbers_come_in_the_inside_unit(void **state)
{
    (void)state;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    double x[5];
    assert_int_equal(mtc_table_numbers(&table, 1, MTC_UNIT_DAYS, x, &errors), MTC_EDATA);
    assert_true(x[0] == 1.0);
    assert_true(isnan(x[1]));
    assert_true(isnan(x[2]));
    assert_true(x[4] == -2.0);
    assert_int_equal(errors.n, 2);
    assert_string_equal(errors.item[0].file, "cohort.csv");
    assert_int_equal(errors.item[0].line, 4);
    assert_int_equal(errors.item[0].column, 2);
    assert_string_equal(errors.item[0].message, "column 'time_days': 'soon' is not a number");
    assert_string_equal(errors.item[0].hint, "");
    assert_int_equal(errors.item[1].line, 7);
    assert_string_equal(errors.item[1].hint, "leave the cell of a missing value empty");
    mtc_errlist_fini(&errors);
}

static void good_columns_give_no_error(void **state)
{
    (void)state;
    static const char *const good[] = {"1.5", "", " 2 "};
    static const long at[] = {2, 3, 4};
    static const char *const one[] = {"x_cm"};
    const mtc_table t = {"t.csv", 3, 1, one, good, at};
    mtc_errlist errors = MTC_ERRLIST_INIT;
    double x[3];
    assert_int_equal(mtc_table_numbers(&t, 0, MTC_UNIT_CM, x, &errors), MTC_OK);
    assert_int_equal(errors.n_all, 0);
    assert_true(x[0] == 15.0 && isnan(x[1]) && x[2] == 20.0);
    mtc_errlist_fini(&errors);
}

static void a_value_too_large_for_its_unit_is_bad(void **state)
{
    (void)state;
    static const char *const huge[] = {"1.7e308"};
    static const long at[] = {2};
    static const char *const one[] = {"x_cm"};
    const mtc_table t = {"t.csv", 1, 1, one, huge, at};
    double x[1];
    assert_int_equal(mtc_table_numbers(&t, 0, MTC_UNIT_CM, x, NULL), MTC_EDATA);
    assert_int_equal(mtc_table_numbers(&t, 0, MTC_UNIT_MM, x, NULL), MTC_OK);
}

static void a_column_outside_is_refused(void **state)
{
    (void)state;
    double x[5];
    assert_int_equal(mtc_table_numbers(&table, 2, MTC_UNIT_NONE, x, NULL), MTC_ESIZE);
    assert_int_equal(mtc_table_numbers(NULL, 0, MTC_UNIT_NONE, x, NULL), MTC_ESIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_name),   cmocka_unit_test(numbers_come_in_the_inside_unit),
        cmocka_unit_test(good_columns_give_no_error),  cmocka_unit_test(a_value_too_large_for_its_unit_is_bad),
        cmocka_unit_test(a_column_outside_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
