/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_registry.h"

#include "mtc_priors.h"

#include <stddef.h>

/* The one list of all concrete components: adding one is its file and its line here. */
#define MTC_PRIOR_LIST(X)                                                                                              \
    X(normal)                                                                                                          \
    X(lognormal)                                                                                                       \
    X(uniform)                                                                                                         \
    X(loguniform)                                                                                                      \
    X(halfnormal)                                                                                                      \
    X(gamma)                                                                                                           \
    X(beta)                                                                                                            \
    X(fixed)

/* Kinds of data: likelihoods/<a>/<b> defines mtc_likelihood_<a>_<b>. */
#define MTC_LIKELIHOOD_LIST(X)                                                                                         \
    X(latency_individual)                                                                                              \
    X(latency_m1_counts)                                                                                               \
    X(tvdt_individual)                                                                                                 \
    X(tvdt_summary)

#define DECLARE_LIKELIHOOD(name) extern const mtc_likelihood_ops mtc_likelihood_##name;
MTC_LIKELIHOOD_LIST(DECLARE_LIKELIHOOD)

#define ADDRESS_OF_PRIOR(name) &mtc_prior_##name,
#define ADDRESS_OF_LIKELIHOOD(name) &mtc_likelihood_##name,

const mtc_prior_ops *const *mtc_registry_priors(void)
{
    static const mtc_prior_ops *const list[] = {MTC_PRIOR_LIST(ADDRESS_OF_PRIOR) NULL};
    return list;
}

const mtc_likelihood_ops *const *mtc_registry_likelihoods(void)
{
    static const mtc_likelihood_ops *const list[] = {MTC_LIKELIHOOD_LIST(ADDRESS_OF_LIKELIHOOD) NULL};
    return list;
}
