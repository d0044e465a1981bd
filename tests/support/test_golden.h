/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_GOLDEN_H
#define TEST_GOLDEN_H

#include <stddef.h>

/** A function of one or two numbers, and how far it may be off its golden values. */
typedef struct {
    const char *name;             /* as in the first column of the table */
    double (*f1)(double);         /* one of the two */
    double (*f2)(double, double); /* */
    double relative;              /* largest |got - value| / |value|; 0: not judged */
    double absolute;              /* largest |got - value| / max(1, |value|, |a|, |b| if in_scale); 0: not judged */
    int in_scale;                 /* the arguments are logarithms themselves and set the scale of the error */
} test_golden_function;

/**
 * Compare functions with a table "function,a,b,value" (arguments as hexadecimal floating point, values in decimal).
 * Prints each row that is off and the largest error of each function. Returns the number of faults: rows that are off,
 * rows of functions that are not listed, functions without a row, a file that cannot be read.
 */
size_t test_golden_compare(const char *path, const test_golden_function *functions, size_t n_function);

#endif
