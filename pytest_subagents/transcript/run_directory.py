"""The run directory: where a run keeps all it does while it does it, for itself, for a resume, for a second terminal.

    .subagents/                     0700, ignored by git
      .gitignore
      latest -> runs/<run>
      runs/<run>/                   <run> is the UTC time and a random part: names sort as the runs began
        run.lock                    locked while the run's process lives
        run.json
        <agent>/                    `file_name` of the item's node id; an attempt is a number below it
          status.json  result.json  ...

No link in it is followed. Two runs at once have a folder each.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.value import Value
from pytest_subagents.transcript import run_lock
from pytest_subagents.transcript.run_state import make_state_folder, read_state, write_state
from pytest_subagents.writing import make_folder, read_file, remove_file, remove_tree, write_file, write_link

T = TypeVar("T")

DEFAULT: Final = ".subagents"

_RUN: Final = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")
_NEW: Final = ".new-"
_UNFINISHED: Final = timedelta(days=1)
"""To get its name takes a run milliseconds; clocks of two machines may be far apart."""
_IGNORE_ALL: Final = b"*\n"
_HINT: Final = "choose another folder by --subagents-run-dir, or remove what is in the way"


class RunDirectory(Value, frozen=True, kw_only=True):
    """The folder of one run. Its path is all that another process needs: `RunDirectory.open`."""

    path: Path
    lock: int | None = None
    """The descriptor that keeps the run alive, in the process that began it."""

    @classmethod
    def create(cls, root: Path, *, below: Path, started: datetime) -> RunDirectory:
        """A new run in the run directory `root`, which is made where it is missing; `latest` points to it.

        `below` is the rootdir: between it and `root` no link is followed. A `root` elsewhere is believed up to its
        parent. `started` has a time zone. Runs beyond the newest `limits.RUNS_KEPT` that are over are removed.
        `BadUsage` where `root` is a link, a file, read-only or full.
        """
        if below.is_relative_to(root):
            raise BadUsage(str(root), "cannot be the run directory: the project is in it", hint=_HINT)
        trusted = trusted_above(root, below)
        try:
            _prepare(root, trusted)
            made = cls._begin(root, started)
        except OSError as error:
            raise BadUsage(
                str(error.filename or root),
                f"cannot be the run directory: {(error.strerror or str(error)).lower()}",
                hint=_HINT,
            ) from None
        _remove_old(root, before=_time_name(started - _UNFINISHED))
        return made

    @classmethod
    def _begin(cls, root: Path, started: datetime) -> RunDirectory:
        name = f"{_time_name(started)}-{secrets.token_hex(4)}"
        # Locked before it has its name: a run that can be seen and is not locked is over.
        new = root / "runs" / f"{_NEW}{name}"
        make_folder(new, below=root, mode=0o700)
        lock = run_lock.hold(new, below=root)
        path = root / "runs" / name
        try:
            os.rename(new, path)
            write_link(root / "latest", f"runs/{name}", below=root)
        except BaseException:
            if lock is not None:
                os.close(lock)
            raise
        return cls(path=path, lock=lock)

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """The run in the folder `path`, for a worker or a reader: it does not keep the run alive. `BadUsage`."""
        if not _is_run(path):
            raise BadUsage(str(path), "is no run of a run directory", hint="`subagents status` lists the runs")
        return cls(path=path)

    @property
    def name(self) -> str:
        """The run's id; ids sort as the runs began."""
        return self.path.name

    @property
    def root(self) -> Path:
        """The run directory that it is in."""
        return self.path.parent.parent

    @property
    def trusted(self) -> Path:
        """An agent without a sandbox could make a link of the run directory itself, in the middle of a run."""
        return self.root.parent

    def agent_folder(self, nodeid: str, attempt: int | None = None) -> Path:
        """The folder of the item `nodeid`, or of one attempt of it, made with mode 0700; `StateError` if it cannot be.

        Other node ids have other folders, and none of the files that are kept in them can meet one.
        """
        path = self.path / folder_name(nodeid, attempt)
        make_state_folder(path, below=self.trusted)
        return path

    def write_json(self, name: str | Path, value: object) -> None:
        """`value` as the JSON file `name` (from the run's folder, or a path in it), at once; `StateError`."""
        write_state(self.path / name, value, below=self.trusted)

    def read_json(self, name: str | Path, shape: type[T]) -> T | None:
        """The JSON file `name` as a `shape`, None where there is none; `StateError` where it is damaged."""
        return read_state(self.path / name, shape, below=self.trusted)

    def discard(self) -> None:
        """Removes the run, as if it had never begun: there is nothing that one could look at or go on with."""
        self.release()
        with suppress(OSError):
            remove_tree(self.path, below=self.trusted)
            newest = next(reversed(runs_of(self.root)), None)
            if newest is None:
                remove_file(self.root / "latest", below=self.root)
            else:
                write_link(self.root / "latest", f"runs/{newest.name}", below=self.root)

    def release(self) -> None:
        """Says that the run is over; the end of the process says so too. Once only."""
        if self.lock is not None:
            with suppress(OSError):
                os.close(self.lock)


def trusted_above(root: Path, rootdir: Path) -> Path:
    """The folder that is believed as it is for whatever is written in the run directory `root`: the rootdir, or, for
    a run directory elsewhere, the folder it is in."""
    return rootdir if root.is_relative_to(rootdir) else root.parent


def folder_name(nodeid: str, attempt: int | None = None) -> str:
    """Where in a run's folder the item `nodeid` is."""
    name = file_name(nodeid)
    return name if attempt is None else f"{name}/{attempt}"


def alive(run: Path) -> bool:
    """Whether the process that began the run in the folder `run` still lives."""
    return run_lock.is_held(run)


def runs_of(root: Path) -> tuple[Path, ...]:
    """The folders of all runs in the run directory `root`, the oldest first; none where there is no such directory."""
    try:
        names = os.listdir(root / "runs")
    except OSError:
        return ()
    return tuple(root / "runs" / name for name in sorted(names) if _is_run(root / "runs" / name))


def latest(root: Path) -> Path | None:
    """The folder of the newest run: the one that `latest` names, else the last by its name."""
    with suppress(OSError):
        target = Path(os.readlink(root / "latest"))
        if target.parent == Path("runs") and _is_run(root / target):
            return root / target
    return next(reversed(runs_of(root)), None)


def _is_run(path: Path) -> bool:
    """No link is one, and no other name: a run directory may be read that a pull request brought."""
    try:
        return _RUN.fullmatch(path.name) is not None and stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _prepare(root: Path, trusted: Path) -> None:
    trusted.mkdir(parents=True, exist_ok=True)
    make_folder(root, below=trusted, mode=0o700)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not _is_ours(os.listdir(folder), root):
            raise OSError(errno.ENOTEMPTY, "it has other files in it", str(root))
        if stat.S_IMODE(os.fstat(folder).st_mode) != 0o700:
            os.fchmod(folder, 0o700)
    finally:
        os.close(folder)
    # First of all, so that another process which begins a run now takes the folder for what it will be.
    make_folder(root / "runs", below=root, mode=0o700)
    write_file(root / ".gitignore", _IGNORE_ALL, below=root, mode=0o600)


def _is_ours(names: list[str], root: Path) -> bool:
    """Whether a folder may become a run directory: what it holds is hidden from git and from other users."""
    if not names or "runs" in names:
        return True
    with suppress(OSError):
        return read_file(root / ".gitignore", below=root, at_most=len(_IGNORE_ALL)) == _IGNORE_ALL
    return False


def _time_name(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


def _remove_old(root: Path, *, before: str) -> None:
    """Removes what is beyond the newest runs and over, and runs that had no name yet at the time `before`.

    What cannot be removed stays: it is in nobody's way.
    """
    for run in runs_of(root)[: -limits.RUNS_KEPT]:
        with suppress(OSError):
            lock = run_lock.hold(run, below=root)
            if lock is not None:
                try:
                    remove_tree(run, below=root)
                finally:
                    os.close(lock)
    with suppress(OSError):
        for name in os.listdir(root / "runs"):
            # What a killed process was about to remove, and what one was about to begin, long ago.
            if name.startswith(".gone-") or (name.startswith(_NEW) and name.removeprefix(_NEW) < before):
                remove_tree(root / "runs" / name, below=root)
