/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_BEND_H
#define MTC_BEND_H

#include "mtc_tmix.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A map that makes a curved and skewed density straighter: y = L^-1 (x - mean); then, in a fixed order of the
 * coordinates, v_j = y_j - c_j - a sum over earlier coordinates of a_ji y_i, b_jik y_i y_k and e_ji y_i^3; then, each
 * for itself, r_j = u cosh e_j - sqrt(1 + u^2) sinh e_j with u = v_j - m_j, which is sinh(asinh(u) - e_j): slopes
 * exp(-e_j) and exp(e_j) on the two sides of m_j. The inverse is explicit. Triangular maps: Marzouk et al. 2016
 * (Handbook of Uncertainty Quantification); the bends are those of Haario, Saksman & Tamminen 1999; the last step is
 * Jones & Pewsey 2009, Biometrika 96:761, without their change of tails.
 */
typedef struct {
    size_t n_dim;
    double *mean;   /* n_dim */
    double *chol;   /* n_dim x n_dim, lower */
    double *centre; /* n_dim: m_j */
    double *skew;   /* n_dim: e_j; 0: none */
    size_t *order;  /* n_dim: coordinate that comes at each position */
    size_t n_term;  /* kept terms, all positions */
    size_t *term;   /* 4 per term: position j, then positions of its factors; n_dim stands for the factor 1 */
    double *factor; /* one per term */
    double log_det; /* log det L */
    void *block;    /* internal */
} mtc_bend;

/**
 * Fit to a weighted sample: whiten; order coordinates so that those which bend others come first; keep the terms whose
 * correlation is beyond `threshold` standard errors and fit them by least squares; fit each skewness by maximum
 * likelihood and keep it where Akaike's criterion does. Nothing kept: plain whitening.
 * Errors: MTC_ESIZE, MTC_ENOMEM; MTC_ENUMERIC where the sample has no covariance of full rank.
 */
MTC_API mtc_status mtc_bend_fit(const mtc_wsample *sample, double threshold, mtc_bend *out, mtc_err *err);
/** Copy into an empty *out. */
MTC_API mtc_status mtc_bend_copy(const mtc_bend *bend, mtc_bend *out, mtc_err *err);
/** Release and zero; NULL and zeroed allowed. */
MTC_API void mtc_bend_fini(mtc_bend *bend);

/** r from x; returns log |det dr/dx|. scratch: n_dim. x and r may be the same. */
MTC_API double mtc_bend_straighten(const mtc_bend *bend, const double *x, double *r, double *scratch);
/** x from r; the inverse. scratch: n_dim. x and r may be the same. */
MTC_API void mtc_bend_apply(const mtc_bend *bend, const double *r, double *x, double *scratch);

#ifdef __cplusplus
}
#endif
#endif
