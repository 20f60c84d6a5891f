"""What people have approved: a file beside the recordings of a workflow, committed with them.

An approval is of one diff, by the digest of its recorded patch, and of no other. The file is written by the command
`subagents approve` alone, the same bytes for the same approvals; no agent may write it (`protected`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import msgspec

from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.ids import file_name
from pytest_subagents.writing import read_file, remove_file, write_file

APPROVALS: Final = "approvals.json"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_HINT: Final = "it is written by `subagents approve`; restore it from git, or remove it and approve again"


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One person's word for one diff."""

    agent: str
    digest: str
    """Of the patch: `digest_of`."""
    by: str = ""
    date: str = ""
    comment: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["pytest-subagents/approvals"] = "pytest-subagents/approvals"
    version: Literal[1] = 1
    approvals: tuple[Approval, ...]


_DECODER: Final = msgspec.json.Decoder(_File, strict=True)


def digest_of(patch: bytes) -> str:
    """What an approval is bound to. A patch names the contents that it changes, before and after, by their ids."""
    return f"sha256:{hashlib.sha256(patch).hexdigest()}"


def approvals_path(folder: Path, workflow: str) -> Path:
    """The file of the workflow of this name whose file lies in `folder`."""
    return folder / "recordings" / file_name(workflow) / APPROVALS


def read_approvals(path: Path, *, below: Path, where: str) -> tuple[Approval, ...]:
    """What the file at `path` says, by agent; nothing where there is none. `BadFile` where it is not what this module
    writes, or a link leads to it below `below`."""
    try:
        data = read_file(path, below=below, at_most=limits.APPROVALS_BYTES)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise BadFile(where, f"the approvals cannot be read: {error.strerror or error}", hint=_HINT) from None
    try:
        found = _DECODER.decode(data).approvals
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadFile(where, f"these are no approvals: {error}"[: limits.MESSAGE_CHARS], hint=_HINT) from None
    agents = [approval.agent for approval in found]
    if len(set(agents)) != len(agents):
        raise BadFile(where, "a subagent is approved twice", hint=_HINT)
    if bad := next((each.digest for each in found if not _DIGEST.fullmatch(each.digest)), None):
        raise BadFile(where, f"{bad[: limits.VALUE_CHARS]!r} is no digest of a patch", hint=_HINT)
    return tuple(sorted(found, key=lambda each: each.agent))


def write_approvals(path: Path, approvals: Iterable[Approval], *, below: Path, where: str) -> None:
    """The file that says `approvals`; none where there are none. `BadUsage` where it cannot be written."""
    found = tuple(sorted(approvals, key=lambda each: each.agent))
    try:
        if found:
            data = msgspec.json.format(msgspec.json.encode(_File(approvals=found), order="sorted"), indent=2) + b"\n"
            write_file(path, data, below=below)
        else:
            remove_file(path, below=below)
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadUsage(where, f"the approvals cannot be written: {error.strerror or error}") from None
