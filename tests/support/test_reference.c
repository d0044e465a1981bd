/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_reference.h"

#include "mtc_unit.h"
#include "mtc_vmath.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const double specification = 1e-8;
static const double tail = -50.0; /* logarithms below are held to a relative error */

void test_reference_open(test_reference *r, const char *name)
{
    char path[1024];
    json_error_t error;
    (void)snprintf(path, sizeof path, "%s/reference/%s.json", MTC_TEST_GOLDEN, name);
    r->root = json_load_file(path, 0, &error);
    if (r->root == NULL) {
        fail_msg("%s: %s", path, error.text);
    }
    r->cases = json_object_get(r->root, "cases");
    r->settings = json_object_get(r->root, "settings");
    r->n = json_array_size(r->cases);
    assert_true(r->n > 0 && json_array_size(r->settings) > 0);
}

void test_reference_close(test_reference *r)
{
    json_decref(r->root);
    memset(r, 0, sizeof *r);
}

const json_t *test_reference_case(const test_reference *r, size_t i)
{
    return json_array_get(r->cases, i);
}

const json_t *test_reference_setting(const test_reference *r, const json_t *c)
{
    const json_t *setting = json_array_get(r->settings, (size_t)test_reference_number(c, "setting"));
    assert_non_null(setting);
    return setting;
}

double test_reference_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value)) {
        fail_msg("no number '%s'", key);
    }
    return json_number_value(value);
}

const char *test_reference_word(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text == NULL) {
        fail_msg("no text '%s'", key);
    }
    return text;
}

bool test_reference_is_supported(const json_t *setting)
{
    return strcmp(test_reference_word(setting, "clock"), "time") == 0;
}

void test_reference_point(const json_t *setting, mtc_course_point *p, mtc_course *course)
{
    p->log_delta_years = log(test_reference_number(setting, "doubling_time_days") / MTC_DAYS_PER_YEAR);
    p->sd_doubling = test_reference_number(setting, "doubling_time_log_sd");
    p->log_ratio = log(test_reference_number(setting, "growth_ratio"));
    p->sd_ratio = test_reference_number(setting, "growth_ratio_log_sd");
    p->log_rate = log(test_reference_number(setting, "seeding_rate_per_year"));
    p->frailty = test_reference_number(setting, "seeding_frailty_variance");
    p->u_onset = mtc_doublings(test_reference_number(setting, "seeding_diameter_mm"));
    p->width_doublings = 3.0 * test_reference_number(setting, "seeding_width") / MTC_LN2;
    p->exponent = test_reference_number(setting, "seeding_exponent");
    p->delay_years = test_reference_number(setting, "outgrowth_delay_years");
    course->detection_diameter_mm = test_reference_number(setting, "detection_diameter_mm");
    course->size_median_mm = test_reference_number(setting, "size_median_mm");
    course->size_log_sd = test_reference_number(setting, "size_log_sd");
    course->size_min_mm = 1.0;
    course->size_max_mm = 120.0;
    course->doublings_to_detection = mtc_doublings(course->detection_diameter_mm);
}

void test_reference_theta(const json_t *setting, double *theta)
{
    for (int i = 0; i < MTC_COURSE_N_PARAM; i++) {
        theta[i] = i == MTC_P_FOUNDERS ? 1.0 : test_reference_number(setting, mtc_course_params[i].name);
    }
    theta[MTC_P_FOUNDERS] =
        test_reference_number(setting, "seeding_rate_per_year") * exp(mtc_log_reference_founders(theta));
}

mtc_size_class test_reference_size(const json_t *inputs)
{
    const json_t *range = json_object_get(inputs, "size_class_mm");
    mtc_size_class cls;
    if (range != NULL) {
        cls.lower_mm = json_number_value(json_array_get(range, 0));
        cls.upper_mm = json_number_value(json_array_get(range, 1));
    } else {
        cls.lower_mm = cls.upper_mm = test_reference_number(inputs, "diameter_mm");
    }
    return cls;
}

double test_reference_tolerance(const json_t *c)
{
    const double value = test_reference_number(c, "value");
    return specification * (value < tail ? -value : 1.0) + test_reference_number(c, "abs_error");
}
