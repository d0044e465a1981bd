/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SAMPLE_H
#define MTC_SAMPLE_H

#include "mtc_bend.h"
#include "mtc_diagnostics.h"
#include "mtc_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Settings of the `sampler:` map. */
typedef struct {
    size_t n_chain;
    size_t n_warmup;          /* per chain */
    size_t n_draw;            /* per chain, in the first round */
    size_t max_draw;          /* per chain: a run that has not converged is continued up to this */
    double target_acceptance; /* of NUTS */
    size_t max_tree_depth;    /* of NUTS */
} mtc_sampler_settings;

#define MTC_SAMPLER_INIT                                                                                               \
    {                                                                                                                  \
        4, 300, 1000, 8000, 0.8, 10                                                                                    \
    }

/** Keys of the `sampler:` map; their defaults are those of MTC_SAMPLER_INIT. */
MTC_API extern const mtc_key mtc_sampler_keys[];
/** Read the map (NULL: all defaults). Every mistake goes to errors. Returns MTC_OK or MTC_ECONFIG. */
MTC_API mtc_status mtc_sampler_read(mtc_sampler_settings *settings, const mtc_spec *spec, mtc_errlist *errors);

/**
 * Where chains start: modes of the target. Chain k starts at point k modulo n_point, one posterior sd away in a random
 * direction, with that point's covariance as its first metric.
 */
typedef struct {
    size_t n_point;
    const double *x;    /* n_point x n_dim */
    const double *chol; /* n_point x n_dim x n_dim: lower factors of the covariances */
} mtc_starts;

/** What a run came to. Release with mtc_sample_fini. */
typedef struct {
    mtc_chains chains;
    mtc_bend bend; /* trajectories ran in coordinates that it straightens; n_dim 0: in those of the target */
    mtc_diagnosis diagnosis;
    bool restarted;                    /* a longer warm-up with smaller steps was needed */
    size_t n_continued;                /* times that draws were added */
    unsigned long n_value, n_gradient; /* of all rounds, dropped ones too */
} mtc_sample;

/** Release; zeroed allowed. */
MTC_API void mtc_sample_fini(mtc_sample *sample);

/**
 * NUTS with automatic continuation: where the diagnostics fail, once a restart with doubled warm-up and target
 * acceptance 0.95 (if trajectories fail or chains disagree widely) in coordinates that straighten the draws so far,
 * then twice as many draws until max_draw, as long as more draws can mend what fails. Whether it converged stands in
 * out->diagnosis; that it did not is no error.
 *
 * seed    streams are "<target>/nuts/...", and "<target>/nuts again/..." after a restart
 *
 * Errors  those of mtc_chains_run; MTC_EDOMAIN where no start near a point lies inside the support
 */
MTC_API mtc_status mtc_sample_nuts(mtc_exec *exec, const mtc_target *target, const mtc_sampler_settings *settings,
                                   const mtc_starts *starts, uint64_t seed, mtc_sample *out, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
