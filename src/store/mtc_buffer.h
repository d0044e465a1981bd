/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_BUFFER_H
#define MTC_BUFFER_H

#include "mtc_err.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Text that grows at its end. Running out of memory is remembered, later additions do nothing, and the one check stands
 * at the end (mtc_buffer_check), so that code that writes documents reads like the document.
 */
typedef struct {
    char *text; /* n bytes and a final zero; NULL while nothing was added */
    size_t n;
    size_t capacity;
    bool failed;
} mtc_buffer;

#define MTC_BUFFER_INIT                                                                                                \
    {                                                                                                                  \
        NULL, 0, 0, false                                                                                              \
    }

/** Append n bytes. */
MTC_API void mtc_buffer_add(mtc_buffer *b, const char *bytes, size_t n);
/** Append a text; NULL adds nothing. */
MTC_API void mtc_buffer_text(mtc_buffer *b, const char *text);
/** Append printf output. */
MTC_API void mtc_buffer_printf(mtc_buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** MTC_OK, or MTC_ENOMEM where something is missing from the text. */
MTC_API mtc_status mtc_buffer_check(const mtc_buffer *b, mtc_err *err);
/** Release and leave empty; NULL allowed. */
MTC_API void mtc_buffer_fini(mtc_buffer *b);

#ifdef __cplusplus
}
#endif
#endif
