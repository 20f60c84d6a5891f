"""What `expect` may hold, in a workflow file and in `expect.yaml`."""

from __future__ import annotations

from typing import Final

from pytest_subagents.model.spec import Expectation
from pytest_subagents.model.status import CEILING, STATUSES, Status
from pytest_subagents.specify.kinds.containers import Into, OneOf
from pytest_subagents.specify.kinds.names import PATHS
from pytest_subagents.specify.kinds.record import Key, Record
from pytest_subagents.specify.kinds.scalars import Choice


def _expected(status: Status) -> Expectation:
    return Expectation(status=status)


EXPECTATION: Final = OneOf(
    text=Into(of=Choice(choices=STATUSES), build=_expected, words="status"),
    table=Record(
        make=Expectation,
        words="`{status, kind, changes}`",
        keys=(
            Key(name="status", kind=Choice(choices=STATUSES), doc="The status", replay="honoured", required=True),
            Key(
                name="kind",
                kind=Choice(choices=tuple(CEILING), called="kind of reason"),
                doc="The kind of a reason",
                replay="honoured",
            ),
            Key(name="changes", kind=PATHS, doc="Exactly the files that it changes", replay="honoured"),
        ),
    ),
    wanted="a status, or a map of status, kind, changes",
)
