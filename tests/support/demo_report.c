/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo_result.h"
#include "mtc_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Writes the report of a result made by hand, to look at, or makes that of a folder anew: FOLDER [FLAGS | rebuild]. */
int main(int argc, char **argv)
{
    mtc_result *r = NULL;
    mtc_report_outcome outcome;
    mtc_err err = MTC_ERR_INIT;

    if (argc < 2) {
        (void)fprintf(stderr, "usage: demo_report FOLDER [FLAGS | rebuild]\n");
        return 2;
    }
    mtc_status st = MTC_OK;
    if (argc > 2 && strcmp(argv[2], "rebuild") == 0) {
        st = mtc_report_rebuild(argv[1], NULL, &outcome, &err);
    } else {
        st = demo_result(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : DEMO_PLAIN, &r, &err);
        st = st == MTC_OK ? mtc_report_write(r, argv[1], NULL, &outcome, &err) : st;
    }
    if (st == MTC_OK) {
        (void)printf("%zu figures, %zu failed: %s\n", outcome.n_figure, outcome.n_failed, outcome.reason);
    } else {
        (void)fprintf(stderr, "%s\n", err.message);
    }
    mtc_result_destroy(r);
    return mtc_status_exit_code(st);
}
