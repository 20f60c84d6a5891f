"""Which worker of xdist runs what, and when: nothing before what it needs, no worker idle that could work.

xdist gives a worker an item only when it knows the next one, and none of them can be taken back. So each gets one
subagent and an item that does nothing behind it (`idle`): the worker runs the first at once and waits at the second
until there is more. Implements `xdist.scheduler.Scheduling`. All of it happens in the thread of xdist's session, but
for `hear`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest

from pytest_subagents.conduct.shown_paths import printable
from pytest_subagents.glue.private_names import hand_over, wake_scheduler
from pytest_subagents.glue.scheduling.light_work import LightWork
from pytest_subagents.glue.scheduling.team_work import Start, TeamWork

Tell = Callable[[Any, Start], None]
"""Tells the worker of a node what it must know for an item, before it gets that."""


class Scheduler:
    def __init__(self, config: pytest.Config, work: Callable[[Any], TeamWork], tell: Tell, *, workers: int) -> None:
        """`work` gives the subagents that the worker of a node has collected; there are so many `workers` at first."""
        self._config = config
        self._awaited = workers
        """How many of the first ones have not told what they have collected."""
        self._work = work
        self._tell = tell
        self._nodes: dict[Any, deque[int]] = {}
        """Each with the items that it has, the one that runs in front."""
        self._collected: list[Any] = []
        """Those whose collection is the same as the first."""
        self._collection: list[str] | None = None
        self._team: TeamWork
        self._light = LightWork(())
        self._of_team: frozenset[int] = frozenset()
        """The items that are subagents which not everybody may run at any time."""
        self._given: dict[int, Start] = {}
        """Of those, the ones that a worker has."""
        self._again: deque[Start] = deque()
        """Those that a worker had who died before he came to them."""
        self._left = 0
        """How many items have not ended."""
        self._dying: dict[str, int] = {}
        """Items whose worker died under them; what becomes of them is known when that is reported."""
        self._scheduled = False
        self._heard: queue.SimpleQueue[Callable[[TeamWork], None]] = queue.SimpleQueue()
        self._timer: threading.Timer | None = None

    # What xdist asks.

    @property
    def nodes(self) -> list[Any]:
        return list(self._nodes)

    @property
    def collection_is_completed(self) -> bool:
        return self._collection is not None and self._awaited <= 0

    @property
    def tests_finished(self) -> bool:
        return self.collection_is_completed and self._left == 0

    @property
    def has_pending(self) -> bool:
        """False when the first items are handed out, at which xdist ends its line of the terminal."""
        return self._scheduled and self._left > 0

    # What xdist tells.

    def add_node(self, node: Any) -> None:
        self._nodes[node] = deque()

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        self._awaited -= 1
        if self._collection is None:
            self._begin(node, collection)
        elif list(collection) != self._collection:
            self._refuse(node)
            return
        self._collected.append(node)

    def schedule(self) -> None:
        self._hand_out()
        self._scheduled = True

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        assert self._collection is not None
        if item_index < len(self._collection):  # else it is the idle one
            self._nodes[node].remove(item_index)
            self._end(item_index, duration)
        self._hand_out()

    def mark_test_pending(self, item: str) -> None:
        """A worker died under it, and somebody (rerunfailures, say) wants it to be run again."""
        index = self._dying.pop(printable(item), None)
        if index is None:
            return
        start = self._given.pop(index, None)
        if start is None:
            self._light.put_back([index])
        elif start.instead is None:
            self._team.again(start.nodeid)
        else:
            self._again.append(start)
        self._hand_out()

    def remove_pending_tests_from_node(self, node: Any, indices: Sequence[int]) -> None:
        """Nothing is ever taken from a node: this is how another thread wakes us."""
        self._hand_out()

    def remove_node(self, node: Any) -> str | None:
        """A node is gone; gives the item that it was at, if there is one. Those behind it are run by others."""
        items = self._nodes.pop(node)
        if node in self._collected:
            self._collected.remove(node)
        if not items or self._collection is None:
            return None
        first = items.popleft()
        self._dying[printable(self._collection[first])] = first
        self._again.extend(self._given.pop(index) for index in items if index in self._of_team)
        self._light.put_back(index for index in items if index not in self._of_team)
        return self._collection[first]

    # What the controller tells.

    def crashed(self, nodeid: str) -> None:
        """A crash has been reported, and nobody wants the item again."""
        index = self._dying.pop(nodeid, None)
        if index is not None:
            self._end(index, 0)
        self._hand_out()

    def hear(self, what: Callable[[TeamWork], None]) -> None:
        """Something has happened that the team must know; in any thread."""
        self._heard.put(what)
        self._wake()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    # How it is done.

    def _begin(self, node: Any, collection: Sequence[str]) -> None:
        self._collection = list(collection)
        self._left = len(collection)
        self._team = self._work(node)
        self._of_team = frozenset(entry.item for entry in self._team.entries if not entry.runs)
        self._light = LightWork(index for index in range(len(collection)) if index not in self._of_team)

    def _hand_out(self) -> None:
        if not self.collection_is_completed:
            return
        while True:
            with suppress(queue.Empty):
                self._heard.get_nowait()(self._team)
                continue
            break
        now = time.monotonic()
        self._team.look(now)
        idle = [node for node in self._collected if not self._nodes[node] and not node.shutting_down]
        self._hand_out_lost(idle)
        while idle:
            kept = bool(self._light) and len(idle) == 1 and len(self._collected) > 1 and not self._at_light_work()
            start = None if kept else self._team.next(now)
            if start is not None:
                self._give(idle.pop(0), [start.item], [start])
            elif self._light:
                self._give(idle.pop(0), self._light.take(len(self._collected)))
            else:
                break
        self._refill(crowded=not idle)
        self._look_again(now)

    def _hand_out_lost(self, idle: list[Any]) -> None:
        """Those that do not run take no time: they go to whoever is free, or has light work."""
        nodes = idle or self._at_light_work()
        starts = []
        while nodes and (start := self._again.popleft() if self._again else self._team.lost()) is not None:
            starts.append(start)
        if starts:
            self._give(nodes[0], [start.item for start in starts], starts)
            if idle:
                idle.pop(0)

    def _at_light_work(self) -> list[Any]:
        return [
            node
            for node in self._collected
            if self._nodes[node] and self._nodes[node][0] not in self._of_team and not node.shutting_down
        ]

    def _refill(self, *, crowded: bool) -> None:
        """So that those with light work go on without a pause; where an agent may wait for a worker, one of them."""
        nodes = self._at_light_work()
        for node in nodes[:1] if crowded else nodes:
            if self._light and len(self._nodes[node]) <= self._light.chunk // 2:
                self._give(node, self._light.take(len(self._collected)))

    def _give(self, node: Any, items: Sequence[int], starts: Sequence[Start] = ()) -> None:
        assert self._collection is not None
        for start in starts:
            self._given[start.item] = start
            self._tell(node, start)
        self._nodes[node].extend(items)
        hand_over(node, [*items, len(self._collection)])

    def _end(self, index: int, seconds: float) -> None:
        assert self._collection is not None
        self._left -= 1
        start = self._given.pop(index, None)
        if start is not None:
            self._team.ended(start.nodeid)
        else:
            self._light.done(seconds)

    def _look_again(self, now: float) -> None:
        at = self._team.next_look()
        self.close()
        self._timer = None
        if at is not None:
            self._timer = threading.Timer(max(0.0, at - now), self._wake)
            self._timer.daemon = True
            self._timer.start()

    def _wake(self) -> None:
        for node in self.nodes[:1]:
            wake_scheduler(node)

    def _refuse(self, node: Any) -> None:
        """A worker that has collected something else cannot be told what to run by index."""
        report = pytest.CollectReport(
            nodeid=node.gateway.id,
            outcome="failed",
            longrepr=f"worker {node.gateway.id} has collected other items than the first one",
            result=[],
        )
        self._config.hook.pytest_collectreport(report=report)
        node.shutdown()
