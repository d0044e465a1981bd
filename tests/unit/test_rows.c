/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: cells mixed up between rows when the table grows, borrowed text, memory lost or rows half added on failure.
 */
#include "mtc_likelihood.h"

#include "test_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

static const char *const names[] = {"time_years", "event", "diameter_mm"};

static mtc_status fill(mtc_rows **rows, size_t n, mtc_err *err)
{
    mtc_status st = mtc_rows_create(names, 3, rows, err);
    for (size_t i = 0; st == MTC_OK && i < n; i++) {
        char time[32];
        char size[32];
        (void)snprintf(time, sizeof time, "%zu.25", i);
        (void)snprintf(size, sizeof size, "%zu", 3 * i);
        const char *const cell[] = {time, i % 2 ? "1" : NULL, size};
        st = mtc_rows_add(*rows, cell, err);
    }
    return st;
}

static void rows_come_back_as_given(void **state)
{
    (void)state;
    mtc_rows *rows = NULL;
    assert_int_equal(fill(&rows, 1000, NULL), MTC_OK);
    assert_int_equal(mtc_rows_count(rows), 1000);
    assert_int_equal(mtc_rows_columns(rows), 3);
    assert_string_equal(mtc_rows_column(rows, 2), "diameter_mm");
    assert_string_equal(mtc_rows_cell(rows, 0, 1), "");
    assert_string_equal(mtc_rows_cell(rows, 63, 0), "63.25");
    assert_string_equal(mtc_rows_cell(rows, 64, 2), "192");
    assert_string_equal(mtc_rows_cell(rows, 999, 1), "1");
    mtc_rows_destroy(rows);
}

static void places_outside_are_null(void **state)
{
    (void)state;
    mtc_rows *rows = NULL;
    assert_int_equal(fill(&rows, 2, NULL), MTC_OK);
    assert_null(mtc_rows_cell(rows, 2, 0));
    assert_null(mtc_rows_cell(rows, 0, 3));
    assert_null(mtc_rows_column(rows, 3));
    assert_int_equal(mtc_rows_count(NULL) + mtc_rows_columns(NULL), 0);
    assert_null(mtc_rows_cell(NULL, 0, 0));
    mtc_rows_destroy(rows);
    mtc_rows_destroy(NULL);
    assert_int_equal(mtc_rows_create(names, 0, &rows, NULL), MTC_EDOMAIN);
    assert_int_equal(mtc_rows_create(NULL, 1, &rows, NULL), MTC_EDOMAIN);
}

static void every_failing_allocation_is_reported_and_loses_nothing(void **state)
{
    (void)state;
    size_t k = 0;
    mtc_status st = MTC_ENOMEM;
    while (st != MTC_OK && k < 1000) {
        mtc_err err = MTC_ERR_INIT;
        mtc_rows *rows = NULL;
        test_alloc_start(++k);
        st = fill(&rows, 100, &err);
        assert_int_equal(st, err.status);
        assert_true(st == MTC_OK || st == MTC_ENOMEM);
        assert_true(mtc_rows_count(rows) <= 100);
        mtc_rows_destroy(rows);
        assert_int_equal(test_alloc_stop(), 0);
    }
    assert_true(k >= 4 && k < 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_as_given),
        cmocka_unit_test(places_outside_are_null),
        cmocka_unit_test(every_failing_allocation_is_reported_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
