/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "daemon/daemon.h"
#include "ldap/pool.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

/* A dial that hangs must not hold up the end. */
static int
leave(int status)
{
    if (!ldap_dialers_have_ended())
        _exit(status);
    return status;
}

static int
run(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"ready-file", required_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    daemon_options_t daemon = {.config_file = NULL};
    err_t err = ERR_INIT;
    int option;

    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        if (option == 'c')
            daemon.config_file = optarg;
        else if (option == 'r')
            daemon.ready_file = optarg;
        else if (option == 'h')
            return cli_help(&command_serve);
        else
            return cli_misuse(&command_serve, "unknown option");
    }
    if (!daemon.config_file || optind < argc)
        return cli_misuse(&command_serve, "-c FILE is needed, and nothing else");
    if (daemon_run(&daemon, &err))
        return leave(CLI_OK);
    fprintf(stderr, "scimbridge: %s\n", err.detail);
    return leave(CLI_FAILED);
}

const command_t command_serve = {
    .name = "serve",
    .summary = "run the bridge in the foreground",
    .help =
        "usage: scimbridge serve -c FILE [--ready-file FILE]\n"
        "\n"
        "Serves SCIM until SIGTERM or SIGINT, which let requests in flight end first (a\n"
        "second one does not wait). SIGHUP reads the configuration again; a bad one leaves\n"
        "the old one in service. Logs go to standard error.\n"
        "\n"
        "  -c, --config FILE   the configuration\n"
        "  --ready-file FILE   write URL=, ADMIN_URL= and PID= there once connections are\n"
        "                      accepted; removed at the end\n"
        "\n"
        "Example:\n"
        "  scimbridge serve -c /etc/scimbridge/scimbridge.conf\n",
    .run = run,
};
