/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FAKE_POSTERIOR_H
#define FAKE_POSTERIOR_H

#include "fake_likelihood.h"
#include "mtc_posterior.h"

/** A posterior over both fake kinds, with its arena and data; placed by the test. */
typedef struct {
    mtc_arena *arena;
    fake_data normal, decay;
    mtc_source source[2];
    mtc_likelihood likelihood[2]; /* "zeta" of the normal kind, then "alpha" of the other: not in order of names */
    const mtc_param_info *const *param;
    size_t n_param;
    mtc_prior prior[8];
    mtc_posterior *posterior;
} fake_posterior;

/**
 * Build it. text: priors by parameter in the order level, share, shift, spread, tilt (the canonical one here: `order`
 * names level first); NULL takes a sound default. Returns the status of the first step that failed.
 */
mtc_status fake_posterior_init(fake_posterior *f, const char *const text[5], mtc_err *err);
void fake_posterior_fini(fake_posterior *f);

#endif
