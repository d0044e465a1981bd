/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: misaligned or dirty memory, overlapping requests, overflow of sizes, memory lost after a failure or a
 * rewind, allocation inside a loop that marks and rewinds. */
#include "mtc_arena.h"

#include "test_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define EACH_REQUEST_IS_A_BLOCK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_REQUEST_IS_A_BLOCK 1
#endif
#endif
#ifndef EACH_REQUEST_IS_A_BLOCK
#define EACH_REQUEST_IS_A_BLOCK 0
#endif

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    mtc_arena *a = NULL;
    unsigned char *piece[200];
    assert_int_equal(mtc_arena_create(&a, NULL), MTC_OK);
    for (size_t i = 0; i < 200; i++) {
        const size_t n = (i * 977) % 5003;
        assert_int_equal(mtc_arena_new(a, n, &piece[i], NULL), MTC_OK);
        assert_non_null(piece[i]);
        assert_int_equal((uintptr_t)piece[i] % 64, 0);
        for (size_t j = 0; j < n; j++) {
            assert_int_equal(piece[i][j], 0);
        }
        memset(piece[i], (int)i, n);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t j = 0; j < (i * 977) % 5003; j++) {
            assert_int_equal(piece[i][j], (unsigned char)i);
        }
    }
    mtc_arena_destroy(a);
    mtc_arena_destroy(NULL);
}

static void large_requests_and_overflow(void **state)
{
    (void)state;
    mtc_arena *a = NULL;
    double *x = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_arena_create(&a, NULL), MTC_OK);
    assert_int_equal(mtc_arena_new(a, 1000003, &x, NULL), MTC_OK);
    x[1000002] = 1.0;
    assert_int_equal(mtc_arena_new(a, SIZE_MAX / 4, &x, &err), MTC_ENOMEM);
    assert_null(x);
    assert_int_equal(err.status, MTC_ENOMEM);
    assert_int_equal(mtc_arena_new(a, SIZE_MAX / 8, &x, &err), MTC_ENOMEM);
    assert_int_equal(mtc_arena_new(a, SIZE_MAX / 8 - 7, &x, &err), MTC_ENOMEM);
    assert_int_equal(mtc_arena_new(NULL, 1, &x, &err), MTC_EBUG);
    mtc_arena_destroy(a);
}

static void texts(void **state)
{
    (void)state;
    mtc_arena *a = NULL;
    char *s = NULL;
    assert_int_equal(mtc_arena_create(&a, NULL), MTC_OK);
    assert_int_equal(mtc_arena_strndup(a, "metastasis", 4, &s, NULL), MTC_OK);
    assert_string_equal(s, "meta");
    assert_int_equal(mtc_arena_strndup(a, NULL, 0, &s, NULL), MTC_OK);
    assert_string_equal(s, "");
    assert_int_equal(mtc_arena_strndup(a, "x", SIZE_MAX, &s, NULL), MTC_ENOMEM);
    assert_int_equal(mtc_arena_printf(a, &s, NULL, "%d of %s", 7, "ten"), MTC_OK);
    assert_string_equal(s, "7 of ten");
    mtc_arena_destroy(a);
}

static void rewinding_gives_back_what_came_later(void **state)
{
    (void)state;
    mtc_arena *a = NULL;
    int *kept = NULL;
    int *later = NULL;
    assert_int_equal(mtc_arena_create(&a, NULL), MTC_OK);
    const mtc_mark empty = mtc_arena_mark(a);
    assert_int_equal(mtc_arena_used(a), 0);
    assert_int_equal(mtc_arena_new(a, 10, &kept, NULL), MTC_OK);
    kept[9] = 2385;
    const size_t used = mtc_arena_used(a);
    assert_true(used >= 10 * sizeof *kept);
    const mtc_mark mark = mtc_arena_mark(a);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(mtc_arena_new(a, 10000, &later, NULL), MTC_OK);
        later[0] = 1;
    }
    assert_true(mtc_arena_used(a) >= used + 50 * 10000 * sizeof *later);
    mtc_arena_rewind(a, mark);
    assert_int_equal(mtc_arena_used(a), used);
    assert_int_equal(kept[9], 2385);
    assert_int_equal(mtc_arena_new(a, 10000, &later, NULL), MTC_OK);
    assert_int_equal(later[0], 0); /* zeroed again */
    mtc_arena_rewind(a, empty);
    assert_int_equal(mtc_arena_used(a), 0);
    mtc_arena_rewind(NULL, mtc_arena_mark(NULL));
    mtc_arena_destroy(a);
}

static void a_loop_that_rewinds_allocates_once(void **state)
{
    (void)state;
    mtc_arena *a = NULL;
    double *x = NULL;
    test_alloc_start(0);
    assert_int_equal(mtc_arena_create(&a, NULL), MTC_OK);
    assert_int_equal(mtc_arena_new(a, 8000, &x, NULL), MTC_OK);
    size_t after_first = 0;
    for (int i = 0; i < 100; i++) {
        const mtc_mark mark = mtc_arena_mark(a);
        assert_int_equal(mtc_arena_new(a, 5000, &x, NULL), MTC_OK);
        mtc_arena_rewind(a, mark);
        after_first = i == 0 ? test_alloc_requests() : after_first;
    }
    if (!EACH_REQUEST_IS_A_BLOCK) {
        assert_int_equal(test_alloc_requests(), after_first);
    }
    mtc_arena_destroy(a);
    assert_int_equal(test_alloc_stop(), 0);
}

/* Everything an arena can be asked for; the status of the first failure. */
static mtc_status use_arena(mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_arena *a = NULL;
    char *s = NULL;
    double *x = NULL;
    MTC_TRY(mtc_arena_create(&a, err));
    MTC_TRY(mtc_arena_strndup(a, "abc", 3, &s, err));
    MTC_TRY(mtc_arena_new(a, 20000, &x, err));
    const mtc_mark mark = mtc_arena_mark(a);
    MTC_TRY(mtc_arena_new(a, 50000, &x, err));
    mtc_arena_rewind(a, mark);
    MTC_TRY(mtc_arena_new(a, 90000, &x, err));
    MTC_TRY(mtc_arena_printf(a, &s, err, "%s", "text"));
out:
    mtc_arena_destroy(a);
    return st;
}

static void every_failing_allocation_is_reported_and_loses_nothing(void **state)
{
    (void)state;
    size_t k = 0;
    mtc_status st = MTC_ENOMEM;
    while (st != MTC_OK && k < 100) {
        mtc_err err = MTC_ERR_INIT;
        test_alloc_start(++k);
        st = use_arena(&err);
        assert_int_equal(test_alloc_stop(), 0);
        assert_int_equal(st, err.status);
        assert_true(st == MTC_OK || st == MTC_ENOMEM);
    }
    assert_true(k >= 5 && k < 100);
}

static void plain_allocation(void **state)
{
    (void)state;
    double *x = mtc_calloc(3, sizeof *x);
    assert_non_null(x);
    assert_true(x[2] == 0.0);
    double *y = mtc_realloc(x, 300, sizeof *y);
    assert_non_null(y);
    assert_true(y[2] == 0.0);
    assert_null(mtc_realloc(y, SIZE_MAX / 2, sizeof *y));
    mtc_free(y);
    assert_null(mtc_calloc(SIZE_MAX / 2, 3));
    void *none = mtc_calloc(0, 8);
    assert_non_null(none);
    mtc_free(none);
    mtc_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(large_requests_and_overflow),
        cmocka_unit_test(texts),
        cmocka_unit_test(rewinding_gives_back_what_came_later),
        cmocka_unit_test(a_loop_that_rewinds_allocates_once),
        cmocka_unit_test(every_failing_allocation_is_reported_and_loses_nothing),
        cmocka_unit_test(plain_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
