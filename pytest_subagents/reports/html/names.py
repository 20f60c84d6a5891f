"""Anchors and file names: from ids by an allow-list, unique in the report, never from an agent's text."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.model.report import Report

_PLAIN: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 60
_DIGITS: Final = 8


def anchors(report: Report) -> Mapping[str, str]:
    """Of each row, by its node id: `agent-math`; with a hash where the id alone would not do."""
    times = Counter(row.planned.id for row in report.agents)
    simple = {id for id, count in times.items() if count == 1 and len(id) <= _LONGEST and _PLAIN.fullmatch(id)}
    found: dict[str, str] = {}
    taken = {f"agent-{id}" for id in simple}
    for row in report.agents:
        id, nodeid = row.planned.id, row.planned.nodeid
        if id in simple:
            found[nodeid] = f"agent-{id}"
            continue
        digest = hashlib.sha256(nodeid.encode("utf-8", "surrogatepass")).hexdigest()
        stem = _OTHER.sub("-", id.lower())[:_LONGEST].strip("-")
        name = "-".join(part for part in ("agent", stem, digest[:_DIGITS]) if part)
        while name in taken:
            name += digest[_DIGITS:]
        taken.add(name)
        found[nodeid] = name
    return MappingProxyType(found)
