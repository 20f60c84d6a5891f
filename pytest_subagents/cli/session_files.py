"""The transcripts and session files that a person names, or that lie below a folder a person names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.limits import SEARCHED_FOLDERS
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.store import is_child

_SESSIONS: Final = ("*.jsonl", "*.jsonl.zst", "*.jsonl.gz", "session-*.json", "ses_*.json")
"""What is looked at in a folder: transcripts, and what vendors call their sessions."""
_SUFFIXES: Final = (".jsonl", ".json", ".log", ".txt")
_HEAD_BYTES: Final = 4_096
_CODEX_CHILD: Final = re.compile(rb'"parent_thread_id"\s*:\s*"|"source"\s*:\s*\{\s*"subagent"')
"""In the first line of a codex session that another one started: its parent tells what came of it."""


class Source(Value, frozen=True, kw_only=True):
    """A file that may be a transcript."""

    path: Path
    below: Path
    """The folder that a person named, or that of the file."""

    @property
    def name(self) -> str:
        """What its recording is called."""
        return file_name(_stem(self.path.name))

    @property
    def long_name(self) -> str:
        """The same with its folders, where others have its name."""
        inner = self.path.relative_to(self.below)
        return "/".join((*(file_name(part) for part in inner.parts[:-1]), self.name))


def sources_of(paths: Iterable[Path]) -> tuple[list[Source], list[str]]:
    """The files to import, each once and sorted below each path; and what is passed over, with the reason.

    `BadUsage` for a path that is not there.
    """
    found: dict[Path, Source] = {}
    passed_over: list[str] = []
    for path in paths:
        if not os.path.lexists(path):
            raise BadUsage(str(path), "there is no such file or folder")
        if not path.is_dir():
            found.setdefault(path, Source(path=path, below=path.parent))
            continue
        for file in sorted(_files_below(path)):
            if (why := _part_of_another(file)) is not None:
                passed_over.append(f"{file}: {why}")
            else:
                found.setdefault(file, Source(path=file, below=path))
    return list(found.values()), [each for each in passed_over if each]


def _files_below(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    for count, each in enumerate(waiting):  # which grows meanwhile
        if count == SEARCHED_FOLDERS:
            what = f"there are more than {SEARCHED_FOLDERS:,} folders below it, which are too many to search"
            raise BadUsage(str(folder), what, hint="name a smaller folder")
        try:
            with os.scandir(each) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    elif any(fnmatchcase(entry.name, glob) for glob in _SESSIONS):
                        yield Path(entry.path)
        except OSError:
            continue


def _part_of_another(path: Path) -> str | None:
    """Why a session is no recording of its own; None where it is one."""
    if is_child(path):
        return "it goes with the session beside its folder"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        first = file.read(_HEAD_BYTES).partition(b"\n")[0]
    if first.startswith(b"{") and b'"session_meta"' in first and _CODEX_CHILD.search(first):
        return "another codex session started it"
    return None


def _stem(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            return name.removesuffix(suffix)
    return name
