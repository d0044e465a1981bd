/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a wrong sum of prior and tempered likelihood, 0 x infinity at beta = 0, a NaN of a user's target that
 * passes, calls that are not counted, memory that is not given back when scratch cannot be made. */
#include "mtc_target.h"

#include "test_alloc.h"
#include "test_near.h"

#include <math.h>
#include <string.h>

/* log prior = -x0^2, log likelihood = 3 x0 + x1, unless told otherwise */
typedef struct {
    double log_prior, log_likelihood; /* replace the value where not 0 */
    double spoil_prior, spoil_likelihood;
    bool refuse;
} answers;

static mtc_status ws_create(const void *self, void **ws, mtc_err *err)
{
    const answers *a = self;
    *ws = a->refuse ? NULL : mtc_calloc(3, sizeof(double));
    return *ws != NULL ? MTC_OK : mtc_fail(err, MTC_ENOMEM, "no scratch");
}

static mtc_status eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const answers *a = self;
    (void)ws;
    (void)err;
    point->log_prior = a->log_prior != 0.0 ? a->log_prior : -x[0] * x[0];
    point->log_likelihood = a->log_likelihood != 0.0 ? a->log_likelihood : 3.0 * x[0] + x[1];
    point->reason = isinf(point->log_likelihood) ? MTC_REASON_UNDERFLOW : MTC_REASON_NONE;
    if (point->grad_log_prior != NULL) {
        point->grad_log_prior[0] = -2.0 * x[0];
        point->grad_log_prior[1] = a->spoil_prior;
    }
    if (point->grad_log_likelihood != NULL) {
        point->grad_log_likelihood[0] = 3.0;
        point->grad_log_likelihood[1] = 1.0 + a->spoil_likelihood;
    }
    return MTC_OK;
}

static mtc_target make(const answers *a)
{
    return (mtc_target){.name = "two",
                        .n_dim = 2,
                        .has_gradient = true,
                        .self = a,
                        .ws_create = ws_create,
                        .ws_destroy = mtc_free,
                        .eval = eval};
}

static void values_and_gradients_are_tempered(void **state)
{
    (void)state;
    const answers a = {0};
    const mtc_target target = make(&a);
    mtc_evaluator e;
    const double x[2] = {0.7, -1.3};
    double value = 0.0;
    double grad[2] = {9.0, 9.0};
    mtc_point parts = {0};
    assert_int_equal(mtc_evaluator_init(&e, &target, NULL), MTC_OK);
    assert_int_equal(mtc_evaluator_log_density(&e, x, 0.25, &value, grad, NULL, NULL), MTC_OK);
    assert_near(value, -0.49 + 0.25 * 0.8, 1e-15);
    assert_near(grad[0], -1.4 + 0.75, 1e-15);
    assert_near(grad[1], 0.25, 1e-15);
    assert_int_equal(mtc_evaluator_log_density(&e, x, 1.0, &value, NULL, &parts, NULL), MTC_OK);
    assert_near(parts.log_prior, -0.49, 1e-15);
    assert_near(parts.log_likelihood, 0.8, 1e-15);
    assert_true(e.n_value == 1 && e.n_gradient == 1);
    double own[2] = {0.0, 0.0};
    parts.grad_log_likelihood = own; /* one part wanted, the other kept inside */
    assert_int_equal(mtc_evaluator_log_density(&e, x, 1.0, &value, grad, &parts, NULL), MTC_OK);
    assert_true(own[0] == 3.0 && grad[0] == -1.4 + 3.0 && parts.grad_log_prior == NULL);
    mtc_evaluator_fini(&e);
    mtc_evaluator_fini(&e);
    mtc_evaluator_fini(NULL);
}

static void zero_probability_is_no_error(void **state)
{
    (void)state;
    answers a = {.log_likelihood = -HUGE_VAL};
    const mtc_target target = make(&a);
    mtc_evaluator e;
    const double x[2] = {0.7, -1.3};
    double value = 0.0;
    double grad[2] = {9.0, 9.0};
    mtc_point parts = {0};
    assert_int_equal(mtc_evaluator_init(&e, &target, NULL), MTC_OK);
    assert_int_equal(mtc_evaluator_log_density(&e, x, 0.5, &value, grad, &parts, NULL), MTC_OK);
    assert_true(value == -HUGE_VAL && grad[0] == 0.0 && grad[1] == 0.0 && parts.reason == MTC_REASON_UNDERFLOW);
    /* the prior alone is untouched by it */
    assert_int_equal(mtc_evaluator_log_density(&e, x, 0.0, &value, grad, NULL, NULL), MTC_OK);
    assert_near(value, -0.49, 1e-15);
    assert_near(grad[0], -1.4, 1e-15);
    a.log_prior = -HUGE_VAL;
    assert_int_equal(mtc_evaluator_log_density(&e, x, 0.0, &value, NULL, NULL, NULL), MTC_OK);
    assert_true(value == -HUGE_VAL);
    mtc_evaluator_fini(&e);
}

static void defects_stop_the_run(void **state)
{
    const answers bad[] = {{.log_prior = (double)NAN},      {.log_prior = HUGE_VAL},
                           {.log_likelihood = (double)NAN}, {.log_likelihood = HUGE_VAL},
                           {.spoil_prior = (double)NAN},    {.spoil_likelihood = (double)NAN}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        const mtc_target target = make(&bad[i]);
        mtc_evaluator e;
        mtc_err err = MTC_ERR_INIT;
        const double x[2] = {0.7, -1.25};
        double value = 0.0;
        double grad[2];
        assert_int_equal(mtc_evaluator_init(&e, &target, NULL), MTC_OK);
        assert_int_equal(mtc_evaluator_log_density(&e, x, 1.0, &value, grad, NULL, &err), MTC_ENAN);
        assert_non_null(strstr(err.message, "'two'"));
        assert_non_null(strstr(err.message, "-1.25"));
        mtc_evaluator_fini(&e);
    }
}

static void wrong_use_is_refused(void **state)
{
    (void)state;
    const answers a = {0};
    mtc_target target = make(&a);
    mtc_evaluator e;
    const double x[2] = {0.0, 0.0};
    double value = 0.0;
    double grad[2];
    assert_int_equal(mtc_evaluator_init(NULL, &target, NULL), MTC_EDOMAIN);
    assert_int_equal(mtc_evaluator_init(&e, NULL, NULL), MTC_EDOMAIN);
    mtc_evaluator_fini(&e);
    target.has_gradient = false;
    assert_int_equal(mtc_evaluator_init(&e, &target, NULL), MTC_OK);
    assert_int_equal(mtc_evaluator_log_density(&e, x, 1.0, &value, grad, NULL, NULL), MTC_EDOMAIN);
    assert_int_equal(mtc_evaluator_log_density(&e, x, -0.1, &value, NULL, NULL, NULL), MTC_EDOMAIN);
    assert_int_equal(mtc_evaluator_log_density(&e, x, (double)NAN, &value, NULL, NULL, NULL), MTC_EDOMAIN);
    assert_int_equal(mtc_evaluator_log_density(&e, NULL, 1.0, &value, NULL, NULL, NULL), MTC_EDOMAIN);
    mtc_evaluator_fini(&e);
}

static void nothing_leaks_and_nothing_is_allocated_while_evaluating(void **state)
{
    (void)state;
    const answers refusing = {.refuse = true};
    const answers a = {0};
    const mtc_target target = make(&a);
    mtc_evaluator e;
    const double x[2] = {0.0, 0.0};
    double value = 0.0;
    double grad[2];
    for (size_t fail_at = 1; fail_at <= 2; ++fail_at) {
        test_alloc_start(fail_at);
        assert_int_equal(mtc_evaluator_init(&e, &target, NULL), MTC_ENOMEM);
        assert_int_equal(test_alloc_stop(), 0);
    }
    test_alloc_start(0);
    const mtc_target bad = make(&refusing);
    assert_int_equal(mtc_evaluator_init(&e, &bad, NULL), MTC_ENOMEM);
    assert_int_equal(mtc_evaluator_init(&e, &target, NULL), MTC_OK);
    const size_t before = test_alloc_requests();
    for (int i = 0; i < 10; ++i) {
        assert_int_equal(mtc_evaluator_log_density(&e, x, 1.0, &value, grad, NULL, NULL), MTC_OK);
    }
    assert_int_equal(test_alloc_requests(), before);
    mtc_evaluator_fini(&e);
    assert_int_equal(test_alloc_stop(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_gradients_are_tempered),
        cmocka_unit_test(zero_probability_is_no_error),
        cmocka_unit_test(defects_stop_the_run),
        cmocka_unit_test(wrong_use_is_refused),
        cmocka_unit_test(nothing_leaks_and_nothing_is_allocated_while_evaluating),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
