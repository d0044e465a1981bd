/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_file.h"

#include "mtc_arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP 65536u

static mtc_status io_failed(mtc_err *err, const char *what, const char *path, int number)
{
    char reason[128] = "";
    if (strerror_r(number, reason, sizeof reason) != 0) {
        (void)snprintf(reason, sizeof reason, "error %d", number);
    }
    return mtc_fail(err, MTC_EIO, "cannot %s %s: %s", what, path, reason);
}

static mtc_status write_all(int fd, const char *path, const char *bytes, size_t n, bool is_lasting, mtc_err *err)
{
    while (n > 0) {
        const ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return io_failed(err, "write", path, written < 0 ? errno : ENOSPC);
        }
        bytes += written;
        n -= (size_t)written;
    }
    return !is_lasting || fsync(fd) == 0 ? MTC_OK : io_failed(err, "write", path, errno);
}

/** Make the new name last through a power cut. A file system that cannot sync a folder is no failure. */
static void sync_folder_of(char *path)
{
    char *const slash = strrchr(path, '/');
    const char *folder = ".";
    if (slash != NULL) {
        slash[slash == path ? 1 : 0] = '\0';
        folder = path;
    }
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

/** Name for the unfinished file: one per process and target, so that two runs never share it. */
static mtc_status temporary_name(const char *path, char **out, mtc_err *err)
{
    const size_t size = strlen(path) + 32;
    char *const name = mtc_calloc(size, 1);
    if (name == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory while writing %s", path);
    }
    (void)snprintf(name, size, "%s.%ld.tmp", path, (long)getpid());
    *out = name;
    return MTC_OK;
}

static mtc_status write_file(const char *path, const void *bytes, size_t n, bool is_lasting, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *temporary = NULL;
    int fd = -1;

    if (path == NULL || (bytes == NULL && n > 0)) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_file_write: missing argument");
    }
    MTC_TRY(temporary_name(path, &temporary, err));
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        st = io_failed(err, "create", path, errno);
        goto out;
    }
    st = write_all(fd, path, bytes, n, is_lasting, err);
    if (close(fd) != 0 && st == MTC_OK) {
        st = io_failed(err, "write", path, errno);
    }
    if (st == MTC_OK && rename(temporary, path) != 0) {
        st = io_failed(err, "create", path, errno);
    }
    if (st != MTC_OK) {
        (void)unlink(temporary);
        goto out;
    }
    if (is_lasting) {
        sync_folder_of(temporary);
    }
out:
    mtc_free(temporary);
    return st;
}

mtc_status mtc_file_write(const char *path, const void *bytes, size_t n, mtc_err *err)
{
    return write_file(path, bytes, n, true, err);
}

mtc_status mtc_file_write_quick(const char *path, const void *bytes, size_t n, mtc_err *err)
{
    return write_file(path, bytes, n, false, err);
}

static mtc_status read_all(int fd, const char *path, size_t max_bytes, mtc_buffer *out, mtc_err *err)
{
    char *const step = mtc_calloc(READ_STEP, 1);
    mtc_status st = MTC_OK;

    if (step == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory while reading %s", path);
    }
    mtc_buffer_add(out, "", 0);
    for (;;) {
        const ssize_t n = read(fd, step, READ_STEP);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            st = io_failed(err, "read", path, errno);
            break;
        }
        if (n == 0) {
            st = mtc_buffer_check(out, err);
            break;
        }
        if ((size_t)n > max_bytes - out->n) {
            st = mtc_fail(err, MTC_EIO, "cannot read %s: larger than %zu bytes", path, max_bytes);
            break;
        }
        mtc_buffer_add(out, step, (size_t)n);
    }
    mtc_free(step);
    return st;
}

mtc_status mtc_file_read(const char *path, size_t max_bytes, mtc_buffer *out, mtc_err *err)
{
    if (path == NULL || out == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_file_read: missing argument");
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return io_failed(err, "read", path, errno);
    }
    const mtc_status st = read_all(fd, path, max_bytes, out, err);
    (void)close(fd);
    if (st != MTC_OK) {
        mtc_buffer_fini(out);
    }
    return st;
}

static mtc_status make_one(const char *path, mtc_err *err)
{
    struct stat info;

    if (mkdir(path, 0777) == 0) {
        return MTC_OK;
    }
    const int number = errno;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return MTC_OK;
    }
    return io_failed(err, "create folder", path, number);
}

mtc_status mtc_folder_create(const char *path, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *part = NULL;

    if (path == NULL || path[0] == '\0') {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_folder_create: empty path");
    }
    const size_t n = strlen(path);
    part = mtc_calloc(n + 1, 1);
    if (part == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory while creating %s", path);
    }
    for (size_t i = 0; i < n; i++) {
        part[i] = path[i];
        if (path[i + 1] == '/' || path[i + 1] == '\0') {
            MTC_TRY(make_one(part, err));
        }
    }
out:
    mtc_free(part);
    return st;
}

bool mtc_file_exists(const char *path)
{
    struct stat info;
    return path != NULL && lstat(path, &info) == 0;
}

mtc_status mtc_path_join(const char *folder, const char *name, char **out, mtc_err *err)
{
    const size_t size = strlen(folder) + strlen(name) + 2;
    const size_t n = strlen(folder);

    *out = mtc_calloc(size, 1);
    if (*out == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory for a path");
    }
    (void)snprintf(*out, size, "%s%s%s", folder, n > 0 && folder[n - 1] != '/' ? "/" : "", name);
    return MTC_OK;
}
