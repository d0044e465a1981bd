/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doc_internal.h"

#include <string.h>

/** Text in which no character means anything to Markdown; a line break becomes a blank. */
static void put_escaped(mtc_buffer *out, const char *text)
{
    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20) {
            mtc_buffer_text(out, " ");
            continue;
        }
        if (strchr("\\`*_{}[]<>#|~&", *p) != NULL || (p == text && strchr("-+", *p) != NULL)) {
            mtc_buffer_text(out, "\\");
        }
        mtc_buffer_add(out, p, 1);
    }
}

static void put_paragraph(mtc_buffer *out, const char *before, const char *text, const char *after)
{
    mtc_buffer_text(out, before);
    put_escaped(out, text);
    mtc_buffer_text(out, after);
    mtc_buffer_text(out, "\n\n");
}

static void put_cards(mtc_buffer *out, const doc_block *b)
{
    for (size_t i = 0; i + 2 < b->n_item; i += 3) {
        mtc_buffer_text(out, "- ");
        put_escaped(out, b->item[i]);
        mtc_buffer_text(out, ": **");
        put_escaped(out, b->item[i + 1]);
        mtc_buffer_text(out, "** (");
        put_escaped(out, b->item[i + 2]);
        mtc_buffer_text(out, ")\n");
    }
    mtc_buffer_text(out, "\n");
}

static void put_list(mtc_buffer *out, const doc_block *b)
{
    for (size_t i = 0; i < b->n_item; i++) {
        mtc_buffer_text(out, "- ");
        put_escaped(out, b->item[i]);
        mtc_buffer_text(out, "\n");
    }
    mtc_buffer_text(out, "\n");
}

static void put_row(mtc_buffer *out, const char *const *cell, size_t n_col)
{
    mtc_buffer_text(out, "|");
    for (size_t c = 0; c < n_col; c++) {
        mtc_buffer_text(out, " ");
        put_escaped(out, cell[c]);
        mtc_buffer_text(out, " |");
    }
    mtc_buffer_text(out, "\n");
}

static void put_table(mtc_buffer *out, const doc_block *b)
{
    const size_t n_col = strlen(b->columns);

    if (n_col == 0 || b->n_item < n_col) {
        return;
    }
    put_paragraph(out, "**", b->text, "**");
    put_row(out, b->item, n_col);
    mtc_buffer_text(out, "|");
    for (size_t c = 0; c < n_col; c++) {
        mtc_buffer_text(out, b->columns[c] == 'r' ? " ---: |" : " --- |");
    }
    mtc_buffer_text(out, "\n");
    for (size_t i = n_col; i + n_col <= b->n_item; i += n_col) {
        put_row(out, b->item + i, n_col);
    }
    mtc_buffer_text(out, "\n");
}

static void put_figures(mtc_buffer *out, const doc_block *b)
{
    for (size_t i = 0; i < b->n_figure; i++) {
        const figure *f = b->figure[i];
        if (f->svg != NULL) {
            mtc_buffer_text(out, "![");
            put_escaped(out, f->alt);
            mtc_buffer_printf(out, "](figures/%s.svg)\n\n", f->id);
        } else {
            put_paragraph(out, "(This figure could not be drawn: ", f->reason, ")");
            put_paragraph(out, "", f->alt, "");
        }
        mtc_buffer_text(out, "**");
        put_escaped(out, f->title);
        const size_t n = strlen(f->title);
        mtc_buffer_text(out, n > 0 && f->title[n - 1] == '?' ? "** " : ".** ");
        put_escaped(out, f->caption);
        mtc_buffer_text(out, "\n\n");
    }
}

static void put_references(mtc_buffer *out, const doc_block *b)
{
    for (size_t i = 0; i + 1 < b->n_item; i += 2) {
        mtc_buffer_text(out, "1. ");
        put_escaped(out, b->item[i]);
        if (b->item[i + 1][0] != '\0') {
            mtc_buffer_printf(out, " <https://doi.org/%s>", b->item[i + 1]);
        }
        mtc_buffer_text(out, "\n");
    }
    mtc_buffer_text(out, "\n");
}

/** Four blanks make code of any text, whatever fences it holds. */
static void put_code(mtc_buffer *out, const char *text)
{
    mtc_buffer_text(out, "    ");
    for (const char *p = text; *p != '\0'; p++) {
        mtc_buffer_add(out, (unsigned char)*p < 0x20 ? " " : p, 1);
    }
    mtc_buffer_text(out, "\n\n");
}

static void put_block(mtc_buffer *out, const doc_block *b)
{
    switch (b->kind) {
    case DOC_HEADING:
        put_paragraph(out, b->level == 2 ? "## " : "### ", b->text, "");
        break;
    case DOC_LEAD:
        put_paragraph(out, "**", b->text, "**");
        break;
    case DOC_TEXT:
        put_paragraph(out, "", b->text, "");
        break;
    case DOC_NOTE:
        put_paragraph(out,
                      b->tone == DOC_BAD    ? "> **Caution.** "
                      : b->tone == DOC_WARN ? "> **Note.** "
                                            : "> ",
                      b->text, "");
        break;
    case DOC_LIST:
        put_list(out, b);
        break;
    case DOC_CARDS:
        put_cards(out, b);
        break;
    case DOC_TABLE:
        put_table(out, b);
        break;
    case DOC_FIGURES:
        put_figures(out, b);
        break;
    case DOC_CODE:
        put_code(out, b->text);
        break;
    case DOC_REFERENCES:
        put_references(out, b);
        break;
    }
}

void doc_render_markdown(const doc *d, const char *title, mtc_buffer *out)
{
    put_paragraph(out, "# ", title, "");
    for (const doc_block *b = d->first; b != NULL; b = b->next) {
        put_block(out, b);
    }
}
