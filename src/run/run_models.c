/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_internal.h"

#include "mtc_presets.h"
#include "mtc_registry.h"
#include "mtc_spec_edit.h"
#include "mtc_yaml.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    mtc_run *run;
    mtc_errlist *errors;
    size_t n_known; /* keys that may stand under `priors:` */
    const char **known;
} builder;

/* ---- likelihoods ---------------------------------------------------------------------------------------------- */

/* Models whose settings are the same share their likelihoods. */
static const mtc_run_model *same_course(const builder *b, size_t model)
{
    const mtc_run_model *const m = &b->run->model[model];
    for (size_t i = 0; i < model; i++) {
        if (mtc_spec_equal(b->run->model[i].config->settings, m->config->settings)) {
            return &b->run->model[i];
        }
    }
    return NULL;
}

static mtc_status init_likelihood(const builder *b, const mtc_run_source *source, const mtc_course *course,
                                  mtc_likelihood *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_source *src = NULL;
    char *self = NULL;
    MTC_TRY(mtc_arena_new(b->run->arena, 1, &src, err));
    MTC_TRY(mtc_arena_new(b->run->arena, source->ops->self_size, &self, err));
    *src = source->rows;
    src->course = course;
    const size_t n_before = b->errors->n_all;
    st = source->ops->init(self, src, b->run->arena, b->errors, err);
    if (st != MTC_OK && source->ops->fini) {
        source->ops->fini(self);
    }
    if (st != MTC_OK && b->errors->n_all > n_before) {
        return st; /* reported */
    }
    *out = (mtc_likelihood){source->ops, self, src};
out:
    if (st != MTC_OK && err->status != MTC_OK) {
        mtc_err_prefix(err, "source '%s'", source->config->name);
        (void)mtc_errlist_push(b->errors, err);
    } else if (st != MTC_OK && b->errors->n_all == 0) { /* never without a word; mostly the reason is there already */
        (void)mtc_errlist_add(b->errors, st, &source->config->pos, NULL, "source '%s' cannot be used",
                              source->config->name);
    }
    return st;
}

/* The sources whose likelihood can be worked out roughly, once more under a rough course. Nothing is wrong with them.
 */
static mtc_status init_drafts(const builder *b, mtc_run_model *m)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_likelihood *list = NULL;
    size_t n_draft = 0;
    mtc_status st = MTC_OK;
    const size_t n = b->run->n_source;
    m->draft_course = m->course;
    m->draft_course.accuracy = MTC_ACCURACY_DRAFT;
    if (mtc_arena_new(b->run->arena, n, &list, &err) != MTC_OK) {
        return mtc_errlist_push(b->errors, &err);
    }
    for (size_t i = 0; i < n; i++) {
        n_draft += b->run->source[i].ops->has_draft;
        list[i] = m->likelihood[i];
    }
    m->draft = n_draft > 0 ? list : NULL;
    for (size_t i = 0; i < n && n_draft > 0; i++) {
        if (b->run->source[i].ops->has_draft) {
            list[i] = (mtc_likelihood){0};
            MTC_TRY(init_likelihood(b, &b->run->source[i], &m->draft_course, &list[i], &err));
        }
    }
out:
    return st;
}

/* All sources under one course; sources that could not be read are left out, their errors are known. */
static mtc_status init_likelihoods(const builder *b, mtc_run_model *m)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_likelihood *list = NULL;
    mtc_status st = MTC_OK;
    if (mtc_arena_new(b->run->arena, b->run->n_source, &list, &err) != MTC_OK) {
        return mtc_errlist_push(b->errors, &err);
    }
    for (size_t i = 0; i < b->run->n_source; i++) {
        mtc_status one = MTC_EDATA;
        if (b->run->source[i].ops) {
            mtc_err own = MTC_ERR_INIT;
            one = init_likelihood(b, &b->run->source[i], &m->course, &list[i], &own);
        }
        st = one != MTC_OK ? one : st;
    }
    m->likelihood = list;
    return st;
}

/* ---- priors --------------------------------------------------------------------------------------------------- */

static mtc_status collect_known(builder *b)
{
    mtc_status st = MTC_OK;
    mtc_err err = MTC_ERR_INIT;
    const mtc_spec *defaults = NULL;
    const char *const text = mtc_presets[0].text;
    MTC_TRY(mtc_yaml_parse(text, strlen(text), "preset 'defaults'", NULL, b->run->arena, &defaults, b->errors));
    defaults = mtc_spec_find(defaults, "priors");
    const size_t n_default = defaults ? defaults->n : 0;
    MTC_TRY(mtc_arena_new(b->run->arena, MTC_COURSE_N_PARAM + n_default, &b->known, &err));
    for (size_t i = 0; i < MTC_COURSE_N_PARAM; i++) {
        b->known[b->n_known++] = mtc_course_params[i].key;
    }
    for (size_t i = 0; i < n_default; i++) {
        b->known[b->n_known++] = defaults->key[i];
    }
out:
    return err.status == MTC_OK ? st : mtc_errlist_push(b->errors, &err);
}

static bool is_known(const builder *b, const char *key)
{
    for (size_t i = 0; i < b->n_known; i++) {
        if (strcmp(b->known[i], key) == 0) {
            return true;
        }
    }
    return false;
}

/* The unit stands with the value: `seeding_diameter: ... 15 mm`, not `seeding_diameter_mm: ... 15`. */
static const char *key_of_name(const char *name)
{
    for (size_t i = 0; i < MTC_COURSE_N_PARAM; i++) {
        if (strcmp(mtc_course_params[i].name, name) == 0) {
            return mtc_course_params[i].key;
        }
    }
    return NULL;
}

static void check_names(const builder *b, const mtc_spec *priors)
{
    for (size_t i = 0; priors && i < priors->n; i++) {
        char hint[160] = "";
        const char *const key = priors->key[i];
        if (is_known(b, key)) {
            continue;
        }
        const char *const own = key_of_name(key);
        const char *const near = own ? own : mtc_nearest_name(key, b->known, b->n_known);
        if (own) {
            (void)snprintf(hint, sizeof hint, "write '%s' here: the unit stands with the value", own);
        } else if (near) {
            (void)snprintf(hint, sizeof hint, "did you mean '%s'?", near);
        }
        (void)mtc_errlist_add(b->errors, MTC_ECONFIG, &priors->key_pos[i], hint, "unknown parameter '%.80s'", key);
    }
}

/* A parameter that no source uses still has to be written right. */
static void check_unused(const builder *b, const mtc_run_model *m)
{
    for (size_t i = 0; i < MTC_COURSE_N_PARAM; i++) {
        const mtc_spec *const spec = mtc_spec_find(m->config->priors, mtc_course_params[i].key);
        mtc_prior prior;
        if (spec) {
            (void)mtc_prior_read(&prior, mtc_registry_priors(), &mtc_course_params[i], spec, b->run->arena, b->errors);
        }
    }
}

static mtc_status read_prior(const builder *b, const mtc_run_model *m, const mtc_param_info *info, mtc_prior *out)
{
    const mtc_spec *const spec = mtc_spec_find(m->config->priors, info->key);
    if (!spec) {
        return mtc_errlist_add(b->errors, MTC_ECONFIG, &m->config->pos, "give it a preset, or a prior of its own",
                               "model '%s' has no prior for '%s'", m->config->name, info->key);
    }
    return mtc_prior_read(out, mtc_registry_priors(), info, spec, b->run->arena, b->errors);
}

static mtc_status make_posterior(const mtc_run_model *m, const mtc_likelihood *source, const mtc_run *run,
                                 const mtc_param_info *const *param, const mtc_prior *prior, size_t n,
                                 mtc_posterior **out, mtc_err *err)
{
    const mtc_status st =
        mtc_posterior_create(m->config->name, source, run->n_source, param, prior, n, run->arena, out, err);
    return st != MTC_OK ? st : mtc_posterior_couple(*out, mtc_course_couplings, run->arena, err);
}

static mtc_status build_posterior(const builder *b, mtc_run_model *m)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_status st = MTC_OK;
    const mtc_param_info *const *param = NULL;
    mtc_prior *prior = NULL;
    size_t n = 0;
    mtc_run *const run = b->run;
    MTC_TRY(mtc_posterior_params(m->likelihood, run->n_source, mtc_course_params, MTC_COURSE_N_PARAM, run->arena,
                                 &param, &n, &err));
    MTC_TRY(mtc_arena_new(run->arena, n, &prior, &err));
    mtc_status bad = MTC_OK;
    for (size_t i = 0; i < n; i++) {
        const mtc_status one = read_prior(b, m, param[i], &prior[i]);
        bad = one != MTC_OK ? one : bad;
    }
    if (bad != MTC_OK) {
        return bad;
    }
    MTC_TRY(make_posterior(m, m->likelihood, run, param, prior, n, &m->posterior, &err));
    if (m->draft) {
        mtc_posterior *draft = NULL;
        MTC_TRY(make_posterior(m, m->draft, run, param, prior, n, &draft, &err));
        MTC_TRY(mtc_posterior_set_draft(m->posterior, draft, &err));
    }
out:
    return err.status == MTC_OK ? st : mtc_errlist_push(b->errors, &err);
}

static mtc_status build_model(const builder *b, size_t i)
{
    mtc_run_model *const m = &b->run->model[i];
    mtc_status st = MTC_OK;
    const mtc_run_model *const twin = same_course(b, i);
    if (!m->is_check) {
        check_names(b, m->config->priors);
        check_unused(b, m);
    }
    if (twin) {
        m->course = twin->course;
        m->likelihood = twin->likelihood;
        m->draft = twin->draft;
    } else {
        st = mtc_course_init(&m->course, b->run->config.settings, m->config->settings, b->errors);
        if (st != MTC_OK) { /* go on with the defaults, to find the mistakes in the rows as well */
            MTC_TRY(mtc_course_init(&m->course, NULL, NULL, b->errors));
        }
        MTC_TRY(init_likelihoods(b, m));
        if (b->errors->n_all == 0) {
            MTC_TRY(init_drafts(b, m));
        }
    }
    if (b->errors->n_all == 0 && m->likelihood) {
        MTC_TRY(build_posterior(b, m));
    }
out:
    return st;
}

mtc_status mtc_run_build_models(mtc_run *run, bool with_check, mtc_errlist *errors)
{
    builder b = {run, errors, 0, NULL};
    mtc_err err = MTC_ERR_INIT;
    mtc_status st = MTC_OK;
    const bool check = with_check && run->config.check.priors;
    const size_t n = run->config.n_model + (check ? 1 : 0);
    MTC_TRY(collect_known(&b));
    if (mtc_arena_new(run->arena, n, &run->model, &err) != MTC_OK) {
        return mtc_errlist_push(errors, &err);
    }
    run->n_model = n;
    for (size_t i = 0; i < n; i++) {
        run->model[i].is_check = i == run->config.n_model;
        run->model[i].config = run->model[i].is_check ? &run->config.check : &run->config.model[i];
    }
    for (size_t i = 0; i < n; i++) {
        const mtc_status one = build_model(&b, i);
        st = one != MTC_OK ? one : st;
    }
out:
    return st;
}
