/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_CHAINS_H
#define MTC_CHAINS_H

#include "mtc_exec.h"
#include "mtc_kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Statistics kept with each draw: enumerator, name in trace files (ArviZ schema). The one list. */
#define MTC_STAT_LIST(X)                                                                                               \
    X(MTC_STAT_LOG_PRIOR, "log_prior")           /* unconstrained scale: log-Jacobian included */                      \
    X(MTC_STAT_LOG_LIKELIHOOD, "log_likelihood") /* all sources */                                                     \
    X(MTC_STAT_ACCEPT, "acceptance_rate")        /* 0..1 */                                                            \
    X(MTC_STAT_STEP_SIZE, "step_size")                                                                                 \
    X(MTC_STAT_TREE_DEPTH, "tree_depth")                                                                               \
    X(MTC_STAT_N_STEPS, "n_steps")     /* evaluations of the target in this step */                                    \
    X(MTC_STAT_DIVERGING, "diverging") /* 0 or 1 */                                                                    \
    X(MTC_STAT_ENERGY, "energy")

/** Index of a statistic. */
typedef enum {
#define MTC_STAT_ENUM(name, text) name,
    MTC_STAT_LIST(MTC_STAT_ENUM)
#undef MTC_STAT_ENUM
        MTC_STAT_COUNT
} mtc_stat;

/** Name of a statistic in trace files; NULL outside the list. */
MTC_API const char *mtc_stat_name(mtc_stat stat);

/** What a set of chains is run with. All pointers are borrowed while the chains run. */
typedef struct {
    const mtc_target *target;
    const mtc_kernel_ops *kernel;
    const void *self; /* the kernel's settings */
    uint64_t seed;
    const char *stream;   /* "<target>/nuts"; chain k, part p takes the stream "<stream>/chain k/part p" */
    size_t n_chain;       /* >= 1 */
    size_t n_warmup;      /* per chain, only where the kernel adapts; 0: tuning is used as given */
    size_t n_draw;        /* per chain, kept */
    const double *start;  /* n_chain x n_dim, unconstrained, inside the support */
    const double *tuning; /* n_chain x n_tuning; NULL where the kernel has none */
} mtc_chains_plan;

/** Draws of several chains, plain data; release with mtc_chains_fini. */
typedef struct {
    size_t n_chain, n_draw, n_dim, n_tuning;
    size_t n_part;             /* 1 + number of continuations */
    double *x;                 /* n_chain x n_draw x n_dim, unconstrained */
    double *stat;              /* MTC_STAT_COUNT x n_chain x n_draw; row by mtc_chains_stat */
    double *tuning;            /* n_chain x n_tuning: of the kept draws */
    size_t n_warmup_divergent; /* divergences during warm-up, all chains (harmless) */
    unsigned long n_value;     /* likelihood evaluations without gradient, warm-up included */
    unsigned long n_gradient;  /* with gradient */
} mtc_chains;

#define MTC_CHAINS_INIT                                                                                                \
    {                                                                                                                  \
        0, 0, 0, 0, 0, NULL, NULL, NULL, 0, 0, 0                                                                       \
    }

/**
 * Run n_chain chains, each one task of a job named plan->stream: a pure function of plan, seed and chain number.
 * chains  out, empty on entry
 * Errors  MTC_EDOMAIN (start outside the support, gradient missing), MTC_ENAN, MTC_ENOMEM, MTC_EINTERRUPTED
 */
MTC_API mtc_status mtc_chains_run(mtc_exec *exec, const mtc_chains_plan *plan, mtc_chains *chains, mtc_err *err);

/**
 * Append n_draw more draws to each chain, from its last state and with its tuning, no warm-up. plan as before (start,
 * tuning, n_warmup, n_draw of it are not used). On failure chains is unchanged.
 */
MTC_API mtc_status mtc_chains_continue(mtc_exec *exec, const mtc_chains_plan *plan, size_t n_draw, mtc_chains *chains,
                                       mtc_err *err);
/**
 * Every stride-th draw of each chain, the last of every stride; counters and tuning as they are.
 * stride  1 to n_draw
 * to      out, empty on entry
 * Errors  MTC_ENOMEM
 */
MTC_API mtc_status mtc_chains_thin(const mtc_chains *chains, size_t stride, mtc_chains *to, mtc_err *err);
MTC_API void mtc_chains_fini(mtc_chains *chains);

/** Draw d of chain c: n_dim unconstrained values. */
MTC_API const double *mtc_chains_draw(const mtc_chains *chains, size_t c, size_t d);
/** One statistic of all draws, n_chain x n_draw. */
MTC_API const double *mtc_chains_stat(const mtc_chains *chains, mtc_stat stat);
/** Copy coordinate i of all draws to out, n_chain x n_draw. */
MTC_API void mtc_chains_coordinate(const mtc_chains *chains, size_t i, double *out);
/** Natural-unit values of all draws, n_dim x n_chain x n_draw: each parameter's draws stand together. */
MTC_API mtc_status mtc_chains_natural(const mtc_chains *chains, const mtc_target *target, double *out, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
