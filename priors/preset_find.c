/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_presets.h"

#include <string.h>

const mtc_preset *mtc_preset_find(const char *name)
{
    for (const mtc_preset *p = mtc_presets; name != NULL && p->name != NULL; ++p) {
        if (strcmp(p->name, name) == 0) {
            return p;
        }
    }
    return NULL;
}
