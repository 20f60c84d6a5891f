"""The item that a worker waits at: it comes after every other one, does nothing, and nobody hears of it.

xdist's workers run an item when they know the next one, for the sake of `nextitem`, which says what may stay set up.
The idle item is collected by nobody and known to no controller by name: its index is the number of those that are. As
`nextitem` it keeps everything set up that the item before it stands in; when it runs itself, what its own `nextitem`
does not need is torn down.
"""

from __future__ import annotations

from typing import Any

import pytest

from pytest_subagents.glue.private_names import run_silently


class IdleItem(pytest.Item):
    """Stands for the item before it, `before`, in all that a report says."""

    before: pytest.Item | None = None

    def runtest(self) -> None:
        """Nothing."""

    def listchain(self) -> list[Any]:
        """As if it stood beside the item before it."""
        return [*self.before.listchain()[:-1], self] if self.before is not None else [self.session, self]

    @property
    def nodeid(self) -> str:
        return self.before.nodeid if self.before is not None else "::idle"

    @property
    def id(self) -> Any:
        """pytest has it since 9.1."""
        return self.before.id if self.before is not None else self._id

    @property
    def location(self) -> tuple[str, int | None, str]:
        return self.before.location if self.before is not None else ("", None, "idle")


class Idling:
    """Registered in a worker whose controller hands out items one by one."""

    def __init__(self) -> None:
        self._idle: IdleItem | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> object:
        """Behind all others, and after xdist has told the controller what there is."""
        found = yield
        self._idle = IdleItem.from_parent(session, name="subagents-idle")
        session.items.append(self._idle)
        return found

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> object:
        if self._idle is None:
            return None
        if item is not self._idle:
            self._idle.before = item
            return None
        for report in run_silently(item, nextitem):
            if report.when == "teardown" and report.failed:  # of a module, a class, the session
                item.ihook.pytest_runtest_logreport(report=report)
        return True
