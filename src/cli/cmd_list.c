/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "mtc_evidence.h"
#include "mtc_independence.h"
#include "mtc_kernel.h"
#include "mtc_presets.h"
#include "mtc_registry.h"
#include "mtc_yaml.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Told each entry of a list. */
typedef void (*entry_fn)(void *user, const char *name, const char *summary);

static mtc_status list_priors(entry_fn entry, void *user, mtc_err *err)
{
    (void)err;
    for (const mtc_prior_ops *const *p = mtc_registry_priors(); *p; p++) {
        entry(user, (*p)->name, (*p)->formula);
    }
    return MTC_OK;
}

static mtc_status list_likelihoods(entry_fn entry, void *user, mtc_err *err)
{
    (void)err;
    for (const mtc_likelihood_ops *const *p = mtc_registry_likelihoods(); *p; p++) {
        entry(user, (*p)->name, (*p)->summary);
    }
    return MTC_OK;
}

/* A hypothesis is a preset of priors; its description stands in its file. */
static mtc_status list_models(entry_fn entry, void *user, mtc_err *err)
{
    mtc_arena *arena = NULL;
    mtc_status st = mtc_arena_create(&arena, err);
    for (const mtc_preset *p = mtc_presets; st == MTC_OK && p->name; p++) {
        mtc_errlist errors = MTC_ERRLIST_INIT;
        const mtc_spec *root = NULL;
        (void)mtc_yaml_parse(p->text, strlen(p->text), p->name, NULL, arena, &root, &errors);
        const mtc_spec *const text = mtc_spec_find(root, "description");
        entry(user, p->name, text && text->text ? text->text : "");
        mtc_errlist_fini(&errors);
    }
    mtc_arena_destroy(arena);
    return st;
}

static mtc_status list_samplers(entry_fn entry, void *user, mtc_err *err)
{
    (void)err;
    entry(user, mtc_kernel_nuts.name, mtc_kernel_nuts.summary);
    entry(user, mtc_kernel_independence.name, mtc_kernel_independence.summary);
    return MTC_OK;
}

static mtc_status list_estimators(entry_fn entry, void *user, mtc_err *err)
{
    (void)err;
    const mtc_estimator_ops *const all[] = {&mtc_estimator_warp3, &mtc_estimator_importance, &mtc_estimator_smc,
                                            &mtc_estimator_laplace};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        entry(user, all[i]->name, all[i]->summary);
    }
    return MTC_OK;
}

/* "# rotterdam: breast cancer cohort ..." is the first line of a data set's SOURCE.md. */
static void list_dataset(const char *folder, const char *name, entry_fn entry, void *user)
{
    char path[1024], line[512];
    (void)snprintf(path, sizeof path, "%s/%s/SOURCE.md", folder, name);
    FILE *const file = fopen(path, "r");
    if (!file) {
        return;
    }
    if (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        const char *const colon = strstr(line, ": ");
        entry(user, name, colon ? colon + 2 : line + strspn(line, "# "));
    }
    (void)fclose(file);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Those of the current directory, else the installed ones. */
static mtc_status list_datasets(entry_fn entry, void *user, mtc_err *err)
{
    enum { MAX_SETS = 256, MAX_NAME = 128 };
    static const char *const folders[] = {"datasets", MTC_DATA_FOLDER "/datasets"};
    char(*const name)[MAX_NAME] = mtc_calloc(MAX_SETS, sizeof *name);
    if (!name) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t n = 0;
        DIR *const folder = opendir(folders[i]);
        for (const struct dirent *e = folder ? readdir(folder) : NULL; e && n < MAX_SETS; e = readdir(folder)) {
            if (e->d_name[0] != '.' && strlen(e->d_name) < MAX_NAME) {
                (void)snprintf(name[n++], MAX_NAME, "%s", e->d_name);
            }
        }
        if (folder) {
            closedir(folder);
            qsort(name, n, sizeof *name, by_name);
            for (size_t k = 0; k < n; k++) {
                list_dataset(folders[i], name[k], entry, user);
            }
            break;
        }
    }
    mtc_free(name);
    return MTC_OK;
}

static const struct {
    const char *name;
    const char *summary;
    mtc_status (*list)(entry_fn entry, void *user, mtc_err *err);
} topics[] = {{"priors", "families of priors", list_priors},
              {"likelihoods", "kinds of data", list_likelihoods},
              {"models", "presets: the hypotheses and variants of their priors", list_models},
              {"samplers", "samplers of the posterior", list_samplers},
              {"estimators", "estimators of the evidence", list_estimators},
              {"datasets", "data that come with the program", list_datasets}};

static void print_entry(void *user, const char *name, const char *summary)
{
    (void)user;
    printf("%-20s %s\n", name, summary);
}

static void add_entry(void *user, const char *name, const char *summary)
{
    (void)json_array_append_new(user, json_pack("{s:s, s:s}", "name", name, "summary", summary));
}

static mtc_status run(cli *c, mtc_err *err)
{
    const char *name[sizeof topics / sizeof *topics];
    const size_t n = sizeof topics / sizeof *topics;
    const char *const wanted = c->args.n_argument > 0 ? c->args.argument[0] : NULL;
    for (size_t i = 0; i < n; i++) {
        name[i] = topics[i].name;
        if (!wanted) {
            print_entry(NULL, topics[i].name, topics[i].summary);
        } else if (strcmp(wanted, topics[i].name) == 0) {
            if (!c->args.given[OPT_JSON]) {
                return topics[i].list(print_entry, NULL, err);
            }
            json_t *const list = json_array();
            const mtc_status st = topics[i].list(add_entry, list, err);
            const int failed = json_dumpf(list, stdout, JSON_INDENT(2));
            json_decref(list);
            printf("\n");
            return st == MTC_OK && failed ? mtc_fail(err, MTC_EIO, "the list could not be written") : st;
        }
    }
    if (!wanted) {
        return MTC_OK;
    }
    const mtc_status st = mtc_fail(err, MTC_EUSAGE, "there is no list of '%s'", wanted);
    const char *const near = mtc_nearest_name(wanted, name, n);
    if (near) {
        mtc_err_hint(err, "did you mean '%s'?", near);
    } else {
        mtc_err_hint(err, "'metachron list' names the lists");
    }
    return st;
}

static const cli_option options[] = {OPT_JSON, OPT_END};

const cli_command cli_command_list = {
    "list",
    "what this program knows: priors, likelihoods, models, samplers, estimators, datasets",
    "[priors|likelihoods|models|samplers|estimators|datasets]",
    0,
    1,
    options,
    "Without an argument: the names of the lists.",
    "  metachron list likelihoods\n"
    "  metachron list models --json\n",
    run};
