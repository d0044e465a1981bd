/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_targets.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_sys.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mtc_rng.h"

static const char *const plain_names[TEST_TARGET_MAX_DIM] = {"x0", "x1", "x2", "x3", "x4",  "x5",
                                                             "x6", "x7", "x8", "x9", "x10", "x11"};

static const double log_2pi = 1.8378770664093454836;

/* ---- what all share ---- */

static mtc_status no_workspace(const void *self, void **ws, mtc_err *err)
{
    (void)self;
    (void)err;
    *ws = NULL;
    return MTC_OK;
}

static void no_workspace_destroy(void *ws)
{
    (void)ws;
}

static mtc_status draw_by_quantile(const void *self, gsl_rng *rng, double *x, mtc_err *err)
{
    const test_target *t = self;
    double u[TEST_TARGET_MAX_DIM];
    for (size_t i = 0; i < t->target.n_dim; i++) {
        u[i] = mtc_rng_uniform(rng);
    }
    return t->target.prior_quantile(self, u, x, err);
}

static void constrain_not(const void *self, const double *x, double *natural)
{
    memcpy(natural, x, ((const test_target *)self)->target.n_dim * sizeof *x);
}

static test_target *make(const char *name, size_t n_dim)
{
    if (n_dim == 0 || n_dim > TEST_TARGET_MAX_DIM) {
        abort();
    }
    test_target *t = calloc(1, sizeof *t);
    if (!t) {
        abort();
    }
    t->target = (mtc_target){.name = name,
                             .n_dim = n_dim,
                             .param_name = plain_names,
                             .has_gradient = true,
                             .self = t,
                             .ws_create = no_workspace,
                             .ws_destroy = no_workspace_destroy,
                             .prior_draw = draw_by_quantile,
                             .constrain = constrain_not};
    return t;
}

void test_target_free(test_target *t)
{
    free(t);
}

/* ---- posteriors made up: Normal(0, prior_sd^2) prior, likelihood what is left ---- */

static mtc_status made_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const test_target *t = self;
    const size_t n = t->target.n_dim;
    (void)ws;
    (void)err;
    const double s2 = t->prior_sd * t->prior_sd;
    double grad[TEST_TARGET_MAX_DIM];
    double lp = -(double)n * (0.5 * log_2pi + log(t->prior_sd));
    for (size_t i = 0; i < n; i++) {
        lp -= 0.5 * x[i] * x[i] / s2;
    }
    point->log_prior = lp;
    point->log_likelihood = t->log_evidence + t->log_posterior(t, x, grad) - lp;
    point->reason = MTC_REASON_NONE;
    for (size_t i = 0; i < n; i++) {
        if (point->grad_log_prior) {
            point->grad_log_prior[i] = -x[i] / s2;
        }
        if (point->grad_log_likelihood) {
            point->grad_log_likelihood[i] = grad[i] + x[i] / s2;
        }
    }
    return MTC_OK;
}

static mtc_status made_quantile(const void *self, const double *u, double *x, mtc_err *err)
{
    const test_target *t = self;
    (void)err;
    for (size_t i = 0; i < t->target.n_dim; i++) {
        x[i] = gsl_cdf_gaussian_Pinv(u[i], t->prior_sd);
    }
    return MTC_OK;
}

static test_target *make_posterior(const char *name, size_t n_dim, double prior_sd, double log_evidence,
                                   double (*log_posterior)(const test_target *, const double *, double *))
{
    test_target *t = make(name, n_dim);
    t->target.eval = made_eval;
    t->target.prior_quantile = made_quantile;
    t->prior_sd = prior_sd;
    t->log_evidence = log_evidence;
    t->log_posterior = log_posterior;
    return t;
}

static double normal_cdf_of(const test_target *t, size_t dim, double x)
{
    return gsl_cdf_ugaussian_P((x - t->mean[dim]) / t->sd[dim]);
}

static double gaussian_log_posterior(const test_target *t, const double *x, double *grad)
{
    const size_t n = t->target.n_dim;
    double q = 0.0;
    for (size_t i = 0; i < n; i++) {
        double row = 0.0;
        for (size_t j = 0; j < n; j++) {
            row += t->precision[i * n + j] * (x[j] - t->mean[j]);
        }
        grad[i] = -row;
        q += row * (x[i] - t->mean[i]);
    }
    return t->log_norm - 0.5 * q;
}

/* Gauss-Jordan without pivoting: fine for the well-behaved covariances of tests. Returns log det. */
static double invert(size_t n, const double *a, double *inv)
{
    double m[TEST_TARGET_MAX_DIM][2 * TEST_TARGET_MAX_DIM] = {{0.0}};
    double log_det = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            m[i][j] = a[i * n + j];
        }
        m[i][n + i] = 1.0;
    }
    for (size_t k = 0; k < n; k++) {
        const double pivot = m[k][k];
        log_det += log(pivot);
        for (size_t j = 0; j < 2 * n; j++) {
            m[k][j] /= pivot;
        }
        for (size_t i = 0; i < n; i++) {
            const double f = m[i][k];
            for (size_t j = 0; i != k && j < 2 * n; j++) {
                m[i][j] -= f * m[k][j];
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(inv + i * n, &m[i][n], n * sizeof *inv);
    }
    return log_det;
}

test_target *test_target_gaussian(size_t n_dim, const double *mean, const double *cov, double log_evidence)
{
    test_target *t = make_posterior("gaussian", n_dim, 20.0, log_evidence, gaussian_log_posterior);
    t->log_norm = -0.5 * ((double)n_dim * log_2pi + invert(n_dim, cov, t->precision));
    t->has_moments = true;
    t->cdf = normal_cdf_of;
    for (size_t i = 0; i < n_dim; i++) {
        t->mean[i] = mean[i];
        t->sd[i] = sqrt(cov[i * n_dim + i]);
    }
    return t;
}

test_target *test_target_correlated(size_t n_dim, double correlation)
{
    double mean[TEST_TARGET_MAX_DIM], cov[TEST_TARGET_MAX_DIM * TEST_TARGET_MAX_DIM];
    for (size_t i = 0; i < n_dim; i++) {
        mean[i] = 0.3 * (double)i - 0.5;
        for (size_t j = 0; j < n_dim; j++) {
            cov[i * n_dim + j] = 0.16 * ldexp(1.0, (int)(i + j)) * (i == j ? 1.0 : correlation);
        }
    }
    return test_target_gaussian(n_dim, mean, cov, -12.345);
}

static double banana_log_posterior(const test_target *t, const double *x, double *grad)
{
    const double s0 = t->par[0], b = t->par[1], s1 = t->par[2];
    const double r = x[1] - b * x[0] * x[0];
    grad[1] = -r / (s1 * s1);
    grad[0] = -x[0] / (s0 * s0) + 2.0 * b * x[0] * r / (s1 * s1);
    return -log_2pi - log(s0 * s1) - 0.5 * x[0] * x[0] / (s0 * s0) - 0.5 * r * r / (s1 * s1);
}

test_target *test_target_banana(void)
{
    test_target *t = make_posterior("banana", 2, 10.0, 3.21, banana_log_posterior);
    const double s0 = 1.3, b = 0.6, s1 = 0.5;
    t->par[0] = s0;
    t->par[1] = b;
    t->par[2] = s1;
    t->has_moments = true;
    t->sd[0] = s0;
    t->mean[1] = b * s0 * s0;
    t->sd[1] = sqrt(s1 * s1 + 2.0 * b * b * gsl_pow_4(s0));
    return t;
}

static double two_modes_log_posterior(const test_target *t, const double *x, double *grad)
{
    const double half = t->par[0], w = t->par[1];
    const double a = log(w) - 0.5 * gsl_pow_2(x[0] + half);
    const double b = log(1.0 - w) - 0.5 * gsl_pow_2(x[0] - half);
    const double top = fmax(a, b);
    const double sum = top + log(exp(a - top) + exp(b - top));
    double value = sum - 0.5 * (double)t->target.n_dim * log_2pi;
    grad[0] = -exp(a - sum) * (x[0] + half) - exp(b - sum) * (x[0] - half);
    for (size_t i = 1; i < t->target.n_dim; i++) {
        value -= 0.5 * x[i] * x[i];
        grad[i] = -x[i];
    }
    return value;
}

static double two_modes_cdf(const test_target *t, size_t dim, double x)
{
    if (dim > 0) {
        return gsl_cdf_ugaussian_P(x);
    }
    return t->par[1] * gsl_cdf_ugaussian_P(x + t->par[0]) + (1.0 - t->par[1]) * gsl_cdf_ugaussian_P(x - t->par[0]);
}

test_target *test_target_two_modes(size_t n_dim, double distance, double weight)
{
    test_target *t = make_posterior("two_modes", n_dim, 10.0, -7.5, two_modes_log_posterior);
    t->par[0] = 0.5 * distance;
    t->par[1] = weight;
    t->cdf = two_modes_cdf;
    t->has_moments = true;
    for (size_t i = 0; i < n_dim; i++) {
        t->sd[i] = 1.0;
    }
    t->mean[0] = t->par[0] * (1.0 - 2.0 * weight);
    t->sd[0] = sqrt(1.0 + t->par[0] * t->par[0] - t->mean[0] * t->mean[0]);
    return t;
}

/* ---- conjugate normal ---- */

enum { N_NORMAL = 12 };
static const double normal_rows[N_NORMAL] = {1.9, -0.6, 2.45, 3.1, 0.27, 1.58, 4.02, 1.13, -1.3, 2.2, 0.94, 2.71};
static const double normal_sd = 1.7, normal_prior_mean = 0.8, normal_prior_sd = 2.1;

static mtc_status normal_per_obs(const void *self, void *ws, const double *x, double *out, mtc_err *err)
{
    (void)self;
    (void)ws;
    (void)err;
    for (size_t i = 0; i < N_NORMAL; i++) {
        out[i] = -0.5 * log_2pi - log(normal_sd) - 0.5 * gsl_pow_2((normal_rows[i] - x[0]) / normal_sd);
    }
    return MTC_OK;
}

static mtc_status normal_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    double each[N_NORMAL], sum = 0.0, slope = 0.0;
    normal_per_obs(self, ws, x, each, err);
    for (size_t i = 0; i < N_NORMAL; i++) {
        sum += each[i];
        slope += (normal_rows[i] - x[0]) / (normal_sd * normal_sd);
    }
    const double z = (x[0] - normal_prior_mean) / normal_prior_sd;
    point->log_prior = -0.5 * log_2pi - log(normal_prior_sd) - 0.5 * z * z;
    point->log_likelihood = sum;
    point->reason = MTC_REASON_NONE;
    if (point->grad_log_prior) {
        point->grad_log_prior[0] = -z / normal_prior_sd;
    }
    if (point->grad_log_likelihood) {
        point->grad_log_likelihood[0] = slope;
    }
    return MTC_OK;
}

static mtc_status normal_quantile(const void *self, const double *u, double *x, mtc_err *err)
{
    (void)self;
    (void)err;
    x[0] = normal_prior_mean + gsl_cdf_gaussian_Pinv(u[0], normal_prior_sd);
    return MTC_OK;
}

test_target *test_target_conjugate_normal(void)
{
    test_target *t = make("conjugate_normal", 1);
    t->target.eval = normal_eval;
    t->target.per_obs = normal_per_obs;
    t->target.n_obs = N_NORMAL;
    t->target.prior_quantile = normal_quantile;
    const double v = normal_sd * normal_sd, v0 = normal_prior_sd * normal_prior_sd, n = N_NORMAL;
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < N_NORMAL; i++) {
        sum += normal_rows[i] - normal_prior_mean;
        square += gsl_pow_2(normal_rows[i] - normal_prior_mean);
    }
    const double post_v = 1.0 / (1.0 / v0 + n / v);
    t->log_evidence =
        -0.5 * n * (log_2pi + log(v)) + 0.5 * log(post_v / v0) - 0.5 * square / v + 0.5 * post_v * gsl_pow_2(sum / v);
    t->has_moments = true;
    t->mean[0] = normal_prior_mean + post_v * sum / v;
    t->sd[0] = sqrt(post_v);
    t->cdf = normal_cdf_of;
    return t;
}

/* ---- exponential times with censoring, gamma prior on the rate ---- */

enum { N_TIME = 9 };
static const double times[N_TIME] = {0.31, 2.4, 0.77, 1.9, 0.12, 5.0, 3.3, 0.58, 5.0};
static const double is_event[N_TIME] = {1, 1, 1, 1, 1, 0, 0, 1, 0};
static const double rate_shape = 2.5, rate_rate = 1.4;

static mtc_status exponential_per_obs(const void *self, void *ws, const double *x, double *out, mtc_err *err)
{
    (void)self;
    (void)ws;
    (void)err;
    for (size_t i = 0; i < N_TIME; i++) {
        out[i] = is_event[i] * x[0] - times[i] * exp(x[0]);
    }
    return MTC_OK;
}

static mtc_status exponential_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    double each[N_TIME], sum = 0.0, slope = 0.0;
    const double rate = exp(x[0]);
    exponential_per_obs(self, ws, x, each, err);
    for (size_t i = 0; i < N_TIME; i++) {
        sum += each[i];
        slope += is_event[i] - times[i] * rate;
    }
    /* the Jacobian of log rate is the one more power of the rate */
    point->log_prior = rate_shape * (log(rate_rate) + x[0]) - gsl_sf_lngamma(rate_shape) - rate_rate * rate;
    point->log_likelihood = sum;
    point->reason = MTC_REASON_NONE;
    if (point->grad_log_prior) {
        point->grad_log_prior[0] = rate_shape - rate_rate * rate;
    }
    if (point->grad_log_likelihood) {
        point->grad_log_likelihood[0] = slope;
    }
    return MTC_OK;
}

static mtc_status exponential_quantile(const void *self, const double *u, double *x, mtc_err *err)
{
    (void)self;
    (void)err;
    x[0] = log(gsl_cdf_gamma_Pinv(u[0], rate_shape, 1.0 / rate_rate));
    return MTC_OK;
}

static void exponential_constrain(const void *self, const double *x, double *natural)
{
    (void)self;
    natural[0] = exp(x[0]);
}

static double exponential_cdf(const test_target *t, size_t dim, double x)
{
    (void)dim;
    return gsl_cdf_gamma_P(exp(x), t->par[0], 1.0 / t->par[1]);
}

test_target *test_target_exponential_gamma(void)
{
    static const char *const names[] = {"rate_per_year"};
    test_target *t = make("exponential_gamma", 1);
    t->target.param_name = names;
    t->target.eval = exponential_eval;
    t->target.per_obs = exponential_per_obs;
    t->target.n_obs = N_TIME;
    t->target.prior_quantile = exponential_quantile;
    t->target.constrain = exponential_constrain;
    double shape = rate_shape, rate = rate_rate;
    for (size_t i = 0; i < N_TIME; i++) {
        shape += is_event[i];
        rate += times[i];
    }
    t->par[0] = shape;
    t->par[1] = rate;
    t->log_evidence =
        rate_shape * log(rate_rate) - gsl_sf_lngamma(rate_shape) + gsl_sf_lngamma(shape) - shape * log(rate);
    t->cdf = exponential_cdf;
    t->has_moments = true;
    t->mean[0] = gsl_sf_psi(shape) - log(rate);
    t->sd[0] = sqrt(gsl_sf_psi_1(shape));
    return t;
}

/* ---- radiata pine ---- */

enum { N_PINE = 42 };
static const double pine[N_PINE][3] = {
    {3040, 29.2, 25.4}, {2470, 24.7, 22.2}, {3610, 32.3, 32.2}, {3480, 31.3, 31.0}, {3810, 31.5, 30.9},
    {2330, 24.5, 23.9}, {1800, 19.9, 19.2}, {3110, 27.3, 27.2}, {3160, 27.1, 26.3}, {2310, 24.0, 23.9},
    {4360, 33.8, 33.2}, {1880, 21.5, 21.0}, {3670, 32.2, 29.0}, {1740, 22.5, 22.0}, {2250, 27.5, 23.8},
    {2650, 25.6, 25.3}, {4970, 34.5, 34.2}, {2620, 26.2, 25.7}, {2900, 26.7, 26.4}, {1670, 21.1, 20.0},
    {2540, 24.1, 23.9}, {3840, 30.7, 30.7}, {3800, 32.7, 32.6}, {4600, 32.6, 32.5}, {1900, 22.1, 20.8},
    {2530, 25.3, 23.1}, {2920, 30.8, 29.8}, {4990, 38.9, 38.1}, {1670, 22.1, 21.3}, {3310, 29.2, 28.5},
    {3450, 30.1, 29.2}, {3600, 31.4, 31.4}, {2850, 26.7, 25.9}, {1590, 22.1, 21.4}, {3770, 30.3, 29.8},
    {3850, 32.0, 30.6}, {2480, 23.2, 22.6}, {3570, 30.3, 30.3}, {2620, 29.9, 23.8}, {1890, 20.8, 18.4},
    {3030, 33.2, 29.4}, {3030, 28.2, 28.2}};
static const double pine_mean[2] = {3000.0, 185.0}, pine_sd[2] = {1000.0, 100.0};
static const double pine_shape = 3.0, pine_rate = 180000.0;

static mtc_status pine_per_obs(const void *self, void *ws, const double *x, double *out, mtc_err *err)
{
    const test_target *t = self;
    const size_t column = 1 + (size_t)t->par[0];
    (void)ws;
    (void)err;
    for (size_t i = 0; i < N_PINE; i++) {
        const double r = pine[i][0] - x[0] - x[1] * (pine[i][column] - t->par[1]);
        out[i] = 0.5 * (x[2] - log_2pi) - 0.5 * exp(x[2]) * r * r;
    }
    return MTC_OK;
}

static void pine_prior(const double *x, mtc_point *point)
{
    const double precision = exp(x[2]);
    double lp = pine_shape * (log(pine_rate) + x[2]) - gsl_sf_lngamma(pine_shape) - pine_rate * precision;
    for (size_t i = 0; i < 2; i++) {
        const double z = (x[i] - pine_mean[i]) / pine_sd[i];
        lp -= 0.5 * (log_2pi + z * z) + log(pine_sd[i]);
        if (point->grad_log_prior) {
            point->grad_log_prior[i] = -z / pine_sd[i];
        }
    }
    if (point->grad_log_prior) {
        point->grad_log_prior[2] = pine_shape - pine_rate * precision;
    }
    point->log_prior = lp;
}

static mtc_status pine_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const test_target *t = self;
    const size_t column = 1 + (size_t)t->par[0];
    const double precision = exp(x[2]);
    double each[N_PINE], sum = 0.0, grad[3] = {0.0, 0.0, 0.0};
    pine_per_obs(self, ws, x, each, err);
    for (size_t i = 0; i < N_PINE; i++) {
        const double z = pine[i][column] - t->par[1];
        const double r = pine[i][0] - x[0] - x[1] * z;
        sum += each[i];
        grad[0] += precision * r;
        grad[1] += precision * r * z;
        grad[2] += 0.5 - 0.5 * precision * r * r;
    }
    pine_prior(x, point);
    point->log_likelihood = sum;
    point->reason = MTC_REASON_NONE;
    if (point->grad_log_likelihood) {
        memcpy(point->grad_log_likelihood, grad, sizeof grad);
    }
    return MTC_OK;
}

static mtc_status pine_quantile(const void *self, const double *u, double *x, mtc_err *err)
{
    (void)self;
    (void)err;
    for (size_t i = 0; i < 2; i++) {
        x[i] = pine_mean[i] + gsl_cdf_gaussian_Pinv(u[i], pine_sd[i]);
    }
    x[2] = log(gsl_cdf_gamma_Pinv(u[2], pine_shape, 1.0 / pine_rate));
    return MTC_OK;
}

static void pine_constrain(const void *self, const double *x, double *natural)
{
    (void)self;
    natural[0] = x[0];
    natural[1] = x[1];
    natural[2] = exp(-x[2]);
}

test_target *test_target_pine(int model)
{
    static const char *const names[] = {"alpha", "beta", "variance"};
    test_target *t = make(model ? "pine_adjusted" : "pine_density", 3);
    t->target.param_name = names;
    t->target.eval = pine_eval;
    t->target.per_obs = pine_per_obs;
    t->target.n_obs = N_PINE;
    t->target.prior_quantile = pine_quantile;
    t->target.constrain = pine_constrain;
    t->par[0] = model ? 1.0 : 0.0;
    for (size_t i = 0; i < N_PINE; i++) {
        t->par[1] += pine[i][model ? 2 : 1] / N_PINE;
    }
    t->log_evidence = model ? -301.435102 : -309.924328;
    return t;
}

/* ---- Rosenbrock on a square ---- */

static mtc_status rosenbrock_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    (void)self;
    (void)ws;
    (void)err;
    double c[2], slope[2], log_prior = 0.0;
    for (size_t i = 0; i < 2; i++) {
        /* density of a logistic variable: log u + log(1 - u) */
        const double small = -fabs(x[i]);
        const double u = x[i] < 0.0 ? exp(x[i]) / (1.0 + exp(x[i])) : 1.0 / (1.0 + exp(-x[i]));
        log_prior += small - 2.0 * gsl_log1p(exp(small));
        c[i] = 10.0 * u - 5.0;
        slope[i] = 10.0 * u * (1.0 - u);
        if (point->grad_log_prior) {
            point->grad_log_prior[i] = 1.0 - 2.0 * u;
        }
    }
    const double r = c[1] - c[0] * c[0];
    point->log_prior = log_prior;
    point->log_likelihood = -gsl_pow_2(1.0 - c[0]) - 100.0 * r * r;
    point->reason = MTC_REASON_NONE;
    if (point->grad_log_likelihood) {
        point->grad_log_likelihood[0] = (2.0 * (1.0 - c[0]) + 400.0 * r * c[0]) * slope[0];
        point->grad_log_likelihood[1] = -200.0 * r * slope[1];
    }
    return MTC_OK;
}

static mtc_status rosenbrock_quantile(const void *self, const double *u, double *x, mtc_err *err)
{
    (void)self;
    (void)err;
    for (size_t i = 0; i < 2; i++) {
        x[i] = log(u[i]) - gsl_log1p(-u[i]);
    }
    return MTC_OK;
}

static void rosenbrock_constrain(const void *self, const double *x, double *natural)
{
    (void)self;
    for (size_t i = 0; i < 2; i++) {
        natural[i] = 10.0 / (1.0 + exp(-x[i])) - 5.0;
    }
}

test_target *test_target_rosenbrock(void)
{
    test_target *t = make("rosenbrock", 2);
    t->target.eval = rosenbrock_eval;
    t->target.prior_quantile = rosenbrock_quantile;
    t->target.constrain = rosenbrock_constrain;
    t->log_evidence = -5.804132;
    return t;
}

/* ---- without gradient ---- */

static mtc_status refuse_gradient(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const test_target *t = self;
    if (point->grad_log_prior || point->grad_log_likelihood) {
        return mtc_fail(err, MTC_EBUG, "gradient asked of a target that has none");
    }
    return t->eval_with_gradient(self, ws, x, point, err);
}

void test_target_drop_gradient(test_target *t)
{
    t->eval_with_gradient = t->target.eval;
    t->target.eval = refuse_gradient;
    t->target.has_gradient = false;
}
