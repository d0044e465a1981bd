/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_summary.h"
#include "summary_internal.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/** Where the reader is, for messages: "models.linear.log_evidence". */
typedef struct place {
    const struct place *up;
    const char *key;
} place;

typedef struct {
    mtc_result *r;
    const char *file;
    mtc_err *err;
} reader;

static mtc_status read_fields(const reader *rd, const place *at, const summary_type *type, const json_t *object,
                              char *base);

static size_t place_print(const place *p, char *buf, size_t size)
{
    if (p == NULL) {
        return 0;
    }
    const size_t n = place_print(p->up, buf, size);
    if (n + 1 >= size) {
        return n;
    }
    const int added = snprintf(buf + n, size - n, "%s%s", n > 0 ? "." : "", p->key);
    return added < 0 ? n : (size_t)added >= size - n ? size - 1 : n + (size_t)added;
}

static mtc_status refuse(const reader *rd, const place *at, const char *what)
{
    char path[512] = "";
    const mtc_pos pos = {rd->file, 0, 0};

    (void)place_print(at, path, sizeof path);
    return mtc_fail_at(rd->err, MTC_EDATA, &pos, "%s %s", path, what);
}

static mtc_status copy_text(const reader *rd, const json_t *value, const char **out)
{
    char *copy = NULL;
    const mtc_status st =
        mtc_arena_strndup(rd->r->arena, json_string_value(value), json_string_length(value), &copy, rd->err);
    *out = copy;
    return st;
}

static mtc_status read_text(const reader *rd, const place *at, const json_t *value, const char **out)
{
    if (!json_is_string(value)) {
        return refuse(rd, at, "must be a text");
    }
    return copy_text(rd, value, out);
}

/** A number, or null with the reason that stands beside it. */
static mtc_status read_number(const reader *rd, const place *at, const json_t *object, const json_t *value, double *out)
{
    char reason_key[128];

    if (json_is_number(value)) {
        *out = json_number_value(value);
        return MTC_OK;
    }
    if (!json_is_null(value)) {
        return refuse(rd, at, "must be a number or null");
    }
    (void)snprintf(reason_key, sizeof reason_key, "%s_reason", at->key);
    const char *reason = json_string_value(json_object_get(object, reason_key));
    *out = NAN;
    if (reason != NULL && strcmp(reason, REASON_PLUS) == 0) {
        *out = INFINITY;
    } else if (reason != NULL && strcmp(reason, REASON_MINUS) == 0) {
        *out = -INFINITY;
    }
    return MTC_OK;
}

static mtc_status read_calls(const reader *rd, const place *at, const json_t *value, uint64_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return refuse(rd, at, "must be a whole number of at least 0");
    }
    *out = (uint64_t)json_integer_value(value);
    return MTC_OK;
}

static mtc_status read_bool(const reader *rd, const place *at, const json_t *value, bool *out)
{
    if (!json_is_boolean(value)) {
        return refuse(rd, at, "must be true or false");
    }
    *out = json_is_true(value);
    return MTC_OK;
}

/** Set the length of a list, or compare with the one already set. */
static mtc_status settle_length(const reader *rd, const place *at, const summary_field *f, char *base, size_t n)
{
    size_t *const length = (size_t *)(void *)(base + f->n_offset);

    if ((f->flags & FIELD_SETS_LENGTH) != 0) {
        *length = n;
        return MTC_OK;
    }
    const size_t wanted = (f->flags & FIELD_SHORTER) != 0 && *length > 0 ? *length - 1 : *length;
    return n == wanted ? MTC_OK : refuse(rd, at, "does not have the length that belongs to it");
}

static mtc_status read_vector(const reader *rd, const place *at, const json_t *array, double **out)
{
    const size_t n = json_array_size(array);
    double *x = NULL;
    const mtc_status st = mtc_arena_new(rd->r->arena, n, &x, rd->err);

    if (st != MTC_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_number(value) && !json_is_null(value)) {
            return refuse(rd, at, "must hold numbers and nulls only");
        }
        x[i] = json_is_number(value) ? json_number_value(value) : (double)NAN;
    }
    *out = x;
    return MTC_OK;
}

static mtc_status read_texts(const reader *rd, const place *at, const json_t *array, const char ***out)
{
    mtc_status st = MTC_OK;
    const size_t n = json_array_size(array);
    const char **text = NULL;

    MTC_TRY(mtc_arena_new(rd->r->arena, n, &text, rd->err));
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_null(value)) {
            MTC_TRY(read_text(rd, at, value, &text[i]));
        }
    }
    *out = text;
out:
    return st;
}

static mtc_status read_list(const reader *rd, const place *at, const summary_field *f, const json_t *array, char **out)
{
    mtc_status st = MTC_OK;
    const size_t n = json_array_size(array);
    void *items = NULL;
    char index[32];

    MTC_TRY(mtc_arena_alloc(rd->r->arena, n, f->type->size, &items, rd->err));
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(index, sizeof index, "%zu", i);
        const place here = {at, index};
        MTC_TRY(read_fields(rd, &here, f->type, json_array_get(array, i), (char *)items + i * f->type->size));
    }
    *out = items;
out:
    return st;
}

/** The next entry of a {name: ...}; Jansson keeps the order of the file. The iterator is not const in its interface. */
#define FOREACH_ENTRY(object, iter)                                                                                    \
    for (void *iter = json_object_iter(object); iter != NULL; iter = json_object_iter_next(object, iter))

static mtc_status read_map(const reader *rd, const place *at, const summary_field *f, json_t *object, char **out)
{
    mtc_status st = MTC_OK;
    void *items = NULL;
    size_t i = 0;

    MTC_TRY(mtc_arena_alloc(rd->r->arena, json_object_size(object), f->type->size, &items, rd->err));
    FOREACH_ENTRY(object, iter)
    {
        char *const item = (char *)items + i++ * f->type->size;
        const char *const name = json_object_iter_key(iter);
        const place here = {at, name};
        MTC_TRY(mtc_result_text(rd->r, name, (const char **)(void *)(item + f->type->key_offset), rd->err));
        MTC_TRY(read_fields(rd, &here, f->type, json_object_iter_value(iter), item));
    }
    *out = items;
out:
    return st;
}

static bool is_reason_key(const json_t *object, const char *key)
{
    char stem[256];
    const size_t n = strlen(key), n_end = strlen("_reason");

    if (n <= n_end || n >= sizeof stem || strcmp(key + n - n_end, "_reason") != 0) {
        return false;
    }
    memcpy(stem, key, n - n_end);
    stem[n - n_end] = '\0';
    return json_is_null(json_object_get(object, stem));
}

static mtc_status read_numbers(const reader *rd, const place *at, json_t *object, mtc_result_number **out, size_t *n)
{
    mtc_status st = MTC_OK;
    mtc_result_number *list = NULL;

    *n = 0;
    MTC_TRY(mtc_arena_new(rd->r->arena, json_object_size(object), &list, rd->err));
    FOREACH_ENTRY(object, iter)
    {
        const char *const name = json_object_iter_key(iter);
        const place here = {at, name};
        if (is_reason_key(object, name)) {
            continue;
        }
        MTC_TRY(mtc_result_text(rd->r, name, &list[*n].name, rd->err));
        MTC_TRY(read_number(rd, &here, object, json_object_iter_value(iter), &list[*n].value));
        *n += 1;
    }
    *out = list;
out:
    return st;
}

static mtc_status read_array(const reader *rd, const place *at, const summary_field *f, json_t *value, char *base)
{
    mtc_status st = MTC_OK;
    void *const member = base + f->offset;
    const bool by_name = f->kind == FIELD_MAP || f->kind == FIELD_NUMBERS;
    size_t n = by_name ? json_object_size(value) : json_array_size(value);

    if (by_name ? !json_is_object(value) : !json_is_array(value)) {
        return refuse(rd, at, by_name ? "must be {name: ...}" : "must be a list");
    }
    if (f->kind == FIELD_VECTOR) {
        MTC_TRY(read_vector(rd, at, value, member));
    } else if (f->kind == FIELD_TEXTS) {
        MTC_TRY(read_texts(rd, at, value, member));
    } else if (f->kind == FIELD_NUMBERS) {
        MTC_TRY(read_numbers(rd, at, value, member, &n));
    } else if (f->kind == FIELD_LIST) {
        MTC_TRY(read_list(rd, at, f, value, member));
    } else {
        MTC_TRY(read_map(rd, at, f, value, member));
    }
    MTC_TRY(settle_length(rd, at, f, base, n));
out:
    return st;
}

static mtc_status read_object(const reader *rd, const place *at, const summary_field *f, const json_t *value,
                              char *base)
{
    if ((f->flags & FIELD_IF_PRESENT) != 0) {
        *(bool *)(void *)(base + f->n_offset) = true;
    }
    return read_fields(rd, at, f->type, value, base + f->offset);
}

static mtc_status read_count(const reader *rd, const place *at, const json_t *value, size_t *out)
{
    uint64_t n = 0;
    const mtc_status st = read_calls(rd, at, value, &n);
    *out = (size_t)n;
    return st;
}

/** A key that is not there: allowed for optional ones, which then say "not known" in their own way. */
static mtc_status read_absent(const reader *rd, const place *at, const summary_field *f, char *base)
{
    if ((f->flags & FIELD_OPTIONAL) != 0) {
        if (f->kind == FIELD_NUMBER) {
            *(double *)(void *)(base + f->offset) = NAN;
        }
        return MTC_OK;
    }
    return (f->flags & FIELD_IF_PRESENT) != 0 ? MTC_OK : refuse(rd, at, "is missing");
}

static mtc_status read_field(const reader *rd, const place *at, const summary_field *f, const json_t *object,
                             char *base)
{
    const place here = {at, f->key};
    json_t *const value = json_object_get(object, f->key);
    void *const member = base + f->offset;

    if (value == NULL) {
        return read_absent(rd, &here, f, base);
    }
    switch (f->kind) {
    case FIELD_TEXT:
        return read_text(rd, &here, value, member);
    case FIELD_NUMBER:
        return read_number(rd, &here, object, value, member);
    case FIELD_CALLS:
        return read_calls(rd, &here, value, member);
    case FIELD_COUNT:
        return read_count(rd, &here, value, member);
    case FIELD_BOOL:
        return read_bool(rd, &here, value, member);
    case FIELD_OBJECT:
        return read_object(rd, &here, f, value, base);
    default:
        return read_array(rd, &here, f, value, base);
    }
}

static mtc_status read_fields(const reader *rd, const place *at, const summary_type *type, const json_t *object,
                              char *base)
{
    mtc_status st = MTC_OK;

    if (!json_is_object(object)) {
        return refuse(rd, at, "must be {key: ...}");
    }
    for (size_t i = 0; i < type->n_field && st == MTC_OK; i++) {
        st = read_field(rd, at, &type->field[i], object, base);
    }
    return st;
}

static mtc_status read_root(const reader *rd, const json_t *root)
{
    mtc_status st = MTC_OK;
    const place version = {NULL, "metachron"}, schema = {NULL, "schema"};
    uint64_t layout = 0;

    MTC_TRY(read_calls(rd, &schema, json_object_get(root, "schema"), &layout));
    if (layout != SUMMARY_SCHEMA) {
        return refuse(rd, &schema, "is the layout of another version of this program");
    }
    MTC_TRY(read_text(rd, &version, json_object_get(root, "metachron"), &rd->r->run.version));
    MTC_TRY(read_fields(rd, NULL, &summary_root, root, (char *)rd->r));
out:
    return st;
}

mtc_status mtc_summary_parse(const char *text, size_t n, const char *file, mtc_result **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    json_error_t problem;
    json_t *root = NULL;
    mtc_result *r = NULL;

    if (text == NULL || out == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_summary_parse: missing argument");
    }
    *out = NULL;
    root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        const mtc_pos pos = {file, problem.line, problem.column};
        return mtc_fail_at(err, MTC_EDATA, &pos, "not valid JSON: %s", problem.text);
    }
    MTC_TRY(mtc_result_create(&r, err));
    const reader rd = {r, file, err};
    MTC_TRY(read_root(&rd, root));
    *out = r;
    r = NULL;
out:
    mtc_result_destroy(r);
    json_decref(root);
    return st;
}
