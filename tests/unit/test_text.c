/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text files: what is UTF-8 and what is not (RFC 3629), where the first bad byte stands, limits. */
#include "mtc_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_good_text(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "plain",
                                       "caf\xc3\xa9",
                                       "\xe2\x82\xac",
                                       "\xf0\x9f\x99\x82",
                                       "\xed\x9f\xbf\xee\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xc2\x80\xdf\xbf\xe0\xa0\x80"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(mtc_text_check(good[i], strlen(good[i]), "f", NULL), MTC_OK);
    }
}

static void test_bad_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xff",
                                      "\xc3",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xe0\x80\xaf",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "\xe2\x28\xa1"};
    mtc_err err = MTC_ERR_INIT;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(mtc_text_check(bad[i], strlen(bad[i]), "f", &err), MTC_ECONFIG);
        assert_int_equal(err.line, 1);
        assert_int_equal(err.column, 1);
    }
}

static void test_place_counts_characters(void **state)
{
    (void)state;
    mtc_err err = MTC_ERR_INIT;
    const char text[] = "one\ncaf\xc3\xa9 \xff";
    assert_int_equal(mtc_text_check(text, sizeof text - 1, "f.csv", &err), MTC_ECONFIG);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 6);
    assert_string_equal(err.file, "f.csv");
    assert_non_null(strstr(err.message, "0xff"));
    assert_int_equal(mtc_text_check("a\0b", 3, "f", &err), MTC_ECONFIG);
    assert_non_null(strstr(err.message, "NUL"));
    assert_int_equal(err.column, 2);
    assert_int_equal(mtc_text_check(NULL, 0, "f", &err), MTC_EDOMAIN);
}

static void test_files(void **state)
{
    (void)state;
    char path[] = "test_text_XXXXXX";
    mtc_text text;
    mtc_err err = MTC_ERR_INIT;
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *const out = fdopen(fd, "wb");
    assert_true(fputs("\xef\xbb\xbf"
                      "abc\n",
                      out) >= 0);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(fputc('x', out), 'x');
    }
    assert_int_equal(fclose(out), 0);
    assert_int_equal(mtc_text_read(path, 1000000, &text, &err), MTC_OK);
    assert_int_equal(text.n, 100004);
    assert_memory_equal(text.text, "abc\nx", 5);
    assert_int_equal(text.text[text.n], '\0');
    assert_true(text.hash != 0);
    mtc_text_fini(&text);
    assert_null(text.text);
    assert_int_equal(mtc_text_read(path, 100006, &text, &err), MTC_ECONFIG); /* one byte too many */
    assert_non_null(strstr(err.message, "larger than the limit"));
    assert_null(text.text);
    assert_int_equal(mtc_text_read(path, 100007, &text, &err), MTC_OK);
    mtc_text_fini(&text);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mtc_text_read(path, 1000, &text, &err), MTC_ECONFIG);
    assert_int_equal(mtc_text_read(".", 1000, &text, &err), MTC_ECONFIG);
    assert_int_equal(mtc_text_read("/dev/zero", 1000, &text, &err), MTC_ECONFIG); /* bounded, though it never ends */
    assert_int_equal(mtc_text_read(NULL, 1000, &text, &err), MTC_EDOMAIN);
    mtc_text_fini(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_text),
        cmocka_unit_test(test_bad_text),
        cmocka_unit_test(test_place_counts_characters),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
