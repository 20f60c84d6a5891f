"""The tables of `docs/workflow-keys.md`, made from the table of keys.

`python -m pytest_subagents.specify.keys_page docs/workflow-keys.md` writes them anew into the page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pytest_subagents.specify.key_paths import agent_paths, workflow_paths
from pytest_subagents.specify.keys.articles import ARTICLE_KEYS, Only, ReadAs, Refused, Reported, Treatment
from pytest_subagents.specify.kinds.record import Key, Treated

_WORSE: Final[tuple[Treated, ...]] = ("honoured", "kept")
_SECTION: Final = r"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)"


def tables() -> dict[str, str]:
    """Each generated section of the page, by name."""
    return {
        "workflow": _keys(workflow_paths()),
        "agents": _keys(agent_paths()),
        "articles": _articles(),
    }


def renewed(page: str) -> str:
    """The page with every generated section as it must be."""
    for name, table in tables().items():
        pattern = re.compile(_SECTION.format(name=name), re.DOTALL)
        page = pattern.sub(lambda found, table=table: f"{found[1]}{table}{found[2]}", page)  # type: ignore[misc]
    return page


def _keys(paths: Iterable[tuple[str, Key]]) -> str:
    live: dict[str, Treated] = {}
    rows = []
    for path, key in paths:
        # What stands in a map is honoured at most as far as the map itself.
        above = [live[other] for other in live if path.startswith((f"{other}.", f"{other}["))]
        live[path] = max((key.live, *above), key=_WORSE.index)
        default = f"`{key.default}`" if _is_value(key.default) else key.default
        rows.append((f"`{path}`", key.kind.words, default, key.doc, _note(key), live[path]))
    return _table(("key", "type", "default", "meaning", "in replay", "live"), rows)


def _is_value(default: str) -> bool:
    return bool(default) and " " not in default


def _note(key: Key) -> str:
    return key.replay + (", required" if key.required else "")


def _articles() -> str:
    rows = ((f"`{key.path}`", *_treatment(key.treatment)) for key in ARTICLE_KEYS)
    return _table(("key", "what becomes of it", "note"), rows)


def _treatment(treatment: Treatment) -> tuple[str, str]:
    match treatment:
        case ReadAs(to=to, note=note):
            return f"honoured as `{to}`", note
        case Only(value=value, hint=hint):
            word = {True: "true", False: "false"}[value] if isinstance(value, bool) else value
            return f"honoured as `{word}`; any other value is refused by name", hint
        case Reported(why=why):
            return "reported only", why
        case Refused(hint=hint):
            return "refused by name", hint


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"{line}\n" for line in _lines(heads, rows))


def _lines(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
