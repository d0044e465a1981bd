/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_CONFIG_H
#define MTC_CONFIG_H

#include "mtc_spec.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MTC_CONFIG_VERSION 1
#define MTC_DEFAULT_SEED UINT64_C(20090401)

/** Named priors that `preset:` refers to: YAML text of a map with the key `priors`. */
typedef struct {
    const char *name;
    const char *text;
} mtc_config_preset;

/** What a configuration is read with; all borrowed. */
typedef struct {
    const char *const *set; /* `--set` arguments in their order */
    size_t n_set;
    const char *default_priors;       /* YAML text like a preset's, under every model's own; NULL: none */
    const mtc_config_preset *presets; /* n_preset; the one named `unrestricted` serves check_unrestricted */
    size_t n_preset;
    /* tables of the maps settings, evidence, sampler, each list ended by NULL; NULL: any key is taken */
    const mtc_key *const *settings_keys;
    const mtc_key *const *evidence_keys;
    const mtc_key *const *sampler_keys;
} mtc_config_options;

typedef enum { MTC_PRIVACY_AGGREGATE, MTC_PRIVACY_INDIVIDUAL } mtc_privacy;

/** One entry of `data:`. */
typedef struct {
    const char *name;
    mtc_pos pos;            /* of the name */
    const mtc_spec *spec;   /* the source's map */
    const char *likelihood; /* name of its kind */
    mtc_pos likelihood_pos;
} mtc_config_source;

/** One entry of `models:` with its presets applied. */
typedef struct {
    const char *name;
    mtc_pos pos;
    const char *preset;       /* "linear, klein"; NULL: none */
    const mtc_spec *priors;   /* parameter key -> prior: defaults, presets from left to right, the model's own */
    const mtc_spec *settings; /* the model's own settings, over the file's; NULL: none */
    double prior_odds;        /* >= 0; 0: fitted, but not in the comparison */
} mtc_config_model;

/** A whole configuration, checked as far as that needs no data. A plain view, held by an arena. */
typedef struct {
    const char *file;
    const char *title; /* "" where none */
    uint64_t seed;
    size_t threads; /* 0: as many as processors */
    bool check_unrestricted;
    size_t loo_draws; /* for leaving units out; 0: it is not done */
    mtc_privacy privacy;
    size_t n_source;
    mtc_config_source *source; /* in the order of the file */
    size_t n_model;
    mtc_config_model *model; /* in the order of the file */
    mtc_config_model check;  /* the fit of check_unrestricted: `unrestricted` over what all models share; priors NULL
                                where not asked for or where the file has a model of that name */
    const mtc_spec *settings, *evidence, *sampler; /* maps; NULL where absent */
    const mtc_spec *tree; /* the whole file with --set applied and, under each model, all its priors */
} mtc_config;

/**
 * Read a configuration.
 * path    as the user wrote it
 * arena   holds everything in out
 * errors  every mistake of the file, with its place: unknown keys ("did you mean"), wrong types, unknown presets, names
 *         that do not fit, prior odds of models that do not exist, ...
 * Returns MTC_OK; MTC_ECONFIG or MTC_EUSAGE (a malformed --set) where something went to errors; MTC_ENOMEM
 */
MTC_API mtc_status mtc_config_read(const char *path, const mtc_config_options *options, mtc_arena *arena,
                                   mtc_config *out, mtc_errlist *errors);

/** The same from text; file is the name that stands in messages. */
MTC_API mtc_status mtc_config_parse(const char *text, size_t n, const char *file, const mtc_config_options *options,
                                    mtc_arena *arena, mtc_config *out, mtc_errlist *errors);

/** Keys of the top level and of one model, for help and the schema. */
MTC_API extern const mtc_key mtc_config_keys[];
MTC_API extern const mtc_key mtc_config_model_keys[];

/**
 * Hash of everything in a tree that can change a number: all keys and texts but title, threads and the tables' paths
 * (the contents of tables have their own hash). The order of keys does not count. Errors: MTC_ENOMEM.
 */
MTC_API mtc_status mtc_config_hash(const mtc_spec *tree, mtc_arena *arena, uint64_t *out, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
