"""Places to work in, in the repository of a person, without a run around them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from builders import a_planned

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.basis import Uncommitted
from pytest_subagents.conduct.keeping import LocalKeeper
from pytest_subagents.conduct.places_checked import Places
from pytest_subagents.conduct.workplace import Workplace, Workplaces
from pytest_subagents.contract.loading import Contracts
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import RESULT, Isolation, Subagent
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.transcript.run_directory import RunDirectory, trusted_above
from pytest_subagents.transcript.store import Recording
from pytest_subagents.workspace.change import Diff

CONTRACT = Contracts().get(RESULT)


def an_assignment(
    id: str = "fix", *, write: Sequence[str] = ("src/",), isolation: Isolation | None = None
) -> Assignment:
    return Assignment(
        subagent=Subagent(id=id, scope=Scope(write=tuple(write)), isolation=isolation),
        planned=a_planned(id),
        contract=CONTRACT,
        recording=Recording(transcript=""),
    )


def nobody(nodeid: str) -> tuple[Assignment, ...]:
    return ()


def workplaces(
    root: Path,
    uncommitted: Uncommitted = "ignore",
    *,
    stop: Stop | None = None,
    state: Path | None = None,
    work: Path | None = None,
) -> Workplaces:
    """`state` is the run directory, by default that of the repository."""
    state = state or root / ".subagents"
    directory = RunDirectory.create(state, below=root, started=datetime.now(UTC))
    directory.release()
    work = state / "work/1"
    work.mkdir(parents=True)
    return Workplaces(
        rootdir=root,
        work=work,
        trusted=trusted_above(state, root),
        environ=os.environ,
        beneath=nobody,
        called=lambda nodeid, id: (),
        keeper=LocalKeeper(rootdir=root, directory=directory),
        stop=stop or Stop(),
        uncommitted=uncommitted,
        ours=(root / ".subagents", root / "recordings/team"),
    )


def begun(places: Workplaces, isolation: Isolation | None = None) -> Workplace:
    found = places.of(an_assignment(isolation=isolation))
    assert isinstance(found, Workplace)
    return found


def ended(places: Workplaces, place: Workplace) -> Diff:
    """The diff; nothing of the place is left then."""
    diff = place.diff()
    assert diff is not None
    places.leave(a_planned("fix").nodeid)
    assert [path.name for path in places.work.iterdir()] == []
    return diff


def files_below(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and not name.startswith(".git/"):
            found[name] = f"-> {os.readlink(path)}" if path.is_symlink() else path.read_bytes().decode("latin-1")
    return found


def checked(root: Path, *assignments: Assignment, beneath: Sequence[Assignment] = (), **more: object) -> list[str]:
    last = assignments[-1].planned.nodeid
    places = Places(
        running=assignments,
        beneath=lambda nodeid: tuple(beneath) if nodeid == last else (),
        rootdir=root,
        environ=os.environ,
        ours=(root / "recordings",),
        **more,  # type: ignore[arg-type]
    )
    return [f"{fault.where}: {fault.what}" for fault in places.faults()]
