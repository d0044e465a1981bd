/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo_result.h"
#include "figures_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_text(mtc_buffer *b, const char *text)
{
    assert_string_equal(b->text, text);
    mtc_buffer_fini(b);
}

/** Catches the way out of a gnuplot string: its quote, its command substitution, a line break. */
static void test_quoting(void **state)
{
    (void)state;
    mtc_buffer b = MTC_BUFFER_INIT;
    put_quoted(&b, "it's `ls`\n!rm");
    assert_text(&b, "'it''s \u2019ls\u2019 !rm'");
    put_quoted(&b, NULL);
    assert_text(&b, "''");
    put_plain(&b, "../km.le 20\u03b4");
    assert_text(&b, "___km_le_20__");
    put_capitalised(&b, "median time");
    assert_text(&b, "Median time");
    put_capitalised(&b, "\u03b4 of");
    assert_text(&b, "\u03b4 of");
    put_capitalised(&b, "");
    assert_null(b.text);
    const double x[2] = {1.5, NAN};
    const double *const column[2] = {x, NULL};
    put_data(&b, "m", 3, column, 2, 2);
    assert_text(&b, "$m3 << EOD\n1.5 NaN\nNaN NaN\nEOD\n");
}

static void test_colours(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(demo_result(DEMO_THREE, &r, &err), MTC_OK);
    assert_string_equal(model_colour(r, "linear"), "#D55E00");
    assert_string_equal(model_colour(r, "parallel"), "#0072B2");
    assert_string_equal(model_colour(r, "middle"), "#009E73");
    assert_string_equal(model_colour(r, "unrestricted"), "#555555");
    assert_string_equal(model_colour(r, "nobody"), "#555555");
    assert_int_equal(model_index(r, "middle"), 2);
    assert_int_equal(model_index(r, "nobody"), 4);
    mtc_result_destroy(r);
}

static void test_set(void **state)
{
    (void)state;
    static const size_t wanted[] = {2, 3, 2, 3, 1, 10, 1};
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    figure_set set;
    const figure *list[32];

    assert_int_equal(demo_result(DEMO_PLAIN, &r, &err), MTC_OK);
    assert_int_equal(figures_make(&set, r, &err), MTC_OK);
    for (size_t g = 0; g < sizeof wanted / sizeof wanted[0]; g++) {
        assert_int_equal(figures_of(&set, (figure_group)g, list, 32), wanted[g]);
    }
    assert_int_equal(figures_of(&set, FIGURE_PRIOR, list, 4), 4);
    for (size_t i = 0; i < set.n; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(set.item[i]->id, set.item[k]->id);
        }
        assert_true(strlen(set.item[i]->alt) > 40 && strlen(set.item[i]->title) > 5);
        assert_true(set.item[i]->width_mm > 30.0 && set.item[i]->height_mm > 30.0);
        assert_null(set.item[i]->svg);
    }
    mtc_result_destroy(r);
}

/** Numbers that are not there (a failed evidence, an unknown interval) must not end up in a gnuplot command. */
static void test_missing_numbers(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    figure_set set;

    assert_int_equal(demo_result(DEMO_PLAIN, &r, &err), MTC_OK);
    r->comparison.log_bayes_factor_se = NAN;
    r->model[0].evidence.estimator[0].value = NAN;
    r->model[2].seeding_diameter_mass.from_5_to_10_mm = NAN;
    r->model[1].seeding.distribution[0].q95 = NAN;
    r->model[0].param[1].prior_interval.q05 = NAN;
    assert_int_equal(figures_make(&set, r, &err), MTC_OK);
    for (size_t i = 0; i < set.n; i++) {
        const char *plot = set.item[i]->plot;
        assert_null(strstr(plot, "nan"));
        assert_null(strstr(plot, "inf"));
    }
    mtc_result_destroy(r);
}

static const figure *figure_named(const figure_set *set, const char *id)
{
    for (size_t i = 0; i < set->n; i++) {
        if (strcmp(set->item[i]->id, id) == 0) {
            return set->item[i];
        }
    }
    fail_msg("no figure %s", id);
    return NULL;
}

static void draws(const figure_set *set, const char *id, const char *command)
{
    const figure *f = figure_named(set, id);
    if (strstr(f->plot, command) == NULL) {
        fail_msg("%s lacks: %s\n%s", id, command, f->plot);
    }
}

/** Catches pictures of the wrong numbers: colours, axes, limits and marks as they reach gnuplot. */
static void test_commands(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    figure_set set;

    assert_int_equal(demo_result(DEMO_PLAIN, &r, &err), MTC_OK);
    assert_int_equal(figures_make(&set, r, &err), MTC_OK);
    draws(&set, "model_probability", "'linear' 2, 'parallel' 1");
    draws(&set, "model_probability", "$p every ::1::1 u (0.5*$2):1:(0.5*$2):(0.26) w boxxyerror fc rgb '#0072B2'");
    draws(&set, "log_bayes_factor", "$b << EOD\n3.63 0.5 0.05\nEOD");
    draws(&set, "log_bayes_factor", "set xrange [-8:8]");
    draws(&set, "rotterdam_km_le20", "$m0 u 1:3:4 w filledcurves fc rgb '#D55E00'");
    draws(&set, "rotterdam_km_le20", "0 1 1 1\n"); /* the curve starts at 1 */
    draws(&set, "rotterdam_km_le20", "set xtics (\"0\\n823\" 0, \"5\\n");
    draws(&set, "tvdt_primary", "set logscale x");
    draws(&set, "tvdt_primary", "set label '1' at 147,0.5 center offset 0,0.8");
    draws(&set, "tvdt_primary", "set label '4' at 138.18,0.5 center offset 0,-0.8"); /* beside point 1: below it */
    draws(&set, "seeding_time", "set xrange [0:8]");
    draws(&set, "seeding_size_all", "set arrow from 5, graph 0 to 5, graph 1");
    draws(&set, "seeding_diameter_unrestricted", "set label '74%' at");
    draws(&set, "prior_seeding_diameter_mm", "$d1 u 1:2 w lines lw 1.1 dt (4,3) lc rgb '#0072B2'");
    draws(&set, "estimators", "'linear: bridge' -1, 'linear: importance' -2, 'parallel: bridge' -3");
    draws(&set, "estimators", "$e every ::4::5 u 2:(-$1):3 w xerrorbars pt 7 ps 0.6 lw 1.4 lc rgb '#555555'");
    assert_null(strstr(figure_named(&set, "rotterdam_km_le20")->plot, "$m2")); /* checks are not drawn with the data */
    assert_non_null(strstr(figure_named(&set, "tvdt_primary")->caption, "4 Ryu 2014, median"));
    assert_non_null(
        strstr(figure_named(&set, "prior_growth_ratio")->caption, "linear 2.41 (2.08 to 2.79); parallel 1.78"));
    mtc_result_destroy(r);
}

static void test_ticks(void **state)
{
    (void)state;
    mtc_buffer b = MTC_BUFFER_INIT;
    put_ticks(&b, 0.0, 1.0, 5);
    assert_text(&b, "set xtics 0.2\n");
    put_ticks(&b, -0.04, 0.041, 5);
    assert_text(&b, "set xtics 0.02\n");
    put_ticks(&b, 44.0, 390.0, 5);
    assert_text(&b, "set xtics 100\n");
    put_ticks(&b, 1.0, 1.0, 5);
    put_ticks(&b, 0.0, INFINITY, 5);
    assert_null(b.text);
}

/** Sources that look alike as file names keep figures of their own. */
static void test_unique_names(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    figure_set set;

    assert_int_equal(demo_result(DEMO_PLAIN, &r, &err), MTC_OK);
    r->display[1].id = "km le20";
    r->display[2].id = "km/le20";
    assert_int_equal(figures_make(&set, r, &err), MTC_OK);
    (void)figure_named(&set, "rotterdam_km_le20");
    (void)figure_named(&set, "rotterdam_km_le20_2");
    (void)figure_named(&set, "rotterdam_km_le20_3");
    mtc_result_destroy(r);
}

static const figure example = {
    .id = "km_a", .title = "A <b> & c", .alt = "words > numbers", .width_mm = 85, .height_mm = 66};

/** What gnuplot 5.4 writes, cut to the parts that are changed. */
static const char raw_svg[] =
    "<?xml version=\"1.0\"?>\n<svg width=\"321\">\n<title>figure</title>\n<desc>Produced by GNUPLOT</desc>\n"
    "<g id=\"gnuplot_canvas\">\n<rect fill=\"#ffffff\"/>\n<circle id='gpDot'/><path id='gpPt0'/><filter id='textbox'/>"
    "<g id=\"figure_plot_1\" ><title>figure_plot_1</title><use xlink:href='#gpPt0'/>"
    "<g font-family=\"Helvetica\"><text>&lt;b></text></g></g>\n</g>\n</svg>\n";

static void test_svg_for_page(void **state)
{
    (void)state;
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(svg_for_page(&example, raw_svg, &b, &err), MTC_OK);
    assert_text(
        &b, "<svg viewBox=\"0 0 321 249\" aria-hidden=\"true\" focusable=\"false\">\n<g>\n<rect fill=\"#ffffff\"/>\n"
            "<circle id='km_a-Dot'/><path id='km_a-Pt0'/><filter /><g id=\"km_a-plot_1\" ><use href='#km_a-Pt0'/>"
            "<g font-family=\"Helvetica, Arial, sans-serif\"><text>&lt;b></text></g></g>\n</g>\n</svg>\n");
    assert_int_equal(svg_for_page(&example, "<svg></svg>", &b, &err), MTC_EBUG);
    mtc_buffer_fini(&b);
}

static void test_svg_for_file(void **state)
{
    (void)state;
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(svg_for_file(&example, raw_svg, &b, &err), MTC_OK);
    assert_non_null(strstr(b.text, "width=\"85mm\" height=\"66mm\""));
    assert_non_null(strstr(b.text, "<title>A &lt;b&gt; &amp; c</title>\n<desc>words &gt; numbers</desc>"));
    assert_non_null(strstr(b.text, "xlink:href='#km_a-Pt0'"));
    mtc_buffer_fini(&b);
    assert_int_equal(svg_for_file(&example, "", &b, &err), MTC_EBUG);
    mtc_buffer_fini(&b);
}

static void test_pdf_date(void **state)
{
    (void)state;
    char pdf[] = "%PDF\n/CreationDate (D:20261122192315Z)\nend\0tail";
    pdf_remove_date(pdf, sizeof pdf - 1);
    assert_string_equal(pdf, "%PDF\n/CreationDate (D:20000101000000Z)\nend");
    char cut[] = "/CreationDate (D:2026";
    pdf_remove_date(cut, sizeof cut - 1);
    assert_string_equal(cut, "/CreationDate (D:2026");
    pdf_remove_date(NULL, 0);
}

static void test_gnuplot_reasons(void **state)
{
    (void)state;
    char reason[256], folder[] = "/tmp/mtc_figures_XXXXXX", path[64], command[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/bad.gnuplot", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs("plot nosuchvariable\n", f);
    (void)fclose(f);

    assert_false(gnuplot_run("gnuplot", folder, "bad.gnuplot", reason, sizeof reason));
    assert_non_null(strstr(reason, "nosuchvariable"));
    assert_false(gnuplot_run("/nonexistent/gnuplot", folder, "bad.gnuplot", reason, sizeof reason));
    assert_string_equal(reason, "the program /nonexistent/gnuplot was not found");
    assert_false(gnuplot_run("gnuplot", "/nonexistent", "bad.gnuplot", reason, sizeof reason));
    assert_non_null(strstr(reason, "folder of figures"));
    assert_true(gnuplot_run("/bin/true", folder, "bad.gnuplot", reason, sizeof reason));
    assert_string_equal(reason, "");
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_missing_numbers),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_unique_names),
        cmocka_unit_test(test_svg_for_page),
        cmocka_unit_test(test_svg_for_file),
        cmocka_unit_test(test_pdf_date),
        cmocka_unit_test(test_gnuplot_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
