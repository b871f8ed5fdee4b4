/* SPDX-License-Identifier: Apache-2.0 */
/* What was deleted since, as far as tombstones tell. */
#include "cli/import/import.h"

#include "base/clock.h"
#include "cli/print.h"
#include "connector/listing.h"

typedef struct {
    listing_draft_t draft;
    arena_t *mem;
    const map_t *map;
} stones_t;

static bool
take_stone(void *arg, const ldap_entry_t *entry)
{
    stones_t *stones = arg;
    unsigned char anchor[LISTING_ANCHOR_SIZE];
    str_t id;

    if (map_anchor_of(stones->mem, stones->map, entry, &id) &&
        map_anchor_pack(stones->map, id, anchor))
        listing_draft_add(&stones->draft, STR(""), 0, anchor);
    return true;
}

static const ldap_filter_t *
stones_filter(const import_page_t *page)
{
    const import_t *import = page->import;
    const map_scope_t *scope = page->type->scope;
    const ldap_filter_t *parts[4];

    parts[0] = map_when(page->mem, &page->type->deleted, clock_real_s());
    parts[1] = ldap_filter_greater(page->mem, import->of->map->dialect->modified,
                                   clock_format_generalized(page->mem, import->since));
    parts[2] = scope->filter;
    parts[3] = scope->protect ? ldap_filter_not(page->mem, scope->protect) : NULL;
    return ldap_filter_and(page->mem, parts, ARRAY_SIZE(parts));
}

static bool
list_stones(import_page_t *page, stones_t *stones)
{
    const map_scope_t *scope = page->type->scope;
    ldap_op_t op = {.kind = LDAP_OP_SEARCH};

    op.u.search.depth = scope->depth;
    op.u.search.filter = stones_filter(page);
    op.u.search.attrs = (ldap_names_t){&stones->map->dialect->anchor, 1};
    for (size_t i = 0; i < scope->n_bases; i++) {
        ldap_reply_t reply;

        op.dn = scope->bases[i].dn;
        driver_search(&page->import->driver, page->mem, &op, take_stone, stones, &reply);
        if (reply.fate != LDAP_ANSWERED)
            return err_set(&page->import->err, ERR_UNAVAILABLE,
                           "the directory did not answer while tombstones were listed");
        if (reply.code != LDAP_RC_SUCCESS)
            return ldap_code_error(&page->import->err, reply.code, reply.matched,
                                   reply.diagnostic, "listing tombstones");
    }
    return true;
}

void
import_write_stones(void *arg)
{
    import_page_t *page = arg;
    const map_t *map = page->import->of->map;
    stones_t stones = {.mem = page->mem, .map = map};
    listing_t listing;

    listing_draft_init(&stones.draft, page->mem, false);
    if (!list_stones(page, &stones))
        return;
    listing = listing_finish(&stones.draft);
    for (size_t i = 0; i < listing.n; i++) {
        json_t *line = json_object(page->mem);

        json_set(
            page->mem, line, STR("id"),
            json_string(page->mem, map_anchor_unpack(page->mem, map,
                                                     listing.bytes + i * LISTING_TAIL + 1)));
        json_set(page->mem, line, STR("deleted"), json_boolean(page->mem, true));
        json_set(page->mem, line, STR("resourceType"),
                 json_string(page->mem, page->type->scim->name));
        print_json(page->mem, line);
        page->import->report.deleted++;
    }
    page->good = import_flush(page->import);
}
