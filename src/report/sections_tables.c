/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sections_internal.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static bool is_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static void posterior_row(doc *d, const mtc_result_posterior *p, const char *symbol, const char *prior)
{
    doc_item(d, "%s%s%s", is_text(symbol) ? symbol : "", is_text(symbol) ? " " : "", p->name);
    doc_item(d, "%s", prior);
    doc_item(d, "%s", word_number(p->q50, 3).text);
    doc_item(d, "%s to %s", word_number(p->q05, 3).text, word_number(p->q95, 3).text);
    doc_item(d, "%s", word_number(p->mean, 3).text);
    doc_item(d, "%s", word_number(p->sd, 2).text);
    doc_item(d, "%s", word_number(p->mcse_mean, 1).text);
    doc_item(d, "%s", word_fixed(p->rhat, 3).text);
    doc_item(d, "%s", word_fixed(p->ess_bulk, 0).text);
    doc_item(d, "%s", word_fixed(p->ess_tail, 0).text);
}

static void posterior_header(doc *d)
{
    static const char *const header[] = {"Parameter", "Prior", "Median", "90% interval", "Mean",
                                         "SD",        "MCSE",  "R-hat",  "ESS bulk",     "ESS tail"};
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
        doc_item(d, "%s", header[i]);
    }
}

static void posterior_table(doc *d, const mtc_result_model *m)
{
    doc_heading(d, 3, "", m->label);
    if (is_text(m->preset)) {
        doc_text(d,
                 "Preset %s%s. Log posterior density at its highest point found: %s (log prior %s, log likelihood %s).",
                 m->preset, m->in_comparison ? "" : ", fitted as a check and not compared",
                 word_fixed(m->map.log_posterior, 2).text, word_fixed(m->map.log_prior, 2).text,
                 word_fixed(m->map.log_likelihood, 2).text);
    }
    doc_begin(d, DOC_TABLE, "Posterior of each parameter", "llrrrrrrrr");
    posterior_header(d);
    for (size_t i = 0; i < m->n_posterior; i++) {
        const mtc_result_param *p = mtc_result_find_param(m, m->posterior[i].name);
        posterior_row(d, &m->posterior[i], p == NULL ? NULL : p->symbol, p == NULL ? "" : p->prior);
    }
    for (size_t i = 0; i < m->n_derived; i++) {
        posterior_row(d, &m->derived[i], NULL, "derived");
    }
}

/** Fixed parameters have no posterior; they must not be forgotten either. */
static void fixed_list(doc *d, const mtc_result_model *m)
{
    bool is_begun = false;
    for (size_t i = 0; i < m->n_param; i++) {
        const mtc_result_param *p = &m->param[i];
        if (!p->is_fixed) {
            continue;
        }
        if (!is_begun) {
            doc_text(d, "Held fixed:");
            doc_begin(d, DOC_LIST, NULL, NULL);
            is_begun = true;
        }
        doc_item(d, "%s = %s%s%s (%s)", p->name, word_number(p->fixed_value, 4).text, is_text(p->unit) ? " " : "",
                 is_text(p->unit) ? p->unit : "", is_text(p->text) ? p->text : p->prior);
    }
}

void sections_priors(doc *d, const mtc_result *r, const figure_set *figures)
{
    doc_heading(d, 2, "parameters", "What was assumed, and what the data say");
    doc_text(
        d,
        "Dashed lines are the priors, what was held plausible before the data; filled curves are the posteriors. Where "
        "two hypotheses share a prior, their dashed lines coincide. A posterior that sits far out in its prior is a "
        "sign "
        "of strain.");
    section_figures(d, figures, FIGURE_PRIOR, true);
    for (size_t m = 0; m < r->n_model; m++) {
        posterior_table(d, &r->model[m]);
        fixed_list(d, &r->model[m]);
    }
}

static bool has_evidence(const mtc_result *r)
{
    for (size_t m = 0; m < r->n_model; m++) {
        if (r->model[m].evidence.n_estimator > 0) {
            return true;
        }
    }
    return false;
}

static void evidence_rows(doc *d, const mtc_result_model *m)
{
    for (size_t i = 0; i < m->evidence.n_estimator; i++) {
        const mtc_result_estimator *e = &m->evidence.estimator[i];
        doc_item(d, "%s", m->name);
        doc_item(d, "%s", words_estimator(e->name));
        doc_item(d, "%s", e->role == NULL ? "" : e->role);
        doc_item(d, "%s", word_fixed(e->value, 3).text);
        doc_item(d, "%s", word_number(e->se, 2).text);
        doc_item(d, "%s", word_fixed(e->k_hat, 2).text);
        doc_item(d, "%" PRIu64, e->likelihood_calls);
        doc_item(d, "%" PRIu64, e->gradient_calls);
        doc_item(d, "%s", e->note == NULL ? "" : e->note);
    }
}

/* What stands between the likelihoods that found the way and the exact ones. */
static void draft_text(doc *d, const mtc_result *r)
{
    bool any = false;
    for (size_t m = 0; m < r->n_model; m++) {
        const mtc_result_evidence *e = &r->model[m].evidence;
        any = any || (e->n_attempt > 0 && isfinite(e->attempt[e->n_attempt - 1].draft_shift));
    }
    if (!any) {
        return;
    }
    doc_text(d,
             "Draws and evidences were made with likelihoods worked out roughly, and corrected with the exact ones at "
             "every draw:");
    doc_begin(d, DOC_LIST, NULL, NULL);
    for (size_t m = 0; m < r->n_model; m++) {
        const mtc_result_evidence *e = &r->model[m].evidence;
        if (e->n_attempt > 0 && isfinite(e->attempt[e->n_attempt - 1].draft_shift)) {
            const mtc_result_attempt *a = &e->attempt[e->n_attempt - 1];
            doc_item(
                d,
                "%s: the correction moved the log evidence by %s (standard error %s, part of those below); the two "
                "log likelihoods vary by %s against each other.",
                r->model[m].name, word_number(a->draft_shift, 2).text, word_number(a->draft_se, 2).text,
                word_number(a->draft_spread, 2).text);
        }
    }
}

static void attempts_text(doc *d, const mtc_result *r)
{
    doc_begin(d, DOC_LIST, NULL, NULL);
    for (size_t m = 0; m < r->n_model; m++) {
        const char *const text = model_sentence(d, words_evidence, &r->model[m]);
        const mtc_result_evidence *e = &r->model[m].evidence;
        if (e->n_estimator == 0) {
            continue;
        }
        doc_item(d, "%s%s", text,
                 e->n_attempt > 1 ? " It took more than one attempt; all of them stand in summary.json." : "");
    }
}

static void source_table(doc *d, const mtc_result *r)
{
    const mtc_result_comparison *c = &r->comparison;

    if (!c->is_present || c->n_by_source == 0) {
        return;
    }
    doc_begin(d, DOC_TABLE, "Log Bayes factor from each data source on its own", "lrr");
    doc_item(d, "Source");
    doc_item(d, "Log Bayes factor, %s over %s", c->numerator, c->denominator);
    doc_item(d, "Standard error");
    for (size_t i = 0; i < c->n_by_source; i++) {
        doc_item(d, "%s", c->by_source[i].source);
        doc_item(d, "%s", word_with_se(c->by_source[i].log_bayes_factor, c->by_source[i].log_bayes_factor_se).text);
        doc_item(d, "%s", word_number(c->by_source[i].log_bayes_factor_se, 2).text);
    }
}

void sections_evidence(doc *d, const mtc_result *r, const figure_set *figures)
{
    static const char *const header[] = {"Model",          "Method",           "Role",           "Log evidence", "SE",
                                         "Pareto k\u0302", "Likelihood calls", "Gradient calls", "Remark"};
    if (!has_evidence(r)) {
        return;
    }
    doc_heading(d, 2, "evidence", "How the evidence was computed");
    attempts_text(d, r);
    draft_text(d, r);
    section_figures(d, figures, FIGURE_EVIDENCE, false);
    doc_begin(d, DOC_TABLE, "Log evidence of each model by every method", "lllrrrrrl");
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
        doc_item(d, "%s", header[i]);
    }
    for (size_t m = 0; m < r->n_model; m++) {
        evidence_rows(d, &r->model[m]);
    }
    source_table(d, r);
    doc_text(d, "Altogether %" PRIu64 " evaluations of the likelihood and %" PRIu64 " with its gradient.",
             r->cost.likelihood_calls, r->cost.gradient_calls);
}

static void check_rows(doc *d, const mtc_result_model *m)
{
    for (size_t i = 0; i < m->diagnostics.n_check; i++) {
        const mtc_result_check *c = &m->diagnostics.check[i];
        doc_item(d, "%s", m->name);
        doc_item(d, "%s", c->name);
        doc_item(d, "%s", c->sentence);
        doc_item(d, "%s", word_plain(c->value, 4).text);
        doc_item(d, "%s", word_plain(c->threshold, 4).text);
        doc_item(d, "%s", c->pass ? "yes" : "NO");
    }
}

void sections_diagnostics(doc *d, const mtc_result *r)
{
    static const char *const header[] = {"Model", "Check", "In words", "Value", "Limit", "Passed"};

    doc_heading(d, 2, "diagnostics", "Can the computation be trusted?");
    doc_begin(d, DOC_LIST, NULL, NULL);
    for (size_t m = 0; m < r->n_model; m++) {
        doc_item(d, "%s", model_sentence(d, words_diagnostics, &r->model[m]));
    }
    doc_begin(d, DOC_TABLE, "Diagnostics of the posterior draws", "lllrrl");
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
        doc_item(d, "%s", header[i]);
    }
    for (size_t m = 0; m < r->n_model; m++) {
        check_rows(d, &r->model[m]);
    }
}

static void fact_rows(doc *d, const mtc_result_source *s)
{
    for (size_t i = 0; i < s->n_fact; i++) {
        const mtc_result_fact *f = &s->fact[i];
        doc_item(d, "%s", f->label);
        if (f->is_hidden) {
            doc_item(d, "< 5");
        } else {
            doc_item(d, "%s%s%s", f->is_count ? word_fixed(f->value, 0).text : word_number(f->value, 3).text,
                     is_text(f->unit) ? " " : "", is_text(f->unit) ? f->unit : "");
        }
    }
}

void sections_data(doc *d, const mtc_result *r)
{
    doc_heading(d, 2, "data", "The data");
    for (size_t i = 0; i < r->n_source; i++) {
        const mtc_result_source *s = &r->source[i];
        doc_heading(d, 3, "", s->name);
        doc_text(d, "%s: %s.%s%s%s", s->kind, is_text(s->description) ? s->description : "no description",
                 is_text(s->reference) ? " Source: " : "", is_text(s->reference) ? s->reference : "",
                 is_text(s->reference) ? "." : "");
        doc_begin(d, DOC_TABLE, "What the likelihood was given", "lr");
        doc_item(d, "Fact");
        doc_item(d, "Value");
        fact_rows(d, s);
        doc_item(d, "rows left out by the configuration's filter");
        doc_item(d, "%zu", s->n_filtered);
        doc_item(d, "rows dropped because a value was missing");
        doc_item(d, "%zu", s->n_dropped);
    }
    if (strcmp(r->run.privacy, "individual") != 0) {
        doc_text(d, "Counts below 5 are hidden, and no patient's own times are shown (privacy: aggregate).");
    }
}

void sections_limits(doc *d, const mtc_result *r)
{
    doc_heading(d, 2, "carries", "What carries the evidence");
    doc_text(d, "A founder that left late and grew fast is detected as long after surgery as one that left early and "
                "grew slowly. In the times to metastasis the diameter at which seeding starts is therefore confounded "
                "with how fast metastases grow and how much that differs between patients. Measured volume doubling "
                "times of primaries and metastases hold both, but say nothing on where seeding starts: only together "
                "do the two kinds of data rest on measurements.");
    const char *const alone = words_data_alone(r);
    if (alone != NULL) {
        doc_text(d, "%s", alone);
    }
    doc_text(d, "The answer therefore moves with the prior on the seeding diameter under linear progression and with "
                "the prior on "
                "the growth ratio. A Bayes factor compares hypotheses as they were written down as priors, not every "
                "hypothesis of "
                "that name; metachron compare --set with another prior shows what that prior would have said.");
}

void sections_reproduce(doc *d, const mtc_result *r)
{
    const mtc_result_run *run = &r->run;

    doc_heading(d, 2, "reproduce", "How to reproduce this");
    if (is_text(run->command)) {
        doc_code(d, run->command);
    }
    doc_begin(d, DOC_TABLE, "What was run", "ll");
    doc_item(d, "Item");
    doc_item(d, "Value");
    doc_item(d, "metachron");
    doc_item(d, "%s", run->version);
    doc_item(d, "seed");
    doc_item(d, "%" PRIu64, run->seed);
    doc_item(d, "hash of the configuration");
    doc_item(d, "%s", run->config_hash);
    doc_item(d, "hash of the data");
    doc_item(d, "%s", run->data_hash);
    for (size_t i = 0; i < run->n_setting; i++) {
        doc_item(d, "%s", run->setting[i].name);
        doc_item(d, "%s", run->setting[i].value);
    }
    doc_text(
        d,
        "The same program, configuration, data and seed give the same numbers to the last digit, for any number of "
        "threads. config.resolved.yaml holds the configuration with every default filled in; summary.json holds every "
        "number of this report.");
}

/** A paper and the estimator that makes it relevant; NULL: always. */
typedef struct {
    const char *estimator, *text, *doi;
} reference;

static const reference references[] = {
    {NULL, "Klein CA (2009) Parallel progression of primary tumours and metastases. Nat Rev Cancer 9:302–312.",
     "10.1038/nrc2627"},
    {NULL, "Kass RE, Raftery AE (1995) Bayes factors. J Am Stat Assoc 90:773–795.", "10.1080/01621459.1995.10476572"},
    {NULL,
     "Vehtari A, Gelman A, Simpson D, Carpenter B, Bürkner PC (2021) Rank-normalization, folding, and localization: an "
     "improved "
     "R-hat for assessing convergence of MCMC. Bayesian Anal 16:667–718.",
     "10.1214/20-BA1221"},
    {"bridge", "Meng XL, Schilling S (2002) Warp bridge sampling. J Comput Graph Stat 11:552–586.",
     "10.1198/106186002457"},
    {"bridge", "Gronau QF et al. (2017) A tutorial on bridge sampling. J Math Psychol 81:80–97.",
     "10.1016/j.jmp.2017.09.005"},
    {"importance",
     "Cappé O, Douc R, Guillin A, Marin JM, Robert CP (2008) Adaptive importance sampling in general mixture classes. "
     "Stat "
     "Comput 18:447–459.",
     "10.1007/s11222-008-9059-x"},
    {"importance",
     "Vehtari A, Simpson D, Gelman A, Yao Y, Gabry J (2024) Pareto smoothed importance sampling. J Mach Learn Res "
     "25(72):1–58.",
     ""},
    {"nuts",
     "Hoffman MD, Gelman A (2014) The No-U-Turn sampler: adaptively setting path lengths in Hamiltonian Monte Carlo. J "
     "Mach "
     "Learn Res 15:1593–1623.",
     ""},
    {NULL, "Salmon JK, Moraes MA, Dror RO, Shaw DE (2011) Parallel random numbers: as easy as 1, 2, 3. Proc SC'11.",
     "10.1145/2063384.2063405"},
};

/** Whether a method was used; NUTS draws the posterior on the full route and after `fit`. */
static bool is_used(const mtc_result *r, const char *method)
{
    for (size_t m = 0; m < r->n_model; m++) {
        const mtc_result_evidence *e = &r->model[m].evidence;
        for (size_t i = 0; i < e->n_estimator; i++) {
            if (e->estimator[i].name != NULL && strstr(e->estimator[i].name, method) != NULL) {
                return true;
            }
        }
        if (strcmp(method, "nuts") == 0 &&
            (e->n_estimator == 0 || (e->route != NULL && strcmp(e->route, "full") == 0))) {
            return true;
        }
    }
    return false;
}

void sections_references(doc *d, const mtc_result *r)
{
    doc_heading(d, 2, "references", "References");
    doc_text(d, "The model is that of the first; the methods that were used here are those of the others.");
    doc_begin(d, DOC_REFERENCES, NULL, NULL);
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        if (references[i].estimator == NULL || is_used(r, references[i].estimator)) {
            doc_item(d, "%s", references[i].text);
            doc_item(d, "%s", references[i].doi);
        }
    }
}
