/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_ERR_H
#define MTC_ERR_H

#include "mtc_status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A place in a file of the user; line and column count from 1, 0 where unknown. */
typedef struct {
    const char *file; /* borrowed; NULL where unknown */
    long line;
    long column;
} mtc_pos;

/** One error. Belongs to the caller, lies on the stack; fixed buffers, so that out-of-memory can be reported too. */
typedef struct {
    mtc_status status;
    char file[256]; /* the user's file, "" where none */
    long line;
    long column;
    char message[1024];
    char hint[512];       /* a likely fix, "" where none */
    const char *src_file; /* where in the code it was raised */
    int src_line;
} mtc_err;

/** An empty error: `mtc_err err = MTC_ERR_INIT;` */
#define MTC_ERR_INIT                                                                                                   \
    {                                                                                                                  \
        MTC_OK, "", 0, 0, "", "", NULL, 0                                                                              \
    }

/**
 * Fill an error and return its status, for `return mtc_fail(err, MTC_EDOMAIN, "...", ...)`.
 * pos  place in the user's file or NULL.  err may be NULL.  Replaces what err held.
 */
#define mtc_fail(err, status, ...) mtc_err_set((err), (status), NULL, __FILE__, __LINE__, __VA_ARGS__)
#define mtc_fail_at(err, status, pos, ...) mtc_err_set((err), (status), (pos), __FILE__, __LINE__, __VA_ARGS__)
MTC_API mtc_status mtc_err_set(mtc_err *err, mtc_status status, const mtc_pos *pos, const char *src_file, int src_line,
                               const char *format, ...) __attribute__((format(printf, 6, 7)));

/** Empty an error again, where a failure turned out to be an answer. err may be NULL. */
MTC_API void mtc_err_clear(mtc_err *err);

/** Set the hint line of an error ("did you mean ..."). err may be NULL. */
MTC_API void mtc_err_hint(mtc_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Put context and ": " in front of the message while the error travels up; the message stays. err may be NULL. */
MTC_API void mtc_err_prefix(mtc_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Write "file:line:column: error: message" and, where there is one, a line "hint: ..." into buf. Returns strlen. */
MTC_API size_t mtc_err_format(const mtc_err *err, char *buf, size_t size);

/** A growing list of errors, so that a file is reported with all its errors at once. */
typedef struct {
    mtc_err *item;
    size_t n;        /* stored */
    size_t n_all;    /* seen; more than n where the limit of 200 was passed or memory ran out */
    size_t capacity; /* internal */
} mtc_errlist;

#define MTC_ERRLIST_INIT                                                                                               \
    {                                                                                                                  \
        NULL, 0, 0, 0                                                                                                  \
    }

/** Append an error at a place; returns its status. hint may be NULL. Never fails: what cannot be stored is counted. */
MTC_API mtc_status mtc_errlist_add(mtc_errlist *list, mtc_status status, const mtc_pos *pos, const char *hint,
                                   const char *format, ...) __attribute__((format(printf, 5, 6)));
/** Append a copy of an error, unless the list has the same message for the same place; returns its status. */
MTC_API mtc_status mtc_errlist_push(mtc_errlist *list, const mtc_err *err);
/** Release the list and leave it empty; NULL allowed. */
MTC_API void mtc_errlist_fini(mtc_errlist *list);

#ifdef __cplusplus
}
#endif
#endif
