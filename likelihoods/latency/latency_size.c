/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "latency_size.h"

#include <math.h>
#include <stdio.h>

bool latency_size_missing(double lower_mm, double upper_mm)
{
    return isnan(lower_mm) && isnan(upper_mm);
}

/* A bound that is given must be a size. */
static mtc_status check_bound(double x_mm, const char *which, bool zero_allowed, const mtc_pos *pos,
                              mtc_errlist *errors)
{
    if (isnan(x_mm) || (isfinite(x_mm) && (x_mm > 0.0 || (zero_allowed && x_mm == 0.0)))) {
        return MTC_OK;
    }
    return mtc_errlist_add(errors, MTC_EDATA, pos, "leave the bound of an open class empty",
                           "size class: the %s bound must be %s 0 mm, got %g", which, zero_allowed ? ">=" : ">", x_mm);
}

mtc_status latency_size_read(double lower_mm, double upper_mm, const mtc_course *course, const mtc_pos *pos,
                             mtc_size_class *out, mtc_errlist *errors)
{
    if (latency_size_missing(lower_mm, upper_mm)) {
        return mtc_errlist_add(errors, MTC_EDATA, pos,
                               "'missing: drop' leaves such rows out; a lower bound of 0 alone means any size",
                               "no size: both bounds of the size class are empty");
    }
    mtc_status st = MTC_OK;
    MTC_TRY(check_bound(lower_mm, "lower", true, pos, errors));
    MTC_TRY(check_bound(upper_mm, "upper", false, pos, errors));
    if (lower_mm == upper_mm) {
        return mtc_errlist_add(errors, MTC_EDATA, pos, "exact sizes have a column of their own",
                               "size class (%g, %g] mm is empty", lower_mm, upper_mm);
    }
    if (lower_mm > upper_mm) {
        return mtc_errlist_add(errors, MTC_EDATA, pos, NULL,
                               "size class: the lower bound %g mm is above the upper bound %g mm", lower_mm, upper_mm);
    }
    const bool open_below = isnan(lower_mm) || lower_mm == 0.0;
    const bool open_above = isnan(upper_mm);
    const mtc_size_class cls = {open_below ? course->size_min_mm : lower_mm,
                                open_above ? course->size_max_mm : upper_mm};
    if (!(cls.lower_mm < cls.upper_mm)) {
        return mtc_errlist_add(
            errors, MTC_EDATA, pos, open_above ? "raise 'size_max' in 'settings'" : "lower 'size_min' in 'settings'",
            "size class: the %s bound %g mm lies outside the size law, which spans %g to %g mm",
            open_above ? "lower" : "upper", open_above ? lower_mm : upper_mm, course->size_min_mm, course->size_max_mm);
    }
    *out = cls;
out:
    return st;
}

mtc_status latency_size_read_exact(double diameter_mm, const mtc_pos *pos, mtc_size_class *out, mtc_errlist *errors)
{
    if (!(diameter_mm > 0.0) || !isfinite(diameter_mm) || !(mtc_doublings(diameter_mm) > 0.0)) {
        return mtc_errlist_add(errors, MTC_EDATA, pos, NULL,
                               "size: must be a diameter > 0 mm, larger than one cell, got %g mm", diameter_mm);
    }
    *out = (mtc_size_class){diameter_mm, diameter_mm};
    return MTC_OK;
}

void latency_size_label(const mtc_size_class *cls, const mtc_course *course, char *buf, size_t size)
{
    const bool open_below = cls->lower_mm == course->size_min_mm;
    const bool open_above = cls->upper_mm == course->size_max_mm;
    if (cls->lower_mm == cls->upper_mm) {
        (void)snprintf(buf, size, "%g mm", cls->lower_mm);
    } else if (open_below && open_above) {
        (void)snprintf(buf, size, "any size");
    } else if (open_below) {
        (void)snprintf(buf, size, "at most %g mm", cls->upper_mm);
    } else if (open_above) {
        (void)snprintf(buf, size, "over %g mm", cls->lower_mm);
    } else {
        (void)snprintf(buf, size, "%g-%g mm", cls->lower_mm, cls->upper_mm);
    }
}

void latency_size_id(const mtc_size_class *cls, const mtc_course *course, char *buf, size_t size)
{
    const bool open_below = cls->lower_mm == course->size_min_mm;
    const bool open_above = cls->upper_mm == course->size_max_mm;
    if (cls->lower_mm == cls->upper_mm) {
        (void)snprintf(buf, size, "eq%g", cls->lower_mm);
    } else if (open_below && open_above) {
        (void)snprintf(buf, size, "any");
    } else if (open_below) {
        (void)snprintf(buf, size, "le%g", cls->upper_mm);
    } else if (open_above) {
        (void)snprintf(buf, size, "gt%g", cls->lower_mm);
    } else {
        (void)snprintf(buf, size, "%gto%g", cls->lower_mm, cls->upper_mm);
    }
}
