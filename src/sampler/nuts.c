/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The No-U-Turn sampler with multinomial sampling from the trajectory (Betancourt 2017, arXiv:1701.02434, appendix A)
 * and the generalised criterion on p' M^-1 (sum of p), checked for each subtree and across its two halves, as in Stan
 * (Betancourt 2013, arXiv:1304.1920; stan-dev/stan pull request 2800 for the checks across).
 */
#include "nuts_internal.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_logmath.h"
#include "mtc_rng.h"

#include <math.h>
#include <string.h>

/* ---- scratch ---- */

static size_t nuts_n_tuning(const void *self, size_t n_dim)
{
    (void)self;
    return 1 + n_dim * n_dim;
}

/* The next n numbers of a block. */
static double *take(double **block, size_t n)
{
    double *part = *block;
    *block += n;
    return part;
}

static void place_tree(nuts_tree *t, double **block, size_t n)
{
    t->p_first = take(block, n);
    t->v_first = take(block, n);
    t->p_last = take(block, n);
    t->v_last = take(block, n);
    t->p_sum = take(block, n);
    t->sample.x = take(block, n);
    t->sample.grad = take(block, n);
}

static void place_point(nuts_point *z, double **block, size_t n)
{
    z->at.x = take(block, n);
    z->at.grad = take(block, n);
    z->p = take(block, n);
}

static void nuts_ws_destroy(void *ws)
{
    nuts_ws *w = ws;
    if (w) {
        mtc_free(w->block);
        mtc_free(w);
    }
}

static mtc_status nuts_ws_create(const void *self, size_t n_dim, void **ws, mtc_err *err)
{
    const size_t n_tree = 1 + (NUTS_MAX_DEPTH + 1), n_point = 3;
    (void)self;
    *ws = NULL;
    nuts_ws *w = mtc_calloc(1, sizeof *w);
    double *block = w ? mtc_calloc((7 * n_tree + 3 * n_point + 5 + 2 * n_dim) * n_dim, sizeof *block) : NULL;
    if (!block) {
        mtc_free(w);
        return mtc_fail(err, MTC_ENOMEM, "no memory for a NUTS chain of %zu dimensions", n_dim);
    }
    w->n = n_dim;
    w->block = block;
    place_tree(&w->whole, &block, n_dim);
    for (size_t k = 0; k <= NUTS_MAX_DEPTH; k++) {
        place_tree(&w->half[k], &block, n_dim);
    }
    place_point(&w->now, &block, n_dim);
    place_point(&w->ends[0], &block, n_dim);
    place_point(&w->ends[1], &block, n_dim);
    w->sum = take(&block, n_dim);
    w->natural.x = take(&block, n_dim);
    w->natural.grad = take(&block, n_dim);
    w->turn = take(&block, 2 * n_dim);
    w->inverse_metric = take(&block, n_dim * n_dim);
    w->factor = take(&block, n_dim * n_dim);
    *ws = w;
    return MTC_OK;
}

static mtc_status nuts_tune(const void *self, const double *tuning, void *ws, mtc_err *err)
{
    nuts_ws *w = ws;
    (void)self;
    w->step_size = tuning[0];
    memcpy(w->inverse_metric, tuning + 1, w->n * w->n * sizeof *tuning);
    memcpy(w->factor, tuning + 1, w->n * w->n * sizeof *tuning);
    const mtc_status st = mtc_cholesky(w->factor, w->n, err);
    if (st != MTC_OK) {
        mtc_err_prefix(err, "metric of NUTS");
    }
    return st;
}

/* ---- coordinates ---- */

void nuts_enter(const mtc_nuts *nuts, nuts_ws *w, const mtc_state *from, mtc_state *to)
{
    mtc_state_copy(to, from, w->n);
    if (nuts->bend) {
        (void)mtc_bend_straighten(nuts->bend, from->x, to->x, w->turn);
        to->log_prior += mtc_bend_pull(nuts->bend, to->x, from->grad, to->grad, w->turn);
    }
}

static mtc_status evaluate(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, mtc_state *at, bool *inside,
                           mtc_err *err)
{
    if (!nuts->bend) {
        return mtc_state_eval(at, e, inside, err);
    }
    mtc_bend_apply(nuts->bend, at->x, w->natural.x, w->turn);
    for (size_t i = 0; i < w->n; i++) {
        if (!isfinite(w->natural.x[i])) {
            *inside = false;
            return MTC_OK;
        }
    }
    const mtc_status st = mtc_state_eval(&w->natural, e, inside, err);
    if (st == MTC_OK && *inside) {
        at->log_likelihood = w->natural.log_likelihood;
        at->log_prior = w->natural.log_prior + mtc_bend_pull(nuts->bend, at->x, w->natural.grad, at->grad, w->turn);
    }
    return st;
}

/* Back to the coordinates of the chain; costs an evaluation where there is a bend. */
static mtc_status leave(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, const mtc_state *from, mtc_state *to,
                        mtc_err *err)
{
    bool inside = true;
    mtc_state_copy(to, from, w->n);
    if (!nuts->bend) {
        return MTC_OK;
    }
    mtc_bend_apply(nuts->bend, from->x, to->x, w->turn);
    const mtc_status st = mtc_state_eval(to, e, &inside, err);
    return st == MTC_OK && !inside ? mtc_fail(err, MTC_EBUG, "a draw of NUTS is outside the support") : st;
}

/* ---- dynamics ---- */

void nuts_draw_momentum(nuts_ws *w, gsl_rng *rng, double *p)
{
    for (size_t i = 0; i < w->n; i++) {
        p[i] = mtc_rng_normal(rng);
    }
    mtc_lower_solve_t(w->factor, w->n, p);
}

void nuts_velocity(const nuts_ws *w, const double *p, double *v)
{
    mtc_mat_vec(w->inverse_metric, w->n, w->n, p, v);
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

double nuts_energy(nuts_ws *w, const nuts_point *z)
{
    nuts_velocity(w, z->p, w->sum);
    return 0.5 * dot(z->p, w->sum, w->n) - z->at.log_prior - z->at.log_likelihood;
}

mtc_status nuts_leapfrog(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, nuts_point *z, double step, bool *inside,
                         mtc_err *err)
{
    for (size_t i = 0; i < w->n; i++) {
        z->p[i] += 0.5 * step * z->at.grad[i];
    }
    nuts_velocity(w, z->p, w->sum);
    for (size_t i = 0; i < w->n; i++) {
        z->at.x[i] += step * w->sum[i];
        /* so far out that the target need not be asked */
        if (!isfinite(z->at.x[i])) {
            *inside = false;
            return MTC_OK;
        }
    }
    const mtc_status st = evaluate(nuts, w, e, &z->at, inside, err);
    for (size_t i = 0; st == MTC_OK && *inside && i < w->n; i++) {
        z->p[i] += 0.5 * step * z->at.grad[i];
    }
    return st;
}

/* ---- trees ---- */

/* Both ends still move apart along the momentum summed between them. */
static bool moves_on(const double *v_first, const double *v_last, const double *p_sum, size_t n)
{
    return dot(v_first, p_sum, n) > 0.0 && dot(v_last, p_sum, n) > 0.0;
}

/* No U-turn over a followed by b, nor from either across to the nearest point of the other. */
static bool join_moves_on(nuts_ws *w, const nuts_tree *a, const nuts_tree *b)
{
    const size_t n = w->n;
    for (size_t i = 0; i < n; i++) {
        w->sum[i] = a->p_sum[i] + b->p_sum[i];
    }
    if (!moves_on(a->v_first, b->v_last, w->sum, n)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        w->sum[i] = a->p_sum[i] + b->p_first[i];
    }
    if (!moves_on(a->v_first, b->v_first, w->sum, n)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        w->sum[i] = a->p_last[i] + b->p_sum[i];
    }
    return moves_on(a->v_last, b->v_last, w->sum, n);
}

/* a := a followed by b; the sample becomes b's with the given probability's logarithm. */
static void join(nuts_ws *w, nuts_tree *a, const nuts_tree *b, double log_take, gsl_rng *rng)
{
    const size_t size = w->n * sizeof *a->p_last;
    memcpy(a->p_last, b->p_last, size);
    memcpy(a->v_last, b->v_last, size);
    for (size_t i = 0; i < w->n; i++) {
        a->p_sum[i] += b->p_sum[i];
    }
    a->log_weight = mtc_log_add(a->log_weight, b->log_weight);
    if (log_take >= 0.0 || mtc_rng_uniform(rng) < exp(log_take)) {
        mtc_state_copy(&a->sample, &b->sample, w->n);
        a->sample_energy = b->sample_energy;
    }
}

/* A tree of one point. */
static void plant(nuts_ws *w, nuts_tree *t, const nuts_point *z, double energy)
{
    const size_t size = w->n * sizeof *z->p;
    nuts_velocity(w, z->p, t->v_first);
    memcpy(t->v_last, t->v_first, size);
    memcpy(t->p_first, z->p, size);
    memcpy(t->p_last, z->p, size);
    memcpy(t->p_sum, z->p, size);
    t->log_weight = w->start_energy - energy;
    t->sample_energy = energy;
    mtc_state_copy(&t->sample, &z->at, w->n);
}

/* One more leapfrog step as a tree; *valid false: divergence. */
static mtc_status grow_leaf(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, double step, nuts_tree *t, bool *valid,
                            mtc_err *err)
{
    bool inside = true;
    const mtc_status st = nuts_leapfrog(nuts, w, e, &w->now, step, &inside, err);
    if (st != MTC_OK) {
        return st;
    }
    w->n_leapfrog++;
    const double energy = inside ? nuts_energy(w, &w->now) : (double)INFINITY;
    const double error = energy - w->start_energy;
    if (!(error <= nuts->max_energy_error)) {
        w->divergent = true;
        *valid = false;
        return MTC_OK;
    }
    w->accept_sum += error > 0.0 ? exp(-error) : 1.0;
    plant(w, t, &w->now, energy);
    *valid = true;
    return MTC_OK;
}

/* A tree of 2^depth points from w->now onwards; *valid false: it diverges or turns within. */
static mtc_status grow(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, gsl_rng *rng, size_t depth, double step,
                       nuts_tree *t, bool *valid, mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (depth == 0) {
        return grow_leaf(nuts, w, e, step, t, valid, err);
    }
    MTC_TRY(grow(nuts, w, e, rng, depth - 1, step, t, valid, err));
    if (!*valid) {
        goto out;
    }
    nuts_tree *second = &w->half[depth - 1];
    MTC_TRY(grow(nuts, w, e, rng, depth - 1, step, second, valid, err));
    if (!*valid) {
        goto out;
    }
    *valid = join_moves_on(w, t, second);
    join(w, t, second, second->log_weight - mtc_log_add(t->log_weight, second->log_weight), rng);
out:
    return st;
}

/* Turn the trajectory round, so that its last point is the end in the other direction of time. */
static void flip(nuts_tree *t)
{
    double *p = t->p_first, *v = t->v_first;
    t->p_first = t->p_last;
    t->v_first = t->v_last;
    t->p_last = p;
    t->v_last = v;
}

static void point_copy(nuts_point *to, const nuts_point *from, size_t n)
{
    mtc_state_copy(&to->at, &from->at, n);
    memcpy(to->p, from->p, n * sizeof *to->p);
}

/* Double the trajectory until it turns, diverges or is deep enough. w->now: start with its momentum. */
static mtc_status run_trajectory(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, gsl_rng *rng, size_t *depth,
                                 mtc_err *err)
{
    mtc_status st = MTC_OK;
    nuts_tree *fresh = &w->half[NUTS_MAX_DEPTH];
    int towards = 1; /* the end that w->whole has last: 1 forwards in time, 0 backwards */
    plant(w, &w->whole, &w->now, w->start_energy);
    point_copy(&w->ends[0], &w->now, w->n);
    point_copy(&w->ends[1], &w->now, w->n);
    for (*depth = 0; *depth < nuts->max_tree_depth; ++*depth) {
        const int side = mtc_rng_uniform(rng) > 0.5;
        bool valid = true;
        if (side != towards) {
            flip(&w->whole);
            towards = side;
        }
        point_copy(&w->now, &w->ends[side], w->n);
        MTC_TRY(grow(nuts, w, e, rng, *depth, side ? w->step_size : -w->step_size, fresh, &valid, err));
        point_copy(&w->ends[side], &w->now, w->n);
        if (!valid) {
            break;
        }
        const bool on = join_moves_on(w, &w->whole, fresh);
        join(w, &w->whole, fresh, fresh->log_weight - w->whole.log_weight, rng);
        if (!on) {
            ++*depth;
            break;
        }
    }
out:
    return st;
}

static mtc_status nuts_step(const void *self, void *ws, mtc_evaluator *e, gsl_rng *rng, const mtc_state *from,
                            mtc_state *to, mtc_step_info *info, mtc_err *err)
{
    const mtc_nuts *nuts = self;
    nuts_ws *w = ws;
    if (nuts->max_tree_depth > NUTS_MAX_DEPTH) {
        return mtc_fail(err, MTC_EDOMAIN, "tree depth of NUTS is %zu, at most %d is possible", nuts->max_tree_depth,
                        NUTS_MAX_DEPTH);
    }
    nuts_enter(nuts, w, from, &w->now.at);
    nuts_draw_momentum(w, rng, w->now.p);
    w->start_energy = nuts_energy(w, &w->now);
    w->accept_sum = 0.0;
    w->n_leapfrog = 0;
    w->divergent = false;
    mtc_status st = run_trajectory(nuts, w, e, rng, &info->tree_depth, err);
    if (st == MTC_OK) {
        st = leave(nuts, w, e, &w->whole.sample, to, err);
    }
    info->accept_stat = w->n_leapfrog > 0 ? w->accept_sum / (double)w->n_leapfrog : 0.0;
    info->step_size = w->step_size;
    info->energy = w->whole.sample_energy;
    info->n_step = w->n_leapfrog;
    info->divergent = w->divergent;
    return st;
}

const mtc_kernel_ops mtc_kernel_nuts = {.abi = MTC_KERNEL_ABI,
                                        .name = "nuts",
                                        .summary = "No-U-Turn sampler: multinomial, dense metric",
                                        .source =
                                            "Hoffman & Gelman 2014, JMLR 15:1593; Betancourt 2017, arXiv:1701.02434",
                                        .needs_gradient = true,
                                        .n_tuning = nuts_n_tuning,
                                        .ws_create = nuts_ws_create,
                                        .ws_destroy = nuts_ws_destroy,
                                        .tune = nuts_tune,
                                        .step = nuts_step,
                                        .adaptation = &nuts_adaptation};
