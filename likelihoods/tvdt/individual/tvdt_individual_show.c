/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_individual.h"

#include "mtc_unit.h"

#include <math.h>
#include <stdlib.h>

/* A tumour as drawn: its doubling time, and whether that is reached (else: longer). */
typedef struct {
    double log_years;
    bool reached;
} drawn;

static int by_time(const void *p, const void *q)
{
    const drawn *x = p, *y = q;
    if (x->log_years != y->log_years) {
        return x->log_years < y->log_years ? -1 : 1;
    }
    return (int)y->reached - (int)x->reached; /* at equal times those reached come first, as for Kaplan and Meier */
}

/* For drawing only: between two bounds the geometric middle, below one bound that bound. */
static drawn to_drawn(const mtc_tvdt_tumour *t)
{
    if (t->knowledge == MTC_TVDT_EXACT || isinf(t->lower)) {
        return (drawn){t->upper, true};
    }
    if (isinf(t->upper)) {
        return (drawn){t->lower, false};
    }
    return (drawn){0.5 * (t->lower + t->upper), true};
}

/* Kaplan-Meier estimate of the distribution function, one point per tumour reached. */
static void product_limit(const drawn *d, size_t n, mtc_tvdt_points *points)
{
    double longer = 1.0;
    for (size_t i = 0; i < n; ++i) {
        if (d[i].reached) {
            longer *= 1.0 - 1.0 / (double)(n - i);
            points->x_days[points->n] = exp(d[i].log_years) * MTC_DAYS_PER_YEAR;
            points->probability[points->n++] = 1.0 - longer;
        }
    }
}

mtc_status tvdt_individual_show(tvdt_individual *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (int site = 0; site < MTC_TVDT_N_SITE; ++site) {
        drawn *d = NULL;
        mtc_tvdt_points points = {NULL, NULL, NULL, 0};
        size_t n = 0;
        MTC_TRY(mtc_arena_new(arena, self->n, &d, err));
        for (size_t i = 0; i < self->n; ++i) {
            if (self->patient[i].tumour[site].knowledge != MTC_TVDT_ABSENT) {
                d[n++] = to_drawn(&self->patient[i].tumour[site]);
            }
        }
        if (n == 0) {
            continue;
        }
        MTC_TRY(mtc_arena_new(arena, n, &points.x_days, err));
        MTC_TRY(mtc_arena_new(arena, n, &points.probability, err));
        qsort(d, n, sizeof *d, by_time);
        product_limit(d, n, &points);
        MTC_TRY(mtc_tvdt_show_add(&self->show, (mtc_tvdt_site)site, &points, arena, err));
    }
out:
    return st;
}
