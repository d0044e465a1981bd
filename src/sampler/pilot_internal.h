/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PILOT_INTERNAL_H
#define PILOT_INTERNAL_H

#include "mtc_proposal.h"

#define PILOT_NAME_SIZE 192

/* Moments of the prior from draws of it: a start without any evaluation. */
mtc_status pilot_start_from_prior(const mtc_target *t, const char *stream, uint64_t seed, mtc_tmix *start,
                                  mtc_err *err);
/* One component per mode. */
mtc_status pilot_start_from_modes(const mtc_pilot_start *modes, size_t d, mtc_tmix *start, mtc_err *err);
/* Whether some mode lies so far from the first that no map can straighten both together. */
mtc_status pilot_modes_are_apart(const mtc_pilot_start *modes, size_t d, bool *is_apart, mtc_err *err);
/* Look how far the target reaches along the principal axes of each mode, and stretch the components to it: where a
 * ridge bends or a second hill stands beside the first, the curvature at the top promises too little. */
mtc_status pilot_measure_widths(const mtc_target *target, const char *stream, mtc_exec *exec, mtc_tmix *start,
                                unsigned long *n_value, mtc_err *err);

#endif
