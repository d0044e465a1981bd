/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include "mtc_logmath.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- words ---- */

static const struct {
    double two_log; /* upper border of 2 ln B */
    const char *words;
} categories[] = {{2.0, "not worth more than a bare mention"},
                  {6.0, "positive"},
                  {10.0, "strong"},
                  {(double)INFINITY, "very strong"}};

const char *mtc_kass_raftery(double log_bayes_factor)
{
    size_t i = 0;
    while (2.0 * fabs(log_bayes_factor) >= categories[i].two_log && isfinite(categories[i].two_log)) {
        i++;
    }
    return categories[i].words;
}

static mtc_status write_words(mtc_result *r, mtc_err *err)
{
    mtc_result_comparison *c = &r->comparison;
    const double x = c->log_bayes_factor, reach = 2.0 * c->log_bayes_factor_se;
    const char *favoured = x >= 0.0 ? c->numerator : c->denominator;
    const char *words = mtc_kass_raftery(x), *least = mtc_kass_raftery(x - reach), *most = mtc_kass_raftery(x + reach);
    char text[320];
    if (words == categories[0].words) {
        snprintf(text, sizeof text, "%s", words);
    } else {
        snprintf(text, sizeof text, "%s evidence for %s", words, favoured);
    }
    mtc_status st = mtc_result_text(r, text, &c->words, err);
    const bool turns = (x - reach < 0.0) != (x + reach < 0.0);
    /* a bare mention of either side is the same category */
    if (st != MTC_OK || (least == words && most == words && (!turns || words == categories[0].words))) {
        return st;
    }
    if (turns) {
        snprintf(text, sizeof text, "Within two standard errors (%.2f to %.2f) the sign itself is open.", x - reach,
                 x + reach);
    } else {
        const char *low = x >= 0.0 ? least : most, *high = x >= 0.0 ? most : least;
        snprintf(text, sizeof text, "Within two standard errors (%.2f to %.2f) the words range from \"%s\" to \"%s\".",
                 x - reach, x + reach, low, high);
    }
    return mtc_result_text(r, text, &c->border, err);
}

/* ---- which two, and how probable ---- */

/* Parallel over linear where both are there; else the second compared model over the first. */
static void pick_pair(const mtc_compare_plan *plan, size_t *numerator, size_t *denominator)
{
    size_t n_found = 0;
    long linear = -1, parallel = -1;
    for (size_t i = 0; i < plan->n_model; i++) {
        if (!(plan->model[i].prior_odds > 0.0)) {
            continue;
        }
        if (n_found == 0) {
            *denominator = i;
        } else if (n_found == 1) {
            *numerator = i;
        }
        n_found++;
        linear = strcmp(plan->model[i].name, "linear") == 0 ? (long)i : linear;
        parallel = strcmp(plan->model[i].name, "parallel") == 0 ? (long)i : parallel;
    }
    if (linear >= 0 && parallel >= 0) {
        *numerator = (size_t)parallel;
        *denominator = (size_t)linear;
    }
}

static mtc_status fill_probabilities(const mtc_compare_plan *plan, mtc_result *r, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_comparison *c = &r->comparison;
    double odds = 0.0, all = -(double)INFINITY;
    size_t n = 0;
    for (size_t i = 0; i < plan->n_model; i++) {
        if (plan->model[i].prior_odds > 0.0) {
            n++;
            odds += plan->model[i].prior_odds;
            all = mtc_log_add(all, log(plan->model[i].prior_odds) + r->model[i].evidence.value);
        }
    }
    MTC_TRY(mtc_result_list(r, n, &c->prior_probability, err));
    MTC_TRY(mtc_result_list(r, n, &c->posterior_probability, err));
    for (size_t i = 0; i < plan->n_model; i++) {
        const double weight = plan->model[i].prior_odds;
        if (weight > 0.0) {
            const char *name = r->model[i].name;
            c->prior_probability[c->n_probability] = (mtc_result_number){name, weight / odds};
            c->posterior_probability[c->n_probability++] =
                (mtc_result_number){name, exp(log(weight) + r->model[i].evidence.value - all)};
        }
    }
out:
    return st;
}

/* Every two compared models whose evidences are known. */
static mtc_status fill_pairs(mtc_result *r, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_comparison *c = &r->comparison;
    MTC_TRY(mtc_result_list(r, r->n_model * (r->n_model - 1) / 2, &c->pair, err));
    for (size_t i = 0; i < r->n_model; i++) {
        const mtc_result_model *top = &r->model[i];
        for (size_t k = 0; k < i; k++) {
            const mtc_result_model *bottom = &r->model[k];
            const double factor = top->evidence.value - bottom->evidence.value;
            if (top->in_comparison && bottom->in_comparison && !isnan(factor)) {
                c->pair[c->n_pair++] =
                    (mtc_result_pair){.numerator = top->name,
                                      .denominator = bottom->name,
                                      .log_bayes_factor = factor,
                                      .log_bayes_factor_se = hypot(top->evidence.se, bottom->evidence.se),
                                      .reliable = top->evidence.reliable && bottom->evidence.reliable};
            }
        }
    }
out:
    return st;
}

/* Every reason why a compared evidence is not reliable. */
static mtc_status fill_reasons(mtc_result *r, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_comparison *c = &r->comparison;
    c->reliable = true;
    for (size_t i = 0; i < r->n_model; i++) {
        const mtc_result_model *m = &r->model[i];
        if (!m->in_comparison || m->evidence.reliable) {
            continue;
        }
        c->reliable = false;
        for (size_t k = 0; k < m->evidence.n_reason; k++) {
            MTC_TRY(mtc_result_sentence(r, &c->reason, &c->n_reason, err, "%s: %s", m->name, m->evidence.reason[k]));
        }
        if (m->evidence.n_reason == 0) {
            MTC_TRY(mtc_result_sentence(r, &c->reason, &c->n_reason, err, "%s: the evidence is not reliable", m->name));
        }
    }
out:
    return st;
}

mtc_status compare_answer(const mtc_compare_plan *plan, mtc_result *r, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_comparison *c = &r->comparison;
    size_t n_compared = 0, top = 0, bottom = 0;
    for (size_t i = 0; i < plan->n_model; i++) {
        n_compared += plan->model[i].prior_odds > 0.0;
    }
    if (!plan->with_evidence || n_compared < 2) {
        return MTC_OK;
    }
    pick_pair(plan, &top, &bottom);
    const mtc_result_evidence *a = &r->model[top].evidence, *b = &r->model[bottom].evidence;
    c->is_present = true;
    c->numerator = r->model[top].name;
    c->denominator = r->model[bottom].name;
    MTC_TRY(fill_reasons(r, err));
    MTC_TRY(fill_pairs(r, err));
    c->prior_odds = plan->model[top].prior_odds / plan->model[bottom].prior_odds;
    for (size_t i = 0; i < r->n_model; i++) {
        if (r->model[i].in_comparison && isnan(r->model[i].evidence.value)) {
            return MTC_OK; /* the reasons say which and why */
        }
    }
    c->log_bayes_factor = a->value - b->value;
    c->log_bayes_factor_se = sqrt(a->se * a->se + b->se * b->se);
    c->log10_bayes_factor = c->log_bayes_factor / log(10.0);
    c->turning_odds = exp(-c->log_bayes_factor);
    MTC_TRY(write_words(r, err));
    MTC_TRY(fill_probabilities(plan, r, err));
out:
    return st;
}

mtc_status mtc_compare_status(const mtc_result *r)
{
    bool any = false;
    for (size_t i = 0; i < r->n_model; i++) {
        any = any || r->model[i].in_comparison;
    }
    for (size_t i = 0; i < r->n_model; i++) {
        if ((r->model[i].in_comparison || !any) && !r->model[i].diagnostics.converged) {
            return MTC_ENOTCONVERGED;
        }
    }
    return r->comparison.is_present && !r->comparison.reliable ? MTC_EUNRELIABLE : MTC_OK;
}

/* ---- predictive checks ---- */

/* Observed step curve with its 95% limits at x: the last point at or before it. -1: before the first. */
static long last_step(const mtc_result_display *d, double x)
{
    long at = -1;
    for (size_t i = 0; i < d->n_obs && d->obs_x[i] <= x; i++) {
        at = (long)i;
    }
    return at;
}

/* Where along the axis band and limits are apart. */
typedef struct {
    size_t n_looked, n_apart;
    double first, last;
    double too_low; /* points at which the band lies below the limits */
} misfit;

static misfit look(const mtc_result_display *d, const mtc_result_prediction *p)
{
    const double fewest = 20.0; /* patients at risk, below which the limits say little */
    misfit m = {0, 0, 0.0, 0.0, 0.0};
    for (size_t k = 0; k < d->n_x; k++) {
        const long i = last_step(d, d->x[k]);
        if (i < 0 || (d->obs_n_at_risk && d->obs_n_at_risk[i] < fewest) || isnan(d->obs_lower[i]) ||
            isnan(d->obs_upper[i]) || isnan(p->median[k]) || !(d->obs_lower[i] < d->obs_upper[i])) {
            continue;
        }
        m.n_looked++;
        const bool below = p->q95[k]<d->obs_lower[i], above = p->q05[k]> d->obs_upper[i];
        if (below || above) {
            m.first = m.n_apart == 0 ? d->x[k] : m.first;
            m.last = d->x[k];
            m.n_apart++;
            m.too_low += below;
        }
    }
    return m;
}

static mtc_status check_display(mtc_result *r, const mtc_result_display *d, const mtc_result_prediction *p,
                                const char *label, bool *fits, mtc_err *err)
{
    const double allowed = 0.1; /* share of the grid: single points leave pointwise limits by chance */
    const misfit m = look(d, p);
    if ((double)m.n_apart <= allowed * (double)m.n_looked) {
        return MTC_OK;
    }
    *fits = false;
    return mtc_result_sentence(
        r, &r->misfit, &r->n_misfit, err,
        "%s does not predict \"%s\" (%s): between %.3g and %.3g years its 90%% band lies %s the 95%% "
        "limits of the observed curve at %.0f%% of the points.",
        label, d->title, d->source, m.first, m.last, m.too_low > 0.5 * (double)m.n_apart ? "below" : "above",
        100.0 * (double)m.n_apart / (double)m.n_looked);
}

mtc_status compare_misfit(mtc_result *r, mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t n_compared = 0, n_bad = 0;
    for (size_t i = 0; i < r->n_model; i++) {
        const mtc_result_model *m = &r->model[i];
        bool fits = true;
        for (size_t d = 0; d < r->n_display; d++) {
            const mtc_result_display *shown = &r->display[d];
            if (strcmp(shown->kind, "kaplan_meier") != 0 || !shown->obs_lower || !shown->obs_upper) {
                continue;
            }
            for (size_t k = 0; k < shown->n_prediction; k++) {
                if (strcmp(shown->prediction[k].model, m->name) == 0) {
                    MTC_TRY(check_display(r, shown, &shown->prediction[k], m->label ? m->label : m->name, &fits, err));
                }
            }
        }
        n_compared += m->in_comparison;
        n_bad += m->in_comparison && !fits;
    }
    r->all_misfit = n_compared > 0 && n_bad == n_compared;
out:
    return st;
}
