/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "words_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUS "\u2212"
#define NONE "\u2013"

/** Put the typographic minus in front where the text begins with a hyphen. */
static word signed_word(const char *digits)
{
    word w;
    const bool negative = digits[0] == '-' && strspn(digits + 1, "0.") != strlen(digits + 1);
    const char *rest = digits[0] == '-' ? digits + 1 : digits;
    (void)snprintf(w.text, sizeof w.text, "%s%s", negative ? MINUS : "", rest);
    return w;
}

static word none_word(double x)
{
    word w;
    (void)snprintf(w.text, sizeof w.text, "%s", isnan(x) ? NONE : x > 0.0 ? "infinite" : MINUS "infinite");
    return w;
}

word word_fixed(double x, int decimals)
{
    char digits[40];
    if (!isfinite(x)) {
        return none_word(x);
    }
    (void)snprintf(digits, sizeof digits, fabs(x) < 1e15 ? "%.*f" : "%.*e", decimals, x);
    return signed_word(digits);
}

word word_number(double x, int digits)
{
    if (!isfinite(x)) {
        return none_word(x);
    }
    const double size = fabs(x);
    if (size > 0.0 && (size < 1e-5 || size >= 1e7)) {
        char text[40];
        (void)snprintf(text, sizeof text, "%.*e", digits - 1, x);
        return signed_word(text);
    }
    const int exponent = size > 0.0 ? (int)floor(log10(size)) : 0;
    const int decimals = digits - 1 - exponent;
    return word_fixed(x, decimals < 0 ? 0 : decimals);
}

word word_with_se(double x, double se)
{
    int decimals = 2;
    if (isfinite(se) && se > 0.0) {
        decimals = 1 - (int)floor(log10(se));
    }
    return word_fixed(x, decimals < 0 ? 0 : decimals > 3 ? 3 : decimals);
}

word word_percent(double p)
{
    word w;
    if (!isfinite(p)) {
        return none_word(p);
    }
    if (p > 0.0 && p < 0.001) {
        (void)snprintf(w.text, sizeof w.text, "less than 0.1%%");
    } else if (p < 1.0 && p > 0.999) {
        (void)snprintf(w.text, sizeof w.text, "more than 99.9%%");
    } else {
        (void)snprintf(w.text, sizeof w.text, "%.*f%%", p < 0.095 || p > 0.905 ? 1 : 0, 100.0 * p);
    }
    return w;
}

word word_factor(double log_factor)
{
    word w;
    if (!isfinite(log_factor)) {
        return none_word(log_factor);
    }
    if (fabs(log_factor) < log(1e5)) {
        return word_number(exp(log_factor), 2);
    }
    const double log10_factor = log_factor / log(10.0);
    const double exponent = floor(log10_factor);
    (void)snprintf(w.text, sizeof w.text, "%.1f × 10^%.0f", pow(10.0, log10_factor - exponent), exponent);
    return w;
}

word word_interval(mtc_result_interval i, int digits)
{
    word w;
    const word median = word_number(i.median, digits), lo = word_number(i.q05, digits), hi = word_number(i.q95, digits);
    if (!isfinite(i.median)) {
        return none_word(i.median);
    }
    (void)snprintf(w.text, sizeof w.text, "%.18s (%.18s to %.18s)", median.text, lo.text, hi.text);
    return w;
}

word word_percent_interval(mtc_result_interval i)
{
    word w;
    const word median = word_percent(i.median), lo = word_percent(i.q05), hi = word_percent(i.q95);
    if (!isfinite(i.median)) {
        return none_word(i.median);
    }
    (void)snprintf(w.text, sizeof w.text, "%.18s (%.18s to %.18s)", median.text, lo.text, hi.text);
    return w;
}

const char *words_label(const mtc_result *r, const char *model)
{
    const mtc_result_model *m = mtc_result_find_model(r, model);
    return m == NULL ? model : m->label != NULL ? m->label : m->name;
}

name_word words_label_inside(const mtc_result *r, const char *model)
{
    const char *const full = words_label(r, model);
    const bool is_capital = full[0] >= 'A' && full[0] <= 'Z' && full[1] >= 'a' && full[1] <= 'z';
    name_word l;
    size_t n = strlen(full);

    if (n >= sizeof l.text) {
        n = sizeof l.text - 1;
        while (n > 0 && ((unsigned char)full[n] & 0xC0u) == 0x80u) {
            n--; /* do not cut a character in two */
        }
    }
    memcpy(l.text, full, n);
    l.text[n] = '\0';
    if (is_capital) {
        l.text[0] = (char)(l.text[0] - 'A' + 'a');
    }
    return l;
}

word word_plain(double x, int digits)
{
    word w = word_number(x, digits);
    char *const point = strchr(w.text, '.');
    if (point != NULL && strchr(w.text, 'e') == NULL) {
        size_t n = strlen(w.text);
        while (w.text[n - 1] == '0') {
            w.text[--n] = '\0';
        }
        if (w.text[n - 1] == '.') {
            w.text[n - 1] = '\0';
        }
    }
    return w;
}

/** Estimators: name, for people, and where there is little room. */
static const char *const estimators[][3] = {{"warp3_bridge", "warp-III bridge sampling", "bridge"},
                                            {"bridge", "bridge sampling", "bridge"},
                                            {"importance_sampling", "importance sampling", "importance"},
                                            {"importance", "importance sampling", "importance"},
                                            {"stepping_stone", "stepping stone", "stepping stone"},
                                            {"tempered_smc", "sequential Monte Carlo", "SMC"},
                                            {"laplace", "Laplace approximation", "Laplace"}};

static const char *estimator_word(const char *name, size_t column)
{
    for (size_t i = 0; name != NULL && i < sizeof estimators / sizeof estimators[0]; i++) {
        if (strcmp(name, estimators[i][0]) == 0) {
            return estimators[i][column];
        }
    }
    return name == NULL ? "" : name;
}

const char *words_estimator(const char *name)
{
    return estimator_word(name, 1);
}

const char *words_estimator_short(const char *name)
{
    return estimator_word(name, 2);
}
