/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_RESULT_H
#define MTC_RESULT_H

#include "mtc_arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Everything that the report of one run says, as plain data: filled by compare, written to and read from summary.json
 * by report, drawn from there. Rules for all structs here:
 * - texts and arrays lie in the result's arena (mtc_result_text, mtc_result_doubles, mtc_result_list);
 * - a text that does not apply is NULL, a number that does not apply or is not known is NaN (in summary.json: null with
 *   a reason), a list that is empty has n = 0;
 * - lists named `x` have their length in `n_x`; an array without own length says which length it has;
 * - intervals are 5% and 95% quantiles (90%) unless the name says otherwise;
 * - nothing here may depend on time, host, path or number of threads.
 */

/** A number with a name: `"seeding_diameter_mm": 15.2`. Names are unique within a list. */
typedef struct {
    const char *name;
    double value;
} mtc_result_number;

/** A setting for people: "target_se", "0.05". */
typedef struct {
    const char *name;
    const char *value;
} mtc_result_setting;

/** What was run. */
typedef struct {
    const char *version;     /* of the program */
    const char *kind;        /* "compare", "fit" */
    const char *title;       /* the user's, or NULL */
    uint64_t seed;           /* below 2^63 */
    const char *config_hash; /* hex */
    const char *data_hash;   /* hex */
    const char *command;     /* as it can be typed again, without output folder and threads */
    const char *privacy;     /* "aggregate" or "individual" */
    size_t n_setting;
    mtc_result_setting *setting;
} mtc_result_run;

/** A fact about the data: "events", 1272. */
typedef struct {
    const char *label;
    double value;
    const char *unit; /* word, "" for none */
    bool is_count;    /* hidden below 5 where privacy is "aggregate" */
    bool is_hidden;   /* set by mtc_result_redact: value is NaN and the report says "< 5" */
} mtc_result_fact;

/** One data source. Names are unique. */
typedef struct {
    const char *name;        /* the user's */
    const char *kind;        /* "latency/individual" */
    const char *description; /* one line on what this kind is */
    const char *reference;   /* where the data come from, NULL */
    size_t n_obs;            /* units: patients, rows, counts */
    size_t n_filtered;       /* rows that `where` left out */
    size_t n_dropped;        /* rows that `missing: drop` left out */
    size_t n_fact;
    mtc_result_fact *fact;
} mtc_result_source;

/** Median and 90% interval of a number over posterior or prior draws. */
typedef struct {
    double median, q05, q95;
} mtc_result_interval;

/** A parameter of one model: what it is, its prior, and both densities on one grid. */
typedef struct {
    const char *name;   /* "doubling_time_days", unique in the model */
    const char *unit;   /* word, "" for none */
    const char *symbol; /* "δ" */
    const char *text;   /* one line for people */
    const char *prior;  /* "LogNormal(median 150 d, log-sd 0.5)" */
    bool is_fixed;
    double fixed_value;                 /* NaN where free */
    mtc_result_interval prior_interval; /* of the truncated prior */
    bool is_log_scale;                  /* draw the axis of the grid with logarithmic scale */
    size_t n_grid;                      /* 0: no densities */
    double *grid;                       /* n_grid, ascending, in the parameter's unit */
    double *prior_density;              /* n_grid, per unit of the parameter */
    double *posterior_density;          /* n_grid, per unit of the parameter */
    double conflict_z; /* Phi^-1(F(posterior median)), F the truncated prior's cdf; |z| > 2.5 is a conflict */
} mtc_result_param;

/** Posterior of one free parameter or derived quantity with its diagnostics (Vehtari et al. 2021). */
typedef struct {
    const char *name;
    const char *unit;  /* word, "" for none */
    const char *label; /* for people */
    double mean, sd, q05, q50, q95;
    double rhat, ess_bulk, ess_tail, mcse_mean;
} mtc_result_posterior;

/** Highest point of the posterior density in natural units. */
typedef struct {
    double log_posterior; /* unnormalised: log_prior + log_likelihood */
    double log_prior, log_likelihood;
    size_t n_parameter;
    mtc_result_number *parameter;
} mtc_result_map;

/** One estimate of a log evidence. */
typedef struct {
    const char *name; /* "warp3_bridge", "importance_sampling", "laplace" */
    const char *role; /* "primary", "second", "alarm", "rough" */
    double value, se; /* NaN where there is none; `note` says why */
    double k_hat;     /* Pareto k of importance sampling */
    uint64_t likelihood_calls, gradient_calls;
    const char *note; /* or NULL */
} mtc_result_estimator;

/** One try of the verdict rule; all tries are kept. */
typedef struct {
    const char *route; /* "fast", "full" */
    bool reliable;
    const char *text;                           /* what was done and why it was not enough, or NULL */
    double draft_shift, draft_se, draft_spread; /* of mtc_evidence_attempt; NaN where no draft was used */
    size_t n_estimator;
    mtc_result_estimator *estimator;
} mtc_result_attempt;

/** Log evidence of one model. */
typedef struct {
    double value, se;
    const char *route; /* "fast", "full" */
    bool reliable;
    size_t n_reason; /* why it is not reliable */
    const char **reason;
    const char *smc_alarm; /* "not run", "silent", "raised: ..." */
    size_t n_estimator;
    mtc_result_estimator *estimator; /* of the last attempt, primary first */
    size_t n_attempt;
    mtc_result_attempt *attempt;
} mtc_result_evidence;

/** One diagnostic with its threshold and a plain sentence. */
typedef struct {
    const char *name; /* "rhat_max" */
    double value, threshold;
    bool pass;
    const char *sentence;
} mtc_result_check;

typedef struct {
    bool converged;
    size_t n_check;
    mtc_result_check *check;
} mtc_result_diagnostics;

/** A distribution over patients and posterior draws. */
typedef struct {
    const char *id;    /* see mtc_result_seeding */
    const char *label; /* "Years before surgery when the founder of the first metastasis left" */
    const char *unit;
    double q05, q25, q50, q75, q95;
    size_t n_edge; /* 0, or one more than bins */
    double *edge;  /* n_edge, ascending */
    double *share; /* n_edge - 1 shares of the whole, their sum is at most 1 */
} mtc_result_distribution;

/** A share of founders with its posterior interval. */
typedef struct {
    const char *id; /* see mtc_result_seeding */
    const char *label;
    mtc_result_interval share; /* in 0..1 */
} mtc_result_share;

/**
 * When and at what size founders left under one model.
 * distribution ids  "first_years_before_surgery", "first_diameter_mm" (founder of the first metastasis, among patients
 *                   with metastasis after surgery), "all_diameter_mm" (all founders)
 * share ids         "first_below_5_mm", "first_below_10_mm", "all_below_5_mm", "all_below_10_mm"
 */
typedef struct {
    size_t n_distribution;
    mtc_result_distribution *distribution;
    size_t n_share;
    mtc_result_share *share;
} mtc_result_seeding;

/** Posterior mass of the seeding diameter by region, NaN where the model has no free seeding diameter. */
typedef struct {
    double below_5_mm, from_5_to_10_mm, above_10_mm;
} mtc_result_mass;

/** A number the model predicts for a source: before the data, after the data, and observed where it was observed. */
typedef struct {
    const char *source; /* name of the source */
    const char *id;     /* "metastasis_by_10_years.le20" */
    const char *label;
    const char *unit; /* word, "" for none */
    bool is_count;    /* an observed count below 5 is hidden where privacy is "aggregate" */
    bool is_hidden;   /* set by mtc_result_redact: observed is NaN and the report says "< 5" */
    double observed;  /* NaN where not observed */
    mtc_result_interval prior, posterior;
} mtc_result_quantity;

/** How well a model predicts each unit (patient, row, count) from all others (Vehtari, Gelman & Gabry 2017). */
typedef struct {
    bool is_present;
    size_t n_unit, n_draw;
    double elpd_loo, elpd_loo_se, p_loo;    /* expected log predictive density; its error over units; effective
                                               parameters */
    double elpd_waic, elpd_waic_se, p_waic; /* the same by WAIC */
    double k_hat_max;                       /* largest Pareto k, of worst_unit; above 0.7 a unit's part is not sound */
    size_t n_k_hat_high;                    /* units above 0.7 */
    const char *worst_unit;                 /* "rotterdam, row 1507"; "rotterdam" where privacy is "aggregate" */
} mtc_result_predictive;

/** One model. Names are unique; models stand in the order of the configuration, checks last. */
typedef struct {
    const char *name;   /* "linear" */
    const char *preset; /* "linear", "linear, klein"; NULL: none */
    const char *label;  /* for people: "Linear progression" */
    bool in_comparison; /* false: fitted as a check (`unrestricted`), outside the prior odds */
    size_t n_param;
    mtc_result_param *param; /* free and fixed ones that the sources use */
    size_t n_posterior;
    mtc_result_posterior *posterior; /* free ones, same order */
    size_t n_derived;
    mtc_result_posterior *derived; /* "seeding_rate_per_year" */
    mtc_result_map map;
    mtc_result_evidence evidence; /* value NaN and n_estimator 0 after `fit` */
    mtc_result_diagnostics diagnostics;
    mtc_result_seeding seeding;
    mtc_result_mass seeding_diameter_mass;
    size_t n_quantity;
    mtc_result_quantity *quantity;
    mtc_result_predictive predictive;
} mtc_result_model;

/** A model's curve in a display: posterior predictive median and 90% band on the display's grid. */
typedef struct {
    const char *model;
    size_t n_x;                 /* the display's n_x again */
    double *median, *q05, *q95; /* n_x */
} mtc_result_prediction;

/** A picture of data against models (see mtc_display in core/mtc_likelihood.h). */
typedef struct {
    const char *source; /* name of the source */
    const char *id;     /* "km.le20"; unique within the source */
    const char *title;
    const char *kind; /* "kaplan_meier", "cdf" */
    const char *x_label, *y_label;
    bool x_log;
    size_t n_x;
    double *x; /* n_x, grid of the predictions */
    size_t n_obs;
    double *obs_x, *obs_y;         /* n_obs */
    double *obs_lower, *obs_upper; /* n_obs, 95% limits of y (kind "cdf" with labels: of x); NULL where none */
    double *obs_n_at_risk;         /* n_obs, NULL where none */
    const char **obs_label;        /* n_obs, per point: study; NULL where the points are patients */
    size_t n_prediction;
    mtc_result_prediction *prediction;
} mtc_result_display;

/** Log Bayes factor from one data source. */
typedef struct {
    const char *source;
    double log_bayes_factor, log_bayes_factor_se;
} mtc_result_source_factor;

/** Two compared models. */
typedef struct {
    const char *numerator, *denominator; /* names of models */
    double log_bayes_factor, log_bayes_factor_se;
    bool reliable; /* both evidences are */
} mtc_result_pair;

/** The answer. After `fit`, and where fewer than two models are compared, is_present is false. */
typedef struct {
    bool is_present;
    const char *numerator, *denominator;          /* names of models */
    double log_bayes_factor, log_bayes_factor_se; /* natural */
    double log10_bayes_factor;
    const char *words;  /* "substantial evidence for parallel" after Kass & Raftery 1995 */
    const char *border; /* sentence where the error spans a border of categories, else NULL */
    bool reliable;
    size_t n_reason; /* why it is not reliable */
    const char **reason;
    double prior_odds;    /* numerator : denominator */
    double turning_odds;  /* prior odds numerator : denominator at which both are equally probable afterwards */
    size_t n_probability; /* models in the comparison */
    mtc_result_number *prior_probability;
    mtc_result_number *posterior_probability; /* n_probability */
    size_t n_pair;                            /* every two compared models, a later one over an earlier one */
    mtc_result_pair *pair;
    double elpd_loo_difference, elpd_loo_difference_se; /* numerator less denominator; NaN where not computed */
    size_t n_by_source;
    mtc_result_source_factor *by_source;
} mtc_result_comparison;

/** Counted evaluations of all models together. */
typedef struct {
    uint64_t likelihood_calls, gradient_calls;
} mtc_result_cost;

/** All of it, with the memory it lies in. */
typedef struct {
    mtc_arena *arena;
    mtc_result_run run;
    size_t n_source;
    mtc_result_source *source;
    size_t n_model;
    mtc_result_model *model;
    size_t n_display;
    mtc_result_display *display;
    mtc_result_comparison comparison;
    size_t n_misfit; /* sentences: what no hypothesis, or which hypothesis does not, predict well */
    const char **misfit;
    bool all_misfit; /* the predictive checks fail for every hypothesis: the report says so before any Bayes factor */
    size_t n_warning;
    const char **warning;
    mtc_result_cost cost;
} mtc_result;

/** An empty result: numbers NaN, lists empty, texts NULL. Errors: MTC_ENOMEM (*out is NULL then). */
MTC_API mtc_status mtc_result_create(mtc_result **out, mtc_err *err);
/** Release a result and all that lies in its arena; NULL allowed. */
MTC_API void mtc_result_destroy(mtc_result *r);

/** Copy of a text into the result's arena; NULL stays NULL. */
MTC_API mtc_status mtc_result_text(mtc_result *r, const char *text, const char **out, mtc_err *err);
/** Copy of n numbers into the arena. */
MTC_API mtc_status mtc_result_doubles(mtc_result *r, const double *x, size_t n, double **out, mtc_err *err);
/** A zeroed list of n entries in the arena: `mtc_result_list(r, n, &r->model, err)`. */
#define mtc_result_list(r, n, ptr, err) mtc_arena_new((r)->arena, (n), (ptr), (err))
/** A model with all its numbers NaN and its lists empty, to start filling from. */
MTC_API void mtc_result_model_init(mtc_result_model *m);
/** Append a sentence to a list of texts (`&r->misfit, &r->n_misfit`); the text is copied. */
MTC_API mtc_status mtc_result_sentence(mtc_result *r, const char ***list, size_t *n, mtc_err *err, const char *format,
                                       ...) __attribute__((format(printf, 5, 6)));

/** Model by name, NULL where there is none. */
MTC_API const mtc_result_model *mtc_result_find_model(const mtc_result *r, const char *name);
/** Parameter of a model by name, NULL where there is none. */
MTC_API const mtc_result_param *mtc_result_find_param(const mtc_result_model *m, const char *name);
/** Posterior of a free parameter by name, NULL where there is none. */
MTC_API const mtc_result_posterior *mtc_result_find_posterior(const mtc_result_model *m, const char *name);
/** Seeding distribution by id, NULL where there is none. */
MTC_API const mtc_result_distribution *mtc_result_find_distribution(const mtc_result_model *m, const char *id);
/** Seeding share by id, NULL where there is none. */
MTC_API const mtc_result_share *mtc_result_find_share(const mtc_result_model *m, const char *id);

/**
 * Take out what `privacy: aggregate` hides: which unit of a source it was, counts below 5 among facts, quantities and
 * observed numbers at risk, and patients' own times in displays (points without labels become the curve's values on the
 * display's grid, where at least 5 are at risk). Does nothing where privacy is "individual". May be called twice.
 * report calls it before it writes.
 */
MTC_API mtc_status mtc_result_redact(mtc_result *r, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
