"""Patterns mean what Python's `re` means by them, whoever searches, and always come to an end."""

from __future__ import annotations

import re
import signal
import string
import threading
from typing import Any

import pytest
from contract_case import contract_of, told, verdict_on
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_subagents.contract.deadline import Deadline, DeadlineError, can_interrupt
from pytest_subagents.contract.patterns import Pattern, UndecidableError
from pytest_subagents.model.verdict import Accepted

CATASTROPHE = "(?=a)^(a+)+$"
"""Looking ahead keeps it from the linear engine."""


@pytest.mark.parametrize(
    "text",
    [
        "^[a-z]+-\\d{1,3}$",
        "^(a|b)+$",
        "\\w+@\\w+\\.\\w{2,}",
        "^[^x-]*$",
        "[.+*]{2}",
        "a{3}",
        "^$",
        "(?:ab)+?c",
        "[A-Z_/-]",
        "a|^b|c$",
    ],
)
def test_everyday_patterns_go_to_the_linear_engine(text: str) -> None:
    assert Pattern(text)._linear is not None


@pytest.mark.parametrize(
    "text",
    [
        *("(?i)a", "(?P<x>a)", "(a)\\1", "a(?=b)", "(?<!a)b", "(?>a)", "(?s:.)", "(a|(?i:b))"),
        *("a++", "a{,3}", "x{2000}{5}", "x{60000}", "{", "a\\b", "\\A", "\\141", "\\u0061"),
        *("[[a]", "[a&&b]", "[a--b]", "[~~]", "é", "a\nb"),
    ],
)
def test_patterns_that_the_engines_could_read_differently_stay_with_re(text: str) -> None:
    try:
        pattern = Pattern(text)
    except re.error:
        return
    assert pattern._linear is None


ATOMS = st.sampled_from(
    [
        *("a", "b", "-", "7", " ", ".", "^", "$", "&", "~", "#"),
        *("\\d", "\\W", "\\s", "\\.", "\\-", "[ab]", "[^a-c_]", "[\\d.-]", "[a-z0-9]", "[*+]"),
    ]
)
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "*?", "{2}", "{1,}", "{0,2}?"])


def _grouped(parts: list[str], repeat: str) -> str:
    return f"({'|'.join(parts)}){repeat}"


PATTERNS = st.recursive(
    st.builds(lambda atom, repeat: atom + (repeat if atom not in "^$" else ""), ATOMS, REPEATS),
    lambda inner: (
        st.builds(_grouped, st.lists(inner, min_size=1, max_size=2), REPEATS)
        | st.lists(inner, min_size=1, max_size=3).map("".join)
    ),
    max_leaves=6,
)
PRINTABLE = st.text("ab-7 .cz_~&#*+Z", max_size=8) | st.text(string.printable[:95], max_size=8)


@settings(max_examples=1_000, deadline=None)
@given(PATTERNS, st.lists(PRINTABLE, min_size=1, max_size=8))
def test_both_engines_find_the_same(text: str, values: list[str]) -> None:
    try:
        pattern = Pattern(text)
    except re.error:
        assume(False)
    assume(pattern._linear is not None)
    for value in values:
        assert pattern._linear is not None
        assert pattern._linear(value) == (re.search(text, value) is not None), (text, value)


def test_a_pattern_that_warns_is_no_error() -> None:
    assert Pattern("[[a]").matches("[", lambda search: search())


def in_a_thread(function: Any) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_off_the_main_thread_only_what_cannot_hang_is_judged() -> None:
    plain, looking = contract_of({"pattern": "^(a+)+$"}), contract_of({"pattern": CATASTROPHE})
    assert in_a_thread(can_interrupt) is False
    assert isinstance(in_a_thread(lambda: verdict_on(plain, "aaa")), Accepted)
    assert in_a_thread(lambda: told(plain, "a" * 60 + "!"))[0][0] == ""
    assert in_a_thread(lambda: told(looking, "a" * 60 + "!")) == [
        (None, "a pattern of the contract can be judged on the main thread only")
    ]
    keys = contract_of({"patternProperties": {"x": True}, "unevaluatedProperties": False})
    assert (
        in_a_thread(lambda: told(keys, {"y": 1}))[0][1]
        == "a pattern of the contract can be judged on the main thread only"
    )
    assert told(keys, {"y": 1})[0][0] == ""
    with pytest.raises(UndecidableError):
        Pattern(CATASTROPHE).matches("a", None)


def test_patterns_for_keys() -> None:
    contract = contract_of(
        {"patternProperties": {"^x-": {"type": "null"}, "y$": {"type": "null"}}, "additionalProperties": False}
    )
    assert isinstance(verdict_on(contract, {"x-a": None, "ay": None}), Accepted)
    assert told(contract, {"x-y": 1, "é\n": 2, "z": 3}) == [
        ("", "'z', 'é\\n' are not allowed here"),
        ("/x-y", "1 is not of type 'null'"),
    ]


# The deadline


def catastrophe() -> object:
    return re.search(CATASTROPHE, "a" * 100 + "!")


def test_a_search_is_interrupted() -> None:
    with Deadline(0.02) as deadline, pytest.raises(DeadlineError):
        deadline.run(catastrophe)


def test_what_ends_in_time_gives_its_result() -> None:
    with Deadline(5.0) as deadline:
        assert deadline.run(lambda: "done") == "done"
        assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_the_time_of_all_searches_counts_together() -> None:
    ticks = iter([0.0, 0.6, 0.6, 1.3])
    with Deadline(1.0, clock=lambda: next(ticks)) as deadline:
        assert deadline.run(lambda: 1) == 1
        assert deadline.run(lambda: 2) == 2
        with pytest.raises(DeadlineError):
            deadline.run(lambda: 3)


def test_handlers_and_timers_of_others_are_there_again() -> None:
    def handler(number: int, frame: object) -> None:
        raise AssertionError("not in this test")

    before = signal.signal(signal.SIGVTALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, 500.0, 7.0)
        alarm = signal.getsignal(signal.SIGALRM)
        with Deadline(0.02) as deadline, pytest.raises(DeadlineError):
            deadline.run(catastrophe)
        assert signal.getsignal(signal.SIGVTALRM) is handler
        assert signal.getsignal(signal.SIGALRM) is alarm
        left, interval = signal.getitimer(signal.ITIMER_VIRTUAL)
        assert 400.0 < left < 501.0
        assert interval == 7.0
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def test_an_exception_of_the_function_gets_out_and_leaves_nothing_behind() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(ZeroDivisionError), Deadline(5.0) as deadline:
        deadline.run(lambda: 1 // 0)
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
