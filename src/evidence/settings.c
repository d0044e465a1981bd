/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_evidence.h"

#include <math.h>
#include <string.h>

#define COUNT_KEY(word, least, most, text_default, text_help)                                                          \
    {                                                                                                                  \
        (word), MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, (least), (most), (text_default), false, NULL, (text_help)  \
    }

const mtc_key mtc_evidence_keys[] = {
    {"route", MTC_KEY_CHOICE, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, "auto", false, "auto|fast|full",
     "fast: independence Metropolis and importance sampling; full: NUTS; auto: full only where fast does not suffice"},
    {"target_se", MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.001, 10.0, "0.05", false, NULL,
     "largest standard error of a reliable log evidence"},
    COUNT_KEY("max_escalations", 0, 4, "2", "how often the effort of a route is doubled"),
    COUNT_KEY("independence_draws", 100, 1e8, "1000", "draws per chain of independence Metropolis, first attempt"),
    {"smc_alarm", MTC_KEY_CHOICE, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, "off", false, "on|off",
     "on: sequential Monte Carlo from the prior looks for modes that all chains missed"},
    {NULL, MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

static mtc_route route_of(const char *text)
{
    return strcmp(text, "fast") == 0 ? MTC_ROUTE_FAST : (strcmp(text, "full") == 0 ? MTC_ROUTE_FULL : MTC_ROUTE_AUTO);
}

mtc_status mtc_evidence_read(const mtc_spec *spec, mtc_evidence_settings *s, mtc_errlist *errors)
{
    const mtc_evidence_settings defaults = MTC_EVIDENCE_INIT;
    const mtc_key *const more[] = {mtc_estimator_warp3.keys, mtc_estimator_importance.keys, mtc_estimator_smc.keys,
                                   NULL};
    const mtc_key *keys = mtc_evidence_keys;
    mtc_err err = MTC_ERR_INIT;
    mtc_status st = MTC_OK;
    const char *route = NULL, *alarm = NULL;

    *s = defaults;
    s->spec = spec;
    if (spec != NULL) {
        st = mtc_spec_check(spec, keys, more, errors);
        if (st != MTC_OK) {
            return st;
        }
    }
    MTC_TRY(mtc_spec_get_text(spec, keys, "route", &route, &err));
    s->route = route_of(route);
    MTC_TRY(mtc_spec_get_text(spec, keys, "smc_alarm", &alarm, &err));
    s->with_alarm = strcmp(alarm, "on") == 0;
    MTC_TRY(mtc_spec_get_number(spec, keys, "target_se", &s->target_se, &err));
    MTC_TRY(mtc_spec_get_count(spec, keys, "max_escalations", &s->max_escalations, &err));
    MTC_TRY(mtc_spec_get_count(spec, keys, "independence_draws", &s->independence_draws, &err));
out:
    return st == MTC_OK ? MTC_OK : (errors != NULL ? mtc_errlist_push(errors, &err) : st);
}
