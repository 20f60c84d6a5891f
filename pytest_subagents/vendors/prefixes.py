"""What a log puts before a line of the stream that it copies."""

from __future__ import annotations

import re
from typing import Final

_PREFIX: Final = re.compile(
    rb"\s*(?:\[[^\[\]{}\"]{1,64}\]\s*"  # [2025-11-11T12:18:52.240Z] [INFO]
    rb"|\d{4}-\d\d-\d\d[T ][\d:.,]{5,18}(?:Z|[+-]\d\d:?\d\d)?\s+"  # 2026-07-20T01:17:16.888824Z
    rb"|(?:TRACE|DEBUG|INFO|NOTICE|WARN|stdout|out)\b[\s:|]*"
    rb"|[\w.-]{1,40} +\| +){1,4}(?=\{)",
    re.IGNORECASE,
)


def behind_prefix(line: bytes) -> bytes | None:
    """The object behind a log's prefix, None where there is no such prefix or it says that stderr is copied."""
    found = _PREFIX.match(line)
    return None if found is None or b"stderr" in found[0].lower() else line[found.end() :]
