/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_summary.h"
#include "summary_internal.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static mtc_status write_struct(const summary_type *type, const char *base, json_t **out, mtc_err *err);

static size_t length_at(const char *base, const summary_field *f)
{
    return *(const size_t *)(const void *)(base + f->n_offset);
}

/** Put a value under a key; takes the value. NULL is a value that Jansson refused: out of memory or text not UTF-8. */
static mtc_status put(json_t *object, const char *key, json_t *value, mtc_err *err)
{
    if (value == NULL) {
        return mtc_fail(err, MTC_EDATA, "summary.json: value of '%s' cannot be written (text must be UTF-8)", key);
    }
    if (json_object_set_new(object, key, value) != 0) {
        return mtc_fail(err, MTC_EDATA, "summary.json: key '%s' cannot be written (text must be UTF-8)", key);
    }
    return MTC_OK;
}

static mtc_status append(json_t *array, json_t *value, mtc_err *err)
{
    if (value == NULL || json_array_append_new(array, value) != 0) {
        return mtc_fail(err, MTC_EDATA, "summary.json: an entry of a list cannot be written (text must be UTF-8)");
    }
    return MTC_OK;
}

static mtc_status put_number(json_t *object, const char *key, double x, bool is_optional, mtc_err *err)
{
    char reason_key[128];

    if (isfinite(x)) {
        return put(object, key, json_real(x), err);
    }
    if (is_optional && isnan(x)) {
        return MTC_OK;
    }
    const mtc_status st = put(object, key, json_null(), err);
    if (st != MTC_OK) {
        return st;
    }
    (void)snprintf(reason_key, sizeof reason_key, "%s_reason", key);
    return put(object, reason_key, json_string(isnan(x) ? REASON_NAN : x > 0.0 ? REASON_PLUS : REASON_MINUS), err);
}

static mtc_status put_calls(json_t *object, const char *key, uint64_t n, mtc_err *err)
{
    if (n > (uint64_t)INT64_MAX) {
        return mtc_fail(err, MTC_EDOMAIN, "summary.json: '%s' must be below 2^63", key);
    }
    return put(object, key, json_integer((json_int_t)n), err);
}

static mtc_status put_vector(json_t *object, const char *key, const double *x, size_t n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    json_t *array = json_array();

    if (array == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        MTC_TRY(append(array, isfinite(x[i]) ? json_real(x[i]) : json_null(), err));
    }
    return put(object, key, array, err);
out:
    json_decref(array);
    return st;
}

static mtc_status put_texts(json_t *object, const char *key, const char *const *text, size_t n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    json_t *array = json_array();

    if (array == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        MTC_TRY(append(array, text[i] == NULL ? json_null() : json_string(text[i]), err));
    }
    return put(object, key, array, err);
out:
    json_decref(array);
    return st;
}

static mtc_status put_numbers(json_t *object, const char *key, const mtc_result_number *x, size_t n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    json_t *map = json_object();

    if (map == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        MTC_TRY(put_number(map, x[i].name, x[i].value, false, err));
    }
    return put(object, key, map, err);
out:
    json_decref(map);
    return st;
}

static mtc_status put_list(json_t *object, const summary_field *f, const char *items, size_t n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    json_t *array = json_array();
    json_t *entry = NULL;

    if (array == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        MTC_TRY(write_struct(f->type, items + i * f->type->size, &entry, err));
        MTC_TRY(append(array, entry, err));
    }
    return put(object, f->key, array, err);
out:
    json_decref(array);
    return st;
}

static mtc_status put_map(json_t *object, const summary_field *f, const char *items, size_t n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    json_t *map = json_object();
    json_t *entry = NULL;

    if (map == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        const char *item = items + i * f->type->size;
        const char *name = *(const char *const *)(const void *)(item + f->type->key_offset);
        if (name == NULL || json_object_get(map, name) != NULL) {
            st = mtc_fail(err, MTC_EBUG, "summary.json: entry %zu of '%s' has no name of its own", i + 1, f->key);
            goto out;
        }
        MTC_TRY(write_struct(f->type, item, &entry, err));
        MTC_TRY(put(map, name, entry, err));
    }
    return put(object, f->key, map, err);
out:
    json_decref(map);
    return st;
}

static mtc_status put_text(json_t *object, const summary_field *f, const char *text, mtc_err *err)
{
    if (text != NULL) {
        return put(object, f->key, json_string(text), err);
    }
    if ((f->flags & FIELD_OPTIONAL) != 0) {
        return MTC_OK;
    }
    return put(object, f->key, json_string(""), err);
}

static mtc_status put_object(json_t *object, const summary_field *f, const char *base, mtc_err *err)
{
    json_t *inner = NULL;

    if ((f->flags & FIELD_IF_PRESENT) != 0 && !*(const bool *)(const void *)(base + f->n_offset)) {
        return MTC_OK;
    }
    const mtc_status st = write_struct(f->type, base + f->offset, &inner, err);
    return st != MTC_OK ? st : put(object, f->key, inner, err);
}

/** A pointer member with its length, as vector, texts, numbers, list or map; NULL with a length leaves the key out. */
static mtc_status put_array(json_t *object, const summary_field *f, const char *base, mtc_err *err)
{
    const void *const items = *(const void *const *)(const void *)(base + f->offset);
    size_t n = length_at(base, f);

    if (items == NULL && n > 0) {
        if ((f->flags & FIELD_OPTIONAL) != 0) {
            return MTC_OK;
        }
        return mtc_fail(err, MTC_EBUG, "summary.json: '%s' has a length of %zu and no entries", f->key, n);
    }
    if (items == NULL && (f->flags & FIELD_OPTIONAL) != 0) {
        return MTC_OK;
    }
    if ((f->flags & FIELD_SHORTER) != 0 && n > 0) {
        n--;
    }
    switch (f->kind) {
    case FIELD_VECTOR:
        return put_vector(object, f->key, items, n, err);
    case FIELD_TEXTS:
        return put_texts(object, f->key, items, n, err);
    case FIELD_NUMBERS:
        return put_numbers(object, f->key, items, n, err);
    case FIELD_LIST:
        return put_list(object, f, items, n, err);
    default:
        return put_map(object, f, items, n, err);
    }
}

static mtc_status put_field(json_t *object, const summary_field *f, const char *base, mtc_err *err)
{
    const void *const at = base + f->offset;

    switch (f->kind) {
    case FIELD_TEXT:
        return put_text(object, f, *(const char *const *)at, err);
    case FIELD_NUMBER:
        return put_number(object, f->key, *(const double *)at, (f->flags & FIELD_OPTIONAL) != 0, err);
    case FIELD_CALLS:
        return put_calls(object, f->key, *(const uint64_t *)at, err);
    case FIELD_COUNT:
        return put_calls(object, f->key, *(const size_t *)at, err);
    case FIELD_BOOL:
        return put(object, f->key, json_boolean(*(const bool *)at), err);
    case FIELD_OBJECT:
        return put_object(object, f, base, err);
    default:
        return put_array(object, f, base, err);
    }
}

static mtc_status write_fields(json_t *object, const summary_type *type, const char *base, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < type->n_field && st == MTC_OK; i++) {
        st = put_field(object, &type->field[i], base, err);
    }
    return st;
}

static mtc_status write_struct(const summary_type *type, const char *base, json_t **out, mtc_err *err)
{
    json_t *object = json_object();

    *out = NULL;
    if (object == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: out of memory");
    }
    const mtc_status st = write_fields(object, type, base, err);
    if (st != MTC_OK) {
        json_decref(object);
        return st;
    }
    *out = object;
    return MTC_OK;
}

/** Bytes of a JSON value in memory of mtc_calloc, a newline at the end. */
static mtc_status dump(const json_t *root, char **text, size_t *n, mtc_err *err)
{
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(17);
    const size_t size = json_dumpb(root, NULL, 0, flags);

    if (size == 0) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: cannot be formatted");
    }
    char *buf = mtc_calloc(size + 2, 1);
    if (buf == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: out of memory");
    }
    if (json_dumpb(root, buf, size, flags) != size) {
        mtc_free(buf);
        return mtc_fail(err, MTC_EBUG, "summary.json: its length changed");
    }
    buf[size] = '\n';
    *text = buf;
    *n = size + 1;
    return MTC_OK;
}

mtc_status mtc_summary_format(const mtc_result *r, char **text, size_t *n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    json_t *root = NULL;

    if (r == NULL || text == NULL || n == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_summary_format: missing argument");
    }
    *text = NULL;
    *n = 0;
    root = json_object();
    if (root == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "summary.json: out of memory");
    }
    MTC_TRY(put(root, "metachron", json_string(r->run.version == NULL ? "" : r->run.version), err));
    MTC_TRY(put(root, "schema", json_integer(SUMMARY_SCHEMA), err));
    MTC_TRY(write_fields(root, &summary_root, (const char *)r, err));
    MTC_TRY(dump(root, text, n, err));
out:
    json_decref(root);
    return st;
}
