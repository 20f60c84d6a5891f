"""How large the files are that each subagent may read, as far as that is quickly found."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_subagents.model.glob import literal_start, pattern_of, with_folders
from pytest_subagents.model.limits import MEASURED_MATCHES, SCOPE_FILES, SEARCHED_FOLDERS
from pytest_subagents.workspace.digests import LEFT_OUT


def scope_sizes(rootdir: Path, scopes: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """Bytes of the files below `rootdir` that each scope matches; nothing where there is too much to look at.

    No link is followed, and nothing is opened.
    """
    wanted = {scope: tuple(with_folders(scope)) for scope in dict.fromkeys(scopes)}
    patterns = [(scope, literal_start(glob), pattern_of(glob)) for scope, globs in wanted.items() for glob in globs]
    sizes = dict.fromkeys(wanted, 0)
    for count, (path, size) in enumerate(_files(rootdir)):
        if count >= SCOPE_FILES or count * len(patterns) > MEASURED_MATCHES:
            return {}
        counted = {scope for scope, start, pattern in patterns if path.startswith(start) and pattern.match(path)}
        for scope in counted:
            sizes[scope] += size
    return sizes


def _files(rootdir: Path) -> Iterator[tuple[str, int]]:
    left_out = set(map(os.fsdecode, LEFT_OUT))
    waiting = [""]
    for folder in waiting:  # which grows meanwhile
        try:
            with os.scandir(rootdir / folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in found:
            path = f"{folder}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in left_out and len(waiting) < SEARCHED_FOLDERS:
                    waiting.append(f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                try:
                    yield path, entry.stat(follow_symlinks=False).st_size
                except OSError:
                    continue
