/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SOURCE_INTERNAL_H
#define MTC_SOURCE_INTERNAL_H

#include "mtc_source.h"

/** A source while it is read. Columns are made for all roles; a role that is not mapped has neither number nor text. */
typedef struct {
    const mtc_source_input *in;
    mtc_arena *arena;
    mtc_errlist *errors;
    const mtc_table *table; /* rows that `where` kept; NULL for inline rows */
    size_t n_row, n_role;
    double **number;    /* [role][row] inside unit, NaN where empty */
    const char ***text; /* [role][row], "" where empty */
    const char **name;  /* [role] column */
    long *index;        /* [role] of the file from 1 */
    mtc_pos *row_pos;   /* [row] */
    size_t n_filtered;
} mtc_source_build;

/** Report "<who> '<word>'" with the nearest of the names, or all of them, as the hint. */
mtc_status mtc_source_unknown(mtc_errlist *errors, const mtc_pos *pos, const char *who, const char *word,
                              const char *const *name, size_t n);

/** Move the errors of one column over: the first 5 and then their number. */
mtc_status mtc_source_push_some(mtc_errlist *errors, const mtc_errlist *of_column, const char *column);

/** Column of a table by its name, -1 and an error at pos where there is none. */
long mtc_source_column(const mtc_table *table, const char *name, const mtc_pos *pos, mtc_errlist *errors);

/** The table's rows that a `where:` map keeps. */
mtc_status mtc_source_where(const mtc_table *table, const mtc_spec *where, mtc_arena *arena, const mtc_table **out,
                            mtc_errlist *errors);

/** Fill the columns of a build from its table by `columns:` and `units:`. */
mtc_status mtc_source_bind(mtc_source_build *b);

/** Fill the columns of a build from inline `rows:`. */
mtc_status mtc_source_inline(mtc_source_build *b, const mtc_spec *rows);

/** Index of a role, or -1. */
long mtc_source_role(const mtc_source_build *b, const char *name);

/** Report a role that is not there, at pos. */
mtc_status mtc_source_unknown_role(const mtc_source_build *b, const mtc_pos *pos, const char *word);

#endif
