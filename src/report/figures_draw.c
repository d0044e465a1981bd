/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures_internal.h"

#include "mtc_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Far more than a picture needs. */
#define LARGEST_PICTURE (64u << 20)
#define PIXELS_PER_MM (96.0 / 25.4)

/** The script can be run again by hand in its folder, so that a journal's wishes need no rebuild. */
static void put_script(const figure *f, mtc_buffer *out)
{
    mtc_buffer_printf(
        out,
        "set encoding utf8\nset terminal svg size %.0f,%.0f noenhanced font 'Helvetica,10.5' name 'figure' "
        "background '#ffffff'\n",
        f->width_mm * PIXELS_PER_MM, f->height_mm * PIXELS_PER_MM);
    mtc_buffer_printf(out, "set output '%s.svg'\n", f->id);
    mtc_buffer_text(out, f->plot);
    mtc_buffer_printf(out,
                      "set terminal pdfcairo size %.2fcm,%.2fcm noenhanced font 'Helvetica,7.5'\nset output '%s.pdf'\n",
                      f->width_mm / 10.0, f->height_mm / 10.0, f->id);
    mtc_buffer_text(out, "replot\nset output\n");
}

/** "<folder>/<id><ending>", released with mtc_free. */
static mtc_status path_of(const figure_tool *tool, const figure *f, const char *ending, char **out, mtc_err *err)
{
    mtc_buffer name = MTC_BUFFER_INIT;

    mtc_buffer_printf(&name, "%s%s", f->id, ending);
    mtc_status st = mtc_buffer_check(&name, err);
    if (st == MTC_OK) {
        st = mtc_path_join(tool->folder, name.text, out, err);
    }
    mtc_buffer_fini(&name);
    return st;
}

static mtc_status keep(figure_set *set, const mtc_buffer *text, const char **out)
{
    char *copy = NULL;
    const mtc_status st = mtc_arena_strndup(set->arena, text->text, text->n, &copy, set->err);
    *out = copy;
    return st;
}

/** Put the raw SVG in the shape of a file and of a page. */
static mtc_status finish_svg(figure_set *set, const figure_tool *tool, figure *f)
{
    mtc_status st = MTC_OK;
    mtc_buffer raw = MTC_BUFFER_INIT, file = MTC_BUFFER_INIT, page = MTC_BUFFER_INIT;
    char *path = NULL;

    MTC_TRY(path_of(tool, f, ".svg", &path, set->err));
    MTC_TRY(mtc_file_read(path, LARGEST_PICTURE, &raw, set->err));
    MTC_TRY(svg_for_file(f, raw.text, &file, set->err));
    MTC_TRY(svg_for_page(f, raw.text, &page, set->err));
    MTC_TRY(mtc_file_write_quick(path, file.text, file.n, set->err));
    MTC_TRY(keep(set, &page, &f->svg));
out:
    mtc_free(path);
    mtc_buffer_fini(&raw);
    mtc_buffer_fini(&file);
    mtc_buffer_fini(&page);
    return st;
}

static mtc_status finish_pdf(figure_set *set, const figure_tool *tool, const figure *f)
{
    mtc_status st = MTC_OK;
    mtc_buffer bytes = MTC_BUFFER_INIT;
    char *path = NULL;

    MTC_TRY(path_of(tool, f, ".pdf", &path, set->err));
    MTC_TRY(mtc_file_read(path, LARGEST_PICTURE, &bytes, set->err));
    pdf_remove_date(bytes.text, bytes.n);
    MTC_TRY(mtc_file_write_quick(path, bytes.text, bytes.n, set->err));
out:
    mtc_free(path);
    mtc_buffer_fini(&bytes);
    return st;
}

static void remove_pictures(const figure_tool *tool, const figure *f)
{
    static const char *const ending[] = {".svg", ".pdf"};
    for (size_t i = 0; i < 2; i++) {
        char *path = NULL;
        if (path_of(tool, f, ending[i], &path, NULL) == MTC_OK) {
            (void)unlink(path);
            mtc_free(path);
        }
    }
}

/** A figure that cannot be drawn does not lose the report: it keeps the reason instead of a picture. */
static mtc_status give_up(figure_set *set, const figure_tool *tool, figure *f, const char *reason)
{
    char *copy = NULL;
    const mtc_status st = mtc_arena_strndup(set->arena, reason, strlen(reason), &copy, set->err);
    f->svg = NULL;
    f->reason = copy;
    remove_pictures(tool, f);
    return st;
}

static mtc_status draw_one(figure_set *set, const figure_tool *tool, figure *f)
{
    mtc_status st = MTC_OK;
    mtc_buffer script = MTC_BUFFER_INIT;
    char *path = NULL, reason[256] = "";
    const char *const program = tool->gnuplot == NULL ? "gnuplot" : tool->gnuplot;

    put_script(f, &script);
    MTC_TRY(mtc_buffer_check(&script, set->err));
    MTC_TRY(path_of(tool, f, ".gnuplot", &path, set->err));
    MTC_TRY(mtc_file_write_quick(path, script.text, script.n, set->err));
    if (!gnuplot_run(program, tool->folder, strrchr(path, '/') + 1, reason, sizeof reason)) {
        MTC_TRY(give_up(set, tool, f, reason));
        goto out;
    }
    if (finish_svg(set, tool, f) != MTC_OK || finish_pdf(set, tool, f) != MTC_OK) {
        MTC_TRY(give_up(set, tool, f, set->err == NULL ? "gnuplot left no picture" : set->err->message));
    }
out:
    mtc_buffer_fini(&script);
    mtc_free(path);
    return st;
}

mtc_status figures_draw(figure_set *set, const figure_tool *tool)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < set->n && st == MTC_OK; i++) {
        st = draw_one(set, tool, set->item[i]);
    }
    return st;
}
