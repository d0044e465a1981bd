/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_points.h"

#include "mtc_arena.h"

#include <string.h>

/* Points per task. */
#define BLOCK 64u

typedef struct {
    const mtc_target *target;
    const double *x;
    size_t n;
} points;

static void points_worker_fini(void *worker)
{
    mtc_evaluator_fini(worker);
    mtc_free(worker);
}

static mtc_status points_worker_init(const void *self, void **worker, mtc_err *err)
{
    const points *p = self;
    mtc_evaluator *e = mtc_calloc(1, sizeof *e);
    *worker = NULL;
    if (e == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a worker");
    }
    const mtc_status st = mtc_evaluator_init(e, p->target, err);
    if (st != MTC_OK) {
        mtc_free(e);
        return st;
    }
    *worker = e;
    return MTC_OK;
}

static mtc_status points_run(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    const points *p = self;
    const size_t first = task * BLOCK, left = p->n - first, n = left < BLOCK ? left : BLOCK;
    mtc_status st = MTC_OK;
    MTC_TRY(mtc_blob_init(out, n, err));
    for (size_t i = 0; i < n; i++) {
        const double *x = p->x + (first + i) * p->target->n_dim;
        MTC_TRY(mtc_evaluator_log_density(worker, x, 1.0, &out->value[i], NULL, NULL, err));
    }
out:
    return st;
}

mtc_status mtc_points_eval(const mtc_target *target, mtc_exec *exec, const char *name, const double *x, size_t n,
                           double *log_density, mtc_err *err)
{
    const points self = {target, x, n};
    const size_t n_task = (n + BLOCK - 1) / BLOCK;
    mtc_status st = MTC_OK;
    if (n == 0) {
        return MTC_OK;
    }
    mtc_blob *blob = mtc_calloc(n_task, sizeof *blob);
    if (blob == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the results of %zu points", n);
    }
    const mtc_job job = {.name = name,
                         .n_task = n_task,
                         .self = &self,
                         .worker_init = points_worker_init,
                         .worker_fini = points_worker_fini,
                         .run = points_run};
    MTC_TRY(mtc_exec_run(exec, &job, blob, err));
    for (size_t t = 0; t < n_task; t++) {
        memcpy(log_density + t * BLOCK, blob[t].value, blob[t].n * sizeof *log_density);
        mtc_blob_fini(&blob[t]);
    }
out:
    mtc_free(blob);
    return st;
}
