/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

#include "mtc_vmath.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * Averages over the size law as matrices: (average of g over class c)(x) = sum_i average[c][i][x] g(u_i), where a
 * primary of n doublings at surgery had u = n + x doublings x doublings earlier. Panels in u that a class edge cuts get
 * the weights of the part inside, by integrating the interpolation polynomials of the panel's nodes.
 */

static size_t panel_of(const curve_ws *ws, double u)
{
    size_t low = 0, high = ws->n_panel_u;
    if (u < ws->panel_u[0]) {
        return SIZE_MAX;
    }
    while (high - low > 1) {
        const size_t mid = low + (high - low) / 2;
        if (ws->panel_u[mid] <= u) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return low;
}

/* Values at xi of the PANEL_NODES interpolation polynomials. A node is met by standing aside: 1e-15 off it the
 * polynomials differ from 0 and 1 by as much. */
static inline void lagrange(const curve_part *part, double xi, double *restrict basis)
{
    double lane[LANES] = {0.0};
    for (size_t i = 0; i < PANEL_NODES; i++) {
        const double d = xi - part->gauss_x[i];
        basis[i] = part->gauss_bary[i] / (d == 0.0 ? 1e-15 : d);
    }
    for (size_t i = 0; i < PANEL_NODES; i += LANES) {
        for (size_t v = 0; v < LANES; v++) {
            lane[v] += basis[i + v];
        }
    }
    const double inv =
        1.0 / (((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7])));
    for (size_t i = 0; i < PANEL_NODES; i++) {
        basis[i] *= inv;
    }
}

static double law_density(const curve_part *part, double n)
{
    const double z = (n - part->size_mean_u) / part->size_sd_u;
    return mtc_vphi(z) / part->size_sd_u;
}

/* Weights of the panel's nodes for the integral of g(u) density(u - x) from the panel's left border to `edge`. */
MTC_VECTORISED static void cut_panel(const curve_part *part, const curve_ws *ws, size_t panel, double edge, double x,
                                     double *restrict cut)
{
    const double left = ws->panel_u[panel];
    const double half_panel = 0.5 * (ws->panel_u[panel + 1] - left);
    const double mid = 0.5 * (left + edge);
    const double half = 0.5 * (edge - left);
    double basis[PANEL_NODES];
    memset(cut, 0, PANEL_NODES * sizeof *cut);
    for (size_t j = 0; j < EDGE_NODES; j++) {
        const double u = mid + half * part->edge_x[j];
        const double w = half * part->edge_w[j] * law_density(part, u - x);
        lagrange(part, (u - left) / half_panel - 1.0, basis);
        for (size_t i = 0; i < PANEL_NODES; i++) {
            cut[i] += w * basis[i];
        }
    }
}

static void cut_at_edges(const curve_part *part, curve_ws *ws)
{
    for (size_t e = 0; e < part->n_edge; e++) {
        for (size_t k = 0; k < ws->n_x; k++) {
            const double u = part->edge[e] + ws->x[k];
            const size_t panel = panel_of(ws, u);
            ws->edge_panel[e * ws->n_x + k] = panel;
            if (panel != SIZE_MAX) {
                cut_panel(part, ws, panel, u, ws->x[k], ws->edge_part + (e * ws->n_x + k) * PANEL_NODES);
            }
        }
    }
}

MTC_VECTORISED static void fill_law(const curve_part *part, curve_ws *ws)
{
    const double inv = 1.0 / part->size_sd_u;
    const size_t nx = ws->n_x;
    for (size_t i = 0; i < ws->n_u; i++) {
        const double shift = ws->u[i] - part->size_mean_u;
        const double w = ws->u_weight[i] * inv;
        double *restrict row = ws->law + i * nx;
        const double *restrict x = ws->x;
        for (size_t k = 0; k < nx; k++) {
            row[k] = w * mtc_vphi((shift - x[k]) * inv);
        }
    }
}

static void exact_class(const curve_part *part, curve_ws *ws, size_t c)
{
    double *out = ws->average + c * ws->n_u * ws->n_x;
    memset(out, 0, ws->n_u * ws->n_x * sizeof *out);
    for (size_t k = 0; k < ws->n_x; k++) {
        const double u = part->cls[c].lower_u + ws->x[k];
        const size_t panel = panel_of(ws, u);
        if (panel == SIZE_MAX) {
            continue;
        }
        double basis[PANEL_NODES];
        const double left = ws->panel_u[panel];
        lagrange(part, 2.0 * (u - left) / (ws->panel_u[panel + 1] - left) - 1.0, basis);
        for (size_t i = 0; i < PANEL_NODES; i++) {
            out[(panel * PANEL_NODES + i) * ws->n_x + k] = basis[i];
        }
    }
}

/* Add the cut panels of a class at x[k]; full panels between the edges are copied from the law. */
static void range_column(const curve_part *part, curve_ws *ws, size_t c, size_t k, double *out)
{
    const size_t nx = ws->n_x;
    const size_t lower = part->lower_edge[c] * nx + k;
    const size_t upper = part->upper_edge[c] * nx + k;
    const size_t last = ws->edge_panel[upper];
    if (last == SIZE_MAX) {
        return;
    }
    const size_t first = ws->edge_panel[lower];
    const size_t full_from = first == SIZE_MAX ? 0 : first;
    const double inv = 1.0 / part->cls[c].mass;
    for (size_t i = full_from * PANEL_NODES; i < last * PANEL_NODES; i++) {
        out[i * nx + k] = inv * ws->law[i * nx + k];
    }
    for (size_t i = 0; i < PANEL_NODES; i++) {
        out[(last * PANEL_NODES + i) * nx + k] += inv * ws->edge_part[upper * PANEL_NODES + i];
        if (first != SIZE_MAX) {
            out[(first * PANEL_NODES + i) * nx + k] -= inv * ws->edge_part[lower * PANEL_NODES + i];
        }
    }
}

static double mass_below(const curve_part *part, const class_range *r, double u_low)
{
    if (r->exact) {
        return r->lower_u < u_low ? 1.0 : 0.0;
    }
    if (u_low <= r->lower_u) {
        return 0.0;
    }
    const double b = (fmin(r->upper_u, u_low) - part->size_mean_u) / part->size_sd_u;
    const double a = (r->lower_u - part->size_mean_u) / part->size_sd_u;
    return 0.5 * (erfc(-b * M_SQRT1_2) - erfc(-a * M_SQRT1_2)) / r->mass;
}

void curve_averages(const curve_part *part, curve_ws *ws)
{
    fill_law(part, ws);
    cut_at_edges(part, ws);
    for (size_t c = 0; c < part->n_class; c++) {
        ws->below[c] = mass_below(part, &part->cls[c], ws->u_low);
        if (part->cls[c].exact) {
            exact_class(part, ws, c);
            continue;
        }
        double *out = ws->average + c * ws->n_u * ws->n_x;
        memset(out, 0, ws->n_u * ws->n_x * sizeof *out);
        for (size_t k = 0; k < ws->n_x; k++) {
            range_column(part, ws, c, k, out);
        }
    }
}
