/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_diagnostics.h"

#include "mtc_arena.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The worst of all monitored quantities, with the name of the one it belongs to. */
typedef struct {
    double value;
    const char *where;
} worst;

typedef struct {
    worst rhat, ess_bulk, ess_tail;
} convergence;

static void keep_worst(convergence *c, const mtc_summary *s, const char *name)
{
    if (s->rhat > c->rhat.value) {
        c->rhat = (worst){s->rhat, name};
    }
    if (s->ess_bulk < c->ess_bulk.value) {
        c->ess_bulk = (worst){s->ess_bulk, name};
    }
    if (s->ess_tail < c->ess_tail.value) {
        c->ess_tail = (worst){s->ess_tail, name};
    }
}

static mtc_status look_at_draws(const mtc_chains *chains, const mtc_target *target, convergence *c, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n_all = chains->n_chain * chains->n_draw;
    mtc_summary s;
    double *draw = mtc_calloc(n_all, sizeof *draw);
    if (!draw) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the diagnostics of %s", target->name);
    }
    const double none = (double)INFINITY;
    *c = (convergence){{0.0, ""}, {none, ""}, {none, ""}};
    for (size_t i = 0; i < chains->n_dim; i++) {
        mtc_chains_coordinate(chains, i, draw);
        MTC_TRY(mtc_summarise(draw, chains->n_chain, chains->n_draw, &s, err));
        keep_worst(c, &s, target->param_name[i]);
    }
    const double *lp = mtc_chains_stat(chains, MTC_STAT_LOG_PRIOR),
                 *ll = mtc_chains_stat(chains, MTC_STAT_LOG_LIKELIHOOD);
    for (size_t k = 0; k < n_all; k++) {
        draw[k] = lp[k] + ll[k];
    }
    MTC_TRY(mtc_summarise(draw, chains->n_chain, chains->n_draw, &s, err));
    keep_worst(c, &s, "log posterior density");
out:
    mtc_free(draw);
    return st;
}

static mtc_check *add_check(mtc_diagnosis *d, const char *name, double value, double threshold, bool pass)
{
    mtc_check *c = &d->check[d->n_check++];
    *c = (mtc_check){.name = name, .value = value, .threshold = threshold, .pass = pass};
    d->converged = d->converged && pass;
    return c;
}

#define SAY(check, ...) snprintf((check)->sentence, sizeof(check)->sentence, __VA_ARGS__)

static void check_draws(mtc_diagnosis *d, const convergence *c, size_t n_chain)
{
    mtc_check *k = add_check(d, "rhat_max", c->rhat.value, MTC_RHAT_MAX, c->rhat.value <= MTC_RHAT_MAX);
    SAY(k,
        k->pass ? "The chains agree: the largest split R-hat is %.4f (%s), at most %.2f is asked."
                : "The chains do not agree: split R-hat is %.4f for %s, at most %.2f is asked; run longer or look for "
                  "separate modes.",
        c->rhat.value, c->rhat.where, MTC_RHAT_MAX);
    const double least = MTC_ESS_PER_CHAIN_MIN * (double)n_chain;
    k = add_check(d, "ess_bulk_min", c->ess_bulk.value, least, c->ess_bulk.value >= least);
    SAY(k,
        k->pass ? "Means and medians rest on at least %.0f effective draws (%s), %.0f are asked."
                : "Means and medians rest on %.0f effective draws only (%s), %.0f are asked; run longer.",
        c->ess_bulk.value, c->ess_bulk.where, least);
    k = add_check(d, "ess_tail_min", c->ess_tail.value, least, c->ess_tail.value >= least);
    SAY(k,
        k->pass ? "Intervals rest on at least %.0f effective draws (%s), %.0f are asked."
                : "Intervals rest on %.0f effective draws only (%s), %.0f are asked; run longer.",
        c->ess_tail.value, c->ess_tail.where, least);
}

static double share_above(const double *x, size_t n, double limit)
{
    size_t n_above = 0;
    for (size_t i = 0; i < n; i++) {
        n_above += x[i] > limit;
    }
    return (double)n_above / (double)n;
}

static mtc_status check_trajectories(mtc_diagnosis *d, const mtc_chains *chains, size_t max_tree_depth, mtc_err *err)
{
    const size_t n_all = chains->n_chain * chains->n_draw;
    double *ebfmi = mtc_calloc(chains->n_chain, sizeof *ebfmi);
    if (!ebfmi) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the diagnostics of %zu chains", chains->n_chain);
    }
    mtc_ebfmi(mtc_chains_stat(chains, MTC_STAT_ENERGY), chains->n_chain, chains->n_draw, ebfmi);
    double least = ebfmi[0];
    for (size_t c = 1; c < chains->n_chain; c++) {
        least = fmin(least, ebfmi[c]);
    }
    mtc_free(ebfmi);
    mtc_check *k = add_check(d, "ebfmi_min", least, MTC_EBFMI_MIN, least >= MTC_EBFMI_MIN);
    SAY(k,
        k->pass
            ? "Momentum renewal explores the energies: E-BFMI is %.2f, at least %.1f is asked."
            : "Momentum renewal explores the energies slowly: E-BFMI is %.2f, at least %.1f is asked; heavy tails or "
              "a funnel in the posterior.",
        least, MTC_EBFMI_MIN);
    const double divergent = share_above(mtc_chains_stat(chains, MTC_STAT_DIVERGING), n_all, 0.5);
    k = add_check(d, "divergent_share", divergent, MTC_DIVERGENT_SHARE_MAX, divergent <= MTC_DIVERGENT_SHARE_MAX);
    SAY(k,
        k->pass
            ? "%.0f of %zu trajectories diverged; up to %.1f%% are taken as harmless."
            : "%.0f of %zu trajectories diverged, more than the %.1f%% allowed: part of the posterior may be left out; "
              "raise target_acceptance.",
        divergent * (double)n_all, n_all, 100.0 * MTC_DIVERGENT_SHARE_MAX);
    const double deep = share_above(mtc_chains_stat(chains, MTC_STAT_TREE_DEPTH), n_all, (double)max_tree_depth - 0.5);
    k = add_check(d, "max_depth_share", deep, MTC_DEPTH_SHARE_MAX, deep <= MTC_DEPTH_SHARE_MAX);
    SAY(k,
        k->pass
            ? "%.1f%% of the trajectories reached the largest tree depth %zu; up to %.0f%% are allowed."
            : "%.1f%% of the trajectories were cut at the largest tree depth %zu, more than the %.0f%% allowed; raise "
              "max_tree_depth.",
        100.0 * deep, max_tree_depth, 100.0 * MTC_DEPTH_SHARE_MAX);
    return MTC_OK;
}

mtc_status mtc_diagnose(const mtc_chains *chains, const mtc_target *target, size_t max_tree_depth, mtc_diagnosis *out,
                        mtc_err *err)
{
    mtc_status st = MTC_OK;
    convergence c = {{0.0, ""}, {0.0, ""}, {0.0, ""}};
    *out = (mtc_diagnosis){.converged = true};
    MTC_TRY(look_at_draws(chains, target, &c, err));
    check_draws(out, &c, chains->n_chain);
    if (max_tree_depth > 0) {
        MTC_TRY(check_trajectories(out, chains, max_tree_depth, err));
    }
out:
    return st;
}

bool mtc_diagnosis_has_room(const mtc_diagnosis *d)
{
    const double room = 0.8;
    bool enough = d->converged;
    for (size_t i = 0; i < d->n_check; i++) {
        const mtc_check *c = &d->check[i];
        if (strcmp(c->name, "rhat_max") == 0) {
            enough = enough && c->value - 1.0 <= room * (c->threshold - 1.0);
        } else if (strncmp(c->name, "ess_", 4) == 0) {
            enough = enough && room * c->value >= c->threshold;
        }
    }
    return enough;
}
