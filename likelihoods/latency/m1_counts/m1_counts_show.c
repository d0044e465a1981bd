/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "m1_counts.h"

#include "mtc_rng.h"

#include <stdio.h>

/* ---- what it says about the data ------------------------------------------------------------------------------- */

static mtc_status name_class(m1_counts *self, size_t c, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char id[LATENCY_SIZE_TEXT];
    char *text[6] = {NULL};
    const char *label = self->label[c];
    latency_size_label(&self->cls[c], self->src->course, self->label[c], LATENCY_SIZE_TEXT);
    latency_size_id(&self->cls[c], self->src->course, id, sizeof id);
    MTC_TRY(mtc_arena_printf(arena, &text[0], err, "patients.%s", id));
    MTC_TRY(mtc_arena_printf(arena, &text[1], err, "patients, primary %s", label));
    MTC_TRY(mtc_arena_printf(arena, &text[2], err, "m1.%s", id));
    MTC_TRY(mtc_arena_printf(arena, &text[3], err, "metastasis at surgery, primary %s", label));
    MTC_TRY(mtc_arena_printf(arena, &text[4], err, "m1_fraction.%s", id));
    MTC_TRY(mtc_arena_printf(arena, &text[5], err, "fraction with a metastasis at surgery, primary %s", label));
    mtc_quantity *fact = &self->fact[N_TOTAL + FACTS_PER_CLASS * c];
    fact[0] = (mtc_quantity){.id = text[0], .label = text[1], .is_count = true};
    fact[1] = (mtc_quantity){.id = text[2], .label = text[3], .is_count = true};
    self->quantity[c] = (mtc_quantity){.id = text[4], .label = text[5]};
out:
    return st;
}

mtc_status m1_counts_show(m1_counts *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    MTC_TRY(mtc_arena_new(arena, self->n_class, &self->label, err));
    MTC_TRY(mtc_arena_new(arena, self->n_class, &self->quantity, err));
    MTC_TRY(mtc_arena_new(arena, N_TOTAL + FACTS_PER_CLASS * self->n_class, &self->fact, err));
    self->fact[FACT_ROWS] = (mtc_quantity){.id = "rows", .label = "rows"};
    self->fact[FACT_PATIENTS] = (mtc_quantity){.id = "patients", .label = "patients", .is_count = true};
    self->fact[FACT_M1] = (mtc_quantity){.id = "m1", .label = "metastasis at surgery", .is_count = true};
    for (size_t c = 0; c < self->n_class; c++) {
        MTC_TRY(name_class(self, c, arena, err));
    }
out:
    return st;
}

/* ---- new counts ------------------------------------------------------------------------------------------------ */

enum { CELL_SIZE = 32 };

static double draw_size(const m1_counts *self, size_t c, gsl_rng *rng)
{
    const mtc_size_class *cls = &self->cls[c];
    return mtc_course_draw_size_mm(self->src->course, cls->lower_mm, cls->upper_mm, rng);
}

double m1_counts_draw_size(const void *self_v, gsl_rng *rng)
{
    const m1_counts *self = self_v;
    double at = self->total_n * mtc_rng_uniform(rng);
    size_t c = 0;
    while (c + 1 < self->n_class && at >= self->class_n[c]) {
        at -= self->class_n[c++];
    }
    return draw_size(self, c, rng);
}

/*
 * Patients one after the other. With correlation eta/(1 + eta) a patient repeats what a random earlier one of the row
 * had with probability i eta/(1 + i eta), i patients being there (Polya's urn): the count is then beta-binomial.
 */
static mtc_status draw_row(const m1_counts *self, const m1_row *row, const double *theta, double eta, gsl_rng *rng,
                           double *k, mtc_err *err)
{
    *k = 0.0;
    for (double i = 0.0; i < row->n; i += 1.0) {
        mtc_patient patient;
        if (mtc_rng_uniform(rng) * (1.0 + i * eta) < i * eta) {
            *k += mtc_rng_uniform(rng) * i < *k ? 1.0 : 0.0;
            continue;
        }
        const double mm = draw_size(self, row->cls, rng);
        const mtc_status st = mtc_course_draw_patient(self->src->course, theta, mm, rng, &patient, NULL, 0, NULL, err);
        if (st != MTC_OK) {
            return st;
        }
        *k += patient.time_years <= 0.0 ? 1.0 : 0.0;
    }
    return MTC_OK;
}

static mtc_status add_row(const m1_counts *self, const m1_row *row, double k, mtc_rows *rows, mtc_err *err)
{
    char cell[N_ROLE][CELL_SIZE] = {""};
    const char *text[N_ROLE];
    const mtc_size_class *cls = &self->cls[row->cls];
    const mtc_course *course = self->src->course;
    if (cls->lower_mm == cls->upper_mm) {
        (void)snprintf(cell[ROLE_SIZE], CELL_SIZE, "%.10g mm", cls->lower_mm);
    } else {
        const double lower = cls->lower_mm == course->size_min_mm ? 0.0 : cls->lower_mm;
        (void)snprintf(cell[ROLE_SIZE_LOWER], CELL_SIZE, "%.10g mm", lower);
        if (cls->upper_mm != course->size_max_mm) {
            (void)snprintf(cell[ROLE_SIZE_UPPER], CELL_SIZE, "%.10g mm", cls->upper_mm);
        }
    }
    (void)snprintf(cell[ROLE_N], CELL_SIZE, "%.0f", row->n);
    (void)snprintf(cell[ROLE_K], CELL_SIZE, "%.0f", k);
    for (int i = 0; i < N_ROLE; i++) {
        text[i] = cell[i];
    }
    return mtc_rows_add(rows, text, err);
}

mtc_status m1_counts_simulate(const void *self_v, const double *theta, gsl_rng *rng, mtc_rows **out, mtc_err *err)
{
    const m1_counts *self = self_v;
    mtc_status st = MTC_OK;
    const char *column[N_ROLE];
    const double rho = self->over_dispersion ? theta[MTC_COURSE_N_PARAM] : 0.0;
    *out = NULL;
    if (!(rho >= 0.0 && rho < 1.0)) {
        return mtc_fail(err, MTC_EDOMAIN, "%s must be >= 0 and < 1, got %g", m1_counts_over_dispersion.name, rho);
    }
    for (int i = 0; i < N_ROLE; i++) {
        column[i] = m1_counts_roles[i].role;
    }
    MTC_TRY(mtc_rows_create(column, N_ROLE, out, err));
    for (size_t i = 0; i < self->n; i++) {
        double k;
        MTC_TRY(draw_row(self, &self->row[i], theta, rho / (1.0 - rho), rng, &k, err));
        MTC_TRY(add_row(self, &self->row[i], k, *out, err));
    }
out:
    if (st != MTC_OK) {
        mtc_rows_destroy(*out);
        *out = NULL;
    }
    return st;
}
