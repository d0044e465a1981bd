/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: loss of digits of the accumulated competence between its closed form and its series, in the onset's tail and
 * at large rates; wrong derivatives; a value that depends on which others are asked for with it. */
#include "mtc_onset.h"

#include "test_near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_COLUMN = 8 };
static const double relative = 1e-11;      /* of P, as mtc_onset.h promises */
static const double slope_relative = 1e-9; /* of derivatives, against the scale below */

static int read_row(char *line, double *column)
{
    char *rest = line;
    for (int i = 0; i < N_COLUMN; i++) {
        char *end = NULL;
        column[i] = strtod(rest, &end);
        if (end == rest || (*end != ',' && i + 1 < N_COLUMN)) {
            return 0;
        }
        rest = end + 1;
    }
    return 1;
}

/* Off by more than the tolerance of the given scale. */
static size_t judge(const char *name, const double *column, double got, double want, double tolerance, double *worst)
{
    *worst = fmax(*worst, fabs(got - want) / tolerance);
    if (fabs(got - want) <= tolerance) {
        return 0;
    }
    print_error("%s at c = %.17g, onset %.17g, width %.17g, u = %.17g: %.17g, wanted %.17g\n", name, column[0],
                column[1], column[2], column[3], got, want);
    return 1;
}

static size_t compare(const double *column, double *worst)
{
    double p, alone, d_c, d_onset, d_width;
    mtc_onset onset;
    const double u = column[3], want = column[4];
    mtc_onset_init(&onset, column[1], column[2], column[0], 45.0);
    mtc_onset_eval(&onset, &u, 1, &p, &d_c, &d_onset, &d_width);
    mtc_onset_eval(&onset, &u, 1, &alone, NULL, NULL, NULL);
    if (want < 1e-280) {
        return p >= 0.0 && p < 1e-279 ? 0 : judge("P underflowing", column, p, 0.0, 1e-279, worst);
    }
    /* the onset's tail makes derivatives by its place and width larger than P by up to y and y^2 */
    const double y = fmax(1.0, fabs(u - column[1]) / column[2]);
    const double allowed = relative * (1.0 + fmax(0.0, column[1] - u) / column[2] / 3.0) * want;
    size_t n_off = judge("P", column, p, want, allowed, worst);
    n_off += judge("P alone", column, alone, want, allowed, worst);
    n_off += judge("dP/dc", column, d_c, column[5], slope_relative * fmax(fabs(column[5]), want * u), worst);
    n_off += judge("dP/donset", column, d_onset, column[6], slope_relative * fmax(fabs(column[6]), want * y), worst);
    n_off +=
        judge("dP/dwidth", column, d_width, column[7], slope_relative * fmax(fabs(column[7]), want * y * y), worst);
    return n_off;
}

static void golden_values(void **state)
{
    (void)state;
    char line[1024];
    double column[N_COLUMN], worst = 0.0;
    size_t n = 0, n_off = 0;
    FILE *f = fopen(MTC_TEST_GOLDEN "/onset.csv", "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f) != NULL) {
        assert_true(read_row(line, column));
        n_off += compare(column, &worst);
        n++;
    }
    (void)fclose(f);
    print_message("%zu rows, largest error %.2g of what is allowed\n", n, worst);
    assert_int_equal(n_off, 0);
    assert_true(n >= 400);
}

/* The series takes over where the closed form cancels: the two must meet. */
static void the_series_meets_the_closed_form(void **state)
{
    (void)state;
    for (double u = 1.0; u < 36.0; u += 2.5) {
        double closed, series;
        mtc_onset above, below;
        mtc_onset_init(&above, 22.0, 0.9, 0.05 / 36.0 * 1.0000001, 36.0);
        mtc_onset_init(&below, 22.0, 0.9, 0.05 / 36.0 * 0.9999999, 36.0);
        assert_true(!above.series && below.series);
        mtc_onset_eval(&above, &u, 1, &closed, NULL, NULL, NULL);
        mtc_onset_eval(&below, &u, 1, &series, NULL, NULL, NULL);
        assert_near(closed, series, 2e-8 * series); /* the step in c itself moves P by 1e-9 */
    }
}

/* dP/du = Phi - c P, what P is defined by. */
static void it_solves_its_equation(void **state)
{
    static const double rates[] = {0.0, 0.3, 2.0};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        mtc_onset onset;
        mtc_onset_init(&onset, 20.0, 0.8, rates[k], 40.0);
        for (double u = 15.0; u < 40.0; u += 0.7) {
            const double h = 1e-4, at[5] = {u - 2.0 * h, u - h, u, u + h, u + 2.0 * h};
            double p[5];
            mtc_onset_eval(&onset, at, 5, p, NULL, NULL, NULL);
            const double slope = (p[0] - 8.0 * p[1] + 8.0 * p[3] - p[4]) / (12.0 * h);
            const double competence = 0.5 * erfc(-(u - 20.0) / 0.8 / sqrt(2.0));
            assert_near(slope, competence - rates[k] * p[2], 1e-9);
        }
    }
}

static void values_do_not_depend_on_their_neighbours(void **state)
{
    enum { N = 37 };
    double u[N], p[N];
    mtc_onset onset;
    (void)state;
    mtc_onset_init(&onset, 24.0, 0.3, 0.7, 36.0);
    for (int i = 0; i < N; i++) {
        u[i] = (double)i;
    }
    mtc_onset_eval(&onset, u, N, p, NULL, NULL, NULL);
    assert_near(p[0], 0.0, 0.0);
    for (int i = 0; i < N; i++) {
        double alone;
        mtc_onset_eval(&onset, &u[i], 1, &alone, NULL, NULL, NULL);
        assert_memory_equal(&alone, &p[i], sizeof alone);
        assert_true(i == 0 || p[i] >= p[i - 1] * (1.0 - 1e-14));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_values),
        cmocka_unit_test(the_series_meets_the_closed_form),
        cmocka_unit_test(it_solves_its_equation),
        cmocka_unit_test(values_do_not_depend_on_their_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
