"""jsonschema's word on an answer: the verdict of record, and what a person is told of it.

Imported only when an answer is not accepted on sight, and once for a contract that is not built in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jsonschema
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import NoSuchResource

from pytest_subagents.contract.deadline import DeadlineError, can_interrupt, within
from pytest_subagents.contract.drafts import DRAFT_7, DRAFT_2020_12, Draft
from pytest_subagents.contract.keywords import RUN, BudgetError, Run, collect, counted
from pytest_subagents.contract.patterns import Pattern, UndecidableError
from pytest_subagents.contract.pointers import Part
from pytest_subagents.contract.stack import room_on_the_stack
from pytest_subagents.contract.tally import Tally
from pytest_subagents.contract.violation_text import describe
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue

_STOCK: Final = {DRAFT_2020_12.name: jsonschema.Draft202012Validator, DRAFT_7.name: jsonschema.Draft7Validator}
_COUNTED: Final = {
    name: extend(stock, validators=counted(stock.VALIDATORS))  # type: ignore[no-untyped-call]
    for name, stock in _STOCK.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """The answer could not be judged to the end."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFault:
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
        error = None if first is None else best_match(iter([first]))
    if error is None:
        return None
    what = describe(str(error.validator), error.instance, error.validator_value, error.message)
    return SchemaFault(path=tuple(error.absolute_path), what=what)


def _place(error: ValidationError) -> tuple[list[str], str]:
    return [str(part) for part in error.absolute_path], str(error.validator)


class Reference:
    """Judges answers by one schema, which must have passed `check_schema` and `check_bounds`."""

    def __init__(self, schema: JsonValue, draft: Draft, patterns: Mapping[str, Pattern], *, searches: bool) -> None:
        self._validator = _COUNTED[draft.name](schema, registry=_NOTHING)
        self._patterns = patterns
        self._searches = searches
        """jsonschema itself searches with patterns too (`unevaluatedProperties` beside `patternProperties`)."""

    def judge(self, value: JsonValue) -> Tally | Undecided:
        """All violations of `value`. Nothing that the library raises gets out, and it always comes to an end."""
        interruptible = bool(self._patterns) and can_interrupt()
        if self._searches and not interruptible:
            return Undecided(why="patterns for keys are judged on the main thread only")
        run = Run(steps=limits.VALIDATION_STEPS, patterns=self._patterns, interruptible=interruptible)
        token = RUN.set(run)
        try:
            with room_on_the_stack():
                if interruptible:
                    return within(limits.VALIDATION_SECONDS, lambda: collect(self._validator.iter_errors(value)))
                return collect(self._validator.iter_errors(value))
        except BudgetError:
            return Undecided(why=f"too slow: it takes more than {limits.VALIDATION_STEPS:,} steps to judge the answer")
        except DeadlineError:
            seconds = limits.VALIDATION_SECONDS
            return Undecided(why=f"too slow: a pattern of the contract takes more than {seconds:g} s of CPU time")
        except UndecidableError:
            return Undecided(why="a pattern of the contract can be judged on the main thread only")
        except RecursionError:
            return Undecided(why="nested too deeply for the contract's recursion")
        except Exception as error:  # whatever a library raises over an answer is said of the answer, not raised
            return Undecided(why=f"cannot be judged: {type(error).__name__}")
        finally:
            RUN.reset(token)
