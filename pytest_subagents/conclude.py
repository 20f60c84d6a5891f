"""All results of a run to its report, the word of the gates, and the files: one sequence for pytest and the command."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.gate import Decision, Gate, decide, judge_gates
from pytest_subagents.model.report import Report
from pytest_subagents.reports.registry import format_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    report: Report
    decision: Decision


def conclude(
    tally: Tally,
    gates: Sequence[Gate],
    *,
    verdict: Literal["items", "gates"] = "items",
    partial: Literal["pass", "fail"] = "pass",
) -> Conclusion:
    """The report of everything in `tally`, judged by `gates`."""
    report = report_of(tally)
    report = replace(report, gates=judge_gates(report, gates))
    return Conclusion(report=report, decision=decide(report, verdict=verdict, partial=partial))


def check_writable(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Make sure before a run that its report files can be written after it; `BadUsage` names the one that cannot.

    Gives the folders that were made for it, deepest first, so that a run without a report can take them back.
    """
    wanted = tuple(paths)
    for path in wanted:
        format_of(path)
    made: list[Path] = []
    for path in wanted:
        try:
            made += _made_folders(path.parent)
            if path.is_dir():
                raise IsADirectoryError(21, "it is a folder")
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            remove_empty(reversed(made))
            raise BadUsage(
                str(path), f"the report cannot be written: {error.strerror or error}", hint="name another path"
            ) from None
    return tuple(reversed(made))


def write_reports(report: Report, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Write `report` to each path in the format of its suffix, whole or not at all."""
    written = []
    for path in dict.fromkeys(paths):
        _replace(path, format_of(path).render(report))
        written.append(path)
    return tuple(written)


def remove_empty(folders: Iterable[Path]) -> None:
    """Take back folders that were made for a report that did not come."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _made_folders(folder: Path) -> list[Path]:
    missing = []
    while not folder.exists() and folder != folder.parent:
        missing.append(folder)
        folder = folder.parent
    missing.reverse()
    for new in missing:
        new.mkdir(exist_ok=True)
    return missing


def _replace(path: Path, text: str) -> None:
    """Through a new file and a rename, so that a reader sees the old or the new, and a planted link is not followed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
