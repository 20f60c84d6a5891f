"""Writing, reading back and removing below a folder without following a link that lies in it.

An agent, or whoever wrote a pull request, can put a link where a file of ours will be. Every folder on the way is
therefore opened as what it is, from the one above it, and a file is made new beside its place and then renamed.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MORE: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_SWEEPS: Final = 100
"""How often a folder that somebody still writes to is emptied again before it is left."""


def write_file(path: Path, data: bytes, *, below: Path, mode: int = 0o644) -> None:
    """`data` as the whole of `path`, at once: a reader sees the old file or the new one, never a part.

    `below` is a folder that is trusted as it is; no folder between it and `path` may be a link (`OSError`, with the
    folder as its file name), and a link at `path` is replaced, not followed. Folders are made where they are missing.
    """
    write_parts(path, (data,), below=below, mode=mode)


def write_parts(path: Path, parts: Iterable[bytes], *, below: Path, mode: int = 0o644) -> None:
    """The same of a file that is made part by part, as nobody wants all of it in memory."""
    with folder_of(path, below=below) as descriptor:
        name = _temporary_name()
        try:
            with os.fdopen(os.open(name, _NEW, 0o600, dir_fd=descriptor), "wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fchmod(file.fileno(), mode)
            os.replace(name, path.name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=descriptor)
            raise


def append_text(path: Path, text: str) -> None:
    """`text` at the end of a file that others write to as well; `OSError` where it is a link or no regular file."""
    descriptor = os.open(path, _MORE, 0o644)
    with os.fdopen(descriptor, "ab") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        file.write(text.encode("utf-8"))


def shared_mode() -> int:
    """The mode of a new file that is for everybody, as far as this process wants it to be."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def write_link(path: Path, target: str, *, below: Path) -> None:
    """A link at `path` that says `target`, at once, in the place of the link or file that is there."""
    with folder_of(path, below=below) as descriptor:
        name = _temporary_name()
        os.symlink(target, name, dir_fd=descriptor)
        try:
            os.replace(name, path.name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=descriptor)
            raise


def read_file(path: Path, *, below: Path, at_most: int) -> bytes:
    """The bytes of the regular file `path`; `OSError` where it is missing, a link, no file or has more than `at_most`.

    No folder between `below` and `path` may be a link, and none is made.
    """
    with open_file(path, below=below) as file:
        data = file.read(at_most + 1)
    if len(data) > at_most:
        raise OSError(errno.EFBIG, f"it has more than {at_most:,} bytes", str(path))
    return data


def open_file(path: Path, *, below: Path) -> BinaryIO:
    """The regular file `path` to read from; `OSError` where it is missing, a link or something else: a FIFO in its
    place would make a reader wait for ever.

    No folder between `below` and `path` may be a link, and none is made.
    """
    with _opened(path.parent, below=below, mode=None) as folder:
        descriptor = os.open(path.name, _FILE, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return os.fdopen(descriptor, "rb")


def make_folder(path: Path, *, below: Path, mode: int = 0o755) -> None:
    """Makes `path` and what is missing above it; `OSError` where anything below `below` on the way is a link."""
    with _opened(path, below=below, mode=mode):
        pass


def remove_file(path: Path, *, below: Path) -> None:
    """Removes `path` if it is there, the link itself where it is one."""
    try:
        with _opened(path.parent, below=below, mode=None) as descriptor:
            os.unlink(path.name, dir_fd=descriptor)
    except FileNotFoundError:
        return


def remove_tree(path: Path, *, below: Path) -> OSError | None:
    """Removes `path` with all that is in it; links are removed, never followed. The reason if something of it stays.

    Depth does not matter: a folder in a folder is moved up and then emptied itself, so neither the stack nor the
    number of open files grows. Folders that cannot be written are made so first. `path` is renamed before anything
    else happens, so what is left after a kill is called `.gone-*` beside it. Nothing there is no reason.
    """
    name = f".gone-{secrets.token_hex(8)}"
    try:
        with _opened(path.parent, below=below, mode=None) as above:
            try:
                _unlock(path.name, above)
                os.rename(path.name, name, src_dir_fd=above, dst_dir_fd=above)
            except FileNotFoundError:
                return None
            _empty(name, above)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error
    return None


def _empty(top: str, above: int) -> None:
    """Removes `top` in the folder `above`: each folder inside it becomes a neighbour in one folder of its own."""
    try:
        descriptor = os.open(top, _FOLDER, dir_fd=above)
    except NotADirectoryError:
        os.unlink(top, dir_fd=above)
        return
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        os.unlink(top, dir_fd=above)
        return
    try:
        waiting = _clear(descriptor, descriptor)
        while waiting:
            inner = waiting.pop()
            for _ in range(_SWEEPS):
                folder = os.open(inner, _FOLDER, dir_fd=descriptor)
                try:
                    waiting += _clear(folder, descriptor)
                finally:
                    os.close(folder)
                try:
                    os.rmdir(inner, dir_fd=descriptor)
                    break
                except OSError as error:
                    if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                        raise
            else:
                raise OSError(errno.ENOTEMPTY, "somebody still writes to it", top)
    finally:
        os.close(descriptor)
    os.rmdir(top, dir_fd=above)


def _clear(folder: int, top: int) -> list[str]:
    """Removes the files of `folder` and moves its folders into `top`, under the names given back."""
    moved: list[str] = []
    with os.scandir(folder) as entries:
        # All names first: what a loop over a folder yields while the folder changes is not defined.
        names = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in names:
        with suppress(FileNotFoundError):
            if not is_folder:
                os.unlink(name, dir_fd=folder)
                continue
            _unlock(name, folder)
            new = f".gone-{secrets.token_hex(8)}"
            os.rename(name, new, src_dir_fd=folder, dst_dir_fd=top)
            moved.append(new)
    return moved


def _unlock(name: str, folder: int) -> None:
    """Makes a folder writable for its owner, which moving and emptying it needs; what is no folder stays as it is."""
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISDIR(found.st_mode) and found.st_mode & 0o700 != 0o700:
        with suppress(OSError):
            os.chmod(name, 0o700, dir_fd=folder)


@contextmanager
def folder_of(path: Path, *, below: Path, mode: int = 0o755) -> Iterator[int]:
    """A descriptor of the folder of `path`, made where it is missing, for the `dir_fd` of `os` functions."""
    with _opened(path.parent, below=below, mode=mode) as descriptor:
        yield descriptor


def _temporary_name() -> str:
    """Nothing of the file's own name, which may be as long as a name can be."""
    return f".{secrets.token_hex(12)}.tmp"


@contextmanager
def _opened(folder: Path, *, below: Path, mode: int | None) -> Iterator[int]:
    """A descriptor of `folder`; what is missing is made with `mode`, or is a `FileNotFoundError` where it is None."""
    parts = folder.relative_to(below).parts
    if ".." in parts:
        raise ValueError(f"{folder} leaves {below}")
    descriptor = os.open(below, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    here = below
    try:
        for part in parts:
            here = here / part
            inner = _step(part, descriptor, here, mode)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _step(part: str, above: int, here: Path, mode: int | None) -> int:
    """A descriptor of the folder `part` of the folder `above`; `here` is its name in errors."""
    try:
        if mode is not None:
            with suppress(FileExistsError):
                os.mkdir(part, mode, dir_fd=above)
        return os.open(part, _FOLDER, dir_fd=above)
    except OSError as error:
        blocked = error.errno in (errno.ELOOP, errno.ENOTDIR)
        raise OSError(error.errno, "it is a link or no folder" if blocked else error.strerror, str(here)) from error
