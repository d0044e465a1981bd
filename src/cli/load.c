/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "mtc_evidence.h"
#include "mtc_file.h"

#include <jansson.h>
#include <string.h>

enum { MAX_POINT_BYTES = 1024 * 1024 };

/* Settings that only the engine can judge; every command refuses them, whether it uses them or not. */
static mtc_status check_engine(cli *c, const mtc_run *run)
{
    mtc_evidence_settings evidence;
    mtc_sampler_settings sampler;
    const mtc_status st = mtc_evidence_read(run->config.evidence, &evidence, &c->errors);
    const mtc_status st_sampler = mtc_sampler_read(&sampler, run->config.sampler, &c->errors);
    return st != MTC_OK ? st : st_sampler;
}

mtc_status cli_open_run(cli *c, bool with_check, mtc_run **out, mtc_err *err)
{
    (void)err;
    static const mtc_key *const sampler_keys[] = {mtc_sampler_keys, NULL};
    const mtc_key *evidence_keys[8] = {mtc_evidence_keys};
    const mtc_estimator_ops *const estimators[] = {&mtc_estimator_warp3, &mtc_estimator_importance, &mtc_estimator_smc,
                                                   &mtc_estimator_laplace};
    size_t n = 1;
    for (size_t i = 0; i < sizeof estimators / sizeof *estimators; i++) {
        if (estimators[i]->keys) {
            evidence_keys[n++] = estimators[i]->keys;
        }
    }
    const mtc_run_options options = {c->args.set, c->args.n_set, evidence_keys, sampler_keys, with_check};
    const mtc_status st = mtc_run_open(c->args.argument[0], &options, out, &c->errors);
    return st == MTC_OK ? check_engine(c, *out) : st;
}

mtc_status cli_find_model(const cli *c, const mtc_run *run, const mtc_run_model **out, mtc_err *err)
{
    const char *const wanted = c->args.value[OPT_MODEL];
    const char *name[256];
    char known[512] = "";
    size_t n = 0, used = 0;
    *out = wanted ? mtc_run_find_model(run, wanted) : run->config.n_model == 1 ? &run->model[0] : NULL;
    if (*out) {
        return MTC_OK;
    }
    for (size_t i = 0; i < run->n_model && n < sizeof name / sizeof *name; i++) {
        name[n++] = run->model[i].config->name;
        if (used + strlen(name[i]) + 3 < sizeof known) {
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", name[i]);
        }
    }
    if (!wanted) {
        return mtc_fail(err, MTC_EUSAGE, "--model is needed: the configuration has %s", known);
    }
    const mtc_status st = mtc_fail(err, MTC_EUSAGE, "the configuration has no model '%s'", wanted);
    const char *const near = mtc_nearest_name(wanted, name, n);
    if (near) {
        mtc_err_hint(err, "did you mean '%s'?", near);
    } else {
        mtc_err_hint(err, "it has: %s", known);
    }
    return st;
}

static mtc_status load_json(const char *path, json_t **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_buffer text = MTC_BUFFER_INIT;
    json_error_t problem;
    *out = NULL;
    st = mtc_file_read(path, MAX_POINT_BYTES, &text, err);
    if (st != MTC_OK) { /* the user's input, not a failing disk */
        st = err->status == MTC_EIO ? MTC_ECONFIG : st;
        err->status = st;
        goto out;
    }
    *out = json_loadb(text.text ? text.text : "", text.n, JSON_REJECT_DUPLICATES, &problem);
    if (!*out) {
        const mtc_pos pos = {path, problem.line > 0 ? problem.line : 1, problem.column > 0 ? problem.column : 1};
        st = mtc_fail_at(err, MTC_ECONFIG, &pos, "no JSON: %s", problem.text);
    } else if (!json_is_object(*out)) {
        const mtc_pos pos = {path, 1, 1};
        st = mtc_fail_at(err, MTC_ECONFIG, &pos, "an object of parameter values is needed");
        mtc_err_hint(err, "for example {\"doubling_time_days\": 150, \"growth_ratio\": 1.6}");
    }
out:
    mtc_buffer_fini(&text);
    return st;
}

static mtc_status json_values(const char *path, const json_t *object, mtc_arena *arena, mtc_run_value **out, size_t *n,
                              mtc_err *err)
{
    mtc_status st = MTC_OK;
    const char *name = NULL;
    const json_t *value = NULL;
    *n = 0;
    MTC_TRY(mtc_arena_new(arena, json_object_size(object), out, err));
    /* the macro's iterator wants a mutable object, which it does not change */
    for (void *i = json_object_iter((json_t *)(uintptr_t)object); i;
         i = json_object_iter_next((json_t *)(uintptr_t)object, i)) {
        char *copy = NULL;
        name = json_object_iter_key(i);
        value = json_object_iter_value(i);
        if (!json_is_number(value)) {
            const mtc_pos pos = {path, 0, 0};
            return mtc_fail_at(err, MTC_ECONFIG, &pos, "%s must be a number", name);
        }
        MTC_TRY(mtc_arena_strndup(arena, name, strlen(name), &copy, err));
        (*out)[(*n)++] = (mtc_run_value){copy, json_number_value(value)};
    }
out:
    return st;
}

static void note_ignored(cli *c, const mtc_run_model *model, const mtc_run_point *point)
{
    char names[1024] = "";
    size_t used = 0;
    for (size_t i = 0; i < point->n_ignored && used + strlen(point->ignored[i]) + 3 < sizeof names; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "", point->ignored[i]);
    }
    cli_note(c, "note: ignored, as no source of '%s' uses it: %s", model->config->name, names);
}

mtc_status cli_read_point(cli *c, const mtc_run_model *model, mtc_arena *arena, mtc_run_point *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    json_t *object = NULL;
    mtc_run_value *value = NULL;
    size_t n = 0;
    const char *const path = c->args.value[OPT_AT];
    MTC_TRY(load_json(path, &object, err));
    MTC_TRY(json_values(path, object, arena, &value, &n, err));
    st = mtc_run_point_make(model, value, n, arena, out, err);
    if (st == MTC_ECONFIG) {
        (void)snprintf(err->file, sizeof err->file, "%s", path);
    }
    if (st == MTC_OK && out->n_ignored > 0) {
        note_ignored(c, model, out);
    }
out:
    json_decref(object);
    return st;
}

mtc_status cli_create_exec(cli *c, const mtc_run *run, mtc_exec **out, mtc_err *err)
{
    const mtc_status st = mtc_exec_create(run->config.threads, out, err);
    if (st == MTC_OK) {
        mtc_exec_set_progress(*out, cli_progress, c);
        mtc_exec_set_stop(*out, cli_interrupted);
    }
    return st;
}
