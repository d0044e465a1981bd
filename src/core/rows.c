/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_likelihood.h"

#include <string.h>

#define ROWS_FIRST 64u

struct mtc_rows {
    mtc_arena *text; /* names and cells */
    const char **column;
    size_t n_col;
    const char **cell; /* n_row x n_col, row-major */
    size_t n_row, capacity;
};

static mtc_status copy_texts(mtc_arena *arena, const char *const *from, size_t n, const char **to, mtc_err *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *s = from[i] ? from[i] : "";
        char *copy = NULL;
        const mtc_status st = mtc_arena_strndup(arena, s, strlen(s), &copy, err);
        if (st != MTC_OK) {
            return st;
        }
        to[i] = copy;
    }
    return MTC_OK;
}

mtc_status mtc_rows_create(const char *const *column, size_t n_col, mtc_rows **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_rows *rows = NULL;

    *out = NULL;
    if (!column || n_col == 0) {
        return mtc_fail(err, MTC_EDOMAIN, "rows without columns");
    }
    rows = mtc_calloc(1, sizeof *rows);
    if (!rows) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory while making rows");
    }
    rows->n_col = n_col;
    MTC_TRY(mtc_arena_create(&rows->text, err));
    MTC_TRY(mtc_arena_new(rows->text, n_col, &rows->column, err));
    MTC_TRY(copy_texts(rows->text, column, n_col, rows->column, err));
out:
    if (st != MTC_OK) {
        mtc_rows_destroy(rows);
        rows = NULL;
    }
    *out = rows;
    return st;
}

void mtc_rows_destroy(mtc_rows *rows)
{
    if (rows) {
        mtc_arena_destroy(rows->text);
        mtc_free(rows->cell);
        mtc_free(rows);
    }
}

static mtc_status rows_grow(mtc_rows *rows, mtc_err *err)
{
    size_t row_bytes = 0;
    if (rows->n_row < rows->capacity) {
        return MTC_OK;
    }
    const size_t capacity = rows->capacity > 0 ? 2 * rows->capacity : ROWS_FIRST;
    const char **cell = NULL;
    if (!__builtin_mul_overflow(rows->n_col, sizeof *cell, &row_bytes)) {
        cell = mtc_realloc(rows->cell, capacity, row_bytes);
    }
    if (!cell) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory after %zu rows", rows->n_row);
    }
    rows->cell = cell;
    rows->capacity = capacity;
    return MTC_OK;
}

mtc_status mtc_rows_add(mtc_rows *rows, const char *const *cell, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_mark mark = mtc_arena_mark(rows->text);

    MTC_TRY(rows_grow(rows, err));
    MTC_TRY(copy_texts(rows->text, cell, rows->n_col, rows->cell + rows->n_row * rows->n_col, err));
    rows->n_row++;
out:
    if (st != MTC_OK) {
        mtc_arena_rewind(rows->text, mark);
    }
    return st;
}

size_t mtc_rows_count(const mtc_rows *rows)
{
    return rows ? rows->n_row : 0;
}

size_t mtc_rows_columns(const mtc_rows *rows)
{
    return rows ? rows->n_col : 0;
}

const char *mtc_rows_column(const mtc_rows *rows, size_t col)
{
    return rows && col < rows->n_col ? rows->column[col] : NULL;
}

const char *mtc_rows_cell(const mtc_rows *rows, size_t row, size_t col)
{
    return rows && row < rows->n_row && col < rows->n_col ? rows->cell[row * rows->n_col + col] : NULL;
}
