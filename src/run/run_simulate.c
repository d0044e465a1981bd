/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_internal.h"

#include "mtc_rng.h"
#include "mtc_spec_edit.h"
#include "mtc_yaml.h"

#include <stdio.h>
#include <string.h>

/* Index of a source in the posterior, which orders them by name. */
static size_t posterior_index(const mtc_run_model *model, const char *name)
{
    size_t i = 0;
    while (i < mtc_posterior_n_source(model->posterior) &&
           strcmp(mtc_posterior_source(model->posterior, i)->src->name, name) != 0) {
        i++;
    }
    return i;
}

mtc_status mtc_run_simulate(const mtc_run_model *model, size_t source, const double *theta, uint64_t seed,
                            mtc_rows **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;
    double *own = NULL;
    char stream[256];
    const mtc_likelihood *const l = &model->likelihood[source];
    *out = NULL;
    if (!l->ops->simulate) {
        return mtc_fail(err, MTC_EUSAGE, "source '%s': %s cannot be simulated", l->src->name, l->ops->name);
    }
    own = mtc_calloc(mtc_posterior_n_param(model->posterior) + 1, sizeof *own);
    if (!own) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory");
    }
    (void)snprintf(stream, sizeof stream, "%s/%s/simulate", model->config->name, l->src->name);
    MTC_TRY(mtc_rng_stream(seed, stream, &rng, err));
    (void)mtc_posterior_source_theta(model->posterior, posterior_index(model, l->src->name), theta, own);
    MTC_TRY(l->ops->simulate(l->self, own, rng, out, err));
out:
    gsl_rng_free(rng);
    mtc_free(own);
    return st;
}

/* ---- as CSV --------------------------------------------------------------------------------------------------- */

static size_t cell_size(const char *cell)
{
    size_t n = strlen(cell) + 3;
    for (; *cell; cell++) {
        n += *cell == '"' ? 1 : 0;
    }
    return n;
}

static char *put_cell(char *to, const char *cell, char end)
{
    const bool quote = strpbrk(cell, ",\"\r\n") != NULL;
    if (quote) {
        *to++ = '"';
    }
    for (; *cell; cell++) {
        if (*cell == '"') {
            *to++ = '"';
        }
        *to++ = *cell;
    }
    if (quote) {
        *to++ = '"';
    }
    *to++ = end;
    return to;
}

static mtc_status rows_csv(const mtc_rows *rows, mtc_arena *arena, const char **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n_row = mtc_rows_count(rows);
    const size_t n_col = mtc_rows_columns(rows);
    size_t size = 1;
    char *text = NULL;
    for (size_t c = 0; c < n_col; c++) {
        size += cell_size(mtc_rows_column(rows, c));
        for (size_t r = 0; r < n_row; r++) {
            size += cell_size(mtc_rows_cell(rows, r, c));
        }
    }
    MTC_TRY(mtc_arena_new(arena, size, &text, err));
    char *to = text;
    for (size_t c = 0; c < n_col; c++) {
        to = put_cell(to, mtc_rows_column(rows, c), c + 1 < n_col ? ',' : '\n');
    }
    for (size_t r = 0; r < n_row; r++) {
        for (size_t c = 0; c < n_col; c++) {
            to = put_cell(to, mtc_rows_cell(rows, r, c), c + 1 < n_col ? ',' : '\n');
        }
    }
    *out = text;
out:
    return st;
}

/* ---- as configuration ----------------------------------------------------------------------------------------- */

/* A cell of simulated rows is a YAML value; an empty one is left out. */
static mtc_status inline_row(const mtc_rows *rows, size_t r, mtc_arena *arena, const mtc_spec **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    *out = NULL;
    for (size_t c = 0; c < mtc_rows_columns(rows); c++) {
        const char *const cell = mtc_rows_cell(rows, r, c);
        const mtc_spec *value = NULL;
        if (cell[0] == '\0') {
            continue;
        }
        if (mtc_yaml_parse(cell, strlen(cell), "simulated row", NULL, arena, &value, &errors) != MTC_OK) {
            st = mtc_fail(err, MTC_EBUG, "a simulated cell is no YAML: '%.80s'", cell);
            goto out;
        }
        MTC_TRY(mtc_spec_with(*out, mtc_rows_column(rows, c), NULL, value, arena, out, err));
    }
out:
    mtc_errlist_fini(&errors);
    return st;
}

static mtc_status inline_rows(const mtc_rows *rows, mtc_arena *arena, const mtc_spec **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_spec *list = NULL;
    const mtc_spec **item = NULL;
    const size_t n = mtc_rows_count(rows);
    MTC_TRY(mtc_arena_new(arena, 1, &list, err));
    MTC_TRY(mtc_arena_new(arena, n, &item, err));
    for (size_t r = 0; r < n; r++) {
        MTC_TRY(inline_row(rows, r, arena, &item[r], err));
    }
    list->kind = MTC_SPEC_LIST;
    list->n = n;
    list->item = item;
    *out = list;
out:
    return st;
}

/* Simulated columns are named by their roles, with the unit as suffix. */
static const char *role_of_column(const mtc_role *roles, const char *column)
{
    const char *best = NULL;
    for (const mtc_role *r = roles; r && r->role; r++) {
        const size_t n = strlen(r->role);
        mtc_unit unit = MTC_UNIT_NONE;
        if (strcmp(column, r->role) == 0) {
            return r->role;
        }
        if (strncmp(column, r->role, n) == 0 && column[n] == '_' && mtc_unit_find(column + n + 1, &unit)) {
            best = r->role;
        }
    }
    return best;
}

static mtc_status column_map(const mtc_run_source *source, const mtc_rows *rows, mtc_arena *arena, const mtc_spec **out,
                             mtc_err *err)
{
    mtc_status st = MTC_OK;
    *out = NULL;
    for (size_t c = 0; c < mtc_rows_columns(rows); c++) {
        const mtc_spec *name = NULL;
        const char *const role = role_of_column(source->ops->roles, mtc_rows_column(rows, c));
        if (!role) {
            continue; /* told, but not needed to read it back */
        }
        MTC_TRY(mtc_spec_scalar(mtc_rows_column(rows, c), NULL, arena, &name, err));
        MTC_TRY(mtc_spec_with(*out, role, NULL, name, arena, out, err));
    }
out:
    return st;
}

static bool replaced_by_rows(const char *key)
{
    static const char *const keys[] = {"table", "rows", "columns", "units", "where", "missing", "source"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

/* The source's own settings with new rows. */
static mtc_status simulated_source(const mtc_run_source *source, const mtc_rows *rows, mtc_arena *arena,
                                   const mtc_spec **out, const char **csv, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *const old = source->config->spec;
    const mtc_spec *value = NULL;
    char file[128];
    *out = NULL;
    *csv = NULL;
    for (size_t i = 0; i < old->n; i++) {
        if (!replaced_by_rows(old->key[i])) {
            MTC_TRY(mtc_spec_with(*out, old->key[i], NULL, old->item[i], arena, out, err));
        }
    }
    if (source->ops->rows_inline) {
        MTC_TRY(inline_rows(rows, arena, &value, err));
        return mtc_spec_with(*out, "rows", NULL, value, arena, out, err);
    }
    (void)snprintf(file, sizeof file, "%s.csv", source->config->name);
    MTC_TRY(mtc_spec_scalar(file, NULL, arena, &value, err));
    MTC_TRY(mtc_spec_with(*out, "table", NULL, value, arena, out, err));
    MTC_TRY(column_map(source, rows, arena, &value, err));
    MTC_TRY(mtc_spec_with(*out, "columns", NULL, value, arena, out, err));
    MTC_TRY(rows_csv(rows, arena, csv, err));
out:
    return st;
}

mtc_status mtc_run_simulated(const mtc_run *run, mtc_rows *const *rows, mtc_arena *arena, char **text, const char **csv,
                             mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *tree = run->config.tree;
    const mtc_spec *title = NULL;
    char words[400];
    (void)snprintf(words, sizeof words, "Simulated data%s%.300s", run->config.title[0] ? ", as in: " : "",
                   run->config.title);
    MTC_TRY(mtc_spec_scalar(words, NULL, arena, &title, err));
    MTC_TRY(mtc_spec_with(tree, "title", NULL, title, arena, &tree, err));
    const mtc_spec *data = NULL;
    for (size_t i = 0; i < run->n_source; i++) {
        const mtc_spec *source = NULL;
        MTC_TRY(simulated_source(&run->source[i], rows[i], arena, &source, &csv[i], err));
        MTC_TRY(mtc_spec_with(data, run->source[i].config->name, NULL, source, arena, &data, err));
    }
    MTC_TRY(mtc_spec_with(tree, "data", NULL, data, arena, &tree, err));
    MTC_TRY(mtc_yaml_text(tree, arena, text, err));
out:
    return st;
}
