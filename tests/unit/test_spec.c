/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: settings read with the wrong type or unit, errors without place, unknown keys let through, wrong or missing
 * suggestions, defaults not applied. */
#include "mtc_spec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define INF ((double)INFINITY)

/* ---- a small tree, written as the file would be ------------------------------------------------------------------ */

enum { MAX_ENTRY = 8 };

typedef struct {
    mtc_spec map;
    mtc_spec value[MAX_ENTRY];
    const mtc_spec *item[MAX_ENTRY];
    const char *key[MAX_ENTRY];
    mtc_pos key_pos[MAX_ENTRY];
} tree;

static mtc_spec scalar(const char *text)
{
    return (mtc_spec){.kind = MTC_SPEC_SCALAR, .pos = {"run.yaml", 14, 9}, .text = text};
}

static void tree_start(tree *t)
{
    memset(t, 0, sizeof *t);
    t->map = (mtc_spec){
        .kind = MTC_SPEC_MAP, .pos = {"run.yaml", 10, 3}, .item = t->item, .key = t->key, .key_pos = t->key_pos};
}

static void tree_add(tree *t, const char *key, mtc_spec value)
{
    const size_t i = t->map.n++;
    assert_true(i < MAX_ENTRY);
    t->value[i] = value;
    t->value[i].pos = (mtc_pos){"run.yaml", 11 + (long)i, 20};
    t->item[i] = &t->value[i];
    t->key[i] = key;
    t->key_pos[i] = (mtc_pos){"run.yaml", 11 + (long)i, 5};
}

static const mtc_key keys[] = {
    {"median", MTC_KEY_QUANTITY, MTC_DIM_TIME, MTC_UNIT_DAYS, 1.0 / 365.25, INF, NULL, true, NULL, "median of the law"},
    {"log_sd", MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 10.0, "0.4", false, NULL, "log-sd"},
    {"draws", MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 1.0, 1e6, "1000", false, NULL, "number of draws"},
    {"verbose", MTC_KEY_BOOL, MTC_DIM_NONE, MTC_UNIT_NONE, -INF, INF, "no", false, NULL, "talk"},
    {"label", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, -INF, INF, NULL, false, NULL, "a name"},
    {"route", MTC_KEY_CHOICE, MTC_DIM_NONE, MTC_UNIT_NONE, -INF, INF, "fast", false, "fast|full", "route"},
    {"rows", MTC_KEY_LIST, MTC_DIM_NONE, MTC_UNIT_NONE, -INF, INF, NULL, false, NULL, "rows"},
    {"where", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, -INF, INF, NULL, false, NULL, "filter"},
    {.key = NULL},
};

/* ---- typed readers ----------------------------------------------------------------------------------------------- */

static void scalars_are_read_by_type(void **state)
{
    (void)state;
    const mtc_spec days = scalar("82 d");
    const mtc_spec number = scalar("1e5");
    const mtc_spec octal = scalar("08");
    double x = 0.0;
    size_t n = 0;
    const char *text = NULL;
    assert_int_equal(mtc_spec_quantity(&days, MTC_DIM_TIME, &x, NULL), MTC_OK);
    assert_true(fabs(x - 82.0 / 365.25) < 1e-15);
    assert_int_equal(mtc_spec_number(&number, &x, NULL), MTC_OK);
    assert_true(x == 1e5);
    assert_int_equal(mtc_spec_count(&number, &n, NULL), MTC_OK);
    assert_int_equal(n, 100000);
    assert_int_equal(mtc_spec_count(&octal, &n, NULL), MTC_OK);
    assert_int_equal(n, 8);
    assert_int_equal(mtc_spec_text(&octal, &text, NULL), MTC_OK);
    assert_string_equal(text, "08");
}

static void truth_has_many_words(void **state)
{
    (void)state;
    static const char *const yes[] = {"true", "yes", "on", "True", "Yes", "On"};
    static const char *const no[] = {"false", "no", "off", "False", "No", "Off"};
    static const char *const neither[] = {"1", "0", "y", "", "truee"};
    bool flag = false;
    for (size_t i = 0; i < 6; i++) {
        const mtc_spec t = scalar(yes[i]);
        const mtc_spec f = scalar(no[i]);
        assert_int_equal(mtc_spec_bool(&t, &flag, NULL), MTC_OK);
        assert_true(flag);
        assert_int_equal(mtc_spec_bool(&f, &flag, NULL), MTC_OK);
        assert_false(flag);
    }
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
        const mtc_spec s = scalar(neither[i]);
        assert_int_equal(mtc_spec_bool(&s, &flag, NULL), MTC_ECONFIG);
    }
}

static void wrong_scalars_are_refused_at_their_place(void **state)
{
    (void)state;
    static const char *const no_counts[] = {"-1", "1.5", "1e300", "ten", ""};
    const mtc_spec bare = scalar("82");
    mtc_err err = MTC_ERR_INIT;
    double x = 0.0;
    size_t n = 0;
    assert_int_equal(mtc_spec_quantity(&bare, MTC_DIM_TIME, &x, &err), MTC_ECONFIG);
    assert_string_equal(err.file, "run.yaml");
    assert_int_equal(err.line, 14);
    assert_int_equal(err.column, 9);
    assert_string_equal(err.hint, "write the unit after the number, as in '82 d'");
    for (size_t i = 0; i < sizeof no_counts / sizeof *no_counts; i++) {
        const mtc_spec s = scalar(no_counts[i]);
        assert_int_equal(mtc_spec_count(&s, &n, &err), MTC_ECONFIG);
        assert_int_equal(err.line, 14);
    }
}

static void what_is_no_scalar_is_refused(void **state)
{
    (void)state;
    static const mtc_spec_kind kinds[] = {MTC_SPEC_NULL, MTC_SPEC_LIST, MTC_SPEC_MAP};
    double x = 0.0;
    size_t n = 0;
    bool flag = false;
    const char *text = NULL;
    mtc_err err = MTC_ERR_INIT;
    for (size_t i = 0; i < 3; i++) {
        const mtc_spec s = {.kind = kinds[i], .pos = {"run.yaml", 3, 4}};
        assert_int_equal(mtc_spec_number(&s, &x, &err), MTC_ECONFIG);
        assert_int_equal(err.line, 3);
        assert_int_equal(mtc_spec_quantity(&s, MTC_DIM_TIME, &x, NULL), MTC_ECONFIG);
        assert_int_equal(mtc_spec_count(&s, &n, NULL), MTC_ECONFIG);
        assert_int_equal(mtc_spec_bool(&s, &flag, NULL), MTC_ECONFIG);
        assert_int_equal(mtc_spec_text(&s, &text, NULL), MTC_ECONFIG);
    }
    assert_int_equal(mtc_spec_number(NULL, &x, &err), MTC_ECONFIG);
    assert_string_equal(err.message, "a number is missing");
}

static void find(void **state)
{
    (void)state;
    tree t;
    tree_start(&t);
    tree_add(&t, "a", scalar("1"));
    tree_add(&t, "b", scalar("2"));
    assert_ptr_equal(mtc_spec_find(&t.map, "b"), &t.value[1]);
    assert_null(mtc_spec_find(&t.map, "c"));
    assert_null(mtc_spec_find(&t.map, NULL));
    assert_null(mtc_spec_find(NULL, "a"));
    assert_null(mtc_spec_find(&t.value[0], "a"));
}

/* ---- key tables -------------------------------------------------------------------------------------------------- */

static void a_good_map_passes(void **state)
{
    (void)state;
    tree t;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    tree_start(&t);
    tree_add(&t, "median", scalar("1 d")); /* the bound itself is inside */
    tree_add(&t, "log_sd", scalar("10"));
    tree_add(&t, "draws", scalar("1"));
    tree_add(&t, "verbose", scalar("on"));
    tree_add(&t, "label", scalar("no"));
    tree_add(&t, "route", scalar("full"));
    tree_add(&t, "rows", (mtc_spec){.kind = MTC_SPEC_LIST});
    tree_add(&t, "where", (mtc_spec){.kind = MTC_SPEC_MAP});
    assert_int_equal(mtc_spec_check(&t.map, keys, NULL, &errors), MTC_OK);
    assert_int_equal(errors.n_all, 0);
    mtc_errlist_fini(&errors);
}

/* One bad entry beside the required one; the message, the hint and the place of the only error. */
static void assert_refused(const char *key, mtc_spec value, const char *message, const char *hint, long column)
{
    tree t;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    tree_start(&t);
    if (strcmp(key, "median") != 0) {
        tree_add(&t, "median", scalar("150 d"));
    }
    tree_add(&t, key, value);
    assert_int_equal(mtc_spec_check(&t.map, keys, NULL, &errors), MTC_ECONFIG);
    assert_int_equal(errors.n_all, 1);
    assert_string_equal(errors.item[0].message, message);
    assert_string_equal(errors.item[0].hint, hint);
    assert_int_equal(errors.item[0].line, 10 + (long)t.map.n);
    assert_int_equal(errors.item[0].column, column);
    mtc_errlist_fini(&errors);
}

static void bad_entries_are_refused(void **state)
{
    (void)state;
    const mtc_spec list = {.kind = MTC_SPEC_LIST};
    const mtc_spec map = {.kind = MTC_SPEC_MAP};
    const mtc_spec nothing = {.kind = MTC_SPEC_NULL};
    assert_refused("medain", scalar("1 d"), "unknown key 'medain'", "did you mean 'median'?", 5);
    assert_refused("zzzzz", scalar("1 d"), "unknown key 'zzzzz'", "", 5);
    assert_refused("median", scalar("0.5 d"), "median: must be at least 1 d, got 0.5 d", "", 20);
    assert_refused("median", scalar("12 mm"),
                   "median: '12 mm' is a length where a time is needed (units that fit: d, w, mo, y)", "", 20);
    assert_refused("log_sd", scalar("-1.5"), "log_sd: must be at least 0, got -1.5", "", 20);
    assert_refused("log_sd", scalar("10.5"), "log_sd: must be at most 10, got 10.5", "", 20);
    assert_refused("draws", scalar("0"), "draws: must be at least 1, got 0", "", 20);
    assert_refused("draws", scalar("2.5"), "draws: a whole number >= 0 is needed, got '2.5'", "", 20);
    assert_refused("verbose", scalar("maybe"), "verbose: true or false is needed, got 'maybe'", "", 20);
    assert_refused("label", map, "label: a text is needed, got a map", "", 20);
    assert_refused("label", nothing, "label: has no value", "", 20);
    assert_refused("route", scalar("fulll"), "route: must be one of fast|full, got 'fulll'", "did you mean 'full'?",
                   20);
    assert_refused("route", scalar("fas"), "route: must be one of fast|full, got 'fas'", "did you mean 'fast'?", 20);
    assert_refused("rows", map, "rows: a list is needed, got a map", "", 20);
    assert_refused("where", list, "where: a map is needed, got a list", "", 20);
}

static void every_mistake_is_reported(void **state)
{
    (void)state;
    tree t;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    tree_start(&t);
    tree_add(&t, "log_sd", scalar("x"));
    tree_add(&t, "rotue", scalar("fast"));
    assert_int_equal(mtc_spec_check(&t.map, keys, NULL, &errors), MTC_ECONFIG);
    assert_int_equal(errors.n_all, 3);
    assert_string_equal(errors.item[0].message, "log_sd: 'x' is not a number");
    assert_string_equal(errors.item[1].hint, "did you mean 'route'?");
    assert_string_equal(errors.item[2].message, "key 'median' is missing");
    assert_int_equal(errors.item[2].line, 10);
    mtc_errlist_fini(&errors);
}

static void further_tables_count_too(void **state)
{
    (void)state;
    static const mtc_key other[] = {
        {"table", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, -INF, INF, NULL, true, NULL, "file"}, {.key = NULL}};
    static const mtc_key *const more[] = {other, NULL};
    tree t;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    tree_start(&t);
    tree_add(&t, "median", scalar("150 d"));
    assert_int_equal(mtc_spec_check(&t.map, keys, more, &errors), MTC_ECONFIG);
    assert_int_equal(errors.n_all, 1);
    tree_add(&t, "table", scalar("a.csv"));
    assert_int_equal(mtc_spec_check(&t.map, keys, more, &errors), MTC_OK);
    tree_add(&t, "tabel", scalar("a.csv"));
    assert_int_equal(mtc_spec_check(&t.map, keys, more, &errors), MTC_ECONFIG);
    assert_string_equal(errors.item[1].hint, "did you mean 'table'?");
    mtc_errlist_fini(&errors);
}

static void no_map_at_all(void **state)
{
    (void)state;
    const mtc_spec text = scalar("x");
    const mtc_spec nothing = {.kind = MTC_SPEC_NULL};
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_spec_check(NULL, keys, NULL, &errors), MTC_ECONFIG);
    assert_int_equal(mtc_spec_check(&nothing, keys, NULL, &errors), MTC_ECONFIG);
    assert_int_equal(mtc_spec_check(NULL, keys + 1, NULL, &errors), MTC_OK);
    assert_int_equal(errors.n_all, 2);
    assert_int_equal(mtc_spec_check(&text, keys, NULL, &errors), MTC_ECONFIG);
    assert_string_equal(errors.item[2].message, "a map of settings is needed, got a value");
    mtc_errlist_fini(&errors);
}

static void values_or_defaults(void **state)
{
    (void)state;
    tree t;
    double x = 0.0;
    size_t n = 0;
    bool flag = true;
    const char *text = NULL;
    tree_start(&t);
    tree_add(&t, "median", scalar("1461 d"));
    tree_add(&t, "route", scalar("full"));
    tree_add(&t, "draws", (mtc_spec){.kind = MTC_SPEC_NULL});
    assert_int_equal(mtc_spec_get_number(&t.map, keys, "median", &x, NULL), MTC_OK);
    assert_true(x == 4.0);
    assert_int_equal(mtc_spec_get_number(&t.map, keys, "log_sd", &x, NULL), MTC_OK);
    assert_true(x == 0.4);
    assert_int_equal(mtc_spec_get_count(&t.map, keys, "draws", &n, NULL), MTC_OK);
    assert_int_equal(n, 1000);
    assert_int_equal(mtc_spec_get_bool(&t.map, keys, "verbose", &flag, NULL), MTC_OK);
    assert_false(flag);
    assert_int_equal(mtc_spec_get_text(&t.map, keys, "route", &text, NULL), MTC_OK);
    assert_string_equal(text, "full");
    assert_int_equal(mtc_spec_get_text(NULL, keys, "route", &text, NULL), MTC_OK);
    assert_string_equal(text, "fast");
}

static void values_that_cannot_be_had(void **state)
{
    (void)state;
    tree t;
    mtc_err err = MTC_ERR_INIT;
    double x = 0.0;
    size_t n = 0;
    bool flag = false;
    const char *text = NULL;
    tree_start(&t);
    tree_add(&t, "log_sd", scalar("-3"));
    tree_add(&t, "verbose", scalar("x"));
    tree_add(&t, "draws", scalar("-3"));
    tree_add(&t, "route", scalar("x"));
    assert_int_equal(mtc_spec_get_number(&t.map, keys, "median", &x, &err), MTC_ECONFIG);
    assert_string_equal(err.message, "key 'median' is missing");
    assert_int_equal(mtc_spec_get_number(&t.map, keys, "log_sd", &x, &err), MTC_ECONFIG);
    assert_string_equal(err.message, "log_sd: must be at least 0, got -3");
    assert_int_equal(mtc_spec_get_bool(&t.map, keys, "verbose", &flag, NULL), MTC_ECONFIG);
    assert_int_equal(mtc_spec_get_count(&t.map, keys, "draws", &n, NULL), MTC_ECONFIG);
    assert_int_equal(mtc_spec_get_text(&t.map, keys, "route", &text, NULL), MTC_ECONFIG);
    assert_int_equal(mtc_spec_get_text(&t.map, keys, "label", &text, NULL), MTC_ECONFIG);
    assert_int_equal(mtc_spec_get_number(&t.map, keys, "no_such", &x, NULL), MTC_EBUG);
    assert_int_equal(mtc_spec_get_number(&t.map, keys, "verbose", &x, NULL), MTC_EBUG);
    assert_int_equal(mtc_spec_get_count(&t.map, keys, "log_sd", &n, NULL), MTC_EBUG);
    assert_int_equal(mtc_spec_get_bool(&t.map, keys, "log_sd", &flag, NULL), MTC_EBUG);
    assert_int_equal(mtc_spec_get_text(&t.map, keys, "log_sd", &text, NULL), MTC_EBUG);
}

/* ---- nearest name ------------------------------------------------------------------------------------------------ */

static void nearest_names(void **state)
{
    (void)state;
    static const char *const names[] = {"lognormal", "normal", "half_normal", "beta", "seeding_diameter", NULL};
    static const struct {
        const char *word, *near;
    } cases[] = {
        {"lognormal", "lognormal"},
        {"log_normal", "lognormal"},
        {"nromal", "normal"},
        {"halfnormal", "half_normal"},
        {"bet", "beta"},
        {"seedling_diametre", "seeding_diameter"},
        {"be", NULL},
        {"gamma", NULL},
        {"", NULL},
        {"xxxxxxxxxxxx", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *near = mtc_nearest_name(cases[i].word, names, 6);
        assert_true(!near == !cases[i].near);
        if (near) {
            assert_string_equal(near, cases[i].near);
        }
    }
    char text[200];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const char *const one[] = {text};
    assert_null(mtc_nearest_name(text, one, 1));
    assert_null(mtc_nearest_name("aaaa", one, 1));
    assert_null(mtc_nearest_name("aaaa", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_read_by_type),
        cmocka_unit_test(truth_has_many_words),
        cmocka_unit_test(wrong_scalars_are_refused_at_their_place),
        cmocka_unit_test(what_is_no_scalar_is_refused),
        cmocka_unit_test(find),
        cmocka_unit_test(a_good_map_passes),
        cmocka_unit_test(bad_entries_are_refused),
        cmocka_unit_test(every_mistake_is_reported),
        cmocka_unit_test(further_tables_count_too),
        cmocka_unit_test(no_map_at_all),
        cmocka_unit_test(values_or_defaults),
        cmocka_unit_test(values_that_cannot_be_had),
        cmocka_unit_test(nearest_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
