/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sections_internal.h"

#include <math.h>
#include <string.h>

/** More figures of one group than any configuration makes. */
#define MOST_FIGURES 128

static const char *take_buffer(doc *d, mtc_buffer *b)
{
    char *copy = NULL;
    if (d->st == MTC_OK) {
        d->st = mtc_buffer_check(b, d->err);
    }
    if (d->st == MTC_OK) {
        d->st = mtc_arena_strndup(d->arena, b->text == NULL ? "" : b->text, b->n, &copy, d->err);
    }
    mtc_buffer_fini(b);
    return copy == NULL ? "" : copy;
}

const char *sentence_of(doc *d, void (*write)(const mtc_result *, mtc_buffer *), const mtc_result *r)
{
    mtc_buffer b = MTC_BUFFER_INIT;
    write(r, &b);
    return take_buffer(d, &b);
}

const char *model_sentence(doc *d, void (*write)(const mtc_result_model *, mtc_buffer *), const mtc_result_model *m)
{
    mtc_buffer b = MTC_BUFFER_INIT;
    write(m, &b);
    return take_buffer(d, &b);
}

void section_figures(doc *d, const figure_set *figures, figure_group group, bool is_small)
{
    const figure *list[MOST_FIGURES];
    const size_t n = figures_of(figures, group, list, MOST_FIGURES);
    doc_figures(d, list, n, is_small);
}

/** What must be read before any Bayes factor: no hypothesis fits, or one does not. */
static void misfit_notes(doc *d, const mtc_result *r)
{
    if (r->all_misfit) {
        doc_note(d, DOC_BAD,
                 "No hypothesis describes these data well, so the comparison only says which of them is less wrong.");
    }
    for (size_t i = 0; i < r->n_misfit; i++) {
        doc_note(d, r->all_misfit ? DOC_BAD : DOC_WARN, "%s", r->misfit[i]);
    }
}

static void conflict_notes(doc *d, const mtc_result *r)
{
    for (size_t m = 0; m < r->n_model; m++) {
        for (size_t i = 0; i < r->model[m].n_param && r->model[m].in_comparison; i++) {
            mtc_buffer b = MTC_BUFFER_INIT;
            const bool is_conflict = words_conflict(&r->model[m], &r->model[m].param[i], &b);
            const char *const text = take_buffer(d, &b);
            if (is_conflict) {
                doc_note(d, DOC_WARN, "Prior and data disagree. %s", text);
            }
        }
    }
}

static void cards(doc *d, const mtc_result *r)
{
    const mtc_result_comparison *c = &r->comparison;

    if (!c->is_present || !isfinite(c->log_bayes_factor)) {
        return;
    }
    doc_begin(d, DOC_CARDS, NULL, NULL);
    doc_item(d, "Log Bayes factor, %s over %s", c->numerator, c->denominator);
    doc_item(d, "%s ± %s", word_with_se(c->log_bayes_factor, c->log_bayes_factor_se).text,
             word_with_se(c->log_bayes_factor_se, c->log_bayes_factor_se).text);
    doc_item(d, "natural logarithm, standard error; log10 %s", word_fixed(c->log10_bayes_factor, 2).text);
    doc_item(d, "Bayes factor");
    doc_item(d, "%s", word_factor(c->log_bayes_factor).text);
    doc_item(d, "how much the data shift the odds");
    for (size_t i = 0; i < c->n_probability; i++) {
        doc_item(d, "Probability of %s", c->posterior_probability[i].name);
        doc_item(d, "%s", word_percent(c->posterior_probability[i].value).text);
        doc_item(d, "%s before the data", word_percent(c->prior_probability[i].value).text);
    }
    doc_item(d, "Reliable");
    doc_item(d, "%s", c->reliable ? "yes" : "NO");
    doc_item(d, "%s", c->reliable ? "two methods agree, diagnostics pass" : "the reasons stand above");
}

/* Where more than two hypotheses are compared, the one factor above is not the whole answer. */
static void pair_table(doc *d, const mtc_result *r)
{
    const mtc_result_comparison *c = &r->comparison;
    if (c->n_pair < 2) {
        return;
    }
    doc_begin(d, DOC_TABLE, "Every two of the hypotheses", "lrrl");
    doc_item(d, "Hypotheses");
    doc_item(d, "Log Bayes factor");
    doc_item(d, "Standard error");
    doc_item(d, "Reliable");
    for (size_t i = 0; i < c->n_pair; i++) {
        const mtc_result_pair *p = &c->pair[i];
        doc_item(d, "%s over %s", p->numerator, p->denominator);
        doc_item(d, "%s", word_with_se(p->log_bayes_factor, p->log_bayes_factor_se).text);
        doc_item(d, "%s", word_number(p->log_bayes_factor_se, 2).text);
        doc_item(d, "%s", p->reliable ? "yes" : "NO");
    }
}

static void seeding_list(doc *d, const mtc_result *r)
{
    bool is_begun = false;
    for (size_t m = 0; m < r->n_model; m++) {
        const char *const text = model_sentence(d, words_seeding, &r->model[m]);
        if (text[0] == '\0' || (r->comparison.is_present && !r->model[m].in_comparison)) {
            continue;
        }
        if (!is_begun) {
            doc_heading(d, 3, "when", "When and at what size the metastases left");
            doc_begin(d, DOC_LIST, NULL, NULL);
            is_begun = true;
        }
        doc_item(d, "%s", text);
    }
}

static void check_text(doc *d, const mtc_result *r)
{
    for (size_t m = 0; m < r->n_model; m++) {
        const char *const text = model_sentence(d, words_check, &r->model[m]);
        if (text[0] != '\0' && !r->model[m].in_comparison) {
            doc_text(d, "%s", text);
        }
    }
}

void sections_answer(doc *d, const mtc_result *r, const figure_set *figures)
{
    doc_heading(d, 2, "answer", "The answer");
    misfit_notes(d, r);
    conflict_notes(d, r);
    doc_lead(d, "%s", sentence_of(d, words_verdict, r));
    if (r->comparison.is_present) {
        const char *const certainty = sentence_of(d, words_certainty, r);
        if (certainty[0] != '\0') {
            doc_note(d, r->comparison.reliable ? DOC_GOOD : DOC_BAD, "%s", certainty);
        }
        cards(d, r);
        pair_table(d, r);
        const char *const alone = words_data_alone(r);
        if (alone != NULL) {
            doc_note(d, DOC_WARN, "%s", alone);
        }
        const char *const turning = sentence_of(d, words_turning, r);
        if (turning[0] != '\0') {
            doc_text(d, "%s", turning);
        }
    }
    check_text(d, r);
    seeding_list(d, r);
    section_figures(d, figures, FIGURE_ANSWER, false);
    for (size_t i = 0; i < r->n_warning; i++) {
        doc_note(d, DOC_INFO, "%s", r->warning[i]);
    }
}

static bool is_any_different(const mtc_result *r)
{
    for (size_t m = 0; m < r->n_model; m++) {
        for (size_t i = 0; i < r->model[m].n_param && r->model[m].in_comparison; i++) {
            if (words_prior_differs(r, &r->model[m].param[i])) {
                return true;
            }
        }
    }
    return false;
}

/** ", 1436 entries"; few entries may be few patients and are not said. */
static const char *entries_text(doc *d, size_t n)
{
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_buffer_printf(&b, ", %zu entries", n);
    return take_buffer(d, &b);
}

/** Hypotheses and data in a few lines, for a reader who has only this page. */
void sections_compared(doc *d, const mtc_result *r)
{
    doc_heading(d, 2, "compared", r->comparison.is_present ? "What was compared" : "What was fitted");
    doc_text(d, r->n_model == 1
                    ? "The hypothesis is a model of dissemination and growth with these priors."
                    : "The hypotheses are one model of dissemination and growth; they differ only in what they hold "
                      "plausible beforehand, as listed here, and share every other prior.");
    doc_begin(d, DOC_LIST, NULL, NULL);
    for (size_t m = 0; m < r->n_model; m++) {
        mtc_buffer b = MTC_BUFFER_INIT;
        words_hypothesis(r, &r->model[m], &b);
        const char *const text = take_buffer(d, &b);
        doc_item(d, "%s%s", text, r->model[m].in_comparison ? "" : " Fitted as a check, outside the comparison.");
    }
    if (r->comparison.is_present && !is_any_different(r)) {
        doc_note(d, DOC_INFO,
                 "These data involve none of the parameters in which the hypotheses differ, so they cannot tell "
                 "them apart.");
    }
    doc_text(d, "The data:");
    doc_begin(d, DOC_LIST, NULL, NULL);
    for (size_t i = 0; i < r->n_source; i++) {
        const mtc_result_source *s = &r->source[i];
        const bool is_small = strcmp(r->run.privacy, "individual") != 0 && s->n_obs < 5;
        doc_item(d, "%s (%s): %s%s.", s->name, s->kind, s->description == NULL ? "" : s->description,
                 is_small ? "" : entries_text(d, s->n_obs));
    }
}

static bool has_figures(const figure_set *figures, figure_group group)
{
    const figure *one = NULL;
    return figures_of(figures, group, &one, 1) > 0;
}

static bool any_observed(const mtc_result_model *m)
{
    bool any = false;
    for (size_t i = 0; i < m->n_quantity; i++) {
        any = any || m->quantity[i].is_hidden || isfinite(m->quantity[i].observed);
    }
    return any;
}

/** Numbers the models predict, beside what was observed where that is known. */
static void quantity_table(doc *d, const mtc_result *r, const mtc_result_model *m)
{
    if (m->n_quantity == 0 || (r->comparison.is_present && !m->in_comparison)) {
        return;
    }
    mtc_buffer title = MTC_BUFFER_INIT;
    mtc_buffer_printf(&title, "%s: expected before and after the data (median and 90%% interval)", m->label);
    const bool observed = any_observed(m);
    doc_begin(d, DOC_TABLE, take_buffer(d, &title), observed ? "lrrr" : "lrr");
    doc_item(d, "Quantity");
    doc_item(d, "Before the data");
    doc_item(d, "After the data");
    if (observed) {
        doc_item(d, "Observed");
    }
    for (size_t i = 0; i < m->n_quantity; i++) {
        const mtc_result_quantity *q = &m->quantity[i];
        const bool has_unit = q->unit != NULL && q->unit[0] != '\0';
        doc_item(d, "%s%s%s%s", q->label, has_unit ? " (" : "", has_unit ? q->unit : "", has_unit ? ")" : "");
        doc_item(d, "%s", word_interval(q->prior, 3).text);
        doc_item(d, "%s", word_interval(q->posterior, 3).text);
        if (observed) {
            doc_item(d, "%s", q->is_hidden ? "< 5" : word_number(q->observed, 3).text);
        }
    }
}

void sections_fit(doc *d, const mtc_result *r, const figure_set *figures)
{
    const bool survival = has_figures(figures, FIGURE_SURVIVAL), tvdt = has_figures(figures, FIGURE_TVDT);

    if (!survival && !tvdt) {
        return;
    }
    doc_heading(d, 2, "fit", "Do the hypotheses fit the data?");
    if (survival) {
        doc_heading(d, 3, "survival", "Time to metastasis");
        section_figures(d, figures, FIGURE_SURVIVAL, false);
    }
    if (tvdt) {
        doc_heading(d, 3, "tvdt", "Tumour volume doubling times");
        section_figures(d, figures, FIGURE_TVDT, false);
    }
    for (size_t m = 0; m < r->n_model; m++) {
        quantity_table(d, r, &r->model[m]);
    }
}

static void share_table(doc *d, const mtc_result *r)
{
    const mtc_result_model *longest = NULL;
    mtc_buffer columns = MTC_BUFFER_INIT;

    mtc_buffer_text(&columns, "l");
    for (size_t m = 0; m < r->n_model; m++) {
        longest = longest == NULL && r->model[m].seeding.n_share > 0 ? &r->model[m] : longest;
        mtc_buffer_text(&columns, "r");
    }
    const char *const layout = take_buffer(d, &columns);
    if (longest == NULL) {
        return;
    }
    doc_begin(d, DOC_TABLE, "Shares of metastases that left a small primary (median and 90% interval)", layout);
    doc_item(d, "Share");
    for (size_t m = 0; m < r->n_model; m++) {
        doc_item(d, "%s", r->model[m].name);
    }
    for (size_t i = 0; i < longest->seeding.n_share; i++) {
        doc_item(d, "%s", longest->seeding.share[i].label);
        for (size_t m = 0; m < r->n_model; m++) {
            const mtc_result_share *share = mtc_result_find_share(&r->model[m], longest->seeding.share[i].id);
            doc_item(d, "%s", share == NULL ? "–" : word_percent_interval(share->share).text);
        }
    }
}

void sections_seeding(doc *d, const mtc_result *r, const figure_set *figures)
{
    if (!has_figures(figures, FIGURE_SEEDING) && !has_figures(figures, FIGURE_CHECK)) {
        return;
    }
    doc_heading(d, 2, "seeding", "When did the metastases leave?");
    doc_text(
        d,
        "Starting to seed early and leaving early are two things: when dissemination grows steeply with the tumour, "
        "most "
        "founder cells leave late even if the first could leave early. So the figures show when founders really left, "
        "under each hypothesis.");
    section_figures(d, figures, FIGURE_SEEDING, false);
    share_table(d, r);
    if (has_figures(figures, FIGURE_CHECK)) {
        doc_heading(d, 3, "unrestricted", "Without either hypothesis");
        section_figures(d, figures, FIGURE_CHECK, false);
    }
}

mtc_status sections_make(doc *d, const mtc_result *r, const figure_set *figures, mtc_err *err)
{
    *d = (doc){.arena = r->arena, .st = MTC_OK, .err = err};
    sections_answer(d, r, figures);
    sections_compared(d, r);
    sections_fit(d, r, figures);
    sections_seeding(d, r, figures);
    sections_priors(d, r, figures);
    sections_evidence(d, r, figures);
    sections_predictive(d, r);
    sections_diagnostics(d, r);
    sections_data(d, r);
    sections_limits(d, r);
    sections_reproduce(d, r);
    sections_references(d, r);
    return d->st;
}
