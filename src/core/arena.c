/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_CHECKED 1
#endif
#endif
#ifndef ARENA_CHECKED
#define ARENA_CHECKED 0
#endif

#define ARENA_ALIGN ((size_t)64)
/* Under the address sanitizer each request is a block of its own, so that a step past its end is seen. */
#define ARENA_BLOCK_MIN (ARENA_CHECKED ? (size_t)0 : (size_t)64 * 1024)

/* ---- the table of functions --------------------------------------------------------------------------------- */

/* The one mutable object of the library: replaced by tests before any thread starts, only read afterwards. */
static mtc_allocator allocator = {malloc, realloc, free};

void mtc_allocator_set(const mtc_allocator *a)
{
    allocator = a ? *a : (mtc_allocator){malloc, realloc, free};
}

static int size_product(size_t n, size_t size, size_t *out)
{
    return __builtin_mul_overflow(n, size, out) ? 0 : 1;
}

void *mtc_calloc(size_t n, size_t size)
{
    size_t bytes = 0;
    if (!size_product(n, size, &bytes)) {
        return NULL;
    }
    if (bytes == 0) {
        bytes = 1;
    }
    void *p = allocator.malloc_fn(bytes);
    if (p) {
        memset(p, 0, bytes);
    }
    return p;
}

void *mtc_realloc(void *p, size_t n, size_t size)
{
    size_t bytes = 0;
    if (!size_product(n, size, &bytes)) {
        return NULL;
    }
    return allocator.realloc_fn(p, bytes > 0 ? bytes : 1);
}

void mtc_free(void *p)
{
    if (p) {
        allocator.free_fn(p);
    }
}

/* ---- the arena ----------------------------------------------------------------------------------------------- */

typedef struct arena_block arena_block;
struct arena_block {
    arena_block *below; /* the block filled before this one */
    char *data;         /* aligned */
    size_t size;
    size_t used;
    size_t used_below; /* bytes in all blocks below */
};

struct mtc_arena {
    arena_block *top;
    arena_block *spare; /* one emptied block is kept, so that mark and rewind in a loop allocate nothing */
};

static char *align_up(char *p)
{
    const size_t over = (size_t)((uintptr_t)p % ARENA_ALIGN);
    return over > 0 ? p + (ARENA_ALIGN - over) : p;
}

static arena_block *block_create(size_t size)
{
    size_t bytes = 0;
    if (__builtin_add_overflow(size, sizeof(arena_block) + ARENA_ALIGN, &bytes)) {
        return NULL;
    }
    arena_block *block = allocator.malloc_fn(bytes);
    if (block) {
        *block = (arena_block){.data = align_up((char *)(block + 1)), .size = size};
    }
    return block;
}

mtc_status mtc_arena_create(mtc_arena **out, mtc_err *err)
{
    *out = mtc_calloc(1, sizeof **out);
    return *out ? MTC_OK : mtc_fail(err, MTC_ENOMEM, "out of memory while making an arena");
}

/* Release the top block, or keep it as the spare one. */
static void pop_block(mtc_arena *a)
{
    arena_block *block = a->top;
    a->top = block->below;
    if (!ARENA_CHECKED && (!a->spare || a->spare->size < block->size)) {
        arena_block *smaller = a->spare;
        a->spare = block;
        block = smaller;
    }
    mtc_free(block);
}

void mtc_arena_destroy(mtc_arena *a)
{
    if (!a) {
        return;
    }
    while (a->top) {
        pop_block(a);
    }
    mtc_free(a->spare);
    mtc_free(a);
}

/* Put a block with room for `bytes` on top. */
static mtc_status push_block(mtc_arena *a, size_t bytes, mtc_err *err)
{
    arena_block *block = a->spare;
    if (block && block->size >= bytes) {
        a->spare = NULL;
    } else {
        block = block_create(bytes > ARENA_BLOCK_MIN ? bytes : ARENA_BLOCK_MIN);
        if (!block) {
            return mtc_fail(err, MTC_ENOMEM, "out of memory: %zu bytes wanted", bytes);
        }
    }
    block->below = a->top;
    block->used = 0;
    block->used_below = mtc_arena_used(a);
    a->top = block;
    return MTC_OK;
}

mtc_status mtc_arena_alloc(mtc_arena *a, size_t n, size_t size, void **out, mtc_err *err)
{
    size_t bytes = 0;
    *out = NULL;
    if (!a) {
        return mtc_fail(err, MTC_EBUG, "memory asked from no arena");
    }
    if (!size_product(n, size, &bytes) || bytes > SIZE_MAX / 2) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory: %zu objects of %zu bytes wanted", n, size);
    }
    if (bytes == 0) {
        bytes = 1;
    }
    const size_t rounded = ARENA_CHECKED ? bytes : (bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (ARENA_CHECKED || !a->top || a->top->size - a->top->used < rounded) {
        const mtc_status st = push_block(a, rounded, err);
        if (st != MTC_OK) {
            return st;
        }
    }
    char *p = a->top->data + a->top->used;
    a->top->used += rounded;
    memset(p, 0, bytes);
    *out = p;
    return MTC_OK;
}

mtc_status mtc_arena_strndup(mtc_arena *a, const char *s, size_t n, char **out, mtc_err *err)
{
    void *p = NULL;
    *out = NULL;
    if (n == SIZE_MAX) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory: a text of %zu bytes", n);
    }
    const mtc_status st = mtc_arena_alloc(a, n + 1, 1, &p, err);
    if (st != MTC_OK) {
        return st;
    }
    if (n > 0) {
        memcpy(p, s, n);
    }
    *out = p;
    return MTC_OK;
}

mtc_status mtc_arena_printf(mtc_arena *a, char **out, mtc_err *err, const char *format, ...)
{
    va_list args;
    va_list again;
    void *p = NULL;
    mtc_status st = MTC_OK;

    *out = NULL;
    va_start(args, format);
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, args);
    if (n < 0) {
        st = mtc_fail(err, MTC_EBUG, "a text cannot be formatted: '%s'", format);
        goto out;
    }
    MTC_TRY(mtc_arena_alloc(a, (size_t)n + 1, 1, &p, err));
    (void)vsnprintf(p, (size_t)n + 1, format, again);
    *out = p;
out:
    va_end(again);
    va_end(args);
    return st;
}

mtc_mark mtc_arena_mark(const mtc_arena *a)
{
    mtc_mark mark = {NULL, 0};
    if (a && a->top) {
        mark.block = a->top;
        mark.used = a->top->used;
    }
    return mark;
}

void mtc_arena_rewind(mtc_arena *a, mtc_mark mark)
{
    if (!a) {
        return;
    }
    while (a->top && a->top != mark.block) {
        pop_block(a);
    }
    if (a->top && mark.used < a->top->used) {
        a->top->used = mark.used;
    }
}

size_t mtc_arena_used(const mtc_arena *a)
{
    return a && a->top ? a->top->used_below + a->top->used : 0;
}
