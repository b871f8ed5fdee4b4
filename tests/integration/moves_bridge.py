#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The cases of moves.py where the bridge repairs references, in a slapd that does not."""

import moves

moves.run(('"integrity": "server"', '"integrity": "bridge"'), NOREFINT="1")
