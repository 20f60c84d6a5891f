"""`run:` criteria as they are run: in their folder, in time, and what they print is kept without its secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_subagents.conduct.check_reasons import fresh_reasons, recorded_reasons
from pytest_subagents.conduct.checks import run_checks
from pytest_subagents.model import limits
from pytest_subagents.model.outcome import CheckRecord
from pytest_subagents.model.spec import Criterion, Subagent
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.transcript.meta import RecordingMeta, meta_bytes, read_meta
from pytest_subagents.transcript.redaction.redactor import redactor_for

SECRET = "hunter2hunter2"


def ran(tmp_path: Path, *commands: str, timeout: float | None = None, stop: Stop | None = None) -> list[CheckRecord]:
    subagent = Subagent(id="a", success_criteria=tuple(Criterion(run=each, timeout=timeout) for each in commands))
    folders = {name: tmp_path / name for name in ("work", "kept", "homes")}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    records = run_checks(
        subagent,
        workspace=folders["work"],
        rootdir=folders["work"],
        folder=folders["kept"],
        homes=folders["homes"],
        environ={**os.environ, "DEPLOY_TOKEN": SECRET},
        stop=stop or Stop(),
        redactor=redactor_for(secrets=[SECRET], workspaces=[str(folders["work"])]),
    )
    return list(records)


def test_what_it_prints_is_kept_in_order_and_without_secrets(tmp_path: Path) -> None:
    records = ran(tmp_path, f"pwd; echo first; echo {SECRET} >&2; echo 'last  '; exit 3", "env", "echo fine")
    assert [record.exit_code for record in records] == [3, 0, 0]
    assert records[0].output == "<workspace>\nfirst\n<redacted>\nlast"
    assert records[2].output == ""
    kept = tmp_path / "kept"
    assert (kept / "check-1/output.txt").read_text() == "<workspace>\nfirst\n<redacted>\nlast  \n"
    assert "DEPLOY_TOKEN" not in (kept / "check-2/output.txt").read_text()
    assert sorted(path.name for path in (kept / "check-1").iterdir()) == ["end.json", "output.txt"]


def test_one_that_does_not_end_is_stopped_and_says_so(tmp_path: Path) -> None:
    (record,) = ran(tmp_path, "echo begun; sleep 60", timeout=0.2)
    assert record.exit_code == 124
    assert record.output == "begun\nit was stopped after 0.2 s, its timeout"


def test_of_much_output_the_end_is_told(tmp_path: Path) -> None:
    (record,) = ran(tmp_path, "seq 20000; echo the end; false")
    assert record.exit_code == 1
    assert len(record.output) == limits.CHECK_TAIL_CHARS
    assert record.output.endswith("20000\nthe end")


def test_after_a_stop_nothing_more_is_run(tmp_path: Path) -> None:
    stop = Stop()
    stop.ask("enough")
    assert ran(tmp_path, "true", stop=stop) == []


def test_a_failure_is_recorded_with_the_end_of_its_output() -> None:
    record = CheckRecord(run="make", exit_code=2, output="a\n\n b \nc\nd\n")
    meta = read_meta(meta_bytes(RecordingMeta(checks={"make": record})))
    assert isinstance(meta, RecordingMeta)
    assert meta.checks == {"make": record}
    subagent = Subagent(
        id="a", success_criteria=(Criterion(run="make"), Criterion(text="prose"), Criterion(run="lint"))
    )
    failed, missing = recorded_reasons(subagent, meta)
    assert failed.message == "'make' exited with 2 when it was recorded: b | c | d"
    assert missing.message == "no result of 'lint' was recorded"
    assert "--subagents-checks=run" in str(missing.hint)


@pytest.mark.parametrize("output", ["", "x" * 10_000])
def test_a_fresh_failure_names_the_file_of_its_output(output: str) -> None:
    subagent = Subagent(
        id="a", success_criteria=(Criterion(run="true"), Criterion(run="false"), Criterion(run="never"))
    )
    records = [CheckRecord(run="true", exit_code=0), CheckRecord(run="false", exit_code=1, output=output)]
    failed, unrun = fresh_reasons(subagent, records, kept=".subagents/latest/a")
    assert failed.kind == "checks"
    assert failed.message.startswith("'false' exited with 1")
    assert len(failed.message) <= limits.MESSAGE_CHARS
    assert failed.hint == "all that it printed: .subagents/latest/a/check-2/output.txt"
    assert unrun.message == "'never' was not run to its end: the run was stopped"
