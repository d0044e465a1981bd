/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a pilot begins: the moments of the prior, or the modes, whose widths are measured rather than believed. */
#include "pilot_internal.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_rng.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Degrees of freedom of the first proposal. */
#define START_DOF 5.0
/* Points of the prior whose moments start the search where no mode is given. */
#define N_PRIOR_START 1000u
/* Modes within this distance of the highest, by the mean of their covariances, are hills of one landscape: one map. */
#define SAME_HILL 6.0
/* Modes with less than this part of the Laplace mass start with this part. */
#define MIN_START_SHARE 0.02
/* Half-widths of a density along an axis, over those that its curvature at the mode promises, are kept in this range.
 */
#define MIN_WIDTH 0.7
#define MAX_WIDTH 3.0

/* Distances from the mode, in standard deviations, at which the density is looked at. */
static const double probes[] = {1.0, 2.0, 3.5};
enum { N_PROBE = sizeof probes / sizeof *probes };

mtc_status pilot_start_from_prior(const mtc_target *t, const char *stream, uint64_t seed, mtc_tmix *start, mtc_err *err)
{
    const size_t d = t->n_dim;
    mtc_status st = MTC_OK;
    gsl_rng *rng = NULL;
    char name[2 * PILOT_NAME_SIZE];
    double *draw = mtc_calloc(N_PRIOR_START * d + d + d * d, sizeof *draw);
    if (draw == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the start of the pilot");
    }
    double *const mean = draw + N_PRIOR_START * d, *const cov = mean + d;
    snprintf(name, sizeof name, "%s/%s/prior start", t->name, stream);
    MTC_TRY(mtc_rng_stream(seed, name, &rng, err));
    for (size_t i = 0; i < N_PRIOR_START; i++) {
        MTC_TRY(t->prior_draw(t->self, rng, draw + i * d, err));
        for (size_t a = 0; a < d; a++) {
            mean[a] += draw[i * d + a] / N_PRIOR_START;
        }
    }
    for (size_t i = 0; i < N_PRIOR_START; i++) {
        for (size_t a = 0; a < d; a++) {
            for (size_t b = 0; b < d; b++) {
                cov[a * d + b] += (draw[i * d + a] - mean[a]) * (draw[i * d + b] - mean[b]) / N_PRIOR_START;
            }
        }
    }
    MTC_TRY(mtc_tmix_init(start, d, 1, err));
    MTC_TRY(mtc_tmix_set(start, 0, 1.0, START_DOF, mean, cov, err));
    MTC_TRY(mtc_tmix_finish(start, err));
out:
    gsl_rng_free(rng);
    mtc_free(draw);
    return st;
}

/* ---- modes ---- */

/* Squared Mahalanobis distance of two modes by the mean of their covariances. work: d + d x d */
static mtc_status distance2(const mtc_pilot_start *start, size_t a, size_t b, size_t d, double *work, double *out,
                            mtc_err *err)
{
    double *const z = work, *const chol = work + d;
    for (size_t i = 0; i < d * d; i++) {
        chol[i] = 0.5 * (start->cov[a * d * d + i] + start->cov[b * d * d + i]);
    }
    const mtc_status st = mtc_cholesky(chol, d, err);
    if (st != MTC_OK) {
        return st;
    }
    for (size_t i = 0; i < d; i++) {
        z[i] = start->x[a * d + i] - start->x[b * d + i];
    }
    mtc_lower_solve(chol, d, z);
    *out = 0.0;
    for (size_t i = 0; i < d; i++) {
        *out += z[i] * z[i];
    }
    return MTC_OK;
}

mtc_status pilot_modes_are_apart(const mtc_pilot_start *start, size_t d, bool *is_apart, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double far2 = 0.0, *work = mtc_calloc(d + d * d, sizeof *work);
    *is_apart = false;
    if (work == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the distances of modes");
    }
    for (size_t k = 1; k < start->n && !*is_apart; k++) {
        MTC_TRY(distance2(start, 0, k, d, work, &far2, err));
        *is_apart = far2 > SAME_HILL * SAME_HILL;
    }
out:
    mtc_free(work);
    return st;
}

mtc_status pilot_start_from_modes(const mtc_pilot_start *modes, size_t d, mtc_tmix *start, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double total = 0.0;
    for (size_t k = 0; k < modes->n; k++) {
        total += modes->weight[k];
    }
    MTC_TRY(mtc_tmix_init(start, d, modes->n, err));
    for (size_t k = 0; k < modes->n; k++) {
        const double share = fmax(modes->weight[k] / total, MIN_START_SHARE);
        MTC_TRY(mtc_tmix_set(start, k, share, START_DOF, modes->x + k * d, modes->cov + k * d * d, err));
    }
    MTC_TRY(mtc_tmix_finish(start, err));
out:
    return st;
}

/* ---- widths ---- */

/* Principal axes of the components of a start: task k x n_dim + a is axis a of component k. */
typedef struct {
    const mtc_target *target;
    const mtc_tmix *start;
    double *axis; /* n_comp x n_dim x n_dim: row a is axis a, as long as its standard deviation */
} width_plan;

static mtc_status principal_axes(const mtc_tmix *start, size_t k, double *axis, mtc_err *err)
{
    const size_t d = start->n_dim;
    const double *l = start->chol + k * d * d;
    mtc_status st = MTC_OK;
    gsl_matrix *cov = gsl_matrix_alloc(d, d), *vector = gsl_matrix_alloc(d, d);
    gsl_vector *value = gsl_vector_alloc(d);
    gsl_eigen_symmv_workspace *ws = gsl_eigen_symmv_alloc(d);
    if (cov == NULL || vector == NULL || value == NULL || ws == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the axes of a mode");
        goto out;
    }
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            double sum = 0.0;
            for (size_t c = 0; c <= (a < b ? a : b); c++) {
                sum += l[a * d + c] * l[b * d + c];
            }
            gsl_matrix_set(cov, a, b, sum);
        }
    }
    if (gsl_eigen_symmv(cov, value, vector, ws) != 0) {
        st = mtc_fail(err, MTC_ENUMERIC, "the axes of a mode were not found");
        goto out;
    }
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            axis[a * d + b] = sqrt(fmax(gsl_vector_get(value, a), 0.0)) * gsl_matrix_get(vector, b, a);
        }
    }
out:
    gsl_matrix_free(cov);
    gsl_matrix_free(vector);
    gsl_vector_free(value);
    gsl_eigen_symmv_free(ws);
    return st;
}

static mtc_status width_worker_init(const void *self, void **worker, mtc_err *err)
{
    const width_plan *plan = self;
    mtc_evaluator *e = mtc_calloc(1, sizeof *e);
    if (e == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a worker");
    }
    const mtc_status st = mtc_evaluator_init(e, plan->target, err);
    if (st != MTC_OK) {
        mtc_free(e);
        return st;
    }
    *worker = e;
    return MTC_OK;
}

static void width_worker_fini(void *worker)
{
    mtc_evaluator_fini(worker);
    mtc_free(worker);
}

/* Half-width to one side: the widest normal law that some probe asks for (Geweke 1989, Econometrica 57:1317). */
static mtc_status half_width(const width_plan *plan, mtc_evaluator *e, size_t task, double top, double sign, double *x,
                             double *width, mtc_err *err)
{
    const size_t d = plan->target->n_dim;
    const double *mean = plan->start->mean + task / d * d, *axis = plan->axis + task * d;
    mtc_status st = MTC_OK;
    *width = MIN_WIDTH;
    for (size_t i = 0; i < N_PROBE; i++) {
        double value;
        for (size_t a = 0; a < d; a++) {
            x[a] = mean[a] + sign * probes[i] * axis[a];
        }
        MTC_TRY(mtc_evaluator_log_density(e, x, 1.0, &value, NULL, NULL, err));
        const double fall = top - value;
        const double asked = fall > 0.0 ? probes[i] / sqrt(2.0 * fall) : MAX_WIDTH;
        *width = fmin(fmax(*width, asked), MAX_WIDTH);
    }
out:
    return st;
}

static mtc_status measure_axis(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    const width_plan *plan = self;
    const size_t d = plan->target->n_dim;
    mtc_status st = MTC_OK;
    double top;
    double *x = mtc_calloc(d, sizeof *x);
    if (x == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a point");
    }
    MTC_TRY(mtc_blob_init(out, 2, err));
    MTC_TRY(mtc_evaluator_log_density(worker, plan->start->mean + task / d * d, 1.0, &top, NULL, NULL, err));
    MTC_TRY(half_width(plan, worker, task, top, -1.0, x, &out->value[0], err));
    MTC_TRY(half_width(plan, worker, task, top, 1.0, x, &out->value[1], err));
out:
    mtc_free(x);
    return st;
}

/* Moments of the split normal law with the measured half-widths along each axis. work: d + d x d */
static mtc_status stretch(const width_plan *plan, size_t k, const mtc_blob *width, mtc_tmix *start, double *work,
                          mtc_err *err)
{
    const size_t d = start->n_dim;
    double *const mean = work, *const cov = work + d;
    const double root = 0.79788456080286535588; /* sqrt(2 / pi) */
    memcpy(mean, start->mean + k * d, d * sizeof *mean);
    memset(cov, 0, d * d * sizeof *cov);
    for (size_t a = 0; a < d; a++) {
        const double *axis = plan->axis + (k * d + a) * d;
        const double low = width[k * d + a].value[0], high = width[k * d + a].value[1];
        const double shift = root * (high - low);
        const double variance = (high - low) * (high - low) * (1.0 - root * root) + high * low;
        for (size_t b = 0; b < d; b++) {
            mean[b] += shift * axis[b];
            for (size_t c = 0; c < d; c++) {
                cov[b * d + c] += variance * axis[b] * axis[c];
            }
        }
    }
    return mtc_tmix_set(start, k, start->weight[k], START_DOF, mean, cov, err);
}

mtc_status pilot_measure_widths(const mtc_target *target, const char *stream, mtc_exec *exec, mtc_tmix *start,
                                unsigned long *n_value, mtc_err *err)
{
    const size_t d = start->n_dim, n_task = start->n_comp * d;
    mtc_status st = MTC_OK;
    char name[2 * PILOT_NAME_SIZE];
    width_plan plan = {.target = target, .start = start};
    mtc_blob *width = mtc_calloc(n_task, sizeof *width);
    double *work = mtc_calloc(n_task * d + d + d * d, sizeof *work);
    if (width == NULL || work == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the widths of modes");
        goto out;
    }
    plan.axis = work + d + d * d;
    for (size_t k = 0; k < start->n_comp; k++) {
        MTC_TRY(principal_axes(start, k, plan.axis + k * d * d, err));
    }
    snprintf(name, sizeof name, "%s/%s/widths", target->name, stream);
    const mtc_job job = {.name = name,
                         .n_task = n_task,
                         .self = &plan,
                         .worker_init = width_worker_init,
                         .worker_fini = width_worker_fini,
                         .run = measure_axis};
    MTC_TRY(mtc_exec_run(exec, &job, width, err));
    *n_value += (unsigned long)(n_task * (1 + 2 * N_PROBE));
    for (size_t k = 0; k < start->n_comp; k++) {
        MTC_TRY(stretch(&plan, k, width, start, work, err));
    }
    MTC_TRY(mtc_tmix_finish(start, err));
out:
    for (size_t i = 0; width != NULL && i < n_task; i++) {
        mtc_blob_fini(&width[i]);
    }
    mtc_free(width);
    mtc_free(work);
    return st;
}
