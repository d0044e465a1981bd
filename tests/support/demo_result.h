/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DEMO_RESULT_H
#define DEMO_RESULT_H

#include "mtc_result.h"

/* A result made by hand, of the size and look of the Rotterdam comparison, with unequal sizes in every dimension. */
#define DEMO_PLAIN 0u
#define DEMO_HOSTILE 1u    /* every text of the user tries to be HTML, Markdown, gnuplot or a path */
#define DEMO_UNRELIABLE 2u /* not converged, evidences unreliable, one estimate missing, the verdict on a border */
#define DEMO_MISFIT 4u     /* predictive checks fail for every hypothesis */
#define DEMO_FIT 8u        /* after `fit`: no evidences, no comparison */
#define DEMO_THREE 16u     /* three hypotheses in the comparison */
#define DEMO_BARE 32u      /* only what must be there: one source, no displays, no densities, no seeding */
#define DEMO_INDIVIDUAL 64u

/** Make it; the caller destroys it. */
mtc_status demo_result(unsigned flags, mtc_result **out, mtc_err *err);

#endif
