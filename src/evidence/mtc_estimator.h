/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_ESTIMATOR_H
#define MTC_ESTIMATOR_H

#include "mtc_chains.h"
#include "mtc_exec.h"
#include "mtc_optimise.h"
#include "mtc_spec.h"
#include "mtc_target.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MTC_ESTIMATOR_ABI 1u

/** What an estimator works on. All pointers are borrowed while it works. */
typedef struct {
    const mtc_target *target;
    mtc_exec *exec;
    uint64_t seed;
    const char *stream;       /* route, prefix of the streams of what depends on the chains: "fast", "full" */
    const mtc_modes *modes;   /* NULL: none are known */
    const mtc_chains *chains; /* posterior draws; NULL unless the estimator needs them. Grows between two runs */
    size_t effort;            /* 1; doubled at each escalation */
    double aim_se;            /* stop early once the standard error is at most this */
} mtc_estimator_input;

/** An estimate of the log evidence. */
typedef struct {
    const char *name;    /* of the estimator */
    bool has_value;      /* false: no number, `note` says why */
    double log_evidence; /* natural log */
    double se;           /* standard error of log_evidence */
    double own_se;       /* of an attempt with a draft: without the correction that all its estimates share */
    bool has_k_hat;
    double k_hat;                      /* Pareto k of the weights or terms */
    double efficiency;                 /* effective draws per draw of what was averaged; 0: does not apply */
    size_t n_draw;                     /* draws of its own */
    bool weak;                         /* the number stands but its standard error cannot be trusted; `note` says why */
    unsigned long n_value, n_gradient; /* evaluations so far, those for the chains not counted */
    char note[256];                    /* "" where all is well */
} mtc_estimate;

/** What an estimator can be used for. */
typedef enum {
    MTC_ESTIMATOR_RIGOROUS, /* has a standard error and may enter the verdict */
    MTC_ESTIMATOR_ROUGH     /* shown, never part of a verdict */
} mtc_estimator_kind;

/**
 * An estimator of log Z. Settings (`self`) are constant; `state` holds what was drawn so far, so that a run with more
 * effort adds to it. One file each; listed once in the registry.
 */
typedef struct {
    uint32_t abi;     /* MTC_ESTIMATOR_ABI */
    const char *name; /* "warp3_bridge": key in summary.json */
    const char *summary;
    const char *source;
    mtc_estimator_kind kind;
    bool needs_chains; /* uses posterior draws: not independent of another one that does */
    bool needs_modes;
    const mtc_key *keys; /* its settings under `evidence:`; NULL: none */
    size_t self_size;
    /* required. spec: the `evidence:` map or NULL (defaults). All mistakes to errors. */
    mtc_status (*init)(void *self, const mtc_spec *spec, mtc_errlist *errors);
    /* required. Empty state. */
    mtc_status (*create)(const void *self, const mtc_estimator_input *in, void **state, mtc_err *err);
    void (*destroy)(void *state);
    /* required. Go on until in->aim_se is met or the budget for in->effort is used. A failure of the method on this
     * target is an estimate without value or a weak one, not an error. */
    mtc_status (*run)(void *state, const mtc_estimator_input *in, mtc_estimate *out, mtc_err *err);
} mtc_estimator_ops;

/** Warp-III bridge sampling (see mtc_warp3). */
MTC_API extern const mtc_estimator_ops mtc_estimator_warp3;
/** Adaptive importance sampling (see mtc_importance). */
MTC_API extern const mtc_estimator_ops mtc_estimator_importance;
/** Tempered sequential Monte Carlo from the prior (sampler/mtc_smc.h). */
MTC_API extern const mtc_estimator_ops mtc_estimator_smc;
/** Laplace's approximation, summed over the modes; a rough figure without error. */
MTC_API extern const mtc_estimator_ops mtc_estimator_laplace;

/** An estimator with its settings and what it has drawn; placed by the caller. */
typedef struct {
    const mtc_estimator_ops *ops;
    void *self;
    void *state;
} mtc_estimator;

/** Settings from spec (`evidence:` map or NULL). Errors: MTC_ECONFIG (also in `errors`), MTC_ENOMEM, MTC_EBUG (table).
 */
MTC_API mtc_status mtc_estimator_init(mtc_estimator *e, const mtc_estimator_ops *ops, const mtc_spec *spec,
                                      mtc_errlist *errors, mtc_err *err);
/** Release; NULL, zeroed and half-built allowed. */
MTC_API void mtc_estimator_fini(mtc_estimator *e);
/**
 * Run or go on. Checks what the estimator needs and that numbers are numbers. *out is filled in any case of MTC_OK.
 * Errors  MTC_EDOMAIN (chains or modes missing, no dimension), MTC_ENAN, MTC_ENOMEM, MTC_EINTERRUPTED
 */
MTC_API mtc_status mtc_estimator_run(mtc_estimator *e, const mtc_estimator_input *in, mtc_estimate *out, mtc_err *err);

/** Settings of importance sampling. */
typedef struct {
    size_t max_draws; /* final draws at effort 1; doubles with the effort */
    size_t min_draws; /* before the standard error may stop it */
} mtc_importance;

/** Settings of the bridge. */
typedef struct {
    size_t max_draws; /* proposal draws per half at effort 1 (two evaluations each); doubles with the effort */
    size_t min_draws; /* per half, before the standard error may stop it */
} mtc_warp3;

#ifdef __cplusplus
}
#endif
#endif
