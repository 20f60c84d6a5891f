"""What those who watch are told of one subagent, step by step."""

from __future__ import annotations

import time

from builders import a_planned
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.telling import Teller
from pytest_subagents.contract.loading import Contracts
from pytest_subagents.model import limits
from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.model.spec import RESULT, Subagent
from pytest_subagents.runners.allowance import LocalAllowance
from pytest_subagents.runners.spending import Spending
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.transcript.redaction.redactor import redactor_for
from pytest_subagents.transcript.store import Recording
from pytest_subagents.vendors.watching import Progress

MATH = Assignment(
    subagent=Subagent(id="math"),
    planned=a_planned("math", vendor="codex", model=None),
    contract=Contracts().get(RESULT),
    recording=Recording(transcript="recordings/math.jsonl"),
)


def _teller() -> tuple[Teller, list[AgentProgress]]:
    told: list[AgentProgress] = []
    return Teller(MATH, LocalAllowance(Spending(), Stop(), tell=told.append)), told


def test_each_step_tells_what_is_known_by_then() -> None:
    teller, told = _teller()
    before = time.time()
    teller.tell("waiting")
    teller.attempt(1)
    teller.watched(Progress(turns=1, input_tokens=100, output_tokens=20, usd=0.5, model="gpt-5", did="ran ls"))
    teller.tell("checking")
    teller.end("failed", "contract: /summary is required")
    waiting, running, watched, checking, ended = told
    assert waiting == AgentProgress(nodeid="subagents.yaml::math", id="math", vendor="codex", state="waiting")
    assert (running.state, running.attempt) == ("running", 1)
    assert running.started is not None
    assert before <= running.started
    assert (watched.turns, watched.tokens, watched.usd, watched.did) == (1, 120, 0.5, "ran ls")
    assert watched.model == "gpt-5"
    assert (checking.state, checking.did) == ("checking", "ran ls")
    assert (ended.state, ended.status, ended.did) == ("ended", "failed", "contract: /summary is required")
    assert ended.ended is not None
    assert {each.started for each in told[1:]} == {running.started}


def test_what_it_did_is_told_without_secrets_and_shortened_only_then() -> None:
    told: list[AgentProgress] = []
    redactor = redactor_for(secrets=["a-secret-of-the-shop"])
    teller = Teller(MATH, LocalAllowance(Spending(), Stop(), tell=told.append), redactor.redact_text)
    teller.attempt(1)
    teller.watched(Progress(did=f"ran curl -H 'key: a-secret-of-the-shop' {'x' * 40} a-secret-of-the-shop {'x' * 200}"))
    did = told[-1].did
    assert did.startswith("ran curl -H 'key: <redacted>' x")
    assert len(did) == limits.PROGRESS_CHARS
    assert "secret" not in did


def test_what_is_not_new_is_not_told_again() -> None:
    teller, told = _teller()
    teller.attempt(1)
    for _ in range(100):
        teller.watched(Progress(did="ran ls", input_tokens=5))
    assert len(told) == 2


def test_what_earlier_tries_have_spent_is_not_forgotten() -> None:
    teller, told = _teller()
    teller.attempt(1)
    teller.watched(Progress(turns=2, input_tokens=100, output_tokens=0, usd=0.25, did="failed: 429"))
    teller.tell("backing off")
    assert told[-1].state == "backing off"
    teller.attempt(2)
    assert (told[-1].attempt, told[-1].tokens, told[-1].did) == (2, 100, "failed: 429")
    teller.watched(Progress(turns=1, did="ran ls"))
    assert (told[-1].turns, told[-1].tokens, told[-1].usd) == (3, 100, 0.25)
    teller.watched(Progress(turns=1, input_tokens=10, output_tokens=1, usd=0.5, did="ran ls"))
    assert (told[-1].turns, told[-1].tokens, told[-1].usd) == (3, 111, 0.75)


def test_one_that_never_started_ends_too() -> None:
    teller, told = _teller()
    teller.tell("waiting")
    teller.end("not_run", "the budget is spent")
    assert (told[-1].started, told[-1].state, told[-1].status) == (None, "ended", "not_run")


@given(st.lists(st.lists(st.none() | st.integers(0, 1_000), min_size=1, max_size=3), min_size=1, max_size=4))
def test_tokens_are_the_sum_of_the_last_words_of_each_try(tries: list[list[int | None]]) -> None:
    teller, told = _teller()
    for number, counts in enumerate(tries, 1):
        teller.attempt(number)
        for count in counts:
            teller.watched(Progress(input_tokens=count))
    known = [counts[-1] for counts in tries if counts[-1] is not None]
    assert told[-1].tokens == (sum(known) if known else None)
