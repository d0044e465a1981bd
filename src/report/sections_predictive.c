/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sections_internal.h"

#include <math.h>

static bool is_any(const mtc_result *r)
{
    for (size_t m = 0; m < r->n_model; m++) {
        if (r->model[m].predictive.is_present) {
            return true;
        }
    }
    return false;
}

static void difference(doc *d, const mtc_result *r)
{
    const mtc_result_comparison *c = &r->comparison;
    if (!c->is_present || !isfinite(c->elpd_loo_difference) || !isfinite(c->elpd_loo_difference_se)) {
        return;
    }
    const double size = fabs(c->elpd_loo_difference), se = c->elpd_loo_difference_se;
    const char *better = c->elpd_loo_difference >= 0.0 ? c->numerator : c->denominator;
    doc_text(d, "%s less %s: %s, standard error %s over units. %s%s.", c->numerator, c->denominator,
             word_fixed(c->elpd_loo_difference, 1).text, word_fixed(se, 1).text,
             size > 2.0 * se ? "Unit by unit the better predictions are those of "
                             : "Unit by unit neither predicts clearly better than the other",
             size > 2.0 * se ? better : "");
}

static void row(doc *d, const mtc_result_model *m)
{
    const mtc_result_predictive *p = &m->predictive;
    doc_item(d, "%s", m->name);
    doc_item(d, "%zu", p->n_unit);
    doc_item(d, "%s", word_fixed(p->elpd_loo, 1).text);
    doc_item(d, "%s", word_fixed(p->elpd_loo_se, 1).text);
    doc_item(d, "%s", word_fixed(p->p_loo, 1).text);
    doc_item(d, "%s", word_fixed(p->elpd_waic, 1).text);
    doc_item(d, "%s", word_fixed(p->p_waic, 1).text);
    doc_item(d, "%zu", p->n_k_hat_high);
    doc_item(d, "%s%s%s%s", word_fixed(p->k_hat_max, 2).text, p->worst_unit ? " (" : "",
             p->worst_unit ? p->worst_unit : "", p->worst_unit ? ")" : "");
}

void sections_predictive(doc *d, const mtc_result *r)
{
    static const char *const header[] = {"Model",     "Units",  "elpd LOO",          "SE over units",         "p LOO",
                                         "elpd WAIC", "p WAIC", "k\u0302 above 0.7", "Largest Pareto k\u0302"};
    if (!is_any(r)) {
        return;
    }
    doc_heading(d, 2, "predictive", "How well each model predicts what it has not seen");
    doc_text(d, "Each unit (a patient, a published row, a count) is predicted from all the others, by Pareto-smoothed "
                "importance sampling of posterior draws (PSIS-LOO; WAIC beside it). This is another question than that "
                "of the Bayes factor: it asks which fitted model predicts the next patient better, and hardly feels "
                "the priors that the Bayes factor weighs. Where Pareto k\u0302 of a unit is above 0.7 its part cannot "
                "be trusted.");
    difference(d, r);
    doc_begin(d, DOC_TABLE, "Expected log predictive density of units left out", "lrrrrrrrr");
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
        doc_item(d, "%s", header[i]);
    }
    for (size_t m = 0; m < r->n_model; m++) {
        if (r->model[m].predictive.is_present) {
            row(d, &r->model[m]);
        }
    }
}
