/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Patients drawn step by step from the words of docs/model.md, section 1: doubling times, founders that leave one by
 * one, their delays, growth of the first to start. Nothing here uses the integrals that the likelihood is made of, so
 * that simulated cohorts can judge it.
 */
#include "mtc_course.h"
#include "mtc_rng.h"
#include "mtc_special.h"
#include "mtc_unit.h"
#include "mtc_vmath.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>

enum {
    MAX_CELL = 512,
    GAUSS = 10 /* nodes of a cell */
};

static const double reference_diameter_mm = 30.0; /* of founders_at_reference */
static const double top_sds = 8.0;                /* so far above the onset competence is full */
static const double widest = 0.5;                 /* cell, doublings */
static const double nothing = 1e-12;              /* expected founders that may be left out of a patient */
static const double all_one_by_one = 1e4;         /* expected founders up to which each is drawn */
static const double most_drawn = 5e7;
static const double no_frailty = 1e-12;

/** Rate of seeding per year relative to mu, as a function of the primary's size u in doublings; never falls with u. */
typedef struct {
    double u_onset, width, exponent, u_reference;
} seeding_law;

/* Cells of u in which the rate per doubling is at most `bound`. They rise from cell 0; the last one ends at u_end. */
typedef struct {
    size_t n;
    double lower[MAX_CELL], upper[MAX_CELL], bound[MAX_CELL];
    double total; /* sum of bound times width */
} seeding_cells;

static seeding_law law_of(const double *theta)
{
    const seeding_law law = {mtc_doublings(theta[MTC_P_SEEDING_DIAMETER]), 3.0 * theta[MTC_P_SEEDING_WIDTH] / MTC_LN2,
                             theta[MTC_P_SEEDING_EXPONENT], log2(1e9)};
    return law;
}

static double law_rate(const seeding_law *law, double u)
{
    const double above = u - law->u_onset;
    const double competence = law->width > 0.0 ? 0.5 * erfc(-above / law->width * M_SQRT1_2) : (double)(above >= 0.0);
    return exp2(law->exponent * (u - law->u_reference)) * competence;
}

/*
 * Cells from u_end down to one cell's size, or to where the rest adds less than `least` to the integral of scale times
 * the rate. Steps are half a width around and below the onset, so few proposals of the thinning are in vain.
 */
static void make_cells(const seeding_law *law, double u_end, double scale, double least, seeding_cells *cells)
{
    const double step = fmax(widest / (1.0 + 0.5 * law->exponent), 0.2);
    const double fine = law->width > 0.0 ? fmin(step, 0.5 * law->width) : step;
    const double lowest = law->width > 0.0 ? 0.0 : fmax(0.0, law->u_onset); /* nothing leaves below a hard threshold */
    double u = u_end;
    cells->n = 0;
    cells->total = 0.0;
    while (u > lowest && cells->n < MAX_CELL) {
        const double bound = scale * law_rate(law, u);
        if (!(bound * u > least)) {
            break;
        }
        const double free = u - (law->u_onset + top_sds * law->width);
        const int last = cells->n + 1 == MAX_CELL;
        const double width = free > step ? step : fine;
        const double lower = last || u - width < lowest ? lowest : u - width;
        const size_t i = MAX_CELL - 1 - cells->n++;
        cells->lower[i] = lower;
        cells->upper[i] = u;
        cells->bound[i] = bound;
        cells->total += bound * (u - lower);
        u = lower;
    }
    for (size_t i = 0; i < cells->n; i++) {
        const size_t from = MAX_CELL - cells->n + i;
        cells->lower[i] = cells->lower[from];
        cells->upper[i] = cells->upper[from];
        cells->bound[i] = cells->bound[from];
    }
}

/* Integral of the rate over the cells, from u_start on, by a Gauss rule in each. */
static mtc_status integrate(const seeding_law *law, const seeding_cells *cells, double u_start, double *out,
                            mtc_err *err)
{
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(GAUSS);
    if (rule == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for a quadrature rule");
    }
    double sum = 0.0;
    for (size_t c = 0; c < cells->n; c++) {
        const double lower = fmax(cells->lower[c], u_start);
        for (size_t i = 0; i < GAUSS && lower < cells->upper[c]; i++) {
            double x, w;
            gsl_integration_glfixed_point(lower, cells->upper[c], i, &x, &w, rule);
            sum += w * law_rate(law, x);
        }
    }
    gsl_integration_glfixed_table_free(rule);
    *out = sum;
    return MTC_OK;
}

/* mu from Lambda: founders per year that make Lambda of them in the reference patient. */
static mtc_status founder_rate(const seeding_law *law, const double *theta, double *mu, mtc_err *err)
{
    seeding_cells cells;
    double per_doubling;
    const double u_end = mtc_doublings(reference_diameter_mm);
    make_cells(law, u_end, 1.0, 1e-16 * law_rate(law, u_end), &cells);
    const mtc_status st = integrate(law, &cells, 0.0, &per_doubling, err);
    if (st != MTC_OK) {
        return st;
    }
    *mu = theta[MTC_P_FOUNDERS] / (per_doubling * theta[MTC_P_DOUBLING_TIME] / MTC_DAYS_PER_YEAR);
    if (!(*mu < 1e250)) {
        return mtc_fail(err, MTC_EDOMAIN, "a primary of %g mm cannot seed at a seeding diameter of %g mm",
                        reference_diameter_mm, theta[MTC_P_SEEDING_DIAMETER]);
    }
    return MTC_OK;
}

/* Poisson; beyond a million normal, whose relative difference no one can see. */
static double draw_count(double mean, gsl_rng *rng)
{
    if (!(mean > 0.0)) {
        return 0.0;
    }
    return mean < 1e6 ? (double)gsl_ran_poisson(rng, mean) : fmax(0.0, rint(mean + sqrt(mean) * mtc_rng_normal(rng)));
}

/** Founders of one patient in the order in which they leave, by thinning of a process with the cells' bounds. */
typedef struct {
    const seeding_law *law;
    const seeding_cells *cells;
    double scale; /* z mu D: from the law's rate to founders per doubling */
    size_t cell;
    double u; /* size of the primary reached so far */
} departures;

/* Size at which the next founder leaves; 0: none before surgery. */
static int next_departure(departures *d, gsl_rng *rng)
{
    while (d->cell < d->cells->n) {
        double wait = -log(mtc_rng_uniform(rng));
        while (d->cell < d->cells->n) {
            const double from = fmax(d->u, d->cells->lower[d->cell]);
            const double room = (d->cells->upper[d->cell] - from) * d->cells->bound[d->cell];
            if (wait < room) {
                d->u = from + wait / d->cells->bound[d->cell];
                break;
            }
            wait -= room;
            d->cell++;
        }
        if (d->cell < d->cells->n &&
            mtc_rng_uniform(rng) * d->cells->bound[d->cell] < d->scale * law_rate(d->law, d->u)) {
            return 1;
        }
    }
    return 0;
}

/* One founder that leaves after size u_start, whichever: the law of one of many. */
static double any_departure(const departures *d, double u_start, gsl_rng *rng)
{
    double total = 0.0;
    for (size_t c = 0; c < d->cells->n; c++) {
        total += d->cells->bound[c] * fmax(0.0, d->cells->upper[c] - fmax(u_start, d->cells->lower[c]));
    }
    for (;;) {
        double target = total * mtc_rng_uniform(rng);
        size_t c = 0;
        double room = 0.0;
        for (; c + 1 < d->cells->n; c++) {
            room = d->cells->bound[c] * fmax(0.0, d->cells->upper[c] - fmax(u_start, d->cells->lower[c]));
            if (target < room) {
                break;
            }
            target -= room;
        }
        const double lower = fmax(u_start, d->cells->lower[c]);
        const double u = fmin(d->cells->upper[c], lower + target / d->cells->bound[c]);
        if (mtc_rng_uniform(rng) * d->cells->bound[c] < d->scale * law_rate(d->law, u)) {
            return u;
        }
    }
}

/** A random choice of at most `room` of the founders' sizes of the primary. */
typedef struct {
    double *mm;
    size_t room, n;
} chosen;

/* Reservoir sampling: each of the first n_seen founders is kept with the same probability. */
static void keep_some(chosen *some, double n_seen, double u, gsl_rng *rng)
{
    if (some->n < some->room) {
        some->mm[some->n++] = mtc_diameter_mm(u);
    } else if (some->room > 0) {
        const double at = n_seen * mtc_rng_uniform(rng);
        if (at < (double)some->room) {
            some->mm[(size_t)at] = mtc_diameter_mm(u);
        }
    }
}

static void shuffle(chosen *some, gsl_rng *rng)
{
    for (size_t i = some->n; i > 1; i--) {
        const size_t j = (size_t)((double)i * mtc_rng_uniform(rng));
        const double swap = some->mm[i - 1];
        some->mm[i - 1] = some->mm[j];
        some->mm[j] = swap;
    }
}

/* Founders beyond the n_drawn that were drawn one by one: how many, and which of all are chosen. */
static mtc_status draw_rest(const departures *d, double n_drawn, mtc_patient *patient, chosen *some, gsl_rng *rng,
                            mtc_err *err)
{
    double per_scale;
    const mtc_status st = integrate(d->law, d->cells, d->u, &per_scale, err);
    if (st != MTC_OK) {
        return st;
    }
    const double rest = draw_count(d->scale * per_scale, rng);
    patient->n_founders = n_drawn + rest;
    shuffle(some, rng);
    const double n = fmin((double)some->room, patient->n_founders);
    double left_drawn = n_drawn;
    double left = patient->n_founders;
    size_t from_drawn = 0;
    for (double i = 0.0; i < n; i += 1.0, left -= 1.0) {
        if (left * mtc_rng_uniform(rng) < left_drawn) {
            from_drawn++;
            left_drawn -= 1.0;
        }
    }
    for (some->n = from_drawn; (double)some->n < n; some->n++) {
        some->mm[some->n] = mtc_diameter_mm(any_departure(d, d->u, rng));
    }
    return MTC_OK;
}

/*
 * Founders leave one after the other; each rests and then starts to grow. One that leaves after another has started
 * cannot be the first: from there on, if there are too many, they are only counted.
 */
static mtc_status draw_founders(departures *d, double delay_years, mtc_patient *patient, chosen *some, gsl_rng *rng,
                                mtc_err *err)
{
    const double n_end = mtc_doublings(patient->diameter_mm);
    const int one_by_one = d->cells->total <= all_one_by_one;
    double n_drawn = 0.0;
    while (next_departure(d, rng)) {
        const double left_years = (d->u - n_end) * patient->tvdt_years;
        if (!one_by_one && left_years > patient->first_start_years) {
            n_drawn += 1.0;
            keep_some(some, n_drawn, d->u, rng);
            return draw_rest(d, n_drawn, patient, some, rng, err);
        }
        const double start = left_years + (delay_years > 0.0 ? -delay_years * log(mtc_rng_uniform(rng)) : 0.0);
        if (start < patient->first_start_years) {
            patient->first_start_years = start;
            patient->first_left_years = left_years;
            patient->first_left_diameter_mm = mtc_diameter_mm(d->u);
        }
        n_drawn += 1.0;
        keep_some(some, n_drawn, d->u, rng);
        if (n_drawn > most_drawn) {
            return mtc_fail(err, MTC_EDOMAIN, "more than %g founders leave before the first starts to grow",
                            most_drawn);
        }
    }
    patient->n_founders = n_drawn;
    return MTC_OK;
}

static mtc_status check_point(const double *theta, double diameter_mm, mtc_err *err)
{
    for (int i = 0; i < MTC_COURSE_N_PARAM; i++) {
        const mtc_param_info *info = &mtc_course_params[i];
        const int may_be_zero = i == MTC_P_FRAILTY || i == MTC_P_SEEDING_WIDTH || i == MTC_P_SEEDING_EXPONENT ||
                                i == MTC_P_OUTGROWTH_DELAY || i == MTC_P_FOUNDERS || i == MTC_P_DOUBLING_TIME_LOG_SD ||
                                i == MTC_P_GROWTH_RATIO_LOG_SD;
        if (!isfinite(theta[i]) || theta[i] < 0.0 || (theta[i] == 0.0 && !may_be_zero)) {
            return mtc_fail(err, MTC_EDOMAIN, "%s = %g is outside its domain", info->name, theta[i]);
        }
    }
    if (!isfinite(diameter_mm) || !(diameter_mm > 0.0) || !(mtc_doublings(diameter_mm) > 0.0)) {
        return mtc_fail(err, MTC_EDOMAIN, "a primary of %g mm is smaller than one cell", diameter_mm);
    }
    return MTC_OK;
}

mtc_status mtc_course_draw_patient(const mtc_course *course, const double *theta, double diameter_mm, gsl_rng *rng,
                                   mtc_patient *patient, double *all_left_mm, size_t max_left, size_t *n_left,
                                   mtc_err *err)
{
    mtc_status st = MTC_OK;
    seeding_cells cells;
    double mu;
    MTC_TRY(check_point(theta, diameter_mm, err));
    const seeding_law law = law_of(theta);
    MTC_TRY(founder_rate(&law, theta, &mu, err));
    patient->diameter_mm = diameter_mm;
    patient->tvdt_years =
        theta[MTC_P_DOUBLING_TIME] / MTC_DAYS_PER_YEAR * exp(theta[MTC_P_DOUBLING_TIME_LOG_SD] * mtc_rng_normal(rng));
    patient->growth_ratio = theta[MTC_P_GROWTH_RATIO] * exp(theta[MTC_P_GROWTH_RATIO_LOG_SD] * mtc_rng_normal(rng));
    patient->metastasis_tvdt_years = patient->tvdt_years / patient->growth_ratio;
    patient->first_start_years = INFINITY;
    patient->first_left_years = NAN;
    patient->first_left_diameter_mm = NAN;
    const double variance = theta[MTC_P_FRAILTY];
    const double frailty = variance > no_frailty ? gsl_ran_gamma(rng, 1.0 / variance, variance) : 1.0;
    const double scale = frailty * mu * patient->tvdt_years;
    make_cells(&law, mtc_doublings(diameter_mm), scale, nothing, &cells);
    departures d = {&law, &cells, scale, 0, 0.0};
    chosen some = {all_left_mm, all_left_mm != NULL ? max_left : 0, 0};
    MTC_TRY(draw_founders(&d, theta[MTC_P_OUTGROWTH_DELAY], patient, &some, rng, err));
    shuffle(&some, rng);
    patient->time_years = patient->first_start_years + course->doublings_to_detection * patient->metastasis_tvdt_years;
    if (n_left != NULL) {
        *n_left = some.n;
    }
out:
    return st;
}

double mtc_course_draw_size_mm(const mtc_course *course, double lower_mm, double upper_mm, gsl_rng *rng)
{
    if (!(lower_mm < upper_mm)) {
        return lower_mm;
    }
    const double a = log(lower_mm / course->size_median_mm) / course->size_log_sd;
    const double b = log(upper_mm / course->size_median_mm) / course->size_log_sd;
    const double share = mtc_rng_uniform(rng);
    /* by the tail on the side of the class, so that far classes keep their digits */
    const double p = mtc_normal_cdf(a) + share * (mtc_normal_cdf(b) - mtc_normal_cdf(a));
    const double q = mtc_normal_ccdf(a) - share * (mtc_normal_ccdf(a) - mtc_normal_ccdf(b));
    const double mm = course->size_median_mm * exp(course->size_log_sd * mtc_normal_quantile(p, q));
    return fmin(upper_mm, fmax(lower_mm, mm));
}
