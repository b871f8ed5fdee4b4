/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/listing.h"
#include "support/suite_run.h"

#include <check.h>
#include <pthread.h>

enum { TAIL = LISTING_TAIL, ROOM = 10, THREADS = 4, TURNS = 20000 };

static listing_store_t *store;
static arena_t *mem;

static void
set_up(void)
{
    store = listing_store_new(ROOM * TAIL);
    mem = arena_new(0);
    ck_assert_ptr_nonnull(store);
}

static void
tear_down(void)
{
    listing_store_free(store);
    arena_free(mem);
}

/* A listing of `n` anchors, all bytes of the i-th being base + i. */
static listing_t
make(arena_t *where, unsigned char base, size_t n)
{
    listing_draft_t draft;
    unsigned char anchor[LISTING_ANCHOR_SIZE];

    listing_draft_init(&draft, where, false);
    for (size_t i = n; i-- > 0;) {
        memset(anchor, (int)(base + i), sizeof(anchor));
        listing_draft_add(&draft, STR(""), 1, anchor);
    }
    return listing_finish(&draft);
}

static bool
put_from(arena_t *where, str_t key, unsigned char base, size_t n, int64_t now_ms)
{
    listing_t listing = make(where, base, n);

    return listing_put(store, key, &listing, now_ms);
}

static bool
put(str_t key, unsigned char base, size_t n, int64_t now_ms)
{
    return put_from(mem, key, base, n, now_ms);
}

/* ---- pages ---- */

/* Items "a" to "e", of which `b` is there twice: a b b c d e. */
static listing_t
letters(void)
{
    listing_draft_t draft;
    const char *keys[] = {"d", "b", "e", "a", "b", "c"};
    unsigned char anchor[LISTING_ANCHOR_SIZE];

    listing_draft_init(&draft, mem, true);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        memset(anchor, (int)i, sizeof(anchor));
        listing_draft_add(&draft, str_from_c(keys[i]), (unsigned)keys[i][0], anchor);
    }
    return listing_finish(&draft);
}

/* The item of a letter; the second b has 4 as its anchor. One that is not there has 9. */
static str_t
item(const char *letter, int anchor)
{
    char *text = arena_alloc(mem, 2 + TAIL);

    text[0] = text[2] = letter[0];
    memset(text + 3, anchor, LISTING_ANCHOR_SIZE);
    return str_from(text, 2 + TAIL);
}

static const struct {
    const char *name;
    bool descending;
    size_t start;
    const char *beside;
    int anchor;
    bool before;
    size_t max;
    const char *shown;
    size_t place;
} cuts[] = {
    {"all", false, 0, NULL, 0, false, 10, "abbcde", 0},
    {"the first", false, 0, NULL, 0, false, 2, "ab", 0},
    {"in the middle", false, 1, NULL, 0, false, 3, "bbc", 1},
    {"the last", false, 5, NULL, 0, false, 10, "e", 5},
    {"at the end", false, 6, NULL, 0, false, 10, "", 6},
    {"behind the end", false, 50, NULL, 0, false, 10, "", 6},
    {"nothing", false, 0, NULL, 0, false, 0, "", 0},
    {"descending", true, 0, NULL, 0, false, 10, "edcbba", 0},
    {"descending, in the middle", true, 2, NULL, 0, false, 2, "cb", 2},
    {"descending, behind the end", true, 9, NULL, 0, false, 2, "", 6},
    {"after one", false, 0, "b", 1, false, 2, "bc", 2},
    {"after one of two", false, 0, "b", 4, false, 2, "cd", 3},
    {"after the last", false, 0, "e", 2, false, 2, "", 6},
    {"after one that is gone", false, 0, "c", 9, false, 2, "de", 4},
    {"after one before all", false, 0, "A", 9, false, 9, "abbcde", 0},
    {"before one", false, 0, "d", 0, true, 2, "bc", 2},
    {"before one near the first", false, 0, "b", 4, true, 5, "ab", 0},
    {"before the first", false, 0, "a", 3, true, 5, "", 0},
    {"before one that is gone", false, 0, "c", 9, true, 2, "bc", 2},
    {"descending, after one", true, 0, "c", 5, false, 2, "bb", 3},
    {"descending, after one of two", true, 0, "b", 4, false, 9, "ba", 4},
    {"descending, after one that is gone", true, 0, "c", 9, false, 2, "cb", 2},
    {"descending, before one", true, 0, "c", 5, true, 2, "ed", 0},
    {"descending, before one that is gone", true, 0, "c", 4, true, 2, "dc", 1},
};

START_TEST(test_cut)
{
    listing_t listing = letters();
    listing_cut_t cut = {.descending = cuts[_i].descending,
                         .start = cuts[_i].start,
                         .beside = {NULL, 0},
                         .before = cuts[_i].before,
                         .max = cuts[_i].max};
    listing_page_t page = {.tails = arena_alloc(mem, ROOM * TAIL)};

    if (cuts[_i].beside)
        cut.beside = item(cuts[_i].beside, cuts[_i].anchor);
    listing_cut(&listing, &cut, &page);
    ck_assert_msg(page.n == strlen(cuts[_i].shown) && page.total == 6 &&
                      page.start == cuts[_i].place,
                  "%s: %zu from %zu", cuts[_i].name, page.n, page.start);
    for (size_t i = 0; i < page.n; i++)
        ck_assert_msg(page.tails[i * TAIL] == cuts[_i].shown[i], "%s: item %zu is %c",
                      cuts[_i].name, i, page.tails[i * TAIL]);
    if (page.n) {
        ck_assert_int_eq(page.first[0], cuts[_i].shown[0]);
        ck_assert_int_eq(page.last[0], cuts[_i].shown[page.n - 1]);
        ck_assert_uint_eq(page.last_n, 2 + TAIL);
    }
}
END_TEST

/* One page after the other, by the edge of the one before, shows each item once, back and forth. */
START_TEST(test_walk)
{
    size_t max = (size_t)(_i % 7) + 1, seen = 0;
    bool descending = _i >= 7;
    listing_t listing = letters();
    listing_cut_t cut = {.descending = descending, .beside = {NULL, 0}, .max = max};
    listing_page_t page = {.tails = arena_alloc(mem, ROOM * TAIL)};

    do {
        listing_cut(&listing, &cut, &page);
        ck_assert_uint_eq(page.start, seen);
        seen += page.n;
        cut.beside = str_dup(mem, str_from(page.last, page.last_n));
    } while (seen < page.total);
    cut.before = true;
    while (page.start > 0) {
        size_t end = page.start;

        cut.beside = str_dup(mem, str_from(page.first, page.first_n));
        listing_cut(&listing, &cut, &page);
        ck_assert_uint_eq(page.start + page.n, end);
    }
}
END_TEST

/* More than a chunk of the draft holds, keys of all lengths. */
START_TEST(test_large)
{
    listing_draft_t draft;
    listing_t listing;
    listing_cut_t cut = {.max = 3000, .beside = {NULL, 0}};
    listing_page_t page = {.tails = arena_alloc(mem, 3000 * TAIL)};
    unsigned char anchor[LISTING_ANCHOR_SIZE] = {0};
    char key[LISTING_KEY_MAX + 20];

    memset(key, 'x', sizeof(key));
    listing_draft_init(&draft, mem, true);
    for (size_t i = 0; i < 3000; i++) {
        anchor[0] = (unsigned char)(i / 256);
        anchor[1] = (unsigned char)i;
        listing_draft_add(&draft, str_from(key, i % sizeof(key)), 0, anchor);
    }
    ck_assert_uint_gt(listing_draft_size(&draft), 3000 * (TAIL + 100));
    listing = listing_finish(&draft);
    listing_cut(&listing, &cut, &page);
    ck_assert_uint_eq(page.n, 3000);
    ck_assert_uint_eq(page.first_n, 1 + TAIL);
    ck_assert_uint_eq(page.last_n, LISTING_ITEM_MAX);
}
END_TEST

/* ---- remembering ---- */

static bool
get(str_t key, int64_t now_ms, int64_t age_ms, listing_page_t *page)
{
    listing_cut_t cut = {.max = ROOM, .beside = {NULL, 0}};

    return listing_get(store, key, now_ms, age_ms, &cut, page);
}

static bool
has(str_t key, int64_t now_ms)
{
    unsigned char tails[ROOM * TAIL];
    listing_page_t page = {.tails = tails};

    return get(key, now_ms, 50, &page);
}

START_TEST(test_age)
{
    ck_assert(put(STR("k"), 1, 5, 1000));
    ck_assert(has(STR("k"), 1050));
    ck_assert(!has(STR("k"), 1051));
    ck_assert(put(STR("k"), 1, 5, 1060));
    ck_assert(has(STR("k"), 1100));
    ck_assert(!has(STR("other"), 1060));
}
END_TEST

START_TEST(test_budget)
{
    ck_assert(!put(STR("large"), 1, ROOM + 1, 1000));
    ck_assert(put(STR("a"), 1, 4, 1000));
    ck_assert(put(STR("b"), 1, 4, 1001));
    ck_assert(put(STR("c"), 1, 4, 1002)); /* the oldest gives way */
    ck_assert(!has(STR("a"), 1002) && has(STR("b"), 1002) && has(STR("c"), 1002));
    ck_assert(put(STR("d"), 1, ROOM, 1003));
    ck_assert(!has(STR("b"), 1003) && !has(STR("c"), 1003) && has(STR("d"), 1003));
}
END_TEST

START_TEST(test_many_keys)
{
    char key[1];

    for (int i = 0; i < 100; i++) {
        key[0] = (char)(i + 1);
        ck_assert(put(str_from(key, 1), 1, 0, 1000 + i));
    }
    ck_assert(has(str_from(key, 1), 1099));
}
END_TEST

START_TEST(test_replaces)
{
    unsigned char tails[ROOM * TAIL];
    listing_page_t page = {.tails = tails};

    ck_assert(put(STR("k"), 1, 9, 1000));
    ck_assert(put(STR("k"), 7, 2, 1000));
    ck_assert(get(STR("k"), 1000, 50, &page));
    ck_assert(page.n == 2 && page.total == 2 && tails[0] == 1 && tails[1] == 7);
}
END_TEST

START_TEST(test_keeps_keys)
{
    listing_store_t *large = listing_store_new(6 * (2 + TAIL) + 6 * 4), *small;
    listing_t listing = letters();
    unsigned char tails[ROOM * TAIL];
    listing_page_t page = {.tails = tails};
    listing_cut_t cut = {.max = 2, .beside = item("b", 4)};

    ck_assert(listing_put(large, STR("k"), &listing, 0));
    ck_assert(listing_get(large, STR("k"), 0, 1, &cut, &page));
    ck_assert(page.n == 2 && tails[0] == 'c' && page.last[0] == 'd');
    listing_store_free(large);
    small = listing_store_new(6 * (2 + TAIL) + 6 * 4 - 1); /* where the items end counts */
    ck_assert(!listing_put(small, STR("k"), &listing, 0));
    listing_store_free(small);
}
END_TEST

/* ---- threads: a listing is seen whole, as somebody put it ---- */

static void *
walk(void *arg)
{
    arena_t *own ARENA_CLEANUP = arena_new(0);
    unsigned random = *(const unsigned *)arg;
    const str_t keys[] = {STR_INIT("a"), STR_INIT("b"), STR_INIT("c"), STR_INIT("d")};

    for (int i = 0; i < TURNS; i++) {
        unsigned char tails[ROOM * TAIL];
        listing_page_t page = {.tails = tails};
        unsigned which;

        random = random * 1103515245u + 12345u;
        which = random / 65536u % 4;
        if (random / 1024 % 2) {
            arena_mark_t mark = arena_mark(own);

            put_from(own, keys[which], (unsigned char)(1 + which), 2 + which, i);
            arena_rewind(own, mark);
        } else if (get(keys[which], i, TURNS, &page)) {
            ck_assert(page.n == 2 + which && page.total == page.n);
            for (size_t j = 0; j < page.n; j++)
                ck_assert_uint_eq(tails[j * TAIL + 5], 1 + which + j);
        }
    }
    return NULL;
}

START_TEST(test_threads)
{
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i * 7919 + 1;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, walk, &seeds[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("listing");
    TCase *tests = tcase_create("listing");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, test_cut, 0, (int)ARRAY_SIZE(cuts));
    tcase_add_loop_test(tests, test_walk, 0, 14);
    tcase_add_test(tests, test_large);
    tcase_add_test(tests, test_keeps_keys);
    tcase_add_test(tests, test_age);
    tcase_add_test(tests, test_budget);
    tcase_add_test(tests, test_many_keys);
    tcase_add_test(tests, test_replaces);
    tcase_add_test(tests, test_threads);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
