/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SPEC_EDIT_H
#define MTC_SPEC_EDIT_H

#include "mtc_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Trees of settings are never changed: each function gives a new tree in the arena that shares the unchanged parts. */

/** A scalar node (copies text). Errors: MTC_ENOMEM. */
MTC_API mtc_status mtc_spec_scalar(const char *text, const mtc_pos *pos, mtc_arena *arena, const mtc_spec **out,
                                   mtc_err *err);

/**
 * A map with one key set: in its place where the key is there, else at the end.
 * map      a map, a null node or NULL (as an empty map)
 * key_pos  place of the key in the user's file, NULL: that of the value
 * value    borrowed by the new tree
 * Errors   MTC_EDOMAIN where map is a scalar or list; MTC_ENOMEM
 */
MTC_API mtc_status mtc_spec_with(const mtc_spec *map, const char *key, const mtc_pos *key_pos, const mtc_spec *value,
                                 mtc_arena *arena, const mtc_spec **out, mtc_err *err);

/** A map without a key; the same map where the key is absent. Errors: MTC_ENOMEM. */
MTC_API mtc_status mtc_spec_without(const mtc_spec *map, const char *key, mtc_arena *arena, const mtc_spec **out,
                                    mtc_err *err);

/** base with every entry of over; an entry is replaced as a whole. Either may be NULL. Errors as mtc_spec_with. */
MTC_API mtc_status mtc_spec_merge(const mtc_spec *base, const mtc_spec *over, mtc_arena *arena, const mtc_spec **out,
                                  mtc_err *err);

/** map (or NULL) with each default of a key table that it does not give. Errors as mtc_spec_with. */
MTC_API mtc_status mtc_spec_fill(const mtc_spec *map, const mtc_key *keys, mtc_arena *arena, const mtc_spec **out,
                                 mtc_err *err);

/** Same kinds, texts, keys and order; positions do not count. NULL equals NULL only. */
MTC_API bool mtc_spec_equal(const mtc_spec *a, const mtc_spec *b);

/**
 * Apply `--set path=value` to a tree.
 * setting  "models.linear.priors.seeding_diameter.lognormal.median=20 mm": names joined by dots, entries of lists by
 *          their number from 0; the value is read as YAML. Missing maps on the way are made.
 * out      the new tree; values made here stand at file "--set", line 1, column within the setting
 * errors   no '=', an empty name, a name below a scalar, a list entry that does not exist, YAML errors of the value
 * Returns  MTC_OK; MTC_EUSAGE for a malformed path, MTC_ECONFIG for the rest; MTC_ENOMEM
 */
MTC_API mtc_status mtc_spec_override(const mtc_spec *root, const char *setting, mtc_arena *arena, const mtc_spec **out,
                                     mtc_errlist *errors);

#ifdef __cplusplus
}
#endif
#endif
