"""The folders that belong to one run of an agent alone: a HOME, and a folder for temporary files.

A person's `home` is copied into it, so that an agent can use a provider, a proxy or a login and cannot change them. It
comes from the repository, and so perhaps from a pull request: nothing is followed out of it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value
from pytest_subagents.writing import make_folder, remove_tree, write_file

_PRIVATE: Final = 0o700
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK: Final = 1024 * 1024
_HINT: Final = "`home` is a folder of the repository with the vendor's configuration; it is copied for each run"


class PrivateHome(Value, frozen=True, kw_only=True):
    """Absolute paths of folders that exist, with mode 0700."""

    home: Path
    temporary: Path
    config: Path
    """Below `home`: the vendor's own folder, with a copy of the person's."""

    def text(self, name: str) -> str | None:
        """The text of a file below `config`; None where there is none that is UTF-8."""
        try:
            return (self.config / name).read_bytes().decode("utf-8")
        except (OSError, ValueError):
            return None

    def write(self, files: Iterable[tuple[Path, str]]) -> None:
        """Writes files below `home`: mode 0600, folders 0700. `ValueError` for a path elsewhere."""
        for path, text in files:
            make_folder(path.parent, below=self.home, mode=_PRIVATE)
            write_file(path, text.encode("utf-8", "surrogateescape"), below=self.home, mode=0o600)


@contextmanager
def private_home(
    folder: Path,
    *,
    config_folder: str,
    rootdir: Path,
    source: str | None = None,
    where: str = "home",
    left: Callable[[OSError], None] | None = None,
) -> Iterator[PrivateHome]:
    """A private home below `folder` (absolute; it exists, and nobody else uses it) that is gone at the end.

    `source` is the person's `home`, from the `rootdir`. `BadUsage`, with `where` as its place, for one that is missing,
    leads out of the repository or holds what cannot be copied. If something cannot be removed `left` hears why; without
    it that is raised.
    """
    made = PrivateHome(home=folder / "home", temporary=folder / "tmp", config=folder / "home" / config_folder)
    try:
        for each in (made.home, made.temporary):
            _remove(each, folder)
            each.mkdir(mode=_PRIVATE)
            each.chmod(_PRIVATE)
        make_folder(made.config, below=made.home, mode=_PRIVATE)
        if source is not None:
            _Copy(_resolved(source, rootdir, folder, where), where).into(made.config)
        yield made
    finally:
        # Both, whatever becomes of the first.
        faults = [fault for each in (made.home, made.temporary) if (fault := remove_tree(each, below=folder))]
        for fault in faults:
            if left is None:
                raise fault
            left(fault)


def _remove(path: Path, below: Path) -> None:
    """What an earlier run left there that was killed."""
    if fault := remove_tree(path, below=below):
        raise fault


def _resolved(source: str, rootdir: Path, folder: Path, where: str) -> Path:
    """The folder that is copied; links on the way to it may lead elsewhere in the repository, but not out."""
    root = Path(os.path.realpath(rootdir))
    try:
        found = Path(os.path.realpath(root / source, strict=True))
    except OSError as error:
        raise BadUsage(where, f"{source!r} is not there: {error.strerror}", hint=_HINT) from error
    except ValueError as error:
        raise BadUsage(where, f"{source!r} is no path: {error}", hint=_HINT) from error
    if not found.is_relative_to(root):
        raise BadUsage(where, f"{source!r} leads out of the repository", hint=_HINT)
    if not found.is_dir():
        raise BadUsage(where, f"{source!r} is no folder", hint=_HINT)
    if Path(os.path.realpath(folder)).is_relative_to(found):
        raise BadUsage(where, f"{source!r} holds the run directory itself", hint=_HINT)
    return found


class _Copy:
    """One copy, with what it has counted so far. Every name is opened from its folder, so none can become a link."""

    def __init__(self, top: Path, where: str) -> None:
        self._top = top
        self._where = where
        self._bytes = 0
        self._entries = 0

    def into(self, target: Path) -> None:
        with self._opened(self._top, None, _FOLDER) as folder:
            self._folder(folder, self._top, target)

    def _folder(self, folder: int, source: Path, target: Path) -> None:
        if len(source.relative_to(self._top).parts) > limits.HOME_DEPTH:
            raise self._fault(source, f"lies more than {limits.HOME_DEPTH} folders deep")
        for name in sorted(os.listdir(folder)):
            self._entries += 1
            if self._entries > limits.HOME_FILES:
                raise self._fault(self._top, f"holds more than {limits.HOME_FILES:,} files")
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                (target / name).mkdir(mode=_PRIVATE)
                with self._opened(source / name, folder, _FOLDER) as inner:
                    self._folder(inner, source / name, target / name)
            elif stat.S_ISLNK(mode):
                self._link(source / name, target / name, os.readlink(name, dir_fd=folder))
            elif stat.S_ISREG(mode):
                with self._opened(source / name, folder, _FILE) as file:
                    self._file(file, source / name, target / name)
            else:
                raise self._fault(source / name, "is neither a file nor a folder nor a link")

    def _link(self, source: Path, target: Path, to: str) -> None:
        """A link within what is copied stays one; any other could show an agent what is not its own."""
        if os.path.isabs(to) or not Path(os.path.realpath(source)).is_relative_to(self._top):
            raise self._fault(source, "is a link that leads out of it")
        target.symlink_to(to)

    def _file(self, file: int, source: Path, target: Path) -> None:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise self._fault(source, "is no regular file any more")
        # A helper that prints a key must stay a program.
        mode = 0o700 if status.st_mode & stat.S_IXUSR else 0o600
        with open(os.open(target, _NEW, mode), "wb") as new:
            os.fchmod(new.fileno(), mode)
            while block := os.read(file, _BLOCK):
                self._bytes += len(block)
                if self._bytes > limits.HOME_BYTES:
                    raise self._fault(self._top, f"holds more than {limits.HOME_BYTES:,} bytes")
                new.write(block)

    @contextmanager
    def _opened(self, path: Path, folder: int | None, flags: int) -> Iterator[int]:
        try:
            descriptor = os.open(path if folder is None else path.name, flags, dir_fd=folder)
        except OSError as error:
            raise self._fault(path, f"cannot be read: {error.strerror}") from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _fault(self, path: Path, what: str) -> BadUsage:
        named = "the folder" if path == self._top else repr(str(path.relative_to(self._top)))
        return BadUsage(self._where, f"{named} {what}", hint=_HINT)
