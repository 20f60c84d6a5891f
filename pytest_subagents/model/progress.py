"""What a live subagent is doing right now, for people who watch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec.structs import replace

from pytest_subagents.model.value import Value

State: TypeAlias = Literal["waiting", "running", "backing off", "checking", "ended"]


class AgentProgress(Value, frozen=True, kw_only=True):
    """One subagent at one moment. It is told again whenever something in it changes."""

    nodeid: str
    id: str
    state: State
    vendor: str | None = None
    model: str | None = None
    """The one of its specification, until its stream names one."""
    started: float | None = None
    """Seconds since the epoch; None while it waits."""
    ended: float | None = None
    """The same; None while it has not."""
    attempt: int = 1
    """1 for the first try, one more for each retry."""
    turns: int = 0
    """Of all tries together, as are tokens and usd."""
    tokens: int | None = None
    """Input and output together, as far as its stream has told; None where it has not."""
    usd: float | None = None
    did: str = ""
    """The last thing it did, in one line; once it has ended, why it ended like that, if not all is well. Untrusted."""
    status: str = ""
    """How it ended: a status of a result; empty while it has not, and where the run ended before it."""
    worker: str | None = None
    """Whichever of xdist's runs it; None where one process does it all."""

    @property
    def busy(self) -> bool:
        """Whether it takes time and money now."""
        return self.state not in ("waiting", "ended")


class RunProgress(Value, frozen=True, kw_only=True):
    """A live run at one moment: the file `status.json` of its run directory."""

    mode: str
    started: float
    """Seconds since the epoch."""
    updated: float
    planned: int = 0
    """Subagents that were selected; 0 while that is not known."""
    done: int = 0
    """Those whose result is there, replayed ones too."""
    agents: tuple[AgentProgress, ...] = ()
    """Those that were to be started so far, in the order of their start; those that wait come last."""
    over: bool = False
    """The run has ended, well or not."""


class Spent(Value, frozen=True, kw_only=True):
    """What subagents have spent together, as far as it is known."""

    tokens: int | None = None
    """None where none of them has told."""
    usd: float | None = None
    all_tokens: bool = True
    """Every one that was started has told."""
    all_usd: bool = True


def in_order(agents: Iterable[AgentProgress]) -> tuple[AgentProgress, ...]:
    """By their start; those that wait come last, by id."""
    return tuple(sorted(agents, key=lambda agent: (agent.started is None, agent.started or 0.0, agent.id)))


def spent_by(agents: Iterable[AgentProgress]) -> Spent:
    """The sums over all that were started."""
    started = [agent for agent in agents if agent.started is not None]
    tokens = [agent.tokens for agent in started if agent.tokens is not None]
    usd = [agent.usd for agent in started if agent.usd is not None]
    return Spent(
        tokens=sum(tokens) if tokens else None,
        usd=sum(usd) if usd else None,
        all_tokens=len(tokens) == len(started),
        all_usd=len(usd) == len(started),
    )


def cut_off(run: RunProgress, moment: float) -> RunProgress:
    """`run` when nothing of it goes on any more: whoever had not ended has lost what it was doing."""
    agents = (agent if agent.state == "ended" else _stopped(agent, moment) for agent in run.agents)
    return replace(run, agents=tuple(agents))


def _stopped(agent: AgentProgress, moment: float) -> AgentProgress:
    return replace(agent, state="ended", ended=moment if agent.started is not None else None, status="")
