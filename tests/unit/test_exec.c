/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: results or errors that depend on the number of threads, lost or doubled tasks, leaks after a failure, a
 * progress callback run by two threads at once (under the thread sanitizer: any race). */
#include "mtc_arena.h"
#include "mtc_exec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { N_TASK = 37 };

typedef struct {
    size_t fail_from; /* tasks from here on fail */
    bool fail_worker;
} job_self;

static mtc_status worker_init(const void *self, void **worker, mtc_err *err)
{
    if (((const job_self *)self)->fail_worker) {
        return mtc_fail(err, MTC_ENOMEM, "no scratch");
    }
    double *scratch = mtc_calloc(4, sizeof *scratch);
    *worker = scratch;
    return scratch ? MTC_OK : mtc_fail(err, MTC_ENOMEM, "no scratch");
}

static void worker_fini(void *worker)
{
    mtc_free(worker);
}

/* Some work of uneven length, so that threads overtake each other. */
static mtc_status run_task(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    const job_self *j = self;
    double *scratch = worker;
    scratch[0] = 0.0;
    for (size_t i = 0; i < 1000 * (1 + (task * 7) % 5); i++) {
        scratch[0] += sin((double)(i + task));
    }
    if (j->fail_from < N_TASK) {
        /* all threads are at work when the first one fails, and later tasks fail later */
        const struct timespec wait = {0, 500000L * (task < j->fail_from ? 1 : 1 + (long)(task - j->fail_from))};
        nanosleep(&wait, NULL);
    }
    const mtc_status st = mtc_blob_init(out, 1 + task % 3, err);
    if (st != MTC_OK) {
        return st;
    }
    if (task >= j->fail_from) {
        return mtc_fail(err, MTC_ENUMERIC, "task %zu failed", task);
    }
    out->value[0] = scratch[0] + (double)task;
    return MTC_OK;
}

static mtc_job make_job(const job_self *self)
{
    return (mtc_job){.name = "test/job",
                     .n_task = N_TASK,
                     .self = self,
                     .worker_init = worker_init,
                     .worker_fini = worker_fini,
                     .run = run_task};
}

static void run_with(size_t n_thread, const job_self *self, mtc_blob *result, mtc_status want, mtc_err *err)
{
    mtc_exec *exec = NULL;
    assert_int_equal(mtc_exec_create(n_thread, &exec, err), MTC_OK);
    const mtc_job job = make_job(self);
    assert_int_equal(mtc_exec_run(exec, &job, result, err), want);
    mtc_exec_destroy(exec);
}

static void same_bytes_for_any_number_of_threads(void **state)
{
    (void)state;
    const job_self self = {.fail_from = SIZE_MAX};
    mtc_blob one[N_TASK] = {{NULL, 0}};
    mtc_err err = MTC_ERR_INIT;
    run_with(1, &self, one, MTC_OK, &err);
    for (size_t n_thread = 2; n_thread <= 16; n_thread *= 2) {
        mtc_blob many[N_TASK] = {{NULL, 0}};
        run_with(n_thread, &self, many, MTC_OK, &err);
        for (size_t i = 0; i < N_TASK; i++) {
            assert_int_equal(many[i].n, 1 + i % 3);
            assert_memory_equal(many[i].value, one[i].value, many[i].n * sizeof *many[i].value);
            mtc_blob_fini(&many[i]);
        }
    }
    for (size_t i = 0; i < N_TASK; i++) {
        mtc_blob_fini(&one[i]);
    }
}

static void smallest_failed_task_is_reported(void **state)
{
    (void)state;
    const job_self self = {.fail_from = 5};
    for (size_t k = 0; k < 12; k++) {
        mtc_blob result[N_TASK] = {{NULL, 0}};
        mtc_err err = MTC_ERR_INIT;
        run_with(1 + k % 6, &self, result, MTC_ENUMERIC, &err);
        assert_string_equal(err.message, "task 5 failed");
        for (size_t i = 0; i < N_TASK; i++) {
            assert_null(result[i].value);
        }
    }
}

static void failing_worker_is_reported(void **state)
{
    (void)state;
    const job_self self = {.fail_from = SIZE_MAX, .fail_worker = true};
    mtc_blob result[N_TASK] = {{NULL, 0}};
    mtc_err err = MTC_ERR_INIT;
    run_with(3, &self, result, MTC_ENOMEM, &err);
    assert_string_equal(err.message, "no scratch");
    run_with(3, &self, result, MTC_ENOMEM, NULL);
}

typedef struct {
    size_t n_call, last, stop_at;
    int inside;
} progress_log;

static int note_progress(void *user, const char *job, size_t done, size_t n_task)
{
    progress_log *log = user;
    assert_int_equal(log->inside, 0);
    log->inside = 1;
    assert_string_equal(job, "test/job");
    assert_int_equal(n_task, N_TASK);
    assert_int_equal(done, log->last + 1);
    log->last = done;
    log->n_call++;
    log->inside = 0;
    return done >= log->stop_at;
}

static void progress_counts_up_and_may_stop(void **state)
{
    (void)state;
    const job_self self = {.fail_from = SIZE_MAX};
    const mtc_job job = make_job(&self);
    mtc_err err = MTC_ERR_INIT;
    for (int stop = 0; stop < 2; stop++) {
        mtc_exec *exec = NULL;
        assert_int_equal(mtc_exec_create(4, &exec, &err), MTC_OK);
        assert_int_equal(mtc_exec_threads(exec), 4);
        progress_log log = {.stop_at = stop ? 9 : SIZE_MAX};
        mtc_exec_set_progress(exec, note_progress, &log);
        mtc_blob result[N_TASK] = {{NULL, 0}};
        assert_int_equal(mtc_exec_run(exec, &job, result, &err), stop ? MTC_EINTERRUPTED : MTC_OK);
        assert_true(stop ? log.n_call >= 9 && log.n_call < N_TASK : log.n_call == N_TASK);
        for (size_t i = 0; i < N_TASK; i++) {
            assert_int_equal(result[i].value == NULL, stop);
            mtc_blob_fini(&result[i]);
        }
        mtc_exec_destroy(exec);
    }
}

static void odd_arguments(void **state)
{
    (void)state;
    mtc_err err = MTC_ERR_INIT;
    mtc_exec *exec = NULL;
    assert_int_equal(mtc_exec_create(0, NULL, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_exec_create(0, &exec, &err), MTC_OK);
    assert_true(mtc_exec_threads(exec) >= 1);
    assert_int_equal(mtc_exec_run(exec, NULL, NULL, &err), MTC_EDOMAIN);
    const job_self self = {.fail_from = SIZE_MAX};
    mtc_job job = make_job(&self);
    assert_int_equal(mtc_exec_run(exec, &job, NULL, &err), MTC_EDOMAIN);
    job.n_task = 0;
    assert_int_equal(mtc_exec_run(exec, &job, NULL, &err), MTC_OK);
    mtc_exec_destroy(exec);
    mtc_exec_destroy(NULL);
    assert_int_equal(mtc_exec_threads(NULL), 0);
    mtc_exec_set_progress(NULL, note_progress, NULL);
}

static void blobs(void **state)
{
    (void)state;
    mtc_err err = MTC_ERR_INIT;
    mtc_blob blob = {NULL, 0};
    assert_int_equal(mtc_blob_init(&blob, 0, &err), MTC_OK);
    assert_non_null(blob.value);
    mtc_blob_fini(&blob);
    mtc_blob_fini(&blob);
    mtc_blob_fini(NULL);
    assert_int_equal(mtc_blob_init(&blob, SIZE_MAX / 2, &err), MTC_ENOMEM);
    assert_null(blob.value);
    assert_int_equal(mtc_blob_init(NULL, 1, &err), MTC_EDOMAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_for_any_number_of_threads),
        cmocka_unit_test(smallest_failed_task_is_reported),
        cmocka_unit_test(failing_worker_is_reported),
        cmocka_unit_test(progress_counts_up_and_may_stop),
        cmocka_unit_test(odd_arguments),
        cmocka_unit_test(blobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
