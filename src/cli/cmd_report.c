/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "mtc_report.h"

static mtc_status run(cli *c, mtc_err *err)
{
    mtc_report_outcome outcome;
    const char *const folder = c->args.argument[0];
    const mtc_status st = mtc_report_rebuild(folder, NULL, &outcome, err);
    if (st != MTC_OK) {
        return st;
    }
    if (outcome.n_failed > 0) {
        cli_warn(c, "%zu figures could not be drawn: %s", outcome.n_failed, outcome.reason);
    }
    cli_note(c, "wrote report.html, report.md and %zu figures in %s", outcome.n_figure, folder);
    return MTC_OK;
}

static const cli_option options[] = {OPT_END};

const cli_command cli_command_report = {
    "report",
    "make report.html, report.md and figures anew",
    "FOLDER",
    1,
    1,
    options,
    "Reads summary.json in a folder of results and makes the report again from it alone.",
    "  metachron report out/\n",
    run};
