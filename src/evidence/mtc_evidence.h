/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_EVIDENCE_H
#define MTC_EVIDENCE_H

#include "mtc_draft.h"
#include "mtc_estimator.h"
#include "mtc_sample.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How posterior draws and the second estimate are made. */
typedef enum {
    MTC_ROUTE_AUTO, /* fast, and full where fast does not end reliable */
    MTC_ROUTE_FAST, /* independence Metropolis for the bridge, importance sampling beside it */
    MTC_ROUTE_FULL  /* NUTS for the bridge, importance sampling beside it */
} mtc_route;

/** Settings; mtc_evidence_read fills them, MTC_EVIDENCE_INIT holds the defaults. */
typedef struct {
    mtc_route route;
    double target_se;             /* largest standard error of a reliable evidence */
    size_t max_escalations;       /* doublings of the effort, per route */
    size_t independence_draws;    /* per chain at effort 1 */
    mtc_sampler_settings sampler; /* of NUTS, from the `sampler:` map; its number of chains, even, is that of both */
    const mtc_spec *spec;         /* the `evidence:` map, for the estimators' own settings; NULL: defaults */
    const mtc_estimator_ops *primary; /* NULL: warp3_bridge */
    const mtc_estimator_ops *second;  /* NULL: importance_sampling */
    bool with_alarm;                  /* sequential Monte Carlo from the prior looks for modes that chains miss */
} mtc_evidence_settings;
#define MTC_EVIDENCE_INIT                                                                                              \
    {                                                                                                                  \
        MTC_ROUTE_AUTO, 0.05, 2, 1000, MTC_SAMPLER_INIT, NULL, NULL, NULL, false                                       \
    }

/** Keys of the `evidence:` map, those of the estimators not included. */
MTC_API extern const mtc_key mtc_evidence_keys[];

/**
 * Read the `evidence:` map; `sampler` is left at its defaults for the caller to fill.
 * spec    map or NULL: defaults
 * errors  every mistake is added, unknown keys with "did you mean"
 */
MTC_API mtc_status mtc_evidence_read(const mtc_spec *spec, mtc_evidence_settings *settings, mtc_errlist *errors);

enum { MTC_EVIDENCE_REASONS = 8, MTC_EVIDENCE_ESTIMATES = 4, MTC_EVIDENCE_ATTEMPTS = 12 };

/** Why an attempt is not reliable, in plain words. */
typedef struct {
    size_t n;
    char text[MTC_EVIDENCE_REASONS][320];
} mtc_reasons;

/** One attempt: what was estimated and what the rule said. All are kept. */
typedef struct {
    const char *route; /* "fast", "full", "exact" */
    size_t effort;
    bool reliable;
    bool converged; /* the chains' diagnostics pass */
    mtc_reasons reasons;
    /* drawn and weighed with the target's draft, and corrected; false also for an attempt that failed by the draft's
     * own figures, which is left as it is unless it is the last */
    bool drafted;
    double draft_shift;  /* drafted: what the correction added to the log evidence ... */
    double draft_se;     /* ... its standard error, contained in those of the estimates ... */
    double draft_spread; /* ... and the sd of log likelihoods less those of the draft */
    size_t n_estimate;
    mtc_estimate estimate[MTC_EVIDENCE_ESTIMATES]; /* primary, second, rough; then that of the alarm where it was run */
} mtc_evidence_attempt;

/** Log evidence of one target with all that stands behind it. Release with mtc_evidence_fini. */
typedef struct {
    bool has_value;      /* false: no number (see reasons) */
    double log_evidence; /* natural log; the primary estimator's */
    double se;
    bool reliable;
    mtc_reasons reasons; /* of the last attempt; empty where reliable */
    const char *route;   /* that the answer came by */
    char smc_alarm[320]; /* "not run", "silent", "raised: ...", "undecided: ..." */
    size_t n_attempt;
    mtc_evidence_attempt attempt[MTC_EVIDENCE_ATTEMPTS]; /* in order; the last one holds the answer's estimates */
    mtc_chains chains;                 /* posterior draws of that route; n_chain 0 without free parameters */
    mtc_diagnosis diagnosis;           /* of the chains */
    unsigned long n_value, n_gradient; /* evaluations in all, the search for modes included where it was made here */
} mtc_evidence;

/**
 * Log evidence and posterior of a target, by the verdict rule: reliable means that primary and second differ by at most
 * max(3 combined standard errors, 0.02), each standard error is at most target_se, Pareto k of importance sampling is
 * below 0.5, and the chains' diagnostics pass. Otherwise the effort is doubled, earlier draws kept. A disagreement
 * beyond 5 combined standard errors between estimates that were both sound is never forgiven. Unreliable is a result,
 * not an error. A target without free parameters has its likelihood as exact evidence.
 *
 * A target with a draft is drawn and weighed by its draft; both estimates are corrected by what the target itself says
 * of the posterior draws (sampler/mtc_draft.h), and so are the draws. Where the draft turns out not to be close, all is
 * done again with the target itself.
 *
 * With settings->with_alarm, sequential Monte Carlo from the prior looks for modes that all chains missed, with the
 * draft where there is one; an alarm that is not silent makes the evidence unreliable.
 *
 * modes     of the target; NULL: they are searched for here
 * evidence  out, empty on entry
 * Errors    those of the target (MTC_ENAN ...), MTC_ENOMEM, MTC_EINTERRUPTED, MTC_ENUMERIC (no point inside the
 * support) Threads   tasks run on exec; results do not depend on their number
 */
MTC_API mtc_status mtc_evidence_run(const mtc_target *target, const mtc_modes *modes,
                                    const mtc_evidence_settings *settings, uint64_t seed, mtc_exec *exec,
                                    mtc_evidence *evidence, mtc_err *err);
/** Release; NULL and zeroed allowed. */
MTC_API void mtc_evidence_fini(mtc_evidence *evidence);

#ifdef __cplusplus
}
#endif
#endif
