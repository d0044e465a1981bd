/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_buffer.h"

#include "mtc_arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SMALLEST 256u

/** Room for n more bytes and a final zero. */
static bool reserve(mtc_buffer *b, size_t n)
{
    if (b->failed || n > SIZE_MAX / 4 - b->n) {
        b->failed = true;
        return false;
    }
    if (b->n + n + 1 <= b->capacity) {
        return true;
    }
    size_t capacity = b->capacity < SMALLEST ? SMALLEST : b->capacity;
    while (capacity < b->n + n + 1) {
        capacity *= 2;
    }
    char *larger = mtc_realloc(b->text, capacity, 1);
    if (larger == NULL) {
        b->failed = true;
        return false;
    }
    b->text = larger;
    b->capacity = capacity;
    return true;
}

void mtc_buffer_add(mtc_buffer *b, const char *bytes, size_t n)
{
    if (reserve(b, n)) {
        memcpy(b->text + b->n, bytes, n);
        b->n += n;
        b->text[b->n] = '\0';
    }
}

void mtc_buffer_text(mtc_buffer *b, const char *text)
{
    if (text != NULL) {
        mtc_buffer_add(b, text, strlen(text));
    }
}

void mtc_buffer_printf(mtc_buffer *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || !reserve(b, (size_t)n)) {
        b->failed = true;
        return;
    }
    va_start(args, format);
    (void)vsnprintf(b->text + b->n, (size_t)n + 1, format, args);
    va_end(args);
    b->n += (size_t)n;
}

mtc_status mtc_buffer_check(const mtc_buffer *b, mtc_err *err)
{
    return b->failed ? mtc_fail(err, MTC_ENOMEM, "out of memory after %zu bytes of text", b->n) : MTC_OK;
}

void mtc_buffer_fini(mtc_buffer *b)
{
    if (b != NULL) {
        mtc_free(b->text);
        *b = (mtc_buffer)MTC_BUFFER_INIT;
    }
}
