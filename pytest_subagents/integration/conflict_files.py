"""What every side of a conflict has, as files for a person to look at: nothing is resolved.

`<subagent>/base/<path>`, `ours`, `theirs`, and `marked` with git's conflict markers. A link is a file that says where
it leads. Names are made safe (`model.ids.file_name`): no path of an agent leads out of the folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pytest_subagents.merge.private_store import Store
from pytest_subagents.model import limits
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.integration import Conflicted, PathConflict, Row, Version
from pytest_subagents.writing import shared_mode, write_file

_SUBMODULE: Final = "160000"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def keep_conflicts(store: Store, rows: Iterable[Row], folder: Path, *, below: Path) -> int:
    """How many files were written; `OSError` where one cannot be."""
    mode, count = shared_mode(), 0
    for row in rows:
        if not isinstance(row, Conflicted):
            continue
        sides = [each for one in row.conflicts[: limits.MERGE_KEPT_FILES] for each in _sides(one)]
        texts = store.contents_of((version.id for _, version in sides), at_most=limits.MERGE_KEPT_BYTES)
        for name, version in sides:
            if version.id in texts:
                write_file(folder / file_name(row.agent) / name, texts[version.id], below=below, mode=mode)
                count += 1
    return count


def _sides(conflict: PathConflict) -> Iterator[tuple[str, Version]]:
    sides = (("base", conflict.base), ("ours", conflict.ours), ("theirs", conflict.theirs), ("marked", conflict.marked))
    for side, version in sides:
        if version is not None and version.mode != _SUBMODULE:
            yield f"{side}/{_safe(conflict.path)}", version


def _safe(path: str) -> str:
    """Names as they are, but for what could lead elsewhere or be taken amiss."""
    return "/".join(part if _PLAIN.fullmatch(part) else file_name(part) for part in path.split("/"))
