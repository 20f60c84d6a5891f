"""What is said where an agent's program could not log in."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import a_result

from pytest_subagents.conduct.login_hints import with_login_hints
from pytest_subagents.runners.live_interface import Executed
from pytest_subagents.runners.supervision.order import Ending


def _executed(vendor: str, *hints: str) -> Executed:
    ending = Ending(cause="exited", exit_code=1)
    return Executed(ending=ending, vendor=vendor, stream=Path("stream"), stderr=Path("stderr"), hints=hints)


def test_a_variable_that_is_named_and_not_set_is_the_hint() -> None:
    said = "ANTHROPIC_API_KEY is named under `env`, but it is not set"
    result = with_login_hints(a_result("a", kind="auth"), _executed("claude", said))
    assert [reason.hint for reason in result.reasons] == [said]


def test_without_one_the_vendor_s_own_keys_are_named() -> None:
    result = with_login_hints(a_result("a", kind="auth"), _executed("claude"))
    assert "'vendors.claude.env' (ANTHROPIC_API_KEY" in str(result.reasons[0].hint)


@pytest.mark.parametrize(("kind", "vendor"), [("contract", "claude"), ("auth", "unheard-of"), ("auth", "command")])
def test_where_there_is_nothing_to_say_nothing_changes(kind: str, vendor: str) -> None:
    result = a_result("a", kind=kind)
    assert with_login_hints(result, _executed(vendor)) == result
