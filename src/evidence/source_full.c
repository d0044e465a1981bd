/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "route_internal.h"

#include <stdio.h>
#include <string.h>

/* More modes than this do not start chains of their own. */
#define MAX_STARTS 64u

/* NUTS from the modes, with its own continuation where the diagnostics fail. */
static mtc_status first_chains(const mtc_evidence_task *task, mtc_draw_source *s, mtc_err *err)
{
    const mtc_modes *modes = task->modes;
    const size_t d = task->target->n_dim, n = modes->n_mode < MAX_STARTS ? modes->n_mode : MAX_STARTS;
    mtc_status st = MTC_OK;
    mtc_sample sample = {.chains = MTC_CHAINS_INIT};
    double *x = mtc_calloc(n, (d + d * d) * sizeof *x);
    if (x == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the starts of chains");
    }
    double *const chol = x + n * d;
    for (size_t k = 0; k < n; k++) {
        memcpy(x + k * d, modes->mode[k].x, d * sizeof *x);
        memcpy(chol + k * d * d, modes->mode[k].chol, d * d * sizeof *x);
    }
    const mtc_starts starts = {n, x, chol};
    MTC_TRY(mtc_sample_nuts(task->exec, task->target, &task->settings->sampler, &starts, task->seed, &sample, err));
    s->chains = sample.chains;
    s->bend = sample.bend;
    s->n_value = sample.n_value - sample.chains.n_value;
    s->n_gradient = sample.n_gradient - sample.chains.n_gradient;
    snprintf(s->stream, sizeof s->stream, "%s/nuts%s", task->target->name, sample.restarted ? " again" : "");
out:
    mtc_free(x);
    return st;
}

mtc_status mtc_source_full(const mtc_evidence_task *task, mtc_draw_source *s, size_t effort, mtc_err *err)
{
    const mtc_sampler_settings *set = &task->settings->sampler;
    const size_t n_draw = set->n_draw * effort;
    mtc_status st = MTC_OK;

    s->route = "full";
    s->n_draw_base = set->n_draw;
    if (s->chains.n_chain == 0) {
        s->generation = 1;
        MTC_TRY(first_chains(task, s, err));
    }
    if (s->chains.n_draw < n_draw) {
        mtc_nuts nuts = MTC_NUTS_INIT;
        nuts.max_tree_depth = set->max_tree_depth;
        nuts.bend = s->bend.n_dim > 0 ? &s->bend : NULL;
        const mtc_chains_plan plan = {.target = task->target,
                                      .kernel = &mtc_kernel_nuts,
                                      .self = &nuts,
                                      .seed = task->seed,
                                      .stream = s->stream,
                                      .n_chain = set->n_chain};
        MTC_TRY(mtc_chains_continue(task->exec, &plan, n_draw - s->chains.n_draw, &s->chains, err));
    }
    MTC_TRY(mtc_diagnose(&s->chains, task->target, set->max_tree_depth, &s->diagnosis, err));
out:
    return st;
}
