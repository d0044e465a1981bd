/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pilot_internal.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_logmath.h"
#include "mtc_psis.h"
#include "mtc_rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Draws per task. */
#define BATCH_DRAWS 60u
/* Degrees of freedom of a fit's start and of the defensive component. */
#define UNIT_DOF 5.0
#define DEFENSIVE_DOF 6.0
/* A plateau: from this round on, at least this efficient, and less than this factor better than two rounds before. */
#define PLATEAU_ROUNDS 5u
#define PLATEAU_EFFICIENCY 0.15
#define PLATEAU_GROWTH 1.3
/* Truncation of the weights in the fit. */
#define TRUNCATION_PASSES 3
#define TRUNCATION_POWER 0.25
/* A proposal at least this efficient is kept until the draws carry this many effective ones per parameter of one
 * component: a refit to fewer would lose what it has. */
#define HOLD_EFFICIENCY 0.1
#define HOLD_DRAWS_PER_PARAMETER 4.0
/* From this round on the fit is to draws of chains instead of weighted ones; to those of the last two walks. */
#define FIRST_WALK_ROUND 3u
#define WALKS_IN_FIT 2u
/* Tempering of the weights in the fit: the effective sample size aimed at, per parameter of one component. */
#define FIT_DRAWS_PER_PARAMETER 1.5

struct mtc_pilot {
    const mtc_target *target;
    char stream[PILOT_NAME_SIZE];
    uint64_t seed;
    mtc_tmix start;
    bool has_modes;                          /* start comes from modes */
    bool is_apart;                           /* some modes lie so far apart that no map can straighten them together */
    mtc_proposal proposal;                   /* as adapted so far; empty before the first round */
    mtc_proposal used[MTC_PILOT_MAX_ROUNDS]; /* of each round */
    mtc_pilot_round round[MTC_PILOT_MAX_ROUNDS];
    size_t n_round;
    size_t n_held;         /* of them, from the first on, with the start as proposal */
    bool searching;        /* few draws carry the weight so far: short rounds */
    unsigned long n_probe; /* evaluations for the widths of modes, and in walks */
    size_t n_walk;
    double *walk_x;      /* WALKS_IN_FIT walks x pilot_walk_draws x n_dim; walk k stands at k modulo WALKS_IN_FIT */
    double *walk_target; /* WALKS_IN_FIT x pilot_walk_draws */
    size_t n, capacity;
    double *x;          /* capacity x n_dim */
    double *log_prior;  /* capacity */
    double *log_target; /* capacity: log prior + log likelihood */
    double *log_mix;    /* capacity: log sum over rounds r of n_r q_r(x) */
    double *log_own;    /* capacity: log importance weight under the draw's own proposal */
};

mtc_status mtc_pilot_create(const mtc_target *target, const char *stream, const mtc_pilot_start *start, uint64_t seed,
                            mtc_pilot **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    *out = NULL;
    if (target->n_dim == 0) {
        return mtc_fail(err, MTC_ESIZE, "%s has no free parameter to adapt a proposal for", target->name);
    }
    mtc_pilot *p = mtc_calloc(1, sizeof *p);
    if (p == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a pilot");
    }
    p->target = target;
    p->seed = seed;
    p->searching = true;
    snprintf(p->stream, sizeof p->stream, "%s", stream);
    if (start != NULL && start->n > 0) {
        p->has_modes = true;
        MTC_TRY(pilot_start_from_modes(start, target->n_dim, &p->start, err));
        MTC_TRY(pilot_modes_are_apart(start, target->n_dim, &p->is_apart, err));
    } else {
        MTC_TRY(pilot_start_from_prior(target, p->stream, seed, &p->start, err));
    }
out:
    if (st != MTC_OK) {
        mtc_pilot_destroy(p);
        p = NULL;
    }
    *out = p;
    return st;
}

void mtc_pilot_destroy(mtc_pilot *p)
{
    if (p == NULL) {
        return;
    }
    mtc_tmix_fini(&p->start);
    mtc_proposal_fini(&p->proposal);
    for (size_t r = 0; r < p->n_round; r++) {
        mtc_proposal_fini(&p->used[r]);
    }
    mtc_free(p->walk_x);
    mtc_free(p->walk_target);
    mtc_free(p->x);
    mtc_free(p->log_prior);
    mtc_free(p->log_target);
    mtc_free(p->log_mix);
    mtc_free(p->log_own);
    mtc_free(p);
}

static mtc_status grow(double **a, size_t n, mtc_err *err)
{
    double *bigger = mtc_realloc(*a, n, sizeof **a);
    if (bigger == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu numbers of the pilot", n);
    }
    *a = bigger;
    return MTC_OK;
}

static mtc_status reserve(mtc_pilot *p, size_t n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (n <= p->capacity) {
        return MTC_OK;
    }
    MTC_TRY(grow(&p->x, n * p->target->n_dim, err));
    MTC_TRY(grow(&p->log_prior, n, err));
    MTC_TRY(grow(&p->log_target, n, err));
    MTC_TRY(grow(&p->log_mix, n, err));
    MTC_TRY(grow(&p->log_own, n, err));
    p->capacity = n;
out:
    return st;
}

/* Scale matrices times `factor`; the mixture must be finished again. */
static mtc_status inflate(mtc_tmix *mix, double factor, mtc_err *err)
{
    const size_t n = mix->n_comp * mix->n_dim * mix->n_dim;
    for (size_t i = 0; i < n; i++) {
        mix->chol[i] *= sqrt(factor);
    }
    return mtc_tmix_finish(mix, err);
}

/* Wide part of a proposal: overall moments of the mixture that `mix` is, inflated. */
static mtc_status make_wide(const double *mean, double *cov, size_t d, double factor, mtc_tmix *wide, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < d * d; i++) {
        cov[i] *= factor;
    }
    MTC_TRY(mtc_tmix_init(wide, d, 1, err));
    MTC_TRY(mtc_tmix_set(wide, 0, 1.0, DEFENSIVE_DOF, mean, cov, err));
    MTC_TRY(mtc_tmix_finish(wide, err));
out:
    return st;
}

/* A part (taken over) and its defensive parts become the proposal; with is_more the parts of the present one stay, as
 * many as there is room for. moments: mean and covariance for the wide part, the covariance is overwritten. */
static mtc_status set_proposal(mtc_pilot *p, mtc_proposal_part *part, double *moments, bool is_more,
                               const mtc_pilot_settings *set, mtc_err *err)
{
    const size_t d = p->target->n_dim;
    mtc_status st = MTC_OK;
    mtc_proposal next = {.n_dim = d, .n_part = 1, .prior_weight = set->prior_weight};
    next.part[0] = *part;
    memset(part, 0, sizeof *part);
    if (set->defensive_weight > 0.0) {
        next.wide_weight = set->defensive_weight;
        MTC_TRY(make_wide(moments, moments + d, d, set->defensive_inflate, &next.wide, err));
    }
    for (size_t k = 0; is_more && k < p->proposal.n_part && next.n_part < MTC_PROPOSAL_PARTS; k++) {
        next.part[next.n_part++] = p->proposal.part[k];
        memset(&p->proposal.part[k], 0, sizeof p->proposal.part[k]);
    }
    mtc_proposal_fini(&p->proposal);
    p->proposal = next;
    memset(&next, 0, sizeof next);
out:
    mtc_proposal_fini(&next);
    return st;
}

/* Weighted mean and covariance of a sample. */
static void sample_moments(const mtc_wsample *s, double *mean, double *cov)
{
    const size_t d = s->n_dim;
    const double log_total = mtc_log_sum(s->log_weight, s->n);
    for (size_t i = 0; i < s->n; i++) {
        const double w = exp(s->log_weight[i] - log_total);
        for (size_t a = 0; a < d; a++) {
            mean[a] += w * s->x[i * d + a];
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        const double w = exp(s->log_weight[i] - log_total);
        const double *x = s->x + i * d;
        for (size_t a = 0; a < d; a++) {
            for (size_t b = 0; b < d; b++) {
                cov[a * d + b] += w * (x[a] - mean[a]) * (x[b] - mean[b]);
            }
        }
    }
}

/* Effective size of weights exp(power * log_w). */
static double ess_at(const double *log_w, size_t n, double power)
{
    double top = -HUGE_VAL, sum = 0.0, sum2 = 0.0;
    for (size_t i = 0; i < n; i++) {
        top = fmax(top, log_w[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const double w = log_w[i] > -HUGE_VAL ? exp(power * (log_w[i] - top)) : 0.0;
        sum += w;
        sum2 += w * w;
    }
    return sum2 > 0.0 ? sum * sum / sum2 : 0.0;
}

/* Efficiency (sum w)^2 / (n sum w^2). */
static double efficiency_of(const double *log_w, size_t n)
{
    return ess_at(log_w, n, 1.0) / (double)n;
}

/* Take the rows of a round into the pool and bring the deterministic-mixture densities up to date. */
static mtc_status take_round(mtc_pilot *p, const double *rows, size_t n_new, mtc_err *err)
{
    const size_t d = p->target->n_dim, first = p->n, r = p->n_round;
    mtc_status st = MTC_OK;
    size_t most = 0;
    for (size_t j = 0; j <= r; j++) {
        const size_t needs = mtc_proposal_scratch(&p->used[j]);
        most = needs > most ? needs : most;
    }
    double *scratch = mtc_calloc(most, sizeof *scratch);
    if (scratch == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a round of the pilot");
    }
    MTC_TRY(reserve(p, first + n_new, err));
    for (size_t i = 0; i < first + n_new; i++) {
        const bool is_new = i >= first;
        if (is_new) {
            const double *row = rows + (i - first) * MTC_DRAW_STRIDE(d);
            memcpy(p->x + i * d, row, d * sizeof *row);
            p->log_prior[i] = row[d];
            p->log_target[i] = row[d + 1] > -HUGE_VAL ? row[d] + row[d + 1] : -HUGE_VAL;
            p->log_mix[i] = -HUGE_VAL;
        }
        for (size_t j = is_new ? 0 : r; j <= r; j++) {
            const double log_q = mtc_proposal_logpdf(&p->used[j], p->x + i * d, p->log_prior[i], scratch);
            p->log_mix[i] = mtc_log_add(p->log_mix[i], log((double)p->round[j].n_draw) + log_q);
            if (j == r && is_new) {
                p->log_own[i] = p->log_target[i] - log_q;
            }
        }
    }
    p->round[r].efficiency = efficiency_of(p->log_own + first, n_new);
    p->n = first + n_new;
    p->n_round++;
out:
    mtc_free(scratch);
    return st;
}

/* Largest power in (0, 1] at which enough draws carry weight; bisection. */
static double tempering(const double *log_w, size_t n, double wanted)
{
    if (ess_at(log_w, n, 1.0) >= wanted) {
        return 1.0;
    }
    double low = 0.0, high = 1.0;
    for (int it = 0; it < 30; it++) {
        const double mid = 0.5 * (low + high);
        if (ess_at(log_w, n, mid) >= wanted) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return low > 0.0 ? low : high;
}

/*
 * Cut log weights at the mean weight times n^(1/4). A few draws from where no proposal has reached yet would else make
 * the fit their own. The exponent is below that of truncated importance sampling (1/2; Ionides 2008, J. Comput. Graph.
 * Stat. 17:295), because here the weights serve a fit, whose bias costs efficiency alone. Repeated, as each cut lowers
 * the mean.
 */
static void truncate_weights(double *log_w, size_t n)
{
    for (int pass = 0; pass < TRUNCATION_PASSES; pass++) {
        const double cap = mtc_log_mean(log_w, n) + TRUNCATION_POWER * log((double)n);
        for (size_t i = 0; i < n; i++) {
            log_w[i] = fmin(log_w[i], cap);
        }
    }
}

/* Log weights of all draws for the fit: truncated, and tempered while few draws carry them; returns the power. */
static double fit_weights(const mtc_pilot *p, double *log_w)
{
    const double d = (double)p->target->n_dim;
    for (size_t i = 0; i < p->n; i++) {
        log_w[i] = p->log_target[i] - p->log_mix[i];
    }
    truncate_weights(log_w, p->n);
    const double wanted = fmin(FIT_DRAWS_PER_PARAMETER * d * (3.0 + d) / 2.0, 0.5 * (double)p->n);
    const double power = tempering(log_w, p->n, wanted);
    for (size_t i = 0; i < p->n; i++) {
        log_w[i] = log_w[i] > -HUGE_VAL ? power * log_w[i] : -HUGE_VAL;
    }
    return power;
}

/* One standard component: start of the fit in straightened, whitened coordinates. */
static mtc_status unit_start(size_t d, mtc_tmix *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double *mean = mtc_calloc(d + d * d, sizeof *mean);
    if (mean == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the start of a fit");
    }
    for (size_t a = 0; a < d; a++) {
        mean[d + a * d + a] = 1.0;
    }
    MTC_TRY(mtc_tmix_init(out, d, 1, err));
    MTC_TRY(mtc_tmix_set(out, 0, 1.0, UNIT_DOF, mean, mean + d, err));
    MTC_TRY(mtc_tmix_finish(out, err));
out:
    mtc_free(mean);
    return st;
}

/* Fit map and mixture to a sample with one centre. work: n x (n_dim + 1). */
static mtc_status fit_bent(const mtc_wsample *sample, double *work, const mtc_pilot_settings *set,
                           const mtc_tmix_fit_settings *fit, mtc_tmix *mix, mtc_bend *bend, mtc_err *err)
{
    const size_t d = sample->n_dim;
    mtc_status st = MTC_OK;
    mtc_tmix start = {0};
    double *const x = work, *const log_target = work + sample->n * d;
    double *scratch = mtc_calloc(d, sizeof *scratch);
    if (scratch == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory to straighten draws");
    }
    MTC_TRY(mtc_bend_fit(sample, set->bend_threshold, bend, err));
    MTC_TRY(unit_start(d, &start, err));
    for (size_t i = 0; i < sample->n; i++) {
        const double log_jacobian = mtc_bend_straighten(bend, sample->x + i * d, x + i * d, scratch);
        log_target[i] = sample->log_target[i] - log_jacobian;
    }
    const mtc_wsample straight = {sample->n, d, x, sample->log_weight, log_target};
    MTC_TRY(mtc_tmix_fit_select(&start, &straight, fit, mix, NULL, err));
out:
    mtc_tmix_fini(&start);
    mtc_free(scratch);
    return st;
}

/* Fit a part to a sample: with is_more it joins those of the proposal, else it is all of it. work: n x (n_dim + 1). */
static mtc_status fit_proposal(mtc_pilot *p, const mtc_wsample *sample, double *work, bool is_more,
                               const mtc_pilot_settings *set, mtc_err *err)
{
    const size_t d = p->target->n_dim;
    mtc_status st = MTC_OK;
    mtc_proposal_part part = {0};
    mtc_tmix_fit_settings fit = MTC_TMIX_FIT_INIT;
    double *moments = mtc_calloc(d + d * d, sizeof *moments);
    if (moments == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the moments of a proposal");
    }
    fit.max_comp = set->max_comp > 0 ? set->max_comp : (d < 6 ? 6 : (d < 9 ? 3 : 2));
    if (p->searching) { /* the shape is not known yet: neither map nor splitting */
        MTC_TRY(mtc_tmix_fit(&p->start, sample, &fit, &part.mix, NULL, err));
    } else if (p->is_apart || set->bend_threshold <= 0.0) {
        MTC_TRY(mtc_tmix_fit_select(&p->start, sample, &fit, &part.mix, NULL, err));
    } else {
        MTC_TRY(fit_bent(sample, work, set, &fit, &part.mix, &part.bend, err));
    }
    MTC_TRY(inflate(&part.mix, set->inflate, err));
    if (part.bend.n_dim > 0) {
        sample_moments(sample, moments, moments + d);
    } else {
        mtc_tmix_moments(&part.mix, moments, moments + d);
    }
    MTC_TRY(set_proposal(p, &part, moments, is_more, set, err));
out:
    mtc_free(moments);
    mtc_proposal_part_fini(&part);
    return st;
}

/* Fit the proposal to all weighted draws so far. */
static mtc_status adapt(mtc_pilot *p, const mtc_pilot_settings *set, mtc_err *err)
{
    const size_t d = p->target->n_dim;
    double *log_w = mtc_calloc(p->n * (d + 2), sizeof *log_w);
    if (log_w == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the weights of the pilot");
    }
    p->searching = fit_weights(p, log_w) < 1.0;
    const mtc_wsample sample = {p->n, d, p->x, log_w, p->log_target};
    const mtc_status st = fit_proposal(p, &sample, log_w + p->n, false, set, err);
    mtc_free(log_w);
    return st;
}

/* Walk through the posterior with the present proposal and fit the next one to the draws. */
static mtc_status walk(mtc_pilot *p, const mtc_pilot_settings *set, mtc_exec *exec, mtc_err *err)
{
    const size_t d = p->target->n_dim, n_one = pilot_walk_draws(d), n_all = WALKS_IN_FIT * n_one;
    mtc_status st = MTC_OK;
    double *log_w = mtc_calloc(n_all * (d + 2), sizeof *log_w);
    p->walk_x = p->walk_x != NULL ? p->walk_x : mtc_calloc(n_all * d, sizeof *p->walk_x);
    p->walk_target = p->walk_target != NULL ? p->walk_target : mtc_calloc(n_all, sizeof *p->walk_target);
    if (log_w == NULL || p->walk_x == NULL || p->walk_target == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for a walk of the pilot");
        goto out;
    }
    const pilot_walk_plan plan = {
        .target = p->target, .proposal = &p->proposal, .stream = p->stream, .seed = p->seed, .number = p->n_walk};
    const size_t at = p->n_walk % WALKS_IN_FIT * n_one;
    MTC_TRY(pilot_walk(p, &plan, exec, p->walk_x + at * d, p->walk_target + at, &p->n_probe, err));
    p->n_walk++;
    p->searching = false;
    const size_t n = p->n_walk < WALKS_IN_FIT ? n_one : n_all;
    const mtc_wsample sample = {n, d, p->walk_x, log_w, p->walk_target};
    MTC_TRY(fit_proposal(p, &sample, log_w + n, p->n_walk > 1, set, err));
out:
    mtc_free(log_w);
    return st;
}

static mtc_status run_round(mtc_pilot *p, const mtc_pilot_settings *set, mtc_exec *exec, mtc_err *err)
{
    const size_t d = p->target->n_dim, r = p->n_round;
    const size_t full = set->round_draws > 0 ? set->round_draws : (d < 8 ? 400 : 50 * d);
    const size_t wanted = p->searching ? full / 2 : full;
    const size_t n_batch = (wanted + BATCH_DRAWS - 1) / BATCH_DRAWS, n = n_batch * BATCH_DRAWS;
    mtc_status st = MTC_OK;
    char stream[2 * PILOT_NAME_SIZE];
    double *rows = mtc_calloc(n, MTC_DRAW_STRIDE(d) * sizeof *rows);
    if (rows == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a round of the pilot");
    }
    snprintf(stream, sizeof stream, "%s/round %zu", p->stream, r);
    MTC_TRY(mtc_proposal_copy(&p->proposal, &p->used[r], err));
    p->round[r] = (mtc_pilot_round){.n_draw = n, .n_comp = p->proposal.part[0].mix.n_comp};
    const mtc_draw_plan plan = {.target = p->target,
                                .proposal = &p->used[r],
                                .seed = p->seed,
                                .stream = stream,
                                .n_batch = n_batch,
                                .batch_size = BATCH_DRAWS};
    MTC_TRY(mtc_proposal_sample(&plan, exec, rows, err));
    MTC_TRY(take_round(p, rows, n, err));
out:
    if (st != MTC_OK) {
        mtc_proposal_fini(&p->used[r]);
    }
    mtc_free(rows);
    return st;
}

/* Whether the efficiency has stopped growing: the last round is hardly better than the one two before it. */
static bool stands_still(const mtc_pilot *p)
{
    const size_t n = p->n_round;
    return n >= PLATEAU_ROUNDS && !p->searching && p->round[n - 1].efficiency >= PLATEAU_EFFICIENCY &&
           p->round[n - 1].efficiency < PLATEAU_GROWTH * p->round[n - 3].efficiency;
}

/* Whether the last two rounds were drawn evenly enough to stop. */
static bool good_enough(const mtc_pilot *p, const mtc_pilot_settings *set)
{
    mtc_psis_info info;
    const mtc_pilot_round *last = &p->round[p->n_round - 1];
    if (p->n_round < 2 || (last->efficiency < set->good_efficiency && !stands_still(p))) {
        return false;
    }
    const size_t n = last->n_draw + last[-1].n_draw;
    return mtc_psis(p->log_own + (p->n - n), n, 1.0, &info, NULL, NULL) == MTC_OK && info.k_hat < set->good_k_hat;
}

/* Whether the present proposal is better than what could be fitted to the few draws so far. */
static mtc_status is_held(const mtc_pilot *p, bool *held, mtc_err *err)
{
    const double d = (double)p->target->n_dim;
    *held = false;
    if (p->n_held + 1 < p->n_round || p->round[p->n_round - 1].efficiency < HOLD_EFFICIENCY) {
        return MTC_OK;
    }
    double *log_w = mtc_calloc(p->n, sizeof *log_w);
    if (log_w == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the weights of the pilot");
    }
    for (size_t i = 0; i < p->n; i++) {
        log_w[i] = p->log_target[i] - p->log_mix[i];
    }
    truncate_weights(log_w, p->n);
    *held = ess_at(log_w, p->n, 1.0) < HOLD_DRAWS_PER_PARAMETER * d * (3.0 + d) / 2.0;
    mtc_free(log_w);
    return MTC_OK;
}

/* The start becomes the first proposal. */
static mtc_status first_proposal(mtc_pilot *p, const mtc_pilot_settings *set, mtc_exec *exec, mtc_err *err)
{
    const size_t d = p->target->n_dim;
    mtc_status st = MTC_OK;
    mtc_proposal_part part = {0};
    double *moments = mtc_calloc(d + d * d, sizeof *moments);
    if (moments == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the moments of a proposal");
    }
    if (p->has_modes) {
        MTC_TRY(pilot_measure_widths(p->target, p->stream, exec, &p->start, &p->n_probe, err));
    }
    MTC_TRY(mtc_tmix_copy(&p->start, &part.mix, err));
    mtc_tmix_moments(&part.mix, moments, moments + d);
    MTC_TRY(set_proposal(p, &part, moments, false, set, err));
out:
    mtc_free(moments);
    mtc_proposal_part_fini(&part);
    return st;
}

mtc_status mtc_pilot_run(mtc_pilot *p, const mtc_pilot_settings *set, mtc_exec *exec, mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (set->defensive_weight + set->prior_weight < 0.05) {
        return mtc_fail(err, MTC_EDOMAIN, "the defensive share of a proposal must be at least 0.05, got %g",
                        set->defensive_weight + set->prior_weight);
    }
    if (p->proposal.n_part == 0) {
        MTC_TRY(first_proposal(p, set, exec, err));
    }
    for (size_t r = 0; r < set->max_rounds && p->n_round < MTC_PILOT_MAX_ROUNDS; r++) {
        bool held = false;
        MTC_TRY(run_round(p, set, exec, err));
        if (r + 1 >= set->min_rounds && good_enough(p, set)) {
            break;
        }
        MTC_TRY(is_held(p, &held, err));
        if (p->n_round >= FIRST_WALK_ROUND) {
            MTC_TRY(walk(p, set, exec, err));
        } else if (held) {
            p->n_held = p->n_round;
            p->searching = false;
        } else {
            MTC_TRY(adapt(p, set, err));
        }
    }
out:
    return st;
}

const mtc_proposal *mtc_pilot_proposal(const mtc_pilot *p)
{
    return &p->proposal;
}

const mtc_pilot_round *mtc_pilot_rounds(const mtc_pilot *p, size_t *n)
{
    *n = p->n_round;
    return p->round;
}

mtc_status mtc_pilot_resample(const mtc_pilot *p, size_t n, gsl_rng *rng, double *x, mtc_err *err)
{
    const size_t d = p->target->n_dim;
    double top = -HUGE_VAL, total = 0.0;
    for (size_t i = 0; i < p->n; i++) {
        top = fmax(top, p->log_target[i] - p->log_mix[i]);
    }
    if (!(top > -HUGE_VAL)) {
        return mtc_fail(err, MTC_ENUMERIC, "no draw of the pilot of %s lies inside the support", p->target->name);
    }
    for (size_t i = 0; i < p->n; i++) {
        total += exp(p->log_target[i] - p->log_mix[i] - top);
    }
    for (size_t k = 0; k < n; k++) {
        const double u = mtc_rng_uniform(rng) * total;
        double sum = 0.0;
        size_t chosen = 0;
        for (size_t i = 0; i < p->n; i++) {
            const double w = exp(p->log_target[i] - p->log_mix[i] - top);
            if (w > 0.0) {
                chosen = i; /* the last one with weight, should rounding keep the sum below u */
            }
            sum += w;
            if (sum >= u) {
                break;
            }
        }
        memcpy(x + k * d, p->x + chosen * d, d * sizeof *x);
    }
    return MTC_OK;
}

unsigned long mtc_pilot_calls(const mtc_pilot *p)
{
    return (unsigned long)p->n + p->n_probe;
}
