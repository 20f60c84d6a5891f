"""All that this package leans on in pytest and xdist without a documented promise.

tests/glue/test_pytest_contracts.py fails where one of these moves, on the oldest and the newest that are supported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pytest

CHANNEL: Final = "subagents_channel"
"""A channel of execnet's in `workerinput` arrives in the worker, alive and in both directions."""


def run_here(config: pytest.Config) -> None:
    """Makes xdist leave this run to this process, whatever it was told; early in `pytest_configure`."""
    for name, value in (("dist", "no"), ("tx", []), ("numprocesses", None)):
        if hasattr(config.option, name):
            setattr(config.option, name, value)


def remember_failures(config: pytest.Config, keys: Iterable[object]) -> None:
    """Let `--lf` run the items again whose reports had `keys` as their ids: pytest itself drops what was skipped."""
    plugin = config.pluginmanager.get_plugin("lfplugin")
    known = getattr(plugin, "lastfailed", None)
    if isinstance(known, dict):
        known.update(dict.fromkeys(keys, True))


def is_crash(report: pytest.TestReport) -> bool:
    """Whether xdist's controller made the report up for an item whose worker died."""
    return report.when == "???"  # type: ignore[comparison-overlap]


def run_silently(item: pytest.Item, nextitem: pytest.Item | None) -> Sequence[pytest.TestReport]:
    """All phases of an item that nobody hears of; gives their reports."""
    from _pytest.runner import runtestprotocol

    return runtestprotocol(item, log=False, nextitem=nextitem)


def hand_over(node: Any, items: Sequence[int]) -> None:
    """To the worker of xdist behind a node: these of `session.items`, to run in this order. It runs each as soon as it
    knows the next one, or that no more will come."""
    node.send_runtest_some(list(items))


def wake_scheduler(node: Any) -> None:
    """Makes xdist's controller call `remove_pending_tests_from_node` of its scheduler, in its own thread and without
    any index. In any thread."""
    node.notify_inproc("unscheduled", node=node, indices=())
