/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/metrics.h - what is counted, and its text for Prometheus.
 *
 * Counters are relaxed atomics, written by workers and read by the main thread. Those of a
 * connector stay when the configuration is reloaded. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "base/buf.h"
#include "connector/request.h"

#include <stddef.h>
#include <stdint.h>

typedef struct metrics metrics_t;
typedef struct metrics_series metrics_series_t; /* of one connector */

metrics_t *metrics_new(void) MUST_USE;
void metrics_free(metrics_t *metrics);

/* Of a connector, made at its first sight; the main thread alone. NULL: no memory. */
metrics_series_t *metrics_series(metrics_t *metrics, str_t connector);
/* Of requests that did not get as far as a connector. */
metrics_series_t *metrics_refused(metrics_t *metrics);

void metrics_count(metrics_series_t *series, method_t method, int status, int64_t us,
                   unsigned ldap_operations);

/* Append the requests, their durations and LDAP operations. */
void metrics_write(buf_t *buf, const metrics_t *metrics);

/* Append "# HELP", "# TYPE" and then samples by metrics_sample. */
void metrics_head(buf_t *buf, const char *name, const char *type, const char *help);
/* `label` may be NULL. */
void metrics_sample(buf_t *buf, const char *name, const char *label, str_t value,
                    uint64_t count);

#endif
