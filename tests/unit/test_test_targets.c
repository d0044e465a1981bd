/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a test target whose gradient, evidence or moments are not what it says; every engine test rests on them. */
#include "mtc_rng.h"
#include "test_near.h"
#include "test_targets.h"

#include <stdlib.h>

enum { N_KIND = 9 };

static test_target *make(size_t kind)
{
    switch (kind) {
    case 0:
        return test_target_correlated(5, 0.6);
    case 1:
        return test_target_banana();
    case 2:
        return test_target_two_modes(3, 4.0, 0.3);
    case 3:
        return test_target_conjugate_normal();
    case 4:
        return test_target_exponential_gamma();
    case 5:
        return test_target_pine(0);
    case 6:
        return test_target_pine(1);
    case 7:
        return test_target_rosenbrock();
    default:
        return test_target_correlated(1, 0.0);
    }
}

static void parts_at(const test_target *t, const double *x, double *prior, double *likelihood)
{
    mtc_point p = {0};
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(t->target.eval(t, NULL, x, &p, &err), MTC_OK);
    *prior = p.log_prior;
    *likelihood = p.log_likelihood;
}

static void check_gradient(const test_target *t, double *x)
{
    double g_prior[TEST_TARGET_MAX_DIM], g_like[TEST_TARGET_MAX_DIM];
    mtc_point p = {.grad_log_prior = g_prior, .grad_log_likelihood = g_like};
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(t->target.eval(t, NULL, x, &p, &err), MTC_OK);
    for (size_t i = 0; i < t->target.n_dim; i++) {
        const double at = x[i], h = 1e-5 * fmax(1.0, fabs(at));
        double up[2], down[2];
        x[i] = at + h;
        parts_at(t, x, &up[0], &up[1]);
        x[i] = at - h;
        parts_at(t, x, &down[0], &down[1]);
        x[i] = at;
        const double slope_prior = (up[0] - down[0]) / (2.0 * h), slope_like = (up[1] - down[1]) / (2.0 * h);
        assert_near(g_prior[i], slope_prior, 1e-5 * fmax(1.0, fabs(slope_prior)));
        assert_near(g_like[i], slope_like, 1e-5 * fmax(1.0, fabs(slope_like)) + 1e-9 * fabs(p.log_likelihood) / h);
    }
}

static void gradients_and_rows(void **state)
{
    (void)state;
    mtc_err err = MTC_ERR_INIT;
    for (size_t kind = 0; kind < N_KIND; kind++) {
        test_target *t = make(kind);
        gsl_rng *rng = NULL;
        double x[TEST_TARGET_MAX_DIM], natural[TEST_TARGET_MAX_DIM];
        assert_int_equal(mtc_rng_stream(9, t->target.name, &rng, &err), MTC_OK);
        for (int k = 0; k < 5; k++) {
            assert_int_equal(t->target.prior_draw(t, rng, x, &err), MTC_OK);
            check_gradient(t, x);
            t->target.constrain(t, x, natural);
            double *rows = calloc(t->target.n_obs + 1, sizeof *rows), sum = 0.0, prior = 0.0, likelihood = 0.0;
            assert_non_null(rows);
            parts_at(t, x, &prior, &likelihood);
            if (t->target.per_obs) {
                assert_int_equal(t->target.per_obs(t, NULL, x, rows, &err), MTC_OK);
            }
            for (size_t i = 0; i < t->target.n_obs; i++) {
                sum += rows[i];
            }
            assert_near(sum, t->target.n_obs > 0 ? likelihood : 0.0, 1e-9 * fabs(likelihood));
            free(rows);
        }
        gsl_rng_free(rng);
        test_target_free(t);
    }
}

/* Evidence and mean of a one-dimensional target by the trapezoidal rule. */
static void line_integrals(void **state)
{
    (void)state;
    const size_t kinds[] = {3, 4, 8};
    enum { N = 20000 };
    for (size_t k = 0; k < 3; k++) {
        test_target *t = make(kinds[k]);
        const double low = t->mean[0] - 14.0 * t->sd[0], step = 28.0 * t->sd[0] / N;
        double all = 0.0, mean = 0.0, square = 0.0, below = 0.0;
        for (size_t i = 0; i <= N; i++) {
            const double x = low + step * (double)i;
            double prior = 0.0, likelihood = 0.0;
            parts_at(t, &x, &prior, &likelihood);
            const double f = step * exp(prior + likelihood - t->log_evidence);
            all += f;
            mean += f * x;
            square += f * x * x;
            below += x <= t->mean[0] + 0.3 * t->sd[0] ? f : 0.0;
        }
        assert_near(all, 1.0, 1e-8);
        assert_near(mean, t->mean[0], 1e-7);
        assert_near(sqrt(square - mean * mean), t->sd[0], 1e-6);
        assert_near(below, t->cdf(t, 0, t->mean[0] + 0.3 * t->sd[0]), 1e-3);
        test_target_free(t);
    }
}

/* Evidences in two dimensions by a grid: banana, two modes, Rosenbrock on its square. */
static void plane_integrals(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        test_target *t = kind == 0   ? test_target_banana()
                         : kind == 1 ? test_target_two_modes(2, 4.0, 0.3)
                                     : test_target_rosenbrock();
        const double low[2] = {-9.0, kind == 0 ? -4.0 : -9.0}, high[2] = {9.0, kind == 0 ? 30.0 : 12.0};
        enum { N = 1500 };
        double sum = 0.0;
        for (size_t i = 0; i < N; i++) {
            for (size_t j = 0; j < N; j++) {
                const double x[2] = {low[0] + (high[0] - low[0]) * ((double)i + 0.5) / N,
                                     low[1] + (high[1] - low[1]) * ((double)j + 0.5) / N};
                double prior = 0.0, likelihood = 0.0;
                parts_at(t, x, &prior, &likelihood);
                sum += exp(prior + likelihood - t->log_evidence);
            }
        }
        assert_near(sum * (high[0] - low[0]) * (high[1] - low[1]) / ((double)N * N), 1.0, 1e-3);
        test_target_free(t);
    }
}

static void gradients_can_be_dropped(void **state)
{
    (void)state;
    test_target *t = make(0);
    double x[5] = {0.0}, grad[5];
    mtc_err err = MTC_ERR_INIT;
    test_target_drop_gradient(t);
    mtc_point p = {0};
    assert_int_equal(t->target.eval(t, NULL, x, &p, &err), MTC_OK);
    p.grad_log_likelihood = grad;
    assert_int_equal(t->target.eval(t, NULL, x, &p, &err), MTC_EBUG);
    test_target_free(t);
    test_target_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_and_rows),
        cmocka_unit_test(line_integrals),
        cmocka_unit_test(plane_integrals),
        cmocka_unit_test(gradients_can_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
