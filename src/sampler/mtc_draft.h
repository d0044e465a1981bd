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
    double shift;          /* log E exp d */
    double se;             /* standard error of shift, from the chains' effective size */
    double spread;         /* standard deviation of d over the draws that the target allows */
    size_t n_forbidden;    /* draws that it does not allow */
    double k_hat;          /* Pareto k of the weights */
    bool close;            /* spread at most MTC_DRAFT_SPREAD and no long tail, no draw that the target forbids */
    unsigned long n_value; /* evaluations of the target */
} mtc_draft;

/** Spread of d beyond which a draft is not close: where weights would cost a tenth of the draws. */
#define MTC_DRAFT_SPREAD 0.3

/**
 * Evaluate the target at all draws, and turn chains of its draft into its own: draws that the Metropolis pass rejects
 * become their predecessors. A draft that is not close leaves the chains as they are.
 * draft   out
 * target  with a draft; streams "<target>/draft/chain k"
 * chains  in: of the draft; out: of the target, if draft->close
 * Errors  those of the target, MTC_ENOMEM, MTC_EINTERRUPTED
 */
MTC_API mtc_status mtc_draft_correct(mtc_draft *draft, const mtc_target *target, uint64_t seed, mtc_exec *exec,
                                     mtc_chains *chains, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
