/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SUMMARY_INTERNAL_H
#define MTC_SUMMARY_INTERNAL_H

#include "mtc_result.h"

/*
 * summary.json as tables: one row per key says where its value lies in a struct, and writer and reader both walk the
 * same rows. So they cannot disagree, and the order of keys in the file is the order of the rows.
 */

/** Version of the layout of summary.json; raised when a key changes its meaning or goes. */
#define SUMMARY_SCHEMA 1

typedef enum {
    FIELD_TEXT,    /* const char *; NULL: key left out */
    FIELD_NUMBER,  /* double; not finite: null beside "<key>_reason" */
    FIELD_CALLS,   /* uint64_t */
    FIELD_COUNT,   /* size_t */
    FIELD_BOOL,    /* bool */
    FIELD_VECTOR,  /* double *, length at n_offset; not finite: null; NULL: key left out */
    FIELD_TEXTS,   /* const char **, length at n_offset; NULL: key left out */
    FIELD_NUMBERS, /* mtc_result_number *, length at n_offset, as {name: value} */
    FIELD_OBJECT,  /* struct of `type` inside this struct */
    FIELD_LIST,    /* array of structs of `type`, length at n_offset, as [...] */
    FIELD_MAP      /* the same as {name: ...}; the name is the text at the type's key_offset */
} field_kind;

typedef enum {
    FIELD_OPTIONAL = 1,    /* may be absent; a number that is NaN is left out */
    FIELD_SETS_LENGTH = 2, /* reader: sets the length at n_offset; without it the length must be equal */
    FIELD_SHORTER = 4,     /* vector has one entry less than the length says (bins between edges) */
    FIELD_IF_PRESENT = 8   /* object: written where the bool at n_offset is true; reader sets it */
} field_flag;

typedef struct summary_type summary_type;

typedef struct {
    const char *key;
    field_kind kind;
    size_t offset;
    size_t n_offset;
    unsigned flags;
    const summary_type *type;
} summary_field;

struct summary_type {
    size_t size;
    size_t key_offset; /* of the const char * that names an entry of a map */
    size_t n_field;
    const summary_field *field;
};

/** mtc_result as a whole. */
extern const summary_type summary_root;

/** Texts of "<key>_reason" for numbers that JSON cannot hold. */
#define REASON_NAN "not available"
#define REASON_PLUS "infinite"
#define REASON_MINUS "minus infinite"

#endif
