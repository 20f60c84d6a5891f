"""All results of a run to its report, the word of the gates, and the files: one sequence for pytest and the command."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from msgspec.structs import replace

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.gate import Decision, Gate, decide, judge_gates
from pytest_subagents.git.place import below_top
from pytest_subagents.model.evidence import Evidence, NoEvidence
from pytest_subagents.model.limits import STEP_SUMMARY_BYTES
from pytest_subagents.model.report import Report
from pytest_subagents.model.value import Value
from pytest_subagents.reports.interface import PagedFormat, folder_beside
from pytest_subagents.reports.registry import format_of, paged_format_of
from pytest_subagents.writing import (
    append_text,
    make_folder,
    open_file,
    remove_file,
    shared_mode,
    write_parts,
)

_MARK_BYTES: Final = 256
"""Of a page, where its mark is looked for."""


class Conclusion(Value, frozen=True, kw_only=True):
    report: Report
    decision: Decision


def conclude(
    tally: Tally,
    gates: Sequence[Gate],
    *,
    verdict: Literal["items", "gates"] = "items",
    partial: Literal["pass", "fail"] = "pass",
    amend: Callable[[Report], Report] | None = None,
) -> Conclusion:
    """The report of everything in `tally`, judged by `gates`; `amend` adds what is known only of the whole."""
    report = report_of(tally)
    report = report if amend is None else amend(report)
    report = replace(report, gates=judge_gates(report, gates), partial=partial)
    return Conclusion(report=report, decision=decide(report, verdict=verdict, partial=partial))


def check_writable(paths: Iterable[Path], *, below: Path) -> tuple[Path, ...]:
    """Make sure before a run that its report files can be written after it; `BadUsage` names the one that cannot.

    Between `below`, the rootdir, and a file no folder may be a link; a path elsewhere is believed up to its folder.
    Gives the folders that were made for it, deepest first, so that a run without a report can take them back.
    """
    wanted = tuple(paths)
    for path in wanted:
        format_of(path)
    made: list[Path] = []
    for given in wanted:
        path = _whole(given)
        try:
            made += _missing_folders(path.parent)
            make_folder(path.parent, below=_trusted(path, below), mode=0o777)
            if path.is_dir():
                raise IsADirectoryError(21, "it is a folder")
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            remove_empty(reversed(made))
            raise _unwritable(given, error, below) from None
    return tuple(reversed(made))


def write_reports(
    report: Report, paths: Iterable[Path], *, below: Path, evidence: Callable[[Report], Evidence] | None = None
) -> tuple[Path, ...]:
    """Write `report` to each path in the format of its suffix, whole or not at all.

    `evidence` is asked by those formats that show more than the report; without, they say so.
    `BadUsage` where it cannot be, as an agent may have put a link in the way since `check_writable`.
    """
    written = []
    for given in dict.fromkeys(paths):
        path = _whole(given)
        paged = paged_format_of(path)
        try:
            if paged is not None:
                _write_pages(paged, report, path, below=below, evidence=evidence(report) if evidence else NoEvidence())
            else:
                parts = (part.encode() for part in format_of(path, below=below_top(below) or "").parts(report))
                write_parts(path, parts, below=_trusted(path, below), mode=shared_mode())
        except OSError as error:
            raise _unwritable(given, error, below) from None
        written.append(given)
    return tuple(written)


def _write_pages(format: PagedFormat, report: Report, path: Path, *, below: Path, evidence: Evidence) -> None:
    trusted, mode = _trusted(path, below), shared_mode()
    folder = path.with_name(folder_beside(path.name))

    written: set[str] = set()

    def further(name: str, parts: Iterable[str]) -> None:
        write_parts(folder / name, (part.encode() for part in parts), below=trusted, mode=mode)
        written.add(name)

    pages = format.pages(report, evidence, name=path.name, further=further)
    write_parts(path, (part.encode() for part in pages), below=trusted, mode=mode)
    _remove_old_pages(folder, written, format, below=trusted)


def _remove_old_pages(folder: Path, written: set[str], format: PagedFormat, *, below: Path) -> None:
    """Those of an earlier report; nothing else that is there."""
    with suppress(OSError):
        for name in sorted(set(os.listdir(folder)) - written):
            page = folder / name
            if page.suffix == format.suffix and not page.is_symlink():
                with open_file(page, below=below) as file:
                    ours = format.mark.encode() in file.read(_MARK_BYTES)
                if ours:
                    remove_file(page, below=below)
        if not written:
            folder.rmdir()


def add_to_summary(report: Report, path: Path, *, rest: str) -> str | None:
    """Add `report` to the summary of a job of GitHub Actions, as far as that has room; why not, where it cannot be.

    `path` is what `GITHUB_STEP_SUMMARY` names, `rest` where a reader finds what is left out.
    """
    try:
        room = STEP_SUMMARY_BYTES - (path.stat().st_size if path.exists() else 0)
        from pytest_subagents.reports.github import step_summary  # of no use elsewhere

        text = step_summary(report, room=room, rest=rest)
        if text:
            append_text(path, text)
    except OSError as error:
        return f"the report cannot be added to it: {error.strerror or error}"
    return None if text else "it is full, so the report is not in it"


def remove_empty(folders: Iterable[Path]) -> None:
    """Take back folders that were made for a report that did not come."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _whole(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _trusted(path: Path, below: Path) -> Path:
    """The folder that is believed as it is, whatever stands on the way to it."""
    if path.is_relative_to(below):
        return below
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent


def _missing_folders(folder: Path) -> list[Path]:
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = folder.parent
    missing.reverse()
    return missing


def _unwritable(path: Path, error: OSError, below: Path) -> BadUsage:
    words = error.strerror or str(error)
    found = Path(os.fsdecode(error.filename)) if error.filename else path
    if found != _whole(path) and found.is_relative_to(below):
        words += f" ({found.relative_to(below).as_posix()})"
    return BadUsage(str(path), f"the report cannot be written: {words}", hint="name another path")
