/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_REFERENCE_H
#define TEST_REFERENCE_H

#include "mtc_curve.h"

#include <jansson.h>
#include <stdbool.h>

/** A file of reference values, tests/golden/reference/<name>.json (see tests/golden/PROVENANCE.md). */
typedef struct {
    json_t *root;
    const json_t *cases, *settings;
    size_t n;
} test_reference;

/** Load; fails the test where the file is not as it should be. Every open has a close. */
void test_reference_open(test_reference *r, const char *name);
void test_reference_close(test_reference *r);

/** Case i, and the setting it names. */
const json_t *test_reference_case(const test_reference *r, size_t i);
const json_t *test_reference_setting(const test_reference *r, const json_t *c);

/** A number or word of an object; fails the test where it is missing. */
double test_reference_number(const json_t *object, const char *key);
const char *test_reference_word(const json_t *object, const char *key);

/** The setting's clock is the one the program has. */
bool test_reference_is_supported(const json_t *setting);
/** A setting as a point and as the settings of the course. */
void test_reference_point(const json_t *setting, mtc_course_point *p, mtc_course *course);
/** A setting as natural parameters; Lambda from the setting's mu. */
void test_reference_theta(const json_t *setting, double *theta);
/** The size of a case: `diameter_mm` or `size_class_mm` of its inputs. */
mtc_size_class test_reference_size(const json_t *inputs);

/** |difference| allowed for a logarithm: 1e-8 + abs_error; far in a tail 1e-8 of the logarithm. */
double test_reference_tolerance(const json_t *c);

#endif
