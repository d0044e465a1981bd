/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_internal.h"
#include "mtc_arena.h"

#include <math.h>
#include <string.h>

/* Least weight of a mode beside the greatest, so that none is lost to a poor Laplace figure. */
#define MIN_RELATIVE_WEIGHT 1e-3

mtc_status mtc_start_points_init(mtc_start_points *points, const mtc_modes *modes, mtc_err *err)
{
    memset(points, 0, sizeof *points);
    if (modes == NULL || modes->n_mode == 0) {
        return MTC_OK;
    }
    const size_t d = modes->n_dim, n = modes->n_mode < MTC_START_MODES ? modes->n_mode : MTC_START_MODES;
    points->block = mtc_calloc(n * (d + d * d + 1), sizeof *points->block);
    if (points->block == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for %zu modes", n);
    }
    double *const x = points->block, *const cov = x + n * d, *const weight = cov + n * d * d;
    double top = -HUGE_VAL;
    for (size_t k = 0; k < n; k++) {
        top = fmax(top, modes->mode[k].laplace);
    }
    for (size_t k = 0; k < n; k++) {
        const mtc_mode *m = &modes->mode[k];
        memcpy(x + k * d, m->x, d * sizeof *x);
        memcpy(cov + k * d * d, m->covariance, d * d * sizeof *cov);
        weight[k] = fmax(exp(m->laplace - top), MIN_RELATIVE_WEIGHT);
    }
    points->start = (mtc_pilot_start){n, x, cov, weight};
    return MTC_OK;
}

void mtc_start_points_fini(mtc_start_points *points)
{
    if (points != NULL) {
        mtc_free(points->block);
        memset(points, 0, sizeof *points);
    }
}
