/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a wrong Jacobian or chain rule of any kind of bounds, draws and starts outside them, values that are lost
 * where a coordinate rounds to its bound, a callback's NaN that passes, a broken model that is taken. */
#include "mtc_rng.h"
#include "mtc_user.h"

#include "test_near.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

enum { N = 4 };
static const mtc_user_param params[N] = {
    {"free", -HUGE_VAL, HUGE_VAL}, {"positive", 1.0, HUGE_VAL}, {"below", -HUGE_VAL, -2.0}, {"between", 3.0, 5.0}};

/* Normal(0, 1), 1 + Exponential(1), -2 - Exponential(1), uniform. */
static double log_prior(const void *data, const double *t, double *grad)
{
    (void)data;
    if (grad != NULL) {
        grad[0] = -t[0];
        grad[1] = -1.0;
        grad[2] = 1.0;
        grad[3] = 0.0;
    }
    return -0.5 * (log(2.0 * M_PI) + t[0] * t[0]) - (t[1] - 1.0) - (-2.0 - t[2]) - log(2.0);
}

static double log_likelihood(const void *data, const double *t, double *grad)
{
    const double *spoil = data;
    if (grad != NULL) {
        grad[0] = t[1];
        grad[1] = t[0];
        grad[2] = 2.0 * t[2] * t[3];
        grad[3] = t[2] * t[2];
    }
    return t[0] * t[1] + t[2] * t[2] * t[3] + *spoil;
}

static void prior_draw(const void *data, gsl_rng *rng, double *t)
{
    (void)data;
    t[0] = mtc_rng_normal(rng);
    t[1] = 1.0 - log(mtc_rng_uniform(rng));
    t[2] = -2.0 + log(mtc_rng_uniform(rng));
    t[3] = 3.0; /* on the bound */
}

static const double nothing = 0.0;

static mtc_user_model model_of(const double *spoil)
{
    return (mtc_user_model){.name = "four",
                            .n_param = N,
                            .param = params,
                            .data = spoil,
                            .has_gradient = true,
                            .log_prior = log_prior,
                            .log_likelihood = log_likelihood,
                            .prior_draw = prior_draw};
}

typedef struct {
    mtc_user_model model;
    mtc_user_target target;
    mtc_evaluator e;
} made;

static void make(made *m, const double *spoil)
{
    m->model = model_of(spoil);
    assert_int_equal(mtc_user_target_init(&m->target, &m->model, NULL), MTC_OK);
    assert_int_equal(mtc_evaluator_init(&m->e, &m->target.target, NULL), MTC_OK);
}

static void drop(made *m)
{
    mtc_evaluator_fini(&m->e);
    mtc_user_target_fini(&m->target);
}

static double density(made *m, const double *x, double beta)
{
    double value = 0.0;
    assert_int_equal(mtc_evaluator_log_density(&m->e, x, beta, &value, NULL, NULL, NULL), MTC_OK);
    return value;
}

static void gradients_match_differences(void **state)
{
    (void)state;
    const double h = 1e-5;
    made m;
    make(&m, &nothing);
    for (int k = 0; k < 20; k++) {
        double x[N], grad[N], value = 0.0;
        for (int i = 0; i < N; i++) {
            x[i] = 1.5 * sin(1.0 + 3.7 * k + 1.3 * i);
        }
        assert_int_equal(mtc_evaluator_log_density(&m.e, x, 0.7, &value, grad, NULL, NULL), MTC_OK);
        for (int i = 0; i < N; i++) {
            double up[N], down[N];
            memcpy(up, x, sizeof x);
            memcpy(down, x, sizeof x);
            up[i] += h;
            down[i] -= h;
            const double slope = (density(&m, up, 0.7) - density(&m, down, 0.7)) / (2.0 * h);
            assert_true(fabs(slope - grad[i]) <= 1e-6 * fmax(1.0, fabs(grad[i])));
        }
    }
    drop(&m);
}

/* The prior at beta = 0 integrates to one over each coordinate in turn; the others' densities are known there. */
static void priors_integrate_to_one(void **state)
{
    (void)state;
    made m;
    make(&m, &nothing);
    for (int i = 0; i < N; i++) {
        double x[N] = {0.0}, sum = 0.0, others = 0.0;
        const double h = 0.01, reach = 40.0;
        const double at_zero[N] = {log(1.0 / sqrt(2.0 * M_PI)), -1.0, -1.0, log(0.25)};
        for (int j = 0; j < N; j++) {
            others += j == i ? 0.0 : at_zero[j];
        }
        for (double y = -reach; y <= reach; y += h) {
            x[i] = y;
            sum += h * exp(density(&m, x, 0.0) - others);
        }
        assert_true(fabs(sum - 1.0) < 1e-9);
    }
    drop(&m);
}

static void draws_lie_inside(void **state)
{
    (void)state;
    made m;
    gsl_rng *rng = NULL;
    make(&m, &nothing);
    const mtc_target *t = &m.target.target;
    assert_int_equal(mtc_rng_stream(5, "draws", &rng, NULL), MTC_OK);
    for (int k = 0; k < 200; k++) {
        double x[N], natural[N], start[N], again[N];
        const double u[N] = {0.1, 0.2, 0.3, (k + 0.5) / 200.0};
        assert_int_equal(t->prior_draw(t->self, rng, x, NULL), MTC_OK);
        t->constrain(t->self, x, natural);
        for (int i = 0; i < N; i++) {
            assert_true(isfinite(x[i]) && natural[i] > params[i].lower && natural[i] < params[i].upper);
        }
        assert_int_equal(t->prior_quantile(t->self, u, start, NULL), MTC_OK);
        assert_int_equal(t->prior_quantile(t->self, u, again, NULL), MTC_OK);
        assert_memory_equal(start, again, sizeof start);
        assert_true(k > 0 || start[0] != x[0]);
    }
    gsl_rng_free(rng);
    drop(&m);
}

static void far_coordinates_are_outside(void **state)
{
    (void)state;
    made m;
    make(&m, &nothing);
    for (int i = 1; i < N; i++) {
        double x[N] = {0.0};
        x[i] = i == 2 ? 800.0 : -800.0; /* the bound, to rounding */
        assert_true(density(&m, x, 1.0) == -HUGE_VAL);
    }
    drop(&m);
}

static void nan_of_a_callback_is_an_error(void **state)
{
    (void)state;
    const double spoil = NAN;
    const double x[N] = {0.0};
    double value = 0.0;
    mtc_err err = MTC_ERR_INIT;
    made m;
    make(&m, &spoil);
    assert_int_equal(mtc_evaluator_log_density(&m.e, x, 1.0, &value, NULL, NULL, &err), MTC_ENAN);
    assert_non_null(strstr(err.message, "four"));
    drop(&m);
}

static void stray_draw(const void *data, gsl_rng *rng, double *t)
{
    prior_draw(data, rng, t);
    t[3] = 5.5;
}

static void broken_models_are_refused(void **state)
{
    (void)state;
    const mtc_user_param crossed[N] = {{"free", -HUGE_VAL, HUGE_VAL}, {"a", 2.0, 2.0}, {"b", 0.0, 1.0}, {"c", 0, 1}};
    mtc_user_target t;
    mtc_err err = MTC_ERR_INIT;
    mtc_user_model m = model_of(&nothing);
    m.param = crossed;
    assert_int_equal(mtc_user_target_init(&t, &m, &err), MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "parameter 1 (a)"));
    mtc_user_target_fini(&t);
    m = model_of(&nothing);
    m.prior_draw = NULL;
    assert_int_equal(mtc_user_target_init(&t, &m, &err), MTC_EDOMAIN);
    mtc_user_target_fini(&t);
    m = model_of(&nothing);
    m.n_obs = 3;
    assert_int_equal(mtc_user_target_init(&t, &m, &err), MTC_EDOMAIN);
    mtc_user_target_fini(&t);
    m = model_of(&nothing);
    m.prior_draw = stray_draw;
    assert_int_equal(mtc_user_target_init(&t, &m, &err), MTC_OK);
    double x[N];
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(5, "draws", &rng, NULL), MTC_OK);
    assert_int_equal(t.target.prior_draw(t.target.self, rng, x, &err), MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "between = 5.5"));
    gsl_rng_free(rng);
    mtc_user_target_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_match_differences),
        cmocka_unit_test(priors_integrate_to_one),
        cmocka_unit_test(draws_lie_inside),
        cmocka_unit_test(far_coordinates_are_outside),
        cmocka_unit_test(nan_of_a_callback_is_an_error),
        cmocka_unit_test(broken_models_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
