"""What was merged as a branch of the person's repository: the one place that writes there, and only when it is asked.

It makes objects and one new ref. No work tree, index, HEAD or other branch is touched, no hook runs, and a branch that
is there is never moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.failing import GitError
from pytest_subagents.git.repository import Repository
from pytest_subagents.merge.committing import commit, packed, time_of
from pytest_subagents.merge.private_store import Store, open_store
from pytest_subagents.model.integration import Branch
from pytest_subagents.model.value import Value

_UNFIT: Final = re.compile(r"[^\w.-]+|\.\.+")


class Step(Value, frozen=True, kw_only=True):
    """One commit: the tree with the work of one subagent and all before it."""

    tree: str
    message: str


def branch_name(repository: Repository, workflow: str, given: str | None) -> str:
    """`given`, or a name after the workflow; `BadUsage` where git would not take it."""
    name = given if given is not None else f"subagents/{_fitting(workflow) or 'workflow'}"
    hint = "name it as git names branches, such as --branch integration"
    try:
        fits = "\0" not in name and not name.startswith("-") and name != "HEAD"
        fits = fits and repository.git.ask("check-ref-format", f"refs/heads/{name}").code == 0
    except UnicodeError:
        fits = False
    if not fits:
        raise BadUsage("--branch", f"no branch can be called {name!a}", hint=hint)
    return name


def _fitting(text: str) -> str:
    parts = (_UNFIT.sub("-", part).removesuffix(".lock").strip(".-") for part in text.split("/"))
    return "/".join(part for part in parts if part)


def make_branch(store: Store, repository: Repository, *, name: str, head: str, steps: Iterable[Step]) -> Branch:
    """The branch `name`: `head`, the id of a commit, with a commit for each of `steps` on top.

    `BadUsage` where there is one already that is something else. The ids are the same every time: who and when do not
    depend on who does it and when.
    """
    when = time_of(store, head)
    tip = head
    for step in steps:
        tip = commit(store, step.tree, parent=tip, when=when, message=step.message)
    ref = f"refs/heads/{name}"
    there = _there(repository, ref)
    if there == tip:
        return Branch(name=name, commit=tip, already=True)
    if there is not None:
        raise BadUsage(
            "--branch",
            f"the branch {name} is there already, and is something else ({there[:12]})",
            hint=f"name another one with --branch, or remove it: git branch -D {name}",
        )
    _bring_over(store, repository, tip, head)
    try:
        nothing = "0" * len(tip)
        repository.git.run("update-ref", "--no-deref", "-m", "subagents merge", ref, tip, nothing)
    except GitError as error:
        hint = "name another one with --branch"
        raise BadUsage("--branch", f"the branch {name} cannot be made: {error.what}", hint=hint) from None
    return Branch(name=name, commit=tip, already=False)


def _there(repository: Repository, ref: str) -> str | None:
    answer = repository.git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", ref)
    return answer.stdout.decode("ascii").strip() if answer.code == 0 else None


def _bring_over(store: Store, repository: Repository, tip: str, head: str) -> None:
    """All that `tip` has and `head` has not. git checks it before any of it gets there: that nothing is missing, and
    that it holds nothing that git would refuse to take from somebody else, such as a forged `.gitmodules`."""
    pack = packed(store, tip, head)
    quarantine = open_store(repository, store.reading.cwd / f"quarantine-{tip}").reading
    try:
        quarantine.run("unpack-objects", "-q", "--strict", input=pack)
    except GitError as error:
        hint = "`subagents merge` says who changed what; `git help fsck` explains what git refuses"
        raise BadUsage("--apply", f"git does not accept what was merged: {error.what}", hint=hint) from None
    repository.git.run("unpack-objects", "-q", "--strict", input=pack)
