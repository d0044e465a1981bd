/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Warm-up of NUTS: dual averaging of the step size (Hoffman & Gelman 2014, section 3.2) all along, and a dense metric
 * from windows of draws that double in length, on the schedule of Stan's reference manual (15 % or 75 steps before,
 * 10 % or 50 after, first window 25).
 */
#include "nuts_internal.h"

#include "mtc_arena.h"

#include <math.h>
#include <string.h>

typedef struct {
    const mtc_nuts *nuts;
    size_t n, n_warmup, n_seen;
    /* windows: the metric learns in [slow_begin, slow_end), this window ends before window_end */
    size_t slow_begin, slow_end, window_size, window_end;
    /* moments of the draws in the window (Welford 1962) */
    size_t n_window;
    double *mean;   /* n */
    double *square; /* n x n: sums of products about the mean */
    /* dual averaging */
    double mu, s_bar, x_bar, count;
} adaptation;

/* ---- schedule ---- */

/* The last window takes in what is left where the next one would not fit. */
static void place_window(adaptation *a, size_t begin)
{
    a->window_end = begin + a->window_size;
    if (a->window_end + 2 * a->window_size > a->slow_end) {
        a->window_end = a->slow_end;
    }
}

static void plan_windows(adaptation *a)
{
    const size_t n_before = 75, n_after = 50, first = 25, too_short = 20;
    size_t before = n_before, after = n_after;
    if (a->n_warmup < n_before + n_after + first) {
        before = (15 * a->n_warmup) / 100;
        after = (10 * a->n_warmup) / 100;
    }
    a->slow_begin = before;
    a->slow_end = a->n_warmup < too_short ? before : a->n_warmup - after;
    a->window_size = first;
    place_window(a, before);
}

/* ---- step size ---- */

static void restart_step_size(adaptation *a, double step_size)
{
    a->mu = log(10.0 * step_size);
    a->s_bar = 0.0;
    a->x_bar = 0.0;
    a->count = 0.0;
}

static double learn_step_size(adaptation *a, double accept_stat)
{
    const double gamma = 0.05, t0 = 10.0, kappa = 0.75; /* as Hoffman & Gelman 2014 */
    a->count += 1.0;
    const double eta = 1.0 / (a->count + t0);
    a->s_bar = (1.0 - eta) * a->s_bar + eta * (a->nuts->target_acceptance - accept_stat);
    const double x = a->mu - a->s_bar * sqrt(a->count) / gamma;
    const double weight = pow(a->count, -kappa);
    a->x_bar = weight * x + (1.0 - weight) * a->x_bar;
    return exp(x);
}

/* Change of energy over one leapfrog step with a fresh momentum. */
static mtc_status try_step(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, gsl_rng *rng, const mtc_state *from,
                           double step, double *log_accept, mtc_err *err)
{
    bool inside = true;
    nuts_enter(nuts, w, from, &w->now.at);
    nuts_draw_momentum(w, rng, w->now.p);
    const double before = nuts_energy(w, &w->now);
    const mtc_status st = nuts_leapfrog(nuts, w, e, &w->now, step, &inside, err);
    *log_accept = inside && st == MTC_OK ? before - nuts_energy(w, &w->now) : -(double)INFINITY;
    return st;
}

/* Double or halve the step size until one step crosses 80 % acceptance (Hoffman & Gelman 2014, algorithm 4). */
static mtc_status find_step_size(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, gsl_rng *rng,
                                 const mtc_state *from, double *step_size, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const double border = log(0.8), smallest = 1e-10, largest = 1e7;
    double step = isfinite(*step_size) && *step_size > 0.0 ? *step_size : 1.0, log_accept = 0.0;
    MTC_TRY(try_step(nuts, w, e, rng, from, step, &log_accept, err));
    const bool grow = log_accept > border;
    while ((log_accept > border) == grow) {
        step = grow ? 2.0 * step : 0.5 * step;
        if (!(step >= smallest && step <= largest)) {
            st = mtc_fail(err, MTC_ENUMERIC,
                          "%s: no step size of NUTS works (%g was tried); the density is too rough or improper",
                          e->target->name, step);
            goto out;
        }
        MTC_TRY(try_step(nuts, w, e, rng, from, step, &log_accept, err));
    }
    *step_size = step;
out:
    return st;
}

/* ---- metric ---- */

static void add_draw(adaptation *a, const double *x)
{
    const size_t n = a->n;
    a->n_window++;
    const double share = 1.0 / (double)a->n_window;
    for (size_t i = 0; i < n; i++) {
        const double away = x[i] - a->mean[i];
        for (size_t j = 0; j <= i; j++) {
            /* means of coordinates before i are new already, of i and later still old */
            const double other = j == i ? away * (1.0 - share) : x[j] - a->mean[j];
            a->square[i * n + j] += away * other;
        }
        a->mean[i] += away * share;
    }
}

/* Inverse metric := covariance of the window, shrunk towards the metric it was sampled with: a few draws cannot give a
 * matrix of their own, and the first metric comes from the Hessian. */
static void learn_metric(adaptation *a, double *inverse_metric)
{
    const size_t n = a->n;
    const double pseudo = 5.0 + (double)n;
    const double n_draw = (double)a->n_window;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            const double cov = a->square[i * n + j] / (n_draw - 1.0);
            const double value = (n_draw * cov + pseudo * inverse_metric[i * n + j]) / (n_draw + pseudo);
            inverse_metric[i * n + j] = value;
            inverse_metric[j * n + i] = value;
        }
    }
    a->n_window = 0;
    memset(a->mean, 0, n * sizeof *a->mean);
    memset(a->square, 0, n * n * sizeof *a->square);
}

/* ---- operations ---- */

static void adapt_destroy(void *adaptation_)
{
    adaptation *a = adaptation_;
    if (a) {
        mtc_free(a->mean);
        mtc_free(a->square);
        mtc_free(a);
    }
}

static mtc_status adapt_create(const void *self, size_t n_dim, size_t n_warmup, void *ws, mtc_evaluator *e,
                               gsl_rng *rng, const mtc_state *start, double *tuning, void **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    *out = NULL;
    adaptation *a = mtc_calloc(1, sizeof *a);
    if (a) {
        a->mean = mtc_calloc(n_dim, sizeof *a->mean);
        a->square = mtc_calloc(n_dim * n_dim, sizeof *a->square);
    }
    if (!a || !a->mean || !a->square) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the warm-up of NUTS");
        goto out;
    }
    a->nuts = self;
    a->n = n_dim;
    a->n_warmup = n_warmup;
    plan_windows(a);
    MTC_TRY(find_step_size(self, ws, e, rng, start, &tuning[0], err));
    restart_step_size(a, tuning[0]);
    *out = a;
    a = NULL;
out:
    adapt_destroy(a);
    return st;
}

static mtc_status adapt_update(void *adaptation_, void *ws, mtc_evaluator *e, gsl_rng *rng, const mtc_state *state,
                               const mtc_step_info *info, double *tuning, bool *changed, mtc_err *err)
{
    mtc_status st = MTC_OK;
    adaptation *a = adaptation_;
    nuts_ws *w = ws;
    tuning[0] = learn_step_size(a, info->accept_stat);
    *changed = true;
    const size_t now = a->n_seen++;
    if (now < a->slow_begin || now >= a->slow_end) {
        goto out;
    }
    nuts_enter(a->nuts, w, state, &w->now.at);
    add_draw(a, w->now.at.x);
    if (a->n_seen == a->window_end) {
        if (a->n_window > 1) {
            learn_metric(a, tuning + 1);
        }
        a->window_size *= 2;
        place_window(a, a->n_seen);
        /* the new metric needs a step size of its own */
        MTC_TRY(mtc_kernel_nuts.tune(a->nuts, tuning, ws, err));
        MTC_TRY(find_step_size(a->nuts, ws, e, rng, state, &tuning[0], err));
        restart_step_size(a, tuning[0]);
    }
out:
    return st;
}

static void adapt_finish(void *adaptation_, double *tuning)
{
    const adaptation *a = adaptation_;
    if (a->count > 0.0) {
        tuning[0] = exp(a->x_bar);
    }
}

const mtc_adaptation_ops nuts_adaptation = {
    .create = adapt_create, .destroy = adapt_destroy, .update = adapt_update, .finish = adapt_finish};
