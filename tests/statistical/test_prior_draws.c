/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws of every specimen of the families of priors, and prior draws of a target, against their cdf.
 * Null: the draws follow the cdf. Statistic: Kolmogorov and Smirnov's D of n = 10,000 draws.
 * Reject where sqrt(n) D > 3.05: probability 2 exp(-2 * 3.05^2) = 1.7e-8 for each fresh seed and look, below 1e-6 over
 * the 36 looks of this program. Finds with 99% probability a cdf that is off by 0.042 somewhere: sqrt(n) 0.042 is 1.17
 * above the threshold, the 1% point of a deviation with sd 1/2. The twin draws from laws whose scale is 20% too wide
 * (off by 0.044) and must fail.
 */
#include "fake_posterior.h"
#include "prior_specimens.h"
#include "prior_text.h"

#include "mtc_rng.h"
#include "test_near.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_DRAW = 10000 };
static const double limit = 3.05;

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(n) D of draws x, sorted here, against the law's cdf */
static double kolmogorov(const mtc_prior *law, double *x, size_t n)
{
    double d = 0.0;
    qsort(x, n, sizeof *x, compare);
    for (size_t i = 0; i < n; ++i) {
        const double u = mtc_prior_cdf(law, x[i]);
        d = fmax(d, fmax(u - (double)i / (double)n, (double)(i + 1) / (double)n - u));
    }
    return d * sqrt((double)n);
}

static double statistic(const mtc_prior *source, const mtc_prior *law, size_t look)
{
    static double x[N_DRAW];
    char task[64];
    gsl_rng *rng = NULL;
    (void)snprintf(task, sizeof task, "test/prior draws/%zu", look);
    assert_int_equal(mtc_rng_stream(20090301, task, &rng, NULL), MTC_OK);
    for (size_t i = 0; i < N_DRAW; ++i) {
        x[i] = mtc_prior_draw(source, rng);
    }
    gsl_rng_free(rng);
    return kolmogorov(law, x, N_DRAW);
}

static void draws_follow_their_law(void **state)
{
    (void)state;
    mtc_arena *arena = NULL;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    int n_wrong = 0;
    assert_int_equal(mtc_arena_create(&arena, NULL), MTC_OK);
    for (size_t i = 0; i < N_PRIOR_SPECIMEN; ++i) {
        mtc_prior prior;
        assert_int_equal(prior_from_text(prior_specimens[i].text, prior_specimens[i].info, &prior, arena, &errors),
                         MTC_OK);
        const double d = prior.is_fixed ? 0.0 : statistic(&prior, &prior, i);
        if (!(d <= limit)) {
            print_error("%s: sqrt(n) D = %g\n", prior.description, d);
            n_wrong++;
        }
    }
    assert_int_equal(n_wrong, 0);
    mtc_arena_destroy(arena);
}

static void a_scale_twenty_percent_off_is_found(void **state)
{
    static const struct {
        const char *right, *wrong;
        const mtc_param_info *info;
    } twins[] = {
        {"{normal: {mean: 1.3, sd: 0.7}}", "{normal: {mean: 1.3, sd: 0.84}}", &specimen_real},
        {"{lognormal: {median: 2, log_sd: 0.4}}", "{lognormal: {median: 2, log_sd: 0.48}}", &specimen_positive},
        {"{halfnormal: {sd: 0.3}}", "{halfnormal: {sd: 0.36}}", &specimen_positive},
        {"{gamma: {shape: 2.5, mean: 1}}", "{gamma: {shape: 1.736, mean: 1}}", &specimen_positive},
        /* truncation forgotten by one side */
        {"{lognormal: {median: 15 mm, log_sd: 0.4, lower: 10 mm}}", "{lognormal: {median: 15 mm, log_sd: 0.4}}",
         &specimen_mm},
    };
    (void)state;
    mtc_arena *arena = NULL;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_arena_create(&arena, NULL), MTC_OK);
    for (size_t i = 0; i < sizeof twins / sizeof *twins; ++i) {
        mtc_prior right;
        mtc_prior wrong;
        assert_int_equal(prior_from_text(twins[i].right, twins[i].info, &right, arena, &errors), MTC_OK);
        assert_int_equal(prior_from_text(twins[i].wrong, twins[i].info, &wrong, arena, &errors), MTC_OK);
        assert_true(statistic(&wrong, &right, 100 + i) > limit);
    }
    mtc_arena_destroy(arena);
}

static void the_targets_draws_follow_its_priors(void **state)
{
    (void)state;
    static double x[5][N_DRAW];
    fake_posterior f;
    gsl_rng *rng = NULL;
    assert_int_equal(fake_posterior_init(&f, NULL, NULL), MTC_OK);
    assert_int_equal(mtc_rng_stream(20090301, "test/target draws", &rng, NULL), MTC_OK);
    const mtc_target *t = mtc_posterior_target(f.posterior);
    for (size_t i = 0; i < N_DRAW; ++i) {
        double z[5];
        double theta[5];
        assert_int_equal(t->prior_draw(t->self, rng, z, NULL), MTC_OK);
        mtc_posterior_natural(f.posterior, z, theta);
        for (size_t j = 0; j < 5; ++j) {
            x[j][i] = theta[j];
        }
    }
    for (size_t j = 0; j < 5; ++j) {
        assert_true(kolmogorov(mtc_posterior_prior(f.posterior, j), x[j], N_DRAW) <= limit);
    }
    gsl_rng_free(rng);
    fake_posterior_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_follow_their_law),
        cmocka_unit_test(a_scale_twenty_percent_off_is_found),
        cmocka_unit_test(the_targets_draws_follow_its_priors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
