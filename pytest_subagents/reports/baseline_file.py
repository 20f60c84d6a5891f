"""The file that holds a baseline: an earlier report that findings are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.report import Report
from pytest_subagents.reports import wording
from pytest_subagents.reports.stored import stored_report

_MAKE: Final = "make one of the last report: subagents baseline update"
_ANEW: Final = "run `pytest --subagents` to its end, then: subagents baseline update"


def stored_baseline(path: str | Path, *, where: str | None = None, hint: str = _MAKE) -> Report:
    """The report in `path`, if findings can be compared with it; `BadUsage` else, with `hint` where nothing is."""
    where = where or str(path)
    found = stored_report(path, where=where, missing="there is no baseline", hint=hint)
    if not found.complete:
        raise BadUsage(where, "it is the report of a run that was cut short, which is no baseline", hint=_ANEW)
    return found


def as_baseline(report: Report, *, where: str, force: bool = False) -> Report:
    """What is kept of `report`: all but its gates and what else only decides an exit code.

    `BadUsage` for one that does not hold what the team finds: of a run that was cut short always, of one in which
    subagents failed, did not run or were left out, unless it is forced.
    """
    if not report.complete:
        raise BadUsage(where, "the run was cut short, so its report is no baseline", hint=_ANEW)
    counts = report.counts
    silent = counts.failed + counts.not_run
    why = f"{wording.number_of(silent, 'subagent')} failed or did not run" if silent else ""
    if counts.deselected:
        was = "was" if counts.deselected == 1 else "were"
        why += f"{', and ' if why else ''}{wording.number_of(counts.deselected, 'subagent')} {was} left out"
    if why and not force:
        hint = "run all of them, or accept that what these find is new from then on: --force"
        raise BadUsage(where, f"{why}, so it does not hold what the team finds", hint=hint)
    return replace(report, gates=(), partial="pass")


def is_foreign(where: str) -> BadUsage:
    """What is wrong with a baseline that knows no subagent of a run."""
    hint = f"is it of another project? If all were renamed, make it anew: {_ANEW}"
    return BadUsage(where, "no subagent of this run is in the baseline", hint=hint)
