"""Numbers in words: never a 0 for what is not known."""

from __future__ import annotations

import pytest
from builders import a_report, a_result

from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import GateResult
from pytest_subagents.model.scope import Scope
from pytest_subagents.reports import wording


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "–"),
        (-1, "–"),
        (0, "0ms"),
        (999, "999ms"),
        (1_000, "1.0s"),
        (59_999, "59.9s"),
        (60_000, "1m00s"),
        (3_599_999, "59m59s"),
        (3_600_000, "1h00m"),
        (90_000_000, "25h00m"),
    ],
)
def test_durations(milliseconds: int | None, text: str) -> None:
    assert wording.duration(milliseconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, "–"), (0, "0"), (9_999, "9999"), (10_000, "10.0k"), (352_750, "352.8k"), (12_300_000, "12.3M")],
)
def test_quantities(number: int | None, text: str) -> None:
    assert wording.quantity(number) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [(None, "–"), (0.0, "$0.00"), (1.5, "$1.50"), (0.01, "$0.01"), (0.00042, "$0.00042"), (1e-9, "under $0.000001")],
)
def test_dollars(usd: float | None, text: str) -> None:
    assert wording.dollars(usd) == text


def test_tokens_are_known_only_where_both_parts_are() -> None:
    assert wording.tokens(3, 4) == 7
    assert wording.tokens(3, None) is wording.tokens(None, 4) is None


@pytest.mark.parametrize(
    ("reason", "head"),
    [
        (Reason(kind="contract", message=""), "contract"),
        (Reason(kind="contract", message="", line=12), "contract, line 12"),
        (Reason(kind="contract", message="", at="/a/0", line=12), "contract at /a/0, line 12"),
        (Reason(kind="contract", message="", at=""), "contract at the top"),
        (Reason(kind="contract", message="", at="/" * 501), f"contract at {'/' * 500}… (1 more characters)"),
    ],
)
def test_a_reason_says_where_it_points_to(reason: Reason, head: str) -> None:
    assert wording.reason_head(reason) == head


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (Scope(), "what it reads is not declared; writes nothing"),
        (Scope(read=(), write=("**",)), "reads nothing; writes **"),
        (Scope(read=("a/", "b/"), write=("c", "d")), "reads a/, b/; writes c, d"),
    ],
)
def test_a_scope_in_words(scope: Scope, text: str) -> None:
    assert wording.scope(scope) == text


def test_findings_are_counted_by_severity() -> None:
    assert wording.findings([]) == "none"
    assert wording.findings(["low", "odd", "critical", "low"]) == "1 critical, 2 low, 1 other"


def test_the_headline_counts_everything_once() -> None:
    rows = [a_result("a"), a_result("b", kind="auth"), a_result("c", kind="auth", expected=True)]
    assert wording.headline(a_report(*rows)) == "3 subagents: 1 succeeded, 1 failed, 1 as expected"


@pytest.mark.parametrize(
    ("actual", "bound", "text"),
    [
        (None, "1", "not known"),
        ("partial", "success", "partial"),
        (1234, "0", "1,234"),
        (2 / 3, "0.9", "0.6667"),
        (2 / 3, "0.6667", "0.66667"),
        (0.30004, "0.30", "0.30004"),
        (0.5, "0.5", "0.5"),
        (1.0, "0", "1"),
        (0.00000123456, "0", "0.000001"),
        (1234.5, "1", "1,234.5"),
        (1e300, "1", "1e+300"),
        (float("nan"), "1", "nan"),
    ],
)
def test_what_a_gate_met_has_no_more_digits_than_it_takes(actual: float | str | None, bound: str, text: str) -> None:
    gate = GateResult(expression=f"success_rate >= {bound}", actual=actual, passed=False)
    assert wording.actual(gate) == text
