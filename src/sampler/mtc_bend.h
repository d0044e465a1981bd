/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_BEND_H
#define MTC_BEND_H

#include "mtc_tmix.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A map that takes the bend out of a curved density: y = L^-1 (x - mean), then, in a fixed order of the coordinates,
 * r_j = y_j - c_j - a sum over earlier coordinates of a_ji y_i, b_jik y_i y_k and e_ji y_i^3. Its inverse is explicit
 * and its Jacobian is the constant det L^-1: triangular maps, Marzouk et al. 2016 (Handbook of Uncertainty
 * Quantification), with terms that undo the bananas of Haario, Saksman & Tamminen 1999.
 */
typedef struct {
    size_t n_dim;
    double *mean;   /* n_dim */
    double *chol;   /* n_dim x n_dim, lower */
    size_t *order;  /* n_dim: coordinate that comes at each position */
    size_t n_term;  /* kept terms, all positions */
    size_t *term;   /* 4 per term: position j, then positions of its factors; n_dim stands for the factor 1 */
    double *factor; /* one per term */
    double log_det; /* log det L */
    void *block;    /* internal */
} mtc_bend;

/**
 * Fit to a weighted sample: whiten, order coordinates so that those which bend others come first, keep the terms whose
 * correlation is beyond `threshold` standard errors, fit by least squares. No term kept: plain whitening.
 * Errors: MTC_ESIZE, MTC_ENOMEM; MTC_ENUMERIC where the sample has no covariance of full rank.
 */
MTC_API mtc_status mtc_bend_fit(const mtc_wsample *sample, double threshold, mtc_bend *out, mtc_err *err);
/** Copy into an empty *out. */
MTC_API mtc_status mtc_bend_copy(const mtc_bend *bend, mtc_bend *out, mtc_err *err);
/** Release and zero; NULL and zeroed allowed. */
MTC_API void mtc_bend_fini(mtc_bend *bend);

/** r from x. scratch: n_dim. x and r may be the same. */
MTC_API void mtc_bend_straighten(const mtc_bend *bend, const double *x, double *r, double *scratch);
/** x from r; the inverse. scratch: n_dim. x and r may be the same. */
MTC_API void mtc_bend_apply(const mtc_bend *bend, const double *r, double *x, double *scratch);

#ifdef __cplusplus
}
#endif
#endif
