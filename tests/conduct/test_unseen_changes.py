"""Those who write start from HEAD; what stands in the checkout besides is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from builders import a_planned
from repositories import ARepository

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.places_checked import Places
from pytest_subagents.contract.loading import Contracts
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import RESULT, Subagent
from pytest_subagents.transcript.store import Recording


def _assignment(id: str, *write: str) -> Assignment:
    return Assignment(
        subagent=Subagent(id=id, scope=Scope(write=write)),
        planned=a_planned(id),
        contract=Contracts().get(RESULT),
        recording=Recording(transcript=""),
    )


def _told(root: Path, *assignments: Assignment) -> tuple[str, ...]:
    ours = (root / "artifacts/subagents", root / ".subagents", root / "recordings/team")
    places = Places(running=assignments, beneath=lambda nodeid: (), rootdir=root, environ=os.environ, ours=ours)
    return places.words()


@pytest.fixture
def repository(tmp_path: Path) -> ARepository:
    return ARepository(tmp_path / "repository")


def test_a_clean_checkout_and_one_with_our_own_files_are_not_worth_a_word(repository: ARepository) -> None:
    fix = _assignment("fix", "src/")
    assert _told(repository.path, fix) == ()
    for name in ("artifacts/subagents/report.json", ".subagents/x", "recordings/team/a.jsonl"):
        repository.write(name, "ours")
    assert _told(repository.path, fix) == ()


def test_each_number_has_its_words(repository: ARepository) -> None:
    one, two, reader = _assignment("one", "src/"), _assignment("two", "tests/"), _assignment("reader")
    repository.write("a.txt", "two\n")
    assert _told(repository.path, one, reader) == ("one starts from HEAD and does not see 1 uncommitted change: a.txt",)
    for number in range(3):
        repository.write(f"new{number}.txt", "new\n")
    assert _told(repository.path, one, two) == (
        "one, two start from HEAD and do not see 4 uncommitted changes: a.txt, new0.txt, new1.txt, …",
    )
    assert _told(repository.path, reader) == ()


def test_where_there_is_no_repository_something_else_says_so(tmp_path: Path) -> None:
    assert _told(tmp_path, _assignment("one", "src/")) == ()
