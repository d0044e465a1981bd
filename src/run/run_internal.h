/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_RUN_INTERNAL_H
#define MTC_RUN_INTERNAL_H

#include "mtc_run.h"

/** Tables of the `settings:` map. */
extern const mtc_key *const mtc_run_settings_keys[];

/** Read the rows of every source. What is wrong goes to errors; sources that failed have ops NULL. */
mtc_status mtc_run_read_sources(mtc_run *run, mtc_errlist *errors);

/** Build likelihoods, priors and posterior of every model. */
mtc_status mtc_run_build_models(mtc_run *run, bool with_check, mtc_errlist *errors);

/** Fill resolved, config_hash. */
mtc_status mtc_run_resolve(mtc_run *run, const mtc_run_options *options, mtc_err *err);

/** Index of a model's parameter by its place in the course, or -1 where its sources do not use it. */
long mtc_run_course_index(const mtc_run_model *model, size_t course_param);

#endif
