/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing YAML: positions, limits, what is refused, and that writing then reading gives the same tree. */
#include "mtc_spec_edit.h"
#include "mtc_yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    mtc_arena *arena;
    mtc_errlist errors;
} fixture;

static int setup(void **state)
{
    fixture *const f = calloc(1, sizeof *f);
    *state = f;
    return mtc_arena_create(&f->arena, NULL) == MTC_OK ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *const f = *state;
    mtc_arena_destroy(f->arena);
    mtc_errlist_fini(&f->errors);
    free(f);
    return 0;
}

static const mtc_spec *parse(fixture *f, const char *text)
{
    const mtc_spec *root = NULL;
    (void)mtc_yaml_parse(text, strlen(text), "run.yaml", NULL, f->arena, &root, &f->errors);
    return root;
}

static void assert_error(const fixture *f, size_t i, long line, long column, const char *fragment)
{
    char text[2048] = "no such error";
    if (i < f->errors.n) {
        (void)mtc_err_format(&f->errors.item[i], text, sizeof text);
    }
    if (i >= f->errors.n || !strstr(text, fragment) || f->errors.item[i].line != line ||
        f->errors.item[i].column != column) {
        fail_msg("expected %ld:%ld '%s', got: %s", line, column, fragment, text);
    }
}

static void test_positions_count_from_one(void **state)
{
    fixture *const f = *state;
    const mtc_spec *const root = parse(f, "title: \xce\xb4 run\ndata:\n  a: [1, \"two\", ~]\n  b: {k: 82 d}\nlast:\n");
    assert_non_null(root);
    assert_int_equal(root->kind, MTC_SPEC_MAP);
    assert_int_equal(root->n, 3);
    const mtc_spec *const data = mtc_spec_find(root, "data");
    assert_int_equal(root->key_pos[1].line, 2);
    assert_int_equal(root->key_pos[1].column, 1);
    const mtc_spec *const list = mtc_spec_find(data, "a");
    assert_int_equal(list->kind, MTC_SPEC_LIST);
    assert_int_equal(list->item[1]->pos.line, 3);
    assert_int_equal(list->item[1]->pos.column, 10);
    assert_string_equal(list->item[1]->text, "two");
    assert_int_equal(list->item[2]->kind, MTC_SPEC_NULL);
    const mtc_spec *const k = mtc_spec_find(mtc_spec_find(data, "b"), "k");
    assert_string_equal(k->text, "82 d");
    assert_int_equal(k->pos.column, 10);
    assert_string_equal(k->pos.file, "run.yaml");
    assert_int_equal(mtc_spec_find(root, "last")->kind, MTC_SPEC_NULL);
}

static void test_scalars_stay_text(void **state)
{
    fixture *const f = *state;
    const mtc_spec *const root = parse(f, "{a: no, b: 1e5, c: 08, d: '', e: 'null', f: 1:30}");
    assert_string_equal(mtc_spec_find(root, "a")->text, "no");
    assert_string_equal(mtc_spec_find(root, "b")->text, "1e5");
    assert_string_equal(mtc_spec_find(root, "c")->text, "08");
    assert_string_equal(mtc_spec_find(root, "d")->text, "");
    assert_string_equal(mtc_spec_find(root, "e")->text, "null");
    assert_string_equal(mtc_spec_find(root, "f")->text, "1:30");
}

static void test_windows_line_ends(void **state)
{
    fixture *const f = *state;
    const mtc_spec *const root = parse(f, "a: 1\r\nb:\r\n  c: 2\r\n");
    assert_non_null(root);
    assert_string_equal(mtc_spec_find(mtc_spec_find(root, "b"), "c")->text, "2");
    assert_int_equal(mtc_spec_find(mtc_spec_find(root, "b"), "c")->pos.line, 3);
}

static void test_all_refusals_are_collected(void **state)
{
    fixture *const f = *state;
    assert_null(parse(f, "a: &x 1\nb: *x\nc: !!int 3\na: 2\n"));
    assert_int_equal(f->errors.n, 4);
    assert_error(f, 0, 1, 4, "anchor 'x'");
    assert_error(f, 1, 2, 4, "alias 'x'");
    assert_error(f, 2, 3, 4, "tag");
    assert_error(f, 3, 4, 1, "'a' stands twice in this map, first in line 1");
}

static void test_duplicates_are_found_in_each_map(void **state)
{
    fixture *const f = *state;
    assert_null(parse(f, "m: {b: 1, a: 1, b: 2, a: 3, b: 4}\n"));
    assert_int_equal(f->errors.n, 3);
    assert_error(f, 0, 1, 23, "'a' stands twice");
    assert_error(f, 1, 1, 17, "'b' stands twice");
    assert_error(f, 2, 1, 29, "'b' stands twice");
}

static void test_second_document(void **state)
{
    fixture *const f = *state;
    assert_null(parse(f, "a: 1\n---\nb: 2\n"));
    assert_error(f, 0, 2, 1, "a second document begins here");
}

static void test_syntax_errors_have_places_and_hints(void **state)
{
    static const struct {
        const char *text;
        long line, column;
        const char *fragment;
    } c[] = {
        {"a: 1\nb:\n\tc: 2\n", 3, 1, "YAML does not allow tabs for indentation"},
        {"a: b: c\n", 1, 5, "put text that holds ': ' into quotes"},
        {"a: [1, 2\nb: 3\n", 2, 2, "bracket opened by '[' or '{' is not closed"},
        {"a: 'open\n", 2, 1, "unexpected end of stream"},
        {"? [x]\n: 1\n", 1, 3, "a key must be a plain word"},
        {"a: 1\n : 2\n", 2, 2, "check the indentation"},
        {"a: \x01\n", 1, 4, "control characters are not allowed"},
        {"'': 1\n", 1, 1, "a key must not be empty"},
        {"a: \"x\\0y\"\n", 1, 4, "NUL"},
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        fixture *const f = *state;
        mtc_errlist_fini(&f->errors);
        assert_null(parse(f, c[i].text));
        assert_error(f, 0, c[i].line, c[i].column, c[i].fragment);
    }
}

/* The 65th level is refused at its bracket; 64 are fine. */
static void test_depth_is_limited_early(void **state)
{
    fixture *const f = *state;
    enum { BOMB = 1000000 };
    char *const text = malloc(BOMB + 1);
    memset(text, '[', BOMB);
    text[BOMB] = '\0';
    assert_null(parse(f, text)); /* 29 s at 1e5 levels if left to libyaml */
    assert_error(f, 0, 1, 65, "nested deeper than 64 levels");
    mtc_errlist_fini(&f->errors);
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    text[128] = '\0';
    assert_non_null(parse(f, text));
    assert_int_equal(f->errors.n, 0);
    free(text);
}

static void test_number_of_values_is_limited(void **state)
{
    fixture *const f = *state;
    const size_t n = 2 * (MTC_YAML_MAX_NODES + 10);
    char *const text = malloc(n + 3);
    text[0] = '[';
    for (size_t i = 1; i <= n; i++) {
        text[i] = i % 2 ? '1' : ',';
    }
    memcpy(text + n + 1, "]", 2);
    assert_null(parse(f, text));
    assert_non_null(strstr(f->errors.item[0].message, "more than the limit of 200000 values"));
    free(text);
}

static void test_origin_shifts_the_first_line_only(void **state)
{
    fixture *const f = *state;
    const mtc_pos origin = {NULL, 1, 21};
    const mtc_spec *root = NULL;
    assert_int_equal(mtc_yaml_parse("{a: 1,\nb: 2}", 12, "--set", &origin, f->arena, &root, &f->errors), MTC_OK);
    assert_int_equal(root->item[0]->pos.column, 25);
    assert_int_equal(root->item[1]->pos.column, 4);
    assert_int_equal(root->item[1]->pos.line, 2);
}

static void test_empty_text_is_null(void **state)
{
    fixture *const f = *state;
    const mtc_spec *const root = parse(f, "# nothing\n");
    assert_non_null(root);
    assert_int_equal(root->kind, MTC_SPEC_NULL);
}

static void test_missing_file(void **state)
{
    fixture *const f = *state;
    const mtc_spec *root = NULL;
    assert_int_equal(mtc_yaml_read("/nowhere/run.yaml", f->arena, &root, &f->errors), MTC_ECONFIG);
    assert_null(root);
    assert_non_null(strstr(f->errors.item[0].message, "cannot open '/nowhere/run.yaml'"));
}

static void round_trip(fixture *f, const char *text)
{
    const mtc_spec *const first = parse(f, text);
    char *written = NULL;
    assert_non_null(first);
    assert_int_equal(mtc_yaml_text(first, f->arena, &written, NULL), MTC_OK);
    const mtc_spec *const second = parse(f, written);
    assert_int_equal(f->errors.n, 0);
    if (!mtc_spec_equal(first, second)) {
        fail_msg("the tree changed:\n%s\n->\n%s", text, written);
    }
    char *again = NULL;
    assert_int_equal(mtc_yaml_text(second, f->arena, &again, NULL), MTC_OK);
    assert_string_equal(written, again);
}

static void test_written_text_reads_as_the_same_tree(void **state)
{
    fixture *const f = *state;
    round_trip(f, "a: 1\nb: [x, y, {z: 1}]\n");
    round_trip(
        f,
        "odd: ['', '~', 'null', ' lead', 'trail ', 'a: b', 'a #b', '#c', '- d', '? e', '[f', '{g', '&h', '*i',"
        " '!j', '%k', '@l', '`m', 'n,o', \"two\\nlines\", \"tab\\there\", 'q\"r', \"s't\", ':', '-', '--- ', '...']\n");
    round_trip(f, "title: \"Rotterdam \xce\xb4 \xe2\x80\x93 caf\xc3\xa9\"\nempty: {}\nnone: []\nnull_value: ~\n");
    round_trip(f,
               "models: {linear: {priors: {seeding_diameter: {lognormal: {median: 15 mm, log_sd: 0.4, lower: 10 mm}},"
               " seeding_exponent: {normal: {mean: 1, sd: 0.5, lower: 0}}}}}\n");
    round_trip(f, "deep: [[[[[[1]]]]]]\n\"odd key: with # signs\": 1\n");
    char list[4096] = "long: [";
    for (int i = 0; i < 100; i++) {
        strcat(list, "number one hundred, ");
    }
    strcat(list, "end]\n");
    round_trip(f, list);
}

static void test_short_maps_are_written_on_one_line(void **state)
{
    fixture *const f = *state;
    char *written = NULL;
    const mtc_spec *const root =
        parse(f, "models:\n  linear:\n    priors:\n      seeding_width:\n        lognormal:\n          median: 0.2\n");
    assert_int_equal(mtc_yaml_text(root, f->arena, &written, NULL), MTC_OK);
    assert_string_equal(written, "models:\n  linear: {priors: {seeding_width: {lognormal: {median: 0.2}}}}\n");
}

static void test_arguments(void **state)
{
    fixture *const f = *state;
    const mtc_spec *root = NULL;
    char *text = NULL;
    assert_int_equal(mtc_yaml_parse(NULL, 0, "x", NULL, f->arena, &root, &f->errors), MTC_EDOMAIN);
    assert_int_equal(mtc_yaml_text(NULL, f->arena, &text, NULL), MTC_EDOMAIN);
}

/* Allocation number k fails, for k = 1, 2, ... until everything succeeds: a status each time, and no leak (sanitizer).
 */
static long allocations_left;

static void *failing_malloc(size_t n)
{
    return allocations_left-- > 0 ? malloc(n) : NULL;
}

static void *failing_realloc(void *p, size_t n)
{
    return allocations_left-- > 0 ? realloc(p, n) : NULL;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    static const mtc_allocator failing = {failing_malloc, failing_realloc, free};
    const char *const text = "a: {b: [1, 2, 3], c: {d: e}}\nf: [[g]]\n";
    long k = 0;
    for (bool done = false; !done; k++) {
        mtc_arena *arena = NULL;
        mtc_errlist errors = MTC_ERRLIST_INIT;
        const mtc_spec *root = NULL;
        char *written = NULL;
        allocations_left = k;
        mtc_allocator_set(&failing);
        mtc_status st = mtc_arena_create(&arena, NULL);
        if (st == MTC_OK) {
            st = mtc_yaml_parse(text, strlen(text), "run.yaml", NULL, arena, &root, &errors);
        }
        if (st == MTC_OK) {
            st = mtc_yaml_text(root, arena, &written, NULL);
        }
        mtc_errlist_fini(&errors);
        mtc_arena_destroy(arena);
        mtc_allocator_set(NULL);
        done = st == MTC_OK;
        assert_true(done || st == MTC_ENOMEM);
        assert_true(k < 1000);
    }
    assert_true(k > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_positions_count_from_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scalars_stay_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_windows_line_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_refusals_are_collected, setup, teardown),
        cmocka_unit_test_setup_teardown(test_duplicates_are_found_in_each_map, setup, teardown),
        cmocka_unit_test_setup_teardown(test_second_document, setup, teardown),
        cmocka_unit_test_setup_teardown(test_syntax_errors_have_places_and_hints, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth_is_limited_early, setup, teardown),
        cmocka_unit_test_setup_teardown(test_number_of_values_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_origin_shifts_the_first_line_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_text_is_null, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_written_text_reads_as_the_same_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(test_short_maps_are_written_on_one_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
