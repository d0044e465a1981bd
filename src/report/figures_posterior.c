/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures_internal.h"

#include <math.h>
#include <string.h>

/** Models of the comparison; after `fit` all. */
static bool is_hypothesis(const mtc_result *r, const mtc_result_model *m)
{
    return m->in_comparison || !r->comparison.is_present;
}

/** The seeding figures, one per distribution that compare promises. */
typedef struct {
    const char *id, *file, *title, *x_label, *y_label, *caption;
    bool is_diameter;
} seeding_view;

static const seeding_view views[] = {
    {"first_years_before_surgery", "seeding_time", "When did the first metastasis leave?", "years before surgery",
     "share of patients per year",
     "Each curve shows, for patients whose metastasis appeared after surgery, how long before surgery its founder cell "
     "had "
     "left the breast.",
     false},
    {"first_diameter_mm", "seeding_size_first", "How large was the primary then?", "diameter of the primary (mm)",
     "share of patients per mm",
     "Each curve shows the diameter of the primary when the founder of the first metastasis left; dashed lines mark 5 "
     "and 10 "
     "mm, about the smallest tumours that are found.",
     true},
    {"all_diameter_mm", "seeding_size_all", "And when any founder left?", "diameter of the primary (mm)",
     "share of founders per mm",
     "The same for all founder cells of later metastases: most leave a larger tumour than the first one did.", true},
};

static void distribution_data(const mtc_result_distribution *d, size_t index, mtc_buffer *plot)
{
    mtc_buffer_printf(plot, "$s%zu << EOD\n", index);
    for (size_t i = 0; i + 1 < d->n_edge; i++) {
        const double density = d->share[i] / (d->edge[i + 1] - d->edge[i]);
        put_value(plot, d->edge[i]);
        mtc_buffer_text(plot, " ");
        put_value(plot, density);
        mtc_buffer_text(plot, "\n");
        put_value(plot, d->edge[i + 1]);
        mtc_buffer_text(plot, " ");
        put_value(plot, density);
        mtc_buffer_text(plot, "\n");
    }
    mtc_buffer_text(plot, "EOD\n");
}

/** Where the picture ends: beyond every model's 95% quantile, where the histograms still go on. */
static double right_end(const mtc_result *r, const char *id)
{
    double end = 0.0, last = 0.0;
    for (size_t m = 0; m < r->n_model; m++) {
        const mtc_result_distribution *d = mtc_result_find_distribution(&r->model[m], id);
        if (d != NULL && d->n_edge >= 2 && is_hypothesis(r, &r->model[m])) {
            end = fmax(end, isfinite(d->q95) ? 1.35 * d->q95 : 0.0);
            last = fmax(last, d->edge[d->n_edge - 1]);
        }
    }
    return end > 0.0 ? fmin(end, last) : last;
}

static void seeding_curve(const mtc_result *r, size_t m, const mtc_result_distribution *d, sketch *s,
                          mtc_buffer *curves)
{
    const char *const colour = model_colour(r, r->model[m].name);

    distribution_data(d, m, &s->plot);
    mtc_buffer_printf(curves, "$s%zu u 1:2 w filledcurves y=0 fc rgb '%s' notitle, ", m, colour);
    mtc_buffer_printf(curves, "$s%zu u 1:2 w lines lw 1.5 lc rgb '%s' title ", m, colour);
    put_quoted(curves, r->model[m].name);
    mtc_buffer_text(curves, ", ");
    mtc_buffer_printf(&s->alt, " %s: median %s, 90%% from %s to %s %s.", r->model[m].name, word_number(d->q50, 2).text,
                      word_number(d->q05, 2).text, word_number(d->q95, 2).text, d->unit);
}

static void size_marks(mtc_buffer *plot)
{
    for (int i = 1; i <= 2; i++) {
        mtc_buffer_printf(plot, "set arrow from %d, graph 0 to %d, graph 1 nohead lw 0.8 dt (3,3) lc rgb 'black'\n",
                          5 * i, 5 * i);
    }
}

static void seeding_figure(figure_set *set, const seeding_view *v)
{
    const mtc_result *r = set->r;
    mtc_buffer curves = MTC_BUFFER_INIT;
    size_t n = 0;
    sketch s;

    figure_begin(&s, set, FIGURE_SEEDING, FIGURE_WIDTH_MM, FIGURE_HEIGHT_MM);
    mtc_buffer_text(&s.id, v->file);
    mtc_buffer_text(&s.title, v->title);
    mtc_buffer_text(&s.caption, v->caption);
    mtc_buffer_printf(&s.alt, "Distributions of %s.", v->x_label);
    for (size_t m = 0; m < r->n_model; m++) {
        const mtc_result_distribution *d = mtc_result_find_distribution(&r->model[m], v->id);
        if (d != NULL && d->n_edge >= 2 && is_hypothesis(r, &r->model[m])) {
            seeding_curve(r, m, d, &s, &curves);
            n++;
        }
    }
    mtc_buffer_printf(&s.plot, "set xrange [0:%.4g]\nset yrange [0:*]\n", right_end(r, v->id));
    mtc_buffer_text(&s.plot, v->is_diameter ? "" : "set xrange [] reverse\n");
    if (v->is_diameter) {
        size_marks(&s.plot);
    }
    mtc_buffer_printf(&s.plot, "set xlabel '%s'\nset ylabel '%s'\nplot ", v->x_label, v->y_label);
    mtc_buffer_text(&s.plot, curves.text);
    mtc_buffer_text(&s.plot, "1/0 notitle\n");
    mtc_buffer_fini(&curves);
    n > 0 ? figure_end(&s) : figure_drop(&s);
}

void figures_seeding(figure_set *set)
{
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        seeding_figure(set, &views[i]);
    }
}

/** Density as it stands on the axis: per unit, or per unit of the logarithm on a logarithmic axis. */
static void density_data(const mtc_result_param *p, bool is_log, size_t index, mtc_buffer *plot)
{
    mtc_buffer_printf(plot, "$d%zu << EOD\n", index);
    for (size_t i = 0; i < p->n_grid; i++) {
        const double scale = is_log ? p->grid[i] : 1.0;
        put_value(plot, p->grid[i]);
        mtc_buffer_text(plot, " ");
        put_value(plot, scale * p->prior_density[i]);
        mtc_buffer_text(plot, " ");
        put_value(plot, scale * p->posterior_density[i]);
        mtc_buffer_text(plot, "\n");
    }
    mtc_buffer_text(plot, "EOD\n");
}

static bool has_density(const mtc_result_param *p)
{
    return p != NULL && !p->is_fixed && p->n_grid >= 2 && p->prior_density != NULL && p->posterior_density != NULL;
}

static void density_axes(bool is_log, double lower, double upper, const char *label, mtc_buffer *plot)
{
    mtc_buffer_printf(plot, "set border 1\nunset ytics\nset yrange [0:*]\n%s", is_log ? "set logscale x\n" : "");
    if (upper > lower && isfinite(lower) && isfinite(upper)) {
        mtc_buffer_printf(plot, "set xrange [%.5g:%.5g]\n", lower, upper);
        if (!is_log) {
            put_ticks(plot, lower, upper, 5);
        } else if (upper / lower < 150.0) {
            mtc_buffer_text(plot, "set xtics autofreq add (");
            const char *before = "";
            for (int e = (int)floor(log10(lower)); pow(10.0, e) <= upper; e++) {
                static const double step[] = {2.0, 5.0};
                for (size_t k = 0; k < 2; k++) {
                    mtc_buffer_printf(plot, "%s%g", before, step[k] * pow(10.0, e));
                    before = ", ";
                }
            }
            mtc_buffer_text(plot, ")\n");
        }
    }
    mtc_buffer_text(plot, "set xlabel ");
    put_quoted(plot, label);
    mtc_buffer_text(plot, "\n");
}

/** The check's own picture: prior, posterior, and the land of each hypothesis. */
static void check_figure(figure_set *set, const mtc_result_model *m, const mtc_result_param *p)
{
    static const double edge[] = {5.0, 10.0};
    sketch s;

    figure_begin(&s, set, FIGURE_CHECK, FIGURE_WIDTH_MM, FIGURE_HEIGHT_MM);
    mtc_buffer_text(&s.id, "seeding_diameter_");
    put_plain(&s.id, m->name);
    mtc_buffer_text(&s.title, "Where do the data put the onset of seeding, left free?");
    mtc_buffer_text(&s.caption,
                    "The filled curve is where the data put the diameter at which the primary began to seed, when no "
                    "hypothesis is imposed; the dashed curve is what was assumed beforehand.");
    words_check(m, &s.alt);
    density_data(p, p->is_log_scale, 0, &s.plot);
    density_axes(p->is_log_scale, p->grid[0], p->grid[p->n_grid - 1], "seeding diameter (mm)", &s.plot);
    mtc_buffer_text(&s.plot, "set xtics autofreq add (1, 2, 5, 10, 20, 50)\n");
    for (size_t i = 0; i < 2; i++) {
        mtc_buffer_printf(&s.plot, "set arrow from %g, graph 0 to %g, graph 1 nohead lw 0.8 dt (3,3) lc rgb 'black'\n",
                          edge[i], edge[i]);
    }
    const mtc_result_mass *mass = &m->seeding_diameter_mass;
    const double place[] = {sqrt(p->grid[0] * 5.0), sqrt(50.0), sqrt(10.0 * p->grid[p->n_grid - 1])};
    const double value[] = {mass->below_5_mm, mass->from_5_to_10_mm, mass->above_10_mm};
    for (size_t i = 0; i < 3 && isfinite(value[i]); i++) {
        mtc_buffer_printf(&s.plot, "set label '%.0f%%' at %.5g, graph 0.95 center\n", 100.0 * value[i], place[i]);
    }
    mtc_buffer_text(&s.plot,
                    "plot $d0 u 1:3 w filledcurves y=0 fc rgb '#555555' notitle, $d0 u 1:3 w lines lw 1.8 lc rgb "
                    "'#555555' title ");
    put_quoted(&s.plot, m->name);
    mtc_buffer_text(&s.plot, ", $d0 u 1:2 w lines lw 1.2 dt (4,3) lc rgb '#555555' title 'assumed before'\n");
    figure_end(&s);
}

void figures_check(figure_set *set)
{
    for (size_t i = 0; i < set->r->n_model; i++) {
        const mtc_result_model *m = &set->r->model[i];
        const mtc_result_param *p = mtc_result_find_param(m, "seeding_diameter_mm");
        if (!m->in_comparison && has_density(p)) {
            check_figure(set, m, p);
        }
    }
}

/** Widen [lower, upper] to an interval; on a logarithmic axis only positive limits count. */
static void widen(double lower, double upper, bool is_log, double *lo, double *hi)
{
    if (isfinite(lower) && (!is_log || lower > 0.0)) {
        *lo = fmin(*lo, lower);
    }
    if (isfinite(upper)) {
        *hi = fmax(*hi, upper);
    }
}

/** A fifth of room on both sides, not beyond the grids of the densities, first to last. */
static void give_room(bool is_log, double first, double last, double *lo, double *hi)
{
    if (is_log) {
        const double room = pow(*hi / *lo, 0.2);
        *lo = fmax(*lo / room, first);
        *hi = fmin(*hi * room, last);
    } else {
        const double room = 0.2 * (*hi - *lo);
        *lo = fmax(*lo - room, first);
        *hi = fmin(*hi + room, last);
    }
}

static void prior_curves(const mtc_result *r, size_t m, const mtc_result_param *p, bool is_log, sketch *s,
                         mtc_buffer *curves)
{
    const mtc_result_posterior *post = mtc_result_find_posterior(&r->model[m], p->name);
    const char *const colour = model_colour(r, r->model[m].name);

    density_data(p, is_log, m, &s->plot);
    mtc_buffer_printf(curves, "$d%zu u 1:3 w filledcurves y=0 fc rgb '%s' notitle, ", m, colour);
    mtc_buffer_printf(curves, "$d%zu u 1:2 w lines lw 1.1 dt (4,3) lc rgb '%s' notitle, ", m, colour);
    mtc_buffer_printf(curves, "$d%zu u 1:3 w lines lw 1.5 lc rgb '%s' title ", m, colour);
    put_quoted(curves, r->model[m].name);
    mtc_buffer_text(curves, ", ");
    mtc_buffer_printf(&s->alt, " %s: prior %s", r->model[m].name, word_interval(p->prior_interval, 3).text);
    if (post != NULL) {
        const mtc_result_interval i = {post->q50, post->q05, post->q95};
        mtc_buffer_printf(&s->alt, ", posterior %s", word_interval(i, 3).text);
        mtc_buffer_printf(&s->caption, "%s %s %s", s->caption.n == 0 ? "After the data (median, 90% interval):" : ";",
                          r->model[m].name, word_interval(i, 3).text);
    }
    mtc_buffer_text(&s->alt, ";");
}

static void prior_label(const mtc_result_param *p, mtc_buffer *out)
{
    mtc_buffer_text(out, p->symbol != NULL && p->symbol[0] != '\0' ? p->symbol : p->name);
    if (p->unit != NULL && p->unit[0] != '\0') {
        mtc_buffer_printf(out, " (%s)", p->unit);
    }
}

/** One axis for all: logarithmic where one model's grid is and none reaches zero or below. */
static bool any_log_scale(const mtc_result *r, const char *name)
{
    bool is_log = false;
    for (size_t m = 0; m < r->n_model; m++) {
        const mtc_result_param *p = mtc_result_find_param(&r->model[m], name);
        if (is_hypothesis(r, &r->model[m]) && has_density(p)) {
            if (p->grid[0] < 0.0) {
                return false;
            }
            is_log = is_log || p->is_log_scale;
        }
    }
    return is_log;
}

static void prior_figure(figure_set *set, const mtc_result_param *what)
{
    const mtc_result *r = set->r;
    mtc_buffer curves = MTC_BUFFER_INIT, label = MTC_BUFFER_INIT;
    double lo = INFINITY, hi = -INFINITY, first = INFINITY, last = -INFINITY;
    const bool is_log = any_log_scale(r, what->name);
    sketch s;

    figure_begin(&s, set, FIGURE_PRIOR, SMALL_WIDTH_MM, SMALL_HEIGHT_MM);
    mtc_buffer_text(&s.id, "prior_");
    put_plain(&s.id, what->name);
    put_capitalised(&s.title, what->text != NULL && what->text[0] != '\0' ? what->text : what->name);
    mtc_buffer_printf(&s.alt, "Prior and posterior density of %s, median and 90%% interval.", what->name);
    for (size_t m = 0; m < r->n_model; m++) {
        const mtc_result_param *p = mtc_result_find_param(&r->model[m], what->name);
        const mtc_result_posterior *post = mtc_result_find_posterior(&r->model[m], what->name);
        if (is_hypothesis(r, &r->model[m]) && has_density(p)) {
            prior_curves(r, m, p, is_log, &s, &curves);
            widen(p->grid[0], p->grid[p->n_grid - 1], is_log, &first, &last);
            widen(p->prior_interval.q05, p->prior_interval.q95, is_log, &lo, &hi);
            widen(post == NULL ? p->prior_interval.q05 : post->q05, post == NULL ? p->prior_interval.q95 : post->q95,
                  is_log, &lo, &hi);
        }
    }
    mtc_buffer_text(&s.caption, s.caption.n > 0 ? "." : "");
    give_room(is_log, first, last, &lo, &hi);
    prior_label(what, &label);
    density_axes(is_log, lo, hi, label.text, &s.plot);
    mtc_buffer_text(&s.plot, "plot ");
    mtc_buffer_text(&s.plot, curves.text);
    mtc_buffer_text(&s.plot, "1/0 notitle\n");
    mtc_buffer_fini(&curves);
    mtc_buffer_fini(&label);
    figure_end(&s);
}

/** Whether an earlier hypothesis has drawn this parameter already. */
static bool is_drawn(const mtc_result *r, size_t before, const char *name)
{
    for (size_t m = 0; m < before; m++) {
        if (is_hypothesis(r, &r->model[m]) && has_density(mtc_result_find_param(&r->model[m], name))) {
            return true;
        }
    }
    return false;
}

void figures_priors(figure_set *set)
{
    const mtc_result *r = set->r;
    for (size_t m = 0; m < r->n_model; m++) {
        for (size_t i = 0; i < r->model[m].n_param && is_hypothesis(r, &r->model[m]); i++) {
            const mtc_result_param *p = &r->model[m].param[i];
            if (has_density(p) && !is_drawn(r, m, p->name)) {
                prior_figure(set, p);
            }
        }
    }
}
