/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: what is accepted, what is refused and where it is said to stand. */
#include "mtc_csv.h"

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

static const mtc_table *parse(fixture *f, const char *text)
{
    const mtc_table *table = NULL;
    (void)mtc_csv_parse(text, strlen(text), "d.csv", f->arena, &table, &f->errors);
    return table;
}

static void test_cells_and_lines(void **state)
{
    fixture *const f = *state;
    const mtc_table *const t = parse(f, "a, b ,c\n1,,x\n\n  \n\"two\nlines\",\" q\"\"q \",3\r\n4,5,6");
    assert_non_null(t);
    assert_int_equal(t->n_col, 3);
    assert_int_equal(t->n_row, 3);
    assert_string_equal(t->name[1], "b");
    assert_string_equal(t->cell[1], "");
    assert_string_equal(t->cell[3], "two\nlines");
    assert_string_equal(t->cell[4], "q\"q");
    assert_string_equal(t->cell[5], "3");
    assert_string_equal(t->cell[8], "6");
    assert_int_equal(t->line[0], 2);
    assert_int_equal(t->line[1], 5);
    assert_int_equal(t->line[2], 7);
    assert_string_equal(t->file, "d.csv");
}

static void test_old_line_ends(void **state)
{
    fixture *const f = *state;
    const mtc_table *const t = parse(f, "a,b\r1,2\r3,4\r");
    assert_non_null(t);
    assert_int_equal(t->n_row, 2);
    assert_int_equal(t->line[1], 3);
}

static void test_last_cell_may_be_empty(void **state)
{
    fixture *const f = *state;
    const mtc_table *const t = parse(f, "a,b\n1,\n2,");
    assert_non_null(t);
    assert_int_equal(t->n_row, 2);
    assert_string_equal(t->cell[1], "");
    assert_string_equal(t->cell[3], "");
}

static void test_refusals(void **state)
{
    static const struct {
        const char *text;
        long line, column;
        const char *fragment;
    } c[] = {
        {"", 1, 0, "the table is empty"},
        {"a,b\n", 1, 0, "a header but no rows"},
        {"a,,c\n1,2,3\n", 1, 2, "column 2 has no name"},
        {"\"\"\n1\n", 1, 1, "column 1 has no name"},
        {"a,b,a\n1,2,3\n", 1, 3, "columns 1 and 3 have the same name 'a'"},
        {"a,b\n1,2\n3\n", 3, 0, "this row has 1 cell, the header has 2"},
        {"a,b\n1,2,3\n", 2, 0, "this row has 3 cells, the header has 2"},
        {"a,b\n1,2\n3,\"x\ny\n", 3, 2, "never closed"},
        {"a,b\n1,x\"y\n", 2, 2, "a double quote stands inside a cell"},
        {"a,b\n\"1\"x,2\n", 2, 1, "text follows a closing quote"},
        {"a\tb\n1\t2\n", 1, 1, "separated by tabs"},
        {"a;b\n1;2\n", 1, 1, "separated by ';'"},
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        fixture *const f = *state;
        mtc_errlist_fini(&f->errors);
        assert_null(parse(f, c[i].text));
        assert_true(f->errors.n >= 1);
        const mtc_err *const e = &f->errors.item[0];
        if (!strstr(e->message, c[i].fragment) || e->line != c[i].line || e->column != c[i].column) {
            fail_msg("case %zu: got %ld:%ld %s", i, e->line, e->column, e->message);
        }
        assert_int_equal(e->status, MTC_EDATA);
    }
}

/* R's write.csv puts row names into a first column without a name. */
static void test_row_names_of_r(void **state)
{
    fixture *const f = *state;
    const mtc_table *const t = parse(f, "\"\",\"a\"\n\"1\",5\n\"2\",6\n");
    assert_non_null(t);
    assert_int_equal(f->errors.n_all, 0);
    assert_int_equal(mtc_table_column(t, "a"), 1);
    assert_string_equal(t->cell[3], "6");
}

static void test_many_ragged_rows_are_summed_up(void **state)
{
    fixture *const f = *state;
    char text[2000] = "a,b\n";
    for (int i = 0; i < 50; i++) {
        strcat(text, "1\n");
    }
    assert_null(parse(f, text));
    assert_int_equal(f->errors.n, 21);
    assert_non_null(strstr(f->errors.item[20].message, "30 more rows"));
}

static void write_file(const char *path, const char *bytes, size_t n)
{
    FILE *const out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

static void test_files(void **state)
{
    fixture *const f = *state;
    const mtc_table *t = NULL;
    uint64_t hash = 0, hash_again = 0;
    char path[] = "test_csv_XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *const created = fdopen(fd, "w");
    assert_int_equal(fclose(created), 0);
    write_file(path,
               "\xef\xbb\xbf"
               "a,b\n1,2\n",
               11);
    assert_int_equal(mtc_csv_read(path, f->arena, &t, &hash, &f->errors), MTC_OK);
    assert_string_equal(t->name[0], "a"); /* without the byte order mark */
    write_file(path, "a,b\n1,3\n", 8);
    assert_int_equal(mtc_csv_read(path, f->arena, &t, &hash_again, &f->errors), MTC_OK);
    assert_true(hash != hash_again);
    write_file(path, "a,b\n1,\0\n", 8);
    assert_int_equal(mtc_csv_read(path, f->arena, &t, NULL, &f->errors), MTC_ECONFIG);
    assert_non_null(strstr(f->errors.item[0].message, "NUL byte"));
    assert_int_equal(f->errors.item[0].line, 2);
    assert_int_equal(f->errors.item[0].column, 3);
    write_file(path, "a,b\n1,\xff\n", 8);
    assert_int_equal(mtc_csv_read(path, f->arena, &t, NULL, &f->errors), MTC_ECONFIG);
    assert_non_null(strstr(f->errors.item[1].message, "byte 0xff is not UTF-8"));
    assert_null(t);
    assert_int_equal(remove(path), 0);
    assert_int_equal(mtc_csv_read(path, f->arena, &t, NULL, &f->errors), MTC_ECONFIG);
    assert_non_null(strstr(f->errors.item[2].message, "cannot open"));
    assert_int_equal(mtc_csv_read(".", f->arena, &t, NULL, &f->errors), MTC_ECONFIG); /* a folder */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cells_and_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_old_line_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_last_cell_may_be_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_row_names_of_r, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_ragged_rows_are_summed_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
