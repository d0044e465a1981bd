/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_exec.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

struct mtc_exec {
    size_t n_thread;
    mtc_progress_fn progress;
    void *user;
    bool (*stop_is_wanted)(void);
};

/* One run of one job; everything below `lock` is guarded by it. */
typedef struct {
    const mtc_exec *exec;
    const mtc_job *job;
    mtc_blob *result;
    pthread_mutex_t lock;
    size_t next;   /* first task that nobody has taken */
    size_t n_done; /* finished without error */
    bool stop;
    size_t failed; /* smallest index that failed; n_task: a failure outside the tasks, n_task + 1: none */
    mtc_err error;
} run_state;

/* Keep the error of the smallest index. Tasks are taken in order and those in hand are finished, so every task below a
 * failed one has run: which error is reported does not depend on the threads. */
static void note_failure(run_state *run, size_t index, mtc_status st, const mtc_err *err)
{
    run->stop = true;
    if (index < run->failed) {
        run->failed = index;
        run->error = *err;
        run->error.status = st;
    }
}

static bool take_task(run_state *run, size_t *task)
{
    pthread_mutex_lock(&run->lock);
    const bool taken = !run->stop && run->next < run->job->n_task;
    if (taken) {
        *task = run->next++;
    }
    pthread_mutex_unlock(&run->lock);
    return taken;
}

static void finish_task(run_state *run, size_t task, mtc_status st, const mtc_err *err)
{
    pthread_mutex_lock(&run->lock);
    if (st != MTC_OK) {
        note_failure(run, task, st, err);
    } else {
        run->n_done++;
        if (run->exec->progress &&
            run->exec->progress(run->exec->user, run->job->name, run->n_done, run->job->n_task) != 0) {
            mtc_err stopped = MTC_ERR_INIT;
            mtc_fail(&stopped, MTC_EINTERRUPTED, "interrupted after %zu of %zu tasks of %s", run->n_done,
                     run->job->n_task, run->job->name ? run->job->name : "a job");
            note_failure(run, run->job->n_task, MTC_EINTERRUPTED, &stopped);
        }
    }
    pthread_mutex_unlock(&run->lock);
}

static void *work(void *argument)
{
    run_state *run = argument;
    const mtc_job *job = run->job;
    void *worker = NULL;
    mtc_err err = MTC_ERR_INIT;

    if (job->worker_init) {
        const mtc_status st = job->worker_init(job->self, &worker, &err);
        if (st != MTC_OK) {
            pthread_mutex_lock(&run->lock);
            note_failure(run, job->n_task, st, &err);
            pthread_mutex_unlock(&run->lock);
            goto out;
        }
    }
    size_t task = 0;
    while (take_task(run, &task)) {
        const mtc_status st = job->run(job->self, worker, task, &run->result[task], &err);
        finish_task(run, task, st, &err);
    }
out:
    if (job->worker_fini) {
        job->worker_fini(worker);
    }
    return NULL;
}

/* The caller's thread works too; where a thread cannot be had, fewer do the same work. */
static mtc_status run_workers(run_state *run, size_t n_worker, mtc_err *err)
{
    pthread_t *thread = NULL;
    size_t n_started = 0;
    if (n_worker > 1) {
        thread = mtc_calloc(n_worker - 1, sizeof *thread);
        if (!thread) {
            return mtc_fail(err, MTC_ENOMEM, "no memory for %zu threads", n_worker);
        }
        while (n_started < n_worker - 1 && pthread_create(&thread[n_started], NULL, work, run) == 0) {
            n_started++;
        }
    }
    work(run);
    for (size_t i = 0; i < n_started; i++) {
        pthread_join(thread[i], NULL);
    }
    mtc_free(thread);
    return MTC_OK;
}

mtc_status mtc_exec_create(size_t n_thread, mtc_exec **out, mtc_err *err)
{
    if (!out) {
        return mtc_fail(err, MTC_EDOMAIN, "no place for an executor");
    }
    *out = NULL;
    if (n_thread == 0) {
        const long n = sysconf(_SC_NPROCESSORS_ONLN);
        n_thread = n > 0 ? (size_t)n : 1;
    }
    mtc_exec *exec = mtc_calloc(1, sizeof *exec);
    if (!exec) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for an executor");
    }
    exec->n_thread = n_thread;
    *out = exec;
    return MTC_OK;
}

void mtc_exec_destroy(mtc_exec *exec)
{
    mtc_free(exec);
}

void mtc_exec_set_progress(mtc_exec *exec, mtc_progress_fn progress, void *user)
{
    if (exec) {
        exec->progress = progress;
        exec->user = user;
    }
}

void mtc_exec_set_stop(mtc_exec *exec, bool (*is_wanted)(void))
{
    if (exec) {
        exec->stop_is_wanted = is_wanted;
    }
}

bool mtc_exec_is_stopped(const mtc_exec *exec)
{
    return exec && exec->stop_is_wanted && exec->stop_is_wanted();
}

size_t mtc_exec_threads(const mtc_exec *exec)
{
    return exec ? exec->n_thread : 0;
}

mtc_status mtc_exec_run(mtc_exec *exec, const mtc_job *job, mtc_blob *result, mtc_err *err)
{
    if (!exec || !job || !job->run || (job->n_task > 0 && !result)) {
        return mtc_fail(err, MTC_EDOMAIN, "a run needs an executor, a job with its function and room for results");
    }
    if (job->n_task == 0) {
        return MTC_OK;
    }
    run_state run = {.exec = exec, .job = job, .result = result, .failed = job->n_task + 1, .error = MTC_ERR_INIT};
    if (pthread_mutex_init(&run.lock, NULL) != 0) {
        return mtc_fail(err, MTC_ENOMEM, "no lock to be had for %s", job->name ? job->name : "a job");
    }
    mtc_status st = run_workers(&run, exec->n_thread < job->n_task ? exec->n_thread : job->n_task, err);
    pthread_mutex_destroy(&run.lock);
    if (st == MTC_OK && run.failed <= job->n_task) {
        st = run.error.status;
        if (err) {
            *err = run.error;
        }
    }
    if (st != MTC_OK) {
        for (size_t i = 0; i < job->n_task; i++) {
            mtc_blob_fini(&result[i]);
        }
    }
    return st;
}
