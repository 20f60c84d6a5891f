"""The environment that people's templates are rendered in: jinja2's sandbox, less most of what it offers.

It gets texts, numbers, lists and dicts and nothing else, and an attribute is always a key: no method of anything can be
reached, none can be called, and `results.items` is the agent of that name. There are no globals, no loader, no
extensions, and the filters that make much of little (`center`, `wordwrap`, `format`, ...) are left out. What is left
can still take long or fill the memory, so all this runs in a process of its own (`confined.py`) and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

from jinja2 import StrictUndefined, Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS, make_attrgetter
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import pass_environment

from pytest_subagents.model.limits import TEMPLATE_INDENT
from pytest_subagents.prompt.faults import nearest, undefined
from pytest_subagents.prompt.names import spelled

_LOOP: Final = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem", "depth", "depth0"}
)
_POWER_BITS: Final = 64
"""Bits of what `**` may give; more is a way to keep a processor busy."""


class Placeholder:
    """Stands for a part of an answer that is not there yet. It has every part and one item, and says what it is."""

    def __init__(self, path: tuple[object, ...]) -> None:
        self.path = path

    def below(self, key: object) -> Placeholder:
        return Placeholder((*self.path, key))

    def __str__(self) -> str:
        return f"({spelled(self.path)} stands here)"

    def __iter__(self) -> Iterator[Placeholder]:
        return iter((self.below(0),))

    def __len__(self) -> int:
        return 1


def written(value: object) -> str:
    """`value` as it comes out of a template: text as it is, everything else as JSON."""
    match value:
        case str():
            return str(value)
        case Placeholder():
            return str(value)
        case None | bool() | int() | float() | list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False, default=_unwritable)
        case Undefined():
            return str(value)  # which raises
    raise SecurityError("this is no text, number, list or map: put '| list' or '| join' behind it")


def _unwritable(value: object) -> str:
    return written(value)


@pass_context
def _finalized(context: Context, value: object) -> str:
    """With a context it is never called while a template is only compiled."""
    return written(value)


@pass_environment
def _joined(environment: Any, value: Any, d: str = "", attribute: str | int | None = None) -> str:
    found = value if attribute is None else map(make_attrgetter(environment, attribute), value)
    return str(d).join(map(written, found))


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=_indentation(indent), default=_unwritable)


def _indented(s: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    blanks = " " * (_indentation(width) or 0) if isinstance(width, int) else str(width)[:TEMPLATE_INDENT]
    lines = [line if (number == 0 and not first) else blanks + line for number, line in enumerate(str(s).split("\n"))]
    return "\n".join(line if blank or line.strip(" ") else "" for line in lines)


def _indentation(width: int | None) -> int | None:
    if width is not None and not 0 <= width <= TEMPLATE_INDENT:
        raise SecurityError(f"an indentation has 0 to {TEMPLATE_INDENT} blanks")
    return width


def _pairs(value: object) -> Iterator[tuple[object, object]]:
    match value:
        case dict():
            return iter(value.items())
        case Placeholder():
            return iter((("…", value.below("…")),))
        case Undefined():
            str(value)  # which raises
    raise SecurityError("'items' goes through a map only")


_TAKEN_FILTERS: Final = (
    "capitalize", "count", "d", "default", "first", "float", "groupby", "int", "last", "length", "list",
    "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "sum", "trim",
    "truncate", "unique", "upper",
)  # fmt: skip
_OWN_FILTERS: Final[Mapping[str, Any]] = {
    "indent": _indented,
    "items": _pairs,
    "join": _joined,
    "string": written,
    "tojson": _json,
}
_TAKEN_TESTS: Final = (
    "!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float",
    "ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lt", "mapping", "ne", "none", "number",
    "odd", "sequence", "string", "true", "undefined",
)  # fmt: skip


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """For templates over `values`, which nothing else holds; what is not there yet is a `Placeholder` in them."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(
            autoescape=False,
            optimized=False,
            keep_trailing_newline=True,
            undefined=_missing_from(values),
            finalize=_finalized,
            cache_size=0,
        )
        self.globals = {}
        self.filters = {**{name: FILTERS[name] for name in _TAKEN_FILTERS}, **_OWN_FILTERS}
        self.tests = {name: TESTS[name] for name in _TAKEN_TESTS}

    def getitem(self, obj: Any, argument: Any) -> Any:
        match obj:
            case dict():
                try:
                    return obj[argument]
                except (KeyError, TypeError):
                    pass
            case str() | list() | tuple() if type(argument) is int and -len(obj) <= argument < len(obj):
                return obj[argument]
            case LoopContext() if argument in _LOOP:
                return getattr(obj, argument)
            case Placeholder():
                return obj.below(argument)
            case Undefined():
                str(obj)  # which raises, and says what is undefined rather than that it has no parts
        return self.undefined(obj=obj, name=argument)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: N805
        raise SecurityError("a template calls nothing")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise SecurityError(f"'{operator}' is for numbers only")
        if operator == "**" and int(left).bit_length() * abs(right) > _POWER_BITS:
            raise SecurityError("the result of '**' is too large")
        return super().call_binop(context, operator, left, right)


def _missing_from(values: Mapping[str, Any]) -> type[StrictUndefined]:
    class Missing(StrictUndefined):
        """Says the whole name that is undefined. It is looked for only then: `default` takes it in silence."""

        __slots__ = ()

        @property
        def _undefined_message(self) -> str:
            if self._undefined_hint:
                return self._undefined_hint
            name = self._undefined_name
            match self._undefined_obj:
                case dict() as held:
                    path = _path_of(held, values)
                    message = undefined((*(path or ()), name))
                    keys = [key for key in held if isinstance(key, str)]
                    return f"{message}\n{nearest(name, keys, below=path or ())}"
                case str() | list() | tuple() as several if isinstance(name, int):
                    return f"there is no item {name}: it has {len(several)}, counted from 0"
                case str() | int() | float() | list() | tuple() | None as other:
                    return f"{undefined((name,))}: {_KINDS[type(other)]} has no such part"
            return undefined((name,))

    return Missing


_KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    tuple: "a list",
    type(None): "nothing (null)",
}


def _path_of(wanted: object, values: Mapping[str, Any]) -> tuple[object, ...] | None:
    """Where in `values` that very object stands."""
    waiting: list[tuple[tuple[object, ...], object]] = [((name,), value) for name, value in values.items()]
    while waiting:
        path, value = waiting.pop()
        if value is wanted:
            return path
        match value:
            case dict():
                waiting += (((*path, key), item) for key, item in value.items())
            case list():
                waiting += (((*path, index), item) for index, item in enumerate(value))
    return None
