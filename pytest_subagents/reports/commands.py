"""The commands that a message tells a person to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Final

from pytest_subagents.reports.escape import terminal

DEFAULT_REPORT: Final = "artifacts/subagents/report.json"
"""Where pytest leaves the report, from the rootdir, and where the command looks for it, from the current folder."""
DEFAULT_BASELINE: Final = "subagents.baseline.json"
"""The earlier report that findings are compared with: at the rootdir, and committed."""


_WORKERS: Final = 4
"""As many as `execution.max_concurrent_agents` lets run at a time by default."""


def show(agent: str, *, report: str = DEFAULT_REPORT) -> str:
    """The command that shows one row in full; `agent` is an id or a node id, `report` a path from here."""
    words = ["subagents", "show"]
    words += [] if report == DEFAULT_REPORT else ["--report", terminal(report)]
    words += ["--"] if agent.startswith("-") else []
    # Escaped as it is shown anywhere, so that the line is one line; `show` knows agents by this spelling too.
    return shlex.join([*words, terminal(agent)])


def show_failed(*, report: str = DEFAULT_REPORT) -> str:
    """The command that lists every subagent that is not well."""
    words = ["subagents", "show", "--failed"]
    return shlex.join([*words, *([] if report == DEFAULT_REPORT else ["--report", terminal(report)])])


def logs(agent: str, *, follow: bool = False) -> str:
    """The command that tells what an agent of the last live run said and did, or goes on telling it."""
    words = ["subagents", "logs", *(["--follow"] if follow else []), *(["--"] if agent.startswith("-") else [])]
    return shlex.join([*words, terminal(agent)])


def approve(agent: str | None = None, *, report: str = DEFAULT_REPORT) -> str:
    """The command that approves a subagent's diff, or lists what waits for that."""
    words = ["subagents", "approve"]
    words += [] if report == DEFAULT_REPORT else ["--report", terminal(report)]
    if agent is None:
        return shlex.join([*words, "--list"])
    return shlex.join([*words, *(["--"] if agent.startswith("-") else []), terminal(agent)])


def diff(agent: str) -> str:
    """The command that shows what a subagent changed, as it was recorded."""
    return shlex.join(["subagents", "diff", *(["--"] if agent.startswith("-") else []), terminal(agent)])


def merge_reports(folder: str, *, reports: Iterable[str] = ()) -> str:
    """The command that makes one report of the parts in `folder`, and writes it to further files too."""
    options = (word for path in reports for word in ("--report", terminal(path)))
    there = ["--", terminal(folder)] if folder.startswith("-") else [terminal(folder)]
    return shlex.join(["subagents", "merge-reports", *options, *there])


def resume(mode: str) -> str:
    """The command that goes on with the last run."""
    return f"pytest --subagents --subagents-mode={mode} --subagents-resume"


def record(missing: int) -> str:
    """The command that runs the subagents whose recordings are missing, and replays the others."""
    workers = "" if missing < 2 else f" -n {min(missing, _WORKERS)}"
    return f"pytest --subagents --subagents-mode=once{workers}"


def update_baseline(path: str = DEFAULT_BASELINE) -> str:
    """The command that makes the last report the baseline at `path`."""
    words = ["subagents", "baseline", "update"]
    return shlex.join([*words, *([] if path == DEFAULT_BASELINE else [terminal(path)])])
