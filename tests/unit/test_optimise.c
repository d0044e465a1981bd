/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: tops that are none (gradient not verified), a lost mode, a saddle taken for a mode, a wrong Hessian or
 * Laplace evidence, infinities or NaN that reach NLopt, results that depend on threads. */
#include "mtc_arena.h"
#include "mtc_optimise.h"
#include "test_near.h"
#include "test_targets.h"

#include <string.h>

static mtc_modes find_modes(const mtc_target *target, mtc_optimise_settings settings, size_t n_thread)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_exec *exec = NULL;
    mtc_modes modes = MTC_MODES_INIT;
    assert_int_equal(mtc_exec_create(n_thread, &exec, &err), MTC_OK);
    const mtc_status st = mtc_optimise(exec, target, &settings, &modes, &err);
    if (st != MTC_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(st, MTC_OK);
    mtc_exec_destroy(exec);
    return modes;
}

static void expect_status(const mtc_target *target, mtc_optimise_settings settings, mtc_status want)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_exec *exec = NULL;
    mtc_modes modes = MTC_MODES_INIT;
    assert_int_equal(mtc_exec_create(2, &exec, &err), MTC_OK);
    assert_int_equal(mtc_optimise(exec, target, &settings, &modes, &err), want);
    assert_null(modes.mode);
    mtc_exec_destroy(exec);
}

static void gaussian_is_solved_exactly(void **state)
{
    (void)state;
    const size_t dims[] = {1, 2, 5, 9};
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++) {
        test_target *t = test_target_correlated(dims[d], 0.7);
        mtc_modes modes = find_modes(&t->target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 2);
        assert_int_equal(modes.n_mode, 1);
        const mtc_mode *m = &modes.mode[0];
        assert_true(m->verified);
        assert_true(m->gradient_norm <= 1e-5);
        assert_int_equal(m->n_flat, 0);
        assert_int_equal(m->n_start, 8);
        assert_near(m->laplace, t->log_evidence, 1e-6);
        assert_near(modes.laplace, t->log_evidence, 1e-6);
        assert_near(m->log_density, m->log_prior + m->log_likelihood, 1e-12);
        for (size_t i = 0; i < dims[d]; i++) {
            assert_near(m->x[i], t->mean[i], 1e-4 * t->sd[i]);
            for (size_t j = 0; j < dims[d]; j++) {
                const double want = t->sd[i] * t->sd[j] * (i == j ? 1.0 : 0.7);
                assert_near(m->covariance[i * dims[d] + j], want, 1e-6 * t->sd[i] * t->sd[j]);
                assert_near(m->hessian[i * dims[d] + j], t->precision[i * dims[d] + j], 1e-5 / (t->sd[i] * t->sd[j]));
            }
        }
        assert_true(modes.n_gradient > 0);
        mtc_modes_fini(&modes);
        test_target_free(t);
    }
}

static void badly_scaled_regression(void **state)
{
    (void)state;
    for (int model = 0; model < 2; model++) {
        test_target *t = test_target_pine(model);
        mtc_modes modes = find_modes(&t->target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 2);
        assert_int_equal(modes.n_mode, 1);
        assert_true(modes.mode[0].verified);
        /* Laplace is rough; on these regressions the normal is nearly right */
        assert_near(modes.laplace, t->log_evidence, 0.06);
        mtc_modes_fini(&modes);
        test_target_free(t);
    }
}

static void curved_targets_are_climbed(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    mtc_modes modes = find_modes(&t->target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 1);
    assert_int_equal(modes.n_mode, 1);
    assert_true(modes.mode[0].verified);
    assert_near(modes.mode[0].x[0], 0.0, 1e-4);
    assert_near(modes.mode[0].x[1], 0.0, 1e-4);
    mtc_modes_fini(&modes);
    test_target_free(t);
    t = test_target_rosenbrock();
    modes = find_modes(&t->target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 1);
    for (size_t k = 0; k < modes.n_mode; k++) {
        assert_true(modes.mode[k].verified);
    }
    assert_near(modes.laplace, t->log_evidence, 0.5);
    mtc_modes_fini(&modes);
    test_target_free(t);
}

static void polishing_finishes_poor_climbs(void **state)
{
    (void)state;
    test_target *t = test_target_banana();
    mtc_optimise_settings settings = MTC_OPTIMISE_INIT;
    settings.max_eval = 4;
    mtc_modes modes = find_modes(&t->target, settings, 2);
    assert_int_equal(modes.n_mode, 1);
    assert_true(modes.mode[0].verified);
    assert_true(modes.mode[0].gradient_norm <= settings.gradient_tolerance);
    assert_near(modes.mode[0].x[0], 0.0, 2e-5);
    mtc_modes_fini(&modes);
    test_target_free(t);
}

static void both_modes_are_found_and_no_saddle(void **state)
{
    (void)state;
    /* weight 1/2: the first start (the prior's median) stands exactly on the saddle */
    const double weights[] = {0.3, 0.5};
    for (size_t w = 0; w < 2; w++) {
        test_target *t = test_target_two_modes(3, 9.0, weights[w]);
        mtc_modes modes = find_modes(&t->target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 2);
        assert_int_equal(modes.n_mode, 2);
        assert_true(modes.mode[0].verified && modes.mode[1].verified);
        assert_true(modes.mode[0].log_density >= modes.mode[1].log_density);
        assert_near(fabs(modes.mode[0].x[0] - modes.mode[1].x[0]), 9.0, 1e-2);
        assert_near(modes.laplace, t->log_evidence, 1e-2);
        assert_int_equal(modes.mode[0].n_start + modes.mode[1].n_start, 8);
        double distance = 0.0;
        const double near_second[3] = {modes.mode[1].x[0] + 0.5, 0.0, 0.0};
        assert_int_equal(mtc_modes_nearest(&modes, near_second, &distance), 1);
        assert_near(distance, 0.5, 1e-3);
        mtc_modes_fini(&modes);
        test_target_free(t);
    }
}

static void works_without_gradient(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(3, 0.5);
    test_target_drop_gradient(t);
    mtc_modes modes = find_modes(&t->target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 2);
    assert_int_equal(modes.n_mode, 1);
    assert_true(modes.mode[0].verified);
    assert_int_equal(modes.n_gradient, 0);
    assert_near(modes.laplace, t->log_evidence, 1e-3);
    for (size_t i = 0; i < 3; i++) {
        assert_near(modes.mode[0].x[i], t->mean[i], 1e-3 * t->sd[i]);
    }
    mtc_modes_fini(&modes);
    test_target_free(t);
}

static void temperature_is_obeyed(void **state)
{
    (void)state;
    test_target *t = test_target_conjugate_normal();
    mtc_optimise_settings settings = MTC_OPTIMISE_INIT;
    settings.beta = 0.0;
    mtc_modes prior = find_modes(&t->target, settings, 1);
    assert_near(prior.mode[0].x[0], 0.8, 1e-5);
    assert_near(prior.laplace, 0.0, 1e-6);
    assert_near(prior.mode[0].covariance[0], 2.1 * 2.1, 1e-5);
    settings.beta = 0.37;
    mtc_modes half = find_modes(&t->target, settings, 1);
    const double precision = 1.0 / (2.1 * 2.1) + 0.37 * 12.0 / (1.7 * 1.7);
    assert_near(half.mode[0].covariance[0], 1.0 / precision, 1e-6);
    mtc_modes_fini(&prior);
    mtc_modes_fini(&half);
    test_target_free(t);
}

/* ---- targets with faults ---- */

typedef enum { HALF_SPACE, NOWHERE, HOLE_OF_NAN, FLAT } fault;

typedef struct {
    test_target *inner;
    fault kind;
    mtc_target target;
} faulty;

static mtc_status faulty_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const faulty *f = self;
    const mtc_status st = f->inner->target.eval(f->inner, ws, x, point, err);
    if (f->kind == NOWHERE || (f->kind == HALF_SPACE && x[0] < -0.9)) {
        point->log_likelihood = -(double)INFINITY;
        point->reason = MTC_REASON_MODEL_DOMAIN;
    } else if (f->kind == HOLE_OF_NAN && x[0] < 5.0) {
        point->log_likelihood = (double)NAN;
    } else if (f->kind == FLAT) {
        /* the likelihood takes the prior away along x1 */
        point->log_likelihood = point->log_prior * 0.0 + x[1] * x[1] / (2.0 * 400.0);
        if (point->grad_log_likelihood) {
            point->grad_log_likelihood[0] = 0.0;
            point->grad_log_likelihood[1] = x[1] / 400.0;
        }
    }
    return st;
}

static mtc_status faulty_quantile(const void *self, const double *u, double *x, mtc_err *err)
{
    const faulty *f = self;
    return f->inner->target.prior_quantile(f->inner, u, x, err);
}

static void make_faulty(faulty *f, fault kind)
{
    *f = (faulty){.inner = test_target_correlated(2, 0.4), .kind = kind};
    f->target = f->inner->target;
    f->target.self = f;
    f->target.eval = faulty_eval;
    f->target.prior_quantile = faulty_quantile;
}

static void starts_and_steps_outside_the_support(void **state)
{
    (void)state;
    faulty f;
    make_faulty(&f, HALF_SPACE);
    mtc_modes modes = find_modes(&f.target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 2);
    assert_int_equal(modes.n_mode, 1);
    assert_int_equal(modes.n_lost, 0);
    assert_true(modes.mode[0].verified);
    assert_near(modes.mode[0].x[0], f.inner->mean[0], 1e-4);
    mtc_modes_fini(&modes);
    test_target_free(f.inner);
    make_faulty(&f, NOWHERE);
    expect_status(&f.target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, MTC_ENUMERIC);
    test_target_free(f.inner);
}

static void nan_stops_the_search(void **state)
{
    (void)state;
    faulty f;
    make_faulty(&f, HOLE_OF_NAN);
    expect_status(&f.target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, MTC_ENAN);
    test_target_free(f.inner);
}

static void flat_directions_are_reported(void **state)
{
    (void)state;
    faulty f;
    make_faulty(&f, FLAT);
    mtc_optimise_settings settings = MTC_OPTIMISE_INIT;
    settings.n_start = 3;
    mtc_modes modes = find_modes(&f.target, settings, 1);
    const mtc_mode *m = &modes.mode[0];
    assert_int_equal(m->n_flat, 1);
    assert_false(m->verified);
    assert_true(fabs(m->eigenvector[1]) > 0.999); /* the flat one is x1 */
    /* the prior's variance stands in: about 20^2 */
    assert_near(m->covariance[3], 400.0, 20.0);
    assert_near(m->covariance[0], 400.0, 1.0);
    mtc_modes_fini(&modes);
    test_target_free(f.inner);
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    test_target *t = test_target_two_modes(4, 6.0, 0.35);
    mtc_modes one = find_modes(&t->target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 1);
    mtc_modes four = find_modes(&t->target, (mtc_optimise_settings)MTC_OPTIMISE_INIT, 4);
    assert_int_equal(one.n_mode, four.n_mode);
    assert_int_equal(one.n_gradient, four.n_gradient);
    for (size_t k = 0; k < one.n_mode; k++) {
        assert_memory_equal(one.mode[k].x, four.mode[k].x, 4 * sizeof(double));
        assert_memory_equal(one.mode[k].chol, four.mode[k].chol, 16 * sizeof(double));
    }
    mtc_optimise_settings other = MTC_OPTIMISE_INIT;
    other.seed = 991;
    mtc_modes seeded = find_modes(&t->target, other, 1);
    assert_true(one.n_gradient != seeded.n_gradient); /* other starts */
    mtc_modes_fini(&one);
    mtc_modes_fini(&four);
    mtc_modes_fini(&seeded);
    test_target_free(t);
}

static void climbs_and_odd_arguments(void **state)
{
    (void)state;
    test_target *t = test_target_correlated(2, 0.4);
    mtc_err err = MTC_ERR_INIT;
    mtc_evaluator e;
    mtc_optimise_settings s = MTC_OPTIMISE_INIT;
    double x[2] = {7.0, -3.0}, value = 0.0;
    const double scale[2] = {20.0, 20.0};
    assert_int_equal(mtc_evaluator_init(&e, &t->target, &err), MTC_OK);
    assert_int_equal(mtc_climb(&e, &s, scale, x, &value, &err), MTC_OK);
    assert_near(x[0], t->mean[0], 1e-3);
    assert_near(x[1], t->mean[1], 1e-3);
    s.max_eval = 0;
    assert_int_equal(mtc_climb(&e, &s, scale, x, &value, &err), MTC_EDOMAIN);
    mtc_evaluator_fini(&e);
    expect_status(NULL, s, MTC_EDOMAIN);
    expect_status(&t->target, s, MTC_EDOMAIN);
    s.max_eval = 10;
    s.beta = 1.5;
    expect_status(&t->target, s, MTC_EDOMAIN);
    mtc_modes_fini(NULL);
    test_target_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_is_solved_exactly),
        cmocka_unit_test(badly_scaled_regression),
        cmocka_unit_test(curved_targets_are_climbed),
        cmocka_unit_test(polishing_finishes_poor_climbs),
        cmocka_unit_test(both_modes_are_found_and_no_saddle),
        cmocka_unit_test(works_without_gradient),
        cmocka_unit_test(temperature_is_obeyed),
        cmocka_unit_test(starts_and_steps_outside_the_support),
        cmocka_unit_test(nan_stops_the_search),
        cmocka_unit_test(flat_directions_are_reported),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(climbs_and_odd_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
