/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables that ship: each holds what its schema.yaml says, byte for byte, and SOURCE.md names it. */
#include "mtc_csv.h"
#include "mtc_rng.h"
#include "mtc_text.h"
#include "mtc_unit.h"
#include "mtc_yaml.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOT MTC_SOURCE_DIR "/datasets"

static const char *const datasets[] = {"rotterdam", "tvdt", "klein2009"};
static const char *const schema_keys[] = {"type", "values", "min", "max", "empty", "text"};
static const char *const types[] = {"integer", "number", "word", "text"};

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        if (strcmp(word, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *text_of(const mtc_spec *map, const char *key)
{
    const mtc_spec *node = mtc_spec_find(map, key);
    return node != NULL && node->kind == MTC_SPEC_SCALAR ? node->text : NULL;
}

/* Empty string where the cell fits its column, else what is wrong. */
static const char *cell_fault(const mtc_spec *column, const char *cell)
{
    const char *type = text_of(column, "type");
    const mtc_spec *values = mtc_spec_find(column, "values");
    if (cell[0] == '\0') {
        return text_of(column, "empty") != NULL ? "" : "empty";
    }
    if (strcmp(type, "text") == 0) {
        return "";
    }
    if (strcmp(type, "word") == 0) {
        for (size_t i = 0; values != NULL && i < values->n; ++i) {
            if (strcmp(values->item[i]->text, cell) == 0) {
                return "";
            }
        }
        return values != NULL ? "not one of the values" : strchr(cell, ' ') != NULL ? "no word" : "";
    }
    double x, low = -HUGE_VAL, high = HUGE_VAL;
    if (mtc_number_parse(cell, &x, NULL) != MTC_OK || (strcmp(type, "integer") == 0 && x != floor(x))) {
        return "no number of its type";
    }
    (void)mtc_spec_number(mtc_spec_find(column, "min"), &low, NULL);
    (void)mtc_spec_number(mtc_spec_find(column, "max"), &high, NULL);
    return x >= low && x <= high ? "" : "outside its range";
}

static size_t check_column(const mtc_table *table, size_t c, const mtc_spec *column)
{
    size_t bad = 0;
    assert_non_null(column);
    assert_true(column->kind == MTC_SPEC_MAP && text_of(column, "text") != NULL);
    assert_true(is_one_of(text_of(column, "type"), types, 4));
    for (size_t k = 0; k < column->n; ++k) {
        assert_true(is_one_of(column->key[k], schema_keys, 6));
    }
    for (size_t r = 0; r < table->n_row; ++r) {
        const char *fault = cell_fault(column, table->cell[r * table->n_col + c]);
        if (fault[0] != '\0') {
            print_error("%s:%ld: column '%s': %s: '%s'\n", table->file, table->line[r], table->name[c], fault,
                        table->cell[r * table->n_col + c]);
            ++bad;
        }
    }
    return bad;
}

static size_t check_table(const char *folder, const char *name, const mtc_spec *schema, mtc_arena *arena)
{
    char path[512], hash_text[32];
    mtc_errlist errors = MTC_ERRLIST_INIT;
    const mtc_table *table = NULL;
    uint64_t hash = 0;
    size_t bad = 0, n_row = 0;
    (void)snprintf(path, sizeof path, "%s/%s/%s", ROOT, folder, name);
    assert_int_equal(mtc_csv_read(path, arena, &table, &hash, &errors), MTC_OK);
    assert_int_equal(mtc_spec_count(mtc_spec_find(schema, "rows"), &n_row, NULL), MTC_OK);
    assert_int_equal(table->n_row, n_row);
    (void)snprintf(hash_text, sizeof hash_text, "%016" PRIx64, hash);
    assert_string_equal(text_of(schema, "hash"), hash_text);
    const mtc_spec *columns = mtc_spec_find(schema, "columns");
    assert_true(columns != NULL && columns->kind == MTC_SPEC_MAP);
    assert_int_equal(columns->n, table->n_col);
    for (size_t c = 0; c < table->n_col; ++c) {
        assert_string_equal(columns->key[c], table->name[c]);
        bad += check_column(table, c, columns->item[c]);
    }
    mtc_errlist_fini(&errors);
    return bad;
}

static void tables_follow_their_schema(void **state)
{
    (void)state;
    size_t n_table = 0, bad = 0;
    for (size_t i = 0; i < sizeof datasets / sizeof *datasets; ++i) {
        char path[512];
        mtc_arena *arena = NULL;
        mtc_errlist errors = MTC_ERRLIST_INIT;
        const mtc_spec *schema = NULL;
        mtc_text source = {NULL, 0, 0};
        assert_int_equal(mtc_arena_create(&arena, NULL), MTC_OK);
        (void)snprintf(path, sizeof path, "%s/%s/schema.yaml", ROOT, datasets[i]);
        assert_int_equal(mtc_yaml_read(path, arena, &schema, &errors), MTC_OK);
        (void)snprintf(path, sizeof path, "%s/%s/SOURCE.md", ROOT, datasets[i]);
        assert_int_equal(mtc_text_read(path, 1u << 20, &source, NULL), MTC_OK);
        assert_non_null(text_of(schema, "title"));
        assert_non_null(text_of(schema, "licence"));
        const mtc_spec *tables = mtc_spec_find(schema, "tables");
        assert_true(tables != NULL && tables->kind == MTC_SPEC_MAP && tables->n > 0);
        for (size_t t = 0; t < tables->n; ++t, ++n_table) {
            bad += check_table(datasets[i], tables->key[t], tables->item[t], arena);
            assert_non_null(strstr(source.text, tables->key[t]));
        }
        mtc_text_fini(&source);
        mtc_errlist_fini(&errors);
        mtc_arena_destroy(arena);
    }
    assert_int_equal(n_table, 9);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables_follow_their_schema)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
