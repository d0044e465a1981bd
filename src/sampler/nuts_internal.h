/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUTS_INTERNAL_H
#define NUTS_INTERNAL_H

#include "mtc_kernel.h"

enum { NUTS_MAX_DEPTH = 15 }; /* room for the trees of one step */

/** Phase-space point on the trajectory. */
typedef struct {
    mtc_state at; /* position, log density, gradient */
    double *p;    /* n: momentum */
} nuts_point;

/**
 * A balanced subtree of the trajectory, in the order of integration: momenta p and velocities v = M^-1 p at both ends,
 * the sum of its momenta, and a state drawn from it with weights exp(-H).
 */
typedef struct {
    double *p_first, *v_first, *p_last, *v_last, *p_sum; /* n each */
    double log_weight;
    mtc_state sample;
    double sample_energy;
} nuts_tree;

/** Scratch of one chain. */
typedef struct {
    size_t n;
    double step_size;
    double *inverse_metric; /* n x n: covariance of the posterior, as far as known */
    double *factor;         /* n x n: lower Cholesky factor of inverse_metric */
    nuts_point now;         /* the integrator's point */
    nuts_point ends[2];     /* backward and forward ends of the trajectory */
    nuts_tree whole;
    nuts_tree half[NUTS_MAX_DEPTH + 1]; /* half[k]: the second half while a tree of depth k + 1 is built; [0..depth] */
    double *sum;                        /* n, scratch */
    mtc_state natural;                  /* with a bend: the point in the target's coordinates */
    double *turn;                       /* 2 n, scratch of the bend */
    double *block;                      /* all memory of the above */
    /* of the present step */
    double start_energy;
    double accept_sum;
    size_t n_leapfrog;
    bool divergent;
} nuts_ws;

/** Draw a momentum: p ~ Normal(0, inverse_metric^-1). */
void nuts_draw_momentum(nuts_ws *w, gsl_rng *rng, double *p);
/** v = inverse_metric p. */
void nuts_velocity(const nuts_ws *w, const double *p, double *v);
/** H = -log density + p' M^-1 p / 2. */
double nuts_energy(nuts_ws *w, const nuts_point *z);
/** One leapfrog step of size `step` (its sign is the direction of time); *inside false: left the support. */
mtc_status nuts_leapfrog(const mtc_nuts *nuts, nuts_ws *w, mtc_evaluator *e, nuts_point *z, double step, bool *inside,
                         mtc_err *err);
/** A state of the chain in the coordinates of the trajectories. */
void nuts_enter(const mtc_nuts *nuts, nuts_ws *w, const mtc_state *from, mtc_state *to);

/** Warm-up of NUTS. */
extern const mtc_adaptation_ops nuts_adaptation;

#endif
