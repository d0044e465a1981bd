/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Single patients: every row becomes the term that docs/model.md, section 3 gives it, a mistake is named with its
 * place, the value is that of an implementation that shares no code (PROVENANCE.md), what is shown is what can be
 * worked out by hand, and simulated patients can be read again.
 */
#include "mtc_latency.h"
#include "mtc_rng.h"
#include "test_like.h"
#include "test_near.h"
#include "test_reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD "likelihood: latency/individual\nrows:\n"
#define M0 "likelihood: latency/individual\ncondition_on: m0\nrows:\n"

enum { MAX_ROW = 40, N_GRID = 61 };

static const mtc_course *course(void)
{
    static mtc_course c = {10.0, 22.0, 0.55, 1.0, 120.0, 0.0, MTC_ACCURACY_CERTIFIED};
    c.doublings_to_detection = mtc_doublings(c.detection_diameter_mm);
    return &c;
}

/* prior medians of parallel progression */
static const double point[MTC_COURSE_N_PARAM] = {150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 2.0, 0.2, 0.25, 1.0};

static void open_good(test_like *like, const char *head, const char *rows)
{
    char yaml[8192];
    assert_true((size_t)snprintf(yaml, sizeof yaml, "%s%s", head, rows) < sizeof yaml);
    if (test_like_open(like, &mtc_likelihood_latency_individual, course(), yaml) != MTC_OK) {
        test_like_assert_error(like, -1, 0, "none expected");
    }
}

static double terms_of(test_like *like, const double *theta, double *per_obs)
{
    double value = NAN;
    mtc_reason reason;
    assert_int_equal(like->ops->eval(like->self, like->ws, theta, &value, NULL, per_obs, &reason, NULL), MTC_OK);
    return value;
}

/* S, f and F of a size at a time, by the curves. */
typedef struct {
    double survival, density, distribution;
} curve_values;

static curve_values curve_at(const double *theta, double lower_mm, double upper_mm, double t_years)
{
    const mtc_size_class cls = {lower_mm, upper_mm};
    curve_values v;
    mtc_curve_values values = {&v.survival, &v.density, &v.distribution};
    mtc_course_point p;
    mtc_curve_plan *plan = NULL;
    mtc_curve_ws *ws = NULL;
    mtc_domain domain;
    mtc_course_point_init(&p, theta);
    assert_int_equal(mtc_curve_plan_create(course(), &cls, 1, &t_years, 1, &plan, NULL), MTC_OK);
    assert_int_equal(mtc_curve_ws_create(plan, &ws, NULL), MTC_OK);
    assert_int_equal(mtc_curve_eval(plan, ws, &p, &values, &domain, NULL), MTC_OK);
    assert_int_equal(domain, MTC_DOMAIN_OK);
    mtc_curve_ws_destroy(ws);
    mtc_curve_plan_destroy(plan);
    return v;
}

static double log_s(double lower_mm, double upper_mm, double t_years)
{
    return log(curve_at(point, lower_mm, upper_mm, t_years).survival);
}

static double log_f(double lower_mm, double upper_mm, double t_years)
{
    return log(curve_at(point, lower_mm, upper_mm, t_years).density);
}

static void assert_terms(const char *head, const char *rows, const double *want, size_t n)
{
    test_like like;
    double got[MAX_ROW], sum = 0.0;
    open_good(&like, head, rows);
    assert_int_equal(like.ops->n_obs(like.self), n);
    const double value = terms_of(&like, point, got);
    for (size_t i = 0; i < n; i++) {
        assert_near(got[i], want[i], 2e-8);
        sum += got[i];
    }
    assert_near(value, sum, 1e-11 * fabs(sum));
    test_like_close(&like);
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

static void outcomes(void **state)
{
    (void)state;
    static const char rows[] = "  - {time: 2.5 y, event: 1, size: 22 mm}\n"
                               "  - {time: 72 months, event: 0, size: 2.2 cm}\n"
                               "  - {time: 2.5 y, event: 1, size: 22 mm, entry: 0.7 y}\n"
                               "  - {time: 6 y, event: 0, size: 22 mm, entry: 0.7 y}\n"
                               "  - {time: 0 y, event: 0, size: 22 mm}\n";
    const double f = log_f(22, 22, 2.5), s = log_s(22, 22, 6.0), s0 = log_s(22, 22, 0.0), entry = log_s(22, 22, 0.7);
    const double plain[] = {f, s, f - entry, s - entry, s0};
    const double conditioned[] = {f - s0, s - s0, f - entry, s - entry, 0.0};
    assert_terms(HEAD, rows, plain, 5);
    assert_terms(M0, rows, conditioned, 5);
    const double surgery[] = {log(curve_at(point, 22, 22, 0.0).distribution), f};
    assert_terms(HEAD, "  - {time: 0 y, event: 1, size: 22 mm}\n  - {time: 2.5 y, event: 1, size: 22 mm}\n", surgery,
                 2);
}

static void censoring(void **state)
{
    (void)state;
    static const char rows[] = "  - {time: 6 y, event: 0, size: 22 mm, censor: 3 y}\n"
                               "  - {time: 3 y, event: 0, size: 22 mm, censor: 6 y}\n"
                               "  - {time: 3 y, event: 0, size: 22 mm}\n"
                               "  - {time: 2.5 y, event: 1, size: 22 mm, censor: 1 y}\n"
                               "  - {time: 6 y, event: 0, size: 22 mm, censor: 0 y}\n";
    const double f = log_f(22, 22, 2.5), s = log_s(22, 22, 3.0);
    const double want[] = {s, s, s, f, log_s(22, 22, 0.0)};
    assert_terms(HEAD, rows, want, 5);
}

static void intervals(void **state)
{
    (void)state;
    static const char rows[] = "  - {time_lower: 0.7 y, time_upper: 6 y, size: 22 mm}\n"
                               "  - {time_lower: 6 y, size: 22 mm}\n"
                               "  - {time_upper: 6 y, size: 22 mm}\n"
                               "  - {time_lower: 2 y, time_upper: 6 y, size: 22 mm, entry: 2 y}\n";
    double s[4];
    static const double t[] = {0.0, 0.7, 2.0, 6.0};
    for (size_t i = 0; i < 4; i++) {
        s[i] = curve_at(point, 22, 22, t[i]).survival;
    }
    const double plain[] = {log(s[1] - s[3]), log(s[3]), log(s[0] - s[3]), log((s[2] - s[3]) / s[2])};
    const double conditioned[] = {log((s[1] - s[3]) / s[0]), log(s[3] / s[0]), log((s[0] - s[3]) / s[0]), plain[3]};
    assert_terms(HEAD, rows, plain, 4);
    assert_terms(M0, rows, conditioned, 4);
}

/* 20 mm belongs to (0, 20]; 0 or nothing is open below, nothing open above; an exact size wins. */
static void sizes(void **state)
{
    (void)state;
    static const char rows[] = "  - {time: 4 y, event: 0, size_lower: 0 mm, size_upper: 20 mm}\n"
                               "  - {time: 4 y, event: 0, size_upper: 20 mm}\n"
                               "  - {time: 4 y, event: 0, size_lower: 20 mm, size_upper: 50 mm}\n"
                               "  - {time: 4 y, event: 0, size_lower: 50 mm}\n"
                               "  - {time: 4 y, event: 0, size_lower: 0 mm}\n"
                               "  - {time: 4 y, event: 0, size_lower: 20 mm, size_upper: 50 mm, size: 31 mm}\n";
    const double any = log_s(1, 120, 4.0), small = log_s(1, 20, 4.0);
    const double want[] = {small, small, log_s(20, 50, 4.0), log_s(50, 120, 4.0), any, log_s(31, 31, 4.0)};
    assert_terms(HEAD, rows, want, 6);
    assert_true(small > any + 0.01);
    assert_terms(HEAD, "  - {time: 4 y, event: 0}\n", &any, 1); /* no size at all: the whole law */
}

/* ---- mistakes ------------------------------------------------------------------------------------------------ */

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *head, *rows;
        long line;
        const char *text;
    } bad[] = {
        {HEAD, "  - {time: 3 y, event: 1}\n  - {time: 3 y, event: 2}\n", 4, "an event is 0 or 1, got 2"},
        {HEAD, "  - {time: 3 y, event: 0.5}\n", 3, "an event is 0 or 1"},
        {HEAD, "  - {time: -3 y, event: 1}\n", 3, "time: -3 y is negative"},
        {HEAD, "  - {time: 3 y, event: 0, censor: -1 y}\n", 3, "censor: -1 y is negative"},
        {HEAD, "  - {time: 3 y, event: 1, entry: -1 y}\n", 3, "entry: -1 y is negative"},
        {HEAD, "  - {time: 3 y, event: 1, entry: 4 y}\n", 3, "begins at 4 years, not before it ends at 3"},
        {HEAD, "  - {time: 3 y, event: 1, entry: 3 y}\n", 3, "begins at 3 years"},
        {HEAD, "  - {time: 3 y, event: 0, censor: 1 y, entry: 2 y}\n", 3, "begins at 2 years, not before it ends at 1"},
        {HEAD, "  - {time_lower: 1 y, time_upper: 3 y, entry: 2 y}\n", 3, "begins at 2 years"},
        {HEAD, "  - {time: 0 y, event: 1, entry: 1 y}\n", 3, "begins at 1 years"},
        {M0, "  - {time: 0 y, event: 1}\n", 4, "a metastasis at time 0"},
        {HEAD, "  - {time: 1 y, event: 1, size_lower: 50 mm, size_upper: 20 mm}\n", 3, "above the upper bound"},
        {HEAD, "  - {time: 1 y, event: 1, size_lower: 20 mm, size_upper: 20 mm}\n", 3, "is empty"},
        {HEAD, "  - {time: 1 y, event: 1, size: 0 mm}\n", 3, "must be a diameter > 0 mm"},
        {HEAD, "  - {time: 1 y, event: 1, size: -4 mm}\n", 3, "-4 mm is negative"},
        {HEAD, "  - {time: 1 y, event: 1, size: 5 mm}\n  - {time: 1 y, event: 1}\n", 4, "'size': the cell is empty"},
        {HEAD, "  - {time: 1 y, event: 1}\n  - {time: 1 y}\n", 4, "'event': the cell is empty"},
        {HEAD, "  - {time: 1 y, event: 1}\n  - {event: 0}\n", 4, "missing: drop"},
        {HEAD, "  - {time_lower: 1 y}\n  - {entry: 0 y}\n", 4, "'time_lower': the cell is empty"},
        {HEAD, "  - {time_lower: 3 y, time_upper: 2 y}\n", 3, "must be above its lower end, got 2"},
        {HEAD, "  - {time_lower: 3 y, time_upper: 3 y}\n", 3, "must be above its lower end"},
        {HEAD, "  - {time_upper: 0 y, time_lower: 0 y}\n", 3, "must be above its lower end"},
        {HEAD, "  - {time_lower: -3 y, time_upper: 3 y}\n", 3, "is negative"},
        {HEAD, "  - {time: 3 y}\n", 0, "column 'event' is missing"},
        {HEAD, "  - {event: 1}\n", 0, "column 'time' is missing"},
        {HEAD, "  - {size: 3 mm}\n", 0, "column 'time' is missing"},
        {HEAD, "  - {time_upper: 3 y}\n", 0, "column 'time_lower' is missing"},
        {HEAD, "  - {time: 3 y, event: 1, time_lower: 3 y}\n", 0, "of single times and of intervals"},
        {HEAD, "  - {time_lower: 3 y, censor: 3 y}\n", 0, "of single times and of intervals"},
        {HEAD, "  - {time: 0 y, event: 0}\n  - {time: 3 y, event: 0, censor: 0 y}\n", 0, "no patient is at risk"},
        {"likelihood: latency/individual\ncondition_on: m1\nrows:\n", "  - {time: 1 y, event: 0}\n", 2, "m0"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        test_like like;
        char yaml[512];
        (void)snprintf(yaml, sizeof yaml, "%s%s", bad[i].head, bad[i].rows);
        assert_int_not_equal(test_like_open(&like, &mtc_likelihood_latency_individual, course(), yaml), MTC_OK);
        test_like_assert_error(&like, bad[i].line, 0, bad[i].text);
        test_like_close(&like);
    }
}

/* Two wrong cells of one row, and one of another: all three are reported. */
static void all_mistakes_at_once(void **state)
{
    (void)state;
    test_like like;
    assert_int_equal(
        test_like_open(&like, &mtc_likelihood_latency_individual, course(),
                       HEAD
                       "  - {time: 3 y, event: 7, size: 0 mm}\n  - {time: 3 y, event: 1, size: 4 mm, entry: 5 y}\n"),
        MTC_EDATA);
    test_like_assert_error(&like, 3, 5, "0 or 1");
    test_like_assert_error(&like, 3, 5, "diameter");
    test_like_assert_error(&like, 4, 5, "begins at 5");
    assert_int_equal(like.errors.n_all, 3);
    test_like_close(&like);
}

typedef struct {
    long line, column;
    const char *text;
} place;

/* The errors of a table with these rows, no more and no fewer. */
static void assert_table_errors(const char *rows, const place *want, size_t n)
{
    test_like like;
    char path[] = "/tmp/metachron_latency_XXXXXX", yaml[512];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    (void)fprintf(f, "m_years,met,seen_years,from_years,lo_mm,up_mm\n%s", rows);
    assert_int_equal(fclose(f), 0);
    (void)snprintf(
        yaml, sizeof yaml,
        "likelihood: latency/individual\ntable: %s\ncolumns: {time: m_years, event: met, censor: seen_years, "
        "entry: from_years, size_lower: lo_mm, size_upper: up_mm}\n",
        path);
    assert_int_equal(test_like_open(&like, &mtc_likelihood_latency_individual, course(), yaml), MTC_EDATA);
    for (size_t i = 0; i < n; ++i) {
        test_like_assert_error(&like, want[i].line, want[i].column, want[i].text);
    }
    assert_int_equal(like.errors.n_all, n);
    test_like_close(&like);
    assert_int_equal(unlink(path), 0);
}

/* In a table a mistake is named with the line and the column of its cell, and the table's own word for it. */
static void mistakes_in_a_table(void **state)
{
    (void)state;
    static const place negative[] = {{3, 1, "column 'm_years' (time): -3 is negative"},
                                     {4, 3, "column 'seen_years' (censor): -1 is negative"},
                                     {5, 4, "column 'from_years' (entry): -1 is negative"}};
    assert_table_errors("2,1,,,0,20\n-3,0,,,0,20\n3,0,-1,,0,20\n3,1,,-1,0,20\n", negative, 3);
    static const place other[] = {{3, 2, "column 'met': an event is 0 or 1, got 7"},
                                  {4, 4, "column 'from_years': observation begins at 4 years, not before it ends at 3"},
                                  {5, 6, "the lower bound 50 mm is above the upper bound 20 mm"},
                                  {6, 5, "column 'lo_mm': the cell is empty"},
                                  {7, 1, "column 'm_years': the cell is empty"}};
    assert_table_errors("2,1,,,0,20\n3,7,,,0,20\n3,1,,4,0,20\n3,1,,,50,20\n3,1,,,,\n,1,,,0,20\n", other, 5);
}

static void missing_rows_are_dropped_on_request(void **state)
{
    (void)state;
    test_like like;
    char label[64];
    open_good(&like, "likelihood: latency/individual\nmissing: drop\nrows:\n",
              "  - {time: 3 y, size: 4 mm}\n  - {event: 1, size: 4 mm}\n  - {time: 3 y, event: 1}\n"
              "  - {time: 3 y, event: 1, size: 4 mm}\n");
    assert_int_equal(like.ops->n_obs(like.self), 1);
    assert_int_equal(like.source.n_dropped, 3);
    like.ops->obs_label(like.self, 0, label, sizeof label);
    assert_string_equal(label, "line 7");
    test_like_close(&like);
    assert_int_equal(
        test_like_open(&like, &mtc_likelihood_latency_individual, course(),
                       "likelihood: latency/individual\nmissing: drop\nrows:\n  - {time: 3 y, size: 4 mm}\n"
                       "  - {time: 0 y, event: 0, size: 4 mm}\n  - {event: 1, size: 4 mm}\n"),
        MTC_EDATA);
    test_like_assert_error(&like, 0, 0, "no patient is at risk at any time: 3 rows, 2 left out");
    test_like_close(&like);
}

/* ---- values and derivatives ---------------------------------------------------------------------------------- */

/* Rows of the reference's cases of one setting: single times, or intervals. */
typedef struct {
    char yaml[2 * 1024];
    const json_t *c[MAX_ROW];
    size_t n;
} reference_rows;

static void add_row(reference_rows *r, const json_t *c, bool interval)
{
    const json_t *in = json_object_get(c, "inputs");
    const mtc_size_class size = test_reference_size(in);
    const size_t at = strlen(r->yaml);
    char entry[64] = "", sizes_text[96];
    assert_true(r->n < MAX_ROW);
    if (json_object_get(in, "entry_years") != NULL) {
        (void)snprintf(entry, sizeof entry, ", entry: %.17g y", test_reference_number(in, "entry_years"));
    }
    (void)snprintf(sizes_text, sizeof sizes_text,
                   size.lower_mm == size.upper_mm ? "size: %.17g mm" : "size_lower: %.17g mm, size_upper: %.17g mm",
                   size.lower_mm, size.upper_mm);
    if (interval) {
        (void)snprintf(r->yaml + at, sizeof r->yaml - at, "  - {time_lower: %.17g y, time_upper: %.17g y, %s}\n",
                       test_reference_number(in, "lower_years"), test_reference_number(in, "upper_years"), sizes_text);
    } else {
        (void)snprintf(r->yaml + at, sizeof r->yaml - at, "  - {time: %.17g y, event: %d, %s%s}\n",
                       test_reference_number(in, "t_years"),
                       strncmp(test_reference_word(c, "quantity"), "event", 5) == 0, sizes_text, entry);
    }
    r->c[r->n++] = c;
}

static void compare_rows(const reference_rows *r, const json_t *setting, double *worst)
{
    test_like like;
    mtc_course here;
    mtc_course_point unused;
    double theta[MTC_COURSE_N_PARAM], got[MAX_ROW];
    if (r->n == 0) {
        return;
    }
    test_reference_point(setting, &unused, &here);
    test_reference_theta(setting, theta);
    assert_int_equal(test_like_open(&like, &mtc_likelihood_latency_individual, &here, r->yaml), MTC_OK);
    (void)terms_of(&like, theta, got);
    for (size_t i = 0; i < r->n; i++) {
        const double allowed = test_reference_tolerance(r->c[i]);
        const double error = fabs(got[i] - test_reference_number(r->c[i], "value"));
        *worst = fmax(*worst, error / allowed);
        if (!(error <= allowed)) {
            print_error("setting %g, %s: %.17g\n", test_reference_number(r->c[i], "setting"),
                        test_reference_word(r->c[i], "quantity"), got[i]);
        }
    }
    test_like_close(&like);
}

static void reference_values(void **state)
{
    (void)state;
    test_reference ref;
    size_t n = 0;
    double worst = 0.0;
    test_reference_open(&ref, "latency_terms");
    for (size_t s = 0; s < json_array_size(ref.settings); s++) {
        static const char *const single[] = {"event_m0", "censored_m0", "event_left_truncated",
                                             "censored_left_truncated"};
        reference_rows rows[2] = {{M0, {NULL}, 0}, {M0, {NULL}, 0}};
        const json_t *setting = json_array_get(ref.settings, s);
        for (size_t i = 0; test_reference_is_supported(setting) && i < ref.n; i++) {
            const json_t *c = test_reference_case(&ref, i);
            const char *quantity = test_reference_word(c, "quantity");
            if (test_reference_setting(&ref, c) != setting) {
                continue;
            }
            for (size_t k = 0; k < 4; k++) {
                if (strcmp(quantity, single[k]) == 0) {
                    add_row(&rows[0], c, false);
                }
            }
            if (strcmp(quantity, "interval_m0") == 0) {
                add_row(&rows[1], c, true);
            }
        }
        for (size_t k = 0; k < 2; k++) {
            compare_rows(&rows[k], setting, &worst);
            n += rows[k].n;
        }
    }
    test_reference_close(&ref);
    print_message("%zu terms, largest error %.2g of what is allowed\n", n, worst);
    assert_true(worst <= 1.0);
    assert_true(n >= 140);
}

static const char mixed_rows[] = "  - {time: 2.5 y, event: 1, size_upper: 20 mm}\n"
                                 "  - {time: 9 y, event: 0, size_upper: 20 mm}\n"
                                 "  - {time: 1.5 y, event: 1, size_lower: 20 mm, size_upper: 50 mm}\n"
                                 "  - {time: 5 y, event: 1, size_lower: 20 mm, size_upper: 50 mm, entry: 1 y}\n"
                                 "  - {time: 7 y, event: 0, size_lower: 50 mm}\n"
                                 "  - {time: 4 y, event: 0, size: 17 mm}\n";

static void gradients(void **state)
{
    (void)state;
    const char *const head[] = {HEAD, M0};
    for (size_t h = 0; h < 2; h++) {
        test_like like;
        double grad[MTC_COURSE_N_PARAM];
        open_good(&like, head[h], mixed_rows);
        assert_int_equal(like.n_param, MTC_COURSE_N_PARAM);
        (void)test_like_value(&like, point, grad);
        for (size_t k = 0; k < like.n_param; ++k) {
            const double want = test_like_slope(&like, point, k, 2e-3);
            assert_near(grad[k], want, 1e-6 * fmax(1.0, fabs(want)));
        }
        test_like_close(&like);
    }
}

/* Without delay or frailty the value is the limit, and the derivative that to the right. */
static void lower_bounds(void **state)
{
    (void)state;
    static const int bound[] = {MTC_P_OUTGROWTH_DELAY, MTC_P_FRAILTY};
    test_like like;
    open_good(&like, M0, mixed_rows);
    for (size_t b = 0; b < 2; b++) {
        double theta[MTC_COURSE_N_PARAM], grad[MTC_COURSE_N_PARAM], value[4];
        static const double step = 2e-3;
        memcpy(theta, point, sizeof theta);
        for (int i = 0; i < 4; i++) {
            theta[bound[b]] = step * i;
            value[i] = test_like_value(&like, theta, i == 0 ? grad : NULL);
        }
        const double slope = (-11.0 * value[0] + 18.0 * value[1] - 9.0 * value[2] + 2.0 * value[3]) / (6.0 * step);
        assert_near(grad[bound[b]], slope, 1e-5 * fmax(1.0, fabs(slope)));
        assert_true(fabs(slope) > 1e-2);
        for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
            assert_true(isfinite(grad[k]));
        }
    }
    test_like_close(&like);
}

static void no_value(void **state)
{
    (void)state;
    test_like like;
    double per_obs[MAX_ROW], theta[MTC_COURSE_N_PARAM];
    open_good(&like, HEAD,
              "  - {time: 30 y, event: 0, size: 23 mm, entry: 29 y}\n  - {time: 1 y, event: 0, size: 23 mm}\n");
    memcpy(theta, point, sizeof theta);
    theta[MTC_P_DOUBLING_TIME_LOG_SD] = -1.0;
    assert_true(test_like_value(&like, theta, NULL) == -HUGE_VAL);
    assert_true(terms_of(&like, theta, per_obs) == -HUGE_VAL && per_obs[1] == -HUGE_VAL);
    /* nobody waits 29 years: S(30)/S(29) is 0/0, which is said as 0 */
    theta[MTC_P_DOUBLING_TIME_LOG_SD] = theta[MTC_P_GROWTH_RATIO_LOG_SD] = 0.02;
    theta[MTC_P_OUTGROWTH_DELAY] = theta[MTC_P_FRAILTY] = 0.0;
    theta[MTC_P_FOUNDERS] = 1e9;
    assert_true(test_like_value(&like, theta, NULL) == -HUGE_VAL);
    assert_true(terms_of(&like, theta, per_obs) == -HUGE_VAL);
    assert_true(per_obs[0] == -HUGE_VAL);
    assert_true(per_obs[1] <= 0.0);
    test_like_close(&like);
}

/* ---- what is shown ------------------------------------------------------------------------------------------- */

static double fact_of(test_like *like, const char *id)
{
    for (size_t i = 0; i < like->ops->n_facts(like->self); ++i) {
        mtc_quantity info;
        double value = NAN;
        like->ops->fact(like->self, i, &info, &value);
        if (strcmp(info.id, id) == 0) {
            return value;
        }
    }
    fail_msg("no fact %s", id);
    return NAN;
}

/* Reverse Kaplan-Meier by hand: censored at 2, 3, 5, 6 with 5, 4, 2, 1 at risk: 4/5, 3/5, 3/10, 0. */
static void facts(void **state)
{
    (void)state;
    test_like like;
    open_good(&like, HEAD,
              "  - {time: 6 y, event: 0, size: 15 mm}\n  - {time: 1 y, event: 1, size: 20 mm}\n"
              "  - {time: 5 y, event: 0, size: 30 mm}\n  - {time: 2 y, event: 0, size: 40 mm}\n"
              "  - {time: 4 y, event: 1, size: 60 mm}\n  - {time: 3 y, event: 0, size: 20.5 mm}\n");
    assert_true(fact_of(&like, "patients") == 6.0);
    assert_true(fact_of(&like, "metastases") == 2.0);
    assert_true(fact_of(&like, "median_follow_up_years") == 5.0);
    assert_true(fact_of(&like, "patients.le20") == 2.0 && fact_of(&like, "metastases.le20") == 1.0);
    assert_true(fact_of(&like, "patients.20to50") == 3.0 && fact_of(&like, "metastases.20to50") == 0.0);
    assert_true(fact_of(&like, "patients.gt50") == 1.0 && fact_of(&like, "metastases.gt50") == 1.0);
    test_like_close(&like);
    open_good(&like, HEAD, "  - {time: 2 y, event: 1}\n  - {time: 9 y, event: 1}\n  - {time: 7 y, event: 0}\n");
    assert_true(fact_of(&like, "median_follow_up_years") == 7.0);
    assert_true(fact_of(&like, "patients.any") == 3.0);
    test_like_close(&like);
    open_good(&like, HEAD, "  - {time: 2 y, event: 1}\n  - {time: 9 y, event: 1}\n");
    assert_true(fact_of(&like, "median_follow_up_years") == 9.0); /* half is not reached */
    test_like_close(&like);
}

/* Exact sizes and classes of the same T category are one group: no two facts, numbers or pictures have one name. */
static void names_are_unique(void **state)
{
    (void)state;
    test_like like;
    open_good(&like, M0, mixed_rows);
    assert_true(fact_of(&like, "patients.le20") == 3.0);
    assert_int_equal(like.ops->n_displays(like.self), 3);
    assert_int_equal(like.ops->n_quantities(like.self), 9);
    for (size_t i = 0; i < 9; ++i) {
        for (size_t j = 0; j < i; ++j) {
            mtc_quantity a, b;
            like.ops->quantity(like.self, i, &a);
            like.ops->quantity(like.self, j, &b);
            assert_string_not_equal(a.id, b.id);
        }
    }
    test_like_close(&like);
}

/* Left truncation by hand: at risk at 2, 4, 5 are 3, 3 and 2, so that S is 2/3, 4/9, 2/9. */
static void kaplan_meier(void **state)
{
    (void)state;
    test_like like;
    open_good(&like, HEAD,
              "  - {time: 2 y, event: 1}\n  - {time: 3 y, event: 0}\n"
              "  - {time: 4 y, event: 1, entry: 2.5 y}\n  - {time: 5 y, event: 1, entry: 3.5 y}\n"
              "  - {time: 6 y, event: 0, entry: 1 y}\n");
    assert_int_equal(like.ops->n_displays(like.self), 1);
    const mtc_display *d = like.ops->display(like.self, 0);
    assert_string_equal(d->id, "km.any");
    assert_int_equal(d->n_obs, N_GRID); /* every tenth of a year */
    static const struct {
        size_t at;
        double y, at_risk;
    } want[] = {{0, 1.0, 2.0},        {10, 1.0, 3.0},       {19, 1.0, 3.0},       {20, 2.0 / 3.0, 2.0},
                {25, 2.0 / 3.0, 3.0}, {30, 2.0 / 3.0, 2.0}, {39, 2.0 / 3.0, 3.0}, {40, 4.0 / 9.0, 2.0},
                {50, 2.0 / 9.0, 1.0}, {60, 2.0 / 9.0, 0.0}};
    for (size_t i = 0; i < sizeof want / sizeof *want; ++i) {
        assert_near(d->obs_x[want[i].at], 0.1 * (double)want[i].at, 1e-12);
        assert_near(d->obs_y[want[i].at], want[i].y, 1e-12);
        assert_near(d->obs_n_at_risk[want[i].at], want[i].at_risk, 0.0);
        assert_true(d->obs_lower[want[i].at] <= d->obs_y[want[i].at]);
        assert_true(d->obs_upper[want[i].at] >= d->obs_y[want[i].at]);
    }
    /* Greenwood on the log-log scale: sqrt(1/6) / log(3/2) = 1.006862 */
    assert_near(d->obs_lower[20], pow(2.0 / 3.0, exp(1.959964 * 1.0068620)), 1e-5);
    assert_near(d->obs_upper[20], pow(2.0 / 3.0, exp(-1.959964 * 1.0068620)), 1e-5);
    assert_true(d->obs_lower[0] == 1.0 && d->obs_upper[0] == 1.0);
    test_like_close(&like);
}

static void predictions(void **state)
{
    (void)state;
    const char *const head[] = {HEAD, M0};
    for (size_t h = 0; h < 2; h++) {
        test_like like;
        double y[N_GRID];
        open_good(&like, head[h], mixed_rows);
        for (size_t g = 0; g < like.ops->n_displays(like.self); ++g) {
            const mtc_display *d = like.ops->display(like.self, g);
            assert_int_equal(d->n_x, N_GRID);
            assert_int_equal(like.ops->predict(like.self, like.ws, g, point, y, NULL), MTC_OK);
            assert_true(h == 1 ? y[0] == 1.0 : y[0] < 1.0);
            for (size_t j = 0; j < N_GRID; ++j) {
                assert_true(y[j] >= 0.0 && y[j] <= (j > 0 ? y[j - 1] : 1.0));
            }
        }
        assert_string_equal(like.ops->display(like.self, 1)->id, "km.20to50");
        assert_int_equal(like.ops->predict(like.self, like.ws, 1, point, y, NULL), MTC_OK);
        const double s0 = h == 1 ? curve_at(point, 20, 50, 0.0).survival : 1.0;
        assert_near(y[40], curve_at(point, 20, 50, 6.0).survival / s0, 1e-8);
        double theta[MTC_COURSE_N_PARAM];
        memcpy(theta, point, sizeof theta);
        theta[MTC_P_GROWTH_RATIO_LOG_SD] = 0.0;
        mtc_err err = MTC_ERR_INIT;
        assert_int_equal(like.ops->predict(like.self, like.ws, 0, theta, y, &err), MTC_EDOMAIN);
        test_like_close(&like);
    }
}

static void quantities(void **state)
{
    (void)state;
    test_like like;
    double value[9];
    open_good(&like, M0, mixed_rows);
    assert_int_equal(like.ops->quantities(like.self, like.ws, point, value, NULL), MTC_OK);
    mtc_quantity info;
    like.ops->quantity(like.self, 4, &info);
    assert_string_equal(info.id, "metastasis_by_10_years.20to50");
    like.ops->quantity(like.self, 7, &info);
    assert_string_equal(info.id, "median_latency_years.20to50");
    assert_int_equal(info.unit, MTC_UNIT_YEARS);
    const double s0 = curve_at(point, 20, 50, 0.0).survival, s20 = curve_at(point, 20, 50, 20.0).survival;
    assert_near(value[1], 1.0 - curve_at(point, 20, 50, 5.0).survival / s0, 1e-8);
    assert_near(value[4], 1.0 - curve_at(point, 20, 50, 10.0).survival / s0, 1e-8);
    const double half = (s0 - curve_at(point, 20, 50, value[7]).survival) / (s0 - s20);
    assert_near(half, 0.5, 2e-3); /* linear between quarters of a year */
    for (size_t g = 0; g < 2; ++g) {
        assert_true(value[g] < value[g + 1] && value[g] < value[3 + g] && value[3 + g] < value[3 + g + 1]);
    }
    test_like_close(&like);
}

/* ---- simulation ---------------------------------------------------------------------------------------------- */

static const char *cell_of(const mtc_rows *rows, size_t row, const char *column)
{
    for (size_t c = 0; c < mtc_rows_columns(rows); ++c) {
        if (strcmp(mtc_rows_column(rows, c), column) == 0) {
            return mtc_rows_cell(rows, row, c);
        }
    }
    fail_msg("no column %s", column);
    return "";
}

static mtc_rows *simulate(const test_like *like, uint64_t seed)
{
    gsl_rng *rng = NULL;
    mtc_rows *rows = NULL;
    assert_int_equal(mtc_rng_stream(seed, "latency", &rng, NULL), MTC_OK);
    assert_int_equal(like->ops->simulate(like->self, point, rng, &rows, NULL), MTC_OK);
    gsl_rng_free(rng);
    return rows;
}

/* Inline rows of what was simulated: role and unit are the column's name. */
static void rows_as_yaml(const mtc_rows *rows, const char *head, char *yaml, size_t size)
{
    static const struct {
        const char *column, *role, *unit;
    } known[] = {{"time_years", "time", " y"},
                 {"event", "event", ""},
                 {"size_mm", "size", " mm"},
                 {"size_lower_mm", "size_lower", " mm"},
                 {"size_upper_mm", "size_upper", " mm"},
                 {"entry_years", "entry", " y"}};
    assert_int_equal(mtc_rows_columns(rows), sizeof known / sizeof *known);
    size_t at = (size_t)snprintf(yaml, size, "%s", head);
    for (size_t i = 0; i < mtc_rows_count(rows); ++i) {
        const char *between = "  - {";
        for (size_t c = 0; c < sizeof known / sizeof *known; ++c) {
            const char *text = cell_of(rows, i, known[c].column);
            if (text[0] != '\0') {
                at += (size_t)snprintf(yaml + at, size - at, "%s%s: %s%s", between, known[c].role, text, known[c].unit);
                between = ", ";
            }
        }
        at += (size_t)snprintf(yaml + at, size - at, "}\n");
        assert_true(at < size);
    }
}

static void simulated_rows_have_the_design(void **state)
{
    (void)state;
    const char *const head[] = {HEAD, M0};
    static const double follow_up[] = {9.0, 7.0, 4.0}; /* of the patients without metastasis */
    size_t n_event = 0, n_surgery = 0;
    for (uint64_t repeat = 0; repeat < 60; ++repeat) {
        test_like like, again;
        char yaml[4096];
        open_good(&like, head[repeat % 2], mixed_rows);
        mtc_rows *rows = simulate(&like, repeat);
        assert_int_equal(mtc_rows_count(rows), 6);
        for (size_t i = 0; i < 6; ++i) {
            const double t = strtod(cell_of(rows, i, "time_years"), NULL);
            const bool event = cell_of(rows, i, "event")[0] == '1';
            n_event += event;
            n_surgery += event && t == 0.0;
            assert_true(t <= 9.0 && t >= 0.0 && (repeat % 2 == 0 || t > 0.0));
            assert_true(event || t == follow_up[0] || t == follow_up[1] || t == follow_up[2]);
        }
        assert_string_equal(cell_of(rows, 0, "size_lower_mm"), "0");
        assert_string_equal(cell_of(rows, 0, "size_upper_mm"), "20");
        assert_string_equal(cell_of(rows, 4, "size_lower_mm"), "50");
        assert_string_equal(cell_of(rows, 4, "size_upper_mm"), "");
        assert_string_equal(cell_of(rows, 5, "size_mm"), "17");
        assert_string_equal(cell_of(rows, 3, "entry_years"), "1");
        assert_true(strtod(cell_of(rows, 3, "time_years"), NULL) > 1.0);
        rows_as_yaml(rows, head[repeat % 2], yaml, sizeof yaml);
        if (test_like_open(&again, &mtc_likelihood_latency_individual, course(), yaml) != MTC_OK) {
            test_like_assert_error(&again, -1, 0, "none expected");
        }
        assert_true(fact_of(&again, "patients.le20") == 3.0 && fact_of(&again, "patients.gt50") == 1.0);
        mtc_rows_destroy(rows);
        test_like_close(&again);
        test_like_close(&like);
    }
    assert_true(n_event > 20 && n_event < 340);
    assert_true(n_surgery > 0);
}

/* Who is seen from a time on has no metastasis before it, and is followed beyond it. */
static void simulated_entry_is_late(void **state)
{
    (void)state;
    test_like like;
    open_good(&like, HEAD, "  - {time: 9 y, event: 0, entry: 5 y}\n  - {time: 2 y, event: 0}\n");
    size_t n_early = 0;
    for (uint64_t repeat = 0; repeat < 200; ++repeat) {
        mtc_rows *rows = simulate(&like, repeat);
        const double t = strtod(cell_of(rows, 0, "time_years"), NULL);
        assert_true(t > 5.0 && t <= 9.0);
        n_early += strtod(cell_of(rows, 1, "time_years"), NULL) < 5.0;
        mtc_rows_destroy(rows);
    }
    assert_true(n_early > 50);
    test_like_close(&like);
}

static void simulation_repeats_and_fails_plainly(void **state)
{
    (void)state;
    test_like like;
    open_good(&like, M0, mixed_rows);
    mtc_rows *a = simulate(&like, 5), *b = simulate(&like, 5), *c = simulate(&like, 6);
    size_t n_other = 0;
    for (size_t i = 0; i < 6; ++i) {
        assert_string_equal(cell_of(a, i, "time_years"), cell_of(b, i, "time_years"));
        n_other += strcmp(cell_of(a, i, "time_years"), cell_of(c, i, "time_years")) != 0;
    }
    assert_true(n_other > 0);
    mtc_rows_destroy(a);
    mtc_rows_destroy(b);
    mtc_rows_destroy(c);
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(5, "sizes", &rng, NULL), MTC_OK);
    for (int i = 0; i < 100; ++i) {
        const double mm = like.ops->draw_size_mm(like.self, rng);
        assert_true(mm >= 1.0 && mm <= 120.0);
    }
    /* M1 in nearly everyone: no M0 patient is found */
    double theta[MTC_COURSE_N_PARAM];
    mtc_err err = MTC_ERR_INIT;
    memcpy(theta, point, sizeof theta);
    theta[MTC_P_FRAILTY] = 0.0;
    theta[MTC_P_OUTGROWTH_DELAY] = 0.0;
    theta[MTC_P_FOUNDERS] = 1e4;
    theta[MTC_P_GROWTH_RATIO] = 50.0;
    theta[MTC_P_GROWTH_RATIO_LOG_SD] = 0.05;
    a = NULL;
    assert_int_equal(like.ops->simulate(like.self, theta, rng, &a, &err), MTC_EDOMAIN);
    assert_null(a);
    assert_non_null(strstr(err.message, "before observation begins"));
    gsl_rng_free(rng);
    test_like_close(&like);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes),
        cmocka_unit_test(censoring),
        cmocka_unit_test(intervals),
        cmocka_unit_test(sizes),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(all_mistakes_at_once),
        cmocka_unit_test(mistakes_in_a_table),
        cmocka_unit_test(missing_rows_are_dropped_on_request),
        cmocka_unit_test(reference_values),
        cmocka_unit_test(gradients),
        cmocka_unit_test(lower_bounds),
        cmocka_unit_test(no_value),
        cmocka_unit_test(facts),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(kaplan_meier),
        cmocka_unit_test(predictions),
        cmocka_unit_test(quantities),
        cmocka_unit_test(simulated_rows_have_the_design),
        cmocka_unit_test(simulated_entry_is_late),
        cmocka_unit_test(simulation_repeats_and_fails_plainly),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
