/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PRIOR_SPECIMENS_H
#define PRIOR_SPECIMENS_H

#include "mtc_param.h"

#include <math.h>

/** A prior to test its family by. */
typedef struct {
    const char *text; /* begins "{family:" */
    const mtc_param_info *info;
} prior_specimen;

static const mtc_param_info specimen_real = {"real", "real", MTC_UNIT_NONE, -INFINITY, INFINITY, "x", "any number"};
static const mtc_param_info specimen_positive = {"positive", "positive", MTC_UNIT_NONE, 0.0, INFINITY, "x", "any size"};
static const mtc_param_info specimen_share = {"share", "share", MTC_UNIT_NONE, 0.0, 1.0, "p", "a share"};
static const mtc_param_info specimen_mm = {"size_mm", "size", MTC_UNIT_MM, 0.0, INFINITY, "l", "a size"};
static const mtc_param_info specimen_days = {"time_days", "time", MTC_UNIT_DAYS, 0.0, INFINITY, "t", "a time"};

/** Every family at odd values: whole, truncated on either side and both, and far in either tail. */
static const prior_specimen prior_specimens[] = {
    {"{normal: {mean: 1.3, sd: 0.7}}", &specimen_real},
    {"{normal: {mean: 0.25, sd: 0.5}}", &specimen_positive},
    {"{normal: {mean: -1, sd: 2, lower: -0.5, upper: 4.1}}", &specimen_real},
    {"{normal: {mean: 0, sd: 1, lower: 25}}", &specimen_real},
    {"{normal: {mean: 0, sd: 1, upper: -25}}", &specimen_real},
    {"{normal: {mean: 0, sd: 1, lower: 8, upper: 8.3}}", &specimen_real},
    {"{normal: {mean: 0, sd: 1, lower: -9, upper: -8.7}}", &specimen_real},
    {"{lognormal: {median: 150 d, log_sd: 0.5}}", &specimen_days},
    {"{lognormal: {median: 15 mm, log_sd: 0.4, lower: 10 mm}}", &specimen_mm},
    {"{lognormal: {median: 2 mm, log_sd: 0.4, upper: 5 mm}}", &specimen_mm},
    {"{lognormal: {median: 0.2, log_sd: 0.5, lower: 0.05, upper: 0.5}}", &specimen_positive},
    {"{lognormal: {median: 2 mm, log_sd: 0.4, lower: 100 mm}}", &specimen_mm},
    {"{lognormal: {median: 2 mm, log_sd: 0.4, upper: 0.05 mm}}", &specimen_mm},
    {"{uniform: {lower: -2.5, upper: 0.7}}", &specimen_real},
    {"{uniform: {lower: 1 cm, upper: 3.1 cm}}", &specimen_mm},
    {"{uniform: {lower: 0, upper: 1}}", &specimen_share},
    {"{loguniform: {lower: 0.5 mm, upper: 80 mm}}", &specimen_mm},
    {"{loguniform: {lower: 3, upper: 4.4}}", &specimen_positive},
    {"{loguniform: {lower: 1e-6, upper: 1e6}}", &specimen_positive},
    {"{halfnormal: {sd: 0.3}}", &specimen_positive},
    {"{halfnormal: {sd: 2 mm, lower: 1 mm, upper: 7 mm}}", &specimen_mm},
    {"{halfnormal: {sd: 1, lower: 20}}", &specimen_positive},
    {"{gamma: {shape: 2.5, rate: 1.4}}", &specimen_positive},
    {"{gamma: {shape: 0.6, scale: 3}}", &specimen_positive},
    {"{gamma: {shape: 7.3, mean: 4 mm, lower: 30 mm}}", &specimen_mm},
    {"{gamma: {shape: 7.3, mean: 4, upper: 0.02}}", &specimen_positive},
    {"{gamma: {shape: 140, mean: 2, lower: 1.9, upper: 2.05}}", &specimen_positive},
    {"{beta: {a: 1, b: 4}}", &specimen_share},
    {"{beta: {a: 0.7, b: 0.6}}", &specimen_share},
    {"{beta: {a: 12.5, b: 3.4, lower: 0.1, upper: 0.3}}", &specimen_share},
    {"{beta: {a: 2.2, b: 9, lower: 0.9}}", &specimen_share},
    {"{fixed: 0.1}", &specimen_positive},
    {"{fixed: 2 mm}", &specimen_mm},
};
enum { N_PRIOR_SPECIMEN = sizeof prior_specimens / sizeof *prior_specimens };

#endif
