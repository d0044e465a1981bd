/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_posterior.h"

#include <string.h>

static size_t rank_of(const mtc_param_info *info, const mtc_param_info *order, size_t n_order)
{
    size_t i = 0;
    while (i < n_order && strcmp(order[i].name, info->name) != 0) {
        i++;
    }
    return i;
}

static bool comes_before(const mtc_param_info *a, const mtc_param_info *b, const mtc_param_info *order, size_t n_order)
{
    const size_t rank_a = rank_of(a, order, n_order);
    const size_t rank_b = rank_of(b, order, n_order);
    return rank_a != rank_b ? rank_a < rank_b : strcmp(a->name, b->name) < 0;
}

static bool is_same(const mtc_param_info *a, const mtc_param_info *b)
{
    return a == b || (a->unit == b->unit && a->lower == b->lower && a->upper == b->upper);
}

typedef struct {
    const mtc_param_info **item;
    size_t n;
} param_list;

/* Insert in order unless the name is there. */
static mtc_status insert(param_list *list, const mtc_param_info *info, const mtc_param_info *order, size_t n_order,
                         mtc_err *err)
{
    for (size_t i = 0; i < list->n; ++i) {
        if (strcmp(list->item[i]->name, info->name) == 0) {
            return is_same(list->item[i], info)
                       ? MTC_OK
                       : mtc_fail(err, MTC_EBUG, "two sources mean different things by '%s'", info->name);
        }
    }
    size_t at = list->n++;
    for (; at > 0 && comes_before(info, list->item[at - 1], order, n_order); --at) {
        list->item[at] = list->item[at - 1];
    }
    list->item[at] = info;
    return MTC_OK;
}

mtc_status mtc_posterior_params(const mtc_likelihood *source, size_t n_source, const mtc_param_info *order,
                                size_t n_order, mtc_arena *arena, const mtc_param_info *const **out, size_t *n_out,
                                mtc_err *err)
{
    mtc_status st = MTC_OK;
    param_list list = {NULL, 0};
    size_t n_all = 0;
    const mtc_param_info *const *own = NULL;
    size_t n_own = 0;
    if ((source == NULL && n_source > 0) || arena == NULL || out == NULL || n_out == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_posterior_params: an argument is missing");
    }
    for (size_t i = 0; i < n_source; ++i) {
        source[i].ops->params(source[i].self, &own, &n_own);
        n_all += n_own;
    }
    MTC_TRY(mtc_arena_new(arena, n_all, &list.item, err));
    for (size_t i = 0; i < n_source; ++i) {
        source[i].ops->params(source[i].self, &own, &n_own);
        for (size_t j = 0; j < n_own; ++j) {
            MTC_TRY(insert(&list, own[j], order, n_order, err));
        }
    }
    *out = list.item;
    *n_out = list.n;
out:
    return st;
}
