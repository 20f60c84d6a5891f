"""xdist: a worker tells its plan over a channel of our own, and the controller, which collects nothing, takes it.

The channel rides in `workerinput`: execnet sends channels inside containers, and both ends of one gateway are
ordered, so the plan is here before xdist hears that the collection is done.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.glue.run import Run
from pytest_subagents.glue.transport import planned_of, to_plain

_CHANNEL: Final = "subagents_channel"

Role: TypeAlias = Literal["controller", "worker", "alone"]


def role_of(config: pytest.Config) -> Role:
    """What this process is in the run."""
    if hasattr(config, "workerinput"):
        return "worker"
    distributes = config.getoption("dist", "no") != "no" and config.getoption("tx", None)
    return "controller" if distributes and not config.option.collectonly else "alone"


class Controller:
    """Registered in xdist's controller."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._channels: list[Any] = []  # execnet forgets a channel that nobody holds

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        channel = node.gateway.newchannel()
        channel.setcallback(self._take)
        self._channels.append(channel)
        node.workerinput[_CHANNEL] = channel

    def _take(self, message: dict[str, Any]) -> None:
        """A worker's plan. Every worker sends the same one, so taking it again changes nothing."""
        run = self._run
        for where, what, hint in message["mistakes"]:
            run.blame(BadUsage(where, what, hint=hint))
        run.warnings += [warning for warning in message["warnings"] if warning not in run.warnings]
        for plain in message["planned"]:
            planned = planned_of(plain)
            run.planned[planned.nodeid] = planned
        run.deselected.update(message["deselected"])
        run.bad_files = max(run.bad_files, message["bad_files"])


class Worker:
    """Registered in a worker of xdist."""

    def __init__(self, run: Run, config: pytest.Config) -> None:
        self._run = run
        self._channel = config.workerinput.get(_CHANNEL)  # type: ignore[attr-defined]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        if self._channel is None:
            return
        run = self._run
        self._channel.send(
            {
                "planned": [to_plain(planned) for planned in run.planned.values()],
                "deselected": sorted(run.deselected),
                "mistakes": [(mistake.where, mistake.what, mistake.hint) for mistake in run.mistakes],
                "warnings": list(run.warnings),
                "bad_files": run.bad_files,
            }
        )
