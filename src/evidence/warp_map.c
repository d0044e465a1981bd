/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "warp_internal.h"

#include <string.h>

/* Significance of a curvature term, in standard errors of independent draws; chains have fewer effective ones. */
#define BEND_THRESHOLD 6.0

void warp_map_fini(warp_map *m)
{
    mtc_bend_fini(&m->bend);
    mtc_free(m->mean);
    memset(m, 0, sizeof *m);
}

/* Mean and covariance of straightened draws, n x d, into the map. */
static mtc_status centre(warp_map *m, const double *r, size_t n, mtc_err *err)
{
    const size_t d = m->bend.n_dim;
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; a < d; a++) {
            m->mean[a] += r[i * d + a] / (double)n;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const double *const at = r + i * d;
        for (size_t a = 0; a < d; a++) {
            for (size_t b = 0; b <= a; b++) {
                m->chol[a * d + b] += (at[a] - m->mean[a]) * (at[b] - m->mean[b]) / ((double)n - 1.0);
            }
        }
    }
    const mtc_status st = mtc_cholesky(m->chol, d, err);
    if (st == MTC_OK) {
        m->log_det = 0.5 * mtc_cholesky_log_det(m->chol, d);
    }
    return st;
}

mtc_status warp_map_fit(warp_map *m, const double *x, size_t n, size_t d, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double *work = mtc_calloc(n * (d + 1) + d, sizeof *work);
    memset(m, 0, sizeof *m);
    m->mean = mtc_calloc(d + d * d, sizeof *m->mean);
    if (work == NULL || m->mean == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the map of a bridge");
        goto out;
    }
    m->chol = m->mean + d;
    double *const straight = work, *const log_weight = work + n * d, *const scratch = log_weight + n;
    const mtc_wsample sample = {n, d, x, log_weight, NULL};
    MTC_TRY(mtc_bend_fit(&sample, BEND_THRESHOLD, &m->bend, err));
    for (size_t i = 0; i < n; i++) {
        (void)mtc_bend_straighten(&m->bend, x + i * d, straight + i * d, scratch);
    }
    MTC_TRY(centre(m, straight, n, err));
out:
    mtc_free(work);
    if (st != MTC_OK) {
        warp_map_fini(m);
    }
    return st;
}

double warp_map_whiten(const warp_map *m, const double *x, double *z, double *scratch)
{
    const size_t d = m->bend.n_dim;
    const double log_jacobian = mtc_bend_straighten(&m->bend, x, z, scratch);
    for (size_t a = 0; a < d; a++) {
        z[a] -= m->mean[a];
    }
    mtc_lower_solve(m->chol, d, z);
    return log_jacobian - m->log_det;
}

void warp_map_colour(const warp_map *m, const double *z, double *x, double *scratch)
{
    const size_t d = m->bend.n_dim;
    memcpy(x, z, d * sizeof *x);
    mtc_lower_mul(m->chol, d, x);
    for (size_t a = 0; a < d; a++) {
        x[a] += m->mean[a];
    }
    mtc_bend_apply(&m->bend, x, x, scratch);
}
