/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_shift.h"

#include "mtc_vmath.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Left out where the integrand is below e^-38 = 3e-17 of its largest value. */
static const double cut_nats = 38.0;
/* First step in widths of the integrand; for a normal one the rule's error is then 2 exp(-2 pi^2 / 1.1^2) = 2e-7. */
static const double first_step = 1.1;
/* Change at one halving; the error after it is its square or less. */
static const double settled = 1e-6;
/* Slope times width at which a place counts as the mode. */
static const double near_mode = 0.3;
/* Of the value itself, which holds no more digits, and of the places in units of the likelihood's width. */
static const double rounding = 64.0 * DBL_EPSILON;
/* A first pass this long joins modes that are millions of nats below the data's own; then one of them will do. */
static const double max_first_pass = 5000.0;
/* More nodes than any smooth likelihood can need: the prior alone is 20 wide. */
static const long max_nodes = 200000;

/* Sums over nodes, all relative to e^top. */
typedef struct {
    double top;
    double weight;
    double x_slope; /* of x d(log-likelihood)/db, the derivative by omega */
    mtc_tvdt_partials partials;
    long n;
} sums;

/* One node: log integrand and its derivative by x = b / omega. */
typedef struct {
    double log_value, slope;
} node;

static void sums_scale(sums *s, double f)
{
    s->weight *= f;
    s->x_slope *= f;
    for (int i = 0; i < MTC_TVDT_N_SITE; ++i) {
        s->partials.mean[i] *= f;
        s->partials.variance[i] *= f;
    }
    s->partials.covariance *= f;
}

static void partials_add(mtc_tvdt_partials *to, const mtc_tvdt_partials *p, double w)
{
    for (int i = 0; i < MTC_TVDT_N_SITE; ++i) {
        to->mean[i] += w * p->mean[i];
        to->variance[i] += w * p->variance[i];
    }
    to->covariance += w * p->covariance;
}

/* Evaluate at x; add to the sums where s is not NULL. */
static node visit(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double x, sums *s)
{
    const double omega = law->all[MTC_TVDT_OMEGA];
    mtc_tvdt_law shifted = *law;
    mtc_tvdt_partials p;
    memset(&p, 0, sizeof p);
    for (int i = 0; i < MTC_TVDT_N_SITE; ++i) {
        shifted.mean[i] += omega * x;
    }
    const double value = g->eval(g->data, &shifted, &p);
    const double slope = p.mean[0] + p.mean[1];
    const node out = {value - 0.5 * x * x, omega * slope - x};
    if (s == NULL) {
        return out;
    }
    ++s->n;
    if (!(value > MTC_TVDT_LOG_ZERO)) {
        return out;
    }
    if (out.log_value > s->top) {
        sums_scale(s, exp(s->top - out.log_value));
        s->top = out.log_value;
    }
    const double w = exp(out.log_value - s->top);
    if (w == 0.0) { /* its derivatives may be infinite */
        return out;
    }
    s->weight += w;
    s->x_slope += w * x * slope;
    partials_add(&s->partials, &p, w);
    return out;
}

/* Two places with the mode of a log-concave integrand between them: outwards from x[0] in doubling steps. */
static bool bracket_mode(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double width, double x[2], double slope[2])
{
    slope[0] = visit(g, law, x[0], NULL).slope;
    if (slope[0] == 0.0 || !isfinite(slope[0])) {
        return false;
    }
    /* a Newton step with the curvature as guessed, which is rather too large: half as far again mostly passes the mode
     */
    const double far = fmax(width, 1.5 * fabs(slope[0]) * width * width);
    double step = slope[0] > 0.0 ? far : -far;
    for (int i = 0; i < 1000; ++i, step *= 2.0) {
        x[1] = x[0] + step;
        slope[1] = visit(g, law, x[1], NULL).slope;
        if (!(slope[1] * step > 0.0)) {
            return true;
        }
        x[0] = x[1];
        slope[0] = slope[1];
    }
    return false;
}

/* Mode of a log-concave integrand, near enough to centre a trapezoidal rule. */
static double find_mode(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double start, double width)
{
    double x[2] = {start, start}, slope[2];
    if (!bracket_mode(g, law, width, x, slope)) {
        return start;
    }
    /* false position with the Illinois weight, every third step by halves */
    for (int i = 0; i < 200 && fabs(slope[1]) * width > near_mode; ++i) {
        double at = isfinite(slope[1]) && i % 3 != 2 ? (x[0] * slope[1] - x[1] * slope[0]) / (slope[1] - slope[0])
                                                     : 0.5 * (x[0] + x[1]);
        at = (at - x[0]) * (at - x[1]) < 0.0 ? at : 0.5 * (x[0] + x[1]);
        const double now = visit(g, law, at, NULL).slope;
        if ((now > 0.0) == (slope[1] > 0.0)) {
            slope[0] *= 0.5;
        } else {
            x[0] = x[1];
            slope[0] = slope[1];
        }
        x[1] = at;
        slope[1] = now;
    }
    return x[1];
}

/* Standard deviation of the normal law with the integrand's curvature at its mode; the prior's is 1. */
static double width_at(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double x, double guess)
{
    const double h = 0.5 * guess;
    const double fall = visit(g, law, x - h, NULL).slope - visit(g, law, x + h, NULL).slope;
    return fall > 2.0 * h && isfinite(fall) ? sqrt(2.0 * h / fall) : guess;
}

/* Nodes from x outwards until they are negligible and falling; returns the last. */
static double walk(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double x, double step, sums *s)
{
    for (;;) {
        x += step;
        const node v = visit(g, law, x, s);
        const bool falling = !(v.slope * step > 0.0);
        if ((!(v.log_value > s->top - cut_nats) && falling) || s->n > max_nodes) {
            return x;
        }
    }
}

/* First pass: all nodes of spacing `step`; lower and upper ends come out. */
static void first_pass(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double step, double *lower, double *upper,
                       sums *s)
{
    const long n = (long)ceil((*upper - *lower) / step);
    for (long i = 0; i <= n; ++i) {
        (void)visit(g, law, *lower + step * (double)i, s);
    }
    *upper = walk(g, law, *lower + step * (double)n, step, s);
    *lower = walk(g, law, *lower, -step, s);
}

/* The one of three places where the integrand is largest. */
static double highest(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double lower, double upper)
{
    const double place[] = {0.0, lower, upper};
    double best = 0.0, top = -HUGE_VAL;
    for (int i = 0; i < 3; ++i) {
        const double value = visit(g, law, place[i], NULL).log_value;
        if (value > top) {
            top = value;
            best = place[i];
        }
    }
    return best;
}

/* Where to begin: the mode, or, where there may be several, all between the outermost of them. Returns the width. */
static double start_range(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double *lower, double *upper)
{
    const double omega = law->all[MTC_TVDT_OMEGA];
    const double width = 1.0 / hypot(1.0, omega * sqrt(g->information));
    if (omega * omega * g->convexity < 1.0) {
        *lower = *upper = find_mode(g, law, 0.0, width);
        return width_at(g, law, *lower, width);
    } else {
        *lower = fmin(0.0, g->mode_lower / omega);
        *upper = fmax(0.0, g->mode_upper / omega);
        if (!(*upper - *lower < max_first_pass * width)) {
            *lower = *upper = find_mode(g, law, highest(g, law, *lower, *upper), width);
        }
        return width;
    }
}

/* Largest of the means and the shift at the upper end, in units of the likelihood's width: what rounding of a place
 * makes of its logarithm. */
static double place_size(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double upper)
{
    const double mean = fmax(fabs(law->mean[0]), fabs(law->mean[1]));
    return (mean + fabs(law->all[MTC_TVDT_OMEGA] * upper)) * sqrt(g->information);
}

/* Halve the step until the integral settles; false if it does not. */
static bool refine(const mtc_tvdt_group *g, const mtc_tvdt_law *law, double *step, double lower, double upper, sums *s)
{
    const double place = place_size(g, law, fmax(fabs(lower), fabs(upper)));
    double before = s->top + log(s->weight * *step);
    while (s->n <= max_nodes) {
        const long n = lround((upper - lower) / *step);
        for (long i = 0; i < n; ++i) {
            (void)visit(g, law, lower + *step * ((double)i + 0.5), s);
        }
        *step *= 0.5;
        const double now = s->top + log(s->weight * *step);
        if (fabs(now - before) <= settled + rounding * (fabs(now) + place)) {
            return true;
        }
        before = now;
    }
    return false;
}

mtc_status mtc_tvdt_shift_integrate(const mtc_tvdt_group *group, const mtc_tvdt_law *law, mtc_tvdt_partials *partials,
                                    double *d_omega, double *value, mtc_err *err)
{
    const double omega = law->all[MTC_TVDT_OMEGA];
    if (omega == 0.0) {
        *value = group->eval(group->data, law, partials);
        return MTC_OK;
    }
    double lower, upper;
    sums s;
    memset(&s, 0, sizeof s);
    s.top = -HUGE_VAL;
    *value = -HUGE_VAL;
    if (!(visit(group, law, 0.0, NULL).log_value > MTC_TVDT_LOG_ZERO)) {
        return MTC_OK;
    }
    double step = first_step * start_range(group, law, &lower, &upper);
    first_pass(group, law, step, &lower, &upper, &s);
    if (!(s.top > -HUGE_VAL)) {
        return MTC_OK;
    }
    if (!refine(group, law, &step, lower, upper, &s)) {
        return mtc_fail(err, MTC_EDOMAIN, "shift between studies: quadrature of %ld nodes did not settle (omega %g)",
                        s.n, omega);
    }
    *value = s.top + log(s.weight * step) - 0.5 * MTC_LN_2PI;
    partials_add(partials, &s.partials, 1.0 / s.weight);
    *d_omega += s.x_slope / s.weight;
    return MTC_OK;
}
