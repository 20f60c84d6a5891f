"""pytest items without a test function: the subagents of workflow files, and transcripts in folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.several_runs import run_name
from pytest_subagents.conduct.shown_paths import printable
from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.glue import assigning, outcome
from pytest_subagents.glue.run import NODE_KEY, RUN_KEY, Run
from pytest_subagents.reports.escape import terminal

_MARK = pytest.mark.subagent


class SubagentItem(pytest.Item):
    """One subagent of a file. Runs no fixtures; carries the mark `subagent`."""

    def __init__(self, *, planned_nodeid: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.stash[NODE_KEY] = planned_nodeid
        self.add_marker(_MARK)
        text = str(self.path)
        self._shown = self.path if text.isascii() else Path(printable(text))

    def runtest(self) -> None:
        run = self.config.stash[RUN_KEY]
        outcome.settle(self, run.result_of(self.stash[NODE_KEY]))

    def _initrequest(self) -> None:
        """What pytest-retry and others call before they run an item again; there are no fixtures to set up anew."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self._shown, None, self.name


class _SubagentFile(pytest.File):
    """A file of subagents: what a person must mend in it is reported, as where and what."""

    def collect(self) -> Iterator[SubagentItem]:
        run = self.config.stash[RUN_KEY]
        try:
            found = self.assigned(run)
        except BadFile as error:
            run.bad_files += 1
            raise self.CollectError(outcome.shown(str(error))) from None
        except BadUsage as error:
            run.blame(error)
            return
        for name, assignment in found:
            # Said in full: pytest reads what `--lf` remembers so that brackets are parameters, whoever put them there.
            nodeid = f"{self.nodeid}::{name}" if assignment.planned.attempt is not None else None
            yield SubagentItem.from_parent(self, name=name, nodeid=nodeid, planned_nodeid=assignment.planned.nodeid)

    def assigned(self, run: Run) -> Iterable[tuple[str, Assignment]]:
        """The name of each item, with its assignment."""
        raise NotImplementedError


class WorkflowFile(_SubagentFile):
    """A workflow file: one item a subagent, each after what it needs."""

    def assigned(self, run: Run) -> Iterable[tuple[str, Assignment]]:
        found = assigning.of_workflow(run, self.path, self.nodeid)
        return [(run_name(each.subagent.id, each.planned.attempt), each) for each in found]


class TranscriptFile(_SubagentFile):
    """A transcript in a folder: one item, named by its stem."""

    @classmethod
    def at(cls, parent: pytest.Collector, path: Path) -> TranscriptFile:
        """The file at `path`. Neither pytest's cache nor xdist can carry a node id that is no text, so it gets one."""
        name = terminal(printable(path.name))
        if name == path.name:
            return cls.from_parent(parent, path=path)
        nodeid = f"{parent.nodeid}/{name}" if parent.nodeid not in ("", ".") else name
        return cls.from_parent(parent, path=path, name=name, nodeid=nodeid)

    def assigned(self, run: Run) -> Iterable[tuple[str, Assignment]]:
        name = self.name.rpartition("/")[2].removesuffix(".jsonl")
        return [(name, assigning.of_transcript(run, self.path, self.nodeid))]
