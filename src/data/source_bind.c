/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of a table, or keys of inline rows, become the roles of a likelihood kind. */
#include "source_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* No follow-up and no doubling time in years is longer; days declared as years are. */
#define YEARS_MAX 150.0
/* No tumour is larger than this; what is, stands in another unit or for an open class. */
#define LENGTH_MAX_MM 1000.0

static mtc_pos cell_position(const mtc_source_build *b, size_t row, size_t column)
{
    return (mtc_pos){b->table->file, b->table->line[row], (long)column + 1};
}

static const char *cell_text(const mtc_source_build *b, size_t row, size_t column)
{
    return b->table->cell[row * b->table->n_col + column];
}

static const char *dim_example(mtc_dim dim)
{
    switch (dim) {
    case MTC_DIM_TIME:
        return "_years, _months or _days";
    case MTC_DIM_LENGTH:
        return "_mm or _cm";
    case MTC_DIM_VOLUME:
        return "_mm3 or _cm3";
    default:
        return "_per_year";
    }
}

/* Unit of a column: what `units:` says, else its suffix. */
static mtc_status column_unit(const mtc_source_build *b, const mtc_role *role, const char *column, const mtc_pos *pos,
                              mtc_unit *out)
{
    *out = MTC_UNIT_NONE;
    const mtc_spec *const given = mtc_spec_find(mtc_spec_find(b->in->spec, "units"), role->role);
    if (role->dim == MTC_DIM_NONE) {
        return MTC_OK;
    }
    if (given) {
        if (given->kind == MTC_SPEC_SCALAR && mtc_unit_find(given->text, out) && mtc_unit_dim(*out) == role->dim) {
            return MTC_OK;
        }
        return mtc_errlist_add(b->errors, MTC_ECONFIG, &given->pos, NULL, "'%.40s' is no unit of '%s'; these fit: %s",
                               given->text ? given->text : "", role->role, mtc_dim_units(role->dim));
    }
    if (mtc_unit_from_suffix(column, out) && mtc_unit_dim(*out) == role->dim) {
        return MTC_OK;
    }
    char hint[256];
    (void)snprintf(hint, sizeof hint, "add 'units: {%s: %s}', or let the column's name end in %s", role->role,
                   role->dim == MTC_DIM_TIME ? "years"
                                             : mtc_unit_word(role->dim == MTC_DIM_LENGTH ? MTC_UNIT_MM : MTC_UNIT_MM3),
                   dim_example(role->dim));
    return mtc_errlist_add(b->errors, MTC_ECONFIG, pos, hint, "the unit of column '%.80s' (%s) is not known", column,
                           role->role);
}

/* Values that are numbers but cannot be right. */
static void check_values(const mtc_source_build *b, size_t role, size_t column, mtc_unit unit, mtc_errlist *errors)
{
    const mtc_role *const r = &b->in->roles[role];
    for (size_t row = 0; row < b->n_row && r->dim != MTC_DIM_NONE; row++) {
        const double x = b->number[role][row];
        const mtc_pos pos = cell_position(b, row, column);
        char hint[200];
        if (x < 0.0) {
            (void)mtc_errlist_add(errors, MTC_EDATA, &pos, NULL, "column '%s' (%s): %s is negative", b->name[role],
                                  r->role, cell_text(b, row, column));
        } else if (unit == MTC_UNIT_YEARS && x > YEARS_MAX) {
            (void)snprintf(hint, sizeof hint, "if the column is in days, add 'units: {%s: days}'", r->role);
            (void)mtc_errlist_add(errors, MTC_EDATA, &pos, hint,
                                  "column '%s' (%s) is declared in years, but %s looks like days", b->name[role],
                                  r->role, cell_text(b, row, column));
        } else if (r->dim == MTC_DIM_LENGTH && x > LENGTH_MAX_MM) {
            (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "leave the cell of an open upper bound empty",
                                  "column '%s' (%s): %s %s is no size of a tumour", b->name[role], r->role,
                                  cell_text(b, row, column), mtc_unit_symbol(unit));
        }
    }
}

static mtc_status bind_number(mtc_source_build *b, size_t role, size_t column, mtc_unit unit)
{
    mtc_errlist of_column = MTC_ERRLIST_INIT;
    (void)mtc_table_numbers(b->table, column, unit, b->number[role], &of_column);
    check_values(b, role, column, unit, &of_column);
    const mtc_status st = mtc_source_push_some(b->errors, &of_column, b->name[role]);
    mtc_errlist_fini(&of_column);
    return st;
}

static mtc_status bind_column(mtc_source_build *b, size_t role, const mtc_spec *node)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_unit unit = MTC_UNIT_NONE;
    const char *name = NULL;
    const mtc_role *const r = &b->in->roles[role];
    if (mtc_spec_text(node, &name, &err) != MTC_OK) {
        mtc_err_hint(&err, "write the name of a column, or {from: a_date, to: a_date} for a time");
        return mtc_errlist_push(b->errors, &err);
    }
    const long column = mtc_source_column(b->table, name, &node->pos, b->errors);
    if (column < 0) {
        return MTC_ECONFIG;
    }
    b->name[role] = b->table->name[column];
    b->index[role] = column + 1;
    if (r->is_text) {
        if (mtc_arena_new(b->arena, b->n_row, &b->text[role], &err) != MTC_OK) {
            return mtc_errlist_push(b->errors, &err);
        }
        for (size_t row = 0; row < b->n_row; row++) {
            b->text[role][row] = cell_text(b, row, (size_t)column);
        }
        return MTC_OK;
    }
    mtc_status st = column_unit(b, r, name, &node->pos, &unit);
    if (st == MTC_OK && mtc_arena_new(b->arena, b->n_row, &b->number[role], &err) != MTC_OK) {
        st = mtc_errlist_push(b->errors, &err);
    }
    return st == MTC_OK ? bind_number(b, role, (size_t)column, unit) : st;
}

static bool read_date(const mtc_source_build *b, size_t row, size_t column, long *days, mtc_errlist *errors)
{
    const char *const text = cell_text(b, row, column);
    if (text[0] == '\0') {
        return false;
    }
    if (mtc_date_days(text, days)) {
        return true;
    }
    const mtc_pos pos = cell_position(b, row, column);
    (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "write dates as 1985-03-27", "column '%s': '%.40s' is no date",
                          b->table->name[column], text);
    return false;
}

static void fill_dates(mtc_source_build *b, size_t role, size_t from, size_t to, mtc_errlist *errors)
{
    for (size_t row = 0; row < b->n_row; row++) {
        long first = 0, last = 0;
        const bool has_first = read_date(b, row, from, &first, errors);
        const bool has_last = read_date(b, row, to, &last, errors);
        b->number[role][row] = NAN;
        if (!has_first || !has_last) {
            continue;
        }
        b->number[role][row] = (double)(last - first) / MTC_DAYS_PER_YEAR;
        if (last < first) {
            const mtc_pos pos = cell_position(b, row, to);
            (void)mtc_errlist_add(errors, MTC_EDATA, &pos, NULL, "column '%s' (%s): %s is before %s of column '%s'",
                                  b->table->name[to], b->in->roles[role].role, cell_text(b, row, to),
                                  cell_text(b, row, from), b->table->name[from]);
        }
    }
}

static const mtc_key date_keys[] = {
    {"from", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, true, NULL, "column of the first date"},
    {"to", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, true, NULL, "column of the last date"},
    {NULL, MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

/* A time from two columns of dates. */
static mtc_status bind_dates(mtc_source_build *b, size_t role, const mtc_spec *node)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_status st = MTC_OK;
    char *name = NULL;
    const mtc_role *const r = &b->in->roles[role];
    if (r->dim != MTC_DIM_TIME || r->is_text) {
        return mtc_errlist_add(b->errors, MTC_ECONFIG, &node->pos, NULL,
                               "only a time can be given as two dates, not '%s'", r->role);
    }
    MTC_TRY(mtc_spec_check(node, date_keys, NULL, b->errors));
    const mtc_spec *const from_node = mtc_spec_find(node, "from");
    const mtc_spec *const to_node = mtc_spec_find(node, "to");
    const long from = mtc_source_column(b->table, from_node->text, &from_node->pos, b->errors);
    const long to = mtc_source_column(b->table, to_node->text, &to_node->pos, b->errors);
    if (from < 0 || to < 0) {
        return MTC_ECONFIG;
    }
    MTC_TRY(mtc_arena_new(b->arena, b->n_row, &b->number[role], &err));
    MTC_TRY(mtc_arena_printf(b->arena, &name, &err, "%s..%s", from_node->text, to_node->text));
    b->name[role] = name;
    b->index[role] = to + 1;
    mtc_errlist of_column = MTC_ERRLIST_INIT;
    fill_dates(b, role, (size_t)from, (size_t)to, &of_column);
    st = mtc_source_push_some(b->errors, &of_column, name);
    mtc_errlist_fini(&of_column);
out:
    if (err.status != MTC_OK) {
        (void)mtc_errlist_push(b->errors, &err);
    }
    return st;
}

static mtc_status check_role_names(const mtc_source_build *b, const char *key)
{
    mtc_status st = MTC_OK;
    const mtc_spec *const map = mtc_spec_find(b->in->spec, key);
    for (size_t i = 0; map && map->kind == MTC_SPEC_MAP && i < map->n; i++) {
        if (mtc_source_role(b, map->key[i]) < 0) {
            st = mtc_source_unknown_role(b, &map->key_pos[i], map->key[i]);
        }
    }
    return st;
}

mtc_status mtc_source_bind(mtc_source_build *b)
{
    const mtc_spec *const columns = mtc_spec_find(b->in->spec, "columns");
    mtc_status st = check_role_names(b, "columns");
    mtc_status bad = check_role_names(b, "units");
    st = bad != MTC_OK ? bad : st;
    for (size_t role = 0; role < b->n_role; role++) {
        const mtc_role *const r = &b->in->roles[role];
        const mtc_spec *const node = mtc_spec_find(columns, r->role);
        bad = MTC_OK;
        if (node) {
            bad = node->kind == MTC_SPEC_MAP ? bind_dates(b, role, node) : bind_column(b, role, node);
        } else if (r->required) {
            const mtc_pos *const pos = columns ? &columns->pos : &b->in->pos;
            bad = mtc_errlist_add(b->errors, MTC_ECONFIG, pos, r->help, "columns must name a column for '%s'", r->role);
        }
        st = bad != MTC_OK ? bad : st;
    }
    for (size_t row = 0; row < b->n_row; row++) {
        b->row_pos[row] = (mtc_pos){b->table->file, b->table->line[row], 0};
    }
    return st;
}

/* ---- inline rows ---------------------------------------------------------------------------------------------- */

static mtc_status make_columns(mtc_source_build *b)
{
    mtc_status st = MTC_OK;
    mtc_err err = MTC_ERR_INIT;
    for (size_t role = 0; role < b->n_role; role++) {
        b->name[role] = b->in->roles[role].role;
        if (b->in->roles[role].is_text) {
            MTC_TRY(mtc_arena_new(b->arena, b->n_row, &b->text[role], &err));
        } else {
            MTC_TRY(mtc_arena_new(b->arena, b->n_row, &b->number[role], &err));
        }
    }
out:
    return st == MTC_OK ? MTC_OK : mtc_errlist_push(b->errors, &err);
}

static mtc_status inline_cell(mtc_source_build *b, size_t role, size_t row, const mtc_spec *node)
{
    const mtc_role *const r = &b->in->roles[role];
    mtc_err err = MTC_ERR_INIT;
    const bool empty = !node || node->kind == MTC_SPEC_NULL;
    mtc_status st = MTC_OK;
    if (r->is_text) {
        b->text[role][row] = "";
        st = empty ? MTC_OK : mtc_spec_text(node, &b->text[role][row], &err);
    } else {
        double *const x = &b->number[role][row];
        *x = NAN;
        st = empty ? MTC_OK : mtc_spec_quantity(node, r->dim, x, &err);
        if (st == MTC_OK && !empty && r->dim != MTC_DIM_NONE && *x < 0.0) {
            st = mtc_fail_at(&err, MTC_EDATA, &node->pos, "%s is negative", node->text);
        }
    }
    if (st != MTC_OK) {
        mtc_err_prefix(&err, "%s", r->role);
        (void)mtc_errlist_push(b->errors, &err);
    }
    return st;
}

static mtc_status inline_row(mtc_source_build *b, size_t row, const mtc_spec *map)
{
    mtc_status st = MTC_OK;
    b->row_pos[row] = map->pos;
    if (map->kind != MTC_SPEC_MAP) {
        return mtc_errlist_add(b->errors, MTC_ECONFIG, &map->pos, NULL, "each of the rows must be a map");
    }
    for (size_t i = 0; i < map->n; i++) {
        if (mtc_source_role(b, map->key[i]) < 0) {
            st = mtc_source_unknown_role(b, &map->key_pos[i], map->key[i]);
        }
    }
    for (size_t role = 0; role < b->n_role; role++) {
        const mtc_status bad = inline_cell(b, role, row, mtc_spec_find(map, b->in->roles[role].role));
        st = bad != MTC_OK ? bad : st;
    }
    return st;
}

/* A role that no row gives is not mapped. */
static void drop_unused(mtc_source_build *b, const mtc_spec *rows)
{
    for (size_t role = 0; role < b->n_role; role++) {
        bool used = b->in->roles[role].required;
        for (size_t row = 0; row < b->n_row && !used; row++) {
            used = mtc_spec_find(rows->item[row], b->in->roles[role].role) != NULL;
        }
        if (!used) {
            b->number[role] = NULL;
            b->text[role] = NULL;
            b->name[role] = NULL;
        }
    }
}

mtc_status mtc_source_inline(mtc_source_build *b, const mtc_spec *rows)
{
    mtc_status st = make_columns(b);
    for (size_t row = 0; st != MTC_ENOMEM && row < b->n_row; row++) {
        const mtc_status bad = inline_row(b, row, rows->item[row]);
        st = bad != MTC_OK ? bad : st;
    }
    if (st == MTC_OK) {
        drop_unused(b, rows);
    }
    return st;
}
