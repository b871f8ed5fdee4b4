/* SPDX-License-Identifier: Apache-2.0 */
/* Operations, performed or not, and told truly or not. */
#include "support/sim_inside.h"

static const char *const fault_names[SIM_FAULTS] = {"none",
                                                    "not sent",
                                                    "done, unknown",
                                                    "undone, unknown",
                                                    "late, unknown",
                                                    "busy (51)",
                                                    "noSuchObject (32)",
                                                    "assertionFailed (122)",
                                                    "valueExists (20)",
                                                    "noSuchAttribute (16)",
                                                    "deadline"};

const char *
sim_fault_name(sim_fault_t fault)
{
    return fault_names[fault];
}

static size_t
count_values(const ldap_op_t *op, ldap_mod_op_t kind)
{
    size_t n = 0;

    for (size_t i = 0; op->kind == LDAP_OP_MODIFY && i < op->u.modify.n; i++)
        n += op->u.modify.mods[i].op == kind ? op->u.modify.mods[i].attr.n : 0;
    return n;
}

bool
item_can_have(const ldap_op_t *op, sim_fault_t fault)
{
    switch (fault) {
    case SIM_NOT_SENT:
    case SIM_DONE_UNKNOWN:
    case SIM_UNDONE_UNKNOWN:
    case SIM_BUSY:
    case SIM_DEADLINE:
        return true;
    case SIM_LATE_UNKNOWN:
        return ldap_op_is_write(op);
    case SIM_NO_OBJECT:
        return op->guard != NULL || op->kind == LDAP_OP_SEARCH;
    case SIM_ASSERTION:
        return op->guard != NULL;
    case SIM_VALUE_EXISTS:
        return op->guard != NULL && count_values(op, LDAP_MOD_OP_ADD) > 1;
    case SIM_NO_ATTRIBUTE:
        return op->guard != NULL && count_values(op, LDAP_MOD_OP_DELETE) > 1;
    case SIM_NO_FAULT:
    case SIM_FAULTS:
        break;
    }
    return false;
}

void
item_answer_code(item_t *item, int code)
{
    item->reply = (ldap_reply_t){.code = code, .matched = STR(""), .diagnostic = STR("fault")};
}

static ldap_reply_t
answer(sim_t *sim, arena_t *mem, const ldap_op_t *op)
{
    ldap_op_t plain = *op;

    ck_assert_msg(!sim_is_bare() || !op->guard, "a control that the directory does not know");
    if (sim_is_bare())
        plain.post_read = NULL;
    return model_answer(sim->model, mem, &plain);
}

void
item_perform(item_t *item)
{
    item->reply = answer(item->call->sim, item->call->replies, &item->ask->op);
}

static void
put_off(item_t *item)
{
    sim_t *sim = item->call->sim;

    /* What is a part's goes with it. */
    if (ldap_op_is_write(&item->ask->op) && !item->ask->run->outer &&
        sim->n_late < ARRAY_SIZE(sim->late))
        sim->late[sim->n_late++] = item;
}

bool
sim_perform_late(sim_t *sim)
{
    size_t at;

    if (!sim->n_late)
        return false;
    at = sim_random(sim, (unsigned)sim->n_late);
    (void)answer(sim, sim->mem, &sim->late[at]->ask->op);
    sim->late[at] = sim->late[--sim->n_late];
    return true;
}

void
item_perform_with_fault(item_t *item, sim_fault_t fault)
{
    static const int codes[SIM_FAULTS] = {[SIM_BUSY] = LDAP_RC_BUSY,
                                          [SIM_NO_OBJECT] = LDAP_RC_NO_SUCH_OBJECT,
                                          [SIM_ASSERTION] = LDAP_RC_ASSERTION_FAILED,
                                          [SIM_VALUE_EXISTS] = LDAP_RC_VALUE_EXISTS,
                                          [SIM_NO_ATTRIBUTE] = LDAP_RC_NO_SUCH_ATTRIBUTE};

    item->call->faulted = true;
    item_answer_code(item, codes[fault]);
    switch (fault) {
    case SIM_NOT_SENT:
        item->reply.fate = LDAP_NOT_SENT;
        break;
    case SIM_DONE_UNKNOWN:
        item_perform(item);
        item_answer_code(item, 0);
        item->reply.fate = LDAP_UNKNOWN;
        break;
    case SIM_UNDONE_UNKNOWN:
        item->reply.fate = LDAP_UNKNOWN;
        break;
    case SIM_LATE_UNKNOWN:
        item->reply.fate = LDAP_UNKNOWN;
        put_off(item);
        break;
    case SIM_DEADLINE:
        if (sim_random(item->call->sim, 2))
            item_perform(item);
        else
            put_off(item);
        sim_cancel(exchange_run(item->call->exchange), "the deadline has passed");
        break;
    case SIM_BUSY:
    case SIM_NO_OBJECT:
    case SIM_ASSERTION:
    case SIM_VALUE_EXISTS:
    case SIM_NO_ATTRIBUTE:
    case SIM_NO_FAULT:
    case SIM_FAULTS:
        break;
    }
}
