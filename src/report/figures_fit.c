/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures_internal.h"

#include <math.h>
#include <string.h>

/** Predictions of models that are compared; checks would only crowd the picture. */
static bool is_drawn(const mtc_result *r, const mtc_result_prediction *p)
{
    const mtc_result_model *m = mtc_result_find_model(r, p->model);
    return m != NULL && (m->in_comparison || !r->comparison.is_present);
}

static bool is_survival(const mtc_result_display *d)
{
    return strcmp(d->kind, "kaplan_meier") == 0;
}

static void predictions_data(const mtc_result *r, const mtc_result_display *d, mtc_buffer *plot)
{
    for (size_t i = 0; i < d->n_prediction; i++) {
        const mtc_result_prediction *p = &d->prediction[i];
        const double *const column[] = {d->x, p->median, p->q05, p->q95};
        if (is_drawn(r, p)) {
            put_data(plot, "m", i, column, 4, d->n_x);
        }
    }
}

/** Bands first, so that no band hides a line. */
static void predictions_plot(const mtc_result *r, const mtc_result_display *d, mtc_buffer *plot)
{
    for (size_t i = 0; i < d->n_prediction; i++) {
        if (is_drawn(r, &d->prediction[i])) {
            mtc_buffer_printf(plot, "$m%zu u 1:3:4 w filledcurves fc rgb '%s' notitle, ", i,
                              model_colour(r, d->prediction[i].model));
        }
    }
    for (size_t i = 0; i < d->n_prediction; i++) {
        if (is_drawn(r, &d->prediction[i])) {
            mtc_buffer_printf(plot, "$m%zu u 1:2 w lines lw 1.8 lc rgb '%s' title ", i,
                              model_colour(r, d->prediction[i].model));
            put_quoted(plot, d->prediction[i].model);
            mtc_buffer_text(plot, ", ");
        }
    }
}

/** A survival curve starts at (0, 1), a distribution at its first point from 0. */
static void observed_step_data(const mtc_result_display *d, mtc_buffer *plot)
{
    const double *const column[] = {d->obs_x, d->obs_y, d->obs_lower, d->obs_upper};

    mtc_buffer_text(plot, "$o0 << EOD\n");
    if (is_survival(d) && d->obs_x[0] > 0.0) {
        mtc_buffer_text(plot, "0 1 1 1\n");
    }
    for (size_t i = 0; i < d->n_obs; i++) {
        for (size_t c = 0; c < 4; c++) {
            put_value(plot, column[c] == NULL ? (double)NAN : column[c][i]);
            mtc_buffer_text(plot, c < 3 ? " " : "\n");
        }
    }
    mtc_buffer_text(plot, "EOD\n");
}

static void observed_steps_plot(const mtc_result_display *d, mtc_buffer *plot)
{
    if (d->n_obs == 0) {
        return;
    }
    if (d->obs_lower != NULL && d->obs_upper != NULL) {
        mtc_buffer_text(plot, "$o0 u 1:3 w steps lw 0.6 lc rgb 'black' dt (2,3) notitle, "
                              "$o0 u 1:4 w steps lw 0.6 lc rgb 'black' dt (2,3) notitle, ");
    }
    mtc_buffer_text(plot, "$o0 u 1:2 w steps lw 1.2 lc rgb 'black' title 'observed', ");
}

/** How many of the earlier points lie so near that their numbers would meet. */
static int near_before(const mtc_result_display *d, size_t point)
{
    const double width = d->x_log ? log(d->x[d->n_x - 1] / d->x[0]) : d->x[d->n_x - 1] - d->x[0];
    int n = 0;
    for (size_t i = 0; i < point; i++) {
        const double dx = d->x_log ? log(d->obs_x[point] / d->obs_x[i]) : d->obs_x[point] - d->obs_x[i];
        n += fabs(dx) < 0.06 * width && fabs(d->obs_y[point] - d->obs_y[i]) < 0.1;
    }
    return n;
}

/** Numbers of points stand above, below, right or left of them, where there is still room. */
static void observed_numbers(const mtc_result_display *d, mtc_buffer *plot)
{
    static const char *const place[] = {"center offset 0,0.8", "center offset 0,-0.8", "left offset 0.8,0",
                                        "right offset -0.8,0"};
    for (size_t i = 0; i < d->n_obs; i++) {
        if (isfinite(d->obs_x[i]) && isfinite(d->obs_y[i])) {
            mtc_buffer_printf(plot, "set label '%zu' at %.9g,%.9g %s\n", i + 1, d->obs_x[i], d->obs_y[i],
                              place[near_before(d, i) % 4]);
        }
    }
}

/** Published points; the caption says which number is which. */
static void observed_points_plot(const mtc_result_display *d, mtc_buffer *plot)
{
    if (d->n_obs == 0) {
        return;
    }
    if (d->obs_lower != NULL && d->obs_upper != NULL) {
        mtc_buffer_text(plot, "$o0 u 1:2:3:4 w xerrorbars pt 7 ps 0.01 lw 0.9 lc rgb 'black' notitle, ");
    }
    mtc_buffer_text(plot, "$o0 u 1:2 w points pt 7 ps 0.55 lc rgb 'black' title 'published', ");
}

static double lowest(const mtc_result *r)
{
    double low = 1.0;
    for (size_t k = 0; k < r->n_display; k++) {
        const mtc_result_display *d = &r->display[k];
        if (!is_survival(d)) {
            continue;
        }
        for (size_t i = 0; i < d->n_obs; i++) {
            low = fmin(low, d->obs_lower != NULL ? d->obs_lower[i] : d->obs_y[i]);
        }
        for (size_t p = 0; p < d->n_prediction; p++) {
            for (size_t i = 0; i < d->n_x && is_drawn(r, &d->prediction[p]); i++) {
                low = fmin(low, d->prediction[p].q05[i]);
            }
        }
    }
    return fmax(0.0, floor(10.0 * low) / 10.0);
}

static double at_risk_at(const mtc_result_display *d, double x)
{
    double n = d->n_obs > 0 ? d->obs_n_at_risk[0] : (double)NAN;
    for (size_t i = 0; i < d->n_obs && d->obs_x[i] <= x; i++) {
        n = d->obs_n_at_risk[i];
    }
    return d->n_obs > 0 && x > d->obs_x[d->n_obs - 1] ? (double)NAN : n;
}

/** Ticks every 1, 2 or 5 years with the number of patients at risk below, as journals print it. */
static void survival_ticks(const mtc_result_display *d, mtc_buffer *plot)
{
    const double end = d->x[d->n_x - 1];
    const double step = end > 12.0 ? 5.0 : end > 5.0 ? 2.0 : 1.0;

    if (d->obs_n_at_risk == NULL) {
        return;
    }
    mtc_buffer_text(plot, "set xtics (");
    for (double x = 0.0; x <= end; x += step) {
        const double n = at_risk_at(d, x);
        mtc_buffer_printf(plot, "%s\"%g\\n", x > 0.0 ? ", " : "", x);
        if (isfinite(n)) {
            mtc_buffer_printf(plot, "%.0f", n);
        } else {
            mtc_buffer_text(plot, " ");
        }
        mtc_buffer_printf(plot, "\" %g", x);
    }
    mtc_buffer_text(plot, ")\n");
}

static void axes(const mtc_result *r, const mtc_result_display *d, mtc_buffer *plot)
{
    mtc_buffer_text(plot, "set xrange [");
    put_value(plot, d->x[0]);
    mtc_buffer_text(plot, ":");
    put_value(plot, d->x[d->n_x - 1]);
    mtc_buffer_printf(plot, "]\n%s", d->x_log ? "set logscale x\n" : "");
    mtc_buffer_printf(plot, "set yrange [%g:%g]\n", is_survival(d) ? lowest(r) : 0.0, is_survival(d) ? 1.0 : 1.07);
    mtc_buffer_text(plot, "set grid y lt 1 lc rgb '#dddddd' lw 0.5\nset xlabel ");
    if (is_survival(d) && d->obs_n_at_risk != NULL) {
        mtc_buffer label = MTC_BUFFER_INIT;
        mtc_buffer_printf(&label, "%s (below: patients at risk)", d->x_label);
        put_quoted(plot, label.text);
        mtc_buffer_text(plot, " offset 0,-0.9\nset bmargin 4.9");
        mtc_buffer_fini(&label);
    } else {
        put_quoted(plot, d->x_label);
    }
    mtc_buffer_text(plot, "\nset ylabel ");
    put_quoted(plot, d->y_label);
    mtc_buffer_text(plot, "\n");
}

static double observed_at(const mtc_result_display *d, double x)
{
    double y = (double)NAN;
    for (size_t i = 0; i < d->n_obs && d->obs_x[i] <= x; i++) {
        y = d->obs_y[i];
    }
    return y;
}

/** The picture in words: observed and predicted at a third and two thirds of the axis. */
static void describe(const mtc_result *r, const mtc_result_display *d, mtc_buffer *alt)
{
    mtc_buffer_printf(alt, "Curves of %s against %s.", d->y_label, d->x_label);
    for (size_t k = 1; k <= 2; k++) {
        const size_t at = k * (d->n_x - 1) / 3;
        const double y = d->obs_label == NULL ? observed_at(d, d->x[at]) : (double)NAN;
        mtc_buffer_printf(alt, " At %s:", word_number(d->x[at], 2).text);
        if (isfinite(y)) {
            mtc_buffer_printf(alt, " observed %s,", word_percent(y).text);
        }
        for (size_t i = 0; i < d->n_prediction; i++) {
            const mtc_result_prediction *p = &d->prediction[i];
            const mtc_result_interval band = {p->median[at], p->q05[at], p->q95[at]};
            if (is_drawn(r, p)) {
                mtc_buffer_printf(alt, " %s %s;", p->model, word_percent_interval(band).text);
            }
        }
    }
    for (size_t i = 0; d->obs_label != NULL && i < d->n_obs; i++) {
        mtc_buffer_printf(alt, " %s: %s at %s;", d->obs_label[i] == NULL ? "published" : d->obs_label[i],
                          word_percent(d->obs_y[i]).text, word_number(d->obs_x[i], 3).text);
    }
}

static void published_list(const mtc_result_display *d, mtc_buffer *out)
{
    for (size_t i = 0; i < d->n_obs; i++) {
        mtc_buffer_printf(out, "%s%zu %s", i == 0 ? ": " : "; ", i + 1, d->obs_label[i] == NULL ? "" : d->obs_label[i]);
    }
}

static void caption(const mtc_result_display *d, mtc_buffer *out)
{
    if (is_survival(d)) {
        mtc_buffer_text(out,
                        "The black steps are the patients, dotted their 95% limits; the coloured bands are what each "
                        "hypothesis expects of them (median and 90% interval): a hypothesis fits where its band stays "
                        "between the dotted lines.");
        return;
    }
    mtc_buffer_text(out,
                    "How many tumours double their volume faster than the time on the axis: coloured bands are what "
                    "each hypothesis expects (median and 90% interval), black ");
    if (d->obs_label == NULL) {
        mtc_buffer_text(out, "steps are the tumours measured.");
        return;
    }
    mtc_buffer_text(out, "points are published figures");
    published_list(d, out);
    mtc_buffer_text(out, ".");
}

static void display_figure(figure_set *set, const mtc_result_display *d)
{
    sketch s;

    figure_begin(&s, set, is_survival(d) ? FIGURE_SURVIVAL : FIGURE_TVDT, FIGURE_WIDTH_MM, FIGURE_HEIGHT_MM);
    put_plain(&s.id, d->source);
    mtc_buffer_text(&s.id, "_");
    put_plain(&s.id, d->id);
    mtc_buffer_text(&s.title, d->title);
    caption(d, &s.caption);
    describe(set->r, d, &s.alt);
    predictions_data(set->r, d, &s.plot);
    if (d->n_obs > 0) {
        observed_step_data(d, &s.plot);
    }
    axes(set->r, d, &s.plot);
    if (is_survival(d)) {
        survival_ticks(d, &s.plot);
    }
    if (d->obs_label != NULL) {
        observed_numbers(d, &s.plot);
    }
    mtc_buffer_text(&s.plot, "plot ");
    predictions_plot(set->r, d, &s.plot);
    if (d->obs_label == NULL) {
        observed_steps_plot(d, &s.plot);
    } else {
        observed_points_plot(d, &s.plot);
    }
    mtc_buffer_text(&s.plot, "1/0 notitle\n");
    figure_end(&s);
}

void figures_displays(figure_set *set)
{
    for (size_t i = 0; i < set->r->n_display; i++) {
        const mtc_result_display *d = &set->r->display[i];
        if (d->n_x >= 2 && d->kind != NULL) {
            display_figure(set, d);
        }
    }
}
