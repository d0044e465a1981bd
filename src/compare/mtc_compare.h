/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_COMPARE_H
#define MTC_COMPARE_H

#include "mtc_course.h"
#include "mtc_evidence.h"
#include "mtc_posterior.h"
#include "mtc_result.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One model to fit; all pointers are borrowed. */
typedef struct {
    const char *name;   /* unique; also the name of the posterior's target */
    const char *preset; /* "linear, klein"; NULL: none */
    const char *label;  /* for people; NULL: the name */
    double prior_odds;  /* relative weight before the data, >= 0; 0: fitted as a check, not compared */
    const mtc_posterior *posterior;
    const mtc_course *course; /* NULL: no patients can be simulated */
} mtc_compare_model;

/** What is run. */
typedef struct {
    size_t n_model;
    const mtc_compare_model *model; /* in the order of the report; checks last */
    size_t n_source;
    const mtc_likelihood *source; /* in the order of the report; every posterior has sources of these names */
    uint64_t seed;
    bool by_source;                 /* also weigh the two models by each source alone; as many evidences again */
    bool with_evidence;             /* false: posteriors alone (`fit`), by NUTS */
    mtc_optimise_settings optimise; /* its seed is replaced by `seed` */
    mtc_evidence_settings evidence; /* and the sampler's settings in it */
    size_t n_predict;               /* posterior draws that bands and patients are made from */
    size_t n_patient;               /* patients simulated for each of them */
    size_t n_leave_out;             /* posterior draws for leaving units out (PSIS-LOO, WAIC); 0: it is not done */
} mtc_compare_plan;

#define MTC_COMPARE_INIT                                                                                               \
    {                                                                                                                  \
        .optimise = MTC_OPTIMISE_INIT, .evidence = MTC_EVIDENCE_INIT, .with_evidence = true, .n_predict = 200,         \
        .n_patient = 250, .n_leave_out = 500                                                                           \
    }

/** Posterior draws of one model in natural units, for traces. */
typedef struct {
    const char *model;     /* borrowed from the plan */
    const char *algorithm; /* "nuts", "independence"; "exact" without free parameters */
    size_t n_warmup;       /* per chain, not kept */
    mtc_chains chains;     /* n_chain 0 without free parameters */
    size_t n_column;       /* free parameters, then derived quantities */
    const char **column;   /* n_column names, in the result's arena */
    double *natural;       /* n_column x n_chain x n_draw, in the result's arena */
} mtc_compare_fit;

/**
 * Fit every model and compare those with prior odds: modes, evidence with its verdict, posterior summaries with
 * diagnostics, conflicts of prior and data, predictions, when and at what size founders left, log Bayes factor in
 * numbers and words. Fills r->source, r->model, r->display, r->comparison, r->misfit, r->warning, r->cost; r->run is
 * the caller's. All random work is in tasks with named streams: the same bytes for any number of threads.
 *
 * result  from mtc_result_create, otherwise empty
 * fit     out: n_model, released one by one with mtc_compare_fit_fini; NULL: draws are not wanted
 * Errors  MTC_EDOMAIN (no models, names that do not fit, a name twice), those of optimiser, sampler and estimators.
 *         Unreliable and not converged are results, not errors: see mtc_compare_status
 */
MTC_API mtc_status mtc_compare_run(const mtc_compare_plan *plan, mtc_exec *exec, mtc_result *result,
                                   mtc_compare_fit *fit, mtc_err *err);
MTC_API void mtc_compare_fit_fini(mtc_compare_fit *fit);

/** MTC_OK; MTC_ENOTCONVERGED where a compared model's chains did not converge; MTC_EUNRELIABLE where an evidence that
 * enters the comparison is not reliable. Models that are checks alone do not count. */
MTC_API mtc_status mtc_compare_status(const mtc_result *result);

/**
 * Strength of evidence after Kass & Raftery 1995 (JASA 90:773, section 3.2), borders at 2 ln B = 2, 6, 10:
 * "not worth more than a bare mention", "positive", "strong", "very strong". Static storage.
 */
MTC_API const char *mtc_kass_raftery(double log_bayes_factor);

#ifdef __cplusplus
}
#endif
#endif
