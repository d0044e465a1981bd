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

static int add_time(const mtc_curve_plan *plan, mtc_curve_ws *ws, size_t j, double weight, mtc_curve_values *values)
{
    const after_table *a = &ws->after;
    const size_t stride = MAX_ORDER + 1;
    const double least = plan->rules->rate_negligible;
    int matters = 0;
    for (size_t c = 0; c < plan->n_class; c++) {
        const double *w = ws->weight + c * ws->n_x;
        const double later = curve_dot(a->s0_cheb + c * stride, ws->moment, a->order + 1);
        const double later_f = curve_dot(a->f0_cheb + c * stride, ws->moment, a->order + 1);
        const double surgery = a->s0[c * stride];
        const size_t at = c * plan->n_t + j;
        matters |=
            add(&values->survival[at], weight, curve_dot(w, ws->ccdf, ws->n_x) + surgery * ws->slower + later, least);
        matters |= add(&values->density[at], weight, fmax(0.0, curve_dot(w, ws->dens, ws->n_x) + later_f), least);
        if (values->distribution != NULL) {
            const double grown = fmax(0.0, surgery * ws->faster - later);
            matters |= add(&values->distribution[at], weight, curve_dot(w, ws->cdf, ws->n_x) + grown, least);
        }
    }
    return matters;
}

/* One rate of growth: log D = M + sigma_D zeta. True where it matters to any value. */
static int add_rate(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p, const rate_grid *rates,
                    long l, mtc_curve_values *values)
{
    double zeta;
    int matters = 0;
    const double weight = curve_rate_weight(rates, l, &zeta);
    curve_row(plan, ws, p, zeta, 0);
    curve_weights(ws);
    curve_after(plan, ws, p);
    const double mu = log(plan->course.doublings_to_detection) + ws->row.log_d - p->log_ratio;
    for (size_t j = 0; j < plan->n_t; j++) {
        curve_at_time(plan, ws, p, plan->t_years[j], mu, 0);
        matters |= add_time(plan, ws, j, weight, values);
    }
    return matters;
}

static void clear(const mtc_curve_plan *plan, mtc_curve_values *values)
{
    for (size_t i = 0; i < plan->n_class * plan->n_t; i++) {
        values->survival[i] = 0.0;
        values->density[i] = 0.0;
        if (values->distribution != NULL) {
            values->distribution[i] = 0.0;
        }
    }
}

static mtc_status evaluate(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p, double depth,
                           mtc_curve_values *values, mtc_err *err)
{
    const mtc_status st = curve_grids(plan, ws, p, depth, err);
    if (st != MTC_OK) {
        return st;
    }
    clear(plan, values);
    curve_common(ws, p);
    const rate_grid rates = curve_rate_grid(plan->rules, p, depth);
    /* from the median outwards, so that both ends can stop where nothing is added */
    add_rate(plan, ws, p, &rates, 0, values);
    for (ws->rate_high = 1; ws->rate_high < rates.reach; ws->rate_high++) {
        if (!add_rate(plan, ws, p, &rates, ws->rate_high, values)) {
            break;
        }
    }
    for (ws->rate_low = -1; ws->rate_low > -rates.reach; ws->rate_low--) {
        if (!add_rate(plan, ws, p, &rates, ws->rate_low, values)) {
            break;
        }
    }
    return MTC_OK;
}

/* The rarest value that can be asked for. */
static double rarest(const mtc_curve_plan *plan, const mtc_curve_values *values)
{
    double least = 1.0;
    for (size_t i = 0; i < plan->n_class * plan->n_t; i++) {
        const double t = plan->t_years[i % plan->n_t];
        least = fmin(least, values->survival[i]);
        if (t > 0.0) {
            least = fmin(least, values->density[i]);
        }
        if (values->distribution != NULL) {
            least = fmin(least, values->distribution[i]);
        }
    }
    return least;
}

mtc_status mtc_curve_eval(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p,
                          mtc_curve_values *values, mtc_domain *domain, mtc_err *err)
{
    *domain = MTC_DOMAIN_OUTSIDE;
    if (!inside_domain(p) || !affordable(p)) {
        return MTC_OK;
    }
    mtc_status st = evaluate(plan, ws, p, 0.0, values, err);
    if (st == MTC_OK) {
        double depth = 0.0;
        double wanted = -log(fmax(rarest(plan, values), smallest));
        for (int pass = 0; st == MTC_OK && wanted > fmax(plan->rules->rare_nats, depth + 15.0) && pass < 4; pass++) {
            depth = wanted;
            st = evaluate(plan, ws, p, depth, values, err);
            wanted = -log(fmax(rarest(plan, values), smallest));
        }
    }
    if (st == MTC_EDOMAIN) {
        return MTC_OK; /* outside: the rules cannot resolve such a point */
    }
    *domain = st == MTC_OK ? MTC_DOMAIN_OK : MTC_DOMAIN_OUTSIDE;
    return st;
}
