/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PRIOR_TEXT_H
#define PRIOR_TEXT_H

#include "mtc_prior.h"
#include "mtc_registry.h"
#include "mtc_yaml.h"

#include <string.h>

/** Read a prior from YAML text, as `priors: {x: TEXT}` would give it; families from the registry. */
static inline mtc_status prior_from_text(const char *text, const mtc_param_info *info, mtc_prior *prior,
                                         mtc_arena *arena, mtc_errlist *errors)
{
    const mtc_spec *spec = NULL;
    const mtc_status st = mtc_yaml_parse(text, strlen(text), "prior.yaml", NULL, arena, &spec, errors);
    return st != MTC_OK ? st : mtc_prior_read(prior, mtc_registry_priors(), info, spec, arena, errors);
}

#endif
