/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_FIGURES_INTERNAL_H
#define MTC_FIGURES_INTERNAL_H

#include "doc_internal.h"
#include "mtc_result.h"
#include "words_internal.h"

/*
 * Figures as gnuplot commands. Rules: journal column width, Okabe-Ito colours, one colour per model throughout, ink
 * black, user text in single quotes only (gnuplot runs nothing inside them) with the enhanced mode off.
 */

/** Figures of one report; errors are kept in `st`, later additions then do nothing. */
typedef struct {
    const mtc_result *r;
    mtc_arena *arena;
    figure **item;
    size_t n, capacity;
    mtc_status st;
    mtc_err *err;
} figure_set;

/** Make all figures that the result has data for; nothing is drawn yet. Strings lie in the result's arena. */
mtc_status figures_make(figure_set *set, const mtc_result *r, mtc_err *err);

/** Figures of a group, in order: up to `room` pointers; returns how many. */
size_t figures_of(const figure_set *set, figure_group group, const figure **out, size_t room);

/** A figure under construction: fill the four buffers, then figure_end. */
typedef struct {
    figure_set *set;
    figure_group group;
    double width_mm, height_mm;
    mtc_buffer id, title, caption, alt, plot;
} sketch;

void figure_begin(sketch *s, figure_set *set, figure_group group, double width_mm, double height_mm);
/** Add the figure to its set and release the buffers. */
void figure_end(sketch *s);
/** Release the buffers only: there is nothing to draw. */
void figure_drop(sketch *s);

#define FIGURE_WIDTH_MM 85.0
#define FIGURE_HEIGHT_MM 66.0
#define SMALL_WIDTH_MM 64.0
#define SMALL_HEIGHT_MM 50.0

/** Letters, digits and _ of a text, the rest as _, cut at 40: for file names and anchors. */
void put_plain(mtc_buffer *b, const char *text);
/** Text in single quotes for gnuplot; control characters and back quotes are replaced. */
void put_quoted(mtc_buffer *b, const char *text);
/** Text with a capital first letter, where that is a plain letter. */
void put_capitalised(mtc_buffer *b, const char *text);
/** A number for gnuplot; NaN where not finite, which it leaves out. */
void put_value(mtc_buffer *b, double x);
/** "$name << EOD", n rows of the columns, "EOD". A NULL column is written as NaN. */
void put_data(mtc_buffer *b, const char *name, size_t index, const double *const *column, size_t n_col, size_t n);

/** "set xtics" with a round step, at most about so many on a linear axis. */
void put_ticks(mtc_buffer *b, double lower, double upper, int most);

/** Colour "#rrggbb" of a model: by its place among the compared ones, grey for checks. */
const char *model_colour(const mtc_result *r, const char *model);
/** Index of a model in the result, n_model where unknown. */
size_t model_index(const mtc_result *r, const char *model);

void figures_answer(figure_set *set);
void figures_displays(figure_set *set);
void figures_seeding(figure_set *set);
void figures_check(figure_set *set);
void figures_priors(figure_set *set);
void figures_estimators(figure_set *set);

/** What drawing needs from outside. */
typedef struct {
    const char *gnuplot; /* program; NULL: "gnuplot" on the search path */
    const char *folder;  /* where <id>.svg, <id>.pdf and <id>.gnuplot go; exists */
} figure_tool;

/**
 * Draw all figures: files into the folder, SVG for the page into figure.svg. A figure that fails gets its reason and is
 * left out; that is no error. Errors: MTC_ENOMEM, MTC_EIO (folder not writable).
 */
mtc_status figures_draw(figure_set *set, const figure_tool *tool);

/** Run gnuplot on a script inside a folder. reason: why it failed, first line of its messages, "" on success. */
bool gnuplot_run(const char *program, const char *folder, const char *script, char *reason, size_t size);

/** gnuplot's SVG as a file: physical size, title, description, fonts. */
mtc_status svg_for_file(const figure *f, const char *raw, mtc_buffer *out, mtc_err *err);
/** The same for a place inside a page: no prolog, ids of its own, no tooltips, hidden from assistive technology (the
 * element around it carries the words). */
mtc_status svg_for_page(const figure *f, const char *raw, mtc_buffer *out, mtc_err *err);
/** cairo's PDF without its date: CreationDate set to a fixed one of equal length. */
void pdf_remove_date(char *bytes, size_t n);

#endif
