/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_status.h"

#include <stddef.h>

static const struct {
    int exit_code;
    const char *text;
} status_info[] = {
#define STATUS_ROW(name, code, description) {(code), (description)},
    MTC_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

static size_t status_index(mtc_status st)
{
    /* through unsigned, so that a negative value that is no enumerator is out of range too */
    const size_t i = (size_t)(unsigned)st;
    return i < (size_t)MTC_STATUS_COUNT ? i : (size_t)MTC_EBUG;
}

const char *mtc_status_text(mtc_status st)
{
    return status_info[status_index(st)].text;
}

int mtc_status_exit_code(mtc_status st)
{
    return status_info[status_index(st)].exit_code;
}
