/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_FILE_H
#define MTC_FILE_H

#include "mtc_buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Write a file so that at any moment either the old or the whole new one is there: temporary name in the same folder,
 * fsync, rename, fsync of the folder. On failure the old file stays and the temporary one is removed.
 * Errors  MTC_EIO (names the path and the system's reason), MTC_ENOMEM
 */
MTC_API mtc_status mtc_file_write(const char *path, const void *bytes, size_t n, mtc_err *err);

/** The same without waiting for the disk (no fsync): for the many small files that can be made again, as figures. */
MTC_API mtc_status mtc_file_write_quick(const char *path, const void *bytes, size_t n, mtc_err *err);

/**
 * Read a whole file.
 * max_bytes  larger files are refused, so that memory stays bounded
 * out        its bytes and a final zero; empty on entry, caller releases it with mtc_buffer_fini
 * Errors     MTC_EIO (absent, unreadable, a folder, too large), MTC_ENOMEM
 */
MTC_API mtc_status mtc_file_read(const char *path, size_t max_bytes, mtc_buffer *out, mtc_err *err);

/** Create a folder and those above it; one that exists is fine. Errors: MTC_EIO, MTC_ENOMEM. */
MTC_API mtc_status mtc_folder_create(const char *path, mtc_err *err);

/** Whether something has this name. */
MTC_API bool mtc_file_exists(const char *path);

/** "<folder>/<name>", released with mtc_free. Errors: MTC_ENOMEM. */
MTC_API mtc_status mtc_path_join(const char *folder, const char *name, char **out, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
