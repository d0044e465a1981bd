/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_chains.h"
#include "mtc_independence.h"
#include "mtc_rng.h"
#include "pilot_internal.h"

#include <stdio.h>
#include <string.h>

/* Chains of a walk, and steps of each: those kept, and those by which it leaves its start. */
#define WALK_CHAINS 8u
#define LEAST_STEPS 80u
#define STEPS_PER_DIM 15u
#define SETTLE_PART 4u

size_t pilot_walk_draws(size_t d)
{
    const size_t steps = STEPS_PER_DIM * d > LEAST_STEPS ? STEPS_PER_DIM * d : LEAST_STEPS;
    return WALK_CHAINS * steps;
}

mtc_status pilot_walk(const mtc_pilot *pilot, const pilot_walk_plan *w, mtc_exec *exec, double *x, double *log_target,
                      unsigned long *n_value, mtc_err *err)
{
    const size_t d = w->target->n_dim, n_keep = pilot_walk_draws(d) / WALK_CHAINS, n_settle = n_keep / SETTLE_PART;
    mtc_status st = MTC_OK;
    mtc_chains chains = MTC_CHAINS_INIT;
    gsl_rng *rng = NULL;
    char stream[2 * PILOT_NAME_SIZE];
    double *start = mtc_calloc(WALK_CHAINS * d, sizeof *start);
    if (start == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the starts of a walk");
    }
    snprintf(stream, sizeof stream, "%s/%s/walk %zu", w->target->name, w->stream, w->number);
    MTC_TRY(mtc_rng_stream(w->seed, stream, &rng, err));
    MTC_TRY(mtc_pilot_resample(pilot, WALK_CHAINS, rng, start, err));
    const mtc_chains_plan plan = {.target = w->target,
                                  .kernel = &mtc_kernel_independence,
                                  .self = w->proposal,
                                  .seed = w->seed,
                                  .stream = stream,
                                  .n_chain = WALK_CHAINS,
                                  .n_draw = n_settle + n_keep,
                                  .start = start};
    MTC_TRY(mtc_chains_run(exec, &plan, &chains, err));
    const double *log_prior = mtc_chains_stat(&chains, MTC_STAT_LOG_PRIOR);
    const double *log_likelihood = mtc_chains_stat(&chains, MTC_STAT_LOG_LIKELIHOOD);
    for (size_t c = 0; c < WALK_CHAINS; c++) {
        const size_t from = c * chains.n_draw + n_settle;
        memcpy(x + c * n_keep * d, mtc_chains_draw(&chains, c, n_settle), n_keep * d * sizeof *x);
        for (size_t i = 0; i < n_keep; i++) {
            log_target[c * n_keep + i] = log_prior[from + i] + log_likelihood[from + i];
        }
    }
    *n_value += chains.n_value;
out:
    gsl_rng_free(rng);
    mtc_chains_fini(&chains);
    mtc_free(start);
    return st;
}
