/* SPDX-License-Identifier: GPL-3.0-or-later */
/* At 400 points drawn widely from the priors and at their corners: the value is finite, the gradient is that of the
 * value to 1e-6, the order of the data does not matter, and rows add up. */
#include "mtc_rng.h"
#include "mtc_tvdt.h"
#include "test_like.h"
#include "test_near.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N_POINT = 400 };

typedef struct {
    const mtc_likelihood_ops *ops;
    const char *head, *first, *second;
} halves;

static const halves individual = {
    &mtc_likelihood_tvdt_individual, "likelihood: tvdt/individual\nrows:\n",
    "  - {patient: a, primary_tvdt: 160 d, metastasis_tvdt: 75 d}\n"
    "  - {patient: b, primary_tvdt_lower: 730 d}\n"
    "  - {metastasis_tvdt_upper: 60 d}\n",
    "  - {patient: c, primary_tvdt_lower: 100 d, primary_tvdt_upper: 180 d, metastasis_tvdt_lower: 40 d, "
    "metastasis_tvdt_upper: 90 d}\n"
    "  - {patient: d, primary_tvdt: 310 d, metastasis_tvdt_lower: 200 d}\n"
    "  - {patient: e, primary_tvdt_upper: 110 d, metastasis_tvdt_lower: 120 d}\n"};
static const halves individual_between = {
    &mtc_likelihood_tvdt_individual, "likelihood: tvdt/individual\nbetween_study: true\nrows:\n",
    "  - {patient: a, primary_tvdt: 160 d, metastasis_tvdt: 75 d}\n  - {primary_tvdt_lower: 730 d}\n",
    "  - {patient: d, primary_tvdt: 310 d, metastasis_tvdt_lower: 200 d}\n"};
static const halves summary = {&mtc_likelihood_tvdt_summary, "likelihood: tvdt/summary\nrows:\n",
                               "  - {site: primary, statistic: median, value: 150 d, n: 236}\n"
                               "  - {site: metastasis, statistic: median, value: 82 d, n: 29}\n"
                               "  - {site: primary, order: {min: 44 d, max: 1869 d}, n: 147, study: F}\n",
                               "  - {site: primary, order: {min: 46 d, median: 141 d, max: 825 d}, n: 66}\n"
                               "  - {site: metastasis, geometric_mean: 96 d, log_sd: 0.7, n: 22, study: F}\n"
                               "  - {site: primary, mean: 185 d, sd: 126 d, n: 69}\n"};
static const halves summary_between = {&mtc_likelihood_tvdt_summary,
                                       "likelihood: tvdt/summary\nbetween_study: true\nrows:\n",
                                       "  - {site: primary, statistic: median, value: 150 d, n: 236}\n"
                                       "  - {site: metastasis, statistic: median, value: 82 d, n: 29}\n"
                                       "  - {site: primary, order: {min: 44 d, max: 1869 d}, n: 147, study: F}\n",
                                       "  - {site: primary, order: {min: 46 d, median: 141 d, max: 825 d}, n: 66}\n"
                                       "  - {site: metastasis, geometric_mean: 96 d, log_sd: 0.7, n: 22}\n"
                                       "  - {site: primary, mean: 185 d, sd: 126 d, n: 69}\n"};

static void open_good(test_like *like, const halves *h, const char *first, const char *second)
{
    char yaml[2048];
    (void)snprintf(yaml, sizeof yaml, "%s%s%s", h->head, first, second);
    if (test_like_open(like, h->ops, NULL, yaml) != MTC_OK) {
        test_like_assert_error(like, -1, 0, "none expected");
    }
}

/* delta, sigma_D, r, sigma_rho log-normal with twice the priors' log-sd, omega half-normal. */
static void draw_point(gsl_rng *rng, double *theta)
{
    theta[0] = 150.0 * exp(1.0 * mtc_rng_normal(rng));
    theta[1] = 0.7 * exp(0.8 * mtc_rng_normal(rng));
    theta[2] = 1.5 * exp(1.6 * mtc_rng_normal(rng));
    theta[3] = 0.4 * exp(1.0 * mtc_rng_normal(rng));
    theta[4] = 0.3 * fabs(mtc_rng_normal(rng));
}

static void check_point(const halves *h, test_like *both, const double *theta)
{
    double grad[5];
    test_like other;
    const double value = test_like_value(both, theta, grad);
    assert_true(isfinite(value));
    for (size_t i = 0; i < both->n_param; ++i) {
        const double want = test_like_slope(both, theta, i, 3e-4);
        /* the difference quotient has the rounding of the value, magnified by the step */
        const double noise = 64.0 * 2.3e-16 * fabs(value) / (3e-4 * fmax(theta[i], 0.01));
        if (!(fabs(grad[i] - want) <= 1e-6 * fmax(1.0, fabs(want)) + noise)) {
            print_error("%s at %g %g %g %g %g: value %g\n", both->param[i]->name, theta[0], theta[1], theta[2],
                        theta[3], theta[4], value);
        }
        assert_near(grad[i], want, 1e-6 * fmax(1.0, fabs(want)) + noise);
    }
    open_good(&other, h, h->second, h->first);
    assert_near(test_like_value(&other, theta, NULL), value, 1e-12 * fmax(1.0, fabs(value)));
    test_like_close(&other);
}

static void check_all(const halves *h)
{
    test_like both;
    gsl_rng *rng = NULL;
    double theta[5];
    assert_int_equal(mtc_rng_stream(5, h->head, &rng, NULL), MTC_OK);
    open_good(&both, h, h->first, h->second);
    assert_true(both.n_param >= 4);
    for (int i = 0; i < N_POINT; ++i) {
        draw_point(rng, theta);
        check_point(h, &both, theta);
    }
    /* corners: the smallest and the largest spreads that the priors reach */
    for (int i = 0; i < 8; ++i) {
        draw_point(rng, theta);
        theta[1] = (i & 1) != 0 ? 0.15 : 2.8;
        theta[3] = (i & 2) != 0 ? 0.06 : 2.0;
        theta[4] = (i & 4) != 0 ? 1e-5 : 1.2;
        check_point(h, &both, theta);
    }
    test_like_close(&both);
    gsl_rng_free(rng);
}

static void individual_data(void **state)
{
    (void)state;
    check_all(&individual);
    check_all(&individual_between);
}

static void summary_data(void **state)
{
    (void)state;
    check_all(&summary);
    check_all(&summary_between);
}

/* Rows, and studies, are independent: two halves add up to the whole where nothing is shared between them. */
static void halves_add_up(void **state)
{
    (void)state;
    const halves *const all[] = {&individual, &summary, &summary_between};
    const double theta[5] = {143.0, 0.62, 1.37, 0.41, 0.27};
    for (size_t i = 0; i < 3; ++i) {
        test_like both, first, second;
        open_good(&both, all[i], all[i]->first, all[i]->second);
        open_good(&first, all[i], all[i]->first, "");
        open_good(&second, all[i], "", all[i]->second);
        assert_near(test_like_value(&first, theta, NULL) + test_like_value(&second, theta, NULL),
                    test_like_value(&both, theta, NULL), 1e-11);
        test_like_close(&both);
        test_like_close(&first);
        test_like_close(&second);
    }
}

/* An optimiser or a long leapfrog step may ask anywhere: the answer is a number or minus infinity, never an error or a
 * NaN, within a bounded time. */
static void absurd_points(void **state)
{
    (void)state;
    const halves *const all[] = {&individual, &individual_between, &summary, &summary_between};
    for (size_t i = 0; i < 4; ++i) {
        test_like like;
        gsl_rng *rng = NULL;
        assert_int_equal(mtc_rng_stream(6, all[i]->head, &rng, NULL), MTC_OK);
        open_good(&like, all[i], all[i]->first, all[i]->second);
        for (int k = 0; k < 3000; ++k) {
            double theta[5], grad[5];
            const double reach = k % 3 == 0 ? 600.0 : k % 3 == 1 ? 60.0 : 10.0;
            for (int p = 0; p < 5; ++p) {
                theta[p] = exp(reach * (mtc_rng_uniform(rng) - 0.5));
            }
            if (test_like_value(&like, theta, grad) > -HUGE_VAL) {
                for (size_t p = 0; p < like.n_param; ++p) {
                    assert_true(isfinite(grad[p]));
                }
            }
        }
        test_like_close(&like);
        gsl_rng_free(rng);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(individual_data), cmocka_unit_test(summary_data),
                                       cmocka_unit_test(halves_add_up), cmocka_unit_test(absurd_points)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
