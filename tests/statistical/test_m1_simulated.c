/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Simulated counts of metastases at surgery against their likelihood.
 * Null: k follows exp(log likelihood). Statistic: largest |difference of distribution functions| of 4,000 rows of 25
 * patients. Reject where sqrt(n) D > 3.05: at most 1.7e-8 for each fresh seed and look (Dvoretzky, Kiefer, Wolfowitz),
 * 2 looks. Finds with 99% probability a law that is off by 0.067 somewhere. Twins: counts without the over-dispersion
 * that their likelihood has, and the reverse, must be found.
 */
#include "mtc_course.h"
#include "mtc_latency.h"
#include "mtc_rng.h"
#include "test_like.h"
#include "test_near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_ROW = 4000, N_PATIENT = 25 };
static const double limit = 3.05;
static const double point[MTC_COURSE_N_PARAM + 1] = {150.0, 0.7, 5.0, 0.4, 3.0, 1.5, 15.0, 0.1, 1.0, 0.2, 0.3};

static mtc_status open_row(test_like *like, const mtc_course *course, bool over, int k)
{
    char yaml[256];
    (void)snprintf(yaml, sizeof yaml,
                   "likelihood: latency/m1_counts\nover_dispersion: %s\nrows:\n  - {size_lower: 50 mm, n: %d, k: %d}\n",
                   over ? "true" : "false", (int)N_PATIENT, k);
    return test_like_open(like, &mtc_likelihood_latency_m1_counts, course, yaml);
}

/* sqrt(n) D between rows simulated with or without over-dispersion and the likelihood with or without it. */
static double distance(bool simulated_over, bool likelihood_over, const char *task)
{
    size_t n_at_most[N_PATIENT + 1] = {0};
    double cumulated = 0.0, d = 0.0;
    mtc_course course;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    test_like like;
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_course_init(&course, NULL, NULL, &errors), MTC_OK);
    assert_int_equal(mtc_rng_stream(20090501, task, &rng, NULL), MTC_OK);
    assert_int_equal(open_row(&like, &course, simulated_over, 0), MTC_OK);
    for (size_t i = 0; i < N_ROW; i++) {
        mtc_rows *rows = NULL;
        assert_int_equal(like.ops->simulate(like.self, point, rng, &rows, NULL), MTC_OK);
        for (int k = atoi(mtc_rows_cell(rows, 0, 4)); k <= N_PATIENT; k++) {
            n_at_most[k]++;
        }
        mtc_rows_destroy(rows);
    }
    test_like_close(&like);
    gsl_rng_free(rng);
    for (int k = 0; k <= N_PATIENT; k++) {
        assert_int_equal(open_row(&like, &course, likelihood_over, k), MTC_OK);
        cumulated += exp(test_like_value(&like, point, NULL));
        test_like_close(&like);
        d = fmax(d, fabs(cumulated - (double)n_at_most[k] / N_ROW));
    }
    assert_near(cumulated, 1.0, 1e-7);
    return sqrt((double)N_ROW) * d;
}

static void counts_follow_their_law(void **state)
{
    (void)state;
    const double plain = distance(false, false, "plain"), over = distance(true, true, "over");
    print_message("sqrt(n) D: binomial %.2f, over-dispersed %.2f\n", plain, over);
    assert_true(plain < limit && over < limit);
}

static void the_wrong_law_is_found(void **state)
{
    (void)state;
    assert_true(distance(true, false, "twin 1") > limit);
    assert_true(distance(false, true, "twin 2") > limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_follow_their_law),
        cmocka_unit_test(the_wrong_law_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
