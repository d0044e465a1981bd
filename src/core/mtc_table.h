/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TABLE_H
#define MTC_TABLE_H

#include "mtc_arena.h"
#include "mtc_err.h"
#include "mtc_unit.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Read-only view of a table of text cells with the place of each row; filled by data. */
typedef struct {
    const char *file; /* as the user wrote it */
    size_t n_row, n_col;
    const char *const *name; /* n_col column names */
    const char *const *cell; /* n_row x n_col, row-major; "" is a missing cell; blanks at both ends removed */
    const long *line;        /* n_row: line of the file in which the row begins, from 1 */
} mtc_table;

/** Index of a column, or -1. */
MTC_API long mtc_table_column(const mtc_table *table, const char *name);

/**
 * A column as numbers in the inside unit. A missing cell is NaN. Every bad cell is reported with file, line and column
 * number, name of the column and the text; MTC_EDATA if there was one.
 * unit  unit the column is in
 * out   n_row values
 */
MTC_API mtc_status mtc_table_numbers(const mtc_table *table, size_t column, mtc_unit unit, double *out,
                                     mtc_errlist *errors);

#ifdef __cplusplus
}
#endif
#endif
