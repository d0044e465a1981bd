/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_estimator.h"

#include "mtc_arena.h"

#include <math.h>
#include <string.h>

mtc_status mtc_estimator_init(mtc_estimator *e, const mtc_estimator_ops *ops, const mtc_spec *spec, mtc_errlist *errors,
                              mtc_err *err)
{
    memset(e, 0, sizeof *e);
    if (ops == NULL || ops->abi != MTC_ESTIMATOR_ABI || ops->init == NULL || ops->create == NULL || ops->run == NULL) {
        return mtc_fail(err, MTC_EBUG, "an estimator without its operations");
    }
    e->ops = ops;
    e->self = mtc_calloc(1, ops->self_size > 0 ? ops->self_size : 1);
    if (e->self == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the settings of %s", ops->name);
    }
    const mtc_status st = ops->init(e->self, spec, errors);
    if (st != MTC_OK) {
        mtc_estimator_fini(e);
        return mtc_fail(err, st, "the settings of %s cannot be read", ops->name);
    }
    return MTC_OK;
}

void mtc_estimator_fini(mtc_estimator *e)
{
    if (e == NULL) {
        return;
    }
    if (e->state != NULL && e->ops->destroy != NULL) {
        e->ops->destroy(e->state);
    }
    mtc_free(e->self);
    memset(e, 0, sizeof *e);
}

mtc_status mtc_estimator_run(mtc_estimator *e, const mtc_estimator_input *in, mtc_estimate *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    memset(out, 0, sizeof *out);
    out->name = e->ops->name;
    if (in->target == NULL || in->target->n_dim == 0 || in->effort == 0) {
        return mtc_fail(err, MTC_EDOMAIN, "%s needs a target with free parameters and an effort", e->ops->name);
    }
    if (e->ops->needs_chains && in->chains == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "%s needs posterior draws of %s", e->ops->name, in->target->name);
    }
    if (e->ops->needs_modes && (in->modes == NULL || in->modes->n_mode == 0)) {
        return mtc_fail(err, MTC_EDOMAIN, "%s needs the modes of %s", e->ops->name, in->target->name);
    }
    if (e->state == NULL) {
        MTC_TRY(e->ops->create(e->self, in, &e->state, err));
    }
    MTC_TRY(e->ops->run(e->state, in, out, err));
    if (out->has_value && (isnan(out->log_evidence) || isnan(out->se))) {
        st = mtc_fail(err, MTC_ENAN, "%s of %s gave a log evidence that is not a number", e->ops->name,
                      in->target->name);
    }
out:
    if (st != MTC_OK) {
        mtc_err_prefix(err, "log evidence of %s: ", in->target->name);
    }
    return st;
}
