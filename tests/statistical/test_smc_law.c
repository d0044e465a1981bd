/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sequential Monte Carlo: the evidence of a run is unbiased, and its particles have the posterior's law.
 * - Null: E Z_run = Z; where modes are far apart, the share of particles in one is its weight.
 * - Statistics: (mean of Z_run / Z - 1) over its standard error from 40 runs, 6 targets; the same of the share, 1
 * target.
 * - False alarm: |t_39| > 7 in any of 7 looks: 1.5e-7.
 * - Finds with 99%: a bias of 9 standard errors, 10 to 30%.
 * - Twin: a ladder that ends at 0.9 of the likelihood must fail.
 */
#include "mtc_smc.h"
#include "test_near.h"
#include "test_targets.h"

#include <gsl/gsl_errno.h>
#include <string.h>

enum { N_RUN = 40 };
static const double limit = 7.0;

typedef struct {
    mtc_exec *exec;
    mtc_smc_settings set;
    mtc_smc_ladder ladder;
    mtc_smc_result result;
} smc;

static smc run(const test_target *t, size_t n_thread, double last_beta)
{
    smc s = {.set = MTC_SMC_INIT};
    assert_int_equal(mtc_exec_create(n_thread, &s.exec, NULL), MTC_OK);
    assert_int_equal(mtc_smc_pilot(&t->target, &s.set, 11, "smc", s.exec, &s.ladder, NULL), MTC_OK);
    assert_true(s.ladder.beta[s.ladder.n_temperature - 1] == 1.0);
    s.ladder.beta[s.ladder.n_temperature - 1] = last_beta;
    assert_int_equal(mtc_smc_run(&t->target, &s.set, &s.ladder, 11, "smc", 0, N_RUN, s.exec, &s.result, NULL), MTC_OK);
    return s;
}

static void drop(smc *s)
{
    mtc_smc_ladder_fini(&s->ladder);
    mtc_smc_result_fini(&s->result);
    mtc_exec_destroy(s->exec);
}

/* |mean - expected| over the standard error of the mean. */
static double z_of(const double *x, size_t n, double expected)
{
    double mean = 0.0, square = 0.0;
    for (size_t i = 0; i < n; i++) {
        mean += x[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        square += (x[i] - mean) * (x[i] - mean) / (double)(n - 1);
    }
    return fabs(mean - expected) / sqrt(square / (double)n);
}

static double evidence_z(const test_target *t, const smc *s)
{
    double ratio[N_RUN], low = HUGE_VAL, high = -HUGE_VAL;
    for (size_t r = 0; r < N_RUN; r++) {
        ratio[r] = exp(s->result.log_evidence[r] - t->log_evidence);
        low = fmin(low, s->result.log_evidence[r] - t->log_evidence);
        high = fmax(high, s->result.log_evidence[r] - t->log_evidence);
    }
    const double z = z_of(ratio, N_RUN, 1.0);
    print_message("%s: %zu temperatures, %lu evaluations a run, log errors %.2f to %.2f, |z| %.2f\n", t->target.name,
                  s->ladder.n_temperature, s->result.n_value / N_RUN, low, high, z);
    return z;
}

static void evidence_is_unbiased(void **state)
{
    (void)state;
    test_target *const target[] = {test_target_conjugate_normal(), test_target_exponential_gamma(),
                                   test_target_correlated(5, 0.8), test_target_correlated(9, 0.3),
                                   test_target_banana(),           test_target_rosenbrock()};
    for (size_t k = 0; k < sizeof target / sizeof *target; k++) {
        smc s = run(target[k], 2, 1.0);
        assert_true(evidence_z(target[k], &s) < limit);
        drop(&s);
        test_target_free(target[k]);
    }
}

/* Two modes 24 standard deviations apart: no walk crosses, the shares come from the prior's particles. */
static void far_modes_keep_their_weights(void **state)
{
    (void)state;
    const double weight = 0.3;
    test_target *t = test_target_two_modes(3, 24.0, weight);
    smc s = run(t, 2, 1.0);
    double share[N_RUN], scaled[N_RUN];
    const size_t stride = s.result.n_dim + 2, n = s.result.n_particle;
    assert_true(evidence_z(t, &s) < limit);
    for (size_t r = 0; r < N_RUN; r++) {
        share[r] = 0.0;
        for (size_t i = 0; i < n; i++) {
            share[r] += s.result.row[(r * n + i) * stride] < 0.0 ? 1.0 / (double)n : 0.0;
        }
        /* weighed by the runs' evidences the mean is unbiased */
        scaled[r] = (share[r] - weight) * exp(s.result.log_evidence[r] - t->log_evidence);
    }
    assert_true(z_of(scaled, N_RUN, 0.0) < limit);
    drop(&s);
    test_target_free(t);
}

static void short_ladder_is_found(void **state)
{
    (void)state;
    test_target *t = test_target_exponential_gamma();
    smc s = run(t, 2, 0.9);
    assert_true(evidence_z(t, &s) > limit);
    drop(&s);
    test_target_free(t);
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    smc one = run(t, 1, 1.0), two = run(t, 2, 1.0);
    const size_t n = one.result.n_run * (one.result.n_particle * (one.result.n_dim + 2) + 1);
    assert_int_equal(one.ladder.n_temperature, two.ladder.n_temperature);
    assert_memory_equal(one.result.row, two.result.row, n * sizeof(double));
    drop(&one);
    drop(&two);
    test_target_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_is_unbiased), cmocka_unit_test(far_modes_keep_their_weights),
        cmocka_unit_test(short_ladder_is_found), cmocka_unit_test(threads_do_not_matter)};
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
