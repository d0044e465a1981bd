/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SPEC_H
#define MTC_SPEC_H

#include "mtc_arena.h"
#include "mtc_err.h"
#include "mtc_unit.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { MTC_SPEC_NULL, MTC_SPEC_SCALAR, MTC_SPEC_LIST, MTC_SPEC_MAP } mtc_spec_kind;

/**
 * Read-only view of settings: a tree of scalars, lists and maps, each node with its place in the user's file. Filled by
 * config, read by components. Scalars stay text until somebody asks for a type.
 */
typedef struct mtc_spec mtc_spec;
struct mtc_spec {
    mtc_spec_kind kind;
    mtc_pos pos;
    const char *text;            /* scalar: its text; else NULL */
    size_t n;                    /* list, map: number of entries */
    const mtc_spec *const *item; /* list, map: the values */
    const char *const *key;      /* map: the keys */
    const mtc_pos *key_pos;      /* map: where each key stands */
};

/** Value of a key of a map; NULL where absent or where `map` is NULL or no map. */
MTC_API const mtc_spec *mtc_spec_find(const mtc_spec *map, const char *key);

/** Scalar as quantity in the inside unit of `dim`. Errors: MTC_ECONFIG at the node's place. */
MTC_API mtc_status mtc_spec_quantity(const mtc_spec *node, mtc_dim dim, double *out, mtc_err *err);
/** Scalar as plain number. */
MTC_API mtc_status mtc_spec_number(const mtc_spec *node, double *out, mtc_err *err);
/** Scalar as whole number >= 0. */
MTC_API mtc_status mtc_spec_count(const mtc_spec *node, size_t *out, mtc_err *err);
/** Scalar as true/false/yes/no/on/off. */
MTC_API mtc_status mtc_spec_bool(const mtc_spec *node, bool *out, mtc_err *err);
/** Scalar as text (borrowed from the node). */
MTC_API mtc_status mtc_spec_text(const mtc_spec *node, const char **out, mtc_err *err);

/** Type of a setting. */
typedef enum {
    MTC_KEY_NUMBER,
    MTC_KEY_QUANTITY, /* number with unit of key.dim */
    MTC_KEY_COUNT,
    MTC_KEY_BOOL,
    MTC_KEY_TEXT,
    MTC_KEY_CHOICE, /* one of key.choices, separated by | */
    MTC_KEY_LIST,
    MTC_KEY_MAP
} mtc_key_type;

/**
 * One setting of a component. Help, checking, the resolved configuration and the schema come from these tables.
 * A table ends with an entry whose key is NULL.
 */
typedef struct {
    const char *key;
    mtc_key_type type;
    mtc_dim dim;               /* for MTC_KEY_QUANTITY */
    mtc_unit unit;             /* unit in which the default and range are printed */
    double lower, upper;       /* inclusive range of numbers, quantities (inside unit) and counts; -inf/inf: open */
    const char *default_value; /* text as it would stand in the file; NULL: no default (optional unless required) */
    bool required;
    const char *choices;
    const char *help; /* one line */
} mtc_key;

/**
 * Check a map against a key table: unknown keys (with "did you mean"), missing required keys, types, ranges, choices.
 * more  further tables allowed beside `keys`, NULL-terminated array, or NULL
 * All errors go to `errors`. Returns MTC_OK or MTC_ECONFIG.
 */
MTC_API mtc_status mtc_spec_check(const mtc_spec *map, const mtc_key *keys, const mtc_key *const *more,
                                  mtc_errlist *errors);

/** Value of a key by its table: the given one, else the default. Errors as the typed readers. MTC_EBUG: key not in
 * table. */
MTC_API mtc_status mtc_spec_get_number(const mtc_spec *map, const mtc_key *keys, const char *key, double *out,
                                       mtc_err *err);
MTC_API mtc_status mtc_spec_get_count(const mtc_spec *map, const mtc_key *keys, const char *key, size_t *out,
                                      mtc_err *err);
MTC_API mtc_status mtc_spec_get_bool(const mtc_spec *map, const mtc_key *keys, const char *key, bool *out,
                                     mtc_err *err);
MTC_API mtc_status mtc_spec_get_text(const mtc_spec *map, const mtc_key *keys, const char *key, const char **out,
                                     mtc_err *err);

/** Nearest of n names to a misspelt one (edit distance <= 1/3 of its length, at most 3); NULL where none is near. */
MTC_API const char *mtc_nearest_name(const char *word, const char *const *names, size_t n);

#ifdef __cplusplus
}
#endif
#endif
