"""Signals while an agent runs, and while none does."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from pytest_subagents.glue.interrupting import Interrupts
from pytest_subagents.runners.supervision.stop import Stop

INT, TERM = signal.SIGINT, signal.SIGTERM


@pytest.fixture
def stop() -> Stop:
    return Stop()


@pytest.fixture
def interrupts(stop: Stop) -> Iterator[Interrupts]:
    before = {number: signal.getsignal(number) for number in (INT, TERM)}
    signal.signal(INT, signal.default_int_handler)
    signal.signal(TERM, signal.SIG_DFL)
    interrupts = Interrupts(stop, terminates=True)
    interrupts.install()
    yield interrupts
    interrupts.restore()
    assert signal.getsignal(INT) is signal.default_int_handler
    assert signal.getsignal(TERM) is signal.SIG_DFL
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("number", [INT, TERM])
def test_while_no_agent_runs_it_comes_at_once(stop: Stop, number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt, match=number.name):
        os.kill(os.getpid(), number)
    assert stop.why == ""


@pytest.mark.parametrize("number", [INT, TERM])
def test_while_one_runs_it_is_stopped_first(interrupts: Interrupts, stop: Stop, number: signal.Signals) -> None:
    ended = False
    with pytest.raises(KeyboardInterrupt, match=number.name), interrupts.held():  # noqa: PT012
        os.kill(os.getpid(), number)
        assert stop.wait(60)
        ended = True
    assert ended
    assert stop.why == f"the run was interrupted ({number.name})"


def test_the_second_one_does_not_wait(interrupts: Interrupts, stop: Stop) -> None:
    with pytest.raises(KeyboardInterrupt, match="SIGTERM"), interrupts.held():  # noqa: PT012
        os.kill(os.getpid(), INT)
        assert stop.why
        os.kill(os.getpid(), TERM)
        raise AssertionError("it waited")


def test_who_ignores_signals_goes_on_ignoring_them(stop: Stop) -> None:
    before = signal.signal(INT, signal.SIG_IGN)
    try:
        ignoring = Interrupts(stop, terminates=False)
        ignoring.install()
        assert signal.getsignal(INT) is signal.SIG_IGN
        ignoring.restore()
    finally:
        signal.signal(INT, before)


def test_a_worker_leaves_sigterm_alone(stop: Stop) -> None:
    before = signal.getsignal(TERM)
    worker = Interrupts(stop, terminates=False)
    worker.install()
    assert signal.getsignal(TERM) is before
    worker.restore()
