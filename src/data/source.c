/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_source.h"

#include "mtc_csv.h"
#include "mtc_rng.h"
#include "source_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_COLUMN_ERRORS = 5 };

const mtc_key mtc_source_keys[] = {
    {"likelihood", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, true, NULL, "kind of data"},
    {"table", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "CSV file, beside the configuration or from the current directory"},
    {"rows", MTC_KEY_LIST, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "rows written here instead of a table"},
    {"columns", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "role -> column of the table, or {from: date column, to: date column} for a time"},
    {"units", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "role -> unit, where the column's name does not end in it"},
    {"where", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "column -> value, list of values, or {min:, max:}: rows to keep"},
    {"missing", MTC_KEY_CHOICE, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, "error", false, "error|drop",
     "what to do with rows that lack a value"},
    {"source", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, "where the data come from"},
    {NULL, MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

mtc_status mtc_source_unknown(mtc_errlist *errors, const mtc_pos *pos, const char *who, const char *word,
                              const char *const *name, size_t n)
{
    char hint[400];
    const char *const near = mtc_nearest_name(word, name, n);
    if (near) {
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    } else {
        size_t used = (size_t)snprintf(hint, sizeof hint, "there are:");
        for (size_t i = 0; i < n && used + strlen(name[i]) + 8 < sizeof hint; i++) {
            used += (size_t)snprintf(hint + used, sizeof hint - used, "%s %s", i > 0 ? "," : "", name[i]);
        }
    }
    return mtc_errlist_add(errors, MTC_ECONFIG, pos, hint, "%s '%.80s'", who, word);
}

mtc_status mtc_source_push_some(mtc_errlist *errors, const mtc_errlist *of_column, const char *column)
{
    for (size_t i = 0; i < of_column->n && i < MAX_COLUMN_ERRORS; i++) {
        (void)mtc_errlist_push(errors, &of_column->item[i]);
    }
    if (of_column->n_all > MAX_COLUMN_ERRORS) {
        const mtc_pos pos = {of_column->n > 0 ? of_column->item[0].file : NULL, 0, 0};
        (void)mtc_errlist_add(errors, of_column->item[0].status, &pos, NULL, "column '%s': %zu more such cells", column,
                              of_column->n_all - MAX_COLUMN_ERRORS);
    }
    return of_column->n_all > 0 ? MTC_EDATA : MTC_OK;
}

long mtc_source_column(const mtc_table *table, const char *name, const mtc_pos *pos, mtc_errlist *errors)
{
    const long column = mtc_table_column(table, name);
    if (column < 0) {
        char who[320];
        (void)snprintf(who, sizeof who, "'%.200s' has no column", table->file);
        (void)mtc_source_unknown(errors, pos, who, name, table->name, table->n_col);
    }
    return column;
}

long mtc_source_role(const mtc_source_build *b, const char *name)
{
    for (size_t i = 0; i < b->n_role; i++) {
        if (strcmp(b->in->roles[i].role, name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

mtc_status mtc_source_unknown_role(const mtc_source_build *b, const mtc_pos *pos, const char *word)
{
    const char *name[64];
    char who[160];
    size_t n = 0;
    for (; n < b->n_role && n < sizeof name / sizeof *name; n++) {
        name[n] = b->in->roles[n].role;
    }
    (void)snprintf(who, sizeof who, "%.100s has no role", b->in->kind);
    return mtc_source_unknown(b->errors, pos, who, word, name, n);
}

static bool is_file(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && !S_ISDIR(s.st_mode);
}

/* Where a table lies: beside the configuration, else from the current directory. */
static mtc_status find_table(const mtc_source_build *b, const mtc_spec *node, const char **out)
{
    mtc_err err = MTC_ERR_INIT;
    char *beside = NULL;
    const char *const config = b->in->config_file;
    const char *const slash = config ? strrchr(config, '/') : NULL;
    *out = node->text;
    if (node->text[0] == '/' || !slash) {
        if (is_file(node->text)) {
            return MTC_OK;
        }
        return mtc_errlist_add(b->errors, MTC_ECONFIG, &node->pos, "name a CSV file", "table '%.200s' not found",
                               node->text);
    }
    if (mtc_arena_printf(b->arena, &beside, &err, "%.*s/%s", (int)(slash - config), config, node->text) != MTC_OK) {
        return mtc_errlist_push(b->errors, &err);
    }
    if (is_file(beside)) {
        *out = beside;
        return MTC_OK;
    }
    if (is_file(node->text)) {
        return MTC_OK;
    }
    return mtc_errlist_add(b->errors, MTC_ECONFIG, &node->pos,
                           "a path is taken from the configuration's folder, else from the current directory",
                           "table '%.200s' not found, neither as '%.200s' nor as '%.200s'", node->text, beside,
                           node->text);
}

static mtc_status read_table(mtc_source_build *b, const mtc_spec *node, const char **path, uint64_t *hash)
{
    mtc_status st = MTC_OK;
    const mtc_spec *const where = mtc_spec_find(b->in->spec, "where");
    MTC_TRY(find_table(b, node, path));
    MTC_TRY(mtc_csv_read(*path, b->arena, &b->table, hash, b->errors));
    if (where && where->kind == MTC_SPEC_MAP && where->n > 0) {
        const size_t n_all = b->table->n_row;
        MTC_TRY(mtc_source_where(b->table, where, b->arena, &b->table, b->errors));
        b->n_filtered = n_all - b->table->n_row;
    }
    b->n_row = b->table->n_row;
out:
    return st;
}

static mtc_status make_build(mtc_source_build *b)
{
    mtc_status st = MTC_OK;
    mtc_err err = MTC_ERR_INIT;
    MTC_TRY(mtc_arena_new(b->arena, b->n_role, &b->number, &err));
    MTC_TRY(mtc_arena_new(b->arena, b->n_role, &b->text, &err));
    MTC_TRY(mtc_arena_new(b->arena, b->n_role, &b->name, &err));
    MTC_TRY(mtc_arena_new(b->arena, b->n_role, &b->index, &err));
    MTC_TRY(mtc_arena_new(b->arena, b->n_row, &b->row_pos, &err));
out:
    return st == MTC_OK ? MTC_OK : mtc_errlist_push(b->errors, &err);
}

static bool is_missing(const mtc_source_build *b, size_t role, size_t row)
{
    const mtc_role *const r = &b->in->roles[role];
    if (r->may_be_missing) {
        return false;
    }
    return b->text[role] ? b->text[role][row][0] == '\0' : b->number[role] && isnan(b->number[role][row]);
}

static void report_missing(const mtc_source_build *b, size_t role, mtc_errlist *errors)
{
    for (size_t row = 0; row < b->n_row; row++) {
        if (is_missing(b, role, row)) {
            mtc_pos pos = b->row_pos[row];
            pos.column = b->table ? b->index[role] : pos.column;
            (void)mtc_errlist_add(errors, MTC_EDATA, &pos, "'missing: drop' leaves such rows out and counts them",
                                  b->table ? "column '%s' is empty" : "'%s' is missing in this row", b->name[role]);
        }
    }
}

static mtc_status refuse_missing(const mtc_source_build *b)
{
    mtc_status st = MTC_OK;
    for (size_t role = 0; role < b->n_role; role++) {
        mtc_errlist of_column = MTC_ERRLIST_INIT;
        report_missing(b, role, &of_column);
        const mtc_status bad = mtc_source_push_some(b->errors, &of_column, b->name[role] ? b->name[role] : "");
        mtc_errlist_fini(&of_column);
        st = bad != MTC_OK ? bad : st;
    }
    return st;
}

static void move_row(mtc_source_build *b, size_t to, size_t from)
{
    b->row_pos[to] = b->row_pos[from];
    for (size_t role = 0; role < b->n_role; role++) {
        if (b->number[role]) {
            b->number[role][to] = b->number[role][from];
        }
        if (b->text[role]) {
            b->text[role][to] = b->text[role][from];
        }
    }
}

/* Returns how many rows were left out. */
static size_t drop_missing(mtc_source_build *b)
{
    size_t kept = 0;
    for (size_t row = 0; row < b->n_row; row++) {
        bool missing = false;
        for (size_t role = 0; role < b->n_role && !missing; role++) {
            missing = is_missing(b, role, row);
        }
        if (!missing) {
            move_row(b, kept++, row);
        }
    }
    const size_t dropped = b->n_row - kept;
    b->n_row = kept;
    return dropped;
}

/* `columns`, `units` and `where` speak of a table's columns. */
static mtc_status refuse_table_keys(const mtc_source_build *b, const char *why)
{
    static const char *const keys[] = {"table", "columns", "units", "where"};
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const mtc_spec *const node = mtc_spec_find(b->in->spec, keys[i]);
        if (node) {
            st =
                mtc_errlist_add(b->errors, MTC_ECONFIG, &node->pos, NULL, "'%s' cannot be used here: %s", keys[i], why);
        }
    }
    return st;
}

static mtc_status read_rows(mtc_source_build *b, const char **path, uint64_t *hash)
{
    mtc_status st = MTC_OK;
    const mtc_spec *const table = mtc_spec_find(b->in->spec, "table");
    const mtc_spec *const rows = mtc_spec_find(b->in->spec, "rows");
    if (rows && rows->kind == MTC_SPEC_LIST) {
        MTC_TRY(refuse_table_keys(b, "the rows are given inline, with units"));
        b->n_row = rows->n;
        if (rows->n == 0) {
            return mtc_errlist_add(b->errors, MTC_EDATA, &rows->pos, NULL, "rows is empty");
        }
        MTC_TRY(make_build(b));
        MTC_TRY(mtc_source_inline(b, rows));
    } else if (table && table->kind == MTC_SPEC_SCALAR) {
        MTC_TRY(read_table(b, table, path, hash));
        MTC_TRY(make_build(b));
        MTC_TRY(mtc_source_bind(b));
    } else {
        st = mtc_errlist_add(b->errors, MTC_ECONFIG, &b->in->pos, "for example 'table: data.csv'",
                             "source '%s' has neither a table nor rows", b->in->name);
    }
out:
    return st;
}

/* The kind reads its rows itself. */
static mtc_status leave_rows(const mtc_source_build *b, mtc_source *out)
{
    const mtc_spec *const rows = mtc_spec_find(b->in->spec, "rows");
    char why[160];
    (void)snprintf(why, sizeof why, "%.100s takes rows, no table", b->in->kind);
    *out = (mtc_source){.name = b->in->name, .pos = b->in->pos, .spec = b->in->spec};
    const mtc_status st = refuse_table_keys(b, why);
    if (!rows) {
        return mtc_errlist_add(b->errors, MTC_ECONFIG, &b->in->pos, NULL, "source '%s' needs the key 'rows'",
                               b->in->name);
    }
    if (rows->kind == MTC_SPEC_LIST && rows->n == 0) {
        return mtc_errlist_add(b->errors, MTC_EDATA, &rows->pos, NULL, "rows is empty");
    }
    return st;
}

static mtc_status finish(mtc_source_build *b, bool drop, mtc_source *out)
{
    mtc_status st = MTC_OK;
    mtc_err err = MTC_ERR_INIT;
    const double **number = NULL;
    const char *const **text = NULL;
    size_t dropped = 0;
    if (drop) {
        dropped = drop_missing(b);
    } else {
        MTC_TRY(refuse_missing(b));
    }
    if (b->n_row == 0) {
        return mtc_errlist_add(b->errors, MTC_EDATA, &b->in->pos, NULL,
                               "'missing: drop' leaves no row of source '%s': each of %zu lacks a value", b->in->name,
                               dropped);
    }
    MTC_TRY(mtc_arena_new(b->arena, b->n_role, &number, &err));
    MTC_TRY(mtc_arena_new(b->arena, b->n_role, &text, &err));
    for (size_t role = 0; role < b->n_role; role++) {
        number[role] = b->number[role];
        text[role] = (const char *const *)b->text[role];
    }
    *out = (mtc_source){b->in->name, b->in->pos, b->in->spec, NULL,     b->n_row, b->n_role,     number,
                        text,        b->row_pos, b->name,     b->index, drop,     b->n_filtered, dropped};
out:
    if (err.status != MTC_OK) {
        (void)mtc_errlist_push(b->errors, &err);
    }
    return st;
}

mtc_status mtc_source_read(const mtc_source_input *input, mtc_arena *arena, mtc_source *out, const char **path,
                           uint64_t *hash, mtc_errlist *errors)
{
    if (!input || !arena || !out || !path || !hash) {
        return mtc_errlist_add(errors, MTC_EDOMAIN, NULL, NULL, "no source given");
    }
    mtc_source_build b;
    mtc_status st = MTC_OK;
    const char *missing = NULL;
    mtc_err err = MTC_ERR_INIT;
    memset(&b, 0, sizeof b);
    memset(out, 0, sizeof *out);
    *path = NULL;
    *hash = MTC_HASH_INIT;
    b.in = input;
    b.arena = arena;
    b.errors = errors;
    if (mtc_spec_get_text(input->spec, mtc_source_keys, "missing", &missing, &err) != MTC_OK) {
        return mtc_errlist_push(errors, &err);
    }
    if (!input->roles) {
        return leave_rows(&b, out);
    }
    while (input->roles[b.n_role].role) {
        b.n_role++;
    }
    MTC_TRY(read_rows(&b, path, hash));
    MTC_TRY(finish(&b, strcmp(missing, "drop") == 0, out));
out:
    return st;
}
