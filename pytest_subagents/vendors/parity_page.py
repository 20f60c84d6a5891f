"""The tables of `docs/vendors.md`, made from what the vendors' programs say of themselves.

`python -m pytest_subagents.vendors.parity_page docs/vendors.md` writes them anew into the page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pytest_subagents.vendors.programs.interface import FEATURES, Program
from pytest_subagents.vendors.programs.registry import program
from pytest_subagents.vendors.registry import VENDORS

_SECTION: Final = r"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)"


def tables() -> dict[str, str]:
    """Each generated section of the page, by name; only our own vendors are in it."""
    programs = [program(name) for name, vendor in VENDORS.ours.items() if vendor.program is not None]
    return {
        "programs": _table(("vendor", "program", "oldest version", "`home` is copied as", "keys"), _facts(programs)),
        "overview": _table(("feature", *(one.vendor for one in programs)), _overview(programs)),
        "parity": "\n".join(_of_one(one) for one in programs),
    }


def renewed(page: str) -> str:
    """The page with every generated section as it must be."""
    for name, table in tables().items():
        pattern = re.compile(_SECTION.format(name=name), re.DOTALL)
        page = pattern.sub(lambda found, table=table: f"{found[1]}{table}{found[2]}", page)  # type: ignore[misc]
    return page


def _facts(programs: Iterable[Program]) -> Iterator[tuple[str, ...]]:
    for one in programs:
        yield (
            f"`{one.vendor}`",
            f"`{one.executable}`" if one.executable is not None else "what `command` says",
            ".".join(map(str, one.oldest)) if one.oldest is not None else "",
            f"`{'~' if one.config_folder == '.' else f'~/{one.config_folder}'}`",
            ", ".join(f"`{key}`" for key in one.keys),
        )


def _overview(programs: Iterable[Program]) -> Iterator[tuple[str, ...]]:
    vendors = tuple(programs)
    for feature in FEATURES:
        yield (feature, *(one.parity[feature].honoured for one in vendors))


def _of_one(one: Program) -> str:
    rows = ((feature, one.parity[feature].honoured, one.parity[feature].how) for feature in FEATURES)
    return f"### {one.vendor}\n\n{_table(('feature', 'honoured', 'how'), rows)}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"{line}\n" for line in _lines(heads, rows))


def _lines(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
