/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_estimator.h"

#include <stdio.h>

/* The approximation comes with the modes: nothing to set and nothing to keep. */
static mtc_status laplace_init(void *self, const mtc_spec *spec, mtc_errlist *errors)
{
    (void)self;
    (void)spec;
    (void)errors;
    return MTC_OK;
}

static mtc_status laplace_create(const void *self, const mtc_estimator_input *in, void **state, mtc_err *err)
{
    (void)self;
    (void)in;
    (void)err;
    *state = NULL;
    return MTC_OK;
}

static mtc_status laplace_run(void *state, const mtc_estimator_input *in, mtc_estimate *out, mtc_err *err)
{
    (void)state;
    (void)err;
    out->has_value = true;
    out->log_evidence = in->modes->laplace;
    out->weak = true;
    snprintf(out->note, sizeof out->note, "rough: a normal density at each of %zu mode%s, without standard error",
             in->modes->n_mode, in->modes->n_mode == 1 ? "" : "s");
    return MTC_OK;
}

const mtc_estimator_ops mtc_estimator_laplace = {
    .abi = MTC_ESTIMATOR_ABI,
    .name = "laplace",
    .summary = "Laplace's approximation at the modes; a rough figure",
    .source = "Tierney & Kadane 1986, J. Am. Stat. Assoc. 81:82",
    .kind = MTC_ESTIMATOR_ROUGH,
    .needs_modes = true,
    .init = laplace_init,
    .create = laplace_create,
    .run = laplace_run,
};
