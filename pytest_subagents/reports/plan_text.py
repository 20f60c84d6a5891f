"""A plan for the terminal: who touches what, who waits for whom and why, how long it takes, and what to do better."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pytest_subagents.model.limits import PLAN_ROWS
from pytest_subagents.model.plan import Advice, Edge, Estimate, Hazard, Makespan, Plan, Settled
from pytest_subagents.reports.cells import cells, fit, pad
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line, Style
from pytest_subagents.reports.wording import NOTHING, duration, number_of

_NARROWEST: Final = 60
_GAP: Final = 2
_ID_CELLS: Final = 30
_BAR_CELLS: Final = 40
_SETTLED: Final[Mapping[Settled, str]] = MappingProxyType(
    {
        "depends_on": "depends_on orders them",
        "order": "they run one after the other",
        "apart": "never at once",
        "same base": "both start from the same base",
        "open": "nothing orders them",
    }
)


def plan_lines(plan: Plan, *, width: int = 80) -> tuple[Line, ...]:
    """The plan in at most `width` cells (60 at least); `~` stands before times that no recording tells."""
    width = max(width, _NARROWEST)
    return tuple(
        Line(text=terminal(line.text.rstrip()), style=line.style)  # once more, as lines begin elsewhere now
        for line in (
            *_headline(plan, width),
            *_section("Access", _access(plan, width)),
            *_section("Conflicts", _conflicts(plan, width)),
            *_section("Order", _order(plan, width)),
            *_section("Waves", _waves(plan, width)),
            *_section("Critical path", _critical(plan, width)),
            *_section("Time by number of workers", _times(plan, width)),
            *_section("Advice", _advice(plan, width)),
        )
    )


def _headline(plan: Plan, width: int) -> Iterator[Line]:
    chosen = next(one for one in plan.makespans if one.workers == plan.workers)
    text = (
        f"{terminal(plan.name)}: {number_of(len(plan.access), 'subagent')} in {number_of(len(plan.waves), 'wave')}, "
        f"{_about(plan)}{duration(chosen.milliseconds)} with -n {plan.workers}"
    )
    if plan.workers > 1:
        text += f", {_about(plan)}{duration(plan.total_ms)} one after the other"
    return (Line(text=line, style="heading") for line in _wrapped(text, width))


def _about(plan: Plan) -> str:
    return "~" if any(one.source == "default" for one in plan.estimates) else ""


def _section(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    found = list(lines)
    if found:
        yield Line()
        yield Line(text=title, style="heading")
        yield from found


def _access(plan: Plan, width: int) -> Iterator[Line]:
    """Four columns, of which those with globs share what is left and are as many lines as they need."""
    takes = {one.id: _takes(one) for one in plan.estimates}
    shown = plan.access[:PLAN_ROWS]
    shares = any(row.resources for row in shown)
    rows = [["subagent", "takes", "reads", "writes", "shares"]]
    for row in shown:
        reads = "not declared" if row.read is None else _listed(row.read)
        rows.append([terminal(row.id), takes[row.id], reads, _listed(row.write), _listed(row.resources)])
    ids = min(max(cells(row[0]) for row in rows), _ID_CELLS)
    times = max(len(row[1]) for row in rows)
    flexible = (2, 3, 4) if shares else (2, 3)
    rest = width - 2 - ids - times - 2 * _GAP
    widths = [ids, times, *_shared([max(cells(row[column]) for row in rows) for column in flexible], rest)]
    for texts in rows:
        columns = [_wrapped(text, room) for text, room in zip(texts[: len(widths)], widths, strict=True)]
        columns[1] = [text.rjust(times) for text in columns[1]]
        for line in range(max(map(len, columns))):
            there = (column[line] if line < len(column) else "" for column in columns)
            parts = [pad(text, room) for text, room in zip(there, widths, strict=True)]
            yield Line(text="  " + (" " * _GAP).join(parts))
    yield from _more(len(plan.access) - len(shown), "subagent")


def _takes(one: Estimate) -> str:
    """`30.2s`, `~1m00s`; `3 x 30.2s` where it runs several times."""
    once = ("~" if one.source == "default" else "") + duration(one.milliseconds)
    return once if one.runs == 1 else f"{one.runs} x {once}"


def _shared(wanted: Sequence[int], rest: int) -> list[int]:
    """`rest` cells for columns: each as wide as it likes, or an equal share where that is too much."""
    given = [0] * len(wanted)
    left = rest - _GAP * (len(wanted) - 1)
    waiting = sorted(range(len(wanted)), key=lambda column: wanted[column])
    while waiting:
        column = waiting.pop(0)
        given[column] = min(wanted[column], left // (len(waiting) + 1))
        left -= given[column]
    return given


def _conflicts(plan: Plan, width: int) -> Iterator[Line]:
    same_base = [hazard for hazard in plan.hazards if hazard.settled == "same base"]
    found = [*plan.conflicts, *(hazard for hazard in same_base if hazard.change)]
    if not plan.conflicts:
        yield Line(text="  none: no two write the same path", style="success")
    for hazard in found[:PLAN_ROWS]:
        style: Style = "plain" if hazard.settled == "depends_on" else "partial"
        yield from _paragraph(terminal(_clash(hazard)), width, 2, style)
        if hazard.change:
            yield from _paragraph(terminal(hazard.change), width, 6, "plain")
    yield from _more(len(found) - PLAN_ROWS, "conflict")
    meant = sum(not hazard.change for hazard in same_base)
    if meant:
        pairs = number_of(meant, "pair")
        text = f"{pairs} of a reader and a writer may start from the same base, as coordination.strategy says"
        yield from _paragraph(text, width, 2, "plain")


def _clash(hazard: Hazard) -> str:
    first, second = hazard.agents
    what = hazard.witness if hazard.witness is not None else f"what {' and '.join(hazard.globs)} match"
    more = f" ({hazard.pairs - 1:,} more pairs have the same scopes)" if hazard.pairs > 1 else ""
    told = {
        "write-write": f"{first} and {second} both write {what}",
        "resource": f"{first} and {second} share {what}",
        "read-after-write": f"{second} reads {what}, which {first} writes",
        "write-after-read": f"{first} reads {what}, which {second} writes",
    }
    return f"{told[hazard.kind]}{more}: {_SETTLED[hazard.settled]}"


def _order(plan: Plan, width: int) -> Iterator[Line]:
    shown = plan.edges[:PLAN_ROWS]
    most = min(_ID_CELLS, (width - 32) // 2)
    ids = min(max((cells(terminal(edge.after)) for edge in shown), default=0), most)
    before = min(max((cells(terminal(edge.before)) for edge in shown), default=0), most)
    for edge in shown:
        names = (pad(fit(terminal(id), room), room) for id, room in ((edge.after, ids), (edge.before, before)))
        start = f"  {'  after '.join(names)}  "
        lines = _wrapped(terminal(_why(edge)), max(width - cells(start), 20))
        yield Line(text=start + lines[0])
        yield from (Line(text=" " * cells(start) + line) for line in lines[1:])
    yield from _more(len(plan.edges) - len(shown), "edge")


def _why(edge: Edge) -> str:
    if edge.cause == "depends_on":
        point = f" (checkpoint {edge.checkpoint})" if edge.checkpoint else ""
        return f"depends_on{point}" + (f", reads {edge.witness}" if edge.witness else "")
    return f"{'reads' if edge.cause == 'reads' else 'both write'} {edge.witness or 'what may be the same'}"


def _waves(plan: Plan, width: int) -> Iterator[Line]:
    for number, wave in enumerate(plan.waves[:PLAN_ROWS], start=1):
        named = ", ".join(map(terminal, wave[:PLAN_ROWS]))
        named += f" and {len(wave) - PLAN_ROWS:,} more" if len(wave) > PLAN_ROWS else ""
        lines = _wrapped(named, width - 7)
        yield Line(text=f"  {number:>3}  {lines[0]}")
        yield from (Line(text=" " * 7 + line) for line in lines[1:])
    yield from _more(len(plan.waves) - PLAN_ROWS, "wave")


def _critical(plan: Plan, width: int) -> Iterator[Line]:
    shown = " -> ".join(map(terminal, plan.critical_path[:PLAN_ROWS]))
    if len(plan.critical_path) > PLAN_ROWS:
        shown += f" -> … ({len(plan.critical_path) - PLAN_ROWS:,} more)"
    return _paragraph(f"{shown}, {_about(plan)}{duration(plan.critical_ms)}", width, 2, "plain")


def _times(plan: Plan, width: int) -> Iterator[Line]:
    """One line for each number of workers that changes something, with a bar; the one worth using is marked."""
    most = max((one.milliseconds for one in plan.makespans), default=0) or 1
    room = min(_BAR_CELLS, width - 40)
    for first, last in _runs(plan.makespans):
        label = f"-n {first.workers}" + (f" to {last.workers}" if last.workers > first.workers else "")
        bar = "#" * max(1, round(room * first.milliseconds / most))
        chosen = first.workers <= plan.workers <= last.workers
        mark = f"  use -n {plan.workers}" if chosen else ""
        time = _about(plan) + duration(first.milliseconds)
        yield Line(text=f"  {label:<11}  {time:>8}  {bar}{mark}", style="success" if chosen else "plain")
    if len(plan.access) > plan.at_once:
        yield from _paragraph(f"at most {plan.at_once} at a time, whatever -n is", width, 2, "plain")


def _runs(makespans: Sequence[Makespan]) -> Iterator[tuple[Makespan, Makespan]]:
    start = 0
    for number, one in enumerate(makespans):
        if number + 1 == len(makespans) or makespans[number + 1].milliseconds != one.milliseconds:
            yield makespans[start], one
            start = number + 1


def _advice(plan: Plan, width: int) -> Iterator[Line]:
    for one in plan.advice[:PLAN_ROWS]:
        yield from _paragraph(_who(one) + terminal(one.text), width, 2, "plain")
    yield from _more(len(plan.advice) - PLAN_ROWS, "piece", " of advice")


def _who(advice: Advice) -> str:
    named = ", ".join(map(terminal, advice.agents[:4]))
    more = f" and {len(advice.agents) - 4:,} more" if len(advice.agents) > 4 else ""
    return f"{named}{more}: " if named else ""


def _more(count: int, noun: str, behind: str = "") -> Iterator[Line]:
    if count > 0:
        yield Line(text=f"  and {number_of(count, f'more {noun}')}{behind}; --json has all of them")


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(map(terminal, texts)) or NOTHING


def _paragraph(text: str, width: int, indent: int, style: Style) -> Iterator[Line]:
    """`text` from `indent` on, what does not fit on one line two cells further in."""
    for number, line in enumerate(_wrapped(text, width - indent - 2)):
        yield Line(text=" " * (indent + (2 if number else 0)) + line, style=style)


def _wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, cut at blanks where there are any; at least one line."""
    width = max(width, 4)
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(joined) <= width:
            lines[-1] = joined
            continue
        lines += [""] if lines[-1] else []
        rest = word
        while cells(rest) > width:
            part = fit(rest, width).removesuffix("…") or rest[0]
            part = part[: part.rfind("/") + 1] or part
            lines[-1] = part
            lines.append("")
            rest = rest[len(part) :]
        lines[-1] = rest
    return lines
