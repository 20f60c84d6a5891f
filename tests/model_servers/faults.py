"""What can go wrong with a model server. Each fault hits so many attempts at a turn, or all (`times=None`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpError:
    """An HTTP answer with the vendor's own body for it."""

    status: int
    message: str = "a scripted error"
    retry_after: int | None = None
    """Seconds, told as the vendor tells them. Whole ones: Codex gives up at once where it gets a fraction."""
    headers: tuple[tuple[str, str], ...] = ()
    code: str | None = None
    """The vendor's code in the body, where it is not the usual one of the status."""
    times: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """The stream breaks off in the middle: by closing, by a reset, or by an orderly end that comes too early."""

    how: Literal["close", "reset", "end"] = "close"
    times: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing more comes: from the start, after the headers, or in the middle. The end of the server ends it."""

    after: Literal["request", "headers", "half"] = "request"
    times: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamError:
    """The vendor's own event for an error, in the middle of a stream that began well."""

    message: str = "a scripted error in the stream"
    times: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenEvents:
    """In the middle of the stream an event comes whose data is no JSON; then the stream ends in order."""

    times: int | None = 1


Fault: TypeAlias = HttpError | CutOff | Silence | StreamError | BrokenEvents


def fault_of(faults: tuple[Fault, ...], attempt: int) -> Fault | None:
    """What hits the attempt with this number (from 0) at a turn with these faults."""
    for fault in faults:
        if fault.times is None or attempt < fault.times:
            return fault
        attempt -= fault.times
    return None
