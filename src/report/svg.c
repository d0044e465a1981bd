/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures_internal.h"

#include <stdio.h>
#include <string.h>

static void put_escaped(mtc_buffer *out, const char *text)
{
    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        if (*p == '&') {
            mtc_buffer_text(out, "&amp;");
        } else if (*p == '<') {
            mtc_buffer_text(out, "&lt;");
        } else if (*p == '>') {
            mtc_buffer_text(out, "&gt;");
        } else {
            mtc_buffer_add(out, (unsigned char)*p < 0x20 ? " " : p, 1);
        }
    }
}

/** What stands behind gnuplot's own head: "<svg ...>", title and description are made anew. */
static const char *body_of(const char *raw)
{
    return strstr(raw, "<g id=\"gnuplot_canvas\">");
}

typedef struct {
    const char *from, *to;
} change;

/** Copy text with every change made; the first that fits at a place wins. */
static void put_changed(mtc_buffer *out, const char *text, const change *list, size_t n)
{
    for (const char *p = text; *p != '\0';) {
        size_t k = 0;
        while (k < n && strncmp(p, list[k].from, strlen(list[k].from)) != 0) {
            k++;
        }
        if (k < n) {
            mtc_buffer_text(out, list[k].to);
            p += strlen(list[k].from);
        } else {
            mtc_buffer_add(out, p, 1);
            p++;
        }
    }
}

/** Copy text without "<title>...</title>": browsers would show them as tooltips of every curve. */
static void put_without_titles(mtc_buffer *out, const char *text)
{
    const char *p = text, *start = NULL;
    while ((start = strstr(p, "<title>")) != NULL) {
        const char *const end = strstr(start, "</title>");
        if (end == NULL) {
            break;
        }
        mtc_buffer_add(out, p, (size_t)(start - p));
        p = end + strlen("</title>");
    }
    mtc_buffer_text(out, p);
}

/** Ids get the figure's name in front, so that many figures fit into one page. */
static mtc_status put_body(const figure *f, const char *body, bool is_page, mtc_buffer *out, mtc_err *err)
{
    char id[200], ref[200], plot[200];
    mtc_buffer plain = MTC_BUFFER_INIT;

    (void)snprintf(id, sizeof id, "id='%.150s-", f->id);
    (void)snprintf(ref, sizeof ref, "%shref='#%.150s-", is_page ? "" : "xlink:", f->id);
    (void)snprintf(plot, sizeof plot, "id=\"%.150s-plot_", f->id);
    const change list[] = {{"<g id=\"gnuplot_canvas\"", "<g"},
                           {"id=\"figure_plot_", plot},
                           {"id='gp", id},
                           {"id='textbox'", ""},
                           {"id='greybox'", ""},
                           {"xlink:href='#gp", ref},
                           {"font-family=\"Helvetica\"", "font-family=\"Helvetica, Arial, sans-serif\""}};
    put_without_titles(&plain, body);
    mtc_status st = mtc_buffer_check(&plain, err);
    if (st == MTC_OK) {
        put_changed(out, plain.text == NULL ? "" : plain.text, list, sizeof list / sizeof list[0]);
        st = mtc_buffer_check(out, err);
    }
    mtc_buffer_fini(&plain);
    return st;
}

/** Millimetres to the units of gnuplot's drawing: CSS pixels, 96 to the inch. */
static int pixels(double mm)
{
    return (int)(mm * 96.0 / 25.4 + 0.5);
}

mtc_status svg_for_file(const figure *f, const char *raw, mtc_buffer *out, mtc_err *err)
{
    const char *const body = body_of(raw);

    if (body == NULL) {
        return mtc_fail(err, MTC_EBUG, "gnuplot wrote an SVG of another shape");
    }
    mtc_buffer_printf(out,
                      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
                      "xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
                      "width=\"%.0fmm\" height=\"%.0fmm\" viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
                      f->width_mm, f->height_mm, pixels(f->width_mm), pixels(f->height_mm));
    put_escaped(out, f->title);
    mtc_buffer_text(out, "</title>\n<desc>");
    put_escaped(out, f->alt);
    mtc_buffer_text(out, "</desc>\n");
    return put_body(f, body, false, out, err);
}

mtc_status svg_for_page(const figure *f, const char *raw, mtc_buffer *out, mtc_err *err)
{
    const char *const body = body_of(raw);

    if (body == NULL) {
        return mtc_fail(err, MTC_EBUG, "gnuplot wrote an SVG of another shape");
    }
    mtc_buffer_printf(out, "<svg viewBox=\"0 0 %d %d\" aria-hidden=\"true\" focusable=\"false\">\n",
                      pixels(f->width_mm), pixels(f->height_mm));
    return put_body(f, body, true, out, err);
}

void pdf_remove_date(char *bytes, size_t n)
{
    static const char mark[] = "/CreationDate (D:", fixed[] = "20000101000000";
    const size_t n_mark = sizeof mark - 1, n_fixed = sizeof fixed - 1;

    for (size_t i = 0; i + n_mark + n_fixed < n; i++) {
        if (memcmp(bytes + i, mark, n_mark) == 0) {
            memcpy(bytes + i + n_mark, fixed, n_fixed);
        }
    }
}
