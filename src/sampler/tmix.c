/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_tmix.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_logmath.h"
#include "mtc_rng.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <string.h>

/* Degrees of freedom below which the covariance is taken as if they were this many (it is infinite from 2 down). */
#define MOMENT_DOF_FLOOR 3.0

mtc_status mtc_tmix_init(mtc_tmix *m, size_t n_dim, size_t n_comp, mtc_err *err)
{
    memset(m, 0, sizeof *m);
    if (n_dim == 0 || n_comp == 0) {
        return mtc_fail(err, MTC_ESIZE, "a Student-t mixture needs at least one dimension and one component");
    }
    const size_t per_comp = 3 + n_dim + n_dim * n_dim;
    m->block = mtc_calloc(n_comp, per_comp * sizeof *m->block);
    if (m->block == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a mixture of %zu components", n_comp);
    }
    m->n_dim = n_dim;
    m->n_comp = n_comp;
    m->weight = m->block;
    m->dof = m->weight + n_comp;
    m->log_norm = m->dof + n_comp;
    m->mean = m->log_norm + n_comp;
    m->chol = m->mean + n_comp * n_dim;
    return MTC_OK;
}

void mtc_tmix_fini(mtc_tmix *m)
{
    if (m != NULL) {
        mtc_free(m->block);
        memset(m, 0, sizeof *m);
    }
}

/* Copy components 0..m->n_comp-1 into the first places of out, which has at least as many. */
static void copy_components(const mtc_tmix *m, mtc_tmix *out)
{
    const size_t d = m->n_dim;
    memcpy(out->weight, m->weight, m->n_comp * sizeof *m->weight);
    memcpy(out->dof, m->dof, m->n_comp * sizeof *m->dof);
    memcpy(out->log_norm, m->log_norm, m->n_comp * sizeof *m->log_norm);
    memcpy(out->mean, m->mean, m->n_comp * d * sizeof *m->mean);
    memcpy(out->chol, m->chol, m->n_comp * d * d * sizeof *m->chol);
}

mtc_status mtc_tmix_copy(const mtc_tmix *m, mtc_tmix *out, mtc_err *err)
{
    const mtc_status st = mtc_tmix_init(out, m->n_dim, m->n_comp, err);
    if (st == MTC_OK) {
        copy_components(m, out);
    }
    return st;
}

mtc_status mtc_tmix_set(mtc_tmix *m, size_t k, double weight, double dof, const double *mean, const double *scale,
                        mtc_err *err)
{
    const size_t d = m->n_dim;
    if (k >= m->n_comp) {
        return mtc_fail(err, MTC_ESIZE, "component %zu of a mixture of %zu", k, m->n_comp);
    }
    if (!(weight > 0.0 && isfinite(weight)) || !(dof > 0.0 && isfinite(dof))) {
        return mtc_fail(err, MTC_EDOMAIN, "mixture component needs weight > 0 and degrees of freedom > 0, got %g, %g",
                        weight, dof);
    }
    m->weight[k] = weight;
    m->dof[k] = dof;
    memcpy(m->mean + k * d, mean, d * sizeof *mean);
    double *chol = m->chol + k * d * d;
    memcpy(chol, scale, d * d * sizeof *scale);
    return mtc_cholesky(chol, d, err);
}

/* log of the normaliser of a d-dimensional Student-t with unit scale matrix. */
static double log_t_norm(double dof, size_t d)
{
    const double half_d = 0.5 * (double)d;
    /* not the C library's lgamma, which writes a global */
    return gsl_sf_lngamma(0.5 * dof + half_d) - gsl_sf_lngamma(0.5 * dof) - half_d * log(dof * M_PI);
}

mtc_status mtc_tmix_finish(mtc_tmix *m, mtc_err *err)
{
    const size_t d = m->n_dim;
    double total = 0.0;
    for (size_t k = 0; k < m->n_comp; k++) {
        total += m->weight[k];
    }
    if (!(total > 0.0 && isfinite(total))) {
        return mtc_fail(err, MTC_EDOMAIN, "the weights of a mixture sum to %g", total);
    }
    for (size_t k = 0; k < m->n_comp; k++) {
        const double *chol = m->chol + k * d * d;
        double log_det = 0.0;
        for (size_t j = 0; j < d; j++) {
            log_det += log(chol[j * d + j]);
        }
        m->weight[k] /= total;
        m->log_norm[k] = log(m->weight[k]) + log_t_norm(m->dof[k], d) - log_det;
    }
    return MTC_OK;
}

double mtc_tmix_log_component(const mtc_tmix *m, size_t k, const double *x, double *dist2, double *scratch)
{
    const size_t d = m->n_dim;
    const double *mean = m->mean + k * d;
    const double *chol = m->chol + k * d * d;
    double sum = 0.0;
    for (size_t i = 0; i < d; i++) {
        double z = x[i] - mean[i];
        for (size_t j = 0; j < i; j++) {
            z -= chol[i * d + j] * scratch[j];
        }
        z /= chol[i * d + i];
        scratch[i] = z;
        sum += z * z;
    }
    if (dist2 != NULL) {
        *dist2 = sum;
    }
    return m->log_norm[k] - 0.5 * (m->dof[k] + (double)d) * log1p(sum / m->dof[k]);
}

double mtc_tmix_logpdf(const mtc_tmix *m, const double *x, double *scratch)
{
    double *const term = scratch + m->n_dim;
    for (size_t k = 0; k < m->n_comp; k++) {
        term[k] = mtc_tmix_log_component(m, k, x, NULL, scratch);
    }
    return mtc_log_sum(term, m->n_comp);
}

void mtc_tmix_draw(const mtc_tmix *m, gsl_rng *rng, double *x, double *scratch)
{
    const size_t d = m->n_dim;
    const double u = mtc_rng_uniform(rng);
    size_t k = 0;
    double cumulative = m->weight[0];
    while (k + 1 < m->n_comp && u > cumulative) {
        k++;
        cumulative += m->weight[k];
    }
    const double stretch = sqrt(m->dof[k] / gsl_ran_chisq(rng, m->dof[k]));
    for (size_t i = 0; i < d; i++) {
        scratch[i] = mtc_rng_normal(rng) * stretch;
    }
    const double *chol = m->chol + k * d * d;
    for (size_t i = 0; i < d; i++) {
        double sum = m->mean[k * d + i];
        for (size_t j = 0; j <= i; j++) {
            sum += chol[i * d + j] * scratch[j];
        }
        x[i] = sum;
    }
}

/* cov += factor * L L^T */
static void add_llt(double *cov, const double *chol, size_t d, double factor)
{
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            const size_t top = i < j ? i : j;
            double sum = 0.0;
            for (size_t l = 0; l <= top; l++) {
                sum += chol[i * d + l] * chol[j * d + l];
            }
            cov[i * d + j] += factor * sum;
        }
    }
}

void mtc_tmix_moments(const mtc_tmix *m, double *mean, double *cov)
{
    const size_t d = m->n_dim;
    memset(mean, 0, d * sizeof *mean);
    memset(cov, 0, d * d * sizeof *cov);
    for (size_t k = 0; k < m->n_comp; k++) {
        for (size_t i = 0; i < d; i++) {
            mean[i] += m->weight[k] * m->mean[k * d + i];
        }
    }
    for (size_t k = 0; k < m->n_comp; k++) {
        const double dof = fmax(m->dof[k], MOMENT_DOF_FLOOR);
        const double *mu = m->mean + k * d;
        add_llt(cov, m->chol + k * d * d, d, m->weight[k] * dof / (dof - 2.0));
        for (size_t i = 0; i < d; i++) {
            for (size_t j = 0; j < d; j++) {
                cov[i * d + j] += m->weight[k] * (mu[i] - mean[i]) * (mu[j] - mean[j]);
            }
        }
    }
}
