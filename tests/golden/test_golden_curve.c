/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time to metastasis against an implementation that shares no code with this one (PROVENANCE.md). */
#include "mtc_onset.h"
#include "mtc_vmath.h"
#include "test_near.h"
#include "test_reference.h"

#include <stdio.h>
#include <string.h>

static const double founders_relative = 1e-9;
static const double gradient_specification = 1e-6; /* of max(1, |value|) */
static const double overflow_only = 1e-8; /* gradients whose own error is larger are no more than a smoke test */

/* How many cases were compared, were off, and the largest error in units of what is allowed. */
typedef struct {
    size_t n, n_off;
    double worst;
} score;

static void judge(score *s, size_t i, const json_t *c, double got, double allowed)
{
    const double want = test_reference_number(c, "value");
    const double error = fabs(got - want);
    s->n++;
    s->worst = fmax(s->worst, error / allowed);
    if (!(error <= allowed)) {
        print_error("case %zu, setting %g, %s: %.17g, wanted %.17g, off by %.3g\n", i,
                    test_reference_number(c, "setting"), test_reference_word(c, "quantity"), got, want, error);
        s->n_off++;
    }
}

static void conclude(const score *s, size_t n_expected)
{
    print_message("%zu cases, largest error %.2g of what is allowed\n", s->n, s->worst);
    assert_int_equal(s->n_off, 0);
    assert_int_equal(s->n, n_expected);
}

/* ---- curves -------------------------------------------------------------------------------------------------- */

enum { MAX_TIME = 12, N_VALUE = 3 };

/** All cases of one setting and one size: one plan for their times, values, and gradients once asked for. */
typedef struct {
    const json_t *setting;
    mtc_size_class cls;
    size_t n_t;
    double t_years[MAX_TIME];
    mtc_curve_plan *plan;
    mtc_curve_ws *ws;
    mtc_course_point point;
    double value[N_VALUE][MAX_TIME]; /* S, f, F */
    int has_gradient[N_VALUE][MAX_TIME];
    double gradient[N_VALUE][MAX_TIME][MTC_POINT_N]; /* of the logarithm, by point coordinates */
} block;

static void block_close(block *b)
{
    mtc_curve_ws_destroy(b->ws);
    mtc_curve_plan_destroy(b->plan);
    memset(b, 0, sizeof *b);
}

static size_t block_time(const block *b, double t_years)
{
    size_t j = 0;
    while (j < b->n_t && b->t_years[j] != t_years) {
        j++;
    }
    return j;
}

static void block_add_time(block *b, double t_years)
{
    if (block_time(b, t_years) == b->n_t) {
        assert_true(b->n_t < MAX_TIME);
        b->t_years[b->n_t++] = t_years;
    }
}

static int same_size(mtc_size_class a, mtc_size_class b)
{
    return a.lower_mm == b.lower_mm && a.upper_mm == b.upper_mm;
}

/* Surgery, and the times that this case speaks of. */
static void block_add_case(block *b, const json_t *c)
{
    static const char *const keys[] = {"t_years", "entry_years"};
    const json_t *in = json_object_get(c, "inputs");
    for (size_t k = 0; k < 2; k++) {
        const json_t *t = json_object_get(in, keys[k]);
        if (t != NULL) {
            block_add_time(b, json_number_value(t));
        }
    }
}

/* The block of a case: the present one, or a new one for all cases of the file like this. */
static void block_for(block *b, const test_reference *r, const json_t *c)
{
    mtc_course course;
    mtc_domain domain;
    const json_t *setting = test_reference_setting(r, c);
    const mtc_size_class cls = test_reference_size(json_object_get(c, "inputs"));
    if (b->setting == setting && same_size(b->cls, cls)) {
        return;
    }
    block_close(b);
    b->setting = setting;
    b->cls = cls;
    block_add_time(b, 0.0);
    for (size_t i = 0; i < r->n; i++) {
        const json_t *other = test_reference_case(r, i);
        if (test_reference_setting(r, other) == setting &&
            same_size(test_reference_size(json_object_get(other, "inputs")), cls)) {
            block_add_case(b, other);
        }
    }
    test_reference_point(setting, &b->point, &course);
    mtc_curve_values values = {b->value[0], b->value[1], b->value[2]};
    assert_int_equal(mtc_curve_plan_create(&course, &cls, 1, b->t_years, b->n_t, &b->plan, NULL), MTC_OK);
    assert_int_equal(mtc_curve_ws_create(b->plan, &b->ws, NULL), MTC_OK);
    assert_int_equal(mtc_curve_eval(b->plan, b->ws, &b->point, &values, &domain, NULL), MTC_OK);
    assert_int_equal(domain, MTC_DOMAIN_OK);
}

/* Which value and time the quantity log_S, log_f, log_F0, log_S0 of a case is. */
static void find_value(const block *b, const json_t *c, const char *quantity, size_t *which, size_t *j)
{
    const json_t *t = json_object_get(json_object_get(c, "inputs"), "t_years");
    *which = quantity[4] == 'S' ? 0 : quantity[4] == 'f' ? 1 : 2;
    *j = block_time(b, quantity[5] == '0' ? 0.0 : json_number_value(t));
    assert_true(*j < b->n_t);
}

static void curves_of(const char *file, size_t n_expected)
{
    test_reference r;
    score s = {0, 0, 0.0};
    static block b;
    test_reference_open(&r, file);
    for (size_t i = 0; i < r.n; i++) {
        size_t which, j;
        const json_t *c = test_reference_case(&r, i);
        const char *quantity = test_reference_word(c, "quantity");
        if (test_reference_is_supported(test_reference_setting(&r, c)) &&
            strcmp(quantity, "log_ever_metastasised") != 0) {
            block_for(&b, &r, c);
            find_value(&b, c, quantity, &which, &j);
            judge(&s, i, c, log(b.value[which][j]), test_reference_tolerance(c));
        }
    }
    block_close(&b);
    test_reference_close(&r);
    conclude(&s, n_expected);
}

static void exact_sizes(void **state)
{
    (void)state;
    curves_of("latency", 881);
}

static void size_classes(void **state)
{
    (void)state;
    curves_of("latency_classes", 354);
}

/* ---- terms of one observation -------------------------------------------------------------------------------- */

static int starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* log f(t) or log S(t), less log S(entry); entry is 0 for M0 patients. */
static double term_of(const block *b, const json_t *c, int event)
{
    const json_t *in = json_object_get(c, "inputs");
    const json_t *entry = json_object_get(in, "entry_years");
    const size_t from = block_time(b, entry != NULL ? json_number_value(entry) : 0.0);
    const size_t to = block_time(b, test_reference_number(in, "t_years"));
    return log(b->value[event ? 1 : 0][to]) - log(b->value[0][from]);
}

static void terms(void **state)
{
    (void)state;
    test_reference r;
    score s = {0, 0, 0.0};
    static block b;
    test_reference_open(&r, "latency_terms");
    for (size_t i = 0; i < r.n; i++) {
        const json_t *c = test_reference_case(&r, i);
        const char *quantity = test_reference_word(c, "quantity");
        const int event = starts_with(quantity, "event_");
        if (test_reference_is_supported(test_reference_setting(&r, c)) &&
            (event || starts_with(quantity, "censored_"))) {
            block_for(&b, &r, c);
            judge(&s, i, c, term_of(&b, c, event), test_reference_tolerance(c));
        }
    }
    block_close(&b);
    test_reference_close(&r);
    conclude(&s, 118);
}

/* ---- gradients ----------------------------------------------------------------------------------------------- */

/* Index of a parameter of the reference among the point's coordinates, and d coordinate / d parameter. */
static int coordinate(const char *name, const json_t *setting, double *slope)
{
    static const struct {
        const char *name;
        int index, logarithm;
        double factor;
    } table[] = {
        {"doubling_time_days", MTC_POINT_LOG_DELTA, 1, 1.0},
        {"doubling_time_log_sd", MTC_POINT_SD_DOUBLING, 0, 1.0},
        {"growth_ratio", MTC_POINT_LOG_RATIO, 1, 1.0},
        {"growth_ratio_log_sd", MTC_POINT_SD_RATIO, 0, 1.0},
        {"seeding_rate_per_year", MTC_POINT_LOG_RATE, 1, 1.0},
        {"seeding_frailty_variance", MTC_POINT_FRAILTY, 0, 1.0},
        {"seeding_diameter_mm", MTC_POINT_ONSET, 1, 3.0 / MTC_LN2},
        {"seeding_width", MTC_POINT_WIDTH, 0, 3.0 / MTC_LN2},
        {"seeding_exponent", MTC_POINT_EXPONENT, 0, 1.0},
        {"outgrowth_delay_years", MTC_POINT_DELAY, 0, 1.0},
    };
    size_t i = 0;
    while (i < sizeof table / sizeof *table && strcmp(name, table[i].name) != 0) {
        i++;
    }
    assert_true(i < sizeof table / sizeof *table);
    *slope = table[i].factor / (table[i].logarithm ? test_reference_number(setting, name) : 1.0);
    return table[i].index;
}

/* Derivative of log S, log f or log F at time j by the point's coordinates: one reverse pass, kept. */
static const double *block_gradient(block *b, size_t which, size_t j)
{
    if (!b->has_gradient[which][j]) {
        double bar[N_VALUE][MAX_TIME] = {{0.0}};
        bar[which][j] = 1.0 / b->value[which][j];
        const mtc_curve_values bars = {bar[0], bar[1], bar[2]};
        assert_int_equal(mtc_curve_adjoint(b->plan, b->ws, &b->point, &bars, b->gradient[which][j], NULL), MTC_OK);
        b->has_gradient[which][j] = 1;
    }
    return b->gradient[which][j];
}

static void gradients(void **state)
{
    (void)state;
    test_reference r;
    score s = {0, 0, 0.0};
    size_t n_rough = 0;
    static block b;
    test_reference_open(&r, "gradients");
    for (size_t i = 0; i < r.n; i++) {
        size_t which, j;
        double slope;
        const json_t *c = test_reference_case(&r, i);
        const json_t *setting = test_reference_setting(&r, c);
        if (!test_reference_is_supported(setting)) {
            continue;
        }
        block_for(&b, &r, c);
        find_value(&b, c, test_reference_word(c, "quantity") + strlen("d_"), &which, &j);
        const char *name = test_reference_word(json_object_get(c, "inputs"), "with_respect_to");
        const int k = coordinate(name, setting, &slope);
        const double got = slope * block_gradient(&b, which, j)[k];
        const double error = test_reference_number(c, "abs_error");
        const double want = test_reference_number(c, "value");
        if (error > overflow_only) {
            assert_true(isfinite(got));
            n_rough++;
        } else {
            judge(&s, i, c, got, gradient_specification * fmax(1.0, fabs(want)) + error);
        }
    }
    block_close(&b);
    test_reference_close(&r);
    assert_int_equal(n_rough, 9);
    conclude(&s, 487);
}

/* ---- founders ------------------------------------------------------------------------------------------------ */

/* N(s), nu(s) at z = 1 for one doubling time, from the accumulated competence as mtc_onset.h says. */
static double founders_of(const json_t *setting, const json_t *c)
{
    mtc_course_point p;
    mtc_course course;
    mtc_onset onset;
    double all, waiting = 0.0;
    const json_t *in = json_object_get(c, "inputs");
    const char *quantity = test_reference_word(c, "quantity");
    const double n = mtc_doublings(test_reference_number(in, "diameter_mm"));
    const double d_years = test_reference_number(in, "D_years");
    const json_t *s = json_object_get(in, "s_years");
    const double s_years = s != NULL ? json_number_value(s) : (double)INFINITY;
    test_reference_point(setting, &p, &course);
    const double u = n + fmin(s_years, 0.0) / d_years;
    const double scale = exp(p.log_rate) * d_years * exp2(p.exponent * (u - mtc_reference_doublings()));
    const double tau = p.delay_years;
    mtc_onset_init(&onset, p.u_onset, p.width_doublings, p.exponent * MTC_LN2, n);
    mtc_onset_eval(&onset, &u, 1, &all, NULL, NULL, NULL);
    if (tau > 0.0) {
        mtc_onset_init(&onset, p.u_onset, p.width_doublings, p.exponent * MTC_LN2 + d_years / tau, n);
        mtc_onset_eval(&onset, &u, 1, &waiting, NULL, NULL, NULL);
        waiting *= exp(-fmax(s_years, 0.0) / tau);
    }
    if (quantity[0] == 'N') {
        return scale * (all - waiting);
    }
    if (tau > 0.0) {
        return scale * waiting / tau;
    }
    return s_years > 0.0 ? 0.0 : scale / d_years * 0.5 * erfc(-(u - p.u_onset) / p.width_doublings / sqrt(2.0));
}

static void founders(void **state)
{
    (void)state;
    test_reference r;
    score s = {0, 0, 0.0};
    test_reference_open(&r, "founders");
    for (size_t i = 0; i < r.n; i++) {
        const json_t *c = test_reference_case(&r, i);
        const json_t *setting = test_reference_setting(&r, c);
        if (test_reference_is_supported(setting)) {
            const double want = test_reference_number(c, "value");
            judge(&s, i, c, founders_of(setting, c),
                  founders_relative * fabs(want) + test_reference_number(c, "abs_error"));
        }
    }
    test_reference_close(&r);
    conclude(&s, 1508);
}

/* Lambda of some settings, as the reference states it. */
static void founders_at_reference(void **state)
{
    static const struct {
        size_t setting;
        double value;
    } known[] = {{0, 1.19724}, {1, 2.18425}, {2, 7.28083}, {21, 0.252097}};
    (void)state;
    test_reference r;
    test_reference_open(&r, "latency");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double theta[MTC_COURSE_N_PARAM];
        const json_t *setting = json_array_get(r.settings, known[i].setting);
        test_reference_theta(setting, theta);
        assert_near(theta[MTC_P_FOUNDERS], known[i].value, 0.5001e-5 * (known[i].value >= 1.0 ? 1.0 : 0.1));
        assert_near(mtc_seeding_rate_per_year(theta), test_reference_number(setting, "seeding_rate_per_year"), 1e-13);
    }
    test_reference_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_sizes), cmocka_unit_test(size_classes), cmocka_unit_test(terms),
        cmocka_unit_test(gradients),   cmocka_unit_test(founders),     cmocka_unit_test(founders_at_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
