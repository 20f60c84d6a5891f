"""pytest items without a test function: the subagents of workflow files, and transcripts in folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.glue import assigning, outcome
from pytest_subagents.glue.run import NODE_KEY, RUN_KEY
from pytest_subagents.reports.escape import terminal

_MARK = pytest.mark.subagent


class SubagentItem(pytest.Item):
    """One subagent of a file. Runs no fixtures; carries the mark `subagent`."""

    def __init__(self, *, planned_nodeid: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.stash[NODE_KEY] = planned_nodeid
        self.add_marker(_MARK)
        text = str(self.path)
        self._shown = self.path if text.isascii() else Path(assigning.printable(text))

    def runtest(self) -> None:
        run = self.config.stash[RUN_KEY]
        outcome.settle(self, run.result_of(self.stash[NODE_KEY]))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self._shown, None, self.name


class WorkflowFile(pytest.File):
    """A workflow file: one item a subagent, each after what it needs."""

    def collect(self) -> Iterator[SubagentItem]:
        run = self.config.stash[RUN_KEY]
        try:
            assignments = assigning.of_workflow(run, self.path, self.nodeid)
        except BadFile as error:
            run.bad_files += 1
            raise self.CollectError(outcome.shown(str(error))) from None
        except BadUsage as error:
            run.mistakes.append(error)
            return
        for assignment in assignments:
            yield SubagentItem.from_parent(self, name=assignment.subagent.id, planned_nodeid=assignment.planned.nodeid)


class TranscriptFile(pytest.File):
    """A transcript in a folder: one item, named by its stem."""

    @classmethod
    def at(cls, parent: pytest.Collector, path: Path) -> TranscriptFile:
        """The file at `path`. Neither pytest's cache nor xdist can carry a node id that is no text, so it gets one."""
        name = terminal(assigning.printable(path.name))
        if name == path.name:
            return cls.from_parent(parent, path=path)
        nodeid = f"{parent.nodeid}/{name}" if parent.nodeid not in ("", ".") else name
        return cls.from_parent(parent, path=path, name=name, nodeid=nodeid)

    def collect(self) -> Iterator[SubagentItem]:
        run = self.config.stash[RUN_KEY]
        try:
            assignment = assigning.of_transcript(run, self.path, self.nodeid)
        except BadFile as error:
            run.bad_files += 1
            raise self.CollectError(outcome.shown(str(error))) from None
        except BadUsage as error:
            run.mistakes.append(error)
            return
        yield SubagentItem.from_parent(
            self, name=self.name.rpartition("/")[2].removesuffix(".jsonl"), planned_nodeid=assignment.planned.nodeid
        )
