"""What a place to work in costs, and a merge, against plain git. One command, one table:

    .venv/bin/python benchmarks/workspace.py [--files 100,10000] [--rounds 7]

*Worktree*: a private checkout of HEAD, made and removed, against `git worktree add` and `git worktree remove`.
*Diff*: what an agent that changed one file left, told from all files, against `git add -A` and `git diff --cached`.
*Base*: a checkout of HEAD with the work of two others, against `git worktree add` and two `git merge` in it.
*Merge*: two patches to one tree, as `subagents merge` does it, against two `git merge` in a worktree that is there.

Rounds are interleaved, ours and plain git's one after the other, so that whatever else the machine does meets both.
Wall
time in milliseconds, the median of the rounds, and the ratio of ours to git's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import Repository, find_repository, head_of
from pytest_subagents.merge.basing import Base, Start, make_base
from pytest_subagents.merge.joining import join
from pytest_subagents.merge.private_store import open_store
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.workspace.checkout import Checkout, Objects, checkout, remove_checkout
from pytest_subagents.workspace.paths import shown
from pytest_subagents.workspace.real_diff import real_diff
from pytest_subagents.writing import remove_tree

_WHO: Final = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgSign=false", "-c", "gc.auto=0")
_SHOWN: Final = partial(shown, prefix=Path())


def git(folder: Path, *args: str, input: bytes | None = None) -> bytes:
    done = subprocess.run(["git", "-C", str(folder), *_WHO, *args], input=input, capture_output=True, check=True)
    return done.stdout


class Bench:
    """A repository with so many files of 1 kB, two subagents' branches in it, and places to work in."""

    def __init__(self, folder: Path, files: int) -> None:
        self.folder = folder
        self.person = folder / "person"
        self.person.mkdir()
        git(self.person, "init", "-q", "-b", "main")
        for number in range(files):
            path = self.person / f"src/m{number % 100}/f{number}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"# {number}\n" + "x = 1  # a line of some length\n" * 32, encoding="utf-8")
        self._commit("all")
        git(self.person, "gc", "-q")
        self.repository: Repository = find_repository(find_git(os.environ["PATH"]), self.person)
        self.head = head_of(self.repository)
        self.tree = git(self.person, "rev-parse", "HEAD^{tree}").decode().strip()
        self.works = [self._work(number) for number in range(2)]

    def _commit(self, words: str) -> None:
        git(self.person, "add", "-A")
        git(self.person, "commit", "-q", "-m", words)

    def _work(self, number: int) -> Work:
        """A branch of the person's for plain git, and the same as a patch for us."""
        git(self.person, "checkout", "-q", "-b", f"agent{number}", "main")
        (self.person / f"src/m{number}/new.py").write_text("new\n", encoding="utf-8")
        with open(self.person / f"src/m{number}/f{number}.py", "a", encoding="utf-8") as file:
            file.write("changed\n")
        self._commit("work")
        options = ("--binary", "--full-index", "--no-renames")
        patch = git(self.person, "diff-tree", "-r", "-p", *options, "main", "HEAD")
        tree = git(self.person, "rev-parse", "HEAD^{tree}").decode().strip()
        git(self.person, "checkout", "-q", "main")
        return Work(agent=f"agent{number}", base=self.tree, tree=tree, patch=patch)

    def checkout(self, base: Base | None = None) -> Checkout:
        return checkout(
            self.repository,
            base=base.commit if base is not None else self.head,
            place=self.folder / "place",
            private=self.folder / "private",
            below=self.folder,
            objects=Objects(store=base.objects, pack=base.pack) if base is not None else None,
        )

    def ours_worktree(self) -> float:
        return timed(lambda: remove_checkout(self.checkout(), below=self.folder))

    def gits_worktree(self) -> float:
        def work() -> None:
            git(self.person, "worktree", "add", "-q", "--detach", str(self.folder / "tree"), "main")
            git(self.person, "worktree", "remove", "--force", str(self.folder / "tree"))

        return timed(work)

    def ours_diff(self) -> float:
        made = self.checkout()
        (made.place / "src/m0/f0.py").write_text("changed\n", encoding="utf-8")
        found = timed(lambda: real_diff(made))
        remove_checkout(made, below=self.folder)
        return found

    def gits_diff(self) -> float:
        tree = self.folder / "tree"
        git(self.person, "worktree", "add", "-q", "--detach", str(tree), "main")
        (tree / "src/m0/f0.py").write_text("changed\n", encoding="utf-8")
        found = timed(lambda: [git(tree, "add", "-A", "-f"), git(tree, "diff", "--cached", "--binary")])
        git(self.person, "worktree", "remove", "--force", str(tree))
        return found

    def ours_base(self) -> float:
        def work() -> None:
            store = open_store(self.repository, self.folder / "store")
            base = make_base(store, Start(tree=self.tree, head=self.head), self.works, shown=_SHOWN)
            assert isinstance(base, Base)
            remove_checkout(self.checkout(base), below=self.folder)
            remove_tree(self.folder / "store", below=self.folder)

        return timed(work)

    def gits_base(self) -> float:
        def work() -> None:
            tree = self.folder / "tree"
            git(self.person, "worktree", "add", "-q", "--detach", str(tree), "main")
            for number in range(2):
                git(tree, "merge", "-q", "--no-ff", "-m", "merge", f"agent{number}")
            git(self.person, "worktree", "remove", "--force", str(tree))

        return timed(work)

    def ours_merge(self) -> float:
        def work() -> None:
            store = open_store(self.repository, self.folder / "store")
            made = [each for each in rebuilt(store, self.works) if isinstance(each, Rebuilt)]
            assert len(made) == 2
            join(store, self.tree, made, shown=_SHOWN)

        found = timed(work)
        remove_tree(self.folder / "store", below=self.folder)
        return found

    def gits_merge(self) -> float:
        tree = self.folder / "tree"
        git(self.person, "worktree", "add", "-q", "--detach", str(tree), "main")
        found = timed(
            lambda: [git(tree, "merge", "-q", "--no-ff", "-m", "merge", f"agent{number}") for number in range(2)]
        )
        git(self.person, "worktree", "remove", "--force", str(tree))
        return found


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def measured(bench: Bench, names: Iterable[str], rounds: int) -> Iterable[tuple[str, float, float]]:
    for name in names:
        ours: list[float] = []
        gits: list[float] = []
        for number in range(rounds):
            both = [(ours, f"ours_{name}"), (gits, f"gits_{name}")]
            for times, method in both if number % 2 else reversed(both):
                times.append(getattr(bench, method)())
        yield name, statistics.median(ours), statistics.median(gits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", default="100,10000")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--what", default="worktree,diff,base,merge")
    options = parser.parse_args()
    print("| files | what | ours, ms | git, ms | ratio |\n|---|---|---|---|---|")
    for files in map(int, options.files.split(",")):
        folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="subagents-bench-")))
        try:
            for name, ours, gits in measured(Bench(folder, files), options.what.split(","), options.rounds):
                print(f"| {files:,} | {name} | {ours:.0f} | {gits:.0f} | {ours / gits:.2f} |", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
