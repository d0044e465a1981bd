/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "latency_individual.h"

#include "latency_size.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double quantity_horizon_years = 20.0;
static const double t_category_mm[] = {0.0, 20.0, 50.0, INFINITY}; /* exact sizes are shown by T category */
enum { N_T_CATEGORY = 3, FACTS_PER_GROUP = 2, GENERAL_FACTS = 4, QUANTITIES_PER_GROUP = 3 };

/* ---- groups ---------------------------------------------------------------------------------------------------- */

static bool is_exact(const mtc_size_class *cls)
{
    return cls->lower_mm == cls->upper_mm;
}

static void name_group(latency_group *g, const mtc_course *course)
{
    const mtc_size_class cls = {g->lower_mm, g->upper_mm};
    latency_size_label(&cls, course, g->label, sizeof g->label);
    latency_size_id(&cls, course, g->id, sizeof g->id);
}

static size_t add_group(latency_individual *self, double lower_mm, double upper_mm)
{
    for (size_t g = 0; g < self->n_group; g++) {
        if (self->group[g].lower_mm == lower_mm && self->group[g].upper_mm == upper_mm) {
            return g;
        }
    }
    latency_group *g = &self->group[self->n_group];
    memset(g, 0, sizeof *g);
    g->lower_mm = lower_mm;
    g->upper_mm = upper_mm;
    name_group(g, self->course);
    return self->n_group++;
}

static int by_size(const void *a, const void *b)
{
    const latency_group *x = a, *y = b;
    return x->lower_mm != y->lower_mm ? (x->lower_mm > y->lower_mm) - (x->lower_mm < y->lower_mm)
                                      : (x->upper_mm > y->upper_mm) - (x->upper_mm < y->upper_mm);
}

/* Bounds of the group of a class; those of a T category are the law's where it is open, as a class read from data. */
static void class_bounds(const mtc_size_class *cls, const mtc_course *course, double *lower, double *upper)
{
    *lower = cls->lower_mm;
    *upper = cls->upper_mm;
    for (size_t k = 0; is_exact(cls) && k < N_T_CATEGORY; k++) {
        if (cls->lower_mm <= t_category_mm[k + 1]) {
            *lower = fmax(t_category_mm[k], course->size_min_mm);
            *upper = fmin(t_category_mm[k + 1], course->size_max_mm);
            return;
        }
    }
}

static mtc_status make_groups(latency_individual *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double lower, upper;
    MTC_TRY(mtc_arena_new(arena, self->n_class + 1, &self->group, err));
    MTC_TRY(mtc_arena_new(arena, self->n_class, &self->group_of, err));
    for (size_t c = 0; c < self->n_class; c++) {
        class_bounds(&self->cls[c], self->course, &lower, &upper);
        (void)add_group(self, lower, upper);
    }
    qsort(self->group, self->n_group, sizeof *self->group, by_size);
    for (size_t c = 0; c < self->n_class; c++) {
        class_bounds(&self->cls[c], self->course, &lower, &upper);
        self->group_of[c] = add_group(self, lower, upper);
    }
    for (size_t i = 0; i < self->n; i++) {
        latency_group *g = &self->group[self->group_of[self->patient[i].cls]];
        g->n++;
        g->n_event += self->patient[i].outcome != LATENCY_CENSORED;
    }
out:
    return st;
}

/* ---- curves that stand for a group ------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A range has its class; exact sizes are represented by quantiles of the patients' sizes. */
static size_t group_classes(const latency_individual *self, size_t g, double *buffer, mtc_size_class *out)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n; i++) {
        const latency_patient *p = &self->patient[i];
        if (self->group_of[p->cls] == g) {
            if (!is_exact(&self->cls[p->cls])) {
                out[0] = self->cls[p->cls];
                return 1;
            }
            buffer[n++] = self->cls[p->cls].lower_mm;
        }
    }
    qsort(buffer, n, sizeof *buffer, ascending);
    const size_t n_out = n < GROUP_CURVES ? n : GROUP_CURVES;
    for (size_t k = 0; k < n_out; k++) {
        const size_t at = (2 * k + 1) * n / (2 * n_out);
        out[k] = (mtc_size_class){buffer[at], buffer[at]};
    }
    return n_out;
}

static mtc_status make_plans(latency_individual *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double *buffer = NULL;
    mtc_size_class *cls = NULL;
    double longest = 0.0;
    const mtc_mark mark = mtc_arena_mark(arena);
    MTC_TRY(mtc_arena_new(arena, self->n, &buffer, err));
    MTC_TRY(mtc_arena_new(arena, self->n_group * GROUP_CURVES, &cls, err));
    for (size_t g = 0; g < self->n_group; g++) {
        self->group[g].first_curve = self->n_curve;
        self->group[g].n_curve = group_classes(self, g, buffer, cls + self->n_curve);
        self->n_curve += self->group[g].n_curve;
    }
    for (size_t i = 0; i < self->n; i++) {
        const latency_patient *p = &self->patient[i];
        longest = fmax(longest, p->outcome == LATENCY_INTERVAL ? p->t_upper_years : p->t_years);
    }
    for (size_t j = 0; j < SHOW_TIMES; j++) {
        self->show_time[j] = longest * (double)j / (SHOW_TIMES - 1);
    }
    for (size_t j = 0; j < LATENCY_TIMES; j++) {
        self->quantity_time[j] = quantity_horizon_years * (double)j / (LATENCY_TIMES - 1);
    }
    MTC_TRY(
        mtc_curve_plan_create(self->course, cls, self->n_curve, self->show_time, SHOW_TIMES, &self->show_plan, err));
    MTC_TRY(mtc_curve_plan_create(self->course, cls, self->n_curve, self->quantity_time, LATENCY_TIMES,
                                  &self->quantity_plan, err));
    mtc_curve_plan_want(self->show_plan, MTC_WANT_SURVIVAL, NULL);
    mtc_curve_plan_want(self->quantity_plan, MTC_WANT_SURVIVAL, NULL);
out:
    mtc_arena_rewind(arena, mark);
    return st;
}

/* ---- Kaplan-Meier ----------------------------------------------------------------------------------------------- */

typedef struct {
    double t;
    int event;
} observation;

static int by_time(const void *a, const void *b)
{
    const observation *x = a, *y = b;
    return x->t != y->t ? (x->t > y->t) - (x->t < y->t) : y->event - x->event;
}

/* Estimate with its 95% limits (log-log scale, Greenwood) at the given times; reverse: censoring is the event. */
typedef struct {
    observation *obs;
    double *entry; /* ascending */
    size_t n;
} km_data;

static void kaplan_meier(const km_data *d, const double *t, size_t n_t, double *y, double *lower, double *upper,
                         double *at_risk)
{
    double survival = 1.0, greenwood = 0.0;
    size_t i = 0, entered = 0;
    for (size_t j = 0; j < n_t; j++) {
        while (i < d->n && d->obs[i].t <= t[j]) {
            const double now = d->obs[i].t;
            size_t events = 0;
            const size_t first = i;
            for (; i < d->n && d->obs[i].t == now; i++) {
                events += (size_t)d->obs[i].event;
            }
            while (entered < d->n && d->entry[entered] < now) {
                entered++;
            }
            const double risk = (double)entered - (double)first;
            if (events > 0 && risk > 0.0) {
                survival *= 1.0 - (double)events / risk;
                greenwood += (double)events / (risk * fmax(risk - (double)events, 0.5));
            }
        }
        const double step = survival > 0.0 && survival < 1.0 ? 1.959964 * sqrt(greenwood) / log(survival) : 0.0;
        y[j] = survival;
        lower[j] = survival > 0.0 && survival < 1.0 ? pow(survival, exp(-step)) : survival;
        upper[j] = survival > 0.0 && survival < 1.0 ? pow(survival, exp(step)) : survival;
        size_t in = entered;
        while (in < d->n && d->entry[in] <= t[j]) {
            in++;
        }
        at_risk[j] = (double)in - (double)i;
    }
}

/* Patients of one group (or of all: g = n_group); an interval counts at its middle. */
static void collect(const latency_individual *self, size_t g, bool reverse, km_data *d)
{
    d->n = 0;
    for (size_t i = 0; i < self->n; i++) {
        const latency_patient *p = &self->patient[i];
        if (g < self->n_group && self->group_of[p->cls] != g) {
            continue;
        }
        const double t = p->outcome == LATENCY_INTERVAL ? 0.5 * (p->t_years + p->t_upper_years) : p->t_years;
        d->obs[d->n] = (observation){t, (p->outcome == LATENCY_CENSORED) == reverse};
        d->entry[d->n++] = p->entry_years;
    }
    qsort(d->obs, d->n, sizeof *d->obs, by_time);
    qsort(d->entry, d->n, sizeof *d->entry, ascending);
    for (size_t i = 0; i < d->n && d->entry[i] == 0.0; i++) {
        d->entry[i] = -1.0; /* at risk from surgery, also at time 0 */
    }
}

static mtc_status make_display(latency_individual *self, size_t g, km_data *d, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_display *display = &self->display[g];
    double *y, *lower, *upper, *risk;
    char *id, *title;
    MTC_TRY(mtc_arena_new(arena, SHOW_TIMES, &y, err));
    MTC_TRY(mtc_arena_new(arena, SHOW_TIMES, &lower, err));
    MTC_TRY(mtc_arena_new(arena, SHOW_TIMES, &upper, err));
    MTC_TRY(mtc_arena_new(arena, SHOW_TIMES, &risk, err));
    MTC_TRY(mtc_arena_printf(arena, &id, err, "km.%s", self->group[g].id));
    MTC_TRY(mtc_arena_printf(arena, &title, err, "Free of metastasis, primary %s", self->group[g].label));
    collect(self, g, false, d);
    kaplan_meier(d, self->show_time, SHOW_TIMES, y, lower, upper, risk);
    *display = (mtc_display){.id = id,
                             .title = title,
                             .kind = "kaplan_meier",
                             .x_label = "years since surgery",
                             .y_label = "free of metastasis",
                             .n_x = SHOW_TIMES,
                             .x = self->show_time,
                             .n_obs = SHOW_TIMES,
                             .obs_x = self->show_time,
                             .obs_y = y,
                             .obs_lower = lower,
                             .obs_upper = upper,
                             .obs_n_at_risk = risk};
out:
    return st;
}

/* ---- facts and names of quantities --------------------------------------------------------------------------------
 */

static mtc_status add_fact(latency_individual *self, mtc_arena *arena, const char *id, const char *label, mtc_unit unit,
                           bool is_count, double value, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *id_copy, *label_copy;
    MTC_TRY(mtc_arena_printf(arena, &id_copy, err, "%s", id));
    MTC_TRY(mtc_arena_printf(arena, &label_copy, err, "%s", label));
    self->fact[self->n_fact] = (mtc_quantity){id_copy, label_copy, unit, is_count};
    self->fact_value[self->n_fact++] = value;
out:
    return st;
}

/* Median potential follow-up by the reverse Kaplan-Meier estimate; the last time where half is not reached. */
static double median_follow_up(const latency_individual *self, km_data *d)
{
    collect(self, self->n_group, true, d);
    size_t low = 0, high = d->n - 1; /* the estimate falls: the first time with a half or less */
    while (low < high) {
        double y, lower, upper, risk;
        const size_t middle = low + (high - low) / 2;
        kaplan_meier(d, &d->obs[middle].t, 1, &y, &lower, &upper, &risk);
        if (y <= 0.5) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return d->obs[low].t;
}

static mtc_status make_facts(latency_individual *self, km_data *d, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    size_t n_event = 0;
    const size_t room = GENERAL_FACTS + FACTS_PER_GROUP * self->n_group;
    MTC_TRY(mtc_arena_new(arena, room, &self->fact, err));
    MTC_TRY(mtc_arena_new(arena, room, &self->fact_value, err));
    for (size_t g = 0; g < self->n_group; g++) {
        n_event += self->group[g].n_event;
    }
    MTC_TRY(add_fact(self, arena, "patients", "patients", MTC_UNIT_NONE, true, (double)self->n, err));
    MTC_TRY(add_fact(self, arena, "metastases", "metastases", MTC_UNIT_NONE, true, (double)n_event, err));
    MTC_TRY(add_fact(self, arena, "median_follow_up_years", "median follow-up (reverse Kaplan-Meier)", MTC_UNIT_YEARS,
                     false, median_follow_up(self, d), err));
    MTC_TRY(add_fact(self, arena, "curves", "curves evaluated at one parameter point", MTC_UNIT_NONE, false,
                     (double)mtc_curve_sum_cost(self->sum), err));
    for (size_t g = 0; g < self->n_group; g++) {
        char id[128], label[160];
        (void)snprintf(id, sizeof id, "patients.%s", self->group[g].id);
        (void)snprintf(label, sizeof label, "patients, primary %s", self->group[g].label);
        MTC_TRY(add_fact(self, arena, id, label, MTC_UNIT_NONE, true, (double)self->group[g].n, err));
        (void)snprintf(id, sizeof id, "metastases.%s", self->group[g].id);
        (void)snprintf(label, sizeof label, "metastases, primary %s", self->group[g].label);
        MTC_TRY(add_fact(self, arena, id, label, MTC_UNIT_NONE, true, (double)self->group[g].n_event, err));
    }
out:
    return st;
}

static mtc_status make_quantities(latency_individual *self, mtc_arena *arena, mtc_err *err)
{
    static const struct {
        const char *id, *label;
        mtc_unit unit;
    } kind[QUANTITIES_PER_GROUP] = {
        {"metastasis_by_5_years", "metastasis by 5 years", MTC_UNIT_NONE},
        {"metastasis_by_10_years", "metastasis by 10 years", MTC_UNIT_NONE},
        {"median_latency_years", "median latency of metastases within 20 years", MTC_UNIT_YEARS},
    };
    mtc_status st = MTC_OK;
    MTC_TRY(mtc_arena_new(arena, QUANTITIES_PER_GROUP * self->n_group, &self->quantity, err));
    for (size_t k = 0; k < QUANTITIES_PER_GROUP; k++) {
        for (size_t g = 0; g < self->n_group; g++) {
            char *id, *label;
            MTC_TRY(mtc_arena_printf(arena, &id, err, "%s.%s", kind[k].id, self->group[g].id));
            MTC_TRY(mtc_arena_printf(arena, &label, err, "%s, primary %s", kind[k].label, self->group[g].label));
            self->quantity[self->n_quantity++] = (mtc_quantity){id, label, kind[k].unit, false};
        }
    }
out:
    return st;
}

/* Times from which the simulator draws the end of follow-up: those of the patients without metastasis. */
static mtc_status make_censoring(latency_individual *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    MTC_TRY(mtc_arena_new(arena, self->n, &self->censoring_years, err));
    for (size_t i = 0; i < self->n; i++) {
        if (self->patient[i].outcome == LATENCY_CENSORED && self->patient[i].t_years > 0.0) {
            self->censoring_years[self->n_censoring++] = self->patient[i].t_years;
        }
    }
    if (self->n_censoring == 0) {
        self->censoring_years[self->n_censoring++] = self->show_time[SHOW_TIMES - 1];
    }
    qsort(self->censoring_years, self->n_censoring, sizeof *self->censoring_years, ascending);
out:
    return st;
}

mtc_status latency_individual_show(latency_individual *self, mtc_arena *arena, mtc_err *err)
{
    mtc_status st = MTC_OK;
    km_data d = {NULL, NULL, 0};
    MTC_TRY(make_groups(self, arena, err));
    MTC_TRY(make_plans(self, arena, err));
    MTC_TRY(mtc_arena_new(arena, self->n_group, &self->display, err));
    MTC_TRY(mtc_arena_new(arena, self->n, &d.obs, err));
    MTC_TRY(mtc_arena_new(arena, self->n, &d.entry, err));
    for (size_t g = 0; g < self->n_group; g++) {
        MTC_TRY(make_display(self, g, &d, arena, err));
    }
    MTC_TRY(make_facts(self, &d, arena, err));
    MTC_TRY(make_quantities(self, arena, err));
    MTC_TRY(make_censoring(self, arena, err));
out:
    return st;
}

/* ---- predictions ---------------------------------------------------------------------------------------------------
 */

static mtc_status curves_at(const mtc_curve_plan *plan, mtc_curve_ws *curve, latency_ws *ws, const double *theta,
                            mtc_err *err)
{
    mtc_course_point point;
    mtc_domain domain;
    mtc_curve_values values = {ws->survival, ws->density, NULL};
    mtc_course_point_init(&point, theta);
    const mtc_status st = mtc_curve_eval(plan, curve, &point, &values, &domain, err);
    if (st == MTC_OK && domain != MTC_DOMAIN_OK) {
        return mtc_fail(err, MTC_EDOMAIN, "the model is not defined at this point");
    }
    return st;
}

/* Mean over the curves of a group of S(t)/S(0), or of S(t) where the cohort is not conditioned. */
static double group_survival(const latency_individual *self, const latency_ws *ws, const latency_group *g, size_t n_t,
                             size_t j)
{
    double sum = 0.0;
    for (size_t c = g->first_curve; c < g->first_curve + g->n_curve; c++) {
        const double *s = ws->survival + c * n_t;
        sum += self->conditioned && s[0] > 0.0 ? s[j] / s[0] : s[j];
    }
    return sum / (double)g->n_curve;
}

mtc_status latency_individual_predict(const void *self_v, void *ws_v, size_t i, const double *theta, double *y,
                                      mtc_err *err)
{
    const latency_individual *self = self_v;
    latency_ws *ws = ws_v;
    const mtc_status st = curves_at(self->show_plan, ws->show, ws, theta, err);
    for (size_t j = 0; st == MTC_OK && j < SHOW_TIMES; j++) {
        y[j] = group_survival(self, ws, &self->group[i], SHOW_TIMES, j);
    }
    return st;
}

/* Time by which half of those have it who have metastasis after surgery and within the horizon. */
static double median_latency(const latency_individual *self, const latency_ws *ws, const latency_group *g)
{
    const double first = group_survival(self, ws, g, LATENCY_TIMES, 0);
    const double last = group_survival(self, ws, g, LATENCY_TIMES, LATENCY_TIMES - 1);
    const double half = 0.5 * (first + last);
    double before = first;
    for (size_t j = 1; j < LATENCY_TIMES; j++) {
        const double now = group_survival(self, ws, g, LATENCY_TIMES, j);
        if (now <= half && before > now) {
            const double step = self->quantity_time[j] - self->quantity_time[j - 1];
            return self->quantity_time[j - 1] + step * (before - half) / (before - now);
        }
        before = now;
    }
    return self->quantity_time[LATENCY_TIMES - 1];
}

mtc_status latency_individual_quantities(const void *self_v, void *ws_v, const double *theta, double *value,
                                         mtc_err *err)
{
    const latency_individual *self = self_v;
    latency_ws *ws = ws_v;
    const mtc_status st = curves_at(self->quantity_plan, ws->quantity, ws, theta, err);
    for (size_t g = 0; st == MTC_OK && g < self->n_group; g++) {
        const size_t at_5 = (LATENCY_TIMES - 1) / 4, at_10 = (LATENCY_TIMES - 1) / 2;
        value[g] = 1.0 - group_survival(self, ws, &self->group[g], LATENCY_TIMES, at_5);
        value[self->n_group + g] = 1.0 - group_survival(self, ws, &self->group[g], LATENCY_TIMES, at_10);
        value[2 * self->n_group + g] = median_latency(self, ws, &self->group[g]);
    }
    return st;
}
