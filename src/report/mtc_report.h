/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_REPORT_H
#define MTC_REPORT_H

#include "mtc_result.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a report is made; zero is the default. */
typedef struct {
    const char *gnuplot; /* program that draws; NULL: "gnuplot" on the search path */
    bool no_figures;     /* leave figures out */
} mtc_report_options;

/** What came of it, for messages; the report itself says the same. */
typedef struct {
    size_t n_figure;  /* drawn */
    size_t n_failed;  /* not drawn: the report has their words instead */
    char reason[256]; /* of the first that failed, "" where none */
} mtc_report_outcome;

/**
 * Write a run's results into a folder: summary.json, then everything that mtc_report_rebuild makes from it.
 * r        is redacted first (mtc_result_redact)
 * folder   created where absent; files in it are replaced, each as a whole
 * options  NULL: default
 * outcome  NULL or out
 * Errors   MTC_EIO, MTC_ENOMEM, MTC_EDATA (text that is not UTF-8), MTC_EBUG. Figures that fail are no error.
 */
MTC_API mtc_status mtc_report_write(mtc_result *r, const char *folder, const mtc_report_options *options,
                                    mtc_report_outcome *outcome, mtc_err *err);

/**
 * Make report.html, report.md and figures/ anew from <folder>/summary.json alone.
 * Errors  MTC_EIO, MTC_ENOMEM; MTC_EDATA where summary.json is not one of this program's
 */
MTC_API mtc_status mtc_report_rebuild(const char *folder, const mtc_report_options *options,
                                      mtc_report_outcome *outcome, mtc_err *err);

/** The answer in one plain paragraph, for the terminal: the report's first sentences. Release with mtc_free. */
MTC_API mtc_status mtc_report_answer(const mtc_result *r, char **text, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
