/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_source.h"

static bool digits(const char *s, size_t n, long *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9') {
            return false;
        }
        *out = 10 * *out + (s[i] - '0');
    }
    return true;
}

static bool is_leap(long year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static long month_days(long year, long month)
{
    static const long days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Years begin in March, so that the leap day is the last of its year; 400 years are 146097 days. */
static long days_from_civil(long year, long month, long day)
{
    const long y = month <= 2 ? year - 1 : year;
    const long m = month <= 2 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

bool mtc_date_days(const char *text, long *days)
{
    long year = 0, month = 0, day = 0;
    if (!text || !days || !digits(text, 4, &year) || text[4] != '-' || !digits(text + 5, 2, &month) || text[7] != '-' ||
        !digits(text + 8, 2, &day) || text[10] != '\0') {
        return false;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_days(year, month)) {
        return false;
    }
    *days = days_from_civil(year, month, day);
    return true;
}
