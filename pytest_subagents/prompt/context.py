"""The files that every prompt of a workflow begins with."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.model.spec import SharedContext
from pytest_subagents.prompt.brief import ContextFile


def read_context(context: SharedContext, *, rootdir: Path, where: str) -> tuple[ContextFile, ...]:
    """The context files, in the order in which the workflow names them.

    `where` is the place of the workflow, for errors. Raises `BadFile` for what is no readable file of the repository,
    is not UTF-8, or makes more than `limits.PROMPT_BYTES` together.
    """
    files: list[ContextFile] = []
    left = limits.PROMPT_BYTES
    for path in context.files:
        data = _read(path, rootdir, where, left)
        left -= len(data)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise _fault(where, path, f"is not UTF-8 (byte {error.start})") from None
        files.append(ContextFile(path=path, text=text.replace("\r\n", "\n")))
    return tuple(files)


def _read(path: str, rootdir: Path, where: str, most: int) -> bytes:
    root = os.path.realpath(rootdir)
    real = os.path.realpath(os.path.join(root, path))
    if os.path.commonpath([root, real]) != root:
        raise _fault(where, path, "is a link that leaves the repository")
    try:
        # Without O_NONBLOCK a FIFO would wait for a writer that never comes.
        with open(real, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _fault(where, path, "is not a regular file")
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        words = (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()
        raise _fault(where, path, f"cannot be read: {words}") from None
    if len(data) > most:
        raise _fault(where, path, f"makes more than {limits.PROMPT_BYTES:,} bytes of context")
    return data


def _fault(where: str, path: str, words: str) -> BadFile:
    return BadFile(where, f"the context file {path!r} {words}", hint="'context.files' are paths from the rootdir")
