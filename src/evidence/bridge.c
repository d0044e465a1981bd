/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_diagnostics.h"
#include "mtc_logmath.h"
#include "mtc_psis.h"
#include "mtc_sum.h"
#include "warp_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fixed-point iteration: change of log Z at which it has converged, and the most steps. */
#define TOLERANCE 1e-10
#define MAX_STEPS 1000u

/* Numbers of the iteration. log_s1, log_s2: logs of the shares of posterior and proposal draws. */
typedef struct {
    const mtc_bridge_terms *in;
    size_t n_post;
    double log_s1, log_s2;
    double *post; /* log of q / (s1 p / Z + s2 q) at posterior draws */
    double *prop; /* log of (p / Z) / (s1 p / Z + s2 q) at proposal draws */
} bridge;

static void set_shares(bridge *b, double n_effective)
{
    const double n2 = (double)b->in->n_proposal;
    b->log_s1 = log(n_effective / (n_effective + n2));
    b->log_s2 = log(n2 / (n_effective + n2));
}

/* Terms at a value of log Z; returns the change of log Z they ask for. */
static double terms_at(bridge *b, double log_z)
{
    for (size_t i = 0; i < b->n_post; i++) {
        b->post[i] = -mtc_log_add(b->log_s1 + b->in->posterior[i] - log_z, b->log_s2);
    }
    for (size_t j = 0; j < b->in->n_proposal; j++) {
        const double l = b->in->proposal[j] - log_z;
        b->prop[j] = l - mtc_log_add(b->log_s1 + l, b->log_s2);
    }
    return mtc_log_mean(b->prop, b->in->n_proposal) - mtc_log_mean(b->post, b->n_post);
}

static bool iterate(bridge *b, double *log_z, size_t *n_iter)
{
    for (size_t it = 0; it < MAX_STEPS; it++) {
        const double step = terms_at(b, *log_z);
        (*n_iter)++;
        if (!isfinite(step)) {
            return false;
        }
        *log_z += step;
        if (fabs(step) < TOLERANCE) {
            terms_at(b, *log_z);
            return true;
        }
    }
    return false;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : (x > y ? 1 : 0);
}

/* Start: median of the log ratios at the posterior draws. */
static double median_ratio(bridge *b)
{
    memcpy(b->post, b->in->posterior, b->n_post * sizeof *b->post);
    qsort(b->post, b->n_post, sizeof *b->post, ascending);
    return b->post[b->n_post / 2];
}

/* Squared coefficient of variation of exp(log_x), log mean given. */
static double relative_variance(const double *log_x, size_t n, double log_mean)
{
    mtc_acc acc = MTC_ACC_INIT;
    for (size_t i = 0; i < n; i++) {
        const double off = exp(log_x[i] - log_mean) - 1.0;
        mtc_acc_add(&acc, off * off);
    }
    return mtc_acc_value(&acc) / (double)(n - 1);
}

/* Effective size of the posterior terms, at most their number. value: scratch of their number. */
static mtc_status effective_size(const bridge *b, double *value, double *ess, mtc_err *err)
{
    const double centre = mtc_log_mean(b->post, b->n_post);
    for (size_t i = 0; i < b->n_post; i++) {
        value[i] = exp(b->post[i] - centre);
    }
    const mtc_status st = mtc_ess_mean(value, b->in->n_chain, b->in->n_draw, ess, err);
    *ess = fmin(fmax(*ess, 1.0), (double)b->n_post);
    return st;
}

static mtc_status k_of(const double *log_x, size_t n, double r_eff, double *k_hat, mtc_err *err)
{
    mtc_psis_info info;
    const mtc_status st = mtc_psis(log_x, n, r_eff, &info, NULL, err);
    if (st == MTC_OK) {
        *k_hat = fmax(*k_hat, info.k_hat);
    }
    return st;
}

static mtc_status check_terms(const mtc_bridge_terms *in, mtc_err *err)
{
    const size_t n_post = in->n_chain * in->n_draw;
    if (n_post < 4 || in->n_proposal < 4) {
        return mtc_fail(err, MTC_ESIZE, "a bridge needs at least 4 draws of each density, got %zu and %zu", n_post,
                        in->n_proposal);
    }
    for (size_t i = 0; i < n_post; i++) {
        if (!isfinite(in->posterior[i])) {
            return mtc_fail(err, MTC_ENAN, "posterior draw %zu has a density ratio of %g", i, in->posterior[i]);
        }
    }
    for (size_t j = 0; j < in->n_proposal; j++) {
        if (isnan(in->proposal[j])) {
            return mtc_fail(err, MTC_ENAN, "proposal draw %zu has a density ratio that is not a number", j);
        }
    }
    return MTC_OK;
}

mtc_status mtc_bridge_solve(const mtc_bridge_terms *in, mtc_bridge_result *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    bridge b = {.in = in, .n_post = in->n_chain * in->n_draw};
    double *block = NULL;

    memset(out, 0, sizeof *out);
    MTC_TRY(check_terms(in, err));
    block = mtc_calloc(2 * b.n_post + in->n_proposal, sizeof *block);
    if (block == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a bridge of %zu draws", b.n_post);
    }
    b.post = block;
    b.prop = block + 2 * b.n_post;
    double *const value = block + b.n_post;

    out->log_z = median_ratio(&b);
    set_shares(&b, (double)b.n_post);
    if (!iterate(&b, &out->log_z, &out->n_iter)) {
        goto out;
    }
    MTC_TRY(effective_size(&b, value, &out->ess, err));
    set_shares(&b, out->ess);
    if (!iterate(&b, &out->log_z, &out->n_iter)) {
        goto out;
    }
    MTC_TRY(effective_size(&b, value, &out->ess, err));
    out->se_posterior = sqrt(relative_variance(b.post, b.n_post, mtc_log_mean(b.post, b.n_post)) / out->ess);
    out->se_proposal =
        sqrt(relative_variance(b.prop, in->n_proposal, mtc_log_mean(b.prop, in->n_proposal)) / (double)in->n_proposal);
    out->se = hypot(out->se_posterior, out->se_proposal);
    out->k_hat = -HUGE_VAL;
    MTC_TRY(k_of(b.post, b.n_post, out->ess / (double)b.n_post, &out->k_hat, err));
    MTC_TRY(k_of(b.prop, in->n_proposal, 1.0, &out->k_hat, err));
    out->converged = isfinite(out->se);
out:
    mtc_free(block);
    return st;
}
