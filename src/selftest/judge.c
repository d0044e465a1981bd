/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Bars of docs/evidence.md. */
#define BIAS_FLOOR 0.02
#define BIAS_SE 3.0
#define COVERED 0.95
#define COVERED_LOW 0.915
#define COVERED_HIGH 0.985
#define RATIO_LOW 0.8
#define RATIO_HIGH 1.5
#define MOST_REFUSED 0.05
#define SMALL_RMS 1e-3
/* With few seeds a bar is as wide as chance would have it, in standard deviations. */
#define CHANCE 3.5
/* An answer this far off, in stated errors and at least, is wrong by itself. */
#define FAR_SE 6.0
#define FAR_FLOOR 0.1
/* Fewer answers say nothing about their errors. */
#define FEWEST 8

static void figures(const selftest_trial *trial, size_t n, mtc_selftest_row *row)
{
    double sum = 0.0, square = 0.0, covered = 0.0, m = 0.0;
    *row = (mtc_selftest_row){.n = n};
    for (size_t i = 0; i < n; i++) {
        row->calls += trial[i].calls / (double)n;
        if (trial[i].has_value != 0.0) {
            m += 1.0;
            sum += trial[i].error;
            square += trial[i].error * trial[i].error;
            row->mean_se += trial[i].se;
            row->n_far += fabs(trial[i].error) > fmax(FAR_SE * trial[i].se, FAR_FLOOR) ? 1 : 0;
            covered += fabs(trial[i].error) <= 1.96 * trial[i].se ? 1.0 : 0.0;
        }
    }
    row->n_value = (size_t)m;
    if (m > 0.0) {
        row->bias = sum / m;
        row->rms = sqrt(square / m);
        row->mean_se /= m;
        row->coverage = covered / m;
        row->spread = m > 1.0 ? sqrt(fmax(square / m - row->bias * row->bias, 0.0) * m / (m - 1.0)) : 0.0;
        row->bias_se = row->spread / sqrt(m);
    }
}

static void judge_errors(mtc_selftest_row *row)
{
    const double m = (double)row->n_value, ratio = row->mean_se / row->rms;
    const double slack = CHANCE / sqrt(2.0 * m), chance = CHANCE * sqrt(COVERED * (1.0 - COVERED) / m);
    const double low = fmin(COVERED_LOW, COVERED - chance);
    const double high = fmax(COVERED_HIGH, COVERED + chance);
    if (ratio < RATIO_LOW / (1.0 + slack) || ratio > RATIO_HIGH * (1.0 + slack)) {
        snprintf(row->why, sizeof row->why, "stated errors are %.2f times the actual ones", ratio);
    } else if (row->coverage < low || row->coverage > high) {
        snprintf(row->why, sizeof row->why, "95%% intervals cover %.1f%%", 100.0 * row->coverage);
    }
}

void selftest_judge(const selftest_trial *trial, size_t n, mtc_selftest_row *row)
{
    figures(trial, n, row);
    if (row->n_far > 0) {
        snprintf(row->why, sizeof row->why, "%zu answers off by more than %.0f stated errors", row->n_far, FAR_SE);
    } else if (row->n_value >= FEWEST && fabs(row->bias) > fmax(BIAS_FLOOR, BIAS_SE * row->bias_se)) {
        snprintf(row->why, sizeof row->why, "bias %.3f, %.1f of its standard errors", row->bias,
                 fabs(row->bias) / row->bias_se);
    } else if (row->n_value >= FEWEST && row->rms >= SMALL_RMS) {
        judge_errors(row);
    }
    row->is_wrong = row->why[0] != '\0';
    row->is_refused = (double)(row->n - row->n_value) > MOST_REFUSED * (double)row->n;
    if (!row->is_wrong && row->is_refused) {
        snprintf(row->why, sizeof row->why, "no reliable answer in %.0f%% of the runs",
                 100.0 * (double)(row->n - row->n_value) / (double)row->n);
    }
}
