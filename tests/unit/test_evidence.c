/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdict rule, settings, routes. Accuracy over many seeds is in tests/statistical/test_evidence_law.c. */
#include "mtc_evidence.h"
#include "route_internal.h"
#include "test_near.h"
#include "test_targets.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- verdict ---- */

/* An attempt with two sound estimates that differ by `off`, each with standard error `se`. */
static mtc_evidence_attempt attempt(double off, double se)
{
    mtc_evidence_attempt a = {.route = "fast", .effort = 1, .converged = true, .n_estimate = 2};
    a.estimate[0] = (mtc_estimate){.name = "primary", .has_value = true, .log_evidence = -7.3, .se = se};
    a.estimate[1] = (mtc_estimate){.name = "second", .has_value = true, .log_evidence = -7.3 + off, .se = se};
    return a;
}

static bool verdict(mtc_evidence_attempt *a, double *early)
{
    mtc_verdict(a, 0.05, early);
    assert_true(a->reliable == (a->reasons.n == 0));
    return a->reliable;
}

static void agreement_is_reliable(void **state)
{
    (void)state;
    double early = 0.0;
    mtc_evidence_attempt a = attempt(0.08, 0.02); /* limit: 3 x 0.0283 = 0.085 */
    assert_true(verdict(&a, &early));
    a = attempt(-0.019, 1e-5); /* many standard errors, but below the floor */
    assert_true(verdict(&a, &early));
    assert_true(early < 5.0);
}

static void disagreement_is_not(void **state)
{
    (void)state;
    double early = 0.0;
    mtc_evidence_attempt a = attempt(-0.09, 0.02);
    assert_false(verdict(&a, &early));
    assert_non_null(strstr(a.reasons.text[0], "differ by 0.090"));
    assert_near(early, 0.09 / (0.02 * sqrt(2.0)), 1e-9);
    a = attempt(0.01, 0.02); /* below 5 standard errors then: forgiven now */
    assert_true(verdict(&a, &early));
}

/* A draft's correction is common to both estimates: its error is no excuse for their difference. */
static void shared_errors_do_not_excuse(void **state)
{
    (void)state;
    double early = 0.0;
    mtc_evidence_attempt a = attempt(0.08, 0.03);
    assert_true(verdict(&a, &early));
    a = attempt(0.08, 0.03);
    a.drafted = true;
    a.draft_se = 0.02;
    a.estimate[0].own_se = a.estimate[1].own_se = 0.01;
    assert_false(verdict(&a, &early));
    assert_near(early, 0.08 / (0.01 * sqrt(2.0)), 1e-9);
}

static void five_standard_errors_are_never_forgiven(void **state)
{
    (void)state;
    double early = 0.0;
    mtc_evidence_attempt a = attempt(0.15, 0.02);
    assert_false(verdict(&a, &early));
    a = attempt(0.001, 0.02);
    assert_false(verdict(&a, &early));
    assert_non_null(strstr(a.reasons.text[0], "does not undo"));
}

static void disagreement_of_unsound_estimates_is_not_held_against_them(void **state)
{
    (void)state;
    double early = 0.0;
    mtc_evidence_attempt a = attempt(2.0, 0.02);
    a.converged = false;
    mtc_reasons_add(&a.reasons, "chains: %s", "stuck");
    assert_false(verdict(&a, &early));
    a = attempt(2.0, 0.02);
    a.estimate[1].weak = true;
    assert_false(verdict(&a, &early));
    assert_near(early, 0.0, 0.0);
    a = attempt(0.0, 0.02);
    assert_true(verdict(&a, &early));
}

static void large_errors_and_missing_numbers(void **state)
{
    (void)state;
    double early = 0.0;
    mtc_evidence_attempt a = attempt(0.0, 0.0501);
    assert_false(verdict(&a, &early));
    assert_int_equal(a.reasons.n, 2);
    a = attempt(0.0, 0.0499);
    assert_true(verdict(&a, &early));
    a = attempt(0.0, 0.01);
    a.estimate[0].has_value = false;
    strcpy(a.estimate[0].note, "the bridge has not converged: no number");
    assert_false(verdict(&a, &early));
    assert_non_null(strstr(a.reasons.text[0], "not converged"));
}

static void reasons_do_not_overflow(void **state)
{
    (void)state;
    mtc_reasons reasons = {0};
    char text[600];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < MTC_EVIDENCE_REASONS + 3; i++) {
        mtc_reasons_add(&reasons, "%s", text);
    }
    assert_int_equal(reasons.n, MTC_EVIDENCE_REASONS);
    assert_int_equal(strlen(reasons.text[0]), sizeof reasons.text[0] - 1);
}

/* ---- settings ---- */

static void defaults_without_a_map(void **state)
{
    (void)state;
    const mtc_evidence_settings want = MTC_EVIDENCE_INIT;
    mtc_evidence_settings s;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_evidence_read(NULL, &s, &errors), MTC_OK);
    assert_int_equal(s.route, want.route);
    assert_near(s.target_se, want.target_se, 0.0);
    assert_int_equal(s.max_escalations, want.max_escalations);
    assert_int_equal(s.independence_draws, want.independence_draws);
    assert_int_equal(errors.n, 0);
}

/* A map of scalars; placed by the caller. */
typedef struct {
    mtc_spec value[4], map;
    const mtc_spec *item[4];
    const char *key[4];
    mtc_pos key_pos[4];
} small_map;

static void fill(small_map *m, size_t n, const char *const *key, const char *const *text)
{
    memset(m, 0, sizeof *m);
    for (size_t i = 0; i < n; i++) {
        const mtc_pos pos = {"fit.yaml", (long)i + 2, 5};
        m->value[i] = (mtc_spec){.kind = MTC_SPEC_SCALAR, .pos = pos, .text = text[i]};
        m->item[i] = &m->value[i];
        m->key[i] = key[i];
        m->key_pos[i] = pos;
    }
    m->map = (mtc_spec){.kind = MTC_SPEC_MAP, .n = n, .item = m->item, .key = m->key, .key_pos = m->key_pos};
}

static void a_map_is_read(void **state)
{
    (void)state;
    const char *const key[] = {"route", "target_se", "importance_draws", "bridge_draws"};
    const char *const text[] = {"full", "0.03", "5000", "900"};
    small_map m;
    mtc_evidence_settings s;
    mtc_estimator e = {0};
    mtc_errlist errors = MTC_ERRLIST_INIT;
    fill(&m, 4, key, text);
    assert_int_equal(mtc_evidence_read(&m.map, &s, &errors), MTC_OK);
    assert_int_equal(s.route, MTC_ROUTE_FULL);
    assert_near(s.target_se, 0.03, 1e-15);
    assert_int_equal(mtc_estimator_init(&e, &mtc_estimator_importance, s.spec, &errors, NULL), MTC_OK);
    assert_int_equal(((const mtc_importance *)e.self)->max_draws, 5000);
    mtc_estimator_fini(&e);
    assert_int_equal(mtc_estimator_init(&e, &mtc_estimator_warp3, s.spec, &errors, NULL), MTC_OK);
    assert_int_equal(((const mtc_warp3 *)e.self)->max_draws, 900);
    mtc_estimator_fini(&e);
    assert_int_equal(errors.n, 0);
}

static void mistakes_are_reported_with_their_place(void **state)
{
    (void)state;
    const char *const key[] = {"rout", "target_se", "max_escalations"};
    const char *const text[] = {"full", "-1", "many"};
    small_map m;
    mtc_evidence_settings s;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    fill(&m, 3, key, text);
    assert_int_equal(mtc_evidence_read(&m.map, &s, &errors), MTC_ECONFIG);
    assert_int_equal(errors.n, 3);
    assert_int_equal(errors.item[0].line, 2);
    assert_non_null(strstr(errors.item[0].hint, "route"));
    mtc_errlist_fini(&errors);
}

/* ---- routes ---- */

static mtc_evidence run(const mtc_target *target, const mtc_evidence_settings *settings, size_t n_thread)
{
    mtc_evidence ev;
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_exec_create(n_thread, &exec, NULL), MTC_OK);
    const mtc_status st = mtc_evidence_run(target, NULL, settings, 4, exec, &ev, &err);
    if (st != MTC_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(st, MTC_OK);
    mtc_exec_destroy(exec);
    return ev;
}

static void fast_route_on_a_normal(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(2, 0.4);
    const mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    mtc_evidence ev = run(&t->target, &settings, 1);
    assert_true(ev.reliable && ev.has_value);
    assert_int_equal(ev.n_attempt, 1);
    assert_string_equal(ev.route, "fast");
    assert_string_equal(ev.smc_alarm, "not run");
    assert_near(ev.log_evidence, t->log_evidence, fmax(5.0 * ev.se, 0.005));
    const mtc_evidence_attempt *a = &ev.attempt[0];
    assert_int_equal(a->n_estimate, 3);
    assert_string_equal(a->estimate[0].name, "warp3_bridge");
    assert_string_equal(a->estimate[1].name, "importance_sampling");
    assert_string_equal(a->estimate[2].name, "laplace");
    assert_true(a->estimate[2].weak); /* shown, never trusted */
    assert_near(ev.log_evidence, a->estimate[0].log_evidence, 0.0);
    assert_int_equal(ev.chains.n_chain, 4);
    assert_int_equal(ev.chains.n_draw, settings.independence_draws);
    assert_true(ev.diagnosis.converged);
    assert_true(ev.n_value > a->estimate[0].n_value + a->estimate[1].n_value + ev.chains.n_value);
    assert_true(ev.n_value < 30000);
    mtc_evidence_fini(&ev);
    mtc_evidence_fini(&ev);
    mtc_evidence_fini(NULL);
    test_target_free(t);
}

static void full_route_on_a_normal(void **state)
{
    (void)state;
    test_target *t = test_target_conjugate_normal();
    mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    settings.route = MTC_ROUTE_FULL;
    mtc_evidence ev = run(&t->target, &settings, 1);
    assert_true(ev.reliable);
    assert_string_equal(ev.route, "full");
    assert_near(ev.log_evidence, t->log_evidence, fmax(5.0 * ev.se, 0.005));
    assert_true(ev.n_gradient > ev.chains.n_gradient);
    mtc_evidence_fini(&ev);
    settings.spec = NULL;
    test_target_drop_gradient(t);
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    assert_int_equal(mtc_evidence_run(&t->target, NULL, &settings, 4, exec, &ev, &err), MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "gradient"));
    mtc_exec_destroy(exec);
    test_target_free(t);
}

/* An impossible target of the standard error: escalated, both routes tried, all attempts kept, a number all the same.
 */
static void unreliable_is_a_result(void **state)
{
    (void)state;
    test_target *t = test_target_conjugate_normal();
    mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    settings.target_se = 1e-6;
    settings.max_escalations = 1;
    settings.sampler.n_draw = 500;
    mtc_evidence ev = run(&t->target, &settings, 1);
    assert_false(ev.reliable);
    assert_true(ev.has_value);
    assert_int_equal(ev.n_attempt, 4);
    assert_string_equal(ev.attempt[0].route, "fast");
    assert_int_equal(ev.attempt[1].effort, 2);
    assert_string_equal(ev.attempt[3].route, "full");
    assert_true(ev.reasons.n > 0);
    assert_non_null(strstr(ev.reasons.text[0], "standard error"));
    assert_true(ev.attempt[1].estimate[0].n_value > ev.attempt[0].estimate[0].n_value); /* earlier draws are kept */
    assert_near(ev.log_evidence, t->log_evidence, 0.01);
    mtc_evidence_fini(&ev);
    test_target_free(t);
}

static mtc_status fixed_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    (void)ws;
    (void)x;
    (void)err;
    *point = (mtc_point){.log_likelihood = *(const double *)self};
    return MTC_OK;
}

static void no_free_parameter_is_exact(void **state)
{
    (void)state;
    test_target *t = test_target_conjugate_normal();
    double log_likelihood = -123.456;
    mtc_target fixed = t->target;
    const mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    fixed.name = "fixed";
    fixed.n_dim = 0;
    fixed.self = &log_likelihood;
    fixed.eval = fixed_eval;
    mtc_evidence ev = run(&fixed, &settings, 1);
    assert_true(ev.reliable);
    assert_near(ev.log_evidence, -123.456, 0.0);
    assert_near(ev.se, 0.0, 0.0);
    assert_string_equal(ev.route, "exact");
    assert_int_equal(ev.chains.n_chain, 0);
    assert_int_equal(ev.n_value, 1);
    mtc_evidence_fini(&ev);
    log_likelihood = -HUGE_VAL;
    ev = run(&fixed, &settings, 1);
    assert_false(ev.reliable);
    assert_false(ev.has_value);
    assert_non_null(strstr(ev.reasons.text[0], "zero"));
    mtc_evidence_fini(&ev);
    test_target_free(t);
}

static void one_and_two_threads_give_the_same_bytes(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    const mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    mtc_evidence one = run(&t->target, &settings, 1), two = run(&t->target, &settings, 2);
    const size_t n = one.chains.n_chain * one.chains.n_draw;
    assert_memory_equal(&one.log_evidence, &two.log_evidence, sizeof one.log_evidence);
    assert_memory_equal(&one.se, &two.se, sizeof one.se);
    assert_int_equal(one.n_attempt, two.n_attempt);
    for (size_t e = 0; e < 3; e++) {
        const mtc_estimate *a = &one.attempt[one.n_attempt - 1].estimate[e];
        const mtc_estimate *b = &two.attempt[two.n_attempt - 1].estimate[e];
        assert_memory_equal(&a->log_evidence, &b->log_evidence, sizeof a->log_evidence);
        assert_memory_equal(&a->k_hat, &b->k_hat, sizeof a->k_hat);
        assert_int_equal(a->n_value, b->n_value);
    }
    assert_int_equal(two.chains.n_draw, one.chains.n_draw);
    assert_memory_equal(one.chains.x, two.chains.x, n * one.chains.n_dim * sizeof *one.chains.x);
    assert_memory_equal(one.chains.stat, two.chains.stat, MTC_STAT_COUNT * n * sizeof *one.chains.stat);
    assert_int_equal(one.n_value, two.n_value);
    mtc_evidence_fini(&one);
    mtc_evidence_fini(&two);
    test_target_free(t);
}

static void bad_settings(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    mtc_evidence ev;
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    settings.sampler.n_chain = 3;
    assert_int_equal(mtc_evidence_run(&t->target, NULL, &settings, 4, exec, &ev, &err), MTC_EDOMAIN);
    settings.sampler.n_chain = 4;
    settings.target_se = 0.0;
    assert_int_equal(mtc_evidence_run(&t->target, NULL, &settings, 4, exec, &ev, &err), MTC_EDOMAIN);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

static int quiet(void **state)
{
    (void)state;
    gsl_set_error_handler_off();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreement_is_reliable),
        cmocka_unit_test(disagreement_is_not),
        cmocka_unit_test(shared_errors_do_not_excuse),
        cmocka_unit_test(five_standard_errors_are_never_forgiven),
        cmocka_unit_test(disagreement_of_unsound_estimates_is_not_held_against_them),
        cmocka_unit_test(large_errors_and_missing_numbers),
        cmocka_unit_test(reasons_do_not_overflow),
        cmocka_unit_test(defaults_without_a_map),
        cmocka_unit_test(a_map_is_read),
        cmocka_unit_test(mistakes_are_reported_with_their_place),
        cmocka_unit_test(fast_route_on_a_normal),
        cmocka_unit_test(full_route_on_a_normal),
        cmocka_unit_test(unreliable_is_a_result),
        cmocka_unit_test(no_free_parameter_is_exact),
        cmocka_unit_test(one_and_two_threads_give_the_same_bytes),
        cmocka_unit_test(bad_settings),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}
