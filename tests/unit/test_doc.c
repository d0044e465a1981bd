/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doc_internal.h"
#include "test_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

typedef struct {
    doc d;
    mtc_err err;
} page;

static void start(page *p)
{
    memset(p, 0, sizeof *p);
    assert_int_equal(mtc_arena_create(&p->d.arena, &p->err), MTC_OK);
    p->d.err = &p->err;
}

/** Both renderings must hold these texts; the page is released. */
static void renders(page *p, const char *html, const char *markdown)
{
    mtc_buffer h = MTC_BUFFER_INIT, m = MTC_BUFFER_INIT;
    assert_int_equal(p->d.st, MTC_OK);
    doc_render_html(&p->d, "T", "1.2.3", &h);
    doc_render_markdown(&p->d, "T", &m);
    if (strstr(h.text, html) == NULL) {
        fail_msg("HTML lacks:\n%s\nin:\n%s", html, strstr(h.text, "<main>"));
    }
    if (strstr(m.text, markdown) == NULL) {
        fail_msg("Markdown lacks:\n%s\nin:\n%s", markdown, m.text);
    }
    mtc_buffer_fini(&h);
    mtc_buffer_fini(&m);
    mtc_arena_destroy(p->d.arena);
}

static void test_text(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_text(&p.d, "%s has %d < %d & \"x\" * y_1 | z", "it's", 3, 4);
    renders(&p, "<p>it&#39;s has 3 &lt; 4 &amp; &quot;x&quot; * y_1 | z</p>\n",
            "\nit's has 3 \\< 4 \\& \"x\" \\* y\\_1 \\| z\n\n");
}

static void test_control_characters(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_text(&p.d, "a\x01"
                   "b\tc\nd");
    renders(&p, "<p>a b c\nd</p>", "\na b c d\n");
}

static void test_heading_and_sections(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_heading(&p.d, 2, "one", "One & all");
    doc_heading(&p.d, 3, "", "No anchor");
    doc_heading(&p.d, 2, "two", "Two");
    renders(
        &p,
        "<main>\n<section aria-labelledby=\"one\">\n<h2 id=\"one\">One &amp; all</h2>\n<h3>No anchor</h3>\n</section>\n"
        "<section aria-labelledby=\"two\">\n<h2 id=\"two\">Two</h2>\n</section>\n</main>",
        "# T\n\n## One \\& all\n\n### No anchor\n\n## Two\n");
}

static void test_contents(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_heading(&p.d, 2, "one", "One");
    doc_heading(&p.d, 3, "under", "Under");
    renders(&p, "<ul>\n<li><a href=\"#one\">One</a></li>\n</ul>\n</nav>", "### Under");
}

static void test_notes(void **state)
{
    (void)state;
    static const char *const html[] = {"<p class=\"note good\">n</p>", "<p class=\"note info\">n</p>",
                                       "<p class=\"note warn\"><strong>Note.</strong> n</p>",
                                       "<p class=\"note bad\"><strong>Caution.</strong> n</p>"};
    static const char *const markdown[] = {"\n> n\n", "\n> n\n", "> **Note.** n", "> **Caution.** n"};
    for (int tone = 0; tone < 4; tone++) {
        page p;
        start(&p);
        doc_note(&p.d, (doc_tone)tone, "%c", 'n');
        renders(&p, html[tone], markdown[tone]);
    }
}

static void test_lead_and_code(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_lead(&p.d, "Answer: %s", "<b>");
    doc_code(&p.d, "metachron a.yaml\n```");
    renders(&p, "<p class=\"lead\">Answer: &lt;b&gt;</p>\n<pre>metachron a.yaml\n```</pre>",
            "**Answer: \\<b\\>**\n\n    metachron a.yaml ```\n");
}

static void test_list(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_begin(&p.d, DOC_LIST, NULL, NULL);
    for (int i = 0; i < 40; i++) { /* more than the first room */
        doc_item(&p.d, "item %d", i);
    }
    renders(&p, "<li>item 38</li>\n<li>item 39</li>\n</ul>", "- item 38\n- item 39\n\n");
}

/** Catches a cell that slips into another row, a header that is none, numbers that are not aligned. */
static void test_table(void **state)
{
    (void)state;
    page p;
    static const char *const cell[] = {"Name", "Value", "a|b", "1", "c", "2"};
    start(&p);
    doc_begin(&p.d, DOC_TABLE, "Cap \"x\"", "lr");
    for (size_t i = 0; i < 6; i++) {
        doc_item(&p.d, "%s", cell[i]);
    }
    renders(&p,
            "aria-label=\"Cap &quot;x&quot;\">\n<table>\n<caption>Cap &quot;x&quot;</caption>\n<thead>\n<tr><th "
            "scope=\"col\">Name</th><th scope=\"col\" class=\"num\">Value</th></tr>\n</thead>\n<tbody>\n<tr><th "
            "scope=\"row\">a|b</th><td class=\"num\">1</td></tr>\n<tr><th scope=\"row\">c</th><td "
            "class=\"num\">2</td></tr>\n</tbody>",
            "**Cap \"x\"**\n\n| Name | Value |\n| --- | ---: |\n| a\\|b | 1 |\n| c | 2 |\n\n");
}

/** A table without rows or columns is left out and does not read beyond its items. */
static void test_empty_table(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_begin(&p.d, DOC_TABLE, "None", "lrr");
    doc_item(&p.d, "only one");
    doc_begin(&p.d, DOC_TABLE, "No columns", NULL);
    doc_figures(&p.d, NULL, 0, false);
    doc_text(&p.d, "end");
    renders(&p, "<main>\n<p>end</p>\n", "# T\n\nend\n");
}

static void test_cards(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_begin(&p.d, DOC_CARDS, NULL, NULL);
    doc_item(&p.d, "Bayes factor");
    doc_item(&p.d, "38");
    doc_item(&p.d, "shift");
    renders(&p, "<div><dt>Bayes factor</dt>\n<dd class=\"value\">38</dd>\n<dd>shift</dd>\n</div>",
            "- Bayes factor: **38** (shift)\n");
}

static void test_references(void **state)
{
    (void)state;
    page p;
    start(&p);
    doc_begin(&p.d, DOC_REFERENCES, NULL, NULL);
    doc_item(&p.d, "Klein 2009.");
    doc_item(&p.d, "10.1038/nrc2627");
    doc_item(&p.d, "No DOI.");
    doc_item(&p.d, "%s", "");
    renders(
        &p,
        "<li>Klein 2009. <a href=\"https://doi.org/10.1038/nrc2627\">doi:10.1038/nrc2627</a></li>\n<li>No DOI.</li>",
        "1. Klein 2009. <https://doi.org/10.1038/nrc2627>\n1. No DOI.\n");
}

static void test_figures(void **state)
{
    (void)state;
    page p;
    static const figure drawn = {
        .id = "km", .title = "Fits?", .caption = "Black is data.", .alt = "Alt \"text\"", .svg = "<svg></svg>"};
    static const figure failed = {
        .id = "cdf", .title = "Title", .caption = "", .alt = "In words", .reason = "no gnuplot"};
    const figure *const list[] = {&drawn, &failed};
    start(&p);
    doc_figures(&p.d, list, 2, true);
    renders(
        &p,
        "<div class=\"figures small\">\n<figure id=\"figure-km\">\n<p class=\"figtitle\">Fits?</p>\n<div "
        "class=\"plot\" "
        "role=\"img\" aria-label=\"Alt &quot;text&quot;\">\n<svg></svg></div>\n<figcaption>Black is "
        "data.</figcaption>\n</figure>\n<figure id=\"figure-cdf\">\n<p class=\"figtitle\">Title</p>\n<p class=\"note "
        "warn\">This figure could not be drawn: no gnuplot. In words: In words</p>\n</figure>",
        "![Alt \"text\"](figures/km.svg)\n\n**Fits?** Black is data.\n\n(This figure could not be drawn: no "
        "gnuplot)\n\nIn "
        "words\n\n**Title.** \n");
}

static void test_page(void **state)
{
    (void)state;
    page p;
    mtc_buffer b = MTC_BUFFER_INIT;
    start(&p);
    doc_render_html(&p.d, "</title><script>", "1.2.3", &b);
    assert_non_null(strstr(b.text, "<title>&lt;/title&gt;&lt;script&gt;</title>"));
    assert_non_null(strstr(b.text, "<html lang=\"en\">"));
    assert_non_null(strstr(b.text, "default-src 'none'"));
    assert_non_null(strstr(b.text, "content=\"metachron 1.2.3\""));
    mtc_buffer_fini(&b);
    mtc_arena_destroy(p.d.arena);
}

/** Memory that runs out is remembered; what follows does nothing and breaks nothing. */
static void test_no_memory(void **state)
{
    (void)state;
    for (size_t k = 1; k < 12; k++) {
        page p;
        memset(&p, 0, sizeof p);
        p.d.err = &p.err;
        test_alloc_start(k);
        if (mtc_arena_create(&p.d.arena, &p.err) == MTC_OK) {
            char text[3001];
            memset(text, 'x', 3000);
            text[3000] = '\0';
            for (int i = 0; i < 200; i++) {
                doc_begin(&p.d, DOC_LIST, text, NULL);
                doc_item(&p.d, "%s", text);
                doc_heading(&p.d, 2, "a", text);
                doc_note(&p.d, DOC_BAD, "%s", text);
            }
            assert_int_equal(p.d.st, MTC_ENOMEM);
        }
        mtc_arena_destroy(p.d.arena);
        assert_int_equal(test_alloc_stop(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),     cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_contents), cmocka_unit_test(test_heading_and_sections),
        cmocka_unit_test(test_notes),    cmocka_unit_test(test_lead_and_code),
        cmocka_unit_test(test_list),     cmocka_unit_test(test_table),
        cmocka_unit_test(test_cards),    cmocka_unit_test(test_empty_table),
        cmocka_unit_test(test_figures),  cmocka_unit_test(test_references),
        cmocka_unit_test(test_page),     cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
