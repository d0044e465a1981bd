/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_spec.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAME_LENGTH_MAX 64u
#define NAME_DISTANCE_MAX 3u
/* Largest whole number that a double holds exactly together with all smaller ones. */
#define COUNT_MAX 9007199254740992.0

const mtc_spec *mtc_spec_find(const mtc_spec *map, const char *key)
{
    if (!map || map->kind != MTC_SPEC_MAP || !key) {
        return NULL;
    }
    for (size_t i = 0; i < map->n; i++) {
        if (strcmp(map->key[i], key) == 0) {
            return map->item[i];
        }
    }
    return NULL;
}

/* ---- typed readers ------------------------------------------------------------------------------------------- */

static const char *kind_word(const mtc_spec *node)
{
    switch (node->kind) {
    case MTC_SPEC_NULL:
        return "nothing";
    case MTC_SPEC_SCALAR:
        return "a value";
    case MTC_SPEC_LIST:
        return "a list";
    case MTC_SPEC_MAP:
        return "a map";
    }
    return "nothing";
}

static mtc_status need_scalar(const mtc_spec *node, const char *wanted, mtc_err *err)
{
    if (!node) {
        return mtc_fail(err, MTC_ECONFIG, "%s is missing", wanted);
    }
    if (node->kind != MTC_SPEC_SCALAR || !node->text) {
        return mtc_fail_at(err, MTC_ECONFIG, &node->pos, "%s is needed, got %s", wanted, kind_word(node));
    }
    return MTC_OK;
}

/* Give an error of a parser, which knows no place, the place of the node. */
static mtc_status place(const mtc_spec *node, mtc_status st, mtc_err *err)
{
    if (st != MTC_OK && err) {
        const mtc_err inner = *err;
        (void)mtc_err_set(err, st, &node->pos, inner.src_file, inner.src_line, "%s", inner.message);
        memcpy(err->hint, inner.hint, sizeof err->hint);
    }
    return st;
}

mtc_status mtc_spec_quantity(const mtc_spec *node, mtc_dim dim, double *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    MTC_TRY(need_scalar(node, dim == MTC_DIM_NONE ? "a number" : "a number with its unit", err));
    MTC_TRY(place(node, mtc_quantity_parse(node->text, dim, out, NULL, err), err));
out:
    return st;
}

mtc_status mtc_spec_number(const mtc_spec *node, double *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    MTC_TRY(need_scalar(node, "a number", err));
    MTC_TRY(place(node, mtc_number_parse(node->text, out, err), err));
out:
    return st;
}

mtc_status mtc_spec_count(const mtc_spec *node, size_t *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double value = 0.0;
    MTC_TRY(need_scalar(node, "a whole number", err));
    MTC_TRY(place(node, mtc_number_parse(node->text, &value, err), err));
    if (value < 0.0 || value > COUNT_MAX || floor(value) != value) {
        return mtc_fail_at(err, MTC_ECONFIG, &node->pos, "a whole number >= 0 is needed, got '%.80s'", node->text);
    }
    *out = (size_t)value;
out:
    return st;
}

mtc_status mtc_spec_bool(const mtc_spec *node, bool *out, mtc_err *err)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true},   {"yes", true}, {"on", true},   {"True", true},   {"Yes", true}, {"On", true},
                 {"false", false}, {"no", false}, {"off", false}, {"False", false}, {"No", false}, {"Off", false}};
    mtc_status st = MTC_OK;
    MTC_TRY(need_scalar(node, "true or false", err));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(node->text, words[i].word) == 0) {
            *out = words[i].value;
            return MTC_OK;
        }
    }
    st = mtc_fail_at(err, MTC_ECONFIG, &node->pos, "true or false is needed, got '%.80s'", node->text);
out:
    return st;
}

mtc_status mtc_spec_text(const mtc_spec *node, const char **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    MTC_TRY(need_scalar(node, "a text", err));
    *out = node->text;
out:
    return st;
}

/* ---- key tables ---------------------------------------------------------------------------------------------- */

static const mtc_key *key_find(const mtc_key *keys, const char *name)
{
    for (const mtc_key *k = keys; k && k->key; k++) {
        if (strcmp(k->key, name) == 0) {
            return k;
        }
    }
    return NULL;
}

static const mtc_key *key_find_any(const mtc_key *keys, const mtc_key *const *more, const char *name)
{
    const mtc_key *k = key_find(keys, name);
    for (size_t i = 0; !k && more && more[i]; i++) {
        k = key_find(more[i], name);
    }
    return k;
}

/* A bound as people would write it, in the unit of the key. */
static void bound_text(const mtc_key *key, double bound, char *buf, size_t size)
{
    const char *symbol = key->type == MTC_KEY_QUANTITY ? mtc_unit_symbol(key->unit) : "";
    const double factor = key->type == MTC_KEY_QUANTITY ? mtc_unit_factor(key->unit) : 1.0;
    (void)snprintf(buf, size, "%.6g%s%s", bound / factor, symbol[0] != '\0' ? " " : "", symbol);
}

static mtc_status check_range(const mtc_key *key, const mtc_spec *node, double value, mtc_err *err)
{
    char bound[64];
    if (value < key->lower) {
        bound_text(key, key->lower, bound, sizeof bound);
        return mtc_fail_at(err, MTC_ECONFIG, &node->pos, "must be at least %s, got %.80s", bound, node->text);
    }
    if (value > key->upper) {
        bound_text(key, key->upper, bound, sizeof bound);
        return mtc_fail_at(err, MTC_ECONFIG, &node->pos, "must be at most %s, got %.80s", bound, node->text);
    }
    return MTC_OK;
}

static mtc_status read_number(const mtc_key *key, const mtc_spec *node, double *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t count = 0;
    if (key->type == MTC_KEY_QUANTITY) {
        MTC_TRY(mtc_spec_quantity(node, key->dim, out, err));
    } else if (key->type == MTC_KEY_COUNT) {
        MTC_TRY(mtc_spec_count(node, &count, err));
        *out = (double)count;
    } else if (key->type == MTC_KEY_NUMBER) {
        MTC_TRY(mtc_spec_number(node, out, err));
    } else {
        return mtc_fail(err, MTC_EBUG, "setting '%s' read as a number, which it is not", key->key);
    }
    MTC_TRY(check_range(key, node, *out, err));
out:
    return st;
}

#define CHOICES_MAX 32u

/* Split "a|b|c" into at most CHOICES_MAX names inside buf. */
static size_t split_choices(const char *choices, char *buf, size_t size, const char **name)
{
    size_t n = 0;
    (void)snprintf(buf, size, "%s", choices);
    for (char *s = buf; s && n < CHOICES_MAX;) {
        char *bar = strchr(s, '|');
        name[n++] = s;
        if (bar) {
            *bar++ = '\0';
        }
        s = bar;
    }
    return n;
}

static mtc_status read_choice(const mtc_key *key, const mtc_spec *node, const char **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char buf[512];
    const char *name[CHOICES_MAX];

    MTC_TRY(mtc_spec_text(node, out, err));
    if (!key->choices) {
        return mtc_fail(err, MTC_EBUG, "setting '%s' has no choices", key->key);
    }
    const size_t n = split_choices(key->choices, buf, sizeof buf, name);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name[i], *out) == 0) {
            return MTC_OK;
        }
    }
    st = mtc_fail_at(err, MTC_ECONFIG, &node->pos, "must be one of %s, got '%.80s'", key->choices, *out);
    const char *near = mtc_nearest_name(*out, name, n);
    if (near) {
        mtc_err_hint(err, "did you mean '%s'?", near);
    }
out:
    return st;
}

static mtc_status check_value(const mtc_key *key, const mtc_spec *node, mtc_err *err)
{
    double number = 0.0;
    bool flag = false;
    const char *text = NULL;

    if (node->kind == MTC_SPEC_NULL) {
        return mtc_fail_at(err, MTC_ECONFIG, &node->pos, "has no value");
    }
    switch (key->type) {
    case MTC_KEY_NUMBER:
    case MTC_KEY_QUANTITY:
    case MTC_KEY_COUNT:
        return read_number(key, node, &number, err);
    case MTC_KEY_BOOL:
        return mtc_spec_bool(node, &flag, err);
    case MTC_KEY_TEXT:
        return mtc_spec_text(node, &text, err);
    case MTC_KEY_CHOICE:
        return read_choice(key, node, &text, err);
    case MTC_KEY_LIST:
        return node->kind == MTC_SPEC_LIST
                   ? MTC_OK
                   : mtc_fail_at(err, MTC_ECONFIG, &node->pos, "a list is needed, got %s", kind_word(node));
    case MTC_KEY_MAP:
        return node->kind == MTC_SPEC_MAP
                   ? MTC_OK
                   : mtc_fail_at(err, MTC_ECONFIG, &node->pos, "a map is needed, got %s", kind_word(node));
    }
    return mtc_fail(err, MTC_EBUG, "setting '%s' has an unknown type", key->key);
}

#define NAMES_MAX 256u

static size_t collect_names(const mtc_key *keys, const char **name, size_t n)
{
    for (const mtc_key *k = keys; k && k->key && n < NAMES_MAX; k++) {
        name[n++] = k->key;
    }
    return n;
}

static void report_unknown(const mtc_spec *map, size_t entry, const mtc_key *keys, const mtc_key *const *more,
                           mtc_errlist *errors)
{
    const char *name[NAMES_MAX];
    char hint[128] = "";
    size_t n = collect_names(keys, name, 0);
    for (size_t i = 0; more && more[i]; i++) {
        n = collect_names(more[i], name, n);
    }
    const char *near = mtc_nearest_name(map->key[entry], name, n);
    if (near) {
        (void)snprintf(hint, sizeof hint, "did you mean '%.64s'?", near);
    }
    const mtc_pos *pos = map->key_pos ? &map->key_pos[entry] : &map->item[entry]->pos;
    (void)mtc_errlist_add(errors, MTC_ECONFIG, pos, hint, "unknown key '%.80s'", map->key[entry]);
}

static mtc_status check_missing(const mtc_spec *map, const mtc_key *keys, mtc_errlist *errors)
{
    mtc_status st = MTC_OK;
    for (const mtc_key *k = keys; k && k->key; k++) {
        if (k->required && !mtc_spec_find(map, k->key)) {
            st = mtc_errlist_add(errors, MTC_ECONFIG, map ? &map->pos : NULL, k->help, "key '%s' is missing", k->key);
        }
    }
    return st;
}

static mtc_status check_entry(const mtc_spec *map, size_t entry, const mtc_key *keys, const mtc_key *const *more,
                              mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    const mtc_key *key = key_find_any(keys, more, map->key[entry]);
    if (!key) {
        report_unknown(map, entry, keys, more, errors);
        return MTC_ECONFIG;
    }
    if (check_value(key, map->item[entry], &err) == MTC_OK) {
        return MTC_OK;
    }
    mtc_err_prefix(&err, "%s", key->key);
    (void)mtc_errlist_push(errors, &err);
    return MTC_ECONFIG;
}

mtc_status mtc_spec_check(const mtc_spec *map, const mtc_key *keys, const mtc_key *const *more, mtc_errlist *errors)
{
    mtc_status st = MTC_OK;
    if (map && map->kind != MTC_SPEC_MAP && map->kind != MTC_SPEC_NULL) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &map->pos, NULL, "a map of settings is needed, got %s",
                               kind_word(map));
    }
    for (size_t i = 0; map && map->kind == MTC_SPEC_MAP && i < map->n; i++) {
        if (check_entry(map, i, keys, more, errors) != MTC_OK) {
            st = MTC_ECONFIG;
        }
    }
    if (check_missing(map, keys, errors) != MTC_OK) {
        st = MTC_ECONFIG;
    }
    for (size_t i = 0; more && more[i]; i++) {
        if (check_missing(map, more[i], errors) != MTC_OK) {
            st = MTC_ECONFIG;
        }
    }
    return st;
}

/* ---- values by key table ------------------------------------------------------------------------------------- */

/* The node of a key, or a node made from the key's default in *spare. */
static mtc_status value_node(const mtc_spec *map, const mtc_key *keys, const char *name, const mtc_key **key,
                             const mtc_spec **node, mtc_spec *spare, mtc_err *err)
{
    *key = key_find(keys, name);
    if (!*key) {
        return mtc_fail(err, MTC_EBUG, "setting '%s' is in no key table", name);
    }
    *node = mtc_spec_find(map, name);
    if (*node && (*node)->kind != MTC_SPEC_NULL) {
        return MTC_OK;
    }
    if (!(*key)->default_value) {
        return mtc_fail_at(err, MTC_ECONFIG, map ? &map->pos : NULL, "key '%s' is missing", name);
    }
    *spare = (mtc_spec){.kind = MTC_SPEC_SCALAR, .text = (*key)->default_value};
    *node = spare;
    return MTC_OK;
}

mtc_status mtc_spec_get_number(const mtc_spec *map, const mtc_key *keys, const char *key, double *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_key *row = NULL;
    const mtc_spec *node = NULL;
    mtc_spec spare;
    MTC_TRY(value_node(map, keys, key, &row, &node, &spare, err));
    st = read_number(row, node, out, err);
    if (st != MTC_OK) {
        mtc_err_prefix(err, "%s", key);
    }
out:
    return st;
}

mtc_status mtc_spec_get_count(const mtc_spec *map, const mtc_key *keys, const char *key, size_t *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_key *row = NULL;
    const mtc_spec *node = NULL;
    mtc_spec spare;
    double value = 0.0;
    MTC_TRY(value_node(map, keys, key, &row, &node, &spare, err));
    if (row->type != MTC_KEY_COUNT) {
        return mtc_fail(err, MTC_EBUG, "setting '%s' read as a count, which it is not", key);
    }
    st = read_number(row, node, &value, err);
    if (st != MTC_OK) {
        mtc_err_prefix(err, "%s", key);
    } else {
        *out = (size_t)value;
    }
out:
    return st;
}

mtc_status mtc_spec_get_bool(const mtc_spec *map, const mtc_key *keys, const char *key, bool *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_key *row = NULL;
    const mtc_spec *node = NULL;
    mtc_spec spare;
    MTC_TRY(value_node(map, keys, key, &row, &node, &spare, err));
    if (row->type != MTC_KEY_BOOL) {
        return mtc_fail(err, MTC_EBUG, "setting '%s' read as true or false, which it is not", key);
    }
    st = mtc_spec_bool(node, out, err);
    if (st != MTC_OK) {
        mtc_err_prefix(err, "%s", key);
    }
out:
    return st;
}

mtc_status mtc_spec_get_text(const mtc_spec *map, const mtc_key *keys, const char *key, const char **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_key *row = NULL;
    const mtc_spec *node = NULL;
    mtc_spec spare;
    MTC_TRY(value_node(map, keys, key, &row, &node, &spare, err));
    if (row->type != MTC_KEY_TEXT && row->type != MTC_KEY_CHOICE) {
        return mtc_fail(err, MTC_EBUG, "setting '%s' read as text, which it is not", key);
    }
    st = row->type == MTC_KEY_CHOICE ? read_choice(row, node, out, err) : mtc_spec_text(node, out, err);
    if (st != MTC_OK) {
        mtc_err_prefix(err, "%s", key);
    }
out:
    return st;
}

/* ---- nearest name -------------------------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edit distance with swaps of neighbours (optimal string alignment, Damerau 1964), both lengths <= NAME_LENGTH_MAX. */
static size_t edit_distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t rows[3][NAME_LENGTH_MAX + 1];
    for (size_t j = 0; j <= m; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i - 1) % 3];
        const size_t *before = rows[(i + 1) % 3]; /* i - 2 modulo 3 */
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t differs = a[i - 1] != b[j - 1] ? 1 : 0;
            now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + differs);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
    }
    return rows[n % 3][m];
}

const char *mtc_nearest_name(const char *word, const char *const *names, size_t n)
{
    const size_t length = word ? strlen(word) : 0;
    const char *best = NULL;
    /* counted twice, so that among equal distances one with the same first letter goes first */
    size_t best_distance = 2 * (least(length / 3, NAME_DISTANCE_MAX) + 1);

    if (length == 0 || length > NAME_LENGTH_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t other = names[i] ? strlen(names[i]) : 0;
        if (other == 0 || other > NAME_LENGTH_MAX) {
            continue;
        }
        if (strcasecmp(word, names[i]) == 0) {
            return names[i];
        }
        const size_t distance = 2 * edit_distance(word, length, names[i], other) + (word[0] != names[i][0] ? 1 : 0);
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best;
}
