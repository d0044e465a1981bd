/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_internal.h"

#include "mtc_registry.h"
#include "mtc_rng.h"
#include "mtc_source.h"

#include <stdio.h>
#include <string.h>

enum { MAX_KINDS = 64 };

static const mtc_likelihood_ops *find_kind(const mtc_config_source *source, mtc_errlist *errors)
{
    const mtc_likelihood_ops *const *const kinds = mtc_registry_likelihoods();
    const char *name[MAX_KINDS];
    char hint[400];
    size_t n = 0;
    for (; kinds[n] && n < MAX_KINDS; n++) {
        name[n] = kinds[n]->name;
        if (strcmp(name[n], source->likelihood) == 0) {
            return kinds[n];
        }
    }
    const char *const near = mtc_nearest_name(source->likelihood, name, n);
    if (near) {
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    } else {
        size_t used = (size_t)snprintf(hint, sizeof hint, "there are:");
        for (size_t i = 0; i < n && used + strlen(name[i]) + 3 < sizeof hint; i++) {
            used += (size_t)snprintf(hint + used, sizeof hint - used, "%s %s", i > 0 ? "," : "", name[i]);
        }
    }
    (void)mtc_errlist_add(errors, MTC_ECONFIG, &source->likelihood_pos, hint, "unknown likelihood '%.80s'",
                          source->likelihood);
    return NULL;
}

static void read_source(mtc_run *run, mtc_run_source *source, mtc_errlist *errors)
{
    const mtc_config_source *const config = source->config;
    if (!config->likelihood || config->spec->kind != MTC_SPEC_MAP) {
        return; /* reported by the configuration */
    }
    const mtc_likelihood_ops *const ops = find_kind(config, errors);
    if (!ops) {
        return;
    }
    const mtc_key *const more[] = {ops->keys, NULL};
    const mtc_source_input input = {config->name, config->pos, config->spec, run->config.file, ops->name, ops->roles};
    (void)mtc_spec_check(config->spec, mtc_source_keys, more, errors);
    source->hash = MTC_HASH_INIT;
    if (mtc_source_read(&input, run->arena, &source->rows, &source->path, &source->hash, errors) == MTC_OK) {
        source->ops = ops;
    }
}

mtc_status mtc_run_read_sources(mtc_run *run, mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    const size_t n_before = errors->n_all;
    run->n_source = run->config.n_source;
    if (mtc_arena_new(run->arena, run->n_source, &run->source, &err) != MTC_OK) {
        run->n_source = 0;
        return mtc_errlist_push(errors, &err);
    }
    for (size_t i = 0; i < run->n_source; i++) {
        run->source[i].config = &run->config.source[i];
        read_source(run, &run->source[i], errors);
    }
    return errors->n_all > n_before ? MTC_EDATA : MTC_OK;
}
