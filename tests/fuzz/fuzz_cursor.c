/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_cursor.c - cursors: what a client brings is never taken for ours, what we make comes
 * back as it was, and a page can be cut beside any item. */
#include "connector/cursor.h"
#include "connector/listing.h"
#include "fuzz/fuzz.h"

#include <stdint.h>
#include <stdlib.h>

enum { NOW = 1767261600 };

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static void
cut_beside(arena_t *mem, const cursor_t *cursor)
{
    unsigned char tails[2 * LISTING_TAIL];
    listing_page_t page = {.tails = tails};
    listing_draft_t draft;
    listing_t listing;

    listing_draft_init(&draft, mem, true);
    listing_draft_add(&draft, STR("1a"), 0, (const unsigned char *)"AAAAAAAAAAAAAAAA");
    listing_draft_add(&draft, STR("1b"), 1, (const unsigned char *)"BBBBBBBBBBBBBBBB");
    listing_draft_add(&draft, STR("2"), 0, (const unsigned char *)"CCCCCCCCCCCCCCCC");
    listing = listing_finish(&draft);
    for (int descending = 0; descending < 2; descending++) {
        listing_cut_t cut = {.descending = descending,
                             .beside = cursor->item,
                             .before = cursor->before,
                             .max = 2};

        listing_cut(&listing, &cut, &page);
        if (page.n > 2 || page.start + page.n > page.total || page.total != 3)
            abort();
    }
}

static void
run(void *arg)
{
    const input_t *input = arg;
    const cursor_question_t question = {
        .connector = STR("c"), .endpoint = STR("Users"), .filter = STR(""), .sort_by = STR("")};
    cursor_t cursor, again;
    mac_key_t key;
    err_t err = ERR_INIT;
    str_t text;

    if (!mac_key_from(STR("the key of a fuzzer"), &key))
        abort();
    if (cursor_parse(input->mem, &key, &question, input->text, NOW, &cursor, &err) ||
        err.kind != ERR_INVALID_CURSOR)
        abort();
    if (input->text.n < LISTING_TAIL || input->text.n > LISTING_ITEM_MAX)
        return;
    cursor = (cursor_t){.item = input->text, .before = input->text.p[0] & 1};
    text = cursor_format(input->mem, &key, &question, &cursor, NOW);
    if (!cursor_parse(input->mem, &key, &question, text, NOW, &again, &err) ||
        !str_eq(again.item, cursor.item) || again.before != cursor.before)
        abort();
    cut_beside(input->mem, &again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(64 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    if (!mem || !arena_guard(mem, run, &input))
        abort();
    return 0;
}
