/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "route_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* The rule's numbers: agreement, its floor, and the disagreement that later agreement does not undo. */
#define AGREE_SE 3.0
#define AGREE_FLOOR 0.02
#define UNFORGIVEN_SE 5.0

void mtc_reasons_add(mtc_reasons *reasons, const char *format, ...)
{
    if (reasons->n >= MTC_EVIDENCE_REASONS) {
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(reasons->text[reasons->n], sizeof reasons->text[0], format, args);
    va_end(args);
    reasons->n++;
}

/* Whether an estimate may enter the verdict; the reasons against it are added. */
static bool sound(const mtc_estimate *e, double target_se, mtc_reasons *reasons)
{
    if (!e->has_value || e->weak) {
        mtc_reasons_add(reasons, "%s: %s", e->name, e->note[0] != '\0' ? e->note : "no number");
        return false;
    }
    if (e->se > target_se) {
        mtc_reasons_add(reasons, "%s: standard error %.3f above the target of %.3g", e->name, e->se, target_se);
    }
    return true;
}

void mtc_verdict(mtc_evidence_attempt *a, double target_se, double *early)
{
    const mtc_estimate *primary = &a->estimate[0], *second = &a->estimate[1];
    const bool primary_sound = sound(primary, target_se, &a->reasons);
    const bool second_sound = sound(second, target_se, &a->reasons); /* its reasons too */
    const bool both = primary_sound && second_sound;
    if (both && a->converged) {
        const double off = fabs(primary->log_evidence - second->log_evidence);
        const double se = a->drafted ? hypot(primary->own_se, second->own_se) : hypot(primary->se, second->se);
        if (off > fmax(AGREE_SE * se, AGREE_FLOOR)) {
            mtc_reasons_add(&a->reasons, "%s and %s differ by %.3f, more than max(%.0f standard errors = %.3f, %.2f)",
                            primary->name, second->name, off, AGREE_SE, AGREE_SE * se, AGREE_FLOOR);
        }
        if (off > AGREE_FLOOR && off > *early * se) {
            *early = se > 0.0 ? off / se : HUGE_VAL;
        }
    }
    if (*early > UNFORGIVEN_SE) {
        mtc_reasons_add(&a->reasons,
                        "sound estimates have disagreed by %.1f standard errors; later agreement does not undo that",
                        *early);
    }
    a->reliable = a->reasons.n == 0 && a->converged && both;
}
