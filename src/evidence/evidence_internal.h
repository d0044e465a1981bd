/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVIDENCE_INTERNAL_H
#define EVIDENCE_INTERNAL_H

#include "mtc_optimise.h"
#include "mtc_proposal.h"

/** Modes as places where a pilot begins; the arrays are owned here. */
typedef struct {
    mtc_pilot_start start;
    double *block;
} mtc_start_points;

/** From modes (NULL or none: an empty start), the highest MTC_START_MODES of them, weighted by their Laplace mass. */
mtc_status mtc_start_points_init(mtc_start_points *points, const mtc_modes *modes, mtc_err *err);
void mtc_start_points_fini(mtc_start_points *points);

/** More modes than this are not taken as components of the first proposal. */
#define MTC_START_MODES 24u

#endif
