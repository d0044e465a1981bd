/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_csv.h"

#include "mtc_text.h"

#include <csv.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ROW_ERRORS = 20 };

typedef struct {
    mtc_arena *arena;
    mtc_errlist *errors;
    const char *file;
    mtc_status status;
    char *pool; /* texts of all cells; a cell's NUL takes the place of its delimiter, so the text's length suffices */
    size_t n_pool;
    size_t n_line_max; /* lines of the text: no table has more rows */
    long row_line;     /* line in which the current row begins */
    size_t field;      /* cells of the current row so far */
    bool has_header;
    const char **name;
    size_t n_col, name_capacity;
    const char **cell;
    long *line;
    size_t n_row, n_bad_row;
} reader;

static mtc_status fail(reader *r, mtc_status st, long column, const char *hint, const char *message)
{
    const mtc_pos pos = {r->file, r->row_line, column};
    r->status = mtc_errlist_add(r->errors, st, &pos, hint, "%s", message);
    return r->status;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The cell without blanks at its ends, terminated, in the pool. */
static const char *keep_text(reader *r, const char *s, size_t n)
{
    while (n > 0 && is_blank(s[0])) {
        s++;
        n--;
    }
    while (n > 0 && is_blank(s[n - 1])) {
        n--;
    }
    char *const copy = r->pool + r->n_pool;
    if (n > 0) {
        memcpy(copy, s, n);
    }
    copy[n] = '\0';
    r->n_pool += n + 1;
    return copy;
}

static void add_name(reader *r, const char *name)
{
    if (r->field == r->name_capacity) {
        const size_t capacity = r->name_capacity == 0 ? 32 : 2 * r->name_capacity;
        const char **const bigger =
            r->field < MTC_CSV_MAX_COLUMNS ? mtc_realloc(r->name, capacity, sizeof *bigger) : NULL;
        if (!bigger) {
            (void)fail(r, r->field < MTC_CSV_MAX_COLUMNS ? MTC_ENOMEM : MTC_EDATA, 0, NULL,
                       r->field < MTC_CSV_MAX_COLUMNS ? "out of memory" : "too many columns");
            return;
        }
        r->name = bigger;
        r->name_capacity = capacity;
    }
    r->name[r->field] = name;
}

static void on_cell(void *s, size_t n, void *data)
{
    reader *const r = data;
    if (r->status == MTC_ENOMEM || (r->status != MTC_OK && !r->has_header)) {
        return;
    }
    if (r->has_header && r->field >= r->n_col) {
        r->field++; /* counted for the message */
        return;
    }
    const char *const text = keep_text(r, s ? s : "", n);
    if (!r->has_header) {
        add_name(r, text);
    } else if (r->cell) {
        r->cell[r->n_row * r->n_col + r->field] = text;
    }
    r->field++;
}

static void check_names(reader *r)
{
    if (r->n_col == 1 && strpbrk(r->name[0], "\t;")) {
        (void)fail(r, MTC_EDATA, 1, "save it as CSV with commas between the cells",
                   strchr(r->name[0], ';') ? "the table's cells are separated by ';'"
                                           : "the table's cells are separated by tabs");
        return;
    }
    for (size_t i = 0; i < r->n_col; i++) {
        char message[160];
        if (r->name[i][0] == '\0' && (i > 0 || r->n_col == 1)) { /* R writes row names under no name */
            (void)snprintf(message, sizeof message, "column %zu has no name", i + 1);
            (void)fail(r, MTC_EDATA, (long)i + 1, "the first row of a table names its columns", message);
        }
        for (size_t k = 0; k < i && r->name[i][0] != '\0'; k++) {
            if (strcmp(r->name[i], r->name[k]) == 0) {
                (void)snprintf(message, sizeof message, "columns %zu and %zu have the same name '%.80s'", k + 1, i + 1,
                               r->name[i]);
                (void)fail(r, MTC_EDATA, (long)i + 1, NULL, message);
                break;
            }
        }
    }
}

static void end_header(reader *r)
{
    r->n_col = r->field;
    r->has_header = true;
    check_names(r);
    if (r->status != MTC_OK) {
        return;
    }
    if (r->n_line_max > MTC_CSV_MAX_CELLS / r->n_col) {
        (void)fail(r, MTC_EDATA, 0, NULL, "the table is larger than the limit of 64 million cells");
        return;
    }
    if (mtc_arena_new(r->arena, r->n_line_max * r->n_col, &r->cell, NULL) != MTC_OK ||
        mtc_arena_new(r->arena, r->n_line_max, &r->line, NULL) != MTC_OK) {
        (void)fail(r, MTC_ENOMEM, 0, NULL, "out of memory while reading the table");
    }
}

static void bad_row(reader *r)
{
    char message[120];
    if (r->n_bad_row++ >= MAX_ROW_ERRORS) {
        return;
    }
    (void)snprintf(message, sizeof message, "this row has %zu cell%s, the header has %zu", r->field,
                   r->field == 1 ? "" : "s", r->n_col);
    (void)fail(r, MTC_EDATA, 0, r->field > r->n_col ? "put text that holds a comma into double quotes" : NULL, message);
}

static void on_row(int terminator, void *data)
{
    reader *const r = data;
    (void)terminator;
    if (r->status == MTC_ENOMEM) {
        return;
    }
    if (!r->has_header) {
        end_header(r);
    } else if (r->field != r->n_col) {
        bad_row(r);
    } else if (r->cell) {
        r->line[r->n_row++] = r->row_line;
    }
    r->field = 0;
}

/* Length of the line at s with its end: LF, CR LF, or CR alone. */
static size_t line_length(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\n') {
            return i + 1;
        }
        if (s[i] == '\r') {
            return i + 1 < n && s[i + 1] == '\n' ? i + 2 : i + 1;
        }
    }
    return n;
}

static size_t count_lines(const char *text, size_t n)
{
    size_t count = 0;
    for (size_t at = 0; at < n; count++) {
        at += line_length(text + at, n - at);
    }
    return count;
}

/* Line by line, because libcsv does not count them. */
static void feed(reader *r, struct csv_parser *parser, const char *text, size_t n)
{
    long line = 0;
    for (size_t at = 0; at < n && r->status != MTC_ENOMEM;) {
        const size_t length = line_length(text + at, n - at);
        line++;
        if (parser->pstate == 0) { /* between rows */
            r->row_line = line;
        }
        if (csv_parse(parser, text + at, length, on_cell, on_row, r) != length) {
            r->row_line = line;
            const bool parse = csv_error(parser) == CSV_EPARSE;
            (void)fail(r, parse ? MTC_EDATA : MTC_ENOMEM, (long)r->field + 1,
                       "a cell with quotes in it is written \"with \"\"doubled\"\" quotes\"",
                       parse ? "a double quote stands inside a cell, or text follows a closing quote"
                             : "out of memory while reading the table");
            return;
        }
        at += length;
    }
    if (r->status != MTC_ENOMEM && csv_fini(parser, on_cell, on_row, r) != 0) {
        (void)fail(r, MTC_EDATA, (long)r->field + 1, NULL, "a double quote in this row is never closed");
    }
}

static void *grow(void *p, size_t n)
{
    return mtc_realloc(p, n, 1);
}

static mtc_status finish(reader *r, const mtc_table **out)
{
    mtc_table *table = NULL;
    const char **name = NULL;
    char message[160];
    if (r->n_bad_row > MAX_ROW_ERRORS) {
        (void)snprintf(message, sizeof message, "%zu more rows have the wrong number of cells",
                       r->n_bad_row - MAX_ROW_ERRORS);
        (void)fail(r, MTC_EDATA, 0, NULL, message);
    }
    if (r->status == MTC_OK && r->n_row == 0) {
        r->row_line = 1;
        (void)fail(r, MTC_EDATA, 0, NULL, r->has_header ? "the table has a header but no rows" : "the table is empty");
    }
    if (r->status != MTC_OK) {
        return r->status;
    }
    if (mtc_arena_new(r->arena, 1, &table, NULL) != MTC_OK ||
        mtc_arena_new(r->arena, r->n_col, &name, NULL) != MTC_OK) {
        return fail(r, MTC_ENOMEM, 0, NULL, "out of memory while reading the table");
    }
    memcpy(name, r->name, r->n_col * sizeof *name);
    *table = (mtc_table){r->file, r->n_row, r->n_col, name, r->cell, r->line};
    *out = table;
    return MTC_OK;
}

mtc_status mtc_csv_parse(const char *text, size_t n, const char *file, mtc_arena *arena, const mtc_table **out,
                         mtc_errlist *errors)
{
    if (!text || !file || !arena || !out) {
        return mtc_errlist_add(errors, MTC_EDOMAIN, NULL, NULL, "no table given");
    }
    *out = NULL;
    reader r;
    struct csv_parser parser;
    char *name = NULL;
    memset(&r, 0, sizeof r);
    r.arena = arena;
    r.errors = errors;
    r.file = file;
    r.row_line = 1;
    r.n_line_max = count_lines(text, n);
    if (mtc_arena_strndup(arena, file, strlen(file), &name, NULL) != MTC_OK ||
        mtc_arena_new(arena, n + 2, &r.pool, NULL) != MTC_OK || csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return fail(&r, MTC_ENOMEM, 0, NULL, "out of memory while reading the table");
    }
    r.file = name;
    csv_set_realloc_func(&parser, grow);
    csv_set_free_func(&parser, mtc_free);
    feed(&r, &parser, text, n);
    csv_free(&parser);
    const mtc_status st = finish(&r, out);
    mtc_free(r.name);
    return st;
}

mtc_status mtc_csv_read(const char *path, mtc_arena *arena, const mtc_table **out, uint64_t *hash, mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_text text;
    if (mtc_text_read(path, MTC_CSV_MAX_BYTES, &text, &err) != MTC_OK) {
        if (out) {
            *out = NULL;
        }
        return mtc_errlist_push(errors, &err);
    }
    if (hash) {
        *hash = text.hash;
    }
    const mtc_status st = mtc_csv_parse(text.text, text.n, path, arena, out, errors);
    mtc_text_fini(&text);
    return st;
}
