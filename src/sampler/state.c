/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_kernel.h"

#include <math.h>
#include <string.h>

void mtc_state_copy(mtc_state *to, const mtc_state *from, size_t n_dim)
{
    memcpy(to->x, from->x, n_dim * sizeof *to->x);
    if (to->grad && from->grad) {
        memcpy(to->grad, from->grad, n_dim * sizeof *to->grad);
    }
    to->log_prior = from->log_prior;
    to->log_likelihood = from->log_likelihood;
}

mtc_status mtc_state_eval(mtc_state *state, mtc_evaluator *e, bool *inside, mtc_err *err)
{
    double value = 0.0;
    mtc_point parts = {0};
    const mtc_status st = mtc_evaluator_log_density(e, state->x, 1.0, &value, state->grad, &parts, err);
    state->log_prior = parts.log_prior;
    state->log_likelihood = parts.log_likelihood;
    *inside = st == MTC_OK && isfinite(value);
    return st;
}
