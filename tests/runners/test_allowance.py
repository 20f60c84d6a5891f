"""Who may start in a run of one process, and a stop that wakes whoever waits."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from pytest_subagents.model.budget import NO_BUDGET, Budget
from pytest_subagents.runners.allowance import LocalAllowance
from pytest_subagents.runners.spending import Spending
from pytest_subagents.runners.supervision.stop import Stop


def _allowance(stop: Stop, budget: Budget = NO_BUDGET) -> LocalAllowance:
    return LocalAllowance(Spending(budget), stop, tell=lambda progress: None)


def test_who_comes_too_late_hears_why() -> None:
    allowance = _allowance(Stop(), Budget(tokens=10))
    assert allowance.ask("t", stagger=0) == ""
    allowance.spent(tokens=10, usd=None)
    assert allowance.ask("t", stagger=0) == "the budget of 10 tokens is spent (10)"


def test_an_abort_is_for_its_team_alone() -> None:
    allowance = _allowance(Stop())
    allowance.abort("t", "a failed")
    assert allowance.ask("t", stagger=0) == "a failed"
    assert allowance.ask("u", stagger=0) == ""


def test_a_start_that_must_wait_comes_by_itself() -> None:
    allowance = _allowance(Stop())
    began = time.monotonic()
    assert [allowance.ask("t", stagger=0.01) for _ in range(3)] == ["", "", ""]
    assert time.monotonic() - began >= 0.02


def test_a_budget_of_time_that_ends_before_the_next_start_is_told_then() -> None:
    allowance = _allowance(Stop(), Budget(seconds=0.01))
    assert allowance.ask("t", stagger=3600) == ""
    assert allowance.ask("t", stagger=3600) == "the budget of 0.01 s is over"


def test_a_stop_wakes_who_waits() -> None:
    stop = Stop()
    allowance = _allowance(stop)
    assert allowance.ask("t", stagger=3600) == ""
    threading.Timer(0.01, stop.ask, ["enough"]).start()
    assert allowance.ask("t", stagger=3600) == "enough"
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
