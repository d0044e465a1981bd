/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source_internal.h"

#include <math.h>
#include <string.h>

/* One entry of `where:` */
typedef struct {
    size_t column;
    const mtc_spec *accepted; /* scalar, null or list of them; NULL: a range */
    double lower, upper;      /* inclusive */
} filter;

static const mtc_key range_keys[] = {
    {"min", MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, -INFINITY, INFINITY, NULL, false, NULL, "smallest value kept"},
    {"max", MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, -INFINITY, INFINITY, NULL, false, NULL, "largest value kept"},
    {NULL, MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

static mtc_status read_range(const mtc_spec *node, filter *f, mtc_errlist *errors)
{
    mtc_status st = MTC_OK;
    const mtc_spec *const lower = mtc_spec_find(node, "min");
    const mtc_spec *const upper = mtc_spec_find(node, "max");
    f->lower = -INFINITY;
    f->upper = INFINITY;
    MTC_TRY(mtc_spec_check(node, range_keys, NULL, errors));
    if (lower) {
        MTC_TRY(mtc_spec_number(lower, &f->lower, NULL));
    }
    if (upper) {
        MTC_TRY(mtc_spec_number(upper, &f->upper, NULL));
    }
    if (node->n == 0 || f->lower > f->upper) {
        st = mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, "for example {min: 40, max: 60}",
                             "this range of a filter holds no value");
    }
out:
    return st;
}

static mtc_status read_filter(const mtc_table *table, const mtc_spec *where, size_t i, filter *f, mtc_errlist *errors)
{
    const mtc_spec *const node = where->item[i];
    const long column = mtc_source_column(table, where->key[i], &where->key_pos[i], errors);
    *f = (filter){0, NULL, 0.0, 0.0};
    if (column < 0) {
        return MTC_ECONFIG;
    }
    f->column = (size_t)column;
    if (node->kind == MTC_SPEC_MAP) {
        return read_range(node, f, errors);
    }
    for (size_t k = 0; node->kind == MTC_SPEC_LIST && k < node->n; k++) {
        if (node->item[k]->kind != MTC_SPEC_SCALAR && node->item[k]->kind != MTC_SPEC_NULL) {
            return mtc_errlist_add(errors, MTC_ECONFIG, &node->item[k]->pos, NULL, "a plain value is needed here");
        }
    }
    f->accepted = node;
    return MTC_OK;
}

/* Numbers are equal as numbers (0 and 0.0), everything else as text; null is the empty cell. */
static bool equals(const char *cell, const mtc_spec *value)
{
    double a = 0.0, b = 0.0;
    if (value->kind == MTC_SPEC_NULL) {
        return cell[0] == '\0';
    }
    if (strcmp(cell, value->text) == 0) {
        return true;
    }
    return mtc_number_parse(cell, &a, NULL) == MTC_OK && mtc_number_parse(value->text, &b, NULL) == MTC_OK && a == b;
}

static bool accepts(const filter *f, const char *cell)
{
    if (f->accepted->kind != MTC_SPEC_LIST) {
        return equals(cell, f->accepted);
    }
    for (size_t i = 0; i < f->accepted->n; i++) {
        if (equals(cell, f->accepted->item[i])) {
            return true;
        }
    }
    return false;
}

static bool in_range(const mtc_table *table, size_t row, const filter *f, mtc_errlist *errors)
{
    double value = 0.0;
    const char *const cell = table->cell[row * table->n_col + f->column];
    if (cell[0] == '\0') {
        return false;
    }
    if (mtc_number_parse(cell, &value, NULL) != MTC_OK) {
        const mtc_pos pos = {table->file, table->line[row], (long)f->column + 1};
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, NULL,
                              "column '%s': '%.80s' is not a number, which its filter needs", table->name[f->column],
                              cell);
        return false;
    }
    return value >= f->lower && value <= f->upper;
}

/* Rows of a table that are marked. */
static mtc_status select_rows(const mtc_table *table, const bool *keep, mtc_arena *arena, const mtc_table **out,
                              mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_table *view = NULL;
    const char **cell = NULL;
    long *line = NULL;
    size_t n = 0;
    for (size_t row = 0; row < table->n_row; row++) {
        n += keep[row] ? 1 : 0;
    }
    MTC_TRY(mtc_arena_new(arena, 1, &view, err));
    MTC_TRY(mtc_arena_new(arena, n * table->n_col, &cell, err));
    MTC_TRY(mtc_arena_new(arena, n, &line, err));
    n = 0;
    for (size_t row = 0; row < table->n_row; row++) {
        if (keep[row]) {
            memcpy(cell + n * table->n_col, table->cell + row * table->n_col, table->n_col * sizeof *cell);
            line[n++] = table->line[row];
        }
    }
    *view = (mtc_table){table->file, n, table->n_col, table->name, cell, line};
    *out = view;
out:
    return st;
}

static mtc_status apply(const mtc_table *table, const filter *f, bool *keep, mtc_errlist *errors)
{
    mtc_errlist of_column = MTC_ERRLIST_INIT;
    for (size_t row = 0; row < table->n_row; row++) {
        if (keep[row]) {
            keep[row] = f->accepted ? accepts(f, table->cell[row * table->n_col + f->column])
                                    : in_range(table, row, f, &of_column);
        }
    }
    const mtc_status st = mtc_source_push_some(errors, &of_column, table->name[f->column]);
    mtc_errlist_fini(&of_column);
    return st;
}

mtc_status mtc_source_where(const mtc_table *table, const mtc_spec *where, mtc_arena *arena, const mtc_table **out,
                            mtc_errlist *errors)
{
    mtc_status st = MTC_OK;
    mtc_err err = MTC_ERR_INIT;
    bool *keep = NULL;
    bool failed = false;
    MTC_TRY(mtc_arena_new(arena, table->n_row, &keep, &err));
    memset(keep, true, table->n_row * sizeof *keep);
    for (size_t i = 0; i < where->n; i++) {
        filter f;
        failed =
            read_filter(table, where, i, &f, errors) != MTC_OK || apply(table, &f, keep, errors) != MTC_OK || failed;
    }
    if (failed) {
        return MTC_EDATA;
    }
    MTC_TRY(select_rows(table, keep, arena, out, &err));
    if ((*out)->n_row == 0) {
        st = mtc_errlist_add(errors, MTC_EDATA, &where->pos, NULL, "'where' leaves none of the %zu rows of '%s'",
                             table->n_row, table->file);
    }
out:
    if (err.status != MTC_OK) {
        (void)mtc_errlist_push(errors, &err);
    }
    return st;
}
