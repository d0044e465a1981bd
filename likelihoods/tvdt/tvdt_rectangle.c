/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_special.h"
#include "tvdt_normal.h"
#include "tvdt_tumour.h"

#include <math.h>
#include <stdlib.h>

/* Everything further below the largest integrand than this is left out: e^-45 = 3e-20. */
static const double cut_nats = 45.0;

/* Below this logarithm rounding takes too many digits from integrand and derivatives. */
static const double hopeless = -1e8;

/* Equal panels over the part that counts; the integrand falls by some ten nats at most in one of them. */
#define N_EQUAL 12
/* Panels that halve towards each edge of the step (metastasis bound), from the whole range down to its width. */
#define N_GRADE 40
#define N_BREAK (N_EQUAL + 1 + 4 * N_GRADE + 2)

/* Integrand phi(x) P(a < rho x + q Z < b), log-concave in x (Prekopa 1973). */
typedef struct {
    double a, b, rho, q;
} slice;

/* Its logarithm and the derivative by x. */
static double slice_log(const slice *s, double x, double *d_x)
{
    double g_a, g_b;
    const double value = mtc_tvdt_log_between((s->a - s->rho * x) / s->q, (s->b - s->rho * x) / s->q, &g_a, &g_b);
    *d_x = -x - (g_a + g_b) * s->rho / s->q;
    return mtc_log_normal_pdf(x) + value;
}

/* Largest |finite limit|. */
static double largest_limit(const double a[2], const double b[2])
{
    double most = 0.0;
    for (int i = 0; i < 2; ++i) {
        most = isfinite(a[i]) ? fmax(most, fabs(a[i])) : most;
        most = isfinite(b[i]) ? fmax(most, fabs(b[i])) : most;
    }
    return most;
}

/* Where the integrand is largest in (lo, hi): its log-derivative falls, so bisection finds the place. */
static double slice_mode(const slice *s, double lo, double hi)
{
    for (int i = 0; i < 60; ++i) {
        const double x = 0.5 * (lo + hi);
        double d;
        (void)slice_log(s, x, &d);
        if (d > 0.0) {
            lo = x;
        } else {
            hi = x;
        }
    }
    return 0.5 * (lo + hi);
}

/* From the mode towards `end` by growing steps until the integrand is negligible. */
static double slice_edge(const slice *s, double mode, double top, double end)
{
    const double direction = end > mode ? 1.0 : -1.0;
    double step = 0.25 * fmin(1.0, s->q);
    double x = mode;
    for (int i = 0; i < 200; ++i) {
        const double next = x + direction * step;
        if (direction * (end - next) <= 0.0) {
            return end;
        }
        double d;
        const double value = slice_log(s, next, &d);
        x = next;
        if (!(value > top - cut_nats)) {
            return x;
        }
        step *= 1.3;
    }
    return x;
}

static int by_value(const void *p, const void *q)
{
    const double x = *(const double *)p, y = *(const double *)q;
    return (x > y) - (x < y);
}

static void add_break(double *at, size_t *n, double lo, double hi, double x)
{
    if (x > lo && x < hi && *n < N_BREAK) {
        at[(*n)++] = x;
    }
}

/* Panel ends: equal ones, and ones that narrow geometrically towards both bounds of the metastasis, where the
 * conditional probability is a step of width q / rho. */
static size_t panels(const slice *s, double lo, double hi, double *at)
{
    size_t n = 0;
    at[n++] = lo;
    at[n++] = hi;
    for (int i = 1; i < N_EQUAL; ++i) {
        at[n++] = lo + (hi - lo) * i / N_EQUAL;
    }
    const double width = s->q / s->rho;
    const double edge[2] = {s->a / s->rho, s->b / s->rho};
    for (int e = 0; e < 2; ++e) {
        double d = width;
        for (int i = 0; i < N_GRADE && isfinite(edge[e]) && isfinite(d); ++i, d *= 2.0) {
            add_break(at, &n, lo, hi, edge[e] - d);
            add_break(at, &n, lo, hi, edge[e] + d);
        }
    }
    qsort(at, n, sizeof *at, by_value);
    return n;
}

/* log of the integral of the slice over (lo, hi), top being its largest logarithm. */
static double slice_integral(const slice *s, double lo, double hi, double top)
{
    double at[N_BREAK];
    const size_t n = panels(s, lo, hi, at);
    double sum = 0.0;
    for (size_t i = 0; i + 1 < n; ++i) {
        const double m = 0.5 * (at[i] + at[i + 1]), r = 0.5 * (at[i + 1] - at[i]);
        double part = 0.0;
        for (size_t k = 0; k < MTC_TVDT_GL_HALF; ++k) {
            double d;
            const double t = r * mtc_tvdt_gl_node[k];
            part += mtc_tvdt_gl_weight[k] * (exp(slice_log(s, m - t, &d) - top) + exp(slice_log(s, m + t, &d) - top));
        }
        sum += r * part;
    }
    return top + log(sum);
}

/* Derivative of log P by the limit x of variable i, without its sign. */
static double limit_density(const double a[2], const double b[2], int i, double x, double rho, double q, double value)
{
    if (isinf(x)) {
        return 0.0;
    }
    double g_a, g_b;
    const int o = 1 - i;
    return exp(mtc_log_normal_pdf(x) + mtc_tvdt_log_between((a[o] - rho * x) / q, (b[o] - rho * x) / q, &g_a, &g_b) -
               value);
}

/* Bivariate density at a corner over P: dP/drho is their alternating sum (Plackett 1954). */
static double corner(double x, double y, double rho, double q, double value)
{
    if (isinf(x) || isinf(y)) {
        return 0.0;
    }
    return exp(mtc_log_normal_pdf(x) + mtc_log_normal_pdf((y - rho * x) / q) - log(q) - value);
}

double mtc_tvdt_rectangle(const double a[2], const double b[2], double rho, double q, double d_a[2], double d_b[2],
                          double *d_rho)
{
    const slice s = {a[1], b[1], rho, q};
    const double far = largest_limit(a, b) + 10.0;
    const double lo = fmax(a[0], -far), hi = fmin(b[0], far);
    const double mode = slice_mode(&s, lo, hi);
    double d;
    const double top = slice_log(&s, mode, &d);
    *d_rho = d_a[0] = d_a[1] = d_b[0] = d_b[1] = 0.0;
    if (!(top > hopeless)) {
        return -HUGE_VAL;
    }
    const double value = slice_integral(&s, slice_edge(&s, mode, top, lo), slice_edge(&s, mode, top, hi), top);
    for (int i = 0; i < 2; ++i) {
        d_a[i] = -limit_density(a, b, i, a[i], rho, q, value);
        d_b[i] = limit_density(a, b, i, b[i], rho, q, value);
    }
    *d_rho = corner(b[0], b[1], rho, q, value) - corner(a[0], b[1], rho, q, value) - corner(b[0], a[1], rho, q, value) +
             corner(a[0], a[1], rho, q, value);
    return value;
}
