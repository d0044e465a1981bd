/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_ALLOC_H
#define TEST_ALLOC_H

#include <stddef.h>

/* An allocator that counts, and fails on request. One test program at a time, one thread. */

/** Put the allocator in place; allocation number `fail_at` (from 1) and all later ones fail, 0: none fails. */
void test_alloc_start(size_t fail_at);
/** Put the C library's back; returns how many blocks were taken and not given back. */
size_t test_alloc_stop(void);
/** Requests since test_alloc_start. */
size_t test_alloc_requests(void);

#endif
