"""Which live results become recordings."""

from __future__ import annotations

import pytest

from pytest_subagents.conduct.publishing import lasts
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.status import CEILING


def result_of(*kinds: str, expected: bool = False) -> Result:
    reasons = tuple(Reason(kind=kind, message="so") for kind in kinds)
    planned = Planned(nodeid="subagents.yaml::math", id="math")
    return Result(planned=planned, status=lowered(reasons), reasons=reasons, expected=expected)


OF_A_DAY = ("launch", "auth", "rate_limit", "provider_error", "killed", "no_protocol", "timeout", "idle_timeout")


@pytest.mark.parametrize("kind", OF_A_DAY)
def test_what_tells_of_a_machine_or_a_provider_replaces_no_recording(kind: str) -> None:
    """A provider that falls silent is seen by our own clocks only."""
    assert not lasts(result_of(kind))
    assert not lasts(result_of("declared", kind))


@pytest.mark.parametrize("kind", sorted(set(CEILING) - set(OF_A_DAY)))
def test_what_tells_of_the_agent_is_recorded(kind: str) -> None:
    assert lasts(result_of(kind))
    assert lasts(result_of())


@pytest.mark.parametrize("kind", OF_A_DAY)
def test_what_a_person_expects_is_recorded(kind: str) -> None:
    assert lasts(result_of(kind, expected=True))


def test_an_answer_whose_program_did_not_end_in_time_is_recorded() -> None:
    late = Reason(kind="timeout", message="although the stream ended well", at_most="partial")
    planned = Planned(nodeid="subagents.yaml::math", id="math")
    assert lasts(Result(planned=planned, status="partial", reasons=(late,)))
