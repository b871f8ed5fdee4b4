/* SPDX-License-Identifier: Apache-2.0 */
/* support/leaks.h - what a test program that speaks TLS to a directory cannot help; included once. */
#ifndef SUPPORT_LEAKS_H
#define SUPPORT_LEAKS_H

#ifdef __SANITIZE_ADDRESS__
/* libldap loses a priority with each TLS context; ldap/tls.c makes few. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
    return "leak:gnutls_priority_init\n";
}
#endif

#endif
