/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bridge's fixed point, its error, the share of quadratic terms, and the estimators' wrapper. */
#include "mtc_arena.h"
#include "mtc_estimator.h"
#include "mtc_rng.h"
#include "test_near.h"
#include "test_targets.h"
#include "warp_internal.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>

enum { N_POST = 800, N_PROP = 700 };
static const double log_z = -812.25;

/* p = Z Normal(0.4, 1.2^2), q = Normal(0, 1): independent draws of both and their log ratios. */
typedef struct {
    double post[N_POST], prop[N_PROP];
} ratios;

static double ratio_at(double x)
{
    const double z = (x - 0.4) / 1.2;
    return log_z - log(1.2) - 0.5 * z * z + 0.5 * x * x;
}

static ratios draw(uint64_t seed)
{
    ratios r;
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(seed, "bridge/draws", &rng, NULL), MTC_OK);
    for (size_t i = 0; i < N_POST; i++) {
        r.post[i] = ratio_at(0.4 + 1.2 * mtc_rng_normal(rng));
    }
    for (size_t j = 0; j < N_PROP; j++) {
        r.prop[j] = ratio_at(mtc_rng_normal(rng));
    }
    gsl_rng_free(rng);
    return r;
}

static mtc_bridge_terms terms_of(const ratios *r)
{
    return (mtc_bridge_terms){r->post, 2, N_POST / 2, r->prop, N_PROP};
}

/* The optimal bridge solves sum over both samples of s1 l / (s1 l + s2 Z) = n1, the equation of Meng & Wong and of
 * logistic regression of the sample's origin; checked without the program's own iteration. */
static void fixed_point_solves_the_score_equation(void **state)
{
    (void)state;
    const ratios r = draw(1);
    const mtc_bridge_terms terms = terms_of(&r);
    mtc_bridge_result out;
    double score = 0.0;
    assert_int_equal(mtc_bridge_solve(&terms, &out, NULL), MTC_OK);
    assert_true(out.converged);
    assert_true(out.ess > 400.0 && out.ess <= (double)N_POST);
    const double n2 = N_PROP;
    double post = 0.0, prop = 0.0;
    for (size_t i = 0; i < N_POST; i++) {
        post += 1.0 / (out.ess * exp(r.post[i] - out.log_z) + n2) / N_POST;
    }
    for (size_t j = 0; j < N_PROP; j++) {
        const double l = exp(r.prop[j] - out.log_z);
        prop += l / (out.ess * l + n2) / n2;
    }
    score = prop / post - 1.0;     /* numerator over denominator, both at the fixed point */
    assert_near(score, 0.0, 1e-3); /* the shares' effective size is that of one step before */
}

/* 300 seeds: mean within 5 of its errors, spread within 20% (5 errors) of the stated one. */
static void error_is_the_spread(void **state)
{
    (void)state;
    enum { N_SEED = 300 };
    double sum = 0.0, square = 0.0, se = 0.0;
    for (uint64_t seed = 1; seed <= N_SEED; seed++) {
        const ratios r = draw(seed);
        const mtc_bridge_terms terms = terms_of(&r);
        mtc_bridge_result out;
        assert_int_equal(mtc_bridge_solve(&terms, &out, NULL), MTC_OK);
        sum += (out.log_z - log_z) / N_SEED;
        square += (out.log_z - log_z) * (out.log_z - log_z) / N_SEED;
        se += out.se / N_SEED;
    }
    assert_near(sum, 0.0, 5.0 * se / sqrt((double)N_SEED));
    assert_near(sqrt(square) / se, 1.0, 0.2);
}

/* Each posterior draw four times in a row: the same answer, the posterior's part of the error nearly twice as large. */
static void repeated_draws_widen_the_error(void **state)
{
    (void)state;
    const ratios r = draw(2);
    double *longer = calloc((size_t)4 * N_POST, sizeof *longer);
    mtc_bridge_result once, four;
    for (size_t i = 0; i < (size_t)4 * N_POST; i++) {
        longer[i] = r.post[i / 4];
    }
    const mtc_bridge_terms short_terms = terms_of(&r);
    const mtc_bridge_terms long_terms = {longer, 2, 2 * N_POST, r.prop, N_PROP};
    assert_int_equal(mtc_bridge_solve(&short_terms, &once, NULL), MTC_OK);
    assert_int_equal(mtc_bridge_solve(&long_terms, &four, NULL), MTC_OK);
    assert_near(four.log_z, once.log_z, 0.3 * once.se);
    assert_near(four.se_posterior / once.se_posterior, 1.0, 0.15);
    assert_near(four.se, once.se, 0.15 * once.se);
    free(longer);
}

static void proposal_draws_outside_are_fine(void **state)
{
    (void)state;
    ratios r = draw(3);
    mtc_bridge_result before, after;
    const mtc_bridge_terms terms = terms_of(&r);
    assert_int_equal(mtc_bridge_solve(&terms, &before, NULL), MTC_OK);
    for (size_t j = 0; j < N_PROP; j += 2) {
        r.prop[j] = -HUGE_VAL; /* half of q lies where p is zero: about half the normaliser is seen */
    }
    assert_int_equal(mtc_bridge_solve(&terms, &after, NULL), MTC_OK);
    assert_true(after.converged && isfinite(after.se));
    assert_true(after.log_z < before.log_z - 0.3);
}

static void no_overlap_gives_no_number(void **state)
{
    (void)state;
    ratios r = draw(4);
    mtc_bridge_result out;
    const mtc_bridge_terms terms = terms_of(&r);
    for (size_t j = 0; j < N_PROP; j++) {
        r.prop[j] = -HUGE_VAL;
    }
    assert_int_equal(mtc_bridge_solve(&terms, &out, NULL), MTC_OK);
    assert_false(out.converged);
}

static void bad_terms(void **state)
{
    (void)state;
    ratios r = draw(5);
    mtc_bridge_result out;
    mtc_bridge_terms terms = terms_of(&r);
    mtc_err err = MTC_ERR_INIT;
    terms.n_proposal = 3;
    assert_int_equal(mtc_bridge_solve(&terms, &out, &err), MTC_ESIZE);
    terms.n_proposal = N_PROP;
    r.prop[7] = (double)NAN;
    assert_int_equal(mtc_bridge_solve(&terms, &out, &err), MTC_ENAN);
    r.prop[7] = 0.0;
    r.post[7] = -HUGE_VAL;
    assert_int_equal(mtc_bridge_solve(&terms, &out, &err), MTC_ENAN);
}

static void quadratic_share(void **state)
{
    (void)state;
    enum { N = 1500, D = 3 };
    double *z = calloc((size_t)N * D, sizeof *z), *value = calloc(N, sizeof *value), share;
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(9, "quadratic", &rng, NULL), MTC_OK);
    for (size_t mix = 0; mix <= 2; mix++) { /* all quadratic, half, none */
        for (size_t i = 0; i < N; i++) {
            double *const row = z + i * D;
            for (size_t a = 0; a < D; a++) {
                row[a] = mtc_rng_normal(rng);
            }
            const double quadratic = (row[0] * row[0] - 1.0) / sqrt(2.0), other = mtc_rng_normal(rng);
            const double part = 1.0 - 0.5 * (double)mix;
            value[i] = 5.0 + 0.01 * (sqrt(part) * quadratic + sqrt(1.0 - part) * other);
        }
        assert_int_equal(mtc_quadratic_share(value, z, N, D, N, &share, NULL), MTC_OK);
        assert_near(share, 1.0 - 0.5 * (double)mix, 0.06);
    }
    assert_int_equal(mtc_quadratic_share(value, z, N, D, 20.0, &share, NULL), MTC_OK);
    assert_near(share, 1.0, 0.0); /* too few draws to tell */
    gsl_rng_free(rng);
    free(value);
    free(z);
}

/* ---- the wrapper ---- */

static mtc_estimator_input input_for(const mtc_target *target, mtc_exec *exec)
{
    return (mtc_estimator_input){
        .target = target, .exec = exec, .seed = 3, .stream = "test", .effort = 1, .aim_se = 0.025};
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    mtc_exec *exec = NULL;
    mtc_estimator bridge = {0}, laplace = {0};
    mtc_estimate out;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    const mtc_estimator_input in = input_for(&t->target, exec);
    assert_int_equal(mtc_estimator_init(&bridge, &mtc_estimator_warp3, NULL, NULL, &err), MTC_OK);
    assert_int_equal(mtc_estimator_init(&laplace, &mtc_estimator_laplace, NULL, NULL, &err), MTC_OK);
    assert_int_equal(mtc_estimator_run(&bridge, &in, &out, &err), MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "posterior draws"));
    assert_int_equal(mtc_estimator_run(&laplace, &in, &out, &err), MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "modes"));
    mtc_estimator_ops other = mtc_estimator_warp3;
    mtc_estimator wrong = {0};
    other.abi++;
    assert_int_equal(mtc_estimator_init(&wrong, &other, NULL, NULL, &err), MTC_EBUG);
    mtc_estimator_fini(&wrong);
    mtc_estimator_fini(NULL);
    mtc_estimator_fini(&bridge);
    mtc_estimator_fini(&bridge);
    mtc_estimator_fini(&laplace);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

static void importance_keeps_its_draws(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(2, 0.5);
    mtc_exec *exec = NULL;
    mtc_estimator e = {0};
    mtc_estimate first, second;
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    mtc_estimator_input in = input_for(&t->target, exec);
    assert_int_equal(mtc_estimator_init(&e, &mtc_estimator_importance, NULL, NULL, NULL), MTC_OK);
    assert_int_equal(mtc_estimator_run(&e, &in, &first, NULL), MTC_OK);
    in.effort = 2;
    assert_int_equal(mtc_estimator_run(&e, &in, &second, NULL), MTC_OK);
    assert_true(first.has_value && !first.weak && first.has_k_hat);
    assert_near(first.log_evidence, t->log_evidence, 5.0 * first.se);
    assert_near(second.log_evidence, t->log_evidence, 5.0 * second.se);
    assert_true(second.n_draw >= 2 * 1024 && second.n_draw > first.n_draw);
    assert_int_equal(second.n_value - first.n_value, second.n_draw - first.n_draw); /* no draw was thrown away */
    mtc_estimator_fini(&e);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

/* A likelihood that is zero everywhere: a finding, not a defect. */
static mtc_status eval_nowhere(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const test_target *t = self;
    const mtc_status st = t->target.eval(self, ws, x, point, err);
    point->log_likelihood = -HUGE_VAL;
    point->reason = MTC_REASON_MODEL_DOMAIN;
    return st;
}

static void importance_without_a_draw_inside(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    mtc_target nowhere = t->target;
    mtc_exec *exec = NULL;
    mtc_estimator e = {0};
    mtc_estimate out;
    nowhere.eval = eval_nowhere;
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    const mtc_estimator_input in = input_for(&nowhere, exec);
    assert_int_equal(mtc_estimator_init(&e, &mtc_estimator_importance, NULL, NULL, NULL), MTC_OK);
    assert_int_equal(mtc_estimator_run(&e, &in, &out, NULL), MTC_OK);
    assert_false(out.has_value);
    assert_true(strlen(out.note) > 0);
    mtc_estimator_fini(&e);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

/* Chains that stand still have no covariance: no number, and it says so. */
static void bridge_on_chains_that_stand_still(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    mtc_exec *exec = NULL;
    mtc_estimator e = {0};
    mtc_estimate out;
    enum { N = 4 * 20 };
    double x[2 * N] = {0.0}, stat[MTC_STAT_COUNT * N] = {0.0};
    const mtc_chains chains = {.n_chain = 4, .n_draw = 20, .n_dim = 2, .x = x, .stat = stat};
    assert_int_equal(mtc_exec_create(1, &exec, NULL), MTC_OK);
    mtc_estimator_input in = input_for(&t->target, exec);
    in.chains = &chains;
    assert_int_equal(mtc_estimator_init(&e, &mtc_estimator_warp3, NULL, NULL, NULL), MTC_OK);
    assert_int_equal(mtc_estimator_run(&e, &in, &out, NULL), MTC_OK);
    assert_false(out.has_value);
    assert_non_null(strstr(out.note, "covariance"));
    mtc_estimator_fini(&e);
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
        cmocka_unit_test(fixed_point_solves_the_score_equation),
        cmocka_unit_test(error_is_the_spread),
        cmocka_unit_test(repeated_draws_widen_the_error),
        cmocka_unit_test(proposal_draws_outside_are_fine),
        cmocka_unit_test(no_overlap_gives_no_number),
        cmocka_unit_test(bad_terms),
        cmocka_unit_test(quadratic_share),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(importance_keeps_its_draws),
        cmocka_unit_test(importance_without_a_draw_inside),
        cmocka_unit_test(bridge_on_chains_that_stand_still),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}
