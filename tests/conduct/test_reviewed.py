"""When a diff waits for a person: by its real changes and its recorded patch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from a_patch import changed_line, new_binary, new_file
from builders import a_planned, a_result
from recorded import result_contract

from pytest_subagents.conduct.assignment import Assignment, Team
from pytest_subagents.conduct.reviewed import reviewed
from pytest_subagents.model.outcome import Change, Outcome
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Review, Subagent
from pytest_subagents.runners.interface import Run
from pytest_subagents.transcript.approvals import Approval, digest_of
from pytest_subagents.transcript.store import Recording

PATCH = changed_line("src/a.py") + new_file("db/1.sql", ["1", "2", "3"])
CHANGES = (Change(path="db/1.sql", kind="add"), Change(path="src/a.py", kind="update"))
RUN = Run(outcome=Outcome(), changes=CHANGES, patch=PATCH)


def judged(review: Review, run: Run = RUN, *, approved: bytes | None = None, **result: Any) -> Result:
    approvals = {"fix": Approval(agent="fix", digest=digest_of(approved))} if approved is not None else {}
    assignment = Assignment(
        subagent=Subagent(id="fix"),
        planned=a_planned("fix"),
        contract=result_contract(),
        recording=Recording(transcript="fix.jsonl"),
        team=Team(review=review, approvals=approvals),
    )
    return reviewed(a_result("fix", **result), assignment, run)


def messages(result: Result) -> list[str]:
    return [reason.message for reason in result.reasons if reason.kind == "review"]


@pytest.mark.parametrize(
    ("globs", "words"),
    [
        (("db",), "it changes db/1.sql, which a person must approve (files_matching)"),
        (("**/*.sql", "**/*.py"), "it changes db/1.sql, src/a.py, which a person must approve (files_matching)"),
        (("infra/", "db/2*"), ""),
    ],
)
def test_files(globs: tuple[str, ...], words: str) -> None:
    result = judged(Review(files_matching=globs))
    assert messages(result) == ([words] if words else [])
    assert result.status == ("partial" if words else "success")


@pytest.mark.parametrize(("most", "waits"), [(0, True), (4, True), (5, False)])
def test_lines_that_are_added_and_removed_count(most: int, waits: bool) -> None:
    result = judged(Review(lines_changed_above=most))
    assert messages(result) == (
        [f"it changes 5 lines; more than {most} need a person's approval (lines_changed_above)"] if waits else []
    )


def test_a_binary_file_is_over_every_number_of_lines() -> None:
    run = replace(RUN, patch=new_binary("a.bin"))
    (message,) = messages(judged(Review(lines_changed_above=10**6), run))
    assert message.startswith("it changes a binary file, whose lines cannot be counted")


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.69, "the confidence of its answer is 0.69; below 0.7 "),
        (0, "the confidence of its answer is 0; below 0.7 "),
        (0.7, None),
        (1, None),
        (None, "its answer has no 'confidence'; "),
        ("high", "the 'confidence' of its answer is no number from 0 to 1; "),
        (True, "the 'confidence' of its answer is no number from 0 to 1; "),
        (90, "the 'confidence' of its answer is no number from 0 to 1; "),
    ],
)
def test_confidence(confidence: object, words: str | None) -> None:
    answer = {"status": "success"} | ({} if confidence is None else {"confidence": confidence})
    found = messages(judged(Review(confidence_below=0.7), answer=answer))
    assert [message.startswith(str(words)) for message in found] == ([True] if words else [])


def test_every_reason_is_told_and_what_to_do_once() -> None:
    result = judged(Review(files_matching=("db/",), lines_changed_above=1, confidence_below=0.5))
    assert [reason.hint for reason in result.reasons] == [
        None,
        None,
        "look at it: subagents diff fix; approve it: subagents approve fix",
    ]


def test_an_approval_is_of_one_diff() -> None:
    review = Review(files_matching=("db/",), any_conflict=True)
    assert judged(review, approved=PATCH) == a_result("fix")
    other = judged(review, approved=PATCH + b"\n")
    assert other.status == "partial"
    assert str(other.reasons[-1].hint).startswith("another diff of it was approved, not this one; ")
    assert other.on_conflict is not None


def test_who_changed_nothing_waits_for_nobody() -> None:
    everything = Review(files_matching=("**",), confidence_below=1, lines_changed_above=0, any_conflict=True)
    for run in (replace(RUN, changes=(), patch=b""), Run(outcome=Outcome())):
        assert judged(everything, run, answer={}) == a_result("fix", answer={})


def test_without_a_patch_nothing_can_be_approved() -> None:
    run = Run(outcome=Outcome(changes=CHANGES))
    result = judged(Review(lines_changed_above=100), run, approved=b"")
    (message,) = messages(result)
    assert message.startswith("how many lines it changes is not known")
    assert result.reasons[-1].hint == "record it again: without a recorded patch there is nothing to approve"


def test_a_failure_stays_one() -> None:
    result = judged(Review(files_matching=("db/",)), kind="scope")
    assert (result.status, [reason.kind for reason in result.reasons]) == ("failed", ["scope", "review"])
