/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_RUN_H
#define MTC_RUN_H

#include "mtc_config.h"
#include "mtc_course.h"
#include "mtc_exec.h"
#include "mtc_posterior.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a configuration is turned into models; all borrowed. */
typedef struct {
    const char *const *set; /* `--set` arguments in their order */
    size_t n_set;
    const mtc_key *const *evidence_keys; /* tables of those maps, ended by NULL; NULL: any key is taken */
    const mtc_key *const *sampler_keys;
    bool with_check; /* also make the model of check_unrestricted, after the others */
} mtc_run_options;

/** One source of data. */
typedef struct {
    const mtc_config_source *config;
    const mtc_likelihood_ops *ops;
    mtc_source rows;  /* course is NULL: models bring theirs */
    const char *path; /* where its table was found; NULL: inline rows */
    uint64_t hash;    /* of the table's bytes */
} mtc_run_source;

/** One model over all sources. */
typedef struct {
    const mtc_config_model *config;
    bool is_check; /* fitted as a check, outside the prior odds */
    mtc_course course;
    const mtc_likelihood *likelihood; /* n_source, in the order of the configuration; shared by models of one course */
    mtc_course draft_course;          /* the same, worked out roughly */
    const mtc_likelihood *draft;      /* likewise under it; kinds without draft stand as in likelihood; NULL: all do */
    mtc_posterior *posterior;
} mtc_run_model;

/** A configuration with its data read and its models built: all that a command works on. */
typedef struct {
    mtc_arena *arena; /* holds everything */
    mtc_config config;
    size_t n_source;
    mtc_run_source *source; /* in the order of the configuration */
    size_t n_model;
    mtc_run_model *model;     /* in the order of the configuration, the check last */
    const mtc_spec *resolved; /* the configuration with every default filled in */
    uint64_t config_hash;     /* of resolved */
    uint64_t data_hash;       /* of the tables' bytes */
} mtc_run;

/**
 * Read a configuration and its data and build every model. GSL's error handler must be off.
 * out     caller releases it with mtc_run_close; NULL on failure
 * errors  all mistakes of the configuration, the tables and the priors, each once
 * Returns MTC_OK; MTC_ECONFIG, MTC_EDATA or MTC_EUSAGE where the user's input is wrong; MTC_ENOMEM
 */
MTC_API mtc_status mtc_run_open(const char *path, const mtc_run_options *options, mtc_run **out, mtc_errlist *errors);
/** Release a run; NULL allowed. */
MTC_API void mtc_run_close(mtc_run *run);

/** Model by name; NULL where there is none. */
MTC_API const mtc_run_model *mtc_run_find_model(const mtc_run *run, const char *name);

/**
 * Text of config.resolved.yaml: all defaults, with version and hashes in comments; running it gives the same bits.
 * folder  where it will stand: paths of tables are written relative to it
 * out     in arena
 */
MTC_API mtc_status mtc_run_resolved_text(const mtc_run *run, const char *folder, const char *version, mtc_arena *arena,
                                         char **out, mtc_err *err);

/** A path to `target` as seen from `folder`; both relative to the current directory or absolute. In arena. */
MTC_API mtc_status mtc_run_relative_path(const char *folder, const char *target, mtc_arena *arena, const char **out,
                                         mtc_err *err);

/* ---- what a model expects before any data ---- */

/** Median and 90% interval over prior draws; all NaN where no draw gave a number. */
typedef struct {
    mtc_quantity info;
    double median, q05, q95;
} mtc_run_expectation;

/**
 * Quantities of source i under draws from a model's prior.
 * seed, n_draw  streams are named by model, source and draw
 * out, n        list in arena; empty where the kind has no quantities
 */
MTC_API mtc_status mtc_run_expect(const mtc_run_model *model, size_t source, uint64_t seed, size_t n_draw,
                                  mtc_exec *exec, mtc_arena *arena, mtc_run_expectation **out, size_t *n, mtc_err *err);

/* ---- one point by names (`evaluate`, `simulate --at`) ---- */

/** A named natural value. */
typedef struct {
    const char *name;
    double value;
} mtc_run_value;

/** A point of a model: natural values of all its parameters. */
typedef struct {
    double *theta;          /* n_param of the posterior, in its order */
    bool by_rate;           /* seeding_rate_per_year was given: theta's Lambda is derived from it */
    double rate;            /* seeding_rate_per_year, given or derived; NaN where the model has no seeding */
    double *d_log_founders; /* by_rate: d log Lambda / d parameter at fixed rate, n_param; else NULL */
    const char **ignored;   /* names that the model does not use */
    size_t n_ignored;
} mtc_run_point;

/**
 * Values by name -> point. seeding_rate_per_year may stand for founders_at_reference; a fixed parameter may be absent.
 * Errors  MTC_ECONFIG: parameters that are missing (all of them named), a name given twice, not finite, both rate and
 *         founders
 */
MTC_API mtc_status mtc_run_point_make(const mtc_run_model *model, const mtc_run_value *value, size_t n_value,
                                      mtc_arena *arena, mtc_run_point *out, mtc_err *err);
/** The prior median of every parameter, fixed values where fixed. */
MTC_API mtc_status mtc_run_point_median(const mtc_run_model *model, mtc_arena *arena, mtc_run_point *out, mtc_err *err);
/** Gradient by natural parameters at fixed founders -> at fixed rate; the founders' entry becomes that of the rate. */
MTC_API void mtc_run_point_gradient(const mtc_run_model *model, const mtc_run_point *point, double *grad);

/* ---- simulation ---- */

/**
 * Rows of source i drawn at natural values of all parameters of a model.
 * out     caller destroys
 * Errors  MTC_EUSAGE where the kind cannot simulate; those of the kind
 */
MTC_API mtc_status mtc_run_simulate(const mtc_run_model *model, size_t source, const double *theta, uint64_t seed,
                                    mtc_rows **out, mtc_err *err);

/**
 * The configuration of a simulated data set: the run's own with the source's rows replaced.
 * rows    n_source
 * text    out: YAML, in arena; tables stand beside it as <source>.csv
 * csv     out: n_source texts of tables, NULL where the rows stand in the configuration; in arena
 */
MTC_API mtc_status mtc_run_simulated(const mtc_run *run, mtc_rows *const *rows, mtc_arena *arena, char **text,
                                     const char **csv, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
