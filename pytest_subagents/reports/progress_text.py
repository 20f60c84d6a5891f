"""What a live run is doing, for a terminal: a table to look at, and one line for a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_subagents.model.progress import AgentProgress, RunProgress
from pytest_subagents.reports.escape import terminal

if TYPE_CHECKING:
    from rich.table import Table

_STYLES: Final = {
    "running": "bold",
    "waiting": "dim",
    "backing off": "yellow",
    "checking": "bold",
    "success": "green",
    "partial": "yellow",
    "failed": "red",
    "not_run": "yellow",
}
_NAMED: Final = 3
"""Running subagents that one line names; the others are counted."""


def progress_table(run: RunProgress, now: float) -> Table:
    """One row a subagent: what it is doing, for how long, what it has spent and what it did last.

    `now` is seconds since the epoch. Whatever an agent wrote is escaped.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim", expand=False)
    table.add_column("subagent", no_wrap=True, max_width=32)
    table.add_column("state", no_wrap=True)
    for name in ("time", "turns", "tokens", "usd"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("last", no_wrap=True, overflow="ellipsis", ratio=1)
    for agent in run.agents:
        word = state_of(agent)
        cells = (
            terminal(agent.id),
            word,
            _lasted(agent, now),
            str(agent.turns or ""),
            short_count(agent.tokens),
            "" if agent.usd is None else f"{agent.usd:.3f}",
            terminal(agent.did),
        )
        style = _STYLES.get(agent.status or agent.state, "")
        table.add_row(*(Text(cell, style=style if index == 1 else "") for index, cell in enumerate(cells)))
    return table


def progress_line(run: RunProgress, now: float) -> str:
    """The run in one line, for a log: `2 running: math 1m20s 12.3k tokens (ran ls); 1 waiting, 3 of 6 ended`."""
    running = [agent for agent in run.agents if agent.state not in ("waiting", "ended")]
    waiting = sum(agent.state == "waiting" for agent in run.agents)
    ended = sum(agent.state == "ended" for agent in run.agents)
    named = ", ".join(_told(agent, now) for agent in running[:_NAMED])
    more = f" and {len(running) - _NAMED} more" if len(running) > _NAMED else ""
    parts = [f"{len(running)} running: {named}{more}" if running else "none running"]
    if waiting:
        parts.append(f"{waiting} waiting")
    parts.append(f"{ended} of {max(run.planned, len(run.agents))} ended")
    return "; ".join(parts)


def state_of(agent: AgentProgress) -> str:
    """One word or two: how it ended, or what it is doing; with the number of the try from the second on."""
    word = agent.status if agent.state == "ended" and agent.status else agent.state
    return word if agent.attempt == 1 else f"{word} (try {agent.attempt})"


def short_time(seconds: float) -> str:
    """`45s`, `1m20s`, `2h05m`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def short_count(number: int | None) -> str:
    """`950`, `12.3k`, `1.2M`; nothing where it is not known."""
    if number is None:
        return ""
    if number < 1_000:
        return str(number)
    return f"{number / 1_000:.1f}k" if number < 1_000_000 else f"{number / 1_000_000:.1f}M"


def _told(agent: AgentProgress, now: float) -> str:
    parts = [terminal(agent.id), _lasted(agent, now)]
    if agent.tokens is not None:
        parts.append(f"{short_count(agent.tokens)} tokens")
    if agent.did:
        parts.append(f"({terminal(agent.did)})")
    return " ".join(part for part in parts if part)


def _lasted(agent: AgentProgress, now: float) -> str:
    if agent.started is None:
        return ""
    return short_time((agent.ended if agent.ended is not None else now) - agent.started)
