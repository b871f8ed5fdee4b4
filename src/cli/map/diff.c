/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/map/diff.h"
#include "base/clock.h"
#include "base/diag.h"
#include "cli/options.h"
#include "cli/print.h"
#include "daemon/file.h"
#include "map/load.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *config, *connector, *a, *b;
    bool json;
} options_t;

typedef struct {
    arena_t *mem;
    const options_t *options;
    const map_t *a, *b;
    const config_t *config;
    const config_connector_t *of;
    driver_t driver;
    differences_t differences;
    effect_t *effects;
    size_t n_effects;
    progress_t progress;
    bool done;
    err_t err;
} mapping_t;

static const char *const kind_names[] = {[DIFFERENCE_ADDED] = "added",
                                         [DIFFERENCE_REMOVED] = "removed",
                                         [DIFFERENCE_CHANGED] = "changed"};

/* --- for people --------------------------------------------------------------------------- */

static void
print_text(str_t text)
{
    if (text.n > 0)
        print_plain(text);
    else
        fputs("none", stdout);
}

static void
print_difference(const difference_t *difference)
{
    static const char signs[] = {'+', '-', '~'};

    printf("%c ", signs[difference->kind]);
    print_plain(difference->of);
    fputs(difference->of.n && difference->what.n ? " " : "", stdout);
    print_plain(difference->of.n || difference->what.n ? difference->what : STR("map"));
    if (difference->kind == DIFFERENCE_CHANGED) {
        printf(": %s was ", difference->aspect);
        print_text(difference->from);
        fputs(", becomes ", stdout);
        print_text(difference->to);
    } else {
        str_t text = difference->to.n ? difference->to : difference->from;

        fputs(text.n ? ": " : "", stdout);
        print_plain(text);
    }
    if (difference->means)
        printf(" (%s)", difference->means);
    putchar('\n');
}

static void
print_tally(const char *indent, str_t what, const tally_t *tally, size_t of, const char *how)
{
    if (!tally->n)
        return;
    printf("%s%.*s%s%zu of %zu entries %s\n", indent, STR_ARG(what), what.n ? ": " : "",
           tally->n, of, how);
    for (size_t i = 0; i < tally->n && i < EXAMPLES; i++) {
        printf("%s    ", indent);
        print_plain(tally->examples[i]);
        putchar('\n');
    }
    if (tally->n > EXAMPLES)
        printf("%s    ...\n", indent);
}

static void
print_effect(const effect_t *effect)
{
    printf("\n%.*s: %zu entries are seen now, %zu would be\n", STR_ARG(effect->type),
           effect->before, effect->after);
    print_tally("  ", STR(""), &effect->hidden, effect->before, "are not seen any more");
    print_tally("  ", STR(""), &effect->shown, effect->after, "are seen that are not now");
    for (size_t i = 0; i < effect->n_paths; i++) {
        const path_effect_t *path = &effect->paths[i];

        print_tally("  ", path->path, &path->changed, effect->before, "have another value");
        print_tally("  ", path->path, &path->lost, effect->before, "have none any more");
        print_tally("  ", path->path, &path->gained, effect->after, "have one that had none");
    }
    print_tally("  ", effect->members_path, &effect->members.changed, effect->before,
                "have other members");
}

static void
print_all(const mapping_t *mapping)
{
    const differences_t *list = &mapping->differences;

    for (size_t i = 0; i < list->n; i++)
        print_difference(&list->items[i]);
    if (list->n == 0)
        puts("the maps say the same");
    for (size_t i = 0; i < mapping->n_effects; i++)
        print_effect(&mapping->effects[i]);
}

/* --- for programs ------------------------------------------------------------------------- */

static json_t *
difference_json(arena_t *mem, const difference_t *difference)
{
    json_t *json = json_object(mem);

    print_set(mem, json, "kind", str_from_c(kind_names[difference->kind]));
    print_set(mem, json, "of", difference->of);
    print_set(mem, json, "what", difference->what);
    print_set(mem, json, "aspect", str_from_c(difference->aspect));
    print_set(mem, json, "from", difference->from);
    print_set(mem, json, "to", difference->to);
    print_set(mem, json, "means", str_from_c(difference->means));
    return json;
}

static void
set_tally(arena_t *mem, json_t *json, str_t name, const tally_t *tally)
{
    json_t *item = json_object(mem), *examples = json_array(mem);

    if (!tally->n)
        return;
    for (size_t i = 0; i < tally->n && i < EXAMPLES; i++)
        json_append(mem, examples, json_string(mem, tally->examples[i]));
    json_set(mem, item, STR("entries"), json_integer(mem, (int64_t)tally->n));
    json_set(mem, item, STR("examples"), examples);
    json_set(mem, json, name, item);
}

static json_t *
effect_json(arena_t *mem, const effect_t *effect)
{
    json_t *json = json_object(mem), *values = json_array(mem);

    print_set(mem, json, "resourceType", effect->type);
    json_set(mem, json, STR("before"), json_integer(mem, (int64_t)effect->before));
    json_set(mem, json, STR("after"), json_integer(mem, (int64_t)effect->after));
    set_tally(mem, json, STR("hidden"), &effect->hidden);
    set_tally(mem, json, STR("shown"), &effect->shown);
    for (size_t i = 0; i < effect->n_paths; i++) {
        const path_effect_t *path = &effect->paths[i];
        json_t *item = json_object(mem);

        if (!path->changed.n && !path->lost.n && !path->gained.n)
            continue;
        print_set(mem, item, "path", path->path);
        set_tally(mem, item, STR("changed"), &path->changed);
        set_tally(mem, item, STR("lost"), &path->lost);
        set_tally(mem, item, STR("gained"), &path->gained);
        json_append(mem, values, item);
    }
    json_set(mem, json, STR("values"), values);
    if (effect->members.changed.n) {
        json_t *members = json_object(mem);

        print_set(mem, members, "path", effect->members_path);
        set_tally(mem, members, STR("changed"), &effect->members.changed);
        json_set(mem, members, STR("lost"), json_integer(mem, (int64_t)effect->members.lost));
        json_set(mem, members, STR("gained"),
                 json_integer(mem, (int64_t)effect->members.gained));
        json_set(mem, json, STR("members"), members);
    }
    return json;
}

static void
print_for_programs(const mapping_t *mapping)
{
    arena_t *mem = mapping->mem;
    json_t *json = json_object(mem), *differences = json_array(mem), *effects = json_array(mem);

    for (size_t i = 0; i < mapping->differences.n; i++)
        json_append(mem, differences, difference_json(mem, &mapping->differences.items[i]));
    for (size_t i = 0; i < mapping->n_effects; i++)
        json_append(mem, effects, effect_json(mem, &mapping->effects[i]));
    json_set(mem, json, STR("differences"), differences);
    if (mapping->of)
        json_set(mem, json, STR("effects"), effects);
    print_json(mem, json);
}

/* --- the command -------------------------------------------------------------------------- */

static bool
load(mapping_t *mapping, const char *file, const map_t **ret_map)
{
    diag_list_t diags;
    str_t text;

    diag_init(&diags, mapping->mem);
    if (!file_read(mapping->mem, file, json_limits_file.max_bytes, &text, &mapping->err))
        return err_prefix(&mapping->err, "%s", file);
    *ret_map = map_load(mapping->mem, file, text, ldap_schema_builtin(), &diags);
    if (*ret_map)
        return true;
    print_diags(mapping->mem, &diags);
    return err_set(&mapping->err, ERR_CONFIG, "%s: the map is not usable", file);
}

static bool
look_at_directory(mapping_t *mapping)
{
    const map_t *a = mapping->a, *b = mapping->b;
    const seen_t *seen;
    err_t none_yet = ERR_INIT;
    bool good = true;

    if (!driver_check_bases(&mapping->driver, mapping->mem, a, &mapping->err))
        return err_prefix(&mapping->err, "%s", mapping->options->a);
    if (!driver_check_bases(&mapping->driver, mapping->mem, b, &none_yet))
        fprintf(stderr, "%s: warning: %s; what is there is not counted\n", mapping->options->b,
                none_yet.detail);
    progress_begin(&mapping->progress);
    seen = seen_list(&mapping->driver, mapping->mem, a, b, clock_real_s(), &mapping->progress,
                     &mapping->err);
    mapping->effects = arena_array_of(mapping->mem, a->n_types, effect_t);
    for (size_t i = 0; seen && good && i < a->n_types; i++) {
        const map_type_t *of[] = {&a->types[i], map_find_type(b, a->types[i].scim->name)};

        if (of[SEEN_B])
            good = map_effect(&mapping->driver, mapping->mem, seen, of,
                              &mapping->effects[mapping->n_effects++], &mapping->progress,
                              &mapping->err);
    }
    progress_end(&mapping->progress);
    return seen && good;
}

static void
diff(void *arg)
{
    mapping_t *mapping = arg;

    if (!load(mapping, mapping->options->a, &mapping->a) ||
        !load(mapping, mapping->options->b, &mapping->b))
        return;
    mapping->differences.mem = mapping->mem;
    map_compare(&mapping->differences, mapping->a, mapping->b);
    if (mapping->of && !look_at_directory(mapping))
        return;
    if (mapping->options->json)
        print_for_programs(mapping);
    else
        print_all(mapping);
    mapping->done = true;
}

static bool
prepare(mapping_t *mapping)
{
    const options_t *options = mapping->options;

    if (!options->config)
        return true;
    mapping->config = cli_load_connector(mapping->mem, options->config, options->connector,
                                         &mapping->of, &mapping->err);
    return mapping->config &&
           driver_open(&mapping->driver, mapping->of, &mapping->config->limits.connector,
                       mapping->config->limits.ldap.operation_timeout_ms, &mapping->err);
}

static int
diff_maps(const options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    mapping_t mapping = {.mem = mem, .options = options, .err = ERR_INIT};

    if (!mem || !prepare(&mapping) || !arena_guard(mem, diff, &mapping) || !mapping.done)
        fprintf(stderr, "scimbridge map: %s\n",
                mapping.err.kind == ERR_NONE ? "no memory" : mapping.err.detail);
    driver_close(&mapping.driver);
    return mapping.done ? CLI_OK : CLI_FAILED;
}

static int
run(int argc, char **argv)
{
    options_t options = {.connector = ""};
    const option_t table[] = {{"config", 'c', &options.config, NULL},
                              {"connector", 'C', &options.connector, NULL},
                              {"json", 0, NULL, &options.json}};
    int status = options_read(&command_map, argc, argv, table, ARRAY_SIZE(table));

    if (status != OPTIONS_GO_ON)
        return status;
    if (optind + 3 != argc || strcmp(argv[optind], "diff") != 0)
        return cli_misuse(&command_map, "\"diff\" and two maps are needed");
    if (!options.config && options.connector[0])
        return cli_misuse(&command_map, "-C needs -c FILE");
    options.a = argv[optind + 1];
    options.b = argv[optind + 2];
    return diff_maps(&options);
}

const command_t command_map = {
    .name = "map",
    .summary = "tell what a changed map would do",
    .help =
        "usage: scimbridge map diff A B [-c FILE [-C CONNECTOR]] [--json]\n"
        "\n"
        "Tells what the map B says otherwise than the map A: scopes, attributes, entry rules,\n"
        "placement, lifecycle. With a configuration also what clients would see otherwise:\n"
        "each entry of the connector's directory that A or B shows is looked at through both,\n"
        "and counted, with examples; of groups, which members come and go. Nothing is "
        "written.\n"
        "\n"
        "  -c, --config FILE          the configuration, for the directory\n"
        "  -C, --connector CONNECTOR  which; without it the default one, or the only one\n"
        "  --json                     one JSON object\n"
        "\n"
        "Examples:\n"
        "  scimbridge map diff people.jsonc people-new.jsonc\n"
        "  scimbridge map diff people.jsonc people-new.jsonc -c scimbridge.conf -C people\n",
    .run = run,
};
