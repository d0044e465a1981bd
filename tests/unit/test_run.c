/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assembly: paths, points by name, the resolved configuration, simulated configurations that read back. */
#include "mtc_run.h"

#include "mtc_spec_edit.h"
#include "test_alloc.h"
#include "test_near.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CONFIG                                                                                                         \
    "metachron: 1\nseed: 11\n"                                                                                         \
    "data:\n"                                                                                                          \
    "  b_rows: {likelihood: tvdt/summary, rows: [{site: primary, statistic: median, value: 150 d, n: 236}]}\n"         \
    "  a_table: {likelihood: tvdt/individual, table: d.csv, columns: {site: site, tvdt: tvdt_days, patient: id}}\n"    \
    "models: {late: {preset: linear, priors: {growth_ratio_log_sd: {fixed: 0.4}}}, early: {preset: parallel}}\n"
#define TABLE "id,site,tvdt_days\n1,primary,120\n1,metastasis,60.5\n2,primary,300\n"

typedef struct {
    char folder[64], config[80], table[80];
    mtc_errlist errors;
    mtc_run *run;
} fixture;

static void write_text(const char *path, const char *text)
{
    FILE *const out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static mtc_status open_run(fixture *f, const char *config)
{
    const mtc_run_options options = {NULL, 0, NULL, NULL, true};
    mtc_run_close(f->run);
    f->run = NULL;
    mtc_errlist_fini(&f->errors);
    write_text(f->config, config);
    return mtc_run_open(f->config, &options, &f->run, &f->errors);
}

static int setup(void **state)
{
    fixture *const f = calloc(1, sizeof *f);
    *state = f;
    strcpy(f->folder, "test_run_XXXXXX");
    if (!mkdtemp(f->folder)) {
        return -1;
    }
    (void)snprintf(f->config, sizeof f->config, "%s/fit.yaml", f->folder);
    (void)snprintf(f->table, sizeof f->table, "%s/d.csv", f->folder);
    write_text(f->table, TABLE);
    return open_run(f, CONFIG) == MTC_OK ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *const f = *state;
    mtc_run_close(f->run);
    mtc_errlist_fini(&f->errors);
    (void)unlink(f->config);
    (void)unlink(f->table);
    (void)rmdir(f->folder);
    free(f);
    return 0;
}

static void test_models(void **state)
{
    fixture *const f = *state;
    const mtc_run *const r = f->run;
    assert_int_equal(r->n_source, 2);
    assert_string_equal(r->source[1].path, f->table);
    assert_int_equal(r->n_model, 3);
    assert_true(r->model[2].is_check);
    assert_string_equal(r->model[2].config->name, "unrestricted");
    assert_ptr_equal(r->model[0].likelihood, r->model[1].likelihood); /* one course, one set of likelihoods */
    const mtc_run_model *const late = mtc_run_find_model(r, "late");
    assert_int_equal(mtc_posterior_n_param(late->posterior), 4);
    assert_int_equal(mtc_posterior_target(late->posterior)->n_dim, 3); /* one is fixed */
    assert_null(mtc_run_find_model(r, "none"));
}

static void test_models_with_own_settings_have_own_likelihoods(void **state)
{
    fixture *const f = *state;
    assert_int_equal(open_run(f, CONFIG "check_unrestricted: no\n"
                                        "settings: {detection_diameter: 8 mm}\n"),
                     MTC_OK);
    assert_near(f->run->model[0].course.detection_diameter_mm, 8.0, 0.0);
    static const char *const set[] = {"models.late.settings.detection_diameter=5 mm"};
    const mtc_run_options options = {set, 1, NULL, NULL, true};
    mtc_run_close(f->run);
    f->run = NULL;
    assert_int_equal(mtc_run_open(f->config, &options, &f->run, &f->errors), MTC_OK);
    assert_near(f->run->model[0].course.detection_diameter_mm, 5.0, 0.0);
    assert_near(f->run->model[1].course.detection_diameter_mm, 8.0, 0.0);
    assert_ptr_not_equal(f->run->model[0].likelihood, f->run->model[1].likelihood);
}

static void test_hashes(void **state)
{
    fixture *const f = *state;
    const uint64_t config = f->run->config_hash, data = f->run->data_hash;
    assert_int_equal(open_run(f, CONFIG "title: other\nprivacy: aggregate\n"), MTC_OK); /* a default written out */
    assert_true(f->run->config_hash == config && f->run->data_hash == data);
    assert_int_equal(open_run(f, CONFIG "privacy: individual\n"), MTC_OK);
    assert_true(f->run->config_hash != config && f->run->data_hash == data);
    write_text(f->table, TABLE "3,primary,77\n");
    assert_int_equal(open_run(f, CONFIG), MTC_OK);
    assert_true(f->run->config_hash == config && f->run->data_hash != data);
}

static void test_errors_of_everything_together(void **state)
{
    fixture *const f = *state;
    write_text(f->table, "id,site,tvdt_days\n1,primary,-3\n");
    assert_int_equal(
        open_run(f, "metachron: 1\n"
                    "data:\n"
                    "  a: {likelihood: tvdt/individual, table: d.csv, columns: {site: site, tvdt: tvdt_days}}\n"
                    "  b: {likelihood: tvdt/summary, rows: [{site: primary, statistic: median, value: 150, n: 2}]}\n"
                    "  c: {likelihood: tvdt/sumary, rows: []}\n"
                    "models: {late: {preset: linear, priors: {growth_rato: {fixed: 1}}}, other: {preset: linear}}\n"
                    "settings: {size_min: 50 mm, size_max: 20 mm}\n"),
        MTC_EDATA);
    static const char *const fragments[] = {"-3 is negative", "'150' needs a unit", "unknown likelihood 'tvdt/sumary'",
                                            "unknown parameter 'growth_rato'", "size_min must be smaller"};
    for (size_t k = 0; k < sizeof fragments / sizeof *fragments; k++) {
        size_t found = 0;
        for (size_t i = 0; i < f->errors.n; i++) {
            found += strstr(f->errors.item[i].message, fragments[k]) ? 1 : 0;
        }
        if (found != 1) {
            fail_msg("'%s' is reported %zu times", fragments[k], found);
        }
    }
    assert_null(f->run);
}

static void test_model_without_priors(void **state)
{
    fixture *const f = *state;
    assert_int_equal(open_run(f, "metachron: 1\ndata: {a: {likelihood: nothing}}\nmodels: {m: {}}\n"), MTC_ECONFIG);
    assert_int_equal(f->errors.n, 1);
}

/* config.resolved.yaml of another folder gives the same run. */
static void test_resolved_text_reads_as_the_same_run(void **state)
{
    fixture *const f = *state;
    const mtc_run_options options = {NULL, 0, NULL, NULL, true};
    char *text = NULL;
    char inner[] = "test_run_out_XXXXXX", path[140];
    assert_non_null(mkdtemp(inner));
    (void)snprintf(path, sizeof path, "%s/config.resolved.yaml", inner);
    assert_int_equal(mtc_run_resolved_text(f->run, inner, "1.2.3", f->run->arena, &text, NULL), MTC_OK);
    assert_non_null(strstr(text, "metachron 1.2.3"));
    assert_null(strstr(text, "threads"));
    write_text(path, text);
    mtc_run *again = NULL;
    const mtc_status st = mtc_run_open(path, &options, &again, &f->errors);
    (void)unlink(path);
    (void)rmdir(inner);
    assert_int_equal(st, MTC_OK);
    assert_true(again->config_hash == f->run->config_hash);
    assert_true(again->data_hash == f->run->data_hash);
    assert_string_equal(again->config.model[0].preset, "linear");
    mtc_run_close(again);
}

static void test_relative_paths(void **state)
{
    fixture *const f = *state;
    static const struct {
        const char *folder, *target, *path;
    } c[] = {{"/a/b", "/a/b/d.csv", "d.csv"},
             {"/a/b/", "/a/d.csv", "../d.csv"},
             {"/a/bc", "/a/b/d.csv", "../b/d.csv"},
             {"/a/b/../c", "/a/./c/e/d.csv", "e/d.csv"},
             {"/", "/x", "x"},
             {"out", "data/d.csv", "../data/d.csv"},
             {"x/y/z", "x/d.csv", "../../d.csv"}};
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        const char *path = NULL;
        assert_int_equal(mtc_run_relative_path(c[i].folder, c[i].target, f->run->arena, &path, NULL), MTC_OK);
        assert_string_equal(path, c[i].path);
    }
}

static void test_points(void **state)
{
    fixture *const f = *state;
    const mtc_run_model *const early = mtc_run_find_model(f->run, "early");
    mtc_run_point p;
    mtc_err err = MTC_ERR_INIT;
    static const mtc_run_value all[] = {{"growth_ratio", 1.6},          {"doubling_time_days", 150},
                                        {"doubling_time_log_sd", 0.6},  {"growth_ratio_log_sd", 0.4},
                                        {"seeding_rate_per_year", 3.0}, {"growth_ratio", 2.0}};
    assert_int_equal(mtc_run_point_make(early, all, 5, f->run->arena, &p, &err), MTC_OK);
    assert_near(p.theta[mtc_posterior_find(early->posterior, "growth_ratio")], 1.6, 0.0);
    assert_int_equal(p.n_ignored, 1); /* no source uses the rate */
    assert_string_equal(p.ignored[0], "seeding_rate_per_year");
    assert_int_equal(mtc_run_point_make(early, all, 6, f->run->arena, &p, &err), MTC_ECONFIG);
    assert_non_null(strstr(err.message, "growth_ratio is given twice"));
    assert_int_equal(mtc_run_point_make(early, all, 2, f->run->arena, &p, &err), MTC_ECONFIG);
    assert_non_null(strstr(err.message, "lacks doubling_time_log_sd, growth_ratio_log_sd"));
    const mtc_run_model *const late = mtc_run_find_model(f->run, "late");
    assert_int_equal(mtc_run_point_make(late, all, 3, f->run->arena, &p, &err), MTC_OK); /* the fourth is fixed */
    assert_near(p.theta[mtc_posterior_find(late->posterior, "growth_ratio_log_sd")], 0.4, 0.0);
    static const mtc_run_value bad[] = {{"growth_ratio", INFINITY}};
    assert_int_equal(mtc_run_point_make(late, bad, 1, f->run->arena, &p, &err), MTC_ECONFIG);
    assert_int_equal(mtc_run_point_median(late, f->run->arena, &p, &err), MTC_OK);
    assert_near(p.theta[mtc_posterior_find(late->posterior, "doubling_time_days")], 150.0, 1e-9);
}

static void test_simulated_configuration_reads_back(void **state)
{
    fixture *const f = *state;
    const mtc_run_model *const late = mtc_run_find_model(f->run, "late");
    mtc_run_point p;
    mtc_rows *rows[2] = {NULL, NULL};
    const char *csv[2] = {NULL, NULL};
    char *text = NULL;
    assert_int_equal(mtc_run_point_median(late, f->run->arena, &p, NULL), MTC_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(mtc_run_simulate(late, i, p.theta, 5, &rows[i], NULL), MTC_OK);
    }
    assert_int_equal(mtc_rows_count(rows[1]), 3); /* two primaries and a metastasis */
    assert_int_equal(mtc_run_simulated(f->run, rows, f->run->arena, &text, csv, NULL), MTC_OK);
    assert_null(csv[0]);
    assert_non_null(strstr(csv[1], "patient,site,tvdt_days"));
    assert_non_null(strstr(text, "table: a_table.csv"));
    char table[120];
    (void)snprintf(table, sizeof table, "%s/a_table.csv", f->folder);
    write_text(table, csv[1]);
    for (size_t i = 0; i < 2; i++) {
        mtc_rows_destroy(rows[i]);
    }
    char *const copy = strdup(text);
    const mtc_status st = open_run(f, copy);
    free(copy);
    (void)unlink(table);
    assert_int_equal(st, MTC_OK);
    assert_int_equal(f->run->source[1].rows.n_row, 3);
}

/* Allocation number k and all later ones fail, for k = 1, 2, ... until everything succeeds: a status each time, nothing
 * leaks. */
static void test_out_of_memory(void **state)
{
    fixture *const f = *state;
    static const char *const set[] = {"models.early.priors.growth_ratio.lognormal.median=2"};
    const mtc_run_options options = {set, 1, NULL, NULL, true};
    mtc_status st = MTC_ENOMEM;
    size_t k = 1;
    for (; st != MTC_OK && k < 5000; k++) {
        mtc_errlist errors = MTC_ERRLIST_INIT;
        mtc_run *run = NULL;
        test_alloc_start(k);
        st = mtc_run_open(f->config, &options, &run, &errors);
        mtc_run_close(run);
        mtc_errlist_fini(&errors);
        assert_int_equal(test_alloc_stop(), 0);
        if (st != MTC_OK && st != MTC_ENOMEM) {
            fail_msg("allocation %zu fails: status %d", k, (int)st);
        }
    }
    assert_int_equal(st, MTC_OK);
    assert_true(k > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_models, setup, teardown),
        cmocka_unit_test_setup_teardown(test_models_with_own_settings_have_own_likelihoods, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hashes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors_of_everything_together, setup, teardown),
        cmocka_unit_test_setup_teardown(test_model_without_priors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resolved_text_reads_as_the_same_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_relative_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_points, setup, teardown),
        cmocka_unit_test_setup_teardown(test_simulated_configuration_reads_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
