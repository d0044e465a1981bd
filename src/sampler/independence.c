/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_independence.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_rng.h"

#include <math.h>
#include <string.h>

/* Local steps after each independent proposal: their lengths, in units of 2.38 / sqrt(n_dim) standard deviations. */
#define N_LOCAL 2u
static const double local_length[N_LOCAL] = {0.3, 1.0};

typedef struct {
    mtc_state middle;  /* between two moves of one step */
    double *scratch;   /* of the proposal */
    double *straight;  /* n_dim */
    double *direction; /* n_dim */
    double block[];
} independence_ws;

static mtc_status independence_ws_create(const void *self, size_t n_dim, void **out, mtc_err *err)
{
    const mtc_proposal *q = self;
    if (q->n_dim != n_dim) {
        return mtc_fail(err, MTC_ESIZE, "independence Metropolis: proposal of dimension %zu, target of dimension %zu",
                        q->n_dim, n_dim);
    }
    const size_t n_scratch = mtc_proposal_scratch(q);
    independence_ws *ws = mtc_calloc(1, sizeof *ws + (n_scratch + 3 * n_dim) * sizeof *ws->block);
    *out = ws;
    if (ws == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for independence Metropolis");
    }
    ws->scratch = ws->block;
    ws->straight = ws->scratch + n_scratch;
    ws->direction = ws->straight + n_dim;
    ws->middle.x = ws->direction + n_dim;
    return MTC_OK;
}

static void independence_ws_destroy(void *ws)
{
    mtc_free(ws);
}

/* Log importance weight of a state. */
static double log_weight(const mtc_proposal *q, const mtc_state *state, double *scratch)
{
    return state->log_prior + state->log_likelihood - mtc_proposal_logpdf(q, state->x, state->log_prior, scratch);
}

/* Log density of a state in the straightened coordinates of the proposal, which it leaves in ws->straight; without map
 * the coordinates are the target's own. */
static double straight_density(const mtc_proposal *q, const mtc_state *state, independence_ws *ws)
{
    double log_jacobian = 0.0;
    if (q->part[0].bend.n_dim > 0) {
        log_jacobian = mtc_bend_straighten(&q->part[0].bend, state->x, ws->straight, ws->scratch);
    } else {
        memcpy(ws->straight, state->x, q->n_dim * sizeof *state->x);
    }
    return state->log_prior + state->log_likelihood - log_jacobian;
}

/* Evaluate `to` and keep it with probability min(1, exp(its log density less log_from)); else it becomes `from`. */
static mtc_status accept(const mtc_proposal *q, independence_ws *ws, mtc_evaluator *e, const mtc_state *from,
                         double log_from, bool is_local, double u, mtc_state *to, double *probability, mtc_err *err)
{
    bool inside = false;
    const mtc_status st = mtc_state_eval(to, e, &inside, err);
    if (st != MTC_OK) {
        return st;
    }
    *probability = 0.0;
    if (inside) {
        const double log_to = is_local ? straight_density(q, to, ws) : log_weight(q, to, ws->scratch);
        *probability = log_to >= log_from ? 1.0 : exp(log_to - log_from);
    }
    if (!(u < *probability)) {
        mtc_state_copy(to, from, e->target->n_dim);
    }
    return MTC_OK;
}

static mtc_status independent_move(const mtc_proposal *q, independence_ws *ws, mtc_evaluator *e, gsl_rng *rng,
                                   const mtc_state *from, mtc_state *to, double *probability, mtc_err *err)
{
    const mtc_status st = mtc_proposal_draw(q, e->target, rng, to->x, ws->scratch, err);
    if (st != MTC_OK) {
        return st;
    }
    const double u = mtc_rng_uniform(rng); /* drawn in every step, so that the stream stays aligned */
    return accept(q, ws, e, from, log_weight(q, from, ws->scratch), false, u, to, probability, err);
}

/* Random walk where the proposal's map makes the posterior round; without map, with the shape of its wide part. */
static mtc_status local_move(const mtc_proposal *q, independence_ws *ws, mtc_evaluator *e, gsl_rng *rng, double length,
                             const mtc_state *from, mtc_state *to, mtc_err *err)
{
    const size_t d = q->n_dim;
    const double step = length * 2.38 / sqrt((double)d);
    double probability;
    const double log_from = straight_density(q, from, ws);
    for (size_t a = 0; a < d; a++) {
        ws->direction[a] = step * mtc_rng_normal(rng);
    }
    if (q->part[0].bend.n_dim == 0) {
        mtc_lower_mul(q->wide.n_comp > 0 ? q->wide.chol : q->part[0].mix.chol, d, ws->direction);
    }
    for (size_t a = 0; a < d; a++) {
        to->x[a] = ws->straight[a] + ws->direction[a];
    }
    if (q->part[0].bend.n_dim > 0) {
        mtc_bend_apply(&q->part[0].bend, to->x, to->x, ws->scratch);
    }
    return accept(q, ws, e, from, log_from, true, mtc_rng_uniform(rng), to, &probability, err);
}

static mtc_status independence_step(const void *self, void *ws_v, mtc_evaluator *e, gsl_rng *rng, const mtc_state *from,
                                    mtc_state *to, mtc_step_info *info, mtc_err *err)
{
    const mtc_proposal *q = self;
    independence_ws *ws = ws_v;
    mtc_status st = MTC_OK;
    MTC_TRY(independent_move(q, ws, e, rng, from, to, &info->accept_stat, err));
    for (size_t k = 0; k < N_LOCAL; k++) {
        mtc_state_copy(&ws->middle, to, e->target->n_dim);
        MTC_TRY(local_move(q, ws, e, rng, local_length[k], &ws->middle, to, err));
    }
    info->n_step = 1 + N_LOCAL;
    info->energy = -(to->log_prior + to->log_likelihood);
out:
    return st;
}

const mtc_kernel_ops mtc_kernel_independence = {
    .abi = MTC_KERNEL_ABI,
    .name = "independence",
    .summary = "independence Metropolis with a Student-t mixture fitted in its own pilot, local steps between",
    .source = "Hastings 1970; Tierney 1994",
    .ws_create = independence_ws_create,
    .ws_destroy = independence_ws_destroy,
    .step = independence_step,
};
