/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_KERNEL_H
#define MTC_KERNEL_H

#include "mtc_bend.h"
#include "mtc_target.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MTC_KERNEL_ABI 1u

/** Where a chain stands; arrays belong to the chain loop. Kernels of the posterior use beta = 1. */
typedef struct {
    double *x;             /* n_dim, unconstrained */
    double *grad;          /* n_dim, of log_prior + log_likelihood; only kept by kernels with needs_gradient */
    double log_prior;      /* unconstrained scale */
    double log_likelihood; /* finite, as log_prior is: a chain never stands outside */
} mtc_state;

/** What a step did, for diagnostics and adaptation. Zeroed before each step. */
typedef struct {
    double accept_stat; /* in 0..1: acceptance probability, NUTS: its mean over the tree */
    double step_size;   /* NUTS; 0: none */
    double energy;      /* NUTS: Hamiltonian at the new state; others: minus the log density */
    size_t n_step;      /* evaluations of the target in this step */
    size_t tree_depth;  /* NUTS */
    bool divergent;     /* NUTS: energy error above 1000 or left the support */
} mtc_step_info;

/**
 * Adaptation during warm-up: reads states and infos and changes `tuning`; dropped afterwards, so that the kernel is
 * fixed while draws are kept. Pure functions of their arguments and rng.
 */
typedef struct {
    /* required. tuning: the first values, which may be changed (step size found at `start`). ws holds the kernel's
     * scratch, already tuned. */
    mtc_status (*create)(const void *self, size_t n_dim, size_t n_warmup, void *ws, mtc_evaluator *e, gsl_rng *rng,
                         const mtc_state *start, double *tuning, void **adaptation, mtc_err *err);
    void (*destroy)(void *adaptation);
    /* required. After each warm-up step. *changed: tuning has new values (the loop then calls tune). */
    mtc_status (*update)(void *adaptation, void *ws, mtc_evaluator *e, gsl_rng *rng, const mtc_state *state,
                         const mtc_step_info *info, double *tuning, bool *changed, mtc_err *err);
    /* required. Once after the last warm-up step: the tuning that draws are made with. */
    void (*finish)(void *adaptation, double *tuning);
} mtc_adaptation_ops;

/**
 * A Markov kernel that leaves the posterior invariant. self is constant: settings, or a proposal fitted elsewhere
 * (borrowed while chains run, shared by threads). What adapts is `tuning`, a plain vector of numbers, so that a chain
 * can be written down and continued.
 */
typedef struct {
    uint32_t abi;        /* MTC_KERNEL_ABI */
    const char *name;    /* "nuts"; part of the names of the random streams */
    const char *summary; /* one line */
    const char *source;  /* reference */
    bool needs_gradient; /* state->grad is filled, the target must have a gradient */
    /* length of tuning; NULL: none */
    size_t (*n_tuning)(const void *self, size_t n_dim);
    /* required. Scratch of one thread; nothing is allocated in a step. */
    mtc_status (*ws_create)(const void *self, size_t n_dim, void **ws, mtc_err *err);
    void (*ws_destroy)(void *ws);
    /* take tuning over into the scratch (factor the metric); NULL where there is no tuning */
    mtc_status (*tune)(const void *self, const double *tuning, void *ws, mtc_err *err);
    /* required. One step from `from` to `to` (distinct arrays; all of `to` is written, also after a rejection). A point
     * outside the support is rejected, never an error. */
    mtc_status (*step)(const void *self, void *ws, mtc_evaluator *e, gsl_rng *rng, const mtc_state *from, mtc_state *to,
                       mtc_step_info *info, mtc_err *err);
    /* NULL: nothing adapts */
    const mtc_adaptation_ops *adaptation;
} mtc_kernel_ops;

/** Copy a state (n_dim; grad only where both have one). */
MTC_API void mtc_state_copy(mtc_state *to, const mtc_state *from, size_t n_dim);
/** Evaluate prior and likelihood (and the gradient where state->grad is not NULL) at state->x. *inside false: -INFINITY
 * there. Errors: MTC_ENAN. */
MTC_API mtc_status mtc_state_eval(mtc_state *state, mtc_evaluator *e, bool *inside, mtc_err *err);

/** The No-U-Turn sampler; self is a mtc_nuts. */
MTC_API extern const mtc_kernel_ops mtc_kernel_nuts;

/**
 * Settings of NUTS. Tuning is the step size, then the inverse metric (n_dim x n_dim: the posterior covariance), both in
 * the coordinates of the trajectories.
 */
typedef struct {
    size_t max_tree_depth;    /* 10 */
    double target_acceptance; /* 0.8, for dual averaging */
    double max_energy_error;  /* 1000: more is a divergence */
    const mtc_bend *bend; /* borrowed; trajectories run in coordinates that it straightens. NULL: those of the target */
} mtc_nuts;
#define MTC_NUTS_INIT                                                                                                  \
    {                                                                                                                  \
        10, 0.8, 1000.0, NULL                                                                                          \
    }

#ifdef __cplusplus
}
#endif
#endif
