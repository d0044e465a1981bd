/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

#include "mtc_vmath.h"

#include <math.h>

static int inside_domain(const mtc_course_point *p)
{
    return isfinite(p->log_delta_years) && isfinite(p->log_ratio) && isfinite(p->log_rate) && isfinite(p->u_onset) &&
           p->sd_doubling > 0.0 && isfinite(p->sd_doubling) && p->sd_ratio > 0.0 && isfinite(p->sd_ratio) &&
           p->frailty >= 0.0 && isfinite(p->frailty) && p->width_doublings > 0.0 && isfinite(p->width_doublings) &&
           p->exponent >= 0.0 && isfinite(p->exponent) && p->delay_years >= 0.0 && isfinite(p->delay_years) &&
           p->log_rate < 600.0;
}

/* Beyond these the rules would need more nodes than a result is worth; far outside every prior. */
static int affordable(const mtc_course_point *p)
{
    const rate_grid g = curve_rate_grid(curve_rules_of(MTC_ACCURACY_CERTIFIED), p, 0.0);
    return p->width_doublings > 1e-3 && p->sd_ratio > 0.015 && p->sd_ratio < 20.0 && p->sd_doubling < 20.0 &&
           g.step > 0.007 && p->exponent < 20.0 && fabs(p->log_ratio) < 20.0 && fabs(p->log_delta_years) < 20.0;
}

static const double smallest = 1e-290;

/* Adds `weight` times one rate's value; true where it matters. */
static int add(double *sum, double weight, double value, double negligible)
{
    const double term = weight * value;
    *sum += term;
    return term > negligible * *sum || *sum == 0.0;
}

static int add_time(const curve_part *part, curve_ws *ws, size_t j, double weight, const mtc_curve_values *values)
{
    const after_table *a = &ws->after;
    const size_t stride = MAX_ORDER + 1;
    const double least = part->rules->rate_negligible;
    int matters = 0;
    for (size_t c = 0; c < part->n_class; c++) {
        const double *w = ws->weight + c * ws->n_x;
        const double later = curve_dot(a->s0_cheb + c * stride, ws->moment, a->order + 1);
        const double surgery = a->s0[c * stride];
        const size_t at = c * part->n_t + j;
        const unsigned char wanted = part->wanted[at];
        if (wanted & MTC_WANT_SURVIVAL) {
            const double unseen = curve_dot(w, ws->ccdf, ws->n_x) + surgery * ws->slower + later;
            matters |= add(&values->survival[at], weight, unseen, least);
        }
        if (wanted & MTC_WANT_DENSITY) {
            const double later_f = curve_dot(a->f0_cheb + c * stride, ws->moment, a->order + 1);
            const double seen = fmax(0.0, curve_dot(w, ws->dens, ws->n_x) + later_f);
            matters |= add(&values->density[at], weight, seen, least);
        }
        if (values->distribution != NULL && wanted & MTC_WANT_DISTRIBUTION) {
            const double grown = fmax(0.0, surgery * ws->faster - later);
            matters |= add(&values->distribution[at], weight, curve_dot(w, ws->cdf, ws->n_x) + grown, least);
        }
    }
    return matters;
}

/* One rate of growth: log D = M + sigma_D zeta. True where it matters to any value. */
static int add_rate(const curve_part *part, curve_ws *ws, const mtc_course_point *p, const rate_grid *rates, long l,
                    const mtc_curve_values *values)
{
    double zeta;
    int matters = 0;
    const double weight = curve_rate_weight(rates, l, &zeta);
    curve_row(part, ws, p, zeta, 0);
    curve_weights(ws);
    curve_after(part, ws, p);
    const double mu = log(part->course.doublings_to_detection) + ws->row.log_d - p->log_ratio;
    for (size_t j = 0; j < part->n_t; j++) {
        if (part->wanted_at[j]) {
            curve_at_time(part, ws, p, part->t_years[j], mu, 0);
            matters |= add_time(part, ws, j, weight, values);
        }
    }
    return matters;
}

static void clear(const curve_part *part, const mtc_curve_values *values)
{
    for (size_t i = 0; i < part->n_class * part->n_t; i++) {
        values->survival[i] = 0.0;
        values->density[i] = 0.0;
        if (values->distribution != NULL) {
            values->distribution[i] = 0.0;
        }
    }
}

static mtc_status evaluate(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double depth,
                           const mtc_curve_values *values, mtc_domain *domain, mtc_err *err)
{
    const mtc_status st = curve_grids(part, ws, p, depth, domain, err);
    if (st != MTC_OK || *domain != MTC_DOMAIN_OK) {
        return st;
    }
    clear(part, values);
    curve_common(ws, p);
    const rate_grid rates = curve_rate_grid(part->rules, p, depth);
    /* from the median outwards, so that both ends can stop where nothing is added */
    add_rate(part, ws, p, &rates, 0, values);
    for (ws->rate_high = 1; ws->rate_high < rates.reach; ws->rate_high++) {
        if (!add_rate(part, ws, p, &rates, ws->rate_high, values)) {
            break;
        }
    }
    for (ws->rate_low = -1; ws->rate_low > -rates.reach; ws->rate_low--) {
        if (!add_rate(part, ws, p, &rates, ws->rate_low, values)) {
            break;
        }
    }
    return MTC_OK;
}

/* Nats by which the rarest value that is asked for lies below 1. */
static double rarest(const curve_part *part, const mtc_curve_values *values)
{
    double least = 1.0;
    for (size_t i = 0; i < part->n_class * part->n_t; i++) {
        const unsigned char wanted = part->wanted[i];
        if (wanted & MTC_WANT_SURVIVAL) {
            least = fmin(least, values->survival[i]);
        }
        if (wanted & MTC_WANT_DENSITY && part->t_years[i % part->n_t] > 0.0) {
            least = fmin(least, values->density[i]);
        }
        if (values->distribution != NULL && wanted & MTC_WANT_DISTRIBUTION) {
            least = fmin(least, values->distribution[i]);
        }
    }
    return -log(fmax(least, smallest));
}

static mtc_status evaluate_part(const curve_part *part, curve_ws *ws, const mtc_course_point *p,
                                const mtc_curve_values *values, part_trace *trace, mtc_domain *domain, mtc_err *err)
{
    double depth = 0.0;
    mtc_status st = evaluate(part, ws, p, depth, values, domain, err);
    for (int pass = 0; st == MTC_OK && *domain == MTC_DOMAIN_OK && pass < 4; pass++) {
        const double wanted = fmin(rarest(part, values), part->rules->deepest_nats);
        if (wanted <= fmax(part->rules->rare_nats, depth + 15.0)) {
            break;
        }
        mtc_domain deeper = MTC_DOMAIN_OK;
        st = evaluate(part, ws, p, wanted, values, &deeper, err);
        if (deeper != MTC_DOMAIN_OK) {
            break; /* what the last pass saw stands: a value this rare is not worth more nodes */
        }
        depth = wanted;
    }
    *trace = (part_trace){depth, ws->rate_low, ws->rate_high};
    return st;
}

static mtc_curve_values of_part(const mtc_curve_plan *plan, const mtc_curve_values *values, size_t i)
{
    const size_t first = i * PART_CLASSES * plan->n_t;
    return (mtc_curve_values){values->survival + first, values->density + first,
                              values->distribution != NULL ? values->distribution + first : NULL};
}

mtc_status mtc_curve_eval(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p,
                          mtc_curve_values *values, mtc_domain *domain, mtc_err *err)
{
    *domain = MTC_DOMAIN_OUTSIDE;
    if (!inside_domain(p) || !affordable(p)) {
        return MTC_OK;
    }
    mtc_status st = MTC_OK;
    *domain = MTC_DOMAIN_OK;
    for (size_t i = 0; st == MTC_OK && *domain == MTC_DOMAIN_OK && i < plan->n_part; i++) {
        const mtc_curve_values part = of_part(plan, values, i);
        st = evaluate_part(plan->part[i], &ws->at, p, &part, &ws->trace[i], domain, err);
    }
    return st;
}

mtc_status mtc_curve_adjoint(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p,
                             const mtc_curve_values *bar, double *d_point, mtc_err *err)
{
    if (ws->at.n_u == 0) {
        return mtc_fail(err, MTC_EBUG, "the reverse pass needs an evaluation before it");
    }
    for (int i = 0; i < MTC_POINT_N; i++) {
        d_point[i] = 0.0;
    }
    for (size_t i = 0; i < plan->n_part; i++) {
        const mtc_curve_values part = of_part(plan, bar, i);
        const part_trace *trace = &ws->trace[i];
        if (plan->n_part > 1) { /* the scratch holds the last part */
            mtc_domain domain;
            const mtc_status st = curve_grids(plan->part[i], &ws->at, p, trace->depth, &domain, err);
            if (st != MTC_OK) {
                return st;
            }
            curve_common(&ws->at, p);
        }
        curve_part_adjoint(plan->part[i], &ws->at, p, &part, trace, d_point);
    }
    return MTC_OK;
}
