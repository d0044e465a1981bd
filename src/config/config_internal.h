/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_CONFIG_INTERNAL_H
#define MTC_CONFIG_INTERNAL_H

#include "mtc_config.h"

/** Replace each model of the tree by {preset: ..., priors: ..., settings: ...}: default priors, presets from left to
 * right, own. */
mtc_status mtc_config_expand_models(const mtc_config_options *options, mtc_arena *arena, const mtc_spec **tree,
                                    mtc_errlist *errors);

/** Fill out->model and out->check from the expanded tree; odds are left 0. */
mtc_status mtc_config_read_models(const mtc_config_options *options, mtc_arena *arena, mtc_config *out,
                                  mtc_errlist *errors);

/**
 * Make room for `--set models.NAME.priors.PARAMETER.FAMILY...`: a prior of another family is dropped first, because a
 * prior has one family only.
 */
mtc_status mtc_config_clear_prior(const mtc_spec **tree, const char *setting, mtc_arena *arena, mtc_errlist *errors);

/** Nothing where word is one of the names; else the error "<who> '<word>', which is no <what>" with a hint. */
void mtc_config_hint_name(mtc_errlist *errors, const mtc_pos *pos, const char *word, const char *const *name, size_t n,
                          const char *who, const char *what);

#endif
