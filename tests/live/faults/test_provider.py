"""The provider fails: one row fails with the reason, after as many tries as were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fault_table import fault
from live.faults.cast import Answers, Meets, Part, Play, Theatre, make_play
from live.faults.stage import Running
from model_servers.faults import CutOff, Fault, HttpError, Silence

from pytest_subagents.vendors.reading import read_transcript

GOOD: Final = b"a good recording of another day\n"
SOON: Final = "a scripted error; try again in 0 seconds"
"""What most programs repeat, so that we need not wait. Codex keeps it for itself, and we wait as without a hint."""
ITS_OWN: Final = 5
"""So often OpenCode itself tries again, whatever it is told."""


def once_limited() -> HttpError:
    return HttpError(status=429, message=SOON, retry_after=0)


def always(status: int) -> HttpError:
    return HttpError(status=status, message=SOON, retry_after=0, times=None)


def act(theatre: Theatre, vendor: str, *faults: Fault, **keys: Any) -> tuple[Play, Running]:
    """A run in which `sick` meets `faults` and `healthy` does not; `sick` has been recorded before."""
    play = make_play(
        theatre, vendor, Part(id="sick", does=Meets(faults=faults), keys=keys), Part(id="healthy", does=Answers())
    )
    play.stage.recording("sick").parent.mkdir(parents=True)
    play.stage.recording("sick").write_bytes(GOOD)
    running = play.stage.run()
    assert play.stage.rows()["healthy"]["status"] == "success", running.said
    assert play.stage.recording("healthy").exists()
    play.check_nothing_left()
    return play, running


def check_failed(play: Play, running: Running, kind: str, *, tries: int = 1) -> Mapping[str, Any]:
    """The sick one failed for this reason, its transcripts are complete, and the old recording is untouched."""
    assert running.wait() == 1, running.said
    row: Mapping[str, Any] = play.stage.rows()["sick"]
    assert row["status"] == "failed", row
    assert [reason["kind"] for reason in row["reasons"]] == [kind], row["reasons"]
    assert play.stage.recording("sick").read_bytes() == GOOD
    check_transcripts(play, running, tries=tries)
    return row


def check_transcripts(play: Play, running: Running, *, tries: int) -> None:
    """That of each try stands in a folder of its own, with the tool call that was before the fault."""
    play.check_transcript(running, "sick")
    first = running.kept("sick")
    streams = sorted(first.rglob("stream.jsonl"))
    assert streams == sorted([first / "stream.jsonl", *(first / f"retry-{n}/stream.jsonl" for n in range(1, tries))])
    for stream in streams:
        assert _tools(stream) > 0


def _tools(stream: Path) -> int:
    return sum(count for name, count in read_transcript(stream).events if name in ("Command", "ToolCall"))


def requests(play: Play) -> list[str]:
    """How each request of the sick one was answered."""
    assert play.server is not None
    return [exchange.answered for exchange in play.server.exchanges if exchange.script == 0]


def own_retries(vendor: str) -> int:
    return ITS_OWN if vendor == "opencode" else 0


@fault("http-401")
def test_a_key_that_is_refused_is_not_tried_again(vendor: str, theatre: Theatre) -> None:
    """One request, and the reason is `auth`. Were "try again" among its words, OpenCode would, whatever the status."""
    refused = HttpError(status=401, times=None)
    play, running = act(theatre, vendor, refused, retries={"rate_limit": 1, "provider_error": 1})
    check_failed(play, running, "auth")
    assert requests(play) == ["turn", "HttpError 401"]


@fault("http-429-once")
def test_a_rate_limit_that_passes_is_no_failure(vendor: str, theatre: Theatre) -> None:
    """One layer tries again: ours, or OpenCode's own, which cannot be switched off."""
    play, running = act(theatre, vendor, once_limited(), retries={"rate_limit": 2})
    assert running.wait() == 0, running.said
    assert play.stage.rows()["sick"]["status"] == "success"
    recorded = play.stage.recording("sick")
    if vendor == "opencode":
        assert requests(play) == ["turn", "HttpError 429", "turn"]
        check_transcripts(play, running, tries=1)
        assert read_transcript(recorded).final is not None
        return
    assert requests(play) == ["turn", "HttpError 429", "turn", "turn"]
    check_transcripts(play, running, tries=2)
    assert read_transcript(running.kept("sick") / "stream.jsonl").failure is not None
    outcome = read_transcript(recorded)
    assert outcome.final is not None
    assert outcome.failure is None


@fault("http-429-for-ever")
def test_a_rate_limit_that_stays_is_tried_as_often_as_asked_for(vendor: str, theatre: Theatre) -> None:
    """`retries` more tries, of one request each; of six with OpenCode."""
    play, running = act(theatre, vendor, always(429), retries={"rate_limit": 1, "provider_error": 3})
    check_failed(play, running, "rate_limit", tries=2)
    one_try = ["turn", *["HttpError 429"] * (1 + own_retries(vendor))]
    assert requests(play) == one_try * 2


@fault("http-500-for-ever")
def test_a_provider_that_is_down_is_tried_as_often_as_asked_for(vendor: str, theatre: Theatre) -> None:
    """`retries` more tries, of one request each; of six with OpenCode. Codex replaces the provider's words by its own,
    so that a hint when to try again is lost."""
    play, running = act(theatre, vendor, always(500), retries={"rate_limit": 3, "provider_error": 1})
    check_failed(play, running, "provider_error", tries=2)
    one_try = ["turn", *["HttpError 500"] * (1 + own_retries(vendor))]
    assert requests(play) == one_try * 2


@fault("stream-cut", "codex", "claude", "gemini")
def test_an_answer_that_breaks_off_is_tried_again(vendor: str, theatre: Theatre) -> None:
    """The connection is closed in the middle; what came before is not taken for an answer."""
    play, running = act(theatre, vendor, CutOff(times=None), retries={"provider_error": 1})
    check_failed(play, running, "provider_error", tries=2)
    assert requests(play) == ["turn", "CutOff"] * 2


@fault("stream-cut", "opencode")
def test_what_a_program_tries_again_in_silence_is_stopped(vendor: str, theatre: Theatre) -> None:
    """OpenCode waits longer from try to try, and says nothing of it on its stream."""
    play, running = act(theatre, vendor, CutOff(times=None), limits={"timeout": "60s", "idle_timeout": "8s"})
    row = check_failed(play, running, "idle_timeout")
    assert "closed unexpectedly" in row["reasons"][0]["hint"]
    came = requests(play)
    assert came == ["turn", *["CutOff"] * (len(came) - 1)]
    assert len(came) > 2


@fault("stream-cut", "gemini")
def test_a_cut_that_a_program_takes_for_an_end_is_no_answer(vendor: str, theatre: Theatre) -> None:
    """The answer ends in order, but too early: Gemini CLI reports success, with half of a message."""
    play, running = act(theatre, vendor, CutOff(how="end", times=None))
    assert running.wait() == 1, running.said
    row = play.stage.rows()["sick"]
    assert [reason["kind"] for reason in row["reasons"]] == ["not_json"], row
    assert row["exit_code"] == 0
    check_transcripts(play, running, tries=1)


@fault("stream-cut", "opencode")
def test_a_program_that_asks_again_for_ever_is_stopped(vendor: str, theatre: Theatre) -> None:
    """The answer ends in order, but too early: OpenCode takes its next step at once, and so on."""
    play, running = act(theatre, vendor, CutOff(how="end", times=None), limits={"max_turns": 5})
    assert running.wait() == 1, running.said
    row = play.stage.rows()["sick"]
    assert [reason["kind"] for reason in row["reasons"]] == ["turn_limit"], row
    check_transcripts(play, running, tries=1)


@fault("silent-server")
def test_a_provider_that_says_nothing_is_not_waited_for_for_ever(vendor: str, theatre: Theatre) -> None:
    """`limits.idle_timeout` ends it, whatever the program does then: Gemini CLI ends with exit code 0."""
    limits = {"timeout": "60s", "idle_timeout": "8s"}
    play, running = act(theatre, vendor, Silence(times=None), limits=limits, retries={"provider_error": 1})
    row = check_failed(play, running, "idle_timeout")
    assert requests(play) == ["turn", "Silence"]
    assert (row["exit_code"] == 0) is (vendor == "gemini")
