"""`subagents status`: what the running live run is doing, or what became of the last one."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import click
import msgspec

from pytest_subagents.cli.completing import runs
from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.cli.runs import run_called
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.progress import AgentProgress, RunProgress, cut_off, spent_by
from pytest_subagents.model.value import Value
from pytest_subagents.reports import commands
from pytest_subagents.reports.cells import fit
from pytest_subagents.reports.escape import json_document, terminal
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.progress_text import progress_table, short_time, worst
from pytest_subagents.transcript.run_directory import DEFAULT, RunDirectory, alive
from pytest_subagents.transcript.run_state import StateError

if TYPE_CHECKING:
    from rich.text import Text

State: TypeAlias = Literal["running", "over", "cut off"]

_NAME: Final = "status.json"
_EVERY: Final = 0.5
"""Seconds between two looks at a run that goes on."""
_PIPED_CELLS: Final = 160
"""Of a line that no terminal shows, unless COLUMNS says otherwise."""


@click.command()
@click.option(
    "--run-dir",
    default=DEFAULT,
    show_default=True,
    envvar="SUBAGENTS_RUN_DIR",
    metavar="DIR",
    help="The run directory.",
)
@click.option("--run", metavar="RUN", shell_complete=runs, help="A run of the run directory.  [default: the newest]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, once.")
@click.option("--once", is_flag=True, help="Print it once, although the run goes on.")
def status(run_dir: str, run: str | None, as_json: bool, once: bool) -> None:
    """Show what a live run is doing, or came to.

    The running one, or else the last. On a terminal it follows a run that goes on until it ends, or until Ctrl-C,
    which ends nothing but the looking.

    \b
    With --json, one object; keys may be added, and none goes away:
      format, version  "pytest-subagents/status", 1
      run              its name in the run directory
      state            "running", "over", or "cut off": it was killed
      mode             once, record or live
      started, updated seconds since the epoch
      planned, done    subagents that were selected, that have a result
      totals           tokens and usd; null where nobody has told
      agents           in the order of their start, each with nodeid, id,
                       state (waiting, running, backing off, checking,
                       ended), status (empty while it has none), vendor,
                       model, worker (of xdist, or null), started, ended,
                       attempt, turns, tokens, usd and did: the last thing
                       it did, and, once it has ended, why it ended like
                       that

    \b
    Examples:
      subagents status
      subagents status --json | jq '.agents[] | select(.state == "running").id'

    Exit codes: 0; 4 where there is no run, or its status.json is damaged.
    """
    directory = _run(Path(run_dir), run)
    if as_json:
        _print_json(_Look.at(directory))
    else:
        if not once and _is_terminal():
            _follow(directory)
        _print(_Look.at(directory), newest=run is None and run_dir == DEFAULT)


class _Look(Value, frozen=True, kw_only=True):
    """A run, as it was when somebody looked."""

    name: str
    state: State
    run: RunProgress | None
    """None where it has not begun."""
    moment: float
    """Until when everything that goes on in it has lasted, in seconds since the epoch."""

    @classmethod
    def at(cls, directory: RunDirectory) -> _Look:
        """`BadUsage` where the file is damaged."""
        lives = alive(directory.path)  # asked first: the last thing that a run does is to write the file
        try:
            run = directory.read_json(_NAME, RunProgress)
        except StateError as error:
            where = str(directory.path / _NAME)
            hint = "another version wrote it, or it is damaged; --run names another run, subagents logs needs it not"
            raise BadUsage(where, error.what, hint=hint) from None
        if lives and (run is None or not run.over):
            return cls(name=directory.name, state="running", run=run, moment=time.time())
        if run is None:
            return cls(name=directory.name, state="over", run=None, moment=0.0)
        state: State = "over" if run.over else "cut off"
        return cls(name=directory.name, state=state, run=cut_off(run, run.updated), moment=run.updated)

    def lines(self, width: int, height: int | None = None) -> Iterator[Text]:
        """Of at most `width` cells each, and at most `height` of them."""
        from rich.text import Text

        yield Text(fit(self._headline(), width), style="bold")
        if self.run is not None and self.run.agents:
            below = None if height is None else height - 1
            yield from progress_table(self.run, self.moment, width=width, height=below)

    def hint(self, *, newest: bool) -> str:
        """What to type next; of a run that is not the `newest` one, its logs have other commands."""
        if self.run is None:
            return ""
        if self.state == "cut off":
            return f"{commands.resume(terminal(self.run.mode))} goes on with what has no result yet"
        if not newest:
            return ""
        busy = next((agent for agent in self.run.agents if agent.busy), None)
        if self.state == "running":
            return "" if busy is None else f"{self._logs(self.run, busy, follow=True)} tells what it does"
        unwell = worst(self.run)
        return "" if unwell is None else f"{self._logs(self.run, unwell)} tells what it did"

    def _logs(self, run: RunProgress, agent: AgentProgress, *, follow: bool = False) -> str:
        alone = sum(each.id == agent.id for each in run.agents) == 1
        return commands.logs(agent.id if alone else agent.nodeid, follow=follow)

    def plain(self) -> dict[str, object]:
        """What `--json` prints."""
        run = self.run or RunProgress(mode="", started=self.moment, updated=self.moment)
        plain: dict[str, object] = msgspec.to_builtins(run)
        spent = spent_by(run.agents)
        del plain["over"]
        return {
            "format": "pytest-subagents/status",
            "version": 1,
            "run": self.name,
            "state": self.state,
            **(plain if self.run is not None else dict.fromkeys(plain) | {"planned": 0, "done": 0, "agents": []}),
            "totals": {"tokens": spent.tokens, "usd": spent.usd},
        }

    def _headline(self) -> str:
        if self.run is None:
            return f"run {self.name} " + ("has not begun yet" if self.state == "running" else "ended before it began")
        lasted = short_time(self.moment - self.run.started)
        verb = "running for" if self.state == "running" else f"{self.state} after"
        none = "" if self.run.agents else ", no subagent started"
        return f"run {self.name} (mode {terminal(self.run.mode)}), {verb} {lasted}{none}"


def _run(root: Path, name: str | None) -> RunDirectory:
    run = run_called(name, root)
    if run is None:
        hint = "`pytest --subagents --subagents-mode=once` makes one in its rootdir; --run-dir names another folder"
        raise BadUsage(str(root), "there is no live run here", hint=hint)
    return run


def _is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _follow(directory: RunDirectory) -> None:
    """Until the run has ended, or a person has seen enough."""
    from rich.console import Console, Group
    from rich.live import Live

    console = Console(highlight=False)
    with suppress(KeyboardInterrupt), Live(console=console, transient=True, auto_refresh=False) as live:
        while (look := _Look.at(directory)).state == "running":
            live.update(Group(*look.lines(console.width, console.height - 1)), refresh=True)
            time.sleep(_EVERY)


def _print(look: _Look, *, newest: bool) -> None:
    from rich.console import Console

    width = shutil.get_terminal_size((_PIPED_CELLS, 0)).columns
    console = Console(file=sys.stdout, width=width, highlight=False)
    for line in look.lines(width):
        console.print(line, no_wrap=True, overflow="crop")
    if hint := look.hint(newest=newest):
        print_lines([Line(text=hint)], wrap=True)


def _print_json(look: _Look) -> None:
    text = msgspec.json.format(msgspec.json.encode(look.plain()), indent=2).decode()
    print_file(json_document(text) + "\n")
