/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a prior read in the wrong unit, truncation that is not normalised, mistakes of the user that pass or that
 * are reported without their place, a description that does not say what is computed. */
#include "prior_text.h"

#include "test_near.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const mtc_param_info size_mm = {"seeding_diameter_mm", "seeding_diameter", MTC_UNIT_MM, 0, INFINITY, "l", ""};
static const mtc_param_info time_days = {"doubling_time_days", "doubling_time", MTC_UNIT_DAYS, 0, INFINITY, "d", ""};
static const mtc_param_info time_years = {
    "outgrowth_delay_years", "outgrowth_delay", MTC_UNIT_YEARS, 0, INFINITY, "", ""};
static const mtc_param_info number = {"seeding_exponent", "seeding_exponent", MTC_UNIT_NONE, 0, INFINITY, "a", ""};
static const mtc_param_info share = {"share", "share", MTC_UNIT_NONE, 0, 1, "p", ""};

typedef struct {
    mtc_arena *arena;
    mtc_errlist errors;
} fixture;

static int setup(void **state)
{
    static fixture f;
    f = (fixture){NULL, MTC_ERRLIST_INIT};
    assert_int_equal(mtc_arena_create(&f.arena, NULL), MTC_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    mtc_errlist_fini(&f->errors);
    mtc_arena_destroy(f->arena);
    return 0;
}

static mtc_prior read_ok(fixture *f, const mtc_param_info *info, const char *text)
{
    mtc_prior prior;
    const mtc_status st = prior_from_text(text, info, &prior, f->arena, &f->errors);
    if (st != MTC_OK) {
        print_error("%s: %s\n", text, f->errors.n > 0 ? f->errors.item[0].message : "no message");
    }
    assert_int_equal(st, MTC_OK);
    assert_int_equal(f->errors.n_all, 0);
    return prior;
}

static void settings_are_read_in_the_unit_of_the_parameter(void **state)
{
    fixture *f = *state;
    const mtc_prior days = read_ok(f, &time_days, "{lognormal: {median: 150 d, log_sd: 0.5}}");
    assert_near(mtc_prior_quantile(&days, 0.5), 150.0, 1e-12);
    /* the density is per day: at the median 1 / (x log_sd sqrt(2 pi)) */
    assert_near(mtc_prior_logpdf(&days, 150.0, NULL), -log(150.0 * 0.5) - 0.91893853320467274, 1e-13);
    const mtc_prior from_years = read_ok(f, &time_days, "{lognormal: {median: 0.4 y, log_sd: 0.5}}");
    assert_near(mtc_prior_quantile(&from_years, 0.5), 0.4 * 365.25, 1e-11);
    const mtc_prior months = read_ok(f, &time_years, "{normal: {mean: 18 mo, sd: 6 mo}}");
    assert_near(mtc_prior_quantile(&months, 0.5), 1.5, 3e-3); /* cut at 0, three sd below: the median moves a little */
    const mtc_prior cm = read_ok(f, &size_mm, "{uniform: {lower: 1 cm, upper: 35 mm}}");
    assert_near(mtc_prior_quantile(&cm, 0.2), 15.0, 1e-12);
}

static void truncation_is_normalised(void **state)
{
    fixture *f = *state;
    const mtc_prior p = read_ok(f, &size_mm, "{lognormal: {median: 15 mm, log_sd: 0.4, lower: 10 mm}}");
    const double below = 0.5 * erfc(log(15.0 / 10.0) / (0.4 * sqrt(2.0)));
    assert_true(p.lower == 10.0 && isinf(p.upper));
    assert_near(p.log_mass, log1p(-below), 1e-14);
    const double z = log(17.3 / 15.0) / 0.4;
    assert_near(mtc_prior_logpdf(&p, 17.3, NULL), -0.5 * z * z - log(0.4 * 17.3) - 0.91893853320467274 - log1p(-below),
                1e-13);
    assert_true(isinf(mtc_prior_logpdf(&p, 9.999, NULL)) && isfinite(mtc_prior_logpdf(&p, 10.0, NULL)));
    assert_true(mtc_prior_cdf(&p, 10.0) == 0.0 && mtc_prior_ccdf(&p, 10.0) == 1.0);
    assert_true(mtc_prior_quantile(&p, 0.0) == 10.0 && isinf(mtc_prior_quantile(&p, 1.0)));
    assert_true(mtc_prior_quantile(&p, 1e-18) >= 10.0);
}

static void far_tails_keep_their_digits(void **state)
{
    fixture *f = *state;
    /* beyond 20 sd the law is nearly exponential with rate 20 (Mills): mean excess 1/20.0995..., both sides alike */
    const mtc_prior up = read_ok(f, &number, "{normal: {mean: 0, sd: 1, lower: 20}}");
    const double median = mtc_prior_quantile(&up, 0.5);
    assert_near(median, 20.034543, 2e-6);
    assert_near(mtc_prior_cdf(&up, median), 0.5, 1e-12);
    const mtc_param_info line = {"x", "x", MTC_UNIT_NONE, -INFINITY, INFINITY, "", ""};
    const mtc_prior down = read_ok(f, &line, "{normal: {mean: 0, sd: 1, upper: -20}}");
    assert_near(mtc_prior_quantile(&down, 0.5), -median, 1e-12);
    assert_near(mtc_prior_logpdf(&down, -20.01, NULL), mtc_prior_logpdf(&up, 20.01, NULL), 1e-12);
    assert_near(mtc_prior_ccdf(&down, -25.0), mtc_prior_cdf(&up, 25.0), 1e-14);
    assert_near(log(mtc_prior_cdf(&down, -25.0)), log(mtc_prior_ccdf(&up, 25.0)), 1e-11);
}

static void domain_truncates_what_exceeds_it(void **state)
{
    fixture *f = *state;
    const mtc_prior p = read_ok(f, &number, "{normal: {mean: 0.25, sd: 0.5}}");
    const mtc_prior q = read_ok(f, &number, "{normal: {mean: 0.25, sd: 0.5, lower: 0}}");
    assert_true(p.lower == 0.0 && p.log_mass == q.log_mass);
    assert_string_equal(p.description, "Normal(mean 0.25, sd 0.5), at least 0 (its domain)");
    assert_string_equal(q.description, "Normal(mean 0.25, sd 0.5), at least 0");
    const mtc_prior r = read_ok(f, &share, "{normal: {mean: 0.5, sd: 1}}");
    assert_string_equal(r.description, "Normal(mean 0.5, sd 1), from 0 (its domain) to 1 (its domain)");
}

static void descriptions(void **state)
{
    fixture *f = *state;
    char *text = NULL;
    const mtc_prior p = read_ok(f, &size_mm, "{lognormal: {log_sd: 0.4, median: 2 mm, upper: 5 mm}}");
    assert_int_equal(mtc_prior_describe(&p, f->arena, &text, NULL), MTC_OK);
    assert_string_equal(text, "LogNormal(median 2 mm, log-sd 0.4), at most 5 mm");
    assert_string_equal(read_ok(f, &size_mm, "{loguniform: {lower: 0.5 mm, upper: 80 mm}}").description,
                        "LogUniform(lower 0.5 mm, upper 80 mm)");
    assert_string_equal(
        read_ok(f, &number, "{lognormal: {median: 0.2, log_sd: 0.5, lower: 0.05, upper: 0.5}}").description,
        "LogNormal(median 0.2, log-sd 0.5), from 0.05 to 0.5");
    assert_string_equal(read_ok(f, &time_years, "{fixed: 6 mo}").description, "fixed at 6 mo");
    const mtc_prior none = {0};
    assert_int_equal(mtc_prior_describe(&none, f->arena, &text, NULL), MTC_EDOMAIN);
}

static void a_fixed_value_is_a_constant(void **state)
{
    fixture *f = *state;
    const mtc_prior p = read_ok(f, &time_years, "{fixed: 0 y}");
    assert_true(p.is_fixed && p.fixed_value == 0.0);
    assert_true(mtc_prior_quantile(&p, 0.3) == 0.0 && mtc_prior_draw(&p, NULL) == 0.0);
    assert_true(mtc_prior_cdf(&p, -1e-9) == 0.0 && mtc_prior_cdf(&p, 0.0) == 1.0 && mtc_prior_ccdf(&p, 0.0) == 0.0);
    double slope = 1.0;
    assert_true(isinf(mtc_prior_logpdf(&p, 0.0, &slope)) && slope == 0.0);
}

static void typed_digits_come_back(void **state)
{
    fixture *f = *state;
    int n_moved = 0; /* values that the way through years would have changed */
    for (int i = 1; i < 400; ++i) {
        char text[32];
        const double typed = i * 1.0;
        (void)snprintf(text, sizeof text, "{fixed: %d d}", i);
        assert_true(read_ok(f, &time_days, text).fixed_value == typed);
        n_moved += typed * mtc_unit_factor(MTC_UNIT_DAYS) / mtc_unit_factor(MTC_UNIT_DAYS) != typed;
    }
    assert_true(n_moved > 0);
    assert_true(read_ok(f, &time_days, "{fixed: 147.3 d}").fixed_value == 147.3);
}

static void a_narrow_truncation_keeps_its_digits(void **state)
{
    fixture *f = *state;
    const double width = 1.0001 - 1.0; /* as the bounds are rounded; a difference of cdfs would keep 13 digits */
    const mtc_prior p = read_ok(f, &number, "{normal: {mean: 0, sd: 1, lower: 1, upper: 1.0001}}");
    /* the mean density over the interval is that at its middle times 1 + (m^2 - 1) h^2 / 24 */
    const double m = 1.0 + 0.5 * width;
    const double want = log(width) - 0.5 * m * m - 0.91893853320467274 + log1p((m * m - 1.0) * width * width / 24.0);
    assert_near(p.log_mass, want, 3e-15);
}

static void infinite_densities_are_no_place(void **state)
{
    fixture *f = *state;
    const mtc_prior p = read_ok(f, &number, "{gamma: {shape: 0.5, scale: 2}}");
    assert_true(mtc_prior_logpdf(&p, 0.0, NULL) == -HUGE_VAL);
    const mtc_prior q = read_ok(f, &share, "{beta: {a: 1, b: 1}}");
    assert_true(mtc_prior_logpdf(&q, 0.0, NULL) == 0.0 && mtc_prior_logpdf(&q, 1.0, NULL) == 0.0);
    assert_true(mtc_prior_logpdf(&q, (double)NAN, NULL) == -HUGE_VAL);
    const mtc_prior n = read_ok(f, &number, "{lognormal: {median: 1, log_sd: 2}}");
    assert_true(mtc_prior_logpdf(&n, 0.0, NULL) == -HUGE_VAL && mtc_prior_logpdf(&n, HUGE_VAL, NULL) == -HUGE_VAL);
}

static void gamma_takes_scale_rate_or_mean(void **state)
{
    fixture *f = *state;
    const mtc_prior scale = read_ok(f, &number, "{gamma: {shape: 2.5, scale: 0.7}}");
    const mtc_prior mean = read_ok(f, &number, "{gamma: {shape: 2.5, mean: 1.75}}");
    const mtc_prior rate = read_ok(f, &number, "{gamma: {shape: 2.5, rate: 1.4285714285714286}}");
    const mtc_prior years = read_ok(f, &time_years, "{gamma: {shape: 2.5, mean: 21 mo}}");
    const double want = mtc_prior_logpdf(&scale, 1.3, NULL);
    assert_near(mtc_prior_logpdf(&mean, 1.3, NULL), want, 1e-13);
    assert_near(mtc_prior_logpdf(&rate, 1.3, NULL), want, 1e-13);
    assert_near(mtc_prior_logpdf(&years, 1.3, NULL), want, 1e-13);
}

static void mistakes_are_reported_with_their_place(void **state)
{
    static const struct {
        const mtc_param_info *info;
        const char *text;
        long column;
        const char *message, *hint;
    } cases[] = {
        {&number, "{lognorml: {median: 1, log_sd: 0.4}}", 2, "unknown family of priors 'lognorml'", "lognormal"},
        {&number, "{cauchy: {scale: 1}}", 2, "unknown family", "list priors"},
        {&number, "{lognormal: {medan: 1, median: 1, log_sd: 0.4}}", 14, "medan", "median"},
        {&number, "{lognormal: {median: 1}}", 13, "log_sd", ""},
        {&number, "{lognormal: {median: 1, log_sd: -0.4}}", 33, "log_sd must be > 0, got -0.4", ""},
        {&number, "{lognormal: 3}", 13, "needs a map", ""},
        {&number, "{fixed: {value: 3}}", 9, "needs one value", ""},
        {&number, "{fixed: -0.5}", 9, "outside the domain", ""},
        {&number, "{normal: {mean: 0, sd: 1, lower: -1}}", 34, "lower -1 is outside the domain of seeding_exponent",
         ""},
        {&number, "{normal: {mean: 0, sd: 1, lower: 3, upper: 2}}", 10, "nothing is left", ""},
        {&number, "{normal: {mean: 0, sd: 1, lower: 39}}", 10, "too far in its tail", ""},
        {&number, "{uniform: {lower: 2, upper: 2}}", 11, "lower must be below upper", ""},
        {&number, "{loguniform: {lower: 0, upper: 2}}", 22, "lower must be > 0", ""},
        {&number, "{gamma: {shape: 2}}", 9, "exactly one of scale, rate and mean, got 0", ""},
        {&number, "{gamma: {shape: 2, scale: 1, rate: 1}}", 9, "got 2", ""},
        {&time_days, "{gamma: {shape: 2, rate: 1}}", 26, "without unit", "with its unit"},
        {&time_days, "{beta: {a: 1, b: 1}}", 8, "without unit", ""},
        {&size_mm, "{lognormal: {median: 2, log_sd: 0.4}}", 22, "", ""},
        {&size_mm, "{fixed: 2 d}", 9, "", ""},
        {&size_mm, "{}", 1, "must name one family", "for example"},
        {&size_mm, "{fixed: 2 mm, uniform: {lower: 1 mm, upper: 2 mm}}", 1, "must name one family", ""},
        {&size_mm, "2 mm", 1, "must name one family", ""},
    };
    int n_wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        fixture *f = *state;
        mtc_prior prior;
        const size_t before = f->errors.n_all;
        assert_int_equal(prior_from_text(cases[i].text, cases[i].info, &prior, f->arena, &f->errors), MTC_ECONFIG);
        assert_int_equal(f->errors.n_all, before + 1);
        const mtc_err *e = &f->errors.item[before];
        if (strstr(e->message, cases[i].message) == NULL || strstr(e->hint, cases[i].hint) == NULL ||
            e->column != cases[i].column || e->line != 1) {
            print_error("%s: at %ld:%ld '%s' hint '%s'\n", cases[i].text, e->line, e->column, e->message, e->hint);
            n_wrong++;
        }
    }
    assert_int_equal(n_wrong, 0);
}

static void several_mistakes_are_reported_together(void **state)
{
    fixture *f = *state;
    mtc_prior prior;
    assert_int_equal(
        prior_from_text("{normal: {mean: 1 mm, sd: -2 mm, lower: -1 mm}}", &size_mm, &prior, f->arena, &f->errors),
        MTC_ECONFIG);
    assert_true(f->errors.n_all >= 1);
    const size_t before = f->errors.n_all;
    assert_int_equal(prior_from_text("{lognormal: {median: -1 mm, log_sd: 0}}", &size_mm, &prior, f->arena, &f->errors),
                     MTC_ECONFIG);
    assert_int_equal(f->errors.n_all, before + 2);
    assert_int_equal(mtc_prior_read(NULL, NULL, NULL, NULL, NULL, &f->errors), MTC_EBUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_are_read_in_the_unit_of_the_parameter, setup, teardown),
        cmocka_unit_test_setup_teardown(truncation_is_normalised, setup, teardown),
        cmocka_unit_test_setup_teardown(far_tails_keep_their_digits, setup, teardown),
        cmocka_unit_test_setup_teardown(domain_truncates_what_exceeds_it, setup, teardown),
        cmocka_unit_test_setup_teardown(descriptions, setup, teardown),
        cmocka_unit_test_setup_teardown(a_fixed_value_is_a_constant, setup, teardown),
        cmocka_unit_test_setup_teardown(typed_digits_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_narrow_truncation_keeps_its_digits, setup, teardown),
        cmocka_unit_test_setup_teardown(infinite_densities_are_no_place, setup, teardown),
        cmocka_unit_test_setup_teardown(gamma_takes_scale_rate_or_mean, setup, teardown),
        cmocka_unit_test_setup_teardown(mistakes_are_reported_with_their_place, setup, teardown),
        cmocka_unit_test_setup_teardown(several_mistakes_are_reported_together, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
