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

#define ADDRESS_OF_PRIOR(name) &mtc_prior_##name,

const mtc_prior_ops *const *mtc_registry_priors(void)
{
    static const mtc_prior_ops *const list[] = {MTC_PRIOR_LIST(ADDRESS_OF_PRIOR) NULL};
    return list;
}
