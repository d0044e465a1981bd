/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_summary.h"

#include "mtc_rng.h"
#include "mtc_unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- observed points ----------------------------------------------------------------------------------------- */

static const char *row_name(const tvdt_row *row)
{
    if (row->study != NULL) {
        return row->study;
    }
    return row->source != NULL ? row->source : "unnamed";
}

static mtc_status add_points(const tvdt_row *row, mtc_tvdt_points *points, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double log_years[MAX_ORDER], probability[MAX_ORDER];
    const char *word[MAX_ORDER];
    const size_t n = row->kind->points(row, log_years, probability, word);
    for (size_t i = 0; i < n; ++i) {
        char *label = NULL;
        MTC_TRY(mtc_arena_printf(arena, &label, err, "%s: %s, n = %.0f", row_name(row), word[i], row->n));
        points->x_days[points->n] = exp(log_years[i]) * MTC_DAYS_PER_YEAR;
        points->probability[points->n] = probability[i];
        points->label[points->n++] = label;
    }
out:
    return st;
}

static size_t room_for(const tvdt_row *row)
{
    return row->order.k > 0 ? row->order.k : 1;
}

mtc_status tvdt_summary_show(tvdt_summary *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (int site = 0; site < MTC_TVDT_N_SITE; ++site) {
        mtc_tvdt_points points = {NULL, NULL, NULL, 0};
        size_t room = 0;
        for (size_t i = 0; i < self->n; ++i) {
            room += (int)self->row[i].site == site ? room_for(&self->row[i]) : 0;
        }
        if (room == 0) {
            continue;
        }
        MTC_TRY(mtc_arena_new(arena, room, &points.x_days, err));
        MTC_TRY(mtc_arena_new(arena, room, &points.probability, err));
        MTC_TRY(mtc_arena_new(arena, room, &points.label, err));
        for (size_t i = 0; i < self->n; ++i) {
            if ((int)self->row[i].site == site) {
                MTC_TRY(add_points(&self->row[i], &points, arena, err));
            }
        }
        MTC_TRY(mtc_tvdt_show_add(&self->show, (mtc_tvdt_site)site, &points, arena, err));
    }
out:
    return st;
}

/* ---- new samples --------------------------------------------------------------------------------------------- */

static const char *const column[N_CELL] = {"site",  "n",     "study",          "sample", "statistic", "probability",
                                           "value", "order", "geometric_mean", "log_sd", "mean",      "sd"};

/* A double-quoted YAML scalar; control characters become blanks. */
static void quote(const char *text, char *out)
{
    size_t used = 0;
    out[used++] = '"';
    for (const char *s = text; *s != '\0' && used + 3 < CELL_SIZE; ++s) {
        if (*s == '"' || *s == '\\') {
            out[used++] = '\\';
        }
        out[used++] = (unsigned char)*s < ' ' ? ' ' : *s;
    }
    out[used++] = '"';
    out[used] = '\0';
}

/* n new tumours of a population whose median is shifted: first the primary's doubling time, then, for a metastasis,
 * how much faster it grows. */
static void draw_sample(const tvdt_row *row, const double *all, double shift, gsl_rng *rng, double *x)
{
    for (size_t i = 0; i < (size_t)row->n; ++i) {
        x[i] = log(all[MTC_TVDT_DELTA] / MTC_DAYS_PER_YEAR) + shift + all[MTC_TVDT_SIGMA_D] * mtc_rng_normal(rng);
        if (row->site == MTC_TVDT_METASTASIS) {
            x[i] -= log(all[MTC_TVDT_RATIO]) + all[MTC_TVDT_SIGMA_RHO] * mtc_rng_normal(rng);
        }
    }
}

static mtc_status add_row(const tvdt_row *row, double *x, mtc_rows *rows, mtc_err *err)
{
    char cell[N_CELL][CELL_SIZE];
    const char *text[N_CELL];
    for (int i = 0; i < N_CELL; ++i) {
        cell[i][0] = '\0';
        text[i] = cell[i];
    }
    (void)snprintf(cell[CELL_SITE], CELL_SIZE, "%s", mtc_tvdt_site_name[row->site]);
    (void)snprintf(cell[CELL_N], CELL_SIZE, "%.0f", row->n);
    if (row->study != NULL) {
        quote(row->study, cell[CELL_STUDY]);
    }
    if (row->sample != NULL) {
        quote(row->sample, cell[CELL_SAMPLE]);
    }
    row->kind->summarise(row, x, cell);
    return mtc_rows_add(rows, text, err);
}

mtc_status tvdt_summary_simulate(const void *self_v, const double *theta, gsl_rng *rng, mtc_rows **out, mtc_err *err)
{
    const tvdt_summary *self = self_v;
    mtc_status st = MTC_OK;
    double all[MTC_TVDT_N_PARAM], most = 1.0;
    double *x = NULL, *shift = NULL;
    *out = NULL;
    mtc_tvdt_params_unpack(&self->params, theta, all);
    for (size_t i = 0; i < self->n; ++i) {
        most = fmax(most, self->row[i].n);
    }
    x = mtc_calloc((size_t)most, sizeof *x);
    shift = mtc_calloc(self->n_group, sizeof *shift);
    if (x == NULL || shift == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for a sample of %.0f doubling times", most);
        goto out;
    }
    for (size_t g = 0; g < self->n_group && self->between_study; ++g) {
        shift[g] = all[MTC_TVDT_OMEGA] * mtc_rng_normal(rng);
    }
    MTC_TRY(mtc_rows_create(column, N_CELL, out, err));
    for (size_t i = 0; i < self->n; ++i) {
        draw_sample(&self->row[i], all, shift[self->row[i].group], rng, x);
        MTC_TRY(add_row(&self->row[i], x, *out, err));
    }
out:
    mtc_free(x);
    mtc_free(shift);
    if (st != MTC_OK) {
        mtc_rows_destroy(*out);
        *out = NULL;
    }
    return st;
}
