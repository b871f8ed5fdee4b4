/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/match/match.h"

#include "cli/print.h"

#include <stdio.h>

static const struct {
    const char *name, *sum;
} kinds[ROW_KINDS] = {
    [ROW_ADOPT] = {"adopt", "would be adopted"},
    [ROW_CLAIMED] = {"claimed", "are provisioned already"},
    [ROW_CREATE] = {"create", "would be created"},
    [ROW_REFUSED] = {"refused", "match, but the map does not adopt"},
    [ROW_COLLIDES] = {"collides", "collide"},
    [ROW_INVALID] = {"invalid", "cannot be stored"},
    [ROW_FAILED] = {"failed", "could not be looked at"},
};

const char *
row_kind_name(row_kind_t kind)
{
    return kinds[kind].name;
}

static void
tell_json(arena_t *mem, const row_t *row)
{
    json_t *json = json_object(mem);

    json_set(mem, json, STR("line"), json_integer(mem, row->line));
    print_set(mem, json, "name", row->name);
    print_set(mem, json, "result", str_from_c(row_kind_name(row->kind)));
    print_set(mem, json, "dn", row->dn);
    print_set(mem, json, "id", row->id);
    print_set(mem, json, "by", row->path);
    print_set(mem, json, "code", row->code);
    print_set(mem, json, "reason", row->reason);
    print_set(mem, json, "claim", str_from_c(row->claim));
    print_json(mem, json);
}

void
match_tell(arena_t *mem, const row_t *row, bool json)
{
    const char *what = row->claim ? row->claim : row_kind_name(row->kind);

    if (json) {
        tell_json(mem, row);
        return;
    }
    printf("%-9s line %u: ", what, row->line);
    print_plain(row->name);
    fputs(row->dn.n > 0 ? " -> " : "", stdout);
    print_plain(row->dn);
    if (row->path.n > 0)
        printf(", by %.*s", STR_ARG(row->path));
    fputs(row->reason.n > 0 ? ": " : "", stdout);
    print_plain(row->reason);
    putchar('\n');
}

void
match_sum_up(arena_t *mem, const row_t *rows, size_t n, bool json)
{
    json_t *summary = json_object(mem), *outer = json_object(mem);
    size_t count[ROW_KINDS] = {0};

    for (size_t i = 0; i < n; i++)
        count[rows[i].kind]++;
    if (!json)
        printf("%zu rows", n);
    json_set(mem, summary, STR("rows"), json_integer(mem, (int64_t)n));
    for (int i = 0; i < ROW_KINDS; i++) {
        json_set(mem, summary, str_from_c(kinds[i].name), json_integer(mem, (int64_t)count[i]));
        if (!json && (count[i] > 0 || i < ROW_REFUSED || i == ROW_COLLIDES))
            printf("%s %zu %s", i == 0 ? ":" : ",", count[i], kinds[i].sum);
    }
    if (!json)
        putchar('\n');
    json_set(mem, outer, STR("summary"), summary);
    if (json)
        print_json(mem, outer);
}
