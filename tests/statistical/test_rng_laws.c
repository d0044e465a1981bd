/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Null: mtc_rng_uniform is uniform on (0, 1), mtc_rng_normal standard normal, streams with neighbouring names or seeds
 * and successive draws of one stream are uncorrelated.
 * Statistics: Kolmogorov and Smirnov's distance D of N = 1e6 draws, with limit sqrt(N) D < 2.90; correlation r of N
 * pairs, with limit sqrt(N) |r| < 5.5.
 * False alarms per fresh seed: 2 exp(-2 x 2.90^2) = 1e-7 for each of 2 distances, 4e-8 for each of 3 correlations;
 * together below 4e-7.
 * Faults found with 99 % probability: a normal law 2 % too wide (sqrt(N) D about 4.8), a correlation of 0.01
 * (sqrt(N) r about 10). Both are planted in twins that must be found.
 */
#include "mtc_rng.h"
#include "mtc_special.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N = 1000000 };
#define DISTANCE_LIMIT 2.90
#define CORRELATION_LIMIT 5.5

static double *draws;

static gsl_rng *stream(uint64_t seed, const char *task)
{
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(seed, task, &rng, NULL), MTC_OK);
    return rng;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(N) times the distance between the draws and the uniform law. */
static double distance_from_uniform(void)
{
    double d = 0.0;
    qsort(draws, N, sizeof *draws, compare);
    for (int i = 0; i < N; i++) {
        d = fmax(d, fmax((i + 1.0) / N - draws[i], draws[i] - (double)i / N));
    }
    return sqrt((double)N) * d;
}

static double distance_of_uniforms(void)
{
    gsl_rng *rng = stream(1, "laws/uniform");
    for (int i = 0; i < N; i++) {
        draws[i] = mtc_rng_uniform(rng);
    }
    gsl_rng_free(rng);
    return distance_from_uniform();
}

/* sd: 1, or the planted fault */
static double distance_of_normals(double sd)
{
    gsl_rng *rng = stream(1, "laws/normal");
    for (int i = 0; i < N; i++) {
        draws[i] = mtc_normal_cdf(sd * mtc_rng_normal(rng));
    }
    gsl_rng_free(rng);
    return distance_from_uniform();
}

static void draws_follow_their_laws(void **state)
{
    (void)state;
    assert_true(distance_of_uniforms() < DISTANCE_LIMIT);
    assert_true(distance_of_normals(1.0) < DISTANCE_LIMIT);
}

static void a_law_2_percent_too_wide_is_found(void **state)
{
    (void)state;
    assert_true(distance_of_normals(1.02) > DISTANCE_LIMIT);
}

/* sqrt(N) times the correlation of two streams; mixed: how much of the first is added to the second (the fault). A
 * stream with itself is taken with the draw after. */
static double correlation(uint64_t seed_a, const char *a, uint64_t seed_b, const char *b, double mixed)
{
    gsl_rng *first = stream(seed_a, a);
    gsl_rng *second = b ? stream(seed_b, b) : NULL;
    double sum = 0.0;
    double last = mtc_rng_uniform(first) - 0.5;
    for (int i = 0; i < N; i++) {
        const double y = mtc_rng_uniform(second ? second : first) - 0.5;
        sum += last * (y + mixed * last);
        last = second ? mtc_rng_uniform(first) - 0.5 : y;
    }
    gsl_rng_free(first);
    gsl_rng_free(second);
    return sum * 12.0 / sqrt((double)N);
}

static void neighbours_are_uncorrelated(void **state)
{
    (void)state;
    assert_true(fabs(correlation(1, "linear/chain 1", 1, "linear/chain 2", 0.0)) < CORRELATION_LIMIT);
    assert_true(fabs(correlation(1, "linear/chain 1", 2, "linear/chain 1", 0.0)) < CORRELATION_LIMIT);
    assert_true(fabs(correlation(1, "linear/chain 1", 0, NULL, 0.0)) < CORRELATION_LIMIT);
}

static void a_correlation_of_1_percent_is_found(void **state)
{
    (void)state;
    assert_true(fabs(correlation(1, "linear/chain 1", 1, "linear/chain 2", 0.01)) > CORRELATION_LIMIT);
}

static int set_up(void **state)
{
    (void)state;
    (void)gsl_set_error_handler_off();
    draws = malloc(N * sizeof *draws);
    return draws ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    free(draws);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_follow_their_laws),
        cmocka_unit_test(a_law_2_percent_too_wide_is_found),
        cmocka_unit_test(neighbours_are_uncorrelated),
        cmocka_unit_test(a_correlation_of_1_percent_is_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
