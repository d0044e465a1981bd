/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_linalg.h"
#include "mtc_logmath.h"
#include "mtc_rng.h"
#include "smc_internal.h"

#include <math.h>
#include <string.h>

mtc_status smc_prior_particle(mtc_evaluator *e, gsl_rng *rng, double *row, mtc_err *err)
{
    const size_t d = e->target->n_dim;
    double value;
    mtc_point parts = {0};
    mtc_status st = e->target->prior_draw(e->target->self, rng, row, err);
    if (st == MTC_OK) {
        st = mtc_evaluator_log_density(e, row, 1.0, &value, NULL, &parts, err);
    }
    row[d] = parts.log_prior;
    row[d + 1] = parts.log_likelihood;
    return st;
}

mtc_status smc_walk_run(const smc_walk *walk, mtc_evaluator *e, gsl_rng *rng, const double *start, size_t n,
                        double *rows, size_t *accepted, double *scratch, mtc_err *err)
{
    const size_t d = walk->n_dim, stride = smc_stride(d);
    double *const step = scratch, *const x = scratch + d;
    if (rows != start) {
        memcpy(rows, start, stride * sizeof *rows);
    }
    *accepted = 0;
    for (size_t i = 1; i < n; i++) {
        const double *from = rows + (i - 1) * stride;
        double *to = rows + i * stride;
        double value;
        mtc_point parts = {0};
        /* short and long steps, for densities that are narrow in some places and wide in others */
        const double size = walk->scale * exp2(4.0 * mtc_rng_uniform(rng) - 3.0);
        for (size_t k = 0; k < d; k++) {
            step[k] = size * mtc_rng_normal(rng);
        }
        const double log_u = log(mtc_rng_uniform(rng));
        mtc_lower_mul(walk->chol, d, step);
        for (size_t k = 0; k < d; k++) {
            x[k] = from[k] + step[k];
        }
        const mtc_status st = mtc_evaluator_log_density(e, x, walk->beta, &value, NULL, &parts, err);
        if (st != MTC_OK) {
            return st;
        }
        if (log_u < value - (from[d] + walk->beta * from[d + 1])) {
            memcpy(to, x, d * sizeof *to);
            to[d] = parts.log_prior;
            to[d + 1] = parts.log_likelihood;
            ++*accepted;
        } else {
            memcpy(to, from, stride * sizeof *to);
        }
    }
    return MTC_OK;
}

double smc_weigh(const double *rows, size_t n, size_t n_dim, double step, double *log_weight)
{
    const size_t stride = smc_stride(n_dim);
    for (size_t i = 0; i < n; i++) {
        log_weight[i] = step * rows[i * stride + n_dim + 1];
    }
    return mtc_log_mean(log_weight, n);
}

void smc_resample(const double *log_weight, size_t n, double u, size_t n_out, size_t *index)
{
    const double total = mtc_log_sum(log_weight, n);
    double sum = 0.0;
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        sum += exp(log_weight[i] - total);
        while (out < n_out && ((double)out + u) / (double)n_out < sum) {
            index[out++] = i;
        }
    }
    while (out < n_out) { /* rounding: the sum may end just below 1 */
        index[out] = out > 0 ? index[out - 1] : n - 1;
        out++;
    }
}
