/* SPDX-License-Identifier: Apache-2.0 */
/* What is written is read again as it was: trees made at random (RFC 7644 figure 1). A failure
 * names its seed. */
#include "scim/filter.h"
#include "scim/path.h"
#include "scim_test.h"

enum { TREES = 400, DEPTH = 5 };

static uint32_t seed, state;

static uint32_t
below(uint32_t n)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % n;
}

static void
begin(int number)
{
    seed = state = (uint32_t)number * 7919 + 5;
}

/* ---- trees ---- */

static str_t
random_text(void)
{
    static const char *const parts[] = {"a",  " ",  "\\",  "\"", "(",       ")",  "]",    "[",
                                        "é",  "€",  "😀",   "/",  "not (x)", "\n", "\x01", "\t",
                                        "eq", "pr", "and", ".",  ":",       "%",  "\x7f", "'"};
    buf_t buf;

    buf_init(&buf, mem, 1000);
    for (uint32_t n = below(6); n > 0; n--)
        buf_add_c(&buf, parts[below(ARRAY_SIZE(parts))]);
    return buf_str(&buf);
}

static const json_t *
random_literal(void)
{
    static const char *const numbers[] = {
        "0", "-1", "3.25", "1e3", "-0.5", "12345678901234567890", "1E-7"};

    switch (below(6)) {
    case 0:
        return json_null(mem);
    case 1:
        return json_boolean(mem, below(2));
    case 2:
        return json_of(numbers[below(ARRAY_SIZE(numbers))]);
    default:
        return json_string(mem, random_text());
    }
}

static scim_path_t
random_name(bool inside)
{
    static const char *const names[] = {"userName", "a-b_c", "and", "not",
                                        "eq",       "x9",    "pr",  "or"};
    static const char *const urns[] = {"", "", SCIM_URN_USER, ENT, "urn:x:2.0"};
    str_t urn = inside ? STR("") : str_from_c(urns[below(ARRAY_SIZE(urns))]);
    str_t attr = str_from_c(names[below(ARRAY_SIZE(names))]);
    str_t sub = below(4) ? STR("") : below(3) ? STR("value") : STR("$ref");

    return (scim_path_t){.text =
                             str_printf(mem, "%.*s%s%.*s%s%.*s", STR_ARG(urn), urn.n ? ":" : "",
                                        STR_ARG(attr), sub.n ? "." : "", STR_ARG(sub)),
                         .urn = urn,
                         .attr = attr,
                         .sub = sub};
}

static const scim_filter_t *
random_filter(int depth, bool inside)
{
    scim_filter_t *filter = arena_new_of(mem, scim_filter_t);
    uint32_t kind = depth == 0 ? 3 + below(3) : below(inside ? 6 : 7);

    filter->kind = kind < 3    ? (scim_filter_kind_t)kind
                   : kind == 3 ? SCIM_F_PRESENT
                   : kind == 6 ? SCIM_F_VALUE_PATH
                               : SCIM_F_COMPARE;
    if (kind < 3)
        filter->left = random_filter(depth - 1, inside);
    if (kind < 2)
        filter->right = random_filter(depth - 1, inside);
    if (kind < 3)
        return filter;
    filter->path = random_name(inside);
    if (filter->kind == SCIM_F_COMPARE) {
        filter->op = (scim_compare_t)below(SCIM_LE + 1);
        filter->value = random_literal();
    }
    if (filter->kind == SCIM_F_VALUE_PATH) {
        filter->path.text =
            str_slice(filter->path.text, 0,
                      filter->path.text.n - (filter->path.sub.n ? filter->path.sub.n + 1 : 0));
        filter->path.sub = STR("");
        filter->left = random_filter(depth - 1, true);
    }
    return filter;
}

static bool
same_path(const scim_path_t *a, const scim_path_t *b)
{
    return str_eq(a->text, b->text) && str_eq(a->urn, b->urn) && str_eq(a->attr, b->attr) &&
           str_eq(a->sub, b->sub);
}

static bool
same_filter(const scim_filter_t *a, const scim_filter_t *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || !same_filter(a->left, b->left) ||
        !same_filter(a->right, b->right))
        return false;
    if (a->kind < SCIM_F_PRESENT)
        return true;
    return same_path(&a->path, &b->path) &&
           (a->kind != SCIM_F_COMPARE || (a->op == b->op && json_eq(a->value, b->value)));
}

static str_t
written(const scim_filter_t *filter)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    scim_filter_write(&buf, filter);
    ck_assert(!buf.failed);
    return buf_str(&buf);
}

/* ---- the tests ---- */

START_TEST(test_filters)
{
    begin(_i);
    for (int i = 0; i < TREES; i++) {
        const scim_filter_t *filter = random_filter(DEPTH, false), *again;
        str_t text = written(filter);
        err_t err = ERR_INIT;

        again = scim_filter_parse(mem, text, 0, NULL, &err);
        ck_assert_msg(again != NULL, "seed %u, tree %d: %s: %s", seed, i, text.p, err.detail);
        ck_assert_msg(same_filter(filter, again), "seed %u, tree %d: %s\nis read as\n%s", seed,
                      i, text.p, written(again).p);
    }
}
END_TEST

/* An attribute of User, perhaps a part of it, perhaps elements. */
static scim_target_t
random_target(const scim_type_t *type)
{
    scim_target_t target = {.schema = below(3) ? type->core : type->extensions[0]};
    const scim_attr_t *attr = &target.schema->attrs[below((uint32_t)target.schema->n)];

    target.attr = attr;
    if (attr->kind == SCIM_COMPLEX && attr->n_subs > 0 && below(2))
        target.sub = &attr->subs[below((uint32_t)attr->n_subs)];
    if (attr->kind == SCIM_COMPLEX && below(2))
        target.filter = random_filter(DEPTH, true);
    return target;
}

START_TEST(test_paths)
{
    const scim_type_t *type = type_of("User");

    begin(_i);
    for (int i = 0; i < TREES; i++) {
        scim_target_t target = random_target(type), again;
        str_t text = scim_path_format(mem, &target);
        err_t err = ERR_INIT;
        scim_path_t path;

        ck_assert_msg(scim_path_parse(mem, text, &path, &err), "seed %u, path %d: %s: %s", seed,
                      i, text.p, err.detail);
        ck_assert_msg(scim_path_resolve(type, &path, &again), "seed %u, path %d: %s", seed, i,
                      text.p);
        ck_assert_msg(again.schema == target.schema && again.attr == target.attr &&
                          again.sub == target.sub && same_filter(again.filter, target.filter),
                      "seed %u, path %d: %s\nis read as\n%s", seed, i, text.p,
                      scim_path_format(mem, &again).p);
    }
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("grammar");

    tcase_add_loop_test(tests, test_filters, 0, 10);
    tcase_add_loop_test(tests, test_paths, 0, 10);
    return run_tests(tests, "scim/grammar");
}
