"""Audit logs of the workflows of a run: which there are, whether they can be written, and writing them at the end.

Known where pytest collects, and told to xdist's controller, which concludes. Imported only where a workflow has one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from msgspec.structs import replace

from pytest_subagents.audit.judged_recording import LiveRun, judged_recording
from pytest_subagents.audit.log import Audited, write_log
from pytest_subagents.audit.log_place import check_log_place, unwritable
from pytest_subagents.conduct.several_runs import name_of_run
from pytest_subagents.errors import BadUsage
from pytest_subagents.glue.machines.gateways import ELSEWHERE
from pytest_subagents.glue.run import Run
from pytest_subagents.model.glob import matches
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Workflow
from pytest_subagents.runners.vendor_settings import settings_of
from pytest_subagents.transcript.redaction.redactor import Redactor, redactor_for
from pytest_subagents.transcript.redaction.secret_values import secrets_of
from pytest_subagents.transcript.store import Recording
from pytest_subagents.writing import shared_mode


def audited(run: Run, workflow: Workflow, log: str, recordings: Mapping[str, str]) -> Audited:
    """What is to be known of a workflow with the log `log`; `recordings` are paths by node id."""
    where = next((place.where for place in workflow.places if place.key == "audit"), workflow.where)
    root = f"{run.rootdir}/"
    return Audited(
        workflow=workflow.name,
        where=where,
        log=os.path.normpath(log),
        recordings={nodeid: path.removeprefix(root) for nodeid, path in recordings.items()},
        env=tuple(sorted({name for agent in workflow.agents for name in settings_of(agent).env})),
    )


def check_audits(run: Run, config: pytest.Config) -> None:
    """Blames what a person must fix before anything runs. A worker on another machine has not the files to look at."""
    if ELSEWHERE in getattr(config, "workerinput", ()):
        return
    taken = {Path(os.path.abspath(path)): "the report" for path in _reports(run)}
    for each in run.audits:
        path = run.rootdir / each.log
        try:
            if path in taken:
                raise unwritable(each.where, each.log, f"it is the path of {taken[path]}")
            if matches(each.log, run.settings.transcripts):
                raise unwritable(each.where, each.log, "it would be taken for a transcript there")
            check_log_place(each.log, rootdir=run.rootdir, where=each.where)
        except BadUsage as error:
            run.blame(error)
        taken[path] = f"another one ({each.where})"


def write_audits(run: Run, report: Report) -> tuple[Path, ...]:
    """The logs of those workflows of which something was planned, as files. A fault is blamed on the run."""
    mode, written = shared_mode(), []
    for each in run.audits:
        rows = [run for row in report.agents for run in _runs(row)]
        if any(row.planned.nodeid in each.recordings for row in rows):
            try:
                path = write_log(
                    each,
                    rows,
                    partial(_recording_of, run, each),
                    rootdir=run.rootdir,
                    mode=mode,
                    redactor=_redactor(run, each),
                )
                written.append(path)
            except OSError as error:
                run.blame(unwritable(each.where, each.log, _words(error, run.rootdir)))
    return tuple(written)


def to_plain(audits: Iterable[Audited]) -> list[dict[str, Any]]:
    """What execnet can carry."""
    return cast("list[dict[str, Any]]", msgspec.to_builtins(list(audits)))


def learn_audits(run: Run, plain: object) -> None:
    """What a worker has collected; every one has collected the same."""
    known = {each.log: each for each in run.audits}
    for each in msgspec.convert(plain, list[Audited], strict=True):
        known.setdefault(each.log, each)
    run.audits[:] = known.values()


def _runs(row: Result) -> Iterator[Result]:
    """`row`, or each of the runs that made it, as far as a log asks for it."""
    if not row.attempts:
        yield row
    for run in row.attempts:
        planned = replace(row.planned, nodeid=run.nodeid, id=name_of_run(row.planned.id, run.number))
        yield replace(row, planned=planned, status=run.status, transcript=run.transcript, attempts=())


def _redactor(run: Run, audited: Audited) -> Redactor | None:
    """None in a replay, which has nothing but recordings."""
    if not run.settings.live:
        return None
    return redactor_for(
        secrets=secrets_of(os.environ, allowed=audited.env).values,
        patterns=run.settings.redact,
        where="ini subagents_redact",
    )


def _recording_of(run: Run, audited: Audited, row: Result) -> Recording | None:
    live = None
    if run.folder is not None and run.settings.live:
        live = LiveRun(folder=run.folder, earlier=run.earlier)
    return judged_recording(row, audited.recordings[row.planned.nodeid], rootdir=run.rootdir, live=live)


def _reports(run: Run) -> tuple[Path, ...]:
    return (run.settings.report_dir / "report.json", *run.settings.reports)


def _words(error: OSError, rootdir: Path) -> str:
    words = error.strerror or str(error)
    found = Path(os.fsdecode(error.filename)) if error.filename else rootdir
    inside = found != rootdir and found.is_relative_to(rootdir)
    return f"{words} ({found.relative_to(rootdir).as_posix()})" if inside else words
