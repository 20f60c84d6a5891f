"""`docs/faults.md`, made from the table of faults and the tests that claim its cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from fault_reasons import CANNOT
from fault_table import FAULTS, VENDORS, Claim, Fault

_HEAD: Final = """\
# Faults

What can go wrong in a live run, and the test that shows what happens then, for each vendor. After each fault there is a
result with its reason, the transcript is complete up to the fault, no process of the agent lives, and other subagents
of the run are unharmed.

This page is made from the tests by `PYTHONPATH=tests python tests/fault_table.py docs/faults.md`. `●` is tested: with
the vendor's real program wherever that can be brought to it, else with one that stands in its place and speaks its
dialect. `○` is tested too, with `SUBAGENTS_TESTS=all` and not with every change: what it shows does not depend on the
program, which takes long to start. `–` cannot be made, and the section of the fault says why.
"""


def text(claims: Iterable[Claim], reasons: Mapping[tuple[str, str], str] = CANNOT) -> str:
    """The whole page."""
    tests: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(claims):
        tests.setdefault((claim.fault, claim.vendor), []).append(claim)
    groups = [(name, tuple(faults)) for name, faults in groupby(FAULTS, key=lambda fault: fault.group)]
    parts = [_HEAD, *_overview(tests, reasons)]
    for name, faults in groups:
        parts.append(f"## {name}\n")
        parts += (_section(fault, tests, reasons) for fault in faults)
    return "\n".join(parts)


def write(page: Path, claims: Iterable[Claim]) -> None:
    page.write_text(text(claims), encoding="utf-8", newline="\n")


def _overview(tests: Mapping[tuple[str, str], list[Claim]], reasons: Mapping[tuple[str, str], str]) -> Iterator[str]:
    rows = [f"| fault | {' | '.join(VENDORS)} |", f"|---|{'---|' * len(VENDORS)}"]
    for fault in FAULTS:
        cells = ((fault.id, vendor) for vendor in VENDORS)
        marks = (_mark(tests.get(cell, ()), cell in reasons) for cell in cells)
        rows.append(f"| [{fault.id}](#{fault.id}) | {' | '.join(marks)} |")
    yield "\n".join(rows) + "\n"


def _mark(claims: Collection[Claim], excused: bool) -> str:
    if not claims:
        return "–" if excused else ""
    return "○" if all(claim.apart for claim in claims) else "●"


def _section(fault: Fault, tests: Mapping[tuple[str, str], list[Claim]], reasons: Mapping[tuple[str, str], str]) -> str:
    """One line for each test and each reason, with the vendors that it is for."""
    shown: dict[str, list[str]] = {}
    for vendor in VENDORS:
        cell = (fault.id, vendor)
        for claim in tests.get(cell, ()):
            file, _, name = claim.test.partition("::")
            note = f". {claim.note}" if claim.note else ""
            shown.setdefault(f"[`{name}`](../{file}){note}", []).append(vendor)
        if cell in reasons:
            shown.setdefault(f"Cannot be made. {reasons[cell]}", []).append(vendor)
    rows = (f"| {', '.join(vendors)} | {what.replace('|', chr(92) + '|')} |" for what, vendors in shown.items())
    words = fault.words[0].upper() + fault.words[1:]
    return "\n".join((f"### {fault.id}\n", f"{words}.\n", "| vendors | test |", "|---|---|", *rows)) + "\n"
