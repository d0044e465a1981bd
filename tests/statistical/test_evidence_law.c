/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Log evidences are right, and as uncertain as they say.
 * - Null: over seeds, each estimator's error has mean 0 and the stated standard error as its sd.
 * - Statistics, per target and estimator, over N = 40 seeds: bias over its error from the actual spread; mean stated
 *   error over root mean square error; the number of errors within 1.96 stated errors. 2 estimators x 8 targets x 3 =
 * 48 looks. Not judged where the root mean square error is below 1e-3 (the bias then has to be below 1e-3).
 * - Limits: |bias| <= max(0.003, 6.5 errors of it); ratio within [0.55, 1.9]; at least 28 of 40 covered.
 * - False alarm: bias with t_39 at 6.5: 1e-7; ratio below 0.55: P(chi2_40 > 40 / 0.55^2 = 132) = 3e-11, above 1.9:
 *   P(chi2_40 < 11.1) = 2e-7; fewer than 28 covered of 40 at 95%: 3e-7. Together below 1e-6 by the count that each
 *   rarely comes near its limit in more than one way; the true ratios measured with 60 seeds are 0.93 to 1.23.
 * - Finds with 99 %: a bias of 9 errors of the mean, 1.4 stated errors; stated errors halved or doubled twofold.
 * - Twins: a prior without its normaliser (log 2), a wrong Jacobian, standard errors of 0.45 and 2.2 times their size,
 *   a shift of 0.03 must fail.
 * - Targets that the methods cannot do (egg box, shells, ridge) may be unreliable, never reliable and wrong.
 */
#include "mtc_selftest.h"
#include "test_near.h"
#include "test_targets.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <stdio.h>
#include <string.h>

enum { N_SEED = 40, N_ESTIMATOR = 2 };

/* Errors of one estimator over seeds. */
typedef struct {
    size_t n, covered;
    double sum, square, se;
} errors;

/* What a planted fault does to an estimate before it is judged. */
typedef struct {
    double shift, se_factor;
} fault;
static const fault none = {0.0, 1.0};

typedef struct {
    errors estimator[N_ESTIMATOR];
    size_t n_reliable, n_wrong; /* reliable, yet off by more than 5 stated errors and 0.03 */
} outcome;

static void add(errors *e, double error, double se)
{
    e->n++;
    e->covered += fabs(error) <= 1.96 * se;
    e->sum += error;
    e->square += error * error;
    e->se += se;
}

/* Take one evidence into an outcome, through a fault. */
static void take(outcome *out, const mtc_evidence *ev, double truth, fault f)
{
    const mtc_evidence_attempt *a = &ev->attempt[ev->n_attempt - 1];
    for (size_t e = 0; e < N_ESTIMATOR && ev->reliable; e++) {
        const double error = a->estimate[e].log_evidence + f.shift - truth, se = f.se_factor * a->estimate[e].se;
        add(&out->estimator[e], error, se);
        out->n_wrong += fabs(error) > fmax(5.0 * se, 0.03);
    }
    out->n_reliable += ev->reliable;
}

/* All seeds, judged through n_fault faults at once: out has n_fault. */
static void run_seeds(const mtc_target *target, double truth, const mtc_evidence_settings *settings, size_t n_seed,
                      const fault *f, size_t n_fault, outcome *out)
{
    const mtc_optimise_settings search = MTC_OPTIMISE_INIT;
    mtc_modes modes = MTC_MODES_INIT;
    mtc_exec *exec = NULL;
    mtc_err err = MTC_ERR_INIT;
    memset(out, 0, n_fault * sizeof *out);
    assert_int_equal(mtc_exec_create(2, &exec, &err), MTC_OK);
    assert_int_equal(mtc_optimise(exec, target, &search, &modes, &err), MTC_OK);
    for (uint64_t seed = 1; seed <= n_seed; seed++) {
        mtc_evidence ev;
        const mtc_status st = mtc_evidence_run(target, &modes, settings, seed, exec, &ev, &err);
        if (st != MTC_OK) {
            print_error("%s: %s\n", target->name, err.message);
        }
        assert_int_equal(st, MTC_OK);
        for (size_t i = 0; i < n_fault; i++) {
            take(&out[i], &ev, truth, f[i]);
        }
        for (size_t i = 0; !ev.reliable && n_seed == N_SEED && i < ev.reasons.n; i++) {
            print_message("%s, seed %d: %s\n", target->name, (int)seed, ev.reasons.text[i]);
        }
        mtc_evidence_fini(&ev);
    }
    mtc_modes_fini(&modes);
    mtc_exec_destroy(exec);
}

/* Whether the errors obey the limits; says which they break. */
static bool lawful(const char *name, const errors *e)
{
    const double n = (double)e->n, bias = e->sum / n, rms = sqrt(e->square / n);
    const double spread = sqrt(fmax(e->square / n - bias * bias, 0.0) * n / (n - 1.0));
    const double ratio = e->se / n / rms;
    const bool unbiased = fabs(bias) <= fmax(0.003, 6.5 * spread / sqrt(n));
    const bool judged = rms >= 1e-3;
    const bool honest = !judged || (ratio >= 0.55 && ratio <= 1.9 && e->covered >= 28);
    print_message("%-28s bias %8.5f rms %.5f stated %.5f ratio %.2f covered %zu of %zu%s\n", name, bias, rms, e->se / n,
                  ratio, e->covered, e->n, unbiased && honest ? "" : "  <- breaks the law");
    return unbiased && honest;
}

static bool both_lawful(const mtc_target *target, const outcome *out)
{
    char name[64];
    bool ok = true;
    for (size_t e = 0; e < N_ESTIMATOR; e++) {
        snprintf(name, sizeof name, "%s %s", target->name, e == 0 ? "bridge" : "importance");
        ok = lawful(name, &out->estimator[e]) && ok;
    }
    return ok;
}

static void assert_law_of(const mtc_target *target, double log_evidence, mtc_route route)
{
    mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    settings.route = route;
    outcome out;
    run_seeds(target, log_evidence, &settings, N_SEED, &none, 1, &out);
    print_message("%s: reliable %zu of %d\n", target->name, out.n_reliable, N_SEED);
    assert_true(out.n_reliable >= N_SEED - 2);
    assert_true(both_lawful(target, &out));
}

static void assert_law(test_target *t, mtc_route route)
{
    assert_law_of(&t->target, t->log_evidence, route);
    test_target_free(t);
}

static test_target *wide_normal(void)
{
    double mean[10] = {0.0}, cov[100] = {0.0};
    for (size_t i = 0; i < 10; i++) {
        mean[i] = 0.7 - 0.2 * (double)i;
        for (size_t j = 0; j < 10; j++) {
            cov[10 * i + j] = (i == j ? 1.0 : 0.4) * sqrt((1.0 + (double)i) * (1.0 + (double)j));
        }
    }
    return test_target_gaussian(10, mean, cov, -5.25);
}

/* Ten dimensions: a normal coordinate that bends two others, two log-gamma ones, five normal ones. */
static double banana10_log_posterior(const test_target *t, const double *x, double *grad)
{
    const double half_log_2pi = 0.91893853320467274178, bend = 0.35;
    const double r1 = x[1] - bend * x[0] * x[0], r2 = x[2] + bend * x[0] * x[0];
    (void)t;
    double value = -3.0 * half_log_2pi - log(1.3 * 0.7) - 0.5 * (x[0] * x[0] / 1.69 + r1 * r1 / 0.49 + r2 * r2);
    grad[0] = -x[0] / 1.69 + 2.0 * bend * x[0] * (r1 / 0.49 - r2);
    grad[1] = -r1 / 0.49;
    grad[2] = -r2;
    for (size_t i = 3; i < 5; i++) { /* logarithm of a Gamma(2, 1) */
        value += 2.0 * x[i] - exp(x[i]);
        grad[i] = 2.0 - exp(x[i]);
    }
    for (size_t i = 5; i < 10; i++) {
        const double sd = 0.2 * (double)i;
        value -= half_log_2pi + log(sd) + 0.5 * x[i] * x[i] / (sd * sd);
        grad[i] = -x[i] / (sd * sd);
    }
    return value;
}

static test_target *banana10(void)
{
    double mean[10] = {0.0}, cov[100] = {0.0};
    for (size_t i = 0; i < 10; i++) {
        cov[11 * i] = 1.0;
    }
    test_target *t = test_target_gaussian(10, mean, cov, -4.2);
    t->target.name = "banana10";
    t->prior_sd = 5.0;
    t->log_posterior = banana10_log_posterior;
    return t;
}

/* A problem of the self-test. */
static mtc_user_target known(const char *name, double *log_evidence)
{
    mtc_user_target t = {.model = NULL};
    for (const mtc_selftest_problem *const *p = mtc_selftest_problems(); *p != NULL; p++) {
        if (strcmp((*p)->name, name) == 0) {
            *log_evidence = (*p)->log_evidence;
            t.model = &(*p)->model;
        }
    }
    assert_non_null(t.model);
    return t;
}

static void schools(void **state)
{
    (void)state;
    double log_evidence = 0.0;
    mtc_user_target t = known("eight_schools", &log_evidence);
    assert_int_equal(mtc_user_target_init(&t, t.model, NULL), MTC_OK);
    assert_law_of(&t.target, log_evidence, MTC_ROUTE_FAST);
    mtc_user_target_fini(&t);
}

static void normal_2(void **state)
{
    (void)state;
    assert_law(test_target_correlated(2, 0.5), MTC_ROUTE_AUTO);
}

static void conjugate_normal(void **state)
{
    (void)state;
    assert_law(test_target_conjugate_normal(), MTC_ROUTE_AUTO);
}

static void exponential_gamma_with_censoring(void **state)
{
    (void)state;
    assert_law(test_target_exponential_gamma(), MTC_ROUTE_AUTO);
}

static void radiata_pine(void **state)
{
    (void)state;
    assert_law(test_target_pine(0), MTC_ROUTE_AUTO);
    assert_law(test_target_pine(1), MTC_ROUTE_AUTO);
}

static void banana_2(void **state)
{
    (void)state;
    assert_law(test_target_banana(), MTC_ROUTE_FAST);
}

static void banana_10(void **state)
{
    (void)state;
    assert_law(banana10(), MTC_ROUTE_FAST);
}

static void two_modes(void **state)
{
    (void)state;
    assert_law(test_target_two_modes(3, 8.0, 0.3), MTC_ROUTE_FAST);
}

/* ---- where the methods end: unreliable is right, wrong is not ---- */

static void assert_never_wrong(const char *name, size_t n_seed)
{
    mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    settings.route = MTC_ROUTE_FAST;
    settings.max_escalations = 1;
    outcome out;
    double log_evidence = 0.0;
    mtc_user_target t = known(name, &log_evidence);
    assert_int_equal(mtc_user_target_init(&t, t.model, NULL), MTC_OK);
    run_seeds(&t.target, log_evidence, &settings, n_seed, &none, 1, &out);
    print_message("%s: reliable %zu of %zu, wrong %zu\n", name, out.n_reliable, n_seed, out.n_wrong);
    assert_int_equal(out.n_wrong, 0);
    mtc_user_target_fini(&t);
}

static void egg_box_is_right_or_unreliable(void **state)
{
    (void)state;
    assert_never_wrong("egg_box", 3);
}

static void shells_are_right_or_unreliable(void **state)
{
    (void)state;
    assert_never_wrong("gaussian_shells_2", 3);
    assert_never_wrong("gaussian_shells_10", 2);
}

static void ridge_is_right_or_unreliable(void **state)
{
    (void)state;
    assert_never_wrong("rosenbrock", 5);
}

/* ---- planted faults ---- */

static mtc_status eval_without_normaliser(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const test_target *t = self;
    const mtc_status st = t->target.eval(self, ws, x, point, err);
    point->log_prior += log(2.0); /* as if a truncated prior's mass of one half were forgotten */
    return st;
}

/* The Jacobian of x = log rate left out. */
static mtc_status eval_without_jacobian(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const test_target *t = self;
    const mtc_status st = t->target.eval(self, ws, x, point, err);
    point->log_prior -= x[0];
    if (point->grad_log_prior != NULL) {
        point->grad_log_prior[0] -= 1.0;
    }
    return st;
}

static void faulty_targets_are_found(void **state)
{
    (void)state;
    const mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    test_target *t = test_target_exponential_gamma();
    mtc_target faulty = t->target;
    outcome out;
    faulty.eval = eval_without_normaliser;
    run_seeds(&faulty, t->log_evidence, &settings, N_SEED, &none, 1, &out);
    assert_true(out.n_reliable > N_SEED / 2);
    assert_false(both_lawful(&faulty, &out));
    faulty.eval = eval_without_jacobian;
    run_seeds(&faulty, t->log_evidence, &settings, N_SEED, &none, 1, &out);
    assert_true(out.n_reliable > N_SEED / 2);
    assert_false(both_lawful(&faulty, &out));
    test_target_free(t);
}

static void faulty_errors_are_found(void **state)
{
    (void)state;
    const mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    const fault faults[] = {{0.0, 0.45}, {0.0, 2.2}, {0.03, 1.0}, none};
    test_target *t = wide_normal();
    outcome out[4];
    run_seeds(&t->target, t->log_evidence, &settings, N_SEED, faults, 4, out);
    for (size_t i = 0; i < 3; i++) {
        assert_false(both_lawful(&t->target, &out[i]));
    }
    assert_true(both_lawful(&t->target, &out[3]));
    test_target_free(t);
}

static int quiet(void **state)
{
    (void)state;
    gsl_set_error_handler_off();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_2),
        cmocka_unit_test(conjugate_normal),
        cmocka_unit_test(exponential_gamma_with_censoring),
        cmocka_unit_test(radiata_pine),
        cmocka_unit_test(banana_2),
        cmocka_unit_test(banana_10),
        cmocka_unit_test(two_modes),
        cmocka_unit_test(schools),
        cmocka_unit_test(egg_box_is_right_or_unreliable),
        cmocka_unit_test(shells_are_right_or_unreliable),
        cmocka_unit_test(ridge_is_right_or_unreliable),
        cmocka_unit_test(faulty_targets_are_found),
        cmocka_unit_test(faulty_errors_are_found),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}
