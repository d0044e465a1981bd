/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_rng.h"

#include "mtc_special.h"

#include <Random123/philox.h>
#include <math.h>
#include <string.h>

#define WORDS_PER_BLOCK 4u

/* Key and counter are all there is to a stream; `word` holds the block that the counter stands at. */
typedef struct {
    uint32_t key[2];
    uint32_t counter[4]; /* [0], [1]: number of the next block, 64 bits; [2], [3]: name of the stream */
    uint32_t word[WORDS_PER_BLOCK];
    uint32_t n_left; /* words of the block not yet given out */
} philox_state;

static uint32_t low_half(uint64_t x)
{
    return (uint32_t)(x & UINT64_C(0xffffffff));
}

static uint32_t high_half(uint64_t x)
{
    return (uint32_t)(x >> 32);
}

void mtc_philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4])
{
    const philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
    const philox4x32_key_t k = {{key[0], key[1]}};
    const philox4x32_ctr_t r = philox4x32_R(10, c, k);
    memcpy(out, r.v, WORDS_PER_BLOCK * sizeof *out);
}

static void state_start(philox_state *s, uint64_t key, uint64_t stream)
{
    *s = (philox_state){.key = {low_half(key), high_half(key)}, .counter = {0, 0, low_half(stream), high_half(stream)}};
}

static void philox_set(void *state, unsigned long seed)
{
    state_start(state, (uint64_t)seed, 0);
}

static uint32_t next_word(philox_state *s)
{
    if (s->n_left == 0) {
        mtc_philox_block(s->key, s->counter, s->word);
        s->n_left = WORDS_PER_BLOCK;
        if (++s->counter[0] == 0) {
            ++s->counter[1];
        }
    }
    return s->word[WORDS_PER_BLOCK - s->n_left--];
}

static unsigned long philox_get(void *state)
{
    return next_word(state);
}

static double philox_get_double(void *state)
{
    const uint64_t high = next_word(state);
    const uint64_t low = next_word(state);
    return (double)((high << 32 | low) >> 11) * 0x1p-53;
}

static const gsl_rng_type philox_type = {
    "philox4x32-10", 0xffffffffUL, 0UL, sizeof(philox_state), philox_set, philox_get, philox_get_double,
};

const gsl_rng_type *const mtc_rng_philox = &philox_type;

uint64_t mtc_hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ b[i]) * UINT64_C(1099511628211);
    }
    return h;
}

/* Finaliser of MurmurHash3 (Appleby, public domain): every bit of the input moves every bit of the key. */
static uint64_t mix(uint64_t h)
{
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ (h >> 33);
}

mtc_status mtc_rng_stream(uint64_t seed, const char *task, gsl_rng **out, mtc_err *err)
{
    unsigned char seed_bytes[8]; /* written out, so that the order of bytes in the machine does not matter */
    *out = NULL;
    if (!task) {
        return mtc_fail(err, MTC_EBUG, "a random stream without a name");
    }
    gsl_rng *rng = gsl_rng_alloc(mtc_rng_philox);
    if (!rng) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory while making the random stream '%s'", task);
    }
    for (unsigned i = 0; i < sizeof seed_bytes; i++) {
        seed_bytes[i] = (unsigned char)(seed >> (8u * i) & 0xffu);
    }
    const uint64_t hash = mtc_hash(mtc_hash(MTC_HASH_INIT, seed_bytes, sizeof seed_bytes), task, strlen(task));
    state_start(rng->state, mix(hash), seed);
    *out = rng;
    return MTC_OK;
}

double mtc_rng_uniform(gsl_rng *rng)
{
    /* the middle of one of 2^52 equal cells is exact, and neither 0 nor 1 */
    return (floor(gsl_rng_uniform(rng) * 0x1p52) + 0.5) * 0x1p-52;
}

double mtc_rng_normal(gsl_rng *rng)
{
    const double u = mtc_rng_uniform(rng);
    return mtc_normal_quantile(u, 1.0 - u);
}
