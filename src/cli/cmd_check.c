/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "mtc_spec_edit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { N_PRIOR_DRAW = 200, HIDDEN_BELOW = 5 };

static bool is_hidden(const mtc_run *run, const mtc_quantity *info, double value)
{
    return run->config.privacy == MTC_PRIVACY_AGGREGATE && info->is_count && value < HIDDEN_BELOW;
}

static void value_text(const mtc_run *run, const mtc_quantity *info, double value, char *buf, size_t size)
{
    const char *const unit = mtc_unit_word(info->unit);
    const char *const space = unit[0] ? " " : "";
    if (is_hidden(run, info, value)) {
        (void)snprintf(buf, size, "< %d", HIDDEN_BELOW);
    } else if (isnan(value)) {
        (void)snprintf(buf, size, "not reached");
    } else if (info->is_count || value == floor(value)) {
        (void)snprintf(buf, size, "%.0f%s%s", value, space, unit);
    } else {
        (void)snprintf(buf, size, "%.3g%s%s", value, space, unit);
    }
}

/* ---- for people ----------------------------------------------------------------------------------------------- */

static void print_source(const mtc_run *run, size_t i)
{
    const mtc_run_source *const s = &run->source[i];
    const mtc_likelihood *const l = &run->model[0].likelihood[i];
    printf("\n%s  (%s)\n", s->config->name, s->ops->name);
    if (s->path) {
        printf("  %zu rows of %s; %zu left out by 'where', %zu by 'missing: drop'\n", l->src->n_row, s->path,
               l->src->n_filtered, l->src->n_dropped);
    }
    for (size_t k = 0; k < l->ops->n_facts(l->self); k++) {
        mtc_quantity info;
        double value = NAN;
        char text[80];
        l->ops->fact(l->self, k, &info, &value);
        value_text(run, &info, value, text, sizeof text);
        printf("  %-70s %s\n", info.label, text);
    }
}

static void print_expectations(const mtc_run_expectation *list, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const char *const unit = mtc_unit_word(list[k].info.unit);
        printf("    %-68s %.3g%s%s (%.3g to %.3g)\n", list[k].info.label, list[k].median, unit[0] ? " " : "", unit,
               list[k].q05, list[k].q95);
    }
}

static bool any_quantities(const mtc_run *run)
{
    for (size_t i = 0; i < run->n_source; i++) {
        const mtc_likelihood *const l = &run->model[0].likelihood[i];
        if (l->ops->n_quantities && l->ops->n_quantities(l->self) > 0) {
            return true;
        }
    }
    return false;
}

static mtc_status print_models(const mtc_run *run, mtc_exec *exec, mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (!any_quantities(run)) {
        return MTC_OK;
    }
    printf("\nWhat each hypothesis expects before any data: median (90%% interval) over %d draws from its prior\n",
           N_PRIOR_DRAW);
    for (size_t m = 0; m < run->n_model; m++) {
        const mtc_run_model *const model = &run->model[m];
        printf("\n%s\n", model->config->name);
        for (size_t i = 0; i < run->n_source; i++) {
            mtc_run_expectation *list = NULL;
            size_t n = 0;
            MTC_TRY(mtc_run_expect(model, i, run->config.seed, N_PRIOR_DRAW, exec, run->arena, &list, &n, err));
            (void)fflush(stdout);
            if (n > 0) {
                printf("  %s\n", run->source[i].config->name);
            }
            print_expectations(list, n);
        }
    }
out:
    return st;
}

static void print_prior(const mtc_run *run, const mtc_posterior *p, size_t i)
{
    char *text = NULL;
    if (mtc_prior_describe(mtc_posterior_prior(p, i), run->arena, &text, NULL) == MTC_OK) {
        printf("  %-28s %s\n", mtc_posterior_param(p, i)->name, text);
    }
}

/* All models use the same parameters in the same order. */
static bool is_shared(const mtc_run *run, size_t i)
{
    const char *const key = mtc_posterior_param(run->model[0].posterior, i)->key;
    const mtc_spec *const first = mtc_spec_find(run->model[0].config->priors, key);
    for (size_t m = 1; m < run->n_model; m++) {
        if (!mtc_spec_equal(first, mtc_spec_find(run->model[m].config->priors, key))) {
            return false;
        }
    }
    return true;
}

/* Shared ones once, then what the models differ in. */
static void print_priors(const mtc_run *run)
{
    const size_t n = mtc_posterior_n_param(run->model[0].posterior);
    size_t n_shared = 0;
    printf("\nPriors of all models\n");
    for (size_t i = 0; i < n; i++) {
        if (is_shared(run, i)) {
            print_prior(run, run->model[0].posterior, i);
            n_shared++;
        }
    }
    for (size_t m = 0; m < run->n_model && n_shared < n; m++) {
        printf("Priors of %s\n", run->model[m].config->name);
        for (size_t i = 0; i < n; i++) {
            if (!is_shared(run, i)) {
                print_prior(run, run->model[m].posterior, i);
            }
        }
    }
}

static mtc_status print_text(const mtc_run *run, mtc_exec *exec, mtc_err *err)
{
    printf("%s: no errors; %zu source%s, %zu model%s\n", run->config.file, run->n_source, run->n_source == 1 ? "" : "s",
           run->n_model, run->n_model == 1 ? "" : "s");
    for (size_t i = 0; i < run->n_source; i++) {
        print_source(run, i);
    }
    print_priors(run);
    (void)fflush(stdout);
    return exec ? print_models(run, exec, err) : MTC_OK;
}

/* ---- for programs --------------------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *source_json(const mtc_run *run, size_t i, int *failed)
{
    const mtc_likelihood *const l = &run->model[0].likelihood[i];
    json_t *const facts = json_object();
    for (size_t k = 0; k < l->ops->n_facts(l->self); k++) {
        mtc_quantity info;
        double value = NAN;
        l->ops->fact(l->self, k, &info, &value);
        *failed |= json_object_set_new(facts, info.id, is_hidden(run, &info, value) ? json_null() : number(value));
    }
    json_t *const object =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:o}", "likelihood", l->ops->name, "n_rows", (json_int_t)l->src->n_row,
                  "n_filtered", (json_int_t)l->src->n_filtered, "n_dropped", (json_int_t)l->src->n_dropped, "n_obs",
                  (json_int_t)l->ops->n_obs(l->self), "facts", facts);
    *failed |= object ? 0 : 1;
    return object;
}

static mtc_status model_json(const mtc_run *run, const mtc_run_model *model, mtc_exec *exec, json_t *out, int *failed,
                             mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < run->n_source; i++) {
        mtc_run_expectation *list = NULL;
        size_t n = 0;
        MTC_TRY(mtc_run_expect(model, i, run->config.seed, N_PRIOR_DRAW, exec, run->arena, &list, &n, err));
        json_t *const quantities = json_object();
        for (size_t k = 0; k < n; k++) {
            *failed |= json_object_set_new(quantities, list[k].info.id,
                                           json_pack("{s:o, s:o, s:o}", "median", number(list[k].median), "q05",
                                                     number(list[k].q05), "q95", number(list[k].q95)));
        }
        *failed |= json_object_set_new(out, run->source[i].config->name, quantities);
    }
out:
    return st;
}

/* exec: NULL to leave the expectations out */
static mtc_status print_json(const mtc_run *run, mtc_exec *exec, mtc_err *err)
{
    mtc_status st = MTC_OK;
    int failed = 0;
    json_t *const root = json_object();
    json_t *const sources = json_object();
    json_t *const models = json_object();
    for (size_t i = 0; i < run->n_source; i++) {
        failed |= json_object_set_new(sources, run->source[i].config->name, source_json(run, i, &failed));
    }
    failed |= json_object_set_new(root, "sources", sources);
    failed |= json_object_set_new(root, "expected", models);
    for (size_t m = 0; exec && m < run->n_model; m++) {
        json_t *const model = json_object();
        failed |= json_object_set_new(models, run->model[m].config->name, model);
        MTC_TRY(model_json(run, &run->model[m], exec, model, &failed, err));
    }
    failed |= json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    printf("\n");
    st = failed ? mtc_fail(err, MTC_EIO, "the result could not be written") : MTC_OK;
out:
    json_decref(root);
    return st;
}

static mtc_status run(cli *c, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_run *r = NULL;
    mtc_exec *exec = NULL;
    MTC_TRY(cli_open_run(c, false, &r, err));
    if (!c->args.given[OPT_QUICK]) {
        MTC_TRY(cli_create_exec(c, r, &exec, err));
    }
    MTC_TRY(c->args.given[OPT_JSON] ? print_json(r, exec, err) : print_text(r, exec, err));
out:
    cli_progress_end(c);
    mtc_exec_destroy(exec);
    mtc_run_close(r);
    return st;
}

static const cli_option options[] = {OPT_QUICK, OPT_SET, OPT_SEED, OPT_THREADS, OPT_JSON, OPT_END};

const cli_command cli_command_check = {
    "check",
    "every error in configuration and data at once; else what they hold",
    "fit.yaml",
    1,
    1,
    options,
    "Reads the configuration and its tables and reports every mistake with file, line and column. Where there is none "
    "it\n"
    "prints what each source holds (patients, events, follow-up, counts by class), the priors, and what each "
    "hypothesis\n"
    "expects before any data (left out with --quick). Counts below 5 are hidden unless the configuration says "
    "`privacy: individual`.",
    "  metachron check examples/breast/whole-cohort.yaml\n"
    "  metachron check fit.yaml --set 'settings.detection_diameter=5 mm' --json\n",
    run};
