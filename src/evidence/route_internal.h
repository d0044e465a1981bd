/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ROUTE_INTERNAL_H
#define ROUTE_INTERNAL_H

#include "mtc_evidence.h"
#include "mtc_proposal.h"

/** Work of one evidence: what the routes share. */
typedef struct {
    const mtc_target *target;
    bool is_draft; /* target is the draft of what is asked about */
    const mtc_modes *modes;
    const mtc_evidence_settings *settings;
    uint64_t seed;
    mtc_exec *exec;
} mtc_evidence_task;

/** Posterior draws of one route, grown on demand. */
typedef struct mtc_draw_source mtc_draw_source;
struct mtc_draw_source {
    const char *route;
    mtc_chains chains;
    mtc_diagnosis diagnosis;
    size_t n_draw_base; /* draws per chain that effort 1 asks for */
    size_t generation;  /* how often the chains began anew; what was made from earlier ones is void */
    bool is_covered;    /* fast: the weights that the chains lived with have a variance */
    mtc_bend bend;      /* full: of the trajectories; n_dim 0: none */
    mtc_pilot *pilot;   /* fast: where the proposal comes from */
    mtc_proposal proposal;
    unsigned long n_value, n_gradient; /* not counting those in chains */
    char stream[192];
};

/** Bring the chains of a route to effort times their first length and judge them. Source zeroed at first. */
mtc_status mtc_source_fast(const mtc_evidence_task *task, mtc_draw_source *source, size_t effort, mtc_err *err);
mtc_status mtc_source_full(const mtc_evidence_task *task, mtc_draw_source *source, size_t effort, mtc_err *err);
/** Release all but what was taken out of it. */
void mtc_source_fini(mtc_draw_source *source);

/** Append a reason (printf). What does not fit in number is left out. */
void mtc_reasons_add(mtc_reasons *reasons, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * The verdict rule on one attempt, whose estimates and convergence are filled: fills reasons and reliable.
 * early  worst disagreement so far in combined standard errors between sound estimates; brought up to date here
 */
void mtc_verdict(mtc_evidence_attempt *attempt, double target_se, double *early);

#endif
