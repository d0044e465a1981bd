/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_DRAFT_H
#define MTC_DRAFT_H

#include "mtc_chains.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * From a draft of a target to the target itself. With draws x of the posterior under the draft and
 * d(x) = log L(x) - log L_draft(x),
 *     log Z = log Z_draft + log E exp d(x),
 * and a Metropolis pass that takes the draws as proposals gives draws of the posterior. Both are importance sampling
 * with weights exp d that are all but equal (surrogate transitions: Liu 2001, Monte Carlo Strategies, section 9.4.3;
 * Christen & Fox 2005, J. Comput. Graph. Stat. 14:795). The pass is exact for independent draws; for correlated ones
 * its error is of the second order in the spread of d.
 */
typedef struct {
    size_t n_chain, n_draw; /* draws that are known */
    double *log_likelihood; /* n_chain x n_draw, of the target itself */
    double shift;           /* log E exp d */
    double se;              /* standard error of shift, from the chains' effective size */
    double spread;          /* standard deviation of d */
    double k_hat;           /* Pareto k of the weights */
    bool close;             /* spread at most MTC_DRAFT_SPREAD and no long tail: the draft was good enough */
    unsigned long n_value;  /* evaluations of the target so far */
} mtc_draft;

#define MTC_DRAFT_INIT                                                                                                 \
    {                                                                                                                  \
        0, 0, NULL, 0.0, 0.0, 0.0, 0.0, false, 0                                                                       \
    }

/** Spread of d beyond which a draft is not close: where weights would cost a tenth of the draws. */
#define MTC_DRAFT_SPREAD 0.3

/**
 * Evaluate the target at the draws that are not known yet, and bring the numbers up to date.
 * target  with a draft
 * chains  of the draft; those of an earlier call with more draws behind
 * Errors  those of the target, MTC_ENOMEM, MTC_EINTERRUPTED
 */
MTC_API mtc_status mtc_draft_update(mtc_draft *draft, const mtc_target *target, const mtc_chains *chains,
                                    mtc_exec *exec, mtc_err *err);
/**
 * Turn the chains that draft was brought up to date with into chains of the target: draws that the Metropolis pass
 * rejects become their predecessors. Streams "<target>/draft/chain k".
 */
MTC_API mtc_status mtc_draft_apply(const mtc_draft *draft, const mtc_target *target, uint64_t seed, mtc_chains *chains,
                                   mtc_err *err);
/** Release and empty; NULL allowed. */
MTC_API void mtc_draft_fini(mtc_draft *draft);

#ifdef __cplusplus
}
#endif
#endif
