/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_BEND_H
#define MTC_BEND_H

#include "mtc_tmix.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Step of one coordinate, sinh(tail asinh(u - centre) - skew), which takes out skewness and long tails (tail < 1). */
typedef struct {
    double centre, skew, tail; /* skew 0 and tail 1: left out */
} mtc_bend_shape;

/**
 * A map that makes a curved and skewed density straighter: each coordinate for itself, a shape step where its marginal
 * law asks for one; then y = L^-1 (. - mean); then, in a fixed order of the coordinates,
 * v_j = y_j - c_j - a sum over earlier coordinates of a_ji y_i, b_jik y_i y_k and e_ji y_i^3; then, each for itself, a
 * second shape step. The inverse is explicit. Triangular maps: Marzouk et al. 2016 (Handbook of Uncertainty
 * Quantification); the bends are those of Haario, Saksman & Tamminen 1999, Comput. Stat. 14:375; the shape steps are
 * the sinh-arcsinh law of Jones & Pewsey 2009, Biometrika 96:761.
 */
typedef struct {
    size_t n_dim;
    double *place, *scale;          /* n_dim: by which coordinates with a first shape step are standardised */
    mtc_bend_shape *first, *second; /* n_dim: shape steps */
    double *mean;                   /* n_dim, after the first step */
    double *chol;                   /* n_dim x n_dim, lower, after the first step */
    size_t *order;                  /* n_dim: coordinate that comes at each position */
    size_t n_term;                  /* kept terms, all positions */
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
/**
 * Derivative by r of f(x(r)) + log |det dx/dr| from that of f by x; returns log |det dx/dr|.
 * grad_x, grad_r: n_dim, distinct. scratch: 2 n_dim.
 */
MTC_API double mtc_bend_pull(const mtc_bend *bend, const double *r, const double *grad_x, double *grad_r,
                             double *scratch);

#ifdef __cplusplus
}
#endif
#endif
