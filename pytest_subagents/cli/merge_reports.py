"""`subagents merge-reports`: the parts of a run that was dealt out, as the one report of all of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from pytest_subagents.aggregate.attempts import planned_row
from pytest_subagents.aggregate.baseline import against, is_of
from pytest_subagents.aggregate.shards import Named, Whole, whole_of
from pytest_subagents.cli.github_job import tell_job
from pytest_subagents.cli.printing import print_lines
from pytest_subagents.conclude import check_writable, conclude, write_reports
from pytest_subagents.errors import BadUsage
from pytest_subagents.gate import Gate, parse_gate
from pytest_subagents.model.evidence import Evidence
from pytest_subagents.model.limits import SHARD_FILES
from pytest_subagents.model.report import Report
from pytest_subagents.reports.baseline_file import is_foreign, stored_baseline
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.shard_json import read_shard_json
from pytest_subagents.reports.shard_text import merged_lines
from pytest_subagents.reports.stored import content_of
from pytest_subagents.reports.terminal_text import summary_lines

_NAMES = "shard-*-of-*.json"
_DEFAULT_DIR = "artifacts/subagents"


@click.command("merge-reports")
@click.argument("paths", nargs=-1, required=True, metavar="DIR...")
@click.option(
    "--subagents-gate", "--gate", "gates", multiple=True, metavar="EXPR",
    help="Fail unless the report satisfies EXPR, beside the gates that the shards were given. Repeatable.",
)  # fmt: skip
@click.option(
    "--subagents-report", "--report", "-o", "reports", multiple=True, metavar="PATH",
    help="Write the report to a further file, in the format of its suffix. Repeatable.",
)  # fmt: skip
@click.option(
    "--subagents-baseline", "--baseline", "baseline", envvar="SUBAGENTS_BASELINE", metavar="PATH",
    help="Tell new, known and fixed findings apart, by an earlier report: that of the shards, unless you name another.",
)  # fmt: skip
@click.option(
    "--report-dir", envvar="SUBAGENTS_REPORT_DIR", metavar="DIR",
    help=f"The folder of report.json: that of the shards, {_DEFAULT_DIR} unless they had another one.",
)  # fmt: skip
@click.pass_context
def merge_reports(
    ctx: click.Context,
    paths: tuple[str, ...],
    gates: tuple[str, ...],
    reports: tuple[str, ...],
    baseline: str | None,
    report_dir: str | None,
) -> None:
    """Make one report of the parts of a run.

    DIR holds the files shard-I-of-N.json that `pytest --subagents-shard=I/N` has left, in folders of it too. Run it in
    pytest's root folder, at the same commit: report.json is written where pytest would have written it, with the same
    bytes, and its gates are judged.

    \b
    Examples:
      subagents merge-reports artifacts/subagents
      subagents merge-reports parts --report report.html --report report.sarif

    Exit codes: 0; 1 when a subagent failed, did not run or waits for review, another test failed, a gate failed, or a
    part is missing, as in a run of all; 4 for parts that are damaged, there twice, or of different runs.
    """
    rootdir = Path.cwd()
    given = tuple(parse_gate(text, where="--subagents-gate") for text in gates)
    whole = whole_of(tuple(_parts(paths)))
    before = _baseline(baseline, whole)
    folder = rootdir / (report_dir or _folder(whole))
    targets = tuple(dict.fromkeys([folder / "report.json", *(rootdir / path for path in reports)]))
    check_writable(targets, below=rootdir)
    asked: Any = whole.asked
    conclusion = conclude(
        whole.tally,
        _gates(whole, given),
        verdict=asked.verdict,
        partial=asked.partial,
        amend=lambda report: whole.amend(report) if before is None else against(whole.amend(report), before),
    )
    written = write_reports(conclusion.report, targets, below=rootdir, evidence=_evidence)
    _show(whole, conclusion.report, [os.path.relpath(path) for path in written], conclusion.decision.exit_code)
    tell_job(conclusion.report, rootdir=rootdir, rest=os.path.relpath(written[0]), environ=os.environ)
    ctx.exit(max(conclusion.decision.exit_code, whole.exit_code, 1 if whole.missing else 0))


def _baseline(given: str | None, whole: Whole) -> Report | None:
    """The earlier report that is given, or else that of the shards. It must be one of subagents that this run has."""
    path = _inside(whole.asked.baseline, "--baseline") if given is None else given
    if not path:
        return None
    before = stored_baseline(Path(path), where=terminal(path))
    if not is_of(before, map(planned_row, whole.tally.planned), whole.tally.deselected):
        raise is_foreign(terminal(path))
    return before


def _evidence(report: Report) -> Evidence:
    """From the recordings below the current folder."""
    from pytest_subagents.evidence.stored import StoredEvidence  # it reads every dialect, which costs

    return StoredEvidence(report=report, rootdir=Path.cwd())


def _parts(paths: Sequence[str]) -> Iterator[Named]:
    """Of each file that is named or lies in a folder that is; `BadUsage` where one is damaged or none is found."""
    found = sorted({file for path in paths for file in _files(path)})
    if not found:
        what = f"no file there is called {_NAMES}"
        raise BadUsage(", ".join(paths), what, hint="run pytest --subagents --subagents-shard=1/2, and 2/2, first")
    for file in found:
        yield terminal(file), read_shard_json(content_of(file), where=terminal(file))


def _files(path: str) -> Iterator[str]:
    """Paths of what may be parts, as a person would type them; links to folders are not followed."""
    if not os.path.isdir(path):
        if not os.path.lexists(path):
            raise BadUsage(path, "there is no such folder or file", hint="name the folder that holds the parts")
        yield os.path.normpath(path)
        return
    seen = 0
    for folder, names, files in os.walk(path):
        seen += len(names) + len(files)
        if seen > SHARD_FILES:
            raise BadUsage(path, f"there are more than {SHARD_FILES:,} files in it", hint="name a smaller folder")
        yield from (os.path.normpath(os.path.join(folder, name)) for name in files if fnmatchcase(name, _NAMES))


def _gates(whole: Whole, given: Sequence[Gate]) -> tuple[Gate, ...]:
    """Those of the shards, as a run of all would have judged them, then those that are named here alone."""
    asked = (parse_gate(text, where="the gates of the shards") for text in whole.asked.gates)
    return tuple({gate.expression: gate for gate in (*asked, *given)}.values())


def _folder(whole: Whole) -> str:
    """That of the shards. A part comes from elsewhere: it must be one below here, and only report.json goes there."""
    folder = whole.asked.report_dir
    if not folder:
        raise _outside("--report-dir")
    return _inside(folder, "--report-dir")


def _inside(path: str, option: str) -> str:
    """`path`, which a part says, where it stays below here."""
    if os.path.isabs(path) or ".." in path.split("/"):
        raise _outside(option)
    return path


def _outside(option: str) -> BadUsage:
    return BadUsage(option, "the shards had one outside of their rootdir", hint="name it here")


def _show(whole: Whole, report: Report, written: Sequence[str], exit_code: int) -> None:
    """What pytest would have shown, and what is known of the shards."""
    width = shutil.get_terminal_size().columns
    unwritten = [path for path in whole.asked.reports if os.path.normpath(path) not in written]
    elsewhere = whole.exit_code if whole.exit_code > exit_code else 0
    print_lines(summary_lines(report, written=written, width=width, can_record=whole.asked.mode == "replay"))
    print_lines(merged_lines(whole.deal, whole.missing, unwritten=unwritten, failed_elsewhere=elsewhere))
