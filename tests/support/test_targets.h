/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_TARGETS_H
#define TEST_TARGETS_H

#include "mtc_target.h"

/**
 * Targets whose answers are known, for tests of everything that works on a mtc_target. Make one, use
 * `&t->target`, release it with test_target_free. `log_evidence` is exact (or good to the digits given). Where
 * has_moments is set, mean and sd are those of the posterior of the unconstrained coordinates; where cdf is not NULL it
 * is the posterior cdf of one unconstrained coordinate.
 */
enum { TEST_TARGET_MAX_DIM = 12 };
typedef struct test_target test_target;
struct test_target {
    mtc_target target; /* self points to this object */
    double log_evidence;
    bool has_moments;
    double mean[TEST_TARGET_MAX_DIM], sd[TEST_TARGET_MAX_DIM];
    double (*cdf)(const test_target *t, size_t dim, double x);
    /* inner part, by kind */
    double prior_sd; /* of the made-up posteriors: Normal(0, prior_sd^2) each */
    double par[8];
    double centre[2][TEST_TARGET_MAX_DIM];
    double precision[TEST_TARGET_MAX_DIM * TEST_TARGET_MAX_DIM];
    double log_norm;
    double (*log_posterior)(const test_target *t, const double *x, double *grad);
    mtc_status (*eval_with_gradient)(const void *, void *, const double *, mtc_point *, mtc_err *);
};

/**
 * Posterior Normal(mean, cov) under the prior Normal(0, 20^2) on each coordinate; the likelihood is what is left, its
 * constant such that log Z = log_evidence. mean: n_dim; cov: n_dim x n_dim, positive definite. Has cdf.
 */
test_target *test_target_gaussian(size_t n_dim, const double *mean, const double *cov, double log_evidence);
/** The same with sd_i = 0.4 * 2^i, all correlations `correlation`, mean_i = 0.3 i - 0.5, log Z = -12.345. */
test_target *test_target_correlated(size_t n_dim, double correlation);
/** Banana: x0 ~ Normal(0, 1.3^2), x1 | x0 ~ Normal(0.6 x0^2, 0.5^2) a posteriori; log Z = 3.21. Curved, unimodal. */
test_target *test_target_banana(void);
/**
 * Two modes: weight * Normal(-d/2, 1) + (1 - weight) * Normal(+d/2, 1) along coordinate 0, standard normal along the
 * others; log Z = -7.5. Has cdf.
 */
test_target *test_target_two_modes(size_t n_dim, double distance, double weight);
/** y_i ~ Normal(m, 1.7^2), 12 rows, m ~ Normal(0.8, 2.1^2): one dimension. Has cdf and per_obs. */
test_target *test_target_conjugate_normal(void);
/** Times Exponential(rate), 9 rows of which 3 censored; rate ~ Gamma(2.5, rate 1.4); x = log rate. Has cdf, per_obs. */
test_target *test_target_exponential_gamma(void);
/**
 * Radiata pine (Williams 1959; Carlin & Chib 1995): strength on density (model 0, log Z = -309.924328) or on
 * resin-adjusted density (model 1, -301.435102). alpha ~ N(3000, 1e6), beta ~ N(185, 1e4), 1/variance ~ Gamma(3, rate
 * 180000); x = (alpha, beta, log precision). Badly scaled on purpose. Has per_obs; no moments.
 */
test_target *test_target_pine(int model);
/** exp(-[(1-a)^2 + 100 (b-a^2)^2]) on U[-5,5]^2, x = logit((a+5)/10): log Z = -5.804132. No moments. */
test_target *test_target_rosenbrock(void);

/** Make a target forget its gradient (has_gradient false; its eval refuses to give one). */
void test_target_drop_gradient(test_target *t);
/** Release; NULL allowed. */
void test_target_free(test_target *t);

#endif
