/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_like.h"

#include "mtc_source.h"
#include "mtc_yaml.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

mtc_status test_like_open(test_like *like, const mtc_likelihood_ops *ops, const struct mtc_course *course,
                          const char *yaml)
{
    mtc_status st = MTC_OK;
    const mtc_spec *spec = NULL;
    const mtc_key *const more[] = {ops->keys, NULL};
    const char *path = NULL;
    uint64_t hash = 0;
    memset(like, 0, sizeof *like);
    like->ops = ops;
    MTC_TRY(mtc_arena_create(&like->arena, NULL));
    MTC_TRY(mtc_yaml_parse(yaml, strlen(yaml), "run.yaml", NULL, like->arena, &spec, &like->errors));
    MTC_TRY(mtc_spec_check(spec, mtc_source_keys, more, &like->errors));
    const mtc_source_input in = {"doubling", spec->pos, spec, "run.yaml", ops->name, ops->roles};
    MTC_TRY(mtc_source_read(&in, like->arena, &like->source, &path, &hash, &like->errors));
    like->source.course = course;
    MTC_TRY(mtc_arena_alloc(like->arena, 1, ops->self_size, &like->self, NULL));
    MTC_TRY(ops->init(like->self, &like->source, like->arena, &like->errors, NULL));
    MTC_TRY(ops->ws_create(like->self, &like->ws, NULL));
    ops->params(like->self, &like->param, &like->n_param);
out:
    return st;
}

void test_like_close(test_like *like)
{
    if (like->ops != NULL) {
        like->ops->ws_destroy(like->ws);
        if (like->self != NULL && like->ops->fini != NULL) {
            like->ops->fini(like->self);
        }
    }
    mtc_errlist_fini(&like->errors);
    mtc_arena_destroy(like->arena);
    memset(like, 0, sizeof *like);
}

double test_like_value(test_like *like, const double *theta, double *grad)
{
    double value = NAN;
    mtc_reason reason = MTC_REASON_NONE;
    mtc_err err = MTC_ERR_INIT;
    if (like->ops->eval(like->self, like->ws, theta, &value, grad, NULL, &reason, &err) != MTC_OK) {
        fail_msg("%s", err.message);
    }
    if (isnan(value) || (value == -HUGE_VAL) != (reason != MTC_REASON_NONE)) {
        fail_msg("value %g with reason '%s'", value, mtc_reason_text(reason));
    }
    return value;
}

double test_like_slope(test_like *like, const double *theta, size_t i, double step)
{
    double at[32];
    double slope[2];
    assert_true(like->n_param <= sizeof at / sizeof *at);
    memcpy(at, theta, like->n_param * sizeof *at);
    for (int k = 0; k < 2; ++k) {
        const double h = step * fmax(fabs(theta[i]), 0.01) / (k + 1);
        at[i] = theta[i] + h;
        const double up = test_like_value(like, at, NULL);
        at[i] = theta[i] - h;
        slope[k] = (up - test_like_value(like, at, NULL)) / (2.0 * h);
    }
    return (4.0 * slope[1] - slope[0]) / 3.0;
}

void test_like_assert_error(const test_like *like, long line, long column, const char *fragment)
{
    for (size_t i = 0; i < like->errors.n; ++i) {
        const mtc_err *e = &like->errors.item[i];
        if ((line == 0 || e->line == line) && (column == 0 || e->column == column) &&
            (strstr(e->message, fragment) != NULL || strstr(e->hint, fragment) != NULL)) {
            return;
        }
    }
    for (size_t i = 0; i < like->errors.n; ++i) {
        char text[2048];
        (void)mtc_err_format(&like->errors.item[i], text, sizeof text);
        print_error("%s\n", text);
    }
    fail_msg("no error at %ld:%ld with '%s' among %zu", line, column, fragment, like->errors.n);
}
