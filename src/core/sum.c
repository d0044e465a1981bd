/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_sum.h"

#include <math.h>

#define DOT_BLOCK 512u
#define DOT_LANES 8u

void mtc_acc_add(mtc_acc *acc, double x)
{
    const double sum = acc->sum + x;
    acc->lost += fabs(acc->sum) >= fabs(x) ? (acc->sum - sum) + x : (x - sum) + acc->sum;
    acc->sum = sum;
}

double mtc_acc_value(const mtc_acc *acc)
{
    /* a sum that is no longer finite stays so, and what it lost is then no number */
    return isfinite(acc->sum) ? acc->sum + acc->lost : acc->sum;
}

double mtc_sum(const double *x, size_t n)
{
    mtc_acc acc = MTC_ACC_INIT;
    for (size_t i = 0; i < n; i++) {
        mtc_acc_add(&acc, x[i]);
    }
    return mtc_acc_value(&acc);
}

/* One block; lane j takes the terms j, j + 8, j + 16 ..., the lanes are added in pairs. */
static double dot_block(const double *x, const double *y, size_t n)
{
    double lane[DOT_LANES] = {0.0};
    size_t i = 0;
    for (; i + DOT_LANES <= n; i += DOT_LANES) {
        for (size_t j = 0; j < DOT_LANES; j++) {
            lane[j] += x[i + j] * y[i + j];
        }
    }
    for (size_t j = 0; i + j < n; j++) {
        lane[j] += x[i + j] * y[i + j];
    }
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

double mtc_dot(const double *x, const double *y, size_t n)
{
    mtc_acc acc = MTC_ACC_INIT;
    for (size_t i = 0; i < n; i += DOT_BLOCK) {
        mtc_acc_add(&acc, dot_block(x + i, y + i, n - i < DOT_BLOCK ? n - i : DOT_BLOCK));
    }
    return mtc_acc_value(&acc);
}
