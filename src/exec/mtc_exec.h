/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_EXEC_H
#define MTC_EXEC_H

#include "mtc_err.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Result of a task: numbers that can be written to disk or sent to another rank. Released by mtc_blob_fini. */
typedef struct {
    double *value;
    size_t n;
} mtc_blob;
/** n zeroed numbers. */
MTC_API mtc_status mtc_blob_init(mtc_blob *blob, size_t n, mtc_err *err);
MTC_API void mtc_blob_fini(mtc_blob *blob);

/**
 * A list of independent tasks. Each is a pure function of self and its index (random streams are named by the task), so
 * the results do not depend on who ran it, in which order, or how often.
 */
typedef struct {
    const char *name; /* "linear/chains": for progress and logs */
    size_t n_task;
    const void *self;
    /* per worker, not per task: scratch. NULL: none */
    mtc_status (*worker_init)(const void *self, void **worker, mtc_err *err);
    void (*worker_fini)(void *worker);
    /* required. Fills *out (empty on entry) with mtc_blob_init. */
    mtc_status (*run)(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err);
} mtc_job;

/** Who runs tasks. */
typedef struct mtc_exec mtc_exec;

/** Told after each finished task, from one thread at a time; may return non-zero to stop the run (MTC_EINTERRUPTED). */
typedef int (*mtc_progress_fn)(void *user, const char *job, size_t done, size_t n_task);

/** Threads of one process (n_thread = 1: in the caller's thread). n_thread 0: number of processors. */
MTC_API mtc_status mtc_exec_create(size_t n_thread, mtc_exec **out, mtc_err *err);
MTC_API void mtc_exec_destroy(mtc_exec *exec);
MTC_API void mtc_exec_set_progress(mtc_exec *exec, mtc_progress_fn progress, void *user);
MTC_API size_t mtc_exec_threads(const mtc_exec *exec);
/** Asked by long tasks, from any thread, whether to give up: true ends them with MTC_EINTERRUPTED. NULL: never. */
MTC_API void mtc_exec_set_stop(mtc_exec *exec, bool (*is_wanted)(void));
MTC_API bool mtc_exec_is_stopped(const mtc_exec *exec);

/**
 * Run all tasks. result: n_task blobs, empty on entry; the caller releases each. On failure the error of the task with
 * the smallest index is reported and all blobs are released.
 */
MTC_API mtc_status mtc_exec_run(mtc_exec *exec, const mtc_job *job, mtc_blob *result, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
