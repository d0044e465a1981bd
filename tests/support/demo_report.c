/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo_result.h"
#include "mtc_report.h"

#include <stdio.h>
#include <stdlib.h>

/** Writes the report of a result made by hand, to look at: demo_report FOLDER [FLAGS]. */
int main(int argc, char **argv)
{
    mtc_result *r = NULL;
    mtc_report_outcome outcome;
    mtc_err err = MTC_ERR_INIT;

    if (argc < 2) {
        (void)fprintf(stderr, "usage: demo_report FOLDER [FLAGS]\n");
        return 2;
    }
    mtc_status st = demo_result(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : DEMO_PLAIN, &r, &err);
    if (st == MTC_OK) {
        st = mtc_report_write(r, argv[1], NULL, &outcome, &err);
    }
    if (st == MTC_OK) {
        (void)printf("%zu figures, %zu failed: %s\n", outcome.n_figure, outcome.n_failed, outcome.reason);
    } else {
        (void)fprintf(stderr, "%s\n", err.message);
    }
    mtc_result_destroy(r);
    return mtc_status_exit_code(st);
}
