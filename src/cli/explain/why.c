/* SPDX-License-Identifier: Apache-2.0 */
/* Why a step is needed, and what a rewriter does, in words. */
#include "cli/explain/explain.h"

/* By the name of the task that asks, or that it asks for. */
static const struct {
    const char *what, *read, *write;
} reasons[] = {
    {"get", "it is what was asked for", NULL},
    {"query", "it is what was asked for", NULL},
    {"list", "the whole result is listed once, as ids alone, and pages are cut from it", NULL},
    {"resolve",
     "references are ids for clients and DNs in the directory: this brings them "
     "together",
     NULL},
    {"create", "what stands there now decides how it goes on", "it is what was asked for"},
    {"unique", "the directory may have no rule that keeps these values apart", NULL},
    {"change", "it depends on what the entry has now", "it is what was asked for"},
    {"members", "which of the values the group has already decides what is written",
     "only the difference, so that the group's other members are not read"},
    {"settle",
     "the directory repairs references to the old name: it is over when nothing is "
     "left of them",
     NULL},
    {"holders", "who refers to the entry",
     "a reference to it is taken out, or follows its new name"},
    {"sweep", "nobody else may be left with a reference to this name",
     "a reference that leads "
     "nowhere would make whoever is named so next a member"},
    {"belong", "the groups that it is a member of are asked for", NULL},
    {"parent", "the map's \"parent\" has to be there",
     "the map says to make it where it is missing"},
    {"number", "the server does not increment: the counter's value is read, to be replaced",
     "each entry gets a number of its own, which is never given again"},
    {"give up", "a deleted entry may hold what another needs", "a deleted entry gives it up"},
    {"aside", "a deleted entry may hold what another needs", "a deleted entry gives it up"},
    {"fence", "an earlier write was not answered: what became of it is seen first", NULL},
    {"delete", "what is deleted already is told from what never was",
     "it is what was asked for"},
    {"follow", "the map's \"parent\" has \"follow\": whether it has to move",
     "its place follows "
     "from its values"},
    {"finish", "a move may have been left half-way", "a move was left half-way"},
    {"respond", "the answer shows what is there afterwards", NULL},
    {"claim", NULL, "the entry becomes known as the resource"},
    {"remove", "it must still be what it was", "it is removed"},
};

const char *
explain_why(const ask_t *ask)
{
    bool write = ldap_op_is_write(&ask->op);

    for (const task_t *task = ask->by; task;
         task = task->asked_by ? task->asked_by->by : NULL) {
        if (task->why && !write)
            return task->why;
        for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
            if (strcmp(task->what, reasons[i].what) == 0)
                return write ? reasons[i].write : reasons[i].read;
    }
    return NULL;
}

const char *
explain_quirk(scim_quirk_t quirk)
{
    static const char *const words[SCIM_QUIRK_COUNT] = {
        [SCIM_QUIRK_OP_CASE] = "names of operations in any case",
        [SCIM_QUIRK_BOOLEAN_STRING] = "\"True\" and \"False\" as strings for a boolean",
        [SCIM_QUIRK_UNQUOTED_FILTER] = "a value of the filter without quotes",
        [SCIM_QUIRK_ELEMENT_FILTER] = "a filter that compares an element as a whole",
        [SCIM_QUIRK_PLACEHOLDER_FILTER] = "a probe for PLACEHOLDER finds nothing",
        [SCIM_QUIRK_CREATE_ELEMENT] = "a path that selects no element makes it",
        [SCIM_QUIRK_DOTTED_KEYS] = "paths as the keys of a value",
        [SCIM_QUIRK_REFERENCE_SHAPE] = "a reference in another shape",
        [SCIM_QUIRK_REMOVE_VALUES] = "remove with a value array removes only those",
        [SCIM_QUIRK_REMOVE_WITH_VALUE] = "a value beside a path that selects is not looked at",
        [SCIM_QUIRK_SCALAR_ARRAY] = "an array for a single value",
        [SCIM_QUIRK_EMPTY_VALUE] = "an empty value is none",
        [SCIM_QUIRK_EMPTY_OPERATIONS] = "no operations are no change",
        [SCIM_QUIRK_ROOT_EXTENSION] = "an extension's attribute at the root",
        [SCIM_QUIRK_SCHEMAS_TYPO] = "schemas missing, mistyped or foreign",
        [SCIM_QUIRK_UNMAPPED] = "what the map does not hold is left out",
        [SCIM_QUIRK_ADD_IS_REPLACE] = "add to several values replaces them",
        [SCIM_QUIRK_JSON_STRING] = "JSON inside a string"};

    return words[quirk];
}
