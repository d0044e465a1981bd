/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_yaml.h"

#include <string.h>
#include <yaml.h>

enum { LINE_WIDTH = 100, BLOCK_LEVELS = 2 };

/* Text that libyaml hands over piece by piece. */
typedef struct {
    char *text;
    size_t n, capacity;
} buffer;

static int take(void *data, unsigned char *bytes, size_t n)
{
    buffer *const b = data;
    if (b->n + n + 1 > b->capacity) {
        const size_t capacity = 2 * (b->n + n + 1);
        char *const bigger = mtc_realloc(b->text, capacity, 1);
        if (!bigger) {
            return 0;
        }
        b->text = bigger;
        b->capacity = capacity;
    }
    memcpy(b->text + b->n, bytes, n);
    b->n += n;
    b->text[b->n] = '\0';
    return 1;
}

/* Columns a node takes in flow style, roughly; stops counting beyond a line. */
static size_t flow_width(const mtc_spec *spec)
{
    size_t width = spec->text ? strlen(spec->text) : 4;
    for (size_t i = 0; i < spec->n && width <= LINE_WIDTH; i++) {
        width += flow_width(spec->item[i]) + 2;
        width += spec->kind == MTC_SPEC_MAP ? strlen(spec->key[i]) + 2 : 0;
    }
    return width;
}

static bool emit(yaml_emitter_t *emitter, yaml_event_t *event, int made)
{
    return made && yaml_emitter_emit(emitter, event);
}

static bool emit_text(yaml_emitter_t *emitter, const char *text, bool plain)
{
    yaml_event_t event;
    const int made = yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1,
                                                  1, plain ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    return emit(emitter, &event, made);
}

/* Text that would be read as null without quotes. libyaml itself quotes what YAML's grammar requires. */
static bool reads_as_null(const char *text)
{
    return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

static bool needs_quotes(const char *text)
{
    return reads_as_null(text) || strpbrk(text, "\n\r\t") != NULL;
}

/* indent: of the block this node would open; column: where the node begins */
static bool emit_node(yaml_emitter_t *emitter, const mtc_spec *spec, int level, size_t indent, size_t column)
{
    yaml_event_t event;
    if (spec->kind == MTC_SPEC_NULL) {
        return emit_text(emitter, "null", true);
    }
    if (spec->kind == MTC_SPEC_SCALAR) {
        return emit_text(emitter, spec->text, !needs_quotes(spec->text));
    }
    const bool is_map = spec->kind == MTC_SPEC_MAP;
    const bool flow = spec->n == 0 || (level >= BLOCK_LEVELS && column + flow_width(spec) <= LINE_WIDTH);
    const int started =
        is_map ? yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
                                                     flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)
               : yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                                      flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
    bool ok = emit(emitter, &event, started);
    for (size_t i = 0; ok && i < spec->n; i++) {
        ok = !is_map || emit_text(emitter, spec->key[i], !needs_quotes(spec->key[i]));
        const size_t begins = indent + 2 + (is_map ? strlen(spec->key[i]) : 0);
        ok = ok && emit_node(emitter, spec->item[i], level + 1, indent + 2, begins);
    }
    const int ended = is_map ? yaml_mapping_end_event_initialize(&event) : yaml_sequence_end_event_initialize(&event);
    return ok && emit(emitter, &event, ended);
}

static bool emit_document(yaml_emitter_t *emitter, const mtc_spec *spec)
{
    yaml_event_t event;
    return emit(emitter, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
           emit(emitter, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) &&
           emit_node(emitter, spec, 0, 0, 0) && emit(emitter, &event, yaml_document_end_event_initialize(&event, 1)) &&
           emit(emitter, &event, yaml_stream_end_event_initialize(&event));
}

mtc_status mtc_yaml_text(const mtc_spec *spec, mtc_arena *arena, char **out, mtc_err *err)
{
    if (!spec || !arena || !out) {
        return mtc_fail(err, MTC_EDOMAIN, "nothing to write");
    }
    buffer b = {NULL, 0, 0};
    yaml_emitter_t emitter;
    if (!yaml_emitter_initialize(&emitter)) {
        return mtc_fail(err, MTC_ENOMEM, "out of memory while writing YAML");
    }
    yaml_emitter_set_output(&emitter, take, &b);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    yaml_emitter_set_indent(&emitter, 2);
    const bool done = emit_document(&emitter, spec);
    yaml_emitter_delete(&emitter);
    const mtc_status st = done && b.text ? mtc_arena_strndup(arena, b.text, b.n, out, err)
                                         : mtc_fail(err, MTC_ENOMEM, "out of memory while writing YAML");
    mtc_free(b.text);
    return st;
}
