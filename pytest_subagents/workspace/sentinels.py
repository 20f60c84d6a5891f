"""What an agent has no business with, looked at before and after it worked: the person's checkout, its git, their home.

Only the system's facts about each file are compared (number, size, mode and times, the last of which nobody can set),
so that a look costs little and reads no secret. Of the index, which git writes for its own sake, too, entries count.
Files that are not tracked are not looked at: logs, caches and editors write those.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from msgspec.structs import replace

from pytest_subagents.errors import SubagentsError
from pytest_subagents.git.repository import Repository
from pytest_subagents.model import limits
from pytest_subagents.model.glob import matches, with_folders
from pytest_subagents.model.value import Value
from pytest_subagents.workspace.paths import shown
from pytest_subagents.workspace.walking import Found, walk

_GIT_FILES: Final = ("HEAD", "config", "config.worktree", "packed-refs", "info/exclude", "info/attributes")
_GIT_FOLDERS: Final = ("refs", "hooks")
_HOME: Final = (
    *(".bash_profile", ".bashrc", ".config/fish/config.fish", ".config/git/attributes", ".config/git/config"),
    *(".config/git/ignore", ".gitconfig", ".netrc", ".npmrc", ".profile", ".pypirc", ".ssh/authorized_keys"),
    *(".ssh/config", ".zprofile", ".zshenv", ".zshrc"),
)
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_State: TypeAlias = tuple[int, ...] | str | None


def listed_and_passed_over(lines: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of ini `subagents_sentinels`: what is looked at besides, and the globs behind `!`."""
    listed = tuple(line for line in lines if not line.startswith("!"))
    return listed, tuple(with_folders(line[1:].strip() for line in lines if line.startswith("!")))


class Look(Value, frozen=True, kw_only=True):
    """What was there at one moment."""

    states: Mapping[str, _State]
    """By what it is called: a path from the rootdir, `~/…`, or as a person has listed it."""
    tracked: frozenset[str] = frozenset()
    """Those that are files of the checkout."""


@dataclass(slots=True, kw_only=True)
class Sentinels:
    """Of one process."""

    rootdir: Path
    repository: Repository | None
    home: Path
    listed: Sequence[str] = ()
    """Further paths, as a person wrote them: absolute, from the rootdir, or `~/…`."""
    passed_over: Sequence[str] = ()
    """Globs, from the rootdir, of what a person works on meanwhile: files of the checkout, or below `.git/`."""
    ours: Sequence[Path] = ()
    """What runs themselves write."""
    _index: tuple[_State, str, tuple[bytes, ...]] | None = field(default=None)
    """Its file, a digest of its entries, and their names, as of the last look."""

    def look(self) -> Look:
        """Nothing is raised: what cannot be looked at is not there."""
        states: dict[str, _State] = {f"~/{name}": _state(self.home / name) for name in _HOME}
        for name in self.listed:
            path = self._listed(name)
            states[name] = _state(path)
            states.update((f"{name}/{inner}", state) for inner, state in _below(path))
        found = self._repository() if self.repository is not None else ()
        tracked = {name: state for name, state in found if not self._is_passed_over(name)}
        names = frozenset(name for name in tracked if not name.startswith(".git/"))
        return Look(states={**states, **tracked}, tracked=names)

    def changed(self, before: Look, *, files: bool = True) -> tuple[str, ...]:
        """What is not as it was, sorted; without `files` those of the checkout do not count."""
        now = self.look()
        skipped = frozenset[str]() if files else before.tracked | now.tracked
        names = before.states.keys() | now.states.keys()
        return tuple(sorted(name for name in names - skipped if before.states.get(name) != now.states.get(name)))

    def _listed(self, name: str) -> Path:
        if name == "~" or name.startswith("~/"):
            return self.home / name[2:]
        return self.rootdir / name

    def _repository(self) -> Iterator[tuple[str, _State]]:
        repository = self.repository
        assert repository is not None
        try:
            folder = Path(repository.git.line("rev-parse", "--path-format=absolute", "--git-dir"))
            shared = Path(repository.git.line("rev-parse", "--path-format=absolute", "--git-common-dir"))
            digest, names = self._entries(repository, folder / "index")
        except (SubagentsError, OSError):
            yield ".git/", "is no repository any more"
            return
        yield ".git/index", digest
        for name in _GIT_FILES:
            yield f".git/{name}", _state((folder if name == "HEAD" else shared) / name)
        for name in _GIT_FOLDERS:
            for inner, state in _below(shared / name):
                yield f".git/{name}/{inner}", state
        for raw in names[: limits.SENTINEL_FILES]:
            path = repository.toplevel / os.fsdecode(raw)
            if not any(path.is_relative_to(each) for each in self.ours):
                yield shown(raw, repository.prefix), _state(path, folders=False)

    def _is_passed_over(self, name: str) -> bool:
        """What git keeps only where that is said by name."""
        own = name.startswith(".git/")
        return matches(name, (glob for glob in self.passed_over if not own or glob.startswith(".git/")))

    def _entries(self, repository: Repository, index: Path) -> tuple[str, tuple[bytes, ...]]:
        state = _state(index)
        if self._index is None or self._index[0] != state:
            git = replace(repository.git, cwd=repository.toplevel)
            data = git.run("ls-files", "-v", "--stage", "-z")
            names = tuple(line.partition(b"\t")[2] for line in data.split(b"\0") if line)
            self._index = (state, hashlib.sha256(data).hexdigest(), names)
        return self._index[1], self._index[2]


def _state(path: Path, *, folders: bool = True) -> _State:
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(found.st_mode):  # whose times change with what is made in it
        return (found.st_mode,) if folders else None
    return found.st_ino, found.st_size, found.st_mode, found.st_mtime_ns, found.st_ctime_ns


def _below(folder: Path) -> Iterator[tuple[str, _State]]:
    """The files below a folder, the first `limits.SENTINEL_FILES` of them; no link is followed."""
    try:
        top = os.open(folder, _FOLDER)
    except OSError:
        return
    try:
        left = limits.SENTINEL_FILES
        for step in walk(top, enter=lambda path, name: True, unlock=False):
            if isinstance(step, Found) and left > 0:
                left -= 1
                state = step.state
                facts = (state.st_ino, state.st_size, state.st_mode, state.st_mtime_ns, state.st_ctime_ns)
                yield step.path.decode("utf-8", "backslashreplace"), facts
    finally:
        os.close(top)
