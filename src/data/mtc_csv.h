/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_CSV_H
#define MTC_CSV_H

#include "mtc_table.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Limits of a table, so that memory stays bounded. */
#define MTC_CSV_MAX_BYTES ((size_t)512 * 1024 * 1024)
#define MTC_CSV_MAX_CELLS ((size_t)64 * 1000 * 1000)
#define MTC_CSV_MAX_COLUMNS ((size_t)4096)

/**
 * CSV text (RFC 4180, commas, a header row) -> table. Blanks around a cell are removed, empty lines skipped, Windows
 * line ends accepted.
 *
 * text, n  UTF-8 without NUL
 * file     name for messages; copied
 * out      in the arena; NULL on failure
 * errors   stray or unterminated quotes, an empty or repeated column name, a row whose number of cells differs from the
 *          header's, a table without rows, a limit
 * Returns  MTC_OK; MTC_EDATA if anything went to errors; MTC_ENOMEM
 */
MTC_API mtc_status mtc_csv_parse(const char *text, size_t n, const char *file, mtc_arena *arena, const mtc_table **out,
                                 mtc_errlist *errors);

/**
 * The same for a file (byte order mark accepted).
 * hash  out or NULL: mtc_hash of the file's bytes
 */
MTC_API mtc_status mtc_csv_read(const char *path, mtc_arena *arena, const mtc_table **out, uint64_t *hash,
                                mtc_errlist *errors);

#ifdef __cplusplus
}
#endif
#endif
