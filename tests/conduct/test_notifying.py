"""The command that is told of an event: what it gets, and what becomes of its failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_subagents.conduct.notifying import Telling, tell
from pytest_subagents.model import limits
from pytest_subagents.model.spec import Notify
from pytest_subagents.transcript.redaction.redactor import redactor_for

SECRET = "hunter2hunter2"


def telling(tmp_path: Path, command: str, *env: str) -> Telling:
    for name in ("run", "homes", "root"):
        (tmp_path / name).mkdir(exist_ok=True)
    return Telling(
        notify=Notify(run=command, env=env),
        rootdir=tmp_path / "root",
        folder=tmp_path / "run",
        homes=tmp_path / "homes",
        environ={"PATH": "/usr/bin:/bin", "HOOK": SECRET, "OTHER_KEY": "another secret"},
        redactor=redactor_for(secrets=[SECRET]),
    )


def test_it_gets_the_event_without_secrets_and_the_variables_that_are_named(tmp_path: Path) -> None:
    command = 'cat > told.json; echo "$HOOK|$OTHER_KEY|$HOME" > env.txt; pwd > pwd.txt; echo $HOOK'
    assert tell(telling(tmp_path, command, "HOOK"), f'{{"message": "it said {SECRET}"}}\n') is None
    root = tmp_path / "root"
    assert (root / "told.json").read_text() == '{"message": "it said <redacted>"}\n'
    assert (root / "env.txt").read_text() == f"{SECRET}||{tmp_path}/homes/home\n"
    assert (root / "pwd.txt").read_text() == f"{root}\n"
    kept = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert {path.name for path in kept} == {"event.json", "end.json"}
    assert not [path for path in kept if SECRET in path.read_text()]
    assert list((tmp_path / "homes").iterdir()) == []
    assert tell(telling(tmp_path, "true"), "{}") is None
    assert (tmp_path / "run/notify-2").is_dir()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo a >&2; echo no $HOOK >&2; exit 7", "it exited with 7: no <redacted>"),
        ("exit 3", "it exited with 3"),
        ("sleep 60", "it was stopped after 0.2 s"),
        ("kill -9 $$", "it exited with -9"),
    ],
)
def test_a_failure_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, words: str
) -> None:
    monkeypatch.setattr(limits, "NOTIFY_SECONDS", 0.2)
    assert tell(telling(tmp_path, command, "HOOK"), "{}") == words


def test_what_is_private_to_each_run_does_not_pass(tmp_path: Path) -> None:
    assert tell(telling(tmp_path, "true", "HOME"), "{}") == "notify.env: HOME is private to each run"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    made = telling(tmp_path, "true")
    (tmp_path / "run").rmdir()
    assert tell(made, "{}") == "no such file or directory"
