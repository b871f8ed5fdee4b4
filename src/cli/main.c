/* SPDX-License-Identifier: Apache-2.0 */
/* cli/main.c - the program: one subcommand per file of this folder. */
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts(PACKAGE_STRING);
        return 0;
    }
    fputs("usage: scimbridge --version\n", stderr);
    return 2;
}
