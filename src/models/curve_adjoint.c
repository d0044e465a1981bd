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

static void mix_classes(const curve_part *part, curve_ws *ws, const mtc_curve_values *bar, size_t j)
{
    memset(ws->mixed_s, 0, ws->n_x * sizeof *ws->mixed_s);
    memset(ws->mixed_f, 0, ws->n_x * sizeof *ws->mixed_f);
    for (size_t c = 0; c < part->n_class; c++) {
        const size_t at = c * part->n_t + j;
        const double *w = ws->weight + c * ws->n_x;
        /* F falls where S rises: the kernel of F is 1 - that of S */
        const double s = bar->survival[at] - (bar->distribution != NULL ? bar->distribution[at] : 0.0);
        const double f = bar->density[at];
        if (s == 0.0 && f == 0.0) {
            continue;
        }
        for (size_t k = 0; k < ws->n_x; k++) {
            ws->mixed_s[k] += s * w[k];
            ws->mixed_f[k] += f * w[k];
        }
    }
}

/* Founders before surgery: through the growth-time law at G = t - D x. */
MTC_VECTORISED static void kernel_bars(curve_ws *ws, double t_years, double sigma, double out[3])
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

/* Derivative by tau at tau = 0, to the right. Founders then start tau later on average, N(s) - tau N'(s), so that S and
 * f become S(t - tau) and f(t - tau) to first order: dS = f, df = -f', with -g'(G) = g (1 + z/sigma)/G. */
static double first_delay(const curve_ws *ws, double sigma)
{
    double sum = 0.0;
    for (size_t k = 0; k < ws->n_x; k++) {
        sum += ws->dens[k] * (ws->mixed_s[k] + ws->mixed_f[k] * (1.0 + ws->z[k] / sigma) / ws->growth[k]);
    }
    return sum;
}

/* Founders after surgery: through the moments of the growth-time law. */
static void moment_bars(const curve_part *part, curve_ws *ws, const mtc_curve_values *bar, size_t j, double sigma,
                        double *mu_bar, double *sd_bar, double *delay_bar)
{
    const after_table *a = &ws->after;
    const size_t stride = MAX_ORDER + 1;
    double mu = 0.0, sd = 0.0, delay = 0.0;
    for (size_t c = 0; c < part->n_class; c++) {
        const size_t at = c * part->n_t + j;
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

static void table_bars(const curve_part *part, curve_ws *ws, const mtc_curve_values *bar, size_t j)
{
    const after_table *a = &ws->after;
    const size_t stride = MAX_ORDER + 1;
    for (size_t c = 0; c < part->n_class; c++) {
        const size_t at = c * part->n_t + j;
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
        size_t at = 0; /* j k modulo 2 order */
        for (size_t j = 0; j <= order; j++) {
            const double factor = j == 0 || j == order ? 1.0 : 2.0;
            sum += factor * coefficient_bar[j] * cosine[at];
            at += k;
            at -= at >= 2 * order ? 2 * order : 0;
        }
        value_bar[k] += (k == 0 || k == order ? 0.5 : 1.0) * inv * sum;
    }
}

/* Derivative by theta of -log(1 + theta N)/theta; its series where the two terms cancel. */
static inline double frailty_slope(double n, double x, double inv_theta, double inv)
{
    const double series =
        1.0 / 2.0 - x * (2.0 / 3.0 - x * (3.0 / 4.0 - x * (4.0 / 5.0 - x * (5.0 / 6.0 - x * 6.0 / 7.0))));
    const double closed = (mtc_vlog1p(x) * inv_theta - n * inv) * inv_theta;
    return x < 0.02 ? n * n * series : closed;
}

/* What the founders of one growth rate and one time are made of, on the size grid. */
typedef struct {
    size_t n;
    double theta, rate_n, rate_nu, left; /* N = rate_n scale (p0 - left p1), nu = rate_nu scale p1 */
    const double *u, *scale, *p1, *founders, *s0, *e1, *s0_bar, *f0_bar;
    double *p0_bar, *p1_bar; /* added to */
} founder_bars;

/* Sums over sizes: parts of N and of nu by their logarithm, both by the size exponent, and by theta. */
typedef struct {
    double n_part, nu_part, exponent, frailty;
} founder_sums;

MTC_VECTORISED static void founder_loop(size_t n, double theta, double rate_n, double rate_nu, double left,
                                        const double *restrict u, const double *restrict scale,
                                        const double *restrict p1, const double *restrict founders,
                                        const double *restrict s0, const double *restrict e1,
                                        const double *restrict s0_bar, const double *restrict f0_bar,
                                        double *restrict p0_bar, double *restrict p1_bar, double *restrict sums)
{
    double n_part[LANES] = {0.0}, nu_part[LANES] = {0.0}, exponent[LANES] = {0.0}, frailty[LANES] = {0.0};
    const double inv_theta = theta > 0.0 ? 1.0 / theta : 0.0;
    const double u_ref = 29.897352853986263; /* log2(1e9) */
    for (size_t i = 0; i < n; i += LANES) {
        for (size_t v = 0; v < LANES; v++) {
            const size_t k = i + v;
            const double x = theta * founders[k];
            const double inv = 1.0 / (1.0 + x);
            const double nu = rate_nu * scale[k] * p1[k];
            const double f0 = nu * e1[k] * f0_bar[k];
            const double slope = frailty_slope(founders[k], x, inv_theta, inv);
            const double n_bar = -e1[k] * s0_bar[k] - f0 * (1.0 + theta) * inv;
            const double by_n = founders[k] * n_bar;
            n_part[v] += by_n;
            nu_part[v] += f0;
            exponent[v] += (u[k] - u_ref) * (by_n + f0);
            frailty[v] += s0_bar[k] * s0[k] * slope + f0 * (slope - founders[k] * inv);
            p0_bar[k] += rate_n * scale[k] * n_bar;
            p1_bar[k] += scale[k] * (rate_nu * e1[k] * f0_bar[k] - rate_n * left * n_bar);
        }
    }
    for (size_t v = 0; v < LANES; v++) {
        sums[0] += n_part[v];
        sums[1] += nu_part[v];
        sums[2] += exponent[v];
        sums[3] += frailty[v];
    }
}

static founder_sums founder_adjoint(const founder_bars *f)
{
    double sums[4] = {0.0};
    founder_loop(f->n, f->theta, f->rate_n, f->rate_nu, f->left, f->u, f->scale, f->p1, f->founders, f->s0, f->e1,
                 f->s0_bar, f->f0_bar, f->p0_bar, f->p1_bar, sums);
    return (founder_sums){sums[0], sums[1], MTC_LN2 * sums[2], sums[3]};
}

/* Through the two accumulated competences, after all times of one growth rate. */
static void competence_bars(const curve_ws *ws, row_bar *b)
{
    const founder_row *row = &ws->row;
    const size_t n = ws->n_u;
    const double by_c1 = curve_dot(ws->sum_p1, row->p1_c, n);
    b->exponent += MTC_LN2 * (curve_dot(ws->sum_p0, ws->p0_c, n) + by_c1);
    b->onset += curve_dot(ws->sum_p0, ws->p0_onset, n) + curve_dot(ws->sum_p1, row->p1_onset, n);
    b->width += curve_dot(ws->sum_p0, ws->p0_width, n) + curve_dot(ws->sum_p1, row->p1_width, n);
    b->log_d += by_c1 * row->kappa;
    b->delay -= by_c1 * row->kappa; /* by log tau; divided by tau at the end */
}

static founder_bars bars_of(curve_ws *ws, const mtc_course_point *p)
{
    const founder_row *row = &ws->row;
    return (founder_bars){.n = ws->n_u,
                          .theta = p->frailty,
                          .rate_n = row->rate_d,
                          .rate_nu = row->rate_d * row->kappa,
                          .left = p->delay_years > 0.0 ? 1.0 : 0.0,
                          .u = ws->u,
                          .scale = ws->scale,
                          .p1 = row->p1,
                          .founders = row->n,
                          .s0 = row->s0,
                          .e1 = row->e1,
                          .s0_bar = ws->s0_u_bar,
                          .f0_bar = ws->f0_u_bar,
                          .p0_bar = ws->sum_p0,
                          .p1_bar = ws->sum_p1};
}

static void before_surgery(const curve_part *part, curve_ws *ws, const mtc_course_point *p, row_bar *b)
{
    const int delayed = p->delay_years > 0.0;
    for (size_t c = 0; c < part->n_class; c++) {
        double *wb = ws->weight_bar + c * ws->n_x;
        for (size_t k = 0; k < ws->n_x; k++) {
            wb[k] *= ws->x_weight[k];
        }
    }
    for (size_t i = 0; i < ws->n_u; i++) {
        ws->s0_u_bar[i] = 0.0;
        ws->f0_u_bar[i] = 0.0;
        for (size_t c = 0; ws->row.f0[i] > 0.0 && c < part->n_class; c++) {
            const double *average = ws->average + (c * ws->n_u + i) * ws->n_x;
            ws->f0_u_bar[i] += curve_dot(ws->weight_bar + c * ws->n_x, average, ws->n_x);
        }
    }
    const founder_bars f = bars_of(ws, p);
    const founder_sums sums = founder_adjoint(&f);
    b->frailty += sums.frailty;
    b->exponent += sums.exponent;
    b->log_rate += sums.n_part + sums.nu_part;
    b->log_d += sums.n_part + (delayed ? 2.0 : 1.0) * sums.nu_part; /* nu per doubling holds D/tau */
    b->delay -= delayed ? sums.nu_part : 0.0;
}

MTC_VECTORISED static void spread(const double *restrict at, double s, double f, size_t n, double *restrict s0_bar,
                                  double *restrict f0_bar)
{
    for (size_t i = 0; i < n; i++) {
        s0_bar[i] += s * at[i];
        f0_bar[i] += f * at[i];
    }
}

/* One time since surgery, exp(-s/tau) = left: bars of the class averages of S0 and f0 there. */
static void after_surgery(const curve_part *part, curve_ws *ws, const mtc_course_point *p, size_t k, row_bar *b)
{
    const size_t stride = MAX_ORDER + 1;
    const int delayed = p->delay_years > 0.0;
    const double left = ws->after.left[k];
    memset(ws->s0_u_bar, 0, ws->n_u * sizeof *ws->s0_u_bar);
    memset(ws->f0_u_bar, 0, ws->n_u * sizeof *ws->f0_u_bar);
    for (size_t c = 0; c < part->n_class; c++) {
        spread(ws->at_surgery + c * ws->n_u, ws->s0_bar[c * stride + k], ws->f0_bar[c * stride + k], ws->n_u,
               ws->s0_u_bar, ws->f0_u_bar);
    }
    curve_later(ws, p, left);
    founder_bars f = bars_of(ws, p);
    f.rate_nu = delayed ? ws->row.rate_d * left / p->delay_years : 0.0;
    f.left = delayed ? left : 0.0;
    f.founders = ws->later_n;
    f.s0 = ws->later_s0;
    f.e1 = ws->later_e1;
    const founder_sums sums = founder_adjoint(&f);
    b->frailty += sums.frailty;
    b->exponent += sums.exponent;
    b->log_rate += sums.n_part + sums.nu_part;
    b->log_d += sums.n_part + sums.nu_part;
    b->delay -= sums.nu_part;
}

static void row_adjoint(const curve_part *part, curve_ws *ws, const mtc_course_point *p, const mtc_curve_values *bar,
                        row_bar *b)
{
    const size_t stride = MAX_ORDER + 1;
    const double mu = log(part->course.doublings_to_detection) + ws->row.log_d - p->log_ratio;
    memset(ws->weight_bar, 0, part->n_class * ws->n_x * sizeof *ws->weight_bar);
    memset(ws->s0_bar, 0, part->n_class * stride * sizeof *ws->s0_bar);
    memset(ws->f0_bar, 0, part->n_class * stride * sizeof *ws->f0_bar);
    memset(ws->s0_cheb_bar, 0, part->n_class * stride * sizeof *ws->s0_cheb_bar);
    memset(ws->f0_cheb_bar, 0, part->n_class * stride * sizeof *ws->f0_cheb_bar);
    for (size_t j = 0; j < part->n_t; j++) {
        double kernel[3], mu_bar, sd_bar, delay_bar;
        if (!part->wanted_at[j]) {
            continue;
        }
        curve_at_time(part, ws, p, part->t_years[j], mu, 1);
        mix_classes(part, ws, bar, j);
        kernel_bars(ws, part->t_years[j], p->sd_ratio, kernel);
        moment_bars(part, ws, bar, j, p->sd_ratio, &mu_bar, &sd_bar, &delay_bar);
        table_bars(part, ws, bar, j);
        b->log_d += kernel[0] + mu_bar;
        b->log_ratio += kernel[1] - mu_bar;
        b->sd_ratio += kernel[2] + sd_bar;
        b->delay += p->delay_years > 0.0 ? delay_bar : first_delay(ws, p->sd_ratio);
    }
    memset(ws->sum_p0, 0, ws->n_u * sizeof *ws->sum_p0);
    memset(ws->sum_p1, 0, ws->n_u * sizeof *ws->sum_p1);
    before_surgery(part, ws, p, b);
    for (size_t c = 0; c < part->n_class; c++) {
        chebyshev_transposed(ws->s0_cheb_bar + c * stride, ws->after.order, ws->after.cosine, ws->s0_bar + c * stride);
        chebyshev_transposed(ws->f0_cheb_bar + c * stride, ws->after.order, ws->after.cosine, ws->f0_bar + c * stride);
    }
    for (size_t k = 0; k <= ws->after.order; k++) {
        after_surgery(part, ws, p, k, b);
    }
    competence_bars(ws, b);
}

void curve_part_adjoint(const curve_part *part, curve_ws *ws, const mtc_course_point *p, const mtc_curve_values *bar,
                        const part_trace *trace, double *d_point)
{
    const rate_grid rates = curve_rate_grid(part->rules, p, trace->depth);
    for (long l = trace->rate_low; l <= trace->rate_high; l++) {
        double zeta;
        row_bar b = {0};
        const double weight = curve_rate_weight(&rates, l, &zeta);
        curve_row(part, ws, p, zeta, 1);
        curve_weights(ws);
        curve_after(part, ws, p);
        row_adjoint(part, ws, p, bar, &b);
        d_point[MTC_POINT_LOG_DELTA] += weight * b.log_d;
        d_point[MTC_POINT_SD_DOUBLING] += weight * zeta * b.log_d;
        d_point[MTC_POINT_LOG_RATIO] += weight * b.log_ratio;
        d_point[MTC_POINT_SD_RATIO] += weight * b.sd_ratio;
        d_point[MTC_POINT_LOG_RATE] += weight * b.log_rate;
        d_point[MTC_POINT_FRAILTY] += weight * b.frailty;
        d_point[MTC_POINT_ONSET] += weight * b.onset;
        d_point[MTC_POINT_WIDTH] += weight * b.width;
        d_point[MTC_POINT_EXPONENT] += weight * b.exponent;
        d_point[MTC_POINT_DELAY] += p->delay_years > 0.0 ? weight * b.delay / p->delay_years : weight * b.delay;
    }
}
