/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const tvdt_row_kind *const tvdt_row_kinds[] = {&tvdt_kind_statistic, &tvdt_kind_order, &tvdt_kind_geometric_mean,
                                               &tvdt_kind_mean_sd, NULL};
#define MAX_KIND 16

const mtc_key tvdt_row_keys[] = {
    {"site", MTC_KEY_CHOICE, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, true, "primary|metastasis",
     "primary or metastasis"},
    {"n", MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 1.0, 1e7, NULL, true, NULL, "number of tumours in the sample"},
    {"study", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL,
     "name of the population; rows of one study share its shift where between_study is on; default: each row its own"},
    {"sample", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL,
     "name of the sample, to tell samples of one study, site and n apart"},
    {"source", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, "where the numbers are printed"},
    {NULL, MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, NULL},
};

bool tvdt_row_log_time(const mtc_spec *map, const char *key, double *log_years, mtc_errlist *errors)
{
    const mtc_spec *node = mtc_spec_find(map, key);
    double years;
    if (node == NULL || mtc_spec_quantity(node, MTC_DIM_TIME, &years, NULL) != MTC_OK) {
        return false;
    }
    if (!(years > 0.0)) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "%s: must be > 0, got %s", key, node->text);
        return false;
    }
    *log_years = log(years);
    return true;
}

/* ---- one row ------------------------------------------------------------------------------------------------- */

/* The kind whose first key the map has; more than one, or none, is an error. */
static const tvdt_row_kind *find_kind(const mtc_spec *map, mtc_errlist *errors)
{
    const tvdt_row_kind *found = NULL;
    for (size_t i = 0; tvdt_row_kinds[i] != NULL; ++i) {
        const tvdt_row_kind *kind = tvdt_row_kinds[i];
        if (mtc_spec_find(map, kind->keys[0].key) == NULL) {
            continue;
        }
        if (found != NULL) {
            (void)mtc_errlist_add(errors, MTC_ECONFIG, &map->pos,
                                  "one sample is one row with one of them; several quantiles go into 'order'",
                                  "'%s' and '%s' in one row", found->keys[0].key, kind->keys[0].key);
            return NULL;
        }
        found = kind;
    }
    if (found == NULL) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &map->pos,
                              "give statistic and value, or order, or geometric_mean (and log_sd), or mean and sd",
                              "the row reports nothing");
    }
    return found;
}

/* Keys of another kind, and keys that are wanted. */
static void check_kind(const tvdt_row_kind *kind, const mtc_spec *map, mtc_errlist *errors)
{
    for (size_t i = 0; tvdt_row_kinds[i] != NULL; ++i) {
        for (const mtc_key *k = tvdt_row_kinds[i]->keys; tvdt_row_kinds[i] != kind && k->key != NULL; ++k) {
            const mtc_spec *node = mtc_spec_find(map, k->key);
            if (node != NULL) {
                (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "'%s' does not belong to a row with '%s'",
                                      k->key, kind->keys[0].key);
            }
        }
    }
    for (const char *const *need = kind->needs; *need != NULL; ++need) {
        if (mtc_spec_find(map, *need) == NULL) {
            (void)mtc_errlist_add(errors, MTC_ECONFIG, &map->pos, NULL, "key '%s' is missing beside '%s'", *need,
                                  kind->keys[0].key);
        }
    }
}

static void check_all_keys(const mtc_spec *map, mtc_errlist *errors)
{
    const mtc_key *more[MAX_KIND + 1] = {NULL};
    for (size_t i = 0; tvdt_row_kinds[i] != NULL && i < MAX_KIND; ++i) {
        more[i] = tvdt_row_kinds[i]->keys;
    }
    (void)mtc_spec_check(map, tvdt_row_keys, more, errors);
}

static void read_text(const mtc_spec *map, const char *key, const char **out)
{
    const mtc_spec *node = mtc_spec_find(map, key);
    *out = NULL;
    if (node != NULL) {
        (void)mtc_spec_text(node, out, NULL);
    }
}

static void read_common(tvdt_row *row, const mtc_spec *map)
{
    const char *site = NULL;
    size_t n = 0;
    const mtc_spec *node = mtc_spec_find(map, "n");
    if (node != NULL) {
        (void)mtc_spec_count(node, &n, NULL);
    }
    row->pos = map->pos;
    row->n = (double)n;
    read_text(map, "site", &site);
    row->site = site != NULL && strcmp(site, mtc_tvdt_site_name[MTC_TVDT_METASTASIS]) == 0 ? MTC_TVDT_METASTASIS
                                                                                           : MTC_TVDT_PRIMARY;
    read_text(map, "study", &row->study);
    read_text(map, "sample", &row->sample);
    read_text(map, "source", &row->source);
}

static void read_row(tvdt_row *row, const mtc_spec *map, mtc_errlist *errors)
{
    const mtc_spec *n_node = mtc_spec_find(map, "n");
    check_all_keys(map, errors);
    if (map->kind != MTC_SPEC_MAP) {
        return;
    }
    read_common(row, map);
    row->kind = find_kind(map, errors);
    if (row->kind == NULL) {
        return;
    }
    check_kind(row->kind, map, errors);
    if (n_node != NULL && row->n >= 1.0 && row->n < row->kind->n_min) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &n_node->pos, NULL, "n: %s needs at least %.0f tumours, got %.0f",
                              row->kind->name, row->kind->n_min, row->n);
    }
    row->kind->read(row, map, errors);
}

/* ---- all rows ------------------------------------------------------------------------------------------------ */

static bool same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Two rows of one sample would count its tumours twice. A row without study is known by its source. */
static bool same_sample(const tvdt_row *a, const tvdt_row *b)
{
    const bool by_study = a->study != NULL && b->study != NULL;
    const bool same_study = by_study ? same_text(a->study, b->study) : same_text(a->source, b->source);
    if (!same_study || a->site != b->site) {
        return false;
    }
    if (a->sample != NULL && b->sample != NULL) {
        return same_text(a->sample, b->sample);
    }
    return a->n == b->n;
}

static void check_samples(const tvdt_summary *self, mtc_errlist *errors)
{
    for (size_t i = 0; i < self->n; ++i) {
        for (size_t j = 0; j < i; ++j) {
            const tvdt_row *a = &self->row[i], *b = &self->row[j];
            if (same_sample(a, b)) {
                (void)mtc_errlist_add(errors, MTC_ECONFIG, &a->pos,
                                      "several quantiles of one sample go into one row with 'order'; different samples "
                                      "get different names with 'sample'",
                                      "a second row of the sample of line %ld (%s, %s, n = %.0f)", b->pos.line,
                                      a->study != NULL ? a->study : a->source, mtc_tvdt_site_name[a->site], a->n);
                break;
            }
        }
    }
}

/* Group numbers by first appearance of the study. */
static void number_groups(tvdt_summary *self)
{
    for (size_t i = 0; i < self->n; ++i) {
        size_t j = 0;
        while (j < i && !same_text(self->row[i].study, self->row[j].study)) {
            ++j;
        }
        self->row[i].group = j < i ? self->row[j].group : self->n_group++;
    }
}

static mtc_status list_groups(tvdt_summary *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    number_groups(self);
    MTC_TRY(mtc_arena_new(arena, self->n, &self->by_group, err));
    MTC_TRY(mtc_arena_new(arena, self->n_group + 1, &self->group_start, err));
    size_t used = 0;
    for (size_t g = 0; g < self->n_group; ++g) {
        self->group_start[g] = used;
        for (size_t i = 0; i < self->n; ++i) {
            if (self->row[i].group == g) {
                self->by_group[used++] = i;
            }
        }
    }
    self->group_start[self->n_group] = used;
out:
    return st;
}

static void count_rows(tvdt_summary *self)
{
    self->count[COUNT_ROW] = (double)self->n;
    self->count[COUNT_STUDY] = (double)self->n_group;
    for (size_t i = 0; i < self->n; ++i) {
        self->count[self->row[i].site == MTC_TVDT_PRIMARY ? COUNT_PRIMARY : COUNT_METASTASIS] += self->row[i].n;
    }
}

mtc_status tvdt_summary_read(tvdt_summary *self, const mtc_source *src, mtc_arena *arena, mtc_errlist *errors,
                             mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n_before = errors->n_all;
    const mtc_spec *rows = mtc_spec_find(src->spec, "rows");
    self->src = src;
    if (rows == NULL || rows->kind != MTC_SPEC_LIST || rows->n == 0) {
        return mtc_errlist_add(errors, MTC_ECONFIG, rows != NULL ? &rows->pos : &src->pos,
                               "rows: [{site: primary, statistic: median, value: 150 d, n: 236}]",
                               "'rows' must be a list of at least one row");
    }
    MTC_TRY(mtc_arena_new(arena, rows->n, &self->row, err));
    self->n = rows->n;
    for (size_t i = 0; i < rows->n; ++i) {
        self->row[i].pos = rows->item[i]->pos;
        read_row(&self->row[i], rows->item[i], errors);
    }
    check_samples(self, errors);
    if (errors->n_all > n_before) {
        return MTC_ECONFIG;
    }
    MTC_TRY(list_groups(self, arena, err));
    count_rows(self);
out:
    return st;
}
