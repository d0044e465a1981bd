/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doc_internal.h"

#include <string.h>

/** Text as HTML text or attribute value. Control characters cannot stand in a page and become blanks. */
static void put_escaped(mtc_buffer *out, const char *text)
{
    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        switch (*p) {
        case '&':
            mtc_buffer_text(out, "&amp;");
            break;
        case '<':
            mtc_buffer_text(out, "&lt;");
            break;
        case '>':
            mtc_buffer_text(out, "&gt;");
            break;
        case '"':
            mtc_buffer_text(out, "&quot;");
            break;
        case '\'':
            mtc_buffer_text(out, "&#39;");
            break;
        default:
            mtc_buffer_add(out, (unsigned char)*p < 0x20 && *p != '\n' ? " " : p, 1);
        }
    }
}

/** "<tag attributes>text</tag>" and a newline; tag alone names what is closed. */
static void put_element(mtc_buffer *out, const char *tag, const char *attributes, const char *text)
{
    mtc_buffer_printf(out, "<%s%s>", tag, attributes);
    put_escaped(out, text);
    mtc_buffer_printf(out, "</%s>\n", tag);
}

static void put_note(mtc_buffer *out, const doc_block *b)
{
    static const char *const tone[] = {"good", "info", "warn", "bad"};
    static const char *const word[] = {"", "", "Note", "Caution"};

    mtc_buffer_printf(out, "<p class=\"note %s\">", tone[b->tone]);
    if (word[b->tone][0] != '\0') {
        mtc_buffer_printf(out, "<strong>%s.</strong> ", word[b->tone]);
    }
    put_escaped(out, b->text);
    mtc_buffer_text(out, "</p>\n");
}

static void put_list(mtc_buffer *out, const doc_block *b)
{
    mtc_buffer_text(out, "<ul>\n");
    for (size_t i = 0; i < b->n_item; i++) {
        put_element(out, "li", "", b->item[i]);
    }
    mtc_buffer_text(out, "</ul>\n");
}

static void put_cards(mtc_buffer *out, const doc_block *b)
{
    mtc_buffer_text(out, "<dl class=\"cards\">\n");
    for (size_t i = 0; i + 2 < b->n_item; i += 3) {
        mtc_buffer_text(out, "<div>");
        put_element(out, "dt", "", b->item[i]);
        put_element(out, "dd", " class=\"value\"", b->item[i + 1]);
        put_element(out, "dd", "", b->item[i + 2]);
        mtc_buffer_text(out, "</div>\n");
    }
    mtc_buffer_text(out, "</dl>\n");
}

static void put_row(mtc_buffer *out, const doc_block *b, const char *const *cell, bool is_header)
{
    const size_t n_col = strlen(b->columns);

    mtc_buffer_text(out, "<tr>");
    for (size_t c = 0; c < n_col; c++) {
        const bool is_number = b->columns[c] == 'r';
        const char *const tag = is_header || c == 0 ? "th" : "td";
        mtc_buffer_printf(out, "<%s%s%s>", tag,
                          is_header ? " scope=\"col\""
                          : c == 0  ? " scope=\"row\""
                                    : "",
                          is_number ? " class=\"num\"" : "");
        put_escaped(out, cell[c]);
        mtc_buffer_printf(out, "</%s>", tag);
    }
    mtc_buffer_text(out, "</tr>\n");
}

/** A wide table scrolls in its own box, which the keyboard can reach. */
static void put_table(mtc_buffer *out, const doc_block *b)
{
    const size_t n_col = strlen(b->columns);

    if (n_col == 0 || b->n_item < n_col) {
        return;
    }
    mtc_buffer_text(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    put_escaped(out, b->text);
    mtc_buffer_text(out, "\">\n<table>\n");
    put_element(out, "caption", "", b->text);
    mtc_buffer_text(out, "<thead>\n");
    put_row(out, b, b->item, true);
    mtc_buffer_text(out, "</thead>\n<tbody>\n");
    for (size_t i = n_col; i + n_col <= b->n_item; i += n_col) {
        put_row(out, b, b->item + i, false);
    }
    mtc_buffer_text(out, "</tbody>\n</table>\n</div>\n");
}

static void put_figure(mtc_buffer *out, const figure *f)
{
    mtc_buffer_text(out, "<figure id=\"figure-");
    put_escaped(out, f->id);
    mtc_buffer_text(out, "\">\n");
    put_element(out, "p", " class=\"figtitle\"", f->title);
    if (f->svg != NULL) {
        mtc_buffer_text(out, "<div class=\"plot\" role=\"img\" aria-label=\"");
        put_escaped(out, f->alt);
        mtc_buffer_text(out, "\">\n");
        mtc_buffer_text(out, f->svg);
        mtc_buffer_text(out, "</div>\n");
    } else {
        mtc_buffer_text(out, "<p class=\"note warn\">This figure could not be drawn: ");
        put_escaped(out, f->reason == NULL ? "no reason is known" : f->reason);
        mtc_buffer_text(out, ". In words: ");
        put_escaped(out, f->alt);
        mtc_buffer_text(out, "</p>\n");
    }
    if (f->caption != NULL && f->caption[0] != '\0') {
        put_element(out, "figcaption", "", f->caption);
    }
    mtc_buffer_text(out, "</figure>\n");
}

static void put_figures(mtc_buffer *out, const doc_block *b)
{
    mtc_buffer_printf(out, "<div class=\"figures%s%s\">\n", b->is_small ? " small" : "",
                      b->n_figure == 1 ? " single" : "");
    for (size_t i = 0; i < b->n_figure; i++) {
        put_figure(out, b->figure[i]);
    }
    mtc_buffer_text(out, "</div>\n");
}

static void put_references(mtc_buffer *out, const doc_block *b)
{
    mtc_buffer_text(out, "<ol class=\"references\">\n");
    for (size_t i = 0; i + 1 < b->n_item; i += 2) {
        mtc_buffer_text(out, "<li>");
        put_escaped(out, b->item[i]);
        if (b->item[i + 1][0] != '\0') {
            mtc_buffer_text(out, " <a href=\"https://doi.org/");
            put_escaped(out, b->item[i + 1]);
            mtc_buffer_text(out, "\">doi:");
            put_escaped(out, b->item[i + 1]);
            mtc_buffer_text(out, "</a>");
        }
        mtc_buffer_text(out, "</li>\n");
    }
    mtc_buffer_text(out, "</ol>\n");
}

static void put_heading(mtc_buffer *out, const doc_block *b)
{
    mtc_buffer_printf(out, "<h%d", b->level);
    if (b->id[0] != '\0') {
        mtc_buffer_text(out, " id=\"");
        put_escaped(out, b->id);
        mtc_buffer_text(out, "\"");
    }
    mtc_buffer_text(out, ">");
    put_escaped(out, b->text);
    mtc_buffer_printf(out, "</h%d>\n", b->level);
}

static void put_block(mtc_buffer *out, const doc_block *b)
{
    switch (b->kind) {
    case DOC_HEADING:
        put_heading(out, b);
        break;
    case DOC_LEAD:
        put_element(out, "p", " class=\"lead\"", b->text);
        break;
    case DOC_TEXT:
        put_element(out, "p", "", b->text);
        break;
    case DOC_NOTE:
        put_note(out, b);
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
        put_element(out, "pre", "", b->text);
        break;
    case DOC_REFERENCES:
        put_references(out, b);
        break;
    }
}

static void put_contents(mtc_buffer *out, const doc *d)
{
    mtc_buffer_text(out, "<nav aria-label=\"Contents\">\n<ul>\n");
    for (const doc_block *b = d->first; b != NULL; b = b->next) {
        if (b->kind == DOC_HEADING && b->level == 2) {
            mtc_buffer_text(out, "<li><a href=\"#");
            put_escaped(out, b->id);
            mtc_buffer_text(out, "\">");
            put_escaped(out, b->text);
            mtc_buffer_text(out, "</a></li>\n");
        }
    }
    mtc_buffer_text(out, "</ul>\n</nav>\n");
}

static void put_head(mtc_buffer *out, const char *title, const char *version)
{
    mtc_buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    mtc_buffer_text(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                         "'unsafe-inline'; img-src data:\">\n");
    mtc_buffer_text(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    mtc_buffer_text(out, "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" "
                         "content=\"metachron ");
    put_escaped(out, version);
    mtc_buffer_text(out, "\">\n");
    put_element(out, "title", "", title);
    mtc_buffer_text(out, "<style>\n");
    for (size_t i = 0; doc_style[i] != NULL; i++) {
        mtc_buffer_text(out, doc_style[i]);
    }
    mtc_buffer_text(out, "</style>\n</head>\n");
}

void doc_render_html(const doc *d, const char *title, const char *version, mtc_buffer *out)
{
    bool in_section = false;

    put_head(out, title, version);
    mtc_buffer_text(out, "<body>\n<a class=\"skip\" href=\"#answer\">To the answer</a>\n<header>\n");
    mtc_buffer_text(out, "<p class=\"kicker\">metachron · linear against parallel progression</p>\n");
    put_element(out, "h1", "", title);
    mtc_buffer_text(out, "</header>\n");
    put_contents(out, d);
    mtc_buffer_text(out, "<main>\n");
    for (const doc_block *b = d->first; b != NULL; b = b->next) {
        if (b->kind == DOC_HEADING && b->level == 2) {
            mtc_buffer_text(out, in_section ? "</section>\n" : "");
            mtc_buffer_text(out, "<section aria-labelledby=\"");
            put_escaped(out, b->id);
            mtc_buffer_text(out, "\">\n");
            in_section = true;
        }
        put_block(out, b);
    }
    mtc_buffer_text(out, in_section ? "</section>\n" : "");
    mtc_buffer_text(out, "</main>\n<footer><p>Made by metachron ");
    put_escaped(out, version);
    mtc_buffer_text(out, " from summary.json, which holds every number of this page.</p></footer>\n</body>\n</html>\n");
}
