/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: transposed or swapped triangles, reads above the diagonal, a matrix that is not positive definite taken for
 * one, eigenvectors in the wrong order or with a sign that is not fixed. */
#include "mtc_linalg.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 4 };

/* L L' of whole numbers, so that the factor is known exactly. */
static const double factor[N * N] = {2, 0, 0, 0, -1, 3, 0, 0, 4, 1, 5, 0, 7, -2, 6, 1};

static void product(const double *l, double *a)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            a[i * N + j] = 0.0;
            for (int k = 0; k < N; k++) {
                a[i * N + j] += l[i * N + k] * l[j * N + k];
            }
        }
    }
}

static void cholesky_finds_the_factor(void **state)
{
    (void)state;
    double a[N * N];
    product(factor, a);
    for (int i = 0; i < N; i++) {
        for (int j = i + 1; j < N; j++) {
            a[i * N + j] = (double)NAN; /* the upper triangle is not read */
        }
    }
    assert_int_equal(mtc_cholesky(a, N, NULL), MTC_OK);
    assert_memory_equal(a, factor, sizeof a);
    assert_true(fabs(mtc_cholesky_log_det(a, N) - 2.0 * log(30.0)) < 1e-15);
    assert_int_equal(mtc_cholesky(a, 0, NULL), MTC_OK);
}

static void cholesky_refuses(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    double indefinite[4] = {1, 2, 2, 1};
    double singular[4] = {1, 1, 1, 1};
    double negative[1] = {-1};
    double nan_below[4] = {1, 0, (double)NAN, 1};
    double infinite[1] = {inf};
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_cholesky(indefinite, 2, &err), MTC_ENUMERIC);
    assert_string_equal(err.message, "a matrix of 2 rows is not positive definite (row 2, pivot -3)");
    assert_int_equal(mtc_cholesky(singular, 2, NULL), MTC_ENUMERIC);
    assert_int_equal(mtc_cholesky(negative, 1, NULL), MTC_ENUMERIC);
    assert_int_equal(mtc_cholesky(nan_below, 2, NULL), MTC_ENAN);
    assert_int_equal(mtc_cholesky(infinite, 1, NULL), MTC_ENUMERIC);
}

static void assert_near(const double *x, const double *y, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(fabs(x[i] - y[i]) <= tolerance);
    }
}

static void triangles_multiply_and_solve(void **state)
{
    (void)state;
    double l[N * N];
    const double x[N] = {1.5, -2, 3, 0.25};
    const double lx[N] = {3, -7.5, 19, 32.75};
    const double ltx[N] = {18.75, -3.5, 16.5, 0.25};
    double y[N];
    memcpy(l, factor, sizeof l);
    l[1] = l[2] = l[7] = (double)NAN; /* above the diagonal: not read */
    memcpy(y, x, sizeof y);
    mtc_lower_mul(l, N, y);
    assert_memory_equal(y, lx, sizeof y);
    mtc_lower_solve(l, N, y);
    assert_near(y, x, N, 1e-13);
    memcpy(y, x, sizeof y);
    mtc_lower_mul_t(l, N, y);
    assert_memory_equal(y, ltx, sizeof y);
    mtc_lower_solve_t(l, N, y);
    assert_near(y, x, N, 1e-13);
}

static void solving_and_inverting(void **state)
{
    (void)state;
    double a[N * N];
    double inv[N * N];
    const double x[N] = {1.5, -2, 3, 0.25};
    double y[N];
    product(factor, a);
    mtc_mat_vec(a, N, N, x, y);
    mtc_cholesky_solve(factor, N, y);
    assert_near(y, x, N, 1e-11);
    mtc_cholesky_inverse(factor, N, inv);
    for (int i = 0; i < N; i++) {
        double column[N];
        for (int j = 0; j < N; j++) {
            column[j] = inv[j * N + i];
            assert_true(inv[i * N + j] == inv[j * N + i]);
        }
        mtc_mat_vec(a, N, N, column, y);
        for (int j = 0; j < N; j++) {
            assert_true(fabs(y[j] - (i == j ? 1.0 : 0.0)) < 1e-11);
        }
    }
}

static void products_of_unequal_sides(void **state)
{
    (void)state;
    const double a[6] = {1, 2, 3, 4, 5, 6};
    const double x[3] = {1, 10, 100};
    double y[2];
    mtc_mat_vec(a, 2, 3, x, y);
    assert_true(y[0] == 321.0 && y[1] == 654.0);
}

/* Second differences: eigenvalues 2 - 2 cos(k pi / (n + 1)), eigenvectors sin(i k pi / (n + 1)). */
static void eigenvalues_of_a_known_matrix(void **state)
{
    (void)state;
    enum { M = 6 };
    const double pi = 3.14159265358979324;
    double a[M * M] = {0.0};
    double value[M];
    double vector[M * M];
    for (int i = 0; i < M; i++) {
        a[i * M + i] = 2.0;
        if (i > 0) {
            a[i * M + i - 1] = -1.0; /* the upper triangle stays 0: it is not read */
        }
    }
    assert_int_equal(mtc_sym_eigen(a, M, value, vector, NULL), MTC_OK);
    for (int k = 0; k < M; k++) {
        double norm = 0.0;
        double largest = 0.0;
        double dot = 0.0;
        assert_true(fabs(value[k] - (2.0 - 2.0 * cos((k + 1) * pi / (M + 1)))) < 1e-14);
        for (int i = 0; i < M; i++) {
            const double v = vector[k * M + i];
            norm += v * v;
            dot += v * sin((i + 1) * (k + 1) * pi / (M + 1)) * sqrt(2.0 / (M + 1));
            largest = fabs(v) > fabs(largest) + 1e-12 ? v : largest;
        }
        assert_true(fabs(norm - 1.0) < 1e-14);
        assert_true(fabs(fabs(dot) - 1.0) < 1e-14);
        assert_true(largest > 0.0);
    }
}

static void eigenvalues_refuse(void **state)
{
    (void)state;
    const double a[4] = {1, 0, (double)NAN, 1};
    double value[2];
    double vector[4];
    assert_int_equal(mtc_sym_eigen(a, 2, value, vector, NULL), MTC_ENAN);
    assert_int_equal(mtc_sym_eigen(a, 0, value, vector, NULL), MTC_ESIZE);
    assert_int_equal(mtc_sym_eigen(a, 1, value, vector, NULL), MTC_OK);
    assert_true(value[0] == 1.0 && vector[0] == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cholesky_finds_the_factor),    cmocka_unit_test(cholesky_refuses),
        cmocka_unit_test(triangles_multiply_and_solve), cmocka_unit_test(solving_and_inverting),
        cmocka_unit_test(products_of_unequal_sides),    cmocka_unit_test(eigenvalues_of_a_known_matrix),
        cmocka_unit_test(eigenvalues_refuse),
    };
    (void)gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
