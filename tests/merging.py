"""Work of subagents to merge, made by plain git, and the merge of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from repositories import ARepository, plain_git, program

from pytest_subagents.git.repository import find_repository, head_of
from pytest_subagents.merge.joining import Joined, join
from pytest_subagents.merge.private_store import Store, open_store
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.model.integration import Conflicted, Stale
from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.workspace.paths import shown

Files = Mapping[str, "str | bytes | None"]
"""What a subagent leaves, by path; None removes it. A text that begins with `->` is a link."""
TEN = "".join(f"line {number}\n" for number in range(10))
_DIFF = ("diff-tree", "-r", "-p", "--binary", "--full-index", "--no-renames")


class Elsewhere:
    """A copy of a repository, so that what is made of it is not in it."""

    def __init__(self, person: ARepository, folder: Path) -> None:
        plain_git(folder.parent, "clone", "-q", "--no-local", str(person.path), folder.name)
        self.path = folder
        # What a .gitattributes would make of the bytes is another question.
        (folder / ".git/info").mkdir(exist_ok=True)
        (folder / ".git/info/attributes").write_text(
            "* -text !eol -ident -filter !working-tree-encoding !diff\n", "ascii"
        )

    def unpack(self, pack: bytes) -> None:
        """Takes over what somebody has made of the repository."""
        plain_git(self.path, "unpack-objects", "-q", input=pack)

    def work(self, agent: str, files: Files, *, base: str = "HEAD") -> Work:
        """What `agent` left that started from the commit `base` and wrote `files`."""
        plain_git(self.path, "checkout", "-q", "-f", "--detach", base)
        plain_git(self.path, "clean", "-qfdx")
        for name, data in files.items():
            path = self.path / os.fsdecode(name)
            if data is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():
                path.unlink()
            if isinstance(data, str) and data.startswith("->"):
                path.unlink(missing_ok=True)
                path.symlink_to(data[2:])
            else:
                path.write_bytes(data.encode() if isinstance(data, str) else data)
        plain_git(self.path, "add", "-A", "-f")
        before = plain_git(self.path, "rev-parse", "HEAD^{tree}")
        after = plain_git(self.path, "write-tree")
        return self.between(agent, before, after)

    def between(self, agent: str, before: str, after: str) -> Work:
        out = self.path.parent / "a.patch"
        plain_git(self.path, *_DIFF, f"--output={out}", before, after)
        patch = out.read_bytes()
        assert isinstance(changes_of(patch, Path()), tuple), "no patch of ours"
        return Work(agent=agent, base=before, tree=after, patch=patch)


class Merging:
    """Merges in a store of its own."""

    def __init__(self, person: ARepository, place: Path) -> None:
        self.repository = find_repository(program(), person.path)
        self.store: Store = open_store(self.repository, place)
        self.start = self.repository.git.line("rev-parse", f"{head_of(self.repository)}^{{tree}}")

    def rebuilt(self, *works: Work) -> list[Rebuilt]:
        found = rebuilt(self.store, works)
        assert not [each for each in found if isinstance(each, Stale)], found
        return [each for each in found if isinstance(each, Rebuilt)]

    def join(self, *works: Work) -> Joined:
        return join(self.store, self.start, self.rebuilt(*works), shown=partial(shown, prefix=Path()))

    def files(self, tree: str) -> dict[bytes, bytes]:
        """The contents of everything in `tree`."""
        found = self.store.files_of(tree)
        return {path: self.store.reading.run("cat-file", "blob", version.id) for path, version in found.items()}


class Place:
    """A person's repository, with a file of ten lines, and a copy where work is made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.person = ARepository(folder / "person")
        self.person.write("ten.txt", TEN)
        self.person.commit()
        self.elsewhere = Elsewhere(self.person, folder / "elsewhere")

    def merging(self) -> Merging:
        return Merging(self.person, self.folder / f"store-{len(list(self.folder.iterdir()))}")


def conflicted(joined: Joined) -> Conflicted:
    """The one conflict that there is."""
    (row,) = [row for row in joined.rows if isinstance(row, Conflicted)]
    return row
