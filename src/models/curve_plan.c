/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

#include "mtc_arena.h"
#include "mtc_vmath.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static mtc_status gauss_rule(size_t n, double *x, double *w, mtc_err *err)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(n);
    if (table == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for a quadrature rule");
    }
    for (size_t i = 0; i < n; i++) {
        gsl_integration_glfixed_point(-1.0, 1.0, i, &x[i], &w[i], table);
    }
    gsl_integration_glfixed_table_free(table);
    return MTC_OK;
}

/* Barycentric weights of the Gauss nodes, scaled by powers that cancel in the formula. */
static void barycentric(size_t n, const double *x, double *out)
{
    for (size_t i = 0; i < n; i++) {
        double product = 1.0;
        for (size_t j = 0; j < n; j++) {
            product *= j == i ? 1.0 : 2.0 * (x[i] - x[j]);
        }
        out[i] = 1.0 / product;
    }
}

static size_t edge_index(mtc_curve_plan *plan, double u)
{
    for (size_t i = 0; i < plan->n_edge; i++) {
        if (plan->edge[i] == u) {
            return i;
        }
    }
    plan->edge[plan->n_edge] = u;
    return plan->n_edge++;
}

static double law_mass(const mtc_curve_plan *plan, double lower_u, double upper_u)
{
    const double a = (lower_u - plan->size_mean_u) / plan->size_sd_u;
    const double b = (upper_u - plan->size_mean_u) / plan->size_sd_u;
    return a > 0.0 ? 0.5 * (erfc(a * M_SQRT1_2) - erfc(b * M_SQRT1_2))
                   : 0.5 * (erfc(-b * M_SQRT1_2) - erfc(-a * M_SQRT1_2));
}

static mtc_status set_class(mtc_curve_plan *plan, size_t c, const mtc_size_class *cls, mtc_err *err)
{
    if (!(cls->lower_mm > 0.0) || !(cls->upper_mm >= cls->lower_mm) || !isfinite(cls->upper_mm)) {
        return mtc_fail(err, MTC_EDOMAIN, "size class (%g, %g] mm is empty or not positive", cls->lower_mm,
                        cls->upper_mm);
    }
    class_range *r = &plan->cls[c];
    r->lower_u = mtc_doublings(cls->lower_mm);
    r->upper_u = mtc_doublings(cls->upper_mm);
    r->exact = cls->lower_mm == cls->upper_mm;
    r->mass = r->exact ? 1.0 : law_mass(plan, r->lower_u, r->upper_u);
    if (!(r->lower_u > 0.0)) {
        return mtc_fail(err, MTC_EDOMAIN, "a primary of %g mm is smaller than one cell", cls->lower_mm);
    }
    if (!(r->mass > 0.0)) {
        return mtc_fail(err, MTC_EDOMAIN, "size class (%g, %g] mm has no mass under the size law", cls->lower_mm,
                        cls->upper_mm);
    }
    plan->lower_edge[c] = edge_index(plan, r->lower_u);
    plan->upper_edge[c] = edge_index(plan, r->upper_u);
    plan->u_max = fmax(plan->u_max, r->upper_u);
    return MTC_OK;
}

static mtc_status allocate(mtc_curve_plan *plan, size_t n_class, size_t n_t, mtc_err *err)
{
    plan->cls = mtc_calloc(n_class, sizeof *plan->cls);
    plan->edge = mtc_calloc(2 * n_class, sizeof *plan->edge);
    plan->lower_edge = mtc_calloc(n_class, sizeof *plan->lower_edge);
    plan->upper_edge = mtc_calloc(n_class, sizeof *plan->upper_edge);
    plan->t_years = mtc_calloc(n_t, sizeof *plan->t_years);
    if (plan->cls == NULL || plan->edge == NULL || plan->lower_edge == NULL || plan->upper_edge == NULL ||
        plan->t_years == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for a curve of %zu classes and %zu times", n_class, n_t);
    }
    return MTC_OK;
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
    plan->course = *course;
    plan->rules = curve_rules_of(course->accuracy);
    plan->size_mean_u = mtc_doublings(course->size_median_mm);
    plan->size_sd_u = 3.0 * course->size_log_sd / MTC_LN2;
    MTC_TRY(allocate(plan, n_class, n_t, err));
    MTC_TRY(gauss_rule(PANEL_NODES, plan->gauss_x, plan->gauss_w, err));
    MTC_TRY(gauss_rule(EDGE_NODES, plan->edge_x, plan->edge_w, err));
    MTC_TRY(gauss_rule(STEP_NODES, plan->step_x, plan->step_w, err));
    for (size_t i = 0; i < N_ORDER; i++) {
        for (size_t k = 0; k < 2 * curve_orders[i]; k++) {
            plan->cosine[i][k] = cos(M_PI * (double)k / (double)curve_orders[i]);
        }
    }
    barycentric(PANEL_NODES, plan->gauss_x, plan->gauss_bary);
    plan->n_class = n_class;
    for (size_t c = 0; c < n_class; c++) {
        MTC_TRY(set_class(plan, c, &cls[c], err));
    }
    plan->n_t = n_t;
    for (size_t j = 0; j < n_t; j++) {
        if (!(t_years[j] >= 0.0) || !isfinite(t_years[j])) {
            st = mtc_fail(err, MTC_EDOMAIN, "time %g years is negative or not finite", t_years[j]);
            goto out;
        }
        plan->t_years[j] = t_years[j];
    }
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
    mtc_free(plan->cls);
    mtc_free(plan->edge);
    mtc_free(plan->lower_edge);
    mtc_free(plan->upper_edge);
    mtc_free(plan->t_years);
    mtc_free(plan);
}

mtc_status mtc_curve_ws_create(const mtc_curve_plan *plan, mtc_curve_ws **out, mtc_err *err)
{
    *out = mtc_calloc(1, sizeof **out);
    if (*out == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for the scratch of a curve");
    }
    (*out)->n_class = plan->n_class;
    return MTC_OK;
}

void mtc_curve_ws_destroy(mtc_curve_ws *ws)
{
    if (ws == NULL) {
        return;
    }
    mtc_free(ws->block);
    mtc_free(ws->index_block);
    mtc_free(ws);
}
