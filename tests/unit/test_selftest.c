/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a known evidence that is not that of its problem, gradients that are not its slopes, prior draws that are
 * not of its prior, and bars that let through a bias, stated errors half or twice their size, or refusals. */
#include "mtc_rng.h"
#include "selftest_internal.h"

#include "test_near.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

static void gradients_are_slopes(void **state)
{
    (void)state;
    for (const mtc_selftest_problem *const *p = mtc_selftest_problems(); *p != NULL; p++) {
        const mtc_user_model *m = &(*p)->model;
        double theta[16], grad[2][16];
        gsl_rng *rng = NULL;
        assert_true(m->n_param <= 16);
        assert_int_equal(mtc_rng_stream(3, (*p)->name, &rng, NULL), MTC_OK);
        for (int k = 0; k < 10; k++) {
            m->prior_draw(m->data, rng, theta);
            (void)m->log_prior(m->data, theta, grad[0]);
            (void)m->log_likelihood(m->data, theta, grad[1]);
            for (size_t i = 0; i < m->n_param; i++) {
                const double x = theta[i], h = 1e-5 * fmin(1.0, fabs(x));
                double up[2], down[2];
                theta[i] = x + h;
                up[0] = m->log_prior(m->data, theta, NULL);
                up[1] = m->log_likelihood(m->data, theta, NULL);
                theta[i] = x - h;
                down[0] = m->log_prior(m->data, theta, NULL);
                down[1] = m->log_likelihood(m->data, theta, NULL);
                theta[i] = x;
                for (int part = 0; part < 2; part++) {
                    const double rounding = 1e-14 * fabs(up[part]) / h;
                    assert_near((up[part] - down[part]) / (2.0 * h), grad[part][i],
                                1e-4 * fmax(1.0, fabs(grad[part][i])) + rounding);
                }
            }
        }
        gsl_rng_free(rng);
    }
}

static const mtc_selftest_problem *find(const char *name)
{
    for (const mtc_selftest_problem *const *p = mtc_selftest_problems(); *p != NULL; p++) {
        if (strcmp((*p)->name, name) == 0) {
            return *p;
        }
    }
    fail_msg("no problem %s", name);
    return NULL;
}

/* Prior times likelihood on a fine grid of one or two dimensions; smooth and dying out, or periodic in effect. */
static double grid_evidence(const mtc_selftest_problem *p, double lower, double upper, size_t n)
{
    const size_t d = p->model.n_param;
    const double h = (upper - lower) / (double)n;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < (d == 2 ? n : 1); j++) {
            const double t[2] = {lower + ((double)i + 0.5) * h, lower + ((double)j + 0.5) * h};
            sum += exp(p->model.log_prior(p->model.data, t, NULL) + p->model.log_likelihood(p->model.data, t, NULL) -
                       p->log_evidence);
        }
    }
    return p->log_evidence + log(sum) + (double)d * log(h);
}

static void evidences_are_those_of_the_problems(void **state)
{
    (void)state;
    assert_near(grid_evidence(find("conjugate_normal"), -8.0, 10.0, 4000), find("conjugate_normal")->log_evidence,
                1e-9);
    assert_near(grid_evidence(find("exponential_gamma"), 0.0, 12.0, 200000), find("exponential_gamma")->log_evidence,
                1e-8);
    assert_near(grid_evidence(find("egg_box"), 0.0, 10.0 * M_PI, 4000), find("egg_box")->log_evidence, 1e-5);
    assert_near(grid_evidence(find("rosenbrock"), -5.0, 5.0, 4000), find("rosenbrock")->log_evidence, 2e-5);
    assert_near(grid_evidence(find("gaussian_shells_2"), -6.0, 6.0, 4000), find("gaussian_shells_2")->log_evidence,
                1e-5);
}

/* Errors of standard deviation sd around bias, stated as se, of n runs of which some are refused. */
static mtc_selftest_row judged(size_t n, double bias, double sd, double se, size_t n_refused)
{
    selftest_trial trial[400];
    mtc_selftest_row row;
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(8, "trials", &rng, NULL), MTC_OK);
    for (size_t i = 0; i < n; i++) {
        trial[i] = (selftest_trial){i >= n_refused, bias + sd * mtc_rng_normal(rng), se, 100.0};
    }
    gsl_rng_free(rng);
    selftest_judge(trial, n, &row);
    return row;
}

static void bars_let_honest_methods_pass(void **state)
{
    (void)state;
    const size_t n[] = {1, 10, 40, 400};
    for (size_t i = 0; i < 4; i++) {
        const mtc_selftest_row row = judged(n[i], 0.0, 0.03, 0.03, 0);
        assert_false(row.is_wrong || row.is_refused);
        assert_string_equal(row.why, "");
    }
    assert_near(judged(400, 0.0, 0.03, 0.03, 0).calls, 100.0, 1e-9);
    /* exact to rounding: errors of errors mean nothing */
    assert_false(judged(400, 0.0, 1e-5, 1e-7, 0).is_wrong);
    assert_false(judged(400, 0.0, 0.03, 0.03, 20).is_refused);
}

static void bars_stop_the_others(void **state)
{
    (void)state;
    assert_true(judged(400, 0.03, 0.03, 0.03, 0).is_wrong);
    assert_true(judged(40, 0.03, 0.03, 0.03, 0).is_wrong);
    assert_true(judged(400, 0.0, 0.03, 0.02, 0).is_wrong);
    assert_true(judged(400, 0.0, 0.03, 0.06, 0).is_wrong);
    assert_true(judged(40, 0.0, 0.03, 0.012, 0).is_wrong);
    assert_true(judged(10, 0.0, 0.03, 0.005, 0).is_wrong);
    assert_true(judged(1, 0.3, 0.0, 0.03, 0).is_wrong);
    const mtc_selftest_row refused = judged(400, 0.0, 0.03, 0.03, 40);
    assert_true(refused.is_refused && !refused.is_wrong && refused.why[0] != '\0');
    assert_true(judged(10, 0.0, 0.03, 0.03, 10).is_refused);
}

/* The same table by one thread and by two; a problem that does not exist is said so. */
static void runs_do_not_depend_on_threads(void **state)
{
    (void)state;
    mtc_selftest_settings settings = {
        .problem = "exponential_gamma", .n_seed = 3, .seed = 5, .evidence = MTC_EVIDENCE_INIT};
    mtc_selftest_result result[2];
    for (size_t k = 0; k < 2; k++) {
        mtc_exec *exec = NULL;
        assert_int_equal(mtc_exec_create(k + 1, &exec, NULL), MTC_OK);
        assert_int_equal(mtc_selftest_run(&settings, exec, &result[k], NULL), MTC_OK);
        mtc_exec_destroy(exec);
        assert_int_equal(result[k].n_case, 1);
        assert_true(result[k].pass);
    }
    for (size_t m = 0; m < MTC_SELFTEST_N_METHOD; m++) {
        assert_true(result[0].item[0].row[m].rms == result[1].item[0].row[m].rms);
        assert_true(result[0].item[0].row[m].calls == result[1].item[0].row[m].calls);
        assert_int_equal(result[0].item[0].row[m].n_value, 3);
    }
    mtc_selftest_result_fini(&result[0]);
    mtc_selftest_result_fini(&result[1]);
    settings.problem = "none";
    assert_int_equal(mtc_selftest_run(&settings, NULL, &result[0], NULL), MTC_EUSAGE);
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
        cmocka_unit_test(gradients_are_slopes),          cmocka_unit_test(evidences_are_those_of_the_problems),
        cmocka_unit_test(bars_let_honest_methods_pass),  cmocka_unit_test(bars_stop_the_others),
        cmocka_unit_test(runs_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}
