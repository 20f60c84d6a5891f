"""When a finished result still holds: the digest of all that it depends on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import a_planned, a_result

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.specification import specification_digest
from pytest_subagents.contract.loading import Contracts
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import RESULT, Dependency, Expectation, Limits, Subagent, VendorSettings
from pytest_subagents.transcript.store import Recording

MATH = Assignment(
    subagent=Subagent(id="math", instructions="Look.", vendor="codex"),
    planned=a_planned("math"),
    contract=Contracts().get(RESULT),
    recording=Recording(transcript="recordings/math.jsonl"),
)


def _digest(*, prompt: str = "Look.", publish: bool = True, needed: Any = (), **keys: Any) -> str:
    assignment = replace(MATH, subagent=replace(MATH.subagent, **keys))
    return specification_digest(assignment, prompt=prompt, needed=dict(needed), publish=publish)


@pytest.mark.parametrize(
    "keys",
    [
        {"where": "subagents.yaml:99"},
        {"expect": Expectation(status="failed")},
        {"depends_on": (Dependency(agent="other"),)},
    ],
    ids=str,
)
def test_what_changes_no_run_changes_nothing(keys: dict[str, Any]) -> None:
    assert _digest(**keys) == _digest()


@pytest.mark.parametrize(
    "keys",
    [
        {"prompt": "Look well."},
        {"publish": False},
        {"vendor": "claude"},
        {"model": "opus"},
        {"command": ("x",)},
        {"scope": Scope(write=("src/",))},
        {"limits": Limits(max_turns=3)},
        {"vendors": (VendorSettings(vendor="codex", env=("KEY",)),)},
        {"needed": {"other": a_result("other")}},
    ],
    ids=str,
)
def test_what_changes_a_run_changes_it(keys: dict[str, Any]) -> None:
    assert _digest(**keys) != _digest()


def test_needs_count_by_what_they_said_and_not_by_their_order() -> None:
    one, two = a_result("one"), a_result("two")
    assert _digest(needed=[("one", one), ("two", two)]) == _digest(needed=[("two", two), ("one", one)])
    assert _digest(needed={"one": one}) != _digest(needed={"one": replace(one, summary="else")})
    assert _digest(needed={"one": one}) == _digest(needed={"one": replace(one, runtime_ms=7)})
