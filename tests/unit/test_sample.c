/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: runs that stop early or pass although chains sit in separate modes, budgets overstepped, counts of dropped
 * rounds lost, settings read wrongly, starts outside the support. */
#include "mtc_arena.h"
#include "mtc_sample.h"
#include "test_near.h"
#include "test_targets.h"

#include <gsl/gsl_errno.h>
#include <string.h>

static mtc_sample sample(const test_target *t, mtc_sampler_settings settings, const mtc_starts *starts, size_t n_thread)
{
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    mtc_sample s;
    assert_int_equal(mtc_exec_create(n_thread, &exec, &err), MTC_OK);
    const mtc_status st = mtc_sample_nuts(exec, &t->target, &settings, starts, 5, &s, &err);
    if (st != MTC_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(st, MTC_OK);
    mtc_exec_destroy(exec);
    return s;
}

/* Start at the mean with the true sds. */
static mtc_starts at_mean(const test_target *t, double *chol)
{
    for (size_t i = 0; i < t->target.n_dim; i++) {
        chol[i * (t->target.n_dim + 1)] = t->sd[i];
    }
    return (mtc_starts){1, t->mean, chol};
}

static void an_easy_target_converges_at_once(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(4, 0.5);
    double chol[16] = {0.0};
    const mtc_starts starts = at_mean(t, chol);
    mtc_sample one = sample(t, (mtc_sampler_settings)MTC_SAMPLER_INIT, &starts, 1);
    mtc_sample two = sample(t, (mtc_sampler_settings)MTC_SAMPLER_INIT, &starts, 2);
    assert_true(one.diagnosis.converged);
    assert_false(one.restarted);
    assert_int_equal(one.n_continued, 0);
    assert_int_equal(one.chains.n_draw, 1000);
    assert_int_equal(one.n_gradient, one.chains.n_gradient);
    assert_true(one.n_value > 0);
    assert_memory_equal(one.chains.x, two.chains.x, 4 * 1000 * 4 * sizeof(double));
    mtc_sample_fini(&one);
    mtc_sample_fini(&two);
    test_target_free(t);
}

static void too_few_draws_are_continued(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    double chol[4] = {0.0};
    const mtc_starts starts = at_mean(t, chol);
    mtc_sampler_settings settings = MTC_SAMPLER_INIT;
    settings.n_draw = 100;
    settings.max_draw = 3200;
    mtc_sample s = sample(t, settings, &starts, 2);
    assert_true(s.n_continued >= 1);
    assert_true(s.diagnosis.converged);
    assert_true(s.chains.n_draw > 100);
    assert_int_equal(s.chains.n_part, s.n_continued + 1);
    mtc_sample_fini(&s);
    settings.max_draw = 150; /* too small a budget: all of it is used, and the verdict says so */
    s = sample(t, settings, &starts, 2);
    assert_false(s.diagnosis.converged);
    assert_int_equal(s.chains.n_draw, 150);
    mtc_sample_fini(&s);
    test_target_free(t);
}

static void separate_modes_do_not_pass(void **state)
{
    (void)state;
    test_target *t = test_target_two_modes(2, 14.0, 0.5);
    const double x[4] = {-7.0, 0.0, 7.0, 0.0};
    const double chol[8] = {1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0};
    const mtc_starts starts = {2, x, chol};
    mtc_sampler_settings settings = MTC_SAMPLER_INIT;
    settings.max_draw = 2000;
    mtc_sample s = sample(t, settings, &starts, 2);
    assert_false(s.diagnosis.converged);
    assert_true(s.restarted);
    assert_int_equal(s.chains.n_draw, 2000);
    assert_true(s.n_gradient > s.chains.n_gradient); /* the dropped round is counted */
    assert_false(s.diagnosis.check[0].pass);
    mtc_sample_fini(&s);
    test_target_free(t);
}

static void odd_arguments(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(2, 0.5);
    double chol[4] = {0.0};
    mtc_starts starts = at_mean(t, chol);
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    mtc_sample s;
    const mtc_sampler_settings settings = MTC_SAMPLER_INIT;
    assert_int_equal(mtc_exec_create(1, &exec, &err), MTC_OK);
    assert_int_equal(mtc_sample_nuts(exec, &t->target, &settings, NULL, 5, &s, &err), MTC_EDOMAIN);
    starts.n_point = 0;
    assert_int_equal(mtc_sample_nuts(exec, &t->target, &settings, &starts, 5, &s, &err), MTC_EDOMAIN);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

/* ---- settings ---- */

enum { N_KEY = 3 };

static mtc_status read_map(const char *const key[N_KEY], const char *const text[N_KEY], mtc_sampler_settings *settings,
                           mtc_errlist *errors)
{
    mtc_spec node[N_KEY];
    const mtc_spec *item[N_KEY];
    mtc_pos pos[N_KEY];
    for (size_t i = 0; i < N_KEY; i++) {
        pos[i] = (mtc_pos){"run.yaml", 10 + (long)i, 3};
        node[i] = (mtc_spec){.kind = MTC_SPEC_SCALAR, .pos = pos[i], .text = text[i]};
        item[i] = &node[i];
    }
    const mtc_spec map = {.kind = MTC_SPEC_MAP, .pos = pos[0], .n = N_KEY, .item = item, .key = key, .key_pos = pos};
    return mtc_sampler_read(settings, &map, errors);
}

static void settings_are_read(void **state)
{
    (void)state;
    const mtc_sampler_settings standard = MTC_SAMPLER_INIT;
    mtc_sampler_settings s = {0};
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_sampler_read(&s, NULL, &errors), MTC_OK);
    assert_int_equal(s.n_chain, standard.n_chain);
    assert_int_equal(s.n_warmup, standard.n_warmup);
    assert_int_equal(s.n_draw, standard.n_draw);
    assert_int_equal(s.max_draw, standard.max_draw);
    assert_int_equal(s.max_tree_depth, standard.max_tree_depth);
    assert_near(s.target_acceptance, standard.target_acceptance, 0.0);

    const char *const key[N_KEY] = {"draws", "target_acceptance", "chains"};
    const char *const text[N_KEY] = {"9000", "0.93", "6"};
    assert_int_equal(read_map(key, text, &s, &errors), MTC_OK);
    assert_int_equal(s.n_chain, 6);
    assert_int_equal(s.n_draw, 9000);
    assert_int_equal(s.max_draw, 9000); /* the default grows with the draws asked for */
    assert_near(s.target_acceptance, 0.93, 0.0);
    assert_int_equal(errors.n, 0);

    const char *const crossed_key[N_KEY] = {"draws", "max_draws", "chains"};
    const char *const crossed[N_KEY] = {"900", "500", "6"};
    assert_int_equal(read_map(crossed_key, crossed, &s, &errors), MTC_ECONFIG);
    assert_int_equal(errors.n, 1);
    assert_int_equal(errors.item[0].line, 11);

    const char *const misspelt[N_KEY] = {"drows", "target_acceptance", "chains"};
    const char *const bad[N_KEY] = {"100", "1.5", "7"};
    assert_int_equal(read_map(misspelt, bad, &s, &errors), MTC_ECONFIG);
    assert_int_equal(errors.n, 3);
    mtc_errlist_fini(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_easy_target_converges_at_once),
        cmocka_unit_test(too_few_draws_are_continued),
        cmocka_unit_test(separate_modes_do_not_pass),
        cmocka_unit_test(odd_arguments),
        cmocka_unit_test(settings_are_read),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
