/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_internal.h"

#include "mtc_source.h"
#include "mtc_spec_edit.h"
#include "mtc_yaml.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A section with its defaults, put into the tree; an empty one without key table is left out. */
static mtc_status fill_section(const mtc_spec **tree, const char *name, const mtc_key *const *keys, mtc_arena *arena,
                               mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *section = mtc_spec_find(*tree, name);
    if (!keys) {
        return MTC_OK;
    }
    for (size_t i = 0; keys[i]; i++) {
        MTC_TRY(mtc_spec_fill(section, keys[i], arena, &section, err));
    }
    MTC_TRY(mtc_spec_with(*tree, name, NULL, section, arena, tree, err));
out:
    return st;
}

static mtc_status fill_sources(const mtc_run *run, const mtc_spec **tree, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *data = mtc_spec_find(*tree, "data");
    for (size_t i = 0; i < run->n_source; i++) {
        const mtc_run_source *const source = &run->source[i];
        const mtc_spec *spec = source->config->spec;
        MTC_TRY(mtc_spec_fill(spec, mtc_source_keys, run->arena, &spec, err));
        MTC_TRY(mtc_spec_fill(spec, source->ops->keys, run->arena, &spec, err));
        MTC_TRY(mtc_spec_with(data, source->config->name, &source->config->pos, spec, run->arena, &data, err));
    }
    MTC_TRY(mtc_spec_with(*tree, "data", NULL, data, run->arena, tree, err));
out:
    return st;
}

static mtc_status fill_odds(const mtc_run *run, const mtc_spec **tree, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *odds = mtc_spec_find(*tree, "prior_odds");
    if (odds) {
        return MTC_OK;
    }
    for (size_t i = 0; i < run->config.n_model; i++) {
        const mtc_spec *one = NULL;
        MTC_TRY(mtc_spec_scalar("1", NULL, run->arena, &one, err));
        MTC_TRY(mtc_spec_with(odds, run->config.model[i].name, NULL, one, run->arena, &odds, err));
    }
    MTC_TRY(mtc_spec_with(*tree, "prior_odds", NULL, odds, run->arena, tree, err));
out:
    return st;
}

mtc_status mtc_run_resolve(mtc_run *run, const mtc_run_options *options, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *tree = run->config.tree;
    MTC_TRY(fill_sources(run, &tree, err));
    MTC_TRY(fill_section(&tree, "settings", mtc_run_settings_keys, run->arena, err));
    MTC_TRY(fill_odds(run, &tree, err));
    MTC_TRY(fill_section(&tree, "evidence", options->evidence_keys, run->arena, err));
    MTC_TRY(fill_section(&tree, "sampler", options->sampler_keys, run->arena, err));
    MTC_TRY(mtc_spec_fill(tree, mtc_config_keys, run->arena, &tree, err));
    MTC_TRY(mtc_config_hash(tree, run->arena, &run->config_hash, err));
    run->resolved = tree;
out:
    return st;
}

/* ---- paths ---------------------------------------------------------------------------------------------------- */

/* Absolute path without "." and ".." (lexically); false where it does not fit. */
static bool absolute(const char *path, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    if (path[0] != '/') {
        if (!getcwd(out, size)) {
            return false;
        }
        n = strlen(out);
    }
    while (*path) {
        path += strspn(path, "/");
        const size_t length = strcspn(path, "/");
        if (length == 2 && strncmp(path, "..", 2) == 0) {
            while (n > 0 && out[--n] != '/') {
            }
        } else if (length > 0 && !(length == 1 && path[0] == '.')) {
            if (n + length + 2 > size) {
                return false;
            }
            out[n++] = '/';
            memcpy(out + n, path, length);
            n += length;
        }
        out[n] = '\0';
        path += length;
    }
    return true;
}

mtc_status mtc_run_relative_path(const char *folder, const char *target, mtc_arena *arena, const char **out,
                                 mtc_err *err)
{
    char from[PATH_MAX], to[PATH_MAX], up[PATH_MAX] = "";
    if (!absolute(folder, from, sizeof from) || !absolute(target, to, sizeof to)) {
        return mtc_fail(err, MTC_EIO, "the path '%.200s' is too long", target);
    }
    size_t common = 0, n_up = 0;
    for (size_t i = 0;; i++) {
        const bool ends = (from[i] == '/' || from[i] == '\0') && (to[i] == '/' || to[i] == '\0');
        common = ends ? i : common;
        if (from[i] != to[i] || from[i] == '\0') {
            break;
        }
    }
    for (size_t i = common; from[i] && n_up + 4 < sizeof up; i++) {
        if (from[i] == '/' && from[i + 1] != '\0') {
            memcpy(up + n_up, "../", 4);
            n_up += 3;
        }
    }
    char *path = NULL;
    const mtc_status st = mtc_arena_printf(arena, &path, err, "%s%s", up, to[common] == '/' ? to + common + 1 : "");
    *out = path;
    return st;
}

/* ---- text ----------------------------------------------------------------------------------------------------- */

static mtc_status relocate_tables(const mtc_run *run, const char *folder, const mtc_spec **tree, mtc_arena *arena,
                                  mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *data = mtc_spec_find(*tree, "data");
    for (size_t i = 0; i < run->n_source; i++) {
        const mtc_run_source *const source = &run->source[i];
        const mtc_spec *spec = mtc_spec_find(data, source->config->name);
        const mtc_spec *table = NULL;
        const char *path = NULL;
        if (!source->path) {
            continue;
        }
        MTC_TRY(mtc_run_relative_path(folder, source->path, arena, &path, err));
        MTC_TRY(mtc_spec_scalar(path, NULL, arena, &table, err));
        MTC_TRY(mtc_spec_with(spec, "table", NULL, table, arena, &spec, err));
        MTC_TRY(mtc_spec_with(data, source->config->name, NULL, spec, arena, &data, err));
    }
    MTC_TRY(mtc_spec_with(*tree, "data", NULL, data, arena, tree, err));
out:
    return st;
}

mtc_status mtc_run_resolved_text(const mtc_run *run, const char *folder, const char *version, mtc_arena *arena,
                                 char **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_spec *tree = run->resolved;
    char *yaml = NULL;
    MTC_TRY(relocate_tables(run, folder, &tree, arena, err));
    MTC_TRY(mtc_spec_without(tree, "threads", arena, &tree, err)); /* says nothing about the results */
    MTC_TRY(mtc_yaml_text(tree, arena, &yaml, err));
    MTC_TRY(mtc_arena_printf(arena, out, err,
                             "# The whole configuration with every default, written by metachron %s.\n"
                             "# configuration %016" PRIx64 ", data %016" PRIx64 "\n%s",
                             version, run->config_hash, run->data_hash, yaml));
out:
    return st;
}
