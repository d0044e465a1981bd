/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_draft.h"

#include "mtc_arena.h"
#include "mtc_diagnostics.h"
#include "mtc_points.h"
#include "mtc_psis.h"
#include "mtc_rng.h"
#include "mtc_sum.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 192
/* Shape of the weights' tail from which on a draft is not close. */
#define K_HAT_GATE 0.5
/* Below this spread the tail's shape is of no consequence: the largest weight of a million is no hundredth off. */
#define SPREAD_OF_NOTE 2e-3

void mtc_draft_fini(mtc_draft *d)
{
    if (d != NULL) {
        mtc_free(d->log_likelihood);
        *d = (mtc_draft)MTC_DRAFT_INIT;
    }
}

/* Whether draw i of chain c stands where its predecessor stood. */
static bool repeats(const mtc_chains *chains, size_t c, size_t i)
{
    return i > 0 && memcmp(mtc_chains_draw(chains, c, i), mtc_chains_draw(chains, c, i - 1),
                           chains->n_dim * sizeof(double)) == 0;
}

/* New points of all chains, repetitions once; returns their number. x: room for all, or NULL to count. */
static size_t new_points(const mtc_draft *d, const mtc_chains *chains, double *x)
{
    size_t n = 0;
    for (size_t c = 0; c < chains->n_chain; c++) {
        for (size_t i = d->n_draw; i < chains->n_draw; i++) {
            if (i > d->n_draw && repeats(chains, c, i)) {
                continue;
            }
            memcpy(x + n * chains->n_dim, mtc_chains_draw(chains, c, i), chains->n_dim * sizeof *x);
            n++;
        }
    }
    return n;
}

/* Log likelihoods of old and new draws into `all`; log_density: of the new points in order. */
static void spread_values(const mtc_draft *d, const mtc_chains *chains, const double *log_density, double *all)
{
    const double *log_prior = mtc_chains_stat(chains, MTC_STAT_LOG_PRIOR);
    size_t next = 0;
    for (size_t c = 0; c < chains->n_chain; c++) {
        double *const out = all + c * chains->n_draw;
        if (d->n_draw > 0) {
            memcpy(out, d->log_likelihood + c * d->n_draw, d->n_draw * sizeof *out);
        }
        for (size_t i = d->n_draw; i < chains->n_draw; i++) {
            out[i] = i > d->n_draw && repeats(chains, c, i) ? out[i - 1]
                                                            : log_density[next++] - log_prior[c * chains->n_draw + i];
        }
    }
}

/* shift, se, spread, k_hat and close from the differences of log likelihoods. */
static mtc_status judge(mtc_draft *d, const mtc_chains *chains, mtc_err *err)
{
    const size_t n = d->n_chain * d->n_draw;
    const double *rough = mtc_chains_stat(chains, MTC_STAT_LOG_LIKELIHOOD);
    mtc_status st = MTC_OK;
    mtc_psis_info info;
    double ess = 0.0;
    double *difference = mtc_calloc(2 * n, sizeof *difference);
    if (difference == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu draws of a draft", n);
    }
    double *const weight = difference + n;
    mtc_acc mean = MTC_ACC_INIT, square = MTC_ACC_INIT;
    for (size_t i = 0; i < n; i++) {
        difference[i] = d->log_likelihood[i] - rough[i];
        mtc_acc_add(&mean, isfinite(difference[i]) ? difference[i] / (double)n : 0.0);
    }
    MTC_TRY(mtc_psis(difference, n, 1.0, &info, NULL, err));
    for (size_t i = 0; i < n; i++) {
        const double off = difference[i] - mtc_acc_value(&mean);
        mtc_acc_add(&square, isfinite(off) ? off * off / (double)n : 1.0);
        weight[i] = exp(difference[i] - info.log_mean);
    }
    d->shift = info.log_mean;
    d->k_hat = info.k_hat;
    d->spread = sqrt(mtc_acc_value(&square));
    MTC_TRY(mtc_ess_mean(weight, d->n_chain, d->n_draw, &ess, err));
    d->se = info.se * sqrt((double)n / fmin(fmax(ess, 1.0), (double)n));
    d->close = d->spread <= MTC_DRAFT_SPREAD && (d->k_hat < K_HAT_GATE || d->spread < SPREAD_OF_NOTE);
out:
    mtc_free(difference);
    return st;
}

mtc_status mtc_draft_update(mtc_draft *d, const mtc_target *target, const mtc_chains *chains, mtc_exec *exec,
                            mtc_err *err)
{
    mtc_status st = MTC_OK;
    char name[NAME_SIZE];
    const size_t n_new = chains->n_chain * (chains->n_draw - d->n_draw);
    double *points = mtc_calloc(n_new + 1, (chains->n_dim + 1) * sizeof *points);
    double *all = mtc_calloc(chains->n_chain * chains->n_draw, sizeof *all);
    if (points == NULL || all == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for %zu draws of a draft", n_new);
        goto out;
    }
    double *const log_density = points + n_new * chains->n_dim;
    const size_t n_point = new_points(d, chains, points);
    snprintf(name, sizeof name, "%s/draft", target->name);
    MTC_TRY(mtc_points_eval(target, exec, name, points, n_point, log_density, err));
    d->n_value += (unsigned long)n_point;
    spread_values(d, chains, log_density, all);
    double *const old = d->log_likelihood;
    d->log_likelihood = all;
    all = old;
    d->n_chain = chains->n_chain;
    d->n_draw = chains->n_draw;
    MTC_TRY(judge(d, chains, err));
out:
    mtc_free(points);
    mtc_free(all);
    return st;
}

mtc_status mtc_draft_apply(const mtc_draft *d, const mtc_target *target, uint64_t seed, mtc_chains *chains,
                           mtc_err *err)
{
    const size_t dim = chains->n_dim, n_draw = chains->n_draw, n_all = chains->n_chain * n_draw;
    double *const log_likelihood = chains->stat + (size_t)MTC_STAT_LOG_LIKELIHOOD * n_all;
    double *const log_prior = chains->stat + (size_t)MTC_STAT_LOG_PRIOR * n_all;
    char name[NAME_SIZE];
    for (size_t c = 0; c < chains->n_chain; c++) {
        gsl_rng *rng = NULL;
        snprintf(name, sizeof name, "%s/draft/chain %zu", target->name, c + 1);
        const mtc_status st = mtc_rng_stream(seed, name, &rng, err);
        if (st != MTC_OK) {
            return st;
        }
        double before = -HUGE_VAL; /* d at the last draw that stands */
        for (size_t i = c * n_draw; i < (c + 1) * n_draw; i++) {
            const double now = d->log_likelihood[i] - log_likelihood[i];
            const bool taken = log(mtc_rng_uniform(rng)) < now - before;
            if (taken || i == c * n_draw) {
                log_likelihood[i] = d->log_likelihood[i];
                before = now;
            } else {
                memcpy(chains->x + i * dim, chains->x + (i - 1) * dim, dim * sizeof *chains->x);
                log_likelihood[i] = log_likelihood[i - 1];
                log_prior[i] = log_prior[i - 1];
            }
        }
        gsl_rng_free(rng);
    }
    return MTC_OK;
}
