"""What must be right before the first agent is started: a mistake is said at once, and nothing is spent on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_subagents.conduct.assignment import NO_TEAM, Assignment
from pytest_subagents.conduct.function_check import function_fault
from pytest_subagents.conduct.prompting import brief_of
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.model.budget import Budget
from pytest_subagents.model.spec import Subagent
from pytest_subagents.prompt.instructions import check_templates
from pytest_subagents.runners.vendor_settings import settings_of
from pytest_subagents.transcript.redaction.secret_values import secrets_of
from pytest_subagents.vendors.prices import can_price
from pytest_subagents.vendors.programs.registry import program, startable


def preflight(assignments: Sequence[Assignment], *, rootdir: Path, budget: Budget) -> tuple[SubagentsError, ...]:
    """Every reason why these subagents cannot be run live here, in their order. Starts no agent."""
    found = [*_of_each(assignments, budget, rootdir), *_of_contexts(assignments, rootdir), *_of_templates(assignments)]
    return tuple(found)


def cautions(assignments: Iterable[Assignment], environ: Mapping[str, str]) -> tuple[str, ...]:
    """What a person should know and need not mend: secrets that are too short to be cut out of what is recorded."""
    allowed = {name for assignment in assignments for name in settings_of(assignment.subagent).env}
    given = {name: value for name, value in environ.items() if name in allowed}
    return secrets_of(given, allowed=allowed).refused


def _of_each(assignments: Iterable[Assignment], budget: Budget, rootdir: Path) -> Iterator[SubagentsError]:
    for assignment in assignments:
        subagent = assignment.subagent
        where = f"{subagent.where} (agent {subagent.id!r})"
        if not (subagent.instructions or subagent.task):
            yield BadUsage(where, "has neither 'instructions' nor 'task'", hint="say what it is to do")
        if subagent.runner == "process":
            yield from _of_vendor(subagent, where)
        elif subagent.function is not None and (fault := function_fault(subagent.function, rootdir, where)):
            yield fault
        limited = subagent.limits.max_usd is not None or budget.usd is not None
        if limited and not _is_priced(subagent):
            yield _unpriced(subagent, where, own=subagent.limits.max_usd is not None)


def _of_vendor(subagent: Subagent, where: str) -> Iterator[SubagentsError]:
    if subagent.vendor is None:
        yield BadUsage(where, "has no vendor", hint=f"add 'vendor', one of: {', '.join(startable())}")
        return
    try:
        found = program(subagent.vendor)
    except KeyError:
        hint = f"vendors that can be started: {', '.join(startable())}"
        yield BadUsage(where, f"recordings of {subagent.vendor!r} can be read, but nothing of it started", hint=hint)
        return
    except BadUsage as error:
        yield error
        return
    for words in found.refusals(subagent, settings_of(subagent)):
        yield BadUsage(where, words, hint="docs/vendors.md says what each vendor honours")


def _is_priced(subagent: Subagent) -> bool:
    """Whether a cost will be known: the vendor tells it, or the model is in the price list."""
    if subagent.runner == "function" or _tells_cost(subagent.vendor):
        return True
    return subagent.model is not None and can_price(subagent.model)


def _tells_cost(vendor: str | None) -> bool:
    try:
        return vendor is not None and program(vendor).parity["cost"].honoured == "yes"
    except (KeyError, BadUsage):
        return True  # what is wrong with the vendor is said by itself


def _unpriced(subagent: Subagent, where: str, *, own: bool) -> BadUsage:
    limit = "limits.max_usd" if own else "the budget in USD"
    model = f"the price of model {subagent.model!r} is" if subagent.model else "it names no model, whose price is then"
    return BadUsage(
        where,
        f"{limit} cannot hold: {model} not known",
        hint="install pytest-subagents[prices], name a model that it knows, or limit tokens instead",
    )


def _of_contexts(assignments: Iterable[Assignment], rootdir: Path) -> Iterator[SubagentsError]:
    seen: set[str] = set()
    for assignment in assignments:
        team = assignment.team or NO_TEAM
        if team.where in seen:
            continue
        seen.add(team.where)
        try:
            brief_of(assignment, {}, rootdir)
        except SubagentsError as error:
            yield error


def _of_templates(assignments: Iterable[Assignment]) -> Iterator[SubagentsError]:
    teams: dict[str, list[Subagent]] = {}
    for assignment in assignments:
        teams.setdefault((assignment.team or NO_TEAM).where, []).append(assignment.subagent)
    for subagents in teams.values():
        try:
            check_templates(subagents)
        except SubagentsError as error:
            yield error
