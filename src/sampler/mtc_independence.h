/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_INDEPENDENCE_H
#define MTC_INDEPENDENCE_H

#include "mtc_kernel.h"
#include "mtc_proposal.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Independence Metropolis: proposes from a fixed density and accepts with probability min(1, w(to) / w(from)), w the
 * importance weight (Hastings 1970, Biometrika 57; Tierney 1994, Ann. Stat. 22). self is a mtc_proposal, fitted
 * elsewhere (mtc_pilot_run) and borrowed while chains run. Each step ends with two local ones, random walks of
 * different length in the proposal's straightened coordinates: they free a chain from a place that the proposal rarely
 * goes to, where independent proposals alone are rejected for long (Mengersen & Tweedie 1996, Ann. Stat. 24:101). Three
 * evaluations per step, no tuning, no gradient.
 */
MTC_API extern const mtc_kernel_ops mtc_kernel_independence;

#ifdef __cplusplus
}
#endif
#endif
