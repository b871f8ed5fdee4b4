/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: ours and the directory's. */
#include "cli/check/check.h"

#include "base/clock.h"
#include "http/tls.h"

enum { DAY_S = 86400, SOON_DAYS = 30 };

static void
judge_expiry(checking_t *checking, str_t about, const char *what, long long expires_s)
{
    long long days = (expires_s - clock_real_s()) / DAY_S;

    if (expires_s <= clock_real_s())
        findings_add(&checking->findings, FINDING_ERROR, "certificates", about,
                     "%s has expired; renew it", what);
    else
        findings_add(&checking->findings, days < SOON_DAYS ? FINDING_WARNING : FINDING_OK,
                     "certificates", about, "%s expires in %lld days%s", what, days,
                     days < SOON_DAYS ? "; renew it" : "");
}

void
check_listener(checking_t *checking, const config_listen_t *listen)
{
    err_t err = ERR_INIT;
    http_tls_t *tls;

    if (!listen->certificate)
        return;
    tls = http_tls_load(listen->certificate, listen->key, &err);
    if (!tls) {
        findings_add(&checking->findings, FINDING_ERROR, "certificates", STR(""), "%s",
                     err.detail);
        return;
    }
    judge_expiry(checking, STR(""),
                 str_printf(checking->mem, "the certificate %s", listen->certificate).p,
                 http_tls_expires(tls));
    http_tls_free(tls);
}

void
check_peer(checking_t *checking, str_t about, const ldap_conn_t *conn)
{
    str_t der = ldap_conn_certificate(conn, checking->mem);
    err_t err = ERR_INIT;
    long long expires_s;

    if (der.n > 0 && http_tls_read_expiry(der.p, der.n, &expires_s, &err))
        judge_expiry(checking, about, "the directory's certificate", expires_s);
}
