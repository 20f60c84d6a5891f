"""Entries of an index of our own: read, and put there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias, cast

from pytest_subagents.git.command import Git
from pytest_subagents.git.failing import failed
from pytest_subagents.workspace.change import Entry, Mode

Put: TypeAlias = tuple[bytes, Entry | None]
"""A path, and what it is from now on; None: not there."""


def entries_of(git: Git) -> Iterator[tuple[bytes, Entry]]:
    """Every path of an index: `<mode> <id> <stage>\\t<path>`, ended by a NUL."""
    for line in git.run("ls-files", "--stage", "-z").split(b"\0"):
        if line:
            facts, _, path = line.partition(b"\t")
            mode, id, _stage = facts.decode("ascii").split(" ")
            yield path, Entry(mode=cast(Mode, mode), id=id)


def put_entries(git: Git, puts: Iterable[Put], object_format: str) -> None:
    """`GitError` where git does not take one of the names: all of them are to be sorted out before."""
    command = ("update-index", "-z", "--index-info")
    answer = git.ask(*command, input=b"".join(_lines(tuple(puts), object_format)))
    # A name that git does not like is passed over with a word and no failure.
    if answer.code != 0 or b"Ignoring path" in answer.stderr:
        raise failed(command, answer.code, answer.stderr)


def _lines(puts: tuple[Put, ...], object_format: str) -> Iterator[bytes]:
    """What `update-index --index-info` reads; deletions first, as a file may stand where a folder was."""
    null = "0" * (40 if object_format == "sha1" else 64)
    yield from (b"0 %s\t%s\0" % (null.encode(), raw) for raw, after in puts if after is None)
    for raw, after in puts:
        if after is not None:
            yield f"{after.mode} {after.id}\t".encode() + raw + b"\0"
