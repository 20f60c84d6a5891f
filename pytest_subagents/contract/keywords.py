"""The keywords of jsonschema, counted, and a few of them written again because their cost or their text has no bound.

Every keyword that is applied takes steps from the budget of the run: the same number on every machine, so that
"too slow" is a verdict like any other. Replaced are `anyOf` and `oneOf` (they kept every error of every
alternative), `uniqueItems` (it compared each item with each other), and those that search with regular expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

from jsonschema.exceptions import ValidationError

from pytest_subagents.contract.patterns import Guard, Pattern
from pytest_subagents.contract.tally import Tally, rank
from pytest_subagents.contract.violation_text import describe, of_no_sort
from pytest_subagents.contract.wording import listed, shown
from pytest_subagents.model.json_value import JsonValue

Keyword: TypeAlias = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]
"""As jsonschema calls it: validator, what the keyword asks for, the value, the whole schema."""

_SORTS: Final = frozenset({"type", "const", "enum"})


class BudgetError(Exception):
    """The steps of a run are used up."""


class Run:
    """What one validation may use."""

    __slots__ = ("_guard", "_patterns", "steps")

    def __init__(self, *, steps: int, patterns: Mapping[str, Pattern], guard: Guard | None) -> None:
        self.steps = steps
        self._patterns = patterns
        self._guard = guard

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise BudgetError

    def matches(self, pattern: str, text: str) -> bool:
        self.spend(1 + len(text) // 64)
        return self._patterns[pattern].matches(text, self._guard)


RUN: Final[ContextVar[Run]] = ContextVar("RUN")


class AlternativesError(ValidationError):
    """No alternative fits; holds the violations of the one that was probably meant."""

    def __init__(self, tally: Tally) -> None:
        super().__init__("no alternative fits")
        self.tally = tally


def collect(errors: Iterator[ValidationError]) -> Tally:
    """The violations behind jsonschema's errors."""
    tally, run = Tally(), RUN.get()
    for error in errors:
        path = tuple(error.relative_path)
        if isinstance(error, AlternativesError):
            tally.absorb(error.tally, path)
            if not path:
                tally.mismatches += error.tally.mismatches
            continue
        run.spend(1 + len(error.message) // 64)
        tally.count += 1
        keyword = error.validator if isinstance(error.validator, str) else None
        if keyword in _SORTS or keyword is None:
            if not path:
                tally.mismatches.append((keyword or "type", _wanted(error) if keyword else []))
            elif len(path) == 1 and keyword != "type":
                tally.misfits += 1
        if tally.wants(path):
            message = describe(keyword, error.instance, error.validator_value, error.message)
            tally.add(path, keyword or "", message)
    return tally


def _wanted(error: ValidationError) -> JsonValue:
    return cast(JsonValue, error.validator_value)


def counted(keywords: Mapping[str, Keyword]) -> dict[str, Keyword]:
    """`keywords` with every application taken from the budget of the run."""
    known: dict[str, Keyword] = {**keywords, **{name: own for name, own in _OWN.items() if name in keywords}}
    return {name: _counted(keyword) for name, keyword in known.items()}


def _counted(keyword: Keyword) -> Keyword:
    def apply(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
        steps = 1
        if type(wanted) is list or type(wanted) is dict:
            steps += len(wanted) >> 2
        if type(instance) is list or type(instance) is dict:
            steps += len(instance) >> 2
        RUN.get().spend(steps)
        return keyword(validator, wanted, instance, schema)

    return apply


def _any_of(validator: Any, alternatives: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    nearest = _nearest(validator, alternatives, instance)
    if nearest is not None:
        yield AlternativesError(nearest)


def _one_of(validator: Any, alternatives: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    fitting = [index for index, each in enumerate(alternatives) if validator.evolve(schema=each).is_valid(instance)]
    if not fitting:
        nearest = _nearest(validator, alternatives, instance)
        if nearest is not None:
            yield AlternativesError(nearest)
    elif len(fitting) > 1:
        yield ValidationError(f"{shown(instance)} fits more than one alternative of 'oneOf': {listed(fitting)}")


def _nearest(validator: Any, alternatives: Any, instance: Any) -> Tally | None:
    """The violations of the alternative that is nearest to `instance`; None where one fits."""
    best: Tally | None = None
    sorts: list[Any] | None = []
    for index, alternative in enumerate(alternatives):
        tally = collect(validator.descend(instance, alternative, schema_path=index))
        if not tally.count:
            return None
        if best is None or rank(tally) < rank(best):
            best = tally
        if sorts is not None:
            sorts = [*sorts, *tally.mismatches] if tally.mismatches else None
    if best is not None and sorts:
        best = Tally()
        best.count = 1
        best.mismatches = sorts
        best.add((), "anyOf", of_no_sort(instance, sorts))
    return best


def _unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not wanted or type(instance) is not list:
        return
    seen: dict[Any, int] = {}
    for index, item in enumerate(instance):
        first = seen.setdefault(_hashable(item), index)
        if first != index:
            yield ValidationError(f"items {first:,} and {index:,} are equal")
            return


def _hashable(value: Any) -> Any:
    """Equal for what JSON Schema calls equal: numbers by value, so that 1 is 1.0, but never `true`."""
    RUN.get().spend(1)
    if type(value) is bool:
        return ("bool", value)
    if type(value) is list:
        return ("list", tuple(map(_hashable, value)))
    if type(value) is dict:
        return ("dict", frozenset((key, _hashable(item)) for key, item in value.items()))
    return value


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not RUN.get().matches(pattern, instance):
        yield ValidationError("no match")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if type(instance) is not dict:
        return
    run = RUN.get()
    for pattern, subschema in patterns.items():
        for key, item in instance.items():
            if run.matches(pattern, key):
                yield from validator.descend(item, subschema, path=key, schema_path=pattern)


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if type(instance) is not dict:
        return
    run, named, patterns = RUN.get(), schema.get("properties", {}), schema.get("patternProperties", {})
    extras = [
        key for key in instance if key not in named and not any(run.matches(pattern, key) for pattern in patterns)
    ]
    if type(wanted) is dict:
        for extra in extras:
            yield from validator.descend(instance[extra], wanted, path=extra)
    elif not wanted and extras:
        verb = "is" if len(extras) == 1 else "are"
        yield ValidationError(f"{listed(sorted(extras))} {verb} not allowed here")


def _property_names(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if type(instance) is not dict:
        return
    for key in instance:
        tally = collect(validator.descend(key, wanted))
        if tally.count:
            _, _, message = tally.violations()[0]
            yield ValidationError(f"the key {shown(key)} is not allowed: {message}")


_OWN: Final[Mapping[str, Keyword]] = MappingProxyType(
    {
        "anyOf": _any_of,
        "oneOf": _one_of,
        "uniqueItems": _unique_items,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "propertyNames": _property_names,
    }
)
