/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a setting that is ignored, read in the wrong unit or from the wrong map; a mistake without its place; wrong
 * doublings; a derivative by natural parameters that forgets that mu moves with them at fixed Lambda. */
#include "mtc_course_point.h"

#include "mtc_vmath.h"
#include "mtc_yaml.h"
#include "test_near.h"

#include <string.h>

static const double usual[MTC_COURSE_N_PARAM] = {150.0, 0.7, 1.5, 0.4, 2.0, 1.5, 12.0, 0.2, 0.25, 1.0};

/* ---- settings -------------------------------------------------------------------------------------------------- */

typedef struct {
    mtc_arena *arena;
    mtc_errlist errors;
    mtc_course course;
    mtc_status status;
} reading;

static const mtc_spec *parse(reading *r, const char *yaml, const char *file)
{
    const mtc_spec *spec = NULL;
    if (yaml != NULL) {
        assert_int_equal(mtc_yaml_parse(yaml, strlen(yaml), file, NULL, r->arena, &spec, &r->errors), MTC_OK);
    }
    return spec;
}

static reading read_settings(const char *base, const char *over)
{
    reading r;
    memset(&r, 0, sizeof r);
    assert_int_equal(mtc_arena_create(&r.arena, NULL), MTC_OK);
    const mtc_spec *base_spec = parse(&r, base, "run.yaml"), *over_spec = parse(&r, over, "model.yaml");
    r.status = mtc_course_init(&r.course, base_spec, over_spec, &r.errors);
    return r;
}

static void done(reading *r)
{
    mtc_errlist_fini(&r->errors);
    mtc_arena_destroy(r->arena);
}

static void settings_have_defaults(void **state)
{
    (void)state;
    reading r = read_settings(NULL, NULL);
    assert_int_equal(r.status, MTC_OK);
    assert_near(r.course.detection_diameter_mm, 10.0, 0.0);
    assert_near(r.course.size_median_mm, 22.0, 0.0);
    assert_near(r.course.size_log_sd, 0.55, 0.0);
    assert_near(r.course.size_min_mm, 1.0, 0.0);
    assert_near(r.course.size_max_mm, 120.0, 0.0);
    assert_near(r.course.doublings_to_detection, 28.9639, 5e-5);
    done(&r);
}

static void a_models_own_settings_win(void **state)
{
    (void)state;
    reading r = read_settings("detection_diameter: 1.5 cm\nsize_median: 20 mm\nsize_log_sd: 0.6\n",
                              "detection_diameter: 5 mm\nsize_max: 20 cm\n");
    assert_int_equal(r.status, MTC_OK);
    assert_near(r.course.detection_diameter_mm, 5.0, 1e-14);
    assert_near(r.course.size_median_mm, 20.0, 0.0);
    assert_near(r.course.size_log_sd, 0.6, 0.0);
    assert_near(r.course.size_max_mm, 200.0, 1e-12);
    assert_near(r.course.doublings_to_detection, mtc_doublings(5.0), 0.0);
    done(&r);
}

static void mistakes_in_settings_have_their_place(void **state)
{
    static const struct {
        const char *base, *over, *file;
        long line;
        const char *fragment;
    } bad[] = {
        {"size_medain: 20 mm\n", NULL, "run.yaml", 1, "size_median"},
        {"size_median: 20 mm\n", "size_log_sd: 0\n", "model.yaml", 1, "size_log_sd"},
        {"size_median: 20\n", NULL, "run.yaml", 1, "mm"},
        {"\ndetection_diameter: 900 mm\n", NULL, "run.yaml", 2, "detection_diameter"},
        {"size_min: 60 mm\nsize_max: 50 mm\n", NULL, "run.yaml", 1, "size_min must be smaller than size_max"},
        {"size_min: 60 mm\n", "size_max: 50 mm\n", "model.yaml", 1, "60 mm and 50 mm"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        reading r = read_settings(bad[i].base, bad[i].over);
        assert_int_equal(r.status, MTC_ECONFIG);
        assert_int_equal(r.errors.n, 1);
        assert_string_equal(r.errors.item[0].file, bad[i].file);
        assert_int_equal(r.errors.item[0].line, bad[i].line);
        assert_true(strstr(r.errors.item[0].message, bad[i].fragment) != NULL ||
                    strstr(r.errors.item[0].hint, bad[i].fragment) != NULL);
        done(&r);
    }
    reading two = read_settings("size_medain: 20 mm\nsize_log_sd: -1\n", "size_max: x\n");
    assert_int_equal(two.status, MTC_ECONFIG);
    assert_int_equal(two.errors.n, 3);
    done(&two);
}

/* ---- sizes ----------------------------------------------------------------------------------------------------- */

static void doublings_count_cells(void **state)
{
    (void)state;
    assert_near(mtc_reference_doublings(), 29.897352853986263, 1e-13);
    const double cubic_centimetre_mm = 2.0 * cbrt(750.0 / 3.14159265358979323846);
    assert_near(mtc_doublings(cubic_centimetre_mm), mtc_reference_doublings(), 1e-12);
    assert_near(mtc_doublings(20.0) - mtc_doublings(10.0), 3.0, 1e-13);
    assert_near(mtc_doublings(0.01240700981798799), 0.0, 1e-12); /* one cell: (6e-6/pi)^(1/3) mm */
    for (double mm = 0.02; mm < 200.0; mm *= 1.7) {
        assert_near(mtc_diameter_mm(mtc_doublings(mm)), mm, 1e-13 * mm);
    }
}

static void parameters_are_described(void **state)
{
    (void)state;
    for (int i = 0; i < MTC_COURSE_N_PARAM; i++) {
        const mtc_param_info *p = &mtc_course_params[i];
        const size_t n = strlen(p->key);
        assert_true(strncmp(p->name, p->key, n) == 0);
        /* the unit stands in the name, or there is none */
        assert_true(p->unit == MTC_UNIT_NONE ? strcmp(p->name, p->key) == 0 : p->name[n] == '_');
        assert_true(p->lower == 0.0 && isinf(p->upper) && strlen(p->text) > 10 && p->symbol[0] != '\0');
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(p->name, mtc_course_params[k].name);
        }
    }
}

/* ---- points ---------------------------------------------------------------------------------------------------- */

static void points_are_in_the_formulas_units(void **state)
{
    (void)state;
    mtc_course_point p;
    mtc_course_point_init(&p, usual);
    assert_near(exp(p.log_delta_years), 150.0 / 365.25, 1e-15);
    assert_near(p.sd_doubling, 0.7, 0.0);
    assert_near(exp(p.log_ratio), 1.5, 1e-15);
    assert_near(p.sd_ratio, 0.4, 0.0);
    assert_near(p.frailty, 1.5, 0.0);
    assert_near(p.u_onset, mtc_doublings(12.0), 0.0);
    assert_near(p.width_doublings, mtc_doublings(exp(0.2)) - mtc_doublings(1.0), 1e-14);
    assert_near(p.exponent, 0.25, 0.0);
    assert_near(p.delay_years, 1.0, 0.0);
}

/* N* by a plain sum over the growth of a 30 mm primary. */
static void the_rate_makes_lambda_founders(void **state)
{
    static const double exponents[] = {0.0, 0.25, 1.0, 2.5};
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        double theta[MTC_COURSE_N_PARAM], sum = 0.0;
        memcpy(theta, usual, sizeof theta);
        theta[MTC_P_SEEDING_EXPONENT] = exponents[k];
        const double n = mtc_doublings(30.0), h = n / 40000.0;
        const double width = 3.0 * theta[MTC_P_SEEDING_WIDTH] / MTC_LN2;
        for (int i = 0; i < 40000; i++) {
            const double u = (i + 0.5) * h;
            sum += h * exp2(exponents[k] * (u - mtc_reference_doublings())) * 0.5 *
                   erfc((mtc_doublings(theta[MTC_P_SEEDING_DIAMETER]) - u) / width / sqrt(2.0));
        }
        const double years = theta[MTC_P_DOUBLING_TIME] / MTC_DAYS_PER_YEAR;
        assert_near(mtc_log_reference_founders(theta), log(years * sum), 1e-6);
        assert_near(mtc_seeding_rate_per_year(theta) * years * sum, theta[MTC_P_FOUNDERS], 1e-6);
    }
}

/* Any function of the point, here a linear one, differentiated through the natural parameters. */
static void gradients_follow_the_parameters(void **state)
{
    static const double weight[MTC_POINT_N] = {0.7, -1.1, 0.4, 2.0, 1.3, -0.6, 0.9, 0.35, -1.7, 0.8};
    (void)state;
    double grad[MTC_COURSE_N_PARAM], theta[MTC_COURSE_N_PARAM];
    mtc_course_point p;
    mtc_course_point_init(&p, usual);
    mtc_course_point_gradient(&p, usual, weight, grad);
    for (int i = 0; i < MTC_COURSE_N_PARAM; i++) {
        double side[2];
        const double h = 1e-5 * usual[i];
        for (int s = 0; s < 2; s++) {
            memcpy(theta, usual, sizeof theta);
            theta[i] += s == 0 ? -h : h;
            mtc_course_point_init(&p, theta);
            const double coordinate[MTC_POINT_N] = {p.log_delta_years, p.sd_doubling, p.log_ratio, p.sd_ratio,
                                                    p.log_rate,        p.frailty,     p.u_onset,   p.width_doublings,
                                                    p.exponent,        p.delay_years};
            side[s] = 0.0;
            for (int k = 0; k < MTC_POINT_N; k++) {
                side[s] += weight[k] * coordinate[k];
            }
        }
        assert_near(grad[i], (side[1] - side[0]) / (2.0 * h), 1e-8 * fmax(1.0, fabs(grad[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_have_defaults),
        cmocka_unit_test(a_models_own_settings_win),
        cmocka_unit_test(mistakes_in_settings_have_their_place),
        cmocka_unit_test(doublings_count_cells),
        cmocka_unit_test(parameters_are_described),
        cmocka_unit_test(points_are_in_the_formulas_units),
        cmocka_unit_test(the_rate_makes_lambda_founders),
        cmocka_unit_test(gradients_follow_the_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
