/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_YAML_H
#define MTC_YAML_H

#include "mtc_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Limits of a YAML file, so that a hostile one costs neither memory nor time. */
#define MTC_YAML_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define MTC_YAML_MAX_NODES ((size_t)200000)
#define MTC_YAML_MAX_DEPTH 64

/**
 * Text -> tree of settings, each node with its place. Plain empty scalars, `~` and `null` become MTC_SPEC_NULL; all
 * other scalars keep their text. An empty document is a MTC_SPEC_NULL node.
 *
 * text, n  UTF-8; Windows line ends are accepted
 * file     name for messages; copied
 * origin   where the text begins in that file (line and column from 1; file is ignored); NULL: at 1:1
 * arena    holds the tree
 * out      the root; NULL on failure
 * errors   every duplicate key, anchor, alias and tag; a syntax error, a second document or a limit ends the reading
 * Returns  MTC_OK; MTC_ECONFIG if anything went to errors; MTC_ENOMEM
 */
MTC_API mtc_status mtc_yaml_parse(const char *text, size_t n, const char *file, const mtc_pos *origin, mtc_arena *arena,
                                  const mtc_spec **out, mtc_errlist *errors);

/** The same for a file (byte order mark accepted). A file that cannot be read is MTC_ECONFIG. */
MTC_API mtc_status mtc_yaml_read(const char *path, mtc_arena *arena, const mtc_spec **out, mtc_errlist *errors);

/**
 * Tree -> YAML text with a final newline, in the order of the tree; reading it gives the same tree. Nodes that fit on a
 * line of 100 columns below the first two levels are written in flow style.
 * out     in the arena
 * Errors  MTC_ENOMEM
 */
MTC_API mtc_status mtc_yaml_text(const mtc_spec *spec, mtc_arena *arena, char **out, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
