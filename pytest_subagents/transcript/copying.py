"""The files of a recording, and one digest of them all: whether two machines have the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from pytest_subagents.transcript.store import Recording


def files_of(recording: Recording) -> tuple[Path, ...]:
    """Those that there are, as replay would read them: the transcript, what is beside it, and its children."""
    beside = (Path(recording.transcript), Path(recording.meta), Path(recording.patch))
    return tuple(path for path in (*beside, *recording.children()) if os.path.isfile(path))


def digest_of(recording: Recording) -> str:
    """Of the names and the bytes of all files; empty where there is no file, or one that cannot be read."""
    digest = hashlib.sha256()
    base = os.path.dirname(recording.transcript)
    files = files_of(recording)
    try:
        for path in files:
            digest.update(f"{os.path.relpath(path, base)}\0{path.stat().st_size}\0".encode("utf-8", "surrogatepass"))
            for part in _parts(path):
                digest.update(part)
    except OSError:
        return ""
    return digest.hexdigest() if files else ""


def _parts(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            yield part
