/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SOURCE_H
#define MTC_SOURCE_H

#include "mtc_likelihood.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Keys that every source may have beside its kind's own: likelihood, table, rows, columns, units, where, ... */
MTC_API extern const mtc_key mtc_source_keys[];

/** What to read a source from; all borrowed as long as the source lives. */
typedef struct {
    const char *name;        /* the user's */
    mtc_pos pos;             /* of the name */
    const mtc_spec *spec;    /* the source's map, already checked against its keys */
    const char *config_file; /* tables are looked for beside it, then from the current directory; NULL: only there */
    const char *kind;        /* "latency/individual", for messages */
    const mtc_role *roles;   /* of the kind; NULL: it reads `rows` itself and takes no table */
} mtc_source_input;

/**
 * Read the rows of one source: `table` with `columns`, `units`, `where`, `missing`, or inline `rows`.
 *
 * out     in the arena; out->course is NULL (the caller sets it); for kinds without roles n_row and n_role are 0
 * path    out: where the table was found; NULL for inline rows
 * hash    out: mtc_hash of the table's bytes; MTC_HASH_INIT for inline rows, which are part of the configuration
 * errors  all mistakes: no such table, column or role ("did you mean"), a missing unit, cells that are no number,
 * missing cells, negative times and sizes, times in days where years are declared, a `where` that leaves nothing; of
 * one column at most 5, then how many more there are Returns MTC_OK; MTC_EDATA or MTC_ECONFIG; MTC_ENOMEM
 */
MTC_API mtc_status mtc_source_read(const mtc_source_input *input, mtc_arena *arena, mtc_source *out, const char **path,
                                   uint64_t *hash, mtc_errlist *errors);

/** Days from 1970-01-01 of a date "1985-03-27" in the Gregorian calendar. False where it is none. */
MTC_API bool mtc_date_days(const char *text, long *days);

#ifdef __cplusplus
}
#endif
#endif
