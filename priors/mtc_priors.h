/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_PRIORS_H
#define MTC_PRIORS_H

#include "mtc_prior.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The families of priors, one file each; formula and settings stand in the tables themselves, from which `metachron
 * list priors` and docs/configuration.md are made. The list that the program uses is src/registry.c.
 */
MTC_API extern const mtc_prior_ops mtc_prior_normal;
MTC_API extern const mtc_prior_ops mtc_prior_lognormal;
MTC_API extern const mtc_prior_ops mtc_prior_uniform;
MTC_API extern const mtc_prior_ops mtc_prior_loguniform;
MTC_API extern const mtc_prior_ops mtc_prior_halfnormal;
MTC_API extern const mtc_prior_ops mtc_prior_gamma;
MTC_API extern const mtc_prior_ops mtc_prior_beta;
MTC_API extern const mtc_prior_ops mtc_prior_fixed;

#ifdef __cplusplus
}
#endif
#endif
