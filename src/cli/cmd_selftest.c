/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "mtc_selftest.h"

#include <jansson.h>
#include <math.h>

/* Seeds of each problem: within a minute, and enough to judge coverage by the bars themselves. */
enum { QUICK_SEEDS = 10, FULL_SEEDS = 400 };

static const char *verdict(const mtc_selftest_row *row)
{
    return row->is_wrong ? "WRONG" : row->is_refused ? "refuses" : "holds";
}

static void print_row(const mtc_selftest_row *row, const char *method)
{
    printf("  %-20s", method);
    if (row->n_value == 0) {
        printf("%63s", "");
    } else {
        printf("%9.4f %8.4f %8.4f %8.4f %6.2f  %5.1f%%  %9.0f", row->bias, row->bias_se, row->rms, row->mean_se,
               row->rms > 0.0 ? row->mean_se / row->rms : 0.0, 100.0 * row->coverage, row->calls);
    }
    printf("  %4zu/%-4zu %s%s%s\n", row->n_value, row->n, verdict(row), row->why[0] ? ": " : "", row->why);
}

static void print_table(const mtc_selftest_result *r)
{
    printf("%-22s%9s %8s %8s %8s %6s  %6s  %9s  %9s\n", "", "bias", "its SE", "rms", "stated", "ratio", "cover",
           "calls", "answered");
    for (size_t k = 0; k < r->n_case; k++) {
        const mtc_selftest_case *item = &r->item[k];
        printf("%s: %s, log Z = %.6f\n", item->problem->name, item->problem->title, item->problem->log_evidence);
        for (size_t m = 0; m < MTC_SELFTEST_N_METHOD; m++) {
            print_row(&item->row[m], mtc_selftest_method(m));
        }
    }
    printf("%zu seeds each: %s\n", r->n_seed,
           r->pass ? "no method is wrong anywhere, and every problem is answered" : "the bars do NOT hold");
}

static json_t *row_json(const mtc_selftest_row *row)
{
    return json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:b, s:b, s:s}", "n", (json_int_t)row->n, "n_value",
                     (json_int_t)row->n_value, "bias", row->bias, "bias_se", row->bias_se, "rms", row->rms, "spread",
                     row->spread, "mean_stated_se", row->mean_se, "coverage", row->coverage, "calls", row->calls,
                     "wrong", row->is_wrong, "refused", row->is_refused, "why", row->why);
}

static mtc_status print_json(const mtc_selftest_result *r, mtc_err *err)
{
    json_t *const root = json_object();
    json_t *const problems = json_object();
    int failed = 0;
    for (size_t k = 0; k < r->n_case; k++) {
        const mtc_selftest_case *item = &r->item[k];
        json_t *const one = json_pack("{s:s, s:s, s:f}", "title", item->problem->title, "source", item->problem->source,
                                      "log_evidence", item->problem->log_evidence);
        for (size_t m = 0; m < MTC_SELFTEST_N_METHOD; m++) {
            failed |= json_object_set_new(one, mtc_selftest_method(m), row_json(&item->row[m]));
        }
        failed |= json_object_set_new(problems, item->problem->name, one);
    }
    failed |= json_object_set_new(root, "seeds", json_integer((json_int_t)r->n_seed));
    failed |= json_object_set_new(root, "pass", json_boolean(r->pass));
    failed |= json_object_set_new(root, "problems", problems);
    failed |= json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(root);
    printf("\n");
    return failed ? mtc_fail(err, MTC_EIO, "the result could not be written") : MTC_OK;
}

static mtc_status unknown_problem(const char *wanted, mtc_err *err)
{
    const char *name[64];
    size_t n = 0;
    for (const mtc_selftest_problem *const *p = mtc_selftest_problems(); p[n] != NULL && n < 64; n++) {
        name[n] = p[n]->name;
    }
    const char *const near = mtc_nearest_name(wanted, name, n);
    const mtc_status st = mtc_fail(err, MTC_EUSAGE, "there is no problem '%s'", wanted);
    mtc_err_hint(err, near ? "did you mean '%s'?" : "without an argument all of them are run", near);
    return st;
}

static mtc_status run(cli *c, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_exec *exec = NULL;
    mtc_selftest_result result = {0};
    mtc_selftest_settings settings = {.problem = c->args.n_argument > 0 ? c->args.argument[0] : NULL,
                                      .n_seed = c->args.given[OPT_QUICK] ? QUICK_SEEDS : FULL_SEEDS,
                                      .seed = c->args.given[OPT_SEED] ? c->args.seed : 1,
                                      .evidence = MTC_EVIDENCE_INIT};
    if (c->args.given[OPT_SEEDS]) {
        settings.n_seed = (size_t)c->args.seeds;
    }
    if (settings.n_seed == 0) {
        return mtc_fail(err, MTC_EUSAGE, "--seeds must be at least 1");
    }
    MTC_TRY(mtc_exec_create((size_t)c->args.threads, &exec, err));
    mtc_exec_set_progress(exec, cli_progress, c);
    mtc_exec_set_stop(exec, cli_interrupted);
    st = mtc_selftest_run(&settings, exec, &result, err);
    cli_progress_end(c);
    if (st == MTC_EUSAGE) {
        st = unknown_problem(settings.problem, err);
    }
    MTC_TRY(st);
    if (c->args.given[OPT_JSON]) {
        MTC_TRY(print_json(&result, err));
    } else {
        print_table(&result);
    }
    st = result.pass ? MTC_OK : MTC_EUNRELIABLE;
out:
    mtc_selftest_result_fini(&result);
    mtc_exec_destroy(exec);
    return st;
}

static const cli_option options[] = {OPT_QUICK, OPT_SEEDS, OPT_SEED, OPT_THREADS, OPT_JSON, OPT_END};

const cli_command cli_command_selftest = {
    "selftest",
    "the engine on problems whose evidence is known: bias, honesty of errors, refusals",
    "[PROBLEM] [options]",
    0,
    1,
    options,
    "Runs each problem with many seeds through the whole engine and through sequential Monte Carlo alone, and prints "
    "for\n"
    "each method: mean error (bias) with its standard error, root mean square error, mean stated error and its ratio "
    "to\n"
    "the actual one, coverage of the stated 95% intervals, evaluations per run (a gradient counts as four), and how "
    "many\n"
    "runs were answered. A method may refuse; none may be wrong. Exit code 5 where the bars do not hold.\n"
    "400 seeds take an hour or more; --quick takes 10 and a minute.",
    "  metachron selftest --quick\n"
    "  metachron selftest egg_box\n",
    run};
