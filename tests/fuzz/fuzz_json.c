/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_json.c - what is parsed and written reads back as the same value, and
 * writing that again changes nothing. */
#include "fuzz/fuzz.h"
#include "json/json.h"

#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
    bool comments;
} input_t;

/* Numbers go through exact decimals; their double only has to be a number. */
static void
look_at(const json_t *value, str_t text)
{
    int64_t integer = 0;

    require(value->at < text.n);
    if (json_to_int64(value, &integer))
        require((double)integer == value->u.number.real);
    if (value->kind == JSON_STRING)
        require(str_is_utf8(value->u.string) &&
                !memchr(value->u.string.p, 0, value->u.string.n));
    if (value->kind == JSON_ARRAY)
        for (size_t i = 0; i < value->u.array.n; i++)
            look_at(value->u.array.items[i], text);
    if (value->kind == JSON_OBJECT) {
        for (size_t i = 0; i < value->u.object.n; i++) {
            const json_member_t *member = &value->u.object.members[i];

            require(text.p[member->at] == '"' && member->at < member->value->at);
            require(json_find_exact(value, member->name) == member->value);
            require(json_find(value, member->name) == member->value);
            look_at(member->value, text);
        }
    }
}

static str_t
write_value(arena_t *mem, const json_t *value)
{
    buf_t buf;

    buf_init(&buf, mem, 64u << 20);
    json_write(&buf, value);
    require(!buf.failed);
    return buf_str(&buf);
}

static void
round_trip(arena_t *mem, const json_t *value)
{
    str_t once = write_value(mem, value);
    err_t err = ERR_INIT;
    json_limits_t limits = json_limits_file;
    json_t *again;

    limits.max_bytes = 64u << 20;
    limits.comments = false;
    again = json_parse(mem, once, &limits, &err);
    require(again && json_eq(value, again) && json_eq(again, value));
    require(json_eq(value, json_copy(mem, value)));
    require(str_eq(write_value(mem, again), once));
}

static void
run(void *arg)
{
    input_t *input = arg;
    err_t err = ERR_INIT;
    json_limits_t limits = input->comments ? json_limits_file : json_limits_request;
    json_t *value = json_parse(input->mem, input->text, &limits, &err);

    if (value) {
        look_at(value, input->text);
        round_trip(input->mem, value);
        return;
    }
    require(err.kind == ERR_INVALID_SYNTAX || err.kind == ERR_TOO_LARGE);
    require(err.detail[0] && str_is_utf8(err_detail(&err)));
    require(err.kind == ERR_TOO_LARGE || (err.line > 0 && err.column > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int comments = 0; comments < 2; comments++) {
        input_t input = {.mem = arena_new(0), .comments = comments};

        require(input.mem != NULL);
        input.text = str_from((const char *)data, size);
        require(arena_guard(input.mem, run, &input));
        arena_free(input.mem);
    }
    return 0;
}
