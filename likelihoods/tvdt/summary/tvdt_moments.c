/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means: of the logarithms (geometric mean, with log-sd), and of the times themselves with their sd. */
#include "mtc_vmath.h"
#include "tvdt_summary.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdio.h>

/* ---- geometric mean and log-sd ------------------------------------------------------------------------------- */

/* Density of the sample sd s of n normals: (n - 1) s^2 / sd^2 is chi-squared with n - 1 degrees of freedom. */
static double log_sd_density(double s, double n, double sd, double *d_sd)
{
    const double nu = n - 1.0;
    const double half_x = 0.5 * nu * (s / sd) * (s / sd);
    *d_sd = (2.0 * half_x - nu) / sd;
    return MTC_LN2 + 0.5 * nu * log(0.5 * nu) + (nu - 1.0) * log(s) - nu * log(sd) - half_x - gsl_sf_lngamma(0.5 * nu);
}

static double geometric_eval(const tvdt_row *row, double mean, double sd, double *d_mean, double *d_sd)
{
    const double z = (row->log_centre - mean) / sd;
    double value = 0.5 * log(row->n) - log(sd) - 0.5 * MTC_LN_2PI - 0.5 * row->n * z * z;
    *d_mean = row->n * z / sd;
    *d_sd = (row->n * z * z - 1.0) / sd;
    if (!isnan(row->log_sd)) {
        double d = 0.0;
        value += log_sd_density(row->log_sd, row->n, sd, &d);
        *d_sd += d;
    }
    return value > -HUGE_VAL ? value : -HUGE_VAL;
}

static double geometric_information(const tvdt_row *row, double sd)
{
    return row->n / (sd * sd);
}

static double geometric_convexity(const tvdt_row *row, double sd)
{
    (void)row;
    (void)sd;
    return 0.0;
}

static void geometric_read(tvdt_row *row, const mtc_spec *map, mtc_errlist *errors)
{
    const mtc_spec *node = mtc_spec_find(map, "log_sd");
    (void)tvdt_row_log_time(map, "geometric_mean", &row->log_centre, errors);
    row->log_sd = NAN;
    double sd;
    if (node == NULL || mtc_spec_number(node, &sd, NULL) != MTC_OK) {
        return;
    }
    if (!(sd > 0.0)) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "log_sd: must be > 0, got %g", sd);
    } else if (row->n < 2.0) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "log_sd: one tumour has no spread (n = %.0f)",
                              row->n);
    }
    row->log_sd = sd;
}

/* Mean and sample sd in two passes. */
static void sample_moments(const double *x, size_t n, double *mean, double *sd)
{
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < n; ++i) {
        sum += x[i];
    }
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; ++i) {
        square += (x[i] - *mean) * (x[i] - *mean);
    }
    *sd = sqrt(square / ((double)n - 1.0));
}

static void geometric_summarise(const tvdt_row *row, double *x, char (*cell)[CELL_SIZE])
{
    double mean, sd;
    sample_moments(x, (size_t)row->n, &mean, &sd);
    (void)mtc_tvdt_days_text(mean, true, cell[CELL_GEOMETRIC_MEAN], CELL_SIZE);
    if (!isnan(row->log_sd)) {
        (void)snprintf(cell[CELL_LOG_SD], CELL_SIZE, "%.10g", sd);
    }
}

static size_t geometric_points(const tvdt_row *row, double *log_years, double *probability, const char **word)
{
    log_years[0] = row->log_centre;
    probability[0] = 0.5;
    word[0] = "geometric mean";
    return 1;
}

/* ---- arithmetic mean and sd ---------------------------------------------------------------------------------- */

/*
 * With w = exp(sd^2), v = 1/w and c = sqrt(w - 1) a log-normal has mean E, standard deviation E c, skewness
 * (w + 2) c and kurtosis w^4 + 2 w^3 + 3 w^2 - 3. For large n the sample mean m and sd s are normal about E and E c;
 * in u = (m - E)/(E c), t = s/(E c) - 1 their covariance is that of (1, g/2; g/2, (K - 1)/4)/n, whose determinant is
 * w^3 (w + 1) / (4 n^2). Written with v, nothing overflows and nothing cancels.
 */
typedef struct {
    double v, one_minus_v;
    double uu, ut, tt;       /* quadratic form n (uu u^2 - ut u t + tt t^2) */
    double d_uu, d_ut, d_tt; /* by x = sd^2 */
} moment_form;

static moment_form form_at(double x)
{
    moment_form f;
    const double v = exp(-x), r = -expm1(-x), p = 1.0 + v;
    f.v = v;
    f.one_minus_v = r;
    f.uu = (1.0 + v * (2.0 + v * (3.0 - 4.0 * v * v))) / p;
    f.ut = 4.0 * pow(v, 2.5) * (1.0 + 2.0 * v) * sqrt(r) / p;
    f.tt = 4.0 * pow(v, 4.0) / p;
    /* d/dx = -v d/dv; d log(1 + v)/dx = -v/p, d log(1 - v)/dx = v/r */
    f.d_uu = -v * (2.0 + v * (6.0 - 16.0 * v * v)) / p + f.uu * v / p;
    f.d_ut =
        4.0 * pow(v, 2.5) / p * ((-2.5 * (1.0 + 2.0 * v) - 2.0 * v) * sqrt(r) + (1.0 + 2.0 * v) * 0.5 * v / sqrt(r)) +
        f.ut * v / p;
    f.d_tt = f.tt * (-4.0 + v / p);
    return f;
}

static double mean_sd_eval(const tvdt_row *row, double mean, double sd, double *d_mean, double *d_sd)
{
    const double x = sd * sd, n = row->n;
    const moment_form f = form_at(x);
    /* log c = x/2 + log(1 - v)/2; log of the standard deviation */
    const double log_c = 0.5 * x + 0.5 * log(f.one_minus_v);
    const double log_spread = mean + 0.5 * x + log_c;
    const double p = row->log_centre - mean - 0.5 * x;
    /* one form keeps its digits near the mean, the other does not overflow far from it */
    const double u = p > 1.0 ? exp(p - log_c) - exp(-log_c) : expm1(p) * exp(-log_c);
    const double t = expm1(row->log_sd - log_spread);
    const double form = f.uu * u * u - f.ut * u * t + f.tt * t * t;
    const double value = MTC_LN2 - MTC_LN_2PI + log(n) - 2.0 * log_spread - 2.0 * x - 0.5 * log1p(f.v) - 0.5 * n * form;
    if (!(value > -HUGE_VAL)) {
        return -HUGE_VAL;
    }
    const double form_u = 2.0 * f.uu * u - f.ut * t, form_t = 2.0 * f.tt * t - f.ut * u;
    const double d_log_c = 0.5 / f.one_minus_v; /* by x */
    const double u_p = exp(p - log_c);          /* du/dp */
    const double d_form_mean = -form_u * u_p - form_t * (t + 1.0);
    const double d_form_x = f.d_uu * u * u - f.d_ut * u * t + f.d_tt * t * t - form_u * (0.5 * u_p + u * d_log_c) -
                            form_t * (t + 1.0) * (0.5 + d_log_c);
    *d_mean = -2.0 - 0.5 * n * d_form_mean;
    *d_sd = 2.0 * sd * (-1.0 - 2.0 * d_log_c - 2.0 + 0.5 * f.v / (1.0 + f.v) - 0.5 * n * d_form_x);
    return value;
}

/* In y = exp(sd^2 - mean) the form is alpha y^2 - 2 beta y + const; with that factor nothing underflows. */
static void form_in_y(const tvdt_row *row, double sd, double *alpha, double *beta)
{
    const double x = sd * sd;
    const moment_form f = form_at(x);
    const double log_r = 0.5 * log(f.one_minus_v);
    const double a = exp(row->log_centre - log_r), b = exp(row->log_sd - log_r);
    const double inverse_c = exp(-0.5 * x - log_r);
    *alpha = f.uu * a * a - f.ut * a * b + f.tt * b * b;
    *beta = f.uu * a * inverse_c + f.tt * b - 0.5 * f.ut * (a + b * inverse_c);
}

/* Log density 2 log y - n/2 (alpha y^2 - 2 beta y): its curvature by log y at its one mode. */
static double mean_sd_information(const tvdt_row *row, double sd)
{
    double alpha, beta;
    form_in_y(row, sd, &alpha, &beta);
    const double n = row->n;
    const double y = (n * beta + sqrt(n * beta * n * beta + 8.0 * n * alpha)) / (2.0 * n * alpha);
    const double curvature = 2.0 * n * alpha * y * y - n * beta * y;
    return isfinite(curvature) && curvature > 0.0 ? curvature : n / (sd * sd);
}

static double mean_sd_convexity(const tvdt_row *row, double sd)
{
    double alpha, beta;
    form_in_y(row, sd, &alpha, &beta);
    const double most = beta > 0.0 ? row->n * beta * beta / (8.0 * alpha) : 0.0;
    return isfinite(most) ? most : row->n / (sd * sd);
}

static void mean_sd_read(tvdt_row *row, const mtc_spec *map, mtc_errlist *errors)
{
    (void)tvdt_row_log_time(map, "mean", &row->log_centre, errors);
    (void)tvdt_row_log_time(map, "sd", &row->log_sd, errors);
}

static void mean_sd_summarise(const tvdt_row *row, double *x, char (*cell)[CELL_SIZE])
{
    double mean, sd;
    for (size_t i = 0; i < (size_t)row->n; ++i) {
        x[i] = exp(x[i]);
    }
    sample_moments(x, (size_t)row->n, &mean, &sd);
    (void)mtc_tvdt_days_text(log(mean), true, cell[CELL_MEAN], CELL_SIZE);
    (void)mtc_tvdt_days_text(log(sd), true, cell[CELL_SD], CELL_SIZE);
}

/* The median of the log-normal law with this mean and sd. */
static size_t mean_sd_points(const tvdt_row *row, double *log_years, double *probability, const char **word)
{
    log_years[0] = row->log_centre - 0.5 * log1p(exp(2.0 * (row->log_sd - row->log_centre)));
    probability[0] = 0.5;
    word[0] = "median from mean and sd";
    return 1;
}

#define KEY_END                                                                                                        \
    {                                                                                                                  \
        NULL, MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, NULL                           \
    }

static const mtc_key geometric_keys[] = {
    {"geometric_mean", MTC_KEY_QUANTITY, MTC_DIM_TIME, MTC_UNIT_DAYS, -HUGE_VAL, HUGE_VAL, NULL, false, NULL,
     "exp of the mean logarithm: 139 d"},
    {"log_sd", MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, -HUGE_VAL, HUGE_VAL, NULL, false, NULL,
     "sample sd (divisor n - 1) of the natural logarithms, where printed"},
    KEY_END,
};
static const mtc_key mean_sd_keys[] = {
    {"mean", MTC_KEY_QUANTITY, MTC_DIM_TIME, MTC_UNIT_DAYS, -HUGE_VAL, HUGE_VAL, NULL, false, NULL,
     "arithmetic mean: 193 d"},
    {"sd", MTC_KEY_QUANTITY, MTC_DIM_TIME, MTC_UNIT_DAYS, -HUGE_VAL, HUGE_VAL, NULL, false, NULL,
     "sample sd (divisor n - 1): 141 d"},
    KEY_END,
};

const tvdt_row_kind tvdt_kind_geometric_mean = {
    .name = "geometric mean",
    .keys = geometric_keys,
    .needs = (const char *const[]){NULL},
    .n_min = 1.0,
    .read = geometric_read,
    .eval = geometric_eval,
    .information = geometric_information,
    .convexity = geometric_convexity,
    .summarise = geometric_summarise,
    .points = geometric_points,
};
const tvdt_row_kind tvdt_kind_mean_sd = {
    .name = "mean and sd",
    .keys = mean_sd_keys,
    .needs = (const char *const[]){"sd", NULL},
    .n_min = 2.0,
    .read = mean_sd_read,
    .eval = mean_sd_eval,
    .information = mean_sd_information,
    .convexity = mean_sd_convexity,
    .summarise = mean_sd_summarise,
    .points = mean_sd_points,
};
