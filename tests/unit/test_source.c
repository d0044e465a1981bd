/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the map of a source to columns in inside units: units, filters, missing cells, dates, inline rows, and the place
 * of everything that is wrong. */
#include "mtc_source.h"

#include "mtc_yaml.h"
#include "test_near.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const mtc_role roles[] = {{"time", MTC_DIM_TIME, false, true, false, "time since surgery"},
                                 {"event", MTC_DIM_NONE, false, true, false, "1: event"},
                                 {"censor", MTC_DIM_TIME, false, false, true, "stricter censoring"},
                                 {"size", MTC_DIM_LENGTH, false, false, false, "diameter"},
                                 {"group", MTC_DIM_NONE, true, false, false, "a word"},
                                 {NULL, MTC_DIM_NONE, false, false, false, NULL}};
enum { TIME, EVENT, CENSOR, SIZE, GROUP };

typedef struct {
    mtc_arena *arena;
    mtc_errlist errors;
    char folder[64], config[80], table[80];
    mtc_source source;
    const char *path;
    uint64_t hash;
    const mtc_role *roles;
} fixture;

static int setup(void **state)
{
    fixture *const f = calloc(1, sizeof *f);
    *state = f;
    f->roles = roles;
    strcpy(f->folder, "test_source_XXXXXX");
    if (!mkdtemp(f->folder)) {
        return -1;
    }
    (void)snprintf(f->config, sizeof f->config, "%s/run.yaml", f->folder);
    (void)snprintf(f->table, sizeof f->table, "%s/d.csv", f->folder);
    return mtc_arena_create(&f->arena, NULL) == MTC_OK ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *const f = *state;
    (void)unlink(f->table);
    (void)rmdir(f->folder);
    mtc_arena_destroy(f->arena);
    mtc_errlist_fini(&f->errors);
    free(f);
    return 0;
}

static mtc_status read_source(fixture *f, const char *csv, const char *yaml)
{
    const mtc_spec *spec = NULL;
    mtc_errlist_fini(&f->errors);
    if (csv) {
        FILE *const out = fopen(f->table, "w");
        assert_non_null(out);
        assert_true(fputs(csv, out) >= 0);
        assert_int_equal(fclose(out), 0);
    }
    assert_int_equal(mtc_yaml_parse(yaml, strlen(yaml), f->config, NULL, f->arena, &spec, &f->errors), MTC_OK);
    const mtc_source_input in = {"cohort", spec->pos, spec, f->config, "latency/individual", f->roles};
    return mtc_source_read(&in, f->arena, &f->source, &f->path, &f->hash, &f->errors);
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

static void test_units_come_from_suffixes(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_source(f, "id,t_days,ev,s_cm,c_months,g\n1,365.25,1,2.5,,x\n2,730.5,0,1,6,y\n",
                                 "{table: d.csv, columns: {time: t_days, event: ev, size: s_cm, censor: c_months, "
                                 "group: g}}"),
                     MTC_OK);
    const mtc_source *const s = &f->source;
    assert_int_equal(s->n_row, 2);
    assert_int_equal(s->n_role, 5);
    assert_near(s->number[TIME][1], 2.0, 1e-14);
    assert_near(s->number[SIZE][0], 25.0, 1e-14);
    assert_true(isnan(s->number[CENSOR][0]));
    assert_near(s->number[CENSOR][1], 0.5, 1e-14);
    assert_string_equal(s->text[GROUP][1], "y");
    assert_null(s->number[GROUP]);
    assert_string_equal(s->column_name[TIME], "t_days");
    assert_int_equal(s->column_index[SIZE], 4);
    assert_int_equal(s->row_pos[1].line, 3);
    assert_string_equal(s->row_pos[1].file, f->table);
    assert_string_equal(f->path, f->table);
}

static void test_units_map(void **state)
{
    fixture *const f = *state;
    assert_int_equal(
        read_source(f, "t,e\n365.25,1\n", "{table: d.csv, columns: {time: t, event: e}, units: {time: days}}"), MTC_OK);
    assert_near(f->source.number[TIME][0], 1.0, 1e-14);
    assert_int_equal(read_source(f, NULL, "{table: d.csv, columns: {time: t, event: e}}"), MTC_ECONFIG);
    assert_error(f, 0, 1, 32, "the unit of column 't' (time) is not known");
    assert_error(f, 0, 1, 32, "units: {time: years}");
    assert_int_equal(read_source(f, NULL, "{table: d.csv, columns: {time: t, event: e}, units: {time: mm}}"),
                     MTC_ECONFIG);
    assert_error(f, 0, 1, 60, "'mm' is no unit of 'time'");
}

static void test_names_are_checked(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_source(f, "t_years,ev\n1,1\n",
                                 "{table: d.csv, columns: {time: t_year, event: ev, cens: ev}, units: {tim: days}}"),
                     MTC_ECONFIG);
    assert_int_equal(f->errors.n, 3);
    assert_error(f, 0, 1, 51, "has no role 'cens'");
    assert_error(f, 1, 1, 70, "did you mean 'time'?");
    assert_error(f, 2, 1, 32, "has no column 't_year'\nhint: did you mean 't_years'?");
    assert_int_equal(read_source(f, NULL, "{table: d.csv, columns: {time: t_years}}"), MTC_ECONFIG);
    assert_error(f, 0, 1, 25, "columns must name a column for 'event'");
}

static void test_values_that_cannot_be_right(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_source(f, "t_years,e,s_mm\n-0.5,1,20\n4925,0,30\n1,x,2000\nnan,1,3\n",
                                 "{table: d.csv, columns: {time: t_years, event: e, size: s_mm}}"),
                     MTC_EDATA);
    assert_int_equal(f->errors.n, 5);
    assert_error(f, 0, 5, 1, "column 't_years': 'nan' is not a number");
    assert_error(f, 1, 2, 1, "column 't_years' (time): -0.5 is negative");
    assert_error(f, 2, 3, 1, "declared in years, but 4925 looks like days");
    assert_error(f, 3, 4, 2, "column 'e': 'x' is not a number");
    assert_error(f, 4, 4, 3, "2000 mm is no size of a tumour");
}

static void test_many_bad_cells_are_summed_up(void **state)
{
    fixture *const f = *state;
    char csv[4000] = "t_years,e\n";
    for (int i = 0; i < 300; i++) {
        strcat(csv, "oops,1\n");
    }
    assert_int_equal(read_source(f, csv, "{table: d.csv, columns: {time: t_years, event: e}}"), MTC_EDATA);
    assert_int_equal(f->errors.n, 6);
    assert_non_null(strstr(f->errors.item[5].message, "column 't_years': 295 more such cells"));
}

static void test_missing_cells(void **state)
{
    fixture *const f = *state;
    const char *const csv = "t_years,e,c_years\n1,1,\n,0,2\n3,,1\n4,0,\n";
    assert_int_equal(read_source(f, csv, "{table: d.csv, columns: {time: t_years, event: e, censor: c_years}}"),
                     MTC_EDATA);
    assert_int_equal(f->errors.n, 2);
    assert_error(f, 0, 3, 1, "column 't_years' is empty\nhint: 'missing: drop'");
    assert_error(f, 1, 4, 2, "column 'e' is empty");
    assert_int_equal(
        read_source(f, csv, "{table: d.csv, missing: drop, columns: {time: t_years, event: e, censor: c_years}}"),
        MTC_OK);
    assert_int_equal(f->source.n_row, 2);
    assert_int_equal(f->source.n_dropped, 2);
    assert_true(f->source.drop_missing);
    assert_near(f->source.number[TIME][1], 4.0, 0.0);
    assert_int_equal(f->source.row_pos[1].line, 5);
    assert_int_equal(
        read_source(f, "t_years,e\n,1\n", "{table: d.csv, missing: drop, columns: {time: t_years, event: e}}"),
        MTC_EDATA);
    assert_error(f, 0, 1, 1, "leaves no row");
}

static void test_where(void **state)
{
    static const struct {
        const char *where;
        size_t n;
    } c[] = {{"{nodes: 0}", 3},
             {"{nodes: 0.0, arm: a}", 2},
             {"{nodes: [1, 3]}", 2},
             {"{nodes: {min: 1}}", 2},
             {"{nodes: {min: 0, max: 1}}", 4},
             {"{arm: ~}", 1},
             {"{arm: [b, ~]}", 3},
             {"{}", 5}};
    fixture *const f = *state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        char yaml[200];
        (void)snprintf(yaml, sizeof yaml, "{table: d.csv, columns: {time: t_years, event: e}, where: %s}", c[i].where);
        assert_int_equal(read_source(f, "t_years,e,nodes,arm\n1,1,0,a\n2,1,0,a\n3,1,0,b\n4,1,1,b\n5,0,3,\n", yaml),
                         MTC_OK);
        assert_int_equal(f->source.n_row, c[i].n);
        assert_int_equal(f->source.n_filtered, 5 - c[i].n);
    }
    /* a bad cell in a row that is left out does no harm */
    assert_int_equal(read_source(f, "t_years,e,nodes\nx,1,1\n2,1,0\n",
                                 "{table: d.csv, columns: {time: t_years, event: e}, where: {nodes: 0}}"),
                     MTC_OK);
}

static void test_where_mistakes(void **state)
{
    fixture *const f = *state;
    const char *const csv = "t_years,e,nodes\n1,1,0\n2,1,many\n";
    assert_int_equal(read_source(f, csv, "{table: d.csv, columns: {time: t_years, event: e}, where: {node: 0}}"),
                     MTC_EDATA);
    assert_error(f, 0, 1, 60, "did you mean 'nodes'?");
    assert_int_equal(read_source(f, csv, "{table: d.csv, columns: {time: t_years, event: e}, where: {nodes: 7}}"),
                     MTC_EDATA);
    assert_error(f, 0, 1, 59, "'where' leaves none of the 2 rows");
    assert_int_equal(
        read_source(f, csv, "{table: d.csv, columns: {time: t_years, event: e}, where: {nodes: {mn: 0, max: 3}}}"),
        MTC_EDATA);
    assert_error(f, 0, 1, 68, "unknown key 'mn'");
    assert_int_equal(
        read_source(f, csv, "{table: d.csv, columns: {time: t_years, event: e}, where: {nodes: {min: 0, max: 3}}}"),
        MTC_EDATA);
    assert_error(f, 0, 3, 3, "column 'nodes': 'many' is not a number");
}

static void test_dates(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_source(f, "s,l,e\n1985-03-27,1986-03-27,1\n2000-02-29,2000-03-01,0\n",
                                 "{table: d.csv, columns: {time: {from: s, to: l}, event: e}}"),
                     MTC_OK);
    assert_near(f->source.number[TIME][0], 365.0 / 365.25, 1e-15);
    assert_near(f->source.number[TIME][1], 1.0 / 365.25, 1e-15);
    assert_string_equal(f->source.column_name[TIME], "s..l");
    assert_int_equal(read_source(f, "s,l,e\n1985-03-27,1985-03-26,1\n1999-02-29,2000-01-01,1\n1/2/85,1990-01-01,1\n",
                                 "{table: d.csv, columns: {time: {from: s, to: l}, event: e}}"),
                     MTC_EDATA);
    assert_int_equal(f->errors.n, 3);
    assert_error(f, 0, 2, 2, "1985-03-26 is before 1985-03-27");
    assert_error(f, 1, 3, 1, "'1999-02-29' is no date");
    assert_error(f, 2, 4, 1, "'1/2/85' is no date");
    assert_int_equal(read_source(f, NULL, "{table: d.csv, columns: {time: {from: s, to: l}, event: {from: s, to: l}}}"),
                     MTC_ECONFIG);
    assert_error(f, f->errors.n - 1, 1, 57, "only a time can be given as two dates, not 'event'");
}

static void test_day_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long days;
    } c[] = {
        {"1970-01-01", 0}, {"1969-12-31", -1}, {"2000-03-01", 11017}, {"2024-12-31", 20088}, {"1900-03-01", -25508}};
    long days = 0;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        assert_true(mtc_date_days(c[i].text, &days));
        assert_int_equal(days, c[i].days);
    }
    static const char *const bad[] = {"",           "1985",      "1985-13-01",  "1985-00-10", "1985-04-31",
                                      "1900-02-29", "1985-3-27", "1985-03-27 ", "0000-01-01", "1985/03/27"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(mtc_date_days(bad[i], &days));
    }
}

static void test_inline_rows(void **state)
{
    fixture *const f = *state;
    assert_int_equal(
        read_source(f, NULL, "{rows: [{time: 82 d, event: 1}, {time: 2 y, event: 0, size: 1.2 cm}], missing: drop}"),
        MTC_OK);
    assert_int_equal(f->source.n_row, 1); /* the first lacks its size */
    assert_near(f->source.number[SIZE][0], 12.0, 1e-14);
    assert_null(f->source.number[CENSOR]);
    assert_int_equal(f->source.column_index[TIME], 0);
    assert_int_equal(
        read_source(f, NULL, "{rows: [{time: 82, event: 1}, {tme: 2 y, event: 0}, {time: -2 y, event: 1}]}"),
        MTC_EDATA);
    assert_error(f, 0, 1, 16, "time: ");
    assert_error(f, 1, 1, 32, "has no role 'tme'\nhint: did you mean 'time'?");
    assert_error(f, 2, 1, 60, "time: -2 y is negative");
    assert_int_equal(read_source(f, NULL, "{rows: [{event: 1}]}"), MTC_EDATA);
    assert_error(f, 0, 1, 9, "'time' is missing in this row");
    assert_int_equal(read_source(f, NULL, "{rows: [], where: {a: 1}}"), MTC_ECONFIG);
    assert_error(f, 0, 1, 19, "'where' cannot be used here");
    assert_int_equal(read_source(f, NULL, "{rows: []}"), MTC_EDATA);
    assert_int_equal(read_source(f, NULL, "{source: x}"), MTC_ECONFIG);
    assert_error(f, 0, 1, 1, "source 'cohort' has neither a table nor rows");
}

static void test_kind_that_reads_rows_itself(void **state)
{
    fixture *const f = *state;
    f->roles = NULL;
    assert_int_equal(read_source(f, NULL, "{rows: [{anything: 1}]}"), MTC_OK);
    assert_int_equal(f->source.n_role, 0);
    assert_non_null(f->source.spec);
    assert_int_equal(read_source(f, NULL, "{table: d.csv}"), MTC_ECONFIG);
    assert_error(f, 0, 1, 9, "takes rows, no table");
    assert_error(f, 1, 1, 1, "needs the key 'rows'");
}

static void test_where_tables_are_looked_for(void **state)
{
    fixture *const f = *state;
    char yaml[200];
    assert_int_equal(read_source(f, NULL, "{table: none.csv, columns: {time: t_years}}"), MTC_ECONFIG);
    assert_error(f, 0, 1, 9, "table 'none.csv' not found, neither as 'test_source_");
    /* from the current directory, where it is not beside the configuration */
    (void)snprintf(yaml, sizeof yaml, "{table: %s, columns: {time: t_years, event: e}}", f->table);
    assert_int_equal(read_source(f, "t_years,e\n1,1\n", yaml), MTC_OK);
    assert_string_equal(f->path, f->table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_units_come_from_suffixes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_units_map, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_are_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_values_that_cannot_be_right, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_bad_cells_are_summed_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(test_where, setup, teardown),
        cmocka_unit_test_setup_teardown(test_where_mistakes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dates, setup, teardown),
        cmocka_unit_test(test_day_numbers),
        cmocka_unit_test_setup_teardown(test_inline_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kind_that_reads_rows_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(test_where_tables_are_looked_for, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
