/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "m1_counts.h"

#include <math.h>

static const double most_patients = 1e9; /* of one row */

const mtc_role m1_counts_roles[N_ROLE + 1] = {
    [ROLE_SIZE] = {"size", MTC_DIM_LENGTH, false, false, true, "diameter of these primaries, if they are all alike"},
    [ROLE_SIZE_LOWER] = {"size_lower", MTC_DIM_LENGTH, false, false, true, "size class: larger than this"},
    [ROLE_SIZE_UPPER] = {"size_upper", MTC_DIM_LENGTH, false, false, true, "and at most this; empty: open above"},
    [ROLE_N] = {"n", MTC_DIM_NONE, false, true, false, "patients of this size"},
    [ROLE_K] = {"k", MTC_DIM_NONE, false, true, false, "those of them with a metastasis at surgery"},
    [N_ROLE] = {NULL, MTC_DIM_NONE, false, false, false, NULL},
};

const mtc_key m1_counts_keys[] = {
    {"over_dispersion", MTC_KEY_BOOL, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, "false", false, NULL,
     "rows vary more than a binomial law allows (parameter count_over_dispersion)"},
    {NULL, MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, NULL},
};

static double number_at(const mtc_source *src, int role, size_t row)
{
    return src->number[role] != NULL ? src->number[role][row] : (double)NAN;
}

/* Where a cell stands; where its column is not mapped, the row. */
static mtc_pos cell_pos(const mtc_source *src, size_t row, int role)
{
    mtc_pos pos = src->row_pos[row];
    if (src->number[role] != NULL && src->column_index[role] > 0) {
        pos.column = src->column_index[role];
    }
    return pos;
}

static const char *name_of(const mtc_source *src, int role)
{
    return src->column_name[role] != NULL ? src->column_name[role] : m1_counts_roles[role].role;
}

static bool check_count(const mtc_source *src, size_t row, int role, double least, mtc_errlist *errors)
{
    const double x = src->number[role][row];
    if (x >= least && x <= most_patients && x == floor(x)) {
        return true;
    }
    const mtc_pos pos = cell_pos(src, row, role);
    (void)mtc_errlist_add(errors, MTC_EDATA, &pos, NULL, "column '%s': must be a whole number from %g to %g, got %.17g",
                          name_of(src, role), least, most_patients, x);
    return false;
}

static bool read_counts(const mtc_source *src, size_t row, m1_row *out, mtc_errlist *errors)
{
    const bool n_good = check_count(src, row, ROLE_N, 1.0, errors);
    const bool k_good = check_count(src, row, ROLE_K, 0.0, errors);
    out->n = src->number[ROLE_N][row];
    out->k = src->number[ROLE_K][row];
    if (n_good && k_good && out->k > out->n) {
        const mtc_pos pos = cell_pos(src, row, ROLE_K);
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, NULL, "column '%s': %.0f with a metastasis among %.0f patients",
                              name_of(src, ROLE_K), out->k, out->n);
        return false;
    }
    return n_good && k_good;
}

/* 1: read; 0: no size; -1: wrong and reported. */
static int read_size(const mtc_source *src, size_t row, mtc_size_class *cls, mtc_errlist *errors)
{
    const double size = number_at(src, ROLE_SIZE, row);
    const double lower = number_at(src, ROLE_SIZE_LOWER, row), upper = number_at(src, ROLE_SIZE_UPPER, row);
    if (isnan(size)) {
        if (latency_size_missing(lower, upper)) {
            return 0;
        }
        const mtc_pos pos = cell_pos(src, row, isnan(lower) ? ROLE_SIZE_UPPER : ROLE_SIZE_LOWER);
        return latency_size_read(lower, upper, src->course, &pos, cls, errors) == MTC_OK ? 1 : -1;
    }
    const mtc_pos pos = cell_pos(src, row, ROLE_SIZE);
    if (!latency_size_missing(lower, upper)) {
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "leave the size or the bounds empty",
                              "column '%s': both a size and bounds are given", name_of(src, ROLE_SIZE));
        return -1;
    }
    return latency_size_read_exact(size, &pos, cls, errors) == MTC_OK ? 1 : -1;
}

static size_t class_index(m1_counts *self, mtc_size_class cls)
{
    for (size_t c = 0; c < self->n_class; c++) {
        if (self->cls[c].lower_mm == cls.lower_mm && self->cls[c].upper_mm == cls.upper_mm) {
            return c;
        }
    }
    self->cls[self->n_class] = cls;
    return self->n_class++;
}

static void add_row(m1_counts *self, m1_row row, mtc_size_class cls)
{
    row.cls = class_index(self, cls);
    self->row[self->n++] = row;
    self->class_n[row.cls] += row.n;
    self->class_k[row.cls] += row.k;
    self->total_n += row.n;
    self->total_k += row.k;
}

/* Nothing says how large these primaries were: left out and counted, or an error. */
static void missing_size(mtc_source *src, size_t row, mtc_errlist *errors)
{
    if (src->drop_missing) {
        src->n_dropped++;
        return;
    }
    const int role = src->number[ROLE_SIZE] != NULL ? ROLE_SIZE : ROLE_SIZE_LOWER;
    const mtc_pos pos = cell_pos(src, row, role);
    (void)mtc_errlist_add(errors, MTC_EDATA, &pos,
                          "'missing: drop' leaves such rows out; for primaries of any size write 'size_lower: 0 mm'",
                          "column '%s': neither a size nor a bound of a size class", name_of(src, role));
}

mtc_status m1_counts_read(m1_counts *self, mtc_source *src, mtc_arena *arena, mtc_errlist *errors, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n_before = errors->n_all;
    MTC_TRY(mtc_arena_new(arena, src->n_row, &self->row, err));
    MTC_TRY(mtc_arena_new(arena, src->n_row, &self->cls, err));
    MTC_TRY(mtc_arena_new(arena, src->n_row, &self->class_n, err));
    MTC_TRY(mtc_arena_new(arena, src->n_row, &self->class_k, err));
    for (size_t i = 0; i < src->n_row; i++) {
        m1_row row = {.pos = src->row_pos[i]};
        mtc_size_class cls;
        const bool counts = read_counts(src, i, &row, errors);
        const int size = read_size(src, i, &cls, errors);
        if (size == 0) {
            missing_size(src, i, errors);
        } else if (size == 1 && counts) {
            add_row(self, row, cls);
        }
    }
    if (self->n == 0 && errors->n_all == n_before) {
        (void)mtc_errlist_add(errors, MTC_EDATA, &src->pos, NULL, "no row of source '%s' has a size", src->name);
    }
    st = errors->n_all > n_before ? MTC_EDATA : MTC_OK;
out:
    return st;
}
