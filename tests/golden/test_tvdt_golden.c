/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contributions of doubling times against an implementation that shares no code with this one (PROVENANCE.md). */
#include "mtc_tvdt.h"
#include "test_like.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double specification = 1e-8; /* |difference| <= this + abs_error of the case */

static const double more_tolerance = 1e-11; /* of max(1, |value|): what the headers of rectangle and shift promise */

static const char *quantity_of(const json_t *c)
{
    return json_string_value(json_object_get(c, "quantity"));
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

/* The row of a case in the words of a configuration. */
static const mtc_likelihood_ops *case_yaml(const json_t *c, char *buf, size_t size)
{
    const char *quantity = quantity_of(c);
    const json_t *in = json_object_get(c, "inputs");
    const char *site = json_string_value(json_object_get(in, "site"));
    const json_t *measurement = json_object_get(in, "measurement_log_sd");
    char head[128];
    (void)snprintf(head, sizeof head, "likelihood: tvdt/individual\nmeasurement_log_sd: %.17g\nrows:\n",
                   measurement != NULL ? json_number_value(measurement) : 0.0);
    if (strcmp(quantity, "paired") == 0) {
        const double metastasis = json_number_value(json_array_get(json_object_get(in, "metastasis_days"), 0));
        (void)snprintf(buf, size, "%s  - {primary_tvdt: %.17g d, metastasis_tvdt: %.17g d}\n", head,
                       number(in, "primary_days"), metastasis);
    } else if (strcmp(quantity, "exact") == 0) {
        (void)snprintf(buf, size, "%s  - {site: %s, tvdt: %.17g d}\n", head, site, number(in, "value_days"));
    } else if (strcmp(quantity, "right_censored") == 0) {
        (void)snprintf(buf, size, "%s  - {site: %s, tvdt_lower: %.17g d}\n", head, site, number(in, "lower_days"));
    } else if (strcmp(quantity, "left_censored") == 0) {
        (void)snprintf(buf, size, "%s  - {site: %s, tvdt_upper: %.17g d}\n", head, site, number(in, "upper_days"));
    } else if (strcmp(quantity, "interval_censored") == 0) {
        (void)snprintf(buf, size, "%s  - {site: %s, tvdt_lower: %.17g d, tvdt_upper: %.17g d}\n", head, site,
                       number(in, "lower_days"), number(in, "upper_days"));
    } else {
        static const char summary[] = "likelihood: tvdt/summary\nrows:\n";
        const double n = number(in, "n");
        if (strcmp(quantity, "median") == 0) {
            (void)snprintf(buf, size, "%s  - {site: %s, statistic: median, value: %.17g d, n: %.0f}\n", summary, site,
                           number(in, "value_days"), n);
        } else if (strcmp(quantity, "quantile") == 0) {
            (void)snprintf(buf, size,
                           "%s  - {site: %s, statistic: quantile, probability: %.17g, value: %.17g d, n: %.0f}\n",
                           summary, site, number(in, "probability"), number(in, "value_days"), n);
        } else {
            assert_string_equal(quantity, "log_mean_and_log_sd");
            (void)snprintf(buf, size, "%s  - {site: %s, geometric_mean: %.17g d, log_sd: %.17g, n: %.0f}\n", summary,
                           site, exp(number(in, "log_mean_of_days")), number(in, "log_sd"), n);
        }
        return &mtc_likelihood_tvdt_summary;
    }
    return &mtc_likelihood_tvdt_individual;
}

static double evaluate(const json_t *c, const json_t *setting)
{
    test_like like;
    char yaml[512];
    double theta[8];
    const mtc_likelihood_ops *ops = case_yaml(c, yaml, sizeof yaml);
    assert_int_equal(test_like_open(&like, ops, NULL, yaml), MTC_OK);
    for (size_t i = 0; i < like.n_param; ++i) {
        theta[i] = number(setting, like.param[i]->name);
    }
    const double value = test_like_value(&like, theta, NULL);
    test_like_close(&like);
    return value;
}

static void golden(void **state)
{
    (void)state;
    json_error_t error;
    json_t *root = json_load_file(MTC_TEST_GOLDEN "/tvdt.json", 0, &error);
    assert_non_null(root);
    const json_t *cases = json_object_get(root, "cases"), *settings = json_object_get(root, "settings");
    size_t bad = 0, i;
    const json_t *c;
    double worst = 0.0;
    assert_true(json_array_size(cases) > 500);
    json_array_foreach(cases, i, c)
    {
        const double want = number(c, "value");
        const double got = evaluate(c, json_array_get(settings, (size_t)number(c, "setting")));
        /* far in a tail the specification asks for a relative error of the logarithm */
        const double allowed = specification * fmax(1.0, fabs(want) / 50.0) + number(c, "abs_error");
        worst = fmax(worst, fabs(got - want) / fmax(1.0, fabs(want)));
        if (!(fabs(got - want) <= allowed)) {
            print_error("case %zu, %s: %.17g, wanted %.17g\n", i, quantity_of(c), got, want);
            ++bad;
        }
    }
    print_message("%zu cases, largest error %.2g of max(1, |value|)\n", i, worst);
    assert_int_equal(bad, 0);
    json_decref(root);
}

/* Pairs with censored members, order statistics, means, and studies with a shared shift: integrals by mpmath. */
static void golden_more(void **state)
{
    (void)state;
    json_error_t error;
    json_t *root = json_load_file(MTC_TEST_GOLDEN "/tvdt_more.json", 0, &error);
    assert_non_null(root);
    const json_t *cases = json_object_get(root, "cases");
    size_t bad = 0, i;
    const json_t *c;
    double worst = 0.0;
    assert_true(json_array_size(cases) > 100);
    json_array_foreach(cases, i, c)
    {
        test_like like;
        double theta[8];
        const char *yaml = json_string_value(json_object_get(c, "yaml"));
        const mtc_likelihood_ops *ops =
            strstr(yaml, "tvdt/individual") != NULL ? &mtc_likelihood_tvdt_individual : &mtc_likelihood_tvdt_summary;
        assert_int_equal(test_like_open(&like, ops, NULL, yaml), MTC_OK);
        for (size_t k = 0; k < like.n_param; ++k) {
            theta[k] = number(json_object_get(c, "theta"), like.param[k]->name);
        }
        const double want = strtod(json_string_value(json_object_get(c, "value")), NULL);
        const double got = test_like_value(&like, theta, NULL);
        test_like_close(&like);
        const double off = fabs(got - want) / fmax(1.0, fabs(want));
        worst = fmax(worst, off);
        if (!(off <= more_tolerance)) {
            print_error("case %zu: %.17g, wanted %.17g\n%s", i, got, want, yaml);
            ++bad;
        }
    }
    print_message("%zu cases, largest error %.2g of max(1, |value|)\n", i, worst);
    assert_int_equal(bad, 0);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(golden), cmocka_unit_test(golden_more)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
