/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo_result.h"
#include "mtc_file.h"
#include "mtc_report.h"
#include "test_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/mtc_report_XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/** "<folder>/<run>/<file>" in the caller's buffer. */
static const char *path_to(char *path, size_t size, const char *run, const char *file)
{
    (void)snprintf(path, size, "%s/%s%s%s", folder, run, file[0] == '\0' ? "" : "/", file);
    return path;
}

static void read_into(mtc_buffer *b, const char *run, const char *file)
{
    char path[512];
    mtc_err err = MTC_ERR_INIT;
    if (mtc_file_read(path_to(path, sizeof path, run, file), 64u << 20, b, &err) != MTC_OK) {
        fail_msg("%s", err.message);
    }
}

static mtc_report_outcome write_run(const char *run, unsigned flags, const mtc_report_options *options)
{
    char path[512];
    mtc_result *r = NULL;
    mtc_report_outcome outcome;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(demo_result(flags, &r, &err), MTC_OK);
    if (mtc_report_write(r, path_to(path, sizeof path, run, ""), options, &outcome, &err) != MTC_OK) {
        fail_msg("%s", err.message);
    }
    mtc_result_destroy(r);
    return outcome;
}

static bool has(const mtc_buffer *b, const char *text)
{
    return strstr(b->text, text) != NULL;
}

static size_t count(const mtc_buffer *b, const char *text)
{
    size_t n = 0;
    for (const char *p = strstr(b->text, text); p != NULL; p = strstr(p + 1, text)) {
        n++;
    }
    return n;
}

/* ---- a small HTML checker ---- */

static bool is_void(const char *tag)
{
    return strcmp(tag, "meta") == 0 || strcmp(tag, "br") == 0 || strcmp(tag, "hr") == 0;
}

/** Every element that opens closes, in order. */
static void assert_well_formed(const char *html)
{
    static char stack[256][24];
    size_t depth = 0;

    for (const char *p = strchr(html, '<'); p != NULL; p = strchr(p + 1, '<')) {
        char tag[24] = "";
        const bool closes = p[1] == '/';
        (void)sscanf(p + (closes ? 2 : 1), "%23[a-zA-Z0-9!]", tag);
        const char *end = strchr(p, '>');
        assert_non_null(end);
        if (tag[0] == '!' || is_void(tag) || (!closes && end[-1] == '/')) {
            continue;
        }
        if (!closes) {
            assert_true(depth < 256);
            strcpy(stack[depth++], tag);
        } else if (depth == 0 || strcmp(stack[--depth], tag) != 0) {
            fail_msg("</%s> closes <%s> near: %.80s", tag, depth > 0 ? stack[depth] : "nothing", p);
        }
    }
    assert_int_equal(depth, 0);
}

/** No id stands twice: gnuplot gives all its pictures the same ones. */
static void assert_unique_ids(const char *html)
{
    static char id[4000][96];
    size_t n = 0;

    for (const char *p = strstr(html, " id="); p != NULL; p = strstr(p + 1, " id=")) {
        const size_t length = strcspn(p + 5, "'\"");
        assert_true(n < 4000 && length < 96);
        memcpy(id[n], p + 5, length);
        id[n][length] = '\0';
        assert_true(length > 0);
        for (size_t i = 0; i < n; i++) {
            if (strcmp(id[i], id[n]) == 0) {
                fail_msg("id %s stands twice", id[n]);
            }
        }
        n++;
    }
    assert_true(n > 5);
}

/** Nothing in the page makes a browser fetch or run anything; links to papers are only followed when clicked. */
static void assert_self_contained(const mtc_buffer *html)
{
    static const char *const never[] = {"<script", "<link",   "<img",    "<iframe", "<object", "<embed", " src=",
                                        "url(",    "@import", "onload=", "onclick", "http://", "srcset", "xlink"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        if (has(html, never[i])) {
            fail_msg("the page holds %s", never[i]);
        }
    }
    assert_int_equal(count(html, "https://"), count(html, "href=\"https://doi.org/10."));
}

/** Every figure says in words what it shows. */
static void assert_figures_speak(const mtc_buffer *html, size_t n_figure)
{
    size_t n = 0;
    for (const char *p = strstr(html->text, "<figure"); p != NULL; p = strstr(p + 1, "<figure")) {
        const char *end = strstr(p, "</figure>");
        const char *words = strstr(p, "role=\"img\" aria-label=\"");
        assert_true(end != NULL && words != NULL && words < end);
        assert_true(strcspn(words + strlen("role=\"img\" aria-label=\""), "\"") > 40);
        n++;
    }
    assert_int_equal(n, n_figure);
    assert_int_equal(count(html, "<svg"), n_figure);
}

/* ---- tests ---- */

static void test_every_kind(void **state)
{
    (void)state;
    static const unsigned kinds[] = {DEMO_HOSTILE | DEMO_MISFIT, DEMO_UNRELIABLE | DEMO_THREE, DEMO_BARE | DEMO_FIT};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char run[16];
        mtc_buffer html = MTC_BUFFER_INIT, markdown = MTC_BUFFER_INIT;
        (void)snprintf(run, sizeof run, "kind%zu", i);
        const mtc_report_outcome outcome = write_run(run, kinds[i], NULL);
        if (outcome.n_failed > 0) {
            fail_msg("%zu figures of kind %zu failed: %s", outcome.n_failed, i, outcome.reason);
        }
        read_into(&html, run, "report.html");
        read_into(&markdown, run, "report.md");
        assert_well_formed(html.text);
        assert_unique_ids(html.text);
        assert_self_contained(&html);
        assert_figures_speak(&html, outcome.n_figure);
        assert_int_equal(count(&markdown, "](figures/"), outcome.n_figure);
        mtc_buffer_fini(&html);
        mtc_buffer_fini(&markdown);
    }
}

static void test_content(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "The data favour parallel progression over linear progression: strong evidence for parallel.",
        "by a factor of 38",
        "97.4%",
        "3.630 with a standard error of 0.025",
        "The number is reliable",
        "was not run",
        "Prior and data disagree. Linear progression",
        "2.9 prior standard deviations above",
        "74% of the posterior lies below 5 mm",
        "left 2.8 years before surgery",
        "seeding_diameter_mm",
        "warp-III bridge sampling",
        "&lt; 5",
        "9f1c0a77d2e4b653",
        "20260722",
        "metachron compare examples/breast/untreated.yaml",
        "confounded with how fast metastases grow",
        "plateau_log2_cells = 41.50",
        "<caption>",
        "scope=\"row\"",
        "prefers-color-scheme:dark",
        "@media print",
        "name=\"viewport\""};
    const mtc_report_options options = {.no_figures = true};
    mtc_buffer html = MTC_BUFFER_INIT;

    (void)write_run("content", DEMO_PLAIN, &options);
    read_into(&html, "content", "report.html");
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (!has(&html, wanted[i])) {
            fail_msg("the page lacks: %s", wanted[i]);
        }
    }
    mtc_buffer_fini(&html);
}

/** What warns stands before the verdict, and an unreliable number never goes without the word. */
static void test_warnings_first(void **state)
{
    (void)state;
    const mtc_report_options options = {.no_figures = true};
    mtc_buffer html = MTC_BUFFER_INIT, markdown = MTC_BUFFER_INIT;

    (void)write_run("warn", DEMO_UNRELIABLE | DEMO_MISFIT, &options);
    read_into(&html, "warn", "report.html");
    read_into(&markdown, "warn", "report.md");
    const char *misfit = strstr(html.text, "No hypothesis describes these data well");
    const char *verdict = strstr(html.text, "class=\"lead\"");
    assert_true(misfit != NULL && verdict != NULL && misfit < verdict);
    assert_true(has(&html, "NOT reliable and should not be quoted: the evidence of linear is unreliable"));
    assert_true(has(&html, "NOT converged"));
    assert_true(has(&html, "could also be called positive evidence"));
    assert_true(has(&markdown, "> **Caution.** No hypothesis"));
    assert_int_equal(count(&html, "<figure"), 0);
    mtc_buffer_fini(&html);
    mtc_buffer_fini(&markdown);
}

static void test_hostile(void **state)
{
    (void)state;
    mtc_buffer b = MTC_BUFFER_INIT;

    read_into(&b, "kind0", "report.html"); /* of test_every_kind, with figures */
    assert_false(has(&b, "<script"));
    assert_true(has(&b, "&lt;script&gt;alert(&#39;x&#39;)"));
    assert_well_formed(b.text);
    mtc_buffer_fini(&b);
    read_into(&b, "kind0", "report.md");
    assert_false(has(&b, "<script") && !has(&b, "\\<script\\>"));
    assert_true(has(&b, "\\<script\\>"));
    assert_true(has(&b, "\\*\\*b\\*\\*"));
    mtc_buffer_fini(&b);
    assert_int_equal(access("/tmp/mtc_was_here", F_OK), -1); /* neither shell nor gnuplot ran it */
}

/** Same bytes for the same result, pictures included. */
static void test_determinism(void **state)
{
    (void)state;
    char path[512];
    size_t n = 0;

    (void)write_run("one", DEMO_PLAIN, NULL);
    (void)write_run("two", DEMO_PLAIN, NULL);
    static const char *const top[] = {"summary.json", "report.html", "report.md"};
    for (size_t i = 0; i < 3; i++) {
        mtc_buffer a = MTC_BUFFER_INIT, b = MTC_BUFFER_INIT;
        read_into(&a, "one", top[i]);
        read_into(&b, "two", top[i]);
        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.text, b.text, a.n);
        mtc_buffer_fini(&a);
        mtc_buffer_fini(&b);
    }
    DIR *dir = opendir(path_to(path, sizeof path, "one", "figures"));
    assert_non_null(dir);
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        mtc_buffer a = MTC_BUFFER_INIT, b = MTC_BUFFER_INIT;
        char name[300];
        if (e->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(name, sizeof name, "figures/%s", e->d_name);
        read_into(&a, "one", name);
        read_into(&b, "two", name);
        if (a.n != b.n || memcmp(a.text, b.text, a.n) != 0) {
            fail_msg("%s differs", name);
        }
        mtc_buffer_fini(&a);
        mtc_buffer_fini(&b);
        n++;
    }
    (void)closedir(dir);
    assert_int_equal(n, 3 * 22); /* .svg, .pdf, .gnuplot */
}

static void test_rebuild(void **state)
{
    (void)state;
    char path[512], at[512];
    mtc_buffer before = MTC_BUFFER_INIT, after = MTC_BUFFER_INIT, summary = MTC_BUFFER_INIT;
    mtc_report_outcome outcome;
    mtc_err err = MTC_ERR_INIT;

    (void)write_run("old", DEMO_BARE | DEMO_UNRELIABLE, NULL);
    read_into(&before, "old", "report.html");
    read_into(&summary, "old", "summary.json");
    assert_int_equal(mtc_folder_create(path_to(path, sizeof path, "new", ""), &err), MTC_OK);
    assert_int_equal(mtc_file_write(path_to(at, sizeof at, "new", "summary.json"), summary.text, summary.n, &err),
                     MTC_OK);
    assert_int_equal(mtc_report_rebuild(path, NULL, &outcome, &err), MTC_OK);
    assert_int_equal(outcome.n_failed, 0);
    read_into(&after, "new", "report.html");
    assert_string_equal(before.text, after.text);
    mtc_buffer_fini(&before);
    mtc_buffer_fini(&after);
    mtc_buffer_fini(&summary);
}

static void test_without_gnuplot(void **state)
{
    (void)state;
    static const char *const program[] = {"/nonexistent/gnuplot", "/bin/false", "/bin/true"};
    static const char *const reason[] = {"was not found", "gave no reason", "cannot read"};

    for (size_t i = 0; i < 3; i++) {
        const mtc_report_options options = {.gnuplot = program[i]};
        mtc_buffer html = MTC_BUFFER_INIT, markdown = MTC_BUFFER_INIT;
        const mtc_report_outcome outcome = write_run("bare", DEMO_BARE, &options);
        assert_int_equal(outcome.n_figure, 0);
        assert_int_equal(outcome.n_failed, 3);
        if (strstr(outcome.reason, reason[i]) == NULL) {
            fail_msg("%s: %s", program[i], outcome.reason);
        }
        read_into(&html, "bare", "report.html");
        read_into(&markdown, "bare", "report.md");
        assert_int_equal(count(&html, "This figure could not be drawn"), 3);
        assert_int_equal(count(&markdown, "This figure could not be drawn"), 3);
        assert_true(has(&html, "Bars of posterior model probability. Linear progression: 50% before the data"));
        assert_well_formed(html.text);
        mtc_buffer_fini(&html);
        mtc_buffer_fini(&markdown);
    }
}

static void test_io_errors(void **state)
{
    (void)state;
    char path[512], at[512];
    mtc_result *r = NULL;
    mtc_err err = MTC_ERR_INIT;
    const mtc_report_options options = {.no_figures = true};

    assert_int_equal(demo_result(DEMO_BARE, &r, &err), MTC_OK);
    assert_int_equal(mtc_report_write(r, "/dev/null/out", &options, NULL, &err), MTC_EIO);
    assert_non_null(strstr(err.message, "/dev/null"));
    assert_int_equal(mtc_report_write(NULL, folder, NULL, NULL, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_report_write(r, NULL, NULL, NULL, &err), MTC_EDOMAIN);
    /* a folder where report.html should be */
    assert_int_equal(mtc_folder_create(path_to(path, sizeof path, "blocked/report.html", ""), &err), MTC_OK);
    assert_int_equal(mtc_report_write(r, path_to(path, sizeof path, "blocked", ""), &options, NULL, &err), MTC_EIO);
    mtc_result_destroy(r);

    assert_int_equal(mtc_report_rebuild(path_to(path, sizeof path, "nothing", ""), NULL, NULL, &err), MTC_EIO);
    assert_int_equal(mtc_report_rebuild(NULL, NULL, NULL, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_folder_create(path_to(path, sizeof path, "broken", ""), &err), MTC_OK);
    assert_int_equal(mtc_file_write(path_to(at, sizeof at, "broken", "summary.json"), "{\"a\": ", 6, &err), MTC_OK);
    assert_int_equal(mtc_report_rebuild(path, NULL, NULL, &err), MTC_EDATA);
    assert_non_null(strstr(err.file, "broken/summary.json"));
}

/** Aggregate privacy holds in every file that leaves the program. */
static void test_privacy(void **state)
{
    (void)state;
    static const char *const files[] = {"summary.json", "report.html", "report.md"};
    const mtc_report_options options = {.no_figures = true};

    (void)write_run("private", DEMO_PLAIN, &options);
    (void)write_run("open", DEMO_INDIVIDUAL, &options);
    for (size_t i = 0; i < 3; i++) {
        mtc_buffer closed = MTC_BUFFER_INIT, open = MTC_BUFFER_INIT;
        read_into(&closed, "private", files[i]);
        read_into(&open, "open", files[i]);
        assert_false(has(&closed, "0.0830409356725146")); /* the first patient's time, 14.2 / 171 years */
        assert_true(i > 0 || has(&open, "0.0830409356725146"));
        assert_true(i > 0 || has(&closed, "\"is_hidden\": true"));
        assert_true(i == 0 || has(&closed, i == 1 ? "&lt; 5" : "\\< 5"));
        mtc_buffer_fini(&closed);
        mtc_buffer_fini(&open);
    }
}

/** Allocation k fails, for k = 1, 2, ...: the right status, nothing leaked, no half file. */
static void test_no_memory(void **state)
{
    (void)state;
    char path[512], file[512];
    const mtc_report_options options = {.no_figures = true};
    mtc_status st = MTC_ENOMEM;
    size_t k = 0;

    (void)write_run("memory", DEMO_BARE, &options);
    (void)path_to(path, sizeof path, "memory", "");
    (void)path_to(file, sizeof file, "memory", "report.html");
    for (size_t step = 1; st != MTC_OK; k += step, step = k / 20 + 1) {
        mtc_err err = MTC_ERR_INIT;
        (void)unlink(file);
        test_alloc_start(k + 1);
        st = mtc_report_rebuild(path, &options, NULL, &err);
        const size_t leaked = test_alloc_stop();
        assert_int_equal(leaked, 0);
        assert_true(st == MTC_OK || st == MTC_ENOMEM);
        assert_true(st != MTC_OK || mtc_file_exists(file));
    }
    assert_true(k > 20);
}

static void test_answer(void **state)
{
    (void)state;
    mtc_result *r = NULL;
    char *text = NULL;
    mtc_err err = MTC_ERR_INIT;

    assert_int_equal(demo_result(DEMO_MISFIT, &r, &err), MTC_OK);
    assert_int_equal(mtc_report_answer(r, &text, &err), MTC_OK);
    assert_true(strncmp(text, "No hypothesis describes these data well. The data favour", 56) == 0);
    mtc_free(text);
    assert_int_equal(mtc_report_answer(NULL, &text, &err), MTC_EDOMAIN);
    mtc_result_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),      cmocka_unit_test(test_content),
        cmocka_unit_test(test_warnings_first),  cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_determinism),     cmocka_unit_test(test_rebuild),
        cmocka_unit_test(test_without_gnuplot), cmocka_unit_test(test_io_errors),
        cmocka_unit_test(test_privacy),         cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_answer),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
