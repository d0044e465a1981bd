/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures_internal.h"

#include <math.h>

/** More models than any configuration compares. */
#define MOST_MODELS 64

/** Estimates worth drawing: with an error, not the rough ones. */
static bool is_estimate(const mtc_result_estimator *e)
{
    return isfinite(e->value) && isfinite(e->se);
}

/** The rows of all models, and where each model's begin. */
typedef struct {
    sketch *s;
    mtc_buffer ticks;
    size_t n_row, first[MOST_MODELS + 1];
    double reach; /* largest distance from zero, error included */
} rows;

static void put_estimate(rows *all, const mtc_result_model *m, const mtc_result_estimator *e)
{
    sketch *const s = all->s;
    const double away = e->value - m->evidence.value;
    mtc_buffer label = MTC_BUFFER_INIT;

    mtc_buffer_printf(&s->plot, "%zu ", ++all->n_row);
    put_value(&s->plot, away);
    mtc_buffer_text(&s->plot, " ");
    put_value(&s->plot, 2.0 * e->se);
    mtc_buffer_text(&s->plot, "\n");
    all->reach = fmax(all->reach, fabs(away) + 2.0 * e->se);

    mtc_buffer_printf(&label, "%s: %s", m->name, words_estimator_short(e->name));
    mtc_buffer_text(&all->ticks, all->n_row > 1 ? ", " : "");
    put_quoted(&all->ticks, label.text);
    mtc_buffer_printf(&all->ticks, " -%zu", all->n_row);
    mtc_buffer_fini(&label);
    mtc_buffer_printf(&s->alt, " %s, %s: %s, standard error %s.", m->name, words_estimator(e->name),
                      word_with_se(e->value, e->se).text, word_number(e->se, 2).text);
}

static void put_models(rows *all, const mtc_result *r, size_t n_model)
{
    mtc_buffer_text(&all->s->plot, "$e << EOD\n");
    for (size_t m = 0; m < n_model; m++) {
        const mtc_result_evidence *e = &r->model[m].evidence;
        all->first[m] = all->n_row;
        for (size_t i = 0; i < e->n_estimator; i++) {
            if (is_estimate(&e->estimator[i])) {
                put_estimate(all, &r->model[m], &e->estimator[i]);
            }
        }
    }
    all->first[n_model] = all->n_row;
    mtc_buffer_text(&all->s->plot, "EOD\n");
}

static void put_plot(const rows *all, const mtc_result *r, size_t n_model)
{
    mtc_buffer *const plot = &all->s->plot;
    const double reach = all->reach > 0.0 ? 1.15 * all->reach : 1.0;

    mtc_buffer_printf(plot, "unset key\nset border 1\nset ytics scale 0 (%s)\nset yrange [-%zu.5:-0.5]\n",
                      all->ticks.text == NULL ? "" : all->ticks.text, all->n_row);
    mtc_buffer_printf(plot, "set xrange [%.5g:%.5g]\n", -reach, reach);
    put_ticks(plot, -reach, reach, 5);
    mtc_buffer_text(plot, "set xlabel 'difference in log evidence'\n"
                          "set arrow from 0, graph 0 to 0, graph 1 nohead lw 0.8 lc rgb 'black'\nplot ");
    for (size_t m = 0; m < n_model; m++) {
        if (all->first[m + 1] > all->first[m]) {
            mtc_buffer_printf(plot, "$e every ::%zu::%zu u 2:(-$1):3 w xerrorbars pt 7 ps 0.6 lw 1.4 lc rgb '%s', ",
                              all->first[m], all->first[m + 1] - 1, model_colour(r, r->model[m].name));
        }
    }
    mtc_buffer_text(plot, "1/0 notitle\n");
}

void figures_estimators(figure_set *set)
{
    const mtc_result *r = set->r;
    const size_t n_model = r->n_model < MOST_MODELS ? r->n_model : MOST_MODELS;
    sketch s;
    rows all = {.s = &s};

    figure_begin(&s, set, FIGURE_EVIDENCE, FIGURE_WIDTH_MM, 0.0);
    mtc_buffer_text(&s.id, "estimators");
    mtc_buffer_text(&s.title, "Do independent methods find the same evidence?");
    mtc_buffer_text(&s.caption,
                    "Each dot is one method's log evidence relative to the value reported for that model, with "
                    "two standard errors: bars that overlap zero agree.");
    put_models(&all, r, n_model);
    s.height_mm = 28.0 + 6.0 * (double)all.n_row;
    put_plot(&all, r, n_model);
    mtc_buffer_fini(&all.ticks);
    if (all.n_row > 0) {
        figure_end(&s);
    } else {
        figure_drop(&s);
    }
}
