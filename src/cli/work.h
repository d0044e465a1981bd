/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef METACHRON_WORK_H
#define METACHRON_WORK_H

#include "cli.h"

/** What `fit` and `compare` have in common: run the models, write the results, say the answer. */
mtc_status cli_work(cli *c, bool with_evidence, mtc_err *err);

#endif
