/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures_internal.h"

#include <math.h>
#include <string.h>

/** Categories of |log Bayes factor| after Kass & Raftery 1995 (2 ln B = 2, 6, 10). */
static const double border[] = {1.0, 3.0, 5.0};
#define N_BORDER (sizeof border / sizeof border[0])
static const char *const strength[] = {"bare", "positive", "strong", "very strong"};

/** Limits of a probability when the log Bayes factor moves by two standard errors; two models only. */
static void probability_limits(const mtc_result_comparison *c, const char *model, double *lower, double *upper)
{
    const double log_odds = log(c->prior_odds) + c->log_bayes_factor;
    const double sign = strcmp(model, c->numerator) == 0 ? 1.0 : -1.0;
    const double reach = 2.0 * c->log_bayes_factor_se;

    *lower = *upper = (double)NAN;
    if (c->n_probability == 2 && isfinite(log_odds) && isfinite(reach)) {
        *lower = 1.0 / (1.0 + exp(-(sign * log_odds - reach)));
        *upper = 1.0 / (1.0 + exp(-(sign * log_odds + reach)));
    }
}

static void probability_rows(const mtc_result *r, sketch *s)
{
    const mtc_result_comparison *c = &r->comparison;

    mtc_buffer_text(&s->plot, "$p << EOD\n");
    for (size_t i = 0; i < c->n_probability; i++) {
        double lower = 0.0, upper = 0.0;
        const mtc_result_number *p = &c->posterior_probability[i];
        probability_limits(c, p->name, &lower, &upper);
        mtc_buffer_printf(&s->plot, "%zu ", c->n_probability - i);
        put_value(&s->plot, p->value);
        mtc_buffer_text(&s->plot, " ");
        put_value(&s->plot, lower);
        mtc_buffer_text(&s->plot, " ");
        put_value(&s->plot, upper);
        mtc_buffer_text(&s->plot, " ");
        put_value(&s->plot, c->prior_probability[i].value);
        mtc_buffer_text(&s->plot, "\n");
        mtc_buffer_printf(&s->alt, " %s: %s before the data, %s after.", words_label(r, p->name),
                          word_percent(c->prior_probability[i].value).text, word_percent(p->value).text);
    }
    mtc_buffer_text(&s->plot, "EOD\n");
}

static void probability_ticks(const mtc_result *r, mtc_buffer *plot)
{
    const mtc_result_comparison *c = &r->comparison;

    mtc_buffer_text(plot, "set ytics scale 0 (");
    for (size_t i = 0; i < c->n_probability; i++) {
        mtc_buffer_text(plot, i > 0 ? ", " : "");
        put_quoted(plot, c->posterior_probability[i].name);
        mtc_buffer_printf(plot, " %zu", c->n_probability - i);
    }
    mtc_buffer_text(plot, ")\n");
}

static void probability_figure(figure_set *set)
{
    const mtc_result_comparison *c = &set->r->comparison;
    sketch s;

    figure_begin(&s, set, FIGURE_ANSWER, FIGURE_WIDTH_MM, 30.0 + 9.0 * (double)c->n_probability);
    mtc_buffer_text(&s.id, "model_probability");
    mtc_buffer_text(&s.title, "How probable is each hypothesis after the data?");
    mtc_buffer_text(&s.caption,
                    "The longer the bar, the more probable the hypothesis after the data; the open circle is "
                    "what was assumed before.");
    mtc_buffer_text(&s.alt, "Bars of posterior model probability.");
    probability_rows(set->r, &s);
    mtc_buffer_printf(&s.plot, "set border 1\nset xrange [0:1]\nset yrange [0.4:%zu.6]\n", c->n_probability);
    probability_ticks(set->r, &s.plot);
    mtc_buffer_text(&s.plot, "set xtics 0,0.25,1\nset xlabel 'probability'\nset style fill solid 0.85 noborder\nplot ");
    for (size_t i = 0; i < c->n_probability; i++) {
        mtc_buffer_printf(&s.plot,
                          "$p every ::%zu::%zu u (0.5*$2):1:(0.5*$2):(0.26) w boxxyerror fc rgb '%s' notitle, ", i, i,
                          model_colour(set->r, c->posterior_probability[i].name));
    }
    if (c->n_probability == 2 && isfinite(c->log_bayes_factor + c->log_bayes_factor_se)) {
        mtc_buffer_text(&s.plot, "$p u 2:1:3:4 w xerrorbars pt 0 lw 1.2 lc rgb 'black' title '±2 standard errors', ");
    }
    mtc_buffer_text(&s.plot, "$p u 5:1 w points pt 6 ps 0.7 lw 1.2 lc rgb 'black' title 'before the data'\n");
    figure_end(&s);
}

/** Vertical borders of the categories, and their names between them where there is room. */
static void category_marks(double lo, double hi, mtc_buffer *plot)
{
    for (int sign = -1; sign <= 1; sign += 2) {
        for (size_t i = 0; i < N_BORDER; i++) {
            const double x = sign * border[i];
            if (x > lo && x < hi) {
                mtc_buffer_printf(
                    plot, "set arrow from %g, graph 0 to %g, graph 1 nohead lw 0.6 dt (3,3) lc rgb 'black'\n", x, x);
            }
        }
    }
    for (int sign = -1; sign <= 1; sign += 2) {
        for (size_t i = 1; i <= N_BORDER; i++) { /* neighbours at two heights, so that they never meet */
            const double near = border[i - 1], far = i < N_BORDER ? border[i] : fmax(near, sign > 0 ? hi : -lo);
            mtc_buffer_printf(plot, "set label '%s' at %g, graph %g center\n", strength[i], sign * 0.5 * (near + far),
                              i == 2 ? 0.76 : 0.92);
        }
    }
}

static void factor_figure(figure_set *set)
{
    const mtc_result_comparison *c = &set->r->comparison;
    const double x = c->log_bayes_factor, se = isfinite(c->log_bayes_factor_se) ? c->log_bayes_factor_se : 0.0;
    const double reach = fmax(8.0, ceil(fabs(x) + 2.0 * se + 1.0));
    const char *const winner = x > 0.0 ? c->numerator : c->denominator;
    sketch s;

    figure_begin(&s, set, FIGURE_ANSWER, FIGURE_WIDTH_MM, 48.0);
    mtc_buffer_text(&s.id, "log_bayes_factor");
    mtc_buffer_text(&s.title, "How strong is the evidence, and how sure is that number?");
    mtc_buffer_printf(&s.caption,
                      "The dot is the evidence, its bar two standard errors of the computation; to the right speaks "
                      "for %s, to the left for %s; dashed lines part the usual words for its strength (Kass and "
                      "Raftery).",
                      c->numerator, c->denominator);
    mtc_buffer_printf(&s.alt,
                      "Log Bayes factor of %s over %s: %s, standard error %s, on a scale whose words change at 1, 3 "
                      "and 5.",
                      words_label(set->r, c->numerator), words_label(set->r, c->denominator), word_with_se(x, se).text,
                      word_number(se, 2).text);
    mtc_buffer_printf(&s.plot, "set border 1\nunset ytics\nset xrange [%g:%g]\nset yrange [0:1]\nunset key\n", -reach,
                      reach);
    category_marks(-reach, reach, &s.plot);
    mtc_buffer_text(&s.plot, "set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb 'black'\nset label ");
    mtc_buffer label = MTC_BUFFER_INIT;
    mtc_buffer_printf(&label, "← for %s", c->denominator);
    put_quoted(&s.plot, label.text);
    mtc_buffer_text(&s.plot, " at graph 0, graph 0.14 left\nset label ");
    mtc_buffer_fini(&label);
    mtc_buffer_printf(&label, "for %s →", c->numerator);
    put_quoted(&s.plot, label.text);
    mtc_buffer_fini(&label);
    mtc_buffer_text(&s.plot, " at graph 1, graph 0.14 right\nset xlabel 'log Bayes factor (natural logarithm)'\n");
    mtc_buffer_printf(&s.plot, "$b << EOD\n%.9g 0.5 %.9g\nEOD\n", x, 2.0 * se);
    mtc_buffer_printf(&s.plot, "plot $b u 1:2:3 w xerrorbars pt 7 ps 0.9 lw 2 lc rgb '%s'\n",
                      model_colour(set->r, winner));
    figure_end(&s);
}

void figures_answer(figure_set *set)
{
    const mtc_result_comparison *c = &set->r->comparison;

    if (c->is_present && c->n_probability > 0) {
        probability_figure(set);
    }
    if (c->is_present && isfinite(c->log_bayes_factor)) {
        factor_figure(set);
    }
}
