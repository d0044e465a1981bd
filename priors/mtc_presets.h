/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_PRESETS_H
#define MTC_PRESETS_H

#include "mtc_err.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A named set of priors: the text of priors/<name>.yaml, carried in the program since the file is not installed. */
typedef struct {
    const char *name; /* "linear" */
    const char *text; /* YAML: keys preset, description, priors */
} mtc_preset;

/** All presets, ended by a NULL name. The first, "defaults", holds the priors that every model starts from. */
MTC_API extern const mtc_preset mtc_presets[];

/** A preset by its name; NULL where there is none. */
MTC_API const mtc_preset *mtc_preset_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
