/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_DOC_INTERNAL_H
#define MTC_DOC_INTERNAL_H

#include "mtc_arena.h"
#include "mtc_buffer.h"

#include <stdbool.h>

/*
 * The report as a list of blocks of plain text: written once by the sections, turned into HTML and Markdown by one
 * renderer each, which also do all escaping. Nothing here knows a markup language.
 */

typedef enum {
    DOC_HEADING,   /* level 2 or 3, with an anchor */
    DOC_LEAD,      /* the answer in a sentence */
    DOC_TEXT,      /* a paragraph */
    DOC_NOTE,      /* a paragraph that must be seen; tone says how much */
    DOC_LIST,      /* sentences */
    DOC_CARDS,     /* key figures: label, value, remark */
    DOC_TABLE,     /* header and cells; the first column names the row */
    DOC_FIGURES,   /* figures that stand together */
    DOC_CODE,      /* to be typed */
    DOC_REFERENCES /* text and DOI in pairs of items */
} doc_kind;

typedef enum { DOC_GOOD, DOC_INFO, DOC_WARN, DOC_BAD } doc_tone;

/** Where a figure stands in the report. */
typedef enum {
    FIGURE_ANSWER,
    FIGURE_SURVIVAL,
    FIGURE_TVDT,
    FIGURE_SEEDING,
    FIGURE_CHECK,
    FIGURE_PRIOR,
    FIGURE_EVIDENCE
} figure_group;

/** A figure: what gnuplot draws and what is said about it. */
typedef struct {
    const char *id;      /* file name without ending, letters, digits, _ and - */
    const char *title;   /* above the picture */
    const char *caption; /* one sentence for a clinician */
    const char *alt;     /* the picture in words, with its numbers */
    const char *plot;    /* gnuplot commands after the terminal is set */
    double width_mm, height_mm;
    figure_group group;
    const char *svg;    /* to be put into a page; NULL where it could not be drawn */
    const char *reason; /* why not */
} figure;

typedef struct doc_block {
    struct doc_block *next;
    doc_kind kind;
    doc_tone tone;
    int level;
    const char *id;
    const char *text;    /* heading, paragraph, caption, code */
    const char *columns; /* table: one letter per column: l text, r number */
    size_t n_item, capacity;
    const char **item; /* list, cards, references, table (header row first, then rows) */
    size_t n_figure;
    const figure *const *figure;
    bool is_small; /* figures: many small ones side by side */
} doc_block;

/** Errors are kept in `st`; later additions then do nothing, so sections read like the document. */
typedef struct {
    mtc_arena *arena;
    doc_block *first, *last;
    mtc_status st;
    mtc_err *err;
} doc;

void doc_heading(doc *d, int level, const char *id, const char *text);
void doc_lead(doc *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doc_text(doc *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doc_note(doc *d, doc_tone tone, const char *format, ...) __attribute__((format(printf, 3, 4)));
void doc_code(doc *d, const char *text);
/** Begin a block whose items follow. columns: "lrr" for tables, else NULL. */
void doc_begin(doc *d, doc_kind kind, const char *text, const char *columns);
/** The next item of the block begun last. */
void doc_item(doc *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Figures that stand together; n = 0 adds nothing. */
void doc_figures(doc *d, const figure *const *list, size_t n, bool is_small);

/** Whole documents. title: of the page, "" allowed. */
void doc_render_html(const doc *d, const char *title, const char *version, mtc_buffer *out);
void doc_render_markdown(const doc *d, const char *title, mtc_buffer *out);

/** The style sheet of the page in pieces (a string literal may be only so long); NULL ends the list. */
extern const char *const doc_style[];

#endif
