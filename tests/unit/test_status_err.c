/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a status without text or with a wrong exit code, lost places and hints, overrun of the fixed buffers, an
 * error list that grows without end or fails when memory does. */
#include "mtc_err.h"
#include "mtc_likelihood.h"

#include "test_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_status_has_a_text_and_an_exit_code(void **state)
{
    (void)state;
    for (int i = 0; i < MTC_STATUS_COUNT; i++) {
        assert_true(strlen(mtc_status_text((mtc_status)i)) > 0);
        assert_true((mtc_status_exit_code((mtc_status)i) == 0) == (i == MTC_OK));
    }
    assert_int_equal(mtc_status_exit_code(MTC_EUSAGE), 2);
    assert_int_equal(mtc_status_exit_code(MTC_ECONFIG), 3);
    assert_int_equal(mtc_status_exit_code(MTC_EDATA), 3);
    assert_int_equal(mtc_status_exit_code(MTC_ENOTCONVERGED), 4);
    assert_int_equal(mtc_status_exit_code(MTC_EUNRELIABLE), 5);
    assert_int_equal(mtc_status_exit_code(MTC_ECHECKPOINT), 6);
    assert_int_equal(mtc_status_exit_code(MTC_EIO), 7);
    assert_int_equal(mtc_status_exit_code(MTC_ENAN), 70);
    assert_int_equal(mtc_status_exit_code(MTC_EINTERRUPTED), 130);
    assert_string_equal(mtc_status_text((mtc_status)1000), mtc_status_text(MTC_EBUG));
    assert_int_equal(mtc_status_exit_code((mtc_status)1000), 70);
}

static void every_reason_has_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < MTC_REASON_COUNT; i++) {
        assert_string_not_equal(mtc_reason_text((mtc_reason)i), mtc_reason_text(MTC_REASON_COUNT));
    }
}

static void an_error_says_where_and_what(void **state)
{
    (void)state;
    const mtc_pos pos = {"run.yaml", 14, 9};
    mtc_err err = MTC_ERR_INIT;
    char buf[2048];
    assert_int_equal(mtc_fail_at(&err, MTC_ECONFIG, &pos, "sd must be > 0, got %g", -1.5), MTC_ECONFIG);
    assert_int_equal(err.status, MTC_ECONFIG);
    assert_non_null(strstr(err.src_file, "test_status_err.c"));
    assert_true(err.src_line > 0);
    mtc_err_prefix(&err, "priors.%s", "growth");
    mtc_err_hint(&err, "did you mean %s?", "1.5");
    const size_t n = mtc_err_format(&err, buf, sizeof buf);
    assert_string_equal(buf, "run.yaml:14:9: error: priors.growth: sd must be > 0, got -1.5\nhint: did you mean 1.5?");
    assert_int_equal(n, strlen(buf));
}

static void unknown_places_are_left_out(void **state)
{
    (void)state;
    const mtc_pos no_column = {"cohort.csv", 1507, 0};
    const mtc_pos no_line = {"cohort.csv", 0, 0};
    mtc_err err = MTC_ERR_INIT;
    char buf[256];
    (void)mtc_fail_at(&err, MTC_EDATA, &no_column, "bad");
    (void)mtc_err_format(&err, buf, sizeof buf);
    assert_string_equal(buf, "cohort.csv:1507: error: bad");
    (void)mtc_fail_at(&err, MTC_EDATA, &no_line, "bad");
    (void)mtc_err_format(&err, buf, sizeof buf);
    assert_string_equal(buf, "cohort.csv: error: bad");
    (void)mtc_fail(&err, MTC_EDATA, "%s", "");
    (void)mtc_err_format(&err, buf, sizeof buf);
    assert_string_equal(buf, "error: data wrong");
}

static void a_new_error_replaces_the_old_one(void **state)
{
    (void)state;
    const mtc_pos pos = {"a.yaml", 1, 2};
    mtc_err err = MTC_ERR_INIT;
    (void)mtc_fail_at(&err, MTC_ECONFIG, &pos, "first");
    mtc_err_hint(&err, "hint");
    (void)mtc_fail(&err, MTC_EIO, "second, after %s", err.message); /* an argument inside what is replaced */
    assert_string_equal(err.message, "second, after first");
    assert_string_equal(err.hint, "");
    assert_string_equal(err.file, "");
    assert_int_equal(err.line, 0);
}

static void null_is_allowed(void **state)
{
    (void)state;
    char buf[8] = "x";
    assert_int_equal(mtc_fail(NULL, MTC_EIO, "nobody listens"), MTC_EIO);
    mtc_err_hint(NULL, "x");
    mtc_err_prefix(NULL, "x");
    assert_int_equal(mtc_err_format(NULL, buf, sizeof buf), 0);
    assert_string_equal(buf, "");
    assert_int_equal(mtc_err_format(NULL, NULL, 0), 0);
    assert_int_equal(mtc_errlist_add(NULL, MTC_EIO, NULL, NULL, "x"), MTC_EIO);
    assert_int_equal(mtc_errlist_push(NULL, NULL), MTC_OK);
    mtc_errlist_fini(NULL);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char text[3000];
    char buf[64];
    mtc_err err = MTC_ERR_INIT;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const mtc_pos pos = {text, 1, 1};
    (void)mtc_fail_at(&err, MTC_ECONFIG, &pos, "%s", text);
    mtc_err_hint(&err, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
    assert_int_equal(strlen(err.file), sizeof err.file - 1);
    mtc_err_prefix(&err, "in front");
    assert_memory_equal(err.message, "in front: aaa", 13);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    mtc_err_prefix(&err, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_int_equal(mtc_err_format(&err, buf, sizeof buf), sizeof buf - 1);
    assert_int_equal(strlen(buf), sizeof buf - 1);
    for (size_t size = 1; size < 40; size++) {
        assert_true(mtc_err_format(&err, buf, size) < size);
    }
}

static void a_list_keeps_200_and_counts_all(void **state)
{
    (void)state;
    mtc_errlist list = MTC_ERRLIST_INIT;
    for (long i = 1; i <= 300; i++) {
        const mtc_pos pos = {"a.csv", i, 3};
        assert_int_equal(mtc_errlist_add(&list, MTC_EDATA, &pos, i == 2 ? "try this" : NULL, "row %ld", i), MTC_EDATA);
    }
    assert_int_equal(list.n, 200);
    assert_int_equal(list.n_all, 300);
    assert_string_equal(list.item[0].hint, "");
    assert_string_equal(list.item[1].hint, "try this");
    assert_string_equal(list.item[199].message, "row 200");
    assert_int_equal(list.item[199].line, 200);
    mtc_errlist_fini(&list);
    assert_null(list.item);
    assert_int_equal(list.n + list.n_all + list.capacity, 0);
    mtc_errlist_fini(&list);
}

static void a_list_takes_copies_even_of_its_own(void **state)
{
    (void)state;
    mtc_errlist list = MTC_ERRLIST_INIT;
    mtc_err err = MTC_ERR_INIT;
    (void)mtc_fail(&err, MTC_ECONFIG, "the first");
    assert_int_equal(mtc_errlist_push(&list, &err), MTC_ECONFIG);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(mtc_errlist_push(&list, &list.item[0]), MTC_ECONFIG);
    }
    assert_string_equal(list.item[20].message, "the first");
    mtc_errlist_fini(&list);
}

/* Settings that are read twice are reported once. */
static void a_list_says_nothing_twice_of_one_place(void **state)
{
    (void)state;
    const mtc_pos here = {"fit.yaml", 3, 5}, there = {"fit.yaml", 3, 6};
    mtc_errlist list = MTC_ERRLIST_INIT;
    mtc_err err = MTC_ERR_INIT;
    (void)mtc_fail_at(&err, MTC_ECONFIG, &here, "bad");
    assert_int_equal(mtc_errlist_push(&list, &err), MTC_ECONFIG);
    assert_int_equal(mtc_errlist_push(&list, &err), MTC_ECONFIG);
    assert_int_equal(list.n_all, 1);
    (void)mtc_fail_at(&err, MTC_ECONFIG, &there, "bad");
    (void)mtc_errlist_push(&list, &err);
    (void)mtc_fail_at(&err, MTC_ECONFIG, &there, "worse");
    (void)mtc_errlist_push(&list, &err);
    assert_int_equal(list.n_all, 3);
    mtc_errlist_fini(&list);
}

static void a_list_counts_what_it_has_no_memory_for(void **state)
{
    (void)state;
    mtc_errlist list = MTC_ERRLIST_INIT;
    test_alloc_start(2); /* the first block is given, the next refused */
    for (int i = 0; i < 20; i++) {
        assert_int_equal(mtc_errlist_add(&list, MTC_EDATA, NULL, NULL, "error %d", i), MTC_EDATA);
    }
    assert_true(list.n > 0 && list.n < 20);
    assert_int_equal(list.n_all, 20);
    mtc_errlist_fini(&list);
    assert_int_equal(test_alloc_stop(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_text_and_an_exit_code),
        cmocka_unit_test(every_reason_has_a_text),
        cmocka_unit_test(an_error_says_where_and_what),
        cmocka_unit_test(unknown_places_are_left_out),
        cmocka_unit_test(a_new_error_replaces_the_old_one),
        cmocka_unit_test(null_is_allowed),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(a_list_keeps_200_and_counts_all),
        cmocka_unit_test(a_list_takes_copies_even_of_its_own),
        cmocka_unit_test(a_list_says_nothing_twice_of_one_place),
        cmocka_unit_test(a_list_counts_what_it_has_no_memory_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
