/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map that takes out curvature: inverse, Jacobian, what it finds and what it leaves alone. */
#include "mtc_bend.h"
#include "mtc_linalg.h"
#include "mtc_rng.h"
#include "test_near.h"

#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>

enum { N = 3000, D = 4 };

/* x1 bends with x0, x3 with x0 x2; the rest is normal. curved = 0: all normal and correlated. */
static double *make_sample(int curved)
{
    double *x = calloc((size_t)N * D, sizeof *x);
    gsl_rng *rng = NULL;
    assert_non_null(x);
    assert_int_equal(mtc_rng_stream(31, curved ? "bend/curved" : "bend/straight", &rng, NULL), MTC_OK);
    for (size_t i = 0; i < N; i++) {
        double z[D];
        for (size_t a = 0; a < D; a++) {
            z[a] = mtc_rng_normal(rng);
        }
        double *const row = x + i * D;
        row[0] = 5.0 + 1.3 * z[0];
        row[1] = -2.0 + 0.5 * z[1] + 0.4 * z[0] + (curved ? 0.8 * z[0] * z[0] : 0.0);
        row[2] = 0.03 * z[2] + 0.01 * z[0];
        row[3] = 100.0 * z[3] + 50.0 * z[1] + (curved ? 120.0 * z[0] * z[2] : 0.0);
    }
    gsl_rng_free(rng);
    return x;
}

static mtc_bend fit(const double *x, double threshold)
{
    mtc_bend b;
    double *log_w = calloc(N, sizeof *log_w);
    const mtc_wsample sample = {N, D, x, log_w, NULL};
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_bend_fit(&sample, threshold, &b, &err), MTC_OK);
    free(log_w);
    return b;
}

static void straight_samples_are_only_whitened(void **state)
{
    (void)state;
    double *x = make_sample(0), scratch[D], r[D], sum[D] = {0.0}, square[D * D] = {0.0};
    mtc_bend b = fit(x, 4.5);
    assert_int_equal(b.n_term, 0);
    for (size_t i = 0; i < N; i++) {
        mtc_bend_straighten(&b, x + i * D, r, scratch);
        for (size_t a = 0; a < D; a++) {
            sum[a] += r[a] / N;
            for (size_t c = 0; c < D; c++) {
                square[a * D + c] += r[a] * r[c] / N;
            }
        }
    }
    for (size_t a = 0; a < D; a++) {
        assert_near(sum[a], 0.0, 1e-9);
        for (size_t c = 0; c < D; c++) {
            assert_near(square[a * D + c], a == c ? 1.0 : 0.0, 1e-7);
        }
    }
    mtc_bend_fini(&b);
    free(x);
}

/* Largest correlation of the product r_i r_k with r_j over distinct j. */
static double worst_bend(const mtc_bend *b, const double *x)
{
    double *r = calloc((size_t)N * D, sizeof *r), scratch[D], worst = 0.0;
    for (size_t n = 0; n < N; n++) {
        mtc_bend_straighten(b, x + n * D, r + n * D, scratch);
    }
    for (size_t i = 0; i < D; i++) {
        for (size_t k = 0; k <= i; k++) {
            for (size_t j = 0; j < D; j++) {
                double p = 0.0, pp = 0.0, v = 0.0, vv = 0.0, pv = 0.0;
                for (size_t n = 0; n < N; n++) {
                    const double q = r[n * D + i] * r[n * D + k], u = r[n * D + j];
                    p += q / N;
                    pp += q * q / N;
                    v += u / N;
                    vv += u * u / N;
                    pv += q * u / N;
                }
                const double c = (pv - p * v) / sqrt((pp - p * p) * (vv - v * v));
                worst = i == j || k == j ? worst : fmax(worst, fabs(c));
            }
        }
    }
    free(r);
    return worst;
}

static void curvature_is_found_and_removed(void **state)
{
    (void)state;
    double *x = make_sample(1);
    mtc_bend none = fit(x, 1e9), b = fit(x, 4.5);
    assert_int_equal(none.n_term, 0);
    assert_true(b.n_term >= 2);
    assert_true(worst_bend(&none, x) > 0.5);
    assert_true(worst_bend(&b, x) < 0.2); /* standard errors of products of four normal factors: about 0.04 */
    mtc_bend_fini(&none);
    mtc_bend_fini(&b);
    free(x);
}

static void apply_is_the_inverse(void **state)
{
    (void)state;
    double *x = make_sample(1), scratch[D], r[D], back[D];
    mtc_bend b = fit(x, 3.0), copy;
    assert_int_equal(mtc_bend_copy(&b, &copy, NULL), MTC_OK);
    mtc_bend_fini(&b);
    for (size_t i = 0; i < N; i += 37) {
        mtc_bend_straighten(&copy, x + i * D, r, scratch);
        mtc_bend_apply(&copy, r, back, scratch);
        mtc_bend_apply(&copy, r, r, scratch); /* in place */
        for (size_t a = 0; a < D; a++) {
            assert_near(back[a], x[i * D + a], 1e-9 * fmax(1.0, fabs(x[i * D + a])));
            assert_near(r[a], back[a], 0.0);
        }
    }
    mtc_bend_fini(&copy);
    mtc_bend_fini(&copy);
    mtc_bend_fini(NULL);
    free(x);
}

/* The log Jacobian that straighten returns, against central differences. */
static void jacobian_is_right(void **state)
{
    (void)state;
    double *x = make_sample(1), scratch[D]; /* bent, and its bends are skewed when too few terms are kept */
    const double h[D] = {1e-4, 1e-4, 1e-6, 1e-2};
    mtc_bend b = fit(x, 30.0);
    double skew = 0.0;
    for (size_t a = 0; a < D; a++) {
        skew = fmax(skew, fabs(b.first[a].skew) + fabs(b.second[a].skew));
    }
    assert_true(skew > 0.1 && b.n_term > 0);
    for (size_t i = 0; i < N; i += 211) {
        double jac[D * D], gram[D * D] = {0.0}, r[D];
        const double want = mtc_bend_straighten(&b, x + i * D, r, scratch);
        for (size_t a = 0; a < D; a++) {
            double up[D], down[D], r_up[D], r_down[D];
            memcpy(up, x + i * D, sizeof up);
            memcpy(down, up, sizeof down);
            up[a] += h[a];
            down[a] -= h[a];
            mtc_bend_straighten(&b, up, r_up, scratch);
            mtc_bend_straighten(&b, down, r_down, scratch);
            for (size_t c = 0; c < D; c++) {
                jac[c * D + a] = (r_up[c] - r_down[c]) / (2.0 * h[a]);
            }
        }
        for (size_t a = 0; a < D; a++) {
            for (size_t c = 0; c < D; c++) {
                for (size_t k = 0; k < D; k++) {
                    gram[a * D + c] += jac[a * D + k] * jac[c * D + k];
                }
            }
        }
        assert_int_equal(mtc_cholesky(gram, D, NULL), MTC_OK);
        assert_near(0.5 * mtc_cholesky_log_det(gram, D), want, 1e-5);
    }
    mtc_bend_fini(&b);
    free(x);
}

/* The pulled-back gradient is that of f(x(r)) + log |det dx/dr|, by differences; f is a sum of sines. */
static void gradients_are_pulled_back(void **state)
{
    (void)state;
    double *x = make_sample(1);
    const double scale[D] = {1.3, 0.5, 0.03, 100.0};
    for (int k = 0; k < 2; k++) {
        mtc_bend b = fit(x, k == 0 ? 4.5 : 30.0); /* many terms; few, with shapes in their place */
        assert_true(b.n_term > 0);
        for (size_t i = 0; i < N; i += 211) {
            double r[D], at[D], grad_x[D], grad_r[D], again[D], scratch[2 * D];
            const double straight = mtc_bend_straighten(&b, x + i * D, r, scratch);
            for (size_t a = 0; a < D; a++) {
                grad_x[a] = cos(x[i * D + a] / scale[a]) / scale[a];
            }
            assert_near(mtc_bend_pull(&b, r, grad_x, grad_r, scratch), -straight, 1e-9);
            for (size_t a = 0; a < D; a++) {
                const double h = 1e-5;
                double f[2];
                for (int side = 0; side < 2; side++) {
                    memcpy(at, r, sizeof at);
                    at[a] += side ? h : -h;
                    mtc_bend_apply(&b, at, at, scratch);
                    f[side] = -mtc_bend_straighten(&b, at, again, scratch);
                    for (size_t c = 0; c < D; c++) {
                        f[side] += sin(at[c] / scale[c]);
                    }
                }
                assert_near(grad_r[a], (f[1] - f[0]) / (2.0 * h), 1e-6 * fmax(1.0, fabs(grad_r[a])));
            }
        }
        mtc_bend_fini(&b);
    }
    free(x);
}

/* x1 is skewed: log of an exponential and a normal; the map makes it nearly symmetric, and inverts. */
static void skewness_is_taken_out(void **state)
{
    (void)state;
    double *x = calloc((size_t)N * D, sizeof *x), scratch[D], r[D], back[D];
    double before = 0.0, after = 0.0, mean = 0.0, square = 0.0;
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(31, "bend/skewed", &rng, NULL), MTC_OK);
    for (size_t i = 0; i < N; i++) {
        for (size_t a = 0; a < D; a++) {
            x[i * D + a] = mtc_rng_normal(rng);
        }
        x[i * D + 1] = log(-log(mtc_rng_uniform(rng))); /* Gumbel's law turned: skewness -1.14 */
    }
    mtc_bend b = fit(x, 4.5);
    assert_true(b.first[1].skew + b.second[1].skew < -0.1);
    assert_near(fabs(b.first[0].skew) + fabs(b.second[0].skew), 0.0, 0.0);
    for (size_t i = 0; i < N; i++) {
        before += pow((x[i * D + 1] + 0.57721566490153286) / (1.2825498301618641), 3.0) / N; /* its moments */
        (void)mtc_bend_straighten(&b, x + i * D, r, scratch);
        mean += r[1] / N;
        square += r[1] * r[1] / N;
        mtc_bend_apply(&b, r, back, scratch);
        assert_near(back[1], x[i * D + 1], 1e-10);
    }
    for (size_t i = 0; i < N; i++) {
        (void)mtc_bend_straighten(&b, x + i * D, r, scratch);
        after += pow((r[1] - mean) / sqrt(square - mean * mean), 3.0) / N;
    }
    assert_near(before, -1.14, 0.4);
    assert_near(after, 0.0, 0.3);
    gsl_rng_free(rng);
    mtc_bend_fini(&b);
    free(x);
}

static void bad_samples(void **state)
{
    (void)state;
    const double x[6] = {1.0, 2.0, 2.0, 4.0, 3.0, 6.0}; /* on a line: no covariance of full rank */
    const double flat[3] = {0.0, 0.0, 0.0}, none[3] = {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
    mtc_bend b;
    mtc_err err = MTC_ERR_INIT;
    mtc_wsample sample = {3, 2, x, none, NULL};
    assert_int_equal(mtc_bend_fit(&sample, 3.0, &b, &err), MTC_ENUMERIC);
    assert_null(b.block);
    sample.log_weight = flat;
    sample.n = 1; /* one point */
    assert_int_equal(mtc_bend_fit(&sample, 3.0, &b, &err), MTC_ENUMERIC);
    sample.n = 0;
    assert_int_equal(mtc_bend_fit(&sample, 3.0, &b, &err), MTC_ESIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_samples_are_only_whitened),
        cmocka_unit_test(curvature_is_found_and_removed),
        cmocka_unit_test(apply_is_the_inverse),
        cmocka_unit_test(jacobian_is_right),
        cmocka_unit_test(gradients_are_pulled_back),
        cmocka_unit_test(skewness_is_taken_out),
        cmocka_unit_test(bad_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
