/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_WORDS_INTERNAL_H
#define MTC_WORDS_INTERNAL_H

#include "mtc_buffer.h"
#include "mtc_result.h"

/* Numbers and sentences of the report in plain text; HTML, Markdown and figures use the same ones. */

/** Room for any number that the functions below write. */
#define WORD_SIZE 64

typedef struct {
    char text[WORD_SIZE];
} word;

/** A parameter whose prior and posterior disagree by more than this many prior sd is a conflict (model.md, 6). */
#define CONFLICT_Z 2.5

/** x with so many significant digits and no exponent between 1e-5 and 1e7; "–" where not finite. */
word word_number(double x, int digits);
/** x with so many decimals; "–" where not finite. */
word word_fixed(double x, int decimals);
/** x with as many decimals as two digits of its error need. */
word word_with_se(double x, double se);
/** "97.4%", "less than 0.1%". */
word word_percent(double p);
/** A Bayes factor or odds from its logarithm: "38", "1.2 × 10^9". */
word word_factor(double log_factor);
/** "2.8 (0.9 to 8.9)". */
word word_interval(mtc_result_interval i, int digits);
/** "24% (19% to 29%)". */
word word_percent_interval(mtc_result_interval i);

/** Label of a model by name; the name itself where it is unknown. */
const char *words_label(const mtc_result *r, const char *model);
/** The same for the middle of a sentence: first letter small where it stands alone as a capital; cut at a limit. */
typedef struct {
    char text[192];
} name_word;
name_word words_label_inside(const mtc_result *r, const char *model);
/** x with at most so many significant digits and no zeros at its end: "1", "0.25". */
word word_plain(double x, int digits);
/** Estimator's name for people: "warp-III bridge sampling". */
const char *words_estimator(const char *name);
/** The same in a word: "bridge". */
const char *words_estimator_short(const char *name);

/** What the answer lacks because one kind of data is missing; NULL where both are there. */
const char *words_data_alone(const mtc_result *r);
/** The answer: which model, how strongly. */
void words_verdict(const mtc_result *r, mtc_buffer *out);
/** How sure the number is, and why. */
void words_certainty(const mtc_result *r, mtc_buffer *out);
/** At which prior odds the verdict turns. */
void words_turning(const mtc_result *r, mtc_buffer *out);
/** A conflict of prior and data in one parameter; false (and nothing written) where there is none. */
bool words_conflict(const mtc_result_model *m, const mtc_result_param *p, mtc_buffer *out);
/** What a check model says about the seeding diameter; nothing where it has none. */
void words_check(const mtc_result_model *m, mtc_buffer *out);
/** Whether a compared model has another prior for this parameter, or lacks it. */
bool words_prior_differs(const mtc_result *r, const mtc_result_param *p);
/** What a model assumes that other models of the comparison do not: its priors that differ; all of them where
 * it stands alone. */
void words_hypothesis(const mtc_result *r, const mtc_result_model *m, mtc_buffer *out);
/** When and at what size metastases left under a model; nothing where it is not known. */
void words_seeding(const mtc_result_model *m, mtc_buffer *out);
/** One sentence on diagnostics of a model. */
void words_diagnostics(const mtc_result_model *m, mtc_buffer *out);
/** Why an evidence is what it is: route, reliable or not with reasons, alarm. */
void words_evidence(const mtc_result_model *m, mtc_buffer *out);

#endif
