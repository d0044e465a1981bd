/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* Numbers with all their digits. */
#define DUMP_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(17))

/* A number, null where it is not finite; jansson would drop the key silently. */
static void put(json_t *object, const char *key, double value, int *failed)
{
    *failed |= json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

static void put_reason(json_t *object, const char *key, double value, const char *reason, int *failed)
{
    put(object, key, value, failed);
    if (!isfinite(value)) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s_reason", key);
        *failed |= json_object_set_new(object, name, json_string(reason && reason[0] ? reason : "not a finite number"));
    }
}

/* By parameter; where the rate stands for the founders its name does. */
static json_t *gradient(const mtc_run_model *model, const mtc_run_point *point, double *grad, bool is_finite,
                        int *failed)
{
    json_t *const object = json_object();
    mtc_run_point_gradient(model, point, grad);
    for (size_t i = 0; i < mtc_posterior_n_param(model->posterior); i++) {
        const char *name = mtc_posterior_param(model->posterior, i)->name;
        const bool rate = point->by_rate && strcmp(name, mtc_course_params[MTC_P_FOUNDERS].name) == 0;
        put(object, rate ? "seeding_rate_per_year" : name, is_finite ? grad[i] : (double)NAN, failed);
    }
    return object;
}

static json_t *per_observation(const mtc_posterior *p, const double *term, int *failed)
{
    json_t *const object = json_object();
    for (size_t s = 0; s < mtc_posterior_n_source(p); s++) {
        size_t first = 0;
        const size_t n = mtc_posterior_source_obs(p, s, &first);
        json_t *const list = json_array();
        for (size_t i = 0; i < n; i++) {
            const double x = term[first + i];
            *failed |= json_array_append_new(list, isfinite(x) ? json_real(x) : json_null());
        }
        *failed |= json_object_set_new(object, mtc_posterior_source(p, s)->src->name, list);
    }
    return object;
}

static mtc_status print(const cli *c, const mtc_run_model *model, const mtc_run_point *point, mtc_natural_point *at,
                        mtc_err *err)
{
    const mtc_posterior *const p = model->posterior;
    json_t *const root = json_object();
    json_t *const by_source = json_object();
    int failed = 0;
    failed |= json_object_set_new(root, "model", json_string(model->config->name));
    put_reason(root, "log_prior", at->log_prior, at->log_prior_reason, &failed);
    put_reason(root, "log_likelihood", at->log_likelihood, mtc_reason_text(at->reason), &failed);
    for (size_t i = 0; i < mtc_posterior_n_source(p); i++) {
        put(by_source, mtc_posterior_source(p, i)->src->name, at->by_source[i], &failed);
    }
    failed |= json_object_set_new(root, "by_source", by_source);
    if (!isnan(point->rate)) {
        json_t *const derived = json_object();
        const long founders = mtc_posterior_find(p, mtc_course_params[MTC_P_FOUNDERS].name);
        put(derived, mtc_course_params[MTC_P_FOUNDERS].name, point->theta[founders], &failed);
        put(derived, "seeding_rate_per_year", point->rate, &failed);
        failed |= json_object_set_new(root, "seeding", derived);
    }
    if (c->args.given[OPT_GRADIENT]) {
        json_t *const likelihood =
            gradient(model, point, at->grad_log_likelihood, isfinite(at->log_likelihood), &failed);
        json_t *const prior = gradient(model, point, at->grad_log_prior, isfinite(at->log_prior), &failed);
        failed |= json_object_set_new(root, "gradient", likelihood);
        failed |= json_object_set_new(root, "log_prior_gradient", prior);
    }
    if (c->args.given[OPT_PER_OBSERVATION]) {
        failed |= json_object_set_new(root, "per_observation", per_observation(p, at->per_obs, &failed));
    }
    failed |= json_dumpf(root, stdout, DUMP_FLAGS);
    json_decref(root);
    printf("\n");
    return failed ? mtc_fail(err, MTC_EIO, "the result could not be written") : MTC_OK;
}

static mtc_status evaluate(cli *c, const mtc_run_model *model, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    void *ws = NULL;
    mtc_run_point point;
    mtc_natural_point at;
    const mtc_posterior *const p = model->posterior;
    const mtc_target *const target = mtc_posterior_target(p);
    memset(&at, 0, sizeof at);
    MTC_TRY(cli_read_point(c, model, arena, &point, err));
    MTC_TRY(target->ws_create(target->self, &ws, err));
    MTC_TRY(mtc_arena_new(arena, mtc_posterior_n_source(p), &at.by_source, err));
    if (c->args.given[OPT_GRADIENT]) {
        MTC_TRY(mtc_arena_new(arena, mtc_posterior_n_param(p), &at.grad_log_prior, err));
        MTC_TRY(mtc_arena_new(arena, mtc_posterior_n_param(p), &at.grad_log_likelihood, err));
    }
    if (c->args.given[OPT_PER_OBSERVATION]) {
        MTC_TRY(mtc_arena_new(arena, mtc_posterior_n_obs(p), &at.per_obs, err));
    }
    MTC_TRY(mtc_posterior_eval_natural(p, ws, point.theta, &at, err));
    MTC_TRY(print(c, model, &point, &at, err));
out:
    if (ws) {
        target->ws_destroy(ws);
    }
    return st;
}

static mtc_status run(cli *c, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_run *r = NULL;
    const mtc_run_model *model = NULL;
    if (!c->args.value[OPT_AT]) {
        return mtc_fail(err, MTC_EUSAGE, "'evaluate' needs a point: --at point.json");
    }
    MTC_TRY(cli_open_run(c, true, &r, err));
    MTC_TRY(cli_find_model(c, r, &model, err));
    MTC_TRY(evaluate(c, model, r->arena, err));
out:
    mtc_run_close(r);
    return st;
}

static const cli_option options[] = {OPT_MODEL, OPT_AT, OPT_GRADIENT, OPT_PER_OBSERVATION, OPT_SET, OPT_END};

const cli_command cli_command_evaluate = {
    "evaluate",
    "log prior and log likelihood at one point",
    "fit.yaml --model NAME --at point.json",
    1,
    1,
    options,
    "Reads natural values of the parameters (doubling_time_days, seeding_diameter_mm, ...) from a JSON object and "
    "prints\n"
    "log_prior (a density in natural units of the free parameters), log_likelihood and by_source as JSON, with 17 "
    "digits.\n"
    "A number that is not finite is null, with its reason. seeding_rate_per_year may stand for founders_at_reference:\n"
    "gradients are then at fixed rate. Names that no source uses are ignored with a note.\n"
    "--gradient adds `gradient` (of the log likelihood) and `log_prior_gradient`, by parameter.",
    "  metachron evaluate fit.yaml --model parallel --at point.json\n"
    "  metachron evaluate fit.yaml --model linear --at point.json --gradient --per-observation\n",
    run};
