/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_DIAGNOSTICS_H
#define MTC_DIAGNOSTICS_H

#include "mtc_chains.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Convergence diagnostics after Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021 (Bayesian Analysis 16:667,
 * doi:10.1214/20-BA1221), with the definitions of the R package posterior 1.6. Chains are split in halves throughout.
 * The thresholds below are those that are compared and those that are printed.
 */
#define MTC_RHAT_MAX 1.01           /* rank-normalised split R-hat */
#define MTC_ESS_PER_CHAIN_MIN 100.0 /* bulk and tail ESS, times the number of chains */
#define MTC_EBFMI_MIN 0.3           /* energy Bayesian fraction of missing information, each chain (Betancourt 2016) */
#define MTC_DIVERGENT_SHARE_MAX 0.001 /* share of kept draws whose trajectory diverged */
#define MTC_DEPTH_SHARE_MAX 0.05      /* share of kept draws that stopped at the largest tree depth */

/** One number per draw, summarised. A quantity that never changes has rhat +INFINITY and ESS 0. */
typedef struct {
    double mean, sd;
    double q05, q50, q95; /* quantiles, type 7 */
    double rhat;          /* larger of bulk and folded (tail) */
    double ess_bulk;      /* of rank-normalised draws */
    double ess_tail;      /* smaller of those of the 5% and 95% quantiles */
    double ess_mean, ess_sd, ess_q05, ess_q50, ess_q95;
    double mcse_mean, mcse_sd, mcse_q05, mcse_q50, mcse_q95; /* Monte Carlo standard errors; +INFINITY where ESS is 0 */
} mtc_summary;

/**
 * Summarise a quantity.
 * draw    n_chain x n_draw, finite; n_draw >= 8
 * Errors  MTC_ESIZE, MTC_ENAN (a draw is not finite), MTC_ENOMEM
 */
MTC_API mtc_status mtc_summarise(const double *draw, size_t n_chain, size_t n_draw, mtc_summary *out, mtc_err *err);

/**
 * Effective sample size of the mean of any quantity (split chains), as used for the error of bridge sampling. 0 where
 * it never changes. Same arguments as mtc_summarise.
 */
MTC_API mtc_status mtc_ess_mean(const double *draw, size_t n_chain, size_t n_draw, double *ess, mtc_err *err);

/** E-BFMI of each chain from its energies: mean squared step over variance. out: n_chain; +INFINITY for constant
 * energy. */
MTC_API void mtc_ebfmi(const double *energy, size_t n_chain, size_t n_draw, double *out);

/** One diagnostic with its threshold and a plain sentence. */
typedef struct {
    const char
        *name; /* "rhat_max", "ess_bulk_min", "ess_tail_min", "ebfmi_min", "divergent_share", "max_depth_share" */
    double value, threshold;
    bool pass;
    char sentence[320];
} mtc_check;

enum { MTC_N_CHECK = 6 };

/** Verdict on a set of chains. */
typedef struct {
    bool converged; /* all checks pass */
    size_t n_check; /* the last three only for Hamiltonian kernels */
    mtc_check check[MTC_N_CHECK];
} mtc_diagnosis;

/**
 * Judge chains by their unconstrained coordinates and the log posterior density.
 * max_tree_depth  of the kernel; 0 for kernels without trees
 * Errors          as mtc_summarise
 */
MTC_API mtc_status mtc_diagnose(const mtc_chains *chains, const mtc_target *target, size_t max_tree_depth,
                                mtc_diagnosis *out, mtc_err *err);

/** Whether chains have converged and would pass with a fifth fewer effective draws: room for a correction to cost some.
 */
MTC_API bool mtc_diagnosis_has_room(const mtc_diagnosis *diagnosis);

#ifdef __cplusplus
}
#endif
#endif
