/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SELFTEST_H
#define MTC_SELFTEST_H

#include "mtc_evidence.h"
#include "mtc_user.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A problem whose log evidence is known. */
typedef struct {
    const char *name;   /* "egg_box" */
    const char *title;  /* a few words */
    const char *source; /* where it comes from and how its evidence is known */
    double log_evidence;
    mtc_user_model model;
} mtc_selftest_problem;

/** All of them, ended by NULL. */
MTC_API const mtc_selftest_problem *const *mtc_selftest_problems(void);

/** What is run. */
typedef struct {
    const char *problem; /* NULL: all */
    size_t n_seed;       /* runs of each problem, from seed + 0 on */
    uint64_t seed;
    mtc_evidence_settings evidence;
} mtc_selftest_settings;

/** What is judged: the answer of the whole engine where it calls it reliable, and its estimators. */
enum { MTC_SELFTEST_ANSWER, MTC_SELFTEST_BRIDGE, MTC_SELFTEST_IMPORTANCE, MTC_SELFTEST_SMC, MTC_SELFTEST_N_METHOD };
MTC_API const char *mtc_selftest_method(size_t method);

/** How one method did on one problem, over all seeds. */
typedef struct {
    size_t n;             /* runs */
    size_t n_value;       /* runs that it answered: the others it refused */
    size_t n_far;         /* answers off by more than 6 stated errors and 0.1 */
    double bias, bias_se; /* mean error and its standard error from the actual spread */
    double rms, spread;   /* root mean square error; standard deviation over seeds */
    double mean_se;       /* stated */
    double coverage;      /* of the stated 95% intervals */
    double calls;         /* mean evaluations of a run, a gradient counted as MTC_SELFTEST_GRADIENT_CALLS values */
    bool is_wrong;        /* biased, or its errors do not hold */
    bool is_refused;      /* more than 5% of the runs, where it is right */
    char why[160];        /* "" where all bars hold */
} mtc_selftest_row;
#define MTC_SELFTEST_GRADIENT_CALLS 4.0

/** One problem with its rows. */
typedef struct {
    const mtc_selftest_problem *problem;
    mtc_selftest_row row[MTC_SELFTEST_N_METHOD];
} mtc_selftest_case;

/** The whole. Release with mtc_selftest_result_fini. */
typedef struct {
    size_t n_case, n_seed;
    mtc_selftest_case *item;
    bool pass; /* no method is wrong anywhere, and each problem is answered by one at least */
} mtc_selftest_result;

/**
 * Run problems over seeds, each a task. Bars (docs/evidence.md): bias at most max(0.02, 3 of its standard errors);
 * 95% intervals that cover 91.5 to 98.5% (over fewer than 400 seeds: within 3.5 standard deviations of 95%); mean
 * stated error 0.8 to 1.5 of the root mean square error (fewer seeds: wider by 3.5 of its relative errors). The last
 * two are not judged where the root mean square error is below 1e-3.
 * Errors  MTC_EUSAGE (no such problem), those of mtc_evidence_run
 */
MTC_API mtc_status mtc_selftest_run(const mtc_selftest_settings *settings, mtc_exec *exec, mtc_selftest_result *result,
                                    mtc_err *err);
MTC_API void mtc_selftest_result_fini(mtc_selftest_result *result);

#ifdef __cplusplus
}
#endif
#endif
