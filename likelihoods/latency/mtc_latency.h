/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_LATENCY_H
#define MTC_LATENCY_H

#include "mtc_likelihood.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Time from surgery to metastasis of single patients (individual/README.md). */
extern const mtc_likelihood_ops mtc_likelihood_latency_individual;
/** Patients with metastasis at surgery among all, by size class (m1_counts/README.md). */
extern const mtc_likelihood_ops mtc_likelihood_latency_m1_counts;

#ifdef __cplusplus
}
#endif
#endif
