/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TVDT_H
#define MTC_TVDT_H

#include "mtc_likelihood.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Doubling times of single tumours: exact or censored, of primaries, metastases or pairs of one patient. */
MTC_API extern const mtc_likelihood_ops mtc_likelihood_tvdt_individual;

/** Published summaries of doubling times: quantiles, ranges, geometric means, means with sd. */
MTC_API extern const mtc_likelihood_ops mtc_likelihood_tvdt_summary;

/** omega: how much the populations of different studies differ, log-sd of their median doubling times. */
MTC_API extern const mtc_param_info mtc_tvdt_param_between_study;

#ifdef __cplusplus
}
#endif
#endif
