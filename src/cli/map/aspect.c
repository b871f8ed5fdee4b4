/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/map/aspect.h"

str_t
aspect_yes_or_no(bool is)
{
    return is ? STR("yes") : STR("no");
}

str_t
aspect_names(arena_t *mem, const str_t *names, size_t n)
{
    buf_t buf;

    buf_init(&buf, mem, ASPECT_MAX);
    for (size_t i = 0; i < n; i++)
        buf_printf(&buf, "%s%.*s", i ? ", " : "", STR_ARG(names[i]));
    return buf_str(&buf);
}

str_t
aspect_filter(arena_t *mem, const ldap_filter_t *filter)
{
    return filter ? ldap_filter_format(mem, filter) : STR("");
}

str_t
aspect_write(map_write_t write)
{
    switch (write) {
    case MAP_WRITE_ALWAYS:
        return STR("always");
    case MAP_WRITE_CREATE:
        return STR("create");
    case MAP_WRITE_READ_ONLY:
        return STR("read-only");
    case MAP_WRITE_IF_EMPTY:
        return STR("if-empty");
    case MAP_WRITE_DISCARD:
        return STR("discard-writes");
    }
    return STR("");
}
