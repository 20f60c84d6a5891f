"""The provider fails under a program or a function of a person's own, which asks it as an SDK does."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fault_table import fault
from live.faults.cast import ANSWER, SAID, Theatre
from live.faults.stage import MARK, Running, Stage, environment, make_project
from model_servers.faults import CutOff, Fault, HttpError, Silence
from model_servers.pointing import KEY
from model_servers.script import Answer, Script, Turn
from model_servers.server import ModelServer

BOTH: Final = ("command", "function")
CLIENT: Final = """\
import http.client
import json
import os
import sys
from pathlib import Path


class APIStatusError(Exception):
    def __init__(self, status, text):
        super().__init__(f"Error code: {status} - {text}")
        self.status_code = status


class APIConnectionError(Exception):
    pass


def ask(prompt):
    provider = http.client.HTTPConnection(os.environ["PROVIDER"] if "first" in prompt else os.environ["WELL"])
    headers = {"content-type": "application/json", "authorization": "Bearer " + os.environ["SCRIPTED_API_KEY"]}
    body = {"model": "large", "stream": True, "messages": [{"role": "user", "content": prompt}]}
    try:
        provider.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        response = provider.getresponse()
        text = response.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise APIConnectionError("Connection error.") from error
    if response.status != 200:
        raise APIStatusError(response.status, text)
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"])


def play(call):
    call.emit.message("I read the notes first.")
    return ask(call.prompt)


if __name__ == "__main__":
    print(ask(Path(sys.argv[1]).read_text()))
"""
SOON: Final = "slow down; try again in 0 seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A run in which `sick` met a fault and `healthy` did not."""

    stage: Stage
    running: Running
    server: ModelServer
    sick: Mapping[str, Any]
    """Its row."""

    @property
    def requests(self) -> list[str]:
        """How each request of the sick one was answered."""
        return [exchange.answered for exchange in self.server.exchanges if exchange.script == 0]


def act(theatre: Theatre, vendor: str, *faults: Fault, env: Mapping[str, str] | None = None, **keys: Any) -> Own:
    answer = (Answer(text=json.dumps(ANSWER)),)
    scripts = (
        Script(turns=(Turn(actions=answer, faults=faults),), match="Read the first.", complete=False),
        Script(turns=(Turn(actions=answer),), match="Read the second."),
    )
    server = theatre.serve()("opencode", *scripts)
    folder = theatre.folder / "project"
    names = [MARK, "PROVIDER", "WELL", "SCRIPTED_API_KEY"]
    runs = (
        {"runner": "function", "function": "client:play"}
        if vendor == "function"
        else {"command": [sys.executable, "client.py", "{prompt_file}"]}
    )
    workflow = {
        "workflow": {
            "name": "faults",
            "defaults": {"vendor": "command", "limits": {"timeout": "60s"}, **runs},
            "vendors": {"command": {"env": names}},
        },
        "agents": [
            {"id": "sick", "instructions": "Read the first.", **keys},
            {"id": "healthy", "instructions": "Read the second."},
        ],
    }
    make_project(folder, workflow, {"client.py": CLIENT})
    place = server.url.removeprefix("http://")
    whole = {**environment(folder), "PROVIDER": place, "WELL": place, "SCRIPTED_API_KEY": KEY, **(env or {})}
    command = (sys.executable, "-m", "pytest", "--subagents", "-p", "no:cacheprovider")
    stage = Stage(folder=folder, start=theatre.inside().command(command), env=whole)
    running = stage.run()
    rows = stage.rows()
    assert rows["healthy"]["status"] == "success", running.said
    assert stage.alive() == []
    assert stage.private() == []
    return Own(stage=stage, running=running, server=server, sick=rows["sick"])


def check_failed(own: Own, vendor: str, *kinds: str) -> None:
    assert own.running.wait() == 1, own.running.said
    assert own.sick["status"] == "failed"
    assert [reason["kind"] for reason in own.sick["reasons"]] == list(kinds), own.sick["reasons"]
    assert not own.stage.recording("sick").exists()
    if vendor == "function":
        assert SAID in own.running.words("sick")


@fault("no-key", *BOTH)
def test_a_key_that_is_not_there_is_told(vendor: str, theatre: Theatre) -> None:
    own = act(theatre, vendor, vendors={"command": {"env": [MARK, "PROVIDER", "WELL"]}})
    check_failed(own, vendor, "auth")
    assert own.requests == []


@fault("http-401", *BOTH)
def test_a_key_that_is_refused_is_not_tried_again(vendor: str, theatre: Theatre) -> None:
    own = act(theatre, vendor, HttpError(status=401, times=None), retries={"provider_error": 1})
    check_failed(own, vendor, "auth")
    assert own.requests == ["HttpError 401"]


@fault("http-429-once", *BOTH)
def test_a_rate_limit_that_passes_is_no_failure(vendor: str, theatre: Theatre) -> None:
    own = act(theatre, vendor, HttpError(status=429, message=SOON), retries={"rate_limit": 2})
    assert own.running.wait() == 0, own.running.said
    assert own.sick["status"] == "success"
    assert own.requests == ["HttpError 429", "turn"]


@fault("http-429-for-ever", *BOTH)
def test_a_rate_limit_that_stays_is_tried_as_often_as_asked_for(vendor: str, theatre: Theatre) -> None:
    own = act(theatre, vendor, HttpError(status=429, message=SOON, times=None), retries={"rate_limit": 2})
    check_failed(own, vendor, "rate_limit")
    assert own.requests == ["HttpError 429"] * 3


@fault("http-500-for-ever", *BOTH)
def test_a_provider_that_is_down_is_tried_as_often_as_asked_for(vendor: str, theatre: Theatre) -> None:
    own = act(theatre, vendor, HttpError(status=500, message=SOON, times=None), retries={"provider_error": 2})
    check_failed(own, vendor, "provider_error")
    assert own.requests == ["HttpError 500"] * 3


@fault("connection-refused", *BOTH)
def test_a_refused_connection_ends_the_run(vendor: str, theatre: Theatre) -> None:
    own = act(theatre, vendor, env={"PROVIDER": "127.0.0.1:9"}, retries={"provider_error": 0})
    check_failed(own, vendor, "provider_error")
    assert own.requests == []


@fault("silent-server", *BOTH)
def test_a_provider_that_says_nothing_is_not_waited_for_for_ever(vendor: str, theatre: Theatre) -> None:
    own = act(theatre, vendor, Silence(times=None), limits={"timeout": "60s", "idle_timeout": "3s"})
    check_failed(own, vendor, "idle_timeout", *(("no_protocol",) if vendor == "command" else ()))
    assert own.requests == ["Silence"]


@fault("stream-cut", *BOTH)
def test_an_answer_that_breaks_off_is_none(vendor: str, theatre: Theatre) -> None:
    own = act(theatre, vendor, CutOff(times=None), retries={"provider_error": 0})
    check_failed(own, vendor, "provider_error")
    assert own.requests == ["CutOff"]
