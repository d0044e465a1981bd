/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

#include "mtc_vmath.h"

#include <math.h>

static const double step_sds = 3.0;      /* panel in log growth time */
static const double step_delays = 1.0;   /* panel in time since surgery, at surgery, divided by 1 + X/2 */
static const double step_growth = 1.0;   /* of the time since surgery: panels widen geometrically */
static const double settled_delays = 40; /* after so many delays nothing changes any more */

/* Sum of products in a fixed number of virtual lanes; n is any. */
MTC_VECTORISED double curve_dot(const double *restrict a, const double *restrict b, size_t n)
{
    double lane[LANES] = {0.0};
    const size_t whole = n / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES) {
        for (size_t v = 0; v < LANES; v++) {
            lane[v] += a[i + v] * b[i + v];
        }
    }
    double tail = 0.0;
    for (size_t i = whole; i < n; i++) {
        tail += a[i] * b[i];
    }
    return (((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]))) + tail;
}

MTC_VECTORISED static void kernel_loop(size_t n, const double *restrict x, double t_years, double d_years, double mu,
                                       double inv, double *restrict growth, double *restrict zs, double *restrict ccdf,
                                       double *restrict cdf, double *restrict dens)
{
    for (size_t k = 0; k < n; k++) {
        const double g = t_years - d_years * x[k];
        const double positive = g > 1e-290 ? g : 1e-290;
        const double z = (mtc_vlog(positive) - mu) * inv;
        const double phi = mtc_vphi(z);
        const double q = phi * mtc_vmills(z < 0.0 ? -z : z);
        growth[k] = positive;
        zs[k] = z;
        ccdf[k] = z < 0.0 ? 1.0 - q : q;
        cdf[k] = z < 0.0 ? q : 1.0 - q;
        dens[k] = phi * inv / positive;
    }
}

/* Number of nodes with growth time t - D x below a bound; x falls along the nodes. */
static size_t count_below(const curve_ws *ws, double t_years, double d_years, double growth)
{
    size_t low = 0, high = ws->n_real;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (t_years - d_years * ws->x[mid] < growth) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static void fill_trivial(curve_ws *ws, size_t from, size_t to, double ccdf)
{
    for (size_t k = from; k < to; k++) {
        ws->growth[k] = 1.0;
        ws->z[k] = 0.0;
        ws->ccdf[k] = ccdf;
        ws->cdf[k] = 1.0 - ccdf;
        ws->dens[k] = 0.0;
    }
}

/* Growth-time law at G = t - D x for all nodes x: z, P(G' > G), P(G' <= G), density per year; 0 or 1 beyond the reach.
 */
void curve_kernel(curve_ws *ws, double t_years, double d_years, double mu, double sigma)
{
    const size_t from = count_below(ws, t_years, d_years, exp(mu - ws->reach * sigma)) / LANES * LANES;
    const size_t end = count_below(ws, t_years, d_years, exp(mu + ws->reach * sigma));
    const size_t to = (end + LANES - 1) / LANES * LANES;
    fill_trivial(ws, 0, from, 1.0);
    fill_trivial(ws, to, ws->n_x, 0.0);
    kernel_loop(to - from, ws->x + from, t_years, d_years, mu, 1.0 / sigma, ws->growth + from, ws->z + from,
                ws->ccdf + from, ws->cdf + from, ws->dens + from);
}

/* Gauss panel in log growth time between two growth times: nodes, and weights without the density. */
static void add_panel(const curve_part *part, curve_ws *ws, double low, double high, double mu, double inv_sigma)
{
    const double mid = (0.5 * (low + high) - mu) * inv_sigma;
    const double half = 0.5 * (high - low) * inv_sigma;
    for (size_t i = 0; i < STEP_NODES; i++) {
        ws->step_z[ws->n_step + i] = mid + half * part->step_x[i];
        ws->step_weight[ws->n_step + i] = half * part->step_w[i];
    }
    ws->n_step += STEP_NODES;
}

/* Weights with the density, arguments of the Chebyshev tables and their slope by log tau. */
MTC_VECTORISED static void finish_steps(size_t n, double t_years, double mu, double sigma, double inv_tau,
                                        double stretch, double scale, const double *restrict z, double *restrict weight,
                                        double *restrict arg, double *restrict slope)
{
    for (size_t i = 0; i < n; i++) {
        const double since = t_years - mtc_vexp(mu + sigma * z[i]);
        const double s = (since > 0.0 ? since : 0.0) * inv_tau;
        const double left = mtc_vexp(-s);
        const double grown = stretch * (1.0 - left);
        weight[i] *= mtc_vphi(z[i]);
        arg[i] = 1.0 - scale * mtc_vlog1p(grown);
        slope[i] = scale * stretch / (1.0 + grown) * left * s;
    }
}

/*
 * Nodes for growth times G in (0, t), that is founders that start growing after surgery. Panels march from G = t
 * (surgery) down; each is short on the scale of the delay and on that of the growth-time law.
 */
void curve_steps(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double t_years, double mu)
{
    const double sigma = p->sd_ratio;
    const double tau = p->delay_years;
    const double lowest = mu - ws->reach * sigma;
    const curve_rules *const rules = part->rules;
    const double first = rules->step_panel * step_delays * tau / (1.0 + 0.5 * ws->after.stretch);
    double high = fmin(log(t_years), mu + ws->reach * sigma);
    double total = 0.0;
    double mass = 1.0;
    ws->n_step = 0;
    while (mass > rules->step_negligible * total && high > lowest &&
           ws->n_step + STEP_NODES <= MAX_STEPS * STEP_NODES) {
        const double growth = exp(high);
        const double since = t_years - growth;
        double low = high - rules->step_panel * step_sds * sigma;
        const double shorter = growth - first - rules->step_panel * step_growth * fmax(0.0, since);
        if (since < settled_delays * tau && shorter > 0.0) {
            low = fmax(low, log(shorter));
        }
        low = fmax(low, lowest);
        add_panel(part, ws, low, high, mu, 1.0 / sigma);
        mass = (high - low) * fmax(mtc_vphi((high - mu) / sigma), mtc_vphi((low - mu) / sigma));
        total += mass;
        high = low;
    }
    while (ws->n_step % LANES != 0) { /* idle nodes fill the last lanes */
        ws->step_z[ws->n_step] = 0.0;
        ws->step_weight[ws->n_step++] = 0.0;
    }
    finish_steps(ws->n_step, t_years, mu, sigma, 1.0 / tau, ws->after.stretch, 2.0 / ws->after.log_stretch, ws->step_z,
                 ws->step_weight, ws->step_arg, ws->step_slope);
}

/* Sums of weight times T_j(arg), or times T_j'(arg) = j U_{j-1}(arg), j = 0..order, in fixed lanes. */
MTC_VECTORISED static void chebyshev_sums(const double *restrict weight, const double *restrict arg, size_t n,
                                          size_t order, int derivative, double *restrict out)
{
    double lane[MAX_ORDER + 1][LANES];
    for (size_t j = 0; j <= order; j++) {
        for (size_t v = 0; v < LANES; v++) {
            lane[j][v] = 0.0;
        }
    }
    for (size_t i = 0; i < n; i += LANES) {
        double before[LANES], now[LANES], twice[LANES];
        for (size_t v = 0; v < LANES; v++) {
            twice[v] = 2.0 * arg[i + v];
            before[v] = derivative ? 0.0 : weight[i + v];
            now[v] = derivative ? weight[i + v] : weight[i + v] * arg[i + v];
            lane[0][v] += before[v];
            lane[1][v] += now[v];
        }
        for (size_t j = 2; j <= order; j++) {
            for (size_t v = 0; v < LANES; v++) {
                const double next = twice[v] * now[v] - before[v];
                before[v] = now[v];
                now[v] = next;
                lane[j][v] += next;
            }
        }
    }
    for (size_t j = 0; j <= order; j++) {
        const double *l = lane[j];
        const double sum = ((l[0] + l[4]) + (l[1] + l[5])) + ((l[2] + l[6]) + (l[3] + l[7]));
        out[j] = derivative ? (double)j * sum : sum;
    }
}

/* Integrals of the growth-time law over (0, t) against each Chebyshev polynomial; with gradient also their derivatives
 * by mu (in units of sigma), sigma (likewise) and log tau. */
void curve_moments(curve_ws *ws, int gradient)
{
    const size_t n = ws->n_step;
    const size_t order = ws->after.order;
    chebyshev_sums(ws->step_weight, ws->step_arg, n, order, 0, ws->moment);
    if (!gradient) {
        return;
    }
    double weight[MAX_STEPS * STEP_NODES + LANES];
    for (size_t i = 0; i < n; i++) {
        weight[i] = ws->step_weight[i] * ws->step_z[i];
    }
    chebyshev_sums(weight, ws->step_arg, n, order, 0, ws->moment_mu);
    for (size_t i = 0; i < n; i++) {
        weight[i] = ws->step_weight[i] * (ws->step_z[i] * ws->step_z[i] - 1.0);
    }
    chebyshev_sums(weight, ws->step_arg, n, order, 0, ws->moment_sigma);
    for (size_t i = 0; i < n; i++) {
        weight[i] = ws->step_weight[i] * ws->step_slope[i];
    }
    chebyshev_sums(weight, ws->step_arg, n, order, 1, ws->moment_delay);
}

/* Everything about growth times that time t needs, for the present growth rate. */
void curve_at_time(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double t_years, double mu,
                   int gradient)
{
    curve_kernel(ws, t_years, ws->row.d_years, mu, p->sd_ratio);
    for (size_t j = 0; j <= ws->after.order; j++) {
        ws->moment[j] = 0.0;
        ws->moment_mu[j] = 0.0;
        ws->moment_sigma[j] = 0.0;
        ws->moment_delay[j] = 0.0;
    }
    if (t_years == 0.0) {
        ws->slower = 1.0;
        ws->faster = 0.0;
        ws->z_surgery = 0.0;
        ws->dens_surgery = 0.0;
        return;
    }
    const double z = (log(t_years) - mu) / p->sd_ratio;
    const double phi = mtc_vphi(z);
    ws->slower = mtc_vccdf(z, phi);
    ws->faster = mtc_vccdf(-z, phi);
    ws->z_surgery = z;
    ws->dens_surgery = phi;
    if (ws->after.order > 0) {
        curve_steps(part, ws, p, t_years, mu);
        curve_moments(ws, gradient);
    } else {
        /* no delay: nothing starts after surgery, so only the mass of G <= t counts */
        ws->moment[0] = ws->faster;
        ws->moment_mu[0] = -phi;
        ws->moment_sigma[0] = -phi * z;
    }
}
