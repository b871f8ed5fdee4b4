/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/finding.h"

#include "cli/cli.h"
#include "cli/print.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const level_names[] = {
    [FINDING_OK] = "ok", [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error"};

void
findings_init(findings_t *findings, arena_t *mem)
{
    *findings = (findings_t){.mem = mem};
}

static finding_t *
add(findings_t *findings, finding_level_t level)
{
    finding_t *finding;

    if (findings->n == findings->size) {
        findings->size = findings->size ? 2 * findings->size : 64;
        findings->items = arena_grow(findings->mem, findings->items, findings->n,
                                     findings->size, sizeof(finding_t));
    }
    finding = &findings->items[findings->n++];
    *finding = (finding_t){.level = level, .about = STR("")};
    findings->errors += level == FINDING_ERROR;
    findings->warnings += level == FINDING_WARNING;
    return finding;
}

finding_t *
findings_add(findings_t *findings, finding_level_t level, const char *topic, str_t about,
             const char *format, ...)
{
    char text[2048];
    va_list args;
    finding_t *finding;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    finding = add(findings, level);
    finding->topic = str_from_c(topic);
    finding->about = about;
    finding->message = str_dup(findings->mem, str_from_c(text));
    return finding;
}

void
findings_add_diags(findings_t *findings, const diag_list_t *diags)
{
    for (size_t i = 0; i < diags->n; i++) {
        const diag_t *diag = &diags->items[i];
        finding_t *finding =
            add(findings, diag->severity == DIAG_ERROR ? FINDING_ERROR : FINDING_WARNING);

        finding->topic = STR("files");
        finding->file = diag->file;
        finding->line = diag->line;
        finding->column = diag->column;
        finding->message = diag->message;
    }
}

/* ---- for people ---- */

static void
print_one(const finding_t *finding, bool colour)
{
    static const char *const colours[] = {[FINDING_OK] = "\033[32m",
                                          [FINDING_WARNING] = "\033[33m",
                                          [FINDING_ERROR] = "\033[31m"};

    if (finding->file)
        printf("%s:%u:%u: ", finding->file, finding->line, finding->column);
    else if (finding->about.n > 0) {
        print_plain(finding->about);
        fputs(": ", stdout);
    }
    printf("%s%s%s: ", colour ? colours[finding->level] : "", level_names[finding->level],
           colour ? "\033[0m" : "");
    if (finding->file && finding->about.n > 0) {
        print_plain(finding->about);
        fputs(": ", stdout);
    }
    print_plain(finding->message);
    putchar('\n');
}

void
findings_print(const findings_t *findings, size_t from)
{
    bool colour = cli_has_colour(stdout);

    for (size_t i = from; i < findings->n; i++)
        print_one(&findings->items[i], colour);
    fflush(stdout);
}

/* ---- for programs ---- */

static json_t *
to_json(arena_t *mem, const finding_t *finding)
{
    json_t *object = json_object(mem);

    print_set(mem, object, "level", str_from_c(level_names[finding->level]));
    print_set(mem, object, "topic", finding->topic);
    print_set(mem, object, "about", finding->about);
    if (finding->file) {
        print_set(mem, object, "file", str_from_c(finding->file));
        json_set(mem, object, STR("line"), json_integer(mem, finding->line));
        json_set(mem, object, STR("column"), json_integer(mem, finding->column));
    }
    print_set(mem, object, "message", finding->message);
    return object;
}

void
findings_print_json(const findings_t *findings)
{
    arena_t *mem = findings->mem;
    json_t *top = json_object(mem), *array = json_array(mem);

    for (size_t i = 0; i < findings->n; i++)
        json_append(mem, array, to_json(mem, &findings->items[i]));
    json_set(mem, top, STR("errors"), json_integer(mem, (int64_t)findings->errors));
    json_set(mem, top, STR("warnings"), json_integer(mem, (int64_t)findings->warnings));
    json_set(mem, top, STR("findings"), array);
    print_json(mem, top);
}
