"""Single values: text, choices, numbers, durations, truth values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value, field
from pytest_subagents.specify.durations import COUNT_PATTERN, DURATION_PATTERN, count_of, seconds_of
from pytest_subagents.specify.place import Place, nearest
from pytest_subagents.specify.tree import Leaf, Located

Word = TypeVar("Word", bound=str)


def _no_problem(text: str) -> str | None:
    return None


class Text(Value, frozen=True, kw_only=True):
    """Text that is not blank. `problem` says what is wrong with one, as words that follow it."""

    words: str = "text"
    problem: Callable[[str], str | None] = _no_problem
    pattern: str | None = None
    """For editors; `problem` decides."""
    may_be_empty: bool = False
    numbers: bool = False
    """Whether a number is taken as it was written: for versions, which nobody puts in quotes."""

    def read(self, node: Located, at: Place) -> str:
        match node:
            case Leaf(value=str() as text):
                pass
            case Leaf(value=bool()):
                raise at.wanted(node, "text", hint="put it in quotes if it is text")
            case Leaf(value=int() | float()) if self.numbers:
                text = node.text or str(node.value)
            case Leaf(value=int() | float()):
                raise at.wanted(node, "text", hint="put it in quotes if it is text")
            case _:
                raise at.wanted(node, "text")
        if not text.strip() and not self.may_be_empty:
            raise at.refused(node, "is empty")
        problem = self.problem(text)
        if problem is not None:
            raise at.refused(node, problem)
        if "\0" in text:  # which no argument, path or variable can have
            raise at.refused(node, "has a NUL character")
        return text

    def schema(self) -> dict[str, JsonValue]:
        kinds: JsonValue = ["string", "number"] if self.numbers else "string"
        return {"type": kinds, "pattern": self.pattern or ("" if self.may_be_empty else r"\S")}


class Choice(Value, Generic[Word], frozen=True, kw_only=True):
    """One of a few words."""

    choices: tuple[Word, ...]
    also: Mapping[str, Word] = field(default_factory=dict)
    """Words of the articles, with the one of ours that each stands for."""
    called: str = ""
    """What the choices are, where listing them would fill a page."""

    @property
    def words(self) -> str:
        return self.called or " \\| ".join(f"`{choice}`" for choice in self.choices)

    def read(self, node: Located, at: Place) -> Word:
        match node:
            case Leaf(value=str() as text):
                found = next((choice for choice in self.choices if choice == text), self.also.get(text))
                if found is not None:
                    return found
                raise at.refused(node, "is not known", hint=nearest(text, self.choices))
        raise at.wanted(node, f"one of {', '.join(sorted(self.choices))}")

    def schema(self) -> dict[str, JsonValue]:
        return {"enum": [*self.choices, *self.also]}


class VendorName(Value, frozen=True, kw_only=True):
    """A vendor that this installation knows; which those are is known to upper layers alone."""

    words: str = "vendor"

    def read(self, node: Located, at: Place) -> str:
        vendors = at.source.vendors  # those of other packages are looked for only where they have to be listed
        match node:
            case Leaf(value=str() as text):
                if text == "command" or text in vendors:
                    return text
                raise at.refused(node, "is no vendor", hint=nearest(text, {*vendors, "command"}))
        raise at.wanted(node, "the name of a vendor", hint=nearest("", {*vendors, "command"}))

    def schema(self) -> dict[str, JsonValue]:
        return {"type": "string", "minLength": 1}


class Integer(Value, frozen=True, kw_only=True):
    at_least: int = -limits.INTEGER_MAX
    at_most: int = limits.INTEGER_MAX
    suffixes: bool = False
    """Whether `400k` and `2M` are taken."""

    @property
    def words(self) -> str:
        return "int, `400k`, `2M`" if self.suffixes else "int"

    def read(self, node: Located, at: Place) -> int:
        match node:
            case Leaf(value=bool()):
                number = None
            case Leaf(value=int() as number):
                pass
            case Leaf(value=str() as text) if self.suffixes:
                number = count_of(text)
            case _:
                number = None
        if number is None:
            raise at.wanted(
                node, "a whole number, such as 400000, '400k' or '2M'" if self.suffixes else "a whole number"
            )
        if number < self.at_least:
            raise at.wanted(node, f"at least {self.at_least}")
        if number > self.at_most:
            raise at.wanted(node, f"at most {self.at_most}")
        return number

    def schema(self) -> dict[str, JsonValue]:
        number: dict[str, JsonValue] = {"type": "integer", "minimum": self.at_least, "maximum": self.at_most}
        return {"anyOf": [number, {"type": "string", "pattern": COUNT_PATTERN}]} if self.suffixes else number


class Number(Value, frozen=True, kw_only=True):
    """A finite number, of at least or of more than `least`."""

    least: float
    exclusive: bool = False
    most: float | None = None
    words: str = "number"

    def read(self, node: Located, at: Place) -> float:
        match node:
            case Leaf(value=bool()):
                raise at.wanted(node, "a number")
            case Leaf(value=int() | float() as number):
                pass
            case _:
                raise at.wanted(node, "a number")
        if number < self.least or (self.exclusive and number == self.least):
            raise at.wanted(node, f"{'more than' if self.exclusive else 'at least'} {self.least:g}")
        if self.most is not None and number > self.most:
            raise at.wanted(node, f"at most {self.most:g}")
        return float(number)

    def schema(self) -> dict[str, JsonValue]:
        bound: dict[str, JsonValue] = {"exclusiveMinimum" if self.exclusive else "minimum": self.least}
        if self.most is not None:
            bound["maximum"] = self.most
        return {"type": "number", **bound}


class Duration(Value, frozen=True, kw_only=True):
    """Seconds, or text such as `1h30m`."""

    zero: bool = False
    """Whether no time at all is a duration here."""
    words: str = "duration"

    def read(self, node: Located, at: Place) -> float:
        match node:
            case Leaf(value=bool()):
                seconds = None
            case Leaf(value=int() | float() as number):
                seconds = float(number)
            case Leaf(value=str() as text):
                seconds = seconds_of(text)
            case _:
                seconds = None
        if seconds is None:
            raise at.wanted(node, "a duration such as '45s', '10m' or '1h30m'")
        if seconds < 0 or (seconds == 0 and not self.zero):
            raise at.wanted(node, "a duration of at least 0" if self.zero else "a duration of more than 0")
        if seconds > limits.DURATION_SECONDS:
            raise at.wanted(node, f"a duration of at most {limits.DURATION_SECONDS // 3600} hours")
        return seconds

    def schema(self) -> dict[str, JsonValue]:
        bound = "minimum" if self.zero else "exclusiveMinimum"
        return {
            "anyOf": [
                {"type": "number", bound: 0, "maximum": limits.DURATION_SECONDS},
                {"type": "string", "minLength": 1, "pattern": DURATION_PATTERN},
            ]
        }


class Flag(Value, frozen=True, kw_only=True):
    words: str = "bool"

    def read(self, node: Located, at: Place) -> bool:
        match node:
            case Leaf(value=bool() as flag):
                return flag
        raise at.wanted(node, "true or false")

    def schema(self) -> dict[str, JsonValue]:
        return {"type": "boolean"}
