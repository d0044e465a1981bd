/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SUMMARY_H
#define MTC_SUMMARY_H

#include "mtc_result.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The text of summary.json: keys in a fixed order, numbers with 17 digits, so equal results give equal bytes. A number
 * that is not finite becomes null, with its reason under "<key>_reason". Privacy is the caller's business
 * (mtc_result_redact).
 * text    out: n bytes and a final zero, release with mtc_free
 * Errors  MTC_ENOMEM; MTC_EDATA (text that is not UTF-8); MTC_EDOMAIN (a count of 2^63 or more); MTC_EBUG (two entries
 *         of one name, a length without entries)
 */
MTC_API mtc_status mtc_summary_format(const mtc_result *r, char **text, size_t *n, mtc_err *err);

/**
 * Read summary.json back. Unknown keys are passed over, missing or wrong ones are MTC_EDATA and named with their path
 * ("models.linear.log_evidence.value"). A layout newer than this program's is refused.
 * file  name for messages
 * out   caller destroys (mtc_result_destroy); NULL on failure
 */
MTC_API mtc_status mtc_summary_parse(const char *text, size_t n, const char *file, mtc_result **out, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
