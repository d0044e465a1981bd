/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_run.h"

#include "mtc_presets.h"
#include "mtc_rng.h"
#include "run_internal.h"

#include <string.h>

const mtc_key *const mtc_run_settings_keys[] = {mtc_course_keys, NULL};

/* Presets as the configuration wants them; the first of the list holds the defaults. */
static mtc_status collect_presets(mtc_arena *arena, mtc_config_options *options, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_config_preset *preset = NULL;
    size_t n = 0;
    while (mtc_presets[n].name) {
        n++;
    }
    MTC_TRY(mtc_arena_new(arena, n, &preset, err));
    options->default_priors = n > 0 ? mtc_presets[0].text : NULL;
    for (size_t i = 1; i < n; i++) {
        preset[i - 1] = (mtc_config_preset){mtc_presets[i].name, mtc_presets[i].text};
    }
    options->presets = preset;
    options->n_preset = n > 0 ? n - 1 : 0;
out:
    return st;
}

static bool is_same_error(const mtc_err *a, const mtc_err *b)
{
    return a->line == b->line && a->column == b->column && strcmp(a->file, b->file) == 0 &&
           strcmp(a->message, b->message) == 0;
}

/* Models share settings and priors, so one mistake can be found several times. */
static void remove_repeats(mtc_errlist *errors)
{
    size_t n = 0;
    for (size_t i = 0; i < errors->n; i++) {
        bool known = false;
        for (size_t k = 0; k < n && !known; k++) {
            known = is_same_error(&errors->item[k], &errors->item[i]);
        }
        if (!known) {
            errors->item[n++] = errors->item[i];
        }
    }
    errors->n_all -= errors->n - n;
    errors->n = n;
}

/* The gravest status of what was reported: a defect or lack of memory before the user's mistakes. */
static mtc_status worst_status(const mtc_errlist *errors)
{
    mtc_status worst = errors->n > 0 ? errors->item[0].status : MTC_ENOMEM;
    for (size_t i = 0; i < errors->n; i++) {
        if (mtc_status_exit_code(errors->item[i].status) > mtc_status_exit_code(worst)) {
            worst = errors->item[i].status;
        }
    }
    return worst;
}

/* In order of names, so that the order of keys in the file does not count. */
static mtc_status hash_data(mtc_run *run, mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t *order = NULL;
    uint64_t h = MTC_HASH_INIT;
    MTC_TRY(mtc_arena_new(run->arena, run->n_source, &order, err));
    for (size_t i = 0; i < run->n_source; i++) {
        size_t at = i;
        for (; at > 0 && strcmp(run->source[order[at - 1]].config->name, run->source[i].config->name) > 0; at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    for (size_t i = 0; i < run->n_source; i++) {
        const mtc_run_source *const source = &run->source[order[i]];
        h = mtc_hash(h, source->config->name, strlen(source->config->name) + 1);
        for (int k = 0; k < 8; k++) {
            const unsigned char byte = (unsigned char)(source->hash >> (8 * k));
            h = mtc_hash(h, &byte, 1);
        }
    }
    run->data_hash = h;
out:
    return st;
}

static mtc_status build(mtc_run *run, const char *path, const mtc_run_options *options, mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_config_options config = {.set = options->set,
                                 .n_set = options->n_set,
                                 .settings_keys = mtc_run_settings_keys,
                                 .evidence_keys = options->evidence_keys,
                                 .sampler_keys = options->sampler_keys};
    if (collect_presets(run->arena, &config, &err) != MTC_OK) {
        return mtc_errlist_push(errors, &err);
    }
    (void)mtc_config_read(path, &config, run->arena, &run->config, errors);
    (void)mtc_run_read_sources(run, errors);
    (void)mtc_run_build_models(run, options->with_check, errors);
    remove_repeats(errors);
    if (errors->n_all > 0) {
        return worst_status(errors);
    }
    if (hash_data(run, &err) != MTC_OK || mtc_run_resolve(run, options, &err) != MTC_OK) {
        return mtc_errlist_push(errors, &err);
    }
    return MTC_OK;
}

mtc_status mtc_run_open(const char *path, const mtc_run_options *options, mtc_run **out, mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_run *run = NULL;
    if (!path || !options || !out) {
        return mtc_errlist_add(errors, MTC_EDOMAIN, NULL, NULL, "no configuration given");
    }
    *out = NULL;
    run = mtc_calloc(1, sizeof *run);
    if (!run || mtc_arena_create(&run->arena, &err) != MTC_OK) {
        mtc_run_close(run);
        return mtc_errlist_add(errors, MTC_ENOMEM, NULL, NULL, "out of memory");
    }
    const mtc_status st = build(run, path, options, errors);
    if (st != MTC_OK) {
        mtc_run_close(run);
        run = NULL;
    }
    *out = run;
    return st;
}

static void release_likelihood(const mtc_likelihood *l)
{
    if (l->ops && l->ops->fini) {
        l->ops->fini(l->self);
    }
}

/* Likelihoods are shared by models of one course: each list is released by its first model. */
static void release_likelihoods(const mtc_run *run)
{
    for (size_t m = 0; m < run->n_model; m++) {
        const mtc_likelihood *const list = run->model[m].likelihood;
        bool shared = !list;
        for (size_t i = 0; i < m; i++) {
            shared = shared || run->model[i].likelihood == list;
        }
        for (size_t i = 0; !shared && i < run->n_source; i++) {
            release_likelihood(&list[i]);
            if (run->model[m].draft && run->model[m].draft[i].self != list[i].self) {
                release_likelihood(&run->model[m].draft[i]);
            }
        }
    }
}

void mtc_run_close(mtc_run *run)
{
    if (run) {
        release_likelihoods(run);
        mtc_arena_destroy(run->arena);
        mtc_free(run);
    }
}

const mtc_run_model *mtc_run_find_model(const mtc_run *run, const char *name)
{
    for (size_t i = 0; run && name && i < run->n_model; i++) {
        if (strcmp(run->model[i].config->name, name) == 0) {
            return &run->model[i];
        }
    }
    return NULL;
}
