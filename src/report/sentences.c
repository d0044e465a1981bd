/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "words_internal.h"

#include <math.h>
#include <string.h>

/** Below this |log Bayes factor| the data are said not to decide (Kass & Raftery 1995: "bare mention"). */
#define BARE_MENTION 1.0

static bool is_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/** Probability of a model after the data, NaN where it is not listed. */
static double posterior_probability(const mtc_result *r, const char *model)
{
    for (size_t i = 0; i < r->comparison.n_probability; i++) {
        if (strcmp(r->comparison.posterior_probability[i].name, model) == 0) {
            return r->comparison.posterior_probability[i].value;
        }
    }
    return NAN;
}

/** After `fit`: how many posteriors, and whether they may be used. */
static void fit_verdict(const mtc_result *r, mtc_buffer *out)
{
    size_t n_failed = 0;
    for (size_t i = 0; i < r->n_model; i++) {
        n_failed += r->model[i].diagnostics.converged ? 0 : 1;
    }
    mtc_buffer_printf(out, "The posterior of %zu model%s; the models were not compared.", r->n_model,
                      r->n_model == 1 ? "" : "s");
    if (n_failed > 0) {
        mtc_buffer_printf(out, " NOT converged: %zu of %zu.", n_failed, r->n_model);
    }
}

static bool has_kind(const mtc_result *r, const char *family)
{
    for (size_t i = 0; i < r->n_source; i++) {
        if (is_text(r->source[i].kind) && strncmp(r->source[i].kind, family, strlen(family)) == 0) {
            return true;
        }
    }
    return false;
}

const char *words_data_alone(const mtc_result *r)
{
    const bool latency = has_kind(r, "latency/"), growth = has_kind(r, "tvdt/");
    if (latency && !growth) {
        return "No doubling times were given: how fast tumours grow, how much that differs between patients and the "
               "growth ratio of metastases are held by their priors alone, and with them a part of the answer. Compare "
               "the posterior of these parameters with what was measured elsewhere.";
    }
    if (growth && !latency) {
        return "Only doubling times were given. They say nothing on where seeding starts: they can favour a hypothesis "
               "only by its prior on growth, and not at all where the hypotheses share that prior.";
    }
    return NULL;
}

static void undecided(const mtc_result *r, mtc_buffer *out)
{
    const mtc_result_comparison *c = &r->comparison;
    mtc_buffer_printf(out, "%she data do not decide between %s and %s", c->reliable ? "T" : "t",
                      words_label_inside(r, c->numerator).text, words_label_inside(r, c->denominator).text);
    if (fabs(c->log_bayes_factor) >= BARE_MENTION) {
        mtc_buffer_text(out, ": which of them is ahead is within the error of the computation");
    } else if (is_text(c->words)) {
        mtc_buffer_printf(out, ": %s", c->words);
    }
    mtc_buffer_text(out, ".");
}

static void decided(const mtc_result *r, const char *better, const char *worse, mtc_buffer *out)
{
    const mtc_result_comparison *c = &r->comparison;
    const double p = posterior_probability(r, better);

    mtc_buffer_printf(out, "%she data favour %s over %s", c->reliable ? "T" : "t", words_label_inside(r, better).text,
                      words_label_inside(r, worse).text);
    if (is_text(c->words)) {
        mtc_buffer_printf(out, ": %s", c->words);
    }
    mtc_buffer_printf(out, ". They shift the odds towards %s by a factor of %s", words_label_inside(r, better).text,
                      word_factor(fabs(c->log_bayes_factor)).text);
    if (isfinite(p)) {
        mtc_buffer_printf(out, "; its posterior probability is %s", word_percent(p).text);
    }
    mtc_buffer_text(out, ".");
}

void words_verdict(const mtc_result *r, mtc_buffer *out)
{
    const mtc_result_comparison *c = &r->comparison;
    const double x = c->log_bayes_factor;

    if (c->is_present && !c->reliable) {
        mtc_buffer_text(out, "This answer is NOT reliable. As computed: ");
    }
    if (!c->is_present) {
        fit_verdict(r, out);
    } else if (!isfinite(x)) {
        mtc_buffer_printf(out, "No Bayes factor between %s and %s could be computed.",
                          words_label_inside(r, c->numerator).text, words_label_inside(r, c->denominator).text);
    } else if (fabs(x) < fmax(BARE_MENTION, 2.0 * c->log_bayes_factor_se)) {
        undecided(r, out);
    } else {
        decided(r, x > 0.0 ? c->numerator : c->denominator, x > 0.0 ? c->denominator : c->numerator, out);
    }
}

static void put_reasons(const char *const *reason, size_t n, mtc_buffer *out)
{
    for (size_t i = 0; i < n; i++) {
        mtc_buffer_printf(out, "%s%s", i == 0 ? ": " : "; ", reason[i]);
    }
}

/* An alarm that was raised stands among the reasons. */
static void put_alarm(const mtc_result *r, mtc_buffer *out)
{
    bool is_silent = true;
    for (size_t i = 0; i < r->n_model; i++) {
        const char *alarm = r->model[i].evidence.smc_alarm;
        if (r->model[i].in_comparison && alarm != NULL && strcmp(alarm, "not run") == 0) {
            mtc_buffer_text(out,
                            " The alarm for modes that all chains missed (sequential Monte Carlo from the prior) was "
                            "not run.");
            return;
        }
        is_silent = is_silent && (!r->model[i].in_comparison || (alarm != NULL && strcmp(alarm, "silent") == 0));
    }
    if (is_silent) {
        mtc_buffer_text(out, " Sequential Monte Carlo from the prior found no place that the chains had missed.");
    }
}

void words_certainty(const mtc_result *r, mtc_buffer *out)
{
    const mtc_result_comparison *c = &r->comparison;
    const double x = c->log_bayes_factor, se = c->log_bayes_factor_se;

    if (!c->is_present || !isfinite(x)) {
        return;
    }
    mtc_buffer_printf(out, "The natural logarithm of the Bayes factor (%s over %s) is %s with a standard error of %s: ",
                      c->numerator, c->denominator, word_with_se(x, se).text, word_number(se, 2).text);
    mtc_buffer_printf(out, "repeating the computation would mostly give values between %s and %s.",
                      word_with_se(x - 2.0 * se, se).text, word_with_se(x + 2.0 * se, se).text);
    if (is_text(c->border)) {
        mtc_buffer_printf(out, " %s", c->border);
    }
    if (c->reliable) {
        mtc_buffer_text(out,
                        " The number is reliable: for every model two independent methods agree within their errors, "
                        "the errors are small enough, and all diagnostics pass.");
    } else {
        mtc_buffer_text(out, " The number is NOT reliable and should not be quoted");
        put_reasons(c->reason, c->n_reason, out);
        mtc_buffer_text(out, ".");
    }
    put_alarm(r, out);
}

void words_turning(const mtc_result *r, mtc_buffer *out)
{
    const mtc_result_comparison *c = &r->comparison;

    if (!c->is_present || !isfinite(c->log_bayes_factor) || !isfinite(c->turning_odds) || c->turning_odds <= 0.0) {
        return;
    }
    if (fabs(c->log_bayes_factor) < BARE_MENTION) {
        mtc_buffer_printf(
            out,
            "Before the data, %s and %s were given odds of %s to 1; the data leave anybody's odds nearly as "
            "they were.",
            c->numerator, c->denominator, word_plain(c->prior_odds, 3).text);
        return;
    }
    const bool is_up = c->log_bayes_factor > 0.0;
    const name_word better = words_label_inside(r, is_up ? c->numerator : c->denominator);
    const name_word worse = words_label_inside(r, is_up ? c->denominator : c->numerator);
    mtc_buffer_printf(
        out,
        "Before the data, %s and %s were given odds of %s to 1. Someone who beforehand held %s to be more "
        "than %s times as probable as %s would still prefer it.",
        c->numerator, c->denominator, word_plain(c->prior_odds, 3).text, worse.text,
        word_factor(fabs(log(c->turning_odds))).text, better.text);
}

bool words_conflict(const mtc_result_model *m, const mtc_result_param *p, mtc_buffer *out)
{
    const mtc_result_posterior *post = mtc_result_find_posterior(m, p->name);

    if (!(fabs(p->conflict_z) > CONFLICT_Z) || post == NULL) {
        return false;
    }
    mtc_buffer_printf(
        out, "%s: the data pull %s (%s) to %s%s%s, %s prior standard deviations %s what its prior expects (%s).",
        m->label, is_text(p->text) ? p->text : p->name, is_text(p->symbol) ? p->symbol : p->name,
        word_number(post->q50, 3).text, is_text(p->unit) ? " " : "", is_text(p->unit) ? p->unit : "",
        word_number(fabs(p->conflict_z), 2).text, p->conflict_z > 0.0 ? "above" : "below", p->prior);
    return true;
}

void words_check(const mtc_result_model *m, mtc_buffer *out)
{
    const mtc_result_posterior *post = mtc_result_find_posterior(m, "seeding_diameter_mm");
    const mtc_result_param *prior = mtc_result_find_param(m, "seeding_diameter_mm");
    const mtc_result_mass *mass = &m->seeding_diameter_mass;

    if (post == NULL || prior == NULL || !isfinite(mass->below_5_mm)) {
        return;
    }
    mtc_buffer_printf(out,
                      "Left free (%s), the data put the primary's diameter at the onset of seeding at %s mm "
                      "(90%% interval %s to %s mm): ",
                      prior->prior, word_number(post->q50, 2).text, word_number(post->q05, 2).text,
                      word_number(post->q95, 2).text);
    mtc_buffer_printf(out, "%s of the posterior lies below 5 mm, ", word_percent(mass->below_5_mm).text);
    mtc_buffer_printf(out, "%s from 5 to 10 mm, which neither hypothesis claims, and ",
                      word_percent(mass->from_5_to_10_mm).text);
    mtc_buffer_printf(out, "%s above 10 mm.", word_percent(mass->above_10_mm).text);
}

bool words_prior_differs(const mtc_result *r, const mtc_result_param *p)
{
    for (size_t i = 0; i < r->n_model; i++) {
        const mtc_result_param *other = mtc_result_find_param(&r->model[i], p->name);
        if (r->model[i].in_comparison && (other == NULL || strcmp(other->prior, p->prior) != 0)) {
            return true;
        }
    }
    return false;
}

void words_hypothesis(const mtc_result *r, const mtc_result_model *m, mtc_buffer *out)
{
    size_t n = 0;

    mtc_buffer_printf(out, "%s (%s)", m->label, m->name);
    for (size_t i = 0; i < m->n_param; i++) {
        const mtc_result_param *p = &m->param[i];
        if (r->n_model == 1 || words_prior_differs(r, p)) {
            mtc_buffer_printf(out, "%s%s ~ %s", n++ == 0 ? ": " : "; ", p->name, p->prior);
        }
    }
    mtc_buffer_text(out, n == 0 ? ": no prior of its own." : ".");
}

static void seeding_shares(const mtc_result_model *m, mtc_buffer *out)
{
    const mtc_result_share *below_5 = mtc_result_find_share(m, "first_below_5_mm");
    const mtc_result_share *below_10 = mtc_result_find_share(m, "first_below_10_mm");
    const mtc_result_share *all_5 = mtc_result_find_share(m, "all_below_5_mm");
    const mtc_result_share *all_10 = mtc_result_find_share(m, "all_below_10_mm");

    if (below_5 != NULL && below_10 != NULL) {
        mtc_buffer_printf(out, " %s of first metastases left a primary below 5 mm and ",
                          word_percent_interval(below_5->share).text);
        mtc_buffer_printf(out, "%s one below 10 mm.", word_percent_interval(below_10->share).text);
    }
    if (all_5 != NULL && all_10 != NULL) {
        mtc_buffer_printf(out, " Of all founders it was %s and ", word_percent_interval(all_5->share).text);
        mtc_buffer_printf(out, "%s.", word_percent_interval(all_10->share).text);
    }
}

void words_seeding(const mtc_result_model *m, mtc_buffer *out)
{
    const mtc_result_distribution *years = mtc_result_find_distribution(m, "first_years_before_surgery");
    const mtc_result_distribution *size = mtc_result_find_distribution(m, "first_diameter_mm");

    if (years == NULL || size == NULL) {
        return;
    }
    mtc_buffer_printf(out,
                      "%s: the founder of the first metastasis left %s years before surgery (median; 90%% of patients "
                      "%s to %s), ",
                      m->label, word_number(years->q50, 2).text, word_number(years->q05, 2).text,
                      word_number(years->q95, 2).text);
    mtc_buffer_printf(out, "when the primary measured %s mm (%s to %s).", word_number(size->q50, 2).text,
                      word_number(size->q05, 2).text, word_number(size->q95, 2).text);
    seeding_shares(m, out);
}

void words_diagnostics(const mtc_result_model *m, mtc_buffer *out)
{
    size_t n_failed = 0;
    for (size_t i = 0; i < m->diagnostics.n_check; i++) {
        n_failed += m->diagnostics.check[i].pass ? 0 : 1;
    }
    if (m->diagnostics.converged && n_failed == 0) {
        mtc_buffer_printf(out, "%s: converged; all %zu checks pass.", m->label, m->diagnostics.n_check);
    } else if (m->diagnostics.converged) {
        mtc_buffer_printf(out, "%s: converged, though %zu of %zu checks raise an alarm.", m->label, n_failed,
                          m->diagnostics.n_check);
    } else {
        mtc_buffer_printf(out, "%s: NOT converged; %zu of %zu checks fail. Its posterior must not be used.", m->label,
                          n_failed, m->diagnostics.n_check);
    }
}

void words_evidence(const mtc_result_model *m, mtc_buffer *out)
{
    const mtc_result_evidence *e = &m->evidence;

    mtc_buffer_printf(out, "%s: log evidence %s, standard error %s, ", m->label, word_with_se(e->value, e->se).text,
                      word_number(e->se, 2).text);
    mtc_buffer_printf(out, "%s route, %s", is_text(e->route) ? e->route : "no",
                      e->reliable ? "reliable" : "NOT reliable");
    if (!e->reliable) {
        put_reasons(e->reason, e->n_reason, out);
    }
    mtc_buffer_text(out, ".");
    if (is_text(e->smc_alarm)) {
        mtc_buffer_printf(out, " Alarm for missed modes: %s.", e->smc_alarm);
    }
}
