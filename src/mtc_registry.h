/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_REGISTRY_H
#define MTC_REGISTRY_H

#include "mtc_likelihood.h"
#include "mtc_prior.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Families of priors, NULL-terminated, in the order in which they are listed. */
MTC_API const mtc_prior_ops *const *mtc_registry_priors(void);
/** Kinds of likelihoods, NULL-terminated, in the order in which they are listed. */
MTC_API const mtc_likelihood_ops *const *mtc_registry_likelihoods(void);

#ifdef __cplusplus
}
#endif
#endif
