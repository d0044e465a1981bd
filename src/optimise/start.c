/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_rng.h"
#include "optimise_internal.h"

#include <gsl/gsl_qrng.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>

enum {
    N_SCALE = 255,      /* points for the prior's scale: 2^8 - 1, where Sobol's sequence is even */
    SOBOL_MAX_DIM = 40, /* of GSL's table */
    HALTON_MAX_DIM = 1229
};

static mtc_status quasi_create(size_t n_dim, gsl_qrng **out, mtc_err *err)
{
    if (n_dim > HALTON_MAX_DIM) {
        return mtc_fail(err, MTC_EDOMAIN, "%zu free parameters; the optimiser's starts reach up to %d", n_dim,
                        HALTON_MAX_DIM);
    }
    *out = gsl_qrng_alloc(n_dim <= SOBOL_MAX_DIM ? gsl_qrng_sobol : gsl_qrng_halton, (unsigned)n_dim);
    return *out ? MTC_OK : mtc_fail(err, MTC_ENOMEM, "no memory for a quasi-random sequence");
}

/* Points of the prior in columns: out is n_dim x N_SCALE. */
static mtc_status scale_points(const mtc_target *target, double *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = target->n_dim;
    gsl_qrng *quasi = NULL;
    double *u = mtc_calloc(2 * n, sizeof *u);
    if (!u) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the prior's scale");
    }
    MTC_TRY(quasi_create(n, &quasi, err));
    for (size_t k = 0; k < N_SCALE; k++) {
        gsl_qrng_get(quasi, u);
        MTC_TRY(target->prior_quantile(target->self, u, u + n, err));
        for (size_t i = 0; i < n; i++) {
            out[i * N_SCALE + k] = u[n + i];
        }
    }
out:
    gsl_qrng_free(quasi);
    mtc_free(u);
    return st;
}

mtc_status prior_scale_init(prior_scale *scale, const mtc_target *target, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = target->n_dim;
    *scale = (prior_scale){NULL, NULL};
    double *points = mtc_calloc(n * N_SCALE, sizeof *points);
    scale->centre = mtc_calloc(n, sizeof *scale->centre);
    scale->sd = mtc_calloc(n, sizeof *scale->sd);
    if (!points || !scale->centre || !scale->sd) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the prior's scale");
        goto out;
    }
    MTC_TRY(scale_points(target, points, err));
    for (size_t i = 0; i < n; i++) {
        double *row = points + i * N_SCALE;
        gsl_sort(row, 1, N_SCALE);
        const double sd = 0.5 * (row[(N_SCALE * 84) / 100] - row[(N_SCALE * 16) / 100]);
        scale->centre[i] = row[N_SCALE / 2];
        scale->sd[i] = isfinite(sd) && sd > 0.0 ? sd : 1.0;
    }
out:
    mtc_free(points);
    if (st != MTC_OK) {
        prior_scale_fini(scale);
    }
    return st;
}

void prior_scale_fini(prior_scale *scale)
{
    mtc_free(scale->centre);
    mtc_free(scale->sd);
    *scale = (prior_scale){NULL, NULL};
}

/* Uniforms of start k into u. */
static mtc_status start_uniforms(const mtc_target *target, uint64_t seed, size_t k, double *u, mtc_err *err)
{
    mtc_status st = MTC_OK;
    gsl_qrng *quasi = NULL;
    gsl_rng *rng = NULL;
    char stream[256];
    MTC_TRY(quasi_create(target->n_dim, &quasi, err));
    snprintf(stream, sizeof stream, "%s/optimise/shift", target->name);
    MTC_TRY(mtc_rng_stream(seed, stream, &rng, err));
    for (size_t j = 0; j < k; j++) {
        gsl_qrng_get(quasi, u);
    }
    for (size_t i = 0; i < target->n_dim; i++) {
        const double sum = u[i] + mtc_rng_uniform(rng);
        /* away from 0 and 1, where a quantile may be infinite */
        const double margin = 1e-6;
        u[i] = margin + (1.0 - 2.0 * margin) * (sum - floor(sum));
    }
out:
    gsl_qrng_free(quasi);
    gsl_rng_free(rng);
    return st;
}

mtc_status start_point(const mtc_target *target, uint64_t seed, size_t k, double *x, mtc_err *err)
{
    double *u = mtc_calloc(target->n_dim, sizeof *u);
    if (!u) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a start");
    }
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < target->n_dim; i++) {
        u[i] = 0.5;
    }
    if (k > 0) {
        st = start_uniforms(target, seed, k, u, err);
    }
    if (st == MTC_OK) {
        st = target->prior_quantile(target->self, u, x, err);
    }
    mtc_free(u);
    return st;
}
