/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "work.h"

static mtc_status run(cli *c, mtc_err *err)
{
    return cli_work(c, true, err);
}

static const cli_option options[] = {OPT_OUTPUT,  OPT_SET,   OPT_SEED, OPT_THREADS,
                                     OPT_DRY_RUN, OPT_FORCE, OPT_JSON, OPT_END};

const cli_command cli_command_compare = {
    "compare",
    "posteriors, evidences, Bayes factor and report: the main job",
    "fit.yaml -o FOLDER",
    1,
    1,
    options,
    "Fits every model of the configuration, computes the evidence of each by two estimators, and writes the report:\n"
    "report.html, report.md, figures/, summary.json, draws/ (Stan CSV), config.resolved.yaml (running it gives the "
    "same\n"
    "bits), run.log and timing.json. Prints the answer; with --json, summary.json.",
    "  metachron compare examples/breast/whole-cohort.yaml -o out/\n"
    "  metachron compare fit.yaml -o out2/ --seed 2 --set 'models.linear.priors.seeding_diameter.lognormal.median=20 "
    "mm'\n"
    "  metachron compare fit.yaml --dry-run\n",
    run};
