"""Why a subagent does not run whose needs are not met, in words for its item.

Its row gets the like from the fold, which sees all rows (`aggregate.dependencies`).
"""

from __future__ import annotations

from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import NeededPoint, Result


def unmet_need(needed: Result) -> Reason | None:
    """None where a subagent that needs this one may run."""
    if needed.status not in ("failed", "not_run"):
        return None
    how, first = "failed" if needed.status == "failed" else "did not run", needed.reasons[0]
    cause = f"because {_root_of(first.message)}" if first.kind == "dependency" else f"({first.kind})"
    return Reason(kind="dependency", message=f"needs {needed.planned.id!r}, which {how} {cause}")


def missed_checkpoint(point: NeededPoint, needed: Result) -> Reason | None:
    """None where a subagent that needs this checkpoint may run, although this is how the other has ended."""
    if point.checkpoint in needed.passed:
        return None
    message = f"needs the checkpoint {point.checkpoint!r} of {needed.planned.id!r}, which did not pass it"
    return Reason(kind="dependency", message=message)


def _root_of(message: str) -> str:
    """The cause of a reason of this module: `needs 'a', which failed (auth)` -> `'a' failed (auth)`."""
    _, because, root = message.rpartition(" because ")
    return root if because else message.removeprefix("needs ").replace(", which ", " ", 1)
