/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: another generator than Philox 4x32-10, words in another order, streams that depend on anything but seed and
 * name, or that overlap; uniforms of 0 or 1. The laws themselves: tests/statistical/test_rng_laws.c. */
#include "mtc_rng.h"

#include "mtc_special.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* kat_vectors of Random123 1.14 (Salmon et al. 2011), philox4x32 with 10 rounds. */
static void published_vectors(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t out[4];
        mtc_philox_block(known[i].key, known[i].counter, out);
        assert_memory_equal(out, known[i].out, sizeof out);
    }
}

static void the_gsl_generator_runs_through_the_blocks(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(mtc_rng_philox);
    const unsigned long seed = 0x299f31d0a4093822UL;
    const uint32_t key[2] = {0xa4093822, 0x299f31d0};
    uint32_t out[4];
    assert_non_null(rng);
    assert_int_equal(gsl_rng_min(rng), 0);
    assert_int_equal(gsl_rng_max(rng), 0xffffffff);
    gsl_rng_set(rng, seed);
    for (uint32_t block = 0; block < 5; block++) {
        const uint32_t counter[4] = {block, 0, 0, 0};
        mtc_philox_block(key, counter, out);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(gsl_rng_get(rng), out[i]);
        }
    }
    gsl_rng_set(rng, seed);
    const uint32_t first[4] = {0, 0, 0, 0};
    mtc_philox_block(key, first, out);
    const uint64_t bits = ((uint64_t)out[0] << 32 | out[1]) >> 11; /* 53 bits, the first word on top */
    assert_true(gsl_rng_uniform(rng) == (double)bits * 0x1p-53);
    gsl_rng_free(rng);
}

/* The number of the block has 64 bits: after 2^32 blocks the second word counts on, and the words that name the stream
 * stay. The state begins with key (2 words) and counter (4 words); it is moved to the end of the first word. */
static void the_block_number_carries_over(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(mtc_rng_philox);
    assert_non_null(rng);
    gsl_rng_set(rng, 1);
    ((uint32_t *)rng->state)[2] = 0xffffffff;
    const uint32_t key[2] = {1, 0};
    const uint32_t last[4] = {0xffffffff, 0, 0, 0};
    const uint32_t next[4] = {0, 1, 0, 0};
    uint32_t out[4];
    mtc_philox_block(key, last, out);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(gsl_rng_get(rng), out[i]);
    }
    mtc_philox_block(key, next, out);
    assert_int_equal(gsl_rng_get(rng), out[0]);
    gsl_rng_free(rng);
}

static gsl_rng *stream(uint64_t seed, const char *task)
{
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(seed, task, &rng, NULL), MTC_OK);
    assert_non_null(rng);
    return rng;
}

/* Also computed by a program of its own, from the definitions of Philox and FNV. Frozen: a change here changes every
 * result with a given seed (say so in CHANGELOG, "Results change"). */
static void output_number_10000_of_a_fixed_stream(void **state)
{
    (void)state;
    gsl_rng *rng = stream(1, "linear/nuts/chain 2");
    unsigned long value = 0;
    for (int i = 0; i < 10000; i++) {
        value = gsl_rng_get(rng);
    }
    assert_int_equal(value, 0xf44b1239);
    gsl_rng_free(rng);
    rng = stream(UINT64_C(0x123456789abcdef0), "parallel/importance/batch 17"); /* both halves of a seed count */
    assert_int_equal(gsl_rng_get(rng), 0x6ae540e4);
    gsl_rng_free(rng);
}

static bool same_start(gsl_rng *a, gsl_rng *b)
{
    bool same = true;
    for (int i = 0; i < 8; i++) {
        same = gsl_rng_get(a) == gsl_rng_get(b) && same;
    }
    gsl_rng_free(a);
    gsl_rng_free(b);
    return same;
}

static void streams_are_named_by_seed_and_task(void **state)
{
    (void)state;
    assert_true(same_start(stream(7, "a/chain 1"), stream(7, "a/chain 1")));
    assert_false(same_start(stream(7, "a/chain 1"), stream(7, "a/chain 2")));
    assert_false(same_start(stream(7, "a/chain 1"), stream(8, "a/chain 1")));
    assert_false(same_start(stream(0, ""), stream(0, "a")));
    assert_false(same_start(stream(1, "a"), stream(UINT64_C(1) << 32, "a")));
    assert_false(same_start(stream(1, "a"), stream(UINT64_C(1) << 63 | 1, "a")));
}

static void a_copy_goes_on_alike(void **state)
{
    (void)state;
    gsl_rng *rng = stream(3, "copy");
    for (int i = 0; i < 7; i++) {
        (void)gsl_rng_get(rng);
    }
    gsl_rng *copy = gsl_rng_clone(rng);
    assert_true(same_start(rng, copy));
}

static void a_stream_needs_a_name(void **state)
{
    (void)state;
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(1, NULL, &rng, NULL), MTC_EBUG);
    assert_null(rng);
}

/* Vectors of the FNV reference code (Fowler, Noll & Vo, FNV-1a 64 bit). */
static void hash_vectors(void **state)
{
    (void)state;
    assert_true(mtc_hash(MTC_HASH_INIT, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(mtc_hash(MTC_HASH_INIT, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(mtc_hash(MTC_HASH_INIT, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    assert_true(mtc_hash(mtc_hash(MTC_HASH_INIT, "foo", 3), "bar", 3) == UINT64_C(0x85944171f73967e8));
}

/* A generator that gives what it is told, to reach the ends. */
static double ends_double(void *state)
{
    return *(double *)state;
}

static void uniforms_are_never_0_or_1(void **state)
{
    (void)state;
    double value = 0.0;
    gsl_rng_type type = *mtc_rng_philox;
    type.get_double = ends_double;
    gsl_rng rng = {&type, &value};
    assert_true(mtc_rng_uniform(&rng) == 0x1p-53);
    assert_true(fabs(mtc_rng_normal(&rng) - -8.2095361516013874) < 1e-13);
    value = 1.0 - 0x1p-53;
    assert_true(mtc_rng_uniform(&rng) == 1.0 - 0x1p-53);
    assert_true(fabs(mtc_rng_normal(&rng) - 8.2095361516013874) < 1e-13);
}

static void a_normal_takes_one_uniform(void **state)
{
    (void)state;
    gsl_rng *a = stream(5, "normal");
    gsl_rng *b = stream(5, "normal");
    for (int i = 0; i < 10; i++) {
        const double u = mtc_rng_uniform(b);
        assert_true(mtc_rng_normal(a) == mtc_normal_quantile(u, 1.0 - u));
    }
    gsl_rng_free(a);
    gsl_rng_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(the_gsl_generator_runs_through_the_blocks),
        cmocka_unit_test(the_block_number_carries_over),
        cmocka_unit_test(output_number_10000_of_a_fixed_stream),
        cmocka_unit_test(streams_are_named_by_seed_and_task),
        cmocka_unit_test(a_copy_goes_on_alike),
        cmocka_unit_test(a_stream_needs_a_name),
        cmocka_unit_test(hash_vectors),
        cmocka_unit_test(uniforms_are_never_0_or_1),
        cmocka_unit_test(a_normal_takes_one_uniform),
    };
    (void)gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
