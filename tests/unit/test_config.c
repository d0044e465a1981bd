/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole configurations: defaults, presets, --set, prior odds, and all errors of a file in one list. */
#include "mtc_config.h"

#include "mtc_spec_edit.h"
#include "mtc_yaml.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const mtc_config_preset presets[] = {
    {"linear", "{preset: linear, priors: {diameter: {lognormal: {median: 15 mm, log_sd: 0.4}}, exponent: {fixed: 1}}}"},
    {"parallel", "{priors: {diameter: {lognormal: {median: 2 mm, log_sd: 0.4}}}}"},
    {"unrestricted", "{priors: {diameter: {loguniform: {lower: 0.5 mm, upper: 80 mm}}}}"},
    {"klein", "{priors: {ratio: {lognormal: {median: 1.6, log_sd: 0.4}}}}"}};

static const mtc_key settings_keys[] = {
    {"detection_diameter", MTC_KEY_QUANTITY, MTC_DIM_LENGTH, MTC_UNIT_MM, 0.1, 100, "10 mm", false, NULL, "size"},
    {NULL, MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

static const mtc_key *const settings_tables[] = {settings_keys, NULL};

#define HEAD "metachron: 1\ndata: {d: {likelihood: tvdt/summary, rows: [{}]}}\n"

typedef struct {
    mtc_arena *arena;
    mtc_errlist errors;
    mtc_config config;
} fixture;

static int setup(void **state)
{
    fixture *const f = calloc(1, sizeof *f);
    *state = f;
    return mtc_arena_create(&f->arena, NULL) == MTC_OK ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *const f = *state;
    mtc_arena_destroy(f->arena);
    mtc_errlist_fini(&f->errors);
    free(f);
    return 0;
}

static mtc_status read_with(fixture *f, const char *text, const char *const *set, size_t n_set)
{
    const mtc_config_options options = {
        set,
        n_set,
        "{priors: {ratio: {lognormal: {median: 1.5, log_sd: 0.8}}, exponent: {normal: {mean: 0.6, sd: 0.5}}}}",
        presets,
        4,
        settings_tables,
        NULL,
        NULL};
    mtc_errlist_fini(&f->errors);
    return mtc_config_parse(text, strlen(text), "run.yaml", &options, f->arena, &f->config, &f->errors);
}

static mtc_status read_config(fixture *f, const char *text)
{
    return read_with(f, text, NULL, 0);
}

static void assert_error(const fixture *f, size_t i, long line, long column, const char *fragment)
{
    char text[2048] = "no such error";
    if (i < f->errors.n) {
        (void)mtc_err_format(&f->errors.item[i], text, sizeof text);
    }
    if (i >= f->errors.n || !strstr(text, fragment) || f->errors.item[i].line != line ||
        f->errors.item[i].column != column) {
        fail_msg("expected %ld:%ld '%s', got: %s", line, column, fragment, text);
    }
}

/* The text at a dotted path below a model's priors. */
static const char *prior_text(const mtc_config_model *m, const char *parameter, const char *family, const char *key)
{
    const mtc_spec *node = mtc_spec_find(mtc_spec_find(m->priors, parameter), family);
    node = key ? mtc_spec_find(node, key) : node;
    return node && node->text ? node->text : "";
}

static void test_defaults(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_config(f, HEAD "models: {linear: {preset: linear}, parallel: {preset: parallel}}\n"), MTC_OK);
    const mtc_config *const c = &f->config;
    assert_int_equal(c->seed, 20090401);
    assert_string_equal(c->title, "");
    assert_true(c->check_unrestricted);
    assert_int_equal(c->privacy, MTC_PRIVACY_AGGREGATE);
    assert_int_equal(c->threads, 0);
    assert_int_equal(c->n_source, 1);
    assert_string_equal(c->source[0].likelihood, "tvdt/summary");
    assert_int_equal(c->source[0].pos.line, 2);
    assert_int_equal(c->source[0].pos.column, 8);
    assert_int_equal(c->n_model, 2);
    assert_true(c->model[0].prior_odds == 1.0 && c->model[1].prior_odds == 1.0);
    assert_null(c->settings);
    assert_string_equal(c->file, "run.yaml");
}

static void test_presets_apply_from_left_to_right(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_config(f, HEAD "models:\n  a: {preset: [linear, klein, parallel]}\n"
                                         "  b: {preset: linear, priors: {diameter: {fixed: 9 mm}}}\n"),
                     MTC_OK);
    const mtc_config_model *const a = &f->config.model[0];
    assert_string_equal(prior_text(a, "ratio", "lognormal", "median"), "1.6");
    assert_string_equal(prior_text(a, "diameter", "lognormal", "median"), "2 mm");
    assert_string_equal(prior_text(a, "exponent", "fixed", NULL), "1"); /* from linear, not from the defaults */
    assert_string_equal(a->preset, "linear, klein, parallel");
    const mtc_config_model *const b = &f->config.model[1];
    assert_string_equal(prior_text(b, "diameter", "fixed", NULL), "9 mm");
    assert_null(mtc_spec_find(mtc_spec_find(b->priors, "diameter"), "lognormal")); /* replaced as a whole */
    assert_string_equal(prior_text(b, "ratio", "lognormal", "median"), "1.5");
}

static void test_check_takes_what_the_models_share(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_config(f, HEAD "models: {a: {preset: [linear, klein]}, b: {preset: [parallel, klein]}}\n"),
                     MTC_OK);
    const mtc_config_model *const check = &f->config.check;
    assert_string_equal(check->name, "unrestricted");
    assert_string_equal(prior_text(check, "ratio", "lognormal", "median"), "1.6");      /* shared */
    assert_string_equal(prior_text(check, "exponent", "normal", "mean"), "0.6");        /* they differ: default */
    assert_string_equal(prior_text(check, "diameter", "loguniform", "upper"), "80 mm"); /* its own */
    assert_int_equal(read_config(f, HEAD "models: {a: {preset: linear}}\ncheck_unrestricted: no\n"), MTC_OK);
    assert_null(f->config.check.priors);
    assert_int_equal(read_config(f, HEAD "models: {unrestricted: {preset: unrestricted}}\n"), MTC_OK);
    assert_null(f->config.check.priors);
}

static void test_set(void **state)
{
    fixture *const f = *state;
    static const char *const set[] = {"models.a.priors.diameter.lognormal.median=20 mm",
                                      "seed=7",
                                      "models.a.preset=[linear, klein]",
                                      "settings.detection_diameter=5 mm",
                                      "models.a.priors.exponent.normal={mean: 2, sd: 1}",
                                      "data.d.rows.0.value=82 d"};
    assert_int_equal(read_with(f, HEAD "models: {a: {preset: linear}}\n", set, 6), MTC_OK);
    const mtc_config_model *const a = &f->config.model[0];
    assert_string_equal(prior_text(a, "diameter", "lognormal", "median"), "20 mm");
    assert_string_equal(prior_text(a, "diameter", "lognormal", "log_sd"), "0.4"); /* the preset's other settings stay */
    assert_string_equal(prior_text(a, "ratio", "lognormal", "median"), "1.6");
    assert_string_equal(prior_text(a, "exponent", "normal", "mean"), "2");
    assert_null(mtc_spec_find(mtc_spec_find(a->priors, "exponent"), "fixed")); /* another family takes its place */
    assert_int_equal(f->config.seed, 7);
    const mtc_spec *const median =
        mtc_spec_find(mtc_spec_find(mtc_spec_find(a->priors, "diameter"), "lognormal"), "median");
    assert_string_equal(median->pos.file, "--set");
    assert_int_equal(median->pos.column, 43);
    assert_non_null(mtc_spec_find(f->config.settings, "detection_diameter"));
    const mtc_spec *const rows = mtc_spec_find(f->config.source[0].spec, "rows");
    assert_string_equal(mtc_spec_find(rows->item[0], "value")->text, "82 d");
}

static void test_set_mistakes(void **state)
{
    fixture *const f = *state;
    static const struct {
        const char *set;
        mtc_status status;
        long column;
        const char *fragment;
    } c[] = {{"seed", MTC_EUSAGE, 1, "not of the form path=value"},
             {"=3", MTC_EUSAGE, 1, "not of the form path=value"},
             {"a..b=3", MTC_EUSAGE, 3, "empty or overlong name"},
             {"a.=3", MTC_EUSAGE, 1, "empty or overlong name"},
             {"sed=3", MTC_ECONFIG, 1, "did you mean 'seed'?"},
             {"models.b.preset=linear", MTC_ECONFIG, 8, "--set names 'b', which is no model\nhint: did you mean 'a'?"},
             {"models.b.priors.x.fixed=1", MTC_ECONFIG, 8, "--set names 'b', which is no model"},
             {"data.e.table=x.csv", MTC_ECONFIG, 6, "--set names 'e', which is no source"},
             {"data.d.rows.1.n=3", MTC_ECONFIG, 13, "'1' is no entry of this list of 1"},
             {"data.d.rows.x=3", MTC_ECONFIG, 13, "'x' is no entry"},
             {"metachron.x=3", MTC_ECONFIG, 11, "what stands above it is '1'"},
             {"title=}", MTC_ECONFIG, 7, "did not find expected node content"},
             {"settings.detection_diameter=5", MTC_ECONFIG, 29, "detection_diameter"}};
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        const mtc_status st = read_with(f, HEAD "models: {a: {preset: linear}}\n", &c[i].set, 1);
        assert_int_equal(st, c[i].status);
        assert_error(f, 0, 1, c[i].column,
                     strstr(c[i].fragment, "did you mean 'a'") ? "which is no model" : c[i].fragment);
        assert_string_equal(f->errors.item[0].file, "--set");
    }
}

static void test_all_errors_are_reported_together(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_config(f, "metachron: 1\n"
                                    "titel: x\n"
                                    "seed: -1\n"
                                    "data:\n"
                                    "  my data: {likelihood: tvdt/summary}\n"
                                    "  e: {table: x.csv}\n"
                                    "  g: 3\n"
                                    "models:\n"
                                    "  linear: {preset: liner}\n"
                                    "  other: {prset: linear, settings: {detection_diametre: 3 mm}}\n"
                                    "  third: linear\n"
                                    "prior_odds: {linear: 1, paralel: 1, other: -2, third: 1}\n"
                                    "privacy: none\n"),
                     MTC_ECONFIG);
    static const struct {
        long line, column;
        const char *fragment;
    } e[] = {{2, 1, "did you mean 'title'?"},
             {3, 7, "seed"},
             {13, 10, "privacy: must be one of aggregate|individual"},
             {9, 20, "preset names 'liner', which is no preset\nhint: did you mean 'linear'?"},
             {10, 11, "did you mean 'preset'?"},
             {11, 3, "model 'third' must be a map"},
             {5, 3, "'my data' cannot be the name of a source"},
             {6, 3, "source 'e' needs the key 'likelihood'"},
             {7, 3, "source 'g' must be a map"},
             {12, 44, "prior odds must be >= 0, got -2"},
             {10, 37, "did you mean 'detection_diameter'?"},
             {12, 25, "prior_odds names 'paralel', which is no model"}};
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        assert_error(f, i, e[i].line, e[i].column, e[i].fragment);
    }
    assert_int_equal(f->errors.n, sizeof e / sizeof *e);
}

static void test_prior_odds(void **state)
{
    fixture *const f = *state;
#define TWO HEAD "models: {a: {preset: linear}, b: {preset: parallel}}\n"
    assert_int_equal(read_config(f, TWO "prior_odds: {a: 3, b: 0}\n"), MTC_OK);
    assert_true(f->config.model[0].prior_odds == 3.0 && f->config.model[1].prior_odds == 0.0);
    assert_int_equal(read_config(f, TWO "prior_odds: {a: 3}\n"), MTC_ECONFIG);
    assert_error(f, 0, 4, 13, "prior_odds does not name model 'b'\nhint: add 'b: 1', or 'b: 0'");
    assert_int_equal(read_config(f, TWO "prior_odds: {a: 0, b: 0}\n"), MTC_ECONFIG);
    assert_error(f, 0, 4, 13, "at least one of the prior odds must be > 0");
    assert_int_equal(read_config(f, TWO "prior_odds: {a: x, b: 1}\n"), MTC_ECONFIG);
    assert_error(f, 0, 4, 17, "");
    assert_int_equal(read_config(f, TWO "prior_odds:\n"), MTC_OK); /* nothing after the colon: absent */
}

static void test_whole_file_mistakes(void **state)
{
    fixture *const f = *state;
    assert_int_equal(read_config(f, ""), MTC_ECONFIG);
    assert_error(f, 0, 1, 1, "the file is empty\nhint: begin with 'metachron: 1'");
    assert_int_equal(read_config(f, "just text\n"), MTC_ECONFIG);
    assert_error(f, 0, 1, 1, "no map of settings");
    assert_int_equal(read_config(f, "metachron: 2\ndata: {}\nmodels: {}\n"), MTC_ECONFIG);
    assert_error(f, 0, 1, 12, "metachron: must be at most 1");
    assert_error(f, 1, 3, 9, "models names no model");
    assert_error(f, 2, 2, 7, "data names no source");
    assert_int_equal(read_config(f, "{}\n"), MTC_ECONFIG);
    assert_int_equal(f->errors.n, 3); /* metachron, data, models */
}

/* The expanded tree, written and read, is the same configuration: so config.resolved.yaml runs again to the same bits.
 */
static void test_expanded_tree_reads_as_itself(void **state)
{
    fixture *const f = *state;
    static const char *const set[] = {"models.a.priors.diameter.lognormal.median=20 mm"};
    char *text = NULL;
    uint64_t hash = 0, again = 1, other = 0;
    assert_int_equal(
        read_with(f, HEAD "title: x\nmodels: {a: {preset: [linear, klein], settings: {detection_diameter: 5 mm}}}\n",
                  set, 1),
        MTC_OK);
    assert_int_equal(mtc_yaml_text(f->config.tree, f->arena, &text, NULL), MTC_OK);
    assert_int_equal(mtc_config_hash(f->config.tree, f->arena, &hash, NULL), MTC_OK);
    const mtc_spec *const tree = f->config.tree;
    char *copy = strdup(text);
    assert_int_equal(read_config(f, copy), MTC_OK);
    free(copy);
    assert_true(mtc_spec_equal(tree, f->config.tree));
    assert_string_equal(f->config.model[0].preset, "linear, klein");
    assert_int_equal(mtc_config_hash(f->config.tree, f->arena, &again, NULL), MTC_OK);
    assert_true(hash == again);
    assert_int_equal(read_config(f, HEAD "title: y\nthreads: 3\nmodels: {a: {preset: linear}}\n"), MTC_OK);
    assert_int_equal(mtc_config_hash(f->config.tree, f->arena, &hash, NULL), MTC_OK);
    assert_int_equal(read_config(f, HEAD "models: {a: {preset: linear}}\n"), MTC_OK);
    assert_int_equal(mtc_config_hash(f->config.tree, f->arena, &again, NULL), MTC_OK);
    assert_true(hash == again); /* title and threads change no number */
    assert_int_equal(read_config(f, HEAD "models: {a: {preset: klein}}\n"), MTC_OK);
    assert_int_equal(mtc_config_hash(f->config.tree, f->arena, &other, NULL), MTC_OK);
    assert_true(other != again);
    assert_int_equal(read_config(f, "models: {a: {preset: klein}}\n" HEAD), MTC_OK);
    assert_int_equal(mtc_config_hash(f->config.tree, f->arena, &hash, NULL), MTC_OK);
    assert_true(hash == other); /* nor does the order of keys */
}

static void test_fill(void **state)
{
    fixture *const f = *state;
    const mtc_spec *filled = NULL, *without = NULL;
    assert_int_equal(mtc_spec_fill(NULL, settings_keys, f->arena, &filled, NULL), MTC_OK);
    assert_string_equal(mtc_spec_find(filled, "detection_diameter")->text, "10 mm");
    assert_int_equal(mtc_spec_without(filled, "detection_diameter", f->arena, &without, NULL), MTC_OK);
    assert_int_equal(without->n, 0);
    assert_int_equal(filled->n, 1); /* trees are never changed */
    const mtc_spec *scalar = NULL, *bad = NULL;
    assert_int_equal(mtc_spec_scalar("x", NULL, f->arena, &scalar, NULL), MTC_OK);
    assert_int_equal(mtc_spec_with(scalar, "k", NULL, scalar, f->arena, &bad, NULL), MTC_EDOMAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_presets_apply_from_left_to_right, setup, teardown),
        cmocka_unit_test_setup_teardown(test_check_takes_what_the_models_share, setup, teardown),
        cmocka_unit_test_setup_teardown(test_set, setup, teardown),
        cmocka_unit_test_setup_teardown(test_set_mistakes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_errors_are_reported_together, setup, teardown),
        cmocka_unit_test_setup_teardown(test_prior_odds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whole_file_mistakes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_expanded_tree_reads_as_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fill, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
