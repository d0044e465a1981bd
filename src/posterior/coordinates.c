/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the unconstrained coordinates come from: the standard normal score of each parameter's prior, or a coupling of
 * two parameters.
 */
#include "mtc_special.h"
#include "posterior_internal.h"

#include <math.h>
#include <string.h>

/* ---- couplings ---- */

/* Coordinate of a free parameter that may have any positive value, or -1. */
static long coordinate_of_positive(const mtc_posterior *p, const char *name)
{
    const long i = mtc_posterior_find(p, name);
    if (i < 0 || p->coordinate[i] < 0 || p->prior[i].lower != 0.0 || !isinf(p->prior[i].upper)) {
        return -1;
    }
    return p->coordinate[i];
}

mtc_status mtc_posterior_couple(mtc_posterior *p, const mtc_coupling *const *list, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t n = 0;
    while (list[n] != NULL) {
        n++;
    }
    MTC_TRY(mtc_arena_new(arena, n, &p->couple, err));
    MTC_TRY(mtc_arena_new(arena, p->n_free, &p->is_coupled, err));
    p->n_couple = 0;
    for (size_t k = 0; k < n; k++) {
        const long first = coordinate_of_positive(p, list[k]->first);
        const long second = coordinate_of_positive(p, list[k]->second);
        if (first >= 0 && second >= 0 && !p->is_coupled[first] && !p->is_coupled[second]) {
            p->couple[p->n_couple++] = (posterior_couple){list[k], (size_t)first, (size_t)second};
            p->is_coupled[first] = p->is_coupled[second] = true;
        }
    }
out:
    return st;
}

static bool is_alone(const mtc_posterior *p, size_t coordinate)
{
    return p->n_couple == 0 || !p->is_coupled[coordinate];
}

/* ---- from one scale to the other ---- */

void posterior_constrain(const mtc_posterior *p, const double *x, const size_t *place, double *natural)
{
    for (size_t c = 0; c < p->n_free; ++c) {
        natural[place != NULL ? place[c] : c] = mtc_prior_at_score(&p->prior[p->free_param[c]], x[c], NULL);
    }
    for (size_t k = 0; k < p->n_couple; k++) {
        const posterior_couple *q = &p->couple[k];
        mtc_coupled at;
        if (q->map->eval(x[q->first], x[q->second], &at)) { /* else the scores stand in: no caller meets a NaN */
            natural[place != NULL ? place[q->first] : q->first] = at.u;
            natural[place != NULL ? place[q->second] : q->second] = at.v;
        }
    }
}

void posterior_unconstrain(const mtc_posterior *p, const double *natural, double *x)
{
    const double least = 1e-290;
    for (size_t c = 0; c < p->n_free; ++c) {
        if (is_alone(p, c)) {
            x[c] = mtc_prior_score(&p->prior[p->free_param[c]], natural[c]);
        }
    }
    for (size_t k = 0; k < p->n_couple; k++) {
        const posterior_couple *q = &p->couple[k];
        q->map->inverse(fmin(fmax(natural[q->first], least), 1.0 / least),
                        fmin(fmax(natural[q->second], least), 1.0 / least), &x[q->first], &x[q->second]);
    }
}

/* ---- the prior on the scale of x ---- */

/* Two coupled coordinates: the densities of both parameters, and the determinant. */
static bool add_couple(const mtc_posterior *p, const posterior_couple *q, posterior_ws *ws, mtc_coupled *at,
                       const double *x, double *log_prior, double *grad)
{
    const size_t u = p->free_param[q->first], v = p->free_param[q->second];
    double slope_u = 0.0, slope_v = 0.0;
    if (!isfinite(x[q->first]) || !isfinite(x[q->second]) || !q->map->eval(x[q->first], x[q->second], at)) {
        return false;
    }
    ws->theta[u] = at->u;
    ws->theta[v] = at->v;
    *log_prior +=
        mtc_prior_logpdf(&p->prior[u], at->u, &slope_u) + mtc_prior_logpdf(&p->prior[v], at->v, &slope_v) + at->log_det;
    if (grad != NULL) {
        grad[q->first] = slope_u * at->du_da + slope_v * at->dv_da + at->dlog_det_da;
        grad[q->second] = slope_u * at->du_db + slope_v * at->dv_db + at->dlog_det_db;
        return isfinite(*log_prior) && isfinite(grad[q->first]) && isfinite(grad[q->second]);
    }
    return isfinite(*log_prior);
}

bool posterior_prior(const mtc_posterior *p, posterior_ws *ws, const double *x, double *log_prior, double *grad)
{
    *log_prior = 0.0;
    for (size_t i = 0; i < p->n_param; ++i) {
        const long c = p->coordinate[i];
        if (c < 0) {
            ws->theta[i] = p->prior[i].fixed_value;
        } else if (is_alone(p, (size_t)c)) {
            if (!(fabs(x[c]) <= MTC_SCORE_MAX)) {
                return false;
            }
            ws->theta[i] = mtc_prior_at_score(&p->prior[i], x[c], &ws->dx[c]);
            *log_prior += mtc_log_normal_pdf(x[c]);
            if (grad != NULL) {
                grad[c] = -x[c];
            }
        }
    }
    for (size_t k = 0; k < p->n_couple; k++) {
        if (!add_couple(p, &p->couple[k], ws, &ws->at[k], x, log_prior, grad)) {
            return false;
        }
    }
    return true;
}

void posterior_chain(const mtc_posterior *p, const posterior_ws *ws, double *grad)
{
    for (size_t c = 0; c < p->n_free; c++) {
        if (is_alone(p, c)) {
            grad[c] += ws->natural[c] * ws->dx[c];
        }
    }
    for (size_t k = 0; k < p->n_couple; k++) {
        const posterior_couple *q = &p->couple[k];
        const double by_u = ws->natural[q->first], by_v = ws->natural[q->second];
        grad[q->first] += by_u * ws->at[k].du_da + by_v * ws->at[k].dv_da;
        grad[q->second] += by_u * ws->at[k].du_db + by_v * ws->at[k].dv_db;
    }
}

/* ---- for the highest density per natural unit ---- */

bool mtc_posterior_natural_prior(const mtc_posterior *p, void *ws, const double *x, double *log_prior, double *grad)
{
    posterior_ws *w = ws;
    double sum = 0.0;
    if (!posterior_prior(p, w, x, &sum, NULL)) {
        return false;
    }
    *log_prior = 0.0;
    for (size_t c = 0; c < p->n_free; c++) {
        const size_t i = p->free_param[c];
        *log_prior += mtc_prior_logpdf(&p->prior[i], w->theta[i], &w->natural[c]);
    }
    if (grad != NULL) {
        memset(grad, 0, p->n_free * sizeof *grad);
        posterior_chain(p, w, grad);
    }
    return isfinite(*log_prior);
}
