/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_LINALG_H
#define MTC_LINALG_H

#include "mtc_err.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Small dense matrices: n x n arrays of doubles, row-major, element (i, j) at i * n + j. L is a lower triangle with a
 * positive diagonal; what stands above the diagonal is never read. All sums run in a fixed order.
 */

/**
 * Cholesky's factor in place: a = L L'. Only the lower triangle of a is read; the upper is set to zero.
 * Errors  MTC_ENUMERIC where a is not positive definite (a is then spoilt); MTC_ENAN where it holds a NaN
 */
MTC_API mtc_status mtc_cholesky(double *a, size_t n, mtc_err *err);
/** log det(L L') = 2 sum log L_ii. */
MTC_API double mtc_cholesky_log_det(const double *l, size_t n);
/** x := (L L')^-1 x, length n. */
MTC_API void mtc_cholesky_solve(const double *l, size_t n, double *x);
/** inv := (L L')^-1, full and symmetric, n x n; for covariances that are themselves wanted, not to solve with. inv may
 * not be l. */
MTC_API void mtc_cholesky_inverse(const double *l, size_t n, double *inv);

/** x := L^-1 x. */
MTC_API void mtc_lower_solve(const double *l, size_t n, double *x);
/** x := L'^-1 x. */
MTC_API void mtc_lower_solve_t(const double *l, size_t n, double *x);
/** x := L x. */
MTC_API void mtc_lower_mul(const double *l, size_t n, double *x);
/** x := L' x. */
MTC_API void mtc_lower_mul_t(const double *l, size_t n, double *x);

/** y := A x, A n_row x n_col, x length n_col, y length n_row; y may not be x. */
MTC_API void mtc_mat_vec(const double *a, size_t n_row, size_t n_col, const double *x, double *y);

/**
 * Eigenvalues and eigenvectors of a symmetric matrix (its lower triangle is read).
 * value   out, n, ascending
 * vector  out, n x n: ROW k is the unit eigenvector of value[k], its component of largest magnitude is positive (the
 *         first of those equal to 8 digits)
 * Errors  MTC_ENOMEM; MTC_ENAN; MTC_ENUMERIC
 */
MTC_API mtc_status mtc_sym_eigen(const double *a, size_t n, double *value, double *vector, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
