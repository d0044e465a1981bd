/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

#include "mtc_vmath.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

/*
 * Reverse pass: derivative of sum(bar.S S + bar.f f + bar.F F) by the point's coordinates, by differentiating the
 * quadrature at fixed nodes in u, x, zeta, growth time and exp(-s/tau). One pass costs about two evaluations,
 * whatever the number of parameters. `_bar` names the derivative of the scalar by a quantity.
 */
typedef struct {
    double log_rate, log_d, log_ratio, sd_ratio, frailty, onset, width, exponent, delay;
} row_bar;

static void mix_classes(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_curve_values *bar, size_t j)
{
    memset(ws->mixed_s, 0, ws->n_x * sizeof *ws->mixed_s);
    memset(ws->mixed_f, 0, ws->n_x * sizeof *ws->mixed_f);
    for (size_t c = 0; c < plan->n_class; c++) {
        const size_t at = c * plan->n_t + j;
        const double *w = ws->weight + c * ws->n_x;
        /* F falls where S rises: the kernel of F is 1 - that of S */
        const double s = bar->survival[at] - (bar->distribution != NULL ? bar->distribution[at] : 0.0);
        const double f = bar->density[at];
        for (size_t k = 0; k < ws->n_x; k++) {
            ws->mixed_s[k] += s * w[k];
            ws->mixed_f[k] += f * w[k];
        }
    }
}

/* Founders before surgery: through the growth-time law at G = t - D x. */
MTC_VECTORISED static void kernel_bars(mtc_curve_ws *ws, double t_years, double sigma, double out[3])
{
    double d[LANES] = {0.0}, r[LANES] = {0.0}, sd[LANES] = {0.0};
    const double inv = 1.0 / sigma;
    const double *restrict z = ws->z;
    const double *restrict g = ws->growth;
    const double *restrict dens = ws->dens;
    const double *restrict ms = ws->mixed_s;
    const double *restrict mf = ws->mixed_f;
    for (size_t k = 0; k < ws->n_x; k += LANES) {
        for (size_t v = 0; v < LANES; v++) {
            const size_t i = k + v;
            const double phi = dens[i] * sigma * g[i];
            const double z_bar = -(ms[i] * phi + mf[i] * z[i] * dens[i]);
            const double share = t_years / g[i]; /* d log G / d log D = 1 - t/G */
            d[v] += -z_bar * share * inv - mf[i] * dens[i] * (1.0 - share);
            r[v] += z_bar * inv;
            sd[v] += -z_bar * z[i] * inv - mf[i] * dens[i] * inv;
        }
    }
    out[0] = out[1] = out[2] = 0.0;
    for (size_t v = 0; v < LANES; v++) {
        out[0] += d[v];
        out[1] += r[v];
        out[2] += sd[v];
    }
}

/* Founders after surgery: through the moments of the growth-time law. */
static void moment_bars(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_curve_values *bar, size_t j,
                        double sigma, double *mu_bar, double *sd_bar, double *delay_bar)
{
    const after_table *a = &ws->after;
    const size_t stride = MAX_ORDER + 1;
    double mu = 0.0, sd = 0.0, delay = 0.0;
    for (size_t c = 0; c < plan->n_class; c++) {
        const size_t at = c * plan->n_t + j;
        const double s = bar->survival[at] - (bar->distribution != NULL ? bar->distribution[at] : 0.0);
        const double f = bar->density[at];
        const double *s0 = a->s0_cheb + c * stride;
        const double *f0 = a->f0_cheb + c * stride;
        mu += s * curve_dot(s0, ws->moment_mu, a->order + 1) + f * curve_dot(f0, ws->moment_mu, a->order + 1);
        sd += s * curve_dot(s0, ws->moment_sigma, a->order + 1) + f * curve_dot(f0, ws->moment_sigma, a->order + 1);
        delay += s * curve_dot(s0, ws->moment_delay, a->order + 1) + f * curve_dot(f0, ws->moment_delay, a->order + 1);
        /* S: surgery s0 P(G > t), F: surgery s0 P(G <= t); dens_surgery = phi(z) */
        mu += s * a->s0[c * stride] * ws->dens_surgery;
        sd += s * a->s0[c * stride] * ws->dens_surgery * ws->z_surgery;
    }
    *mu_bar = mu / sigma;
    *sd_bar = sd / sigma;
    *delay_bar = delay;
}

static void table_bars(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_curve_values *bar, size_t j)
{
    const after_table *a = &ws->after;
    const size_t stride = MAX_ORDER + 1;
    for (size_t c = 0; c < plan->n_class; c++) {
        const size_t at = c * plan->n_t + j;
        const double big_f = bar->distribution != NULL ? bar->distribution[at] : 0.0;
        const double s = bar->survival[at];
        const double f = bar->density[at];
        double *wb = ws->weight_bar + c * ws->n_x;
        for (size_t k = 0; k < ws->n_x; k++) {
            wb[k] += s * ws->ccdf[k] + f * ws->dens[k] + big_f * ws->cdf[k];
        }
        for (size_t i = 0; i <= a->order; i++) {
            ws->s0_cheb_bar[c * stride + i] += (s - big_f) * ws->moment[i];
            ws->f0_cheb_bar[c * stride + i] += f * ws->moment[i];
        }
        ws->s0_bar[c * stride] += s * ws->slower + big_f * ws->faster;
    }
}

/* Transpose of the map from values at the Chebyshev nodes to coefficients, added to value_bar. */
static void chebyshev_transposed(const double *coefficient_bar, size_t order, const double *cosine, double *value_bar)
{
    if (order == 0) {
        value_bar[0] += coefficient_bar[0];
        return;
    }
    const double inv = 1.0 / (double)order;
    for (size_t k = 0; k <= order; k++) {
        double sum = 0.0;
        for (size_t j = 0; j <= order; j++) {
            const double factor = j == 0 || j == order ? 1.0 : 2.0;
            sum += factor * coefficient_bar[j] * cosine[(j * k) % (2 * order)];
        }
        value_bar[k] += (k == 0 || k == order ? 0.5 : 1.0) * inv * sum;
    }
}

/* Derivative by theta of -log(1 + theta N)/theta; its series where the two terms cancel. */
static inline double frailty_slope(double n, double theta)
{
    const double x = theta * n;
    if (x < 0.02) {
        const double s =
            1.0 / 2.0 - x * (2.0 / 3.0 - x * (3.0 / 4.0 - x * (4.0 / 5.0 - x * (5.0 / 6.0 - x * 6.0 / 7.0))));
        return n * n * s;
    }
    return (mtc_vlog1p(x) / theta - n / (1.0 + x)) / theta;
}

/* d/d coordinates of founders through rate, scale and the two accumulated competences of one size. */
static void size_bars(const mtc_curve_ws *ws, size_t i, double p0_bar, double p1_bar, row_bar *b)
{
    const founder_row *row = &ws->row;
    const double c1_bar = p1_bar * row->p1_c[i];
    b->exponent += MTC_LN2 * (p0_bar * ws->p0_c[i] + c1_bar);
    b->onset += p0_bar * ws->p0_onset[i] + p1_bar * row->p1_onset[i];
    b->width += p0_bar * ws->p0_width[i] + p1_bar * row->p1_width[i];
    b->log_d += c1_bar * row->kappa;
    b->delay -= c1_bar * row->kappa; /* by log tau; divided by tau at the end */
}

static void before_surgery(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p, row_bar *b)
{
    const founder_row *row = &ws->row;
    const int delayed = p->delay_years > 0.0;
    const double theta = p->frailty;
    for (size_t c = 0; c < plan->n_class; c++) {
        double *wb = ws->weight_bar + c * ws->n_x;
        for (size_t k = 0; k < ws->n_x; k++) {
            wb[k] *= ws->x_weight[k];
        }
    }
    for (size_t i = 0; i < ws->n_u; i++) {
        double f0_bar = 0.0;
        if (row->f0[i] > 0.0) {
            for (size_t c = 0; c < plan->n_class; c++) {
                f0_bar += curve_dot(ws->weight_bar + c * ws->n_x, ws->average + (c * ws->n_u + i) * ws->n_x, ws->n_x);
            }
        }
        const double nu_bar = row->e1[i] * f0_bar;
        const double n_bar = -row->f0[i] * f0_bar * (1.0 + theta) / (1.0 + theta * row->n[i]);
        const double slope = frailty_slope(row->n[i], theta) - row->n[i] / (1.0 + theta * row->n[i]);
        b->frailty += row->f0[i] * f0_bar * slope;
        const double n_part = row->n[i] * n_bar;
        const double nu_part = row->nu[i] * nu_bar;
        b->log_rate += n_part + nu_part;
        b->log_d += n_part + (delayed ? 2.0 : 1.0) * nu_part;
        b->delay -= delayed ? nu_part : 0.0;
        b->exponent += MTC_LN2 * (ws->u[i] - mtc_reference_doublings()) * (n_part + nu_part);
        const double rate = row->rate_d * ws->scale[i];
        size_bars(ws, i, rate * n_bar, rate * (row->kappa * nu_bar - (delayed ? n_bar : 0.0)), b);
    }
}

/* One time since surgery, exp(-s/tau) = left: bars of the class averages of S0 and f0 there. */
static void after_surgery(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p, size_t k, row_bar *b)
{
    const founder_row *row = &ws->row;
    const size_t stride = MAX_ORDER + 1;
    const int delayed = p->delay_years > 0.0;
    const double left = ws->after.left[k];
    const double theta = p->frailty;
    const double rate_nu = delayed ? row->rate_d * left / p->delay_years : 0.0;
    curve_later(ws, p, left);
    for (size_t i = 0; i < ws->n_u; i++) {
        double s0_bar = 0.0, f0_bar = 0.0;
        for (size_t c = 0; c < plan->n_class; c++) {
            const double at = ws->at_surgery[c * ws->n_u + i];
            s0_bar += at * ws->s0_bar[c * stride + k];
            f0_bar += at * ws->f0_bar[c * stride + k];
        }
        const double n = ws->later_n[i], e1 = ws->later_e1[i];
        const double nu = rate_nu * ws->scale[i] * row->p1[i];
        const double inv = 1.0 / (1.0 + theta * n);
        const double slope = frailty_slope(n, theta);
        b->frailty += s0_bar * ws->later_s0[i] * slope + f0_bar * nu * e1 * (slope - n * inv);
        const double n_bar = -e1 * s0_bar - f0_bar * nu * (1.0 + theta) * e1 * inv;
        const double nu_bar = f0_bar * e1;
        const double parts = n * n_bar + nu * nu_bar;
        b->log_rate += parts;
        b->log_d += parts;
        b->exponent += MTC_LN2 * (ws->u[i] - mtc_reference_doublings()) * parts;
        const double rate = row->rate_d * ws->scale[i];
        const double left_n = delayed ? rate * left * n_bar : 0.0;
        const double per_p1 = rate_nu * ws->scale[i] * nu_bar - left_n;
        b->delay -= nu * nu_bar;
        size_bars(ws, i, rate * n_bar, per_p1, b);
    }
}

static void row_adjoint(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p,
                        const mtc_curve_values *bar, row_bar *b)
{
    const size_t stride = MAX_ORDER + 1;
    const double mu = log(plan->course.doublings_to_detection) + ws->row.log_d - p->log_ratio;
    memset(ws->weight_bar, 0, plan->n_class * ws->n_x * sizeof *ws->weight_bar);
    memset(ws->s0_bar, 0, plan->n_class * stride * sizeof *ws->s0_bar);
    memset(ws->f0_bar, 0, plan->n_class * stride * sizeof *ws->f0_bar);
    memset(ws->s0_cheb_bar, 0, plan->n_class * stride * sizeof *ws->s0_cheb_bar);
    memset(ws->f0_cheb_bar, 0, plan->n_class * stride * sizeof *ws->f0_cheb_bar);
    for (size_t j = 0; j < plan->n_t; j++) {
        double kernel[3], mu_bar, sd_bar, delay_bar;
        curve_at_time(plan, ws, p, plan->t_years[j], mu, 1);
        mix_classes(plan, ws, bar, j);
        kernel_bars(ws, plan->t_years[j], p->sd_ratio, kernel);
        moment_bars(plan, ws, bar, j, p->sd_ratio, &mu_bar, &sd_bar, &delay_bar);
        table_bars(plan, ws, bar, j);
        b->log_d += kernel[0] + mu_bar;
        b->log_ratio += kernel[1] - mu_bar;
        b->sd_ratio += kernel[2] + sd_bar;
        b->delay += delay_bar;
    }
    before_surgery(plan, ws, p, b);
    for (size_t c = 0; c < plan->n_class; c++) {
        chebyshev_transposed(ws->s0_cheb_bar + c * stride, ws->after.order, ws->after.cosine, ws->s0_bar + c * stride);
        chebyshev_transposed(ws->f0_cheb_bar + c * stride, ws->after.order, ws->after.cosine, ws->f0_bar + c * stride);
    }
    for (size_t k = 0; k <= ws->after.order; k++) {
        after_surgery(plan, ws, p, k, b);
    }
}

mtc_status mtc_curve_adjoint(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p,
                             const mtc_curve_values *bar, double *d_point, mtc_err *err)
{
    if (ws->n_u == 0) {
        return mtc_fail(err, MTC_EBUG, "the reverse pass needs an evaluation before it");
    }
    const rate_grid rates = curve_rate_grid(p);
    for (int i = 0; i < MTC_POINT_N; i++) {
        d_point[i] = 0.0;
    }
    for (long l = ws->rate_low; l <= ws->rate_high; l++) {
        double zeta;
        row_bar b = {0};
        const double weight = curve_rate_weight(&rates, l, &zeta);
        curve_row(ws, p, zeta, 1);
        curve_weights(ws);
        curve_after(plan, ws, p);
        row_adjoint(plan, ws, p, bar, &b);
        d_point[MTC_POINT_LOG_DELTA] += weight * b.log_d;
        d_point[MTC_POINT_SD_DOUBLING] += weight * zeta * b.log_d;
        d_point[MTC_POINT_LOG_RATIO] += weight * b.log_ratio;
        d_point[MTC_POINT_SD_RATIO] += weight * b.sd_ratio;
        d_point[MTC_POINT_LOG_RATE] += weight * b.log_rate;
        d_point[MTC_POINT_FRAILTY] += weight * b.frailty;
        d_point[MTC_POINT_ONSET] += weight * b.onset;
        d_point[MTC_POINT_WIDTH] += weight * b.width;
        d_point[MTC_POINT_EXPONENT] += weight * b.exponent;
        d_point[MTC_POINT_DELAY] += p->delay_years > 0.0 ? weight * b.delay / p->delay_years : 0.0;
    }
    return MTC_OK;
}
