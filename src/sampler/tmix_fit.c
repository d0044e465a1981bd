/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_tmix.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_logmath.h"

#include <math.h>
#include <string.h>

/* A draw whose share of the weight is below this part of 1/n cannot move the fit and is left out. */
#define NEGLIGIBLE_SHARE 1e-6
/* Components with less than this many effective draws are dropped. */
#define MIN_COMPONENT_DRAWS 1.0
/* EM steps by which the candidate directions of a split are compared. */
#define SPLIT_TRIAL_STEPS 6
/* Candidate directions of a split. */
#define N_DIRECTION 3
/* Half distance of the two new means, in standard deviations along the axis; the variance there falls to 1 - 0.8^2. */
#define SPLIT_STEP 0.8

static const double dof_grid[] = {3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 25.0, 50.0};
#define N_DOF (sizeof dof_grid / sizeof *dof_grid)

/* The sample without negligible draws, and the scratch of EM. */
typedef struct {
    size_t n, d, max_comp;
    double *block;
    double *x;          /* n x d */
    double *w;          /* n, sum 1 */
    double *log_target; /* n or NULL */
    double ess;
    double *pooled; /* d x d covariance that every component is pulled towards */
    double *resp;   /* n x max_comp responsibilities */
    double *tail;   /* n x max_comp: (dof + d) / (dof + dist2) */
    double *z;      /* d */
    double *term;   /* max_comp */
    double *mean;   /* d */
    double *cov;    /* d x d */
} fit_work;

static mtc_status work_alloc(fit_work *fw, size_t n, size_t d, size_t max_comp, bool has_target, mtc_err *err)
{
    const size_t per_draw = d + 1 + (has_target ? 1 : 0) + 2 * max_comp;
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
    double top = -INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        if (s->log_weight[i] > top) {
            top = s->log_weight[i];
        }
    }
    return top;
}

/* Copy the draws that count; normalise their weights; effective sample size. */
static void keep_draws(fit_work *fw, const mtc_wsample *s, double top)
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

/* Pooled covariance: that of the sample, held up by d + 2 draws' worth of the start's where the sample is thin. */
static void pool_covariance(fit_work *fw, const mtc_tmix *start)
{
    const size_t d = fw->d;
    const double strength = (double)(d + 2);
    mtc_tmix_moments(start, fw->mean, fw->pooled);
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
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b <= a; b++) {
            const double v = (fw->ess * fw->cov[a * d + b] + strength * fw->pooled[a * d + b]) / (fw->ess + strength);
            fw->pooled[a * d + b] = v;
            fw->pooled[b * d + a] = v;
        }
    }
}

static mtc_status work_init(fit_work *fw, const mtc_wsample *s, const mtc_tmix *start, size_t max_comp, mtc_err *err)
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

static void work_fini(fit_work *fw)
{
    mtc_free(fw->block);
    memset(fw, 0, sizeof *fw);
}

/* Responsibilities and tail factors; returns the weighted mean log density. */
static double e_step(fit_work *fw, const mtc_tmix *m)
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
            resp[k] = exp(fw->term[k] - log_q);
        }
        total += fw->w[i] * log_q;
    }
    return total;
}

/* Weighted mean log density with all degrees of freedom set to dof; m is left with them. */
static double log_density_at(fit_work *fw, mtc_tmix *m, double dof, mtc_err *err)
{
    for (size_t k = 0; k < m->n_comp; k++) {
        m->dof[k] = dof;
    }
    if (mtc_tmix_finish(m, err) != MTC_OK) {
        return -INFINITY;
    }
    return e_step(fw, m);
}

/* Share of the weight and mean of component k into fw->mean. */
static double m_mean(fit_work *fw, size_t k)
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
static void m_scale(fit_work *fw, size_t k, double share, double dof, size_t n_comp)
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
static mtc_status m_step(fit_work *fw, mtc_tmix *m, mtc_err *err)
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
static double dof_step(fit_work *fw, mtc_tmix *m, double reached, mtc_err *err)
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

/* EM until the likelihood stands still; info->log_density belongs to the mixture as it is left. */
static mtc_status em_run(fit_work *fw, mtc_tmix *m, const mtc_tmix_fit_settings *set, size_t max_iter,
                         mtc_tmix_fit_info *info, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double before = e_step(fw, m);
    for (size_t it = 0; it < max_iter; it++) {
        MTC_TRY(m_step(fw, m, err));
        double now = e_step(fw, m);
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
    fit_work fw = {0};
    mtc_tmix_fit_info local = {0};

    memset(out, 0, sizeof *out);
    MTC_TRY(work_init(&fw, sample, start, start->n_comp, err));
    MTC_TRY(mtc_tmix_copy(start, out, err));
    log_density_at(&fw, out, settings->dof, err);
    MTC_TRY(em_run(&fw, out, settings, settings->max_iter, &local, err));
    if (info != NULL) {
        *info = local;
    }
out:
    work_fini(&fw);
    if (st != MTC_OK) {
        mtc_tmix_fini(out);
    }
    return st;
}

/* Component that explains the target worst: largest weighted absolute deviation of log target - log mixture (or the
 * heaviest where the target is not given). Responsibilities must be those of m. */
static size_t worst_component(fit_work *fw, const mtc_tmix *m)
{
    memset(fw->term, 0, m->n_comp * sizeof *fw->term);
    double centre = 0.0;
    double *const scratch = fw->cov; /* d x d >= d + n_comp is not certain: the loop below uses z and single terms */
    (void)scratch;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < fw->n; i++) {
            const double *resp = fw->resp + i * fw->max_comp;
            size_t k_top = 0;
            for (size_t k = 1; k < m->n_comp; k++) {
                if (resp[k] > resp[k_top]) {
                    k_top = k;
                }
            }
            const double log_q =
                mtc_tmix_log_component(m, k_top, fw->x + i * fw->d, NULL, fw->z) - log(resp[k_top]);
            const double off = fw->log_target != NULL ? fw->log_target[i] - log_q : 1.0;
            if (pass == 0) {
                centre += fw->log_target != NULL ? fw->w[i] * off : 0.0;
                continue;
            }
            for (size_t k = 0; k < m->n_comp; k++) {
                fw->term[k] += fw->w[i] * resp[k] * fabs(off - centre);
            }
        }
    }
    size_t worst = 0;
    for (size_t k = 1; k < m->n_comp; k++) {
        if (fw->term[k] > fw->term[worst]) {
            worst = k;
        }
    }
    return worst;
}
