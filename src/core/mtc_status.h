/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_STATUS_H
#define MTC_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/** Marks a function that the shared library exports. */
#define MTC_API __attribute__((visibility("default")))

/**
 * Every status the library can return: enumerator, exit code of the program, description.
 * The one list; enumerators, texts and the documented exit codes expand from it.
 */
#define MTC_STATUS_LIST(X)                                                                                             \
    X(MTC_OK, 0, "done and reliable")                                                                                  \
    X(MTC_EUSAGE, 2, "usage: a command line that cannot be taken")                                                     \
    X(MTC_EEXISTS, 2, "output exists and --force was not given")                                                       \
    X(MTC_EUNBUILT, 2, "a component that was left out of this build")                                                  \
    X(MTC_ECONFIG, 3, "configuration wrong")                                                                           \
    X(MTC_EDATA, 3, "data wrong")                                                                                      \
    X(MTC_ENOTCONVERGED, 4, "sampler not converged")                                                                   \
    X(MTC_EUNRELIABLE, 5, "evidence unreliable")                                                                       \
    X(MTC_ECHECKPOINT, 6, "checkpoint of something else")                                                              \
    X(MTC_EIO, 7, "input or output failed")                                                                            \
    X(MTC_ENOMEM, 70, "out of memory")                                                                                 \
    X(MTC_ESIZE, 70, "sizes do not fit together")                                                                      \
    X(MTC_EDOMAIN, 70, "argument outside its domain")                                                                  \
    X(MTC_ENUMERIC, 70, "a numerical method failed")                                                                   \
    X(MTC_ENAN, 70, "not a number where a number must be: a defect")                                                   \
    X(MTC_EBUG, 70, "cannot happen: a defect")                                                                         \
    X(MTC_EINTERRUPTED, 130, "interrupted")

/** Status of every function that can fail; 0 is success. */
typedef enum {
#define MTC_STATUS_ENUM(name, exit_code, text) name,
    MTC_STATUS_LIST(MTC_STATUS_ENUM)
#undef MTC_STATUS_ENUM
        MTC_STATUS_COUNT
} mtc_status;

/** Description of a status; never NULL, static storage. */
MTC_API const char *mtc_status_text(mtc_status st);

/** Documented exit code of the program for a status. */
MTC_API int mtc_status_exit_code(mtc_status st);

/** Run an expression that yields a status; on failure set `st` and jump to `out`. */
#define MTC_TRY(expr)                                                                                                  \
    do {                                                                                                               \
        st = (expr);                                                                                                   \
        if (st != MTC_OK) {                                                                                            \
            goto out;                                                                                                  \
        }                                                                                                              \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
