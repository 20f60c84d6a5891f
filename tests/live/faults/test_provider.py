"""The provider fails, in all its ways at once: each row fails with its reason, after as many tries as were asked for.

One run for each vendor, since the programs take longer to start than to fail: every part meets a fault of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fault_table import CLIS
from live.faults.cast import Answers, Meets, Part, Play, Theatre, make_play
from live.faults.claims import claims
from live.faults.stage import MARK, Running
from model_servers.faults import CutOff, Fault, HttpError, Silence
from model_servers.pointing import KEY, home_and_env

from pytest_subagents.vendors.reading import read_transcript

GOOD: Final = b"a good recording of another day\n"
SOON: Final = "a scripted error; try again in 0 seconds"
"""What most programs repeat, so that we need not wait. Codex keeps it for itself, and we wait as without a hint."""
NOBODY: Final = "http://127.0.0.1:9"
"""The port of the discard service, on which nothing listens in our namespace."""
ITS_OWN: Final = 5
"""So often OpenCode itself tries again, whatever it is told."""
BOTH: Final = {"rate_limit": 1, "provider_error": 1}
SOON_IDLE: Final = {"timeout": "90s", "idle_timeout": "12s"}
"""Longer than a program takes for anything on a busy machine."""


@claims(
    "no-key",
    "http-401",
    "http-429-once",
    "http-429-for-ever",
    "http-500-for-ever",
    "connection-refused",
    "silent-server",
    "stream-cut",
    vendors=CLIS,
)
def test_whoever_meets_a_provider_that_fails_fails_alone(vendor: str, theatre: Theatre) -> None:
    """Ours is the one layer that tries again, but for OpenCode's own, which cannot be switched off: six requests for
    each of our tries, told on standard error only. Codex would wait for a network for ever, and Claude Code and Gemini
    CLI try for minutes; they are told not to. Where an answer ends too early, but in order, Gemini CLI reports success
    with half of a message, and OpenCode takes its next step at once, and so on: `max_turns` ends that."""
    play = make_play(theatre, vendor, *_parts(vendor), execution={"max_concurrent_agents": 3})
    _write_nobody(vendor, play.stage.folder / ".ci" / "nobody")
    for part in play.parts:
        play.stage.recording(part.id).parent.mkdir(parents=True, exist_ok=True)
        play.stage.recording(part.id).write_bytes(GOOD)
    running = play.stage.run("-n", "3")
    assert running.wait() == 1, running.said
    assert KEY not in running.said
    ran = Ran(vendor, play, running)
    assert {id: ran.outcome(id) for id in play.stage.rows()} == _expected(vendor)

    ran.check("refused", ["turn", "HttpError 401"])
    once = ["turn", "HttpError 429", "turn"]
    ran.check("limited-once", once if vendor == "opencode" else [*once, "turn"], tries=1 if vendor == "opencode" else 2)
    assert ran.recorded("limited-once").failure is None
    ran.check("limited", ["turn", *ran.again("HttpError 429")] * 2, tries=2)
    tries = 1 if vendor == "opencode" else 2
    ran.check("down", ["turn", *ran.again("HttpError 500")] * tries, tries=tries)
    ran.check("silent", ["turn", "Silence"])
    assert (ran.row("silent")["exit_code"] == 0) is (vendor == "gemini")
    if vendor == "opencode":
        came = ran.requests("cut")
        ran.check("cut", ["turn", *["CutOff"] * (len(came) - 1)])
        assert len(came) > 2
        logged = ran.row("cut")["diagnostics"]["stderr_tail"]  # on a busy machine it may not have come so far
        assert ("closed unexpectedly" in ran.reason("cut").get("hint", "")) is ("closed unexpectedly" in logged)
    else:
        ran.check("cut", ["turn", "CutOff"] * 2, tries=2)
    if vendor in ("gemini", "opencode"):
        ran.check_transcripts("ended-early", tries=1)
    if vendor == "gemini":
        assert ran.row("ended-early")["exit_code"] == 0

    # OpenCode asks the provider; the others know by themselves.
    assert len(ran.requests("keyless")) == (1 if vendor == "opencode" else 0)
    assert ran.requests("unreached") == []
    stream = running.kept("unreached") / "stream.jsonl"
    if vendor == "opencode":
        assert "Unable to connect" in ran.reason("unreached")["hint"]
        assert stream.read_bytes() == b""
    else:
        assert read_transcript(stream).failure is not None
    play.check_nothing_left()


def _parts(vendor: str) -> tuple[Part, ...]:
    slow = vendor == "opencode"
    nobody = {"vendors": {vendor: {"env": [MARK, *_key_names(vendor)], "home": ".ci/nobody"}}}
    keyless = {"vendors": {vendor: {"env": [MARK, *_other_names(vendor)]}}, "retries": BOTH}
    limited_once = HttpError(status=429, message=SOON, retry_after=0)
    unknown = HttpError(status=401, times=None)
    parts = [
        _meets("refused", HttpError(status=401, times=None), retries=BOTH),
        _meets("limited-once", limited_once, retries={"rate_limit": 2}),
        _meets("limited", _always(429), retries={"rate_limit": 1, "provider_error": 3}),
        _meets("down", _always(500), retries={"rate_limit": 3, **({} if slow else {"provider_error": 1})}),
        _meets("silent", Silence(times=None), limits=SOON_IDLE, retries={"provider_error": 1}),
        _meets("cut", CutOff(times=None), **({"limits": SOON_IDLE} if slow else {"retries": {"provider_error": 1}})),
        Part(id="keyless", does=Meets(faults=(unknown,), key=False), keys=keyless),
        Part(id="unreached", keys={**nobody, **({"limits": {"timeout": "25s"}} if slow else {})}),
        Part(id="healthy", does=Answers()),
    ]
    if vendor in ("gemini", "opencode"):
        parts.append(_meets("ended-early", CutOff(how="end", times=None), limits={"max_turns": 5}))
    return tuple(parts)


def _expected(vendor: str) -> dict[str, tuple[str, str | None]]:
    """Status and reason of each row."""
    slow = vendor == "opencode"
    rows: dict[str, tuple[str, str | None]] = {
        "refused": ("failed", "auth"),
        "limited-once": ("success", None),
        "limited": ("failed", "rate_limit"),
        "down": ("failed", "provider_error"),
        "silent": ("failed", "idle_timeout"),
        "cut": ("failed", "idle_timeout" if slow else "provider_error"),
        "keyless": ("failed", "auth"),
        "unreached": ("failed", "timeout, no_protocol" if slow else "provider_error"),
        "healthy": ("success", None),
    }
    match vendor:
        case "gemini":
            rows["ended-early"] = ("failed", "not_json")
        case "opencode":
            rows["ended-early"] = ("failed", "turn_limit")
    return rows


def _meets(id: str, fault: Fault, **keys: Any) -> Part:
    return Part(id=id, does=Meets(faults=(fault,)), keys=keys)


def _always(status: int) -> HttpError:
    return HttpError(status=status, message=SOON, retry_after=0, times=None)


@dataclass(frozen=True, slots=True)
class Ran:
    """A run, and questions about each part of it."""

    vendor: str
    play: Play
    running: Running

    def row(self, id: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.play.stage.rows()[id]
        return found

    def reason(self, id: str) -> Mapping[str, str]:
        found: Mapping[str, str] = self.row(id)["reasons"][0]
        return found

    def outcome(self, id: str) -> tuple[str, str | None]:
        """Status and the kinds of its reasons."""
        kinds = [reason["kind"] for reason in self.row(id)["reasons"]]
        return self.row(id)["status"], ", ".join(kinds) or None

    def requests(self, id: str) -> list[str]:
        """How each request of this part was answered."""
        assert self.play.server is not None
        number = [part.id for part in self.play.parts].index(id)
        return [exchange.answered for exchange in self.play.server.exchanges if exchange.script == number]

    def again(self, answered: str) -> list[str]:
        """What one try of ours comes to where every request is answered like this."""
        return [answered] * (1 + (ITS_OWN if self.vendor == "opencode" else 0))

    def recorded(self, id: str) -> Any:
        return read_transcript(self.play.stage.recording(id))

    def check(self, id: str, requests: list[str], *, tries: int = 1) -> None:
        """These requests were made, the transcripts are complete, and only a success has taken the old one's place."""
        assert self.requests(id) == requests, id
        self.check_transcripts(id, tries=tries)
        if self.row(id)["status"] == "success":
            assert self.recorded(id).final is not None
        else:
            assert self.play.stage.recording(id).read_bytes() == GOOD, id

    def check_transcripts(self, id: str, *, tries: int) -> None:
        """That of each try stands in a folder of its own, with the tool call that was before the fault."""
        self.play.check_transcript(self.running, id)
        first = self.running.kept(id)
        retries = [first / f"retry-{number}" for number in range(1, tries)]
        streams = sorted(first.rglob("stream.jsonl"))
        assert streams == sorted(folder / "stream.jsonl" for folder in (first, *retries))
        for stream in streams:
            assert _tools(stream) > 0, stream


def _tools(stream: Path) -> int:
    return sum(count for name, count in read_transcript(stream).events if name in ("Command", "ToolCall"))


def _key_names(vendor: str) -> list[str]:
    return [name for name, value in home_and_env(vendor, NOBODY).env.items() if value == KEY]


def _other_names(vendor: str) -> list[str]:
    return [name for name, value in home_and_env(vendor, NOBODY).env.items() if value != KEY]


def _write_nobody(vendor: str, home: Path) -> None:
    """The vendor's own configuration, which says that the provider is where nobody listens."""
    files = dict(home_and_env(vendor, NOBODY).files)
    match vendor:
        case "claude":
            files["settings.json"] = json.dumps({"env": {"ANTHROPIC_BASE_URL": NOBODY}})
        case "gemini":
            files[".env"] = f"GOOGLE_GEMINI_BASE_URL={NOBODY}\n"
    home.mkdir(parents=True)
    for name, text in files.items():
        (home / name).write_text(text, encoding="utf-8")
