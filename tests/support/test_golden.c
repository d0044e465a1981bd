/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_golden.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    double a, b;
    long double value;
} golden_row;

typedef struct {
    size_t n_row;
    double worst_relative, worst_absolute;
} golden_score;

static int read_row(char *line, golden_row *row)
{
    char *cell[4];
    char *s = line;
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < 4; i++) {
        cell[i] = s;
        s = s ? strchr(s, ',') : NULL;
        if (s) {
            *s++ = '\0';
        }
        if (!cell[i]) {
            return 0;
        }
    }
    row->name = cell[0];
    row->a = strtod(cell[1], NULL);
    row->b = cell[2][0] != '\0' ? strtod(cell[2], NULL) : 0.0;
    row->value = strtold(cell[3], NULL);
    return 1;
}

/* 1 where the row is off. Values below the normal numbers need only come out below them. */
static size_t compare_row(const test_golden_function *f, const golden_row *row, golden_score *score)
{
    const double got = f->f1 ? f->f1(row->a) : f->f2(row->a, row->b);
    const long double size = fabsl(row->value);
    long double scale = size > 1.0L ? size : 1.0L;
    score->n_row++;
    if (size < (long double)DBL_MIN) {
        if (fabs(got) <= DBL_MIN) {
            return 0;
        }
        printf("%s(%.17g, %.17g) = %.17g does not underflow\n", f->name, row->a, row->b, got);
        return 1;
    }
    if (f->in_scale) {
        scale = fmaxl(scale, fmaxl(fabsl((long double)row->a), fabsl((long double)row->b)));
    }
    const long double error = fabsl((long double)got - row->value);
    const double relative = (double)(error / size);
    const double absolute = (double)(error / scale);
    score->worst_relative = fmax(score->worst_relative, relative);
    score->worst_absolute = fmax(score->worst_absolute, absolute);
    const int off =
        isnan(got) || (f->relative > 0.0 && relative > f->relative) || (f->absolute > 0.0 && absolute > f->absolute);
    if (off) {
        printf("%s(%.17g, %.17g) = %.17g, not %.20Lg: relative error %.2g, scaled %.2g\n", f->name, row->a, row->b, got,
               row->value, relative, absolute);
    }
    return off ? 1 : 0;
}

static size_t compare_line(char *line, const test_golden_function *functions, size_t n_function, golden_score *score)
{
    golden_row row;
    if (!read_row(line, &row)) {
        printf("a row cannot be read: %s\n", line);
        return 1;
    }
    for (size_t i = 0; i < n_function; i++) {
        if (strcmp(row.name, functions[i].name) == 0) {
            return compare_row(&functions[i], &row, &score[i]);
        }
    }
    printf("function %s is not compared\n", row.name);
    return 1;
}

size_t test_golden_compare(const char *path, const test_golden_function *functions, size_t n_function)
{
    char line[512];
    size_t n_fault = 0;
    golden_score *score = calloc(n_function, sizeof *score);
    FILE *f = fopen(path, "r");

    if (!f || !score || !fgets(line, sizeof line, f)) { /* the first line names the columns */
        printf("%s cannot be read\n", path);
        n_fault = 1;
        goto out;
    }
    while (fgets(line, sizeof line, f)) {
        n_fault += compare_line(line, functions, n_function, score);
    }
    for (size_t i = 0; i < n_function; i++) {
        printf("%-24s %4zu rows, worst relative %.2g, scaled %.2g\n", functions[i].name, score[i].n_row,
               score[i].worst_relative, score[i].worst_absolute);
        n_fault += score[i].n_row == 0 ? 1 : 0;
    }
out:
    if (f) {
        (void)fclose(f);
    }
    free(score);
    return n_fault;
}
