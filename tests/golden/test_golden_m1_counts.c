/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of metastases at surgery against an implementation that shares no code with this one (PROVENANCE.md). */
#include "mtc_latency.h"
#include "test_like.h"
#include "test_near.h"
#include "test_reference.h"

#include <stdio.h>
#include <string.h>

static double value_of(const json_t *setting, const json_t *c)
{
    test_like like;
    mtc_course course;
    mtc_course_point point;
    double theta[MTC_COURSE_N_PARAM];
    char yaml[256];
    const json_t *in = json_object_get(c, "inputs");
    test_reference_point(setting, &point, &course);
    test_reference_theta(setting, theta);
    (void)snprintf(yaml, sizeof yaml, "likelihood: latency/m1_counts\nrows:\n  - {size: %.17g mm, n: %.0f, k: %.0f}\n",
                   test_reference_number(in, "diameter_mm"), test_reference_number(in, "n"),
                   test_reference_number(in, "k"));
    assert_int_equal(test_like_open(&like, &mtc_likelihood_latency_m1_counts, &course, yaml), MTC_OK);
    const double value = test_like_value(&like, theta, NULL);
    test_like_close(&like);
    return value;
}

static void golden(void **state)
{
    (void)state;
    test_reference r;
    size_t n = 0, n_off = 0;
    double worst = 0.0;
    test_reference_open(&r, "latency_terms");
    for (size_t i = 0; i < r.n; i++) {
        const json_t *c = test_reference_case(&r, i);
        const json_t *setting = test_reference_setting(&r, c);
        if (strcmp(test_reference_word(c, "quantity"), "m1_count") != 0 || !test_reference_is_supported(setting)) {
            continue;
        }
        const double want = test_reference_number(c, "value"), got = value_of(setting, c);
        const double share = fabs(got - want) / test_reference_tolerance(c);
        worst = fmax(worst, share);
        n++;
        if (!(share <= 1.0)) {
            print_error("case %zu: %.17g, wanted %.17g\n", i, got, want);
            n_off++;
        }
    }
    test_reference_close(&r);
    print_message("%zu cases, largest error %.2g of what is allowed\n", n, worst);
    assert_int_equal(n_off, 0);
    assert_int_equal(n, 28);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
