/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SECTIONS_INTERNAL_H
#define MTC_SECTIONS_INTERNAL_H

#include "figures_internal.h"

/** The whole report as blocks; figures are drawn or have their reasons. Texts lie in the result's arena. */
mtc_status sections_make(doc *d, const mtc_result *r, const figure_set *figures, mtc_err *err);

void sections_answer(doc *d, const mtc_result *r, const figure_set *figures);
void sections_compared(doc *d, const mtc_result *r);
void sections_fit(doc *d, const mtc_result *r, const figure_set *figures);
void sections_seeding(doc *d, const mtc_result *r, const figure_set *figures);
void sections_priors(doc *d, const mtc_result *r, const figure_set *figures);
void sections_evidence(doc *d, const mtc_result *r, const figure_set *figures);
void sections_predictive(doc *d, const mtc_result *r);
void sections_diagnostics(doc *d, const mtc_result *r);
void sections_data(doc *d, const mtc_result *r);
void sections_limits(doc *d, const mtc_result *r);
void sections_reproduce(doc *d, const mtc_result *r);
void sections_references(doc *d, const mtc_result *r);

/** Figures of a group side by side. */
void section_figures(doc *d, const figure_set *figures, figure_group group, bool is_small);

/** A sentence of sentences.c as text in the document's arena, "" where it has nothing to say. */
const char *sentence_of(doc *d, void (*write)(const mtc_result *, mtc_buffer *), const mtc_result *r);
const char *model_sentence(doc *d, void (*write)(const mtc_result_model *, mtc_buffer *), const mtc_result_model *m);

#endif
