"""Progress of runs for tests: one agent quickly, and any run at all, hostile ones too."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pytest_subagents.model.progress import AgentProgress, RunProgress, State, in_order

HOSTILE = "evil\x1b[2J\x1b]0;pwn\x07\u202e\x9b3A ::error:: 日本語 e\u0301\r\n\x0b##[group]\ud800"
STATES: tuple[State, ...] = ("waiting", "running", "backing off", "checking", "ended")


def an_agent(id: str = "math", state: State = "running", **more: Any) -> AgentProgress:
    """One that started at 1000, unless it waits."""
    started = None if state == "waiting" else 1_000.0
    return AgentProgress(**{"nodeid": f"subagents.yaml::{id}", "id": id, "state": state, "started": started, **more})


def ended(id: str, status: str, **more: Any) -> AgentProgress:
    return an_agent(id, "ended", **{"status": status, "ended": 1_030.0, **more})


def a_run(*agents: AgentProgress, **more: Any) -> RunProgress:
    """One that began at 980."""
    given = {"mode": "live", "started": 980.0, "updated": 1_050.0, "planned": len(agents), "agents": in_order(agents)}
    return RunProgress(**{**given, **more})


_texts = st.one_of(st.text(max_size=60), st.just(HOSTILE), st.sampled_from(["math", "packages/element/日本語"]))
_times = st.none() | st.floats(0, 2_000) | st.sampled_from([-1e300, 1e300])
_agents = st.builds(
    AgentProgress,
    nodeid=_texts,
    id=_texts,
    state=st.sampled_from(STATES),
    started=_times,
    ended=_times,
    attempt=st.integers(-1, 10**30),
    turns=st.integers(-1, 10**30),
    tokens=st.none() | st.integers(-1, 10**400),
    usd=st.none() | st.floats(-1.0, allow_nan=False, allow_infinity=False),
    did=_texts,
    status=st.sampled_from(["", "success", "partial", "failed", "not_run"]) | _texts,
)
runs = st.builds(
    RunProgress,
    mode=_texts,
    started=st.floats(0, 2_000),
    updated=st.floats(0, 2_000),
    planned=st.integers(0, 100),
    done=st.integers(0, 100),
    agents=st.lists(_agents, max_size=12).map(tuple),
    over=st.booleans(),
)
