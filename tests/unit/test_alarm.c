/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The alarm for missed modes: chains that know one of two modes end unreliable, chains that know both do not. Catches:
 * an alarm that is always or never silent, one that asks the wrong chains, one whose sentence does not reach the
 * verdict.
 */
#include "alarm_internal.h"
#include "mtc_arena.h"
#include "mtc_rng.h"
#include "test_near.h"
#include "test_targets.h"

#include <gsl/gsl_errno.h>
#include <string.h>

static mtc_evidence run(const test_target *t, const mtc_modes *modes)
{
    mtc_evidence ev;
    mtc_exec *exec = NULL;
    mtc_evidence_settings set = MTC_EVIDENCE_INIT;
    set.with_alarm = true;
    set.route = MTC_ROUTE_FAST;
    assert_int_equal(mtc_exec_create(2, &exec, NULL), MTC_OK);
    assert_int_equal(mtc_evidence_run(&t->target, modes, &set, 4, exec, &ev, NULL), MTC_OK);
    mtc_exec_destroy(exec);
    return ev;
}

static void nothing_is_missed(void **state)
{
    (void)state;
    test_target *const target[] = {test_target_correlated(5, 0.8), test_target_banana(),
                                   test_target_exponential_gamma(), test_target_two_modes(2, 24.0, 0.3)};
    for (size_t k = 0; k < sizeof target / sizeof *target; k++) {
        mtc_evidence ev = run(target[k], NULL);
        const mtc_evidence_attempt *a = &ev.attempt[ev.n_attempt - 1];
        print_message("%s: %s; %.3f +- %.3f, truth %.3f\n", target[k]->target.name, ev.smc_alarm,
                      a->estimate[3].log_evidence, a->estimate[3].se, target[k]->log_evidence);
        assert_string_equal(ev.smc_alarm, "silent");
        assert_true(ev.reliable && a->n_estimate == 4);
        assert_near(a->estimate[3].log_evidence, target[k]->log_evidence, 6.0 * a->estimate[3].se);
        mtc_evidence_fini(&ev);
        test_target_free(target[k]);
    }
}

/* Draws of two modes at -12 and 12 along x0, by hand; both: of the first one alone otherwise. */
static mtc_chains draws_of(bool both)
{
    enum { N_CHAIN = 4, N_DRAW = 500, DIM = 2 };
    mtc_chains c = {.n_chain = N_CHAIN, .n_draw = N_DRAW, .n_dim = DIM};
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(3, "alarm/draws", &rng, NULL), MTC_OK);
    c.x = mtc_calloc((size_t)N_CHAIN * N_DRAW * DIM, sizeof *c.x);
    assert_non_null(c.x);
    for (size_t i = 0; i < (size_t)N_CHAIN * N_DRAW; i++) {
        const double mode = both && mtc_rng_uniform(rng) < 0.7 ? 12.0 : -12.0;
        c.x[i * DIM] = mode + mtc_rng_normal(rng);
        c.x[i * DIM + 1] = mtc_rng_normal(rng);
    }
    gsl_rng_free(rng);
    return c;
}

static void a_missed_mode_is_found(void **state)
{
    (void)state;
    test_target *t = test_target_two_modes(2, 24.0, 0.3);
    mtc_estimator smc = {0};
    mtc_estimate e;
    mtc_exec *exec = NULL;
    char text[320];
    assert_int_equal(mtc_exec_create(2, &exec, NULL), MTC_OK);
    const mtc_estimator_input in = {.target = &t->target, .exec = exec, .seed = 6, .stream = "alarm", .effort = 1};
    assert_int_equal(mtc_estimator_init(&smc, &mtc_estimator_smc, NULL, NULL, NULL), MTC_OK);
    assert_int_equal(mtc_estimator_run(&smc, &in, &e, NULL), MTC_OK);
    for (int both = 0; both < 2; both++) {
        mtc_chains chains = draws_of(both);
        const double value = t->log_evidence + (both ? 0.0 : log(0.3));
        assert_int_equal(
            evidence_alarm(&t->target, &chains, value, 0.01, &e, evidence_smc_result(&smc), text, sizeof text, NULL),
            MTC_OK);
        print_message("%s\n", text);
        assert_int_equal(strncmp(text, both ? "silent" : "raised: ", both ? 7 : 8), 0);
        assert_true(both || strstr(text, "particles lie where no draw"));
        mtc_chains_fini(&chains);
    }
    /* an evidence that is too small, although the chains know all places */
    mtc_chains chains = draws_of(true);
    assert_int_equal(evidence_alarm(&t->target, &chains, t->log_evidence - 2.0, 0.01, &e, evidence_smc_result(&smc),
                                    text, sizeof text, NULL),
                     MTC_OK);
    assert_non_null(strstr(text, "raised: its log evidence is larger"));
    mtc_chains_fini(&chains);
    mtc_estimator_fini(&smc);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_missed), cmocka_unit_test(a_missed_mode_is_found)};
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
