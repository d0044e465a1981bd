/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_table.h"

#include <math.h>
#include <string.h>
#include <strings.h>

long mtc_table_column(const mtc_table *table, const char *name)
{
    for (size_t i = 0; table && name && i < table->n_col; i++) {
        if (strcmp(table->name[i], name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

/* What people write for a missing value in other programs. */
static int looks_missing(const char *cell)
{
    static const char *const words[] = {"NA", "N/A", "NaN", "null", "none", ".", "-", "?"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(cell, words[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

mtc_status mtc_table_numbers(const mtc_table *table, size_t column, mtc_unit unit, double *out, mtc_errlist *errors)
{
    mtc_status st = MTC_OK;
    const double factor = mtc_unit_factor(unit);

    if (!table || column >= table->n_col) {
        return mtc_errlist_add(errors, MTC_ESIZE, NULL, NULL, "column %zu of a table that has %zu", column,
                               table ? table->n_col : (size_t)0);
    }
    for (size_t row = 0; row < table->n_row; row++) {
        const char *cell = table->cell[row * table->n_col + column];
        mtc_err err = MTC_ERR_INIT;
        double value = 0.0;
        out[row] = NAN;
        if (cell[0] == '\0') {
            continue;
        }
        if (mtc_number_parse(cell, &value, &err) == MTC_OK && isfinite(value * factor)) {
            out[row] = value * factor;
            continue;
        }
        const mtc_pos pos = {table->file, table->line[row], (long)column + 1};
        st = mtc_errlist_add(errors, MTC_EDATA, &pos,
                             looks_missing(cell) ? "leave the cell of a missing value empty" : NULL,
                             "column '%s': '%.80s' is not a number", table->name[column], cell);
    }
    return st;
}
