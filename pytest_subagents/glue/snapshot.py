"""The report against a committed snapshot, serialised and compared by syrupy's JSON extension."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from pytest_subagents.aggregate.baseline import without_baseline
from pytest_subagents.errors import BadUsage
from pytest_subagents.glue.run import Run
from pytest_subagents.model import limits
from pytest_subagents.model.report import Report
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.json_report import JsonReport

FILE: Final = "subagents.snapshot.json"


class ReportExtension(JSONSnapshotExtension):
    """syrupy's JSON, for a report or for anything else that it takes."""

    _max_depth = 400  # an answer may be 100 deep, and cut off rows would compare as equal

    def serialize(self, data: Any, **keywords: Any) -> str:
        text = super().serialize(comparable(data) if isinstance(data, Report) else data, **keywords)
        assert isinstance(text, str)
        return text


def comparable(report: Report) -> dict[str, Any]:
    """What of a report is compared: all but gates, baseline and what else only judges it."""
    plain: dict[str, Any] = json.loads(JsonReport().render(without_baseline(report)))
    del plain["gates"]
    plain.pop("partial", None)
    return plain


def report_snapshot(request: pytest.FixtureRequest) -> Any:
    """syrupy's `snapshot` fixture with `ReportExtension`."""
    return request.getfixturevalue("snapshot").use_extension(ReportExtension)


def check_snapshot(config: pytest.Config, run: Run, report: Report) -> bool:
    """Whether `report` is as the snapshot has it. Rewrites the snapshot where `--snapshot-update` says so.

    A selection that is only a part of what the snapshot holds is a usage error, and leaves the file alone.
    """
    path = run.rootdir / FILE
    current = comparable(report)
    try:
        stored = _stored(path)
        _refuse_partial(config, run, report, stored)
    except BadUsage as error:
        run.blame(error)
        return False
    text = ReportExtension().serialize(report)
    if config.getoption("update_snapshots", False):
        if stored != current:
            path.write_text(text, encoding="utf-8", newline="\n")
        run.snapshot_lines = (f"snapshot {FILE}: {'written' if stored is None else 'updated'}",)
        return True
    if stored == current:
        run.snapshot_lines = (f"snapshot {FILE}: matches",)
        return True
    run.snapshot_lines = tuple(_told(stored, current))
    return False


def _stored(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise BadUsage(
            FILE, f"the snapshot cannot be read: {error}", hint="restore it, or delete it and write it anew"
        ) from None
    rows = value.get("agents") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get("nodeid"), str) for row in rows
    ):
        raise BadUsage(FILE, "this is no snapshot of a report", hint="restore it, or delete it and write it anew")
    stored: dict[str, Any] = value
    return stored


def _refuse_partial(config: pytest.Config, run: Run, report: Report, stored: dict[str, Any] | None) -> None:
    why = None
    if not report.complete:
        why = "the run was cut short"
    elif report.counts.deselected:
        why = f"{report.counts.deselected} subagents are deselected"
    elif any("::" in argument for argument in config.args):
        why = "single items are named on the command line"
    elif stored is not None:
        here = {row.planned.nodeid.partition("::")[0] for row in report.agents}
        left_out = sorted({row["nodeid"].partition("::")[0] for row in stored["agents"]} - here)
        there = [name for name in left_out if (run.rootdir / name).is_file()]
        why = f"{there[0]} was not collected" if there else None
    if why is not None:
        raise BadUsage(
            "--subagents-snapshot",
            f"a snapshot is of all subagents, and {why}",
            hint="run without a selection, or without --subagents-snapshot",
        )


def _told(stored: dict[str, Any] | None, current: dict[str, Any]) -> Iterator[str]:
    """What changed, row by row, in words and as syrupy's diff; bounded, and every string escaped."""
    if stored is None:
        yield f"snapshot {FILE}: there is none yet"
        yield "  write it with: pytest --subagents --subagents-snapshot --snapshot-update"
        return
    yield f"snapshot {FILE}: differs"
    before = {row["nodeid"]: row for row in stored["agents"]}
    after = {row["nodeid"]: row for row in current["agents"]}
    changed = [nodeid for nodeid in sorted(before.keys() | after.keys()) if before.get(nodeid) != after.get(nodeid)]
    for nodeid in changed[: limits.SNAPSHOT_ROWS]:
        yield from _told_row(nodeid, before.get(nodeid), after.get(nodeid))
    if len(changed) > limits.SNAPSHOT_ROWS:
        yield f"  and {len(changed) - limits.SNAPSHOT_ROWS} more subagents"
    if not changed:
        yield from _diff(_without_rows(stored), _without_rows(current))
    yield "  accept with: pytest --subagents --subagents-snapshot --snapshot-update"


def _told_row(nodeid: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Iterator[str]:
    if before is None or after is None:
        yield f"  {terminal(nodeid)}: {'new' if before is None else 'gone'}"
        return
    keys = [key for key in after if before.get(key) != after[key]] + [key for key in before if key not in after]
    yield f"  {terminal(nodeid)}: {', '.join(map(terminal, keys))}"
    yield from _diff({key: before.get(key) for key in keys}, {key: after.get(key) for key in keys})


def _diff(before: object, after: object) -> Iterator[str]:
    extension = ReportExtension()
    text = extension.diff_snapshots(
        serialized_data=extension.serialize(after), snapshot_data=extension.serialize(before)
    )
    lines = str(text).split("\n")
    for line in islice(lines, limits.SNAPSHOT_LINES):
        yield "    " + terminal(line)
    if len(lines) > limits.SNAPSHOT_LINES:
        yield f"    … {len(lines) - limits.SNAPSHOT_LINES} more lines"


def _without_rows(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key != "agents"}
