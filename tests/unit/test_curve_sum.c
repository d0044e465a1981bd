/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sums over observations: what interpolation, shared sizes and added weights make of many terms is what the curves say
 * at each term's own time. Catches: an interpolant that is not certified, weights on the wrong node or class, a
 * coefficient or a duplicate that is lost, a gradient that is not the value's, a point without value that has one.
 */
#include "mtc_curve_sum.h"
#include "mtc_rng.h"
#include "mtc_vmath.h"
#include "test_near.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

static const double specification = 1e-8;
static const double tail = -50.0;        /* logarithms below are held to a relative error */
static const double curve_error = 2e-11; /* of S itself: what a difference of two is known to */

enum { N_CLASS = 3, N_TERM = 64, N_SIZE = 40, N_ACROSS = 60, N_DRAW = 3 };
static const mtc_size_class classes[N_CLASS] = {{1.0, 20.0}, {1.0, 120.0}, {23.0, 23.0}};

/* Prior medians by mtc_course_param: linear, parallel (priors of these names). */
static const double median[2][MTC_COURSE_N_PARAM] = {{150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 15.0, 0.2, 1.0, 1.0},
                                                     {150.0, 0.7, 1.5, 0.4, 1.0, 1.5, 2.0, 0.2, 0.25, 1.0}};
static const double log_sd[MTC_COURSE_N_PARAM] = {0.5, 0.4, 0.8, 0.5, 1.5, 0.8, 0.4, 0.5, 0.0, 1.0};

static mtc_course course_of(void)
{
    return (mtc_course){10.0, 22.0, 0.55, 1.0, 120.0, mtc_doublings(10.0), MTC_ACCURACY_CERTIFIED};
}

static void draw_theta(int hypothesis, gsl_rng *rng, double *theta)
{
    for (int i = 0; i < MTC_COURSE_N_PARAM; i++) {
        theta[i] = median[hypothesis][i] * exp(log_sd[i] * gsl_ran_gaussian(rng, 1.0));
    }
    theta[MTC_P_SEEDING_EXPONENT] = fabs(median[hypothesis][MTC_P_SEEDING_EXPONENT] + gsl_ran_gaussian(rng, 0.5));
    theta[MTC_P_SEEDING_WIDTH] = fmin(0.5, fmax(0.05, theta[MTC_P_SEEDING_WIDTH]));
}

/* ---- a sum and its terms one by one ------------------------------------------------------------------------------ */

typedef struct {
    mtc_curve_sum *sum;
    mtc_curve_sum_ws *ws;
} opened;

static opened open_sum(const mtc_size_class *cls, size_t n_class, const mtc_curve_term *term, size_t n_term)
{
    opened o = {NULL, NULL};
    const mtc_course course = course_of();
    assert_int_equal(mtc_curve_sum_create(&course, cls, n_class, term, n_term, &o.sum, NULL), MTC_OK);
    assert_int_equal(mtc_curve_sum_ws_create(o.sum, &o.ws, NULL), MTC_OK);
    return o;
}

static void close_sum(opened *o)
{
    mtc_curve_sum_ws_destroy(o->ws);
    mtc_curve_sum_destroy(o->sum);
}

static double value_of(const opened *o, const mtc_course_point *p, double *d_point, double *per_term)
{
    double value;
    mtc_sum_state state;
    assert_int_equal(mtc_curve_sum_eval(o->sum, o->ws, p, &value, d_point, per_term, &state, NULL), MTC_OK);
    assert_int_equal(state, MTC_SUM_OK);
    assert_true(isfinite(value));
    return value;
}

/* Terms of one class by the curves themselves, two times each; tolerance out, for intervals as a difference allows. */
static void direct_terms(const mtc_course_point *p, mtc_size_class cls, const mtc_curve_term *term, const size_t *which,
                         size_t n, double *value, double *tolerance)
{
    const mtc_course course = course_of();
    double t[2 * N_TERM], survival[2 * N_TERM], density[2 * N_TERM], distribution[2 * N_TERM];
    mtc_curve_values values = {survival, density, distribution};
    mtc_curve_plan *plan = NULL;
    mtc_curve_ws *ws = NULL;
    mtc_domain domain;
    assert_true(n <= N_TERM);
    for (size_t i = 0; i < n; i++) {
        const mtc_curve_term *one = &term[which[i]];
        t[2 * i] = one->t_years;
        t[2 * i + 1] = one->kind == MTC_TERM_LOG_INTERVAL ? one->t_upper_years : one->t_years;
    }
    assert_int_equal(mtc_curve_plan_create(&course, &cls, 1, t, 2 * n, &plan, NULL), MTC_OK);
    assert_int_equal(mtc_curve_ws_create(plan, &ws, NULL), MTC_OK);
    assert_int_equal(mtc_curve_eval(plan, ws, p, &values, &domain, NULL), MTC_OK);
    assert_int_equal(domain, MTC_DOMAIN_OK);
    for (size_t i = 0; i < n; i++) {
        const double all[] = {survival[2 * i], density[2 * i], survival[2 * i] - survival[2 * i + 1],
                              distribution[2 * i]};
        const mtc_term_kind kind = term[which[i]].kind;
        value[which[i]] = log(all[kind]);
        tolerance[which[i]] = specification * (value[which[i]] < tail ? -value[which[i]] : 1.0) +
                              (kind == MTC_TERM_LOG_INTERVAL ? curve_error / all[kind] : 0.0);
    }
    mtc_curve_ws_destroy(ws);
    mtc_curve_plan_destroy(plan);
}

/* Every term within 1e-8 of the curves, and the value their sum with coefficients. */
static void compare(const opened *o, const mtc_course_point *p, const mtc_size_class *cls, size_t n_class,
                    const mtc_curve_term *term, size_t n_term)
{
    double got[N_TERM], want[N_TERM], tolerance[N_TERM], sum = 0.0, worst = 0.0;
    size_t which[N_TERM];
    assert_true(n_term <= N_TERM);
    const double value = value_of(o, p, NULL, got);
    for (size_t c = 0; c < n_class; c++) {
        size_t n = 0;
        for (size_t i = 0; i < n_term; i++) {
            if (term[i].cls == c) {
                which[n++] = i;
            }
        }
        if (n > 0) {
            direct_terms(p, cls[c], term, which, n, want, tolerance);
        }
    }
    for (size_t i = 0; i < n_term; i++) {
        assert_near(got[i], want[i], tolerance[i]);
        worst = fmax(worst, fabs(got[i] - want[i]) / tolerance[i]);
        sum += term[i].coefficient * got[i];
    }
    print_message("largest error %.2g of what is allowed\n", worst);
    assert_near(value, sum, 1e-11 * fmax(1.0, fabs(sum)));
}

/* 64 terms of all kinds over three classes: more than 40 times, so that they are interpolated. */
static void mixed_terms(mtc_curve_term *term)
{
    for (size_t i = 0; i < N_TERM; i++) {
        static const mtc_term_kind kind[] = {MTC_TERM_LOG_DENSITY, MTC_TERM_LOG_SURVIVAL};
        const double t = 0.02 * exp(log(900.0) * (double)i / (N_TERM - 1));
        term[i] = (mtc_curve_term){kind[i % 2], i % N_CLASS, t, 0.0, i % 5 == 0 ? -1.5 : 1.0 + 0.1 * (double)(i % 7)};
    }
    for (size_t c = 0; c < N_CLASS; c++) {
        mtc_curve_term *own = term + 4 * c;
        own[0] = (mtc_curve_term){MTC_TERM_LOG_SURGERY, c, 0.0, 0.0, 2.0};
        own[1] = (mtc_curve_term){MTC_TERM_LOG_SURVIVAL, c, 0.0, 0.0, -17.0};
        own[2] = (mtc_curve_term){MTC_TERM_LOG_INTERVAL, c, 0.4, 3.0, 1.0};
        own[3] = (mtc_curve_term){MTC_TERM_LOG_INTERVAL, c, c == 0 ? 0.0 : 5.0, 17.0, 0.5};
    }
}

static void interpolated_terms(void **state)
{
    (void)state;
    mtc_curve_term term[N_TERM];
    gsl_rng *rng = NULL;
    mixed_terms(term);
    opened o = open_sum(classes, N_CLASS, term, N_TERM);
    assert_int_equal(mtc_curve_sum_cost(o.sum), N_CLASS * 34); /* 33 nodes and surgery: interpolation it is */
    assert_int_equal(mtc_rng_stream(3, "sum", &rng, NULL), MTC_OK);
    for (int h = 0; h < 2; h++) {
        for (int d = 0; d <= N_DRAW; d++) {
            double theta[MTC_COURSE_N_PARAM];
            mtc_course_point p;
            draw_theta(h, rng, theta);
            mtc_course_point_init(&p, d == 0 ? median[h] : theta);
            compare(&o, &p, classes, N_CLASS, term, N_TERM);
        }
    }
    gsl_rng_free(rng);
    close_sum(&o);
}

/* No delay, no frailty, and curves too steep for the first level of interpolation. */
static void limits_and_steep_curves(void **state)
{
    (void)state;
    mtc_curve_term term[N_TERM];
    mtc_course_point p;
    mixed_terms(term);
    opened o = open_sum(classes, N_CLASS, term, N_TERM);
    mtc_course_point_init(&p, median[1]);
    p.delay_years = 0.0;
    compare(&o, &p, classes, N_CLASS, term, N_TERM);
    p.frailty = 0.0;
    compare(&o, &p, classes, N_CLASS, term, N_TERM);
    p.sd_doubling = 0.12;
    p.sd_ratio = 0.1;
    compare(&o, &p, classes, N_CLASS, term, N_TERM);
    close_sum(&o);
}

/* Forty exact sizes share 25 curves. */
static void shared_sizes(void **state)
{
    (void)state;
    mtc_size_class size[N_SIZE + 1];
    mtc_curve_term term[N_TERM];
    size_t n = 0;
    for (size_t i = 0; i < N_SIZE; i++) {
        const double mm = 6.0 + 1.6 * (double)i;
        size[i] = (mtc_size_class){mm, mm};
        const double t = 0.05 + 0.4 * (double)((i * 17) % N_SIZE);
        term[n++] = (mtc_curve_term){i % 3 == 0 ? MTC_TERM_LOG_DENSITY : MTC_TERM_LOG_SURVIVAL, i, t, 0.0, 1.0};
        if (i % 8 == 0) {
            term[n++] = (mtc_curve_term){MTC_TERM_LOG_SURVIVAL, i, 0.0, 0.0, -1.0};
            term[n++] = (mtc_curve_term){MTC_TERM_LOG_SURGERY, i, 0.0, 0.0, 1.0};
            term[n++] = (mtc_curve_term){MTC_TERM_LOG_INTERVAL, i, 1.0, 4.0, 1.0};
        }
    }
    size[N_SIZE] = (mtc_size_class){1.0, 120.0}; /* a range beside them keeps a curve of its own */
    term[n++] = (mtc_curve_term){MTC_TERM_LOG_DENSITY, N_SIZE, 2.0, 0.0, 1.0};
    opened o = open_sum(size, N_SIZE + 1, term, n);
    assert_int_equal(mtc_curve_sum_cost(o.sum), (1 + 25) * 34);
    for (int h = 0; h < 2; h++) {
        mtc_course_point p;
        mtc_course_point_init(&p, median[h]);
        compare(&o, &p, size, N_SIZE + 1, term, n);
    }
    close_sum(&o);
}

/* ---- derivatives ------------------------------------------------------------------------------------------------- */

static double difference(const opened *o, const mtc_course_point *p, int k, double h)
{
    double y[4];
    static const double at[4] = {-2.0, -1.0, 1.0, 2.0};
    for (int i = 0; i < 4; i++) {
        mtc_course_point moved = *p;
        double *coordinate[MTC_POINT_N] = {
            &moved.log_delta_years, &moved.sd_doubling, &moved.log_ratio,       &moved.sd_ratio, &moved.log_rate,
            &moved.frailty,         &moved.u_onset,     &moved.width_doublings, &moved.exponent, &moved.delay_years};
        *coordinate[k] += at[i] * h;
        y[i] = value_of(o, &moved, NULL, NULL);
    }
    return (8.0 * (y[2] - y[1]) - (y[3] - y[0])) / (12.0 * h);
}

static void assert_gradient(const opened *o, const mtc_course_point *p)
{
    double got[MTC_POINT_N];
    (void)value_of(o, p, got, NULL);
    for (int k = 0; k < MTC_POINT_N; k++) {
        const double want = difference(o, p, k, 1e-3);
        assert_near(got[k], want, 1e-6 * fmax(1.0, fabs(want)));
    }
}

/* Sixty exact sizes from 1 mm, on both sides of the onset of seeding: curves of their own, in parts that each cost what
 * a few classes cost. Small primaries without a metastasis ask for no density, which underflows there; one with a
 * metastasis does, down to e-300. */
static size_t sizes_across_onset(mtc_size_class *size, mtc_curve_term *term)
{
    size_t n = 0;
    for (size_t i = 0; i < N_ACROSS; i++) {
        const double mm = 1.0 + 1.65 * (double)((i * 23) % N_ACROSS);
        const double t = 0.05 + 0.3 * (double)((i * 17) % N_ACROSS);
        const int event = mm > 20.0 ? i % 2 == 0 : mm > 4.2 && mm < 4.4;
        size[i] = (mtc_size_class){mm, mm};
        term[n++] = (mtc_curve_term){event ? MTC_TERM_LOG_DENSITY : MTC_TERM_LOG_SURVIVAL, i, t, 0.0, 1.0};
        if (i % 20 == 0) {
            term[n++] = (mtc_curve_term){MTC_TERM_LOG_SURVIVAL, i, 0.0, 0.0, -1.0};
        }
    }
    return n;
}

static void across_the_onset(void **state)
{
    (void)state;
    mtc_size_class size[N_ACROSS];
    mtc_curve_term term[N_TERM];
    const size_t n = sizes_across_onset(size, term);
    static const double width[] = {0.2, 0.1, 0.05};
    opened o = open_sum(size, N_ACROSS, term, n);
    for (size_t i = 0; i < sizeof width / sizeof *width; i++) {
        double theta[MTC_COURSE_N_PARAM];
        mtc_course_point p;
        memcpy(theta, median[0], sizeof theta);
        theta[MTC_P_SEEDING_WIDTH] = width[i];
        mtc_course_point_init(&p, theta);
        compare(&o, &p, size, N_ACROSS, term, n);
        if (i == 0) {
            assert_gradient(&o, &p);
        }
    }
    close_sum(&o);
}

static void gradients(void **state)
{
    (void)state;
    mtc_curve_term term[N_TERM];
    mixed_terms(term);
    opened many = open_sum(classes, N_CLASS, term, N_TERM);
    opened few = open_sum(classes, N_CLASS, term, 4); /* direct, with an interval */
    assert_true(mtc_curve_sum_cost(few.sum) < N_CLASS * 70);
    for (int h = 0; h < 2; h++) {
        mtc_course_point p;
        mtc_course_point_init(&p, median[h]);
        assert_gradient(h == 0 ? &many : &few, &p);
    }
    close_sum(&many);
    close_sum(&few);
}

/* Without delay: all derivatives are the limit of those with a short one, that by the delay itself too. */
static void delay_from_zero(void **state)
{
    (void)state;
    mtc_curve_term term[N_TERM];
    mixed_terms(term);
    opened o = open_sum(classes, N_CLASS, term, N_TERM);
    for (int h = 0; h < 2; h++) {
        mtc_course_point p;
        double at_zero[MTC_POINT_N], near[3][MTC_POINT_N];
        mtc_course_point_init(&p, median[h]);
        for (int i = 0; i < 3; i++) {
            p.delay_years = 2e-4 * (i + 1);
            (void)value_of(&o, &p, near[i], NULL);
        }
        p.delay_years = 0.0;
        (void)value_of(&o, &p, at_zero, NULL);
        assert_true(fabs(at_zero[MTC_POINT_DELAY]) > 1.0);
        for (int k = 0; k < MTC_POINT_N; k++) {
            const double limit = 3.0 * (near[0][k] - near[1][k]) + near[2][k];
            assert_near(at_zero[k], limit, 1e-5 * fmax(1.0, fabs(limit)));
        }
    }
    close_sum(&o);
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

/* The same observations as one term with a coefficient, as duplicates, and in another order. */
static void coefficients_and_duplicates(void **state)
{
    (void)state;
    mtc_curve_term term[N_TERM], twice[2 * N_TERM];
    mtc_course_point p;
    mtc_course_point_init(&p, median[1]);
    mixed_terms(term);
    for (size_t i = 0; i < N_TERM; i++) {
        twice[2 * N_TERM - 1 - i] = twice[i] = term[i];
        twice[i].coefficient = 0.25 * term[i].coefficient;
        twice[2 * N_TERM - 1 - i].coefficient = 0.75 * term[i].coefficient;
    }
    opened one = open_sum(classes, N_CLASS, term, N_TERM), two = open_sum(classes, N_CLASS, twice, 2 * N_TERM);
    double d[2][MTC_POINT_N], each[2 * N_TERM];
    assert_near(value_of(&one, &p, d[0], NULL), value_of(&two, &p, d[1], each), 1e-10);
    for (int k = 0; k < MTC_POINT_N; k++) {
        assert_near(d[0][k], d[1][k], 1e-9 * fmax(1.0, fabs(d[0][k])));
    }
    for (size_t i = 0; i < N_TERM; i++) { /* a term alone has no coefficient */
        assert_near(each[i], each[2 * N_TERM - 1 - i], 0.0);
    }
    close_sum(&one);
    close_sum(&two);
    term[0].coefficient += 1e-3;
    opened other = open_sum(classes, N_CLASS, term, N_TERM);
    opened same = open_sum(classes, N_CLASS, term, N_TERM);
    double first[N_TERM];
    const double value = value_of(&other, &p, NULL, first);
    assert_true(value == value_of(&same, &p, NULL, NULL)); /* the same bytes from other scratch */
    term[0].coefficient -= 1e-3;
    close_sum(&other);
    other = open_sum(classes, N_CLASS, term, N_TERM);
    assert_near(value - value_of(&other, &p, NULL, NULL), 1e-3 * first[0], 1e-12);
    close_sum(&other);
    close_sum(&same);
}

/* What a cohort adds: a survivor at time 0 conditioned on surgery says nothing, at any point. */
static void terms_at_surgery(void **state)
{
    (void)state;
    const mtc_curve_term term[] = {{MTC_TERM_LOG_SURVIVAL, 0, 0.0, 0.0, 1.0},
                                   {MTC_TERM_LOG_SURVIVAL, 0, 0.0, 0.0, -1.0},
                                   {MTC_TERM_LOG_SURVIVAL, 1, 0.0, 0.0, 1.0},
                                   {MTC_TERM_LOG_SURGERY, 1, 0.0, 0.0, 1.0}};
    double d[MTC_POINT_N], each[4];
    mtc_course_point p;
    mtc_course_point_init(&p, median[0]);
    opened nothing = open_sum(classes, 1, term, 2), both = open_sum(classes, 2, term + 2, 2);
    assert_true(value_of(&nothing, &p, d, each) == 0.0);
    assert_true(each[0] == each[1] && each[0] < 0.0);
    for (int k = 0; k < MTC_POINT_N; k++) {
        assert_true(d[k] == 0.0);
    }
    (void)value_of(&both, &p, d, each);
    assert_near(exp(each[0]) + exp(each[1]), 1.0, 1e-10);
    close_sum(&nothing);
    close_sum(&both);
}

/* ---- no value ---------------------------------------------------------------------------------------------------- */

static mtc_sum_state state_of(const opened *o, const mtc_course_point *p, double *per_term)
{
    double value = 0.0, d[MTC_POINT_N];
    mtc_sum_state state;
    assert_int_equal(mtc_curve_sum_eval(o->sum, o->ws, p, &value, d, per_term, &state, NULL), MTC_OK);
    assert_true((state == MTC_SUM_OK) == isfinite(value));
    assert_true(state == MTC_SUM_OK || value == -HUGE_VAL);
    return state;
}

static void underflow(void **state)
{
    (void)state;
    /* patients without spread: growth to detection takes 8 years, none waits for 30 */
    const mtc_curve_term term[] = {{MTC_TERM_LOG_SURVIVAL, 0, 30.0, 0.0, 1.0},
                                   {MTC_TERM_LOG_DENSITY, 0, 31.0, 0.0, 1.0},
                                   {MTC_TERM_LOG_INTERVAL, 0, 30.0, 31.0, 1.0},
                                   {MTC_TERM_LOG_SURVIVAL, 0, 0.0, 0.0, 1.0}};
    mtc_course_point p;
    double each[4];
    mtc_course_point_init(&p, median[1]);
    p.sd_doubling = 0.005;
    p.sd_ratio = 0.031;
    p.delay_years = p.frailty = 0.0;
    p.log_rate = 40.0;
    for (size_t first = 0; first < 3; first++) {
        opened o = open_sum(classes + 2, 1, term + first, 4 - first);
        assert_int_equal(state_of(&o, &p, each), MTC_SUM_UNDERFLOW);
        assert_true(each[0] == -HUGE_VAL);
        assert_true(each[3 - first] <= 0.0); /* not a NaN */
        p.sd_doubling = p.sd_ratio = 0.3;    /* the same scratch serves the next point */
        assert_int_equal(state_of(&o, &p, each), MTC_SUM_OK);
        p.sd_doubling = 0.005;
        p.sd_ratio = 0.031;
        close_sum(&o);
    }
}

static void outside_the_domain(void **state)
{
    (void)state;
    mtc_curve_term term[N_TERM];
    mtc_course_point good, p;
    mixed_terms(term);
    mtc_course_point_init(&good, median[1]);
    opened o = open_sum(classes, N_CLASS, term, 4);
    double *coordinate[] = {&p.log_delta_years, &p.sd_doubling, &p.log_ratio,       &p.sd_ratio, &p.log_rate,
                            &p.frailty,         &p.u_onset,     &p.width_doublings, &p.exponent, &p.delay_years};
    for (size_t k = 0; k < sizeof coordinate / sizeof *coordinate; k++) {
        static const double bad[] = {NAN, INFINITY};
        for (size_t b = 0; b < 2; b++) {
            p = good;
            *coordinate[k] = bad[b];
            assert_int_equal(state_of(&o, &p, NULL), MTC_SUM_OUTSIDE_DOMAIN);
        }
    }
    double *positive[] = {&p.sd_doubling, &p.sd_ratio, &p.width_doublings};
    double *not_negative[] = {&p.frailty, &p.exponent, &p.delay_years};
    for (size_t k = 0; k < 3; k++) {
        p = good;
        *positive[k] = 0.0;
        assert_int_equal(state_of(&o, &p, NULL), MTC_SUM_OUTSIDE_DOMAIN);
        p = good;
        *not_negative[k] = -1e-9;
        assert_int_equal(state_of(&o, &p, NULL), MTC_SUM_OUTSIDE_DOMAIN);
        p = good;
        *not_negative[k] = 0.0;
        assert_int_equal(state_of(&o, &p, NULL), MTC_SUM_OK);
    }
    p = good;
    p.log_rate = 700.0;
    assert_int_equal(state_of(&o, &p, NULL), MTC_SUM_OUTSIDE_DOMAIN);
    close_sum(&o);
}

static void bad_arguments(void **state)
{
    (void)state;
    static const struct {
        mtc_curve_term term;
        mtc_status want;
        const char *text;
    } bad[] = {
        {{MTC_TERM_LOG_SURVIVAL, N_CLASS, 1.0, 0.0, 1.0}, MTC_ESIZE, "names class 3 of 3"},
        {{MTC_TERM_LOG_SURVIVAL, 0, -0.1, 0.0, 1.0}, MTC_EDOMAIN, "time -0.1"},
        {{MTC_TERM_LOG_DENSITY, 0, NAN, 0.0, 1.0}, MTC_EDOMAIN, "nan"},
        {{MTC_TERM_LOG_DENSITY, 0, INFINITY, 0.0, 1.0}, MTC_EDOMAIN, "inf"},
        {{MTC_TERM_LOG_SURGERY, 0, 0.5, 0.0, 1.0}, MTC_EDOMAIN, "at surgery at 0.5"},
        {{MTC_TERM_LOG_INTERVAL, 0, 2.0, 2.0, 1.0}, MTC_EDOMAIN, "empty interval"},
        {{MTC_TERM_LOG_INTERVAL, 0, 2.0, 1.0, 1.0}, MTC_EDOMAIN, "empty interval"},
        {{MTC_TERM_LOG_INTERVAL, 0, 2.0, INFINITY, 1.0}, MTC_EDOMAIN, "empty interval"},
        {{MTC_TERM_LOG_INTERVAL, 0, 2.0, NAN, 1.0}, MTC_EDOMAIN, "empty interval"},
    };
    mtc_course course = course_of();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mtc_curve_sum *sum = (mtc_curve_sum *)(void *)&course; /* must be overwritten */
        mtc_err err = MTC_ERR_INIT;
        const mtc_curve_term term[2] = {{MTC_TERM_LOG_SURVIVAL, 0, 1.0, 0.0, 1.0}, bad[i].term};
        assert_int_equal(mtc_curve_sum_create(&course, classes, N_CLASS, term, 2, &sum, &err), bad[i].want);
        assert_null(sum);
        assert_non_null(strstr(err.message, bad[i].text));
        assert_non_null(strstr(err.message, "term 1"));
    }
    const mtc_curve_term good = {MTC_TERM_LOG_SURVIVAL, 0, 1.0, 0.0, 1.0};
    const mtc_size_class crossed = {20.0, 10.0}, nothing = {0.0, 10.0};
    mtc_curve_sum *sum = NULL;
    assert_int_equal(mtc_curve_sum_create(&course, classes, 0, &good, 1, &sum, NULL), MTC_ESIZE);
    assert_int_equal(mtc_curve_sum_create(&course, classes, N_CLASS, &good, 0, &sum, NULL), MTC_ESIZE);
    assert_int_equal(mtc_curve_sum_create(&course, &crossed, 1, &good, 1, &sum, NULL), MTC_EDOMAIN);
    assert_int_equal(mtc_curve_sum_create(&course, &nothing, 1, &good, 1, &sum, NULL), MTC_EDOMAIN);
    assert_null(sum);
    mtc_curve_sum_destroy(NULL);
    mtc_curve_sum_ws_destroy(NULL);
}

/* Terms worked out roughly are those to some thousandths, and so are derivatives of their sum. */
static void drafts_are_close(void **state)
{
    (void)state;
    static mtc_curve_term term[N_TERM];
    double rough[N_TERM], exact[N_TERM], worst = 0.0;
    gsl_rng *rng = NULL;
    mtc_course course = course_of();
    course.accuracy = MTC_ACCURACY_DRAFT;
    for (size_t i = 0; i < N_TERM; i++) {
        term[i] = (mtc_curve_term){i % 3 == 0 ? MTC_TERM_LOG_DENSITY : MTC_TERM_LOG_SURVIVAL, i % 2,
                                   0.1 * (double)(1 + (i * 37) % N_TERM), 0.0, 1.0};
    }
    opened certified = open_sum(classes, 2, term, N_TERM), draft = {NULL, NULL};
    assert_int_equal(mtc_curve_sum_create(&course, classes, 2, term, N_TERM, &draft.sum, NULL), MTC_OK);
    assert_int_equal(mtc_curve_sum_ws_create(draft.sum, &draft.ws, NULL), MTC_OK);
    assert_true(mtc_curve_sum_cost(draft.sum) < mtc_curve_sum_cost(certified.sum));
    assert_int_equal(mtc_rng_stream(5, "curve sum/draft", &rng, NULL), MTC_OK);
    for (int k = 0; k < 12; k++) {
        double theta[MTC_COURSE_N_PARAM];
        mtc_course_point p;
        draw_theta(k % 2, rng, theta);
        mtc_course_point_init(&p, theta);
        (void)value_of(&certified, &p, NULL, exact);
        (void)value_of(&draft, &p, NULL, rough);
        for (size_t i = 0; i < N_TERM; i++) {
            if (exact[i] > -12.0) { /* what a posterior hardly ever gives a patient */
                worst = fmax(worst, fabs(rough[i] - exact[i]));
            }
        }
    }
    print_message("largest error of a draft: %.2g\n", worst);
    assert_true(worst < 0.01 && worst > 1e-7);
    for (int h = 0; h < 2; h++) {
        double by[2][MTC_POINT_N];
        mtc_course_point p;
        mtc_course_point_init(&p, median[h]);
        (void)value_of(&certified, &p, by[0], NULL);
        (void)value_of(&draft, &p, by[1], NULL);
        for (int k = 0; k < MTC_POINT_N; k++) {
            assert_near(by[1][k], by[0][k], 0.01 * fmax(1.0, fabs(by[0][k])));
        }
    }
    gsl_rng_free(rng);
    close_sum(&certified);
    close_sum(&draft);
}

/* A thousand patients cost what a hundred do. */
static void cost(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static mtc_curve_term term[MANY];
    for (size_t i = 0; i < MANY; i++) {
        term[i] = (mtc_curve_term){MTC_TERM_LOG_SURVIVAL, i % 2, 0.01 * (double)(1 + (i * 389) % MANY), 0.0, 1.0};
    }
    opened some = open_sum(classes, 2, term, 100), all = open_sum(classes, 2, term, MANY);
    opened few = open_sum(classes, 2, term, 5);
    assert_int_equal(mtc_curve_sum_cost(some.sum), 2 * 33);
    assert_int_equal(mtc_curve_sum_cost(all.sum), 2 * 33);
    assert_int_equal(mtc_curve_sum_cost(few.sum), 2 * 5); /* fewer times than nodes: those themselves */
    close_sum(&some);
    close_sum(&all);
    close_sum(&few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interpolated_terms),
        cmocka_unit_test(limits_and_steep_curves),
        cmocka_unit_test(shared_sizes),
        cmocka_unit_test(across_the_onset),
        cmocka_unit_test(gradients),
        cmocka_unit_test(delay_from_zero),
        cmocka_unit_test(coefficients_and_duplicates),
        cmocka_unit_test(terms_at_surgery),
        cmocka_unit_test(underflow),
        cmocka_unit_test(outside_the_domain),
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(drafts_are_close),
        cmocka_unit_test(cost),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
