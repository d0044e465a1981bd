/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_spec_edit.h"

#include "mtc_yaml.h"

#include <string.h>

static const mtc_spec EMPTY_MAP = {MTC_SPEC_MAP, {NULL, 0, 0}, NULL, 0, NULL, NULL, NULL};

mtc_status mtc_spec_scalar(const char *text, const mtc_pos *pos, mtc_arena *arena, const mtc_spec **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_spec *node = NULL;
    char *copy = NULL;
    MTC_TRY(mtc_arena_new(arena, 1, &node, err));
    MTC_TRY(mtc_arena_strndup(arena, text, strlen(text), &copy, err));
    node->kind = MTC_SPEC_SCALAR;
    node->pos = pos ? *pos : (mtc_pos){NULL, 0, 0};
    node->text = copy;
    *out = node;
out:
    return st;
}

/* A copy of a list or map with room for `extra` more entries. */
static mtc_status copy_node(const mtc_spec *from, size_t extra, mtc_arena *arena, mtc_spec **out,
                            const mtc_spec ***item, const char ***key, mtc_pos **key_pos, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_spec *node = NULL;
    MTC_TRY(mtc_arena_new(arena, 1, &node, err));
    *node = *from;
    MTC_TRY(mtc_arena_new(arena, from->n + extra, item, err));
    MTC_TRY(mtc_arena_new(arena, from->n + extra, key, err));
    MTC_TRY(mtc_arena_new(arena, from->n + extra, key_pos, err));
    for (size_t i = 0; i < from->n; i++) {
        (*item)[i] = from->item[i];
        if (from->kind == MTC_SPEC_MAP) {
            (*key)[i] = from->key[i];
            (*key_pos)[i] = from->key_pos[i];
        }
    }
    node->item = *item;
    if (from->kind == MTC_SPEC_MAP) {
        node->key = *key;
        node->key_pos = *key_pos;
    }
    *out = node;
out:
    return st;
}

static size_t find_key(const mtc_spec *map, const char *key)
{
    size_t i = 0;
    while (i < map->n && strcmp(map->key[i], key) != 0) {
        i++;
    }
    return i;
}

mtc_status mtc_spec_with(const mtc_spec *map, const char *key, const mtc_pos *key_pos, const mtc_spec *value,
                         mtc_arena *arena, const mtc_spec **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_spec *node = NULL;
    const mtc_spec **item = NULL;
    const char **keys = NULL;
    mtc_pos *places = NULL;
    mtc_spec empty = EMPTY_MAP;
    if (!key || !value || !arena || !out) {
        return mtc_fail(err, MTC_EDOMAIN, "no key or value given");
    }
    if (!map || map->kind == MTC_SPEC_NULL) {
        empty.pos = map ? map->pos : value->pos;
        map = &empty;
    }
    if (map->kind != MTC_SPEC_MAP) {
        return mtc_fail_at(err, MTC_EDOMAIN, &map->pos, "this is not a map, so it has no key '%s'", key);
    }
    MTC_TRY(copy_node(map, 1, arena, &node, &item, &keys, &places, err));
    const size_t i = find_key(map, key);
    if (i == map->n) {
        char *copy = NULL;
        MTC_TRY(mtc_arena_strndup(arena, key, strlen(key), &copy, err));
        keys[i] = copy;
        node->n++;
    }
    places[i] = key_pos ? *key_pos : value->pos;
    item[i] = value;
    *out = node;
out:
    return st;
}

mtc_status mtc_spec_without(const mtc_spec *map, const char *key, mtc_arena *arena, const mtc_spec **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_spec *node = NULL;
    const mtc_spec **item = NULL;
    const char **keys = NULL;
    mtc_pos *places = NULL;
    if (!mtc_spec_find(map, key)) {
        *out = map;
        return MTC_OK;
    }
    MTC_TRY(copy_node(map, 0, arena, &node, &item, &keys, &places, err));
    for (size_t i = find_key(map, key); i + 1 < map->n; i++) {
        item[i] = map->item[i + 1];
        keys[i] = map->key[i + 1];
        places[i] = map->key_pos[i + 1];
    }
    node->n--;
    *out = node;
out:
    return st;
}

mtc_status mtc_spec_merge(const mtc_spec *base, const mtc_spec *over, mtc_arena *arena, const mtc_spec **out,
                          mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *result = base ? base : over;
    if (over && over->kind != MTC_SPEC_MAP && over->kind != MTC_SPEC_NULL) {
        return mtc_fail_at(err, MTC_EDOMAIN, &over->pos, "this is not a map");
    }
    for (size_t i = 0; base && over && i < over->n; i++) {
        MTC_TRY(mtc_spec_with(result, over->key[i], &over->key_pos[i], over->item[i], arena, &result, err));
    }
    *out = result;
out:
    return st;
}

mtc_status mtc_spec_fill(const mtc_spec *map, const mtc_key *keys, mtc_arena *arena, const mtc_spec **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *result = map ? map : &EMPTY_MAP;
    for (const mtc_key *k = keys; k && k->key; k++) {
        const mtc_spec *value = NULL;
        if (!k->default_value || mtc_spec_find(result, k->key)) {
            continue;
        }
        MTC_TRY(mtc_spec_scalar(k->default_value, NULL, arena, &value, err));
        MTC_TRY(mtc_spec_with(result, k->key, NULL, value, arena, &result, err));
    }
    *out = result;
out:
    return st;
}

bool mtc_spec_equal(const mtc_spec *a, const mtc_spec *b)
{
    if (a == b) {
        return true;
    }
    if (!a || !b || a->kind != b->kind || a->n != b->n) {
        return false;
    }
    if (a->kind == MTC_SPEC_SCALAR) {
        return strcmp(a->text, b->text) == 0;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (a->kind == MTC_SPEC_MAP && strcmp(a->key[i], b->key[i]) != 0) {
            return false;
        }
        if (!mtc_spec_equal(a->item[i], b->item[i])) {
            return false;
        }
    }
    return true;
}

/* --set */

typedef struct {
    const char *setting;
    const mtc_spec *value;
    mtc_arena *arena;
    mtc_errlist *errors;
} override;

static mtc_status put(const override *o, const mtc_spec *node, const char *path, const mtc_spec **out);

static mtc_pos path_position(const override *o, const char *path)
{
    return (mtc_pos){"--set", 1, (long)(path - o->setting) + 1};
}

static mtc_status put_in_list(const override *o, const mtc_spec *list, const char *name, const char *path,
                              const char *rest, const mtc_spec **out)
{
    mtc_status st = MTC_OK;
    mtc_err err = MTC_ERR_INIT;
    mtc_spec *node = NULL;
    const mtc_spec **item = NULL;
    const char **keys = NULL;
    mtc_pos *places = NULL;
    const mtc_pos pos = path_position(o, path);
    size_t i = 0;
    const size_t n_digit = strspn(name, "0123456789");
    for (size_t k = 0; k < n_digit && i <= list->n; k++) {
        i = 10 * i + (size_t)(name[k] - '0');
    }
    if (n_digit == 0 || name[n_digit] != '\0' || i >= list->n) {
        return mtc_errlist_add(o->errors, MTC_ECONFIG, &pos, "entries of a list are numbered from 0",
                               "'%s' is no entry of this list of %zu", name, list->n);
    }
    st = copy_node(list, 0, o->arena, &node, &item, &keys, &places, &err);
    if (st != MTC_OK) {
        return mtc_errlist_push(o->errors, &err);
    }
    MTC_TRY(put(o, list->item[i], rest, &item[i]));
    *out = node;
out:
    return st;
}

static mtc_status put_in_map(const override *o, const mtc_spec *map, const char *name, const char *path,
                             const char *rest, const mtc_spec **out)
{
    mtc_err err = MTC_ERR_INIT;
    const mtc_pos pos = path_position(o, path);
    const mtc_spec *inner = NULL;
    mtc_status st = MTC_OK;
    if (map && map->kind == MTC_SPEC_SCALAR) {
        return mtc_errlist_add(o->errors, MTC_ECONFIG, &pos, NULL,
                               "'%s' cannot be set: what stands above it is '%.60s'", name, map->text);
    }
    MTC_TRY(put(o, mtc_spec_find(map, name), rest, &inner));
    st = mtc_spec_with(map, name, &pos, inner, o->arena, out, &err);
    if (st != MTC_OK) {
        (void)mtc_errlist_push(o->errors, &err);
    }
out:
    return st;
}

/* node (NULL: absent) with the value put at the path; path ends at '='. */
static mtc_status put(const override *o, const mtc_spec *node, const char *path, const mtc_spec **out)
{
    if (*path == '=') {
        *out = o->value;
        return MTC_OK;
    }
    char name[128];
    const size_t n = strcspn(path, ".=");
    const char *const rest = path[n] == '.' ? path + n + 1 : path + n;
    const mtc_pos pos = path_position(o, path);
    if (n == 0 || n >= sizeof name || (path[n] == '.' && *rest == '=')) {
        return mtc_errlist_add(o->errors, MTC_EUSAGE, &pos, "write --set 'models.linear.preset=linear'",
                               "the path of --set '%.200s' has an empty or overlong name", o->setting);
    }
    memcpy(name, path, n);
    name[n] = '\0';
    if (node && node->kind == MTC_SPEC_LIST) {
        return put_in_list(o, node, name, path, rest, out);
    }
    return put_in_map(o, node, name, path, rest, out);
}

mtc_status mtc_spec_override(const mtc_spec *root, const char *setting, mtc_arena *arena, const mtc_spec **out,
                             mtc_errlist *errors)
{
    if (!setting || !arena || !out) {
        return mtc_errlist_add(errors, MTC_EDOMAIN, NULL, NULL, "nothing to set");
    }
    *out = NULL;
    override o = {setting, NULL, arena, errors};
    mtc_status st = MTC_OK;
    const char *const equals = strchr(setting, '=');
    if (!equals || equals == setting) {
        const mtc_pos pos = {"--set", 1, 1};
        return mtc_errlist_add(errors, MTC_EUSAGE, &pos, "write --set 'models.linear.preset=linear'",
                               "--set '%.200s' is not of the form path=value", setting);
    }
    const mtc_pos origin = {NULL, 1, (long)(equals - setting) + 2};
    MTC_TRY(mtc_yaml_parse(equals + 1, strlen(equals + 1), "--set", &origin, arena, &o.value, errors));
    MTC_TRY(put(&o, root, setting, out));
out:
    return st;
}
