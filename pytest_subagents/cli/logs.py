"""`subagents logs AGENT`: what a subagent says, while it runs or afterwards."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

import click

from pytest_subagents.cli.completing import known_ids, runs
from pytest_subagents.cli.log_redacting import log_redactor, redacted, redacted_bursts
from pytest_subagents.cli.log_sources import LiveLog, RecordedLog, live_log, recorded_log
from pytest_subagents.cli.printing import print_lines, terminal_width
from pytest_subagents.cli.runs import run_called
from pytest_subagents.errors import BadUsage
from pytest_subagents.evidence.reading import said_in
from pytest_subagents.model import limits
from pytest_subagents.model.evidence import ChildSession, Said, Unreadable
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.step_text import Steps
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.transcript.redaction.redactor import Redactor
from pytest_subagents.transcript.run_directory import DEFAULT
from pytest_subagents.vendors.recognising import Recogniser
from pytest_subagents.writing import open_file, read_file

_EVERY: Final = 0.2
"""Seconds between two looks at a stream that goes on; a look is two system calls."""


@click.command()
@click.argument("agent", metavar="AGENT|PATH", shell_complete=known_ids)
@click.option("-f", "--follow", is_flag=True, help="Go on while it runs, until it has ended or Ctrl-C.")
@click.option("--raw", is_flag=True, help="The lines as its program printed them.")
@click.option("--stderr", is_flag=True, help="What it printed on standard error instead.")
@click.option("--full", is_flag=True, help="Every text and output to its end, usage and unknown events too.")
@click.option("--recorded", is_flag=True, help="Its recording, although a run has its stream.")
@click.option("--run", metavar="RUN", shell_complete=runs, help="A run of the run directory.  [default: the newest]")
@click.option(
    "--run-dir",
    default=DEFAULT,
    show_default=True,
    envvar="SUBAGENTS_RUN_DIR",
    metavar="DIR",
    help="The run directory.",
)
@click.option("--report", metavar="PATH", help=f"The report.json that names recordings.  [default: {DEFAULT_REPORT}]")
@click.option("--file", metavar="FILE", help="The workflow file.  [default: the one that declares AGENT]")
def logs(
    agent: str,
    follow: bool,
    raw: bool,
    stderr: bool,
    full: bool,
    recorded: bool,
    run: str | None,
    run_dir: str,
    report: str | None,
    file: str | None,
) -> None:
    """Show what a subagent said and did, step by step.

    AGENT is an id or a node id, math[2] the second run of several. Its stream is that of the running or the newest
    live run; without one, its recording. PATH is any transcript. Where it comes from is told on standard error; the
    numbers are those of lines in the stream.

    Secrets and the paths of this machine are cut out, as out of a recording. On a terminal nothing in it is obeyed,
    with --raw neither; into a pipe or a file --raw passes every other byte.

    \b
    Examples:
      subagents logs math --follow
      subagents logs math --raw | jq .type
      subagents logs math[2] --stderr

    Exit codes: 0; 4 for a bad argument, or where nothing is kept of AGENT.
    """
    rootdir = Path.cwd()
    if recorded and (follow or run is not None):
        raise BadUsage("logs", "--recorded is for what is over", hint="leave --follow and --run out")
    live = None
    if not (recorded or agent.endswith(".jsonl")):
        directory = run_called(run, rootdir / run_dir)
        live = live_log(agent, directory, rootdir=rootdir, file=file) if directory is not None else None
    if live is None and run is not None:
        raise BadUsage("logs", f"{agent!r} was not started in the run {run}", hint="subagents status lists who was")
    redactor = log_redactor(rootdir, [live.nodeid] if live is not None else [])
    steps = Steps(width=terminal_width(), whole=full, watched=follow, redact=redactor.redact_text)
    printer = Printer(raw=raw, plain=stderr, steps=steps, redactor=redactor)
    with suppress(KeyboardInterrupt):
        if live is not None and (follow or live.streams(stderr=stderr)):
            _print_live(live, printer, stderr=stderr, follow=follow, rootdir=rootdir)
        else:
            _print_recorded(recorded_log(agent, rootdir=rootdir, report=report, file=file), agent, printer, rootdir)


class Printer:
    """Takes what a stream says, without its secrets, and prints it as it was asked for."""

    def __init__(self, *, raw: bool, plain: bool, steps: Steps, redactor: Redactor) -> None:
        """`plain` says that it is no transcript."""
        self.raw = raw
        self.plain = plain
        self.steps = steps
        self._redactor = redactor
        self._seen = Recogniser()
        self._number = 0

    def follow(self, parts: Iterable[bytes]) -> None:
        """A stream that goes on; an empty part says that nothing more has come for now."""
        for data in redacted_bursts(parts, self._redactor):
            self._take(data)
        self.end()

    def whole(self, file: BinaryIO, path: Path, below: Path) -> None:
        """A stream that has ended, which is `path` too."""
        if self.raw or self.plain:
            for data in redacted(file, self._redactor):
                self._take(data)
        else:
            for said in said_in(path, below=below, redactor=self._redactor):
                print_lines(self.steps.text(said.line, said.text) if isinstance(said, Unreadable) else self._step(said))
        self.end()

    def end(self) -> None:
        """The stream has ended; another one may begin."""
        if not (self.raw or self.plain):
            for event in self._seen.finish():
                print_lines(self.steps.of(event))
            print_lines(self.steps.rest())
        self._seen, self._number = Recogniser(), 0

    def _step(self, said: Said) -> Iterator[Line]:
        yield from () if isinstance(said, ChildSession | Unreadable) else self.steps.of(said)

    def _take(self, data: bytes) -> None:
        """Some whole lines."""
        if self.raw:
            self._pass_on(data)
            return
        for line in BytesIO(data):
            self._number += 1
            print_lines(self._of_line(line.removesuffix(b"\n"), self._number))

    def _of_line(self, line: bytes, number: int) -> Iterator[Line]:
        if self.plain:
            yield Line(text=terminal(line.decode("utf-8", "replace"), multiline=True).rstrip("\r"))
            return
        lost = self._seen.unreadable + self._seen.foreign
        for event in self._seen.one(line, number):
            yield from self.steps.of(event)
        if self._seen.unreadable + self._seen.foreign > lost:
            yield from self.steps.text(number, line.decode("utf-8", "replace"))

    def _pass_on(self, data: bytes) -> None:
        if sys.stdout.isatty():
            click.echo(terminal(data.decode("utf-8", "replace"), multiline=True), nl=False)
        else:
            click.echo(data, nl=False)


def _print_live(log: LiveLog, printer: Printer, *, stderr: bool, follow: bool, rootdir: Path) -> None:
    if not follow:
        tries = log.streams(stderr=stderr)
        for number, path in enumerate(tries, start=1):
            if printer.raw and number < len(tries):
                continue
            _tell(path, rootdir, f"try {number} of {len(tries)}" if len(tries) > 1 else "")
            with closing(_opened(path, log.below)) as file:
                printer.whole(file, path, log.below)
        return
    number = 0
    while (stream := _next(log, number, stderr=stderr)) is not None:
        number += 1
        _tell(stream, rootdir, f"try {number}" if number > 1 else "")
        with closing(_opened(stream, log.below)) as file:
            printer.follow(_growing(file, log, number, stderr=stderr))
    if not number:
        click.echo("it was not started", err=True)


def _next(log: LiveLog, number: int, *, stderr: bool) -> Path | None:
    """The stream of the next try, when there is one; None where there will be none."""
    while True:
        goes_on = log.goes_on()
        tries = log.streams(stderr=stderr)
        if len(tries) > number:
            return tries[number]
        if not goes_on:
            return None
        time.sleep(_EVERY)


def _growing(file: BinaryIO, log: LiveLog, number: int, *, stderr: bool) -> Iterator[bytes]:
    """What is added to a file, until nobody adds to it any more; an empty part where nothing was for a moment."""
    while True:
        last = not log.goes_on() or len(log.streams(stderr=stderr)) > number
        while data := file.read(limits.READ_BYTES):
            yield data
        if last:
            return
        yield b""
        time.sleep(_EVERY)


def _print_recorded(log: RecordedLog, agent: str, printer: Printer, rootdir: Path) -> None:
    recording = log.recording
    if printer.plain:
        _print_stderr(log, printer, rootdir)
        return
    path = Path(recording.transcript)
    try:
        file = open_file(path, below=log.below)
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            raise BadUsage(_shown(path, rootdir), f"it cannot be read: {error.strerror or error}") from None
        hint = "pytest --subagents --subagents-mode=once makes one"
        what = f"nothing is kept of {agent!r}: no live run, and no recording {_shown(path, rootdir)}"
        raise BadUsage("logs", what, hint=hint) from None
    _tell(path, rootdir, "" if agent.endswith(".jsonl") else "its recording")
    with closing(file):
        printer.whole(file, path, log.below)


def _print_stderr(log: RecordedLog, printer: Printer, rootdir: Path) -> None:
    """Of what a program printed on standard error a recording keeps the end."""
    path = Path(log.recording.meta)
    try:
        meta = read_meta(read_file(path, below=log.below, at_most=limits.META_BYTES))
    except OSError as error:
        raise BadUsage(_shown(path, rootdir), f"it cannot be read: {error.strerror or error}") from None
    if not isinstance(meta, RecordingMeta):
        raise BadUsage(_shown(path, rootdir), meta, hint="mend or remove the file")
    _tell(path, rootdir, "the end of it, as it was recorded")
    printer.follow([meta.process.stderr_tail.encode("utf-8", "replace")])


def _opened(path: Path, below: Path) -> BinaryIO:
    try:
        return open_file(path, below=below)
    except OSError as error:
        raise BadUsage(str(path), f"it cannot be read: {error.strerror or error}") from None


def _tell(path: Path, rootdir: Path, what: str) -> None:
    """Where it comes from, out of the way of what is piped."""
    click.echo(f"from {_shown(path, rootdir)}" + (f" ({what})" if what else ""), err=True)


def _shown(path: Path, rootdir: Path) -> str:
    return terminal(os.path.relpath(path, rootdir) if path.is_relative_to(rootdir) else str(path))
