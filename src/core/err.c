/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_err.h"

#include "mtc_arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ERRLIST_MAX 200u
#define ERRLIST_FIRST 8u

static void copy_text(char *to, size_t size, const char *from)
{
    const size_t n = strnlen(from, size - 1);
    memcpy(to, from, n);
    to[n] = '\0';
}

static void set_place(mtc_err *err, const mtc_pos *pos)
{
    err->file[0] = '\0';
    err->line = 0;
    err->column = 0;
    if (pos) {
        copy_text(err->file, sizeof err->file, pos->file ? pos->file : "");
        err->line = pos->line;
        err->column = pos->column;
    }
}

/* Formats aside first: an argument may point into the text that is replaced. */
__attribute__((format(printf, 3, 0))) static void format_text(char *to, size_t size, const char *format, va_list args)
{
    char text[sizeof(((mtc_err *)NULL)->message)];
    if (vsnprintf(text, sizeof text, format, args) < 0) {
        copy_text(text, sizeof text, format);
    }
    copy_text(to, size, text);
}

__attribute__((format(printf, 6, 0))) static void fill(mtc_err *err, mtc_status status, const mtc_pos *pos,
                                                       const char *src_file, int src_line, const char *format,
                                                       va_list args)
{
    format_text(err->message, sizeof err->message, format, args);
    set_place(err, pos);
    err->status = status;
    err->hint[0] = '\0';
    err->src_file = src_file;
    err->src_line = src_line;
}

mtc_status mtc_err_set(mtc_err *err, mtc_status status, const mtc_pos *pos, const char *src_file, int src_line,
                       const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        fill(err, status, pos, src_file, src_line, format, args);
        va_end(args);
    }
    return status;
}

void mtc_err_clear(mtc_err *err)
{
    if (err) {
        *err = (mtc_err)MTC_ERR_INIT;
    }
}

void mtc_err_hint(mtc_err *err, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        format_text(err->hint, sizeof err->hint, format, args);
        va_end(args);
    }
}

void mtc_err_prefix(mtc_err *err, const char *format, ...)
{
    char prefix[sizeof err->message];
    va_list args;

    if (!err) {
        return;
    }
    va_start(args, format);
    format_text(prefix, sizeof prefix, format, args);
    va_end(args);
    const size_t room = sizeof err->message - 1;
    size_t n = strlen(prefix);
    if (n > room - 2) {
        n = room - 2;
    }
    const size_t n_old = strlen(err->message);
    const size_t n_kept = n_old < room - n - 2 ? n_old : room - n - 2;
    memmove(err->message + n + 2, err->message, n_kept);
    memcpy(err->message, prefix, n);
    memcpy(err->message + n, ": ", 2);
    err->message[n + 2 + n_kept] = '\0';
}

static size_t append(char *buf, size_t size, size_t used, const char *text)
{
    if (used + 1 >= size) {
        return used;
    }
    const size_t n = strnlen(text, size - used - 1);
    memcpy(buf + used, text, n);
    buf[used + n] = '\0';
    return used + n;
}

static size_t append_number(char *buf, size_t size, size_t used, long number)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%ld:", number);
    return append(buf, size, used, text);
}

static size_t append_place(const mtc_err *err, char *buf, size_t size)
{
    size_t n = append(buf, size, 0, err->file);
    if (n > 0) {
        n = append(buf, size, n, ":");
    }
    if (err->line > 0) {
        n = append_number(buf, size, n, err->line);
        if (err->column > 0) {
            n = append_number(buf, size, n, err->column);
        }
    }
    return n > 0 ? append(buf, size, n, " ") : n;
}

size_t mtc_err_format(const mtc_err *err, char *buf, size_t size)
{
    if (!buf || size == 0) {
        return 0;
    }
    buf[0] = '\0';
    if (!err) {
        return 0;
    }
    size_t n = append_place(err, buf, size);
    n = append(buf, size, n, "error: ");
    n = append(buf, size, n, err->message[0] != '\0' ? err->message : mtc_status_text(err->status));
    if (err->hint[0] != '\0') {
        n = append(buf, size, n, "\nhint: ");
        n = append(buf, size, n, err->hint);
    }
    return n;
}

/* Room for one more, or NULL where the limit is passed or memory ran out. */
static mtc_err *errlist_next(mtc_errlist *list)
{
    list->n_all++;
    if (list->n >= ERRLIST_MAX) {
        return NULL;
    }
    if (list->n == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : ERRLIST_FIRST;
        mtc_err *item = mtc_realloc(list->item, capacity, sizeof *item);
        if (!item) {
            return NULL;
        }
        list->item = item;
        list->capacity = capacity;
    }
    mtc_err *next = &list->item[list->n++];
    *next = (mtc_err)MTC_ERR_INIT;
    return next;
}

mtc_status mtc_errlist_add(mtc_errlist *list, mtc_status status, const mtc_pos *pos, const char *hint,
                           const char *format, ...)
{
    mtc_err *err = list ? errlist_next(list) : NULL;
    if (err) {
        va_list args;
        va_start(args, format);
        fill(err, status, pos, __FILE__, __LINE__, format, args);
        va_end(args);
        if (hint) {
            copy_text(err->hint, sizeof err->hint, hint);
        }
    }
    return status;
}

/* Whether the same is said of the same place already: settings may be read twice. */
static bool is_known(const mtc_errlist *list, const mtc_err *err)
{
    for (size_t i = 0; list && err->line > 0 && i < list->n; i++) {
        const mtc_err *const old = &list->item[i];
        if (old->line == err->line && old->column == err->column && strcmp(old->file, err->file) == 0 &&
            strcmp(old->message, err->message) == 0) {
            return true;
        }
    }
    return false;
}

mtc_status mtc_errlist_push(mtc_errlist *list, const mtc_err *err)
{
    if (!err) {
        return MTC_OK;
    }
    /* err may be an entry of this list, which moves when it grows */
    const mtc_err copy = *err;
    mtc_err *next = list && !is_known(list, err) ? errlist_next(list) : NULL;
    if (next) {
        *next = copy;
    }
    return copy.status;
}

void mtc_errlist_fini(mtc_errlist *list)
{
    if (list) {
        mtc_free(list->item);
        *list = (mtc_errlist)MTC_ERRLIST_INIT;
    }
}
