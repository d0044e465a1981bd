/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ALARM_INTERNAL_H
#define ALARM_INTERNAL_H

#include "mtc_evidence.h"
#include "mtc_smc.h"

/** Particles of the last run of a `tempered_smc` estimator; NULL before. */
const mtc_smc_result *evidence_smc_result(const mtc_estimator *e);

/**
 * Whether sequential Monte Carlo from the prior saw what the chains did not: an evidence larger than theirs by more
 * than three standard errors, or more than 2% of its particles where no draw of the chains is near. value, se  the
 * answer that is doubted smc        estimate of particles' runs, for the same target as value text       out: "silent",
 * "raised: ..." or "undecided: ..." Errors     MTC_ENOMEM
 */
mtc_status evidence_alarm(const mtc_target *target, const mtc_chains *chains, double value, double se,
                          const mtc_estimate *smc, const mtc_smc_result *particles, char *text, size_t size,
                          mtc_err *err);

#endif
