#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -u
cd "$(dirname "$0")" || exit 1
. scripts/packages.sh

usage() {
    cat <<END
usage: ./check.sh [--quick | --full]

Installs what the build and the tests need (apt, when root), builds scimbridge below build/
and runs its tests: all of them in a plain build and under the address and undefined-behaviour
sanitizers, the concurrent ones under the thread sanitizer. The last line of output is
"N passed, M failed"; the exit status is 0 when nothing failed.

  --quick   the plain build only
  --full    "make distcheck" as well; this is the default where CI=true
  --help    this text
END
}

quick=
full=
[ "${CI:-}" != true ] || full=yes
for option; do
    case $option in
    --quick) quick=yes full= ;;
    --full) full=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
done

root=$PWD
jobs=$(nproc)
step_limit=25m # for one make; all steps together stay below 90 minutes
passed=0
failed=0
skipped=0
wrapper=() # a command under which the tests run

say() {
    printf '==> %s\n' "$*"
}

finish() {
    [ $skipped -eq 0 ] || echo "$skipped skipped"
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
    exit
}

# broken WHAT LOG - counts a step that did not get as far as running tests.
broken() {
    say "FAILED: $1; the end of $2:"
    tail -n 60 "$2"
    failed=$((failed + 1))
}

# step WHAT LOG COMMAND... - runs a command that has nothing but its exit status to tell.
step() {
    local what=$1 log=$2 status
    shift 2
    say "$what"
    timeout --kill-after=30s $step_limit "$@" >"$log" 2>&1 </dev/null
    status=$?
    [ $status -eq 0 ] && return 0
    [ $status -ne 124 ] || what="$what (not done after $step_limit)"
    broken "$what" "$log"
    return 1
}

# tally TRS - prints "passed failed skipped" of one test: what libcheck or the test's own last
# line counted, or 1 by its result. A failed test has at least one failure: it may have died.
tally() {
    awk '
    /^:test-result: / { result = $2 }
    /^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+$/ {
        bad = $5 + $7
        sum_failed += bad
        sum_passed += $3 - bad
        counted = 1
    }
    /^[0-9]+ passed, [0-9]+ failed/ { own_passed = $1; own_failed = $3; own = 1 }
    END {
        if (result == "SKIP") { print 0, 0, 1; exit }
        if (own && !counted) { sum_passed = own_passed; sum_failed = own_failed }
        if (!own && !counted && result == "PASS") sum_passed = 1
        if (result != "PASS" && sum_failed == 0) sum_failed = 1
        print sum_passed + 0, sum_failed + 0, 0
    }' "${1%.trs}.log" "$1"
}

# collect DIR - adds up the tests of one build and shows the logs of those that failed.
collect() {
    local dir=$1 trs p f s here=0
    while IFS= read -r trs; do
        read -r p f s < <(tally "$trs")
        passed=$((passed + p))
        failed=$((failed + f))
        skipped=$((skipped + s))
        here=$((here + f))
        if [ "$f" -gt 0 ]; then
            say "FAILED: ${trs%.trs}; the end of its log:"
            tail -n 80 "${trs%.trs}.log"
        elif [ "$s" -gt 0 ]; then
            say "skipped: ${trs%.trs}: $(head -n 1 "${trs%.trs}.log")"
        fi
    done < <(find "$dir" -name '*.trs' | sort)
    [ $here -eq 0 ]
}

# build NAME TARGET CONFIGURE-OPTION... - configures and builds below build/NAME and runs the
# tests that the make target TARGET stands for.
build() {
    local name=$1 target=$2 dir=$root/build/$1 status
    shift 2
    mkdir -p "$dir" && cd "$dir" || exit 1
    find . -name '*.trs' -delete
    step "$name: configuring" configure.out "$root/configure" -q "$@" &&
        step "$name: building" make.out make -j"$jobs" &&
        step "$name: building the tests" tests.out make -j"$jobs" "$target" TESTS= THREAD_TESTS= &&
        {
            say "$name: running the tests"
            timeout --kill-after=30s $step_limit "${wrapper[@]}" make -j"$jobs" -k "$target" \
                >check.out 2>&1 </dev/null
            status=$?
            # Where no test of its own has failed, make has, and that counts too.
            if collect . && [ $status -ne 0 ]; then
                broken "$name: make $target" check.out
            fi
        }
    cd "$root" || exit 1
}

# probe SANITIZER [COMMAND...] - does a program with it run here? Some containers forbid what
# the leak and thread sanitizers need.
probe() {
    local sanitizer=$1
    shift
    echo 'int main(void) { return 0; }' >build/probe.c &&
        ${CC:-gcc} -fsanitize="$sanitizer" -o build/probe build/probe.c 2>/dev/null &&
        "$@" build/probe 2>/dev/null
}

check_address() {
    local leaks=1
    if ! probe address env ASAN_OPTIONS=detect_leaks=1; then
        leaks=0
        say "leaks are not looked for: this machine forbids it"
    fi
    ASAN_OPTIONS=detect_leaks=$leaks:detect_stack_use_after_return=1 \
        UBSAN_OPTIONS=print_stacktrace=1 \
        build address check --enable-sanitizers=address,undefined
}

check_threads() {
    if ! probe thread; then
        # The kernel may spread addresses wider than the sanitizer's shadow allows.
        wrapper=(setarch -R)
        if ! probe thread "${wrapper[@]}"; then
            say "skipped: the thread sanitizer does not run on this machine"
            skipped=$((skipped + 1))
            return
        fi
    fi
    TSAN_OPTIONS=halt_on_error=0:second_deadlock_stack=1 \
        build thread check-threads --enable-sanitizers=thread
}

# shellcheck disable=SC2086 # lists of words
install_packages $BUILD_PACKAGES $SERVER_PACKAGES $TEST_PACKAGES || exit 1

mkdir -p build
step "making configure" build/autogen.out ./autogen.sh || finish

build plain check --enable-werror
if [ -z "$quick" ]; then
    check_address
    check_threads
fi
if [ -n "$full" ]; then
    step "plain: make distcheck" build/distcheck.out make -C build/plain distcheck &&
        passed=$((passed + 1))
fi
finish
