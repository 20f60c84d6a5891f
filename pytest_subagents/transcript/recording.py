"""Writing recordings: redacted into a candidate first, looked at once more, then put where replay finds them.

A recording is several files, and no system renames several at once. So the metadata goes first, replaced by a mark
(`meta.UNFINISHED`) that every reader refuses; then the transcript and the patch; and the new metadata last. A reader
or a kill at any moment finds the old recording, the new one, or one that says that it is half written.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.spec import Subagent
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.meta import UNFINISHED, RecordingMeta, meta_bytes, read_meta
from pytest_subagents.transcript.redaction.lint import suspicions
from pytest_subagents.transcript.redaction.redactor import Redactor
from pytest_subagents.transcript.staleness import stale_reasons
from pytest_subagents.transcript.store import Recording
from pytest_subagents.writing import folder_of

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PRIVATE: Final = 0o600
_PUBLIC: Final = 0o644
_COPIED_BYTES: Final = 1024 * 1024
_SUFFIXES: Final = (".jsonl", ".meta.json", ".patch")


class Candidate(Value, frozen=True, kw_only=True):
    """A recording in the run directory: complete, redacted and judged, but not yet where replay finds it."""

    folder: Path
    name: str = "recording"

    @property
    def recording(self) -> Recording:
        """It, as replay reads it."""
        return Recording(transcript=f"{self.folder}/{self.name}.jsonl")

    @property
    def children_folder(self) -> Path:
        """Where the session files of the agent's own subagents are."""
        return self.folder / self.name / "subagents"

    @property
    def children(self) -> tuple[Path, ...]:
        return self.recording.children()


def write_candidate(
    folder: Path,
    *,
    stream: BinaryIO,
    meta: RecordingMeta,
    redactor: Redactor,
    patch: bytes = b"",
    name: str = "recording",
    below: Path | None = None,
) -> Candidate:
    """A candidate in `folder`, which is there and ours, of everything that a run left; mode 0600.

    No folder between `below` (by default `folder` itself) and it may be a link, as an agent could have made one.
    `stream` and the texts of `meta` are redacted, standard error whole before it is cut. The patch stays as it is, as
    nothing can be cut out of it: `secrets_left` looks at it. `OSError` where it cannot be written.
    """
    written: dict[str, Callable[[BinaryIO], object]] = {
        ".jsonl": lambda file: redactor.redact_file(stream, file),
        ".meta.json": lambda file: file.write(meta_bytes(_redacted(meta, redactor))),
    }
    if patch:
        written[".patch"] = lambda file: file.write(patch)
    with folder_of(folder / name, below=below or folder) as descriptor, _made(descriptor, written, _PRIVATE) as made:
        for suffix in _SUFFIXES:
            made.put(suffix, name + suffix)
    return Candidate(folder=folder, name=name)


def write_absence(folder: Path, *, meta: RecordingMeta, name: str = "recording", below: Path) -> Candidate:
    """A candidate of metadata alone, which say that there is no recording, and why."""
    written: dict[str, Callable[[BinaryIO], object]] = {".meta.json": lambda file: file.write(meta_bytes(meta))}
    with folder_of(folder / name, below=below) as descriptor, _made(descriptor, written, _PRIVATE) as made:
        for suffix in _SUFFIXES:
            made.put(suffix, name + suffix)
    return Candidate(folder=folder, name=name)


def write_child(candidate: Candidate, name: str, stream: BinaryIO, redactor: Redactor) -> None:
    """Adds the session file `name` (`agent-*.jsonl`) of one of the agent's own subagents to a candidate, redacted."""
    path = candidate.children_folder / name
    with folder_of(path, below=candidate.folder, mode=0o700) as folder:
        made = _new(folder, lambda file: redactor.redact_file(stream, file), _PRIVATE)
        os.replace(made, name, src_dir_fd=folder, dst_dir_fd=folder)


def secrets_left(candidate: Candidate, redactor: Redactor) -> tuple[str, ...]:
    """What still looks like a secret in a candidate, as `file: line: what`, without the values; it must not be
    published then. `OSError` where it cannot be read."""
    found = []
    for path in (*(candidate.folder / f"{candidate.name}{suffix}" for suffix in _SUFFIXES), *candidate.children):
        with suppress(FileNotFoundError), _opened(path) as file:
            found += [f"{path.name}: {suspicion}" for suspicion in suspicions(file, redactor)]
    return tuple(found)


def publish(candidate: Candidate, recording: Path, *, rootdir: Path) -> None:
    """Makes a candidate the recording `recording` (its `.jsonl`, below `rootdir`), in the place of the one there.

    A patch or a child that the candidate does not have is removed. No link below `rootdir` is followed, one in the
    place of a file is replaced. `BadUsage` where it cannot be written; then the old recording is as it was, unless its
    metadata says that it is half written, and the candidate stays where it is.
    """
    base = recording.with_name(recording.name.removesuffix(".jsonl"))
    children = base / "subagents"
    try:
        with _all_opened(candidate) as files:
            written = {suffix: _copied(file) for suffix, file in files.items()}
            if candidate.children or os.path.lexists(children):
                _publish_marked(base, written, rootdir, lambda: _publish_children(candidate, children, rootdir))
            else:
                _publish_marked(base, written, rootdir, lambda: None)
    except OSError as error:
        raise BadUsage(
            _shown(recording, rootdir),
            f"the recording cannot be written: {_words(error, rootdir)}",
            hint=f"what would have been recorded is in {_shown(candidate.folder, rootdir)}",
        ) from None


def fresh(
    recording: Recording, subagent: Subagent, *, template: str | None = None, may_be_absent: bool = False
) -> bool:
    """Whether there is a recording that answers what the specification asks today, so that mode `once` replays it.

    Judged as `staleness` does, so what is fresh here is never stale there. One whose metadata cannot be used, a half
    written one among them, is not fresh; a record that there is none may be (`may_be_absent`).
    """
    there = os.path.isfile(recording.transcript)
    if recording.refused or not (there or may_be_absent):
        return False
    try:
        with _opened(Path(recording.meta), links=True) as file:
            meta = read_meta(file.read(limits.META_BYTES + 1))
    except FileNotFoundError:
        return there
    except OSError:
        return False
    if not isinstance(meta, RecordingMeta) or meta.spoiled or not (there or meta.left_out):
        return False
    return not stale_reasons(subagent, meta, template=template)


def _redacted(meta: RecordingMeta, redactor: Redactor) -> RecordingMeta:
    redact = redactor.redact_text
    process = replace(
        meta.process,
        stderr_tail=redact(meta.process.stderr_tail),
        stop_message=redact(meta.process.stop_message),
    )
    patch = meta.patch
    if patch is not None:
        unkept = tuple((redact(path), redact(why)) for path, why in patch.unkept)
        patch = replace(patch, unkept=unkept)
    checks = {run: replace(check, output=redact(check.output)) for run, check in meta.checks.items()}
    outside = tuple(replace(each, path=redact(each.path)) for each in meta.outside)
    version = None if meta.cli_version is None else redact(meta.cli_version)
    return replace(meta, process=process, patch=patch, outside=outside, cli_version=version, checks=checks)


_Writers: TypeAlias = Mapping[str, Callable[[BinaryIO], object]]
"""What writes each file of a recording, by its suffix."""


def _publish_marked(base: Path, written: _Writers, rootdir: Path, children: Callable[[], None]) -> None:
    """Writes the files of a recording, `base` with each suffix: all beside their places first, then one by one."""
    with folder_of(base, below=rootdir) as folder, _made(folder, {"": _mark, **written}, _PUBLIC) as made:
        for suffix in _SUFFIXES:
            _refuse_folder(base.name + suffix, folder)
        made.put("", f"{base.name}.meta.json")
        for suffix in (".jsonl", ".patch"):
            made.put(suffix, base.name + suffix)
        children()
        made.put(".meta.json", f"{base.name}.meta.json")


def _publish_children(candidate: Candidate, place: Path, rootdir: Path) -> None:
    with folder_of(place / "any", below=rootdir) as folder:
        names = {path.name for path in candidate.children}
        for path in candidate.children:
            with _opened(path) as file:
                os.replace(_new(folder, _copied(file), _PUBLIC), path.name, src_dir_fd=folder, dst_dir_fd=folder)
        for name in os.listdir(folder):
            if name.startswith("agent-") and name.endswith(".jsonl") and name not in names:
                os.unlink(name, dir_fd=folder)


def _mark(file: BinaryIO) -> None:
    file.write(UNFINISHED)


class _Made:
    """New files beside the places of others; what is put nowhere is removed."""

    def __init__(self, folder: int) -> None:
        self.folder = folder
        self.names: dict[str, str] = {}

    def put(self, key: str, name: str) -> None:
        """Renames a new file; without one, removes what is there."""
        made = self.names.pop(key, None)
        if made is not None:
            os.replace(made, name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
            return
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.folder)


@contextmanager
def _made(folder: int, written: _Writers, mode: int) -> Iterator[_Made]:
    made = _Made(folder)
    try:
        for key, write in written.items():
            made.names[key] = _new(folder, write, mode)
        yield made
    finally:
        for name in made.names.values():
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)


def _new(folder: int, write: Callable[[BinaryIO], object], mode: int) -> str:
    """The name of a new file in `folder`, written whole."""
    name = f".{secrets.token_hex(12)}.tmp"
    try:
        with os.fdopen(os.open(name, _NEW, _PRIVATE, dir_fd=folder), "wb") as file:
            write(file)
            file.flush()
            os.fchmod(file.fileno(), mode)
    except BaseException:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
        raise
    return name


def _refuse_folder(name: str, folder: int) -> None:
    """Nothing but a folder stands in the way of a rename; that is to be known before the first one."""
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise IsADirectoryError(21, "it is a folder", name)


@contextmanager
def _all_opened(candidate: Candidate) -> Iterator[dict[str, BinaryIO]]:
    files: dict[str, BinaryIO] = {}
    try:
        for suffix in _SUFFIXES:
            with suppress(FileNotFoundError):
                files[suffix] = _open(candidate.folder / f"{candidate.name}{suffix}")
        yield files
    finally:
        for file in files.values():
            file.close()


@contextmanager
def _opened(path: Path, *, links: bool = False) -> Iterator[BinaryIO]:
    file = _open(path, links=links)
    try:
        yield file
    finally:
        file.close()


def _open(path: Path, *, links: bool = False) -> BinaryIO:
    """A regular file, no link unless these are followed; a FIFO would wait for ever."""
    descriptor = os.open(path, _READ & ~os.O_NOFOLLOW if links else _READ)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(22, "it is no regular file", str(path))
    return open(descriptor, "rb")


def _copied(file: BinaryIO) -> Callable[[BinaryIO], None]:
    def copy(target: BinaryIO) -> None:
        while data := file.read(_COPIED_BYTES):
            target.write(data)

    return copy


def _shown(path: Path, rootdir: Path) -> str:
    return path.relative_to(rootdir).as_posix() if path.is_relative_to(rootdir) else str(path)


def _words(error: OSError, rootdir: Path) -> str:
    words = (error.strerror or str(error)).lower()
    return f"{words} ({_shown(Path(os.fsdecode(error.filename)), rootdir)})" if error.filename else words
