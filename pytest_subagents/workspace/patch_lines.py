"""How many lines a recorded patch changes."""

from __future__ import annotations

import re
from typing import Final

_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def changed_lines(patch: bytes) -> int:
    """Those that it adds, and those that it removes; of a binary file, none. `patch` is one that `changes_of` reads:
    what begins like a change is one only as far as its hunk counts."""
    count = old = new = 0
    for line in patch.split(b"\n"):
        sign = line[:1]
        if old > 0 or new > 0:
            old -= sign in (b" ", b"-")
            new -= sign in (b" ", b"+")
            count += sign in (b"-", b"+")
        elif sign == b"@" and (match := _HUNK.match(line)):
            old, new = (1 if found is None else int(found) for found in match.groups())
    return count
