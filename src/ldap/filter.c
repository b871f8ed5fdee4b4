/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/filter.h"

static const ldap_filter_t filter_true = {.kind = LDAP_F_AND};
static const ldap_filter_t filter_false = {.kind = LDAP_F_OR};

const ldap_filter_t *
ldap_filter_true(void)
{
    return &filter_true;
}

const ldap_filter_t *
ldap_filter_false(void)
{
    return &filter_false;
}

bool
ldap_filter_is_true(const ldap_filter_t *filter)
{
    return filter->kind == LDAP_F_AND && filter->n_parts == 0;
}

bool
ldap_filter_is_false(const ldap_filter_t *filter)
{
    return filter->kind == LDAP_F_OR && filter->n_parts == 0;
}

static bool
is_constant(const ldap_filter_t *filter)
{
    return (filter->kind == LDAP_F_AND || filter->kind == LDAP_F_OR) && filter->n_parts == 0;
}

/* How many parts remain of `parts` in a set of that kind: nested sets count what they hold.
 * Returns false where one part alone decides. */
static bool
count_parts(ldap_filter_kind_t kind, const ldap_filter_t *const *parts, size_t n,
            size_t *ret_count)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (parts[i] == NULL)
            continue;
        if (is_constant(parts[i]) && parts[i]->kind != kind)
            return false;
        count += parts[i]->kind == kind ? parts[i]->n_parts : 1;
    }
    *ret_count = count;
    return true;
}

static const ldap_filter_t *
make_set(arena_t *mem, ldap_filter_kind_t kind, const ldap_filter_t *const *parts, size_t n)
{
    ldap_filter_t *filter;
    const ldap_filter_t **flat;
    size_t count, used = 0;

    if (!count_parts(kind, parts, n, &count))
        return kind == LDAP_F_AND ? &filter_false : &filter_true;
    if (count == 0)
        return kind == LDAP_F_AND ? &filter_true : &filter_false;
    flat = arena_array_of(mem, count, const ldap_filter_t *);
    for (size_t i = 0; i < n; i++) {
        if (parts[i] == NULL)
            continue;
        if (parts[i]->kind != kind)
            flat[used++] = parts[i];
        else
            for (size_t j = 0; j < parts[i]->n_parts; j++)
                flat[used++] = parts[i]->parts[j];
    }
    if (count == 1)
        return flat[0];
    filter = arena_new_of(mem, ldap_filter_t);
    *filter = (ldap_filter_t){.kind = kind, .parts = flat, .n_parts = count};
    return filter;
}

const ldap_filter_t *
ldap_filter_and(arena_t *mem, const ldap_filter_t *const *parts, size_t n)
{
    return make_set(mem, LDAP_F_AND, parts, n);
}

const ldap_filter_t *
ldap_filter_or(arena_t *mem, const ldap_filter_t *const *parts, size_t n)
{
    return make_set(mem, LDAP_F_OR, parts, n);
}

const ldap_filter_t *
ldap_filter_and2(arena_t *mem, const ldap_filter_t *a, const ldap_filter_t *b)
{
    return make_set(mem, LDAP_F_AND, (const ldap_filter_t *[]){a, b}, 2);
}

const ldap_filter_t *
ldap_filter_or2(arena_t *mem, const ldap_filter_t *a, const ldap_filter_t *b)
{
    return make_set(mem, LDAP_F_OR, (const ldap_filter_t *[]){a, b}, 2);
}

const ldap_filter_t *
ldap_filter_not(arena_t *mem, const ldap_filter_t *part)
{
    const ldap_filter_t **parts;
    ldap_filter_t *filter;

    if (is_constant(part))
        return part->kind == LDAP_F_AND ? &filter_false : &filter_true;
    if (part->kind == LDAP_F_NOT)
        return part->parts[0];
    parts = arena_array_of(mem, 1, const ldap_filter_t *);
    parts[0] = part;
    filter = arena_new_of(mem, ldap_filter_t);
    *filter = (ldap_filter_t){.kind = LDAP_F_NOT, .parts = parts, .n_parts = 1};
    return filter;
}

static ldap_filter_t *
make_item(arena_t *mem, ldap_filter_kind_t kind, str_t attr, str_t value)
{
    ldap_filter_t *filter = arena_new_of(mem, ldap_filter_t);

    *filter = (ldap_filter_t){
        .kind = kind, .attr = attr, .value = value, .rule = STR(""), .final = STR("")};
    return filter;
}

const ldap_filter_t *
ldap_filter_equal(arena_t *mem, str_t attr, str_t value)
{
    return make_item(mem, LDAP_F_EQUAL, attr, value);
}

const ldap_filter_t *
ldap_filter_greater(arena_t *mem, str_t attr, str_t value)
{
    return make_item(mem, LDAP_F_GREATER, attr, value);
}

const ldap_filter_t *
ldap_filter_less(arena_t *mem, str_t attr, str_t value)
{
    return make_item(mem, LDAP_F_LESS, attr, value);
}

const ldap_filter_t *
ldap_filter_present(arena_t *mem, str_t attr)
{
    return make_item(mem, LDAP_F_PRESENT, attr, STR(""));
}

const ldap_filter_t *
ldap_filter_substrings(arena_t *mem, str_t attr, str_t initial, str_t any, str_t final)
{
    ldap_filter_t *filter;
    str_t *middle;

    if (initial.n == 0 && any.n == 0 && final.n == 0)
        return ldap_filter_present(mem, attr);
    filter = make_item(mem, LDAP_F_SUBSTRINGS, attr, initial);
    filter->final = final;
    if (any.n > 0) {
        middle = arena_array_of(mem, 1, str_t);
        middle[0] = any;
        filter->any = middle;
        filter->n_any = 1;
    }
    return filter;
}

const ldap_filter_t *
ldap_filter_extensible(arena_t *mem, str_t attr, str_t rule, str_t value)
{
    ldap_filter_t *filter = make_item(mem, LDAP_F_EXTENSIBLE, attr, value);

    filter->rule = rule;
    return filter;
}

const ldap_filter_t *
ldap_filter_under(arena_t *mem, str_t normal_dn)
{
    return make_item(mem, LDAP_F_UNDER, STR(""), normal_dn);
}

/* RFC 4515 §3. Control characters are escaped too, for whoever reads the text in a log. */
static void
write_value(buf_t *buf, str_t value)
{
    static const char hex[] = "0123456789abcdef";
    bool utf8 = str_is_utf8(value);

    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];

        if (c < 0x20 || c == 0x7f || c == '(' || c == ')' || c == '*' || c == '\\' ||
            (c >= 0x80 && !utf8)) {
            char text[3] = {'\\', hex[c >> 4], hex[c & 15]};

            buf_add(buf, str_from(text, 3));
        } else {
            buf_add_char(buf, (char)c);
        }
    }
}

static void
write_substrings(buf_t *buf, const ldap_filter_t *filter)
{
    buf_add(buf, filter->attr);
    buf_add_char(buf, '=');
    write_value(buf, filter->value);
    buf_add_char(buf, '*');
    for (size_t i = 0; i < filter->n_any; i++) {
        write_value(buf, filter->any[i]);
        buf_add_char(buf, '*');
    }
    write_value(buf, filter->final);
}

static void
write_item(buf_t *buf, const ldap_filter_t *filter, const char *sign)
{
    buf_add(buf, filter->attr);
    buf_add_c(buf, sign);
    write_value(buf, filter->value);
}

static void
write_extensible(buf_t *buf, const ldap_filter_t *filter)
{
    buf_add(buf, filter->attr);
    if (filter->dn_attrs)
        buf_add_c(buf, ":dn");
    if (filter->rule.n) {
        buf_add_char(buf, ':');
        buf_add(buf, filter->rule);
    }
    buf_add_c(buf, ":=");
    write_value(buf, filter->value);
}

static void
write_set(buf_t *buf, const ldap_filter_t *filter, char sign)
{
    buf_add_char(buf, sign);
    for (size_t i = 0; i < filter->n_parts; i++)
        ldap_filter_write(buf, filter->parts[i]);
}

void
ldap_filter_write(buf_t *buf, const ldap_filter_t *filter)
{
    buf_add_char(buf, '(');
    switch (filter->kind) {
    case LDAP_F_AND:
        write_set(buf, filter, '&');
        break;
    case LDAP_F_OR:
        write_set(buf, filter, '|');
        break;
    case LDAP_F_NOT:
        write_set(buf, filter, '!');
        break;
    case LDAP_F_EQUAL:
        write_item(buf, filter, "=");
        break;
    case LDAP_F_GREATER:
        write_item(buf, filter, ">=");
        break;
    case LDAP_F_LESS:
        write_item(buf, filter, "<=");
        break;
    case LDAP_F_APPROX:
        write_item(buf, filter, "~=");
        break;
    case LDAP_F_PRESENT:
        buf_add(buf, filter->attr);
        buf_add_c(buf, "=*");
        break;
    case LDAP_F_SUBSTRINGS:
        write_substrings(buf, filter);
        break;
    case LDAP_F_EXTENSIBLE:
        write_extensible(buf, filter);
        break;
    case LDAP_F_UNDER: /* as slapd would be asked */
        buf_add_c(buf, "entryDN:dnSubordinateMatch:=");
        write_value(buf, filter->value);
        break;
    }
    buf_add_char(buf, ')');
}

str_t
ldap_filter_format(arena_t *mem, const ldap_filter_t *filter)
{
    buf_t buf;

    buf_init(&buf, mem, SIZE_MAX / 2);
    ldap_filter_write(&buf, filter);
    return buf_str(&buf);
}

void
ldap_filter_each_attr(const ldap_filter_t *filter, ldap_filter_attr_fn *fn, void *arg)
{
    for (size_t i = 0; i < filter->n_parts; i++)
        ldap_filter_each_attr(filter->parts[i], fn, arg);
    if (filter->kind != LDAP_F_AND && filter->kind != LDAP_F_OR && filter->kind != LDAP_F_NOT &&
        filter->attr.n > 0)
        fn(arg, filter->attr);
}
