/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and simulating doubling times with allocation number k failing, for k = 1, 2, ... until none fails: an error
 * status, nothing leaked, nothing half made. */
#include "mtc_rng.h"
#include "mtc_tvdt.h"
#include "test_alloc.h"
#include "test_like.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const double point[5] = {150.0, 0.7, 1.5, 0.4, 0.3};

static const char individual[] = "likelihood: tvdt/individual\nbetween_study: true\nrows:\n"
                                 "  - {patient: a, site: primary, tvdt: 160 d}\n"
                                 "  - {patient: a, site: metastasis, tvdt_upper: 75 d}\n";
static const char summary[] = "likelihood: tvdt/summary\nbetween_study: true\nrows:\n"
                              "  - {site: primary, order: {min: 46 d, max: 825 d}, n: 66, study: R}\n"
                              "  - {site: metastasis, mean: 86 d, sd: 40 d, n: 18, study: R}\n";

/* Read, evaluate and simulate once; the first status that is not MTC_OK. */
static mtc_status whole_life(const mtc_likelihood_ops *ops, const char *yaml)
{
    test_like like;
    gsl_rng *rng = NULL;
    mtc_rows *rows = NULL;
    mtc_status st = test_like_open(&like, ops, NULL, yaml);
    if (st == MTC_OK) {
        (void)test_like_value(&like, point, NULL);
        st = mtc_rng_stream(3, "memory", &rng, NULL);
    }
    if (st == MTC_OK) {
        st = ops->simulate(like.self, point, rng, &rows, NULL);
        assert_true((st == MTC_OK) == (rows != NULL));
    }
    mtc_rows_destroy(rows);
    if (rng != NULL) {
        gsl_rng_free(rng);
    }
    test_like_close(&like);
    return st;
}

static void check(const mtc_likelihood_ops *ops, const char *yaml)
{
    size_t k = 0;
    mtc_status st = MTC_ENOMEM;
    for (k = 1; st != MTC_OK; ++k) {
        test_alloc_start(k);
        st = whole_life(ops, yaml);
        const size_t requests = test_alloc_requests();
        assert_int_equal(test_alloc_stop(), 0);
        assert_true(st == MTC_OK || requests >= k);
        assert_true(k < 1000);
    }
    assert_true(k > 5);
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    check(&mtc_likelihood_tvdt_individual, individual);
    check(&mtc_likelihood_tvdt_summary, summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
