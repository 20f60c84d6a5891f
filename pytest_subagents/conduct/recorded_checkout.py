"""A private checkout with the work of a recording in it: what a subagent left, without the agent.

The recorded patch is applied in a git directory of our own first and must give the recorded tree; what lands in the
checkout are the files of that tree. A git that looks at it sees what it would have seen in the agent's own checkout:
the tree that the agent started from as HEAD and index, and the work as changes that nobody has added.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from pytest_subagents.errors import SubagentsError
from pytest_subagents.git.failing import GitError
from pytest_subagents.git.private import make_agents
from pytest_subagents.git.program import find_git
from pytest_subagents.git.quoting import quoted
from pytest_subagents.git.repository import Repository, find_repository, head_of
from pytest_subagents.merge.private_store import Store, open_store
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Work
from pytest_subagents.model.base_parts import BaseParts
from pytest_subagents.model.integration import Stale
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.value import Value
from pytest_subagents.workspace.slots import place_of
from pytest_subagents.writing import make_folder, remove_tree


class RecordedCheckout(Value, frozen=True, kw_only=True):
    place: Path
    """The toplevel."""
    workdir: Path
    """The folder that stands for the rootdir."""


class NoCheckout(Value, frozen=True, kw_only=True):
    """Why there can be none."""

    why: str
    hint: str | None = None
    stale: bool = False
    """Whether a patch or a base is not here any more; else it is something of this machine."""


class RecordedCheckouts:
    """Those of one process; each subagent's is where its agent's was."""

    def __init__(
        self,
        *,
        rootdir: Path,
        work: Path,
        trusted: Path,
        environ: Mapping[str, str],
        below: Callable[[str, BaseParts], tuple[Work, ...] | Reason],
    ) -> None:
        """`work` is the folder of the run's checkouts, held by a slot; `trusted` the one above it that is believed;
        `below` gives the work of all that the recording of a subagent, by its node id, says that it is built on."""
        self._below = below
        self._rootdir = rootdir
        self._work = work
        self._trusted = trusted
        self._environ = environ
        self._repository: Repository | None = None

    def of(self, nodeid: str, work: Work | None) -> RecordedCheckout | NoCheckout:
        """The checkout with `work`, else of HEAD as it is, which stays until `leave`."""
        try:
            return self._made(nodeid, work)
        except GitError as error:
            return NoCheckout(why=f"{error.where}: {error.what}", hint=error.hint)
        except SubagentsError as error:
            return NoCheckout(why=f"{error.where} {error.what}", hint=error.hint)
        except OSError as error:
            return NoCheckout(why=error.strerror or str(error))

    def leave(self, nodeid: str, *, keep: bool = False) -> None:
        """It is not needed any more; with `keep` a person may look at the files until another run needs the place."""
        place = place_of(self._work, nodeid)
        for folder in (_private(place), *(() if keep else (place,))):
            remove_tree(folder, below=self._trusted)

    def _made(self, nodeid: str, work: Work | None) -> RecordedCheckout | NoCheckout:
        if self._repository is None:
            self._repository = find_repository(find_git(self._environ.get("PATH", os.defpath)), self._rootdir)
        repository, place = self._repository, place_of(self._work, nodeid)
        for folder in (place, _private(place)):
            if left := remove_tree(folder, below=self._trusted):
                raise left
            make_folder(folder.parent, below=self._trusted, mode=0o700)
        store = open_store(repository, _private(place))
        head = head_of(repository)
        head_tree = store.reading.line("rev-parse", "--verify", f"{head}^{{tree}}")
        base, tree = head_tree, head_tree
        if work is not None:
            below = self._below(nodeid, work.parts) if work.parts is not None and work.parts.works else ()
            if isinstance(below, Reason):
                return NoCheckout(why=f"it {below.message}", hint=below.hint, stale=True)
            found = rebuilt(store, [*below, work], whole=True)[-1]
            if isinstance(found, Stale):
                return NoCheckout(why=found.why, hint=found.hint, stale=True)
            base, tree = found.base, found.tree
        base_index = store.bring_trees(base)
        if base != head_tree:
            head = store.writing.line("commit-tree", base, "-m", "what the subagent started from")
        _let_git_see(repository, store, place, head=head, index=base_index)
        _fill(store, place, tree)
        workdir = place / repository.prefix
        make_folder(workdir, below=place)
        return RecordedCheckout(place=place, workdir=workdir)


def _let_git_see(repository: Repository, store: Store, place: Path, *, head: str, index: Path) -> None:
    """A git directory in the checkout, for commands that ask git; it borrows, and nothing is written elsewhere."""
    git_dir = make_agents(repository, place)
    with open(git_dir / "objects/info/alternates", "ab") as alternates:
        alternates.write(quoted(os.fsencode(store.writing.cwd / "objects")) + b"\n")
    shutil.copyfile(index, git_dir / "index")
    (git_dir / "HEAD").write_text(f"{head}\n", encoding="ascii")


def _fill(store: Store, place: Path, tree: str) -> None:
    """The files of `tree`, which need not be whole in the repository."""
    index = store.writing.cwd / "work.index"
    git = replace(store.reading, index=index)
    git.run("read-tree", tree)
    replace(git, work_tree=place, cwd=place).run("checkout-index", "--all", "--force", "--quiet")


def _private(place: Path) -> Path:
    return place.with_name(f"{place.name}.git")
