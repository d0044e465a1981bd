/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config_internal.h"

#include "mtc_spec_edit.h"
#include "mtc_yaml.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const mtc_key mtc_config_model_keys[] = {
    {"preset", MTC_KEY_LIST, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "name of a preset, or a list of names applied from left to right"},
    {"priors", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "parameter -> prior; replaces the preset's as a whole"},
    {"settings", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "this model's own settings, over those of the file"},
    {NULL, MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

void mtc_config_hint_name(mtc_errlist *errors, const mtc_pos *pos, const char *word, const char *const *name, size_t n,
                          const char *who, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name[i], word) == 0) {
            return;
        }
    }
    char hint[256] = "";
    const char *const near = mtc_nearest_name(word, name, n);
    if (near) {
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    } else {
        size_t used = (size_t)snprintf(hint, sizeof hint, "known:");
        for (size_t i = 0; i < n && used + strlen(name[i]) + 3 < sizeof hint; i++) {
            used += (size_t)snprintf(hint + used, sizeof hint - used, "%s %s", i > 0 ? "," : "", name[i]);
        }
    }
    (void)mtc_errlist_add(errors, MTC_ECONFIG, pos, hint, "%s '%.80s', which is no %s", who, word, what);
}

typedef struct {
    const mtc_config_options *options;
    mtc_arena *arena;
    mtc_errlist *errors;
} builder;

static mtc_status fail(const builder *b, const mtc_err *err)
{
    return mtc_errlist_push(b->errors, err);
}

/* The priors of a preset's text. */
static mtc_status preset_priors(const builder *b, const char *name, const char *text, const mtc_spec **out)
{
    mtc_status st = MTC_OK;
    const mtc_spec *root = NULL;
    char file[96];
    (void)snprintf(file, sizeof file, "preset '%.60s'", name);
    MTC_TRY(mtc_yaml_parse(text, strlen(text), file, NULL, b->arena, &root, b->errors));
    *out = mtc_spec_find(root, "priors");
    if (!*out || (*out)->kind != MTC_SPEC_MAP) {
        st = mtc_errlist_add(b->errors, MTC_EBUG, NULL, NULL, "%s holds no priors", file);
    }
out:
    return st;
}

static const mtc_config_preset *find_preset(const mtc_config_options *options, const char *name)
{
    for (size_t i = 0; i < options->n_preset; i++) {
        if (strcmp(options->presets[i].name, name) == 0) {
            return &options->presets[i];
        }
    }
    return NULL;
}

static mtc_status unknown_preset(const builder *b, const mtc_spec *node, const char *name)
{
    mtc_err err = MTC_ERR_INIT;
    const char **known = NULL;
    const size_t n = b->options->n_preset;
    if (mtc_arena_new(b->arena, n, &known, &err) != MTC_OK) {
        return fail(b, &err);
    }
    for (size_t i = 0; i < n; i++) {
        known[i] = b->options->presets[i].name;
    }
    mtc_config_hint_name(b->errors, &node->pos, name, known, n, "preset names", "preset");
    return MTC_ECONFIG;
}

static mtc_status add_preset(const builder *b, const mtc_spec *node, const mtc_spec **priors)
{
    mtc_err err = MTC_ERR_INIT;
    const char *name = NULL;
    const mtc_spec *more = NULL;
    mtc_status st = mtc_spec_text(node, &name, &err);
    if (st != MTC_OK) {
        return fail(b, &err);
    }
    const mtc_config_preset *const preset = find_preset(b->options, name);
    if (!preset) {
        return unknown_preset(b, node, name);
    }
    MTC_TRY(preset_priors(b, name, preset->text, &more));
    st = mtc_spec_merge(*priors, more, b->arena, priors, &err);
    if (st != MTC_OK) {
        (void)fail(b, &err);
    }
out:
    return st;
}

/* `preset: linear` means `preset: [linear]`. */
static mtc_status preset_as_list(const builder *b, const mtc_spec **model)
{
    mtc_status st = MTC_OK;
    mtc_err err = MTC_ERR_INIT;
    const mtc_spec *const preset = mtc_spec_find(*model, "preset");
    mtc_spec *list = NULL;
    const mtc_spec **item = NULL;
    if (!preset || preset->kind != MTC_SPEC_SCALAR) {
        return MTC_OK;
    }
    MTC_TRY(mtc_arena_new(b->arena, 1, &list, &err));
    MTC_TRY(mtc_arena_new(b->arena, 1, &item, &err));
    item[0] = preset;
    list->kind = MTC_SPEC_LIST;
    list->pos = preset->pos;
    list->n = 1;
    list->item = item;
    MTC_TRY(mtc_spec_with(*model, "preset", NULL, list, b->arena, model, &err));
out:
    return st == MTC_OK ? MTC_OK : fail(b, &err);
}

static const mtc_spec *find_map(const mtc_spec *map, const char *key)
{
    const mtc_spec *const node = mtc_spec_find(map, key);
    return node && node->kind == MTC_SPEC_MAP ? node : NULL;
}

/* One model of the file -> {preset: its list, priors: all of them, settings: its own}. Presets stay as a label: the
 * priors that stand beside them win, so that the expanded model reads as itself. */
static mtc_status expand_model(const builder *b, const mtc_spec *model, const mtc_spec *defaults, const mtc_spec **out)
{
    mtc_err err = MTC_ERR_INIT;
    const mtc_spec *priors = defaults;
    const mtc_spec *result = NULL;
    mtc_status st = MTC_OK;
    MTC_TRY(preset_as_list(b, &model));
    (void)mtc_spec_check(model, mtc_config_model_keys, NULL, b->errors);
    const mtc_spec *const preset = mtc_spec_find(model, "preset");
    for (size_t i = 0; preset && preset->kind == MTC_SPEC_LIST && i < preset->n; i++) {
        (void)add_preset(b, preset->item[i], &priors);
    }
    const mtc_spec *const settings = find_map(model, "settings");
    st = mtc_spec_merge(priors, find_map(model, "priors"), b->arena, &priors, &err);
    if (st == MTC_OK && preset) {
        st = mtc_spec_with(NULL, "preset", NULL, preset, b->arena, &result, &err);
    }
    if (st == MTC_OK && priors) {
        st = mtc_spec_with(result, "priors", &model->pos, priors, b->arena, &result, &err);
    }
    if (st == MTC_OK && settings) {
        st = mtc_spec_with(result, "settings", NULL, settings, b->arena, &result, &err);
    }
    *out = result ? result : model;
    if (st != MTC_OK) {
        (void)fail(b, &err);
    }
out:
    return st;
}

static mtc_status read_defaults(const builder *b, const mtc_spec **out)
{
    const char *const text = b->options->default_priors;
    *out = NULL;
    return text ? preset_priors(b, "defaults", text, out) : MTC_OK;
}

mtc_status mtc_config_expand_models(const mtc_config_options *options, mtc_arena *arena, const mtc_spec **tree,
                                    mtc_errlist *errors)
{
    const builder b = {options, arena, errors};
    mtc_err err = MTC_ERR_INIT;
    mtc_status st = MTC_OK;
    const mtc_spec *defaults = NULL;
    const mtc_spec *const models = find_map(*tree, "models");
    const mtc_spec *expanded = models;
    if (!models) {
        return MTC_OK; /* reported by the key table */
    }
    if (models->n == 0) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &models->pos, NULL, "models names no model");
    }
    MTC_TRY(read_defaults(&b, &defaults));
    for (size_t i = 0; i < models->n; i++) {
        const mtc_spec *model = models->item[i];
        if (model->kind != MTC_SPEC_MAP) {
            st = mtc_errlist_add(errors, MTC_ECONFIG, &models->key_pos[i], "for example {preset: linear}",
                                 "model '%.80s' must be a map", models->key[i]);
            continue;
        }
        MTC_TRY(expand_model(&b, model, defaults, &model));
        MTC_TRY(mtc_spec_with(expanded, models->key[i], &models->key_pos[i], model, arena, &expanded, &err));
    }
    MTC_TRY(mtc_spec_with(*tree, "models", NULL, expanded, arena, tree, &err));
out:
    if (err.status != MTC_OK) {
        (void)mtc_errlist_push(errors, &err);
    }
    return st;
}

/* Priors that all models share. */
static mtc_status shared_priors(const mtc_config *config, mtc_arena *arena, const mtc_spec **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *const first = config->model[0].priors;
    const mtc_spec *shared = NULL;
    for (size_t i = 0; first && i < first->n; i++) {
        bool same = true;
        for (size_t k = 1; k < config->n_model && same; k++) {
            same = mtc_spec_equal(first->item[i], mtc_spec_find(config->model[k].priors, first->key[i]));
        }
        if (same) {
            MTC_TRY(mtc_spec_with(shared, first->key[i], &first->key_pos[i], first->item[i], arena, &shared, err));
        }
    }
    *out = shared;
out:
    return st;
}

/* The check takes what the hypotheses share, so that it differs from them in seeding alone. */
static mtc_status read_check(const builder *b, mtc_config *out)
{
    static const char name[] = "unrestricted";
    mtc_err err = MTC_ERR_INIT;
    mtc_status st = MTC_OK;
    const mtc_spec *priors = NULL;
    const mtc_spec *shared = NULL;
    const mtc_spec *own = NULL;
    const mtc_config_preset *const preset = find_preset(b->options, name);
    for (size_t i = 0; i < out->n_model; i++) {
        if (strcmp(out->model[i].name, name) == 0) {
            return MTC_OK;
        }
    }
    if (!preset || !out->check_unrestricted || out->n_model == 0) {
        return MTC_OK;
    }
    MTC_TRY(read_defaults(b, &priors));
    MTC_TRY(shared_priors(out, b->arena, &shared, &err));
    MTC_TRY(preset_priors(b, name, preset->text, &own));
    MTC_TRY(mtc_spec_merge(priors, shared, b->arena, &priors, &err));
    MTC_TRY(mtc_spec_merge(priors, own, b->arena, &priors, &err));
    out->check = (mtc_config_model){name, {out->file, 0, 0}, name, priors, NULL, 0.0};
out:
    if (err.status != MTC_OK) {
        (void)fail(b, &err);
    }
    return st;
}

/* "linear, klein" from a list of names. */
static mtc_status preset_label(const builder *b, const mtc_spec *list, const char **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; list && list->kind == MTC_SPEC_LIST && i < list->n; i++) {
        const char *const name = list->item[i]->text ? list->item[i]->text : "";
        char *label = NULL;
        MTC_TRY(mtc_arena_printf(b->arena, &label, err, "%s%s%s", *out ? *out : "", *out ? ", " : "", name));
        *out = label;
    }
out:
    return st;
}

mtc_status mtc_config_read_models(const mtc_config_options *options, mtc_arena *arena, mtc_config *out,
                                  mtc_errlist *errors)
{
    const builder b = {options, arena, errors};
    mtc_err err = MTC_ERR_INIT;
    const mtc_spec *const models = find_map(out->tree, "models");
    if (!models) {
        return MTC_OK;
    }
    if (mtc_arena_new(arena, models->n, &out->model, &err) != MTC_OK) {
        return fail(&b, &err);
    }
    for (size_t i = 0; i < models->n; i++) {
        const mtc_spec *const model = models->item[i];
        out->model[i] = (mtc_config_model){
            models->key[i], models->key_pos[i], NULL, find_map(model, "priors"), find_map(model, "settings"), 1.0};
        if (preset_label(&b, mtc_spec_find(model, "preset"), &out->model[i].preset, &err) != MTC_OK) {
            return fail(&b, &err);
        }
    }
    out->n_model = models->n;
    return read_check(&b, out);
}

/* Copies the next name of a dotted path; returns what follows the dot, or NULL at the end. */
static const char *next_name(const char *path, char name[128])
{
    const size_t n = strcspn(path, ".=");
    (void)snprintf(name, 128, "%.*s", n < 127 ? (int)n : 127, path);
    return path[n] == '.' ? path + n + 1 : NULL;
}

mtc_status mtc_config_clear_prior(const mtc_spec **tree, const char *setting, mtc_arena *arena, mtc_errlist *errors)
{
    char model[128], parameter[128], family[128];
    mtc_err err = MTC_ERR_INIT;
    mtc_status st = MTC_OK;
    const char *rest = next_name(setting + strlen("models."), model);
    rest = rest ? next_name(rest + strlen("priors."), parameter) : NULL;
    if (!rest) {
        return MTC_OK; /* the whole prior is replaced */
    }
    (void)next_name(rest, family);
    const mtc_spec *const models = find_map(*tree, "models");
    const mtc_spec *const entry = find_map(models, model);
    const mtc_spec *const priors = find_map(entry, "priors");
    const mtc_spec *const prior = mtc_spec_find(priors, parameter);
    if (!prior || mtc_spec_find(prior, family)) {
        return MTC_OK;
    }
    const mtc_spec *next = NULL;
    MTC_TRY(mtc_spec_without(priors, parameter, arena, &next, &err));
    MTC_TRY(mtc_spec_with(entry, "priors", NULL, next, arena, &next, &err));
    MTC_TRY(mtc_spec_with(models, model, NULL, next, arena, &next, &err));
    MTC_TRY(mtc_spec_with(*tree, "models", NULL, next, arena, tree, &err));
out:
    return st == MTC_OK ? MTC_OK : mtc_errlist_push(errors, &err);
}
