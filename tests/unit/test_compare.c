/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: Bayes factors, probabilities or posterior tables that differ from closed forms, bands and quantities put in
 * the wrong place, misfits that are not said, founders' sizes that are wrong on average, results that depend on
 * threads, words at the wrong border. */
#include "course_pair.h"
#include "mtc_compare.h"
#include "mtc_special.h"
#include "mtc_summary.h"
#include "test_near.h"

#include <gsl/gsl_errno.h>
#include <string.h>

typedef struct {
    course_pair pair;
    mtc_compare_model model[COURSE_N_MODEL];
    mtc_compare_plan plan;
    mtc_result *result;
    mtc_compare_fit fit[COURSE_N_MODEL];
} fixture;

static void make_plan(fixture *f)
{
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(course_pair_init(&f->pair, &err), MTC_OK);
    for (size_t i = 0; i < COURSE_N_MODEL; i++) {
        f->model[i] = (mtc_compare_model){.name = mtc_posterior_target(f->pair.posterior[i])->name,
                                          .prior_odds = i == 0   ? 3.0
                                                        : i == 1 ? 1.0
                                                                 : 0.0,
                                          .posterior = f->pair.posterior[i],
                                          .course = &f->pair.course};
    }
    f->plan = (mtc_compare_plan)MTC_COMPARE_INIT;
    f->plan.n_model = COURSE_N_MODEL;
    f->plan.model = f->model;
    f->plan.n_source = 2;
    f->plan.source = f->pair.likelihood;
    f->plan.seed = 4711;
    f->plan.n_predict = 60;
    f->plan.n_patient = 40;
}

static void run(fixture *f, size_t n_thread)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_exec *exec = NULL;
    assert_int_equal(mtc_result_create(&f->result, &err), MTC_OK);
    assert_int_equal(mtc_exec_create(n_thread, &exec, &err), MTC_OK);
    const mtc_status st = mtc_compare_run(&f->plan, exec, f->result, f->fit, &err);
    if (st != MTC_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(st, MTC_OK);
    mtc_exec_destroy(exec);
}

static void drop(fixture *f)
{
    for (size_t i = 0; i < COURSE_N_MODEL; i++) {
        mtc_compare_fit_fini(&f->fit[i]);
    }
    mtc_result_destroy(f->result);
    course_pair_fini(&f->pair);
}

/* One run serves several tests. */
static int set_up(void **state)
{
    static fixture f;
    gsl_set_error_handler_off();
    memset(&f, 0, sizeof f);
    make_plan(&f);
    run(&f, 2);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    drop(*state);
    return 0;
}

static void evidences_and_answer(void **state)
{
    const fixture *f = *state;
    const mtc_result *r = f->result;
    assert_int_equal(r->n_model, COURSE_N_MODEL);
    for (size_t i = 0; i < COURSE_N_MODEL; i++) {
        const mtc_result_evidence *e = &r->model[i].evidence;
        assert_true(e->reliable);
        assert_true(e->se > 0.0 && e->se <= 0.05);
        assert_near(e->value, f->pair.log_evidence[i], 5.0 * e->se);
        assert_string_equal(e->smc_alarm, "not run");
        assert_true(e->n_estimator >= 2 && e->n_attempt >= 1);
        assert_string_equal(e->estimator[0].role, "primary");
        assert_true(r->model[i].diagnostics.converged);
        assert_int_equal(r->model[i].in_comparison, i < 2);
    }
    const mtc_result_comparison *c = &r->comparison;
    const double log_factor = f->pair.log_evidence[1] - f->pair.log_evidence[0];
    for (size_t i = 0; i < c->n_reason; i++) {
        print_error("%s\n", c->reason[i]);
    }
    assert_true(c->is_present);
    assert_true(c->reliable);
    assert_string_equal(c->numerator, "parallel");
    assert_string_equal(c->denominator, "linear");
    assert_near(c->log_bayes_factor, log_factor, 5.0 * c->log_bayes_factor_se);
    assert_near(c->log10_bayes_factor, c->log_bayes_factor / 2.302585092994046, 1e-12);
    assert_int_equal(c->n_pair, 1); /* the check is not compared */
    assert_string_equal(c->pair[0].numerator, "parallel");
    assert_true(c->pair[0].log_bayes_factor == c->log_bayes_factor && c->pair[0].reliable);
    assert_near(c->pair[0].log_bayes_factor_se, c->log_bayes_factor_se, 1e-15);
    assert_near(c->prior_odds, 1.0 / 3.0, 1e-15);
    assert_near(c->turning_odds, exp(-c->log_bayes_factor), 1e-12);
    assert_int_equal(c->n_probability, 2);
    assert_near(c->prior_probability[0].value, 0.75, 1e-15);
    const double odds = exp(c->log_bayes_factor) / 3.0;
    assert_near(c->posterior_probability[1].value, odds / (1.0 + odds), 1e-12);
    assert_near(c->posterior_probability[0].value + c->posterior_probability[1].value, 1.0, 1e-12);
    assert_int_equal(mtc_compare_status(r), MTC_OK);
    assert_true(r->cost.likelihood_calls > 0 && r->cost.gradient_calls > 0);
}

/* Units left out: what stands for each model, and the compared pair's difference. */
static void units_left_out(void **state)
{
    const fixture *f = *state;
    const mtc_result *r = f->result;
    for (size_t i = 0; i < COURSE_N_MODEL; i++) {
        const mtc_result_predictive *p = &r->model[i].predictive;
        assert_true(p->is_present);
        assert_int_equal(p->n_unit, mtc_posterior_n_obs(f->pair.posterior[i]));
        assert_int_equal(p->n_draw, f->plan.n_leave_out);
        /* each unit helps to fit itself */
        assert_true(p->p_loo > 0.0 && p->p_waic > 0.0);
        assert_true(p->n_unit == 1 || p->elpd_loo_se > 0.0);
        assert_true((p->n_k_hat_high > 0) == (p->k_hat_max > 0.7));
        assert_true(strncmp(p->worst_unit, "growth", 6) == 0 || strncmp(p->worst_unit, "cohort", 6) == 0);
    }
    assert_near(r->comparison.elpd_loo_difference, r->model[1].predictive.elpd_loo - r->model[0].predictive.elpd_loo,
                1e-9);
    assert_true(r->comparison.elpd_loo_difference_se > 0.0);
}

static void posterior_tables(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < COURSE_N_MODEL; i++) {
        const mtc_result_model *m = &f->result->model[i];
        assert_int_equal(m->n_posterior, MTC_COURSE_N_PARAM);
        for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
            const mtc_result_posterior *p = mtc_result_find_posterior(m, mtc_course_params[k].name);
            const double mean = f->pair.log_mean[i][k], sd = f->pair.log_sd[i][k];
            const double reach = 6.0 * sd * 2.2 / sqrt(p->ess_tail); /* 5% quantile: 2.1 sd / root n */
            assert_near(log(p->q50), mean, 6.0 * sd * 1.26 / sqrt(p->ess_bulk));
            assert_near(log(p->q05), mean - 1.6449 * sd, reach);
            assert_near(log(p->q95), mean + 1.6449 * sd, reach);
            assert_near(p->mean, exp(mean + 0.5 * sd * sd), 6.0 * p->mcse_mean);
            assert_true(p->rhat < 1.01);
        }
        const mtc_result_mass *mass = &m->seeding_diameter_mass;
        assert_near(mass->below_5_mm + mass->from_5_to_10_mm + mass->above_10_mm, 1.0, 1e-12);
        const double z =
            (log(5.0) - f->pair.log_mean[i][MTC_P_SEEDING_DIAMETER]) / f->pair.log_sd[i][MTC_P_SEEDING_DIAMETER];
        assert_near(mass->below_5_mm, mtc_normal_cdf(z), 0.06);
        assert_int_equal(m->n_derived, 1);
        assert_string_equal(m->derived[0].name, "seeding_rate_per_year");
        assert_true(m->derived[0].q05 > 0.0 && m->derived[0].q05 < m->derived[0].q95);
    }
}

static void parameters_and_priors(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < COURSE_N_MODEL; i++) {
        const mtc_result_model *m = &f->result->model[i];
        for (size_t k = 0; k < m->n_param; k++) {
            const mtc_result_param *p = &m->param[k];
            double prior = 0.0, posterior = 0.0;
            for (size_t g = 0; g + 1 < p->n_grid; g++) {
                const double step = 0.5 * (p->grid[g + 1] - p->grid[g]);
                assert_true(step > 0.0);
                prior += step * (p->prior_density[g] + p->prior_density[g + 1]);
                posterior += step * (p->posterior_density[g] + p->posterior_density[g + 1]);
            }
            assert_near(prior, 0.99, 0.012); /* a half per cent cut off at each end */
            assert_near(posterior, 1.0, 0.02);
            assert_non_null(strstr(p->prior, "median"));
        }
        /* where the data put the size, in prior sds */
        const mtc_result_param *size = mtc_result_find_param(m, "seeding_diameter_mm");
        const double want = i == 0 ? (f->pair.log_mean[0][MTC_P_SEEDING_DIAMETER] - log(15.0)) / 0.4 : size->conflict_z;
        assert_near(size->conflict_z, want, 0.15);
    }
    const mtc_result_map *map = &f->result->model[1].map;
    assert_int_equal(map->n_parameter, MTC_COURSE_N_PARAM);
    for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
        /* mode of a log-normal density */
        const double mode = exp(f->pair.log_mean[1][k] - f->pair.log_sd[1][k] * f->pair.log_sd[1][k]);
        assert_near(map->parameter[k].value, mode, 2e-3 * mode);
    }
    assert_near(map->log_posterior, map->log_prior + map->log_likelihood, 1e-9);
}

static void predictions(void **state)
{
    const fixture *f = *state;
    const mtc_result *r = f->result;
    assert_int_equal(r->n_source, 2);
    assert_int_equal(r->source[1].n_filtered, 7);
    assert_int_equal(r->source[1].n_fact, 2);
    assert_int_equal(r->n_display, 2);
    for (size_t d = 0; d < 2; d++) {
        assert_int_equal(r->display[d].n_prediction, COURSE_N_MODEL);
        const mtc_result_prediction *p = &r->display[d].prediction[2];
        assert_string_equal(p->model, "unrestricted");
        assert_near(p->median[0], 1.0, 0.0);
        for (size_t k = 1; k < p->n_x; k++) {
            assert_true(p->q05[k] < p->median[k] && p->median[k] < p->q95[k]);
        }
        const double rate = 0.5 * exp(f->pair.log_mean[2][MTC_P_DOUBLING_TIME_LOG_SD]);
        assert_near(p->median[4], exp(-4.0 * rate), 0.05);
    }
    const mtc_result_model *m = &r->model[0];
    assert_int_equal(m->n_quantity, 2);
    assert_string_equal(m->quantity[0].id, "half_life");
    assert_near(m->quantity[0].observed, 2.385, 0.0);
    assert_true(isnan(m->quantity[1].observed));
    assert_near(m->quantity[0].prior.median, log(2.0) * 0.7 * 5.0, 0.6);
    assert_true(m->quantity[0].prior.q95 - m->quantity[0].prior.q05 >
                m->quantity[0].posterior.q95 - m->quantity[0].posterior.q05);
    assert_true(isnan(m->quantity[1].prior.q95)); /* never, in more than half of the draws */
    /* the second display is missed by all, the first by none */
    assert_int_equal(r->n_misfit, COURSE_N_MODEL);
    assert_true(r->all_misfit);
    assert_non_null(strstr(r->misfit[0], "Free of anything"));
    assert_non_null(strstr(r->misfit[0], "below"));
}

static void founders(void **state)
{
    const fixture *f = *state;
    double below_5[2];
    for (size_t i = 0; i < 2; i++) {
        const mtc_result_model *m = &f->result->model[i];
        const mtc_result_distribution *first = mtc_result_find_distribution(m, "first_diameter_mm");
        const mtc_result_distribution *all = mtc_result_find_distribution(m, "all_diameter_mm");
        const mtc_result_distribution *years = mtc_result_find_distribution(m, "first_years_before_surgery");
        assert_non_null(first);
        assert_non_null(all);
        assert_non_null(years);
        assert_true(first->q05 < first->q50 && first->q50 < first->q95);
        assert_true(years->q05 >= 0.0 && years->q95 < 60.0);
        double sum = 0.0;
        for (size_t k = 0; k + 1 < first->n_edge; k++) {
            sum += first->share[k];
        }
        assert_near(sum, 1.0, 0.01);
        assert_true(first->q95 <= 32.5); /* no primary is larger than 32 mm */
        const mtc_result_share *share = mtc_result_find_share(m, "first_below_5_mm");
        const mtc_result_share *wider = mtc_result_find_share(m, "first_below_10_mm");
        assert_true(share->share.median <= wider->share.median);
        below_5[i] = share->share.median;
    }
    assert_true(below_5[1] > below_5[0]);
}

static void draws_for_traces(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < COURSE_N_MODEL; i++) {
        const mtc_compare_fit *fit = &f->fit[i];
        const size_t n_all = fit->chains.n_chain * fit->chains.n_draw;
        assert_int_equal(fit->n_column, MTC_COURSE_N_PARAM + 1);
        assert_string_equal(fit->column[0], "doubling_time_days");
        double first_theta[MTC_COURSE_N_PARAM];
        mtc_posterior_natural(f->pair.posterior[i], fit->chains.x, first_theta);
        assert_near(fit->natural[0], first_theta[0], 1e-9 * fit->natural[0]);
        double course_theta[MTC_COURSE_N_PARAM];
        for (size_t k = 0; k < MTC_COURSE_N_PARAM; k++) {
            course_theta[k] = fit->natural[k * n_all + n_all - 1];
        }
        const double rate = fit->natural[MTC_COURSE_N_PARAM * n_all + n_all - 1];
        assert_near(rate, mtc_seeding_rate_per_year(course_theta), 1e-12 * rate);
    }
}

static void threads_do_not_matter(void **state)
{
    const fixture *f = *state;
    fixture one;
    mtc_err err = MTC_ERR_INIT;
    char *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0;
    memset(&one, 0, sizeof one);
    make_plan(&one);
    run(&one, 1);
    assert_int_equal(mtc_summary_format(f->result, &a, &n_a, &err), MTC_OK);
    assert_int_equal(mtc_summary_format(one.result, &b, &n_b, &err), MTC_OK);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);
    mtc_free(a);
    mtc_free(b);
    drop(&one);
}

static void weighed_by_source(void **state)
{
    (void)state;
    fixture f;
    memset(&f, 0, sizeof f);
    make_plan(&f);
    f.plan.by_source = true;
    f.plan.n_leave_out = 0;
    f.plan.n_model = 2;
    run(&f, 2);
    const mtc_result_comparison *c = &f.result->comparison;
    const mtc_result_source_factor *growth = &c->by_source[0], *cohort = &c->by_source[1];
    assert_int_equal(c->n_by_source, 2);
    assert_string_equal(growth->source, "growth");
    assert_false(f.result->model[0].predictive.is_present);
    assert_true(isnan(c->elpd_loo_difference));
    assert_string_equal(cohort->source, "cohort");
    /* growth alone cannot decide; what differs between the models is seen by the cohort alone */
    assert_near(growth->log_bayes_factor, 0.0, 5.0 * growth->log_bayes_factor_se);
    assert_near(cohort->log_bayes_factor, f.pair.log_evidence[1] - f.pair.log_evidence[0],
                5.0 * cohort->log_bayes_factor_se);
    assert_true(growth->log_bayes_factor_se > 0.0 && cohort->log_bayes_factor_se > 0.0);
    assert_true(growth->log_bayes_factor_se < 0.1);
    drop(&f);
}

static void posteriors_alone(void **state)
{
    (void)state;
    fixture f;
    memset(&f, 0, sizeof f);
    make_plan(&f);
    f.plan.with_evidence = false;
    f.plan.n_model = 1;
    run(&f, 2);
    assert_false(f.result->comparison.is_present);
    assert_true(isnan(f.result->model[0].evidence.value));
    assert_string_equal(f.fit[0].algorithm, "nuts");
    assert_int_equal(f.result->model[0].diagnostics.n_check, 6);
    assert_int_equal(mtc_compare_status(f.result), MTC_OK);
    f.result->model[0].diagnostics.converged = false;
    assert_int_equal(mtc_compare_status(f.result), MTC_ENOTCONVERGED);
    drop(&f);
}

static void odd_plans(void **state)
{
    (void)state;
    fixture f;
    mtc_err err = MTC_ERR_INIT;
    mtc_exec *exec = NULL;
    memset(&f, 0, sizeof f);
    make_plan(&f);
    assert_int_equal(mtc_exec_create(1, &exec, &err), MTC_OK);
    assert_int_equal(mtc_result_create(&f.result, &err), MTC_OK);
    assert_int_equal(mtc_compare_run(NULL, exec, f.result, NULL, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_compare_run(&f.plan, NULL, f.result, f.fit, &err), MTC_EDOMAIN);
    f.model[1].name = "linear";
    assert_int_equal(mtc_compare_run(&f.plan, exec, f.result, f.fit, &err), MTC_EDOMAIN);
    f.plan.n_model = 1;
    f.model[0].prior_odds = (double)NAN;
    assert_int_equal(mtc_compare_run(&f.plan, exec, f.result, f.fit, &err), MTC_EDOMAIN);
    mtc_exec_destroy(exec);
    drop(&f);
}

static void words(void **state)
{
    (void)state;
    const struct {
        double x;
        const char *words;
    } table[] = {{0.0, "not worth more than a bare mention"},
                 {0.999, "not worth more than a bare mention"},
                 {1.001, "positive"},
                 {-2.9, "positive"},
                 {3.1, "strong"},
                 {-4.99, "strong"},
                 {5.01, "very strong"},
                 {400.0, "very strong"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_string_equal(mtc_kass_raftery(table[i].x), table[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidences_and_answer),
        cmocka_unit_test(posterior_tables),
        cmocka_unit_test(units_left_out),
        cmocka_unit_test(parameters_and_priors),
        cmocka_unit_test(predictions),
        cmocka_unit_test(founders),
        cmocka_unit_test(draws_for_traces),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(weighed_by_source),
        cmocka_unit_test(posteriors_alone),
        cmocka_unit_test(odd_plans),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
