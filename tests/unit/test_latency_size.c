/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: an open class read as missing, limits of the size law taken for bounds, labels that no longer say the class.
 */
#include "latency_size.h"

#include "test_near.h"

#include <string.h>

static const mtc_course course = {10.0, 22.0, 0.55, 1.0, 120.0, 28.9639, MTC_ACCURACY_CERTIFIED};
static const mtc_pos pos = {"data.csv", 7, 3};

static mtc_size_class read_good(double lower, double upper)
{
    mtc_errlist errors = MTC_ERRLIST_INIT;
    mtc_size_class cls = {0.0, 0.0};
    assert_int_equal(latency_size_read(lower, upper, &course, &pos, &cls, &errors), MTC_OK);
    assert_int_equal(errors.n_all, 0);
    return cls;
}

static void open_classes_reach_to_the_limits(void **state)
{
    static const struct {
        double lower, upper, want_lower, want_upper;
        const char *label, *id;
    } known[] = {
        {0.0, 20.0, 1.0, 20.0, "at most 20 mm", "le20"},    {(double)NAN, 20.0, 1.0, 20.0, "at most 20 mm", "le20"},
        {20.0, 50.0, 20.0, 50.0, "20-50 mm", "20to50"},     {50.0, (double)NAN, 50.0, 120.0, "over 50 mm", "gt50"},
        {0.0, (double)NAN, 1.0, 120.0, "any size", "any"},  {0.5, 12.5, 0.5, 12.5, "0.5-12.5 mm", "0.5to12.5"},
        {50.0, 150.0, 50.0, 150.0, "50-150 mm", "50to150"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[LATENCY_SIZE_TEXT];
        const mtc_size_class cls = read_good(known[i].lower, known[i].upper);
        assert_near(cls.lower_mm, known[i].want_lower, 0.0);
        assert_near(cls.upper_mm, known[i].want_upper, 0.0);
        latency_size_label(&cls, &course, text, sizeof text);
        assert_string_equal(text, known[i].label);
        latency_size_id(&cls, &course, text, sizeof text);
        assert_string_equal(text, known[i].id);
    }
    assert_true(latency_size_missing((double)NAN, (double)NAN));
    assert_false(latency_size_missing(0.0, (double)NAN));
    assert_false(latency_size_missing((double)NAN, 20.0));
}

static void exact_sizes(void **state)
{
    (void)state;
    char text[LATENCY_SIZE_TEXT];
    mtc_size_class cls;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(latency_size_read_exact(23.5, &pos, &cls, &errors), MTC_OK);
    assert_near(cls.lower_mm, 23.5, 0.0);
    assert_near(cls.upper_mm, 23.5, 0.0);
    latency_size_label(&cls, &course, text, sizeof text);
    assert_string_equal(text, "23.5 mm");
    latency_size_id(&cls, &course, text, sizeof text);
    assert_string_equal(text, "eq23.5");
    const double bad[] = {0.0, -1.0, 0.01, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(latency_size_read_exact(bad[i], &pos, &cls, &errors), MTC_EDATA);
        assert_int_equal(errors.n, i + 1);
        assert_int_equal(errors.item[i].line, 7);
    }
    mtc_errlist_fini(&errors);
}

static void impossible_classes_are_refused(void **state)
{
    static const struct {
        double lower, upper;
        const char *fragment;
    } bad[] = {
        {(double)NAN, (double)NAN, "both bounds"},
        {50.0, 20.0, "above the upper bound 20 mm"},
        {20.0, 20.0, "is empty"},
        {-1.0, 20.0, "must be >= 0 mm, got -1"},
        {0.0, 0.0, "must be > 0 mm, got 0"},
        {(double)NAN, 0.8, "outside the size law"},
        {130.0, (double)NAN, "outside the size law"},
        {20.0, (double)INFINITY, "must be > 0 mm, got inf"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mtc_errlist errors = MTC_ERRLIST_INIT;
        mtc_size_class cls = {3.0, 4.0};
        assert_int_equal(latency_size_read(bad[i].lower, bad[i].upper, &course, &pos, &cls, &errors), MTC_EDATA);
        assert_int_equal(errors.n, 1);
        assert_string_equal(errors.item[0].file, "data.csv");
        assert_int_equal(errors.item[0].column, 3);
        assert_non_null(strstr(errors.item[0].message, bad[i].fragment));
        assert_near(cls.lower_mm, 3.0, 0.0); /* left alone */
        mtc_errlist_fini(&errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_classes_reach_to_the_limits),
        cmocka_unit_test(exact_sizes),
        cmocka_unit_test(impossible_classes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
