"""Two reports side by side, subagent by subagent."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.model.verdict import Finding

ChangeWord: TypeAlias = Literal["broke", "new", "gone", "fixed", "same"]
CHANGE_WORDS: Final[tuple[ChangeWord, ...]] = ("broke", "new", "gone", "fixed", "same")
"""In the order in which they are told. `broke` ended worse than before, `fixed` better; `new` and `gone` are in one
report only; `same` ended as well as before, whatever else is different."""


class Measure(Value, frozen=True, kw_only=True):
    """A number before and after; None where it is not known."""

    before: float | None = None
    after: float | None = None

    @property
    def delta(self) -> float | None:
        """Known where both are; of sums of dollars without the noise of binary fractions."""
        if self.before is None or self.after is None:
            return None
        return round(self.after - self.before, 9)


class Spent(Value, frozen=True, kw_only=True):
    """What a subagent, or all of them, took."""

    tokens: Measure
    """Input and output."""
    usd: Measure
    runtime_ms: Measure


class AnswerChange(Value, frozen=True, kw_only=True):
    """One value of an answer that is not what it was."""

    pointer: str
    """RFC 6901: where it is now; of what was removed, where it was."""
    kind: Literal["added", "removed", "changed"]
    before: JsonValue = None
    after: JsonValue = None


class RowChange(Value, frozen=True, kw_only=True):
    """One subagent in both reports."""

    nodeid: str
    id: str
    word: ChangeWord
    before: Result | None
    after: Result | None
    spent: Spent
    new: tuple[Finding, ...] = ()
    """Its findings that it did not report before."""
    known: int = 0
    fixed: tuple[Finding, ...] = ()
    """Findings that it reported before and does not any more."""
    unchecked: tuple[Finding, ...] = ()
    """Findings that it reported before, while now it is gone, or gave no answer."""
    answer: tuple[AnswerChange, ...] = ()
    """Nothing where it is new or gone."""
    more: int = 0
    """Changes of the answer that are not in `answer`, as there are too many."""

    @property
    def differs(self) -> bool:
        """Whether anything but what it took is different."""
        if self.before is None or self.after is None:
            return True
        ended = (self.before.status, self.before.expected) != (self.after.status, self.after.expected)
        return self.word != "same" or ended or bool(self.new or self.fixed or self.unchecked or self.answer)


class Comparison(Value, frozen=True, kw_only=True):
    """Two reports."""

    before: Report
    after: Report
    """With `before` as its baseline."""
    rows: tuple[RowChange, ...]
    """In the order of `CHANGE_WORDS`, then of their node ids."""
    spent: Spent
    """Of all subagents together; not known where one that ran does not know its part."""

    def count(self, word: ChangeWord) -> int:
        return sum(row.word == word for row in self.rows)
