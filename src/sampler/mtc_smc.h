/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SMC_H
#define MTC_SMC_H

#include "mtc_exec.h"
#include "mtc_target.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Settings of tempered sequential Monte Carlo. */
typedef struct {
    size_t n_ancestor; /* particles that are kept at each temperature ... */
    size_t n_length;   /* ... each of which a chain of this length starts from; all its states are particles */
    double cess_share; /* conditional effective sample size from one temperature to the next, over the particles */
    size_t max_temperature;
} mtc_smc_settings;
#define MTC_SMC_INIT                                                                                                   \
    {                                                                                                                  \
        32, 16, 0.5, 400                                                                                               \
    }

/**
 * What a pilot learnt, frozen for the runs: inverse temperatures, and the random walk of each (steps scale 2^U L z, U
 * uniform on (-3, 1), z standard normal).
 */
typedef struct {
    size_t n_dim, n_temperature;
    double *beta;          /* n_temperature, ascending, the last is 1 */
    double *scale;         /* n_temperature */
    double *acceptance;    /* n_temperature: in the pilot */
    double *chol;          /* n_temperature x n_dim x n_dim, lower: covariance at that temperature */
    unsigned long n_value; /* evaluations of the pilot */
} mtc_smc_ladder;

/** Rows of particles: n_dim unconstrained values, log prior (log-Jacobian included), log likelihood. */
typedef struct {
    size_t n_run, n_particle, n_dim;
    double *row;           /* n_run x n_particle x (n_dim + 2): of the posterior, equal weights within a run */
    double *log_evidence;  /* n_run; -INFINITY where a run lost all particles */
    unsigned long n_value; /* evaluations of the runs */
} mtc_smc_result;

/**
 * One run in which temperatures and walks adapt: the next temperature where the conditional effective sample size falls
 * to cess_share; steps until their acceptance lies between 0.15 and 0.5.
 * stream  "<target>/smc": streams below it
 * ladder  out, empty on entry
 * Errors  MTC_ENUMERIC (no likelihood at any prior draw, more than max_temperature), MTC_ENAN, MTC_ENOMEM,
 *         MTC_EINTERRUPTED
 */
MTC_API mtc_status mtc_smc_pilot(const mtc_target *target, const mtc_smc_settings *settings, uint64_t seed,
                                 const char *stream, mtc_exec *exec, mtc_smc_ladder *ladder, mtc_err *err);
MTC_API void mtc_smc_ladder_fini(mtc_smc_ladder *ladder);

/**
 * Independent runs down a frozen ladder, each from draws of the prior, and each a task. With a frozen ladder every
 * run's evidence, not its logarithm, is unbiased. first, n_run  numbers of the runs: runs first .. first + n_run - 1 of
 * this seed result        out, empty on entry Errors        MTC_ENAN, MTC_ENOMEM, MTC_EINTERRUPTED Source        Del
 * Moral, Doucet & Jasra 2006, J. R. Stat. Soc. B 68:411; chains whose states are all kept: Dau & Chopin 2022, J. R.
 * Stat. Soc. B 84:114
 */
MTC_API mtc_status mtc_smc_run(const mtc_target *target, const mtc_smc_settings *settings, const mtc_smc_ladder *ladder,
                               uint64_t seed, const char *stream, size_t first, size_t n_run, mtc_exec *exec,
                               mtc_smc_result *result, mtc_err *err);
MTC_API void mtc_smc_result_fini(mtc_smc_result *result);

#ifdef __cplusplus
}
#endif
#endif
