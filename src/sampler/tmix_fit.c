/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tmix_internal.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_logmath.h"

#include <math.h>
#include <string.h>

/* A draw whose share of the weight is below this part of 1/n cannot move the fit and is left out. */
#define NEGLIGIBLE_SHARE 1e-3
/* Part of the start's covariance that holds up the pooled one. */
#define START_TRACE 1e-8
/* Components with less than this many effective draws are dropped. */
#define MIN_COMPONENT_DRAWS 1.0

static const double dof_grid[] = {3.0, 4.0, 5.0, 7.0, 10.0};
#define N_DOF (sizeof dof_grid / sizeof *dof_grid)

static mtc_status work_alloc(mtc_tmix_work *fw, size_t n, size_t d, size_t max_comp, bool has_target, mtc_err *err)
{
    const size_t per_draw = d + 2 + (has_target ? 1 : 0) + 2 * max_comp;
    const size_t fixed = 2 * d * d + 2 * d + max_comp;
    memset(fw, 0, sizeof *fw);
    fw->block = mtc_calloc(n * per_draw + fixed, sizeof *fw->block);
    if (fw->block == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a mixture fit to %zu draws", n);
    }
    double *p = fw->block;
    fw->d = d;
    fw->max_comp = max_comp;
    fw->x = p;
    fw->w = p += n * d;
    fw->log_q = p += n;
    p += n;
    if (has_target) {
        fw->log_target = p;
        p += n;
    }
    fw->resp = p;
    fw->tail = p += n * max_comp;
    fw->pooled = p += n * max_comp;
    fw->cov = p += d * d;
    fw->z = p += d * d;
    fw->mean = p += d;
    fw->term = p += d;
    return MTC_OK;
}

/* Largest log weight, or -INFINITY where no draw has weight. */
static double top_log_weight(const mtc_wsample *s)
{
    double top = -HUGE_VAL;
    for (size_t i = 0; i < s->n; i++) {
        if (s->log_weight[i] > top) {
            top = s->log_weight[i];
        }
    }
    return top;
}

/* Copy the draws that count; normalise their weights; effective sample size. */
static void keep_draws(mtc_tmix_work *fw, const mtc_wsample *s, double top)
{
    double sum = 0.0, sum2 = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        const double w = exp(s->log_weight[i] - top);
        sum += w;
        sum2 += w * w;
    }
    fw->ess = sum * sum / sum2;
    const double least = NEGLIGIBLE_SHARE * sum / (double)s->n;
    size_t n = 0;
    double kept = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        const double w = exp(s->log_weight[i] - top);
        if (w < least) {
            continue;
        }
        memcpy(fw->x + n * fw->d, s->x + i * fw->d, fw->d * sizeof *fw->x);
        if (fw->log_target != NULL) {
            fw->log_target[n] = s->log_target[i];
        }
        fw->w[n++] = w;
        kept += w;
    }
    for (size_t i = 0; i < n; i++) {
        fw->w[i] /= kept;
    }
    fw->n = n;
}

/* Weighted mean into fw->mean and the lower triangle of the covariance into fw->cov. */
static void sample_moments(mtc_tmix_work *fw)
{
    const size_t d = fw->d;
    memset(fw->mean, 0, d * sizeof *fw->mean);
    memset(fw->cov, 0, d * d * sizeof *fw->cov);
    for (size_t i = 0; i < fw->n; i++) {
        for (size_t a = 0; a < d; a++) {
            fw->mean[a] += fw->w[i] * fw->x[i * d + a];
        }
    }
    for (size_t i = 0; i < fw->n; i++) {
        for (size_t a = 0; a < d; a++) {
            const double wa = fw->w[i] * (fw->x[i * d + a] - fw->mean[a]);
            for (size_t b = 0; b <= a; b++) {
                fw->cov[a * d + b] += wa * (fw->x[i * d + b] - fw->mean[b]);
            }
        }
    }
}

/* Pooled covariance: that of the sample, its correlations damped where the sample is thin, and a trace of the start's,
 * so that it is positive definite for any sample. */
static void pool_covariance(mtc_tmix_work *fw, const mtc_tmix *start)
{
    const size_t d = fw->d;
    const double keep = fw->ess / (fw->ess + (double)(d + 2));
    mtc_tmix_moments(start, fw->mean, fw->pooled);
    sample_moments(fw);
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b <= a; b++) {
            const double v = (a == b ? 1.0 : keep) * fw->cov[a * d + b] + START_TRACE * fw->pooled[a * d + b];
            fw->pooled[a * d + b] = v;
            fw->pooled[b * d + a] = v;
        }
    }
}

mtc_status mtc_tmix_work_init(mtc_tmix_work *fw, const mtc_wsample *s, const mtc_tmix *start, size_t max_comp,
                              mtc_err *err)
{
    memset(fw, 0, sizeof *fw);
    if (s->n == 0 || s->n_dim != start->n_dim) {
        return mtc_fail(err, MTC_ESIZE, "mixture fit: %zu draws of dimension %zu, start of dimension %zu", s->n,
                        s->n_dim, start->n_dim);
    }
    const double top = top_log_weight(s);
    if (!isfinite(top)) {
        return mtc_fail(err, MTC_ENUMERIC, "mixture fit: none of %zu draws has weight", s->n);
    }
    const mtc_status st = work_alloc(fw, s->n, s->n_dim, max_comp, s->log_target != NULL, err);
    if (st == MTC_OK) {
        keep_draws(fw, s, top);
        pool_covariance(fw, start);
    }
    return st;
}

void mtc_tmix_work_fini(mtc_tmix_work *fw)
{
    mtc_free(fw->block);
    memset(fw, 0, sizeof *fw);
}

double mtc_tmix_e_step(mtc_tmix_work *fw, const mtc_tmix *m)
{
    const size_t kk = m->n_comp;
    double total = 0.0;
    for (size_t i = 0; i < fw->n; i++) {
        double *const resp = fw->resp + i * fw->max_comp;
        double *const tail = fw->tail + i * fw->max_comp;
        for (size_t k = 0; k < kk; k++) {
            double dist2;
            fw->term[k] = mtc_tmix_log_component(m, k, fw->x + i * fw->d, &dist2, fw->z);
            tail[k] = (m->dof[k] + (double)fw->d) / (m->dof[k] + dist2);
        }
        const double log_q = mtc_log_sum(fw->term, kk);
        for (size_t k = 0; k < kk; k++) {
            resp[k] = isfinite(log_q) ? exp(fw->term[k] - log_q) : 0.0; /* so far out that no component sees it */
        }
        fw->log_q[i] = log_q;
        total += fw->w[i] * log_q;
    }
    return total;
}

/* Weighted mean log density with all degrees of freedom set to dof; m is left with them. */
static double log_density_at(mtc_tmix_work *fw, mtc_tmix *m, double dof, mtc_err *err)
{
    for (size_t k = 0; k < m->n_comp; k++) {
        m->dof[k] = dof;
    }
    if (mtc_tmix_finish(m, err) != MTC_OK) {
        return -HUGE_VAL;
    }
    return mtc_tmix_e_step(fw, m);
}

/* Share of the weight and mean of component k into fw->mean. */
static double m_mean(mtc_tmix_work *fw, size_t k)
{
    const size_t d = fw->d;
    double share = 0.0, sum = 0.0;
    memset(fw->mean, 0, d * sizeof *fw->mean);
    for (size_t i = 0; i < fw->n; i++) {
        const double wr = fw->w[i] * fw->resp[i * fw->max_comp + k];
        const double wru = wr * fw->tail[i * fw->max_comp + k];
        share += wr;
        sum += wru;
        for (size_t a = 0; a < d; a++) {
            fw->mean[a] += wru * fw->x[i * d + a];
        }
    }
    if (sum > 0.0) {
        for (size_t a = 0; a < d; a++) {
            fw->mean[a] /= sum;
        }
    }
    return share;
}

/* Scale matrix of component k around fw->mean into fw->cov, pulled towards the pooled covariance. */
static void m_scale(mtc_tmix_work *fw, size_t k, double share, double dof, size_t n_comp)
{
    const size_t d = fw->d;
    memset(fw->cov, 0, d * d * sizeof *fw->cov);
    for (size_t i = 0; i < fw->n; i++) {
        const double wru = fw->w[i] * fw->resp[i * fw->max_comp + k] * fw->tail[i * fw->max_comp + k];
        for (size_t a = 0; a < d; a++) {
            fw->z[a] = fw->x[i * d + a] - fw->mean[a];
        }
        for (size_t a = 0; a < d; a++) {
            const double za = wru * fw->z[a];
            for (size_t b = 0; b <= a; b++) {
                fw->cov[a * d + b] += za * fw->z[b];
            }
        }
    }
    const double strength = (double)(d + 2);
    const double scale_per_cov = (fmax(dof, 3.0) - 2.0) / fmax(dof, 3.0);
    const double pull = strength * scale_per_cov * pow((double)n_comp, -2.0 / (double)d);
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b <= a; b++) {
            const double v =
                (fw->ess * fw->cov[a * d + b] + pull * fw->pooled[a * d + b]) / (fw->ess * share + strength);
            fw->cov[a * d + b] = v;
            fw->cov[b * d + a] = v;
        }
    }
}

/* New weights, means and scales; components without draws vanish. */
static mtc_status m_step(mtc_tmix_work *fw, mtc_tmix *m, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n_comp = m->n_comp;
    size_t kept = 0;
    for (size_t k = 0; k < n_comp; k++) {
        const double share = m_mean(fw, k);
        if (share * fw->ess < MIN_COMPONENT_DRAWS && (kept > 0 || k + 1 < n_comp)) {
            continue;
        }
        const double dof = m->dof[k];
        m_scale(fw, k, share, dof, n_comp);
        MTC_TRY(mtc_tmix_set(m, kept++, share, dof, fw->mean, fw->cov, err));
    }
    m->n_comp = kept;
    MTC_TRY(mtc_tmix_finish(m, err));
out:
    return st;
}

/* One step up or down the grid of degrees of freedom where that raises the likelihood (ECM, Liu & Rubin 1995). */
static double dof_step(mtc_tmix_work *fw, mtc_tmix *m, double reached, mtc_err *err)
{
    size_t at = 0;
    while (at + 1 < N_DOF && dof_grid[at] < m->dof[0]) {
        at++;
    }
    const double old = m->dof[0];
    double best = reached, best_dof = old;
    for (int side = -1; side <= 1; side += 2) {
        if ((side < 0 && at == 0) || (side > 0 && at + 1 == N_DOF)) {
            continue;
        }
        const double dof = dof_grid[side < 0 ? at - 1 : at + 1];
        const double value = log_density_at(fw, m, dof, err);
        if (value > best) {
            best = value;
            best_dof = dof;
        }
    }
    return log_density_at(fw, m, best_dof, err);
}

mtc_status mtc_tmix_em(mtc_tmix_work *fw, mtc_tmix *m, const mtc_tmix_fit_settings *set, size_t max_iter,
                       mtc_tmix_fit_info *info, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double before = mtc_tmix_e_step(fw, m);
    for (size_t it = 0; it < max_iter; it++) {
        MTC_TRY(m_step(fw, m, err));
        double now = mtc_tmix_e_step(fw, m);
        if (set->choose_dof && it % 3 == 2) {
            now = dof_step(fw, m, now, err);
        }
        info->n_iter++;
        const bool still = fabs(now - before) < set->tolerance;
        before = now;
        if (still && it >= 3) {
            break;
        }
    }
    info->log_density = before;
    info->ess = fw->ess;
out:
    return st;
}

mtc_status mtc_tmix_fit(const mtc_tmix *start, const mtc_wsample *sample, const mtc_tmix_fit_settings *settings,
                        mtc_tmix *out, mtc_tmix_fit_info *info, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_tmix_work fw = {0};
    mtc_tmix_fit_info local = {0};

    memset(out, 0, sizeof *out);
    MTC_TRY(mtc_tmix_work_init(&fw, sample, start, start->n_comp, err));
    MTC_TRY(mtc_tmix_copy(start, out, err));
    log_density_at(&fw, out, settings->dof, err);
    MTC_TRY(mtc_tmix_em(&fw, out, settings, settings->max_iter, &local, err));
    if (info != NULL) {
        *info = local;
    }
out:
    mtc_tmix_work_fini(&fw);
    if (st != MTC_OK) {
        mtc_tmix_fini(out);
    }
    return st;
}
