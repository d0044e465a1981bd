/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single doubling times: both forms of the table say the same, a mistake is named with its place, gradients are those
 * of the value, and simulated patients have the design of the data. */
#include "mtc_rng.h"
#include "mtc_tvdt.h"
#include "test_like.h"
#include "test_near.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "likelihood: tvdt/individual\nrows:\n"
#define MEASURED "likelihood: tvdt/individual\nmeasurement_log_sd: 0.15\nrows:\n"
#define BETWEEN "likelihood: tvdt/individual\nbetween_study: true\nmeasurement_log_sd: 0.15\nrows:\n"

static const double point[5] = {143.0, 0.62, 1.37, 0.41, 0.27};

static const char long_rows[] = "  - {patient: a, site: primary, tvdt: 160 d}\n"
                                "  - {patient: b, site: primary, tvdt_lower: 730 d}\n"
                                "  - {patient: a, site: metastasis, tvdt: 75 d}\n"
                                "  - {site: metastasis, tvdt_upper: 60 d}\n"
                                "  - {patient: c, site: metastasis, tvdt_lower: 40 d, tvdt_upper: 90 d}\n"
                                "  - {patient: c, site: primary, tvdt_lower: 100 d, tvdt_upper: 180 d}\n"
                                "  - {patient: d, site: primary, tvdt: 310 d}\n"
                                "  - {patient: d, site: metastasis, tvdt_lower: 200 d}\n"
                                "  - {site: primary, tvdt: 95 d}\n";
static const char wide_rows[] =
    "  - {patient: a, primary_tvdt: 160 d, metastasis_tvdt: 75 d}\n"
    "  - {patient: b, primary_tvdt_lower: 730 d}\n"
    "  - {metastasis_tvdt_lower: 0 d, metastasis_tvdt_upper: 60 d}\n"
    "  - {patient: c, primary_tvdt_lower: 100 d, primary_tvdt_upper: 180 d, metastasis_tvdt_lower: 40 d, "
    "metastasis_tvdt_upper: 90 d}\n"
    "  - {patient: d, primary_tvdt: 310 d, metastasis_tvdt_lower: 200 d}\n"
    "  - {primary_tvdt: 95 d}\n";

static void open_good(test_like *like, const char *head, const char *rows)
{
    char yaml[2048];
    (void)snprintf(yaml, sizeof yaml, "%s%s", head, rows);
    if (test_like_open(like, &mtc_likelihood_tvdt_individual, NULL, yaml) != MTC_OK) {
        test_like_assert_error(like, -1, 0, "none expected");
    }
}

static double value_of(const char *head, const char *rows)
{
    test_like like;
    open_good(&like, head, rows);
    const double value = test_like_value(&like, point, NULL);
    test_like_close(&like);
    return value;
}

static void both_forms_agree(void **state)
{
    (void)state;
    const char *const head[] = {HEAD, MEASURED, BETWEEN};
    for (size_t i = 0; i < 3; ++i) {
        assert_near(value_of(head[i], long_rows), value_of(head[i], wide_rows), 1e-12);
    }
    assert_true(fabs(value_of(HEAD, long_rows) - value_of(MEASURED, long_rows)) > 0.01);
    assert_true(fabs(value_of(BETWEEN, long_rows) - value_of(MEASURED, long_rows)) > 0.01);
}

/* A pair is not two patients: the same rows without names have another likelihood. */
static void names_make_pairs(void **state)
{
    (void)state;
    const double paired = value_of(HEAD, "  - {patient: a, site: primary, tvdt: 400 d}\n"
                                         "  - {patient: a, site: metastasis, tvdt: 290 d}\n");
    const double apart = value_of(HEAD, "  - {site: primary, tvdt: 400 d}\n  - {site: metastasis, tvdt: 290 d}\n");
    assert_true(paired > apart + 0.5);
}

static void gradients(void **state)
{
    (void)state;
    const char *const head[] = {HEAD, MEASURED, BETWEEN};
    const char *const rows[] = {long_rows, "  - {primary_tvdt: 160 d}\n  - {primary_tvdt_lower: 700 d}\n"};
    const double primary_only[3] = {point[0], point[1], point[4]};
    for (size_t i = 0; i < 6; ++i) {
        test_like like;
        double grad[5];
        const double *theta = i < 3 ? point : primary_only;
        open_good(&like, head[i % 3], rows[i / 3]);
        assert_int_equal(like.n_param, (i < 3 ? 4 : 2) + (i % 3 == 2));
        (void)test_like_value(&like, theta, grad);
        for (size_t k = 0; k < like.n_param; ++k) {
            const double want = test_like_slope(&like, theta, k, 1e-3);
            assert_near(grad[k], want, 1e-6 * fmax(1.0, fabs(want)));
        }
        test_like_close(&like);
    }
}

static void outside(void **state)
{
    (void)state;
    test_like like;
    double value = 0.0;
    mtc_reason reason = MTC_REASON_NONE;
    open_good(&like, HEAD, long_rows);
    const double bad[][4] = {
        {150.0, 0.6, 1.5, 0.0}, {150.0, 0.0, 1.5, 0.4}, {-1.0, 0.6, 1.5, 0.4}, {150.0, 0.6, 0.0, 0.4}};
    for (size_t i = 0; i < 4; ++i) {
        assert_int_equal(like.ops->eval(like.self, NULL, bad[i], &value, NULL, NULL, &reason, NULL), MTC_OK);
        assert_true(value == -HUGE_VAL);
        assert_int_equal(reason, MTC_REASON_MODEL_DOMAIN);
    }
    const double far[4] = {150.0, 1e-158, 1.5, 1e-158};
    assert_int_equal(like.ops->eval(like.self, NULL, far, &value, NULL, NULL, &reason, NULL), MTC_OK);
    assert_true(value == -HUGE_VAL);
    test_like_close(&like);
    /* with a measurement error all patients may have one doubling time and one ratio */
    open_good(&like, MEASURED, long_rows);
    const double still[4] = {150.0, 0.0, 1.5, 0.0};
    assert_true(isfinite(test_like_value(&like, still, NULL)));
    test_like_close(&like);
}

static void facts_units_and_labels(void **state)
{
    (void)state;
    test_like like;
    open_good(&like, HEAD, long_rows);
    const double want[] = {6.0, 5.0, 4.0, 3.0, 5.0};
    assert_int_equal(like.ops->n_facts(like.self), 5);
    for (size_t i = 0; i < 5; ++i) {
        mtc_quantity info;
        double value = 0.0;
        like.ops->fact(like.self, i, &info, &value);
        assert_true(info.is_count);
        assert_true(value == want[i]);
    }
    double per_obs[6], value = 0.0, sum = 0.0;
    mtc_reason reason;
    assert_int_equal(like.ops->n_obs(like.self), 6);
    assert_int_equal(like.ops->eval(like.self, NULL, point, &value, NULL, per_obs, &reason, NULL), MTC_OK);
    for (int i = 0; i < 6; ++i) {
        sum += per_obs[i];
    }
    assert_near(sum, value, 1e-12);
    char label[64];
    like.ops->obs_label(like.self, 1, label, sizeof label);
    assert_string_equal(label, "patient b");
    like.ops->obs_label(like.self, 2, label, sizeof label);
    assert_string_equal(label, "line 6");
    test_like_close(&like);
    open_good(&like, BETWEEN, long_rows);
    assert_int_equal(like.ops->n_obs(like.self), 1);
    assert_int_equal(like.ops->eval(like.self, NULL, point, &value, NULL, per_obs, &reason, NULL), MTC_OK);
    assert_true(per_obs[0] == value);
    like.ops->obs_label(like.self, 0, label, sizeof label);
    assert_string_equal(label, "all patients");
    test_like_close(&like);
}

/* Kaplan-Meier by hand: primaries 95, 160, 310 reached, (100, 180] at its geometric middle, 730 longer. */
static void displays(void **state)
{
    (void)state;
    test_like like;
    double y[500];
    open_good(&like, HEAD, long_rows);
    assert_int_equal(like.ops->n_displays(like.self), 2);
    const mtc_display *d = like.ops->display(like.self, 0);
    const double x[] = {95.0, sqrt(18000.0), 160.0, 310.0};
    assert_int_equal(d->n_obs, 4);
    for (size_t i = 0; i < 4; ++i) {
        assert_near(d->obs_x[i], x[i], 1e-9);
        assert_near(d->obs_y[i], 0.2 * (double)(i + 1), 1e-12);
    }
    assert_int_equal(like.ops->predict(like.self, NULL, 1, point, y, NULL), MTC_OK);
    d = like.ops->display(like.self, 1);
    for (size_t i = 0; i < d->n_x; ++i) {
        assert_true((d->x[i] < point[0] / point[2]) == (y[i] < 0.5));
    }
    test_like_close(&like);
}

/* ---- mistakes ------------------------------------------------------------------------------------------------ */

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *rows;
        long line;
        const char *text;
    } bad[] = {
        {"  - {site: primary, tvdt: 80 d}\n  - {site: lung, tvdt: 82 d}\n", 4, "primary or metastasis"},
        {"  - {site: primary, tvdt: 80 d}\n  - {site: metastases, tvdt: 82 d}\n", 4, "did you mean 'metastasis'"},
        {"  - {site: primary, tvdt: 0 d}\n", 3, "> 0"},
        {"  - {site: primary, tvdt_upper: 0 d}\n", 3, "> 0"},
        {"  - {site: primary, tvdt: 80 d, tvdt_lower: 3 d}\n", 3, "both a value and bounds"},
        {"  - {site: primary, tvdt_lower: 80 d, tvdt_upper: 80 d}\n", 3, "not below the upper"},
        {"  - {tvdt: 80 d}\n", 0, "'site' is missing"},
        {"  - {patient: a}\n", 0, "no column of doubling times"},
        {"  - {site: primary, primary_tvdt: 80 d}\n", 0, "two forms"},
        {"  - {tvdt: 80 d, primary_tvdt: 80 d}\n", 0, "two forms"},
        {"  - {site: primary, tvdt: 80 d}\n  - {site: primary, patient: x}\n", 4, "no doubling time and no bound"},
        {"  - {primary_tvdt: 80 d}\n  - {patient: x, primary_tvdt_lower: 0 d}\n", 4, "no doubling time and no bound"},
        {"  - {patient: a, site: metastasis, tvdt: 80 d}\n  - {patient: a, site: metastasis, tvdt: 82 d}\n", 4,
         "more than one metastasis"},
        {"  - {patient: a, site: primary, tvdt: 80 d}\n  - {patient: a, site: primary, tvdt: 82 d}\n", 4,
         "more than one primary"},
        {"  - {patient: a, primary_tvdt: 80 d}\n  - {patient: a, metastasis_tvdt: 82 d}\n", 4, "second row"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        test_like like;
        char yaml[512];
        (void)snprintf(yaml, sizeof yaml, HEAD "%s", bad[i].rows);
        assert_int_not_equal(test_like_open(&like, &mtc_likelihood_tvdt_individual, NULL, yaml), MTC_OK);
        test_like_assert_error(&like, bad[i].line, 0, bad[i].text);
        test_like_close(&like);
    }
}

static void all_mistakes_at_once(void **state)
{
    (void)state;
    test_like like;
    assert_int_equal(test_like_open(&like, &mtc_likelihood_tvdt_individual, NULL,
                                    HEAD
                                    "  - {site: lung, tvdt: 0 d}\n  - {site: primary, tvdt: 3 d, tvdt_upper: 9 d}\n"),
                     MTC_EDATA);
    test_like_assert_error(&like, 3, 0, "lung");
    test_like_assert_error(&like, 3, 0, "> 0");
    test_like_assert_error(&like, 4, 0, "both");
    test_like_close(&like);
    assert_int_not_equal(test_like_open(&like, &mtc_likelihood_tvdt_individual, NULL,
                                        "likelihood: tvdt/individual\nmeasurement_log_sd: -0.1\nbetween_study: maybe\n"
                                        "rows:\n  - {primary_tvdt: 3 d}\n"),
                         MTC_OK);
    test_like_assert_error(&like, 2, 21, "at least 0");
    test_like_assert_error(&like, 3, 16, "true or false");
    test_like_close(&like);
}

static void missing_rows_are_dropped_on_request(void **state)
{
    (void)state;
    test_like like;
    open_good(&like, "likelihood: tvdt/individual\nmissing: drop\nrows:\n",
              "  - {site: primary, tvdt: 80 d}\n  - {site: primary, patient: x}\n");
    assert_int_equal(like.ops->n_obs(like.self), 1);
    assert_int_equal(like.source.n_dropped, 1);
    test_like_close(&like);
    assert_int_equal(test_like_open(&like, &mtc_likelihood_tvdt_individual, NULL,
                                    "likelihood: tvdt/individual\nmissing: drop\nrows:\n"
                                    "  - {site: primary, patient: x, tvdt_lower: 0 d}\n"),
                     MTC_EDATA);
    test_like_assert_error(&like, 0, 0, "no doubling time is left");
    test_like_close(&like);
}

/* ---- simulation ---------------------------------------------------------------------------------------------- */

static double cell_days(const mtc_rows *rows, size_t row, const char *column)
{
    for (size_t c = 0; c < mtc_rows_columns(rows); ++c) {
        if (strcmp(mtc_rows_column(rows, c), column) == 0) {
            const char *text = mtc_rows_cell(rows, row, c);
            return text[0] != '\0' ? strtod(text, NULL) : (double)NAN;
        }
    }
    fail_msg("no column %s", column);
    return NAN;
}

/* What is known of a simulated tumour: nothing beyond what the bounds of the data would have told. */
static void censoring_is_reproduced(void **state)
{
    (void)state;
    test_like like;
    mtc_rows *rows = NULL;
    gsl_rng *rng = NULL;
    unsigned seen_part = 0;
    open_good(&like, MEASURED, wide_rows);
    assert_int_equal(mtc_rng_stream(11, "tvdt", &rng, NULL), MTC_OK);
    for (int repeat = 0; repeat < 200; ++repeat) {
        assert_int_equal(like.ops->simulate(like.self, point, rng, &rows, NULL), MTC_OK);
        assert_int_equal(mtc_rows_count(rows), 6);
        assert_true(cell_days(rows, 0, "primary_tvdt_days") > 0.0);
        assert_true(isnan(cell_days(rows, 1, "metastasis_tvdt_days")));
        const double seen = cell_days(rows, 1, "primary_tvdt_days");
        const double longer = cell_days(rows, 1, "primary_tvdt_lower_days");
        assert_true(isnan(longer) ? seen > 0.0 && seen <= 730.0 : fabs(longer - 730.0) < 1e-6 && isnan(seen));
        const double upper = cell_days(rows, 2, "metastasis_tvdt_upper_days");
        assert_true(isnan(upper) ? cell_days(rows, 2, "metastasis_tvdt_days") > 60.0 : fabs(upper - 60.0) < 1e-6);
        assert_true(isnan(cell_days(rows, 3, "primary_tvdt_days")));
        const double a = cell_days(rows, 3, "primary_tvdt_lower_days"),
                     b = cell_days(rows, 3, "primary_tvdt_upper_days");
        const bool below = isnan(a) && fabs(b - 100.0) < 1e-6, above = fabs(a - 180.0) < 1e-6 && isnan(b);
        const bool inside = fabs(a - 100.0) < 1e-6 && fabs(b - 180.0) < 1e-6;
        assert_true(below || above || inside);
        seen_part |= (below ? 1u : 0u) | (inside ? 2u : 0u) | (above ? 4u : 0u);
        mtc_rows_destroy(rows);
    }
    assert_int_equal(seen_part, 7);
    gsl_rng_free(rng);
    test_like_close(&like);
    open_good(&like, BETWEEN, long_rows);
    assert_int_equal(mtc_rng_stream(11, "tvdt", &rng, NULL), MTC_OK);
    assert_int_equal(like.ops->simulate(like.self, point, rng, &rows, NULL), MTC_OK);
    assert_int_equal(mtc_rows_count(rows), 9);
    assert_string_equal(mtc_rows_column(rows, 1), "site");
    assert_string_equal(mtc_rows_cell(rows, 1, 1), "metastasis"); /* pairs stand together */
    assert_string_equal(mtc_rows_cell(rows, 0, 0), mtc_rows_cell(rows, 1, 0));
    mtc_rows_destroy(rows);
    gsl_rng_free(rng);
    test_like_close(&like);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_agree),
        cmocka_unit_test(names_make_pairs),
        cmocka_unit_test(gradients),
        cmocka_unit_test(outside),
        cmocka_unit_test(facts_units_and_labels),
        cmocka_unit_test(displays),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(all_mistakes_at_once),
        cmocka_unit_test(missing_rows_are_dropped_on_request),
        cmocka_unit_test(censoring_is_reproduced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
