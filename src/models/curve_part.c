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

static size_t edge_index(curve_part *part, double u)
{
    for (size_t i = 0; i < part->n_edge; i++) {
        if (part->edge[i] == u) {
            return i;
        }
    }
    part->edge[part->n_edge] = u;
    return part->n_edge++;
}

static double law_mass(const curve_part *part, double lower_u, double upper_u)
{
    const double a = (lower_u - part->size_mean_u) / part->size_sd_u;
    const double b = (upper_u - part->size_mean_u) / part->size_sd_u;
    return a > 0.0 ? 0.5 * (erfc(a * M_SQRT1_2) - erfc(b * M_SQRT1_2))
                   : 0.5 * (erfc(-b * M_SQRT1_2) - erfc(-a * M_SQRT1_2));
}

static mtc_status set_class(curve_part *part, size_t c, const mtc_size_class *cls, mtc_err *err)
{
    if (!(cls->lower_mm > 0.0) || !(cls->upper_mm >= cls->lower_mm) || !isfinite(cls->upper_mm)) {
        return mtc_fail(err, MTC_EDOMAIN, "size class (%g, %g] mm is empty or not positive", cls->lower_mm,
                        cls->upper_mm);
    }
    class_range *r = &part->cls[c];
    r->lower_u = mtc_doublings(cls->lower_mm);
    r->upper_u = mtc_doublings(cls->upper_mm);
    r->exact = cls->lower_mm == cls->upper_mm;
    r->mass = r->exact ? 1.0 : law_mass(part, r->lower_u, r->upper_u);
    if (!(r->lower_u > 0.0)) {
        return mtc_fail(err, MTC_EDOMAIN, "a primary of %g mm is smaller than one cell", cls->lower_mm);
    }
    if (!(r->mass > 0.0)) {
        return mtc_fail(err, MTC_EDOMAIN, "size class (%g, %g] mm has no mass under the size law", cls->lower_mm,
                        cls->upper_mm);
    }
    part->lower_edge[c] = edge_index(part, r->lower_u);
    part->upper_edge[c] = edge_index(part, r->upper_u);
    part->u_max = fmax(part->u_max, r->upper_u);
    return MTC_OK;
}

static mtc_status allocate(curve_part *part, size_t n_class, size_t n_t, mtc_err *err)
{
    part->cls = mtc_calloc(n_class, sizeof *part->cls);
    part->edge = mtc_calloc(2 * n_class, sizeof *part->edge);
    part->lower_edge = mtc_calloc(n_class, sizeof *part->lower_edge);
    part->upper_edge = mtc_calloc(n_class, sizeof *part->upper_edge);
    part->t_years = mtc_calloc(n_t, sizeof *part->t_years);
    part->wanted = mtc_calloc(n_class * n_t, sizeof *part->wanted);
    part->wanted_at = mtc_calloc(n_t, sizeof *part->wanted_at);
    if (part->cls == NULL || part->edge == NULL || part->lower_edge == NULL || part->upper_edge == NULL ||
        part->t_years == NULL || part->wanted == NULL || part->wanted_at == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for a curve of %zu classes and %zu times", n_class, n_t);
    }
    return MTC_OK;
}

mtc_status curve_part_create(const mtc_course *course, const mtc_size_class *cls, size_t n_class, const double *t_years,
                             size_t n_t, curve_part **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    *out = NULL;
    curve_part *part = mtc_calloc(1, sizeof *part);
    if (part == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for a curve");
    }
    part->course = *course;
    part->rules = curve_rules_of(course->accuracy);
    part->size_mean_u = mtc_doublings(course->size_median_mm);
    part->size_sd_u = 3.0 * course->size_log_sd / MTC_LN2;
    MTC_TRY(allocate(part, n_class, n_t, err));
    MTC_TRY(gauss_rule(PANEL_NODES, part->gauss_x, part->gauss_w, err));
    MTC_TRY(gauss_rule(EDGE_NODES, part->edge_x, part->edge_w, err));
    MTC_TRY(gauss_rule(STEP_NODES, part->step_x, part->step_w, err));
    for (size_t i = 0; i < N_ORDER; i++) {
        for (size_t k = 0; k < 2 * curve_orders[i]; k++) {
            part->cosine[i][k] = cos(M_PI * (double)k / (double)curve_orders[i]);
        }
    }
    barycentric(PANEL_NODES, part->gauss_x, part->gauss_bary);
    part->n_class = n_class;
    for (size_t c = 0; c < n_class; c++) {
        MTC_TRY(set_class(part, c, &cls[c], err));
    }
    part->n_t = n_t;
    for (size_t j = 0; j < n_t; j++) {
        if (!(t_years[j] >= 0.0) || !isfinite(t_years[j])) {
            st = mtc_fail(err, MTC_EDOMAIN, "time %g years is negative or not finite", t_years[j]);
            goto out;
        }
        part->t_years[j] = t_years[j];
    }
out:
    if (st != MTC_OK) {
        curve_part_destroy(part);
        return st;
    }
    *out = part;
    return MTC_OK;
}

void curve_part_destroy(curve_part *part)
{
    if (part == NULL) {
        return;
    }
    mtc_free(part->cls);
    mtc_free(part->edge);
    mtc_free(part->lower_edge);
    mtc_free(part->upper_edge);
    mtc_free(part->t_years);
    mtc_free(part->wanted);
    mtc_free(part->wanted_at);
    mtc_free(part);
}
