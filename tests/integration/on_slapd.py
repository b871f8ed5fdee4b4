#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The cases of servers.py on OpenLDAP, with the map that is shipped for it."""
import os

import servers  # noqa: F401  pylint: disable=unused-import
from suite import harness, main

if __name__ == "__main__":
    main(maps={"people": os.path.join(harness.MAPS, "people.jsonc")})
