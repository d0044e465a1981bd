/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_show.h"

#include "mtc_special.h"
#include "mtc_unit.h"

#include <math.h>
#include <stdio.h>

static const double first_day = 5.0, last_day = 5000.0;

static const char *const show_id[MTC_TVDT_N_SITE] = {"cdf.primary", "cdf.metastasis"};
static const char *const show_title[MTC_TVDT_N_SITE] = {"Volume doubling time of primaries",
                                                        "Volume doubling time of metastases"};

mtc_status mtc_tvdt_show_add(mtc_tvdt_show *show, mtc_tvdt_site site, const mtc_tvdt_points *points, mtc_arena *arena,
                             mtc_err *err)
{
    mtc_status st = MTC_OK;
    double *grid = NULL;
    MTC_TRY(mtc_arena_new(arena, MTC_TVDT_N_GRID, &grid, err));
    for (size_t i = 0; i < MTC_TVDT_N_GRID; ++i) {
        grid[i] = first_day * pow(last_day / first_day, (double)i / (MTC_TVDT_N_GRID - 1));
    }
    show->site[show->n] = site;
    show->display[show->n++] = (mtc_display){.id = show_id[site],
                                             .title = show_title[site],
                                             .kind = "cdf",
                                             .x_label = "doubling time (days)",
                                             .y_label = "share of tumours at or below",
                                             .x_log = true,
                                             .n_x = MTC_TVDT_N_GRID,
                                             .x = grid,
                                             .n_obs = points->n,
                                             .obs_x = points->x_days,
                                             .obs_y = points->probability,
                                             .obs_label = points->label};
out:
    return st;
}

void mtc_tvdt_show_predict(const mtc_tvdt_show *show, size_t i, const double *all, double measurement_log_sd, double *y)
{
    mtc_tvdt_law law;
    const mtc_display *d = &show->display[i];
    const bool defined = mtc_tvdt_law_init(&law, all, measurement_log_sd);
    for (size_t k = 0; k < d->n_x; ++k) {
        y[k] = 0.0;
        if (defined) {
            const double sd = hypot(law.sd[show->site[i]], all[MTC_TVDT_OMEGA]);
            const double z = (log(d->x[k] / MTC_DAYS_PER_YEAR) - law.mean[show->site[i]]) / sd;
            y[k] = mtc_normal_cdf(z);
        }
    }
}

const char *mtc_tvdt_days_text(double log_years, bool with_unit, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%.10g%s", exp(log_years) * MTC_DAYS_PER_YEAR, with_unit ? " d" : "");
    return buf;
}
