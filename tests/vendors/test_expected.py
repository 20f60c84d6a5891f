"""Every recording of a real run gets the status and a reason that a person gave it."""

from __future__ import annotations

import pytest
from recorded import RECORDINGS, judged, kinds, process_of, recording

from pytest_subagents.vendors.reading import read_transcript

ROWS = [
    line.split("\t")
    for line in (RECORDINGS / "expected.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def test_every_recording_is_expected_to_be_something() -> None:
    named = {row[0] for row in ROWS}
    found = {
        f"{path.parent.name}/{path.stem}"
        for path in RECORDINGS.glob("*/*.jsonl")
        if path.parent.name != "codex-sessions"
    }
    assert len(named) == 201
    # Ignored SIGTERM and ended well: a person could call it either.
    assert found - named == {"gemini/13_sigterm"}


@pytest.mark.parametrize(("name", "status", "reasons"), ROWS, ids=[row[0] for row in ROWS])
def test_the_status_and_a_reason_are_the_expected_ones(name: str, status: str, reasons: str) -> None:
    found, given = judged(recording(name), process_of(name))
    assert found == status, given
    if reasons != "-":
        assert set(kinds(given)) & set(reasons.split("|")), given


@pytest.mark.parametrize("name", [row[0] for row in ROWS if row[1] != "success"])
def test_every_reason_says_something_in_one_line(name: str) -> None:
    _, given = judged(recording(name), process_of(name))
    for reason in given:
        assert reason.message
        assert "\n" not in reason.message
        assert len(reason.message) <= 500


@pytest.mark.parametrize("name", [row[0] for row in ROWS])
def test_metadata_never_raises_a_status(name: str) -> None:
    order = ["success", "partial", "failed"]
    with_meta, _ = judged(recording(name), process_of(name))
    without, _ = judged(recording(name))
    assert order.index(without) <= order.index(with_meta)


@pytest.mark.parametrize("name", [row[0] for row in ROWS if not row[2].endswith("no_protocol") and row[2] != "launch"])
def test_no_line_of_a_stream_is_lost(name: str) -> None:
    outcome = read_transcript(recording(name))
    if outcome.spoke:
        assert (outcome.unreadable, outcome.foreign) == (0, 0)
        assert len(outcome.dialects) == 1
        assert dict(outcome.events).get("Unknown", 0) == 0


def test_a_run_that_ignored_its_signal_and_ended_well_is_partial() -> None:
    status, reasons = judged(recording("gemini/13_sigterm"), process_of("gemini/13_sigterm"))
    assert (status, kinds(reasons)) == ("partial", ["killed"])
