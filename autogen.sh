#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes ./configure. Needed once after a fresh clone; later make keeps it up to date.
set -eu
cd "$(dirname "$0")"
exec autoreconf -fi
