/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_internal.h"
#include "mtc_arena.h"
#include "mtc_estimator.h"
#include "mtc_logmath.h"
#include "mtc_points.h"
#include "mtc_rng.h"
#include "warp_internal.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 192
/* Proposal draws per random stream. */
#define BATCH_DRAWS 100u
/* Two halves that differ by more than this many standard errors widen the error by their difference. */
#define HALVES_LIMIT 2.0

static const mtc_key warp3_keys[] = {
    {"bridge_draws", MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 100, 1e9, "4000", false, NULL,
     "most proposal draws of each half of the bridge at the first attempt; doubled at each escalation"},
    {NULL, MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

static mtc_status warp3_init(void *self, const mtc_spec *spec, mtc_errlist *errors)
{
    mtc_warp3 *s = self;
    mtc_err err = MTC_ERR_INIT;
    s->min_draws = 500;
    const mtc_status st = mtc_spec_get_count(spec, warp3_keys, "bridge_draws", &s->max_draws, &err);
    return st == MTC_OK ? MTC_OK : (errors != NULL ? mtc_errlist_push(errors, &err) : st);
}

/* One half: proposal fitted on the other chains, terms at its own. */
typedef struct {
    bool fitted;
    warp_map map;
    size_t first_chain, n_chain, n_draw; /* draws whose terms are known: n_draw of each chain */
    double *posterior;                   /* n_chain x n_draw log ratios */
    size_t n_proposal;
    double *proposal; /* log ratios */
} half;

typedef struct {
    mtc_warp3 set;
    half side[2];
    unsigned long n_value;
} warp3_state;

static void warp3_destroy(void *state)
{
    warp3_state *s = state;
    for (size_t h = 0; s != NULL && h < 2; h++) {
        warp_map_fini(&s->side[h].map);
        mtc_free(s->side[h].posterior);
        mtc_free(s->side[h].proposal);
    }
    mtc_free(s);
}

static mtc_status warp3_create(const void *self, const mtc_estimator_input *in, void **state, mtc_err *err)
{
    warp3_state *s = mtc_calloc(1, sizeof *s);
    *state = s;
    if (s == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for bridge sampling");
    }
    s->set = *(const mtc_warp3 *)self;
    const size_t n_chain = in->chains->n_chain;
    s->side[0].first_chain = n_chain / 2; /* used: the upper chains, fitted: the lower ones */
    s->side[0].n_chain = n_chain - n_chain / 2;
    s->side[1].n_chain = n_chain / 2;
    return MTC_OK;
}

/* Map fitted to the chains that the half does not use. Fitted once: later draws leave the proposal as it is, so that
 * earlier evaluations stay of use. */
static mtc_status fit_half(half *h, const mtc_chains *chains, mtc_err *err)
{
    const size_t first = h->first_chain == 0 ? h->n_chain : 0, n_chain = chains->n_chain - h->n_chain;
    const mtc_status st =
        warp_map_fit(&h->map, mtc_chains_draw(chains, first, 0), n_chain * chains->n_draw, chains->n_dim, err);
    h->fitted = st == MTC_OK;
    return st;
}

/* Log ratio of the warped density to the standard normal at a whitened point z: log densities at the two points that it
 * stands for, and the logs of the map's Jacobians there. */
static double log_ratio(const double *z, size_t d, const double *log_p, const double *log_jacobian)
{
    double square = 0.0;
    for (size_t a = 0; a < d; a++) {
        square += z[a] * z[a];
    }
    const double log_normal = -0.5 * (square + (double)d * log(2.0 * M_PI));
    return mtc_log_add(log_p[0] - log_jacobian[0], log_p[1] - log_jacobian[1]) - M_LN2 - log_normal;
}

/* The point at -z, and the log Jacobian there. work: 2 n_dim. */
static double mirror_point(const warp_map *map, const double *z, double *x, double *work)
{
    const size_t d = map->bend.n_dim;
    for (size_t a = 0; a < d; a++) {
        work[a] = -z[a];
    }
    warp_map_colour(map, work, x, work + d);
    return warp_map_whiten(map, x, work, work + d);
}

static bool same_point(const double *x, const double *y, size_t d)
{
    return memcmp(x, y, d * sizeof *x) == 0;
}

/* Mirror images of the draws from..n_draw-1 of the half's chains; a draw that repeats its predecessor has none of its
 * own. Returns their number. mirror: room for all; work: 3 n_dim. */
static size_t mirror_points(const half *h, const mtc_chains *chains, size_t from, double *mirror, double *work)
{
    const size_t d = chains->n_dim;
    size_t n = 0;
    for (size_t c = h->first_chain; c < h->first_chain + h->n_chain; c++) {
        for (size_t i = from; i < chains->n_draw; i++) {
            const double *x = mtc_chains_draw(chains, c, i);
            if (i > from && same_point(x, mtc_chains_draw(chains, c, i - 1), d)) {
                continue;
            }
            (void)warp_map_whiten(&h->map, x, work, work + d);
            (void)mirror_point(&h->map, work, mirror + n * d, work + d);
            n++;
        }
    }
    return n;
}

/* Terms of the half at the draws from..n_draw-1, with mirror images and their log densities in order. work: 2 n_dim. */
static void posterior_terms(half *h, const mtc_chains *chains, size_t from, const double *mirror,
                            const double *log_mirror, double *work)
{
    const size_t d = chains->n_dim, n_draw = chains->n_draw;
    const double *log_prior = mtc_chains_stat(chains, MTC_STAT_LOG_PRIOR);
    const double *log_likelihood = mtc_chains_stat(chains, MTC_STAT_LOG_LIKELIHOOD);
    size_t next = 0;
    for (size_t c = 0; c < h->n_chain; c++) {
        for (size_t i = from; i < n_draw; i++) {
            const size_t at = (h->first_chain + c) * n_draw + i;
            const double *x = mtc_chains_draw(chains, h->first_chain + c, i);
            double *const out = h->posterior + c * n_draw + i;
            if (i > from && same_point(x, mtc_chains_draw(chains, h->first_chain + c, i - 1), d)) {
                *out = out[-1];
                continue;
            }
            const double log_p[2] = {log_prior[at] + log_likelihood[at], log_mirror[next]};
            double log_jacobian[2];
            log_jacobian[1] = warp_map_whiten(&h->map, mirror + next * d, work, work + d);
            log_jacobian[0] = warp_map_whiten(&h->map, x, work, work + d);
            *out = log_ratio(work, d, log_p, log_jacobian);
            next++;
        }
    }
}

/* Bring the posterior side of a half up to the chains' present length. */
static mtc_status extend_posterior(warp3_state *s, size_t which, const mtc_estimator_input *in, mtc_err *err)
{
    half *const h = &s->side[which];
    const mtc_chains *chains = in->chains;
    const size_t d = chains->n_dim, from = h->n_draw, n_new = chains->n_draw - from;
    mtc_status st = MTC_OK;
    char name[NAME_SIZE];
    if (n_new == 0) {
        return MTC_OK;
    }
    double *mirror = mtc_calloc(h->n_chain * n_new + 3, (d + 1) * sizeof *mirror);
    double *wider = mtc_calloc(h->n_chain * chains->n_draw, sizeof *wider);
    if (mirror == NULL || wider == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for %zu draws of the bridge", h->n_chain * chains->n_draw);
        goto out;
    }
    double *const log_mirror = mirror + h->n_chain * n_new * d, *const work = log_mirror + h->n_chain * n_new;
    for (size_t c = 0; c < h->n_chain && from > 0; c++) {
        memcpy(wider + c * chains->n_draw, h->posterior + c * from, from * sizeof *wider);
    }
    snprintf(name, sizeof name, "%s/%s/warp3/mirror %zu", in->target->name, in->stream, which + 1);
    const size_t n_point = mirror_points(h, chains, from, mirror, work);
    MTC_TRY(mtc_points_eval(in->target, in->exec, name, mirror, n_point, log_mirror, err));
    s->n_value += (unsigned long)n_point;
    double *const old = h->posterior;
    h->posterior = wider;
    wider = old;
    posterior_terms(h, chains, from, mirror, log_mirror, work);
    h->n_draw = chains->n_draw;
out:
    mtc_free(wider);
    mtc_free(mirror);
    return st;
}

/* Standard normal draws from..from+n-1 of a half, z, the two points that each stands for, and the logs of the Jacobians
 * there. work: 2 n_dim. */
static mtc_status proposal_points(const half *h, size_t which, const mtc_estimator_input *in, size_t from, size_t n,
                                  double *z, double *x, double *log_jacobian, double *work, mtc_err *err)
{
    const size_t d = in->target->n_dim;
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;
    char name[2 * NAME_SIZE];
    for (size_t i = 0; i < n; i++) {
        if ((from + i) % BATCH_DRAWS == 0) {
            gsl_rng_free(rng);
            rng = NULL;
            snprintf(name, sizeof name, "%s/%s/warp3/half %zu/batch %zu", in->target->name, in->stream, which + 1,
                     (from + i) / BATCH_DRAWS);
            MTC_TRY(mtc_rng_stream(in->seed, name, &rng, err));
        }
        double *const at = x + 2 * i * d;
        for (size_t a = 0; a < d; a++) {
            z[i * d + a] = mtc_rng_normal(rng);
        }
        warp_map_colour(&h->map, z + i * d, at, work);
        log_jacobian[2 * i] = warp_map_whiten(&h->map, at, work, work + d);
        log_jacobian[2 * i + 1] = mirror_point(&h->map, z + i * d, at + d, work);
    }
out:
    gsl_rng_free(rng);
    return st;
}

/* Bring the proposal side of a half up to n_total draws (a multiple of BATCH_DRAWS). */
static mtc_status extend_proposal(warp3_state *s, size_t which, const mtc_estimator_input *in, size_t n_total,
                                  mtc_err *err)
{
    half *const h = &s->side[which];
    const size_t d = in->target->n_dim, from = h->n_proposal, n = n_total > from ? n_total - from : 0;
    mtc_status st = MTC_OK;
    char name[NAME_SIZE];
    double *z = mtc_calloc(n + 1, (3 * d + 4) * sizeof *z);
    double *wider = mtc_realloc(h->proposal, from + n + 1, sizeof *wider);
    if (wider != NULL) {
        h->proposal = wider;
    }
    if (z == NULL || wider == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for %zu proposal draws of the bridge", n_total);
        goto out;
    }
    double *const x = z + n * d, *const log_p = x + 2 * n * d;
    double *const log_jacobian = log_p + 2 * n, *const work = log_jacobian + 2 * n;
    MTC_TRY(proposal_points(h, which, in, from, n, z, x, log_jacobian, work, err));
    snprintf(name, sizeof name, "%s/%s/warp3/proposal %zu", in->target->name, in->stream, which + 1);
    MTC_TRY(mtc_points_eval(in->target, in->exec, name, x, 2 * n, log_p, err));
    s->n_value += 2 * (unsigned long)n;
    for (size_t i = 0; i < n; i++) {
        h->proposal[from + i] = log_ratio(z + i * d, d, log_p + 2 * i, log_jacobian + 2 * i);
    }
    h->n_proposal = from + n;
out:
    mtc_free(z);
    return st;
}

static mtc_status solve_half(const half *h, mtc_bridge_result *out, mtc_err *err)
{
    const mtc_bridge_terms terms = {h->posterior, h->n_chain, h->n_draw, h->proposal, h->n_proposal};
    return mtc_bridge_solve(&terms, out, err);
}

/* Both halves with the proposal draws grown until the error is met or lies in the posterior draws. */
static mtc_status solve(warp3_state *s, const mtc_estimator_input *in, mtc_bridge_result *half_result, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t most = s->set.max_draws * in->effort;
    size_t wanted = s->set.min_draws * in->effort;
    for (;;) {
        double se2 = 0.0, posterior2 = 0.0;
        wanted = wanted < most ? wanted : most;
        for (size_t w = 0; w < 2; w++) {
            const size_t n = (wanted + BATCH_DRAWS - 1) / BATCH_DRAWS * BATCH_DRAWS;
            MTC_TRY(extend_proposal(s, w, in, n, err));
            MTC_TRY(solve_half(&s->side[w], &half_result[w], err));
            se2 += 0.25 * gsl_pow_2(half_result[w].se);
            posterior2 += 0.25 * gsl_pow_2(half_result[w].se_posterior);
        }
        const bool both = half_result[0].converged && half_result[1].converged;
        if (wanted >= most || (both && (sqrt(se2) <= in->aim_se || se2 - posterior2 < 0.25 * posterior2))) {
            break;
        }
        wanted *= 2;
    }
out:
    return st;
}

/* Share of the variance of a half's posterior terms that is due to the fitted moments being off. */
static mtc_status misfit_share(const half *h, const mtc_chains *chains, const mtc_bridge_result *r, double *share,
                               mtc_err *err)
{
    const size_t d = chains->n_dim, n = h->n_chain * h->n_draw;
    const double n2 = (double)h->n_proposal;
    double *work = mtc_calloc(n + 1, (d + 1) * sizeof *work);
    if (work == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu draws of the bridge", n);
    }
    double *const z = work + n, *const scratch = z + n * d;
    for (size_t i = 0; i < n; i++) {
        const double *x = mtc_chains_draw(chains, h->first_chain + i / h->n_draw, i % h->n_draw);
        work[i] = 1.0 / (r->ess * exp(h->posterior[i] - r->log_z) + n2);
        (void)warp_map_whiten(&h->map, x, z + i * d, scratch);
    }
    const mtc_status st = mtc_quadratic_share(work, z, n, d, r->ess, share, err);
    mtc_free(work);
    return st;
}

/*
 * Each half's error from its posterior draws is a mean over them of its terms. What the terms owe to the misfit of the
 * other chains' moments, C_A : (zz' - I), has the mean C_A : (S_B - I), and that of the other half is the same number
 * with A and B exchanged: this part of the two errors is one and the same, and does not average out.
 */
static mtc_status shared_variance(const warp3_state *s, const mtc_chains *chains, const mtc_bridge_result *r,
                                  double *variance, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double share[2];
    for (size_t w = 0; w < 2; w++) {
        MTC_TRY(misfit_share(&s->side[w], chains, &r[w], &share[w], err));
    }
    *variance = 0.5 * sqrt(share[0] * share[1]) * r[0].se_posterior * r[1].se_posterior;
out:
    return st;
}

static void write_estimate(const warp3_state *s, const mtc_bridge_result *r, double shared, mtc_estimate *out)
{
    if (!r[0].converged || !r[1].converged) {
        snprintf(out->note, sizeof out->note, "the bridge has not converged: no number");
        return;
    }
    const double difference = r[0].log_z - r[1].log_z;
    const double both2 = gsl_pow_2(r[0].se) + gsl_pow_2(r[1].se);
    double variance = both2 / 4.0 + shared;
    if (fabs(difference) > HALVES_LIMIT * sqrt(both2)) {
        variance += difference * difference / 12.0;
        snprintf(out->note, sizeof out->note, "the two halves differ by %.3f, %.1f of their standard errors",
                 fabs(difference), fabs(difference) / sqrt(both2));
    }
    out->has_value = true;
    out->log_evidence = 0.5 * (r[0].log_z + r[1].log_z);
    out->se = sqrt(variance);
    const double k_hat = fmax(r[0].k_hat, r[1].k_hat);
    out->has_k_hat = isfinite(k_hat);
    out->k_hat = out->has_k_hat ? k_hat : 0.0;
    const double n_post = (double)(s->side[0].n_chain + s->side[1].n_chain) * (double)s->side[0].n_draw;
    out->efficiency = (r[0].ess + r[1].ess) / n_post;
}

static mtc_status warp3_run(void *state, const mtc_estimator_input *in, mtc_estimate *out, mtc_err *err)
{
    warp3_state *s = state;
    mtc_status st = MTC_OK;
    mtc_bridge_result result[2] = {{0}};
    double shared = 0.0;

    if (in->chains->n_chain < 2 || in->chains->n_draw < 4) {
        return mtc_fail(err, MTC_EDOMAIN, "bridge sampling needs two chains of four draws, got %zu of %zu",
                        in->chains->n_chain, in->chains->n_draw);
    }
    for (size_t w = 0; w < 2; w++) {
        if (!s->side[w].fitted) {
            st = fit_half(&s->side[w], in->chains, err);
            if (st == MTC_ENUMERIC) { /* the chains stand still: no number, and no defect */
                snprintf(out->note, sizeof out->note, "the draws have no covariance of full rank");
                mtc_err_clear(err);
                return MTC_OK;
            }
            MTC_TRY(st);
        }
        MTC_TRY(extend_posterior(s, w, in, err));
    }
    MTC_TRY(solve(s, in, result, err));
    if (result[0].converged && result[1].converged) {
        MTC_TRY(shared_variance(s, in->chains, result, &shared, err));
    }
    write_estimate(s, result, shared, out);
    out->n_draw = s->side[0].n_proposal + s->side[1].n_proposal;
    out->n_value = s->n_value;
out:
    return st;
}

const mtc_estimator_ops mtc_estimator_warp3 = {
    .abi = MTC_ESTIMATOR_ABI,
    .name = "warp3_bridge",
    .summary =
        "warp-III bridge sampling in straightened coordinates, fitted on one half of the chains and used on the other",
    .source = "Meng & Schilling 2002, J. Comput. Graph. Stat. 11:552; Gronau et al. 2017; Micaletto & Vehtari 2025",
    .kind = MTC_ESTIMATOR_RIGOROUS,
    .needs_chains = true,
    .keys = warp3_keys,
    .self_size = sizeof(mtc_warp3),
    .init = warp3_init,
    .create = warp3_create,
    .destroy = warp3_destroy,
    .run = warp3_run,
};
