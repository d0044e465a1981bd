/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: any term of R-hat, ESS or MCSE that differs from an independent implementation; verdicts that pass chains
 * stuck in different modes, constant chains, divergences. */
#include "mtc_arena.h"
#include "mtc_diagnostics.h"
#include "mtc_rng.h"
#include "test_near.h"
#include "test_targets.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- against tests/golden/diagnostics.txt ---- */

static double field(const mtc_summary *s, const char *name)
{
    const struct {
        const char *name;
        double value;
    } all[] = {{"mean", s->mean},         {"sd", s->sd},
               {"q05", s->q05},           {"q50", s->q50},
               {"q95", s->q95},           {"rhat", s->rhat},
               {"ess_bulk", s->ess_bulk}, {"ess_tail", s->ess_tail},
               {"ess_mean", s->ess_mean}, {"ess_sd", s->ess_sd},
               {"ess_q05", s->ess_q05},   {"ess_q50", s->ess_q50},
               {"ess_q95", s->ess_q95},   {"mcse_mean", s->mcse_mean},
               {"mcse_sd", s->mcse_sd},   {"mcse_q05", s->mcse_q05},
               {"mcse_q50", s->mcse_q50}, {"mcse_q95", s->mcse_q95}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, name) == 0) {
            return all[i].value;
        }
    }
    fail_msg("no field %s", name);
    return 0.0;
}

static size_t check_case(FILE *f, size_t n_chain, size_t n_draw, const char *name)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_summary s;
    size_t n = 0;
    double *draw = calloc(n_chain * n_draw, sizeof *draw);
    assert_non_null(draw);
    for (size_t i = 0; i < n_chain * n_draw; i++) {
        assert_int_equal(fscanf(f, "%la", &draw[i]), 1);
    }
    assert_int_equal(mtc_summarise(draw, n_chain, n_draw, &s, &err), MTC_OK);
    char key[32];
    double want = 0.0, ess = 0.0;
    while (fscanf(f, "%31s %lf", key, &want) == 2 && strcmp(key, "end") != 0) {
        if (!(fabs(field(&s, key) - want) <= 1e-9 * fabs(want))) {
            print_error("%s of %s: %.17g, should be %.17g\n", key, name, field(&s, key), want);
            fail();
        }
        n++;
    }
    assert_int_equal(mtc_ess_mean(draw, n_chain, n_draw, &ess, &err), MTC_OK);
    assert_near(ess, s.ess_mean, 0.0);
    free(draw);
    return n;
}

static void agrees_with_an_independent_implementation(void **state)
{
    (void)state;
    FILE *f = fopen(MTC_TEST_GOLDEN "/diagnostics.txt", "r");
    assert_non_null(f);
    char name[64];
    size_t n_chain = 0, n_draw = 0, n_case = 0, n_value = 0;
    while (fscanf(f, " case %63s %zu %zu", name, &n_chain, &n_draw) == 3) {
        n_value += check_case(f, n_chain, n_draw, name);
        n_case++;
    }
    fclose(f);
    assert_int_equal(n_case, 6);
    assert_int_equal(n_value, 6 * 18);
}

/* ---- odd input ---- */

static void odd_draws(void **state)
{
    (void)state;
    mtc_err err = MTC_ERR_INIT;
    mtc_summary s;
    double draw[40];
    for (size_t i = 0; i < 40; i++) {
        draw[i] = 2.385;
    }
    assert_int_equal(mtc_summarise(draw, 2, 20, &s, &err), MTC_OK);
    assert_true(isinf(s.rhat) && isinf(s.mcse_mean) && isinf(s.mcse_q50));
    assert_near(s.ess_bulk + s.ess_tail + s.ess_mean, 0.0, 0.0);
    assert_near(s.mean, 2.385, 0.0);
    /* two chains, each stuck at its own value */
    for (size_t i = 20; i < 40; i++) {
        draw[i] = 7.1;
    }
    assert_int_equal(mtc_summarise(draw, 2, 20, &s, &err), MTC_OK);
    assert_true(isinf(s.rhat));
    draw[3] = (double)NAN;
    assert_int_equal(mtc_summarise(draw, 2, 20, &s, &err), MTC_ENAN);
    draw[3] = (double)INFINITY;
    assert_int_equal(mtc_summarise(draw, 2, 20, &s, &err), MTC_ENAN);
    assert_int_equal(mtc_summarise(draw, 2, 7, &s, &err), MTC_ESIZE);
    assert_int_equal(mtc_summarise(NULL, 2, 20, &s, &err), MTC_ESIZE);
    assert_int_equal(mtc_ess_mean(draw, 0, 20, &s.ess_mean, &err), MTC_ESIZE);
}

static void energy_fraction(void **state)
{
    (void)state;
    /* by hand: steps 1, -2, 3 give 14; about the mean 1.5 the squares sum to 5 */
    const double energy[8] = {1.0, 2.0, 0.0, 3.0, 5.0, 5.0, 5.0, 5.0};
    double out[2];
    mtc_ebfmi(energy, 2, 4, out);
    assert_near(out[0], 14.0 / 5.0, 1e-14);
    assert_true(isinf(out[1]));
}

/* ---- verdicts ---- */

typedef struct {
    test_target *t;
    mtc_chains chains;
    gsl_rng *rng;
} fixture;

/* Four chains of 400 independent draws: converged. */
static fixture good_chains(void)
{
    fixture f = {.t = test_target_correlated(2, 0.0), .chains = MTC_CHAINS_INIT};
    mtc_err err = MTC_ERR_INIT;
    const size_t n_all = 4 * 400;
    assert_int_equal(mtc_rng_stream(411, "verdicts", &f.rng, &err), MTC_OK);
    f.chains.n_chain = 4;
    f.chains.n_draw = 400;
    f.chains.n_dim = 2;
    f.chains.x = mtc_calloc(n_all * 2, sizeof(double));
    f.chains.stat = mtc_calloc(n_all * MTC_STAT_COUNT, sizeof(double));
    assert_non_null(f.chains.x);
    assert_non_null(f.chains.stat);
    for (size_t i = 0; i < n_all; i++) {
        f.chains.x[2 * i] = mtc_rng_normal(f.rng);
        f.chains.x[2 * i + 1] = mtc_rng_normal(f.rng);
        f.chains.stat[MTC_STAT_LOG_PRIOR * n_all + i] = mtc_rng_normal(f.rng);
        f.chains.stat[MTC_STAT_ENERGY * n_all + i] = mtc_rng_normal(f.rng);
        f.chains.stat[MTC_STAT_TREE_DEPTH * n_all + i] = 3.0;
    }
    return f;
}

static void drop(fixture *f)
{
    mtc_chains_fini(&f->chains);
    gsl_rng_free(f->rng);
    test_target_free(f->t);
}

static mtc_diagnosis judge(const fixture *f, size_t depth)
{
    mtc_diagnosis d;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_diagnose(&f->chains, &f->t->target, depth, &d, &err), MTC_OK);
    for (size_t i = 0; i < d.n_check; i++) {
        assert_true(strlen(d.check[i].sentence) > 20);
    }
    return d;
}

static bool passes(const mtc_diagnosis *d, const char *name)
{
    for (size_t i = 0; i < d->n_check; i++) {
        if (strcmp(d->check[i].name, name) == 0) {
            return d->check[i].pass;
        }
    }
    fail_msg("no check %s", name);
    return false;
}

static void good_chains_pass(void **state)
{
    (void)state;
    fixture f = good_chains();
    const mtc_diagnosis with_trees = judge(&f, 10), without = judge(&f, 0);
    assert_true(with_trees.converged);
    assert_int_equal(with_trees.n_check, 6);
    assert_true(without.converged);
    assert_int_equal(without.n_check, 3);
    drop(&f);
}

static void each_fault_fails_its_check(void **state)
{
    (void)state;
    fixture f = good_chains();
    const size_t n_all = 1600;
    f.chains.stat[MTC_STAT_DIVERGING * n_all + 7] = 1.0; /* 1 in 1600: still below a thousandth */
    mtc_diagnosis d = judge(&f, 10);
    assert_true(passes(&d, "divergent_share"));
    f.chains.stat[MTC_STAT_DIVERGING * n_all + 900] = 1.0;
    d = judge(&f, 10);
    assert_false(passes(&d, "divergent_share") || d.converged);

    d = judge(&f, 3); /* all trees reach the largest depth */
    assert_false(passes(&d, "max_depth_share"));

    for (size_t i = 1; i < 400; i++) { /* chain 0: energy as a slow walk */
        double *e = f.chains.stat + MTC_STAT_ENERGY * n_all;
        e[i] = e[i - 1] + 0.1 * e[i];
    }
    d = judge(&f, 10);
    assert_false(passes(&d, "ebfmi_min"));

    for (size_t i = 0; i < 400; i++) { /* chain 2 in another mode, coordinate 1 */
        f.chains.x[2 * (800 + i) + 1] += 3.0;
    }
    d = judge(&f, 0);
    assert_false(passes(&d, "rhat_max") || passes(&d, "ess_bulk_min"));
    assert_non_null(strstr(d.check[0].sentence, "x1"));
    drop(&f);

    f = good_chains();
    for (size_t i = 1; i < n_all; i++) { /* tails visited rarely: each extreme value stays for long */
        if (i % 400 != 0 && fabs(f.chains.x[2 * (i - 1)]) > 1.3 && i % 40 != 0) {
            f.chains.x[2 * i] = f.chains.x[2 * (i - 1)];
        }
    }
    d = judge(&f, 0);
    assert_false(passes(&d, "ess_tail_min"));
    drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_an_independent_implementation),
        cmocka_unit_test(odd_draws),
        cmocka_unit_test(energy_fraction),
        cmocka_unit_test(good_chains_pass),
        cmocka_unit_test(each_fault_fails_its_check),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
