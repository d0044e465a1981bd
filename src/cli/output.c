/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "mtc_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files that only this program writes: a folder without one of them is never replaced. */
static const char *const marks[] = {"config.resolved.yaml", "summary.json", "truth.json"};

static bool is_folder(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_empty(const char *path)
{
    DIR *const folder = opendir(path);
    bool empty = folder != NULL;
    for (const struct dirent *entry = folder ? readdir(folder) : NULL; entry && empty; entry = readdir(folder)) {
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    if (folder) {
        closedir(folder);
    }
    return empty;
}

static bool is_ours(const char *path)
{
    bool found = false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && !found; i++) {
        char *file = NULL;
        found = mtc_path_join(path, marks[i], &file, NULL) == MTC_OK && mtc_file_exists(file);
        mtc_free(file);
    }
    return found;
}

/* Remove a folder and what it holds; links are removed, not followed. */
static void remove_folder(const char *path)
{
    DIR *const folder = opendir(path);
    for (const struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
        char *inner = NULL;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            mtc_path_join(path, entry->d_name, &inner, NULL) != MTC_OK) {
            continue;
        }
        if (is_folder(inner)) {
            remove_folder(inner);
        } else {
            (void)unlink(inner);
        }
        mtc_free(inner);
    }
    if (folder) {
        closedir(folder);
    }
    (void)rmdir(path);
}

static char *text_copy(const char *text, size_t n, size_t extra)
{
    char *const copy = mtc_calloc(n + extra + 1, 1);
    if (copy) {
        memcpy(copy, text, n);
    }
    return copy;
}

static mtc_status check_place(cli *c, cli_output *out, mtc_err *err)
{
    if (!mtc_file_exists(out->path)) {
        return MTC_OK;
    }
    if (is_folder(out->path) && is_empty(out->path)) {
        out->replaces = true;
        return MTC_OK;
    }
    if (!c->args.given[OPT_FORCE]) {
        const mtc_status st = mtc_fail(err, MTC_EEXISTS, "output '%s' exists", out->path);
        mtc_err_hint(err, "choose another folder, or --force to replace it");
        return st;
    }
    if (!is_folder(out->path) || !is_ours(out->path)) {
        return mtc_fail(err, MTC_EEXISTS, "'%s' exists and was not written by metachron: it is not replaced",
                        out->path);
    }
    out->replaces = true;
    return MTC_OK;
}

/* The folder that will hold it. */
static mtc_status create_parent(const char *path, mtc_err *err)
{
    const char *const slash = strrchr(path, '/');
    if (!slash || slash == path) {
        return MTC_OK;
    }
    char *const parent = text_copy(path, (size_t)(slash - path), 0);
    const mtc_status st = parent ? mtc_folder_create(parent, err) : mtc_fail(err, MTC_ENOMEM, "out of memory");
    mtc_free(parent);
    return st;
}

mtc_status cli_output_begin(cli *c, cli_output *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    static const char suffix[] = ".part-XXXXXX";
    const char *const given = c->args.value[OPT_OUTPUT];
    memset(out, 0, sizeof *out);
    if (!given || given[0] == '\0') {
        return mtc_fail(err, MTC_EUSAGE, "'%s' needs a folder for its results: -o FOLDER", c->command->name);
    }
    size_t n = strlen(given);
    if (strcmp(given, ".") == 0 || strcmp(given, "..") == 0 || strcmp(given, "/") == 0 || strcmp(given, "./") == 0) {
        const mtc_status here = mtc_fail(err, MTC_EUSAGE, "'%s' is the folder you are in or one above it", given);
        mtc_err_hint(err, "name a new folder for the results");
        return here;
    }
    while (n > 1 && given[n - 1] == '/') {
        n--;
    }
    out->path = text_copy(given, n, 0);
    char *const work = text_copy(given, n, sizeof suffix);
    if (!out->path || !work) {
        st = mtc_fail(err, MTC_ENOMEM, "out of memory");
        goto out;
    }
    memcpy(work + n, suffix, sizeof suffix);
    MTC_TRY(check_place(c, out, err));
    MTC_TRY(create_parent(out->path, err));
    if (!mkdtemp(work) || chmod(work, 0755) != 0) {
        st = mtc_fail(err, MTC_EIO, "cannot create a folder beside '%s': %s", out->path, strerror(errno));
        goto out;
    }
    out->work = work;
out:
    if (st != MTC_OK) {
        mtc_free(work);
        cli_output_fini(out);
    }
    return st;
}

mtc_status cli_output_commit(cli_output *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *old = NULL;
    if (out->replaces) {
        const size_t n = strlen(out->work);
        old = text_copy(out->work, n, 4);
        if (!old) {
            return mtc_fail(err, MTC_ENOMEM, "out of memory");
        }
        memcpy(old + n, ".old", 5);
        if (rename(out->path, old) != 0) {
            st = mtc_fail(err, MTC_EIO, "cannot replace '%s': %s", out->path, strerror(errno));
            goto out;
        }
    }
    if (rename(out->work, out->path) != 0) {
        st = mtc_fail(err, MTC_EIO, "cannot write '%s': %s", out->path, strerror(errno));
        if (old) {
            (void)rename(old, out->path);
        }
        goto out;
    }
    mtc_free(out->work);
    out->work = NULL;
    if (old) {
        remove_folder(old);
    }
out:
    mtc_free(old);
    return st;
}

void cli_output_fini(cli_output *out)
{
    if (out) {
        if (out->work) {
            remove_folder(out->work);
        }
        mtc_free(out->work);
        mtc_free(out->path);
        memset(out, 0, sizeof *out);
    }
}

mtc_status cli_output_write(const cli_output *out, const char *name, const char *text, size_t n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *path = NULL;
    MTC_TRY(mtc_path_join(out->work, name, &path, err));
    MTC_TRY(mtc_file_write(path, text, n, err));
out:
    mtc_free(path);
    return st;
}
