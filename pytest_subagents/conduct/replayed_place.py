"""The folder that a subagent worked in, as it left it, made again from its recording: its base with its patch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.basis import Bases
from pytest_subagents.conduct.needed_work import Called, works_in
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import find_repository
from pytest_subagents.merge.basing import as_base
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.model.base_parts import BaseParts
from pytest_subagents.model.integration import Stale
from pytest_subagents.model.reason import Reason
from pytest_subagents.runners.recorded_work import work_of
from pytest_subagents.workspace.checkout import Objects, checkout


def replayed_place(
    assignment: Assignment,
    called: Called,
    *,
    rootdir: Path,
    environ: Mapping[str, str],
    below: Path,
) -> Path | str:
    """The folder that stands for the rootdir, below the empty folder `below`; or words why it cannot be made.

    Of one whose recording has no patch, as it worked in the person's files, it is the rootdir. `called` finds those
    whose work its recording says that it is built on. `BadUsage` where there is no git or no repository.
    """
    work = work_of(assignment.recording, assignment.subagent.id)
    if work is None:
        return rootdir
    if isinstance(work, str):
        return work
    parts = work.parts or BaseParts(start=work.base)
    works = works_in(parts, assignment.planned.nodeid, called, lambda each: each.recording)
    if isinstance(works, Reason):
        return f"it {works.message}"
    repository = find_repository(find_git(environ.get("PATH", os.defpath)), rootdir)
    bases = Bases(repository=repository, below=below, ours=())
    store = bases.store_at(below / "store")
    made = rebuilt(store, [*works, work], whole=True)[-1]
    if isinstance(made, Stale):
        return made.why
    base = as_base(store, made.tree, bases.head(), parts)
    return checkout(
        repository,
        base=base.commit,
        place=below / "work",
        private=below / "git",
        below=below,
        objects=Objects(store=base.objects, pack=base.pack),
    ).workdir
