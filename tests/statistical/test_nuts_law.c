/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NUTS draws from the right law.
 * - Null: draws of 4 chains come from the target's posterior.
 * - Statistics: per coordinate (mean - true mean) / MCSE, (sd - true sd) / MCSE, and for 5 probabilities p the share of
 *   draws below the true p-quantile minus p over its MCSE: 7 looks at 34 coordinates of 12 runs, at most 240.
 * - Sample: 4 x 4000 draws, ESS of 5000 and more; 4 x 40000 where the step size is fixed.
 * - False alarm: |z| > 6.2 in any look, 240 x 5.7e-10 = 1.4e-7 under normality; with the MCSE's own error below 1e-6.
 * - Finds with 99 %: a shift of the mean of 8.5 MCSE, about 0.12 sd; a spread wrong by 9 % (3 % with a fixed step).
 * - Twin: momenta drawn with 1.3 times their sd (planted fault) must fail.
 */
#include "mtc_arena.h"
#include "mtc_diagnostics.h"
#include "nuts_internal.h"
#include "test_near.h"
#include "test_targets.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

static const double limit = 6.2;

/* step 0: found in warm-up; else fixed, in units of the coordinates' sds, and no warm-up. bend: NULL, or what the
 * trajectories run in. */
static mtc_chains run(const test_target *t, const mtc_kernel_ops *kernel, double step, const mtc_bend *bend)
{
    enum { N_CHAIN = 4 };
    mtc_err err = MTC_ERR_INIT;
    mtc_nuts nuts = MTC_NUTS_INIT;
    nuts.bend = bend;
    const size_t n = t->target.n_dim, n_tuning = 1 + n * n;
    mtc_chains chains = MTC_CHAINS_INIT;
    mtc_exec *exec = NULL;
    double *start = calloc(N_CHAIN * (n + n_tuning), sizeof *start);
    assert_non_null(start);
    double *tuning = start + N_CHAIN * n;
    for (size_t c = 0; c < N_CHAIN; c++) {
        for (size_t i = 0; i < n; i++) {
            start[c * n + i] = t->mean[i] + (0.3 * (double)c - 0.4) * t->sd[i];
            tuning[c * n_tuning + 1 + i * (n + 1)] = bend ? 1.0 : t->sd[i] * t->sd[i];
        }
        tuning[c * n_tuning] = step;
    }
    const mtc_chains_plan plan = {.target = &t->target,
                                  .kernel = kernel,
                                  .self = &nuts,
                                  .seed = 20260,
                                  .stream = "law/nuts",
                                  .n_chain = N_CHAIN,
                                  .n_warmup = step > 0.0 ? 0 : 400,
                                  .n_draw = step > 0.0 ? 40000 : 4000,
                                  .start = start,
                                  .tuning = tuning};
    assert_int_equal(mtc_exec_create(2, &exec, &err), MTC_OK);
    const mtc_status st = mtc_chains_run(exec, &plan, &chains, &err);
    if (st != MTC_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(st, MTC_OK);
    mtc_exec_destroy(exec);
    free(start);
    return chains;
}

/* Largest |z| over all looks. */
static double worst_look(const test_target *t, const mtc_chains *chains)
{
    const double probs[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    const size_t n_all = chains->n_chain * chains->n_draw;
    double worst = 0.0, *draw = calloc(2 * n_all, sizeof *draw), *below = draw + n_all;
    mtc_summary s;
    mtc_err err = MTC_ERR_INIT;
    assert_non_null(draw);
    for (size_t i = 0; i < chains->n_dim; i++) {
        mtc_chains_coordinate(chains, i, draw);
        assert_int_equal(mtc_summarise(draw, chains->n_chain, chains->n_draw, &s, &err), MTC_OK);
        if (t->has_moments) {
            worst = fmax(worst, fabs(s.mean - t->mean[i]) / s.mcse_mean);
            worst = fmax(worst, fabs(s.sd - t->sd[i]) / s.mcse_sd);
        }
        for (size_t k = 0; t->cdf && k < sizeof probs / sizeof *probs; k++) {
            for (size_t d = 0; d < n_all; d++) {
                below[d] = t->cdf(t, i, draw[d]) <= probs[k] ? 1.0 : 0.0;
            }
            assert_int_equal(mtc_summarise(below, chains->n_chain, chains->n_draw, &s, &err), MTC_OK);
            worst = fmax(worst, fabs(s.mean - probs[k]) / s.mcse_mean);
        }
    }
    free(draw);
    return worst;
}

static double worst_of(test_target *t, const mtc_kernel_ops *kernel, double step)
{
    mtc_chains chains = run(t, kernel, step, NULL);
    const double worst = worst_look(t, &chains);
    print_message("%s, step %.1f: largest |z| %.2f\n", t->target.name, chains.tuning[0], worst);
    mtc_chains_fini(&chains);
    test_target_free(t);
    return worst;
}

static void law_is_right(void **state)
{
    (void)state;
    assert_true(worst_of(test_target_correlated(5, 0.8), &mtc_kernel_nuts, 0.0) < limit);
    assert_true(worst_of(test_target_correlated(9, 0.3), &mtc_kernel_nuts, 0.0) < limit);
    assert_true(worst_of(test_target_banana(), &mtc_kernel_nuts, 0.0) < limit);
    assert_true(worst_of(test_target_two_modes(2, 3.0, 0.3), &mtc_kernel_nuts, 0.0) < limit);
    assert_true(worst_of(test_target_conjugate_normal(), &mtc_kernel_nuts, 0.0) < limit);
    assert_true(worst_of(test_target_exponential_gamma(), &mtc_kernel_nuts, 0.0) < limit);
}

/* Steps near the limit of stability: energies are far from conserved, and the weights have to make up for it. */
static void law_is_right_with_coarse_steps(void **state)
{
    (void)state;
    assert_true(worst_of(test_target_conjugate_normal(), &mtc_kernel_nuts, 1.8) < limit);
    assert_true(worst_of(test_target_exponential_gamma(), &mtc_kernel_nuts, 1.6) < limit);
    assert_true(worst_of(test_target_correlated(5, 0.0), &mtc_kernel_nuts, 1.7) < limit);
}

/* In coordinates that straighten the draws of a run without; the curved targets are straight there and cost less. */
static void law_is_right_in_straightened_coordinates(void **state)
{
    (void)state;
    test_target *const target[] = {test_target_banana(), test_target_exponential_gamma(),
                                   test_target_two_modes(2, 3.0, 0.3)};
    for (size_t k = 0; k < sizeof target / sizeof *target; k++) {
        test_target *t = target[k];
        mtc_chains plain = run(t, &mtc_kernel_nuts, 0.0, NULL);
        const size_t n = plain.n_chain * plain.n_draw;
        double *log_weight = calloc(n, sizeof *log_weight);
        const mtc_wsample sample = {n, plain.n_dim, plain.x, log_weight, NULL};
        mtc_bend bend;
        assert_int_equal(mtc_bend_fit(&sample, 6.0, &bend, NULL), MTC_OK);
        mtc_chains straight = run(t, &mtc_kernel_nuts, 0.0, &bend);
        const double worst = worst_look(t, &straight);
        print_message("%s: largest |z| %.2f; gradients %.2f of those without\n", t->target.name, worst,
                      (double)straight.n_gradient / (double)plain.n_gradient);
        assert_true(worst < limit);
        mtc_chains_fini(&plain);
        mtc_chains_fini(&straight);
        mtc_bend_fini(&bend);
        free(log_weight);
        test_target_free(t);
    }
}

/* ---- planted fault ---- */

static mtc_status tune_wrongly(const void *self, const double *tuning, void *ws, mtc_err *err)
{
    nuts_ws *w = ws;
    const mtc_status st = mtc_kernel_nuts.tune(self, tuning, ws, err);
    for (size_t i = 0; i < w->n * w->n; i++) {
        w->factor[i] /= 1.3;
    }
    return st;
}

static void wrong_momentum_variance_is_found(void **state)
{
    (void)state;
    mtc_kernel_ops faulty = mtc_kernel_nuts;
    faulty.tune = tune_wrongly;
    assert_true(worst_of(test_target_correlated(5, 0.8), &faulty, 0.0) > limit);
    assert_true(worst_of(test_target_conjugate_normal(), &faulty, 0.0) > limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(law_is_right),
        cmocka_unit_test(law_is_right_with_coarse_steps),
        cmocka_unit_test(law_is_right_in_straightened_coordinates),
        cmocka_unit_test(wrong_momentum_variance_is_found),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
