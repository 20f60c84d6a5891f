"""jsonschema's word on an answer: the verdict of record, and what a person is told of it.

Imported only when an answer is not accepted on sight, and once for a contract that is not built in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jsonschema
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import NoSuchResource

from pytest_subagents.contract.deadline import Deadline, DeadlineError, can_interrupt
from pytest_subagents.contract.drafts import DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09, DRAFT_2020_12, Draft
from pytest_subagents.contract.keywords import RUN, BudgetError, Run, collect, counted
from pytest_subagents.contract.patterns import Guard, Pattern, UndecidableError
from pytest_subagents.contract.pointers import Part
from pytest_subagents.contract.stack import room_on_the_stack
from pytest_subagents.contract.tally import Tally
from pytest_subagents.contract.violation_text import describe
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value

_STOCK: Final = {
    DRAFT_2020_12.name: jsonschema.Draft202012Validator,
    DRAFT_2019_09.name: jsonschema.Draft201909Validator,
    DRAFT_7.name: jsonschema.Draft7Validator,
    DRAFT_6.name: jsonschema.Draft6Validator,
    DRAFT_4.name: jsonschema.Draft4Validator,
}
_COUNTED: Final = {
    name: extend(stock, validators=counted(stock.VALIDATORS))  # type: ignore[no-untyped-call]
    for name, stock in _STOCK.items()
}


class Undecided(Value, frozen=True, kw_only=True):
    """The answer could not be judged to the end."""

    why: str


class SchemaFault(Value, frozen=True, kw_only=True):
    """The schema is none, by its draft's own schema."""

    path: tuple[Part, ...]
    what: str


def _refuse(uri: str) -> Any:
    raise NoSuchResource(uri)


_NOTHING: Final[Registry[Any]] = Registry(retrieve=_refuse)  # type: ignore[call-arg]


def check_schema(schema: JsonValue, draft: Draft) -> SchemaFault | None:
    """What is wrong with a bundled schema, the first fault by its place; None where it is one."""
    stock = _STOCK[draft.name]
    validator = stock(stock.META_SCHEMA, registry=_NOTHING)
    with room_on_the_stack():
        first = min(validator.iter_errors(schema), key=_place, default=None)
    if first is None:
        return None
    error = _innermost(first)
    what = describe(str(error.validator), error.instance, error.validator_value, error.message)
    return SchemaFault(path=tuple(error.absolute_path), what=what)


def _innermost(error: ValidationError) -> ValidationError:
    """What is wrong by the alternative that was probably meant: not by one for values of another type."""
    while error.context:
        error = min(error.context, key=_wrong_sort)
    return error


def _wrong_sort(error: ValidationError) -> tuple[bool, list[str], str]:
    """An alternative for values of another type is the last one that was meant."""
    return (error.validator == "type" and not error.relative_path, *_place(error))


def _place(error: ValidationError) -> tuple[list[str], str]:
    return [str(part) for part in error.absolute_path], str(error.validator)


class Reference:
    """Judges answers by one schema, which must have passed `check_schema` and `check_bounds`."""

    def __init__(
        self, schema: JsonValue, draft: Draft, patterns: Mapping[str, Pattern], *, searches: bool, doubling: bool
    ) -> None:
        self._validator = _COUNTED[draft.name](schema, registry=_NOTHING)
        self._patterns = patterns
        self._searches = searches
        """jsonschema itself searches with patterns too (`unevaluatedProperties` beside `patternProperties`)."""
        self._doubling = doubling
        """The work can double with each level of an answer (`check_bounds`)."""

    @property
    def _steps(self) -> int:
        return limits.DOUBLING_STEPS if self._doubling else limits.VALIDATION_STEPS

    def judge(self, value: JsonValue) -> Tally | Undecided:
        """All violations of `value`. Nothing that the library raises gets out, and it always comes to an end."""
        try:
            with room_on_the_stack():
                if not self._patterns or not can_interrupt():
                    return self._without_deadline(value)
                with Deadline(limits.VALIDATION_SECONDS) as deadline:
                    if self._searches:
                        return deadline.run(lambda: self._collected(value, guard=lambda search: search()))
                    return self._collected(value, guard=deadline.run)
        except BudgetError:
            return Undecided(why=f"too slow: it takes more than {self._steps:,} steps to judge the answer")
        except DeadlineError:
            seconds = limits.VALIDATION_SECONDS
            return Undecided(why=f"too slow: a pattern of the contract takes more than {seconds:g} s of CPU time")
        except UndecidableError:
            return Undecided(why="a pattern of the contract can be judged on the main thread only")
        except RecursionError:
            return Undecided(why="nested too deeply for the contract's recursion")
        except Exception as error:  # whatever a library raises over an answer is said of the answer, not raised
            return Undecided(why=f"cannot be judged: {type(error).__name__}")

    def _without_deadline(self, value: JsonValue) -> Tally:
        if self._searches:
            raise UndecidableError
        return self._collected(value, guard=None)

    def _collected(self, value: JsonValue, guard: Guard | None) -> Tally:
        run = Run(steps=self._steps, patterns=self._patterns, guard=guard)
        token = RUN.set(run)
        try:
            return collect(self._validator.iter_errors(value))
        finally:
            RUN.reset(token)
