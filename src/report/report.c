/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_report.h"

#include "mtc_file.h"
#include "mtc_summary.h"
#include "sections_internal.h"

#include <stdio.h>
#include <string.h>

/** A summary of ten models with a thousand displays is far below this. */
#define LARGEST_SUMMARY (256u << 20)
#define DEFAULT_TITLE "Linear against parallel progression"

static mtc_status write_in(const char *folder, const char *name, const char *bytes, size_t n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *path = NULL;

    MTC_TRY(mtc_path_join(folder, name, &path, err));
    MTC_TRY(mtc_file_write(path, bytes, n, err));
out:
    mtc_free(path);
    return st;
}

static mtc_status read_summary(const char *folder, mtc_result **r, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *path = NULL;
    mtc_buffer text = MTC_BUFFER_INIT;

    MTC_TRY(mtc_path_join(folder, "summary.json", &path, err));
    MTC_TRY(mtc_file_read(path, LARGEST_SUMMARY, &text, err));
    MTC_TRY(mtc_summary_parse(text.text, text.n, path, r, err));
out:
    mtc_free(path);
    mtc_buffer_fini(&text);
    return st;
}

static mtc_status make_figures(figure_set *set, const mtc_result *r, const char *folder,
                               const mtc_report_options *options, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *path = NULL;

    if (options->no_figures) {
        *set = (figure_set){.r = r, .arena = r->arena};
        return MTC_OK;
    }
    MTC_TRY(figures_make(set, r, err));
    MTC_TRY(mtc_path_join(folder, "figures", &path, err));
    MTC_TRY(mtc_folder_create(path, err));
    const figure_tool tool = {options->gnuplot, path};
    MTC_TRY(figures_draw(set, &tool));
out:
    mtc_free(path);
    return st;
}

static mtc_status write_documents(const doc *d, const mtc_result *r, const char *folder, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_buffer html = MTC_BUFFER_INIT, markdown = MTC_BUFFER_INIT;
    const char *const title = r->run.title != NULL && r->run.title[0] != '\0' ? r->run.title : DEFAULT_TITLE;

    doc_render_html(d, title, r->run.version, &html);
    doc_render_markdown(d, title, &markdown);
    MTC_TRY(mtc_buffer_check(&html, err));
    MTC_TRY(mtc_buffer_check(&markdown, err));
    MTC_TRY(write_in(folder, "report.html", html.text, html.n, err));
    MTC_TRY(write_in(folder, "report.md", markdown.text, markdown.n, err));
out:
    mtc_buffer_fini(&html);
    mtc_buffer_fini(&markdown);
    return st;
}

static void count_figures(const figure_set *set, mtc_report_outcome *outcome)
{
    if (outcome == NULL) {
        return;
    }
    *outcome = (mtc_report_outcome){0};
    for (size_t i = 0; i < set->n; i++) {
        const figure *f = set->item[i];
        if (f->svg != NULL) {
            outcome->n_figure++;
        } else if (outcome->n_failed++ == 0) {
            (void)snprintf(outcome->reason, sizeof outcome->reason, "%s", f->reason == NULL ? "" : f->reason);
        }
    }
}

mtc_status mtc_report_rebuild(const char *folder, const mtc_report_options *options, mtc_report_outcome *outcome,
                              mtc_err *err)
{
    static const mtc_report_options defaults = {0};
    mtc_status st = MTC_OK;
    mtc_result *r = NULL;
    figure_set figures = {0};
    doc d = {0};

    if (folder == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_report_rebuild: missing folder");
    }
    MTC_TRY(read_summary(folder, &r, err));
    MTC_TRY(make_figures(&figures, r, folder, options == NULL ? &defaults : options, err));
    MTC_TRY(sections_make(&d, r, &figures, err));
    MTC_TRY(write_documents(&d, r, folder, err));
    count_figures(&figures, outcome);
out:
    mtc_result_destroy(r);
    return st;
}

mtc_status mtc_report_write(mtc_result *r, const char *folder, const mtc_report_options *options,
                            mtc_report_outcome *outcome, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *text = NULL;
    size_t n = 0;

    if (r == NULL || folder == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_report_write: missing argument");
    }
    MTC_TRY(mtc_result_redact(r, err));
    MTC_TRY(mtc_summary_format(r, &text, &n, err));
    MTC_TRY(mtc_folder_create(folder, err));
    MTC_TRY(write_in(folder, "summary.json", text, n, err));
    MTC_TRY(mtc_report_rebuild(folder, options, outcome, err));
out:
    mtc_free(text);
    return st;
}

mtc_status mtc_report_answer(const mtc_result *r, char **text, mtc_err *err)
{
    mtc_buffer b = MTC_BUFFER_INIT;

    if (r == NULL || text == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_report_answer: missing argument");
    }
    *text = NULL;
    if (r->all_misfit) {
        mtc_buffer_text(&b, "No hypothesis describes these data well. ");
    }
    words_verdict(r, &b);
    if (r->comparison.is_present) {
        mtc_buffer_text(&b, " ");
        words_certainty(r, &b);
    }
    const mtc_status st = mtc_buffer_check(&b, err);
    if (st != MTC_OK) {
        mtc_buffer_fini(&b);
        return st;
    }
    *text = b.text; /* the caller releases it as the buffer would */
    return MTC_OK;
}
