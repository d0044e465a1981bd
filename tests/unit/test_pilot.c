/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proposals, the pilot that adapts them, and independence Metropolis from them. */
#include "mtc_chains.h"
#include "mtc_independence.h"
#include "mtc_proposal.h"
#include "mtc_psis.h"
#include "mtc_rng.h"
#include "test_near.h"
#include "test_targets.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>

static mtc_pilot *run_pilot(const mtc_target *target, size_t n_thread, const mtc_pilot_settings *set)
{
    mtc_pilot *pilot = NULL;
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_exec_create(n_thread, &exec, &err), MTC_OK);
    assert_int_equal(mtc_pilot_create(target, "test/pilot", NULL, 11, &pilot, &err), MTC_OK);
    const mtc_status st = mtc_pilot_run(pilot, set, exec, &err);
    if (st != MTC_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(st, MTC_OK);
    mtc_exec_destroy(exec);
    return pilot;
}

/* log Z and its standard error from n_batch batches of 64 draws of a proposal. */
static mtc_psis_info weigh(const mtc_target *target, const mtc_proposal *q, size_t n_batch)
{
    const size_t d = target->n_dim, stride = MTC_DRAW_STRIDE(d), n = 64 * n_batch;
    double *rows = calloc(n, stride * sizeof *rows), *log_w = calloc(n, sizeof *log_w);
    double *scratch = calloc(mtc_proposal_scratch(q), sizeof *scratch);
    mtc_psis_info info;
    mtc_exec *exec = NULL;
    const mtc_draw_plan plan = {target, q, 5, "test", 0, n_batch, 64};
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    assert_int_equal(mtc_proposal_sample(&plan, exec, rows, NULL), MTC_OK);
    for (size_t i = 0; i < n; i++) {
        const double *row = rows + i * stride;
        log_w[i] = row[d] + row[d + 1] - mtc_proposal_logpdf(q, row, row[d], scratch);
    }
    assert_int_equal(mtc_psis(log_w, n, 1.0, &info, NULL, NULL), MTC_OK);
    mtc_exec_destroy(exec);
    free(scratch);
    free(log_w);
    free(rows);
    return info;
}

static void pilot_learns_a_correlated_normal(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(3, 0.6);
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = run_pilot(&t->target, 1, &set);
    size_t n = 0;
    const mtc_pilot_round *round = mtc_pilot_rounds(pilot, &n);
    assert_true(n >= 3 && n <= 8);
    assert_true(round[n - 1].efficiency >= set.good_efficiency);
    const mtc_psis_info info = weigh(&t->target, mtc_pilot_proposal(pilot), 32);
    assert_true(info.ess > 0.7 * 2048.0);
    assert_true(info.k_hat < 0.5);
    assert_near(info.log_mean, t->log_evidence, 5.0 * info.se);
    mtc_pilot_destroy(pilot);
    test_target_free(t);
}

static void pilot_learns_a_banana(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = run_pilot(&t->target, 1, &set);
    const mtc_proposal *q = mtc_pilot_proposal(pilot);
    assert_true(q->part[0].bend.n_term > 0);
    const mtc_psis_info info = weigh(&t->target, q, 32);
    assert_true(info.ess > 0.3 * 2048.0);
    assert_near(info.log_mean, t->log_evidence, 5.0 * info.se);
    mtc_pilot_destroy(pilot);
    test_target_free(t);
}

static void pilot_goes_on_with_its_draws(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(2, 0.3);
    mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_exec *exec = NULL;
    size_t before = 0, after = 0;
    set.min_rounds = set.max_rounds = 2;
    mtc_pilot *pilot = run_pilot(&t->target, 1, &set);
    (void)mtc_pilot_rounds(pilot, &before);
    const unsigned long calls = mtc_pilot_calls(pilot);
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    assert_int_equal(mtc_pilot_run(pilot, &set, exec, NULL), MTC_OK);
    (void)mtc_pilot_rounds(pilot, &after);
    assert_int_equal(before, 2);
    assert_int_equal(after, 4);
    assert_true(mtc_pilot_calls(pilot) >= 2 * calls); /* later rounds are not shorter */
    mtc_exec_destroy(exec);
    mtc_pilot_destroy(pilot);
    test_target_free(t);
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *one = run_pilot(&t->target, 1, &set), *two = run_pilot(&t->target, 2, &set);
    const mtc_proposal *a = mtc_pilot_proposal(one), *b = mtc_pilot_proposal(two);
    assert_int_equal(a->part[0].mix.n_comp, b->part[0].mix.n_comp);
    assert_memory_equal(a->part[0].mix.mean, b->part[0].mix.mean,
                        a->part[0].mix.n_comp * a->part[0].mix.n_dim * sizeof *a->part[0].mix.mean);
    assert_memory_equal(a->part[0].mix.chol, b->part[0].mix.chol,
                        a->part[0].mix.n_comp * 4 * sizeof *a->part[0].mix.chol);
    assert_memory_equal(a->part[0].bend.factor, b->part[0].bend.factor,
                        a->part[0].bend.n_term * sizeof *a->part[0].bend.factor);
    mtc_pilot_destroy(one);
    mtc_pilot_destroy(two);
    test_target_free(t);
}

/* The whole proposal, map and both defensive parts included, integrates to one. */
static void proposal_integrates_to_one(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = run_pilot(&t->target, 1, &set);
    const mtc_proposal *q = mtc_pilot_proposal(pilot);
    double *scratch = calloc(mtc_proposal_scratch(q), sizeof *scratch);
    const double step = 0.02;
    double total = 0.0;
    for (double u = -7.5; u < 7.5; u += step) {
        for (double v = -7.5; v < 7.5; v += step) {
            const double x[2] = {sinh(u), sinh(v)};
            mtc_point point = {0};
            assert_int_equal(t->target.eval(t->target.self, NULL, x, &point, NULL), MTC_OK);
            total += exp(mtc_proposal_logpdf(q, x, point.log_prior, scratch)) * cosh(u) * cosh(v) * step * step;
        }
    }
    assert_near(total, 1.0, 2e-4); /* Student-t tails beyond 900, and the step */
    free(scratch);
    mtc_pilot_destroy(pilot);
    test_target_free(t);
}

/* Shares of the parts: the density is that of the draws where only one part reaches. */
static void parts_have_their_weights(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = run_pilot(&t->target, 1, &set);
    mtc_proposal q = {0};
    double x[2], scratch[64];
    gsl_rng *rng = NULL;
    size_t far = 0;
    enum { N_DRAW = 20000 };
    assert_int_equal(mtc_proposal_copy(mtc_pilot_proposal(pilot), &q, NULL), MTC_OK);
    assert_true(q.prior_weight + q.wide_weight >= 0.05);
    q.prior_weight = 0.2;
    assert_int_equal(mtc_rng_stream(3, "proposal/parts", &rng, NULL), MTC_OK);
    for (size_t i = 0; i < N_DRAW; i++) {
        assert_int_equal(mtc_proposal_draw(&q, &t->target, rng, x, scratch, NULL), MTC_OK);
        far += x[1] < -15.0; /* only the prior, Normal(0, 10^2), goes there: with 6.68% of its draws */
    }
    assert_near((double)far / N_DRAW, 0.2 * 0.0668, 6.0 * sqrt(0.0134 / N_DRAW));
    gsl_rng_free(rng);
    mtc_proposal_fini(&q);
    mtc_proposal_fini(NULL);
    mtc_pilot_destroy(pilot);
    test_target_free(t);
}

static void modes_are_starts(void **state)
{
    (void)state;
    test_target *t = test_target_two_modes(2, 30.0, 0.3); /* 30 sd apart: from the prior alone one would be lost */
    const double x[4] = {-15.0, 0.0, 15.0, 0.0}, cov[8] = {1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0};
    const double weight[2] = {1.0, 1e-9};
    const mtc_pilot_start start = {2, x, cov, weight};
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = NULL;
    mtc_exec *exec = NULL;
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    assert_int_equal(mtc_pilot_create(&t->target, "test/pilot", &start, 3, &pilot, NULL), MTC_OK);
    assert_int_equal(mtc_pilot_run(pilot, &set, exec, NULL), MTC_OK);
    const mtc_psis_info info = weigh(&t->target, mtc_pilot_proposal(pilot), 16);
    assert_near(info.log_mean, t->log_evidence, 5.0 * info.se);
    assert_true(info.ess > 0.5 * 1024.0);
    mtc_exec_destroy(exec);
    mtc_pilot_destroy(pilot);
    test_target_free(t);
}

static void resampled_points_are_likely_ones(void **state)
{
    (void)state;
    enum { N_POINT = 400 };
    test_target *t = test_target_correlated(2, 0.5);
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = run_pilot(&t->target, 1, &set);
    double x[2 * N_POINT], mean = 0.0;
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(3, "resample", &rng, NULL), MTC_OK);
    assert_int_equal(mtc_pilot_resample(pilot, N_POINT, rng, x, NULL), MTC_OK);
    for (size_t i = 0; i < N_POINT; i++) {
        mean += x[2 * i] / N_POINT;
    }
    assert_near(mean, t->mean[0], 6.0 * t->sd[0] / sqrt(100.0));
    gsl_rng_free(rng);
    mtc_pilot_destroy(pilot);
    test_target_free(t);
}

static void bad_settings(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = NULL;
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    mtc_target none = t->target;
    none.n_dim = 0;
    assert_int_equal(mtc_pilot_create(&none, "x", NULL, 1, &pilot, &err), MTC_ESIZE);
    assert_null(pilot);
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    assert_int_equal(mtc_pilot_create(&t->target, "x", NULL, 1, &pilot, &err), MTC_OK);
    set.defensive_weight = 0.03;
    assert_int_equal(mtc_pilot_run(pilot, &set, exec, &err), MTC_EDOMAIN);
    mtc_pilot_destroy(pilot);
    mtc_pilot_destroy(NULL);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

static mtc_status eval_nowhere(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const test_target *t = self;
    const mtc_status st = t->target.eval(self, ws, x, point, err);
    point->log_likelihood = -HUGE_VAL;
    point->reason = MTC_REASON_MODEL_DOMAIN;
    return st;
}

static void nothing_inside_the_support(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    mtc_target nowhere = t->target;
    nowhere.eval = eval_nowhere;
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = NULL;
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    assert_int_equal(mtc_pilot_create(&nowhere, "x", NULL, 1, &pilot, &err), MTC_OK);
    assert_int_equal(mtc_pilot_run(pilot, &set, exec, &err), MTC_ENUMERIC);
    mtc_pilot_destroy(pilot);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

/* Independence Metropolis leaves a banana as it is: mean and sd of both coordinates within 6 MCSE (ESS > 2000). */
static void independence_keeps_the_law(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    const mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_pilot *pilot = run_pilot(&t->target, 1, &set);
    mtc_chains chains = MTC_CHAINS_INIT;
    mtc_exec *exec = NULL;
    const double start[4] = {0.0, 0.0, 0.1, 0.0};
    const mtc_chains_plan plan = {.target = &t->target,
                                  .kernel = &mtc_kernel_independence,
                                  .self = mtc_pilot_proposal(pilot),
                                  .seed = 1,
                                  .stream = "law/independence",
                                  .n_chain = 2,
                                  .n_draw = 4000,
                                  .start = start};
    assert_int_equal(mtc_exec_create(2, &exec, NULL), MTC_OK);
    assert_int_equal(mtc_chains_run(exec, &plan, &chains, NULL), MTC_OK);
    assert_int_equal(chains.n_gradient, 0);
    for (size_t a = 0; a < 2; a++) {
        double mean = 0.0, square = 0.0;
        for (size_t i = 0; i < 8000; i++) {
            mean += chains.x[2 * i + a] / 8000.0;
        }
        for (size_t i = 0; i < 8000; i++) {
            square += pow(chains.x[2 * i + a] - mean, 2.0) / 8000.0;
        }
        assert_near(mean, t->mean[a], 6.0 * t->sd[a] / sqrt(2000.0));
        assert_near(sqrt(square), t->sd[a], 6.0 * t->sd[a] * sqrt(3.0 / 2000.0)); /* kurtosis up to 15 */
    }
    mtc_chains_fini(&chains);
    mtc_exec_destroy(exec);
    mtc_pilot_destroy(pilot);
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
        cmocka_unit_test(pilot_learns_a_correlated_normal),
        cmocka_unit_test(pilot_learns_a_banana),
        cmocka_unit_test(pilot_goes_on_with_its_draws),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(proposal_integrates_to_one),
        cmocka_unit_test(parts_have_their_weights),
        cmocka_unit_test(modes_are_starts),
        cmocka_unit_test(resampled_points_are_likely_ones),
        cmocka_unit_test(bad_settings),
        cmocka_unit_test(nothing_inside_the_support),
        cmocka_unit_test(independence_keeps_the_law),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}
