"""The controller's end for a worker elsewhere: what it believes of what it is asked."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_subagents.glue.machines.depot import Depot
from pytest_subagents.glue.machines.files import parts_of
from pytest_subagents.glue.machines.sameness import own_version, source_digest
from pytest_subagents.glue.options import Settings
from pytest_subagents.glue.run import Run


class Place:
    """A project with a run directory, and a depot that says to a list what it has to say."""

    def __init__(self, folder: Path) -> None:
        self.rootdir, self.run_folder = folder / "project", folder / "project/.subagents/runs/1"
        self.run_folder.mkdir(parents=True)
        run = Run(
            settings=cast(Settings, SimpleNamespace(live=False, works=False)), rootdir=self.rootdir, cwd=self.rootdir
        )
        run.folder = self.run_folder
        self.said: list[dict[str, Any]] = []
        self.depot = Depot(run, "ssh=host", send=self.said.append)

    def ask(self, kind: str, **more: object) -> list[dict[str, Any]]:
        """What it says to that."""
        self.said.clear()
        self.depot.take({"kind": kind, **more})
        return list(self.said)

    def hello(self, **more: object) -> dict[str, Any]:
        told = {"version": own_version(), "commit": None, "sources": {}, "recordings": {}, **more}
        return self.ask("hello", **told)[-1]

    def bring(self, name: str, data: bytes) -> None:
        for part in parts_of(io.BytesIO(data), name):
            self.depot.take(part)

    def files(self) -> dict[str, bytes]:
        """In the project, but for the run directory."""
        found = sorted(path for path in self.rootdir.rglob("*") if path.is_file())
        return {
            path.relative_to(self.rootdir).as_posix(): path.read_bytes()
            for path in found
            if not path.is_relative_to(self.run_folder)
        }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_another_version_is_told_and_nothing_more(place: Place) -> None:
    (mistake,) = place.hello(version="0.0.1", sources={"a.yaml": "x"})["mistakes"]
    assert mistake[0] == "ssh=host"
    assert mistake[1] == f"it has pytest-subagents 0.0.1, and this process {own_version()}"


@pytest.mark.parametrize("name", ["../outside.yaml", "/etc/hosts", "missing.yaml", "changed.yaml"])
def test_a_source_that_is_not_the_same_is_told(place: Place, name: str) -> None:
    (place.rootdir / "changed.yaml").write_text("here")
    (place.rootdir.parent / "outside.yaml").write_text("x")
    digest = source_digest(place.rootdir / name) if name != "changed.yaml" else "0" * 64
    assert [mistake[0] for mistake in place.hello(sources={name: digest or "0"})["mistakes"]] == [name]


def test_the_same_source_is_no_mistake(place: Place) -> None:
    (place.rootdir / "a.yaml").write_text("same")
    assert place.hello(sources={"a.yaml": source_digest(place.rootdir / "a.yaml")})["mistakes"] == []


def test_recordings_that_differ_are_sent_before_the_welcome(place: Place) -> None:
    folder = place.rootdir / "recordings/t"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_bytes(b"{}\n")
    (folder / "a.meta.json").write_bytes(b"{}")
    answers = place.ask(
        "hello", version=own_version(), sources={}, commit=None, recordings={"recordings/t/a.jsonl": ""}
    )
    assert [part["name"] for part in answers[:-1]] == [
        "recordings/recordings/t/a.jsonl",
        "recordings/recordings/t/a.meta.json",
    ]
    assert answers[-1]["sent"] == ["recordings/t/a.jsonl"]


@pytest.mark.parametrize("name", ["../secret.jsonl", "/etc/passwd", "link/secret.jsonl", "secret.txt"])
def test_nothing_but_recordings_of_the_project_is_sent(place: Place, name: str) -> None:
    outside = place.rootdir.parent
    (outside / "secret.jsonl").write_text("secret")
    (place.rootdir / "secret.txt").write_text("secret")
    (place.rootdir / "link").symlink_to(outside)
    answers = place.ask("hello", version=own_version(), sources={}, commit=None, recordings={name: ""})
    assert [answer["kind"] for answer in answers] == ["welcome"]
    assert answers[0]["sent"] == []


def test_a_recording_that_is_only_there_is_none(place: Place) -> None:
    """It is told as sent: the worker is to believe what has come, which is nothing."""
    answers = place.ask(
        "hello", version=own_version(), sources={}, commit=None, recordings={"recordings/a.jsonl": "0" * 64}
    )
    assert [answer["kind"] for answer in answers] == ["welcome"]
    assert answers[0]["sent"] == ["recordings/a.jsonl"]


@pytest.mark.parametrize(
    ("candidate", "recording"),
    [
        ("../../../../outside", "recordings/a.jsonl"),
        ("/etc", "recordings/a.jsonl"),
        ("a", "../a.jsonl"),
        ("a", "/tmp/a.jsonl"),
        ("", "recordings/a.jsonl"),
    ],
)
def test_nothing_is_published_from_or_to_outside(place: Place, candidate: str, recording: str) -> None:
    place.bring("a/recording.jsonl", b"{}\n")
    (answer,) = place.ask("publish", candidate=candidate, recording=recording)
    assert answer["fault"] is not None
    assert place.files() == {}
    assert [path.name for path in place.rootdir.parent.iterdir()] == ["project"]


def test_what_has_not_arrived_whole_is_not_published(place: Place) -> None:
    (place.run_folder / "a").write_text("a file, where a folder must be")
    place.bring("a/recording.jsonl", b"{}\n")
    (answer,) = place.ask("publish", candidate="a", recording="recordings/a.jsonl")
    assert answer["fault"] == ("it could not be recorded: it is a link or no folder", None)
    assert place.files() == {}


def test_no_run_before_has_finished_anything(place: Place) -> None:
    assert place.ask("finished", nodeid="a", specification="0") == [{"kind": "finished", "folder": None}]


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ({"kind": "hello"}, "welcome"),
        ({"kind": "hello", "version": own_version(), "sources": [], "recordings": {}, "commit": None}, "welcome"),
        ({"kind": "publish", "candidate": 3, "recording": "x"}, "published"),
        ({"kind": "finished"}, "finished"),
        ({"kind": "file", "name": 3}, None),
    ],
)
def test_who_asks_in_another_shape_is_answered_too(place: Place, message: dict[str, Any], answer: str | None) -> None:
    """It would wait for ever."""
    assert place.depot.takes(message)
    place.depot.take(message)
    assert [said["kind"] for said in place.said] == ([answer] if answer else [])
    assert not any(said.get("folder") or said.get("sent") for said in place.said)
    assert all(said.get("mistakes", True) and said.get("fault", True) for said in place.said)
    assert place.files() == {}


def test_messages_of_others_are_not_taken(place: Place) -> None:
    assert not place.depot.takes({"kind": "result"})
    assert not place.depot.takes({})
