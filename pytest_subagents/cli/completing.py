"""What the shell offers when a person presses Tab: ids of subagents, workflow files, formats.

Nothing here says a word about what it cannot read, and a name that is not one plain word is not offered: what completes
a line is put into it as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem

from pytest_subagents.errors import SubagentsError
from pytest_subagents.reports.commands import DEFAULT_REPORT

_PLAIN: Final = re.compile(r"[\w./-]+")
_MOST: Final = 500
"""Names that are offered; no person reads more."""


def reported_ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Of the report that the command line names, or the last one."""
    path = context.params.get("report") or DEFAULT_REPORT
    return _offered(lambda: _in_report(path), incomplete)


def declared_ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Of the workflow files here and below, or of the one that the command line names; and files."""
    found = _offered(lambda: _in_files(context.params.get("file")), incomplete)
    return found or [CompletionItem(incomplete, type="file")]


def known_ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Of both."""
    path = context.params.get("report") or DEFAULT_REPORT
    reported = _offered(lambda: _in_report(path), incomplete)
    return reported or _offered(lambda: _in_files(context.params.get("file")), incomplete)


def files_of_workflows(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """As paths from here; any file where there is none."""
    return _offered(_workflow_files, incomplete) or [CompletionItem(incomplete, type="file")]


def runs(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Of the run directory."""
    from pytest_subagents.transcript.run_directory import DEFAULT, runs_of

    root = Path(context.params.get("run_dir") or DEFAULT)
    return _offered(lambda: (path.name for path in runs_of(root)), incomplete)


def offered(names: Iterable[str]) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """A fixed choice."""
    return lambda context, parameter, incomplete: _offered(lambda: names, incomplete)


def _offered(names: Callable[[], Iterable[str]], incomplete: str) -> list[CompletionItem]:
    known: set[str] = set()
    with suppress(SubagentsError, OSError, ValueError):
        for name in names():
            if name.startswith(incomplete) and _PLAIN.fullmatch(name):
                known.add(name)
    return [CompletionItem(name) for name in sorted(known)[:_MOST]]


def _in_report(path: str) -> Iterator[str]:
    from pytest_subagents.cli.stored import stored_report

    for row in stored_report(path).agents:
        yield row.planned.id


def _in_files(file: str | None) -> Iterator[str]:
    from pytest_subagents.cli.workflow_files import workflow_files
    from pytest_subagents.contract.loading import built_in_names
    from pytest_subagents.specify.workflow_file import read_workflow
    from pytest_subagents.vendors.registry import VENDORS

    rootdir = Path.cwd()
    for path in [Path(file)] if file is not None else workflow_files(rootdir):
        with suppress(SubagentsError):
            for agent in read_workflow(path, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names()).agents:
                yield agent.id


def _workflow_files() -> Iterator[str]:
    from pytest_subagents.cli.workflow_files import workflow_files

    rootdir = Path.cwd()
    for path in workflow_files(rootdir):
        yield path.relative_to(rootdir).as_posix()
