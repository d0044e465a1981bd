/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

#include "mtc_onset.h"
#include "mtc_vmath.h"

#include <gsl/gsl_math.h>
#include <math.h>

/* Functions of the primary's size that are common to all growth rates. */
void curve_common(curve_ws *ws, const mtc_course_point *p)
{
    mtc_onset onset;
    const double c0 = p->exponent * MTC_LN2;
    mtc_onset_init(&onset, p->u_onset, p->width_doublings, c0, ws->u[ws->n_u - 1]);
    mtc_onset_eval(&onset, ws->u, ws->n_u, ws->p0, ws->p0_c, ws->p0_onset, ws->p0_width);
    for (size_t i = 0; i < ws->n_u; i++) {
        ws->scale[i] = mtc_vexp(c0 * (ws->u[i] - mtc_reference_doublings()));
    }
}

/* Without delay the founders' density is the seeding rate itself: Phi(y) stands in the place of kappa P(c0 + kappa; u).
 */
static void competence(curve_ws *ws, const mtc_course_point *p)
{
    founder_row *row = &ws->row;
    for (size_t i = 0; i < ws->n_u; i++) {
        const double y = (ws->u[i] - p->u_onset) / p->width_doublings;
        const double phi = mtc_vphi(y);
        row->p1[i] = mtc_vccdf(-y, phi);
        row->p1_c[i] = 0.0;
        row->p1_onset[i] = -phi / p->width_doublings;
        row->p1_width[i] = -phi * y / p->width_doublings;
    }
}

/* (1 + theta N)^(-1/theta) and the same to the power 1 + theta. */
MTC_VECTORISED static void first_founder(const double *restrict n, size_t count, double theta, double *restrict s0,
                                         double *restrict e1)
{
    if (theta > 0.0) {
        const double inv = 1.0 / theta;
        for (size_t i = 0; i < count; i++) {
            const double x = theta * n[i];
            s0[i] = mtc_vexp(-mtc_vlog1p(x) * inv);
            e1[i] = s0[i] / (1.0 + x);
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            s0[i] = mtc_vexp(-n[i]);
            e1[i] = s0[i];
        }
    }
}

MTC_VECTORISED static void row_values(curve_ws *ws, double rate_n, double rate_nu, int delayed)
{
    founder_row *row = &ws->row;
    double *restrict n = row->n;
    double *restrict nu = row->nu;
    const double *restrict p0 = ws->p0;
    const double *restrict p1 = row->p1;
    const double *restrict scale = ws->scale;
    const double with = delayed ? 1.0 : 0.0;
    for (size_t i = 0; i < ws->n_u; i++) {
        const double left = p0[i] - with * p1[i];
        n[i] = rate_n * scale[i] * (left > 0.0 ? left : 0.0);
        nu[i] = rate_nu * scale[i] * p1[i];
    }
}

void curve_row(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double zeta, int gradient)
{
    founder_row *row = &ws->row;
    const int delayed = p->delay_years > 0.0;
    ws->reach = sqrt(fmax(4.0, 2.0 * (part->rules->reach_nats + ws->depth) - zeta * zeta));
    row->log_d = p->log_delta_years + p->sd_doubling * zeta;
    row->d_years = exp(row->log_d);
    row->kappa = delayed ? row->d_years / p->delay_years : 1.0;
    row->rate_d = exp(p->log_rate + row->log_d);
    if (delayed) {
        mtc_onset onset;
        mtc_onset_init(&onset, p->u_onset, p->width_doublings, p->exponent * MTC_LN2 + row->kappa, ws->u[ws->n_u - 1]);
        mtc_onset_eval(&onset, ws->u, ws->n_u, row->p1, gradient ? row->p1_c : NULL, row->p1_onset, row->p1_width);
    } else {
        competence(ws, p);
    }
    row_values(ws, row->rate_d, row->rate_d * row->kappa, delayed);
    first_founder(row->n, ws->n_u, p->frailty, row->s0, row->e1);
    for (size_t i = 0; i < ws->n_u; i++) {
        row->f0[i] = row->nu[i] * row->e1[i];
    }
}

MTC_VECTORISED static void add_scaled(double *restrict out, const double *restrict in, double factor, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        out[k] += factor * in[k];
    }
}

/* Class averages of the density of the first founder, times the weights of the rule in x. */
void curve_weights(curve_ws *ws)
{
    for (size_t c = 0; c < ws->n_class; c++) {
        double *out = ws->weight + c * ws->n_x;
        const double *average = ws->average + c * ws->n_u * ws->n_x;
        for (size_t k = 0; k < ws->n_x; k++) {
            out[k] = 0.0;
        }
        for (size_t i = 0; i < ws->n_u; i++) {
            if (ws->row.f0[i] > 0.0) {
                add_scaled(out, average + i * ws->n_x, ws->row.f0[i], ws->n_x);
            }
        }
        for (size_t k = 0; k < ws->n_x; k++) {
            out[k] *= ws->x_weight[k];
        }
    }
}

/* N, S0 and (1 + theta N)^(-1/theta - 1) on the size grid when exp(-s/tau) = left has passed since surgery. */
void curve_later(curve_ws *ws, const mtc_course_point *p, double left)
{
    const double with = p->delay_years > 0.0 ? left : 0.0;
    for (size_t i = 0; i < ws->n_u; i++) {
        const double grown = ws->p0[i] - with * ws->row.p1[i];
        ws->later_n[i] = ws->row.rate_d * ws->scale[i] * (grown > 0.0 ? grown : 0.0);
    }
    first_founder(ws->later_n, ws->n_u, p->frailty, ws->later_s0, ws->later_e1);
}

const size_t curve_orders[N_ORDER] = {6, 10, 14, 18, 24, 32, 44, MAX_ORDER};

/* least: index of the order that does where nothing is stretched. */
static size_t order_index(double log_stretch, size_t least)
{
    static const double bound[] = {1.0, 2.0, 4.0, 6.0, 9.0};
    size_t i = 0;
    while (i < sizeof bound / sizeof *bound && log_stretch > bound[i]) {
        i++;
    }
    return least + i;
}

/* Nodes in time since surgery: Chebyshev in log(1 + X (1 - exp(-s/tau))), which follows the powers of 1 + theta N. */
static void set_nodes(const curve_part *part, curve_ws *ws, const mtc_course_point *p)
{
    after_table *a = &ws->after;
    double largest = 0.0;
    for (size_t i = 0; i < ws->n_u; i++) {
        largest = fmax(largest, ws->scale[i] * ws->row.p1[i]);
    }
    a->stretch = fmax(0.05, (p->frailty + 0.2) * ws->row.rate_d * largest);
    a->log_stretch = log1p(a->stretch);
    const size_t index = order_index(a->log_stretch, part->rules->order);
    a->order = curve_orders[index];
    a->cosine = part->cosine[index];
    for (size_t k = 0; k <= a->order; k++) {
        const double r = 0.5 * (1.0 - a->cosine[k]);
        a->left[k] = fmax(0.0, 1.0 - expm1(r * a->log_stretch) / a->stretch);
    }
    a->left[a->order] = 0.0;
}

/* Coefficients of the Chebyshev sum through values at cos(pi k / order); every coefficient is a plain factor. */
static void chebyshev(const double *value, size_t order, const double *cosine, double *coefficient)
{
    const double inv = 1.0 / (double)order;
    for (size_t j = 0; j <= order; j++) {
        double sum = 0.5 * (value[0] + (j % 2 == 0 ? value[order] : -value[order]));
        size_t at = 0; /* j k modulo 2 order */
        for (size_t k = 1; k < order; k++) {
            at += j;
            at -= at >= 2 * order ? 2 * order : 0;
            sum += value[k] * cosine[at];
        }
        coefficient[j] = (j == 0 || j == order ? 1.0 : 2.0) * inv * sum;
    }
}

void curve_after(const curve_part *part, curve_ws *ws, const mtc_course_point *p)
{
    after_table *a = &ws->after;
    const int delayed = p->delay_years > 0.0;
    if (delayed) {
        set_nodes(part, ws, p);
    } else {
        a->order = 0;
        a->left[0] = 0.0;
    }
    const size_t stride = MAX_ORDER + 1;
    for (size_t k = 0; k <= a->order; k++) {
        curve_later(ws, p, a->left[k]);
        for (size_t c = 0; c < ws->n_class; c++) {
            const double *at = ws->at_surgery + c * ws->n_u;
            a->s0[c * stride + k] = ws->below[c] + curve_dot(at, ws->later_s0, ws->n_u);
        }
        const double rate = delayed ? ws->row.rate_d * a->left[k] / p->delay_years : 0.0;
        for (size_t i = 0; i < ws->n_u; i++) {
            ws->later_e1[i] *= rate * ws->scale[i] * ws->row.p1[i];
        }
        for (size_t c = 0; c < ws->n_class; c++) {
            a->f0[c * stride + k] = curve_dot(ws->at_surgery + c * ws->n_u, ws->later_e1, ws->n_u);
        }
    }
    for (size_t c = 0; c < ws->n_class; c++) {
        if (delayed) {
            chebyshev(a->s0 + c * stride, a->order, a->cosine, a->s0_cheb + c * stride);
            chebyshev(a->f0 + c * stride, a->order, a->cosine, a->f0_cheb + c * stride);
        } else {
            a->s0_cheb[c * stride] = a->s0[c * stride];
            a->f0_cheb[c * stride] = 0.0;
        }
    }
}
