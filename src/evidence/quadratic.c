/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "warp_internal.h"

#include <math.h>
#include <string.h>

/* Most dimensions for which the regression is made: 90 products. */
#define MAX_DIM 12u

/* Products z_a z_b - [a = b], a >= b. */
static void products(const double *z, size_t d, double *out)
{
    size_t n = 0;
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b <= a; b++) {
            out[n++] = z[a] * z[b] - (a == b ? 1.0 : 0.0);
        }
    }
}

/* Normal equations of centred values on centred products; total is the sum of squares of the values. */
static void normal_equations(const double *value, const double *z, size_t n, size_t d, size_t p, double *work,
                             double *total)
{
    double *const a = work, *const right = a + p * p, *const mean = right + p, *const x = mean + p;
    double centre = 0.0;
    for (size_t i = 0; i < n; i++) {
        products(z + i * d, d, x);
        centre += value[i] / (double)n;
        for (size_t j = 0; j < p; j++) {
            mean[j] += x[j] / (double)n;
        }
    }
    *total = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double v = value[i] - centre;
        products(z + i * d, d, x);
        *total += v * v;
        for (size_t j = 0; j < p; j++) {
            x[j] -= mean[j];
            right[j] += x[j] * v;
            for (size_t k = 0; k <= j; k++) {
                a[j * p + k] += x[j] * x[k];
            }
        }
    }
}

mtc_status mtc_quadratic_share(const double *value, const double *z, size_t n, size_t d, double ess, double *share,
                               mtc_err *err)
{
    const size_t p = d * (d + 1) / 2;
    mtc_status st = MTC_OK;
    double total;
    *share = 1.0;
    if (d > MAX_DIM || ess < 4.0 * (double)p || n < 4 * p) {
        return MTC_OK;
    }
    double *work = mtc_calloc(p * p + 4 * p, sizeof *work);
    if (work == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a regression on %zu products", p);
    }
    double *const right = work + p * p, *const solution = right + 3 * p;
    normal_equations(value, z, n, d, p, work, &total);
    memcpy(solution, right, p * sizeof *solution);
    if (total > 0.0 && mtc_cholesky(work, p, NULL) == MTC_OK) {
        mtc_cholesky_solve(work, p, solution);
        double explained = 0.0;
        for (size_t j = 0; j < p; j++) {
            explained += solution[j] * right[j];
        }
        const double rest = (1.0 - explained / total) * (ess - 1.0) / (ess - (double)p - 1.0);
        *share = fmin(fmax(1.0 - rest, 0.0), 1.0);
    }
    mtc_free(work);
    return st;
}
