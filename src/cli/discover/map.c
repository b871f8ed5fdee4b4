/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a starter map: each line says why it is so. */
#include "cli/discover/discover.h"

#include "json/json.h"

/* ---- scopes ---- */

static void
write_scope(writing_t *writing)
{
    buf_t *buf = writing->buf;
    const kind_sample_t *sample = writing->sample;

    buf_printf(buf, "    \"%s\": {\n", writing->scope);
    if (sample->n == 0)
        buf_printf(buf,
                   "      // Nothing of the class %.*s was found: say where they are to be.\n",
                   STR_ARG(sample->class));
    for (size_t i = 0; i < sample->n_parents; i++)
        buf_printf(buf, "      // %.*s: %zu of the %zu entries looked at%s\n",
                   STR_ARG(sample->parents[i].dn), sample->parents[i].n, sample->n,
                   sample->more ? " (there are more)" : "");
    buf_add_c(buf, "      \"bases\": [");
    for (size_t i = 0; i < sample->n_parents; i++) {
        buf_add_c(buf, i > 0 ? ", " : "");
        json_write_string(buf, sample->parents[i].dn);
    }
    if (sample->n_parents == 0)
        json_write_string(buf, writing->base);
    buf_add_c(
        buf,
        "],\n      \"depth\": \"one\", // only direct children; \"subtree\" for all below\n"
        "      \"filter\": ");
    json_write_string(
        buf, str_printf(writing->live->mem, "(objectClass=%.*s)", STR_ARG(sample->class)));
    buf_add_c(buf,
              ",\n"
              "      // \"protect\": \"(uid=svc-*)\", // entries that must never be seen or "
              "written\n");
    buf_printf(buf,
               "      // If nobody else names entries there, POST can do without a search:\n"
               "      // \"unique\": [\"%.*s\"],\n    },\n",
               STR_ARG(writing->naming));
}

/* ---- what classes demand ---- */

typedef struct {
    writing_t *writing;
    bool any;
} demand_t;

static void
write_demand(void *arg, str_t attr)
{
    demand_t *demand = arg;
    writing_t *writing = demand->writing;
    bool groups = writing->groups;
    usage_t *names = discover_usage(writing->sample, STR("displayName"));
    usage_t *family = discover_usage(writing->sample, STR("sn"));
    const char *last = groups ? "{displayName}" : "{userName}";

    if (str_ieq(attr, STR("objectClass")) ||
        live_same_attr(writing->live, attr, writing->naming) ||
        (groups && (str_ieq(attr, STR("member")) || str_ieq(attr, STR("uniqueMember")))))
        return;
    if (!demand->any)
        buf_printf(writing->buf,
                   "      // The class %.*s demands these. The first line whose paths all have "
                   "values wins.\n      \"entry\": {\n",
                   STR_ARG(writing->sample->class));
    demand->any = true;
    buf_add_c(writing->buf, "        ");
    json_write_string(writing->buf, attr);
    buf_add_c(writing->buf, ": [");
    if (!groups && str_ieq(attr, STR("sn")) && family)
        buf_add_c(writing->buf, "\"{name.familyName}\", ");
    if (!groups && names && (str_ieq(attr, STR("cn")) || str_ieq(attr, STR("sn"))))
        buf_add_c(writing->buf, "\"{displayName}\", ");
    buf_printf(writing->buf, "\"%s\"],\n", last);
}

static void
write_entry(writing_t *writing)
{
    demand_t demand = {.writing = writing};

    live_each_must(writing->live, writing->sample->class, write_demand, &demand);
    if (demand.any)
        buf_add_c(writing->buf, "      },\n");
}

/* ---- the life of an entry ---- */

static void
write_inactive(writing_t *writing)
{
    live_t *live = writing->live;

    if (live->ds389)
        buf_add_c(writing->buf,
                  "        // \"active\": false locks the account: the server refuses its "
                  "password.\n        \"inactive\": \"nsaccountlock\",\n");
    else if (ldap_schema_has(live->schema, STR("pwdEndTime")))
        buf_add_c(
            writing->buf,
            "        // \"active\": false ends the password, by slapd's ppolicy overlay. It "
            "needs a policy\n        // in effect: \"scimbridge check\" looks for one.\n"
            "        \"inactive\": \"ppolicy-end\",\n");
    else if (writing->ours)
        buf_add_c(
            writing->buf,
            "        // \"active\": false sets scimVisible to FALSE, for which applications "
            "must look: the\n        // ppolicy overlay, which would end the password, is "
            "not loaded.\n        \"inactive\": \"hide\",\n");
    else
        buf_add_c(
            writing->buf,
            "        // Nothing here can show that somebody is inactive: load the ppolicy "
            "overlay and write\n        // \"inactive\": \"ppolicy-end\", or load "
            "schema/ldap/scimbridge.ldif and write \"hide\".\n");
}

static void
write_lifecycle(writing_t *writing)
{
    buf_t *buf = writing->buf;

    if (writing->groups) {
        buf_add_c(buf,
                  "      \"lifecycle\": { \"deleted\": \"delete\" } // groups really go\n");
        return;
    }
    buf_add_c(buf, "      \"lifecycle\": {\n");
    write_inactive(writing);
    if (!writing->ours) {
        buf_add_c(buf, "        // DELETE removes the entry: nothing here could mark it as "
                       "deleted.\n        \"deleted\": \"delete\"\n      }\n");
        return;
    }
    buf_add_c(
        buf,
        "        // DELETE keeps the entry, marked, out of sight and without groups; the "
        "same person who\n        // comes again gets it back. \"delete\" would remove it.\n"
        "        \"deleted\": {\n          \"when\": \"(scimDeletedAt=*)\",\n"
        "          \"stamp\": \"scimDeletedAt\",\n"
        "          \"do\": [\"inactive\", { \"strip\": [\"groups\"] }],\n"
        "          \"undo\": [{ \"undo\": \"inactive\" }],\n"
        "          \"purge\": \"P90D\" // what \"scimbridge purge\" may remove\n"
        "        }\n      }\n");
}

/* ---- types ---- */

static void
write_classes(writing_t *writing)
{
    buf_t *buf = writing->buf;
    const kind_sample_t *sample = writing->sample;

    buf_add_c(buf, "      \"objectClass\": [");
    json_write_string(buf, sample->class);
    buf_add_c(buf, "],\n");
    if (writing->ours)
        buf_add_c(buf,
                  "      \"auxiliary\": [\"scimResource\"], // marks an entry as ours, keeps "
                  "the client's id\n");
    else
        buf_add_c(buf,
                  "      // Without schema/ldap/scimbridge.ldif in the directory there is no "
                  "place for the client's\n      // id (externalId), nor a mark of what is "
                  "ours.\n");
    for (size_t i = 0; i < sample->n_auxiliary; i++) {
        if (!str_ieq(sample->auxiliary[i], STR("scimResource")))
            buf_printf(buf,
                       "      // Some have the class %.*s too; add it here if new ones need "
                       "it.\n",
                       STR_ARG(sample->auxiliary[i]));
    }
}

static void
note_member(void *arg, str_t attr)
{
    bool *demanded = arg;

    *demanded |= str_ieq(attr, STR("member")) || str_ieq(attr, STR("uniqueMember"));
}

/* Not every server's groupOfNames does. */
static bool
demands_member(const writing_t *writing)
{
    bool demanded = false;

    live_each_must(writing->live, writing->sample->class, note_member, &demanded);
    return demanded;
}

static void
write_type(writing_t *writing)
{
    buf_t *buf = writing->buf;
    const kind_sample_t *sample = writing->sample;
    str_t rdn = sample->rdn.n > 0 ? sample->rdn : writing->naming;

    buf_printf(buf, "    \"%s\": {\n      \"scope\": \"%s\",\n      \"rdn\": ", writing->type,
               writing->scope);
    json_write_string(buf, rdn);
    buf_printf(buf, ", // the entries there are named by it\n");
    write_classes(writing);
    buf_add_c(buf, "      \"parent\": ");
    json_write_string(buf, sample->n_parents > 0 ? sample->parents[0].dn : writing->base);
    buf_printf(
        buf,
        ", // where new ones go\n"
        "      \"match\": [\"%s\"], // by this an entry that is there already is "
        "recognised\n"
        "      \"adopt\": \"match\", // and becomes the resource; \"never\": it is in the "
        "way\n",
        writing->groups ? "displayName" : "userName");
    discover_write_attributes(writing);
    write_entry(writing);
    if (writing->groups && demands_member(writing))
        buf_printf(buf, "      \"emptyMember\": \"cn=nobody\", // %.*s demands a member\n",
                   STR_ARG(sample->class));
    write_lifecycle(writing);
    buf_add_c(buf, "    },\n");
}

/* uid where all have it; else the naming attribute. */
static str_t
choose_naming(const kind_sample_t *sample, bool groups)
{
    const usage_t *uid = discover_usage(sample, STR("uid"));

    if (groups)
        return STR("cn");
    if (sample->n == 0 || (uid && uid->entries == sample->n))
        return STR("uid");
    return sample->rdn;
}

void
discover_write_map(buf_t *buf, live_t *live, str_t base, kind_sample_t *people,
                   kind_sample_t *groups)
{
    bool ours = ldap_class_find(&live->classes, STR("scimResource"));
    writing_t users = {.buf = buf,
                       .live = live,
                       .sample = people,
                       .base = base,
                       .scope = "users",
                       .type = "User",
                       .ours = ours,
                       .naming = choose_naming(people, false)};
    writing_t teams = {.buf = buf,
                       .live = live,
                       .sample = groups,
                       .base = base,
                       .scope = "groups",
                       .type = "Group",
                       .ours = ours,
                       .naming = choose_naming(groups, true),
                       .groups = true};

    buf_printf(buf,
               "{\n  \"dialect\": \"%s\",\n"
               "  \"integrity\": \"server\", // its %s must repair references\n"
               "  \"scopes\": {\n",
               live->ds389 ? "389" : "openldap",
               live->ds389 ? "referential integrity plugin" : "refint overlay");
    write_scope(&users);
    write_scope(&teams);
    buf_add_c(buf, "  },\n  \"resources\": {\n");
    write_type(&users);
    write_type(&teams);
    buf_add_c(buf, "  }\n}\n");
}
