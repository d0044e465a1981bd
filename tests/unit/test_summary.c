/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo_result.h"
#include "mtc_summary.h"
#include "test_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mtc_result *make(unsigned flags)
{
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(demo_result(flags, &r, &err), MTC_OK);
    return r;
}

static void text_of(const mtc_result *r, char **text, size_t *n)
{
    mtc_err err = MTC_ERR_INIT;
    if (mtc_summary_format(r, text, n, &err) != MTC_OK) {
        fail_msg("%s", err.message);
    }
}

static mtc_result *parse(const char *text, size_t n)
{
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    if (mtc_summary_parse(text, n, "summary.json", &r, &err) != MTC_OK) {
        fail_msg("%s", err.message);
    }
    return r;
}

/** Catches a key that is written and not read, or the other way round: the second text must equal the first. */
static void test_round_trip_text(void **state)
{
    (void)state;
    static const unsigned kinds[] = {
        DEMO_PLAIN, DEMO_HOSTILE, DEMO_UNRELIABLE | DEMO_MISFIT, DEMO_FIT, DEMO_THREE | DEMO_INDIVIDUAL, DEMO_BARE};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n = 0, n_again = 0;
        mtc_result *r = make(kinds[i]);
        char *text = NULL;
        text_of(r, &text, &n);
        mtc_result *back = parse(text, n);
        char *again = NULL;
        text_of(back, &again, &n_again);
        assert_int_equal(n, n_again);
        assert_string_equal(text, again);
        mtc_result_destroy(r);
        mtc_result_destroy(back);
        mtc_free(text);
        mtc_free(again);
    }
}

/** Catches values that are lost on the way in both directions, and lists that get each other's lengths. */
static void test_round_trip_values(void **state)
{
    (void)state;
    size_t n = 0;
    mtc_result *r = make(DEMO_UNRELIABLE | DEMO_MISFIT);
    char *text = NULL;
    text_of(r, &text, &n);
    mtc_result *back = parse(text, n);

    assert_string_equal(back->run.title, r->run.title);
    assert_true(back->run.seed == 20260722);
    assert_int_equal(back->n_source, 2);
    assert_int_equal(back->source[0].n_fact, 7);
    assert_int_equal(back->source[1].n_fact, 2);
    assert_int_equal(back->source[0].n_filtered, 1546);
    assert_int_equal(back->n_model, 3);
    const mtc_result_model *m = mtc_result_find_model(back, "parallel");
    assert_non_null(m);
    assert_true(m->in_comparison && !back->model[2].in_comparison);
    assert_int_equal(m->n_param, 11);
    assert_int_equal(m->n_posterior, 10);
    assert_int_equal(m->map.n_parameter, 10);
    assert_int_equal(m->n_derived, 1);
    const mtc_result_param *p = mtc_result_find_param(m, "seeding_diameter_mm");
    assert_non_null(p);
    assert_int_equal(p->n_grid, 81);
    const mtc_result_param *q = mtc_result_find_param(&r->model[1], "seeding_diameter_mm");
    assert_memory_equal(p->grid, q->grid, 81 * sizeof *p->grid);
    assert_memory_equal(p->posterior_density, q->posterior_density, 81 * sizeof *p->grid);
    assert_true(m->param[10].is_fixed && m->param[10].fixed_value == 41.5 && isnan(m->param[10].conflict_z));
    assert_true(m->evidence.value == r->model[1].evidence.value && !m->evidence.reliable);
    assert_int_equal(m->evidence.n_reason, 2);
    assert_int_equal(m->evidence.n_estimator, 3);
    assert_true(isnan(m->evidence.estimator[2].se) && isnan(m->evidence.estimator[0].k_hat));
    assert_true(m->evidence.estimator[1].k_hat == 0.83);
    assert_int_equal(m->seeding.distribution[1].n_edge, 31);
    assert_memory_equal(m->seeding.distribution[1].share, r->model[1].seeding.distribution[1].share,
                        30 * sizeof(double));
    assert_non_null(mtc_result_find_share(m, "all_below_10_mm"));
    assert_int_equal(back->n_display, 5);
    assert_int_equal(back->display[1].n_obs, 190);
    assert_int_equal(back->display[1].prediction[2].n_x, 61);
    assert_null(back->display[1].obs_label);
    assert_null(back->display[3].obs_n_at_risk);
    assert_string_equal(back->display[3].obs_label[4], "Ryu 2014, max");
    assert_int_equal(back->comparison.n_by_source, 2);
    assert_true(back->comparison.n_pair >= 1 && back->comparison.pair[0].log_bayes_factor == 3.63);
    assert_string_equal(back->comparison.pair[0].denominator, "linear");
    assert_true(back->comparison.elpd_loo_difference == 3.0 && back->comparison.elpd_loo_difference_se == 1.3);
    assert_true(m->predictive.is_present && m->predictive.n_unit == 1440 && m->predictive.n_k_hat_high == 2);
    assert_true(m->predictive.elpd_loo == r->model[1].predictive.elpd_loo && m->predictive.p_waic == 9.4);
    assert_string_equal(m->predictive.worst_unit, "rotterdam, row 1507");
    assert_true(back->all_misfit && back->n_misfit == 1 && back->n_warning == 1);
    assert_true(back->cost.likelihood_calls == 324117 && back->cost.gradient_calls == 5120);
    mtc_result_destroy(r);
    mtc_result_destroy(back);
    mtc_free(text);
}

/** Catches Jansson's silent dropping of NaN: the key must stay, as null, with its reason, and come back as it was. */
static void test_not_finite(void **state)
{
    (void)state;
    size_t n = 0;
    mtc_result *r = make(DEMO_PLAIN);
    r->model[0].evidence.value = -INFINITY;
    r->model[0].map.log_prior = INFINITY;
    r->model[0].map.parameter[3].value = NAN;
    r->model[0].param[0].prior_density[7] = NAN;
    char *text = NULL;
    text_of(r, &text, &n);
    assert_non_null(strstr(text, "\"value\": null,\n        \"value_reason\": \"minus infinite\""));
    assert_non_null(strstr(text, "\"growth_ratio_log_sd_reason\": \"not available\""));
    mtc_result *back = parse(text, n);
    assert_true(back->model[0].evidence.value < -DBL_MAX);
    assert_true(back->model[0].map.log_prior > DBL_MAX);
    assert_int_equal(back->model[0].map.n_parameter, 10);
    assert_true(isnan(back->model[0].map.parameter[3].value));
    assert_true(isnan(back->model[0].param[0].prior_density[7]));
    mtc_result_destroy(r);
    mtc_result_destroy(back);
    mtc_free(text);
}

/** The keys that interface.md promises, at the places it promises. */
static void test_promised_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {"\"metachron\": \"0.1.0\"",
                                       "\"schema\": 1",
                                       "\"seed\": 20260722",
                                       "\"config_hash\": ",
                                       "\"data_hash\": ",
                                       "\"log_evidence\": {",
                                       "\"route\": \"fast\"",
                                       "\"estimators\": [",
                                       "\"likelihood_calls\": ",
                                       "\"map\": {",
                                       "\"log_posterior\": ",
                                       "\"parameters\": {",
                                       "\"posterior\": {",
                                       "\"seeding_diameter_mm\": {",
                                       "\"rhat\": ",
                                       "\"ess_bulk\": ",
                                       "\"ess_tail\": ",
                                       "\"mcse_mean\": ",
                                       "\"converged\": true",
                                       "\"numerator\": \"parallel\"",
                                       "\"log_bayes_factor\": 3.6299999999999999",
                                       "\"log_bayes_factor_se\": ",
                                       "\"posterior_probability\": {",
                                       "\"by_source\": {",
                                       "\"gradient_calls\": 5120",
                                       "\"smc_alarm\": \"not run\""};
    size_t n = 0;
    mtc_result *r = make(DEMO_PLAIN);
    char *text = NULL;
    text_of(r, &text, &n);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strstr(text, keys[i]) == NULL) {
            fail_msg("summary.json lacks %s", keys[i]);
        }
    }
    mtc_result_destroy(r);
    mtc_free(text);
}

/** A copy of text in which the first `from` is `to`; release with free. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    const size_t head = strlen(text) - strlen(at);
    char *copy = calloc(strlen(text) + strlen(to) + 1, 1);
    assert_non_null(copy);
    memcpy(copy, text, head);
    strcpy(copy + head, to);
    strcat(copy, at + strlen(from));
    return copy;
}

/** With the first `from` replaced by `to` the parser must refuse and name the place. */
static void refuses(const char *from, const char *to, const char *message)
{
    size_t n = 0;
    mtc_result *r = make(DEMO_PLAIN), *back = NULL;
    mtc_err err = MTC_ERR_INIT;
    char *text = NULL;
    text_of(r, &text, &n);
    char *bad = replaced(text, from, to);

    assert_int_equal(mtc_summary_parse(bad, strlen(bad), "out/summary.json", &back, &err), MTC_EDATA);
    assert_null(back);
    if (strstr(err.message, message) == NULL) {
        fail_msg("got: %s", err.message);
    }
    assert_string_equal(err.file, "out/summary.json");
    free(bad);
    mtc_free(text);
    mtc_result_destroy(r);
}

static void test_refusals(void **state)
{
    (void)state;
    refuses("\"schema\": 1", "\"schema\": 2", "schema is the layout of another version");
    refuses("\"seed\": 20260722", "\"seed\": -1", "seed must be a whole number");
    refuses("\"seed\": 20260722", "\"seeds\": 1", "seed is missing");
    refuses("\"log_bayes_factor\": 3.6299999999999999", "\"log_bayes_factor\": \"3\"",
            "comparison.log_bayes_factor must be a number or null");
    refuses("\"in_comparison\": true", "\"in_comparison\": 1", "models.linear.in_comparison must be true or false");
    refuses("\"misfit\": []", "\"misfit\": {}", "misfit must be a list");
    refuses("\"name\": \"target_se\"", "\"name\": 4", "settings.2.name must be a text");
    refuses("\"title\": ", "\"title\"  ", "not valid JSON");
    refuses("\"privacy\": \"aggregate\"", "\"seed\": 1", "not valid JSON");
    refuses("\"median\": [", "\"median\": [0.5, ", "displays.0.predictions.0.q05 does not have the length");
    refuses("\"observed_x\": [", "\"observed_x\": [true, ", "displays.0.observed_x must hold numbers");
}

/** Text that is not UTF-8 and names that meet are reported, not dropped. */
static void test_format_errors(void **state)
{
    (void)state;
    mtc_err err = MTC_ERR_INIT;
    char *text = NULL;
    size_t n = 0;
    mtc_result *r = make(DEMO_PLAIN);

    r->run.title = "caf\xe9";
    assert_int_equal(mtc_summary_format(r, &text, &n, &err), MTC_EDATA);
    assert_null(text);
    r->run.title = NULL;
    r->model[1].name = "linear";
    assert_int_equal(mtc_summary_format(r, &text, &n, &err), MTC_EBUG);
    r->model[1].name = "parallel";
    r->run.seed = UINT64_MAX;
    assert_int_equal(mtc_summary_format(r, &text, &n, &err), MTC_EDOMAIN);
    r->run.seed = 1;
    r->model[0].posterior = NULL;
    assert_int_equal(mtc_summary_format(r, &text, &n, &err), MTC_EBUG);
    assert_int_equal(mtc_summary_format(NULL, &text, &n, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_summary_parse(NULL, 0, "x", &r, &err), MTC_EDOMAIN);
    mtc_result_destroy(r);
}

/** Allocation k fails, for k = 1, 2, ..., in both directions; Jansson's own memory is not ours to fail. */
static void test_no_memory(void **state)
{
    (void)state;
    size_t n = 0;
    mtc_result *r = make(DEMO_BARE);
    char *text = NULL;
    text_of(r, &text, &n);
    mtc_status st = MTC_ENOMEM;
    for (size_t k = 1; st != MTC_OK; k++) {
        mtc_result *back = NULL;
        test_alloc_start(k);
        st = mtc_summary_parse(text, n, "summary.json", &back, NULL);
        assert_true(st == MTC_OK ? back != NULL : st == MTC_ENOMEM && back == NULL);
        mtc_result_destroy(back);
        assert_int_equal(test_alloc_stop(), 0);
    }
    char *again = NULL;
    size_t n_again = 0;
    test_alloc_start(1);
    assert_int_equal(mtc_summary_format(r, &again, &n_again, NULL), MTC_ENOMEM);
    assert_null(again);
    assert_int_equal(test_alloc_stop(), 0);
    mtc_free(text);
    mtc_result_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip_text), cmocka_unit_test(test_round_trip_values),
        cmocka_unit_test(test_not_finite),      cmocka_unit_test(test_promised_keys),
        cmocka_unit_test(test_refusals),        cmocka_unit_test(test_format_errors),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
