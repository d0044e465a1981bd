/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake_posterior.h"

#include "prior_text.h"

#include <string.h>

static const char *const default_text[5] = {
    "{lognormal: {median: 15 mm, log_sd: 0.4, lower: 10 mm}}",
    "{beta: {a: 1.5, b: 2.5}}",
    "{normal: {mean: 0.3, sd: 1.2}}",
    "{lognormal: {median: 0.9, log_sd: 0.5}}",
    "{loguniform: {lower: 0.01 d, upper: 3 d}}",
};

mtc_status fake_posterior_init(fake_posterior *f, const char *const text[5], mtc_err *err)
{
    static const double y_normal[] = {0.31, -1.4, 0.92, 2.27, 0.05};
    static const double y_decay[] = {1.7, 0.4, 2.9};
    const mtc_param_info order[] = {fake_level_mm};
    mtc_errlist errors = MTC_ERRLIST_INIT;
    mtc_status st = MTC_OK;
    memset(f, 0, sizeof *f);
    f->normal = (fake_data){y_normal, 5, FAKE_SOUND};
    f->decay = (fake_data){y_decay, 3, FAKE_SOUND};
    f->source[0].name = "zeta";
    f->source[1].name = "alpha";
    f->likelihood[0] = (mtc_likelihood){&fake_normal, &f->normal, &f->source[0]};
    f->likelihood[1] = (mtc_likelihood){&fake_decay, &f->decay, &f->source[1]};
    MTC_TRY(mtc_arena_create(&f->arena, err));
    MTC_TRY(mtc_posterior_params(f->likelihood, 2, order, 1, f->arena, &f->param, &f->n_param, err));
    for (size_t i = 0; i < f->n_param; ++i) {
        MTC_TRY(prior_from_text(text != NULL && text[i] != NULL ? text[i] : default_text[i], f->param[i], &f->prior[i],
                                f->arena, &errors));
    }
    MTC_TRY(
        mtc_posterior_create("fake", f->likelihood, 2, f->param, f->prior, f->n_param, f->arena, &f->posterior, err));
out:
    mtc_errlist_fini(&errors);
    return st;
}

void fake_posterior_fini(fake_posterior *f)
{
    mtc_arena_destroy(f->arena);
    memset(f, 0, sizeof *f);
}
