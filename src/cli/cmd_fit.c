/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "work.h"

static mtc_status run(cli *c, mtc_err *err)
{
    return cli_work(c, false, err);
}

static const cli_option options[] = {OPT_OUTPUT,  OPT_MODEL, OPT_SET,  OPT_SEED, OPT_THREADS,
                                     OPT_DRY_RUN, OPT_FORCE, OPT_JSON, OPT_END};

const cli_command cli_command_fit = {"fit",
                                     "posterior of each model, without evidences",
                                     "fit.yaml -o FOLDER",
                                     1,
                                     1,
                                     options,
                                     "Samples the posterior of every model of the configuration, or of the one named "
                                     "by --model, with NUTS, and writes the\n"
                                     "same files as compare, without evidences and Bayes factor.",
                                     "  metachron fit fit.yaml -o out/\n"
                                     "  metachron fit fit.yaml --model linear -o linear/ --threads 4\n",
                                     run};
