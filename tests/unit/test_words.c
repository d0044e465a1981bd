/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo_result.h"
#include "words_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#define MINUS "\u2212"

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        double x;
        int digits;
        const char *text;
    } table[] = {{1436.0, 3, "1436"},
                 {0.05, 2, "0.050"},
                 {77.04, 3, "77.0"},
                 {-3.5, 2, MINUS "3.5"},
                 {0.0, 3, "0.00"},
                 {0.000123, 2, "0.00012"},
                 {1e30, 2, "1.0e+30"},
                 {-2.5e-7, 2, MINUS "2.5e-07"},
                 {99999.6, 3, "100000"},
                 {NAN, 2, "\u2013"},
                 {-INFINITY, 2, MINUS "infinite"},
                 {INFINITY, 2, "infinite"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_string_equal(word_number(table[i].x, table[i].digits).text, table[i].text);
    }
    assert_string_equal(word_fixed(-0.0001, 2).text, "0.00"); /* no minus before zero */
    assert_string_equal(word_fixed(-2047.314, 2).text, MINUS "2047.31");
    assert_string_equal(word_plain(1.0, 3).text, "1");
    assert_string_equal(word_plain(0.25, 3).text, "0.25");
    assert_string_equal(word_plain(100.0, 3).text, "100");
    assert_string_equal(word_with_se(3.63218, 0.025).text, "3.632");
    assert_string_equal(word_with_se(3.63218, 0.44).text, "3.63");
    assert_string_equal(word_with_se(3.63218, NAN).text, "3.63");
    assert_string_equal(word_with_se(-2047.31, 1e-9).text, MINUS "2047.310");
}

static void test_percent(void **state)
{
    (void)state;
    assert_string_equal(word_percent(0.0).text, "0.0%");
    assert_string_equal(word_percent(0.0004).text, "less than 0.1%");
    assert_string_equal(word_percent(0.0261).text, "2.6%");
    assert_string_equal(word_percent(0.4).text, "40%");
    assert_string_equal(word_percent(0.9739).text, "97.4%");
    assert_string_equal(word_percent(0.99999).text, "more than 99.9%");
    assert_string_equal(word_percent(1.0).text, "100.0%");
    assert_string_equal(word_percent(NAN).text, "\u2013");
    const mtc_result_interval share = {0.24, 0.191, 0.292};
    assert_string_equal(word_percent_interval(share).text, "24% (19% to 29%)");
    const mtc_result_interval years = {2.8, 0.88, 8.9};
    assert_string_equal(word_interval(years, 2).text, "2.8 (0.88 to 8.9)");
}

static void test_factor(void **state)
{
    (void)state;
    assert_string_equal(word_factor(3.63).text, "38");
    assert_string_equal(word_factor(0.0).text, "1.0");
    assert_string_equal(word_factor(-3.63).text, "0.027");
    assert_string_equal(word_factor(50.0).text, "5.2 × 10^21");
    assert_string_equal(word_factor(2000.0).text, "3.9 × 10^868"); /* beyond double */
    assert_string_equal(word_factor(-INFINITY).text, MINUS "infinite");
}

static void test_labels(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    char longer[400];

    assert_int_equal(demo_result(DEMO_PLAIN, &r, &err), MTC_OK);
    assert_string_equal(words_label(r, "linear"), "Linear progression");
    assert_string_equal(words_label(r, "unknown"), "unknown");
    assert_string_equal(words_label_inside(r, "linear").text, "linear progression");
    r->model[0].label = "WHO grade";
    assert_string_equal(words_label_inside(r, "linear").text, "WHO grade");
    memset(longer, 'x', sizeof longer);
    memcpy(longer + 190, "\u03b4", 2); /* the limit falls into this letter */
    longer[399] = '\0';
    r->model[0].label = longer;
    assert_int_equal(strlen(words_label_inside(r, "linear").text), 190);
    assert_string_equal(words_estimator("laplace"), "Laplace approximation");
    assert_string_equal(words_estimator("own"), "own");
    assert_string_equal(words_estimator(NULL), "");
    mtc_result_destroy(r);
}

static void says(void (*write)(const mtc_result *, mtc_buffer *), const mtc_result *r, const char *text)
{
    mtc_buffer b = MTC_BUFFER_INIT;
    write(r, &b);
    if (b.text == NULL || strstr(b.text, text) == NULL) {
        fail_msg("wanted: %s\ngot: %s", text, b.text == NULL ? "" : b.text);
    }
    mtc_buffer_fini(&b);
}

/** Catches a verdict for the wrong model, and a verdict where the number does not carry one. */
static void test_verdicts(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;

    assert_int_equal(demo_result(DEMO_PLAIN, &r, &err), MTC_OK);
    says(words_verdict, r, "favour parallel progression over linear progression");
    says(words_turning, r, "held linear progression to be more than 38 times as probable as parallel progression");
    r->comparison.log_bayes_factor = -4.2;
    r->comparison.words = "strong evidence for linear";
    r->comparison.turning_odds = exp(4.2);
    says(words_verdict, r,
         "favour linear progression over parallel progression: strong evidence for linear. They shift "
         "the odds towards linear progression by a factor of 67");
    says(words_turning, r, "held parallel progression to be more than 67 times as probable as linear progression");
    r->comparison.log_bayes_factor = 0.4;
    r->comparison.words = "not worth more than a bare mention";
    says(words_verdict, r, "do not decide between parallel progression and linear progression: not worth more");
    r->comparison.log_bayes_factor = 1.8;
    r->comparison.log_bayes_factor_se = 1.0;
    r->comparison.words = "positive evidence for parallel";
    says(words_verdict, r, "do not decide between parallel progression and linear progression: which of them is ahead");
    r->comparison.reliable = false;
    says(words_verdict, r, "This answer is NOT reliable. As computed: the data do not decide");
    r->comparison.log_bayes_factor = 3.63;
    r->comparison.log_bayes_factor_se = 0.4;
    says(words_verdict, r, "This answer is NOT reliable. As computed: the data favour parallel progression");
    r->comparison.log_bayes_factor = NAN;
    says(words_verdict, r, "No Bayes factor between");
    r->comparison.is_present = false;
    says(words_verdict, r, "The posterior of 3 models; the models were not compared.");
    r->model[2].diagnostics.converged = false;
    says(words_verdict, r, "NOT converged: 1 of 3.");
    mtc_result_destroy(r);
}

static void model_says(void (*write)(const mtc_result_model *, mtc_buffer *), const mtc_result_model *m,
                       const char *text)
{
    mtc_buffer b = MTC_BUFFER_INIT;
    write(m, &b);
    if (strstr(b.text == NULL ? "" : b.text, text) == NULL) {
        fail_msg("wanted: %s\ngot: %s", text, b.text == NULL ? "" : b.text);
    }
    mtc_buffer_fini(&b);
}

static void test_model_sentences(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_err err = MTC_ERR_INIT;

    assert_int_equal(demo_result(DEMO_PLAIN, &r, &err), MTC_OK);
    mtc_result_model *m = &r->model[1];
    model_says(words_diagnostics, m, "Parallel progression: converged; all 4 checks pass.");
    m->diagnostics.check[2].pass = false;
    model_says(words_diagnostics, m, "converged, though 1 of 4 checks raise an alarm");
    m->diagnostics.converged = false;
    model_says(words_diagnostics, m, "NOT converged; 1 of 4 checks fail");
    model_says(words_evidence, m, "log evidence " MINUS "2043.680, standard error 0.018, fast route, reliable.");
    model_says(words_evidence, m, "Alarm for missed modes: not run.");
    model_says(words_seeding, m, "left 2.8 years before surgery");
    words_check(m, &b);
    assert_null(b.text); /* no posterior mass by region: nothing to say */
    m->param[2].conflict_z = 2.5;
    assert_false(words_conflict(m, &m->param[2], &b));
    m->param[2].conflict_z = -2.6;
    assert_true(words_conflict(m, &m->param[2], &b));
    assert_non_null(strstr(b.text, "2.6 prior standard deviations below"));
    mtc_buffer_fini(&b);
    m->seeding.n_distribution = 0;
    words_seeding(m, &b);
    assert_null(b.text);
    mtc_result_destroy(r);
}

/** Catches a caveat on the wrong kind of data, and one where both kinds are there. */
static void test_data_alone(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;

    assert_int_equal(demo_result(DEMO_PLAIN, &r, &err), MTC_OK);
    assert_in_range(r->n_source, 2, 9);
    assert_null(words_data_alone(r));
    const size_t n_source = r->n_source;
    r->n_source = 1;
    r->source[0].kind = "latency/m1_counts";
    assert_non_null(strstr(words_data_alone(r), "No doubling times were given"));
    r->source[0].kind = "tvdt/summary";
    assert_non_null(strstr(words_data_alone(r), "Only doubling times were given"));
    r->source[0].kind = "own/kind";
    assert_null(words_data_alone(r));
    r->n_source = n_source;
    mtc_result_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),         cmocka_unit_test(test_percent), cmocka_unit_test(test_factor),
        cmocka_unit_test(test_data_alone),      cmocka_unit_test(test_labels),  cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_model_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
