"""Reads the stream of an agent while it runs: what it does, what it has spent, and whether that is too much."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pytest_subagents.model import limits as bounds
from pytest_subagents.model.event import AnyEvent, ModelChange, SessionStart, TurnStart
from pytest_subagents.model.event import Usage as UsageTold
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.spec import Limits
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.lines import Block
from pytest_subagents.vendors import prices
from pytest_subagents.vendors.checkpoints import Checkpoints
from pytest_subagents.vendors.doing import words
from pytest_subagents.vendors.folding import Fold
from pytest_subagents.vendors.reading import iter_events
from pytest_subagents.vendors.reads import Reads
from pytest_subagents.vendors.recognising import Recogniser
from pytest_subagents.vendors.responses import READERS, Response
from pytest_subagents.vendors.turns import Turns
from pytest_subagents.vendors.whole_lines import WholeLines

StopKind: TypeAlias = Literal["turn_limit", "budget"]
Price: TypeAlias = Callable[[str | None, Usage], float | None]

_NOTHING: Final = Usage()
_SPENDING: Final = (SessionStart, TurnStart, ModelChange, UsageTold)
"""The classes of events that a sum of what was spent needs; the rest of a run is folded when it has ended."""


class Progress(Value, frozen=True, kw_only=True):
    """What is known of a run at one moment."""

    turns: int = 0
    """Answers of the main agent's model (`vendors.turns`)."""
    input_tokens: int | None = None
    """Those from a cache included, as in `model.outcome.Usage`."""
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    usd: float | None = None
    priced: bool = False
    """`usd` is by the list of public prices, since the vendor has told none."""
    model: str | None = None
    did: str = ""
    """The last thing it did, in one line of printable characters; not shortened yet, as half a secret is not found."""
    passed: tuple[str, ...] = ()
    """The checkpoints that it has passed."""

    @property
    def tokens(self) -> int | None:
        """Input and output together; None where neither was told."""
        if self.input_tokens is None and self.output_tokens is None:
            return None
        return (self.input_tokens or 0) + (self.output_tokens or 0)


class Watcher:
    """Follows one stream file, and is a `Watch` of supervision: called with the size of the file, it gives the words
    for which the run has to be stopped, or None.

    It reads only what is new, and of a line only the whole of it, in memory that does not grow with the file. Nothing
    in the stream, and no fault of the disk, makes it raise. `finish` must be called once the run has ended: it reads
    what came last, and what is no stream but one JSON value. Vendors that tell what was spent only at the end (Codex,
    Gemini CLI) cannot be held to `max_tokens` and `max_usd` any sooner.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits,
        *,
        model: str | None = None,
        checkpoints: Checkpoints | None = None,
        reads: Reads | None = None,
        price: Price = prices.price,
    ) -> None:
        self._path = path
        self._checkpoints = checkpoints
        self._reads = reads
        self._limits = limits
        self._model = model
        self._price = price
        self._descriptor: int | None = None
        self._offset = 0
        self._lines = WholeLines()
        self._seen = Recogniser()
        self._turns = Turns()
        self._spent = _Spent()
        self._did = ""
        self._finished = False
        self._priced: tuple[str | None, Usage, float | None] = (None, _NOTHING, None)
        self.progress = Progress()
        """As of the last call."""
        self.stop_kind: StopKind | None = None
        """Why the run has to be stopped, once it has to."""
        self.stop_message = ""

    def __call__(self, size: int) -> str | None:
        """Reads up to byte `size`; the words for which the run has to be stopped, the same ones from then on."""
        with suppress(OSError):
            self._read(size)
        self._look()
        return self.stop_message or None

    def finish(self) -> Progress:
        """Reads the rest, also a last line without a line end, and lets go of the file; again, it does nothing."""
        if self._finished:
            return self.progress
        self._finished = True
        with suppress(OSError):
            self._read(None)
        for block in self._lines.end():
            self._take(block)
        for event in self._seen.finish() if self._seen.spoken else self._read_otherwise():
            self._event(event)
        self._look()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        return self.progress

    def _read(self, size: int | None) -> None:
        if self._finished and size is not None:
            return
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        while size is None or self._offset < size:
            wanted = bounds.READ_BYTES if size is None else min(bounds.READ_BYTES, size - self._offset)
            data = os.pread(self._descriptor, wanted, self._offset)
            if not data:
                return
            self._offset += len(data)
            for block in self._lines.feed(data):
                self._take(block)

    def _read_otherwise(self) -> Iterable[AnyEvent]:
        """The events of a file that is one JSON value, or protocol behind a log's prefixes."""
        return iter_events(self._path) if self._offset <= bounds.WHOLE_FILE_BYTES else ()

    def _take(self, block: Block) -> None:
        if block.overlong:
            self._seen.read(block, Fold())
            return
        for number, line in enumerate(block.lines, block.first):
            for event in self._seen.one(line, number):
                self._event(event)
            for name in self._seen.spoken:
                if name in READERS and (response := READERS[name](line)) is not None:
                    self._spent.respond(response)

    def _event(self, event: AnyEvent) -> None:
        self._turns.take(event)
        if self._checkpoints is not None:
            self._checkpoints.take(event)
        if self._reads is not None:
            self._reads.take(event)
        self._did = words(event) or self._did
        if type(event) in _SPENDING:
            self._spent.take(event)

    def _look(self) -> None:
        """What is known now, and whether a limit is passed."""
        spent = self._spent.usage()
        model = self._spent.model or self._model
        usd, priced = spent.usd, False
        if usd is None and spent != _NOTHING:
            usd = self._priced_at(model, spent)
            priced = usd is not None
        self.progress = Progress(
            turns=self._spent.responses or self._turns.count,
            input_tokens=spent.input_tokens,
            cached_input_tokens=spent.cached_input_tokens,
            output_tokens=spent.output_tokens,
            usd=usd,
            priced=priced,
            model=model,
            did=self._did,
            passed=self._checkpoints.passed if self._checkpoints is not None else (),
        )
        if self.stop_kind is None:
            self._judge(self.progress)

    def _priced_at(self, model: str | None, spent: Usage) -> float | None:
        """By the stream's own name of the model, else by that of the specification."""
        if self._priced[:2] != (model, spent):
            found = self._price(model, spent)
            if found is None and self._model != model:
                found = self._price(self._model, spent)
            self._priced = (model, spent, found)
        return self._priced[2]

    def _judge(self, progress: Progress) -> None:
        limits = self._limits
        if limits.max_turns is not None and progress.turns > limits.max_turns:
            self._stop("turn_limit", f"turn {progress.turns:,} began, and limits.max_turns is {limits.max_turns:,}")
        elif limits.max_tokens is not None and (progress.tokens or 0) > limits.max_tokens:
            self._stop(
                "budget", f"{progress.tokens:,} tokens are spent, and limits.max_tokens is {limits.max_tokens:,}"
            )
        elif limits.max_usd is not None and (progress.usd or 0.0) > limits.max_usd:
            by = " by the list of prices" if progress.priced else ""
            self._stop("budget", f"{progress.usd:.4f} USD are spent{by}, and limits.max_usd is {limits.max_usd:g}")

    def _stop(self, kind: StopKind, message: str) -> None:
        self.stop_kind, self.stop_message = kind, message


class _Spent:
    """Tokens and dollars of all that stands in a file so far, earlier sessions too: a retry inside the program is
    another session, and costs as much."""

    def __init__(self) -> None:
        self._fold = Fold()
        self._session: str | None = None
        self._earlier = _NOTHING
        self._fresh = _NOTHING
        self._open: dict[str | None, str] = {}
        self.responses = 0

    @property
    def model(self) -> str | None:
        """The one that answers, as the stream tells it."""
        return self._fold.outcome().model

    def usage(self) -> Usage:
        return _sum((self._earlier, self._fold.outcome().usage, self._fresh))

    def take(self, event: AnyEvent) -> None:
        match event:
            case SessionStart(session_id=session) if session is None or session != self._session:
                self._earlier = self.usage()
                self._fresh, self._session = _NOTHING, session
            case UsageTold(cumulative=True):
                self._fresh = _NOTHING  # the total of the run has it
        self._fold.take(event)

    def respond(self, response: Response) -> None:
        if self._open.get(response.parent) == response.id:
            return
        if response.parent not in self._open and len(self._open) >= bounds.OPEN_CALLS:
            self._open = {None: self._open[None]} if None in self._open else {}
        self._open[response.parent] = response.id
        self.responses += response.parent is None
        self._fresh = _sum((self._fresh, response.usage))


def _sum(parts: Sequence[Usage]) -> Usage:
    """What is known of it together; None where nothing is."""

    def total(counts: Sequence[int | None]) -> int | None:
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    dollars = [part.usd for part in parts if part.usd is not None]
    return Usage(
        input_tokens=total([part.input_tokens for part in parts]),
        cached_input_tokens=total([part.cached_input_tokens for part in parts]),
        output_tokens=total([part.output_tokens for part in parts]),
        usd=sum(dollars) if dollars else None,
    )
