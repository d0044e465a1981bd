/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_alloc.h"

#include "mtc_arena.h"

#include <stdlib.h>

static struct {
    size_t fail_at;
    size_t n_request;
    size_t n_live;
} counts;

static int refused(void)
{
    counts.n_request++;
    return counts.fail_at > 0 && counts.n_request >= counts.fail_at;
}

static void *counted_malloc(size_t size)
{
    void *p = refused() ? NULL : malloc(size);
    counts.n_live += p ? 1 : 0;
    return p;
}

static void *counted_realloc(void *old, size_t size)
{
    void *p = refused() ? NULL : realloc(old, size);
    counts.n_live += p && !old ? 1 : 0;
    return p;
}

static void counted_free(void *p)
{
    counts.n_live -= p ? 1 : 0;
    free(p);
}

void test_alloc_start(size_t fail_at)
{
    static const mtc_allocator counted = {counted_malloc, counted_realloc, counted_free};
    counts.fail_at = fail_at;
    counts.n_request = 0;
    counts.n_live = 0;
    mtc_allocator_set(&counted);
}

size_t test_alloc_stop(void)
{
    mtc_allocator_set(NULL);
    return counts.n_live;
}

size_t test_alloc_requests(void)
{
    return counts.n_request;
}
