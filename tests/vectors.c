/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors.c - plays files of test vectors against the SCIM layer.
 *
 * usage: vectors FILE...     (without arguments: those in tests/data/vectors)
 *
 * A file is {"cases": [...]}. A case has an "id", says in "source" where it comes from, and is
 *   - a filter: {"kind": "parse", "filter", "expect": "valid" | "invalid"}, or
 *     {"kind": "match", "filter", "resource", "expect": true | false}, evaluated without a
 *     schema and ignoring case;
 *   - a path: {"path", "expect": "valid" | "invalid"};
 *   - a patch: {"before", "operations"} or {"before", "body"}, and either "after" or "error":
 *     {"status", "scimType", "alsoSeen": [other scimTypes]}. Arrays compare as sets, and
 *     "primary": false counts as absent.
 * A case whose source begins with "Entra" is played with the default quirks, all others with
 * none. Prints the ids that fail and last "N passed, M failed"; exits 1 when any failed and 2
 * when a file is none of these. */
#include "scim/error.h"
#include "scim/filter.h"
#include "scim/patch.h"
#include "scim/quirk.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPS = 1000, FILE_MAX = 4 * 1024 * 1024 };

/* The harness plays the server around the SCIM layer: in its store there is one other User,
 * whose userName nobody else can have. */
static const str_t taken_user_name = STR_INIT("taken");

typedef struct {
    arena_t *mem;
    const json_t *json; /* the case */
    const char *why;    /* it failed; NULL: it passed */
    bool broken;        /* it is no case */
} case_t;

static unsigned passed, failed;

static str_t
text_of(const json_t *from, str_t name)
{
    const json_t *value = json_find_exact(from, name);

    return json_is(value, JSON_STRING) ? value->u.string : STR("");
}

static scim_quirks_t
quirks_of(const case_t *c)
{
    return str_starts_with(text_of(c->json, STR("source")), STR("Entra")) ? scim_quirks_default
                                                                          : scim_quirks_none;
}

static void
check(case_t *c, bool fine, const char *why)
{
    if (!fine && !c->why)
        c->why = why;
}

static const char *
say(const case_t *c, const char *what, const err_t *err)
{
    const char *type = scim_error_type(err->kind);

    return str_printf(c->mem, "%s: %d %s: %s", what, scim_error_status(err->kind),
                      type ? type : "-", err->detail)
        .p;
}

/* ---- filters and paths ---- */

static bool
expects_valid(case_t *c)
{
    str_t expect = text_of(c->json, STR("expect"));

    if (!str_eq(expect, STR("valid")) && !str_eq(expect, STR("invalid")))
        c->broken = true;
    return str_eq(expect, STR("valid"));
}

static void
play_match(case_t *c, const scim_filter_t *filter)
{
    const json_t *resource = json_find_exact(c->json, STR("resource"));
    const json_t *expect = json_find_exact(c->json, STR("expect"));

    if (!resource || !json_is(expect, JSON_BOOLEAN)) {
        c->broken = true;
        return;
    }
    bool matches = scim_filter_test(c->mem, filter, resource, NULL, NULL);
    check(c, matches == expect->u.boolean, matches ? "matches" : "does not match");
}

static void
play_filter(case_t *c)
{
    str_t kind = text_of(c->json, STR("kind"));
    err_t err = ERR_INIT;
    const scim_filter_t *filter =
        scim_filter_parse(c->mem, text_of(c->json, STR("filter")),
                          scim_quirk_filter_leniency(quirks_of(c)), NULL, &err);

    if (str_eq(kind, STR("match"))) {
        if (filter)
            play_match(c, filter);
        else
            c->why = say(c, "is refused", &err);
    } else if (!str_eq(kind, STR("parse"))) {
        c->broken = true;
    } else if (expects_valid(c)) {
        check(c, filter != NULL, say(c, "is refused", &err));
    } else {
        check(c, filter == NULL, "is accepted");
    }
}

static void
play_path(case_t *c)
{
    err_t err = ERR_INIT;
    scim_path_t path;
    bool valid = scim_path_parse(c->mem, text_of(c->json, STR("path")), &path, &err);

    if (expects_valid(c))
        check(c, valid, say(c, "is refused", &err));
    else
        check(c, !valid, "is accepted");
}

/* ---- patches ---- */

static bool same(const json_t *a, const json_t *b);

static bool
is_left_out(const json_member_t *member)
{
    return str_ieq(member->name, STR("primary")) && json_is(member->value, JSON_BOOLEAN) &&
           !member->value->u.boolean;
}

static size_t
count_members(const json_t *object)
{
    size_t n = 0;

    for (size_t i = 0; i < object->u.object.n; i++)
        n += !is_left_out(&object->u.object.members[i]);
    return n;
}

static bool
same_objects(const json_t *a, const json_t *b)
{
    if (count_members(a) != count_members(b))
        return false;
    for (size_t i = 0; i < a->u.object.n; i++) {
        const json_member_t *member = &a->u.object.members[i];
        const json_t *other = json_find_exact(b, member->name);

        if (!is_left_out(member) && (!other || !same(member->value, other)))
            return false;
    }
    return true;
}

static size_t
count_same(const json_t *array, const json_t *item)
{
    size_t n = 0;

    for (size_t i = 0; i < array->u.array.n; i++)
        n += same(array->u.array.items[i], item);
    return n;
}

static bool
same_arrays(const json_t *a, const json_t *b)
{
    if (a->u.array.n != b->u.array.n)
        return false;
    for (size_t i = 0; i < a->u.array.n; i++)
        if (count_same(a, a->u.array.items[i]) != count_same(b, a->u.array.items[i]))
            return false;
    return true;
}

static bool
same(const json_t *a, const json_t *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == JSON_OBJECT)
        return same_objects(a, b);
    return a->kind == JSON_ARRAY ? same_arrays(a, b) : json_eq(a, b);
}

static const scim_type_t *
type_of(const json_t *resource)
{
    const json_t *schemas = json_find_exact(resource, STR("schemas"));

    for (size_t i = 0; json_is(schemas, JSON_ARRAY) && i < schemas->u.array.n; i++)
        if (json_is(schemas->u.array.items[i], JSON_STRING) &&
            str_eq(schemas->u.array.items[i]->u.string, STR(SCIM_URN_GROUP)))
            return scim_type_builtin(STR("Group"));
    return scim_type_builtin(STR("User"));
}

/* The case's body, or the body that its operations make. */
static json_t *
body_of(const case_t *c)
{
    const json_t *body = json_find_exact(c->json, STR("body"));
    const json_t *operations = json_find_exact(c->json, STR("operations"));

    if (body)
        return json_copy(c->mem, body);
    if (!operations)
        return NULL;
    json_t *made = json_object(c->mem);
    json_t *schemas = json_array(c->mem);
    json_append(c->mem, schemas, json_string(c->mem, STR(SCIM_URN_PATCH)));
    json_set(c->mem, made, STR("schemas"), schemas);
    json_set(c->mem, made, STR("Operations"), json_copy(c->mem, operations));
    return made;
}

static bool
store(const json_t *before, const json_t *after, err_t *err)
{
    str_t name = text_of(after, STR("userName"));

    if (str_ieq(name, taken_user_name) && !str_ieq(name, text_of(before, STR("userName"))))
        return err_set(err, ERR_UNIQUENESS, "another User has this userName");
    return true;
}

static json_t *
run_patch(const case_t *c, const json_t *before, json_t *body, err_t *err)
{
    json_t *after = json_copy(c->mem, before);
    const scim_type_t *type = type_of(before);
    scim_patch_t patch;

    if (!scim_quirk_patch(c->mem, quirks_of(c), type, body, MAX_OPS, &patch, NULL, err) ||
        !scim_patch_apply(c->mem, type, after, &patch, err) || !store(before, after, err))
        return NULL;
    return after;
}

static bool
is_expected(const json_t *error, const err_t *err)
{
    const json_t *also = json_find_exact(error, STR("alsoSeen"));
    str_t type = str_from_c(scim_error_type(err->kind));
    int64_t status = 0;

    if (!json_to_int64(json_find_exact(error, STR("status")), &status) ||
        status != scim_error_status(err->kind))
        return false;
    if (str_eq(type, text_of(error, STR("scimType"))))
        return true;
    for (size_t i = 0; json_is(also, JSON_ARRAY) && i < also->u.array.n; i++)
        if (json_is(also->u.array.items[i], JSON_STRING) &&
            str_eq(type, also->u.array.items[i]->u.string))
            return true;
    return false;
}

static const char *
show(const case_t *c, const json_t *value)
{
    buf_t buf;

    buf_init(&buf, c->mem, FILE_MAX);
    buf_add_c(&buf, "gives ");
    json_write(&buf, value);
    return buf_str(&buf).p;
}

static void
play_patch(case_t *c)
{
    const json_t *before = json_find_exact(c->json, STR("before"));
    const json_t *after = json_find_exact(c->json, STR("after"));
    const json_t *error = json_find_exact(c->json, STR("error"));
    json_t *body = body_of(c);
    err_t err = ERR_INIT;

    if (!json_is(before, JSON_OBJECT) || !body || !after == !error) {
        c->broken = true;
        return;
    }
    json_t *kept = json_copy(c->mem, before);
    json_t *got = run_patch(c, before, body, &err);
    check(c, json_eq(kept, before), "changed what it was given");
    if (after)
        check(c, got != NULL, say(c, "is refused", &err));
    if (after && got)
        check(c, same(after, got), show(c, got));
    if (error)
        check(c, !got && is_expected(error, &err), got ? show(c, got) : say(c, "fails", &err));
}

/* ---- files ---- */

static void
play(void *arg)
{
    case_t *c = arg;

    if (json_find_exact(c->json, STR("filter")))
        play_filter(c);
    else if (json_find_exact(c->json, STR("path")))
        play_path(c);
    else if (json_find_exact(c->json, STR("before")))
        play_patch(c);
    else
        c->broken = true;
}

static bool
play_case(const char *file, const json_t *json, size_t i)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    case_t c = {.mem = mem, .json = json};
    str_t id = text_of(json, STR("id"));

    if (str_is_empty(id) || !mem || !arena_guard(mem, play, &c) || c.broken) {
        fprintf(stderr, "%s: case %zu (\"%.*s\") is no filter, path or patch\n", file, i + 1,
                STR_ARG(id));
        return false;
    }
    if (c.why)
        printf("%.*s %s\n", STR_ARG(id), c.why);
    if (c.why)
        failed++;
    else
        passed++;
    return true;
}

typedef struct {
    arena_t *mem;
    const char *file;
    str_t text;
    bool fine;
} file_t;

static void
play_text(void *arg)
{
    file_t *f = arg;
    err_t err = ERR_INIT;
    const json_t *json = json_parse(f->mem, f->text, &json_limits_file, &err);
    const json_t *cases = json_find_exact(json, STR("cases"));

    if (!json) {
        fprintf(stderr, "%s:%u:%u: %s\n", f->file, err.line, err.column, err.detail);
        return;
    }
    if (!json_is(cases, JSON_ARRAY)) {
        fprintf(stderr, "%s: there is no array \"cases\"\n", f->file);
        return;
    }
    f->fine = true;
    for (size_t i = 0; i < cases->u.array.n && f->fine; i++)
        f->fine = play_case(f->file, cases->u.array.items[i], i);
}

static bool
play_file(const char *path)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    char *text = malloc(FILE_MAX);
    FILE *stream = fopen(path, "rb");
    file_t f = {.mem = mem, .file = path};

    if (!stream || !mem || !text) {
        perror(path);
    } else {
        f.text = str_from(text, fread(text, 1, FILE_MAX, stream));
        if (ferror(stream))
            perror(path);
        else if (f.text.n == FILE_MAX)
            fprintf(stderr, "%s: too large\n", path);
        else if (!arena_guard(mem, play_text, &f))
            fprintf(stderr, "%s: no memory\n", path);
    }
    if (stream)
        fclose(stream);
    free(text);
    return f.fine;
}

static bool
play_shipped(void)
{
    static const char *const names[] = {"filters", "paths", "patch"};
    const char *top = getenv("top_srcdir");
    bool fine = true;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && fine; i++) {
        char *path = NULL;

        if (asprintf(&path, "%s/tests/data/vectors/%s.json", top ? top : ".", names[i]) < 0)
            return false;
        fine = play_file(path);
        free(path);
    }
    return fine;
}

int
main(int argc, char **argv)
{
    bool fine = argc > 1 || play_shipped();

    for (int i = 1; i < argc && fine; i++)
        fine = play_file(argv[i]);
    printf("%u passed, %u failed\n", passed, failed);
    if (!fine)
        return 2;
    return failed > 0;
}
