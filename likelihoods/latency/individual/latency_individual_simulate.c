/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "latency_individual.h"

#include "mtc_rng.h"

#include <math.h>
#include <stdio.h>

/* Tries for a patient without metastasis before observation begins; more would mean that the model has hardly any. */
static const int most_tries = 10000;

double latency_individual_draw_size(const void *self_v, gsl_rng *rng)
{
    const latency_individual *self = self_v;
    const size_t i = (size_t)(mtc_rng_uniform(rng) * (double)self->n);
    const mtc_size_class *cls = &self->cls[self->patient[i < self->n ? i : self->n - 1].cls];
    return cls->lower_mm == cls->upper_mm ? cls->lower_mm
                                          : mtc_course_draw_size_mm(self->course, cls->lower_mm, cls->upper_mm, rng);
}

/* A patient of the same size whose metastasis, if any, comes after observation begins. */
static mtc_status draw_time(const latency_individual *self, const latency_patient *p, const double *theta, gsl_rng *rng,
                            double *t_years, mtc_err *err)
{
    const mtc_size_class *cls = &self->cls[p->cls];
    const bool exact = cls->lower_mm == cls->upper_mm;
    for (int i = 0; i < most_tries; i++) {
        mtc_patient patient;
        const double size =
            exact ? cls->lower_mm : mtc_course_draw_size_mm(self->course, cls->lower_mm, cls->upper_mm, rng);
        const mtc_status st = mtc_course_draw_patient(self->course, theta, size, rng, &patient, NULL, 0, NULL, err);
        if (st != MTC_OK) {
            return st;
        }
        *t_years = fmax(patient.time_years, 0.0);
        if (!(self->conditioned || p->entry_years > 0.0) || patient.time_years > p->entry_years) {
            return MTC_OK;
        }
    }
    return mtc_fail(err, MTC_EDOMAIN,
                    "at this point nearly every patient has a metastasis before observation begins: none in %d draws "
                    "without",
                    most_tries);
}

static double draw_follow_up(const latency_individual *self, double entry_years, gsl_rng *rng)
{
    for (int i = 0; i < most_tries; i++) {
        const size_t at = (size_t)(mtc_rng_uniform(rng) * (double)self->n_censoring);
        const double t = self->censoring_years[at < self->n_censoring ? at : self->n_censoring - 1];
        if (t > entry_years) {
            return t;
        }
    }
    return entry_years + self->show_time[SHOW_TIMES - 1];
}

enum { COLUMNS = 6, CELL = 32 };

/* Empty where it does not apply. Enough digits that no time falls on another one, or on 0. */
static void write_number(char cell[CELL], bool applies, double x)
{
    cell[0] = '\0';
    if (applies) {
        (void)snprintf(cell, CELL, "%.12g", x);
    }
}

static void write_cells(const latency_individual *self, const latency_patient *p, double t_years,
                        double follow_up_years, char cell[COLUMNS][CELL])
{
    const mtc_size_class *cls = &self->cls[p->cls];
    const bool exact = cls->lower_mm == cls->upper_mm;
    const bool event = t_years <= follow_up_years;
    const bool open_below = cls->lower_mm <= self->course->size_min_mm;
    const bool open_above = cls->upper_mm >= self->course->size_max_mm;
    write_number(cell[0], true, event ? t_years : follow_up_years);
    write_number(cell[1], true, event ? 1.0 : 0.0);
    write_number(cell[2], exact, cls->lower_mm);
    write_number(cell[3], !exact, open_below ? 0.0 : cls->lower_mm);
    write_number(cell[4], !exact && (!open_above || open_below), cls->upper_mm);
    write_number(cell[5], p->entry_years > 0.0, p->entry_years);
}

mtc_status latency_individual_simulate(const void *self_v, const double *theta, gsl_rng *rng, mtc_rows **out,
                                       mtc_err *err)
{
    static const char *const column[COLUMNS] = {"time_years",    "event",         "size_mm",
                                                "size_lower_mm", "size_upper_mm", "entry_years"};
    const latency_individual *self = self_v;
    mtc_status st = MTC_OK;
    mtc_rows *rows = NULL;
    *out = NULL;
    MTC_TRY(mtc_rows_create(column, COLUMNS, &rows, err));
    for (size_t i = 0; i < self->n; i++) {
        const latency_patient *p = &self->patient[i];
        char cell[COLUMNS][CELL];
        const char *cells[COLUMNS];
        double t_years;
        MTC_TRY(draw_time(self, p, theta, rng, &t_years, err));
        write_cells(self, p, t_years, draw_follow_up(self, p->entry_years, rng), cell);
        for (size_t k = 0; k < COLUMNS; k++) {
            cells[k] = cell[k];
        }
        MTC_TRY(mtc_rows_add(rows, cells, err));
    }
    *out = rows;
    rows = NULL;
out:
    mtc_rows_destroy(rows);
    return st;
}
