"""The metadata beside a recording: `<name>.meta.json`, written by machines and believed only where it lowers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import CheckRecord, ProcessEnd

FORMAT = 1
"""The version of the metadata that this package writes.

1: the first.
"""

_Count = Annotated[int, msgspec.Meta(ge=0, le=limits.INTEGER_MAX)]


class _Check(msgspec.Struct):
    run: str
    exit_code: Annotated[int, msgspec.Meta(ge=-(2**31), le=2**32)]


class _Digests(msgspec.Struct):
    instructions: str | None = None
    template: str | None = None


class _Meta(msgspec.Struct):
    """Unknown keys are passed over: other tools keep their own facts in the same file."""

    format: int | None = None
    vendor: str | None = None
    cli_version: str | None = None
    model: str | None = None
    digests: _Digests = msgspec.field(default_factory=_Digests)
    exit_code: Annotated[int, msgspec.Meta(ge=-(2**31), le=2**32)] | None = None
    runtime_ms: _Count | Annotated[float, msgspec.Meta(ge=0)] | None = None
    stderr_tail: str | None = None
    killed: str | None = None
    timed_out: bool | None = None
    checks: list[_Check] | None = None


_DECODER = msgspec.json.Decoder(_Meta, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingMeta:
    """What the metadata says; everything is optional, and an absent file is an empty one."""

    vendor: str | None = None
    model: str | None = None
    """The model that was asked for, not the one that answered."""
    instructions_digest: str | None = None
    template_digest: str | None = None
    process: ProcessEnd = field(default_factory=ProcessEnd)
    checks: Mapping[str, CheckRecord] = field(default_factory=dict)
    """Recorded results by their command."""


NO_META = RecordingMeta()


def read_meta(data: bytes) -> RecordingMeta | str:
    """The metadata in `data`, or one line that says why it cannot be believed."""
    if len(data) > limits.META_BYTES:
        return f"the metadata has {len(data):,} bytes; at most {limits.META_BYTES:,} are read"
    try:
        meta = _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError, ValueError) as error:
        return f"the metadata cannot be used: {error}"[: limits.MESSAGE_CHARS]
    if meta.format is not None and meta.format > FORMAT:
        return f"the metadata has format {meta.format}; this version reads up to {FORMAT}"
    checks = {check.run: CheckRecord(run=check.run, exit_code=check.exit_code) for check in meta.checks or ()}
    return RecordingMeta(
        vendor=meta.vendor,
        model=meta.model,
        instructions_digest=meta.digests.instructions,
        template_digest=meta.digests.template,
        process=ProcessEnd(
            exit_code=meta.exit_code,
            runtime_ms=None if meta.runtime_ms is None else int(meta.runtime_ms),
            stderr_tail=_printable(meta.stderr_tail or "")[-limits.STDERR_TAIL_CHARS :],
            killed=meta.killed or None,
            timed_out=bool(meta.timed_out),
        ),
        checks=checks,
    )


def _printable(text: str) -> str:
    """`text` without lone surrogates, which neither a report nor xdist's channel can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
