/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_PRIOR_H
#define MTC_PRIOR_H

#include "mtc_arena.h"
#include "mtc_param.h"
#include "mtc_spec.h"

#include <gsl/gsl_rng.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MTC_PRIOR_ABI 1u

/**
 * One family of priors, without truncation. x is in the unit of the parameter that the prior stands for; settings with
 * a dimension are read as quantities and turned into that unit by the family's init.
 */
typedef struct {
    uint32_t abi;        /* MTC_PRIOR_ABI */
    const char *name;    /* word in a configuration: "lognormal" */
    const char *title;   /* in descriptions: "LogNormal" */
    const char *formula; /* one line */
    const char *source;  /* reference or "textbook" */
    /* settings; `lower` and `upper` (truncation) belong to every family and are listed only where the family cannot do
     * without them. MTC_KEY_QUANTITY means the parameter's own dimension. NULL: one scalar of that dimension in place
     * of a map, `{fixed: 2 mm}` */
    const mtc_key *keys;
    size_t self_size;
    /* required. spec: the family's map; unit: of x. All mistakes to errors. */
    mtc_status (*init)(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors);
    /* required. support of the untruncated family; lower = upper: all mass at that value */
    void (*support)(const void *self, double *lower, double *upper);
    /* required. log density and its derivative by x, x inside the support or at a finite bound of it */
    void (*logpdf)(const void *self, double x, double *lp, double *dlp);
    /* required. P(X <= x) and P(X > x), each accurate in its own tail; x strictly inside the support */
    void (*cdf)(const void *self, double x, double *p, double *q);
    /* required. x with P(X <= x) = p and P(X > x) = q (q = 1 - p given separately for the upper tail), 0 < p, q <= 1 */
    double (*quantile)(const void *self, double p, double q);
} mtc_prior_ops;

/** A family with its settings and truncation; plain data, placed by the caller. A fixed value has is_fixed. */
typedef struct {
    const mtc_prior_ops *ops;
    const void *self; /* in the arena it was made with */
    mtc_unit unit;
    bool is_fixed; /* all mass at `fixed_value`: no density, no dimension */
    double fixed_value;
    double lower, upper;          /* support after truncation */
    double cdf_lower, ccdf_upper; /* P(X <= lower), P(X > upper) of the untruncated family */
    double log_mass;              /* log of the untruncated family's mass between them */
    const char *description;      /* for people, in the arena it was made with */
} mtc_prior;

/**
 * Read a prior, `{lognormal: {median: 2 mm, log_sd: 0.4, upper: 5 mm}}` or `{fixed: 0}`.
 * families  NULL-terminated list of the known families
 * A family whose support exceeds the parameter's domain is truncated to the domain, normalised, and described so.
 * All mistakes go to errors (unknown family with "did you mean", bounds crossed or outside the parameter's domain, a
 * truncation that leaves a probability below 1e-300). Returns MTC_OK, MTC_ECONFIG, MTC_ENOMEM.
 */
MTC_API mtc_status mtc_prior_read(mtc_prior *prior, const mtc_prior_ops *const *families, const mtc_param_info *param,
                                  const mtc_spec *spec, mtc_arena *arena, mtc_errlist *errors);
/** Log density (normalised over the truncated support) and derivative; -INFINITY outside the support (derivative 0).
 * dlp may be NULL. */
MTC_API double mtc_prior_logpdf(const mtc_prior *prior, double x, double *dlp);
/** P(X <= x) of the truncated law, accurate in the lower tail. */
MTC_API double mtc_prior_cdf(const mtc_prior *prior, double x);
/** P(X > x) of the truncated law, accurate in the upper tail. */
MTC_API double mtc_prior_ccdf(const mtc_prior *prior, double x);
/** Quantile of the truncated law, 0 < p < 1; the fixed value for a fixed prior. */
MTC_API double mtc_prior_quantile(const mtc_prior *prior, double p);
/** Scores beyond this are outside: the normal law's tail has no numbers there. */
#define MTC_SCORE_MAX 37.0
/**
 * The prior on the whole real line: x(z) with P(X <= x) = Phi(z), so that z is standard normal a priori whatever the
 * family and its bounds. What the data say little about stays normal a posteriori, up to the very edge of a truncation,
 * where a logarithm or a logit would leave an exponential tail.
 * z   the score; one beyond MTC_SCORE_MAX in size is taken as that, NaN as the lower end
 * dx  out, may be NULL: dx/dz = phi(z) / density at x; 0 where the density has a pole
 * The fixed value and 0 for a fixed prior.
 */
MTC_API double mtc_prior_at_score(const mtc_prior *prior, double z, double *dx);
/** The score of a value, within +-MTC_SCORE_MAX: that of the nearest end where x is at a bound or beyond. */
MTC_API double mtc_prior_score(const mtc_prior *prior, double x);
/** Draw by quantile: one uniform. */
MTC_API double mtc_prior_draw(const mtc_prior *prior, gsl_rng *rng);
/** "LogNormal(median 2 mm, log-sd 0.4), at most 5 mm" into the arena. */
MTC_API mtc_status mtc_prior_describe(const mtc_prior *prior, mtc_arena *arena, char **out, mtc_err *err);

/** What a family's init demands of a number. */
typedef enum { MTC_SETTING_ANY, MTC_SETTING_POSITIVE } mtc_setting_rule;
/**
 * For a family's init: a setting as number in `unit` (MTC_UNIT_NONE for a plain number); the digits of a value written
 * in that very unit are kept. A mistake, the missing key included, goes to errors. Returns MTC_OK or MTC_ECONFIG.
 */
MTC_API mtc_status mtc_prior_setting(const mtc_spec *map, const char *key, mtc_unit unit, mtc_setting_rule rule,
                                     double *out, mtc_errlist *errors);
/** The same for a scalar node; `what` names it in messages. */
MTC_API mtc_status mtc_prior_value(const mtc_spec *node, const char *what, mtc_unit unit, double *out,
                                   mtc_errlist *errors);

#ifdef __cplusplus
}
#endif
#endif
