/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alarm_internal.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_logmath.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An evidence larger by this many standard errors, and by the floor, raises the alarm. */
#define LARGER_SE 3.0
#define LARGER_FLOOR 0.1
/* So does this share of particles where no draw is near, over all runs by their evidences and in so many runs each. */
#define UNVISITED_SHARE 0.02
#define UNVISITED_RUNS 3u
/* Near: nearer than all but this share of the chains' own draws are to the draws of the other chains, and some more. */
#define OWN_SHARE 0.005
#define SLACK 1.3
/* Draws that are looked at, of each chain. */
#define MOST_DRAWS 1000u

/* Draws of the chains in coordinates in which their covariance is the identity. */
typedef struct {
    size_t d, n_chain, n_draw; /* draws per chain */
    double *mean, *chol;       /* d, d x d */
    double *y;                 /* n_chain x n_draw x d */
    double *own;               /* n_chain x n_draw: squared distance to the nearest draw of another chain */
    double *at;                /* d */
} cloud;

static void whiten(const cloud *c, const double *x, double *y)
{
    for (size_t i = 0; i < c->d; i++) {
        y[i] = x[i] - c->mean[i];
    }
    mtc_lower_solve(c->chol, c->d, y);
}

static double distance2(const double *a, const double *b, size_t d, double most)
{
    double sum = 0.0;
    for (size_t i = 0; i < d && sum < most; i++) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
}

/* Squared distance to the nearest draw; skip: a chain that does not count, n_chain for none. */
static double nearest(const cloud *c, const double *y, size_t skip)
{
    double least = HUGE_VAL;
    for (size_t k = 0; k < c->n_chain; k++) {
        for (size_t i = 0; k != skip && i < c->n_draw; i++) {
            least = fmin(least, distance2(y, c->y + (k * c->n_draw + i) * c->d, c->d, least));
        }
    }
    return least;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static mtc_status cloud_init(cloud *c, const mtc_chains *chains, mtc_err *err)
{
    const size_t d = chains->n_dim, stride = (chains->n_draw + MOST_DRAWS - 1) / MOST_DRAWS;
    *c = (cloud){.d = d, .n_chain = chains->n_chain, .n_draw = chains->n_draw / stride};
    const size_t n = c->n_chain * c->n_draw;
    c->mean = mtc_calloc(2 * d + d * d + n * (d + 1), sizeof *c->mean);
    if (c->mean == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the alarm");
    }
    c->at = c->mean + d;
    c->chol = c->at + d;
    c->y = c->chol + d * d;
    c->own = c->y + n * d;
    for (size_t i = 0; i < n; i++) {
        const double *x = mtc_chains_draw(chains, i / c->n_draw, i % c->n_draw * stride);
        for (size_t a = 0; a < d; a++) {
            c->mean[a] += x[a] / (double)n;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const double *x = mtc_chains_draw(chains, i / c->n_draw, i % c->n_draw * stride);
        for (size_t a = 0; a < d; a++) {
            for (size_t b = 0; b <= a; b++) {
                c->chol[a * d + b] += (x[a] - c->mean[a]) * (x[b] - c->mean[b]) / (double)n;
            }
        }
    }
    const mtc_status st = mtc_cholesky(c->chol, d, err);
    for (size_t i = 0; st == MTC_OK && i < n; i++) {
        whiten(c, mtc_chains_draw(chains, i / c->n_draw, i % c->n_draw * stride), c->y + i * d);
    }
    return st;
}

/* Squared distance within which a place counts as visited. */
static double reach2(cloud *c)
{
    const size_t n = c->n_chain * c->n_draw;
    for (size_t i = 0; i < n; i++) {
        c->own[i] = nearest(c, c->y + i * c->d, i / c->n_draw);
    }
    qsort(c->own, n, sizeof *c->own, ascending);
    return SLACK * SLACK * c->own[(size_t)((1.0 - OWN_SHARE) * (double)(n - 1))];
}

typedef struct {
    double share;       /* of the particles, runs weighed by their evidences, without a draw near */
    size_t n_run;       /* runs in which they are many */
    const double *best; /* the one with the highest density */
} unvisited;

static unvisited find_unvisited(const cloud *c, const mtc_smc_result *p, double limit2)
{
    const size_t d = c->d, stride = d + 2;
    const double total = mtc_log_sum(p->log_evidence, p->n_run);
    unvisited u = {0.0, 0, NULL};
    for (size_t r = 0; r < p->n_run; r++) {
        size_t n = 0;
        for (size_t i = 0; isfinite(p->log_evidence[r]) && i < p->n_particle; i++) {
            const double *row = p->row + (r * p->n_particle + i) * stride;
            whiten(c, row, c->at);
            if (nearest(c, c->at, c->n_chain) > limit2) {
                n++;
                u.best = u.best == NULL || row[d] + row[d + 1] > u.best[d] + u.best[d + 1] ? row : u.best;
            }
        }
        const double share = (double)n / (double)p->n_particle;
        u.share += exp(p->log_evidence[r] - total) * share;
        u.n_run += share > UNVISITED_SHARE ? 1 : 0;
    }
    return u;
}

/* The coordinate in which a particle is farthest from the draws. */
static size_t farthest(const cloud *c, const double *x)
{
    size_t worst = 0;
    double most = -1.0;
    for (size_t a = 0; a < c->d; a++) {
        double variance = 0.0;
        for (size_t b = 0; b <= a; b++) {
            variance += c->chol[a * c->d + b] * c->chol[a * c->d + b];
        }
        const double off = fabs(x[a] - c->mean[a]) / sqrt(variance);
        worst = off > most ? a : worst;
        most = fmax(most, off);
    }
    return worst;
}

mtc_status evidence_alarm(const mtc_target *target, const mtc_chains *chains, double value, double se,
                          const mtc_estimate *smc, const mtc_smc_result *particles, char *text, size_t size,
                          mtc_err *err)
{
    mtc_status st = MTC_OK;
    cloud c = {0};
    if (particles == NULL || !smc->has_value) {
        snprintf(text, size, "undecided: %s", smc->note);
        return MTC_OK;
    }
    MTC_TRY(cloud_init(&c, chains, err));
    const unvisited u = find_unvisited(&c, particles, reach2(&c));
    const double larger = smc->log_evidence - value;
    if (u.share > UNVISITED_SHARE && u.n_run >= UNVISITED_RUNS) {
        const size_t a = farthest(&c, u.best);
        target->constrain(target->self, u.best, c.at);
        snprintf(text, size,
                 "raised: %.1f%% of its particles lie where no draw of the chains is near (one at %s = %.4g)",
                 100.0 * u.share, target->param_name[a], c.at[a]);
    } else if (larger > fmax(LARGER_SE * hypot(smc->se, se), LARGER_FLOOR) && !smc->weak) {
        snprintf(text, size, "raised: its log evidence is larger by %.2f, more than %.0f standard errors", larger,
                 LARGER_SE);
    } else if (smc->weak) {
        snprintf(text, size, "undecided: %s", smc->note);
    } else {
        snprintf(text, size, "silent");
    }
out:
    mtc_free(c.mean);
    return st;
}
