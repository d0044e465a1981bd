/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_RNG_H
#define MTC_RNG_H

#include "mtc_err.h"

#include <gsl/gsl_rng.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Philox 4x32-10 (Salmon et al. 2011, through Random123) as a GSL generator: counter-based, state = key and counter.
 */
MTC_API extern const gsl_rng_type *const mtc_rng_philox;

/**
 * One block of the generator: 128 bits from a 64-bit key and a 128-bit counter.
 * key, counter  lowest word first, 2 and 4 words;  out  4 words
 * Source        Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405
 */
MTC_API void mtc_philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

/**
 * A stream named by seed and task, never by thread: "linear/nuts/chain 2", "parallel/importance/batch 17", ...
 * Equal names give equal streams, different names independent ones. Release with gsl_rng_free.
 * Errors: MTC_ENOMEM.
 */
MTC_API mtc_status mtc_rng_stream(uint64_t seed, const char *task, gsl_rng **out, mtc_err *err);

/** 64-bit FNV-1a hash of bytes, chainable (start with MTC_HASH_INIT); names streams and identifies files, no
 * cryptography. */
#define MTC_HASH_INIT UINT64_C(14695981039346656037)
MTC_API uint64_t mtc_hash(uint64_t h, const void *bytes, size_t n);

/** Uniform in (0, 1), 53 bits, never 0 or 1. */
MTC_API double mtc_rng_uniform(gsl_rng *rng);
/** Standard normal by inversion (one uniform per draw, so that streams stay aligned). */
MTC_API double mtc_rng_normal(gsl_rng *rng);

#ifdef __cplusplus
}
#endif
#endif
