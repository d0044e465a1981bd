/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TEXT_H
#define MTC_TEXT_H

#include "mtc_err.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A text file in memory. */
typedef struct {
    char *text;    /* n bytes and a terminating NUL; without byte order mark */
    size_t n;      /* bytes of text */
    uint64_t hash; /* mtc_hash of the file's bytes, byte order mark included */
} mtc_text;

/**
 * Read a whole text file.
 * path       as the user wrote it; stands in messages
 * max_bytes  larger files are refused, so that memory stays bounded
 * out        caller releases it with mtc_text_fini; empty on failure
 * Errors     MTC_ECONFIG where the file cannot be found or read, is too large, is not UTF-8 or holds a NUL byte (with
 *            line and column of the first bad byte); MTC_ENOMEM
 */
MTC_API mtc_status mtc_text_read(const char *path, size_t max_bytes, mtc_text *out, mtc_err *err);
/** Release a text and leave it empty; NULL allowed. */
MTC_API void mtc_text_fini(mtc_text *text);

/**
 * Check that bytes are UTF-8 (RFC 3629: shortest form, no surrogates, at most U+10FFFF) and hold no NUL.
 * file    for messages
 * Errors  MTC_ECONFIG at line and column (in characters) of the first bad byte
 */
MTC_API mtc_status mtc_text_check(const char *text, size_t n, const char *file, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
