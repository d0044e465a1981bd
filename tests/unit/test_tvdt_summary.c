/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Published summaries: densities are normalised, gradients are those of the value, a mistake is named with its place,
 * and simulated rows are rows again. */
#include "mtc_rng.h"
#include "mtc_tvdt.h"
#include "test_like.h"
#include "test_near.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HEAD "likelihood: tvdt/summary\nrows:\n"
#define BETWEEN "likelihood: tvdt/summary\nbetween_study: true\nrows:\n"

static const double point[5] = {143.0, 0.62, 1.37, 0.41, 0.27};

static void open_good(test_like *like, const char *yaml)
{
    if (test_like_open(like, &mtc_likelihood_tvdt_summary, NULL, yaml) != MTC_OK) {
        test_like_assert_error(like, -1, 0, "none expected");
    }
}

static double value_of(const char *yaml, const double *theta)
{
    test_like like;
    open_good(&like, yaml);
    const double value = test_like_value(&like, theta, NULL);
    test_like_close(&like);
    return value;
}

/* ---- densities ----------------------------------------------------------------------------------------------- */

/* Integral over x in log(days) by the trapezoidal rule, which is exact to rounding for such tails. */
static double integral_1(const char *row)
{
    double sum = 0.0;
    const double h = 0.05;
    for (int i = -200; i <= 200; ++i) {
        char yaml[256];
        const double days = exp(log(point[0]) + h * i);
        (void)snprintf(yaml, sizeof yaml, "%s%.17g d}\n", row, days);
        sum += h * days / MTC_DAYS_PER_YEAR * exp(value_of(yaml, point));
    }
    return sum;
}

static void one_order_statistic_is_normalised(void **state)
{
    (void)state;
    assert_near(integral_1(HEAD "  - {site: primary, n: 12, statistic: median, value: "), 1.0, 1e-9);
    assert_near(integral_1(HEAD "  - {site: primary, n: 2, statistic: max, value: "), 1.0, 1e-5);
    assert_near(integral_1(HEAD "  - {site: primary, n: 9, statistic: quantile, probability: 0.22, value: "), 1.0,
                1e-9);
    assert_near(integral_1(BETWEEN "  - {site: primary, n: 30, statistic: median, value: "), 1.0, 1e-9);
}

/* Over min < max, by minimum and log ratio. */
static void two_order_statistics_are_normalised(void **state)
{
    (void)state;
    double sum = 0.0;
    const double h = 0.1, k = 0.08;
    for (int i = -50; i <= 30; ++i) {
        for (int j = 0; j <= 70; ++j) {
            char yaml[256];
            const double low = exp(log(point[0]) + h * i), high = low * exp(k * (j + 0.5));
            (void)snprintf(yaml, sizeof yaml, HEAD "  - {site: primary, n: 6, order: {max: %.17g d, min: %.17g d}}\n",
                           high, low);
            const double jacobian = low * high / (MTC_DAYS_PER_YEAR * MTC_DAYS_PER_YEAR);
            sum += h * k * jacobian * exp(value_of(yaml, point));
        }
    }
    assert_near(sum, 1.0, 2e-4); /* midpoints in the ratio, cut at e^5.6 */
}

/* Over log mean (per log year: no Jacobian) and log-sd. */
static void geometric_mean_is_normalised(void **state)
{
    (void)state;
    double sum = 0.0;
    const double h = 0.05, k = 0.02;
    for (int i = -40; i <= 40; ++i) {
        for (int j = 1; j <= 100; ++j) {
            char yaml[256];
            (void)snprintf(yaml, sizeof yaml,
                           HEAD "  - {site: primary, n: 7, geometric_mean: %.17g d, log_sd: %.17g}\n",
                           exp(log(point[0]) + h * i), k * j);
            sum += h * k * exp(value_of(yaml, point));
        }
    }
    assert_near(sum, 1.0, 1e-6);
}

/* The mean-and-sd form is a density of the plane; what lies at negative means or sds is left out by the data. */
static void mean_and_sd_is_normalised(void **state)
{
    (void)state;
    const double theta[2] = {100.0, 0.3};
    const double mean = 100.0 * exp(0.045), sd = mean * sqrt(expm1(0.09));
    double sum = 0.0;
    const double h = 0.3, k = 0.3;
    for (int i = -50; i <= 50; ++i) {
        for (int j = -50; j <= 60; ++j) {
            char yaml[256];
            (void)snprintf(yaml, sizeof yaml, HEAD "  - {site: primary, n: 100, mean: %.17g d, sd: %.17g d}\n",
                           mean + h * i, sd + k * j);
            sum += h * k / (MTC_DAYS_PER_YEAR * MTC_DAYS_PER_YEAR) * exp(value_of(yaml, theta));
        }
    }
    assert_near(sum, 1.0, 1e-4);
}

static void years_and_days_are_one_time(void **state)
{
    (void)state;
    assert_near(value_of(HEAD "  - {site: primary, n: 9, statistic: median, value: 182.625 d}\n", point),
                value_of(HEAD "  - {site: primary, n: 9, statistic: median, value: 0.5 y}\n", point), 1e-13);
}

/* ---- shifts between studies ---------------------------------------------------------------------------------- */

static const char plain_rows[] = "  - {site: primary, statistic: median, value: 150 d, n: 235, study: A}\n"
                                 "  - {site: metastasis, n: 22, geometric_mean: 96 d, log_sd: 0.8, study: B}\n"
                                 "  - {site: primary, order: {min: 46 d, median: 141 d, max: 825 d}, n: 66, study: A}\n"
                                 "  - {site: metastasis, n: 18, mean: 86 d, sd: 40.5 d}\n";

static void no_spread_between_studies(void **state)
{
    (void)state;
    char off[1024], on[1024];
    double theta[5], grad[5];
    (void)snprintf(off, sizeof off, HEAD "%s", plain_rows);
    (void)snprintf(on, sizeof on, BETWEEN "%s", plain_rows);
    memcpy(theta, point, sizeof theta);
    const double want = value_of(off, theta);
    const double small[] = {0.0, 1e-12, 1e-7};
    for (size_t i = 0; i < 3; ++i) {
        test_like like;
        theta[4] = small[i];
        open_good(&like, on);
        assert_int_equal(like.n_param, 5);
        assert_near(test_like_value(&like, theta, grad), want, 1e-9);
        assert_near(grad[4], 0.0, 1e-3);
        test_like_close(&like);
    }
}

/* A shift shared by two rows makes them dependent: only where they are of one study. */
static void study_shares_its_shift(void **state)
{
    (void)state;
    static const char one[] = BETWEEN "  - {site: primary, n: 100, geometric_mean: 300 d, study: X}\n"
                                      "  - {site: primary, n: 101, geometric_mean: 310 d, study: X}\n";
    static const char two[] = BETWEEN "  - {site: primary, n: 100, geometric_mean: 300 d, study: X}\n"
                                      "  - {site: primary, n: 101, geometric_mean: 310 d}\n";
    const double theta[] = {150.0, 0.5, 0.4};
    /* closed form: log means normal about M with covariance omega^2 (+ sd^2/n) */
    const double y[2] = {log(300.0 / 150.0), log(310.0 / 150.0)}, w = 0.16;
    const double v[2] = {0.25 / 100.0 + w, 0.25 / 101.0 + w};
    const double det = v[0] * v[1] - w * w;
    const double form = (v[1] * y[0] * y[0] - 2.0 * w * y[0] * y[1] + v[0] * y[1] * y[1]) / det;
    const double log_2pi = log(2.0 * acos(-1.0));
    assert_near(value_of(one, theta), -log_2pi - 0.5 * log(det) - 0.5 * form, 1e-11);
    const double apart = -log_2pi - 0.5 * log(v[0] * v[1]) - 0.5 * (y[0] * y[0] / v[0] + y[1] * y[1] / v[1]);
    assert_near(value_of(two, theta), apart, 1e-11);
}

/* ---- gradients and parameters -------------------------------------------------------------------------------- */

static void check_gradient(const char *yaml, const double *theta)
{
    test_like like;
    double grad[5];
    open_good(&like, yaml);
    (void)test_like_value(&like, theta, grad);
    for (size_t i = 0; i < like.n_param; ++i) {
        const double want = test_like_slope(&like, theta, i, 1e-3);
        assert_near(grad[i], want, 1e-6 * fmax(1.0, fabs(want)));
    }
    test_like_close(&like);
}

static void gradients(void **state)
{
    (void)state;
    static const char *const row[] = {
        "  - {site: primary, statistic: quantile, probability: 0.21, value: 730 d, n: 43}\n",
        "  - {site: metastasis, statistic: median, value: 82 d, n: 29}\n",
        "  - {site: primary, statistic: min, value: 44 d, n: 147}\n",
        "  - {site: metastasis, order: {min: 31 d, q15: 33.5 d, median: 80 d, q97.5: 412 d}, n: 48}\n",
        "  - {site: primary, geometric_mean: 174 d, n: 122}\n",
        "  - {site: metastasis, geometric_mean: 139 d, log_sd: 0.65, n: 66}\n",
        "  - {site: primary, mean: 193 d, sd: 141 d, n: 66}\n",
        "  - {site: metastasis, mean: 86 d, sd: 40.5 d, n: 18}\n",
    };
    const double primary_only[3] = {point[0], point[1], point[4]};
    for (size_t i = 0; i < sizeof row / sizeof *row; ++i) {
        char yaml[512];
        const double *theta = strstr(row[i], "metastasis") != NULL ? point : primary_only;
        (void)snprintf(yaml, sizeof yaml, HEAD "%s", row[i]);
        check_gradient(yaml, theta);
        (void)snprintf(yaml, sizeof yaml, BETWEEN "%s", row[i]);
        check_gradient(yaml, theta);
    }
    char yaml[1024];
    (void)snprintf(yaml, sizeof yaml, BETWEEN "%s", plain_rows);
    check_gradient(yaml, point);
}

static void parameters_are_those_used(void **state)
{
    (void)state;
    test_like like;
    open_good(&like, HEAD "  - {site: primary, n: 9, statistic: median, value: 100 d}\n");
    assert_int_equal(like.n_param, 2);
    assert_string_equal(like.param[0]->name, "doubling_time_days");
    assert_string_equal(like.param[1]->name, "doubling_time_log_sd");
    test_like_close(&like);
    open_good(&like, BETWEEN "  - {site: metastasis, n: 9, statistic: median, value: 100 d}\n");
    assert_int_equal(like.n_param, 5);
    assert_string_equal(like.param[4]->name, "between_study_log_sd");
    test_like_close(&like);
}

/* Zero probability is a value with its reason, never a NaN. */
static void outside(void **state)
{
    (void)state;
    test_like like;
    double value = 0.0;
    mtc_reason reason = MTC_REASON_NONE;
    open_good(&like, BETWEEN "  - {site: primary, n: 9, order: {min: 1 d, max: 4000 d}}\n"
                             "  - {site: primary, n: 9, mean: 100 d, sd: 300 d}\n"
                             "  - {site: primary, n: 9, geometric_mean: 100 d, log_sd: 2}\n");
    const double bad[][3] = {{150.0, 0.0, 0.1},    {0.0, 0.6, 0.1},        {150.0, 0.6, -0.1},
                             {HUGE_VAL, 0.6, 0.1}, {150.0, HUGE_VAL, 0.1}, {(double)NAN, 0.6, 0.1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        assert_int_equal(like.ops->eval(like.self, NULL, bad[i], &value, NULL, NULL, &reason, NULL), MTC_OK);
        assert_true(value == -HUGE_VAL);
        assert_int_equal(reason, MTC_REASON_MODEL_DOMAIN);
    }
    const double far[][3] = {{1e-90, 0.6, 0.1}, {1e-60, 0.2, 0.0}, {1e-80, 1.0, 1e-9}};
    for (size_t i = 0; i < sizeof far / sizeof *far; ++i) {
        assert_int_equal(like.ops->eval(like.self, NULL, far[i], &value, NULL, NULL, &reason, NULL), MTC_OK);
        assert_true(value == -HUGE_VAL);
        assert_int_equal(reason, MTC_REASON_UNDERFLOW);
    }
    /* every size of spread and median: a number or minus infinity, never an error */
    for (double sd = 1.0; sd > 1e-160; sd *= 0.3) {
        const double other[][3] = {
            {150.0, sd, 0.3}, {150.0, sd, sd},        {150.0, sd, 1.0 / sd},  {150.0, 1.0 / sd, 0.3},
            {150.0, 0.6, sd}, {150.0, 0.6, 1.0 / sd}, {150.0 * sd, 0.6, 0.3}, {150.0 / sd, 0.6, 1.0 / sd}};
        for (size_t i = 0; i < sizeof other / sizeof *other; ++i) {
            (void)test_like_value(&like, other[i], NULL);
        }
    }
    const double wide[3] = {150.0, 300.0, 40.0};
    assert_true(isfinite(test_like_value(&like, wide, NULL)));
    test_like_close(&like);
}

/* ---- what it says about the data ----------------------------------------------------------------------------- */

static void facts_units_and_labels(void **state)
{
    (void)state;
    char yaml[1024], label[64];
    test_like like;
    double per_obs[4];
    (void)snprintf(yaml, sizeof yaml, HEAD "%s", plain_rows);
    open_good(&like, yaml);
    const double want[] = {4.0, 3.0, 301.0, 40.0};
    assert_int_equal(like.ops->n_facts(like.self), 4);
    for (size_t i = 0; i < 4; ++i) {
        mtc_quantity info;
        double value = 0.0;
        like.ops->fact(like.self, i, &info, &value);
        assert_true(value == want[i]);
    }
    double value = 0.0;
    mtc_reason reason;
    assert_int_equal(like.ops->n_obs(like.self), 4);
    assert_int_equal(like.ops->eval(like.self, NULL, point, &value, NULL, per_obs, &reason, NULL), MTC_OK);
    assert_near(per_obs[0] + per_obs[1] + per_obs[2] + per_obs[3], value, 1e-12);
    like.ops->obs_label(like.self, 2, label, sizeof label);
    assert_string_equal(label, "row 3, A");
    like.ops->obs_label(like.self, 3, label, sizeof label);
    assert_string_equal(label, "row 4");
    test_like_close(&like);

    (void)snprintf(yaml, sizeof yaml, BETWEEN "%s", plain_rows);
    open_good(&like, yaml);
    assert_int_equal(like.ops->n_obs(like.self), 3);
    assert_int_equal(like.ops->eval(like.self, NULL, point, &value, NULL, per_obs, &reason, NULL), MTC_OK);
    assert_near(per_obs[0] + per_obs[1] + per_obs[2], value, 1e-12);
    like.ops->obs_label(like.self, 0, label, sizeof label);
    assert_string_equal(label, "study A");
    test_like_close(&like);
}

static void displays(void **state)
{
    (void)state;
    char yaml[1024];
    test_like like;
    double y[500];
    (void)snprintf(yaml, sizeof yaml, HEAD "%s", plain_rows);
    open_good(&like, yaml);
    assert_int_equal(like.ops->n_displays(like.self), 2);
    const mtc_display *d = like.ops->display(like.self, 0);
    assert_string_equal(d->id, "cdf.primary");
    assert_int_equal(d->n_obs, 4);
    assert_near(d->obs_x[0], 150.0, 1e-9);
    assert_near(d->obs_y[1], 1.0 / 67.0, 1e-15);
    assert_near(d->obs_y[3], 66.0 / 67.0, 1e-15);
    assert_string_equal(d->obs_label[3], "A: max, n = 66");
    assert_true(d->x[0] == 5.0);
    assert_near(d->x[d->n_x - 1], 5000.0, 1e-9);
    assert_int_equal(like.ops->predict(like.self, NULL, 0, point, y, NULL), MTC_OK);
    for (size_t i = 1; i < d->n_x; ++i) {
        assert_true(y[i] > y[i - 1]);
        assert_true((d->x[i] < point[0]) == (y[i] < 0.5));
    }
    d = like.ops->display(like.self, 1);
    assert_string_equal(d->id, "cdf.metastasis");
    /* the median of the log-normal law with this mean and sd */
    assert_near(d->obs_x[1], 86.0 / sqrt(1.0 + 40.5 * 40.5 / (86.0 * 86.0)), 1e-9);
    test_like_close(&like);
}

/* ---- mistakes ------------------------------------------------------------------------------------------------ */

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *row; /* the error stands at the @, which is taken out */
        const char *text;
    } bad[] = {
        {"{site: primary, statistic: median, value: @150, n: 20}", "unit"},
        {"{site: primary, statistic: median, value: @150 mm, n: 20}", "d, "},
        {"{site: primary, statistic: median, value: @-3 d, n: 20}", "> 0"},
        {"{site: primary, statistic: median, value: @0 d, n: 20}", "> 0"},
        {"{site: primary, statistic: median, value: 150 d, n: @1}", "at least 2"},
        {"{site: primary, statistic: median, value: 150 d, n: @0}", "at least 1"},
        {"{site: primary, statistic: median, value: 150 d, n: @2.5}", "whole number"},
        {"@{site: primary, statistic: median, value: 150 d}", "'n' is missing"},
        {"@{site: primary, statistic: median, n: 20}", "'value' is missing"},
        {"@{statistic: median, value: 150 d, n: 20}", "'site' is missing"},
        {"{site: @primery, statistic: median, value: 150 d, n: 20}", "did you mean 'primary'"},
        {"{site: primary, @statistik: median, value: 150 d, n: 20}", "did you mean 'statistic'"},
        {"{site: primary, statistic: @mode, value: 150 d, n: 20}", "unknown 'mode'"},
        {"{site: primary, statistic: @mean, value: 150 d, n: 20}", "taken with its sd"},
        {"{site: primary, statistic: @geometric_mean, value: 150 d, n: 20}", "has its own key"},
        {"@{site: primary, statistic: quantile, value: 150 d, n: 20}", "which quantile"},
        {"{site: primary, statistic: quantile, probability: @1, value: 150 d, n: 20}", "below 1"},
        {"{site: primary, statistic: median, probability: @0.5, value: 150 d, n: 20}", "belongs to"},
        {"@{site: primary, n: 20}", "reports nothing"},
        {"@{site: primary, n: 20, mean: 3 d}", "'sd' is missing beside 'mean'"},
        {"{site: primary, n: 20, mean: 3 d, sd: @0 d}", "> 0"},
        {"{site: primary, n: 20, mean: 3 d, sd: 1 d, log_sd: @0.3}", "does not belong"},
        {"@{site: primary, n: 20, mean: 3 d, sd: 1 d, order: {min: 1 d}}", "'order' and 'mean'"},
        {"{site: primary, n: 20, geometric_mean: 3 d, log_sd: @-1}", "> 0"},
        {"{site: primary, n: 1, geometric_mean: 3 d, log_sd: @1}", "no spread"},
        {"{site: primary, n: 20, order: @{min: 10 d, median: 9 d}}", "'min' must be below 'median'"},
        {"{site: primary, n: 3, order: @{median: 10 d, q50: 11 d}}", "same order statistic"},
        {"{site: primary, n: 20, order: {@minimum: 10 d}}", "unknown order statistic"},
        {"{site: primary, n: 20, order: {@mediam: 10 d}}", "did you mean 'median'"},
        {"{site: primary, n: 20, order: {@q100: 10 d}}", "unknown order statistic"},
        {"{site: primary, n: 20, order: {min: @10}}", "order: min"},
        {"{site: primary, n: 20, order: {min: @-1 d}}", "min: must be > 0"},
        {"{site: primary, n: 20, order: @{}}", "order statistics"},
        {"{site: primary, n: 20, order: @3 d}", "map"},
        {"@median", "a map of settings"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        test_like like;
        char yaml[256];
        const char *mark = strchr(bad[i].row, '@');
        const long before = mark - bad[i].row;
        (void)snprintf(yaml, sizeof yaml, HEAD "  - {site: primary, n: 3, geometric_mean: 3 d}\n  - %.*s%s\n",
                       (int)before, bad[i].row, mark + 1);
        assert_int_equal(test_like_open(&like, &mtc_likelihood_tvdt_summary, NULL, yaml), MTC_ECONFIG);
        test_like_assert_error(&like, 4, before + 5, bad[i].text);
        test_like_close(&like);
    }
}

static void all_mistakes_at_once(void **state)
{
    (void)state;
    test_like like;
    assert_int_equal(test_like_open(&like, &mtc_likelihood_tvdt_summary, NULL,
                                    HEAD "  - {site: primary, statistic: median, value: 0 d, n: 1}\n"
                                         "  - {site: liver, order: {min: 9 d, max: 3 d}, n: 20}\n"),
                     MTC_ECONFIG);
    test_like_assert_error(&like, 3, 0, "> 0");
    test_like_assert_error(&like, 3, 0, "at least 2");
    test_like_assert_error(&like, 4, 0, "primary|metastasis");
    test_like_assert_error(&like, 4, 0, "must be below");
    test_like_close(&like);
    assert_int_not_equal(
        test_like_open(&like, &mtc_likelihood_tvdt_summary, NULL, "likelihood: tvdt/summary\nrows: []\n"), MTC_OK);
    test_like_assert_error(&like, 2, 0, "rows");
    test_like_close(&like);
    assert_int_not_equal(test_like_open(&like, &mtc_likelihood_tvdt_summary, NULL, "likelihood: tvdt/summary\n"),
                         MTC_OK);
    test_like_assert_error(&like, 0, 0, "rows");
    test_like_close(&like);
}

static void one_sample_one_row(void **state)
{
    (void)state;
    static const struct {
        const char *rows;
        bool good;
    } pair[] = {
        {"  - {site: primary, n: 66, statistic: median, value: 141 d, study: R}\n"
         "  - {site: primary, n: 66, mean: 193 d, sd: 141 d, study: R}\n",
         false},
        {"  - {site: primary, n: 66, statistic: median, value: 141 d, source: R}\n"
         "  - {site: primary, n: 66, mean: 193 d, sd: 141 d, source: R}\n",
         false},
        {"  - {site: primary, n: 66, statistic: median, value: 141 d, study: R, sample: a}\n"
         "  - {site: primary, n: 66, mean: 193 d, sd: 141 d, study: R, sample: b}\n",
         true},
        {"  - {site: primary, n: 66, statistic: median, value: 141 d, study: R, sample: a}\n"
         "  - {site: primary, n: 65, mean: 193 d, sd: 141 d, study: R, sample: a}\n",
         false},
        {"  - {site: primary, n: 66, statistic: median, value: 141 d, study: R}\n"
         "  - {site: metastasis, n: 66, mean: 193 d, sd: 141 d, study: R}\n",
         true},
        {"  - {site: primary, n: 66, statistic: median, value: 141 d}\n"
         "  - {site: primary, n: 66, mean: 193 d, sd: 141 d}\n",
         true},
    };
    for (size_t i = 0; i < sizeof pair / sizeof *pair; ++i) {
        test_like like;
        char yaml[512];
        (void)snprintf(yaml, sizeof yaml, HEAD "%s", pair[i].rows);
        const mtc_status st = test_like_open(&like, &mtc_likelihood_tvdt_summary, NULL, yaml);
        assert_int_equal(st, pair[i].good ? MTC_OK : MTC_ECONFIG);
        if (!pair[i].good) {
            test_like_assert_error(&like, 4, 5, "a second row of the sample of line 3");
        }
        test_like_close(&like);
    }
}

/* ---- simulation ---------------------------------------------------------------------------------------------- */

/* Rows of a simulator as rows of a configuration; empty cells are left out. */
static void rows_yaml(const mtc_rows *rows, char *buf, size_t size)
{
    size_t used = (size_t)snprintf(buf, size, "%s", BETWEEN);
    for (size_t i = 0; i < mtc_rows_count(rows); ++i) {
        const char *between = "  - {";
        for (size_t c = 0; c < mtc_rows_columns(rows); ++c) {
            if (mtc_rows_cell(rows, i, c)[0] != '\0') {
                used += (size_t)snprintf(buf + used, size - used, "%s%s: %s", between, mtc_rows_column(rows, c),
                                         mtc_rows_cell(rows, i, c));
                between = ", ";
            }
        }
        used += (size_t)snprintf(buf + used, size - used, "}\n");
    }
    assert_true(used < size);
}

static void simulated_rows_are_rows(void **state)
{
    (void)state;
    static const char rows[] = BETWEEN
        "  - {site: primary, statistic: quantile, probability: 0.21, value: 730 d, n: 43, study: 'a \"b\", c: {'}\n"
        "  - {site: metastasis, order: {q97.5: 412 d, min: 31 d, median: 80 d}, n: 48}\n"
        "  - {site: primary, geometric_mean: 174 d, n: 1, sample: x}\n"
        "  - {site: metastasis, geometric_mean: 139 d, log_sd: 0.65, n: 66}\n"
        "  - {site: primary, mean: 193 d, sd: 141 d, n: 2}\n";
    test_like like, again;
    gsl_rng *rng = NULL;
    mtc_rows *first = NULL, *second = NULL;
    char yaml[2048], other[2048];
    open_good(&like, rows);
    assert_int_equal(mtc_rng_stream(7, "tvdt", &rng, NULL), MTC_OK);
    assert_int_equal(like.ops->simulate(like.self, point, rng, &first, NULL), MTC_OK);
    rows_yaml(first, yaml, sizeof yaml);
    open_good(&again, yaml);
    assert_true(isfinite(test_like_value(&again, point, NULL)));
    assert_int_equal(again.ops->n_obs(again.self), 5);
    char label[64];
    again.ops->obs_label(again.self, 0, label, sizeof label);
    assert_string_equal(label, "study a \"b\", c: {");
    gsl_rng_free(rng);
    assert_int_equal(mtc_rng_stream(7, "tvdt", &rng, NULL), MTC_OK);
    assert_int_equal(again.ops->simulate(again.self, point, rng, &second, NULL), MTC_OK);
    rows_yaml(second, other, sizeof other);
    assert_string_equal(yaml, other); /* same design, same stream: same rows */
    gsl_rng_free(rng);
    mtc_rows_destroy(first);
    mtc_rows_destroy(second);
    test_like_close(&again);
    test_like_close(&like);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_order_statistic_is_normalised),
        cmocka_unit_test(two_order_statistics_are_normalised),
        cmocka_unit_test(geometric_mean_is_normalised),
        cmocka_unit_test(mean_and_sd_is_normalised),
        cmocka_unit_test(years_and_days_are_one_time),
        cmocka_unit_test(no_spread_between_studies),
        cmocka_unit_test(study_shares_its_shift),
        cmocka_unit_test(gradients),
        cmocka_unit_test(parameters_are_those_used),
        cmocka_unit_test(outside),
        cmocka_unit_test(facts_units_and_labels),
        cmocka_unit_test(displays),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(all_mistakes_at_once),
        cmocka_unit_test(one_sample_one_row),
        cmocka_unit_test(simulated_rows_are_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
