/* SPDX-License-Identifier: Apache-2.0 */
/* Which column of an export holds which path. */
#include "cli/match/match.h"

#include "base/guess.h"
#include "map/slot.h"
#include "scim/patch.h"

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"

/* The names of columns in exports of Entra: of the portal, of Graph, of PowerShell. The first that is there
 * is taken. */
static const struct {
    const char *path;
    const char *names[4];
} known[] = {
    {"externalId", {"objectId", "id"}},
    {"userName", {"userPrincipalName", "upn"}},
    {"displayName", {"displayName"}},
    {"name.givenName", {"givenName"}},
    {"name.familyName", {"surname"}},
    {"nickName", {"mailNickname"}},
    {"title", {"jobTitle"}},
    {"userType", {"userType"}},
    {"preferredLanguage", {"preferredLanguage"}},
    {"active", {"accountEnabled"}},
    {"emails[type eq \"work\"].value", {"mail"}},
    {"phoneNumbers[type eq \"work\"].value", {"telephoneNumber", "businessPhones"}},
    {"phoneNumbers[type eq \"mobile\"].value", {"mobile", "mobilePhone"}},
    {"phoneNumbers[type eq \"fax\"].value", {"facsimileTelephoneNumber", "faxNumber"}},
    {"addresses[type eq \"work\"].streetAddress", {"streetAddress"}},
    {"addresses[type eq \"work\"].locality", {"city"}},
    {"addresses[type eq \"work\"].region", {"state"}},
    {"addresses[type eq \"work\"].postalCode", {"postalCode"}},
    {"addresses[type eq \"work\"].country", {"country"}},
    {ENTERPRISE "department", {"department"}},
    {ENTERPRISE "employeeNumber", {"employeeId"}},
    {ENTERPRISE "organization", {"companyName"}},
};

/* "User name [userPrincipalName] Required", as the portal's templates have it, is the name in brackets. */
static str_t
plain_name(str_t name)
{
    size_t open = str_find_char(name, '['), close = str_find_char(name, ']');

    return str_trim(open < close && close < name.n ? str_slice(name, open + 1, close - open - 1)
                                                   : name);
}

static bool
find_column(const csv_row_t *head, str_t name, size_t *ret_at)
{
    for (size_t i = 0; i < head->n; i++)
        if (str_ieq(plain_name(head->fields[i]), name)) {
            *ret_at = i;
            return true;
        }
    return false;
}

static const column_t *
find_taken(const columns_t *columns, const scim_target_t *target, const map_type_t *type,
           arena_t *mem)
{
    str_t path = scim_path_format(mem, target);

    for (size_t i = 0; i < columns->n; i++) {
        scim_target_t other;

        if (scim_path_resolve(type->scim, &columns->items[i].path, &other) &&
            str_eq(scim_path_format(mem, &other), path))
            return &columns->items[i];
    }
    return NULL;
}

static void
add_column(columns_t *columns, size_t at, const scim_path_t *path, const scim_target_t *target)
{
    const scim_attr_t *leaf = target->sub ? target->sub : target->attr;

    columns->items[columns->n++] = (column_t){at, *path, leaf->kind};
}

static bool
add_wish(arena_t *mem, const map_type_t *type, const csv_row_t *head, const char *text,
         columns_t *columns, err_t *err)
{
    str_t wish = str_from_c(text), name;
    size_t equals = str_find_last_char(wish, '='), at;
    guess_t guess;
    scim_path_t path;
    scim_target_t target;

    if (equals >= wish.n)
        return err_set(err, ERR_CONFIG, "--column %s: SCIMPATH=NAME is wanted", text);
    name = str_skip(wish, equals + 1);
    if (!scim_path_parse(mem, str_slice(wish, 0, equals), &path, err))
        return err_prefix(err, "--column %s", text);
    if (!scim_path_resolve(type->scim, &path, &target) || !target.attr)
        return err_set(err, ERR_CONFIG, "--column %s: the map of %.*s has no %.*s", text,
                       STR_ARG(type->scim->name), STR_ARG(path.text));
    if (name.n == 0)
        return true; /* not this path at all */
    if (!find_column(head, name, &at)) {
        guess = guess_begin(name);
        for (size_t i = 0; i < head->n; i++)
            guess_add(&guess, plain_name(head->fields[i]));
        return err_set(err, ERR_CONFIG, "--column %s: the file has no column \"%.*s\"%s%.*s%s",
                       text, STR_ARG(name), guess.best.n ? "; did you mean \"" : "",
                       STR_ARG(guess.best), guess.best.n ? "\"?" : "");
    }
    add_column(columns, at, &path, &target);
    return true;
}

/* Whether a wish says that the path has no column. */
static bool
is_unwanted(const wishes_t *wishes, str_t path)
{
    for (size_t i = 0; i < wishes->n; i++) {
        str_t wish = str_from_c(wishes->texts[i]);

        if (wish.n == path.n + 1 && str_ends_with(wish, STR("=")) &&
            str_ieq(str_slice(wish, 0, path.n), path))
            return true;
    }
    return false;
}

static void
add_known(arena_t *mem, const map_type_t *type, const csv_row_t *head, const wishes_t *wishes,
          columns_t *columns)
{
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        err_t ignored = ERR_INIT;
        scim_path_t path;
        scim_target_t target;
        size_t at;

        if (!scim_path_parse(mem, str_from_c(known[i].path), &path, &ignored) ||
            !scim_path_resolve(type->scim, &path, &target) || !target.attr ||
            find_taken(columns, &target, type, mem) ||
            is_unwanted(wishes, str_from_c(known[i].path)))
            continue;
        for (size_t j = 0; j < ARRAY_SIZE(known[i].names) && known[i].names[j]; j++)
            if (find_column(head, str_from_c(known[i].names[j]), &at)) {
                add_column(columns, at, &path, &target);
                break;
            }
    }
}

/* The first path of the match list that has one. */
static bool
find_name(arena_t *mem, const map_type_t *type, columns_t *columns, err_t *err)
{
    for (size_t i = type->n_match; i-- > 0;) {
        const map_slot_t *slot = type->match[i];
        scim_target_t target;
        const column_t *column;
        scim_path_t path;

        if (scim_path_parse(mem, slot->path, &path, err) &&
            scim_path_resolve(type->scim, &path, &target) &&
            (column = find_taken(columns, &target, type, mem))) {
            columns->name_at = column->at;
            return true;
        }
    }
    if (type->n_match == 0)
        return err_set(err, ERR_CONFIG,
                       "the map of %.*s recognises nothing: \"match\" is empty",
                       STR_ARG(type->scim->name));
    return err_set(err, ERR_CONFIG,
                   "no column of the file holds %.*s, by which the map recognises an entry; "
                   "name one with --column '%.*s=NAME'",
                   STR_ARG(type->match[0]->path), STR_ARG(type->match[0]->path));
}

bool
columns_find(arena_t *mem, const map_type_t *type, const csv_row_t *head,
             const wishes_t *wishes, columns_t *ret_columns, err_t *err)
{
    columns_t columns = {.items = arena_array_of(mem, wishes->n + ARRAY_SIZE(known), column_t)};

    for (size_t i = 0; i < wishes->n; i++)
        if (!add_wish(mem, type, head, wishes->texts[i], &columns, err))
            return false;
    add_known(mem, type, head, wishes, &columns);
    if (!find_name(mem, type, &columns, err))
        return false;
    *ret_columns = columns;
    return true;
}

/* Exports write True, FALSE, yes. */
static json_t *
make_value(arena_t *mem, scim_kind_t kind, str_t text)
{
    json_t *number;

    if (kind == SCIM_BOOLEAN && (str_ieq(text, STR("true")) || str_ieq(text, STR("yes"))))
        return json_boolean(mem, true);
    if (kind == SCIM_BOOLEAN && (str_ieq(text, STR("false")) || str_ieq(text, STR("no"))))
        return json_boolean(mem, false);
    if (kind == SCIM_INTEGER) {
        int64_t value;

        number = str_to_int64(text, &value) ? json_integer(mem, value) : NULL;
        if (number)
            return number;
    }
    return json_string(mem, text);
}

json_t *
columns_resource(arena_t *mem, const map_type_t *type, const columns_t *columns,
                 const csv_row_t *row, err_t *err)
{
    json_t *resource = json_object(mem), *schemas = json_array(mem);
    scim_patch_t patch = {.ops = arena_array_of(mem, columns->n, scim_op_t)};

    for (size_t i = 0; i < columns->n; i++) {
        const column_t *column = &columns->items[i];
        str_t text = column->at < row->n ? str_trim(row->fields[column->at]) : STR("");

        if (text.n > 0)
            patch.ops[patch.n++] = (scim_op_t){.kind = SCIM_ADD,
                                               .index = i,
                                               .has_path = true,
                                               .path = column->path,
                                               .value = make_value(mem, column->kind, text),
                                               .create_element = true};
    }
    if (!scim_patch_apply(mem, type->scim, resource, &patch, err))
        return NULL;
    json_append(mem, schemas, json_string(mem, type->scim->core->id));
    json_set(mem, resource, STR("schemas"), schemas);
    return resource;
}
