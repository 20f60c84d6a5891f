"""What a live run is doing, for a terminal: a table to look at, and one line for a log.

A word stands for each state, in capitals where it needs attention, so that no colour is needed to see it. What is not
known is `–`, never 0; `≥` is a sum to which something that is not known belongs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from pytest_subagents.model.progress import AgentProgress, RunProgress, Spent, spent_by
from pytest_subagents.model.value import Value
from pytest_subagents.reports.cells import cells, fit
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.wording import NOTHING, dollars, duration, quantity

if TYPE_CHECKING:
    from rich.text import Text

_WORDS: Final = MappingProxyType({"partial": "PARTIAL", "failed": "FAILED", "not_run": "NOT RUN"})
_CUT_OFF: Final = "CUT OFF"
_STYLES: Final = MappingProxyType(
    {
        "running": "bold",
        "waiting": "dim",
        "backing off": "yellow",
        "checking": "bold",
        "success": "green",
        "PARTIAL": "yellow",
        "FAILED": "red",
        "NOT RUN": "yellow",
        _CUT_OFF: "red",
    }
)
_WORST_FIRST: Final = ("FAILED", _CUT_OFF, "NOT RUN", "PARTIAL", "success")

_GAP: Final = 2
_LEAST_ID: Final = 10
_MOST_CELLS: Final = 36
"""The widest that a column other than the last one gets."""
_LEFT_OUT: Final = MappingProxyType({"turns": 30, "usd": 30, "status": 10})
"""Columns that are left out in this order where the last column would have fewer cells; it tells the status then."""
_OPTIONAL: Final = ("turns", "usd")
"""Columns that are there once there is something to tell."""
_RIGHT: Final = ("time", "turns", "tokens", "usd")
_FEWEST_ROWS: Final = 4
"""The header, one subagent, how many more there are, and the sums."""
_NAMED: Final = 3
"""Running subagents that one line names; the others are counted."""
_NAMED_CELLS: Final = 60
"""What one of them did last, in that line."""
_LONGEST: Final = 10**9
"""Seconds; more is damage."""
_MOST_COUNTED: Final = 10**12
"""The same of tokens and turns."""


class _Row(Value, frozen=True, kw_only=True):
    """The cells of one row, and the style of its status."""

    status: str = ""
    subagent: str = ""
    time: str = ""
    turns: str = ""
    tokens: str = ""
    usd: str = ""
    last: str = ""
    style: str = ""
    whole: bool = False
    """The style is that of the whole row."""


_COLUMNS: Final = ("status", "subagent", "time", "turns", "tokens", "usd", "last")
_HEADER: Final = _Row(
    status="status",
    subagent="subagent",
    time="time",
    turns="turns",
    tokens="tokens",
    usd="usd",
    last="last",
    style="dim",
    whole=True,
)


def progress_table(run: RunProgress, now: float, *, width: int, height: int | None = None) -> tuple[Text, ...]:
    """Lines: one for each subagent, those that run first and then the worst first, below a header and above the sums.

    `now` is seconds since the epoch. No line takes more than `width` cells, and there are at most `height` of them (at
    least four; None is as many as it takes): subagents that do not fit are counted. What an agent wrote is escaped.
    """
    shown = sorted(run.agents, key=_rank)
    room = len(shown) if height is None else max(height, _FEWEST_ROWS) - 2
    hidden: Sequence[AgentProgress] = ()
    if len(shown) > room:
        shown, hidden = shown[: room - 1], shown[room - 1 :]
    header, *lines, sums = _laid_out([_HEADER, *(_row(agent, now) for agent in shown), _sums(run, now)], width)
    return (header, *lines, *_left_out(hidden, width), sums)


def progress_line(run: RunProgress, now: float) -> str:
    """The run in one line, for a log: `2 running: math 1m20s 12.3k tokens (ran ls), …; 1 waiting; 3 of 6 done`."""
    busy = [agent for agent in sorted(run.agents, key=_rank) if agent.busy]
    named = ", ".join(_named(agent, now) for agent in busy[:_NAMED])
    more = f" and {len(busy) - _NAMED:,} more" if len(busy) > _NAMED else ""
    parts = [f"{len(busy):,} running: {named}{more}"] if busy else []
    waiting = sum(agent.state == "waiting" for agent in run.agents)
    if waiting:
        parts.append(f"{waiting:,} waiting")
    parts.append(_done(run))
    spent = spent_by(run.agents)
    if spent.tokens is not None:
        parts.append(f"{_tokens(spent)} tokens" + (f", {_usd(spent)}" if spent.usd is not None else ""))
    return "; ".join(parts)


def word_of(agent: AgentProgress) -> str:
    """How it ended, or what it is doing."""
    if agent.state != "ended":
        return agent.state
    return _WORDS.get(agent.status, terminal(agent.status)) or _CUT_OFF


def worst(run: RunProgress) -> AgentProgress | None:
    """The one that a person should look at first of those that have ended; None where all is well."""
    unwell = [agent for agent in run.agents if agent.state == "ended" and word_of(agent) in _WORST_FIRST[:-1]]
    return min(unwell, key=_rank, default=None)


def short_time(seconds: float) -> str:
    """`45s`, `1m20s`, `2h05m`."""
    whole = int(min(max(0.0, seconds), _LONGEST)) if math.isfinite(seconds) else 0
    return f"{whole}s" if whole < 60 else duration(whole * 1_000)


def _rank(agent: AgentProgress) -> tuple[int, int, float]:
    """Those that run come first, by their start; then who waits; then who has ended, the worst and the last first."""
    if agent.state != "ended":
        return (0 if agent.busy else 1, 0, agent.started or 0.0)
    word = word_of(agent)
    return (2, _WORST_FIRST.index(word) if word in _WORST_FIRST else 0, -(agent.ended or 0.0))


def _row(agent: AgentProgress, now: float) -> _Row:
    word = word_of(agent)
    did = terminal(agent.did)
    started = agent.started is not None
    return _Row(
        status=word,
        subagent=terminal(agent.id),
        time=_lasted(agent, now) if started else "",
        turns=quantity(_bounded(agent.turns)) if agent.turns else "",
        tokens=quantity(_bounded(agent.tokens)) if started else "",
        usd=dollars(agent.usd) if started else "",
        last=f"try {agent.attempt}: {did}" if agent.attempt > 1 else did,
        style=_STYLES.get(word, ""),
    )


def _sums(run: RunProgress, now: float) -> _Row:
    spent = spent_by(run.agents)
    still = [agent for agent in run.agents if agent.state != "ended"]
    return _Row(
        subagent="total",
        time=short_time((run.updated if run.over else now) - run.started),
        tokens=_tokens(spent),
        usd=_usd(spent),
        last=_done(run) + (f", {_counted(still)}" if still else ""),
        style="bold",
        whole=True,
    )


def _left_out(hidden: Sequence[AgentProgress], width: int) -> Iterator[Text]:
    from rich.text import Text

    if hidden:
        yield Text(fit(f" and {len(hidden):,} more: {_counted(hidden)}", width), style="dim")


def _laid_out(rows: Sequence[_Row], width: int) -> list[Text]:
    """`rows` in as many columns as fit into `width`, each as wide as what is in it."""
    from rich.text import Text

    widths = _widths(rows, width)
    if "status" not in widths:
        rows = [_told_by_last(row) for row in rows]
    lines = []
    for row in rows:
        line = Text(" ", style=row.style if row.whole else "", no_wrap=True, overflow="crop")
        for name, cell in widths.items():
            line.append(_cell(row, name, cell), style="" if row.whole or name != "status" else row.style)
            line.append(" " * _GAP)
        line.rstrip()
        lines.append(line if cells(line.plain) <= width else Text(fit(line.plain, width)))
    return lines


def _widths(rows: Sequence[_Row], width: int) -> dict[str, int]:
    """By name of the column, in their order."""
    names = [name for name in _COLUMNS[:-1] if name not in _OPTIONAL or _is_told(rows[1:], name)]
    widths = {name: min(max(cells(getattr(row, name)) for row in rows), _MOST_CELLS) for name in names}
    widths["subagent"] = min(widths["subagent"], max(_LEAST_ID, width // 4))
    for name, least in _LEFT_OUT.items():
        if _room(widths, width) < least:
            widths.pop(name, None)
    return {**widths, "last": max(_room(widths, width), 1)}


def _is_told(rows: Sequence[_Row], name: str) -> bool:
    return any(getattr(row, name) not in ("", NOTHING) for row in rows)


def _room(widths: Mapping[str, int], width: int) -> int:
    """What is left for the last column: a line begins with a blank, and between columns is a gap."""
    return width - 1 - sum(widths.values()) - _GAP * len(widths)


def _cell(row: _Row, name: str, width: int) -> str:
    text = fit(getattr(row, name), width)
    blanks = " " * (width - cells(text))
    return blanks + text if name in _RIGHT else text + blanks


def _told_by_last(row: _Row) -> _Row:
    return row if row.whole or row.status == "running" else replace(row, last=row.status)


def _counted(agents: Iterable[AgentProgress]) -> str:
    """`3 running, 38 success`."""
    words = Counter(word_of(agent) for agent in sorted(agents, key=_rank))
    return ", ".join(f"{count:,} {word}" for word, count in words.items())


def _done(run: RunProgress) -> str:
    planned = max(run.planned, len(run.agents))
    return f"{min(run.done, planned):,} of {planned:,} done"


def _named(agent: AgentProgress, now: float) -> str:
    parts = [fit(terminal(agent.id), _MOST_CELLS), _lasted(agent, now)]
    if agent.tokens is not None:
        parts.append(f"{quantity(_bounded(agent.tokens))} tokens")
    if agent.did:
        parts.append(f"({fit(terminal(agent.did), _NAMED_CELLS)})")
    return " ".join(part for part in parts if part)


def _lasted(agent: AgentProgress, now: float) -> str:
    if agent.started is None:
        return ""
    return short_time((agent.ended if agent.ended is not None else now) - agent.started)


def _tokens(spent: Spent) -> str:
    return (
        quantity(_bounded(spent.tokens))
        if spent.all_tokens or spent.tokens is None
        else (f"≥{quantity(_bounded(spent.tokens))}")
    )


def _usd(spent: Spent) -> str:
    return dollars(spent.usd) if spent.all_usd or spent.usd is None else f"≥{dollars(spent.usd)}"


def _bounded(number: int | None) -> int | None:
    return None if number is None else max(0, min(number, _MOST_COUNTED))
