"""What this process is in a run that xdist may distribute, and which ways of xdist live agents can go."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import pytest

from pytest_subagents.errors import BadUsage

Role: TypeAlias = Literal["controller", "worker", "alone"]


_RUNS_NOTHING: Final = (
    "collectonly", "help", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow", "setuponly", "setupplan",
)  # fmt: skip
"""The options with which pytest shows something and calls no test."""


def runs_nothing(config: pytest.Config) -> bool:
    """Whether no subagent is to be judged, so that there is nothing to report."""
    return any(getattr(config.option, name, False) for name in _RUNS_NOTHING)


def role_of(config: pytest.Config) -> Role:
    """What this process is in the run."""
    if hasattr(config, "workerinput"):
        return "worker"
    distributes = config.getoption("dist", "no") != "no" and config.getoption("tx", None)
    return "controller" if distributes and not config.option.collectonly else "alone"


def workers_of(config: pytest.Config) -> int:
    """How many workers xdist has; 0 where one process does it all."""
    if role_of(config) != "controller":
        return 0
    specs = [str(spec).partition("*") for spec in config.getoption("tx")]
    return sum(int(number) if star and number.isdigit() else 1 for number, star, _ in specs)


def dist_of(config: pytest.Config) -> str:
    """How xdist distributes; a worker knows it from its controller."""
    if role_of(config) == "worker":
        return str(config.workerinput["subagents_dist"])  # type: ignore[attr-defined]
    return str(config.getoption("dist", "no"))


def schedules(dist: str) -> bool:
    """Whether xdist leaves the order of all items open, so that it can be ours."""
    return dist in ("load", "worksteal")


def unscheduled(dist: str) -> BadUsage | None:
    """Why a worker cannot start agents: xdist hands out its items in an order that is not ours."""
    if schedules(dist):
        return None
    if dist == "each":
        what = "every worker would start everything, and each would cost once more"
    else:
        what = "it keeps items together, while agents and commands start in the order of scopes and needs"
    return BadUsage(
        f"--dist {dist}", what, hint="use -n alone, or --dist load or worksteal, where agents or commands are started"
    )
