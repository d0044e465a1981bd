/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_prior.h"

#include "mtc_rng.h"
#include "mtc_special.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Smallest probability that a truncation may leave: below it doubles lose digits (subnormal from 2.2e-308). */
#define MASS_MIN 1e-300
/* A difference of two probabilities that leaves less than this part of them is integrated instead; the log density
 * then changes by about as little over the interval, where 8 points are exact to the last digit. */
#define NARROW 1e-3
#define N_FAMILY_MAX 64
#define N_KEY_MAX 16

/* ---- settings ---- */

/* A value written in the parameter's own unit went to years or mm and back; restore the digits that were typed. */
static double restore_digits(double value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.15g", value);
    const double typed = strtod(text, NULL);
    return fabs(typed - value) <= 4.0 * 2.220446049250313e-16 * fabs(value) ? typed : value;
}

mtc_status mtc_prior_value(const mtc_spec *node, const char *what, mtc_unit unit, double *out, mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    double inside = 0.0;
    const mtc_status st = mtc_spec_quantity(node, mtc_unit_dim(unit), &inside, &err);
    if (st != MTC_OK) {
        mtc_err_prefix(&err, "%s: ", what);
        return mtc_errlist_push(errors, &err);
    }
    *out = restore_digits(inside / mtc_unit_factor(unit));
    return MTC_OK;
}

mtc_status mtc_prior_setting(const mtc_spec *map, const char *key, mtc_unit unit, mtc_setting_rule rule, double *out,
                             mtc_errlist *errors)
{
    const mtc_spec *node = mtc_spec_find(map, key);
    if (node == NULL) {
        return mtc_errlist_add(errors, MTC_ECONFIG, map != NULL ? &map->pos : NULL, NULL, "'%s' is missing", key);
    }
    const mtc_status st = mtc_prior_value(node, key, unit, out, errors);
    if (st == MTC_OK && rule == MTC_SETTING_POSITIVE && !(*out > 0.0)) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "%s must be > 0, got %s", key, node->text);
    }
    return st;
}

/* ---- the untruncated family, with its support handled once ---- */

static void family_cdf(const mtc_prior *prior, double x, double *p, double *q)
{
    double lower = 0.0;
    double upper = 0.0;
    prior->ops->support(prior->self, &lower, &upper);
    if (x <= lower) {
        *p = 0.0;
        *q = 1.0;
    } else if (x >= upper) {
        *p = 1.0;
        *q = 0.0;
    } else {
        prior->ops->cdf(prior->self, x, p, q);
    }
}

/* Mass in a narrow (a, b] by Gauss and Legendre's rule with 8 points: no cancellation. */
static double narrow_mass(const mtc_prior *prior, double a, double b)
{
    static const double node[4] = {0.18343464249564980, 0.52553240991632899, 0.79666647741362674, 0.96028985649753623};
    static const double weight[4] = {0.36268378337836198, 0.31370664587788729, 0.22238103445337447,
                                     0.10122853629037626};
    const double half = 0.5 * (b - a);
    const double middle = 0.5 * a + 0.5 * b;
    double sum = 0.0;
    for (int i = 0; i < 4; ++i) {
        double below = 0.0;
        double above = 0.0;
        double slope = 0.0;
        prior->ops->logpdf(prior->self, middle - half * node[i], &below, &slope);
        prior->ops->logpdf(prior->self, middle + half * node[i], &above, &slope);
        sum += weight[i] * (exp(below) + exp(above));
    }
    return half * sum;
}

/* Mass of the untruncated family in (a, b], from whichever tail keeps the digits; its logarithm where wanted. */
static double mass_between(const mtc_prior *prior, double a, double b, double *log_mass)
{
    double pa = 0.0;
    double qa = 0.0;
    double pb = 0.0;
    double qb = 0.0;
    family_cdf(prior, a, &pa, &qa);
    family_cdf(prior, b, &pb, &qb);
    double whole = 1.0; /* of which the mass is what a difference leaves */
    double lost = pa + qb;
    if (qa <= 0.5) {
        whole = qa;
        lost = qb;
    } else if (pb <= 0.5) {
        whole = pb;
        lost = pa;
    }
    double mass = fmax(whole - lost, 0.0);
    double log_value = whole == 1.0 ? log1p(-lost) : log(mass);
    if (mass < NARROW * whole) {
        mass = narrow_mass(prior, a, b);
        log_value = log(mass);
    }
    if (log_mass != NULL) {
        *log_mass = log_value;
    }
    return mass;
}

/* ---- reading ---- */

static mtc_status find_family(const mtc_prior_ops *const *families, const char *name, const mtc_pos *pos,
                              const mtc_prior_ops **out, mtc_errlist *errors)
{
    const char *known[N_FAMILY_MAX];
    size_t n = 0;
    for (size_t i = 0; families[i] != NULL && n < N_FAMILY_MAX; ++i) {
        if (strcmp(families[i]->name, name) == 0) {
            *out = families[i];
            return MTC_OK;
        }
        known[n++] = families[i]->name;
    }
    char hint[160] = "";
    const char *near = mtc_nearest_name(name, known, n);
    if (near != NULL) {
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    } else {
        (void)snprintf(hint, sizeof hint, "'metachron list priors' shows the families");
    }
    return mtc_errlist_add(errors, MTC_ECONFIG, pos, hint, "unknown family of priors '%s'", name);
}

static bool has_key(const mtc_key *keys, const char *key)
{
    for (; keys != NULL && keys->key != NULL; ++keys) {
        if (strcmp(keys->key, key) == 0) {
            return true;
        }
    }
    return false;
}

/* A quantity of the family takes the parameter's dimension; without one it is a plain number. */
static mtc_key key_for(mtc_key key, mtc_unit unit)
{
    if (key.type == MTC_KEY_QUANTITY) {
        key.dim = mtc_unit_dim(unit);
        key.unit = unit;
        if (key.dim == MTC_DIM_NONE) {
            key.type = MTC_KEY_NUMBER;
        }
    }
    return key;
}

static mtc_status check_settings(const mtc_prior_ops *ops, const mtc_spec *map, mtc_unit unit, mtc_errlist *errors)
{
    static const mtc_key truncation[] = {
        {.key = "lower", .type = MTC_KEY_QUANTITY, .lower = -INFINITY, .upper = INFINITY, .help = "smallest value"},
        {.key = "upper", .type = MTC_KEY_QUANTITY, .lower = -INFINITY, .upper = INFINITY, .help = "largest value"},
    };
    mtc_key keys[N_KEY_MAX + 3] = {0};
    size_t n = 0;
    for (const mtc_key *k = ops->keys; k->key != NULL; ++k) {
        if (n == N_KEY_MAX) {
            return mtc_errlist_add(errors, MTC_EBUG, &map->pos, NULL, "prior '%s' has too many settings", ops->name);
        }
        keys[n++] = key_for(*k, unit);
    }
    for (size_t i = 0; i < 2; ++i) {
        if (!has_key(ops->keys, truncation[i].key)) {
            keys[n++] = key_for(truncation[i], unit);
        }
    }
    return mtc_spec_check(map, keys, NULL, errors);
}

/* A bound the user wrote: inside the parameter's domain. */
static mtc_status read_bound(const mtc_spec *map, const char *key, const mtc_param_info *param, double *bound,
                             mtc_errlist *errors)
{
    const mtc_spec *node = mtc_spec_find(map, key);
    if (node == NULL) {
        return MTC_OK;
    }
    mtc_status st = mtc_prior_value(node, key, param->unit, bound, errors);
    if (st == MTC_OK && (*bound < param->lower || *bound > param->upper)) {
        st = mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "%s %s is outside the domain of %s, %g to %g %s",
                             key, node->text, param->name, param->lower, param->upper, mtc_unit_symbol(param->unit));
    }
    return st;
}

static mtc_status truncate_prior(mtc_prior *prior, const mtc_param_info *param, const mtc_spec *map,
                                 mtc_errlist *errors)
{
    double family_lower = 0.0;
    double family_upper = 0.0;
    double lower = param->lower;
    double upper = param->upper;
    prior->ops->support(prior->self, &family_lower, &family_upper);
    const mtc_status st_lower = read_bound(map, "lower", param, &lower, errors);
    const mtc_status st_upper = read_bound(map, "upper", param, &upper, errors);
    if (st_lower != MTC_OK || st_upper != MTC_OK) {
        return st_lower != MTC_OK ? st_lower : st_upper;
    }
    prior->lower = fmax(lower, family_lower);
    prior->upper = fmin(upper, family_upper);
    if (!(prior->lower < prior->upper)) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &map->pos,
                               lower > upper ? "is 'lower' swapped with 'upper'?" : NULL,
                               "nothing is left of this prior of %s between %g and %g %s", param->name, prior->lower,
                               prior->upper, mtc_unit_symbol(param->unit));
    }
    double unused = 0.0;
    family_cdf(prior, prior->lower, &prior->cdf_lower, &unused);
    family_cdf(prior, prior->upper, &unused, &prior->ccdf_upper);
    const double mass = mass_between(prior, prior->lower, prior->upper, &prior->log_mass);
    if (!(mass > MASS_MIN)) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &map->pos, NULL,
                               "truncation of this prior of %s leaves a probability below %g: too far in its tail",
                               param->name, MASS_MIN);
    }
    return MTC_OK;
}

static mtc_status fix_prior(mtc_prior *prior, const mtc_param_info *param, const mtc_spec *node, double value,
                            mtc_errlist *errors)
{
    prior->is_fixed = true;
    prior->fixed_value = value;
    prior->lower = value;
    prior->upper = value;
    if (value < param->lower || value > param->upper) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "%s is outside the domain of %s, %g to %g %s",
                               node->text, param->name, param->lower, param->upper, mtc_unit_symbol(param->unit));
    }
    return MTC_OK;
}

/* ---- describing ---- */

typedef struct {
    char text[512];
    size_t n;
} line;

static void append(line *l, const char *a, const char *b, const char *c)
{
    const int n = snprintf(l->text + l->n, sizeof l->text - l->n, "%s%s%s", a, b, c);
    if (n > 0) {
        l->n += (size_t)n < sizeof l->text - l->n ? (size_t)n : sizeof l->text - l->n - 1;
    }
}

static void append_bound(line *l, const char *words, const mtc_spec *map, const char *key, double value, mtc_unit unit)
{
    const mtc_spec *node = mtc_spec_find(map, key);
    if (node != NULL) {
        append(l, words, node->text, "");
        return;
    }
    char number[32];
    (void)snprintf(number, sizeof number, "%.6g", value);
    append(l, words, number, unit == MTC_UNIT_NONE ? "" : " ");
    append(l, mtc_unit_symbol(unit), " (its domain)", "");
}

static void append_truncation(line *l, const mtc_prior *prior, const mtc_spec *map)
{
    double lower = 0.0;
    double upper = 0.0;
    prior->ops->support(prior->self, &lower, &upper);
    const bool is_cut_below = prior->lower > lower;
    const bool is_cut_above = prior->upper < upper;
    if (is_cut_below) {
        append_bound(l, is_cut_above ? ", from " : ", at least ", map, "lower", prior->lower, prior->unit);
    }
    if (is_cut_above) {
        append_bound(l, is_cut_below ? " to " : ", at most ", map, "upper", prior->upper, prior->unit);
    }
}

static void append_settings(line *l, const mtc_prior_ops *ops, const mtc_spec *map)
{
    const char *separator = "(";
    for (const mtc_key *k = ops->keys; k->key != NULL; ++k) {
        const mtc_spec *node = mtc_spec_find(map, k->key);
        if (node == NULL) {
            continue;
        }
        const size_t start = l->n + strlen(separator);
        append(l, separator, k->key, "");
        for (size_t i = start; i < l->n; ++i) {
            l->text[i] = l->text[i] == '_' ? '-' : l->text[i];
        }
        append(l, " ", node->text != NULL ? node->text : k->default_value, "");
        separator = ", ";
    }
    append(l, ")", "", "");
}

static mtc_status set_description(mtc_prior *prior, const mtc_spec *settings, mtc_arena *arena, mtc_err *err)
{
    line l = {"", 0};
    char *copy = NULL;
    if (prior->is_fixed) {
        append(&l, "fixed at ", settings->text, "");
    } else {
        append(&l, prior->ops->title, "", "");
        append_settings(&l, prior->ops, settings);
        append_truncation(&l, prior, settings);
    }
    const mtc_status st = mtc_arena_strndup(arena, l.text, l.n, &copy, err);
    prior->description = copy;
    return st;
}

/* Everything after the family is known; settings is its map, or its scalar. */
static mtc_status read_family(mtc_prior *prior, const mtc_param_info *param, const mtc_spec *settings, mtc_arena *arena,
                              mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    void *self = NULL;
    double lower = 0.0;
    double upper = 0.0;
    const mtc_spec_kind kind = prior->ops->keys == NULL ? MTC_SPEC_SCALAR : MTC_SPEC_MAP;
    if (settings->kind != kind) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &settings->pos, NULL,
                               kind == MTC_SPEC_MAP ? "prior '%s' needs a map of settings" : "'%s' needs one value",
                               prior->ops->name);
    }
    mtc_status st = MTC_OK;
    if (kind == MTC_SPEC_MAP) {
        MTC_TRY(check_settings(prior->ops, settings, prior->unit, errors));
    }
    st = mtc_arena_alloc(arena, 1, prior->ops->self_size, &self, &err);
    if (st != MTC_OK) {
        return mtc_errlist_push(errors, &err);
    }
    prior->self = self;
    MTC_TRY(prior->ops->init(self, settings, prior->unit, errors));
    prior->ops->support(self, &lower, &upper);
    if (lower == upper) {
        MTC_TRY(fix_prior(prior, param, settings, lower, errors));
    } else {
        MTC_TRY(truncate_prior(prior, param, settings, errors));
    }
    st = set_description(prior, settings, arena, &err);
    if (st != MTC_OK) {
        return mtc_errlist_push(errors, &err);
    }
out:
    return st;
}

mtc_status mtc_prior_read(mtc_prior *prior, const mtc_prior_ops *const *families, const mtc_param_info *param,
                          const mtc_spec *spec, mtc_arena *arena, mtc_errlist *errors)
{
    if (prior == NULL || families == NULL || param == NULL || arena == NULL) {
        return mtc_errlist_add(errors, MTC_EBUG, NULL, NULL, "mtc_prior_read: an argument is missing");
    }
    *prior = (mtc_prior){.unit = param->unit};
    if (spec == NULL || spec->kind != MTC_SPEC_MAP || spec->n != 1) {
        return mtc_errlist_add(errors, MTC_ECONFIG, spec != NULL ? &spec->pos : NULL,
                               "for example {lognormal: {median: 1, log_sd: 0.5}} or {fixed: 1}, with units",
                               "the prior of %s must name one family with its settings", param->name);
    }
    const mtc_status st = find_family(families, spec->key[0], &spec->key_pos[0], &prior->ops, errors);
    return st != MTC_OK ? st : read_family(prior, param, spec->item[0], arena, errors);
}

/* ---- the truncated law ---- */

double mtc_prior_logpdf(const mtc_prior *prior, double x, double *dlp)
{
    const double zero = -INFINITY;
    double lp = zero;
    double slope = 0.0;
    if (!prior->is_fixed && isfinite(x) && x >= prior->lower && x <= prior->upper) {
        prior->ops->logpdf(prior->self, x, &lp, &slope);
        /* a pole at the edge of the support (gamma with shape < 1 at 0) is no point one can stand on */
        lp = isfinite(lp) ? lp - prior->log_mass : zero;
    }
    if (dlp != NULL) {
        *dlp = lp > zero ? slope : 0.0;
    }
    return lp;
}

double mtc_prior_cdf(const mtc_prior *prior, double x)
{
    if (prior->is_fixed) {
        return x >= prior->fixed_value ? 1.0 : 0.0;
    }
    if (x <= prior->lower) {
        return 0.0;
    }
    if (x >= prior->upper) {
        return 1.0;
    }
    return fmin(mass_between(prior, prior->lower, x, NULL) / exp(prior->log_mass), 1.0);
}

double mtc_prior_ccdf(const mtc_prior *prior, double x)
{
    if (prior->is_fixed) {
        return x >= prior->fixed_value ? 0.0 : 1.0;
    }
    if (x <= prior->lower) {
        return 1.0;
    }
    if (x >= prior->upper) {
        return 0.0;
    }
    return fmin(mass_between(prior, x, prior->upper, NULL) / exp(prior->log_mass), 1.0);
}

/* x with P(X <= x) = p and P(X > x) = q of the truncated law */
static double quantile_of(const mtc_prior *prior, double p, double q)
{
    const double mass = exp(prior->log_mass);
    const double below = fmin(prior->cdf_lower + p * mass, 1.0);
    const double above = fmin(prior->ccdf_upper + q * mass, 1.0);
    const double x = prior->ops->quantile(prior->self, below, above);
    return fmin(fmax(x, prior->lower), prior->upper);
}

double mtc_prior_quantile(const mtc_prior *prior, double p)
{
    if (prior->is_fixed) {
        return prior->fixed_value;
    }
    if (!(p > 0.0)) {
        return prior->lower;
    }
    if (p >= 1.0) {
        return prior->upper;
    }
    return quantile_of(prior, p, 1.0 - p);
}

double mtc_prior_at_score(const mtc_prior *prior, double z, double *dx)
{
    if (prior->is_fixed) {
        if (dx != NULL) {
            *dx = 0.0;
        }
        return prior->fixed_value;
    }
    const double at = fmin(fmax(z, -MTC_SCORE_MAX), MTC_SCORE_MAX);
    const double x = quantile_of(prior, mtc_normal_cdf(at), mtc_normal_ccdf(at));
    if (dx != NULL) {
        const double lp = mtc_prior_logpdf(prior, x, NULL);
        *dx = isfinite(lp) ? exp(mtc_log_normal_pdf(at) - lp) : 0.0;
    }
    return x;
}

double mtc_prior_score(const mtc_prior *prior, double x)
{
    const double z = mtc_normal_quantile(mtc_prior_cdf(prior, x), mtc_prior_ccdf(prior, x));
    return fmin(fmax(z, -MTC_SCORE_MAX), MTC_SCORE_MAX);
}

double mtc_prior_draw(const mtc_prior *prior, gsl_rng *rng)
{
    return prior->is_fixed ? prior->fixed_value : mtc_prior_quantile(prior, mtc_rng_uniform(rng));
}

mtc_status mtc_prior_describe(const mtc_prior *prior, mtc_arena *arena, char **out, mtc_err *err)
{
    if (prior == NULL || prior->description == NULL || arena == NULL || out == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_prior_describe: no prior was read");
    }
    return mtc_arena_strndup(arena, prior->description, strlen(prior->description), out, err);
}
