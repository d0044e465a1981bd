/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Student-t mixtures: density, draws, weighted fit. */
#include "mtc_rng.h"
#include "mtc_tmix.h"
#include "test_near.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>

static const double pair_mean[2][2] = {{-1.3, 0.4}, {2.2, -0.7}};
static const double pair_scale[2][4] = {{0.9, 0.35, 0.35, 0.5}, {0.3, -0.1, -0.1, 0.8}};

/* Two components in two dimensions, weights 3 : 1 before they are normalised, degrees of freedom 5 and 9. */
static mtc_tmix pair(void)
{
    mtc_tmix m;
    assert_int_equal(mtc_tmix_init(&m, 2, 2, NULL), MTC_OK);
    assert_int_equal(mtc_tmix_set(&m, 0, 2.1, 5.0, pair_mean[0], pair_scale[0], NULL), MTC_OK);
    assert_int_equal(mtc_tmix_set(&m, 1, 0.7, 9.0, pair_mean[1], pair_scale[1], NULL), MTC_OK);
    assert_int_equal(mtc_tmix_finish(&m, NULL), MTC_OK);
    return m;
}

static void one_dimension_is_gsl_s_law(void **state)
{
    (void)state;
    mtc_tmix m;
    const double mean = 0.31, scale = 2.385 * 2.385;
    double scratch[2];
    assert_int_equal(mtc_tmix_init(&m, 1, 1, NULL), MTC_OK);
    assert_int_equal(mtc_tmix_set(&m, 0, 7.0, 4.2, &mean, &scale, NULL), MTC_OK);
    assert_int_equal(mtc_tmix_finish(&m, NULL), MTC_OK);
    for (double x = -300.0; x < 300.0; x += 7.3) {
        const double want = log(gsl_ran_tdist_pdf((x - mean) / 2.385, 4.2) / 2.385);
        assert_near(mtc_tmix_logpdf(&m, &x, scratch), want, 1e-12 * fmax(1.0, fabs(want)));
    }
    mtc_tmix_fini(&m);
}

static void density_integrates_to_one(void **state)
{
    (void)state;
    mtc_tmix m = pair();
    double scratch[4], total = 0.0, mean0 = 0.0;
    const double step = 0.05; /* u = asinh(x): the heavy tails end at sinh(9) = 4000 */
    for (double u = -9.0; u < 9.0; u += step) {
        for (double v = -9.0; v < 9.0; v += step) {
            const double x[2] = {sinh(u), sinh(v)};
            const double mass = exp(mtc_tmix_logpdf(&m, x, scratch)) * cosh(u) * cosh(v) * step * step;
            total += mass;
            mean0 += mass * x[0];
        }
    }
    assert_near(total, 1.0, 1e-6);
    assert_near(mean0, 0.75 * -1.3 + 0.25 * 2.2, 1e-5);
    mtc_tmix_fini(&m);
}

static void far_out_is_no_nan(void **state)
{
    (void)state;
    mtc_tmix m = pair();
    double scratch[4];
    const double x[2] = {1e300, -1e300};
    assert_int_equal(isnan(mtc_tmix_logpdf(&m, x, scratch)) != 0, 0);
    mtc_tmix_fini(&m);
}

static void draws_have_the_moments(void **state)
{
    (void)state;
    enum { N = 40000 };
    mtc_tmix m = pair();
    double mean[2], cov[4], scratch[2], sum[2] = {0.0}, square[4] = {0.0};
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(7, "tmix/draws", &rng, NULL), MTC_OK);
    mtc_tmix_moments(&m, mean, cov);
    for (size_t i = 0; i < N; i++) {
        double x[2];
        mtc_tmix_draw(&m, rng, x, scratch);
        for (size_t a = 0; a < 2; a++) {
            sum[a] += x[a] / N;
            for (size_t b = 0; b < 2; b++) {
                square[2 * a + b] += (x[a] - mean[a]) * (x[b] - mean[b]) / N;
            }
        }
    }
    for (size_t a = 0; a < 2; a++) { /* 6 standard errors of a mean; second moments with kurtosis up to 9 */
        assert_near(sum[a], mean[a], 6.0 * sqrt(cov[3 * a] / N));
        assert_near(square[3 * a], cov[3 * a], 6.0 * cov[3 * a] * sqrt(8.0 / N));
    }
    assert_near(square[1], cov[1], 6.0 * sqrt(cov[0] * cov[3] * 8.0 / N));
    gsl_rng_free(rng);
    mtc_tmix_fini(&m);
}

static void copy_is_deep(void **state)
{
    (void)state;
    mtc_tmix m = pair(), other;
    double scratch[4];
    const double x[2] = {0.3, 0.1};
    assert_int_equal(mtc_tmix_copy(&m, &other, NULL), MTC_OK);
    const double before = mtc_tmix_logpdf(&other, x, scratch);
    m.mean[0] = 50.0;
    assert_near(mtc_tmix_logpdf(&other, x, scratch), before, 0.0);
    mtc_tmix_fini(&m);
    mtc_tmix_fini(&m);
    mtc_tmix_fini(NULL);
    mtc_tmix_fini(&other);
}

static void bad_components(void **state)
{
    (void)state;
    mtc_tmix m;
    mtc_err err = MTC_ERR_INIT;
    const double mean[2] = {0.0, 0.0}, good[4] = {1.0, 0.2, 0.2, 1.0}, flat[4] = {1.0, 1.0, 1.0, 1.0};
    assert_int_equal(mtc_tmix_init(&m, 0, 1, &err), MTC_ESIZE);
    assert_int_equal(mtc_tmix_init(&m, 2, 0, &err), MTC_ESIZE);
    assert_int_equal(mtc_tmix_init(&m, 2, 1, &err), MTC_OK);
    assert_int_equal(mtc_tmix_finish(&m, &err), MTC_EDOMAIN); /* no weight yet */
    assert_int_equal(mtc_tmix_set(&m, 1, 1.0, 5.0, mean, good, &err), MTC_ESIZE);
    assert_int_equal(mtc_tmix_set(&m, 0, 0.0, 5.0, mean, good, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_tmix_set(&m, 0, 1.0, -1.0, mean, good, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_tmix_set(&m, 0, 1.0, 5.0, mean, flat, &err), MTC_ENUMERIC);
    mtc_tmix_fini(&m);
}

/* A sample of N draws of the pair; released by the caller. */
enum { N_FIT = 4000 };
static double *pair_draws(const mtc_tmix *m)
{
    double *x = calloc((size_t)2 * N_FIT, sizeof *x), scratch[2];
    gsl_rng *rng = NULL;
    assert_non_null(x);
    assert_int_equal(mtc_rng_stream(20261, "tmix/fit", &rng, NULL), MTC_OK);
    for (size_t i = 0; i < N_FIT; i++) {
        mtc_tmix_draw(m, rng, x + 2 * i, scratch);
    }
    gsl_rng_free(rng);
    return x;
}

/* One component far too wide. */
static mtc_tmix vague(void)
{
    mtc_tmix m;
    const double mean[2] = {0.0, 0.0}, scale[4] = {9.0, 0.0, 0.0, 9.0};
    assert_int_equal(mtc_tmix_init(&m, 2, 1, NULL), MTC_OK);
    assert_int_equal(mtc_tmix_set(&m, 0, 1.0, 5.0, mean, scale, NULL), MTC_OK);
    assert_int_equal(mtc_tmix_finish(&m, NULL), MTC_OK);
    return m;
}

/* The two components of a fit, left one first, against the pair they were drawn from. */
static void assert_is_pair(const mtc_tmix *fit)
{
    assert_int_equal(fit->n_comp, 2);
    const size_t left = fit->mean[0] < fit->mean[2] ? 0 : 1;
    for (size_t k = 0; k < 2; k++) {
        const size_t at = k == 0 ? left : 1 - left;
        const double *l = fit->chol + 4 * at;
        const double scale[4] = {l[0] * l[0], l[0] * l[2], l[0] * l[2], l[2] * l[2] + l[3] * l[3]};
        assert_near(fit->weight[at], k == 0 ? 0.75 : 0.25, 0.05);
        for (size_t a = 0; a < 2; a++) {
            assert_near(fit->mean[2 * at + a], pair_mean[k][a], 0.15);
        }
        for (size_t a = 0; a < 4; a++) {
            assert_near(scale[a], pair_scale[k][a], 0.15);
        }
    }
}

static void fit_recovers_by_splitting(void **state)
{
    (void)state;
    mtc_tmix truth = pair(), start = vague(), fit;
    double *x = pair_draws(&truth), *log_w = calloc(N_FIT, sizeof *log_w);
    const mtc_tmix_fit_settings set = MTC_TMIX_FIT_INIT;
    const mtc_wsample sample = {N_FIT, 2, x, log_w, NULL};
    mtc_tmix_fit_info info;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_tmix_fit_select(&start, &sample, &set, &fit, &info, &err), MTC_OK);
    assert_near(info.ess, N_FIT, 1e-6);
    assert_is_pair(&fit);
    mtc_tmix_fini(&fit);
    mtc_tmix_fini(&start);
    mtc_tmix_fini(&truth);
    free(log_w);
    free(x);
}

/* Draws from a wide normal, weighted to the pair: the fit sees the pair, not the normal. */
static void fit_obeys_weights(void **state)
{
    (void)state;
    enum { N = 60000 };
    mtc_tmix truth = pair(), start = vague(), fit;
    double *x = calloc((size_t)2 * N, sizeof *x), *log_w = calloc(N, sizeof *log_w), scratch[4];
    gsl_rng *rng = NULL;
    const mtc_tmix_fit_settings set = MTC_TMIX_FIT_INIT;
    assert_int_equal(mtc_rng_stream(5, "tmix/weights", &rng, NULL), MTC_OK);
    for (size_t i = 0; i < N; i++) {
        double square = 0.0;
        for (size_t a = 0; a < 2; a++) {
            const double z = mtc_rng_normal(rng);
            x[2 * i + a] = 4.0 * z;
            square += z * z;
        }
        log_w[i] = mtc_tmix_logpdf(&truth, x + 2 * i, scratch) + 0.5 * square - 1234.5;
    }
    const mtc_wsample sample = {N, 2, x, log_w, NULL};
    assert_int_equal(mtc_tmix_fit_select(&start, &sample, &set, &fit, NULL, NULL), MTC_OK);
    assert_true(fit.n_comp >= 2);
    double mean[2], want_mean[2], cov[4], want_cov[4];
    mtc_tmix_moments(&fit, mean, cov);
    mtc_tmix_moments(&truth, want_mean, want_cov);
    for (size_t a = 0; a < 2; a++) {
        assert_near(mean[a], want_mean[a], 0.06);
        assert_near(cov[3 * a], want_cov[3 * a], 0.2 * want_cov[3 * a]);
    }
    gsl_rng_free(rng);
    mtc_tmix_fini(&fit);
    mtc_tmix_fini(&start);
    mtc_tmix_fini(&truth);
    free(log_w);
    free(x);
}

static void em_never_loses_likelihood(void **state)
{
    (void)state;
    mtc_tmix truth = pair(), start = vague();
    double *x = pair_draws(&truth), *log_w = calloc(N_FIT, sizeof *log_w);
    const mtc_wsample sample = {N_FIT, 2, x, log_w, NULL};
    double before = -HUGE_VAL;
    for (size_t it = 1; it < 30; it += 4) {
        mtc_tmix_fit_settings set = MTC_TMIX_FIT_INIT;
        mtc_tmix_fit_info info;
        mtc_tmix fit;
        set.max_iter = it;
        set.tolerance = 0.0;
        set.choose_dof = 0;
        assert_int_equal(mtc_tmix_fit(&start, &sample, &set, &fit, &info, NULL), MTC_OK);
        assert_true(info.log_density >= before - 1e-5); /* the pull towards the pooled covariance costs at most that */
        before = info.log_density;
        mtc_tmix_fini(&fit);
    }
    mtc_tmix_fini(&start);
    mtc_tmix_fini(&truth);
    free(log_w);
    free(x);
}

static void thin_samples_do_not_break_the_fit(void **state)
{
    (void)state;
    mtc_tmix start = vague();
    const double x[6] = {0.1, 0.2, 0.1, 0.2, 3.0, 1.0};
    const double log_w[3] = {-5.0, -5.0, -HUGE_VAL};
    const mtc_wsample sample = {3, 2, x, log_w, NULL};
    const mtc_tmix_fit_settings set = MTC_TMIX_FIT_INIT;
    mtc_tmix fit;
    double scratch[6];
    assert_int_equal(mtc_tmix_fit_select(&start, &sample, &set, &fit, NULL, NULL), MTC_OK);
    assert_true(isfinite(mtc_tmix_logpdf(&fit, x, scratch)));
    assert_near(fit.mean[0], 0.1, 1e-6);
    mtc_tmix_fini(&fit);
    mtc_tmix_fini(&start);
}

static void fit_bad_input(void **state)
{
    (void)state;
    mtc_tmix start = vague(), fit;
    const double x[2] = {0.1, 0.2}, none[1] = {-HUGE_VAL};
    const mtc_tmix_fit_settings set = MTC_TMIX_FIT_INIT;
    mtc_err err = MTC_ERR_INIT;
    mtc_wsample sample = {1, 2, x, none, NULL};
    assert_int_equal(mtc_tmix_fit(&start, &sample, &set, &fit, NULL, &err), MTC_ENUMERIC);
    sample.n = 0;
    assert_int_equal(mtc_tmix_fit(&start, &sample, &set, &fit, NULL, &err), MTC_ESIZE);
    sample.n = 1;
    sample.n_dim = 1;
    assert_int_equal(mtc_tmix_fit_select(&start, &sample, &set, &fit, NULL, &err), MTC_ESIZE);
    assert_null(fit.block);
    mtc_tmix_fini(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_dimension_is_gsl_s_law),
        cmocka_unit_test(density_integrates_to_one),
        cmocka_unit_test(far_out_is_no_nan),
        cmocka_unit_test(draws_have_the_moments),
        cmocka_unit_test(copy_is_deep),
        cmocka_unit_test(bad_components),
        cmocka_unit_test(fit_recovers_by_splitting),
        cmocka_unit_test(fit_obeys_weights),
        cmocka_unit_test(em_never_loses_likelihood),
        cmocka_unit_test(thin_samples_do_not_break_the_fit),
        cmocka_unit_test(fit_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
