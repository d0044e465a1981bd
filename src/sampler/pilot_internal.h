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

/* A walk through the posterior with the present proposal: what draws with weights tell too noisily, draws of chains
 * tell evenly. */
typedef struct {
    const mtc_target *target;
    const mtc_proposal *proposal;
    const char *stream; /* of the pilot */
    uint64_t seed;
    size_t number; /* of the walk */
} pilot_walk_plan;
/* Draws that a walk keeps. */
size_t pilot_walk_draws(size_t n_dim);
/* Chains with local steps from draws of the pilot. x: pilot_walk_draws x n_dim; log_target: pilot_walk_draws. */
mtc_status pilot_walk(const mtc_pilot *pilot, const pilot_walk_plan *plan, mtc_exec *exec, double *x,
                      double *log_target, unsigned long *n_value, mtc_err *err);

#endif
