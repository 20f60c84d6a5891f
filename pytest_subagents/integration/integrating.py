"""The recorded work of a workflow's subagents to one tree, and to a branch if that is asked for.

A sequence of several stages: the report says whose work is wanted, the recordings what it is, the plan in which order,
the workflow file what is merged together and how that is validated.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.repository import head_of
from pytest_subagents.integration.branches import Planned as PlannedBranch
from pytest_subagents.integration.branches import made_branches, planned_branches
from pytest_subagents.integration.conflict_files import keep_conflicts
from pytest_subagents.integration.drivers import find_driver
from pytest_subagents.integration.recorded_work import Request, Told, told_of
from pytest_subagents.integration.unit_by_unit import unit_by_unit
from pytest_subagents.integration.validating import Validator
from pytest_subagents.merge.beyond_text.documents import json_faults, toml_faults
from pytest_subagents.merge.beyond_text.finding import Checkers
from pytest_subagents.merge.beyond_text.python_module import python_faults
from pytest_subagents.merge.branching import Step, branch_name, make_branch
from pytest_subagents.merge.joining import Joining
from pytest_subagents.merge.private_store import Store, let_drive, open_store
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.three_way import DRIVER
from pytest_subagents.merge.units import late_needs, units_of
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.model.integration import Integration, Merged, Row, Stale, Validation
from pytest_subagents.model.spec import Workflow
from pytest_subagents.plan.arranging import Arrangement, arranged
from pytest_subagents.specify.yaml_source import yaml_faults
from pytest_subagents.workspace.paths import shown
from pytest_subagents.writing import remove_tree

CHECKERS: Final[Checkers] = MappingProxyType(
    {".py": python_faults, ".json": json_faults, ".toml": toml_faults, ".yaml": yaml_faults, ".yml": yaml_faults}
)
"""What a merged file is looked at with."""


def check_mergeable(workflow: Workflow) -> None:
    """`BadUsage` for what a workflow says of its merge that goes against itself."""
    merge = workflow.merge
    if merge.strategy == "staged" and not merge.stages:
        raise BadUsage(workflow.where, "'merge.strategy: staged' has no stages", hint="list them: 'merge.stages'")
    if merge.stages and merge.strategy != "staged":
        hint = "say 'strategy: staged', or leave the stages out"
        raise BadUsage(workflow.where, f"'merge.stages' mean nothing with 'strategy: {merge.strategy}'", hint=hint)
    declared = {agent.id: [need.agent for need in agent.depends_on] for agent in workflow.agents}
    order = [agent.id for agent in workflow.agents]
    for agent, need in late_needs(units_of(merge, order), declared) if merge.strategy == "staged" else ():
        raise BadUsage(
            workflow.where,
            f"{agent!r} depends on {need!r}, which a later stage of the merge has",
            hint="put it into the same stage, or into one before",
        )


def integrate(request: Request, *, apply: bool, branch: str | None) -> Integration:
    """The merge of everything whose subagent ended well, and, with `apply`, a branch of it.

    Without `apply` nothing is written but in a temporary folder, and, where commands are run, what they came to, and,
    where it is asked for, the contents of conflicts. `BadUsage` where the report is not one of this workflow, the
    branch is another one already, or the plan has a mistake; `GitError` where git fails.
    """
    repository, workflow = request.repository, request.workflow
    check_mergeable(workflow)
    name = branch_name(repository, workflow.name, branch)
    arrangement = arranged(workflow)
    units = units_of(workflow.merge, [workflow.agents[index].id for index in arrangement.order])
    told = told_of(request, (agent for unit in units for agent in unit.agents))
    head = head_of(repository)
    with tempfile.TemporaryDirectory(prefix="subagents-merge-") as folder:
        place = Path(os.path.realpath(folder))
        store = open_store(repository, place / "git")
        driver = find_driver(request.driver, environ=request.environ, scratch=place)
        if driver is not None:
            let_drive(store, DRIVER)
        made = rebuilt(store, [each for each in told if isinstance(each, Work)])
        works = {each.agent: each for each in made if not isinstance(each, Stale)}
        start = _start(request, head, works.values())
        validator = _validator(request, store, place)
        joining = Joining(
            store=store,
            start=start,
            works=tuple(works.values()),
            shown=partial(shown, prefix=repository.prefix),
            checkers=CHECKERS,
            driver="" if driver is None else driver.command,
            needs=needs_of(workflow, arrangement),
            out=frozenset(each.agent for each in (*told, *made) if isinstance(each, Stale)),
        )
        own = workflow.merge.strategy == "branch-per-agent"
        planned = list(_branches(request, works, joining.fresh, validator, target=name)) if own else []
        outcome = unit_by_unit(
            joining, units, works, lambda tree, unit: validator.validate(tree, unit.commands, of=unit.name)
        )
        validator.keep()
        rows = _rows(told, made, outcome.rows)
        validations = (*outcome.validations, *(each.validation for each in planned if each.validation is not None))
        issues = {unit.name for unit in units if unit.on_failure == "create-review-issue"}
        issues |= set(works) if own and workflow.merge.on_failure == "create-review-issue" else set()
        found = Integration(
            workflow=workflow.name,
            head=head,
            start=start,
            tree=joining.tree,
            rows=rows,
            target=name,
            validations=validations,
            halt=outcome.halt,
            issues=tuple(each.of for each in validations if each.state == "failed" and each.of in issues),
            branches=tuple(each.told for each in planned),
            driver="" if driver is None else f"{driver.name} {driver.version}",
            kept="" if request.keep is None else os.path.relpath(request.keep, request.rootdir),
        )
        steps = _steps(request, rows)
        if apply and own and not _ends(workflow, planned):
            found = replace(found, branches=made_branches(store, repository, planned, head=head))
        elif apply and not own and steps and fit(found):
            found = replace(found, branch=make_branch(store, repository, name=name, head=head, steps=steps))
        if request.keep is not None:
            _keep(request, store, rows)
    return found


def _branches(
    request: Request, works: Mapping[str, Rebuilt], begin: Callable[[], Joining], validator: Validator, *, target: str
) -> Iterator[PlannedBranch]:
    merge = request.workflow.merge

    def validate(tree: str, agent: str) -> Validation | None:
        if not merge.validation:
            return None
        return replace(validator.validate(tree, merge.validation, of=agent), agents=(agent,))

    needs = needs_of(request.workflow, arranged(request.workflow))
    return planned_branches(
        works, target=target, needs=needs, begin=begin, validate=validate, message=partial(_message, request)
    )


def _ends(workflow: Workflow, planned: Iterable[PlannedBranch]) -> bool:
    """Whether one that failed means that none is made."""
    failed = any(each.validation is not None and each.validation.state == "failed" for each in planned)
    return failed and workflow.merge.on_failure == "abort-workflow"


def _keep(request: Request, store: Store, rows: Iterable[Row]) -> None:
    folder = request.keep
    assert folder is not None
    below = request.rootdir if folder.is_relative_to(request.rootdir) else folder.parent
    try:
        remove_tree(folder / "conflicts", below=below)
        keep_conflicts(store, rows, folder / "conflicts", below=below)
    except OSError as error:
        where = str(error.filename or folder)
        raise BadUsage(where, f"the conflicts cannot be kept: {error.strerror or error}") from None


def fit(found: Integration) -> bool:
    """Whether what was merged may become a branch."""
    return found.validated and (found.halt is None or found.halt.kind == "paused")


def needs_of(workflow: Workflow, arrangement: Arrangement) -> Mapping[str, Sequence[str]]:
    """By id, whose work each subagent builds on."""
    ids = [agent.id for agent in workflow.agents]
    return {id: [ids[need] for need in needs] for id, needs in zip(ids, arrangement.needs, strict=True)}


def _start(request: Request, head: str, works: Iterable[Rebuilt]) -> str:
    first = next(iter(works), None)
    if request.onto == "base" and first is not None:
        return first.base
    return request.repository.git.line("rev-parse", "--verify", f"{head}^{{tree}}")


def _validator(request: Request, store: Store, scratch: Path) -> Validator:
    return Validator(
        checks=request.checks,
        keeps=request.keeps_checks,
        onto=request.onto,
        store=store,
        scratch=scratch,
        folder=request.folder,
        workflow=request.workflow.name,
        prefix=request.repository.prefix,
        rootdir=request.rootdir,
        environ=request.environ,
        redact=request.redact,
    )


def _rows(told: Iterable[Told], made: Iterable[Rebuilt | Stale], joined: Mapping[str, Row]) -> tuple[Row, ...]:
    rows: dict[str, Row] = {each.agent: each for each in told if not isinstance(each, Work)}
    rows.update((each.agent, each) for each in made if isinstance(each, Stale))
    rows.update(joined)
    return tuple(rows[each.agent] for each in told)


def _steps(request: Request, rows: Iterable[Row]) -> list[Step]:
    return [Step(tree=row.tree, message=_message(request, row.agent)) for row in rows if isinstance(row, Merged)]


def _message(request: Request, agent: str) -> str:
    return f"Work of the subagent {agent}\n\nSubagent: {agent}\nWorkflow: {request.workflow.name}\n"
