"""Why a result is not better than it is."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_subagents.model.status import CEILING, Status, lowest
from pytest_subagents.model.value import Value


class Reason(Value, frozen=True, kw_only=True):
    """One piece of evidence about a run. It can lower a status, never raise one."""

    kind: str
    """What it is evidence of: a key of `status.CEILING`, of which docs/verdicts.md tells each."""

    message: str
    """One line in words."""

    at: str | None = None
    """Where in the answer (a JSON Pointer) or in the repository (a path)."""

    line: int | None = None
    """The line of the transcript, counted from 1."""

    hint: str | None = None
    """What to do about it."""

    at_most: Status | None = None
    """The best status this leaves, where it differs from the one of its kind."""

    @property
    def ceiling(self) -> Status:
        """The best status that this reason leaves."""
        return self.at_most if self.at_most is not None else CEILING[self.kind]


def lowered(reasons: Iterable[Reason]) -> Status:
    """The status that `reasons` leave; `success` where there is none."""
    return lowest(reason.ceiling for reason in reasons)
