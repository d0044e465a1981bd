/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_independence.h"

#include "mtc_arena.h"
#include "mtc_rng.h"

#include <math.h>

static mtc_status independence_ws_create(const void *self, size_t n_dim, void **ws, mtc_err *err)
{
    const mtc_proposal *q = self;
    if (q->mix.n_dim != n_dim) {
        return mtc_fail(err, MTC_ESIZE, "independence Metropolis: proposal of dimension %zu, target of dimension %zu",
                        q->mix.n_dim, n_dim);
    }
    *ws = mtc_calloc(mtc_proposal_scratch(q), sizeof(double));
    if (*ws == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for independence Metropolis");
    }
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

static mtc_status independence_step(const void *self, void *ws, mtc_evaluator *e, gsl_rng *rng, const mtc_state *from,
                                    mtc_state *to, mtc_step_info *info, mtc_err *err)
{
    const mtc_proposal *q = self;
    double *const scratch = ws;
    mtc_status st = MTC_OK;
    bool inside = false;

    MTC_TRY(mtc_proposal_draw(q, e->target, rng, to->x, scratch, err));
    const double u = mtc_rng_uniform(rng); /* drawn in every step, so that the stream stays aligned */
    MTC_TRY(mtc_state_eval(to, e, &inside, err));
    info->n_step = 1;
    if (inside) {
        const double log_ratio = log_weight(q, to, scratch) - log_weight(q, from, scratch);
        info->accept_stat = log_ratio >= 0.0 ? 1.0 : exp(log_ratio);
    }
    if (!(u < info->accept_stat)) {
        mtc_state_copy(to, from, e->target->n_dim);
    }
    info->energy = -(to->log_prior + to->log_likelihood);
out:
    return st;
}

const mtc_kernel_ops mtc_kernel_independence = {
    .abi = MTC_KERNEL_ABI,
    .name = "independence",
    .summary = "independence Metropolis with a Student-t mixture fitted in its own pilot",
    .source = "Hastings 1970; Tierney 1994",
    .ws_create = independence_ws_create,
    .ws_destroy = independence_ws_destroy,
    .step = independence_step,
};
