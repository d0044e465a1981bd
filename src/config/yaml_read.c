/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads libyaml's events, not its documents: the depth is counted while reading, because libyaml has no limit and takes
 * quadratic time in it, and because it finds no duplicate keys. */
#include "mtc_yaml.h"

#include "mtc_text.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

typedef struct {
    yaml_parser_t parser;
    const char *text;
    size_t n_text;
    const char *file;
    mtc_pos origin;
    mtc_arena *arena;
    mtc_errlist *errors;
    size_t n_node;
    int depth;
} reader;

/* Entries of a list or map while their number is unknown. */
typedef struct {
    const mtc_spec **item;
    const char **key;
    mtc_pos *key_pos;
    size_t n, capacity;
} entries;

static mtc_status read_node(reader *r, const yaml_event_t *event, const mtc_spec **out);

static mtc_pos position(const reader *r, yaml_mark_t mark)
{
    const long shift = mark.line == 0 ? r->origin.column - 1 : 0;
    return (mtc_pos){r->file, (long)mark.line + r->origin.line, (long)mark.column + 1 + shift};
}

static mtc_status no_memory(const reader *r)
{
    return mtc_errlist_add(r->errors, MTC_ENOMEM, NULL, NULL, "out of memory while reading '%s'", r->file);
}

/* True where the line (from 0) begins with blanks that hold a tab. */
static bool indented_by_tab(const reader *r, size_t line)
{
    const char *p = r->text;
    const char *const end = r->text + r->n_text;
    for (size_t k = 0; k < line && p < end; k++) {
        const char *const newline = memchr(p, '\n', (size_t)(end - p));
        p = newline ? newline + 1 : end;
    }
    while (p < end && *p == ' ') {
        p++;
    }
    return p < end && *p == '\t';
}

static const char *syntax_hint(const reader *r, const char *problem, size_t line)
{
    if (indented_by_tab(r, line)) {
        return "YAML does not allow tabs for indentation: use spaces";
    }
    if (strstr(problem, "mapping values are not allowed")) {
        return "put text that holds ': ' into quotes, and check the indentation";
    }
    if (strstr(problem, "expected key") || strstr(problem, "expected '-'")) {
        return "check the indentation of this line and of the one before";
    }
    if (strstr(problem, "expected ','")) {
        return "a bracket opened by '[' or '{' is not closed, or a comma is missing";
    }
    if (strstr(problem, "could not find expected ':'")) {
        return "each line of a map is written 'key: value', with a space after the colon";
    }
    return NULL;
}

/* Line and column of a byte offset, for the reader's errors, which have no mark. */
static mtc_pos offset_position(const reader *r, size_t offset)
{
    yaml_mark_t mark = {0, 0, 0};
    for (size_t i = 0; i < offset && i < r->n_text; i++) {
        if (r->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)r->text[i] & 0xc0) != 0x80) {
            mark.column++;
        }
    }
    return position(r, mark);
}

static mtc_status syntax_error(const reader *r)
{
    const yaml_parser_t *const p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        return no_memory(r);
    }
    const char *const problem = p->problem ? p->problem : "unreadable";
    if (p->error == YAML_READER_ERROR) {
        const mtc_pos pos = offset_position(r, p->problem_offset);
        return mtc_errlist_add(r->errors, MTC_ECONFIG, &pos, NULL, "%s", problem);
    }
    const mtc_pos pos = position(r, p->problem_mark);
    const char *const hint = syntax_hint(r, problem, p->problem_mark.line);
    if (p->context) {
        return mtc_errlist_add(r->errors, MTC_ECONFIG, &pos, hint, "%s %s (which begins in line %ld)", problem,
                               p->context, position(r, p->context_mark).line);
    }
    return mtc_errlist_add(r->errors, MTC_ECONFIG, &pos, hint, "%s", problem);
}

static mtc_status next_event(reader *r, yaml_event_t *event)
{
    return yaml_parser_parse(&r->parser, event) ? MTC_OK : syntax_error(r);
}

static mtc_status new_node(reader *r, mtc_spec_kind kind, yaml_mark_t mark, mtc_spec **out)
{
    const mtc_pos pos = position(r, mark);
    if (++r->n_node > MTC_YAML_MAX_NODES) {
        return mtc_errlist_add(r->errors, MTC_ECONFIG, &pos, NULL, "more than the limit of %zu values in one file",
                               MTC_YAML_MAX_NODES);
    }
    if (mtc_arena_new(r->arena, 1, out, NULL) != MTC_OK) {
        return no_memory(r);
    }
    (*out)->kind = kind;
    (*out)->pos = pos;
    return MTC_OK;
}

static void refuse(const reader *r, yaml_mark_t mark, const char *what, const char *name, const char *hint)
{
    const mtc_pos pos = position(r, mark);
    (void)mtc_errlist_add(r->errors, MTC_ECONFIG, &pos, hint, "%s '%.60s' cannot be used here", what, name);
}

static void check_decoration(const reader *r, const yaml_event_t *event, const yaml_char_t *anchor,
                             const yaml_char_t *tag)
{
    if (anchor) {
        refuse(r, event->start_mark, "an anchor", (const char *)anchor,
               "write the value out wherever it is needed; text that begins with '&' needs quotes");
    }
    if (tag) {
        refuse(r, event->start_mark, "a tag", (const char *)tag,
               "types come from the key; text that begins with '!' needs quotes");
    }
}

static bool is_null_text(const char *text)
{
    return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

static mtc_status read_scalar(reader *r, const yaml_event_t *event, const mtc_spec **out)
{
    const char *const value = (const char *)event->data.scalar.value;
    const size_t n = event->data.scalar.length;
    const bool is_null = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && is_null_text(value);
    mtc_spec *node = NULL;
    mtc_status st = MTC_OK;
    check_decoration(r, event, event->data.scalar.anchor, event->data.scalar.tag);
    MTC_TRY(new_node(r, is_null ? MTC_SPEC_NULL : MTC_SPEC_SCALAR, event->start_mark, &node));
    if (memchr(value, '\0', n)) {
        st = mtc_errlist_add(r->errors, MTC_ECONFIG, &node->pos, NULL, "text must not hold a NUL character");
        goto out;
    }
    if (!is_null) {
        char *copy = NULL;
        if (mtc_arena_strndup(r->arena, value, n, &copy, NULL) != MTC_OK) {
            st = no_memory(r);
            goto out;
        }
        node->text = copy;
    }
    *out = node;
out:
    return st;
}

static mtc_status entries_grow(const reader *r, entries *e)
{
    if (e->n < e->capacity) {
        return MTC_OK;
    }
    const size_t capacity = e->capacity == 0 ? 8 : 2 * e->capacity;
    void *const item = mtc_realloc(e->item, capacity, sizeof *e->item);
    e->item = item ? item : e->item;
    void *const key = mtc_realloc(e->key, capacity, sizeof *e->key);
    e->key = key ? key : e->key;
    void *const key_pos = mtc_realloc(e->key_pos, capacity, sizeof *e->key_pos);
    e->key_pos = key_pos ? key_pos : e->key_pos;
    if (!item || !key || !key_pos) {
        return no_memory(r);
    }
    e->capacity = capacity;
    return MTC_OK;
}

static void entries_fini(entries *e)
{
    mtc_free(e->item);
    mtc_free(e->key);
    mtc_free(e->key_pos);
    memset(e, 0, sizeof *e);
}

/* Copy an array into the arena. */
static mtc_status keep(const reader *r, const void *from, size_t n, size_t size, void *out)
{
    void *copy = NULL;
    if (mtc_arena_alloc(r->arena, n, size, &copy, NULL) != MTC_OK) {
        return no_memory(r);
    }
    if (n > 0) {
        memcpy(copy, from, n * size);
    }
    memcpy(out, &copy, sizeof copy);
    return MTC_OK;
}

static mtc_status finish(const reader *r, mtc_spec *node, const entries *e)
{
    mtc_status st = MTC_OK;
    node->n = e->n;
    MTC_TRY(keep(r, e->item, e->n, sizeof *e->item, &node->item));
    if (node->kind == MTC_SPEC_MAP) {
        MTC_TRY(keep(r, e->key, e->n, sizeof *e->key, &node->key));
        MTC_TRY(keep(r, e->key_pos, e->n, sizeof *e->key_pos, &node->key_pos));
    }
out:
    return st;
}

static mtc_status enter(reader *r, yaml_mark_t mark)
{
    if (++r->depth > MTC_YAML_MAX_DEPTH) {
        const mtc_pos pos = position(r, mark);
        return mtc_errlist_add(r->errors, MTC_ECONFIG, &pos, NULL, "lists and maps are nested deeper than %d levels",
                               MTC_YAML_MAX_DEPTH);
    }
    return MTC_OK;
}

static mtc_status read_list(reader *r, const yaml_event_t *start, const mtc_spec **out)
{
    mtc_status st = MTC_OK;
    entries e = {NULL, NULL, NULL, 0, 0};
    mtc_spec *node = NULL;
    check_decoration(r, start, start->data.sequence_start.anchor, start->data.sequence_start.tag);
    MTC_TRY(enter(r, start->start_mark));
    MTC_TRY(new_node(r, MTC_SPEC_LIST, start->start_mark, &node));
    for (;;) {
        yaml_event_t event;
        MTC_TRY(next_event(r, &event));
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        st = entries_grow(r, &e);
        if (st == MTC_OK) {
            st = read_node(r, &event, &e.item[e.n]);
        }
        yaml_event_delete(&event);
        if (st != MTC_OK) {
            goto out;
        }
        e.n++;
    }
    MTC_TRY(finish(r, node, &e));
    r->depth--;
    *out = node;
out:
    entries_fini(&e);
    return st;
}

typedef struct {
    const char *key;
    size_t index;
} key_order;

static int compare_keys(const void *a, const void *b)
{
    const key_order *const x = a;
    const key_order *const y = b;
    const int order = strcmp(x->key, y->key);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* Sorted, because a comparison of all pairs would let a file of 100,000 keys take minutes. */
static mtc_status find_duplicates(const reader *r, const entries *e)
{
    key_order *const order = mtc_calloc(e->n + 1, sizeof *order);
    if (!order) {
        return no_memory(r);
    }
    for (size_t i = 0; i < e->n; i++) {
        order[i] = (key_order){e->key[i], i};
    }
    qsort(order, e->n, sizeof *order, compare_keys);
    size_t first = 0;
    for (size_t i = 1; i < e->n; i++) {
        if (strcmp(order[i].key, order[first].key) != 0) {
            first = i;
            continue;
        }
        (void)mtc_errlist_add(r->errors, MTC_ECONFIG, &e->key_pos[order[i].index], "keep one of the two",
                              "key '%.60s' stands twice in this map, first in line %ld", order[i].key,
                              e->key_pos[order[first].index].line);
    }
    mtc_free(order);
    return MTC_OK;
}

/* The key of an entry; a list or map as a key is refused. */
static mtc_status read_key(reader *r, const yaml_event_t *event, entries *e)
{
    e->key_pos[e->n] = position(r, event->start_mark);
    if (event->type != YAML_SCALAR_EVENT) {
        return mtc_errlist_add(r->errors, MTC_ECONFIG, &e->key_pos[e->n],
                               event->type == YAML_ALIAS_EVENT ? "write the key out" : NULL,
                               "a key must be a plain word");
    }
    const mtc_spec *node = NULL;
    const mtc_status st = read_scalar(r, event, &node);
    if (st != MTC_OK) {
        return st;
    }
    if (!node->text || node->text[0] == '\0') {
        return mtc_errlist_add(r->errors, MTC_ECONFIG, &e->key_pos[e->n], NULL, "a key must not be empty");
    }
    e->key[e->n] = node->text;
    return MTC_OK;
}

static mtc_status read_entry(reader *r, const yaml_event_t *key, entries *e)
{
    mtc_status st = MTC_OK;
    yaml_event_t value;
    MTC_TRY(entries_grow(r, e));
    MTC_TRY(read_key(r, key, e));
    MTC_TRY(next_event(r, &value));
    st = read_node(r, &value, &e->item[e->n]);
    yaml_event_delete(&value);
    if (st == MTC_OK) {
        e->n++;
    }
out:
    return st;
}

static mtc_status read_map(reader *r, const yaml_event_t *start, const mtc_spec **out)
{
    mtc_status st = MTC_OK;
    entries e = {NULL, NULL, NULL, 0, 0};
    mtc_spec *node = NULL;
    check_decoration(r, start, start->data.mapping_start.anchor, start->data.mapping_start.tag);
    MTC_TRY(enter(r, start->start_mark));
    MTC_TRY(new_node(r, MTC_SPEC_MAP, start->start_mark, &node));
    for (;;) {
        yaml_event_t event;
        MTC_TRY(next_event(r, &event));
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        st = read_entry(r, &event, &e);
        yaml_event_delete(&event);
        if (st != MTC_OK) {
            goto out;
        }
    }
    MTC_TRY(find_duplicates(r, &e));
    MTC_TRY(finish(r, node, &e));
    r->depth--;
    *out = node;
out:
    entries_fini(&e);
    return st;
}

static mtc_status read_node(reader *r, const yaml_event_t *event, const mtc_spec **out)
{
    mtc_spec *null = NULL;
    mtc_status st = MTC_OK;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(r, event, out);
    case YAML_SEQUENCE_START_EVENT:
        return read_list(r, event, out);
    case YAML_MAPPING_START_EVENT:
        return read_map(r, event, out);
    case YAML_ALIAS_EVENT:
        refuse(r, event->start_mark, "an alias", (const char *)event->data.alias.anchor,
               "write the value out wherever it is needed; text that begins with '*' needs quotes");
        st = new_node(r, MTC_SPEC_NULL, event->start_mark, &null);
        *out = null;
        return st;
    default:
        return mtc_errlist_add(r->errors, MTC_EBUG, NULL, NULL, "unexpected YAML event %d", (int)event->type);
    }
}

static mtc_status read_document(reader *r, const mtc_spec **out)
{
    mtc_status st = MTC_OK;
    yaml_event_t event;
    mtc_spec *empty = NULL;
    MTC_TRY(new_node(r, MTC_SPEC_NULL, (yaml_mark_t){0, 0, 0}, &empty));
    *out = empty;
    for (size_t n_document = 0;;) {
        MTC_TRY(next_event(r, &event));
        const yaml_event_type_t type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && ++n_document > 1) {
            const mtc_pos pos = position(r, event.start_mark);
            st = mtc_errlist_add(r->errors, MTC_ECONFIG, &pos, "remove the line '---' and what follows it",
                                 "a second document begins here; one file holds one configuration");
        } else if (type != YAML_DOCUMENT_START_EVENT && type != YAML_STREAM_START_EVENT &&
                   type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            st = read_node(r, &event, out);
        }
        yaml_event_delete(&event);
        if (st != MTC_OK || type == YAML_STREAM_END_EVENT) {
            break;
        }
    }
out:
    return st;
}

mtc_status mtc_yaml_parse(const char *text, size_t n, const char *file, const mtc_pos *origin, mtc_arena *arena,
                          const mtc_spec **out, mtc_errlist *errors)
{
    if (!text || !file || !arena || !out) {
        return mtc_errlist_add(errors, MTC_EDOMAIN, NULL, NULL, "nothing to read");
    }
    *out = NULL;
    const size_t n_before = errors->n_all;
    reader r;
    memset(&r, 0, sizeof r);
    r.text = text;
    r.n_text = n;
    r.arena = arena;
    r.errors = errors;
    r.origin = origin ? *origin : (mtc_pos){NULL, 1, 1};
    char *name = NULL;
    r.file = file;
    if (mtc_arena_strndup(arena, file, strlen(file), &name, NULL) != MTC_OK || !yaml_parser_initialize(&r.parser)) {
        return no_memory(&r);
    }
    r.file = name;
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
    const mtc_spec *root = NULL;
    mtc_status st = read_document(&r, &root);
    yaml_parser_delete(&r.parser);
    if (st == MTC_OK && errors->n_all > n_before) {
        st = MTC_ECONFIG;
    }
    *out = st == MTC_OK ? root : NULL;
    return st;
}

mtc_status mtc_yaml_read(const char *path, mtc_arena *arena, const mtc_spec **out, mtc_errlist *errors)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_text text;
    const mtc_status st = mtc_text_read(path, MTC_YAML_MAX_BYTES, &text, &err);
    if (st != MTC_OK) {
        if (out) {
            *out = NULL;
        }
        return mtc_errlist_push(errors, &err);
    }
    const mtc_status parsed = mtc_yaml_parse(text.text, text.n, path, NULL, arena, out, errors);
    mtc_text_fini(&text);
    return parsed;
}
