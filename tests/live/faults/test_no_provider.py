"""There is no way to a provider: no key, or nobody who listens. The other subagent has both, and is well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fault_table import fault
from live.faults.cast import Answers, Meets, Part, Play, Theatre, make_play
from live.faults.stage import MARK, Running
from model_servers.faults import HttpError
from model_servers.pointing import KEY, home_and_env

from pytest_subagents.vendors.reading import read_transcript

NOBODY: Final = "http://127.0.0.1:9"
"""The port of the discard service, on which nothing listens in our namespace."""


def run(play: Play) -> Running:
    good = b"a good recording of another day\n"
    play.stage.recording("sick").parent.mkdir(parents=True)
    play.stage.recording("sick").write_bytes(good)
    running = play.stage.run()
    assert running.wait() == 1, running.said
    rows = play.stage.rows()
    assert rows["healthy"]["status"] == "success", running.said
    assert rows["sick"]["status"] == "failed"
    assert play.stage.recording("sick").read_bytes() == good
    assert not list(running.kept("sick").glob("retry-*"))
    play.check_nothing_left()
    return running


def reason(play: Play) -> Mapping[str, str]:
    """The first one of the sick one's row."""
    found: Mapping[str, str] = play.stage.rows()["sick"]["reasons"][0]
    return found


def reached(play: Play) -> int:
    """How many requests of the sick one came to the provider."""
    assert play.server is not None
    return sum(exchange.script == 0 for exchange in play.server.exchanges)


@fault("no-key")
def test_a_missing_key_is_told_and_not_tried_again(vendor: str, theatre: Theatre) -> None:
    """The key is there, but not allowed through. A server that gets none answers as a provider does."""
    names = home_and_env(vendor, NOBODY).env
    keyless = {"env": [MARK, *(name for name, value in names.items() if value != KEY)]}
    keys = {"vendors": {vendor: keyless}, "retries": {"rate_limit": 1, "provider_error": 1}}
    sick = Meets(faults=(HttpError(status=401, times=None),), key=False)
    play = make_play(theatre, vendor, Part(id="sick", does=sick, keys=keys), Part(id="healthy", does=Answers()))
    running = run(play)
    assert reason(play)["kind"] == "auth"
    # OpenCode asks the provider; the others know by themselves.
    assert reached(play) == (1 if vendor == "opencode" else 0)
    assert KEY not in running.said


@fault("connection-refused")
def test_a_refused_connection_ends_the_run(vendor: str, theatre: Theatre) -> None:
    """Codex would wait for a network for ever, and Claude Code and Gemini CLI try for minutes; they are told not to.
    OpenCode cannot be told, so its time is limited."""
    own = {"vendors": {vendor: {"env": [MARK, *_keys(vendor)], "home": ".ci/nobody"}}}
    limits = {"limits": {"timeout": "18s"}} if vendor == "opencode" else {}
    play = make_play(theatre, vendor, Part(id="sick", keys={**own, **limits}), Part(id="healthy", does=Answers()))
    _write_home(vendor, play.stage.folder / ".ci" / "nobody")
    running = run(play)
    assert reached(play) == 0
    stream = running.kept("sick") / "stream.jsonl"
    if vendor == "opencode":
        assert reason(play)["kind"] == "timeout"
        assert "Unable to connect" in reason(play)["hint"]
        assert stream.read_bytes() == b""
    else:
        assert reason(play)["kind"] == "provider_error"
        assert read_transcript(stream).failure is not None


def _keys(vendor: str) -> list[str]:
    return [name for name, value in home_and_env(vendor, NOBODY).env.items() if value == KEY]


def _write_home(vendor: str, home: Path) -> None:
    """The vendor's own configuration, which says where the provider is."""
    pointing = home_and_env(vendor, NOBODY)
    files = dict(pointing.files)
    match vendor:
        case "claude":
            files["settings.json"] = json.dumps({"env": {"ANTHROPIC_BASE_URL": NOBODY}})
        case "gemini":
            files[".env"] = f"GOOGLE_GEMINI_BASE_URL={NOBODY}\n"
    home.mkdir(parents=True)
    for name, text in files.items():
        (home / name).write_text(text, encoding="utf-8")
