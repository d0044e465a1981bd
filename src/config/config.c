/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_config.h"

#include "config_internal.h"
#include "mtc_rng.h"
#include "mtc_spec_edit.h"
#include "mtc_yaml.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const mtc_key mtc_config_keys[] = {
    {"metachron", MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, MTC_CONFIG_VERSION, MTC_CONFIG_VERSION, NULL, true, NULL,
     "version of the configuration's form: 1"},
    {"title", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, "", false, NULL, "one line for the report"},
    {"seed", MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 9007199254740992.0, "20090401", false, NULL,
     "names all random numbers; same seed, same result"},
    {"data", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, true, NULL,
     "name of a source -> its likelihood and rows"},
    {"models", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, true, NULL, "name of a model -> its priors"},
    {"settings", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "what is held fixed: detection diameter, size law"},
    {"prior_odds", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL,
     "name of a model -> prior odds; default 1 each"},
    {"check_unrestricted", MTC_KEY_BOOL, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, "true", false, NULL,
     "compare also fits `unrestricted`, outside the prior odds"},
    {"loo_draws", MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 100000, "500", false, NULL,
     "posterior draws for leaving each patient out (PSIS-LOO, WAIC); 0: it is not done"},
    {"privacy", MTC_KEY_CHOICE, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, "aggregate", false, "aggregate|individual",
     "aggregate keeps patient rows and counts below 5 out of results"},
    {"evidence", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, "how the evidence is computed"},
    {"sampler", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, "how the posterior is drawn"},
    {"threads", MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 4096, "0", false, NULL,
     "threads; 0: as many as processors. Does not change results"},
    {NULL, MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

/* Names of sources and models become names of files and of random streams. */
static void check_name(const char *what, const char *name, const mtc_pos *pos, mtc_errlist *errors)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const size_t n = strlen(name);
    if (n > 64 || strspn(name, allowed) != n || name[0] == '-') {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, pos, "use letters, digits, '_' and '-', at most 64",
                              "'%.80s' cannot be the name of a %s", name, what);
    }
}

static mtc_status read_source(const mtc_spec *data, size_t i, mtc_config_source *source, mtc_errlist *errors)
{
    const mtc_spec *const spec = data->item[i];
    *source = (mtc_config_source){data->key[i], data->key_pos[i], spec, NULL, spec->pos};
    check_name("source", source->name, &source->pos, errors);
    if (spec->kind != MTC_SPEC_MAP) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &source->pos, "give it a map with likelihood, table, columns",
                               "source '%s' must be a map", source->name);
    }
    const mtc_spec *const kind = mtc_spec_find(spec, "likelihood");
    if (!kind) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &source->pos, "`metachron list likelihoods` names the kinds",
                               "source '%s' needs the key 'likelihood'", source->name);
    }
    mtc_err err = MTC_ERR_INIT;
    source->likelihood_pos = kind->pos;
    return mtc_spec_text(kind, &source->likelihood, &err) == MTC_OK ? MTC_OK : mtc_errlist_push(errors, &err);
}

static mtc_status read_sources(const mtc_spec *tree, mtc_arena *arena, mtc_config *config, mtc_errlist *errors)
{
    const mtc_spec *const data = mtc_spec_find(tree, "data");
    if (!data || data->kind != MTC_SPEC_MAP) {
        return MTC_OK; /* reported by the key table */
    }
    if (data->n == 0) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &data->pos, NULL, "data names no source");
    }
    mtc_err err = MTC_ERR_INIT;
    mtc_config_source *source = NULL;
    if (mtc_arena_new(arena, data->n, &source, &err) != MTC_OK) {
        return mtc_errlist_push(errors, &err);
    }
    for (size_t i = 0; i < data->n; i++) {
        (void)read_source(data, i, &source[i], errors);
    }
    config->source = source;
    config->n_source = data->n;
    return MTC_OK;
}

static void read_odds_of(const mtc_spec *odds, mtc_config_model *model, mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    const mtc_spec *const node = mtc_spec_find(odds, model->name);
    model->prior_odds = 1.0;
    if (!odds || odds->kind != MTC_SPEC_MAP) {
        return;
    }
    if (!node) {
        char hint[160];
        (void)snprintf(hint, sizeof hint, "add '%s: 1', or '%s: 0' to keep it out of the comparison", model->name,
                       model->name);
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &odds->pos, hint, "prior_odds does not name model '%s'",
                              model->name);
    } else if (mtc_spec_number(node, &model->prior_odds, &err) != MTC_OK) {
        (void)mtc_errlist_push(errors, &err);
    } else if (model->prior_odds < 0.0) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "prior odds must be >= 0, got %g",
                              model->prior_odds);
    }
}

static void check_odds(const mtc_spec *odds, const mtc_config *config, mtc_arena *arena, mtc_errlist *errors)
{
    const char **name = NULL;
    bool any = false;
    if (mtc_arena_new(arena, config->n_model, &name, NULL) != MTC_OK) {
        (void)mtc_errlist_add(errors, MTC_ENOMEM, NULL, NULL, "out of memory");
        return;
    }
    for (size_t i = 0; i < config->n_model; i++) {
        name[i] = config->model[i].name;
        any = any || config->model[i].prior_odds > 0.0;
    }
    for (size_t i = 0; i < odds->n; i++) {
        mtc_config_hint_name(errors, &odds->key_pos[i], odds->key[i], name, config->n_model, "prior_odds names",
                             "model");
    }
    if (!any) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &odds->pos, NULL, "at least one of the prior odds must be > 0");
    }
}

static void check_section(const mtc_spec *map, const mtc_key *const *keys, mtc_errlist *errors)
{
    if (map && map->kind == MTC_SPEC_MAP && keys) {
        (void)mtc_spec_check(map, keys[0], keys + 1, errors);
    }
}

/* Maps that may be absent; a key without value counts as absent. */
static const mtc_spec *find_map(const mtc_spec *tree, const char *key)
{
    const mtc_spec *const node = mtc_spec_find(tree, key);
    return node && node->kind == MTC_SPEC_MAP ? node : NULL;
}

static mtc_status read_scalars(const mtc_spec *tree, mtc_config *config)
{
    mtc_status st = MTC_OK;
    size_t seed = 0;
    const char *privacy = NULL;
    const mtc_key *const keys = mtc_config_keys;
    MTC_TRY(mtc_spec_get_text(tree, keys, "title", &config->title, NULL));
    MTC_TRY(mtc_spec_get_count(tree, keys, "seed", &seed, NULL));
    MTC_TRY(mtc_spec_get_count(tree, keys, "threads", &config->threads, NULL));
    MTC_TRY(mtc_spec_get_bool(tree, keys, "check_unrestricted", &config->check_unrestricted, NULL));
    MTC_TRY(mtc_spec_get_count(tree, keys, "loo_draws", &config->loo_draws, NULL));
    MTC_TRY(mtc_spec_get_text(tree, keys, "privacy", &privacy, NULL));
    config->seed = seed;
    config->privacy = strcmp(privacy, "individual") == 0 ? MTC_PRIVACY_INDIVIDUAL : MTC_PRIVACY_AGGREGATE;
out:
    return st;
}

/* Empty sections (`settings:` and nothing after it) are as good as absent ones. */
static mtc_status drop_empty_sections(const mtc_spec **tree, mtc_arena *arena, mtc_err *err)
{
    static const char *const section[] = {"settings", "prior_odds", "evidence", "sampler", "title"};
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < sizeof section / sizeof *section; i++) {
        const mtc_spec *const node = mtc_spec_find(*tree, section[i]);
        if (node && node->kind == MTC_SPEC_NULL) {
            MTC_TRY(mtc_spec_without(*tree, section[i], arena, tree, err));
        }
    }
out:
    return st;
}

/* The path after "models.<name>." is below its priors, which only exist once presets are applied. */
static bool below_priors(const char *setting)
{
    static const char models[] = "models.";
    if (strncmp(setting, models, sizeof models - 1) != 0) {
        return false;
    }
    const char *const name = setting + sizeof models - 1;
    const char *const rest = name + strcspn(name, ".=");
    return strncmp(rest, ".priors.", 8) == 0;
}

/* `--set models.liner...=` must not invent a model. */
static mtc_status check_set_target(const mtc_spec *tree, const char *setting, const char *section, const char *what,
                                   mtc_errlist *errors)
{
    const size_t n = strlen(section);
    const mtc_spec *const map = find_map(tree, section);
    if (strncmp(setting, section, n) != 0 || setting[n] != '.' || !map) {
        return MTC_OK;
    }
    char name[80];
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(setting + n + 1, ".="), setting + n + 1);
    const mtc_pos pos = {"--set", 1, (long)n + 2};
    const size_t n_before = errors->n_all;
    mtc_config_hint_name(errors, &pos, name, map->key, map->n, "--set names", what);
    return errors->n_all > n_before ? MTC_ECONFIG : MTC_OK;
}

/* Apply the overrides above the priors, or those of priors. One that fails is reported, the others still apply. */
static mtc_status apply_sets(const mtc_config_options *options, bool of_priors, mtc_arena *arena, const mtc_spec **tree,
                             mtc_errlist *errors)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < options->n_set; i++) {
        const char *const setting = options->set[i];
        if (below_priors(setting) != of_priors ||
            check_set_target(*tree, setting, "models", "model", errors) != MTC_OK ||
            check_set_target(*tree, setting, "data", "source", errors) != MTC_OK) {
            continue;
        }
        const mtc_spec *next = *tree;
        if (of_priors && mtc_config_clear_prior(&next, setting, arena, errors) != MTC_OK) {
            continue;
        }
        const mtc_status set = mtc_spec_override(next, setting, arena, &next, errors);
        if (set == MTC_OK) {
            *tree = next;
        } else {
            st = set;
        }
    }
    return st;
}

static void check_all(const mtc_config_options *options, mtc_arena *arena, mtc_config *config, mtc_errlist *errors)
{
    const mtc_spec *const odds = find_map(config->tree, "prior_odds");
    (void)read_sources(config->tree, arena, config, errors);
    for (size_t i = 0; i < config->n_model; i++) {
        check_name("model", config->model[i].name, &config->model[i].pos, errors);
        read_odds_of(odds, &config->model[i], errors);
        check_section(config->model[i].settings, options->settings_keys, errors);
    }
    if (odds && config->n_model > 0) {
        check_odds(odds, config, arena, errors);
    }
    config->settings = find_map(config->tree, "settings");
    config->evidence = find_map(config->tree, "evidence");
    config->sampler = find_map(config->tree, "sampler");
    check_section(config->settings, options->settings_keys, errors);
    check_section(config->evidence, options->evidence_keys, errors);
    check_section(config->sampler, options->sampler_keys, errors);
}

static mtc_status build(const mtc_spec *root, const char *file, const mtc_config_options *options, mtc_arena *arena,
                        mtc_config *out, mtc_errlist *errors)
{
    const size_t n_before = errors->n_all;
    mtc_err err = MTC_ERR_INIT;
    mtc_status worst = MTC_OK;
    if (root->kind != MTC_SPEC_MAP) {
        const mtc_pos pos = {root->pos.file ? root->pos.file : file, 1, 1};
        return mtc_errlist_add(errors, MTC_ECONFIG, &pos, "begin with 'metachron: 1'",
                               root->kind == MTC_SPEC_NULL ? "the file is empty" : "the file holds no map of settings");
    }
    out->file = root->pos.file;
    out->tree = root;
    if (drop_empty_sections(&out->tree, arena, &err) != MTC_OK) {
        return mtc_errlist_push(errors, &err);
    }
    worst = apply_sets(options, false, arena, &out->tree, errors);
    (void)mtc_spec_check(out->tree, mtc_config_keys, NULL, errors);
    (void)mtc_config_expand_models(options, arena, &out->tree, errors);
    const mtc_status sets = apply_sets(options, true, arena, &out->tree, errors);
    worst = worst == MTC_OK ? sets : worst;
    const bool scalars = read_scalars(out->tree, out) == MTC_OK; /* what fails here stands in errors already */
    (void)mtc_config_read_models(options, arena, out, errors);
    check_all(options, arena, out, errors);
    if (errors->n_all > n_before) {
        return worst != MTC_OK ? worst : MTC_ECONFIG;
    }
    return scalars ? MTC_OK : mtc_errlist_add(errors, MTC_EBUG, NULL, NULL, "a checked setting could not be read");
}

mtc_status mtc_config_parse(const char *text, size_t n, const char *file, const mtc_config_options *options,
                            mtc_arena *arena, mtc_config *out, mtc_errlist *errors)
{
    const mtc_spec *root = NULL;
    mtc_status st = MTC_OK;
    if (!options || !out) {
        return mtc_errlist_add(errors, MTC_EDOMAIN, NULL, NULL, "no configuration given");
    }
    memset(out, 0, sizeof *out);
    MTC_TRY(mtc_yaml_parse(text, n, file, NULL, arena, &root, errors));
    st = build(root, file, options, arena, out, errors);
out:
    return st;
}

mtc_status mtc_config_read(const char *path, const mtc_config_options *options, mtc_arena *arena, mtc_config *out,
                           mtc_errlist *errors)
{
    const mtc_spec *root = NULL;
    mtc_status st = MTC_OK;
    if (!path || !options || !out) {
        return mtc_errlist_add(errors, MTC_EDOMAIN, NULL, NULL, "no configuration given");
    }
    memset(out, 0, sizeof *out);
    MTC_TRY(mtc_yaml_read(path, arena, &root, errors));
    st = build(root, path, options, arena, out, errors);
out:
    return st;
}

/* A map's entries in order of keys: the order in the file changes no number. */
static mtc_status sorted_entries(const mtc_spec *map, mtc_arena *arena, size_t **out, mtc_err *err)
{
    size_t *order = NULL;
    const mtc_status st = mtc_arena_new(arena, map->n, &order, err);
    for (size_t i = 0; st == MTC_OK && i < map->n; i++) {
        size_t at = i;
        for (; at > 0 && strcmp(map->key[order[at - 1]], map->key[i]) > 0; at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    *out = order;
    return st;
}

static uint64_t hash_text(uint64_t h, char tag, const char *text)
{
    h = mtc_hash(h, &tag, 1);
    return text ? mtc_hash(h, text, strlen(text) + 1) : h;
}

/* Keys that change no number: at the top, and of a source (level 2 below `data`). */
static bool is_label(const char *parent, const char *key)
{
    if (!parent) {
        return strcmp(key, "title") == 0 || strcmp(key, "threads") == 0;
    }
    return strcmp(parent, "data") == 0 && strcmp(key, "table") == 0;
}

/* section: NULL at the top, the top key directly below an entry of it, "" elsewhere */
static mtc_status hash_node(const mtc_spec *node, int level, const char *section, mtc_arena *arena, uint64_t *h,
                            mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t *order = NULL;
    *h = hash_text(*h, (char)('0' + (int)node->kind), node->text);
    for (size_t i = 0; node->kind == MTC_SPEC_LIST && i < node->n; i++) {
        MTC_TRY(hash_node(node->item[i], level + 1, section, arena, h, err));
    }
    if (node->kind != MTC_SPEC_MAP) {
        return MTC_OK;
    }
    MTC_TRY(sorted_entries(node, arena, &order, err));
    for (size_t i = 0; i < node->n; i++) {
        const char *const key = node->key[order[i]];
        if ((level == 0 || level == 2) && is_label(section, key)) {
            continue;
        }
        *h = hash_text(*h, 'k', key);
        MTC_TRY(hash_node(node->item[order[i]], level + 1, level == 0 ? key : section, arena, h, err));
    }
    *h = hash_text(*h, 'e', NULL);
out:
    return st;
}

mtc_status mtc_config_hash(const mtc_spec *tree, mtc_arena *arena, uint64_t *out, mtc_err *err)
{
    if (!tree || !arena || !out) {
        return mtc_fail(err, MTC_EDOMAIN, "nothing to hash");
    }
    const mtc_mark mark = mtc_arena_mark(arena);
    *out = MTC_HASH_INIT;
    const mtc_status st = hash_node(tree, 0, NULL, arena, out, err);
    mtc_arena_rewind(arena, mark);
    return st;
}
