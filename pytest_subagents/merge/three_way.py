"""One three-way merge of trees, by git, without a work tree.

`git read-tree -m` settles every path that one side alone changed, and `git merge-tree` gets those that both changed,
and only those. Given whole trees it would guess renames by likeness, from what both sides have become, whatever
`merge.renames` says (git 2.39): a third patch could then land in another file, without a conflict, when it comes last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from pytest_subagents.git.command import Git
from pytest_subagents.git.failing import GitError, failed
from pytest_subagents.model import limits
from pytest_subagents.model.integration import Version
from pytest_subagents.model.value import Value, field

DRIVER: Final = "external"
"""What `info/attributes` calls an external driver, and the built-in one where none is configured."""
_CONFLICT: Final = b"CONFLICT ("

_Stages = dict[int, Version]
"""Of one path, as it is in the base (1), in ours (2) and in theirs (3)."""


class Clean(Value, frozen=True, kw_only=True):
    tree: str
    driven: frozenset[bytes] = frozenset()
    """What git could not merge and the driver could."""


class Clashing(Value, frozen=True, kw_only=True):
    """git claims a conflict. What it made of it is not used."""

    kinds: Mapping[bytes, tuple[str, ...]]
    """By path, what git calls it."""
    marked: Mapping[bytes, Version] = field(default_factory=lambda: MappingProxyType({}))
    """By path, both sides with conflict markers, where git made that."""


def three_way(git: Git, *, base: str, ours: str, theirs: str, driver: str = "") -> Clean | Clashing:
    """What `ours` and `theirs` make of `base`; all are ids of trees that `git` has as a whole.

    `driver` is the command of an external merge driver, as git takes one: it is tried where git sees a conflict in the
    contents of files.
    """
    if theirs in (base, ours):
        return Clean(tree=ours)
    if ours == base:
        return Clean(tree=theirs)
    index = git.cwd / "merge.index"
    index.unlink(missing_ok=True)
    git = replace(git, index=index)
    git.run("read-tree", "-i", "-m", "--aggressive", base, ours, theirs)
    unmerged = _unmerged(git)
    kinds = {path: _kind(stages) for path, stages in unmerged.items() if not _in_both(stages)}
    both = {path: stages for path, stages in unmerged.items() if _in_both(stages)}
    marked: Mapping[bytes, Version] = {}
    driven: frozenset[bytes] = frozenset()
    if both:
        found = _contents(git, both)
        if isinstance(found, Clashing) and driver:
            again = _driven(git, both, driver)
            driven = frozenset(found.kinds) if isinstance(again, Clean) else driven
            found = again if isinstance(again, Clean) else found
        if isinstance(found, Clashing):
            kinds.update(found.kinds)
            marked = found.marked
        else:
            _put(git, _tree_lines(git, found.tree))
    if kinds:
        return Clashing(kinds=kinds, marked=marked)
    return Clean(tree=git.line("write-tree", "--missing-ok"), driven=driven)


def _driven(git: Git, both: Mapping[bytes, _Stages], driver: str) -> Clean | Clashing | None:
    """The same by an external driver; None where it does not come to an end."""
    settings = (*git.settings, (f"merge.{DRIVER}.driver", driver), (f"merge.{DRIVER}.name", DRIVER))
    try:
        return _contents(replace(git, settings=settings, seconds=limits.MERGE_DRIVER_SECONDS), both)
    except GitError:
        return None


def _unmerged(git: Git) -> dict[bytes, _Stages]:
    """`<mode> <id> <stage>\\t<path>`, ended by a NUL."""
    found: dict[bytes, _Stages] = {}
    for line in git.run("ls-files", "--unmerged", "-z").split(b"\0"):
        if line:
            facts, _, path = line.partition(b"\t")
            mode, id, stage = facts.decode("ascii").split(" ")
            found.setdefault(path, {})[int(stage)] = Version(mode=mode, id=id)
    return found


def _in_both(stages: _Stages) -> bool:
    return stages.keys() >= {2, 3}


def _kind(stages: _Stages) -> tuple[str, ...]:
    """Of what one side has: the other one removed it, or has a folder where this is a file or the other way round."""
    return ("modify/delete",) if 1 in stages else ("file/directory",)


def _contents(git: Git, both: Mapping[bytes, _Stages]) -> Clean | Clashing:
    """The merge of these paths alone.

    `git merge-tree` finds the base by itself (git 2.40 is the first that can be told), so each tree gets a commit. The
    guard fixes who and when, so that the ids of these, too, are the same every time.
    """
    trees = [tree_of(git, {path: each[stage] for path, each in both.items() if stage in each}) for stage in (1, 2, 3)]
    root = git.line("commit-tree", trees[0], "-m", "base")
    sides = [git.line("commit-tree", tree, "-p", root, "-m", "side") for tree in trees[1:]]
    command = ("merge-tree", "--write-tree", "-z", *sides)
    answer = git.ask(*command)
    if answer.code == 0:
        return Clean(tree=answer.stdout.split(b"\0")[0].decode("ascii").strip())
    if answer.code != 1:
        raise failed(command, answer.code, answer.stderr)
    kinds = _kinds(answer.stdout, [f"~{side}".encode("ascii") for side in sides])
    return Clashing(kinds=kinds, marked=_marked(git, answer.stdout, both, kinds))


def _marked(
    git: Git, output: bytes, both: Mapping[bytes, _Stages], kinds: Mapping[bytes, tuple[str, ...]]
) -> Mapping[bytes, Version]:
    """What git made of the conflicts: none has this in a tree that is used."""
    lines = _tree_lines(git, output.split(b"\0")[0].decode("ascii").strip()).split(b"\0")
    found = {}
    for line in lines:
        facts, _, path = line.partition(b"\t")
        if path in kinds:
            mode, _kind, id = facts.decode("ascii").split(" ")
            found[path] = Version(mode=mode, id=id)
    return {path: each for path, each in found.items() if each not in both[path].values()}


def tree_of(git: Git, files: Mapping[bytes, Version]) -> str:
    """The tree with these files and no others."""
    index = git.cwd / "part.index"
    index.unlink(missing_ok=True)
    git = replace(git, index=index)
    _put(git, b"".join(f"{one.mode} {one.id}\t".encode("ascii") + path + b"\0" for path, one in files.items()))
    return git.line("write-tree", "--missing-ok")


def _tree_lines(git: Git, tree: str) -> bytes:
    """`<mode> <type> <id>\\t<path>`, which `update-index --index-info` reads, too."""
    return git.run("ls-tree", "-r", "-z", "--full-tree", tree)


def _put(git: Git, lines: bytes) -> None:
    command = ("update-index", "-z", "--index-info")
    answer = git.ask(*command, input=lines)
    # A name that git does not like is passed over with a word and no failure.
    if answer.code != 0 or b"Ignoring path" in answer.stderr:
        raise failed(command, answer.code, answer.stderr)


def _kinds(output: bytes, moved: list[bytes]) -> dict[bytes, tuple[str, ...]]:
    """`TREE`, then files (`<mode> <id> <stage>\\t<path>`) up to an empty field, then messages: how many paths, the
    paths, the kind, the text. One of two files of different kinds is called `<path>~<side>` there."""
    fields = iter(output.split(b"\0"))
    next(fields)
    found: dict[bytes, dict[str, None]] = {}
    for entry in fields:
        if not entry:
            break
        found.setdefault(_plain(entry.partition(b"\t")[2], moved), {})
    for paths, kind in _messages(fields):
        for path in paths if kind.startswith(_CONFLICT) else ():
            name = kind.removeprefix(_CONFLICT).removesuffix(b")").decode("utf-8", "replace")
            found.setdefault(_plain(path, moved), {})[name] = None
    return {path: tuple(kinds) or ("contents",) for path, kinds in found.items()}


def _messages(fields: Iterator[bytes]) -> Iterator[tuple[list[bytes], bytes]]:
    for count in fields:
        if not count.isdigit():  # the end, or advice about submodules
            return
        paths = [next(fields) for _ in range(int(count))]
        yield paths, next(fields)
        next(fields)


def _plain(path: bytes, moved: list[bytes]) -> bytes:
    return next((path.removesuffix(end) for end in moved if path.endswith(end)), path)
