"""Who may start in a run of one process, and a stop that wakes whoever waits."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from pytest_subagents.model.budget import Budget
from pytest_subagents.runners.allowance import LocalAllowance
from pytest_subagents.runners.leases import Ask, Leases
from pytest_subagents.runners.supervision.stop import Stop


def _allowance(stop: Stop, **limits: object) -> LocalAllowance:
    return LocalAllowance(Leases(**limits), stop, tell=lambda progress: None)  # type: ignore[arg-type]


def test_one_after_the_other_may_start() -> None:
    allowance = _allowance(Stop(), at_once=1)
    for nodeid in "abc":
        assert allowance.ask(Ask(nodeid=nodeid, team="t", at_once=1)) == ""
        allowance.release(nodeid)


def test_who_comes_too_late_hears_why() -> None:
    allowance = _allowance(Stop(), budget=Budget(tokens=10))
    assert allowance.ask(Ask(nodeid="a")) == ""
    allowance.spent(tokens=10, usd=None)
    allowance.release("a")
    assert allowance.ask(Ask(nodeid="b")) == "the budget of 10 tokens is spent (10)"


def test_an_abort_is_for_its_team_alone() -> None:
    allowance = _allowance(Stop())
    allowance.abort("t", "a failed")
    assert allowance.ask(Ask(nodeid="b", team="t")) == "a failed"
    assert allowance.ask(Ask(nodeid="c", team="u")) == ""


def test_a_start_that_must_wait_comes_by_itself() -> None:
    allowance = _allowance(Stop())
    for nodeid in "ab":
        assert allowance.ask(Ask(nodeid=nodeid, team="t", stagger=0.01)) == ""


def test_a_stop_wakes_who_waits() -> None:
    stop = Stop()
    allowance = _allowance(stop, at_once=1)
    assert allowance.ask(Ask(nodeid="a")) == ""
    threading.Timer(0.01, stop.ask, ["enough"]).start()
    assert allowance.ask(Ask(nodeid="b")) == "enough"
    assert stop.wait(None)


def test_the_first_words_of_a_stop_count() -> None:
    stop = Stop()
    assert not stop.wait(0)
    stop.ask("one")
    stop.ask("two")
    assert (stop.why, stop.wait(60), stop.woken()) == ("one", True, True)
    stop.close()


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals are the main thread's")
def test_a_signal_wakes_who_waits_whatever_thread_gets_it() -> None:
    """It is not asked for a stop by itself: who waits looks again, and waits on."""
    stop, seen = Stop(), threading.Event()
    before = stop.wake_on_signals()
    handler = signal.signal(signal.SIGUSR1, lambda *_: (seen.set(), stop.ask("a signal")))  # type: ignore[func-returns-value]
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])  # so that another thread gets it
        threading.Timer(0.01, _take, [signal.SIGUSR1]).start()
        assert stop.wait(60)
        assert seen.is_set()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        signal.signal(signal.SIGUSR1, handler)
        signal.set_wakeup_fd(before)


def _take(number: int) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_BLOCK, [number])
