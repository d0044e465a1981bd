/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FAKE_LIKELIHOOD_H
#define FAKE_LIKELIHOOD_H

#include "mtc_likelihood.h"

/** What a fake does wrong at the next evaluation. */
typedef enum {
    FAKE_SOUND,
    FAKE_NAN_VALUE,
    FAKE_NAN_GRADIENT,
    FAKE_INFINITE_GRADIENT,
    FAKE_ZERO,
    FAKE_ERROR
} fake_fault;

/** Data and behaviour of a fake; placed by the test, `self` of both kinds below. */
typedef struct {
    const double *y;
    size_t n;
    fake_fault fault;
} fake_data;

/** shift (R), spread (0, inf), tilt [0, inf) in days, share (0, 1), level [10, inf) in mm. */
extern const mtc_param_info fake_shift, fake_spread, fake_tilt_days, fake_share, fake_level_mm;

/** y_i ~ Normal(shift, spread^2). Parameters: spread, shift (in this order). */
extern const mtc_likelihood_ops fake_normal;
/** y_i >= 0 with log weight n log(share) - tilt y_i share - (log(level) - spread)^2 / 2, spread shared with the other
 * kind. Parameters: share, level, spread, tilt. */
extern const mtc_likelihood_ops fake_decay;

#endif
