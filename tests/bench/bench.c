/* SPDX-License-Identifier: Apache-2.0 */
/* bench/bench.c - the program of "make bench": README.md says how to read what it prints. */
#include "bench/bench.h"

#include "bench/process.h"
#include "bench/report.h"
#include "bench/stack.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_COUNTS = 8,
    MAX_CELLS = WORK_COUNT * MAX_COUNTS + 1,
    MAX_ROUNDS = 8,
    FAR_LANES = 128,
    MAX_RUN_S = 1800
};
enum { REST_S = 3 }; /* a worker that rests gives memory back */

static const double slice_s = 0.5, warm_s = 0.15;
static const int64_t far_ns = 1000000;

typedef struct {
    stack_settings_t stack;
    const char *json, *only;
    unsigned counts[MAX_COUNTS], n_counts;
    double seconds;
} options_t;

typedef struct {
    options_t options;
    stand_t stack;
    fixture_t fixture;
    lane_t lanes[SIDE_COUNT][WORK_MAX_LANES];
    cell_t *cells;
    size_t n_cells;
    circumstances_t circumstances;
} bench_t;

static bench_t bench;
static pid_t bench_pid;
static volatile sig_atomic_t stopped;

/* --- ends --------------------------------------------------------------------------------- */

static void
on_signal(int signo)
{
    (void)signo;
    stopped = 1;
}

bool
bench_is_stopped(void)
{
    return stopped;
}

static void
clean_up(void)
{
    static bool begun;

    if (begun || getpid() != bench_pid)
        return;
    begun = true;
    stack_end(&bench.stack);
}

void
bench_die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "bench: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    if (getpid() != bench_pid)
        _exit(EXIT_FAILURE);
    exit(EXIT_FAILURE);
}

int64_t
bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

size_t
bench_print(char *to, size_t size, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(to, size, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= size)
        bench_die("a text of the benchmark is too long: %.40s", format);
    return (size_t)n;
}

/* --- a cell ------------------------------------------------------------------------------- */

typedef struct {
    bench_t *bench;
    const bridge_t *bridge;
    load_http_t *http;
    load_ldap_t *ldap;
    cell_t *cell;
    double cpu_us[2]; /* of the bridge and of us, while the bridge had its turns */
    double slapd_us[SIDE_COUNT];
} match_t;

static double
own_cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* One slice of one side, added to `load`; returns its rate. */
static double
run_slice(match_t *match, side_t side, double seconds, load_t *load)
{
    pid_t slapd = match->bench->stack.slapd;
    double slapd_us = (double)process_cpu_us(slapd), own_us = own_cpu_us();
    uint64_t n = load->n;
    int64_t ns = load->ns;

    if (side == SIDE_BRIDGE)
        load_http_run(match->http, match->cell->work, seconds, load);
    else
        load_ldap_run(match->ldap, match->cell->work, seconds, load);
    match->slapd_us[side] += (double)process_cpu_us(slapd) - slapd_us;
    if (side == SIDE_BRIDGE)
        match->cpu_us[1] += own_cpu_us() - own_us;
    return load->ns > ns ? (double)(load->n - n) * 1e9 / (double)(load->ns - ns) : 0;
}

/* Connections are made and caches filled before anything counts. */
static void
warm_up(match_t *match)
{
    load_t *scratch = calloc(1, sizeof(*scratch));

    if (!scratch)
        bench_die("no memory");
    for (side_t side = 0; side < SIDE_COUNT; side++)
        (void)run_slice(match, side, warm_s, scratch);
    free(scratch);
    memset(match->cpu_us, 0, sizeof(match->cpu_us));
    memset(match->slapd_us, 0, sizeof(match->slapd_us));
}

/* Neither side is always the first of a pair. */
static void
run_rounds(match_t *match, unsigned rounds, double seconds)
{
    cell_t *cell = match->cell;

    while (cell->rounds < rounds && !bench_is_stopped()) {
        side_t first = cell->rounds % 2 ? SIDE_DIRECT : SIDE_BRIDGE;
        side_t second = first == SIDE_BRIDGE ? SIDE_DIRECT : SIDE_BRIDGE;
        double rates[SIDE_COUNT];

        rates[first] = run_slice(match, first, seconds, &cell->sides[first]);
        rates[second] = run_slice(match, second, seconds, &cell->sides[second]);
        cell->ratios[cell->rounds++] =
            rates[SIDE_DIRECT] > 0 ? rates[SIDE_BRIDGE] / rates[SIDE_DIRECT] : 0;
    }
}

static double
per(double sum, uint64_t n)
{
    return n > 0 ? sum / (double)n : 0;
}

static void
measure(match_t *match, double seconds)
{
    unsigned rounds = (unsigned)(seconds / 2 / slice_s);
    cell_t *cell = match->cell;
    double operations, bridge_us;

    rounds = rounds > MAX_ROUNDS ? MAX_ROUNDS : rounds < 2 ? 2 : rounds;
    warm_up(match);
    operations = stack_ldap_operations(match->bridge);
    bridge_us = (double)process_cpu_us(match->bridge->pid);
    run_rounds(match, rounds, seconds / 2 / rounds);
    bridge_us = (double)process_cpu_us(match->bridge->pid) - bridge_us;
    operations = stack_ldap_operations(match->bridge) - operations;
    cell->bridge_cpu_us = per(bridge_us, cell->sides[SIDE_BRIDGE].n);
    cell->load_cpu_us = per(match->cpu_us[1], cell->sides[SIDE_BRIDGE].n);
    cell->operations = per(operations, cell->sides[SIDE_BRIDGE].n);
    for (side_t side = 0; side < SIDE_COUNT; side++)
        cell->slapd_cpu_us[side] = per(match->slapd_us[side], cell->sides[side].n);
}

static void
run_cell(bench_t *self, work_t work, unsigned lanes, const bridge_t *bridge,
         const load_ldap_settings_t *direct, double delay_ms)
{
    cell_t *cell = &self->cells[self->n_cells];
    match_t match = {.bench = self, .bridge = bridge, .cell = cell};

    *cell = (cell_t){.work = work, .lanes = lanes, .delay_ms = delay_ms};
    self->fixture.port = bridge->port;
    match.http = load_http_new(&self->fixture, self->lanes[SIDE_BRIDGE], lanes);
    match.ldap = load_ldap_new(&self->fixture, direct, self->lanes[SIDE_DIRECT], lanes);
    measure(&match, self->options.seconds);
    load_http_free(match.http);
    load_ldap_free(match.ldap);
    if (bench_is_stopped())
        return;
    self->n_cells++;
    report_cell(stdout, cell);
}

/* --- all cells ---------------------------------------------------------------------------- */

/* "far" names the row with the directory at a distance. */
static bool
is_wanted(const options_t *options, const char *key)
{
    return !options->only || strcmp(options->only, key) == 0;
}

static void
run_near(bench_t *self)
{
    load_ldap_settings_t direct = stack_direct(&self->stack);

    for (work_t work = 0; work < WORK_COUNT; work++) {
        for (unsigned i = 0; i < self->options.n_counts; i++) {
            if (is_wanted(&self->options, work_facts[work].key) && !bench_is_stopped())
                run_cell(self, work, self->options.counts[i], &self->stack.bridges[0], &direct,
                         0);
        }
    }
}

static void
run_far(bench_t *self)
{
    load_ldap_settings_t direct = stack_direct(&self->stack);
    char url[64];

    if (!is_wanted(&self->options, "far") || bench_is_stopped())
        return;
    bench_print(url, sizeof(url), "ldap://127.0.0.1:%d",
                stack_start_far(&self->options.stack, &self->stack, far_ns));
    direct.url = url;
    run_cell(self, WORK_FILTER_HIT, FAR_LANES, &self->stack.bridges[1], &direct,
             (double)far_ns / 1e6);
    stack_end_far(&self->stack);
}

static double
memory_mib(const bench_t *self, const char *name)
{
    return (double)process_memory_kib(self->stack.bridges[0].pid, name) / 1024;
}

static void
run_all(bench_t *self)
{
    circumstances_t *circumstances = &self->circumstances;

    stack_start(&self->options.stack, &self->stack, &self->fixture);
    *circumstances = (circumstances_t){.nosync = self->options.stack.nosync,
                                       .file_system = self->stack.file_system,
                                       .log = self->options.stack.log,
                                       .processors = sysconf(_SC_NPROCESSORS_ONLN),
                                       .seconds = self->options.seconds};
    circumstances->memory_mib[0] = memory_mib(self, "VmRSS:");
    report_head(stdout, circumstances);
    fflush(stdout);
    run_near(self);
    run_far(self);
    sleep(REST_S);
    circumstances->memory_mib[1] = memory_mib(self, "VmHWM:");
    circumstances->memory_mib[2] = memory_mib(self, "VmRSS:");
    report_foot(stdout, circumstances);
}

static void
save_json(const bench_t *self)
{
    FILE *file = fopen(self->options.json, "w");

    if (file)
        report_json(file, &self->circumstances, self->cells, self->n_cells);
    if (!file || fclose(file) != 0)
        bench_die("cannot write %s: %s", self->options.json, strerror(errno));
}

/* --- options ------------------------------------------------------------------------------ */

static const char usage_text[] =
    "usage: bench [options]\n"
    "  --seconds N         of each row, both sides together (8)\n"
    "  --connections LIST  such as 1,8,32 (the default)\n"
    "  --only NAME         one operation; \"far\": the directory 1 ms away\n"
    "  --quick             everything in well under a minute\n"
    "  --nosync            slapd does not wait for the disk\n"
    "  --log LEVEL         of the bridge: warning, info (the default) or debug\n"
    "  --workers N         threads of the bridge\n"
    "  --bridge PROGRAM    another one than was built\n"
    "  --json FILE         write the results there as well\n"
    "operations:";

NORETURN static void
usage(FILE *to, int status)
{
    fputs(usage_text, to);
    for (work_t work = 0; work < WORK_COUNT; work++)
        fprintf(to, " %s", work_facts[work].key);
    fputs(" far\n", to);
    exit(status);
}

static void
take_counts(options_t *options, const char *list)
{
    options->n_counts = 0;
    for (char *end; *list; list = *end == ',' ? end + 1 : end) {
        unsigned long count = strtoul(list, &end, 10);

        if (end == list || count == 0 || count > WORK_MAX_LANES ||
            options->n_counts == MAX_COUNTS || (*end && *end != ','))
            usage(stderr, 2);
        options->counts[options->n_counts++] = (unsigned)count;
    }
}

static void
take_only(options_t *options, const char *name)
{
    options->only = name;
    if (strcmp(name, "far") == 0)
        return;
    for (work_t work = 0; work < WORK_COUNT; work++) {
        if (strcmp(work_facts[work].key, name) == 0)
            return;
    }
    usage(stderr, 2);
}

static void
take_option(options_t *options, int option)
{
    switch (option) {
    case 's':
        options->seconds = strtod(optarg, NULL);
        if (!(options->seconds >= 0.2 && options->seconds <= 600))
            usage(stderr, 2);
        break;
    case 'n':
        take_counts(options, optarg);
        break;
    case 'o':
        take_only(options, optarg);
        break;
    case 'q':
        options->seconds = 0.6;
        break;
    case 'y':
        options->stack.nosync = true;
        break;
    case 'l':
        options->stack.log = optarg;
        break;
    case 'w':
        options->stack.workers = (unsigned)strtoul(optarg, NULL, 10);
        break;
    case 'b':
        options->stack.bridge = optarg;
        break;
    case 'j':
        options->json = optarg;
        break;
    default:
        usage(option == 'h' ? stdout : stderr, option == 'h' ? 0 : 2);
    }
}

static void
take_options(options_t *options, int argc, char **argv)
{
    static const struct option names[] = {{"seconds", required_argument, NULL, 's'},
                                          {"connections", required_argument, NULL, 'n'},
                                          {"only", required_argument, NULL, 'o'},
                                          {"quick", no_argument, NULL, 'q'},
                                          {"nosync", no_argument, NULL, 'y'},
                                          {"log", required_argument, NULL, 'l'},
                                          {"workers", required_argument, NULL, 'w'},
                                          {"bridge", required_argument, NULL, 'b'},
                                          {"json", required_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    static char bridge[512];
    const char *top = getenv("top_srcdir"), *build = getenv("top_builddir");
    int option;

    bench_print(bridge, sizeof(bridge), "%s/scimbridge", build ? build : ".");
    *options = (options_t){.stack = {.top = top ? top : ".", .bridge = bridge, .log = "info"},
                           .counts = {1, 8, 32},
                           .n_counts = 3,
                           .seconds = 8};
    while ((option = getopt_long(argc, argv, "h", names, NULL)) != -1)
        take_option(options, option);
    if (optind < argc)
        usage(stderr, 2);
}

static void
heed_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
    bench_pid = getpid();
    take_options(&bench.options, argc, argv);
    /* Keep the system's ldap.conf away from libldap. */
    setenv("LDAPNOINIT", "1", 1);
    heed_signals();
    alarm(MAX_RUN_S);
    atexit(clean_up);
    bench.cells = calloc(MAX_CELLS, sizeof(*bench.cells));
    for (side_t side = 0; side < SIDE_COUNT; side++)
        work_init_lanes(bench.lanes[side], side);
    if (!bench.cells)
        bench_die("no memory");
    run_all(&bench);
    if (bench.options.json)
        save_json(&bench);
    free(bench.cells);
    return bench_is_stopped() ? EXIT_FAILURE : EXIT_SUCCESS;
}
