/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_ARENA_H
#define MTC_ARENA_H

#include "mtc_err.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Memory of one run or one thread, released together. Not thread-safe: one arena per thread. */
typedef struct mtc_arena mtc_arena;

/** Position to rewind to; everything allocated later is given back. */
typedef struct {
    void *block;
    size_t used;
} mtc_mark;

/** Create an arena; *out is NULL on failure. Errors: MTC_ENOMEM. */
MTC_API mtc_status mtc_arena_create(mtc_arena **out, mtc_err *err);
/** Release an arena and all it holds; NULL allowed. */
MTC_API void mtc_arena_destroy(mtc_arena *a);

/** n objects of `size` bytes, zeroed, aligned to 64 bytes. n = 0 gives a valid pointer. Errors: MTC_ENOMEM (overflow
 * too). */
MTC_API mtc_status mtc_arena_alloc(mtc_arena *a, size_t n, size_t size, void **out, mtc_err *err);
/** Typed form: `double *x; MTC_TRY(mtc_arena_new(a, n, &x, err));` */
#define mtc_arena_new(a, n, ptr, err) mtc_arena_alloc((a), (n), sizeof **(ptr), (void **)(ptr), (err))
/** Copy of a string of n bytes (terminated here). */
MTC_API mtc_status mtc_arena_strndup(mtc_arena *a, const char *s, size_t n, char **out, mtc_err *err);
/** printf into the arena. */
MTC_API mtc_status mtc_arena_printf(mtc_arena *a, char **out, mtc_err *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Remember the present position. */
MTC_API mtc_mark mtc_arena_mark(const mtc_arena *a);
/** Give back everything allocated since the mark. */
MTC_API void mtc_arena_rewind(mtc_arena *a, mtc_mark mark);
/** Bytes handed out at present. */
MTC_API size_t mtc_arena_used(const mtc_arena *a);

/** The functions all memory goes through; tests replace them to make allocation number k fail. */
typedef struct {
    void *(*malloc_fn)(size_t);
    void *(*realloc_fn)(void *, size_t);
    void (*free_fn)(void *);
} mtc_allocator;
/** Replace the allocator (NULL: the C library's). Before any thread starts; for tests. */
MTC_API void mtc_allocator_set(const mtc_allocator *allocator);
/** Allocate through the table: n * size checked for overflow, zeroed; NULL on failure. */
MTC_API void *mtc_calloc(size_t n, size_t size);
/** Resize through the table, overflow checked; NULL on failure (the old block stays). */
MTC_API void *mtc_realloc(void *p, size_t n, size_t size);
/** Release what mtc_calloc or mtc_realloc gave; NULL allowed. */
MTC_API void mtc_free(void *p);

#ifdef __cplusplus
}
#endif
#endif
