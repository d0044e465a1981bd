/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "latency_individual.h"

#include "latency_size.h"

#include <math.h>
#include <string.h>

/* Wrong cells of one source that are shown one by one. */
#define MOST_ROW_ERRORS 20u

const mtc_role latency_individual_roles[N_ROLE + 1] = {
    [ROLE_TIME] = {"time", MTC_DIM_TIME, false, false, true,
                   "from surgery to metastasis, or to the end of observation"},
    [ROLE_EVENT] = {"event", MTC_DIM_NONE, false, false, true, "1: metastasis at `time`; 0: none until then"},
    [ROLE_CENSOR] = {"censor", MTC_DIM_TIME, false, false, true,
                     "without metastasis: last time known free of it, if before `time`"},
    [ROLE_TIME_LOWER] = {"time_lower", MTC_DIM_TIME, false, false, true,
                         "metastasis after this time (interval-censored)"},
    [ROLE_TIME_UPPER] = {"time_upper", MTC_DIM_TIME, false, false, true, "and not after this one; empty: none seen"},
    [ROLE_ENTRY] = {"entry", MTC_DIM_TIME, false, false, true, "observation began at this time after surgery"},
    [ROLE_SIZE] = {"size", MTC_DIM_LENGTH, false, false, true, "diameter of the primary at surgery"},
    [ROLE_SIZE_LOWER] = {"size_lower", MTC_DIM_LENGTH, false, false, true, "its size class: larger than this"},
    [ROLE_SIZE_UPPER] = {"size_upper", MTC_DIM_LENGTH, false, false, true, "and at most this; empty: open above"},
    [N_ROLE] = {NULL, MTC_DIM_NONE, false, false, false, NULL},
};

const mtc_key latency_individual_keys[] = {
    {"condition_on", MTC_KEY_CHOICE, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, "none", false, "none|m0",
     "m0: the cohort holds only patients without metastasis at surgery"},
    {NULL, MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, NULL},
};

static double number_at(const mtc_source *src, int role, size_t row)
{
    return src->number[role] != NULL ? src->number[role][row] : (double)NAN;
}

static mtc_pos cell_pos(const mtc_source *src, size_t row, int role)
{
    mtc_pos pos = src->row_pos[row];
    if (src->column_index[role] > 0) {
        pos.column = src->column_index[role];
    }
    return pos;
}

static const char *name_of(const mtc_source *src, int role)
{
    return src->column_name[role] != NULL ? src->column_name[role] : latency_individual_roles[role].role;
}

static void add_error(mtc_errlist *errors, const mtc_source *src, size_t row, int role, const char *what, double value)
{
    const mtc_pos pos = cell_pos(src, row, role);
    (void)mtc_errlist_add(errors, MTC_EDATA, &pos, NULL, "column '%s': %s, got %g", name_of(src, role), what, value);
}

/* 1: read; 0: a cell is missing (role in *missing); -1: wrong and reported. */
static int read_outcome(const mtc_source *src, size_t row, bool conditioned, latency_patient *p, int *missing,
                        mtc_errlist *errors)
{
    const double t = number_at(src, ROLE_TIME, row), event = number_at(src, ROLE_EVENT, row);
    const double censor = number_at(src, ROLE_CENSOR, row);
    *missing = isnan(t) ? ROLE_TIME : ROLE_EVENT;
    if (isnan(t) || isnan(event)) {
        return 0;
    }
    if (event != 0.0 && event != 1.0) {
        add_error(errors, src, row, ROLE_EVENT, "an event is 0 or 1", event);
        return -1;
    }
    if (t < 0.0) {
        add_error(errors, src, row, ROLE_TIME, "a time since surgery cannot be negative", t);
        return -1;
    }
    if (event == 1.0 && t == 0.0 && conditioned) {
        const mtc_pos pos = cell_pos(src, row, ROLE_TIME);
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "leave such patients out, or leave out `condition_on: m0`",
                              "column '%s': a metastasis at time 0 in a cohort without metastasis at surgery",
                              name_of(src, ROLE_TIME));
        return -1;
    }
    p->outcome = event == 0.0 ? LATENCY_CENSORED : t > 0.0 ? LATENCY_EVENT : LATENCY_AT_SURGERY;
    p->t_years = event == 0.0 && !isnan(censor) ? fmin(t, censor) : t;
    if (p->t_years < 0.0) {
        add_error(errors, src, row, ROLE_CENSOR, "a time since surgery cannot be negative", censor);
        return -1;
    }
    return 1;
}

static int read_interval(const mtc_source *src, size_t row, latency_patient *p, int *missing, mtc_errlist *errors)
{
    const double lower = number_at(src, ROLE_TIME_LOWER, row), upper = number_at(src, ROLE_TIME_UPPER, row);
    *missing = ROLE_TIME_LOWER;
    if (isnan(lower) && isnan(upper)) {
        return 0;
    }
    p->t_years = isnan(lower) ? 0.0 : lower;
    p->t_upper_years = upper;
    p->outcome = isnan(upper) ? LATENCY_CENSORED : LATENCY_INTERVAL;
    if (p->t_years < 0.0) {
        add_error(errors, src, row, ROLE_TIME_LOWER, "a time since surgery cannot be negative", lower);
        return -1;
    }
    if (!isnan(upper) && !(upper > p->t_years)) {
        add_error(errors, src, row, ROLE_TIME_UPPER, "the upper end of an interval must be above its lower end", upper);
        return -1;
    }
    return 1;
}

static int read_entry(const mtc_source *src, size_t row, latency_patient *p, mtc_errlist *errors)
{
    const double entry = number_at(src, ROLE_ENTRY, row);
    p->entry_years = isnan(entry) ? 0.0 : entry;
    if (p->entry_years < 0.0) {
        add_error(errors, src, row, ROLE_ENTRY, "a time since surgery cannot be negative", entry);
        return -1;
    }
    const bool inside = p->outcome == LATENCY_INTERVAL ? p->entry_years <= p->t_years
                                                       : p->entry_years < p->t_years || p->entry_years == 0.0;
    if (!inside) {
        const mtc_pos pos = cell_pos(src, row, ROLE_ENTRY);
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "leave out patients who were never under observation",
                              "column '%s': observation begins at %g years, not before it ends at %g",
                              name_of(src, ROLE_ENTRY), p->entry_years, p->t_years);
        return -1;
    }
    return 1;
}

static int read_size(const mtc_source *src, size_t row, const mtc_course *course, mtc_size_class *cls, int *missing,
                     mtc_errlist *errors)
{
    const double size = number_at(src, ROLE_SIZE, row);
    const double lower = number_at(src, ROLE_SIZE_LOWER, row), upper = number_at(src, ROLE_SIZE_UPPER, row);
    const bool classes = src->number[ROLE_SIZE_LOWER] != NULL || src->number[ROLE_SIZE_UPPER] != NULL;
    if (!isnan(size)) {
        const mtc_pos pos = cell_pos(src, row, ROLE_SIZE);
        return latency_size_read_exact(size, &pos, cls, errors) == MTC_OK ? 1 : -1;
    }
    if (src->number[ROLE_SIZE] == NULL && !classes) {
        *cls = (mtc_size_class){course->size_min_mm, course->size_max_mm}; /* sizes unknown: the whole law */
        return 1;
    }
    *missing = classes ? ROLE_SIZE_LOWER : ROLE_SIZE;
    if (!classes || latency_size_missing(lower, upper)) {
        return 0;
    }
    const mtc_pos pos = cell_pos(src, row, src->number[ROLE_SIZE_UPPER] != NULL ? ROLE_SIZE_UPPER : ROLE_SIZE_LOWER);
    return latency_size_read(lower, upper, course, &pos, cls, errors) == MTC_OK ? 1 : -1;
}

static size_t class_index(latency_individual *self, const mtc_size_class *cls)
{
    for (size_t c = self->n_class; c > 0; c--) {
        if (self->cls[c - 1].lower_mm == cls->lower_mm && self->cls[c - 1].upper_mm == cls->upper_mm) {
            return c - 1;
        }
    }
    self->cls[self->n_class] = *cls;
    return self->n_class++;
}

static bool check_roles(const mtc_source *src, mtc_errlist *errors)
{
    const bool single =
        src->number[ROLE_TIME] != NULL || src->number[ROLE_EVENT] != NULL || src->number[ROLE_CENSOR] != NULL;
    const bool interval = src->number[ROLE_TIME_LOWER] != NULL || src->number[ROLE_TIME_UPPER] != NULL;
    static const char hint[] = "map `time` and `event`, or `time_lower` and `time_upper`";
    if (single && interval) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &src->pos, hint,
                              "columns of single times and of intervals are mapped");
    } else if (!interval && (src->number[ROLE_TIME] == NULL || src->number[ROLE_EVENT] == NULL)) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &src->pos, hint, "column '%s' is missing",
                              src->number[ROLE_TIME] == NULL ? "time" : "event");
    } else if (interval && src->number[ROLE_TIME_LOWER] == NULL) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &src->pos, hint, "column 'time_lower' is missing");
    } else {
        return true;
    }
    return false;
}

static void read_row(latency_individual *self, mtc_source *src, size_t row, mtc_errlist *errors)
{
    latency_patient p = {LATENCY_CENSORED, 0.0, 0.0, 0.0, 0, src->row_pos[row]};
    mtc_size_class cls = {0.0, 0.0};
    int missing = -1, missing_size = -1;
    const int outcome = src->number[ROLE_TIME] != NULL ? read_outcome(src, row, self->conditioned, &p, &missing, errors)
                                                       : read_interval(src, row, &p, &missing, errors);
    const int size = read_size(src, row, self->course, &cls, &missing_size, errors);
    if (outcome == 1 && read_entry(src, row, &p, errors) < 0) {
        return;
    }
    if (outcome < 0 || size < 0) {
        return;
    }
    if (outcome == 0 || size == 0) {
        if (src->drop_missing) {
            src->n_dropped++;
            return;
        }
        const int role = outcome == 0 ? missing : missing_size;
        const mtc_pos pos = cell_pos(src, row, role);
        (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "`missing: drop` leaves such rows out and counts them",
                              "column '%s': the cell is empty", name_of(src, role));
        return;
    }
    p.cls = class_index(self, &cls);
    self->patient[self->n++] = p;
}

static mtc_status make_sum(latency_individual *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_curve_term *term = NULL;
    MTC_TRY(mtc_arena_new(arena, 2 * self->n, &term, err));
    MTC_TRY(mtc_arena_new(arena, self->n, &self->entry_term, err));
    for (size_t i = 0; i < self->n; i++) {
        const latency_patient *p = &self->patient[i];
        static const mtc_term_kind kind[] = {MTC_TERM_LOG_DENSITY, MTC_TERM_LOG_SURVIVAL, MTC_TERM_LOG_INTERVAL,
                                             MTC_TERM_LOG_SURGERY};
        term[i] = (mtc_curve_term){kind[p->outcome], p->cls, p->t_years, p->t_upper_years, 1.0};
    }
    size_t n = self->n;
    for (size_t i = 0; i < self->n; i++) {
        const latency_patient *p = &self->patient[i];
        self->entry_term[i] = SIZE_MAX;
        if (self->conditioned || p->entry_years > 0.0) {
            self->entry_term[i] = n;
            term[n++] = (mtc_curve_term){MTC_TERM_LOG_SURVIVAL, p->cls, p->entry_years, 0.0, -1.0};
        }
    }
    self->n_term = n;
    MTC_TRY(mtc_curve_sum_create(self->course, self->cls, self->n_class, term, n, &self->sum, err));
out:
    return st;
}

/* All rows; a wrong column is wrong in every row, so that only the first errors are shown. */
static mtc_status read_all(latency_individual *self, mtc_source *src, mtc_errlist *errors)
{
    mtc_errlist of_rows = MTC_ERRLIST_INIT;
    for (size_t row = 0; row < src->n_row; row++) {
        read_row(self, src, row, &of_rows);
    }
    for (size_t i = 0; i < of_rows.n && i < MOST_ROW_ERRORS; i++) {
        (void)mtc_errlist_push(errors, &of_rows.item[i]);
    }
    const mtc_status st = of_rows.n_all > 0 ? MTC_EDATA : MTC_OK;
    if (of_rows.n_all > MOST_ROW_ERRORS) {
        (void)mtc_errlist_add(errors, MTC_EDATA, &src->pos, "check that `columns` maps the right ones",
                              "source '%s': %zu more wrong cells", src->name, of_rows.n_all - MOST_ROW_ERRORS);
    }
    mtc_errlist_fini(&of_rows);
    return st;
}

mtc_status latency_individual_read(latency_individual *self, mtc_source *src, mtc_arena *arena, mtc_errlist *errors,
                                   mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (!check_roles(src, errors)) {
        return MTC_ECONFIG;
    }
    MTC_TRY(mtc_arena_new(arena, src->n_row + 1, &self->patient, err));
    MTC_TRY(mtc_arena_new(arena, src->n_row + 1, &self->cls, err));
    MTC_TRY(read_all(self, src, errors));
    size_t n_at_risk = 0;
    for (size_t i = 0; i < self->n; i++) {
        n_at_risk += self->patient[i].t_years > 0.0 || self->patient[i].outcome != LATENCY_CENSORED;
    }
    if (n_at_risk == 0) {
        return mtc_errlist_add(errors, MTC_EDATA, &src->pos, "check `where` and `missing`, and the column of times",
                               "no patient is at risk at any time: %zu rows, %zu left out as incomplete", src->n_row,
                               src->n_dropped);
    }
    MTC_TRY(make_sum(self, arena, err));
out:
    return st;
}
