/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: chains that depend on threads or on how often they were continued, draws put in the wrong place, allocation
 * inside the sampling loop, starts outside the support, defects that are swallowed, divergences that are not flagged.
 */
#include "mtc_arena.h"
#include "mtc_chains.h"
#include "test_alloc.h"
#include "test_near.h"
#include "test_targets.h"

#include <stdlib.h>
#include <string.h>

enum { N_CHAIN = 3, N_DRAW = 50, N_DIM = 2 };

static const mtc_nuts nuts = MTC_NUTS_INIT;
static const double starts[N_CHAIN * N_DIM] = {-0.5, -0.2, 0.1, 0.4, -0.9, 0.0};
static const double tuning[N_CHAIN * (1 + N_DIM * N_DIM)] = {0.0, 0.2, 0.1, 0.1, 0.7, 0.5, 0.2, 0.0,
                                                             0.0, 0.7, 1.0, 1.0, 0.0, 0.0, 1.0};

static mtc_chains_plan make_plan(const mtc_target *target)
{
    return (mtc_chains_plan){.target = target,
                             .kernel = &mtc_kernel_nuts,
                             .self = &nuts,
                             .seed = 77,
                             .stream = "unit/nuts",
                             .n_chain = N_CHAIN,
                             .n_warmup = 120,
                             .n_draw = N_DRAW,
                             .start = starts,
                             .tuning = tuning};
}

static mtc_status run(const mtc_chains_plan *plan, size_t n_thread, mtc_chains *chains, mtc_err *err)
{
    mtc_exec *exec = NULL;
    mtc_status st = mtc_exec_create(n_thread, &exec, err);
    if (st == MTC_OK) {
        st = mtc_chains_run(exec, plan, chains, err);
    }
    mtc_exec_destroy(exec);
    return st;
}

static void same_bytes(const mtc_chains *a, const mtc_chains *b)
{
    const size_t n_all = a->n_chain * a->n_draw;
    assert_int_equal(n_all, b->n_chain * b->n_draw);
    assert_memory_equal(a->x, b->x, n_all * a->n_dim * sizeof *a->x);
    assert_memory_equal(a->stat, b->stat, n_all * MTC_STAT_COUNT * sizeof *a->stat);
    assert_memory_equal(a->tuning, b->tuning, a->n_chain * a->n_tuning * sizeof *a->tuning);
    assert_int_equal(a->n_gradient, b->n_gradient);
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(N_DIM, 0.4);
    const mtc_chains_plan plan = make_plan(&t->target);
    mtc_err err = MTC_ERR_INIT;
    mtc_chains one = MTC_CHAINS_INIT;
    assert_int_equal(run(&plan, 1, &one, &err), MTC_OK);
    for (size_t n_thread = 2; n_thread <= 3; n_thread++) {
        mtc_chains many = MTC_CHAINS_INIT;
        assert_int_equal(run(&plan, n_thread, &many, &err), MTC_OK);
        same_bytes(&one, &many);
        mtc_chains_fini(&many);
    }
    mtc_chains other = MTC_CHAINS_INIT;
    mtc_chains_plan seeded = plan;
    seeded.seed = 78;
    assert_int_equal(run(&seeded, 1, &other, &err), MTC_OK);
    assert_true(memcmp(one.x, other.x, sizeof(double) * N_CHAIN * N_DRAW * N_DIM) != 0);
    mtc_chains_fini(&other);
    mtc_chains_fini(&one);
    test_target_free(t);
}

static void draws_and_statistics_belong_together(void **state)
{
    (void)state;
    test_target *t = test_target_exponential_gamma();
    mtc_chains_plan plan = make_plan(&t->target);
    const double tuning1[N_CHAIN * 2] = {1.0, 0.1, 0.8, 0.1, 0.0, 0.2};
    plan.tuning = tuning1;
    mtc_err err = MTC_ERR_INIT;
    mtc_chains c = MTC_CHAINS_INIT;
    assert_int_equal(run(&plan, 2, &c, &err), MTC_OK);
    double natural[N_CHAIN * N_DRAW], column[N_CHAIN * N_DRAW];
    assert_int_equal(mtc_chains_natural(&c, &t->target, natural, &err), MTC_OK);
    mtc_chains_coordinate(&c, 0, column);
    for (size_t k = 0; k < N_CHAIN * N_DRAW; k++) {
        mtc_point p = {0};
        const double *x = mtc_chains_draw(&c, k / N_DRAW, k % N_DRAW);
        assert_int_equal(t->target.eval(t, NULL, x, &p, &err), MTC_OK);
        assert_near(mtc_chains_stat(&c, MTC_STAT_LOG_PRIOR)[k], p.log_prior, 0.0);
        assert_near(mtc_chains_stat(&c, MTC_STAT_LOG_LIKELIHOOD)[k], p.log_likelihood, 0.0);
        assert_near(column[k], x[0], 0.0);
        assert_near(natural[k], exp(x[0]), 0.0);
        assert_in_range(mtc_chains_stat(&c, MTC_STAT_TREE_DEPTH)[k], 1, 10);
        const double accept = mtc_chains_stat(&c, MTC_STAT_ACCEPT)[k];
        assert_true(accept > 0.0 && accept <= 1.0);
        /* energy: the kinetic part is not negative */
        assert_true(mtc_chains_stat(&c, MTC_STAT_ENERGY)[k] >= -p.log_prior - p.log_likelihood);
        assert_near(mtc_chains_stat(&c, MTC_STAT_STEP_SIZE)[k], c.tuning[2 * (k / N_DRAW)], 0.0);
    }
    assert_string_equal(mtc_stat_name(MTC_STAT_DIVERGING), "diverging");
    assert_null(mtc_stat_name(MTC_STAT_COUNT));
    mtc_chains_fini(&c);
    test_target_free(t);
}

static void continuing_appends(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(N_DIM, 0.4);
    const mtc_chains_plan plan = make_plan(&t->target);
    mtc_err err = MTC_ERR_INIT;
    mtc_chains first = MTC_CHAINS_INIT, longer = MTC_CHAINS_INIT;
    mtc_exec *exec = NULL;
    assert_int_equal(mtc_exec_create(2, &exec, &err), MTC_OK);
    assert_int_equal(mtc_chains_run(exec, &plan, &first, &err), MTC_OK);
    assert_int_equal(mtc_chains_run(exec, &plan, &longer, &err), MTC_OK);
    assert_int_equal(mtc_chains_continue(exec, &plan, 20, &longer, &err), MTC_OK);
    assert_int_equal(longer.n_draw, N_DRAW + 20);
    assert_int_equal(longer.n_part, 2);
    assert_true(longer.n_gradient > first.n_gradient);
    for (size_t c = 0; c < N_CHAIN; c++) {
        assert_memory_equal(mtc_chains_draw(&longer, c, 0), mtc_chains_draw(&first, c, 0),
                            N_DRAW * N_DIM * sizeof(double));
        for (int s = 0; s < MTC_STAT_COUNT; s++) {
            assert_memory_equal(mtc_chains_stat(&longer, (mtc_stat)s) + c * longer.n_draw,
                                mtc_chains_stat(&first, (mtc_stat)s) + c * N_DRAW, N_DRAW * sizeof(double));
        }
        assert_true(memcmp(mtc_chains_draw(&longer, c, N_DRAW), mtc_chains_draw(&longer, c, N_DRAW - 1),
                           N_DIM * sizeof(double)) != 0);
        /* the kernel stays as it was tuned */
        assert_near(mtc_chains_stat(&longer, MTC_STAT_STEP_SIZE)[c * longer.n_draw + N_DRAW + 5], first.tuning[c * 5],
                    0.0);
    }
    mtc_chains_plan wrong = plan;
    wrong.n_chain = 2;
    assert_int_equal(mtc_chains_continue(exec, &wrong, 20, &longer, &err), MTC_ESIZE);
    assert_int_equal(mtc_chains_continue(exec, &plan, 0, &longer, &err), MTC_ESIZE);
    mtc_chains_fini(&first);
    mtc_chains_fini(&longer);
    mtc_chains_fini(NULL);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

static void thinning_keeps_every_stride_th_draw(void **state)
{
    (void)state;
    const size_t stride = 7, n_kept = N_DRAW / stride;
    test_target *t = test_target_correlated(N_DIM, 0.4);
    const mtc_chains_plan plan = make_plan(&t->target);
    mtc_err err = MTC_ERR_INIT;
    mtc_chains all = MTC_CHAINS_INIT, thin = MTC_CHAINS_INIT;
    assert_int_equal(run(&plan, 2, &all, &err), MTC_OK);
    assert_int_equal(mtc_chains_thin(&all, stride, &thin, &err), MTC_OK);
    assert_int_equal(thin.n_draw, n_kept);
    assert_int_equal(thin.n_gradient, all.n_gradient);
    for (size_t c = 0; c < N_CHAIN; c++) {
        for (size_t i = 0; i < n_kept; i++) {
            const size_t from = (i + 1) * stride - 1;
            assert_memory_equal(mtc_chains_draw(&thin, c, i), mtc_chains_draw(&all, c, from), N_DIM * sizeof(double));
            for (int s = 0; s < MTC_STAT_COUNT; s++) {
                assert_near(mtc_chains_stat(&thin, (mtc_stat)s)[c * n_kept + i],
                            mtc_chains_stat(&all, (mtc_stat)s)[c * N_DRAW + from], 0.0);
            }
        }
    }
    mtc_chains_fini(&all);
    mtc_chains_fini(&thin);
    test_target_free(t);
}

static void nothing_is_allocated_per_draw(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(N_DIM, 0.4);
    mtc_chains_plan plan = make_plan(&t->target);
    mtc_err err = MTC_ERR_INIT;
    size_t requests[2];
    for (size_t k = 0; k < 2; k++) {
        mtc_chains c = MTC_CHAINS_INIT;
        plan.n_draw = k ? 500 : 5;
        test_alloc_start(0);
        assert_int_equal(run(&plan, 1, &c, &err), MTC_OK);
        mtc_chains_fini(&c);
        requests[k] = test_alloc_requests();
        assert_int_equal(test_alloc_stop(), 0);
    }
    assert_int_equal(requests[0], requests[1]);
    test_target_free(t);
}

static void every_failing_allocation_is_reported(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(N_DIM, 0.4);
    mtc_chains_plan plan = make_plan(&t->target);
    plan.n_draw = 5;
    plan.n_warmup = 20;
    mtc_status st = MTC_ENOMEM;
    size_t k = 1;
    for (; st != MTC_OK && k < 100; k++) {
        mtc_err err = MTC_ERR_INIT;
        mtc_chains c = MTC_CHAINS_INIT;
        test_alloc_start(k);
        st = run(&plan, 1, &c, &err);
        mtc_chains_fini(&c);
        assert_int_equal(test_alloc_stop(), 0);
        assert_true(st == MTC_OK || st == MTC_ENOMEM);
    }
    assert_in_range(k, 10, 99);
    test_target_free(t);
}

/* ---- faults of targets and plans ---- */

static mtc_status eval_outside(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const test_target *t = self;
    const mtc_status st = t->eval_with_gradient(self, ws, x, point, err);
    if (x[0] < -0.6) {
        point->log_likelihood = -(double)INFINITY;
    }
    return st;
}

static mtc_status eval_nan(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const mtc_status st = ((const test_target *)self)->eval_with_gradient(self, ws, x, point, err);
    if (x[0] > 1.0) {
        point->log_likelihood = (double)NAN;
    }
    return st;
}

static void faults_are_reported(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(N_DIM, 0.4);
    mtc_chains_plan plan = make_plan(&t->target);
    mtc_err err = MTC_ERR_INIT;
    mtc_chains c = MTC_CHAINS_INIT;
    t->eval_with_gradient = t->target.eval;
    t->target.eval = eval_outside;
    assert_int_equal(run(&plan, 2, &c, &err), MTC_EDOMAIN); /* chain 2 starts at -0.9 */
    assert_non_null(strstr(err.message, "chain 2"));
    t->target.eval = eval_nan;
    assert_int_equal(run(&plan, 2, &c, &err), MTC_ENAN);
    t->target.eval = t->eval_with_gradient;
    plan.start = NULL;
    assert_int_equal(run(&plan, 2, &c, &err), MTC_EDOMAIN);
    plan = make_plan(&t->target);
    plan.n_chain = 0;
    assert_int_equal(run(&plan, 2, &c, &err), MTC_EDOMAIN);
    plan = make_plan(&t->target);
    mtc_kernel_ops old = mtc_kernel_nuts;
    old.abi = 0;
    plan.kernel = &old;
    assert_int_equal(run(&plan, 2, &c, &err), MTC_EDOMAIN);
    plan = make_plan(&t->target);
    double bad[N_CHAIN * (1 + N_DIM * N_DIM)];
    memcpy(bad, tuning, sizeof bad);
    bad[1] = -1.0; /* no metric */
    plan.tuning = bad;
    assert_int_equal(run(&plan, 2, &c, &err), MTC_ENUMERIC);
    plan = make_plan(&t->target);
    test_target_drop_gradient(t);
    assert_int_equal(run(&plan, 2, &c, &err), MTC_EDOMAIN);
    assert_null(c.x);
    test_target_free(t);
}

static unsigned n_asked; /* one thread */

static bool stop_at_the_tenth_question(void)
{
    return ++n_asked >= 10;
}

/* A chain may take minutes: it gives up between two steps, not at its end. */
static void a_chain_stops_between_steps(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(N_DIM, 0.4);
    const mtc_chains_plan plan = make_plan(&t->target);
    mtc_err err = MTC_ERR_INIT;
    mtc_chains c = MTC_CHAINS_INIT;
    mtc_exec *exec = NULL;
    n_asked = 0;
    assert_int_equal(mtc_exec_create(1, &exec, &err), MTC_OK);
    mtc_exec_set_stop(exec, stop_at_the_tenth_question);
    assert_int_equal(mtc_chains_run(exec, &plan, &c, &err), MTC_EINTERRUPTED);
    assert_int_equal(n_asked, 10);
    assert_null(c.x);
    mtc_exec_destroy(exec);
    test_target_free(t);
}

static void leaving_the_support_is_a_divergence(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(N_DIM, 0.4);
    mtc_chains_plan plan = make_plan(&t->target);
    double inside[N_CHAIN * N_DIM];
    memcpy(inside, starts, sizeof inside);
    inside[4] = 0.3;
    plan.start = inside;
    mtc_err err = MTC_ERR_INIT;
    mtc_chains c = MTC_CHAINS_INIT;
    t->eval_with_gradient = t->target.eval;
    t->target.eval = eval_outside;
    assert_int_equal(run(&plan, 1, &c, &err), MTC_OK);
    double n_divergent = 0.0;
    for (size_t k = 0; k < N_CHAIN * N_DRAW; k++) {
        n_divergent += mtc_chains_stat(&c, MTC_STAT_DIVERGING)[k];
        assert_true(c.x[k * N_DIM] >= -0.6);
    }
    assert_true(n_divergent > 5.0);
    mtc_chains_fini(&c);
    test_target_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(draws_and_statistics_belong_together),
        cmocka_unit_test(continuing_appends),
        cmocka_unit_test(thinning_keeps_every_stride_th_draw),
        cmocka_unit_test(nothing_is_allocated_per_draw),
        cmocka_unit_test(every_failing_allocation_is_reported),
        cmocka_unit_test(faults_are_reported),
        cmocka_unit_test(leaving_the_support_is_a_divergence),
        cmocka_unit_test(a_chain_stops_between_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
