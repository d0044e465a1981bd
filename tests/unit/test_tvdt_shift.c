/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The integral over a study's shift: against closed forms, in both limits of omega, with data far off, with two modes,
 * and its refusal of an integrand that is not smooth. */
#include "tvdt_shift.h"

#include "test_near.h"

#include <math.h>
#include <string.h>

/* Log-likelihood -information (y - mean)^2 / 2, as of a log mean. */
typedef struct {
    double y, information;
    long n_eval;
} bell;

static double bell_eval(const void *data, const mtc_tvdt_law *law, mtc_tvdt_partials *p)
{
    const bell *b = data;
    const double d = b->y - law->mean[MTC_TVDT_PRIMARY];
    p->mean[MTC_TVDT_PRIMARY] += b->information * d;
    p->variance[MTC_TVDT_PRIMARY] += 3.0 * d; /* any function of the shift: its average is checked */
    p->covariance += 2.0;
    return -0.5 * b->information * d * d;
}

static mtc_tvdt_law law_at(double omega)
{
    const double all[MTC_TVDT_N_PARAM] = {150.0, 0.6, 1.0, 0.0, omega};
    mtc_tvdt_law law;
    assert_true(mtc_tvdt_law_init(&law, all, 0.0));
    return law;
}

static void check_bell(double y, double information, double guess, double omega)
{
    const mtc_tvdt_law law = law_at(omega);
    const bell b = {law.mean[MTC_TVDT_PRIMARY] + y, information, 0};
    const mtc_tvdt_group g = {.eval = bell_eval, .data = &b, .information = guess};
    mtc_tvdt_partials p;
    double value = 0.0, d_omega = 0.0;
    memset(&p, 0, sizeof p);
    assert_int_equal(mtc_tvdt_shift_integrate(&g, &law, &p, &d_omega, &value, NULL), MTC_OK);
    const double spread = 1.0 + information * omega * omega, mean = information * y / spread;
    const double want = -0.5 * log(spread) - 0.5 * mean * y;
    assert_near(value, want, 1e-12 * fmax(1.0, fabs(want)));
    /* Rounding: y - mean has an error of epsilon, times the information; an average of something times the slope has
     * weights with the rounding of their logarithms. */
    const double rounding = 1e-14 * (information + fabs(want * information * y));
    assert_near(p.mean[MTC_TVDT_PRIMARY], mean, 1e-9 * fmax(1.0, fabs(mean)) + rounding);
    assert_near(p.variance[MTC_TVDT_PRIMARY], 3.0 * y / spread, 1e-9 * fmax(1.0, fabs(y)));
    assert_near(p.covariance, 2.0, 1e-12);
    const double slope = omega * (mean * mean - information / spread);
    assert_near(d_omega, slope, 1e-8 * fmax(1.0, fabs(slope)) + rounding);
}

static void closed_form(void **state)
{
    (void)state;
    const double omega[] = {0.0, 1e-12, 1e-4, 0.07, 0.3, 2.5, 40.0, 1000.0};
    const double information[] = {1e-3, 1.0, 60.0, 4000.0, 1e7};
    const double y[] = {0.0, 0.01, -0.8, 5.0};
    for (size_t i = 0; i < sizeof omega / sizeof *omega; ++i) {
        for (size_t j = 0; j < sizeof information / sizeof *information; ++j) {
            for (size_t k = 0; k < sizeof y / sizeof *y; ++k) {
                check_bell(y[k], information[j], information[j], omega[i]);
                check_bell(y[k], information[j], 30.0 * information[j], omega[i]);
                check_bell(y[k], information[j], information[j] / 30.0, omega[i]);
            }
        }
    }
}

/* Likelihood 1 + a exp(-(y - mean)^2 k / 2): flat far away, so that prior and data can each have a mode, with a
 * valley of some sixty nats between them. */
static const double summit = 70.0;

static double hill_eval(const void *data, const mtc_tvdt_law *law, mtc_tvdt_partials *p)
{
    const bell *b = data;
    const double d = b->y - law->mean[MTC_TVDT_PRIMARY];
    const double hill = exp(summit - 0.5 * b->information * d * d);
    p->mean[MTC_TVDT_PRIMARY] += b->information * d * hill / (1.0 + hill);
    return log1p(hill);
}

static void two_modes(void **state)
{
    (void)state;
    const double information = 2000.0, y = 1.4;
    for (double omega = 0.08; omega < 0.3; omega += 0.01) {
        const mtc_tvdt_law law = law_at(omega);
        const bell b = {law.mean[MTC_TVDT_PRIMARY] + y, information, 0};
        const mtc_tvdt_group g = {.eval = hill_eval,
                                  .data = &b,
                                  .information = information,
                                  .convexity = information,
                                  .mode_lower = y,
                                  .mode_upper = y};
        mtc_tvdt_partials p;
        double value = 0.0, d_omega = 0.0;
        memset(&p, 0, sizeof p);
        assert_int_equal(mtc_tvdt_shift_integrate(&g, &law, &p, &d_omega, &value, NULL), MTC_OK);
        const double spread = 1.0 + information * omega * omega;
        const double hill = exp(summit - 0.5 * information * y * y / spread) / sqrt(spread);
        assert_near(value, log1p(hill), 1e-11);
    }
}

/* A step: no rule for smooth integrands settles on it to 1e-7, and it says so. */
static double step_eval(const void *data, const mtc_tvdt_law *law, mtc_tvdt_partials *p)
{
    const bell *b = data;
    (void)p;
    return fmod(fabs(law->mean[MTC_TVDT_PRIMARY] - b->y), 0.31) > 0.11 ? -1.0 : 0.0;
}

static void not_smooth(void **state)
{
    (void)state;
    const mtc_tvdt_law law = law_at(1.0);
    const bell b = {0.123456, 1.0, 0};
    const mtc_tvdt_group g = {.eval = step_eval, .data = &b, .information = 1.0};
    mtc_tvdt_partials p;
    mtc_err err = MTC_ERR_INIT;
    double value = 0.0, d_omega = 0.0;
    memset(&p, 0, sizeof p);
    assert_int_equal(mtc_tvdt_shift_integrate(&g, &law, &p, &d_omega, &value, &err), MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "did not settle"));
}

static double nothing_eval(const void *data, const mtc_tvdt_law *law, mtc_tvdt_partials *p)
{
    (void)data;
    (void)law;
    (void)p;
    return -HUGE_VAL;
}

static void zero_everywhere(void **state)
{
    (void)state;
    const mtc_tvdt_law law = law_at(0.4);
    const mtc_tvdt_group g = {.eval = nothing_eval, .information = 5.0};
    mtc_tvdt_partials p;
    double value = 0.0, d_omega = 0.0;
    memset(&p, 0, sizeof p);
    assert_int_equal(mtc_tvdt_shift_integrate(&g, &law, &p, &d_omega, &value, NULL), MTC_OK);
    assert_true(value == -HUGE_VAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_form),
        cmocka_unit_test(two_modes),
        cmocka_unit_test(not_smooth),
        cmocka_unit_test(zero_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
