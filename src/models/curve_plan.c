/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

#include "mtc_arena.h"

#include <string.h>

void mtc_curve_plan_want(mtc_curve_plan *plan, unsigned char all, const unsigned char *each)
{
    for (size_t i = 0; i < plan->n_part; i++) {
        memset(plan->part[i]->wanted_at, 0, plan->n_t * sizeof *plan->part[i]->wanted_at);
    }
    for (size_t i = 0; i < plan->n_class * plan->n_t; i++) {
        const size_t c = i / plan->n_t, j = i % plan->n_t;
        curve_part *part = plan->part[c / PART_CLASSES];
        const unsigned char wanted = all | (each != NULL ? each[i] : 0);
        part->wanted[c % PART_CLASSES * plan->n_t + j] = wanted;
        part->wanted_at[j] |= wanted;
    }
}

mtc_status mtc_curve_plan_create(const mtc_course *course, const mtc_size_class *cls, size_t n_class,
                                 const double *t_years, size_t n_t, mtc_curve_plan **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    *out = NULL;
    if (n_class == 0 || n_t == 0) {
        return mtc_fail(err, MTC_ESIZE, "a curve needs at least one size class and one time");
    }
    mtc_curve_plan *plan = mtc_calloc(1, sizeof *plan);
    if (plan == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for a curve");
    }
    plan->n_class = n_class;
    plan->n_t = n_t;
    plan->n_part = (n_class + PART_CLASSES - 1) / PART_CLASSES;
    plan->part = mtc_calloc(plan->n_part, sizeof(curve_part *));
    if (plan->part == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "out of memory for a curve of %zu classes", n_class);
        goto out;
    }
    for (size_t i = 0; i < plan->n_part; i++) {
        const size_t first = i * PART_CLASSES;
        const size_t n = n_class - first < PART_CLASSES ? n_class - first : PART_CLASSES;
        MTC_TRY(curve_part_create(course, cls + first, n, t_years, n_t, &plan->part[i], err));
    }
    mtc_curve_plan_want(plan, MTC_WANT_SURVIVAL | MTC_WANT_DENSITY | MTC_WANT_DISTRIBUTION, NULL);
out:
    if (st != MTC_OK) {
        mtc_curve_plan_destroy(plan);
        return st;
    }
    *out = plan;
    return MTC_OK;
}

void mtc_curve_plan_destroy(mtc_curve_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; plan->part != NULL && i < plan->n_part; i++) {
        curve_part_destroy(plan->part[i]);
    }
    mtc_free(plan->part);
    mtc_free(plan);
}

mtc_status mtc_curve_ws_create(const mtc_curve_plan *plan, mtc_curve_ws **out, mtc_err *err)
{
    *out = NULL;
    mtc_curve_ws *ws = mtc_calloc(1, sizeof *ws);
    part_trace *trace = mtc_calloc(plan->n_part, sizeof *trace);
    if (ws == NULL || trace == NULL) {
        mtc_free(ws);
        mtc_free(trace);
        return mtc_fail(err, MTC_ENOMEM, "out of memory for the scratch of a curve");
    }
    ws->n_part = plan->n_part;
    ws->trace = trace;
    *out = ws;
    return MTC_OK;
}

void mtc_curve_ws_destroy(mtc_curve_ws *ws)
{
    if (ws == NULL) {
        return;
    }
    mtc_free(ws->at.block);
    mtc_free(ws->at.index_block);
    mtc_free(ws->trace);
    mtc_free(ws);
}
