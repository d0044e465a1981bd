/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SUM_H
#define MTC_SUM_H

#include "mtc_status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A compensated sum: the rounding errors are gathered beside the sum, so that the result is within 2 epsilon of the
 * true sum plus n^2 epsilon^2 times the sum of magnitudes. Terms count in the order in which they come.
 * Source: Neumaier 1974, ZAMM 54:39, doi:10.1002/zamm.19740540106, algorithm IV.
 */
typedef struct {
    double sum;
    double lost;
} mtc_acc;

#define MTC_ACC_INIT                                                                                                   \
    {                                                                                                                  \
        0.0, 0.0                                                                                                       \
    }

/** Add a term. */
MTC_API void mtc_acc_add(mtc_acc *acc, double x);
/** The sum; an infinity where a term was one (NaN where both infinities were, or a term was NaN). */
MTC_API double mtc_acc_value(const mtc_acc *acc);

/** Compensated sum of x, length n; 0 for n = 0. */
MTC_API double mtc_sum(const double *x, size_t n);

/**
 * Inner product of x and y, length n. Blocks of 512 in 8 fixed lanes, block sums compensated in order: the result
 * depends on the data and n alone, never on the width of the machine's vectors or on the number of threads.
 */
MTC_API double mtc_dot(const double *x, const double *y, size_t n);

#ifdef __cplusplus
}
#endif
#endif
