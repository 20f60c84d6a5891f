"""Hooks of collection: which files are ours, what is planned, and what a person must fix before anything runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_subagents.glue import marks
from pytest_subagents.glue.distribution import runs_nothing
from pytest_subagents.glue.items import TranscriptFile, WorkflowFile
from pytest_subagents.glue.run import NODE_KEY, Run
from pytest_subagents.model.glob import matches
from pytest_subagents.plan.chains import in_order
from pytest_subagents.plan.task import Task
from pytest_subagents.transcript.store import is_child


class Collecting:
    """Registered wherever pytest collects: in every process but xdist's controller."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """A link to a folder that it lies in: pytest would go round until the system stops it, and with two such links
        for ever."""
        return True if os.path.islink(collection_path) and _leads_up(collection_path) else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if file_path.suffix == ".jsonl":
            return TranscriptFile.at(parent, file_path) if self._is_transcript(file_path, parent) else None
        if file_path.suffix in (".yaml", ".yml", ".toml", ".json") and self._is_workflow(file_path):
            return WorkflowFile.from_parent(parent, path=file_path)
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Before -k, -m and --lf choose: what they leave out is known, so that what needs it can be judged."""
        marks.admit(self._run, items)
        if self._run.audits and not self._run.settings.plan and not runs_nothing(session.config):
            from pytest_subagents.glue.auditing import check_audits

            check_audits(self._run, session.config)
        if self._run.mistakes or (self._run.bad_files and not session.config.option.continue_on_collection_errors):
            items.clear()

    @pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
    def pytest_deal_and_order(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """After any other plugin's selection and order, and before anything looks at who is to be started."""
        if self._run.settings.shard is not None:
            from pytest_subagents.glue.sharding import keep_shard

            keep_shard(self._run, config, items)
        self._put_after_needs(items)

    def _put_after_needs(self, items: list[pytest.Item]) -> None:
        """Every subagent behind what it needs, else everything as it was."""
        found = [self._run.assignments.get(item.stash.get(NODE_KEY, "")) for item in items]
        position = {each.planned.nodeid: index for index, each in enumerate(found) if each is not None}
        items_of = self._run.items_of
        tasks = [
            Task()
            if each is None
            else Task(
                after=tuple(position[item] for other in each.waits_for for item in items_of(other) if item in position),
                priority=each.subagent.priority,
            )
            for each in found
        ]
        if any(task.after or task.priority for task in tasks):
            items[:] = [items[index] for index in in_order(tasks)]

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        nodeids = {item.stash[NODE_KEY] for item in items if NODE_KEY in item.stash}
        self._run.deselected.update(nodeids - (self._run.sharding.elsewhere if self._run.sharding else frozenset()))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> object:
        """Before xdist tells the controller what was collected, so that it knows the plan by then."""
        for item in session.items:
            if NODE_KEY in item.stash:
                nodeid = item.stash[NODE_KEY]
                self._run.planned[nodeid] = self._run.assignments[nodeid].planned
        return (yield)

    def _is_workflow(self, path: Path) -> bool:
        return any(matches(self._below(path, "/" in glob), (glob,)) for glob in self._run.settings.files)

    def _is_transcript(self, path: Path, parent: pytest.Collector) -> bool:
        if is_child(path):
            return False
        named = parent.session.isinitpath(path)
        return named or matches(self._below(path, True), self._run.settings.transcripts)

    def _below(self, path: Path, whole: bool) -> str:
        """`path` from the rootdir for a glob with folders, else its name; of files elsewhere, all of it."""
        if not whole:
            return path.name
        try:
            return path.relative_to(self._run.rootdir).as_posix()
        except ValueError:
            return path.as_posix().lstrip("/")


def _leads_up(link: Path) -> bool:
    real = os.path.realpath(link)
    return any(os.path.realpath(folder) == real for folder in link.parents)
