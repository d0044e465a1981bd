/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_linalg.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

mtc_status mtc_cholesky(double *a, size_t n, mtc_err *err)
{
    for (size_t j = 0; j < n; j++) {
        double *row_j = a + j * n;
        double pivot = row_j[j];
        for (size_t k = 0; k < j; k++) {
            pivot -= row_j[k] * row_j[k];
        }
        if (isnan(pivot)) {
            return mtc_fail(err, MTC_ENAN, "a matrix of %zu rows holds a NaN (row %zu)", n, j + 1);
        }
        if (!(pivot > 0.0) || isinf(pivot)) {
            return mtc_fail(err, MTC_ENUMERIC, "a matrix of %zu rows is not positive definite (row %zu, pivot %g)", n,
                            j + 1, pivot);
        }
        row_j[j] = sqrt(pivot);
        for (size_t i = j + 1; i < n; i++) {
            double *row_i = a + i * n;
            double sum = row_i[j];
            for (size_t k = 0; k < j; k++) {
                sum -= row_i[k] * row_j[k];
            }
            row_i[j] = sum / row_j[j];
        }
        memset(row_j + j + 1, 0, (n - j - 1) * sizeof *row_j);
    }
    return MTC_OK;
}

double mtc_cholesky_log_det(const double *l, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += log(l[i * n + i]);
    }
    return 2.0 * sum;
}

void mtc_cholesky_solve(const double *l, size_t n, double *x)
{
    mtc_lower_solve(l, n, x);
    mtc_lower_solve_t(l, n, x);
}

void mtc_cholesky_inverse(const double *l, size_t n, double *inv)
{
    memset(inv, 0, n * n * sizeof *inv);
    for (size_t i = 0; i < n; i++) {
        inv[i * n + i] = 1.0;
        mtc_cholesky_solve(l, n, inv + i * n); /* row i of a symmetric matrix is its column i */
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            const double mean = 0.5 * (inv[i * n + j] + inv[j * n + i]);
            inv[i * n + j] = mean;
            inv[j * n + i] = mean;
        }
    }
}

void mtc_lower_solve(const double *l, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        double sum = x[i];
        for (size_t k = 0; k < i; k++) {
            sum -= l[i * n + k] * x[k];
        }
        x[i] = sum / l[i * n + i];
    }
}

void mtc_lower_solve_t(const double *l, size_t n, double *x)
{
    for (size_t i = n; i-- > 0;) {
        double sum = x[i];
        for (size_t k = i + 1; k < n; k++) {
            sum -= l[k * n + i] * x[k];
        }
        x[i] = sum / l[i * n + i];
    }
}

void mtc_lower_mul(const double *l, size_t n, double *x)
{
    for (size_t i = n; i-- > 0;) {
        double sum = 0.0;
        for (size_t k = 0; k <= i; k++) {
            sum += l[i * n + k] * x[k];
        }
        x[i] = sum;
    }
}

void mtc_lower_mul_t(const double *l, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t k = i; k < n; k++) {
            sum += l[k * n + i] * x[k];
        }
        x[i] = sum;
    }
}

void mtc_mat_vec(const double *a, size_t n_row, size_t n_col, const double *x, double *y)
{
    for (size_t i = 0; i < n_row; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < n_col; j++) {
            sum += a[i * n_col + j] * x[j];
        }
        y[i] = sum;
    }
}

/* Components whose magnitudes differ by less are taken for equal, so that rounding does not choose between them. */
#define SAME_MAGNITUDE (1.0 + 1e-8)

/* An eigenvector is known up to its sign: take that which makes the component of largest magnitude positive. */
static void fix_sign(double *v, size_t n)
{
    size_t at = 0;
    for (size_t i = 1; i < n; i++) {
        if (fabs(v[i]) > SAME_MAGNITUDE * fabs(v[at])) {
            at = i;
        }
    }
    const double sign = v[at] < 0.0 ? -1.0 : 1.0;
    for (size_t i = 0; i < n; i++) {
        v[i] *= sign;
    }
}

static mtc_status check_finite(const double *a, size_t n, mtc_err *err)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            if (!isfinite(a[i * n + j])) {
                return mtc_fail(err, MTC_ENAN, "a symmetric matrix holds %g at row %zu, column %zu", a[i * n + j],
                                i + 1, j + 1);
            }
        }
    }
    return MTC_OK;
}

mtc_status mtc_sym_eigen(const double *a, size_t n, double *value, double *vector, mtc_err *err)
{
    mtc_status st = MTC_OK;
    gsl_eigen_symmv_workspace *ws = NULL;
    gsl_matrix *copy = NULL;
    gsl_matrix *columns = NULL;

    if (n == 0) {
        return mtc_fail(err, MTC_ESIZE, "eigenvalues of a matrix without rows");
    }
    MTC_TRY(check_finite(a, n, err));
    ws = gsl_eigen_symmv_alloc(n);
    copy = gsl_matrix_alloc(n, n);
    columns = gsl_matrix_alloc(n, n);
    if (!ws || !copy || !columns) {
        st = mtc_fail(err, MTC_ENOMEM, "out of memory for eigenvalues of %zu rows", n);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            gsl_matrix_set(copy, i, j, a[i * n + j]); /* GSL reads the lower triangle */
        }
    }
    gsl_vector_view values = gsl_vector_view_array(value, n);
    if (gsl_eigen_symmv(copy, &values.vector, columns, ws) != GSL_SUCCESS ||
        gsl_eigen_symmv_sort(&values.vector, columns, GSL_EIGEN_SORT_VAL_ASC) != GSL_SUCCESS) {
        st = mtc_fail(err, MTC_ENUMERIC, "eigenvalues of a matrix of %zu rows were not found", n);
        goto out;
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n; i++) {
            vector[k * n + i] = gsl_matrix_get(columns, i, k);
        }
        fix_sign(vector + k * n, n);
    }
out:
    gsl_matrix_free(columns);
    gsl_matrix_free(copy);
    gsl_eigen_symmv_free(ws);
    return st;
}
