/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_linalg.h"
#include "mtc_logmath.h"
#include "mtc_rng.h"
#include "optimise_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- one start, one task ---- */

/* Layout of a start's result: whether a point was found, its value, the counters, the point. */
enum { START_FOUND, START_VALUE, START_N_VALUE, START_N_GRADIENT, START_X };

typedef struct {
    const mtc_target *target;
    const mtc_optimise_settings *settings;
    const prior_scale *scale;
} search;

/* Pull a start that lies outside the support towards the prior's medians, halving its distance. */
static mtc_status enter_support(mtc_evaluator *e, const search *s, double *x, bool *inside, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const int max_halving = 10;
    for (int k = 0; k <= max_halving; k++) {
        double value = 0.0;
        MTC_TRY(mtc_evaluator_log_density(e, x, s->settings->beta, &value, NULL, NULL, err));
        *inside = isfinite(value);
        if (*inside) {
            break;
        }
        for (size_t i = 0; i < s->target->n_dim; i++) {
            x[i] = 0.5 * (x[i] + s->scale->centre[i]);
        }
    }
out:
    return st;
}

static mtc_status run_start(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const search *s = self;
    mtc_evaluator e = {0};
    gsl_rng *rng = NULL;
    bool inside = false;
    char stream[256];
    (void)worker;
    /* a draft finds the way; the ends are polished with the target itself */
    MTC_TRY(mtc_evaluator_init(&e, s->target->draft != NULL ? s->target->draft : s->target, err));
    MTC_TRY(mtc_blob_init(out, START_X + s->target->n_dim, err));
    double *x = out->value + START_X;
    MTC_TRY(start_point(s->target, s->settings->seed, task, x, err));
    MTC_TRY(enter_support(&e, s, x, &inside, err));
    if (inside) {
        snprintf(stream, sizeof stream, "%s/optimise/start %zu", s->target->name, task);
        MTC_TRY(mtc_rng_stream(s->settings->seed, stream, &rng, err));
        mtc_optimise_settings own = *s->settings;
        own.seed = gsl_rng_get(rng);
        MTC_TRY(mtc_climb(&e, &own, s->scale->sd, x, &out->value[START_VALUE], err));
        out->value[START_FOUND] = 1.0;
    }
    out->value[START_N_VALUE] = (double)e.n_value;
    out->value[START_N_GRADIENT] = (double)e.n_gradient;
out:
    gsl_rng_free(rng);
    mtc_evaluator_fini(&e);
    return st;
}

/* ---- modes ---- */

mtc_status mode_init(mtc_mode *mode, size_t n, mtc_err *err)
{
    *mode = (mtc_mode){0};
    mode->x = mtc_calloc(2 * n + 4 * n * n, sizeof *mode->x);
    if (!mode->x) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a mode");
    }
    mode->eigenvalue = mode->x + n;
    mode->hessian = mode->x + 2 * n;
    mode->eigenvector = mode->hessian + n * n;
    mode->covariance = mode->hessian + 2 * n * n;
    mode->chol = mode->hessian + 3 * n * n;
    return MTC_OK;
}

void mode_fini(mtc_mode *mode)
{
    mtc_free(mode->x); /* the other arrays lie in the same block */
    *mode = (mtc_mode){0};
}

double mode_distance(const mtc_mode *mode, size_t n, const double *x, double *scratch)
{
    double square = 0.0;
    for (size_t i = 0; i < n; i++) {
        scratch[i] = x[i] - mode->x[i];
    }
    mtc_lower_solve(mode->chol, n, scratch);
    for (size_t i = 0; i < n; i++) {
        square += scratch[i] * scratch[i];
    }
    return sqrt(square);
}

void mtc_modes_fini(mtc_modes *modes)
{
    if (!modes) {
        return;
    }
    for (size_t k = 0; k < modes->n_mode; k++) {
        mode_fini(&modes->mode[k]);
    }
    mtc_free(modes->mode);
    mtc_free(modes->prior_sd);
    *modes = (mtc_modes)MTC_MODES_INIT;
}

size_t mtc_modes_nearest(const mtc_modes *modes, const double *x, double *distance)
{
    size_t nearest = 0;
    double least = INFINITY;
    const size_t n = modes->n_dim;
    double *scratch = mtc_calloc(n, sizeof *scratch);
    for (size_t k = 0; scratch && k < modes->n_mode; k++) {
        const double d = mode_distance(&modes->mode[k], n, x, scratch);
        if (d < least) {
            least = d;
            nearest = k;
        }
    }
    mtc_free(scratch);
    if (distance) {
        *distance = least;
    }
    return nearest;
}

/* ---- merging ---- */

/* The mode that x belongs to, or n_mode. */
static size_t find_mode(const mtc_modes *modes, const double *x, double within, double *scratch)
{
    for (size_t k = 0; k < modes->n_mode; k++) {
        if (mode_distance(&modes->mode[k], modes->n_dim, x, scratch) <= within) {
            return k;
        }
    }
    return modes->n_mode;
}

/* Take the end of one climb: it belongs to a known mode, or is polished and then does, or is a new one. */
static mtc_status take_end(mtc_evaluator *e, const mtc_optimise_settings *settings, const double *scale,
                           const double *x, mtc_modes *modes, double *scratch, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = modes->n_dim;
    mtc_mode mode = {0};
    size_t k = find_mode(modes, x, settings->merge_distance, scratch);
    if (k == modes->n_mode) {
        MTC_TRY(mode_init(&mode, n, err));
        memcpy(mode.x, x, n * sizeof *x);
        MTC_TRY(polish(e, settings, scale, &mode, err));
        k = find_mode(modes, mode.x, settings->merge_distance, scratch);
        modes->n_unfinished += !mode.verified;
        if (k == modes->n_mode) {
            modes->mode[modes->n_mode++] = mode;
            mode = (mtc_mode){0};
        }
    }
    modes->mode[k].n_start++;
out:
    mode_fini(&mode);
    return st;
}

/* Indices of the starts that found a point, best first; equal values in the order of the starts. */
static size_t rank_starts(const mtc_blob *result, size_t n_start, size_t *order)
{
    size_t n = 0;
    for (size_t i = 0; i < n_start; i++) {
        if (result[i].value[START_FOUND] == 0.0) {
            continue;
        }
        size_t place = n++;
        while (place > 0 && result[order[place - 1]].value[START_VALUE] < result[i].value[START_VALUE]) {
            order[place] = order[place - 1];
            place--;
        }
        order[place] = i;
    }
    return n;
}

static void sort_modes(mtc_modes *modes)
{
    for (size_t i = 1; i < modes->n_mode; i++) {
        const mtc_mode mode = modes->mode[i];
        size_t place = i;
        for (; place > 0 && modes->mode[place - 1].log_density < mode.log_density; place--) {
            modes->mode[place] = modes->mode[place - 1];
        }
        modes->mode[place] = mode;
    }
    modes->laplace = -(double)INFINITY;
    for (size_t i = 0; i < modes->n_mode; i++) {
        modes->laplace = mtc_log_add(modes->laplace, modes->mode[i].laplace);
    }
}

static mtc_status merge_starts(const search *s, const mtc_blob *result, mtc_modes *modes, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n_start = s->settings->n_start;
    mtc_evaluator e = {0};
    double *scratch = mtc_calloc(modes->n_dim, sizeof *scratch);
    size_t *order = mtc_calloc(n_start, sizeof *order);
    modes->mode = mtc_calloc(n_start, sizeof *modes->mode);
    if (!scratch || !order || !modes->mode) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the modes of %s", s->target->name);
        goto out;
    }
    MTC_TRY(mtc_evaluator_init(&e, s->target, err));
    const size_t n_found = rank_starts(result, n_start, order);
    modes->n_start = n_start;
    modes->n_lost = n_start - n_found;
    if (n_found == 0) {
        st = mtc_fail(err, MTC_ENUMERIC,
                      "%s: none of %zu starts from the prior lies inside the support of the posterior", s->target->name,
                      n_start);
        goto out;
    }
    for (size_t i = 0; i < n_found; i++) {
        MTC_TRY(take_end(&e, s->settings, s->scale->sd, result[order[i]].value + START_X, modes, scratch, err));
    }
    sort_modes(modes);
    for (size_t i = 0; i < n_start; i++) {
        modes->n_value += (unsigned long)result[i].value[START_N_VALUE];
        modes->n_gradient += (unsigned long)result[i].value[START_N_GRADIENT];
    }
    modes->n_value += e.n_value;
    modes->n_gradient += e.n_gradient;
out:
    mtc_evaluator_fini(&e);
    mtc_free(order);
    mtc_free(scratch);
    return st;
}

static mtc_status check_settings(const mtc_optimise_settings *s, mtc_err *err)
{
    const bool good = s->n_start >= 1 && s->max_eval >= 1 && s->beta >= 0.0 && s->beta <= 1.0 &&
                      s->gradient_tolerance > 0.0 && s->merge_distance > 0.0;
    return good ? MTC_OK : mtc_fail(err, MTC_EDOMAIN, "settings of the optimiser out of range");
}

mtc_status mtc_optimise(mtc_exec *exec, const mtc_target *target, const mtc_optimise_settings *settings,
                        mtc_modes *modes, mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (!exec || !target || target->n_dim == 0 || !settings || !modes) {
        return mtc_fail(err, MTC_EDOMAIN,
                        "the optimiser needs an executor, a target with free parameters and settings");
    }
    st = check_settings(settings, err);
    if (st != MTC_OK) {
        return st;
    }
    *modes = (mtc_modes)MTC_MODES_INIT;
    modes->n_dim = target->n_dim;
    prior_scale scale = {NULL, NULL};
    char name[256];
    snprintf(name, sizeof name, "%s/optimise", target->name);
    const search s = {target, settings, &scale};
    const mtc_job job = {.name = name, .n_task = settings->n_start, .self = &s, .run = run_start};
    mtc_blob *result = mtc_calloc(settings->n_start, sizeof *result);
    if (!result) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu starts", settings->n_start);
    }
    MTC_TRY(prior_scale_init(&scale, target, err));
    MTC_TRY(mtc_exec_run(exec, &job, result, err));
    MTC_TRY(merge_starts(&s, result, modes, err));
    modes->prior_sd = scale.sd;
    scale.sd = NULL;
out:
    for (size_t i = 0; i < settings->n_start; i++) {
        mtc_blob_fini(&result[i]);
    }
    mtc_free(result);
    prior_scale_fini(&scale);
    if (st != MTC_OK) {
        mtc_modes_fini(modes);
    }
    return st;
}
