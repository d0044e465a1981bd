/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <jansson.h>
#include <string.h>

static mtc_status simulate_all(const mtc_run *r, const mtc_run_model *model, const mtc_run_point *point,
                               mtc_rows **rows, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < r->n_source; i++) {
        MTC_TRY(mtc_run_simulate(model, i, point->theta, r->config.seed, &rows[i], err));
    }
out:
    return st;
}

/* The parameters that the data were drawn with. */
static mtc_status write_truth(const cli_output *out, const mtc_run_model *model, const mtc_run_point *point,
                              mtc_err *err)
{
    json_t *const object = json_object();
    int failed = 0;
    for (size_t i = 0; i < mtc_posterior_n_param(model->posterior); i++) {
        failed |=
            json_object_set_new(object, mtc_posterior_param(model->posterior, i)->name, json_real(point->theta[i]));
    }
    char *const text = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(object);
    if (failed || !text) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory");
    }
    const mtc_status st = cli_output_write(out, "truth.json", text, strlen(text), err);
    free(text);
    return st;
}

static mtc_status write_all(const cli_output *out, const mtc_run *r, const mtc_run_model *model,
                            const mtc_run_point *point, mtc_rows *const *rows, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *yaml = NULL, *headed = NULL;
    const char **csv = NULL;
    char file[160];
    MTC_TRY(mtc_arena_new(r->arena, r->n_source, &csv, err));
    MTC_TRY(mtc_run_simulated(r, rows, r->arena, &yaml, csv, err));
    for (size_t i = 0; i < r->n_source; i++) {
        if (csv[i]) {
            (void)snprintf(file, sizeof file, "%s.csv", r->source[i].config->name);
            MTC_TRY(cli_output_write(out, file, csv[i], strlen(csv[i]), err));
        }
    }
    MTC_TRY(mtc_arena_printf(r->arena, &headed, err,
                             "# Simulated under '%s' by metachron %s, seed %llu; the truth stands in truth.json.\n%s",
                             model->config->name, cli_version(), (unsigned long long)r->config.seed, yaml));
    MTC_TRY(cli_output_write(out, "fit.yaml", headed, strlen(headed), err));
    MTC_TRY(write_truth(out, model, point, err));
out:
    return st;
}

static mtc_status simulate(cli *c, mtc_run *r, const cli_output *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_run_model *model = NULL;
    mtc_run_point point;
    mtc_rows **rows = NULL;
    MTC_TRY(cli_find_model(c, r, &model, err));
    MTC_TRY(c->args.value[OPT_AT] ? cli_read_point(c, model, r->arena, &point, err)
                                  : mtc_run_point_median(model, r->arena, &point, err));
    MTC_TRY(mtc_arena_new(r->arena, r->n_source, &rows, err));
    MTC_TRY(simulate_all(r, model, &point, rows, err));
    MTC_TRY(write_all(out, r, model, &point, rows, err));
out:
    for (size_t i = 0; rows && i < r->n_source; i++) {
        mtc_rows_destroy(rows[i]);
    }
    return st;
}

static mtc_status run(cli *c, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_run *r = NULL;
    cli_output out;
    memset(&out, 0, sizeof out);
    MTC_TRY(cli_open_run(c, true, &r, err));
    MTC_TRY(cli_output_begin(c, &out, err));
    MTC_TRY(simulate(c, r, &out, err));
    MTC_TRY(cli_output_commit(&out, err));
    cli_note(c, "wrote %s: fit.yaml, truth.json and the simulated tables", out.path);
out:
    cli_output_fini(&out);
    mtc_run_close(r);
    return st;
}

static const cli_option options[] = {OPT_MODEL, OPT_OUTPUT, OPT_AT, OPT_SEED, OPT_SET, OPT_FORCE, OPT_END};

const cli_command cli_command_simulate = {"simulate",
                                          "draw a cohort of the same design under one model",
                                          "fit.yaml --model NAME -o FOLDER",
                                          1,
                                          1,
                                          options,
                                          "Draws new data for every source, patient by patient, with the sizes, "
                                          "follow-up and numbers of the given data: at the\n"
                                          "model's prior medians, or at the point of --at. Writes the tables, fit.yaml "
                                          "(a configuration that compare takes as it\n"
                                          "is) and truth.json (the parameters).",
                                          "  metachron simulate fit.yaml --model parallel --seed 7 -o cohort/\n"
                                          "  metachron compare cohort/fit.yaml -o out/\n",
                                          run};
