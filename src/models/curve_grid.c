/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

#include "mtc_arena.h"
#include "mtc_vmath.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * Grids in doublings. u: size of the primary; x: doublings before surgery. Both are chains of Gauss panels whose widths
 * are tied to the scales of the integrand: the onset (sigma_u), the slope of the founder rate (alpha), the size-class
 * edges shifted by the onset, and the spread of growth times (sigma_rho). The number of panels changes with the
 * parameters only by panels whose content is below 1e-16, or where two rules agree to the certified error.
 */
static const double panel_widths = 2.2;    /* of sigma_u, at the onset */
static const double panel_growth = 0.9;    /* of the distance to the onset */
static const double panel_ratio_sds = 3.0; /* of sigma_rho in log growth time */
static const double panel_cap_doublings = 6.0;
static const double rate_reach_sds =
    38.0; /* of the grid of growth rates: phi underflows; see curve.c for where it stops */
static const size_t max_panels = 4000;
static const size_t max_cells = 40000000; /* of all averaging matrices (320 MB): far outside every prior */

typedef struct {
    double u_low, u_max;
    double scale; /* of all panel widths */
    double fine;  /* panel width at the onset */
    double base;  /* cap */
    double onset;
    double ratio_sd, growth_floor; /* sigma_rho; doublings of growth below which nothing grows that fast */
} panel_rule;

static panel_rule make_rule(const curve_part *part, const mtc_course_point *p, double depth)
{
    panel_rule r;
    const double u_max = part->u_max;
    const double grown = p->exponent * MTC_LN2 * fmax(0.0, u_max - mtc_reference_doublings());
    const double excess = fmax(0.0, p->log_rate + p->log_delta_years + 6.0 * p->sd_doubling + grown);
    const double short_of = fmin(0.0, (u_max - p->u_onset) / p->width_doublings);
    /* the onset's normal tail against the largest rate; earlier founders still count in primaries short of the onset */
    const double deepest = -sqrt(2.0 * (part->rules->onset_nats + excess + depth) + 4.0 * short_of * short_of);
    const double relevant = fmax(sqrt(2.0 * excess), -short_of);
    const double tail_sds = sqrt(2.0 * depth);
    const double steep = fmax(1.0, fmax(relevant, 0.5 * tail_sds) / 3.0);
    r.scale = part->rules->panel;
    r.fine = part->rules->panel * panel_widths * p->width_doublings / steep;
    r.base = r.scale * fmin(panel_cap_doublings, 2.5 / (p->exponent + 0.3));
    r.onset = p->u_onset;
    r.u_max = u_max;
    r.u_low = fmin(p->u_onset + deepest * p->width_doublings, u_max - 3.0 * p->width_doublings);
    r.u_low = fmax(0.0, r.u_low);
    r.ratio_sd = p->sd_ratio / fmax(1.0, tail_sds / 8.0);
    r.growth_floor = part->course.doublings_to_detection * exp(-p->log_ratio - fmax(7.0, 1.2 * tail_sds) * p->sd_ratio);
    return r;
}

static size_t walk_u(const panel_rule *r, double *border)
{
    size_t n = 0;
    double u = r->u_low;
    if (border != NULL) {
        border[0] = u;
    }
    while (u < r->u_max && n < max_panels) {
        const double past = fmax(0.0, u - r->onset);
        const double width = fmin(r->base, fmax(r->fine, r->scale * panel_growth * past));
        u = u + 1.3 * width >= r->u_max ? r->u_max : u + width;
        n++;
        if (border != NULL) {
            border[n] = u;
        }
    }
    return n;
}

static double nearest_onset(const curve_part *part, const panel_rule *r, double x)
{
    double d = INFINITY;
    for (size_t e = 0; e < part->n_edge; e++) {
        d = fmin(d, fabs(x - (r->onset - part->edge[e])));
    }
    return d;
}

static size_t walk_x(const curve_part *part, const panel_rule *r, double *border)
{
    size_t n = 0;
    double x = 0.0;
    const double x_low = r->u_low - r->u_max;
    if (border != NULL) {
        border[0] = x;
    }
    while (x > x_low && n < max_panels) {
        const double onset = fmax(r->fine, r->scale * panel_growth * nearest_onset(part, r, x));
        const double kernel = r->scale * panel_ratio_sds * r->ratio_sd * fmax(-x, r->growth_floor);
        const double width = fmin(r->base, fmin(onset, kernel));
        x = x - 1.3 * width <= x_low ? x_low : x - width;
        n++;
        if (border != NULL) {
            border[n] = x;
        }
    }
    return n;
}

static mtc_status reserve(curve_ws *ws, size_t n_double, size_t n_index, mtc_err *err)
{
    if (n_double > ws->block_size) {
        double *block = mtc_realloc(ws->block, n_double, sizeof *block);
        if (block == NULL) {
            return mtc_fail(err, MTC_ENOMEM, "out of memory for a curve (%zu numbers)", n_double);
        }
        ws->block = block;
        ws->block_size = n_double;
    }
    if (n_index > ws->index_size) {
        size_t *block = mtc_realloc(ws->index_block, n_index, sizeof *block);
        if (block == NULL) {
            return mtc_fail(err, MTC_ENOMEM, "out of memory for a curve (%zu indices)", n_index);
        }
        ws->index_block = block;
        ws->index_size = n_index;
    }
    return MTC_OK;
}

/* Hands out parts of one block; with base NULL it only counts. */
typedef struct {
    double *base;
    size_t used;
} block_cursor;

static double *take(block_cursor *b, size_t n)
{
    double *p = b->base != NULL ? b->base + b->used : NULL;
    b->used += (n + LANES - 1) / LANES * LANES;
    return p;
}

static size_t place(curve_ws *ws, double *base, size_t n_edge, size_t n_panel_x)
{
    const size_t nu = ws->n_u, nx = ws->n_x, nc = ws->n_class, no = MAX_ORDER + 1;
    block_cursor b = {base, 0};
    double **const by_u[] = {
        &ws->u,        &ws->u_weight, &ws->scale,    &ws->p0,           &ws->p0_c,         &ws->p0_onset,
        &ws->p0_width, &ws->row.p1,   &ws->row.p1_c, &ws->row.p1_onset, &ws->row.p1_width, &ws->row.n,
        &ws->row.nu,   &ws->row.s0,   &ws->row.e1,   &ws->row.f0,       &ws->later_n,      &ws->later_s0,
        &ws->later_e1, &ws->sum_p0,   &ws->sum_p1,   &ws->f0_u_bar,     &ws->s0_u_bar};
    double **const by_x[] = {&ws->x,   &ws->x_weight, &ws->mixed_s, &ws->mixed_f, &ws->ccdf,
                             &ws->cdf, &ws->dens,     &ws->z,       &ws->growth};
    double **const by_order[] = {&ws->after.s0, &ws->after.f0, &ws->after.s0_cheb, &ws->after.f0_cheb,
                                 &ws->s0_bar,   &ws->f0_bar,   &ws->s0_cheb_bar,   &ws->f0_cheb_bar};
    for (size_t i = 0; i < sizeof by_u / sizeof *by_u; i++) {
        *by_u[i] = take(&b, nu);
    }
    for (size_t i = 0; i < sizeof by_x / sizeof *by_x; i++) {
        *by_x[i] = take(&b, nx);
    }
    for (size_t i = 0; i < sizeof by_order / sizeof *by_order; i++) {
        *by_order[i] = take(&b, nc * no);
    }
    ws->panel_u = take(&b, (ws->n_panel_u > n_panel_x ? ws->n_panel_u : n_panel_x) + 1);
    ws->edge_part = take(&b, n_edge * nx * PANEL_NODES);
    ws->law = take(&b, nu * nx);
    ws->average = take(&b, nc * nu * nx);
    ws->at_surgery = take(&b, nc * nu);
    ws->below = take(&b, nc);
    ws->weight = take(&b, nc * nx);
    ws->weight_bar = take(&b, nc * nx);
    return b.used;
}

static void fill_nodes(const curve_part *part, const double *border, size_t n_panel, double *node, double *weight)
{
    for (size_t i = 0; i < n_panel; i++) {
        const double mid = 0.5 * (border[i] + border[i + 1]);
        const double half = 0.5 * (border[i + 1] - border[i]);
        for (size_t j = 0; j < PANEL_NODES; j++) {
            node[i * PANEL_NODES + j] = mid + half * part->gauss_x[j];
            weight[i * PANEL_NODES + j] = fabs(half) * part->gauss_w[j];
        }
    }
}

mtc_status curve_grids(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double depth,
                       mtc_domain *domain, mtc_err *err)
{
    const panel_rule r = make_rule(part, p, depth);
    const size_t n_panel_x = walk_x(part, &r, NULL), n_panel_u = walk_u(&r, NULL);
    *domain = MTC_DOMAIN_OUTSIDE;
    if (n_panel_x >= max_panels || n_panel_u >= max_panels ||
        n_panel_x * n_panel_u * PANEL_NODES * PANEL_NODES * (part->n_class + 1) > max_cells) {
        return MTC_OK; /* what the scratch holds stands */
    }
    *domain = MTC_DOMAIN_OK;
    ws->n_class = part->n_class;
    ws->n_panel_u = n_panel_u;
    ws->u_low = r.u_low;
    ws->depth = depth;
    ws->n_u = ws->n_panel_u * PANEL_NODES;
    const size_t n_real = n_panel_x * PANEL_NODES;
    ws->n_real = n_real;
    ws->n_x = (n_real + 1 + LANES - 1) / LANES * LANES; /* one node at surgery, and idle ones */
    const size_t n_double = place(ws, NULL, part->n_edge, n_panel_x);
    const mtc_status st = reserve(ws, n_double, part->n_edge * ws->n_x, err);
    if (st != MTC_OK) {
        return st;
    }
    place(ws, ws->block, part->n_edge, n_panel_x);
    ws->edge_panel = ws->index_block;
    walk_x(part, &r, ws->panel_u); /* borrowed for the borders in x */
    fill_nodes(part, ws->panel_u, n_panel_x, ws->x, ws->x_weight);
    for (size_t k = n_real; k < ws->n_x; k++) {
        ws->x[k] = k == n_real ? 0.0 : -1.0;
        ws->x_weight[k] = 0.0;
    }
    walk_u(&r, ws->panel_u);
    fill_nodes(part, ws->panel_u, ws->n_panel_u, ws->u, ws->u_weight);
    curve_averages(part, ws);
    const double *surgery = ws->average + n_real;
    for (size_t i = 0; i < part->n_class * ws->n_u; i++) {
        ws->at_surgery[i] = surgery[i * ws->n_x];
    }
    return MTC_OK;
}

rate_grid curve_rate_grid(const curve_rules *rules, const mtc_course_point *p, double depth)
{
    const double conditional = p->sd_ratio / sqrt(p->sd_doubling * p->sd_doubling + p->sd_ratio * p->sd_ratio);
    const double step = fmin(rules->rate_step * conditional, rules->rate_step_cap / p->sd_doubling);
    rate_grid g;
    const double wanted_sds = sqrt(2.0 * (rules->reach_nats + depth));
    g.reach = (long)floor(fmin(rate_reach_sds, wanted_sds) / step);
    g.step = step;
    return g;
}

double curve_rate_weight(const rate_grid *g, long l, double *zeta)
{
    *zeta = (double)l * g->step;
    return g->step * mtc_vphi(*zeta);
}
