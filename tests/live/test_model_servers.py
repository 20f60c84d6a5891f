"""The scripted model servers by themselves: turns, expectations, and the ways in which they break."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_servers.expectations import Expect
from model_servers.faults import BrokenEvents, CutOff, Fault, HttpError, Silence, StreamError, fault_of
from model_servers.plain_requests import MODEL, PATIENCE, ask, send
from model_servers.script import Answer, ReadFile, Say, Script, Turn, Use
from model_servers.server import ModelServer

VENDORS = ("codex", "claude", "gemini", "opencode")
SCHEMA: dict[str, Any] = {"type": "object", "required": ["status"]}


class Start(Protocol):
    def __call__(self, vendor: str, *scripts: Script) -> ModelServer: ...


@pytest.fixture
def start() -> Iterator[Start]:
    """Servers without a namespace, which nobody checks but the test."""
    servers: list[ModelServer] = []

    def start(vendor: str, *scripts: Script) -> ModelServer:
        servers.append(ModelServer(vendor, scripts, socket.create_server(("127.0.0.1", 0))))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def _saying(text: str = "fine", *, match: str = "", faults: tuple[Fault, ...] = ()) -> Script:
    return Script(turns=(Turn(actions=(Answer(text=text),), faults=faults),), match=match)


def test_a_request_is_kept_in_neutral_words(vendor: str, start: Start) -> None:
    server = start(vendor, _saying())
    assert ask(server, "Review it.").status == 200
    (exchange,) = server.exchanges
    assert "Review it." in exchange.seen.prompt
    assert exchange.seen.model == MODEL
    assert "read" in exchange.seen.tools
    assert exchange.seen.authorised
    server.check()


def test_a_text_comes_in_several_events_and_whole(vendor: str, start: Start) -> None:
    text = "0123456789 " * 2000
    events = ask(start(vendor, _saying(text)), "").events
    assert sum("0123456789" in event for event in events) >= 6


def test_which_turn_comes_follows_from_the_results_that_a_request_brings(vendor: str, start: Start) -> None:
    use = Use(tool=ReadFile(path="a.txt"), returns="alpha", fails=None)
    server = start(vendor, Script(turns=(Turn(actions=(use,)), Turn(actions=(Answer(text="the end"),)))))
    assert "call_t0n0" in ask(server, "").text
    assert "call_t0n0" in ask(server, "").text
    assert "call_t0n0" not in ask(server, "", results=[("call_t0n0", "alpha beta")]).text
    assert [one.seen.turn for one in server.exchanges] == [0, 0, 1]
    server.check()


def test_a_result_that_is_not_as_expected_is_refused_and_told(vendor: str, start: Start) -> None:
    use = Use(tool=ReadFile(path="a.txt"), returns="alpha", fails=None)
    server = start(vendor, Script(turns=(Turn(actions=(use,)), Turn(actions=(Answer(text="the end"),)))))
    refused = ask(server, "", results=[("call_t0n0", "beta")])
    assert refused.status == 400
    assert "does not contain 'alpha': 'beta'" in json.dumps(refused.error)
    with pytest.raises(AssertionError, match="script 0, turn 1, attempt 0: the result of the tool call call_t0n0"):
        server.check()


def test_a_failed_tool_is_told_from_one_that_worked(start: Start) -> None:
    use = Use(tool=ReadFile(path="a.txt"), fails=True)
    server = start("codex", Script(turns=(Turn(actions=(use,)), Turn(actions=(Answer(text="x"),)))))
    worked, failed = "Process exited with code 0\nOutput:\n", "Process exited with code 1\nOutput:\n"
    assert ask(server, "", results=[("call_t0n0", worked)]).status == 400
    assert ask(server, "", results=[("call_t0n0", failed)]).status == 200


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        (Expect(prompt=("here", "absent")), "the prompt does not contain 'absent'"),
        (Expect(system=("absent",)), "the system text does not contain 'absent'"),
        (Expect(model="another"), f"the model is '{MODEL}', not 'another'"),
        (Expect(contract=SCHEMA), "the contract arrived neither natively nor in the prompt"),
        (Expect(native=True), "no schema is handed over natively"),
        (Expect(tools=frozenset({"web"})), "the model cannot web"),
        (Expect(no_tools=frozenset({"read"})), "the model can read"),
        (Expect(authorised=False), "there is a key"),
    ],
)
def test_what_is_not_as_expected_is_refused_and_told(expect: Expect, words: str, vendor: str, start: Start) -> None:
    server = start(vendor, Script(turns=(Turn(actions=(Say(text="x"),)),), expect=expect, complete=False))
    assert ask(server, "it is here").status == 400
    (difference,) = server.differences()
    assert words in difference


def test_a_contract_may_stand_in_the_prompt_in_any_layout(vendor: str, start: Start) -> None:
    script = Script(turns=(Turn(actions=(Say(text="x"),)),), expect=Expect(contract=SCHEMA))
    server = start(vendor, script)
    assert ask(server, f"a {{b}} and {{: {json.dumps(SCHEMA, indent=4)} end").status == 200
    server.check()


def test_a_missing_key_is_told(vendor: str, start: Start) -> None:
    server = start(vendor, _saying())
    assert ask(server, "", key=False).status == 400
    assert "there is no key" in server.differences()[0]


def test_scripts_are_told_apart_by_the_prompt(vendor: str, start: Start) -> None:
    server = start(vendor, _saying("first", match="ONE"), _saying("second", match="TWO"))
    assert ask(server, "do TWO").status == 200
    assert ask(server, "do THREE").status == 400
    assert [one.script for one in server.exchanges] == [1, None]
    assert server.differences() == (
        "no script, turn 0, attempt 0: no script is for it",
        "script 0 has turns 0 to 0; no turn was answered",
    )


def test_an_error_hits_once_with_the_hint_when_to_try_again(vendor: str, start: Start) -> None:
    server = start(vendor, _saying(faults=(HttpError(status=429, retry_after=3, headers=(("x-more", "1"),)),)))
    limited = ask(server, "")
    assert (limited.status, limited.headers["retry-after"], limited.headers["x-more"]) == (429, "3", "1")
    assert "a scripted error" in json.dumps(limited.error)
    assert ask(server, "").status == 200
    assert [one.answered for one in server.exchanges] == ["HttpError 429", "turn"]
    assert [one.attempt for one in server.exchanges] == [0, 1]
    server.check()


def test_an_error_for_ever_never_ends(vendor: str, start: Start) -> None:
    server = start(vendor, _saying(faults=(HttpError(status=500, times=None),)))
    assert {ask(server, "").status for _ in range(5)} == {500}
    assert server.differences() == ("script 0 has turns 0 to 0; no turn was answered",)


@pytest.mark.parametrize("sent", [b"", b"{", b'{"model": "m", '])
def test_a_request_that_ends_with_its_program_is_nobodys_mistake(start: Start, sent: bytes) -> None:
    server = start("claude")
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n" + sent)
    server.stop()
    server.check()


def test_a_stream_is_cut_off_in_the_middle(vendor: str, start: Start) -> None:
    faults = (CutOff(), CutOff(how="reset"), CutOff(how="end"))
    server = start(vendor, _saying(faults=faults))
    with pytest.raises(http.client.IncompleteRead):
        ask(server, "")
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        ask(server, "")
    cut, whole = ask(server, ""), ask(server, "")
    assert 0 < len(cut.events) < len(whole.events)
    server.check()


@pytest.mark.parametrize("after", ["request", "headers", "half"])
def test_a_silent_server_is_released_by_its_end(after: Any, vendor: str, start: Start) -> None:
    server = start(vendor, _saying(faults=(Silence(after=after),)))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, server, "")
        server.wait_for(lambda exchanges: len(exchanges) == 1, seconds=PATIENCE)
        assert not asked.done()
        server.stop()
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            asked.result(PATIENCE)


def test_an_error_comes_inside_a_stream(vendor: str, start: Start) -> None:
    server = start(vendor, _saying(faults=(StreamError(message="it broke"),)))
    broken = ask(server, "")
    assert broken.status == 200
    assert "it broke" in broken.events[-1]


def test_an_event_is_no_json(vendor: str, start: Start) -> None:
    (*_, last) = ask(start(vendor, _saying(faults=(BrokenEvents(),))), "").events
    with pytest.raises(ValueError, match=r".+"):
        json.loads(last)


@pytest.mark.parametrize("raw", [False, True])
def test_line_separators_are_raw_where_that_is_asked_for(raw: bool, vendor: str, start: Start) -> None:
    turn = Turn(actions=(Answer(text="\u2028" * 20),), raw_separators=raw)
    assert ("\u2028" in ask(start(vendor, Script(turns=(turn,))), "").text) is raw


def test_what_is_none_of_the_protocol_is_refused_and_told(vendor: str, start: Start) -> None:
    server = start(vendor, Script(turns=(Turn(actions=()),), complete=False))
    assert send(server, "/elsewhere", b"{}", {}).status == 400
    assert "/elsewhere" in server.differences()[0]


def test_a_body_of_another_shape_is_refused_and_told(start: Start) -> None:
    server = start("claude", Script(turns=(Turn(actions=()),), complete=False))
    assert send(server, "/v1/messages", b'{"model": 1}', {}).status == 400
    assert "/v1/messages" in server.differences()[0]


def test_a_failure_of_the_server_itself_is_told(start: Start) -> None:
    server = start("claude", Script(turns=(Turn(actions=()),), complete=False))
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        send(server, "/v1/messages", b"", {"content-encoding": "zstd"})
    server.wait_for(lambda _: bool(server.differences()), seconds=PATIENCE)
    assert "zstd" in server.differences()[0]


def test_waiting_for_what_does_not_come_ends(start: Start) -> None:
    with pytest.raises(TimeoutError, match="there are 0 exchanges"):
        start("codex", _saying()).wait_for(bool, seconds=0.01)


@given(st.lists(st.integers(1, 4), max_size=5), st.booleans())
def test_faults_come_one_after_the_other_and_then_none(times: list[int], last_for_ever: bool) -> None:
    last = (HttpError(status=599, times=None),) if last_for_ever else ()
    faults = (*(HttpError(status=number, times=count) for number, count in enumerate(times)), *last)
    hit = [fault_of(faults, attempt) for attempt in range(sum(times) + 3)]
    told = [fault.status if isinstance(fault, HttpError) else None for fault in hit]
    expected = [number for number, count in enumerate(times) for _ in range(count)]
    assert told == [*expected, *([599 if last_for_ever else None] * 3)]


def test_a_difference_fails_the_test_when_it_ends(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["live.conftest"]')
    pytester.makepyfile(
        """
        from model_servers.script import Say, Script, Turn

        def test_nothing_is_asked(model_server):
            model_server("codex", Script(turns=(Turn(actions=(Say(text="x"),)),)))
        """
    )
    ended = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-rs")
    if ended.parseoutcomes().get("skipped"):
        pytest.skip("needs a network namespace")
    ended.assert_outcomes(passed=1, errors=1)
    ended.stdout.fnmatch_lines(["*AssertionError: the model server of codex saw:*", "*no turn was answered*"])
