"""The metadata beside a recording: `<name>.meta.json`, written by machines and believed only where it lowers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec.structs import replace

from pytest_subagents.model import limits
from pytest_subagents.model.base_parts import BaseParts, StartKind, WorkPart
from pytest_subagents.model.outcome import CheckRecord, ProcessEnd
from pytest_subagents.model.value import Value, field

FORMAT = 1
"""The version of the metadata that this package writes.

1: the first.
"""

_Count = Annotated[int, msgspec.Meta(ge=0, le=limits.INTEGER_MAX)]
_Amount = Annotated[float, msgspec.Meta(ge=0, le=1e15)]
_ExitCode = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**32)]
_StopKind = Literal["timeout", "idle_timeout", "killed", "budget", "turn_limit", "output_limit"]


class _Check(msgspec.Struct, omit_defaults=True):
    run: str
    exit_code: _ExitCode
    output: str = ""


class _Digests(msgspec.Struct, omit_defaults=True):
    instructions: str | None = None
    template: str | None = None
    context: str | None = None
    scope: str | None = None
    contract: str | None = None


class _Stopped(msgspec.Struct):
    kind: _StopKind
    message: str = ""


class _Unkept(msgspec.Struct):
    path: str
    why: str


class _Patch(msgspec.Struct, omit_defaults=True):
    tree: str
    files: _Count = 0
    prefix: str = ""
    unkept: list[_Unkept] = []


class _Work(msgspec.Struct):
    agent: str
    patch: str


class _Parts(msgspec.Struct, omit_defaults=True):
    start: str
    kind: StartKind = "head"
    works: list[_Work] = []


class _Outside(msgspec.Struct, omit_defaults=True):
    path: str
    certain: bool = False


class _End(msgspec.Struct, omit_defaults=True):
    """How a process ended: what counts of metadata that other tools wrote, whatever else they keep in it."""

    exit_code: _ExitCode | None = None
    runtime_ms: _Count | _Amount | None = None
    stderr_tail: str | None = None
    killed: str | bool | None = None
    timed_out: bool | None = None


class _Theirs(_End):
    format: object = None


class _Meta(_End, omit_defaults=True):
    """Unknown keys are passed over: other tools keep their own facts in the same file."""

    format: int | None = None
    vendor: str | None = None
    cli_version: str | None = None
    model: str | None = None
    digests: _Digests | msgspec.UnsetType = msgspec.UNSET
    stopped: _Stopped | None = None
    usd: _Amount | _Count | None = None
    checks: list[_Check] | None = None
    base: str | None = None
    base_of: _Parts | None = None
    patch: _Patch | None = None
    outside: list[_Outside] | None = None
    unfinished: bool | None = None
    left_out: bool | None = None
    spoiled: bool | None = None


_DECODER = msgspec.json.Decoder(_Meta, strict=True)
_THEIRS = msgspec.json.Decoder(_Theirs, strict=True)
_NO_DIGESTS: Final = _Digests()


class PatchFacts(Value, frozen=True, kw_only=True):
    """What a subagent that may write left, beside the patch itself."""

    tree: str
    """The id of the tree that the patch gives from `RecordingMeta.base`."""
    files: int = 0
    """How many files it changes."""
    prefix: str = ""
    """The rootdir from the toplevel of the repository, with `/`, where they are not the same: a patch counts its paths
    from the toplevel."""
    unkept: tuple[tuple[str, str], ...] = ()
    """What no patch can carry: paths, each with words behind it (`is a FIFO`). The first `limits.UNKEPT_RECORDED`."""


class OutsideChange(Value, frozen=True, kw_only=True):
    """A file that an agent has no business with, and that was another one afterwards."""

    path: str
    """From the rootdir, `~/…`, or as a person has listed it."""
    certain: bool
    """Whether no other agent can have done it."""


class RecordingMeta(Value, frozen=True, kw_only=True):
    """What the metadata says; everything is optional, and an absent file is an empty one."""

    vendor: str | None = None
    cli_version: str | None = None
    model: str | None = None
    """The model that was asked for, not the one that answered."""
    instructions_digest: str | None = None
    template_digest: str | None = None
    context_digest: str | None = None
    """Of the context files. Shown, not judged, as the next two."""
    scope_digest: str | None = None
    contract_digest: str | None = None
    process: ProcessEnd = field(default_factory=ProcessEnd)
    checks: Mapping[str, CheckRecord] = field(default_factory=dict)
    """Recorded results by their command."""
    base: str | None = None
    """The id of the tree that the agent started from."""
    base_of: BaseParts | None = None
    """What that was made of, where it is more than the tree of HEAD."""
    patch: PatchFacts | None = None
    outside: tuple[OutsideChange, ...] = ()
    """What changed where it does not work, while it worked. The first `limits.UNKEPT_RECORDED`."""
    left_out: bool = False
    """It stands for an attempt that an early stop left out, which has no recording."""
    spoiled: bool = False
    """It is of one of several runs, and says nothing of the agent: mode `once` runs that again."""


NO_META = RecordingMeta()

UNFINISHED: Final = msgspec.json.format(msgspec.json.encode({"format": FORMAT, "unfinished": True}), indent=2) + b"\n"
"""What stands in the place of the metadata while the files of a recording are replaced one after the other."""


def meta_bytes(facts: RecordingMeta) -> bytes:
    """The file that says `facts`, the same for the same facts: keys sorted, two spaces of indent, a line end.

    What is unknown is left out. The tails of standard error and of checks are cut; they must have been redacted before.
    """
    process = facts.process
    digests = _Digests(
        instructions=facts.instructions_digest,
        template=facts.template_digest,
        context=facts.context_digest,
        scope=facts.scope_digest,
        contract=facts.contract_digest,
    )
    meta = _Meta(
        format=FORMAT,
        vendor=facts.vendor,
        cli_version=facts.cli_version,
        model=facts.model,
        digests=msgspec.UNSET if digests == _NO_DIGESTS else digests,
        exit_code=process.exit_code,
        runtime_ms=process.runtime_ms,
        stderr_tail=_tail(process.stderr_tail) or None,
        killed=process.killed,
        timed_out=process.timed_out or None,
        stopped=None if process.stop_kind is None else _stopped(process),
        usd=process.usd,
        checks=[_check(each) for each in facts.checks.values()] or None,
        base=facts.base,
        base_of=None if facts.base_of is None else _parts(facts.base_of),
        patch=None if facts.patch is None else _patch(facts.patch),
        outside=_outside(facts.outside) or None,
        left_out=facts.left_out or None,
        spoiled=facts.spoiled or None,
    )
    return msgspec.json.format(msgspec.json.encode(meta, order="sorted"), indent=2) + b"\n"


def read_meta(data: bytes) -> RecordingMeta | str:
    """The metadata in `data`, or one line that says why it cannot be believed."""
    if len(data) > limits.META_BYTES:
        return f"the metadata has {len(data):,} bytes; at most {limits.META_BYTES:,} are read"
    try:
        json.loads(data, object_pairs_hook=_each_once)
        meta = _DECODER.decode(data)
    except msgspec.ValidationError as error:
        return _theirs(data) or f"the metadata cannot be used: {error}"[: limits.MESSAGE_CHARS]
    except (msgspec.DecodeError, RecursionError, UnicodeError, ValueError) as error:
        return f"the metadata cannot be used: {error}"[: limits.MESSAGE_CHARS]
    if meta.format is not None and meta.format > FORMAT:
        return f"the metadata has format {meta.format}; this version reads up to {FORMAT}"
    if meta.unfinished:
        return "the metadata says that the recording is half written: what wrote it was stopped"
    checks = {check.run: _record_of(check) for check in meta.checks or ()}
    digests = _NO_DIGESTS if meta.digests is msgspec.UNSET else meta.digests
    return RecordingMeta(
        vendor=meta.vendor,
        cli_version=meta.cli_version,
        model=meta.model,
        instructions_digest=digests.instructions,
        template_digest=digests.template,
        context_digest=digests.context,
        scope_digest=digests.scope,
        contract_digest=digests.contract,
        process=_process(meta),
        checks=checks,
        base=meta.base,
        base_of=None if meta.base_of is None else _parts_of(meta.base_of),
        patch=None if meta.patch is None else _facts_of(meta.patch),
        outside=tuple(
            OutsideChange(path=each.path, certain=each.certain)
            for each in (meta.outside or ())[: limits.UNKEPT_RECORDED]
        ),
        left_out=bool(meta.left_out),
        spoiled=bool(meta.spoiled),
    )


def _theirs(data: bytes) -> RecordingMeta | None:
    """What counts of metadata that is not ours, as its `format` tells, and uses names of ours for something else."""
    try:
        meta = _THEIRS.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError, ValueError):
        return None
    return None if type(meta.format) is int else RecordingMeta(process=_end(meta))


def _each_once(pairs: list[tuple[str, object]]) -> None:
    """Two values of one key are two claims, of which each reader believes another one."""
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} is given twice")


def _end(meta: _End) -> ProcessEnd:
    return ProcessEnd(
        exit_code=meta.exit_code,
        runtime_ms=None if meta.runtime_ms is None else int(meta.runtime_ms),
        stderr_tail=_tail(meta.stderr_tail or ""),
        killed="a signal" if meta.killed is True else meta.killed or None,
        timed_out=bool(meta.timed_out),
    )


def _process(meta: _Meta) -> ProcessEnd:
    process = replace(_end(meta), usd=None if meta.usd is None else float(meta.usd))
    if meta.stopped is None:
        return process
    message = _printable(meta.stopped.message)[: limits.MESSAGE_CHARS]
    return replace(process, stop_kind=meta.stopped.kind, stop_message=message)


def _check(record: CheckRecord) -> _Check:
    output = _printable(record.output)[-limits.CHECK_TAIL_CHARS :]
    return _Check(run=_printable(record.run), exit_code=record.exit_code, output=output)


def _record_of(check: _Check) -> CheckRecord:
    output = _printable(check.output)[-limits.CHECK_TAIL_CHARS :]
    return CheckRecord(run=check.run, exit_code=check.exit_code, output=output)


def _stopped(process: ProcessEnd) -> _Stopped:
    return msgspec.convert(
        {"kind": process.stop_kind, "message": _printable(process.stop_message)[: limits.MESSAGE_CHARS]}, _Stopped
    )


def _patch(facts: PatchFacts) -> _Patch:
    unkept = [_Unkept(path=_printable(path), why=_printable(why)) for path, why in facts.unkept]
    kept = unkept[: limits.UNKEPT_RECORDED]
    return _Patch(tree=facts.tree, files=facts.files, prefix=_printable(facts.prefix), unkept=kept)


def _facts_of(patch: _Patch) -> PatchFacts:
    unkept = tuple((each.path, each.why) for each in patch.unkept[: limits.UNKEPT_RECORDED])
    return PatchFacts(tree=patch.tree, files=patch.files, prefix=patch.prefix, unkept=unkept)


def _outside(changes: tuple[OutsideChange, ...]) -> list[_Outside]:
    kept = changes[: limits.UNKEPT_RECORDED]
    return [_Outside(path=_printable(each.path), certain=each.certain) for each in kept]


def _parts(parts: BaseParts) -> _Parts:
    works = [_Work(agent=_printable(work.agent), patch=work.patch) for work in parts.works]
    return _Parts(start=parts.start, kind=parts.kind, works=works)


def _parts_of(parts: _Parts) -> BaseParts:
    works = tuple(WorkPart(agent=work.agent, patch=work.patch) for work in parts.works)
    return BaseParts(start=parts.start, kind=parts.kind, works=works)


def _tail(text: str) -> str:
    return _printable(text)[-limits.STDERR_TAIL_CHARS :]


def _printable(text: str) -> str:
    """`text` without lone surrogates, which neither a report nor xdist's channel can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
