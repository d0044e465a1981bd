/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "tmix_internal.h"

#include <math.h>
#include <string.h>

/* EM steps by which the candidate directions of a split are compared. */
#define TRIAL_STEPS 4
/* Candidate directions: the longest axis, and the two axes of largest fourth moment after whitening. */
#define N_DIRECTION 3
/* Half distance of the two new means, in standard deviations along the axis; the variance there falls to 1 - 0.8^2. */
#define SPLIT_STEP 0.8

/* Component that explains the target worst: largest weighted absolute deviation of log target - log mixture (the
 * heaviest where the target is not given). Needs the responsibilities of m. */
static size_t worst_component(mtc_tmix_work *fw, const mtc_tmix *m)
{
    const double *target = fw->log_target;
    double centre = 0.0;
    for (size_t i = 0; i < fw->n && target != NULL; i++) {
        centre += fw->w[i] * (target[i] - fw->log_q[i]);
    }
    memset(fw->term, 0, m->n_comp * sizeof *fw->term);
    for (size_t i = 0; i < fw->n; i++) {
        const double off = target != NULL ? fabs(target[i] - fw->log_q[i] - centre) : 1.0;
        for (size_t k = 0; k < m->n_comp; k++) {
            fw->term[k] += fw->w[i] * fw->resp[i * fw->max_comp + k] * off;
        }
    }
    size_t worst = 0;
    for (size_t k = 1; k < m->n_comp; k++) {
        if (fw->term[k] > fw->term[worst]) {
            worst = k;
        }
    }
    return worst;
}

/* Fourth-moment matrix E[z z' |z|^2] of the whitened draws of component k, tail-weighted (Cardoso 1989). */
static void fourth_moments(mtc_tmix_work *fw, const mtc_tmix *m, size_t k, double *out)
{
    const size_t d = fw->d;
    memset(out, 0, d * d * sizeof *out);
    for (size_t i = 0; i < fw->n; i++) {
        double dist2;
        const double u = fw->tail[i * fw->max_comp + k];
        mtc_tmix_log_component(m, k, fw->x + i * d, &dist2, fw->z);
        const double factor = fw->w[i] * fw->resp[i * fw->max_comp + k] * u * u * dist2;
        for (size_t a = 0; a < d; a++) {
            for (size_t b = 0; b < d; b++) {
                out[a * d + b] += factor * fw->z[a] * fw->z[b];
            }
        }
    }
}

/* Unit direction number `which` in the whitened space of component k; work: 2 d x d + d. */
static mtc_status direction(mtc_tmix_work *fw, const mtc_tmix *m, size_t k, size_t which, double *unit, double *work,
                            mtc_err *err)
{
    const size_t d = fw->d;
    const double *chol = m->chol + k * d * d;
    double *const matrix = work, *const vectors = work + d * d, *const values = work + 2 * d * d;
    if (which == 0) { /* Sigma = L L' e = lambda e; whitened: L' e, up to length. L'L has the eigenvectors L' e. */
        for (size_t a = 0; a < d; a++) {
            for (size_t b = 0; b < d; b++) {
                double sum = 0.0;
                for (size_t l = a > b ? a : b; l < d; l++) {
                    sum += chol[l * d + a] * chol[l * d + b];
                }
                matrix[a * d + b] = sum;
            }
        }
    } else {
        fourth_moments(fw, m, k, matrix);
    }
    const mtc_status st = mtc_sym_eigen(matrix, d, values, vectors, err);
    const size_t rank = which == 0 ? 0 : which - 1; /* from the largest down */
    memcpy(unit, vectors + (d - 1 - rank) * d, d * sizeof *unit);
    return st;
}

/* m with component k cut in two along a unit direction of its whitened space. cov: d x d scratch, axis: d scratch. */
static mtc_status cut(const mtc_tmix *m, size_t k, const double *unit, double *cov, double *axis, mtc_tmix *out,
                      mtc_err *err)
{
    const size_t d = m->n_dim;
    mtc_status st = MTC_OK;
    MTC_TRY(mtc_tmix_init(out, d, m->n_comp + 1, err));
    for (size_t a = 0; a < d; a++) {
        axis[a] = 0.0;
        for (size_t b = 0; b <= a; b++) {
            axis[a] += SPLIT_STEP * m->chol[(k * d + a) * d + b] * unit[b];
        }
    }
    for (size_t j = 0; j <= m->n_comp; j++) {
        const size_t from = j == m->n_comp ? k : j;
        const double *chol = m->chol + from * d * d;
        const double side = from != k ? 0.0 : (j == k ? -1.0 : 1.0);
        for (size_t a = 0; a < d; a++) {
            for (size_t b = 0; b < d; b++) {
                double sum = -fabs(side) * axis[a] * axis[b];
                for (size_t l = 0; l <= (a < b ? a : b); l++) {
                    sum += chol[a * d + l] * chol[b * d + l];
                }
                cov[a * d + b] = sum;
            }
        }
        MTC_TRY(mtc_tmix_set(out, j, m->weight[from] * (from == k ? 0.5 : 1.0), m->dof[from], m->mean + from * d, cov,
                             err));
        for (size_t a = 0; a < d; a++) {
            out->mean[j * d + a] += side * axis[a];
        }
    }
    MTC_TRY(mtc_tmix_finish(out, err));
out:
    return st;
}

/* The best of the candidate splits of m's worst component after a few EM steps. *best empty where none could be made.
 */
static mtc_status best_split(mtc_tmix_work *fw, const mtc_tmix *m, const mtc_tmix_fit_settings *set, mtc_tmix *best,
                             mtc_err *err)
{
    const size_t d = fw->d;
    mtc_status st = MTC_OK;
    mtc_tmix trial = {0};
    double best_value = -HUGE_VAL;
    double *scratch = mtc_calloc(3 * d * d + 3 * d, sizeof *scratch);
    if (scratch == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory to split a component");
    }
    double *const cov = scratch + 2 * d * d + d, *const unit = cov + d * d, *const axis = unit + d;
    mtc_tmix_e_step(fw, m);
    const size_t k = worst_component(fw, m);
    for (size_t which = 0; which < N_DIRECTION && which <= d; which++) {
        mtc_tmix_fit_info info = {0};
        mtc_tmix_e_step(fw, m);
        MTC_TRY(direction(fw, m, k, which, unit, scratch, err));
        MTC_TRY(cut(m, k, unit, cov, axis, &trial, err));
        MTC_TRY(mtc_tmix_em(fw, &trial, set, TRIAL_STEPS, &info, err));
        if (trial.n_comp > m->n_comp && info.log_density > best_value) {
            const mtc_tmix swap = *best;
            *best = trial;
            trial = swap;
            best_value = info.log_density;
        }
        mtc_tmix_fini(&trial);
    }
out:
    mtc_tmix_fini(&trial);
    mtc_free(scratch);
    return st;
}

/* Akaike's criterion per effective draw, larger is better. */
static double akaike(const mtc_tmix *m, const mtc_tmix_fit_info *info)
{
    const double d = (double)m->n_dim;
    const double per_comp = 1.0 + d + 0.5 * d * (d + 1.0);
    return info->log_density - (double)m->n_comp * per_comp / info->ess;
}

mtc_status mtc_tmix_fit_select(const mtc_tmix *start, const mtc_wsample *sample, const mtc_tmix_fit_settings *settings,
                               mtc_tmix *out, mtc_tmix_fit_info *info, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_tmix_work fw = {0};
    mtc_tmix next = {0};
    mtc_tmix_fit_info now = {0};
    const size_t most = start->n_comp > settings->max_comp ? start->n_comp : settings->max_comp;

    memset(out, 0, sizeof *out);
    MTC_TRY(mtc_tmix_fit(start, sample, settings, out, &now, err));
    MTC_TRY(mtc_tmix_work_init(&fw, sample, start, most, err));
    while (out->n_comp < most) {
        mtc_tmix_fit_info grown = {0};
        MTC_TRY(best_split(&fw, out, settings, &next, err));
        if (next.block == NULL) {
            break;
        }
        MTC_TRY(mtc_tmix_em(&fw, &next, settings, settings->max_iter, &grown, err));
        if (!(akaike(&next, &grown) > akaike(out, &now))) {
            break;
        }
        mtc_tmix_fini(out);
        *out = next;
        memset(&next, 0, sizeof next);
        grown.n_iter += now.n_iter;
        now = grown;
    }
    if (info != NULL) {
        *info = now;
    }
out:
    mtc_tmix_fini(&next);
    mtc_tmix_work_fini(&fw);
    if (st != MTC_OK) {
        mtc_tmix_fini(out);
    }
    return st;
}
