"""The workflow files below a folder, as pytest would find them, and the one that declares a subagent."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pytest_subagents.cli.ini_file import lines_said
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.model.glob import matches
from pytest_subagents.model.limits import SEARCHED_FOLDERS
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.plan.several_runs import runs_of
from pytest_subagents.reports.escape import terminal
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.store import recording_of_agent, recording_of_run
from pytest_subagents.vendors.registry import VENDORS

FILES: Final = tuple(
    name + suffix for suffix in (".yaml", ".yml", ".toml", ".json") for name in ("subagents", "*.subagents")
)
"""What pytest takes for a workflow file where neither SUBAGENTS_FILES nor the ini file says anything else."""
_PASSED_OVER: Final = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")
"""pytest's own `norecursedirs`."""
_LISTED: Final = 10


class Declared(Value, frozen=True, kw_only=True):
    """A subagent and the workflow file that declares it."""

    workflow: Workflow
    subagent: Subagent
    file: str
    """From the rootdir, as node ids begin."""
    path: Path
    """The same, as a person named it or as it was found."""

    def nodeid_of(self, id: str) -> str:
        """The node id of a subagent of the same file."""
        return f"{self.file}::{id}"


def only_file(rootdir: Path, *, command: str, by: str = "") -> Path:
    """The one workflow file below `rootdir`, for a `command` that was given none (`by` an option); `BadUsage` unless
    there is one."""
    found = list(workflow_files(rootdir))
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadUsage(
            command, "there is no workflow file here or below", hint=f"name one: subagents {command} {by}FILE"
        )
    names = [path.relative_to(rootdir).as_posix() for path in found[:_LISTED]]
    more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
    hint = f"name one: {', '.join(names)}{more}"
    raise BadUsage(command, f"there are {len(found):,} workflow files here and below", hint=hint)


def declared(agent: str, *, rootdir: Path, file: str | None, command: str = "show") -> Declared:
    """The subagent that `agent`, an id or a node id, names, in `file` or in any workflow file below `rootdir`.

    Raises `BadUsage` where there is none, or several, and what is wrong with a file where it is in no other.
    """
    paths = [Path(file)] if file is not None else list(workflow_files(rootdir))
    if not paths:
        raise BadUsage(command, "there is no workflow file here or below", hint="name one with --file")
    known: list[Declared] = []
    faults: list[SubagentsError] = []
    for path in paths:
        try:
            workflow = read_workflow(path, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
        except SubagentsError as fault:
            faults.append(fault)
        else:
            shown = _from(rootdir, path)
            known += (Declared(workflow=workflow, subagent=one, file=shown, path=path) for one in workflow.agents)
    found = [one for one in known if agent in _names(one)]
    if len(found) == 1:
        return found[0]
    if found:
        nodeids = _listed([one.nodeid_of(one.subagent.id) for one in found])
        hint = f"name it by its node id: {nodeids}; or the file with --file"
        raise BadUsage(command, f"{len(found)} workflow files declare {agent!r}", hint=hint)
    if faults:
        raise faults[0]
    raise BadUsage(command, f"no workflow file declares {agent!r}", hint=_nearest(agent, known))


def declared_by_recording(path: Path, rootdir: Path) -> tuple[Declared, int | None] | None:
    """The subagent whose recording is, or would be, at the absolute `path`, and the number of its run where there are
    several; None where no workflow file says so. Raises what is wrong with the file that might."""
    for folder in path.parents:
        if folder.name != "recordings" or not folder.parent.is_dir():
            continue
        is_workflow = _named(rootdir)
        for file in sorted(each for each in folder.parent.iterdir() if is_workflow(str(each))):
            workflow = read_workflow(file, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
            for agent in workflow.agents:
                recording = recording_of_agent(str(file.parent), workflow.name, agent.id)
                several = runs_of(agent) > 1
                for number in range(1, runs_of(agent) + 1):
                    if str(path) == (recording_of_run(recording, number) if several else recording):
                        one = Declared(workflow=workflow, subagent=agent, file=_from(rootdir, file), path=file)
                        return one, number if several else None
    return None


def workflow_files(rootdir: Path) -> Iterator[Path]:
    """All of them, the nearest folders first. Links to folders are not followed."""
    is_workflow = _named(rootdir)
    waiting = [rootdir]
    for count, folder in enumerate(waiting):  # which grows meanwhile
        if count == SEARCHED_FOLDERS:
            what = f"there are more than {SEARCHED_FOLDERS:,} folders here, which are too many to search"
            raise BadUsage("show", what, hint="name the workflow file with --file")
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        if count and any(entry.name == "pyvenv.cfg" for entry in found):
            continue
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                if not any(fnmatchcase(entry.name, glob) for glob in _PASSED_OVER):
                    waiting.append(Path(entry.path))
            elif is_workflow(entry.path):
                yield Path(entry.path)


def _named(rootdir: Path) -> Callable[[str], bool]:
    """Whether a path is that of a workflow file: a glob with folders is of all of it, from the rootdir."""
    globs = lines_said("files", rootdir) or FILES
    whole = tuple(glob for glob in globs if "/" in glob)
    names = tuple(glob for glob in globs if "/" not in glob)
    return lambda path: (
        matches(os.path.basename(path), names)
        or (bool(whole) and matches(Path(os.path.relpath(path, rootdir)).as_posix(), whole))
    )


def _from(rootdir: Path, path: Path) -> str:
    absolute = Path(os.path.abspath(path))
    shown = absolute.relative_to(rootdir) if absolute.is_relative_to(rootdir) else path
    return shown.as_posix().encode("utf-8", "backslashreplace").decode()


def _names(one: Declared) -> tuple[str, ...]:
    id, nodeid = one.subagent.id, one.nodeid_of(one.subagent.id)
    return id, nodeid, terminal(nodeid)


def _nearest(agent: str, known: Sequence[Declared]) -> str:
    if ".py::" in agent:
        return "only subagents of workflow files can be shown so; a mark says what it says in its test"
    ids = sorted({one.subagent.id for one in known})
    near = difflib.get_close_matches(agent, ids, n=_LISTED) or [id for id in ids if agent and agent in id]
    return f"did you mean: {_listed(near)}" if near else f"known: {_listed(ids)}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
