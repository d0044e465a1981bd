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

/* Whether draw i of chain c stands where its predecessor stood. */
static bool repeats(const mtc_chains *chains, size_t c, size_t i)
{
    return i > 0 && memcmp(mtc_chains_draw(chains, c, i), mtc_chains_draw(chains, c, i - 1),
                           chains->n_dim * sizeof(double)) == 0;
}

/* Points of all chains, repetitions once, into x; returns their number. */
static size_t gather(const mtc_chains *chains, double *x)
{
    size_t n = 0;
    for (size_t c = 0; c < chains->n_chain; c++) {
        for (size_t i = 0; i < chains->n_draw; i++) {
            if (!repeats(chains, c, i)) {
                memcpy(x + n * chains->n_dim, mtc_chains_draw(chains, c, i), chains->n_dim * sizeof *x);
                n++;
            }
        }
    }
    return n;
}

/* Log likelihood of every draw from the log densities of the gathered points, in their order. */
static void spread_values(const mtc_chains *chains, const double *log_density, double *log_likelihood)
{
    const double *log_prior = mtc_chains_stat(chains, MTC_STAT_LOG_PRIOR);
    size_t next = 0;
    for (size_t c = 0; c < chains->n_chain; c++) {
        const size_t first = c * chains->n_draw;
        for (size_t i = 0; i < chains->n_draw; i++) {
            log_likelihood[first + i] =
                repeats(chains, c, i) ? log_likelihood[first + i - 1] : log_density[next++] - log_prior[first + i];
        }
    }
}

/* log_likelihood: of the target itself, n_chain x n_draw */
static mtc_status exact_values(mtc_draft *d, const mtc_target *target, const mtc_chains *chains, mtc_exec *exec,
                               double *log_likelihood, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char name[NAME_SIZE];
    const size_t n = chains->n_chain * chains->n_draw;
    double *points = mtc_calloc(n, (chains->n_dim + 1) * sizeof *points);
    if (points == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu draws of a draft", n);
    }
    double *const log_density = points + n * chains->n_dim;
    const size_t n_point = gather(chains, points);
    snprintf(name, sizeof name, "%s/draft", target->name);
    MTC_TRY(mtc_points_eval(target, exec, name, points, n_point, log_density, err));
    d->n_value = (unsigned long)n_point;
    spread_values(chains, log_density, log_likelihood);
out:
    mtc_free(points);
    return st;
}

/* shift, se, spread, k_hat and close from the differences of log likelihoods. */
static mtc_status judge(mtc_draft *d, const mtc_chains *chains, const double *log_likelihood, mtc_err *err)
{
    const size_t n = chains->n_chain * chains->n_draw;
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
        difference[i] = log_likelihood[i] - rough[i];
        d->n_forbidden += isfinite(difference[i]) ? 0 : 1;
        mtc_acc_add(&mean, isfinite(difference[i]) ? difference[i] : 0.0);
    }
    const double n_allowed = (double)(n - d->n_forbidden);
    if (d->n_forbidden == n) {
        goto out; /* nothing to weigh */
    }
    MTC_TRY(mtc_psis(difference, n, 1.0, &info, NULL, err));
    for (size_t i = 0; i < n; i++) {
        const double off = difference[i] - mtc_acc_value(&mean) / n_allowed;
        mtc_acc_add(&square, isfinite(off) ? off * off : 0.0);
        weight[i] = exp(difference[i] - info.log_mean);
    }
    d->shift = info.log_mean;
    d->k_hat = info.k_hat;
    d->spread = sqrt(mtc_acc_value(&square) / n_allowed);
    MTC_TRY(mtc_ess_mean(weight, chains->n_chain, chains->n_draw, &ess, err));
    d->se = info.se * sqrt((double)n / fmin(fmax(ess, 1.0), (double)n));
    d->close =
        d->n_forbidden == 0 && d->spread <= MTC_DRAFT_SPREAD && (d->k_hat < K_HAT_GATE || d->spread < SPREAD_OF_NOTE);
out:
    mtc_free(difference);
    return st;
}

/* The Metropolis pass. exact: log likelihoods of the draws under the target itself */
static mtc_status pass(const mtc_target *target, uint64_t seed, const double *exact, mtc_chains *chains, mtc_err *err)
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
            const double now = exact[i] - log_likelihood[i];
            const bool taken = log(mtc_rng_uniform(rng)) < now - before;
            if (taken || i == c * n_draw) {
                log_likelihood[i] = exact[i];
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

mtc_status mtc_draft_correct(mtc_draft *draft, const mtc_target *target, uint64_t seed, mtc_exec *exec,
                             mtc_chains *chains, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = chains->n_chain * chains->n_draw;
    double *exact = mtc_calloc(n, sizeof *exact);
    *draft = (mtc_draft){0};
    if (exact == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu draws of a draft", n);
    }
    MTC_TRY(exact_values(draft, target, chains, exec, exact, err));
    MTC_TRY(judge(draft, chains, exact, err));
    if (draft->close) {
        MTC_TRY(pass(target, seed, exact, chains, err));
    }
out:
    mtc_free(exact);
    return st;
}
