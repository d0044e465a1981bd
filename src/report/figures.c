/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures_internal.h"

#include <math.h>
#include <string.h>

/** Okabe & Ito 2008, in an order that keeps the first two far apart for every kind of colour vision. */
static const char *const palette[] = {"#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};
#define N_COLOUR (sizeof palette / sizeof palette[0])
#define CHECK_COLOUR "#555555"

size_t model_index(const mtc_result *r, const char *model)
{
    size_t i = 0;
    while (i < r->n_model && strcmp(r->model[i].name, model) != 0) {
        i++;
    }
    return i;
}

const char *model_colour(const mtc_result *r, const char *model)
{
    size_t place = 0;
    for (size_t i = 0; i < r->n_model; i++) {
        if (strcmp(r->model[i].name, model) == 0) {
            return r->model[i].in_comparison ? palette[place % N_COLOUR] : CHECK_COLOUR;
        }
        place += r->model[i].in_comparison ? 1 : 0;
    }
    return CHECK_COLOUR;
}

/** Of one user's name in a file name; a file system may stop at 143 bytes. */
#define LONGEST_NAME 40

void put_plain(mtc_buffer *b, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    for (size_t i = 0; i < LONGEST_NAME && text[i] != '\0'; i++) {
        mtc_buffer_add(b, strchr(plain, text[i]) != NULL ? text + i : "_", 1);
    }
}

void put_quoted(mtc_buffer *b, const char *text)
{
    mtc_buffer_text(b, "'");
    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        if (*p == '\'') {
            mtc_buffer_text(b, "''");
        } else if (*p == '`') {
            mtc_buffer_text(b, "\u2019");
        } else {
            mtc_buffer_add(b, (unsigned char)*p < 0x20 ? " " : p, 1);
        }
    }
    mtc_buffer_text(b, "'");
}

void put_capitalised(mtc_buffer *b, const char *text)
{
    const char first = text[0] >= 'a' && text[0] <= 'z' ? (char)(text[0] - 'a' + 'A') : text[0];
    if (first != '\0') {
        mtc_buffer_add(b, &first, 1);
        mtc_buffer_text(b, text + 1);
    }
}

void put_value(mtc_buffer *b, double x)
{
    if (isfinite(x)) {
        mtc_buffer_printf(b, "%.9g", x);
    } else {
        mtc_buffer_text(b, "NaN");
    }
}

void put_ticks(mtc_buffer *b, double lower, double upper, int most)
{
    static const double round[] = {1.0, 2.0, 5.0, 10.0};
    const double least = (upper - lower) / most;
    if (!(least > 0.0) || !isfinite(least)) {
        return;
    }
    const double unit = pow(10.0, floor(log10(least)));
    size_t i = 0;
    while (i < 3 && round[i] * unit < least) {
        i++;
    }
    mtc_buffer_printf(b, "set xtics %.9g\n", round[i] * unit);
}

void put_data(mtc_buffer *b, const char *name, size_t index, const double *const *column, size_t n_col, size_t n)
{
    mtc_buffer_printf(b, "$%s%zu << EOD\n", name, index);
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < n_col; c++) {
            mtc_buffer_text(b, c > 0 ? " " : "");
            put_value(b, column[c] == NULL ? (double)NAN : column[c][i]);
        }
        mtc_buffer_text(b, "\n");
    }
    mtc_buffer_text(b, "EOD\n");
}

void figure_begin(sketch *s, figure_set *set, figure_group group, double width_mm, double height_mm)
{
    memset(s, 0, sizeof *s);
    s->set = set;
    s->group = group;
    s->width_mm = width_mm;
    s->height_mm = height_mm;
    mtc_buffer_text(&s->plot, "set border 3 lw 0.75\nset tics nomirror out scale 0.6\nset format '%h'\n"
                              "set key outside above horizontal center maxrows 1 samplen 1.3 width -1\n"
                              "set style fill transparent solid 0.22 noborder\n");
}

static bool make_room(figure_set *set)
{
    figure **larger = NULL;
    const size_t capacity = set->capacity == 0 ? 32 : 2 * set->capacity;

    if (set->st == MTC_OK && set->n == set->capacity) {
        set->st = mtc_arena_new(set->arena, capacity, &larger, set->err);
        if (set->st == MTC_OK && set->n > 0) {
            memcpy(larger, set->item, set->n * sizeof *larger);
        }
        set->item = set->st == MTC_OK ? larger : set->item;
        set->capacity = set->st == MTC_OK ? capacity : set->capacity;
    }
    return set->st == MTC_OK;
}

static const char *kept(figure_set *set, const mtc_buffer *b)
{
    char *copy = NULL;
    if (set->st == MTC_OK) {
        set->st = mtc_buffer_check(b, set->err);
    }
    if (set->st == MTC_OK) {
        set->st = mtc_arena_strndup(set->arena, b->text == NULL ? "" : b->text, b->n, &copy, set->err);
    }
    return copy;
}

/** Names that became equal when they were made plain get a number. */
static void make_id_unique(sketch *s)
{
    const size_t n = s->id.n;
    for (size_t i = 0, number = 2; s->id.text != NULL && i < s->set->n; i++) {
        if (strcmp(s->set->item[i]->id, s->id.text) == 0) {
            s->id.n = n;
            mtc_buffer_printf(&s->id, "_%zu", number++);
            i = (size_t)-1; /* look at all again */
        }
    }
}

void figure_drop(sketch *s)
{
    mtc_buffer_fini(&s->id);
    mtc_buffer_fini(&s->title);
    mtc_buffer_fini(&s->caption);
    mtc_buffer_fini(&s->alt);
    mtc_buffer_fini(&s->plot);
}

void figure_end(sketch *s)
{
    figure_set *const set = s->set;
    figure *f = NULL;

    make_id_unique(s);
    if (make_room(set)) {
        set->st = mtc_arena_new(set->arena, 1, &f, set->err);
    }
    if (set->st == MTC_OK) {
        *f = (figure){.id = kept(set, &s->id),
                      .title = kept(set, &s->title),
                      .caption = kept(set, &s->caption),
                      .alt = kept(set, &s->alt),
                      .plot = kept(set, &s->plot),
                      .width_mm = s->width_mm,
                      .height_mm = s->height_mm,
                      .group = s->group};
    }
    if (set->st == MTC_OK) {
        set->item[set->n++] = f;
    }
    figure_drop(s);
}

mtc_status figures_make(figure_set *set, const mtc_result *r, mtc_err *err)
{
    *set = (figure_set){.r = r, .arena = r->arena, .st = MTC_OK, .err = err};
    figures_answer(set);
    figures_displays(set);
    figures_seeding(set);
    figures_check(set);
    figures_priors(set);
    figures_estimators(set);
    return set->st;
}

size_t figures_of(const figure_set *set, figure_group group, const figure **out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n && n < room; i++) {
        if (set->item[i]->group == group) {
            out[n++] = set->item[i];
        }
    }
    return n;
}
