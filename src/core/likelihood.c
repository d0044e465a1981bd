/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_likelihood.h"

const char *mtc_reason_text(mtc_reason reason)
{
    switch (reason) {
    case MTC_REASON_NONE:
        return "finite";
    case MTC_REASON_PRIOR_SUPPORT:
        return "outside the support of the prior";
    case MTC_REASON_MODEL_DOMAIN:
        return "outside the domain of the model";
    case MTC_REASON_UNDERFLOW:
        return "an observation has a probability below the smallest number";
    case MTC_REASON_COUNT:
        break;
    }
    return "unknown reason";
}
