/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_result.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** Counts below this are hidden under `privacy: aggregate`. */
#define SMALLEST_COUNT 5.0

static void comparison_init(mtc_result_comparison *c)
{
    c->log_bayes_factor = c->log_bayes_factor_se = c->log10_bayes_factor = NAN;
    c->prior_odds = c->turning_odds = NAN;
    c->elpd_loo_difference = c->elpd_loo_difference_se = NAN;
}

mtc_status mtc_result_create(mtc_result **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_arena *arena = NULL;
    mtc_result *r = NULL;

    if (out == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_result_create: no place for the result");
    }
    *out = NULL;
    MTC_TRY(mtc_arena_create(&arena, err));
    MTC_TRY(mtc_arena_new(arena, 1, &r, err));
    r->arena = arena;
    comparison_init(&r->comparison);
    *out = r;
    arena = NULL;
out:
    mtc_arena_destroy(arena);
    return st;
}

void mtc_result_destroy(mtc_result *r)
{
    if (r != NULL) {
        mtc_arena_destroy(r->arena); /* r itself lies in it */
    }
}

mtc_status mtc_result_text(mtc_result *r, const char *text, const char **out, mtc_err *err)
{
    char *copy = NULL;

    *out = NULL;
    if (text == NULL) {
        return MTC_OK;
    }
    const mtc_status st = mtc_arena_strndup(r->arena, text, strlen(text), &copy, err);
    *out = copy;
    return st;
}

mtc_status mtc_result_doubles(mtc_result *r, const double *x, size_t n, double **out, mtc_err *err)
{
    const mtc_status st = mtc_arena_new(r->arena, n, out, err);
    if (st == MTC_OK && n > 0) {
        memcpy(*out, x, n * sizeof *x);
    }
    return st;
}

void mtc_result_model_init(mtc_result_model *m)
{
    memset(m, 0, sizeof *m);
    m->map.log_posterior = m->map.log_prior = m->map.log_likelihood = NAN;
    m->evidence.value = m->evidence.se = NAN;
    m->seeding_diameter_mass = (mtc_result_mass){NAN, NAN, NAN};
}

mtc_status mtc_result_sentence(mtc_result *r, const char ***list, size_t *n, mtc_err *err, const char *format, ...)
{
    mtc_status st = MTC_OK;
    const char **longer = NULL;
    char *text = NULL;
    va_list args;

    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        return mtc_fail(err, MTC_EBUG, "mtc_result_sentence: bad format");
    }
    MTC_TRY(mtc_arena_new(r->arena, (size_t)length + 1, &text, err));
    va_start(args, format);
    (void)vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    MTC_TRY(mtc_arena_new(r->arena, *n + 1, &longer, err));
    if (*n > 0) {
        memcpy(longer, *list, *n * sizeof *longer);
    }
    longer[*n] = text;
    *list = longer;
    *n += 1;
out:
    return st;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/** The finders look alike: first entry of a list whose member equals the key, or NULL. */
#define FIND(list, n, member, key)                                                                                     \
    do {                                                                                                               \
        for (size_t i = 0; i < (n); i++) {                                                                             \
            if (same((list)[i].member, (key))) {                                                                       \
                return &(list)[i];                                                                                     \
            }                                                                                                          \
        }                                                                                                              \
        return NULL;                                                                                                   \
    } while (0)

const mtc_result_model *mtc_result_find_model(const mtc_result *r, const char *name)
{
    FIND(r->model, r->n_model, name, name);
}

const mtc_result_param *mtc_result_find_param(const mtc_result_model *m, const char *name)
{
    FIND(m->param, m->n_param, name, name);
}

const mtc_result_posterior *mtc_result_find_posterior(const mtc_result_model *m, const char *name)
{
    FIND(m->posterior, m->n_posterior, name, name);
}

const mtc_result_distribution *mtc_result_find_distribution(const mtc_result_model *m, const char *id)
{
    FIND(m->seeding.distribution, m->seeding.n_distribution, id, id);
}

const mtc_result_share *mtc_result_find_share(const mtc_result_model *m, const char *id)
{
    FIND(m->seeding.share, m->seeding.n_share, id, id);
}

static void hide_count(bool is_count, double *value, bool *is_hidden)
{
    if (is_count && *value < SMALLEST_COUNT) {
        *value = NAN;
        *is_hidden = true;
    }
}

/** Index of the last observed point at or before x, or n_obs where there is none; obs_x ascends. */
static size_t last_point(const mtc_result_display *d, double x)
{
    size_t found = d->n_obs;
    for (size_t i = 0; i < d->n_obs && d->obs_x[i] <= x; i++) {
        found = i;
    }
    return found;
}

/** One step curve, made of the values of the old one on the display's grid. */
typedef struct {
    double *x, *y, *lower, *upper, *at_risk;
    size_t n;
} coarse;

static mtc_status coarse_alloc(mtc_result *r, const mtc_result_display *d, coarse *c, mtc_err *err)
{
    mtc_status st = MTC_OK;

    MTC_TRY(mtc_arena_new(r->arena, d->n_x, &c->x, err));
    MTC_TRY(mtc_arena_new(r->arena, d->n_x, &c->y, err));
    if (d->obs_lower != NULL && d->obs_upper != NULL) {
        MTC_TRY(mtc_arena_new(r->arena, d->n_x, &c->lower, err));
        MTC_TRY(mtc_arena_new(r->arena, d->n_x, &c->upper, err));
    }
    if (d->obs_n_at_risk != NULL) {
        MTC_TRY(mtc_arena_new(r->arena, d->n_x, &c->at_risk, err));
    }
out:
    return st;
}

static void coarse_add(coarse *c, const mtc_result_display *d, double x, size_t point)
{
    const bool before_first = point == d->n_obs;
    const double start = same(d->kind, "kaplan_meier") ? 1.0 : 0.0;

    c->x[c->n] = x;
    c->y[c->n] = before_first ? start : d->obs_y[point];
    if (c->lower != NULL) {
        c->lower[c->n] = before_first ? start : d->obs_lower[point];
        c->upper[c->n] = before_first ? start : d->obs_upper[point];
    }
    if (c->at_risk != NULL) {
        c->at_risk[c->n] = d->obs_n_at_risk[before_first ? 0 : point];
    }
    c->n++;
}

static mtc_status coarsen(mtc_result *r, mtc_result_display *d, mtc_err *err)
{
    mtc_status st = MTC_OK;
    coarse c = {0};

    MTC_TRY(coarse_alloc(r, d, &c, err));
    for (size_t i = 0; i < d->n_x && d->x[i] <= d->obs_x[d->n_obs - 1]; i++) {
        const size_t point = last_point(d, d->x[i]);
        const size_t risk_point = point == d->n_obs ? 0 : point;
        if (d->obs_n_at_risk != NULL && !(d->obs_n_at_risk[risk_point] >= SMALLEST_COUNT)) {
            break;
        }
        coarse_add(&c, d, d->x[i], point);
    }
    d->n_obs = c.n;
    d->obs_x = c.x;
    d->obs_y = c.y;
    d->obs_lower = c.lower;
    d->obs_upper = c.upper;
    d->obs_n_at_risk = c.at_risk;
out:
    return st;
}

/* "rotterdam, row 1507" becomes "rotterdam": names of sources hold no comma. */
static mtc_status name_source_only(mtc_result *r, const char **unit, mtc_err *err)
{
    char *source = NULL;
    if (*unit == NULL) {
        return MTC_OK;
    }
    const mtc_status st = mtc_arena_strndup(r->arena, *unit, strcspn(*unit, ","), &source, err);
    *unit = source;
    return st;
}

mtc_status mtc_result_redact(mtc_result *r, mtc_err *err)
{
    mtc_status st = MTC_OK;

    if (same(r->run.privacy, "individual")) {
        return MTC_OK;
    }
    for (size_t s = 0; s < r->n_source; s++) {
        for (size_t i = 0; i < r->source[s].n_fact; i++) {
            mtc_result_fact *fact = &r->source[s].fact[i];
            hide_count(fact->is_count, &fact->value, &fact->is_hidden);
        }
    }
    for (size_t m = 0; m < r->n_model; m++) {
        MTC_TRY(name_source_only(r, &r->model[m].predictive.worst_unit, err));
        for (size_t i = 0; i < r->model[m].n_quantity; i++) {
            mtc_result_quantity *q = &r->model[m].quantity[i];
            hide_count(q->is_count, &q->observed, &q->is_hidden);
        }
    }
    for (size_t i = 0; i < r->n_display; i++) {
        mtc_result_display *d = &r->display[i];
        if (d->obs_label == NULL && d->n_obs > 0) {
            MTC_TRY(coarsen(r, d, err));
        }
    }
out:
    return st;
}
