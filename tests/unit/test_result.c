/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

static mtc_result *make(unsigned flags)
{
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(demo_result(flags, &r, &err), MTC_OK);
    return r;
}

static void test_empty(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_result_create(NULL, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_result_create(&r, &err), MTC_OK);
    assert_true(isnan(r->comparison.log_bayes_factor) && isnan(r->comparison.turning_odds));
    assert_false(r->comparison.is_present);
    assert_null(mtc_result_find_model(r, "linear"));
    assert_int_equal(mtc_result_redact(r, &err), MTC_OK);
    mtc_result_destroy(r);
    mtc_result_destroy(NULL);
}

static void test_copies(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    char word[] = "growth";
    const double x[3] = {2.385, -1.7, 0.4};
    const char *text = word;
    double *copy = NULL;

    assert_int_equal(mtc_result_create(&r, &err), MTC_OK);
    assert_int_equal(mtc_result_text(r, word, &text, &err), MTC_OK);
    word[0] = 'x';
    assert_string_equal(text, "growth");
    assert_int_equal(mtc_result_text(r, NULL, &text, &err), MTC_OK);
    assert_null(text);
    assert_int_equal(mtc_result_doubles(r, x, 3, &copy, &err), MTC_OK);
    assert_memory_equal(copy, x, sizeof x);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(mtc_result_sentence(r, &r->warning, &r->n_warning, &err, "number %d of %s", i, "seven"),
                         MTC_OK);
    }
    assert_int_equal(r->n_warning, 7);
    assert_string_equal(r->warning[0], "number 0 of seven");
    assert_string_equal(r->warning[6], "number 6 of seven");
    mtc_result_destroy(r);
}

static void test_finders(void **state)
{
    (void)state;
    mtc_result *r = make(DEMO_PLAIN);
    const mtc_result_model *m = mtc_result_find_model(r, "parallel");
    assert_ptr_equal(m, &r->model[1]);
    assert_ptr_equal(mtc_result_find_param(m, "growth_ratio"), &m->param[2]);
    assert_ptr_equal(mtc_result_find_posterior(m, "growth_ratio"), &m->posterior[2]);
    assert_ptr_equal(mtc_result_find_distribution(m, "all_diameter_mm"), &m->seeding.distribution[2]);
    assert_ptr_equal(mtc_result_find_share(m, "all_below_5_mm"), &m->seeding.share[2]);
    assert_null(mtc_result_find_model(r, NULL));
    assert_null(mtc_result_find_param(m, "growth"));
    assert_null(mtc_result_find_posterior(m, "plateau_log2_cells"));
    mtc_result_destroy(r);
}

/** Catches a count of 3 that is printed, and event times of single patients that leave the program. */
static void test_redact_hides(void **state)
{
    (void)state;
    mtc_result *r = make(DEMO_PLAIN);
    mtc_err err = MTC_ERR_INIT;
    const double patients_own_time = r->display[0].obs_x[0];

    r->model[0].quantity[0].is_count = true;
    r->model[0].quantity[0].observed = 4.0;
    r->model[0].quantity[1].is_count = true;
    r->model[0].quantity[1].observed = 5.0;
    assert_int_equal(mtc_result_redact(r, &err), MTC_OK);
    assert_int_equal(mtc_result_redact(r, &err), MTC_OK);
    assert_true(r->source[0].fact[6].is_hidden && isnan(r->source[0].fact[6].value));
    assert_true(!r->source[0].fact[0].is_hidden && r->source[0].fact[0].value == 1436.0);
    assert_true(!r->source[0].fact[2].is_hidden); /* 9.3 years is no count */
    assert_string_equal(r->model[0].predictive.worst_unit, "rotterdam");
    assert_true(r->model[0].quantity[0].is_hidden && !r->model[0].quantity[1].is_hidden);
    for (size_t k = 0; k < 3; k++) {
        const mtc_result_display *d = &r->display[k];
        assert_true(d->n_obs > 0 && d->n_obs <= d->n_x);
        for (size_t i = 0; i < d->n_obs; i++) {
            assert_true(d->obs_x[i] == d->x[i] && d->obs_n_at_risk[i] >= 5.0);
            assert_true(d->obs_x[i] != patients_own_time);
        }
    }
    assert_true(r->display[0].obs_y[0] == 1.0); /* before the first event a survival curve is 1 */
    assert_int_equal(r->display[3].n_obs, 5);   /* published summaries are nobody's patient row */
    mtc_result_destroy(r);
}

/** Catches a curve read one step too late: at grid time x the value is that of the last event at or before x. */
static void test_redact_value(void **state)
{
    (void)state;
    mtc_result *r = make(DEMO_PLAIN);
    mtc_err err = MTC_ERR_INIT;
    mtc_result_display *d = &r->display[0];
    double want = 1.0;

    d->obs_x[11] = d->x[4]; /* one event exactly on the grid, order kept */
    for (size_t i = 0; i < d->n_obs; i++) {
        want = d->obs_x[i] <= d->x[4] ? d->obs_y[i] : want;
    }
    assert_int_equal(mtc_result_redact(r, &err), MTC_OK);
    assert_true(d->obs_y[4] == want);
    mtc_result_destroy(r);
}

static void test_redact_individual(void **state)
{
    (void)state;
    mtc_result *r = make(DEMO_INDIVIDUAL);
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_result_redact(r, &err), MTC_OK);
    assert_int_equal(r->display[0].n_obs, 171);
    assert_true(r->source[0].fact[6].value == 3.0);
    mtc_result_destroy(r);
}

/** Fewer than five patients: no curve at all. */
static void test_redact_tiny_class(void **state)
{
    (void)state;
    mtc_result *r = make(DEMO_PLAIN);
    mtc_err err = MTC_ERR_INIT;
    for (size_t i = 0; i < r->display[2].n_obs; i++) {
        r->display[2].obs_n_at_risk[i] = 4.0;
    }
    assert_int_equal(mtc_result_redact(r, &err), MTC_OK);
    assert_int_equal(r->display[2].n_obs, 0);
    mtc_result_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_finders),
        cmocka_unit_test(test_redact_hides),
        cmocka_unit_test(test_redact_value),
        cmocka_unit_test(test_redact_individual),
        cmocka_unit_test(test_redact_tiny_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
