/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: a preset that does not parse, names no known parameter or family, or says other numbers than the model's
 * definition; a preset file that was not embedded. */
#include "mtc_presets.h"

#include "mtc_course.h"
#include "prior_text.h"
#include "test_near.h"

#include <math.h>
#include <string.h>

static const mtc_param_info between = {
    "between_study_log_sd", "between_study_log_sd", MTC_UNIT_NONE, 0, INFINITY, "w", ""};

static const mtc_param_info over_dispersion = {
    "count_over_dispersion", "count_over_dispersion", MTC_UNIT_NONE, 0, 1, "r", ""};

static const mtc_param_info *param_of(const char *key)
{
    for (size_t i = 0; i < MTC_COURSE_N_PARAM; ++i) {
        if (strcmp(mtc_course_params[i].key, key) == 0) {
            return &mtc_course_params[i];
        }
    }
    return strcmp(between.key, key) == 0 ? &between : strcmp(over_dispersion.key, key) == 0 ? &over_dispersion : NULL;
}

static const mtc_spec *priors_of(const mtc_preset *preset, mtc_arena *arena, mtc_errlist *errors)
{
    const mtc_spec *root = NULL;
    assert_int_equal(mtc_yaml_parse(preset->text, strlen(preset->text), preset->name, NULL, arena, &root, errors),
                     MTC_OK);
    assert_int_equal(root->n, 3);
    assert_string_equal(mtc_spec_find(root, "preset")->text, preset->name);
    assert_true(strlen(mtc_spec_find(root, "description")->text) > 20);
    assert_int_equal(mtc_spec_find(root, "priors")->kind, MTC_SPEC_MAP);
    return mtc_spec_find(root, "priors");
}

static void every_preset_reads(void **state)
{
    (void)state;
    mtc_arena *arena = NULL;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    size_t n = 0;
    assert_int_equal(mtc_arena_create(&arena, NULL), MTC_OK);
    for (const mtc_preset *p = mtc_presets; p->name != NULL; ++p, ++n) {
        const mtc_spec *priors = priors_of(p, arena, &errors);
        for (size_t i = 0; i < priors->n; ++i) {
            mtc_prior prior;
            const mtc_param_info *info = param_of(priors->key[i]);
            assert_non_null(info);
            assert_int_equal(mtc_prior_read(&prior, mtc_registry_priors(), info, priors->item[i], arena, &errors),
                             MTC_OK);
            assert_null(strstr(prior.description, "domain")); /* a preset says its truncation itself */
        }
        assert_ptr_equal(mtc_preset_find(p->name), p);
    }
    assert_int_equal(n, 7);
    assert_string_equal(mtc_presets[0].name, "defaults");
    assert_null(mtc_preset_find("liner"));
    assert_null(mtc_preset_find(NULL));
    mtc_errlist_fini(&errors);
    mtc_arena_destroy(arena);
}

static void defaults_cover_every_parameter(void **state)
{
    (void)state;
    mtc_arena *arena = NULL;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_arena_create(&arena, NULL), MTC_OK);
    const mtc_spec *priors = priors_of(mtc_preset_find("defaults"), arena, &errors);
    for (size_t i = 0; i < MTC_COURSE_N_PARAM; ++i) {
        assert_non_null(mtc_spec_find(priors, mtc_course_params[i].key));
    }
    assert_non_null(mtc_spec_find(priors, "between_study_log_sd"));
    assert_non_null(mtc_spec_find(priors, "count_over_dispersion"));
    mtc_arena_destroy(arena);
}

/* Medians and a second quantile of the untruncated laws, worked out by hand from the model's definition. */
static void numbers_are_those_of_the_model(void **state)
{
    static const struct {
        const char *preset, *key;
        double x, log_density; /* before truncation */
        double lower, upper;
    } cases[] = {
        /* log-normal at its median: -log(median) - log(log_sd) - log sqrt(2 pi) */
        {"defaults", "doubling_time", 150, -5.2364266467, 0, INFINITY},
        {"defaults", "doubling_time_log_sd", 0.7, 0.3540271426, 0, INFINITY},
        {"defaults", "growth_ratio", 1.5, -1.1012600900, 0, INFINITY},
        {"defaults", "growth_ratio_log_sd", 0.4, 0.6904993792, 0, INFINITY},
        {"defaults", "founders_at_reference", 1, -1.3244036413, 0, INFINITY},
        {"defaults", "seeding_frailty_variance", 1.5, -1.1012600900, 0, INFINITY},
        {"defaults", "seeding_width", 0.2, 1.3836465598, 0.05, 0.5},
        {"defaults", "outgrowth_delay", 1, -0.9189385332, 0, INFINITY},
        {"defaults", "between_study_log_sd", 0, 0.9781814518, 0, INFINITY},
        {"defaults", "count_over_dispersion", 0, 2.0767937405, 0, 1}, /* log(2 / 0.1) - log sqrt(2 pi) */
        {"linear", "seeding_diameter", 15, -2.7106980023, 10, INFINITY},
        {"linear", "seeding_exponent", 1, -0.2257913526, 0, INFINITY},
        {"parallel", "seeding_diameter", 2, -0.6957949819, 0, 5},
        {"parallel", "seeding_exponent", 0.25, -0.2257913526, 0, INFINITY},
        {"unrestricted", "seeding_diameter", 1, -1.6243607736, 0.5, 80},
        {"unrestricted", "seeding_exponent", 0.6, -0.2257913526, 0, INFINITY},
        {"linear_strict", "seeding_diameter", 15, -2.7106980023, 10, INFINITY},
        {"parallel_strict", "seeding_diameter", 2, -0.6957949819, 0, 5},
        {"klein", "growth_ratio", 1.6, -0.4726514306, 0, INFINITY},
    };
    (void)state;
    mtc_arena *arena = NULL;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_arena_create(&arena, NULL), MTC_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        mtc_prior prior;
        const mtc_spec *priors = priors_of(mtc_preset_find(cases[i].preset), arena, &errors);
        assert_int_equal(mtc_prior_read(&prior, mtc_registry_priors(), param_of(cases[i].key),
                                        mtc_spec_find(priors, cases[i].key), arena, &errors),
                         MTC_OK);
        assert_near(mtc_prior_logpdf(&prior, cases[i].x, NULL) + prior.log_mass, cases[i].log_density, 1e-9);
        assert_true(prior.lower == cases[i].lower && prior.upper == cases[i].upper);
    }
    mtc_arena_destroy(arena);
}

static void strict_presets_fix_what_they_say(void **state)
{
    static const struct {
        const char *preset, *key;
        double value;
    } cases[] = {
        {"linear_strict", "seeding_exponent", 1},  {"linear_strict", "seeding_width", 0.1},
        {"linear_strict", "outgrowth_delay", 0},   {"parallel_strict", "seeding_exponent", 0},
        {"parallel_strict", "seeding_width", 0.1},
    };
    (void)state;
    mtc_arena *arena = NULL;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_arena_create(&arena, NULL), MTC_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        mtc_prior prior;
        const mtc_spec *priors = priors_of(mtc_preset_find(cases[i].preset), arena, &errors);
        assert_int_equal(mtc_prior_read(&prior, mtc_registry_priors(), param_of(cases[i].key),
                                        mtc_spec_find(priors, cases[i].key), arena, &errors),
                         MTC_OK);
        assert_true(prior.is_fixed && prior.fixed_value == cases[i].value);
    }
    /* the source grants the delay to parallel progression, strict or not */
    assert_null(mtc_spec_find(priors_of(mtc_preset_find("parallel_strict"), arena, &errors), "outgrowth_delay"));
    mtc_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_preset_reads),
        cmocka_unit_test(defaults_cover_every_parameter),
        cmocka_unit_test(numbers_are_those_of_the_model),
        cmocka_unit_test(strict_presets_fix_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
