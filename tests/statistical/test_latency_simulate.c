/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulator draws patients from the words of docs/model.md, founder by founder, and shares no formula with the
 * likelihood. Two nulls, at the prior medians of linear and of parallel progression:
 *
 * Times. Their distribution, given what the cohort is conditioned on, is the one predicted: largest distance between
 * the two on the 61 times of the picture, N = 10000 patients. By the inequality of Dvoretzky, Kiefer, Wolfowitz and
 * Massart the distance passes 0.03 with a probability below 2 exp(-2 N 0.03^2) = 3e-8 per fresh seed, each of 6
 * cases. Found with 99.9 % probability: a distribution off by 0.05 anywhere on the grid.
 *
 * Scores. At the truth the mean gradient of the log-likelihood over data sets is zero, parameter by parameter; 100 data
 * sets of 1200 patients (events, censoring, size classes, exact sizes, late entry). Mean in units of its own standard
 * error, limit 7: with 99 degrees of freedom 3e-10 for each of 20. A twin forgets the condition on metastasis-free
 * surgery and late entry, and must fail.
 */
#include "mtc_course.h"
#include "mtc_latency.h"
#include "mtc_rng.h"
#include "test_like.h"
#include "test_near.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_TIMES = 10000, N_SET = 100, N_REPEAT = 150, TEXT = 1 << 20, N_GRID = 61 };
#define DISTANCE 0.03
#define LIMIT 7.0

static const double truth[2][MTC_COURSE_N_PARAM] = {{150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 15.0, 0.2, 1.0, 1.0},
                                                    {150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 2.0, 0.2, 0.25, 1.0}};

static const mtc_course *course(void)
{
    static mtc_course c = {10.0, 22.0, 0.55, 1.0, 120.0, 0.0, MTC_ACCURACY_CERTIFIED};
    c.doublings_to_detection = mtc_doublings(c.detection_diameter_mm);
    return &c;
}

static void open_good(test_like *like, const char *yaml)
{
    if (test_like_open(like, &mtc_likelihood_latency_individual, course(), yaml) != MTC_OK) {
        test_like_assert_error(like, -1, 0, "none expected");
    }
}

/* "head" and n times the rows. */
static char *repeated(const char *head, const char *rows, size_t n)
{
    char *yaml = malloc(TEXT);
    assert_non_null(yaml);
    size_t at = (size_t)snprintf(yaml, TEXT, "likelihood: latency/individual\n%srows:\n", head);
    for (size_t i = 0; i < n; ++i) {
        at += (size_t)snprintf(yaml + at, TEXT - at, "%s", rows);
        assert_true(at < TEXT);
    }
    return yaml;
}

/* ---- times --------------------------------------------------------------------------------------------------- */

static double distance(const test_like *like, const double *theta, const mtc_rows *rows)
{
    double y[N_GRID], largest = 0.0;
    const mtc_display *d = like->ops->display(like->self, 0);
    assert_int_equal(d->n_x, N_GRID);
    assert_int_equal(like->ops->predict(like->self, like->ws, 0, theta, y, NULL), MTC_OK);
    for (size_t j = 0; j + 1 < N_GRID; ++j) { /* at the last time follow-up ends */
        size_t n_free = 0;
        for (size_t i = 0; i < N_TIMES; ++i) {
            n_free += strtod(mtc_rows_cell(rows, i, 0), NULL) > d->x[j];
        }
        largest = fmax(largest, fabs((double)n_free / N_TIMES - y[j]));
    }
    return largest;
}

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *head, *row;
    } design[] = {{"condition_on: m0\n", "  - {time: 15 y, event: 0, size_lower: 20 mm, size_upper: 50 mm}\n"},
                  {"", "  - {time: 15 y, event: 0, size: 35 mm}\n"},
                  {"condition_on: m0\n", "  - {time: 15 y, event: 0}\n"}};
    for (size_t h = 0; h < 2; ++h) {
        for (size_t k = 0; k < sizeof design / sizeof *design; ++k) {
            test_like like;
            gsl_rng *rng = NULL;
            mtc_rows *rows = NULL;
            char *yaml = repeated(design[k].head, design[k].row, N_TIMES);
            open_good(&like, yaml);
            free(yaml);
            assert_int_equal(mtc_rng_stream(100 + 10 * h + k, "times", &rng, NULL), MTC_OK);
            assert_int_equal(like.ops->simulate(like.self, truth[h], rng, &rows, NULL), MTC_OK);
            assert_string_equal(mtc_rows_column(rows, 0), "time_years");
            const double is = distance(&like, truth[h], rows), other = distance(&like, truth[1 - h], rows);
            print_message("distance %.4f; of the other hypothesis %.4f\n", is, other);
            assert_true(is < DISTANCE);
            assert_true(k != 1 || other > DISTANCE); /* the test can fail */
            mtc_rows_destroy(rows);
            gsl_rng_free(rng);
            test_like_close(&like);
        }
    }
}

/* ---- scores -------------------------------------------------------------------------------------------------- */

static const char cohort[] = "  - {time: 9 y, event: 0, size_upper: 20 mm}\n"
                             "  - {time: 2 y, event: 1, size_lower: 20 mm, size_upper: 50 mm}\n"
                             "  - {time: 5 y, event: 0, size_lower: 20 mm, size_upper: 50 mm, entry: 1.5 y}\n"
                             "  - {time: 12 y, event: 0, size_lower: 50 mm}\n"
                             "  - {time: 3 y, event: 1, size: 33 mm}\n"
                             "  - {time: 7 y, event: 0, size: 33 mm, entry: 3 y}\n"
                             "  - {time: 6 y, event: 0, size_lower: 50 mm, entry: 1.5 y}\n"
                             "  - {time: 1 y, event: 0, size_lower: 20 mm, size_upper: 50 mm}\n";

/* Inline rows of simulated ones; a forgetful reader leaves the entry out. */
static char *as_yaml(const mtc_rows *rows, const char *head, bool forget)
{
    static const struct {
        const char *role, *unit;
    } known[] = {{"time", " y"},        {"event", ""},         {"size", " mm"},
                 {"size_lower", " mm"}, {"size_upper", " mm"}, {"entry", " y"}};
    char *yaml = repeated(head, "", 0);
    size_t at = strlen(yaml);
    for (size_t i = 0; i < mtc_rows_count(rows); ++i) {
        const char *between = "  - {";
        for (size_t c = 0; c < (forget ? 5 : 6); ++c) {
            const char *text = mtc_rows_cell(rows, i, c);
            if (text[0] != '\0') {
                at += (size_t)snprintf(yaml + at, TEXT - at, "%s%s: %s%s", between, known[c].role, text, known[c].unit);
                between = ", ";
            }
        }
        at += (size_t)snprintf(yaml + at, TEXT - at, "}\n");
        assert_true(at < TEXT);
    }
    return yaml;
}

typedef struct {
    double sum[MTC_COURSE_N_PARAM], square[MTC_COURSE_N_PARAM];
} moments;

static void add_score(moments *m, const mtc_rows *rows, const double *theta, bool forget)
{
    test_like like;
    double grad[MTC_COURSE_N_PARAM];
    char *yaml = as_yaml(rows, forget ? "" : "condition_on: m0\n", forget);
    open_good(&like, yaml);
    free(yaml);
    (void)test_like_value(&like, theta, grad);
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; ++k) {
        m->sum[k] += grad[k];
        m->square[k] += grad[k] * grad[k];
    }
    test_like_close(&like);
}

static double largest_score(const moments *m, double n)
{
    double largest = 0.0;
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; ++k) {
        const double mean = m->sum[k] / n;
        const double se = sqrt((m->square[k] / n - mean * mean) / (n - 1.0));
        largest = fmax(largest, fabs(mean) / se);
    }
    return largest;
}

static void scores(void **state)
{
    (void)state;
    for (size_t h = 0; h < 2; ++h) {
        test_like like;
        gsl_rng *rng = NULL;
        moments right = {{0.0}, {0.0}}, forgetful = {{0.0}, {0.0}};
        char *yaml = repeated("condition_on: m0\n", cohort, N_REPEAT);
        open_good(&like, yaml);
        free(yaml);
        assert_int_equal(mtc_rng_stream(7 + h, "scores", &rng, NULL), MTC_OK);
        for (int i = 0; i < N_SET; ++i) {
            mtc_rows *rows = NULL;
            assert_int_equal(like.ops->simulate(like.self, truth[h], rng, &rows, NULL), MTC_OK);
            add_score(&right, rows, truth[h], false);
            add_score(&forgetful, rows, truth[h], true);
            mtc_rows_destroy(rows);
        }
        const double good = largest_score(&right, N_SET), bad = largest_score(&forgetful, N_SET);
        print_message("largest mean score %.2f standard errors, without the condition %.1f\n", good, bad);
        assert_true(good < LIMIT);
        assert_true(bad > LIMIT);
        gsl_rng_free(rng);
        test_like_close(&like);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(times), cmocka_unit_test(scores)};
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
