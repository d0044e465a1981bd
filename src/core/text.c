/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_text.h"

#include "mtc_arena.h"
#include "mtc_rng.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 * 1024 };

/* Length of the UTF-8 sequence at p (n bytes left), 0 where it is none. */
static size_t sequence_length(const unsigned char *p, size_t n)
{
    static const struct {
        unsigned char mask, lead;
        size_t length;
        unsigned long least;
    } form[] = {{0x80, 0x00, 1, 0x01}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};
    for (size_t k = 0; k < sizeof form / sizeof *form; k++) {
        if ((p[0] & form[k].mask) != form[k].lead) {
            continue;
        }
        if (form[k].length > n) {
            return 0;
        }
        unsigned long code = p[0] & (unsigned char)~form[k].mask;
        for (size_t i = 1; i < form[k].length; i++) {
            if ((p[i] & 0xc0) != 0x80) {
                return 0;
            }
            code = code << 6 | (p[i] & 0x3f);
        }
        const bool surrogate = code >= 0xd800 && code <= 0xdfff;
        return code < form[k].least || code > 0x10ffff || surrogate ? 0 : form[k].length;
    }
    return 0;
}

mtc_status mtc_text_check(const char *text, size_t n, const char *file, mtc_err *err)
{
    if (!text) {
        return mtc_fail(err, MTC_EDOMAIN, "no text given");
    }
    mtc_pos pos = {file, 1, 1};
    for (size_t i = 0; i < n;) {
        const size_t length = sequence_length((const unsigned char *)text + i, n - i);
        if (length == 0 && text[i] == '\0') {
            const mtc_status st = mtc_fail_at(err, MTC_ECONFIG, &pos, "a NUL byte stands in the file");
            mtc_err_hint(err, "this is no text file, or it was saved as UTF-16: save it as UTF-8");
            return st;
        }
        if (length == 0) {
            const mtc_status st =
                mtc_fail_at(err, MTC_ECONFIG, &pos, "byte 0x%02x is not UTF-8", (unsigned)(unsigned char)text[i]);
            mtc_err_hint(err, "save the file as UTF-8");
            return st;
        }
        pos.column++;
        if (text[i] == '\n') {
            pos.line++;
            pos.column = 1;
        }
        i += length;
    }
    return MTC_OK;
}

/* Read the whole stream into a growing buffer that keeps room for a terminating NUL. */
static mtc_status read_all(FILE *f, const char *path, size_t max_bytes, mtc_text *out, mtc_err *err)
{
    size_t capacity = 0;
    for (;;) {
        if (out->n + 1 >= capacity) {
            capacity = capacity == 0 ? FIRST_CAPACITY : 2 * capacity;
            char *const bigger = mtc_realloc(out->text, capacity, 1);
            if (!bigger) {
                return mtc_fail(err, MTC_ENOMEM, "out of memory while reading '%s'", path);
            }
            out->text = bigger;
        }
        const size_t got = fread(out->text + out->n, 1, capacity - 1 - out->n, f);
        out->n += got;
        if (out->n > max_bytes) {
            return mtc_fail(err, MTC_ECONFIG, "'%s' is larger than the limit of %zu bytes", path, max_bytes);
        }
        if (got == 0) {
            break;
        }
    }
    if (ferror(f)) {
        return mtc_fail(err, MTC_ECONFIG, "cannot read '%s': %s", path, strerror(errno));
    }
    out->text[out->n] = '\0';
    return MTC_OK;
}

mtc_status mtc_text_read(const char *path, size_t max_bytes, mtc_text *out, mtc_err *err)
{
    if (!path || !out) {
        return mtc_fail(err, MTC_EDOMAIN, "no file named");
    }
    mtc_status st = MTC_OK;
    memset(out, 0, sizeof *out);
    FILE *const f = fopen(path, "rb");
    if (!f) {
        return mtc_fail(err, MTC_ECONFIG, "cannot open '%s': %s", path, strerror(errno));
    }
    MTC_TRY(read_all(f, path, max_bytes, out, err));
    out->hash = mtc_hash(MTC_HASH_INIT, out->text, out->n);
    if (out->n >= 3 && memcmp(out->text, "\xef\xbb\xbf", 3) == 0) {
        out->n -= 3;
        memmove(out->text, out->text + 3, out->n + 1);
    }
    MTC_TRY(mtc_text_check(out->text, out->n, path, err));
out:
    fclose(f);
    if (st != MTC_OK) {
        mtc_text_fini(out);
    }
    return st;
}

void mtc_text_fini(mtc_text *text)
{
    if (text) {
        mtc_free(text->text);
        memset(text, 0, sizeof *text);
    }
}
