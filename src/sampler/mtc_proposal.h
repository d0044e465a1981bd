/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_PROPOSAL_H
#define MTC_PROPOSAL_H

#include "mtc_bend.h"
#include "mtc_exec.h"
#include "mtc_target.h"
#include "mtc_tmix.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A Student-t mixture, seen through a map that takes out curvature. */
typedef struct {
    mtc_tmix mix;
    mtc_bend bend; /* the mixture lives in its straightened coordinates; n_dim 0: no map */
} mtc_proposal_part;

#define MTC_PROPOSAL_PARTS 3u

/**
 * A normalised density on the unconstrained scale: fitted parts in equal shares, so that where one falls short another
 * one reaches, with two defensive parts beside them: a wide Student-t without map, and the prior.
 */
typedef struct {
    size_t n_dim;
    size_t n_part;                              /* >= 1 */
    mtc_proposal_part part[MTC_PROPOSAL_PARTS]; /* newest first */
    mtc_tmix wide;                              /* n_comp 0: none */
    double wide_weight;                         /* in [0, 1) */
    double prior_weight; /* in [0, 1); this part bounds the importance weights by max likelihood / prior_weight */
} mtc_proposal;

MTC_API mtc_status mtc_proposal_copy(const mtc_proposal *q, mtc_proposal *out, mtc_err *err);
/** Release and zero; NULL allowed. */
MTC_API void mtc_proposal_fini(mtc_proposal *q);
/** Release and zero one part. */
MTC_API void mtc_proposal_part_fini(mtc_proposal_part *part);

/** Numbers of scratch that the next two functions need. */
MTC_API size_t mtc_proposal_scratch(const mtc_proposal *q);
/** Log density at x, where log_prior is the target's log prior there. */
MTC_API double mtc_proposal_logpdf(const mtc_proposal *q, const double *x, double log_prior, double *scratch);
/** A draw into x (n_dim). Errors: those of the target's prior_draw. */
MTC_API mtc_status mtc_proposal_draw(const mtc_proposal *q, const mtc_target *target, gsl_rng *rng, double *x,
                                     double *scratch, mtc_err *err);

/** Numbers per evaluated draw: n_dim coordinates, log prior, log likelihood. */
#define MTC_DRAW_STRIDE(n_dim) ((n_dim) + 2)

/** Which draws to make: batches `first` to `first + n_batch - 1` of `batch_size` draws each. */
typedef struct {
    const mtc_target *target;
    const mtc_proposal *proposal;
    uint64_t seed;
    const char *stream; /* "importance": the streams are "<target>/<stream>/batch <number>" */
    size_t first, n_batch, batch_size;
} mtc_draw_plan;

/**
 * Draw from a proposal and evaluate the target, one task per batch.
 * rows  out: n_batch * batch_size rows of MTC_DRAW_STRIDE(n_dim) numbers, in the order of the batches
 */
MTC_API mtc_status mtc_proposal_sample(const mtc_draw_plan *plan, mtc_exec *exec, double *rows, mtc_err *err);

/** Where adaptation begins: places and scale matrices, from the modes found by the optimiser. Borrowed. */
typedef struct {
    size_t n;             /* 0: begin at the moments of the prior */
    const double *x;      /* n x n_dim, unconstrained */
    const double *cov;    /* n x n_dim x n_dim: inverse negative Hessians, positive definite */
    const double *weight; /* n, > 0: share of each (Laplace mass) */
} mtc_pilot_start;

/** Settings of the pilot; MTC_PILOT_INIT gives the defaults. */
typedef struct {
    size_t round_draws;     /* 0: 50 per dimension, at least 400; half of it while searching */
    size_t min_rounds;      /* before it may stop */
    size_t max_rounds;      /* of one call */
    double good_efficiency; /* stop when the last round's ESS / n reaches this ... */
    double good_k_hat;      /* ... and Pareto k of the last two rounds' weights is below this */
    size_t max_comp; /* mixture components at most; 0: 6 below six dimensions, 3 below nine, then 2 (n_dim^2 / 2 numbers
                        each) */
    double inflate;  /* scale matrices of the fitted components times this: tails before peak */
    double bend_threshold;    /* significance of a curvature term, in standard errors; 0: no map */
    double defensive_weight;  /* share of the inflated component; with prior_weight at least 0.05 */
    double defensive_inflate; /* its covariance over that of the mixture */
    double prior_weight;      /* share of draws from the prior */
} mtc_pilot_settings;
#define MTC_PILOT_INIT                                                                                                 \
    {                                                                                                                  \
        0, 3, 12, 0.4, 0.5, 0, 1.2, 4.0, 0.2, 1.4, 0.01                                                                \
    }

/** One round of adaptation. */
typedef struct {
    size_t n_draw;
    double efficiency; /* ESS / n of the round under its own proposal */
    size_t n_comp;
} mtc_pilot_round;

#define MTC_PILOT_MAX_ROUNDS 24u

/**
 * Adaptive importance sampling that ends in a proposal: population Monte Carlo (Cappe et al. 2008) with the
 * deterministic-mixture weights of AMIS (Cornuet et al. 2012, Scand. J. Stat. 39) over all rounds so far, tempered
 * while few draws carry the weight. Its draws serve the fit alone; what uses the proposal draws anew.
 */
typedef struct mtc_pilot mtc_pilot;

/** Create a pilot; `stream` ("importance/pilot") names its random streams within the target's. start is copied. */
MTC_API mtc_status mtc_pilot_create(const mtc_target *target, const char *stream, const mtc_pilot_start *start,
                                    uint64_t seed, mtc_pilot **out, mtc_err *err);
MTC_API void mtc_pilot_destroy(mtc_pilot *pilot);

/**
 * Run rounds until settings say enough; later calls go on from there, with all earlier draws.
 * Errors: MTC_ENUMERIC where no draw of any round falls where the target is positive; those of the target.
 */
MTC_API mtc_status mtc_pilot_run(mtc_pilot *pilot, const mtc_pilot_settings *settings, mtc_exec *exec, mtc_err *err);

/** The proposal as adapted so far, defensive parts included; valid until the next run or destroy. */
MTC_API const mtc_proposal *mtc_pilot_proposal(const mtc_pilot *pilot);
/** Rounds so far, their count in *n. */
MTC_API const mtc_pilot_round *mtc_pilot_rounds(const mtc_pilot *pilot, size_t *n);
/**
 * n points out of the pilot's draws, chosen with probability in proportion to their importance weights (sampling
 * importance resampling, Rubin 1988): starts for chains. x: n x n_dim. Errors: MTC_ENUMERIC where no draw has weight.
 */
MTC_API mtc_status mtc_pilot_resample(const mtc_pilot *pilot, size_t n, gsl_rng *rng, double *x, mtc_err *err);
/** Likelihood evaluations so far. */
MTC_API unsigned long mtc_pilot_calls(const mtc_pilot *pilot);

#ifdef __cplusplus
}
#endif
#endif
