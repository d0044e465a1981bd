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
 * for itself, r_j = sinh(t_j asinh(v_j - m_j) - e_j), which takes out skewness (e_j) and long tails (t_j < 1). The
 * inverse is explicit. Triangular maps: Marzouk et al. 2016 (Handbook of Uncertainty Quantification); the bends are
 * those of Haario, Saksman & Tamminen 1999, Comput. Stat. 14:375; the last step is the sinh-arcsinh law of
 * Jones & Pewsey 2009, Biometrika 96:761.
 */
typedef struct {
    size_t n_dim;
    double *mean;   /* n_dim */
    double *chol;   /* n_dim x n_dim, lower */
    double *centre; /* n_dim: m_j */
    double *skew;   /* n_dim: e_j */
    double *tail;   /* n_dim: t_j; with e_j = 0 and t_j = 1 the step is left out */
    size_t *order;  /* n_dim: coordinate that comes at each position */
    size_t n_term;  /* kept terms, all positions */
    size_t *term;   /* 4 per term: position j, then positions of its factors; n_dim stands for the factor 1 */
    double *factor; /* one per term */
    double log_det; /* log det L */
    void *block;    /* internal */
} mtc_bend;

/**
 * Fit to a weighted sample: whiten; order coordinates so that those which bend others come first; keep the terms whose
 * correlation is beyond `threshold` standard errors and fit them by least squares; fit skewness and tails of each
 * coordinate by maximum likelihood and keep them where Akaike's criterion does. Nothing kept: plain whitening.
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
