/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SMC_INTERNAL_H
#define SMC_INTERNAL_H

#include "mtc_smc.h"

/** Random walk at one inverse temperature. */
typedef struct {
    size_t n_dim;
    double beta, scale;
    const double *chol; /* n_dim x n_dim, lower */
} smc_walk;

/** Numbers of a particle: position, log prior, log likelihood. */
static inline size_t smc_stride(size_t n_dim)
{
    return n_dim + 2;
}

/** A draw from the prior with its log likelihood. */
mtc_status smc_prior_particle(mtc_evaluator *e, gsl_rng *rng, double *row, mtc_err *err);
/**
 * A chain of n states, the first of which is `start`.
 * rows      out, n x stride; may begin with start itself
 * accepted  out: moves of n - 1. scratch: 2 n_dim
 */
mtc_status smc_walk_run(const smc_walk *walk, mtc_evaluator *e, gsl_rng *rng, const double *start, size_t n,
                        double *rows, size_t *accepted, double *scratch, mtc_err *err);
/** Weights (beta_to - beta_from) log L of n particles; returns their log mean. */
double smc_weigh(const double *rows, size_t n, size_t n_dim, double step, double *log_weight);
/** Systematic resampling: n_out indices of n particles by weight. u: one uniform of (0, 1). */
void smc_resample(const double *log_weight, size_t n, double u, size_t n_out, size_t *index);

#endif
