/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doc_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static doc_block *add_block(doc *d, doc_kind kind)
{
    doc_block *b = NULL;

    if (d->st == MTC_OK) {
        d->st = mtc_arena_new(d->arena, 1, &b, d->err);
    }
    if (d->st != MTC_OK) {
        return NULL;
    }
    b->kind = kind;
    if (d->last == NULL) {
        d->first = b;
    } else {
        d->last->next = b;
    }
    d->last = b;
    return b;
}

static const char *format_text(doc *d, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static const char *format_text(doc *d, const char *format, va_list args)
{
    va_list again;
    char *text = NULL;

    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n >= 0 && d->st == MTC_OK) {
        d->st = mtc_arena_new(d->arena, (size_t)n + 1, &text, d->err);
    }
    if (n < 0 || d->st != MTC_OK) {
        return "";
    }
    (void)vsnprintf(text, (size_t)n + 1, format, args);
    return text;
}

static const char *copy_text(doc *d, const char *text)
{
    char *copy = NULL;
    if (text != NULL && d->st == MTC_OK) {
        d->st = mtc_arena_strndup(d->arena, text, strlen(text), &copy, d->err);
    }
    return copy == NULL ? "" : copy;
}

void doc_heading(doc *d, int level, const char *id, const char *text)
{
    doc_block *const b = add_block(d, DOC_HEADING);
    if (b != NULL) {
        b->level = level;
        b->id = copy_text(d, id);
        b->text = copy_text(d, text);
    }
}

void doc_lead(doc *d, const char *format, ...)
{
    va_list args;
    doc_block *const b = add_block(d, DOC_LEAD);
    va_start(args, format);
    if (b != NULL) {
        b->text = format_text(d, format, args);
    }
    va_end(args);
}

void doc_text(doc *d, const char *format, ...)
{
    va_list args;
    doc_block *const b = add_block(d, DOC_TEXT);
    va_start(args, format);
    if (b != NULL) {
        b->text = format_text(d, format, args);
    }
    va_end(args);
}

void doc_note(doc *d, doc_tone tone, const char *format, ...)
{
    va_list args;
    doc_block *const b = add_block(d, DOC_NOTE);
    va_start(args, format);
    if (b != NULL) {
        b->tone = tone;
        b->text = format_text(d, format, args);
    }
    va_end(args);
}

void doc_code(doc *d, const char *text)
{
    doc_block *const b = add_block(d, DOC_CODE);
    if (b != NULL) {
        b->text = copy_text(d, text);
    }
}

void doc_begin(doc *d, doc_kind kind, const char *text, const char *columns)
{
    doc_block *const b = add_block(d, kind);
    if (b != NULL) {
        b->text = copy_text(d, text);
        b->columns = copy_text(d, columns);
    }
}

static bool grow(doc *d, doc_block *b)
{
    const char **larger = NULL;
    const size_t capacity = b->capacity == 0 ? 16 : 2 * b->capacity;

    if (b->n_item < b->capacity) {
        return true;
    }
    d->st = mtc_arena_new(d->arena, capacity, &larger, d->err);
    if (d->st != MTC_OK) {
        return false;
    }
    if (b->n_item > 0) {
        memcpy(larger, b->item, b->n_item * sizeof *larger);
    }
    b->item = larger;
    b->capacity = capacity;
    return true;
}

void doc_item(doc *d, const char *format, ...)
{
    va_list args;

    if (d->st != MTC_OK || d->last == NULL || !grow(d, d->last)) {
        return;
    }
    va_start(args, format);
    d->last->item[d->last->n_item++] = format_text(d, format, args);
    va_end(args);
}

void doc_figures(doc *d, const figure *const *list, size_t n, bool is_small)
{
    const figure **copy = NULL;
    doc_block *const b = n == 0 ? NULL : add_block(d, DOC_FIGURES);

    if (b == NULL) {
        return;
    }
    d->st = mtc_arena_new(d->arena, n, &copy, d->err);
    if (d->st == MTC_OK) {
        memcpy(copy, list, n * sizeof *copy);
        b->figure = copy;
        b->n_figure = n;
        b->is_small = is_small;
    }
}
