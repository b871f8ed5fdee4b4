/* SPDX-License-Identifier: Apache-2.0 */
/* "discover": look at a directory, and print a map to begin with. */
#include "cli/discover/discover.h"
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

enum { TIMEOUT_MS = 30000, CONNECT_MS = 10000 };

typedef struct {
    ldap_settings_t settings;
    const char *base;
} options_t;

typedef struct {
    const options_t *options;
    live_t live;
    const str_t *bases;
    size_t n_bases;
    buf_t buf;
    err_t err;
} discovery_t;

/* ---- what the server is ---- */

static void
write_values(discovery_t *discovery, const char *name, const char *what)
{
    const ldap_attr_t *attr = ldap_entry_find(discovery->live.root, str_from_c(name));

    for (size_t i = 0; attr && i < attr->n; i++)
        buf_printf(&discovery->buf, "// %s: %.*s\n", what, STR_ARG(attr->values[i]));
}

typedef struct {
    const char *oid, *name, *use;
} control_t;

static const control_t controls[] = {
    {"1.3.6.1.1.12", "assertion (RFC 4528)", "guards every write"},
    {"1.3.6.1.1.13.2", "post-read (RFC 4527)", "saves a search after each write"},
    {"1.2.826.0.1.3344810.2.3", "matched values (RFC 3876)",
     "spares reading large groups whole"},
    {"1.2.840.113556.1.4.319", "paged results (RFC 2696)", NULL},
    {"1.2.840.113556.1.4.473", "server-side sorting (RFC 2891)", NULL},
    {"1.3.6.1.4.1.42.2.27.8.5.1", "password policy", NULL},
};

/* [MS-ADTS] 3.1.1.3.4.3.1 */
static bool
is_active_directory(const live_t *live)
{
    return live_has(live, "supportedCapabilities", "1.2.840.113556.1.4.800");
}

static const char *
name_server(const live_t *live)
{
    if (live->openldap)
        return "OpenLDAP";
    if (is_active_directory(live))
        return "Active Directory";
    if (live->ds389)
        return "389 Directory Server";
    return "one of unknown make";
}

static void
write_server(discovery_t *discovery)
{
    live_t *live = &discovery->live;
    buf_t *buf = &discovery->buf;

    buf_printf(buf, "// A map to begin with, made by looking at %s.\n",
               discovery->options->settings.url);
    buf_printf(buf, "// The server is %s.\n", name_server(live));
    if (is_active_directory(live))
        buf_add_c(
            buf,
            "// Begin with the map ad.jsonc that is shipped, and look here at what entries "
            "use: what\n// follows is written as if it were OpenLDAP.\n");
    else if (!live->openldap && !live->ds389)
        buf_add_c(buf, "// There is no dialect for it yet: the map is written as if it were "
                       "OpenLDAP.\n");
    write_values(discovery, "vendorVersion", "version");
    write_values(discovery, "namingContexts", "naming context");
    for (size_t i = 0; i < ARRAY_SIZE(controls); i++) {
        bool has = live_has(live, "supportedControl", controls[i].oid);

        if (has || controls[i].use)
            buf_printf(buf, "// control: %s%s%s%s\n", controls[i].name, has ? "" : ": missing",
                       controls[i].use ? ", which " : "",
                       controls[i].use ? controls[i].use : "");
    }
    buf_printf(buf, "// schema: %zu attribute types, %zu object classes\n",
               live->type_descriptions->n, live->classes.n);
    if (live->identity.n > 0)
        buf_printf(buf, "// seen as %.*s, who may not see everything\n",
                   STR_ARG(live->identity));
    buf_add_c(buf, "//\n// Read each line, then: scimbridge check -m THIS; scimbridge check -c "
                   "scimbridge.conf\n");
}

/* ---- where to look ---- */

static bool
choose_bases(discovery_t *discovery)
{
    const ldap_attr_t *contexts = ldap_entry_find(discovery->live.root, STR("namingContexts"));
    str_t *base;

    if (discovery->options->base) {
        base = arena_new_of(discovery->live.mem, str_t);
        *base = str_from_c(discovery->options->base);
        discovery->bases = base;
        discovery->n_bases = 1;
    } else if (contexts && contexts->n > 0) {
        discovery->bases = contexts->values;
        discovery->n_bases = contexts->n;
    } else {
        return err_set(&discovery->err, ERR_CONFIG,
                       "the root DSE names no naming context; say where to look with --base");
    }
    for (size_t i = 0; i < discovery->n_bases; i++) {
        if (live_entry(&discovery->live, discovery->bases[i], (ldap_names_t){NULL, 0}))
            return true;
    }
    return err_set(&discovery->err, ERR_CONFIG,
                   "%.*s cannot be seen%s; bind with -D and -y as somebody who may",
                   STR_ARG(discovery->bases[0]),
                   discovery->live.identity.n > 0 ? "" : " anonymously");
}

static void
progress(const char *what)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "scimbridge discover: %s\n", what);
}

static void
discover(void *arg)
{
    static const char *const people_classes[] = {"inetOrgPerson", "organizationalPerson",
                                                 "person", "account", NULL};
    static const char *const group_classes[] = {"groupOfNames", "groupOfUniqueNames", NULL};
    discovery_t *discovery = arg;
    live_t *live = &discovery->live;
    kind_sample_t people, groups;

    progress("reading what the server says of itself");
    live_read(live);
    if (!live->root || !live->schema) {
        err_set(&discovery->err, ERR_CONFIG,
                "the %s cannot be read; bind with -D and -y as somebody who may",
                live->root ? "subschema" : "root DSE");
        return;
    }
    if (!choose_bases(discovery))
        return;
    progress("looking at people");
    discover_sample(live, discovery->bases, discovery->n_bases, people_classes, &people);
    progress("looking at groups");
    discover_sample(live, discovery->bases, discovery->n_bases, group_classes, &groups);
    buf_init(&discovery->buf, live->mem, 1 << 20);
    write_server(discovery);
    discover_write_map(&discovery->buf, live, discovery->bases[0], &people, &groups);
    fprintf(stderr, "scimbridge discover: %zu people and %zu groups were looked at\n", people.n,
            groups.n);
    printf("%.*s", STR_ARG(buf_str(&discovery->buf)));
}

static int
discover_directory(const options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    discovery_t discovery = {.options = options, .err = ERR_INIT};
    bool done;

    discovery.live.mem = mem;
    discovery.live.timeout_ms = TIMEOUT_MS;
    ldap_conn_setup();
    if (mem)
        discovery.live.conn = ldap_conn_open(&options->settings, &discovery.err);
    done = discovery.live.conn && arena_guard(mem, discover, &discovery) &&
           discovery.err.kind == ERR_NONE;
    ldap_conn_close(discovery.live.conn);
    if (done)
        return CLI_OK;
    fprintf(stderr, "scimbridge discover: %s\n",
            discovery.err.kind == ERR_NONE ? "no memory" : discovery.err.detail);
    return CLI_FAILED;
}

/* ---- the command ---- */

static bool
read_option(options_t *options, int option)
{
    switch (option) {
    case 'D':
        options->settings.bind_dn = optarg;
        return true;
    case 'y':
        options->settings.password_file = optarg;
        return true;
    case 'b':
        options->base = optarg;
        return true;
    case 'Z':
        options->settings.start_tls = true;
        return true;
    case 'A':
        options->settings.ca_file = optarg;
        return true;
    default:
        return false;
    }
}

static int
run(int argc, char **argv)
{
    static const struct option names[] = {{"bind-dn", required_argument, NULL, 'D'},
                                          {"password-file", required_argument, NULL, 'y'},
                                          {"base", required_argument, NULL, 'b'},
                                          {"start-tls", no_argument, NULL, 'Z'},
                                          {"ca", required_argument, NULL, 'A'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    options_t options = {.settings = {.connect_timeout_ms = CONNECT_MS}};
    int option;

    while ((option = getopt_long(argc, argv, "D:y:b:Zh", names, NULL)) != -1) {
        if (option == 'h')
            return cli_help(&command_discover);
        if (!read_option(&options, option))
            return cli_misuse(&command_discover, "unknown option");
    }
    if (argc - optind != 1)
        return cli_misuse(&command_discover, "the URL of a directory is needed");
    if (!options.settings.bind_dn != !options.settings.password_file)
        return cli_misuse(&command_discover, "-D and -y go together");
    options.settings.url = argv[optind];
    if (!options.settings.bind_dn &&
        !str_istarts_with(str_from_c(options.settings.url), STR("ldapi://")))
        options.settings.bind_dn = "";
    return discover_directory(&options);
}

const command_t command_discover = {
    .name = "discover",
    .summary = "look at a directory and print a map to begin with",
    .help =
        "usage: scimbridge discover URL [-D DN -y FILE] [--base DN] [--start-tls] [--ca FILE]\n"
        "\n"
        "Reads what the server says of itself and looks at some of its people and groups. "
        "Then\n"
        "prints a commented map: what the entries use is mapped, what they do not use is "
        "there\n"
        "as comments, and each line says why it is so. Nothing is changed.\n"
        "\n"
        "  -D, --bind-dn DN          who to be; without it nobody, or on ldapi:// the user\n"
        "  -y, --password-file FILE  holds the password, and only you may read it\n"
        "  -b, --base DN             where to look; without it in all naming contexts\n"
        "  -Z, --start-tls           protect the connection\n"
        "      --ca FILE             the authority that the server's certificate comes from\n"
        "\n"
        "Example:\n"
        "  scimbridge discover ldaps://ldap.example.com -D cn=scimbridge,dc=example,dc=com \\\n"
        "      -y ldap.password >maps/people.jsonc && scimbridge check -m maps/people.jsonc\n",
    .run = run,
};
