/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_individual.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const mtc_role tvdt_individual_roles[N_ROLE + 1] = {
    [ROLE_PATIENT] = {"patient", MTC_DIM_NONE, true, false, true,
                      "patient; the primary and the metastasis of one patient are a pair"},
    [ROLE_SITE] = {"site", MTC_DIM_NONE, true, false, true, "primary or metastasis (one row per tumour)"},
    [ROLE_TVDT] = {"tvdt", MTC_DIM_TIME, false, false, true, "volume doubling time of the row's tumour"},
    [ROLE_TVDT_LOWER] = {"tvdt_lower", MTC_DIM_TIME, false, false, true, "it is longer than this"},
    [ROLE_TVDT_UPPER] = {"tvdt_upper", MTC_DIM_TIME, false, false, true, "it is at most this"},
    [ROLE_PRIMARY] = {"primary_tvdt", MTC_DIM_TIME, false, false, true,
                      "volume doubling time of the primary (one row per patient)"},
    [ROLE_PRIMARY_LOWER] = {"primary_tvdt_lower", MTC_DIM_TIME, false, false, true, "it is longer than this"},
    [ROLE_PRIMARY_UPPER] = {"primary_tvdt_upper", MTC_DIM_TIME, false, false, true, "it is at most this"},
    [ROLE_METASTASIS] = {"metastasis_tvdt", MTC_DIM_TIME, false, false, true,
                         "volume doubling time of the metastasis (one row per patient)"},
    [ROLE_METASTASIS_LOWER] = {"metastasis_tvdt_lower", MTC_DIM_TIME, false, false, true, "it is longer than this"},
    [ROLE_METASTASIS_UPPER] = {"metastasis_tvdt_upper", MTC_DIM_TIME, false, false, true, "it is at most this"},
    [N_ROLE] = {NULL, MTC_DIM_NONE, false, false, false, NULL},
};

const mtc_key tvdt_individual_keys[] = {
    {"measurement_log_sd", MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, HUGE_VAL, "0", false, NULL,
     "log-sd of the error with which a doubling time is measured; adds to the variances"},
    {"between_study", MTC_KEY_BOOL, MTC_DIM_NONE, MTC_UNIT_NONE, -HUGE_VAL, HUGE_VAL, "false", false, NULL,
     "the median may differ from that of other studies; all rows are one study (parameter between_study_log_sd)"},
    {NULL, MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, NULL},
};

/* ---- one tumour ---------------------------------------------------------------------------------------------- */

static bool is_mapped(const mtc_source *src, int role)
{
    return src->number[role] != NULL || src->text[role] != NULL;
}

/* Where a cell stands in the user's file. */
static mtc_pos cell_pos(const mtc_source *src, size_t row, int role)
{
    mtc_pos pos = src->row_pos[row];
    if (src->column_index[role] > 0) {
        pos.column = src->column_index[role];
    }
    return pos;
}

static const char *role_name(const mtc_source *src, int role)
{
    return src->column_name[role] != NULL ? src->column_name[role] : tvdt_individual_roles[role].role;
}

static double number_at(const mtc_source *src, int role, size_t row)
{
    return src->number[role] != NULL ? src->number[role][row] : (double)NAN;
}

static const char *text_at(const mtc_source *src, int role, size_t row)
{
    const char *text = src->text[role] != NULL ? src->text[role][row] : NULL;
    return text != NULL ? text : "";
}

/* A number that is given must be a time; zero only as a lower bound, where it means none. */
static bool check_time(const mtc_source *src, size_t row, int role, double x, bool zero_allowed, mtc_errlist *errors)
{
    if (isnan(x) || (isfinite(x) && (x > 0.0 || (zero_allowed && x == 0.0)))) {
        return true;
    }
    const mtc_pos pos = cell_pos(src, row, role);
    (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "an empty cell means that nothing is known",
                          "column '%s': a doubling time must be > 0, got %g years", role_name(src, role), x);
    return false;
}

/* Value, lower and upper bound of a row (roles first, first + 1, first + 2) -> tumour; all empty: ABSENT. */
static void read_tumour(const mtc_source *src, size_t row, int first, mtc_tvdt_tumour *t, mtc_errlist *errors)
{
    const double x = number_at(src, first, row);
    const double lower = number_at(src, first + 1, row), upper = number_at(src, first + 2, row);
    t->knowledge = MTC_TVDT_ABSENT;
    if (!check_time(src, row, first, x, false, errors) || !check_time(src, row, first + 1, lower, true, errors) ||
        !check_time(src, row, first + 2, upper, false, errors)) {
        return;
    }
    if (!isnan(x) && !(isnan(lower) && isnan(upper))) {
        const mtc_pos pos = cell_pos(src, row, first);
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "leave the value or the bounds empty",
                              "column '%s': both a value and bounds are given", role_name(src, first));
    } else if (lower >= upper) {
        const mtc_pos pos = cell_pos(src, row, first + 1);
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, NULL,
                              "column '%s': the lower bound %g is not below the upper %g", role_name(src, first + 1),
                              lower, upper);
    } else if (!isnan(x)) {
        *t = (mtc_tvdt_tumour){MTC_TVDT_EXACT, log(x), log(x)};
    } else if (lower > 0.0 || !isnan(upper)) {
        *t = (mtc_tvdt_tumour){MTC_TVDT_CENSORED, lower > 0.0 ? log(lower) : -HUGE_VAL,
                               isnan(upper) ? HUGE_VAL : log(upper)};
    }
}

/* ---- form of the table --------------------------------------------------------------------------------------- */

static bool any_mapped(const mtc_source *src, int first, int end)
{
    for (int role = first; role < end; ++role) {
        if (is_mapped(src, role)) {
            return true;
        }
    }
    return false;
}

static mtc_status check_form(tvdt_individual *self, const mtc_source *src, mtc_errlist *errors)
{
    static const char hint[] = "one row per tumour: site and tvdt (tvdt_lower, tvdt_upper); one row per patient: "
                               "primary_tvdt, metastasis_tvdt (with _lower, _upper)";
    const bool is_long = any_mapped(src, ROLE_TVDT, ROLE_PRIMARY);
    const bool is_wide = any_mapped(src, ROLE_PRIMARY, N_ROLE);
    const bool has_site = is_mapped(src, ROLE_SITE);
    self->is_long = is_long;
    if (is_wide && (is_long || has_site)) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &src->pos, hint, "columns of two forms are mapped");
    }
    if (!is_wide && !is_long) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &src->pos, hint, "no column of doubling times is mapped");
    }
    if (is_long && !has_site) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &src->pos, hint, "column 'site' is missing");
    }
    return MTC_OK;
}

/* ---- rows to patients ---------------------------------------------------------------------------------------- */

typedef struct {
    const char *id;
    size_t row;
} named_row;

static int by_name(const void *p, const void *q)
{
    const named_row *x = p, *y = q;
    const int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/* leader[row]: first row of the same patient; a row without a name leads itself. */
static mtc_status find_leaders(const mtc_source *src, mtc_arena *arena, size_t **leader, mtc_err *err)
{
    mtc_status st = MTC_OK;
    named_row *named = NULL;
    MTC_TRY(mtc_arena_new(arena, src->n_row, leader, err));
    MTC_TRY(mtc_arena_new(arena, src->n_row, &named, err));
    for (size_t i = 0; i < src->n_row; ++i) {
        named[i] = (named_row){text_at(src, ROLE_PATIENT, i), i};
    }
    qsort(named, src->n_row, sizeof *named, by_name);
    for (size_t i = 0; i < src->n_row; ++i) {
        const bool same = i > 0 && named[i].id[0] != '\0' && strcmp(named[i].id, named[i - 1].id) == 0;
        (*leader)[named[i].row] = same ? (*leader)[named[i - 1].row] : named[i].row;
    }
out:
    return st;
}

static int find_site(const mtc_source *src, size_t row, mtc_errlist *errors)
{
    const char *text = text_at(src, ROLE_SITE, row);
    for (int s = 0; s < MTC_TVDT_N_SITE; ++s) {
        if (strcmp(text, mtc_tvdt_site_name[s]) == 0) {
            return s;
        }
    }
    char hint[64];
    const char *near = mtc_nearest_name(text, mtc_tvdt_site_name, MTC_TVDT_N_SITE);
    const mtc_pos pos = cell_pos(src, row, ROLE_SITE);
    (void)snprintf(hint, sizeof hint, "did you mean '%s'?", near != NULL ? near : "");
    (void)mtc_errlist_add(errors, MTC_EDATA, &pos, near != NULL ? hint : NULL,
                          "column '%s': must be primary or metastasis, got '%.80s'", role_name(src, ROLE_SITE), text);
    return -1;
}

/* Nothing is known of this row: dropped and counted, or an error. */
static void missing_row(mtc_source *src, size_t row, int role, mtc_errlist *errors)
{
    if (src->drop_missing) {
        ++src->n_dropped;
        return;
    }
    const mtc_pos pos = cell_pos(src, row, role);
    (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "'missing: drop' leaves such rows out and counts them",
                          "column '%s': no doubling time and no bound", role_name(src, role));
}

static void second_tumour(const mtc_source *src, size_t row, int site, mtc_errlist *errors)
{
    const mtc_pos pos = cell_pos(src, row, ROLE_PATIENT);
    const char *id = text_at(src, ROLE_PATIENT, row);
    if (site == MTC_TVDT_METASTASIS) {
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "keep one metastasis of each patient",
                              "patient '%.80s' has more than one metastasis, which this version cannot fit: they "
                              "are not independent",
                              id);
    } else {
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, NULL, "patient '%.80s' has more than one primary", id);
    }
}

static mtc_tvdt_patient *new_patient(tvdt_individual *self, size_t row)
{
    self->row[self->n] = row;
    self->id[self->n] = text_at(self->src, ROLE_PATIENT, row);
    return &self->patient[self->n++];
}

/* One row of the long form: a tumour that joins its patient or founds one. */
static void read_long_row(tvdt_individual *self, mtc_source *src, size_t row, size_t *leader_patient,
                          mtc_errlist *errors)
{
    mtc_tvdt_tumour t;
    const size_t n_before = errors->n_all;
    const int site = find_site(src, row, errors);
    read_tumour(src, row, ROLE_TVDT, &t, errors);
    if (errors->n_all > n_before) {
        return;
    }
    if (t.knowledge == MTC_TVDT_ABSENT) {
        missing_row(src, row, is_mapped(src, ROLE_TVDT) ? ROLE_TVDT : ROLE_TVDT_LOWER, errors);
        return;
    }
    if (*leader_patient == SIZE_MAX) {
        *leader_patient = self->n;
        (void)new_patient(self, row);
    }
    mtc_tvdt_patient *p = &self->patient[*leader_patient];
    if (p->tumour[site].knowledge != MTC_TVDT_ABSENT) {
        second_tumour(src, row, site, errors);
        return;
    }
    p->tumour[site] = t;
}

/* One row of the wide form: a patient. */
static void read_wide_row(tvdt_individual *self, mtc_source *src, size_t row, size_t leader, mtc_errlist *errors)
{
    mtc_tvdt_patient p;
    const size_t n_before = errors->n_all;
    read_tumour(src, row, ROLE_PRIMARY, &p.tumour[MTC_TVDT_PRIMARY], errors);
    read_tumour(src, row, ROLE_METASTASIS, &p.tumour[MTC_TVDT_METASTASIS], errors);
    if (errors->n_all > n_before) {
        return;
    }
    if (p.tumour[0].knowledge == MTC_TVDT_ABSENT && p.tumour[1].knowledge == MTC_TVDT_ABSENT) {
        missing_row(src, row, is_mapped(src, ROLE_PRIMARY) ? ROLE_PRIMARY : ROLE_METASTASIS, errors);
        return;
    }
    if (leader != row) {
        const mtc_pos pos = cell_pos(src, row, ROLE_PATIENT);
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "with primary_tvdt and metastasis_tvdt a patient is one row",
                              "patient '%.80s' has a second row", text_at(src, ROLE_PATIENT, row));
        return;
    }
    *new_patient(self, row) = p;
}

static void count_tumours(tvdt_individual *self)
{
    self->count[COUNT_PATIENT] = self->n;
    for (size_t i = 0; i < self->n; ++i) {
        const mtc_tvdt_tumour *t = self->patient[i].tumour;
        const bool has[2] = {t[0].knowledge != MTC_TVDT_ABSENT, t[1].knowledge != MTC_TVDT_ABSENT};
        self->count[COUNT_PRIMARY] += has[0];
        self->count[COUNT_METASTASIS] += has[1];
        self->count[COUNT_PAIR] += has[0] && has[1];
        self->count[COUNT_CENSORED] += t[0].knowledge == MTC_TVDT_CENSORED;
        self->count[COUNT_CENSORED] += t[1].knowledge == MTC_TVDT_CENSORED;
    }
}

mtc_status tvdt_individual_read(tvdt_individual *self, mtc_source *src, mtc_arena *arena, mtc_errlist *errors,
                                mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t *leader = NULL, *patient_of = NULL;
    const size_t n_before = errors->n_all;
    self->src = src;
    MTC_TRY(check_form(self, src, errors));
    MTC_TRY(mtc_arena_new(arena, src->n_row, &self->patient, err));
    MTC_TRY(mtc_arena_new(arena, src->n_row, &self->id, err));
    MTC_TRY(mtc_arena_new(arena, src->n_row, &self->row, err));
    MTC_TRY(mtc_arena_new(arena, src->n_row, &patient_of, err));
    MTC_TRY(find_leaders(src, arena, &leader, err));
    memset(patient_of, 0xff, src->n_row * sizeof *patient_of);
    for (size_t row = 0; row < src->n_row; ++row) {
        if (self->is_long) {
            read_long_row(self, src, row, &patient_of[leader[row]], errors);
        } else {
            read_wide_row(self, src, row, leader[row], errors);
        }
    }
    if (self->n == 0 && errors->n_all == n_before) {
        (void)mtc_errlist_add(errors, MTC_EDATA, &src->pos, NULL, "no doubling time is left (%zu rows)", src->n_row);
    }
    count_tumours(self);
    st = errors->n_all > n_before ? MTC_EDATA : MTC_OK;
out:
    return st;
}
