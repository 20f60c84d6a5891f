"""A branch for each subagent: HEAD, the work of those that it needs, and its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.repository import Repository
from pytest_subagents.merge.branching import Step, branch_name, make_branch
from pytest_subagents.merge.joining import Joining
from pytest_subagents.merge.private_store import Store
from pytest_subagents.merge.work import Rebuilt
from pytest_subagents.model.integration import AgentBranch, Conflicted, Merged, Nothing, Validation, Waiting
from pytest_subagents.model.value import Value


class Planned(Value, frozen=True, kw_only=True):
    """A branch that could be made."""

    told: AgentBranch
    steps: tuple[Step, ...] = ()
    """Empty where it cannot."""
    validation: Validation | None = None


def planned_branches(
    works: Mapping[str, Rebuilt],
    *,
    target: str,
    needs: Mapping[str, Sequence[str]],
    begin: Callable[[], Joining],
    validate: Callable[[str, str], Validation | None],
    message: Callable[[str], str],
) -> Iterator[Planned]:
    """One for each of `works`, in their order. `begin` gives a tree that nothing is joined to, `validate` what is
    known of a tree with the work of a subagent."""
    for agent, work in works.items():
        mine = [works[each] for each in works if each in _all_needs(agent, needs)]
        joining = begin()
        *_, row = rows = (*joining.add(mine), *joining.add([work]))
        told = AgentBranch(agent=agent, name=f"{target}/{agent}", branch=None)
        match row:
            case Conflicted(conflicts=conflicts):
                paths = ", ".join(conflict.path for conflict in conflicts)
                yield Planned(told=replace(told, why=f"it does not merge onto HEAD and what it needs: {paths}"))
            case Waiting(why=why) | Nothing(why=why):
                yield Planned(told=replace(told, why=why))
            case Merged(tree=tree):
                found = validate(tree, agent)
                steps = tuple(
                    Step(tree=each.tree, message=message(each.agent)) for each in rows if isinstance(each, Merged)
                )
                if found is not None and found.state != "passed":
                    yield Planned(told=replace(told, why=f"it is not validated: {found.why}"), validation=found)
                else:
                    yield Planned(told=told, steps=steps, validation=found)


def check_names(repository: Repository, planned: Sequence[Planned]) -> None:
    """`BadUsage` where git would not take them all, before any is made."""
    names = sorted(each.told.name for each in planned if each.steps)
    for name in names:
        branch_name(repository, name, name)
        inside = next((other for other in names if other.startswith(f"{name}/")), None)
        if inside is not None:
            what = f"there cannot be a branch {name} and a branch {inside}"
            raise BadUsage("--branch", what, hint="name the subagents so that no id is the folder of another one")


def made_branches(
    store: Store, repository: Repository, planned: Sequence[Planned], *, head: str
) -> tuple[AgentBranch, ...]:
    """All of `planned` that can be made."""
    check_names(repository, planned)
    return tuple(
        replace(each.told, branch=make_branch(store, repository, name=each.told.name, head=head, steps=each.steps))
        if each.steps
        else each.told
        for each in planned
    )


def _all_needs(agent: str, needs: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(needs.get(agent, ()))
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += needs.get(here, ())
    return found
