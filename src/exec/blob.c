/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_exec.h"

mtc_status mtc_blob_init(mtc_blob *blob, size_t n, mtc_err *err)
{
    if (!blob) {
        return mtc_fail(err, MTC_EDOMAIN, "no blob given");
    }
    blob->n = 0;
    /* one number at least, so that an empty result differs from none */
    blob->value = mtc_calloc(n > 0 ? n : 1, sizeof *blob->value);
    if (!blob->value) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a task's result of %zu numbers", n);
    }
    blob->n = n;
    return MTC_OK;
}

void mtc_blob_fini(mtc_blob *blob)
{
    if (!blob) {
        return;
    }
    mtc_free(blob->value);
    blob->value = NULL;
    blob->n = 0;
}
