/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_STAN_CSV_H
#define MTC_STAN_CSV_H

#include "mtc_buffer.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The kept draws of one chain; all arrays are borrowed for the call and have n_draw entries. */
typedef struct {
    const char *version;   /* of this program */
    const char *model;     /* "linear"; other characters than letters, digits and _ become _ */
    const char *algorithm; /* "nuts", "independence": written as Stan's "hmc" (engine nuts) and "rwm" */
    const char *metric;    /* "dense_e", "diag_e"; NULL for algorithms without one */
    uint64_t seed;
    size_t chain;                             /* from 1 */
    size_t n_warmup;                          /* run before and not kept */
    size_t n_draw;                            /* kept */
    size_t n_param;                           /* free parameters and derived quantities */
    const char *const *param_name;            /* n_param; letters, digits and _ only */
    const double *const *param;               /* n_param pointers to draws in natural units */
    const double *log_prior, *log_likelihood; /* lp__ is their sum: unconstrained scale, Jacobian included */
    const double *accept_stat, *stepsize, *treedepth, *n_leapfrog, *divergent, *energy; /* NULL: written as 0 */
} mtc_stan_chain;

/**
 * The text of one chain as CmdStan writes it, so that rstan::read_stan_csv (and with it posterior and bayesplot),
 * ArviZ and shinystan read it: settings as "# name = value", a header that begins with lp__, "Adaptation terminated",
 * then the draws. Times would differ between equal runs and stand in timing.json; the line "Elapsed Time" says so.
 * Source  CmdStan User's Guide, "Stan CSV file format"; rstan 2.21, read_stan_csv
 * Errors  MTC_EDOMAIN (a name with other characters, nothing to write), MTC_ENOMEM
 */
MTC_API mtc_status mtc_stan_csv_format(const mtc_stan_chain *chain, mtc_buffer *out, mtc_err *err);

/** Write it to <folder>/draws/<model>_chain<k>.csv; the folder draws is made. Errors: also MTC_EIO. */
MTC_API mtc_status mtc_stan_csv_write(const char *folder, const mtc_stan_chain *chain, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
