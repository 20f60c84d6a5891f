"""A digest of everything that a live result depends on: where it is the same, a finished result still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import RESULT, Attempts


def specification_digest(
    assignment: Assignment, *, prompt: str, needed: Mapping[str, Result], publish: bool, works: str = ""
) -> str:
    """`sha256:` and the digest of a subagent as it is specified now.

    `prompt` is the rendered one, so that context files and the answers of dependencies count; `needed` are the results
    of those; `publish` says whether the result brings a recording with it; `works` is a digest of the work that the
    subagent is built on.
    """
    subagent = replace(
        assignment.subagent,
        where="",
        set_keys=frozenset(),
        expect=None,
        contract=RESULT,
        depends_on=(),
        attempts=Attempts(),
        repeat=1,
    )
    parts = {
        "subagent": subagent,
        "contract": assignment.contract.digest,
        "prompt": prompt,
        "needs": {id: [result.status, result.summary] for id, result in sorted(needed.items())},
        "publish": publish,
        **({"works": works} if works else {}),
    }
    data = msgspec.json.encode(parts, enc_hook=_plain, order="deterministic")
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _plain(value: object) -> object:
    match value:
        case MappingProxyType():
            return dict(value)
        case PurePath():
            return value.as_posix()
    raise NotImplementedError(type(value).__name__)
