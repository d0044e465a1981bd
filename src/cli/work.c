/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "work.h"

#include "mtc_compare.h"
#include "mtc_file.h"
#include "mtc_report.h"
#include "mtc_stan_csv.h"
#include "mtc_summary.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All that lives while models are fitted. */
typedef struct {
    cli *c;
    mtc_run *run;
    mtc_compare_plan plan;
    mtc_compare_model *model;
    mtc_exec *exec;
    mtc_result *result;
    mtc_compare_fit *fit; /* n_model of the plan */
    cli_output out;
} work;

/* ---- the plan ------------------------------------------------------------------------------------------------- */

static bool is_wanted(const work *w, const mtc_run_model *model)
{
    const char *const name = w->c->args.value[OPT_MODEL];
    return !name || strcmp(model->config->name, name) == 0;
}

static mtc_status read_engine(work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_errlist *const errors = &w->c->errors;
    mtc_evidence_settings *const evidence = &w->plan.evidence;
    const size_t n_before = errors->n_all;
    (void)err;
    st = mtc_evidence_read(w->run->config.evidence, evidence, errors);
    const mtc_status sampler = mtc_sampler_read(&evidence->sampler, w->run->config.sampler, errors);
    if (errors->n_all > n_before) {
        return st != MTC_OK ? st : sampler;
    }
    return MTC_OK;
}

static mtc_status make_plan(work *w, bool with_evidence, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_run *const run = w->run;
    const mtc_run_model *chosen = NULL;
    size_t n_compared = 0;
    if (w->c->args.value[OPT_MODEL]) {
        MTC_TRY(cli_find_model(w->c, run, &chosen, err));
    }
    w->plan = (mtc_compare_plan)MTC_COMPARE_INIT;
    w->plan.n_leave_out = run->config.loo_draws;
    MTC_TRY(read_engine(w, err));
    MTC_TRY(mtc_arena_new(run->arena, run->n_model, &w->model, err));
    for (size_t i = 0; i < run->n_model; i++) {
        const mtc_run_model *const m = &run->model[i];
        if (is_wanted(w, m)) {
            n_compared += m->config->prior_odds > 0.0;
            w->model[w->plan.n_model++] = (mtc_compare_model){.name = m->config->name,
                                                              .preset = m->config->preset,
                                                              .prior_odds = m->config->prior_odds,
                                                              .posterior = m->posterior,
                                                              .course = &m->course};
        }
    }
    if (with_evidence && n_compared < 2) {
        const mtc_spec *const models = mtc_spec_find(run->config.tree, "models");
        return mtc_errlist_add(&w->c->errors, MTC_ECONFIG, models ? &models->pos : NULL,
                               "add a model, or take 'metachron fit' for posteriors alone",
                               "'compare' needs two models with prior odds above 0, here %s %zu",
                               n_compared == 1 ? "is" : "are", n_compared);
    }
    w->plan.model = w->model;
    w->plan.n_source = run->n_source;
    w->plan.source = run->model[0].likelihood;
    w->plan.seed = run->config.seed;
    w->plan.with_evidence = with_evidence;
out:
    return st;
}

/* ---- what is said of the run ---------------------------------------------------------------------------------- */

static mtc_status add_settings(work *w, const char *section, size_t *n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result *const r = w->result;
    const mtc_spec *const map = mtc_spec_find(w->run->resolved, section);
    for (size_t i = 0; map && map->kind == MTC_SPEC_MAP && i < map->n; i++) {
        char name[160];
        if (map->item[i]->kind == MTC_SPEC_SCALAR) {
            mtc_result_setting *const setting = &r->run.setting[(*n)++];
            (void)snprintf(name, sizeof name, "%s.%.120s", section, map->key[i]);
            MTC_TRY(mtc_result_text(r, name, &setting->name, err));
            MTC_TRY(mtc_result_text(r, map->item[i]->text, &setting->value, err));
        }
    }
out:
    return st;
}

static mtc_status describe_settings(work *w, mtc_err *err)
{
    static const char *const sections[] = {"settings", "evidence", "sampler"};
    mtc_status st = MTC_OK;
    size_t n = 0, room = 0;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const mtc_spec *const map = mtc_spec_find(w->run->resolved, sections[i]);
        room += map ? map->n : 0;
    }
    MTC_TRY(mtc_result_list(w->result, room, &w->result->run.setting, err));
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        MTC_TRY(add_settings(w, sections[i], &n, err));
    }
    w->result->run.n_setting = n;
out:
    return st;
}

/* No path, time or machine: the command runs the resolved configuration that stands beside the results. */
static mtc_status describe_run(work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result *const r = w->result;
    const mtc_config *const config = &w->run->config;
    const char *const model = w->c->args.value[OPT_MODEL];
    char text[300];
    MTC_TRY(mtc_result_text(r, cli_version(), &r->run.version, err));
    MTC_TRY(mtc_result_text(r, w->c->command->name, &r->run.kind, err));
    MTC_TRY(mtc_result_text(r, config->title[0] ? config->title : NULL, &r->run.title, err));
    MTC_TRY(mtc_result_text(r, config->privacy == MTC_PRIVACY_INDIVIDUAL ? "individual" : "aggregate", &r->run.privacy,
                            err));
    (void)snprintf(text, sizeof text, "%016" PRIx64, w->run->config_hash);
    MTC_TRY(mtc_result_text(r, text, &r->run.config_hash, err));
    (void)snprintf(text, sizeof text, "%016" PRIx64, w->run->data_hash);
    MTC_TRY(mtc_result_text(r, text, &r->run.data_hash, err));
    (void)snprintf(text, sizeof text, "metachron %s config.resolved.yaml -o again%s%.100s", w->c->command->name,
                   model ? " --model " : "", model ? model : "");
    MTC_TRY(mtc_result_text(r, text, &r->run.command, err));
    r->run.seed = config->seed;
    MTC_TRY(describe_settings(w, err));
out:
    return st;
}

/* ---- results -------------------------------------------------------------------------------------------------- */

/* One chain's part of a n_chain x n_draw array. */
static const double *part(const double *all, const mtc_chains *chains, size_t chain)
{
    return all ? all + chain * chains->n_draw : NULL;
}

static mtc_status write_chain(const work *w, const mtc_compare_fit *fit, size_t chain, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_chains *const ch = &fit->chains;
    const double **column = NULL;
    const bool nuts = strcmp(fit->algorithm, "nuts") == 0;
    MTC_TRY(mtc_arena_new(w->run->arena, fit->n_column, &column, err));
    for (size_t k = 0; k < fit->n_column; k++) {
        column[k] = fit->natural + (k * ch->n_chain + chain) * ch->n_draw;
    }
    const mtc_stan_chain text = {.version = cli_version(),
                                 .model = fit->model,
                                 .algorithm = fit->algorithm,
                                 .metric = nuts ? "dense_e" : NULL,
                                 .seed = w->run->config.seed,
                                 .chain = chain + 1,
                                 .n_warmup = fit->n_warmup,
                                 .n_draw = ch->n_draw,
                                 .n_param = fit->n_column,
                                 .param_name = fit->column,
                                 .param = column,
                                 .log_prior = part(mtc_chains_stat(ch, MTC_STAT_LOG_PRIOR), ch, chain),
                                 .log_likelihood = part(mtc_chains_stat(ch, MTC_STAT_LOG_LIKELIHOOD), ch, chain),
                                 .accept_stat = part(mtc_chains_stat(ch, MTC_STAT_ACCEPT), ch, chain),
                                 .stepsize = nuts ? part(mtc_chains_stat(ch, MTC_STAT_STEP_SIZE), ch, chain) : NULL,
                                 .treedepth = nuts ? part(mtc_chains_stat(ch, MTC_STAT_TREE_DEPTH), ch, chain) : NULL,
                                 .n_leapfrog = nuts ? part(mtc_chains_stat(ch, MTC_STAT_N_STEPS), ch, chain) : NULL,
                                 .divergent = nuts ? part(mtc_chains_stat(ch, MTC_STAT_DIVERGING), ch, chain) : NULL,
                                 .energy = nuts ? part(mtc_chains_stat(ch, MTC_STAT_ENERGY), ch, chain) : NULL};
    MTC_TRY(mtc_stan_csv_write(w->out.work, &text, err));
out:
    return st;
}

static mtc_status write_draws(const work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t m = 0; m < w->plan.n_model; m++) {
        for (size_t chain = 0; chain < w->fit[m].chains.n_chain; chain++) {
            MTC_TRY(write_chain(w, &w->fit[m], chain, err));
        }
    }
out:
    return st;
}

static mtc_status write_timing(const work *w, mtc_err *err)
{
    char text[300];
    const int n = snprintf(text, sizeof text, "{\n  \"seconds\": %.3f,\n  \"threads\": %zu\n}\n", cli_seconds(w->c),
                           mtc_exec_threads(w->exec));
    return cli_output_write(&w->out, "timing.json", text, (size_t)n, err);
}

static mtc_status write_results(work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_report_outcome outcome;
    char *yaml = NULL;
    MTC_TRY(mtc_run_resolved_text(w->run, w->out.path, cli_version(), w->run->arena, &yaml, err));
    MTC_TRY(cli_output_write(&w->out, "config.resolved.yaml", yaml, strlen(yaml), err));
    MTC_TRY(write_draws(w, err));
    MTC_TRY(mtc_report_write(w->result, w->out.work, NULL, &outcome, err));
    if (outcome.n_failed > 0) {
        cli_warn(w->c, "%zu figures could not be drawn: %s", outcome.n_failed, outcome.reason);
    }
    MTC_TRY(write_timing(w, err));
out:
    return st;
}

static mtc_status open_log(work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *path = NULL;
    MTC_TRY(mtc_path_join(w->out.work, "run.log", &path, err));
    w->c->log = fopen(path, "w");
    if (!w->c->log) {
        st = mtc_fail(err, MTC_EIO, "cannot write '%s': %s", path, strerror(errno));
        goto out;
    }
    fprintf(w->c->log, "metachron %s, %zu threads, seed %" PRIu64 "\n", cli_version(), mtc_exec_threads(w->exec),
            w->run->config.seed);
out:
    mtc_free(path);
    return st;
}

static void close_log(cli *c)
{
    if (c->log) {
        (void)fclose(c->log);
        c->log = NULL;
    }
}

/* On stdout: the answer, or summary.json itself. */
static mtc_status say_answer(const work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *text = NULL;
    size_t n = 0;
    if (w->c->args.given[OPT_JSON]) {
        MTC_TRY(mtc_summary_format(w->result, &text, &n, err));
        (void)fwrite(text, 1, n, stdout);
    } else {
        MTC_TRY(mtc_report_answer(w->result, &text, err));
        printf("%s\n", text);
    }
out:
    mtc_free(text);
    return st;
}

/* ---- --dry-run ------------------------------------------------------------------------------------------------ */

/* Seconds of one evaluation at the prior's centre, averaged over a few. */
static mtc_status measure(const cli *c, const mtc_target *target, bool with_gradient, double *seconds, mtc_err *err)
{
    enum { N = 5 };
    mtc_status st = MTC_OK;
    mtc_evaluator e;
    double value = 0.0;
    double *x = NULL, *grad = NULL, *u = NULL;
    memset(&e, 0, sizeof e);
    x = mtc_calloc(3 * target->n_dim + 1, sizeof *x);
    if (!x) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory");
    }
    grad = x + target->n_dim;
    u = grad + target->n_dim;
    for (size_t i = 0; i < target->n_dim; i++) {
        u[i] = 0.5;
    }
    MTC_TRY(mtc_evaluator_init(&e, target, err));
    MTC_TRY(target->prior_quantile(target->self, u, x, err));
    const double start = cli_seconds(c);
    for (int i = 0; i < N; i++) {
        MTC_TRY(mtc_evaluator_log_density(&e, x, 1.0, &value, with_gradient ? grad : NULL, NULL, err));
    }
    *seconds = (cli_seconds(c) - start) / N;
out:
    mtc_evaluator_fini(&e);
    mtc_free(x);
    return st;
}

static mtc_status dry_run(const work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < w->plan.n_model; i++) {
        const mtc_posterior *const p = w->model[i].posterior;
        const mtc_target *const target = mtc_posterior_target(p);
        double value = 0.0, gradient = NAN;
        MTC_TRY(measure(w->c, target, false, &value, err));
        if (target->has_gradient) {
            MTC_TRY(measure(w->c, target, true, &gradient, err));
        }
        printf(
            "%s: %zu parameters (%zu free), %zu sources, %zu observations; one evaluation %.2f ms, with gradient %.2f "
            "ms\n",
            w->model[i].name, mtc_posterior_n_param(p), target->n_dim, mtc_posterior_n_source(p),
            mtc_posterior_n_obs(p), 1e3 * value, 1e3 * gradient);
    }
    printf("nothing was run or written\n");
out:
    return st;
}

/* ---- all of it ------------------------------------------------------------------------------------------------ */

static mtc_status fit_models(work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_compare_fit *fit = NULL;
    MTC_TRY(open_log(w, err));
    MTC_TRY(mtc_result_create(&w->result, err));
    MTC_TRY(describe_run(w, err));
    MTC_TRY(mtc_arena_new(w->run->arena, w->plan.n_model, &fit, err));
    w->fit = fit;
    MTC_TRY(mtc_compare_run(&w->plan, w->exec, w->result, w->fit, err));
    cli_progress_end(w->c);
    for (size_t i = 0; i < w->result->n_warning; i++) {
        cli_warn(w->c, "%s", w->result->warning[i]);
    }
    MTC_TRY(write_results(w, err));
    close_log(w->c);
    MTC_TRY(cli_output_commit(&w->out, err));
out:
    cli_progress_end(w->c);
    close_log(w->c);
    return st;
}

static void report_interruption(const work *w, mtc_err *err)
{
    char text[64];
    cli_duration(cli_seconds(w->c), text, sizeof text);
    (void)mtc_fail(err, MTC_EINTERRUPTED, "interrupted after %s; nothing was written", text);
}

static mtc_status finish(const work *w, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char text[64];
    MTC_TRY(say_answer(w, err));
    cli_duration(cli_seconds(w->c), text, sizeof text);
    cli_note(w->c, "wrote %s/report.html in %s", w->out.path, text);
    st = mtc_compare_status(w->result);
    if (st == MTC_ENOTCONVERGED) {
        cli_warn(w->c, "a sampler has not converged: see the diagnostics in the report");
    } else if (st == MTC_EUNRELIABLE) {
        cli_warn(w->c, "an evidence is not reliable: see the report for the reasons");
    }
out:
    return st;
}

mtc_status cli_work(cli *c, bool with_evidence, mtc_err *err)
{
    mtc_status st = MTC_OK;
    work w;
    memset(&w, 0, sizeof w);
    w.c = c;
    MTC_TRY(cli_open_run(c, with_evidence, &w.run, err));
    MTC_TRY(make_plan(&w, with_evidence, err));
    if (c->args.given[OPT_DRY_RUN]) {
        MTC_TRY(dry_run(&w, err));
        goto out;
    }
    MTC_TRY(cli_output_begin(c, &w.out, err));
    MTC_TRY(cli_create_exec(c, w.run, &w.exec, err));
    st = fit_models(&w, err);
    if (st == MTC_EINTERRUPTED) {
        report_interruption(&w, err);
    }
    if (st == MTC_OK) {
        st = finish(&w, err);
    }
out:
    for (size_t i = 0; w.fit && i < w.plan.n_model; i++) {
        mtc_compare_fit_fini(&w.fit[i]);
    }
    mtc_result_destroy(w.result);
    mtc_exec_destroy(w.exec);
    cli_output_fini(&w.out);
    mtc_run_close(w.run);
    return st;
}
