/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_onset.h"

#include "mtc_vmath.h"

#include <math.h>

/* Below c * u_max = 0.05 the closed form loses digits to cancellation and eight terms of the series in c give 1e-13. */
static const double series_limit = 0.05;
enum { series_terms = 8 };

/*
 * A(y; c) = int_{-inf}^u exp(-c (u - u')) Phi(y') du' = [Phi(y) - E]/c with E = phi(y) M(b - y), b = c sigma_u, M the
 * Mills ratio; E = int exp(-b (y - y')) phi(y') dy'. Derivatives: dA/du_s = -E, dA/dsigma_u = phi - b E,
 * dA/dc = (sigma_u [(y - b) E + phi] - A)/c.
 */
typedef struct {
    double a, a_c, gauss, phi, cdf;
} onset_terms;

static inline double gauss_term(double y, double b, double phi)
{
    const double x = b - y;
    const double ax = x < 0.0 ? -x : x;
    const double mills = mtc_vmills(ax);
    /* x < 0: exp(b^2/2 - b y) Phi(y - b), which does not overflow as b < y */
    const double xphi = MTC_INV_SQRT_2PI * mtc_vexp(-0.5 * x * x);
    const double plain = mtc_vexp(x < 0.0 ? b * (0.5 * b - y) : 0.0) * (1.0 - xphi * mills);
    return x < 0.0 ? plain : phi * mills;
}

static inline onset_terms closed_form(double y, double c, double width)
{
    const double b = c * width;
    const double phi = mtc_vphi(y);
    const double cdf = mtc_vccdf(-y, phi);
    const double e = gauss_term(y, b, phi);
    const double a = (cdf - e) / c;
    const double g1 = (y - b) * e + phi;
    const onset_terms t = {a, (width * g1 - a) / c, e, phi, cdf};
    return t;
}

/* Repeated integrals of Phi: i_0 = Phi, i_-1 = phi, (j+1) i_{j+1} = y i_j + i_{j-1}; A = sum_j (-c)^j sigma^(j+1)
 * i_{j+1}. */
static inline onset_terms series_form(double y, double c, double width)
{
    const double phi = mtc_vphi(y);
    const double cdf = mtc_vccdf(-y, phi);
    double before = phi;
    double now = cdf;
    double power = width; /* (-c)^j sigma^(j+1) */
    double power_c = 0.0; /* its derivative by c */
    double a = 0.0;
    double a_c = 0.0;
    for (int j = 0; j < series_terms; j++) {
        const double next = (y * now + before) / (double)(j + 1);
        a += power * next;
        a_c += power_c * next;
        before = now;
        now = next;
        power_c = -width * (power_c * c + power);
        power *= -c * width;
    }
    const onset_terms t = {a, a_c, cdf - c * a, phi, cdf};
    return t;
}

void mtc_onset_init(mtc_onset *o, double u_onset, double width, double c, double u_max)
{
    o->u_onset = u_onset;
    o->width = width;
    o->c = c;
    o->series = c * u_max < series_limit;
    const double y0 = -u_onset / width;
    const onset_terms t = o->series ? series_form(y0, c, width) : closed_form(y0, c, width);
    o->start = t.a;
    o->start_c = t.a_c;
    o->start_gauss = t.gauss;
    o->start_phi = t.phi;
    o->start_cdf = t.cdf;
}

MTC_VECTORISED static void eval_value(const mtc_onset *o, const double *restrict u, size_t n, double *restrict p)
{
    const double inv = 1.0 / o->width;
    const double width = o->width;
    const double c = o->c;
    const double start = o->start;
    const double u_onset = o->u_onset;
    if (o->series) {
        for (size_t i = 0; i < n; i++) {
            p[i] = series_form((u[i] - u_onset) * inv, c, width).a - mtc_vexp(-c * u[i]) * start;
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            p[i] = closed_form((u[i] - u_onset) * inv, c, width).a - mtc_vexp(-c * u[i]) * start;
        }
    }
}

static inline void store_all(const mtc_onset *o, double u, onset_terms t, double *p, double *d_c, double *d_onset,
                             double *d_width)
{
    const double b = o->c * o->width;
    const double decay = mtc_vexp(-o->c * u);
    *p = t.a - decay * o->start;
    *d_c = t.a_c - decay * (o->start_c - u * o->start);
    *d_onset = -t.gauss + decay * o->start_gauss;
    *d_width = (t.phi - b * t.gauss) - decay * (o->start_phi - b * o->start_gauss);
}

MTC_VECTORISED static void eval_all(const mtc_onset *o, const double *restrict u, size_t n, double *restrict p,
                                    double *restrict d_c, double *restrict d_onset, double *restrict d_width)
{
    const double inv = 1.0 / o->width;
    if (o->series) {
        for (size_t i = 0; i < n; i++) {
            const double y = (u[i] - o->u_onset) * inv;
            store_all(o, u[i], series_form(y, o->c, o->width), &p[i], &d_c[i], &d_onset[i], &d_width[i]);
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            const double y = (u[i] - o->u_onset) * inv;
            store_all(o, u[i], closed_form(y, o->c, o->width), &p[i], &d_c[i], &d_onset[i], &d_width[i]);
        }
    }
}

void mtc_onset_eval(const mtc_onset *o, const double *u, size_t n, double *p, double *d_c, double *d_onset,
                    double *d_width)
{
    if (d_c == NULL) {
        eval_value(o, u, n, p);
    } else {
        eval_all(o, u, n, p, d_c, d_onset, d_width);
    }
}
