"""Reading a line of JSON into small structs: fast where it is what we know, lenient where it has drifted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import ClassVar, Union, get_args, get_origin

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.event import AnyEvent, Unknown
from pytest_subagents.vendors.dialects.interface import Sink

NOTHING = msgspec.Raw(b"null")
"""The default of a field that is decoded only when its text is asked for."""

UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What decoding raises for any bytes: malformed or drifted JSON, bad UTF-8, too deep a nesting, too long a number."""


class NotOursError(ValueError):
    """A line that has the shape of the dialect's but is none of its lines."""


_ANY = msgspec.json.Decoder()
_DEFAULT = object()


def parse_object(line: bytes) -> dict[str, object] | None:
    """The JSON object that a line is, or None.

    More lenient than the typed decoders: NaN, lone surrogates and bytes that are no UTF-8 do not lose the line,
    since a line that is lost could be the one that matters. What cannot be text stays visible as `\\udc80` in it, so
    that no contract accepts it.
    """
    text = line.strip(b" \t\r\n\0")
    if not text.startswith(b"{"):
        return None
    try:
        value = _ANY.decode(text)
    except UNREADABLE:
        try:
            value = _printable(
                json.loads(
                    text.decode("utf-8", "surrogateescape"),
                    parse_int=_bounded,
                    parse_float=_bounded_float,
                    parse_constant=_no_number,
                )
            )
        except UNREADABLE:
            return None
    return value if isinstance(value, dict) else None


def text_of(raw: msgspec.Raw) -> str:
    """The text in a field: a string itself, anything else as JSON; empty for null."""
    try:
        value = _ANY.decode(raw)
    except UNREADABLE:
        return bytes(raw).decode("utf-8", "backslashreplace")
    if value is None:
        return ""
    return value if isinstance(value, str) else bytes(raw).decode("utf-8", "backslashreplace")


def value_of(raw: msgspec.Raw) -> object:
    """The value in a field, None where it cannot be read."""
    try:
        return _ANY.decode(raw)
    except UNREADABLE:
        return None


def text_at(value: object, *keys: str) -> str:
    """The string under `keys` in nested objects; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def salvage(kind: object, value: object, lost: list[str]) -> object:
    """`value` as a `kind` as far as it goes: what has drifted to another type falls back to its default.

    Gives `msgspec.UNSET` where nothing can be made of it. `lost` gets the names of variants that are not known.
    """
    try:
        return msgspec.convert(value, kind, strict=False)
    except UNREADABLE:
        pass
    if kind is msgspec.Raw:
        try:
            return msgspec.Raw(msgspec.json.encode(value))
        except (*UNREADABLE, TypeError):
            return msgspec.UNSET
    if get_origin(kind) in (Union, UnionType):
        return _salvage_variant(get_args(kind), value, lost)
    if get_origin(kind) is list:
        if not isinstance(value, list):
            return msgspec.UNSET
        items = (salvage(get_args(kind)[0], item, lost) for item in value)
        return [item for item in items if item is not msgspec.UNSET]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _salvage_struct(kind, value, lost)
    return msgspec.UNSET


def _salvage_variant(kinds: Sequence[object], value: object, lost: list[str]) -> object:
    structs = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    if isinstance(value, dict):
        for struct in structs:
            config = struct.__struct_config__
            if config.tag is None or value.get(config.tag_field) == config.tag:
                return _salvage_struct(struct, value, lost)
        if structs:
            field = structs[0].__struct_config__.tag_field
            lost.append(text_at(value, field or "type") or "object")
            return msgspec.UNSET
    for other in kinds:
        if other not in structs:
            found = salvage(other, value, lost)
            if found is not msgspec.UNSET:
                return found
    return msgspec.UNSET


def _salvage_struct(kind: type[msgspec.Struct], value: object, lost: list[str]) -> object:
    if not isinstance(value, dict):
        return msgspec.UNSET
    found: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        given = value.get(field.encode_name, _DEFAULT)
        made = msgspec.UNSET if given is _DEFAULT else salvage(field.type, given, lost)
        if made is not msgspec.UNSET:
            found[field.name] = made
        elif field.required:
            return msgspec.UNSET
    return kind(**found)


class WireDialect:
    """A dialect whose lines are tagged structs, each class with a method that makes events of it."""

    name: ClassVar[str]
    vendor: ClassVar[str]
    wire: ClassVar[object]
    """The union of the structs of a line."""
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]]

    def __init__(self) -> None:
        self._makers: Mapping[type, Callable[..., Sequence[AnyEvent]]] = self.makers()

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        """What makes events of each class of line: called with the struct and the number of the line."""
        raise NotImplementedError

    def claims(self, record: Mapping[str, object]) -> bool:
        raise NotImplementedError

    def decode(self, line: bytes, number: int) -> Sequence[AnyEvent] | None:
        try:
            wire = self.decoder.decode(line)
            return self._makers[type(wire)](wire, number)
        except UNREADABLE:
            return self.decode_leniently(line, number)

    def digest(self, lines: Sequence[bytes], first: int, sink: Sink) -> int:
        decode, makers, take = self.decoder.decode, self._makers, sink.take
        for index, line in enumerate(lines):
            try:
                wire = decode(line)
                events = makers[type(wire)](wire, first + index)
            except UNREADABLE:
                return index
            for event in events:
                take(event)
        return len(lines)

    def finish(self, number: int) -> Sequence[AnyEvent]:
        return ()

    def adapted(self, record: dict[str, object]) -> dict[str, object]:
        """`record` with names of older versions replaced by today's."""
        return record

    def decode_leniently(self, line: bytes, number: int) -> Sequence[AnyEvent] | None:
        """The second try: what has drifted falls back to its default, what is not known is kept as such."""
        record = parse_object(line)
        if record is None or not self.claims(record):
            return None
        lost: list[str] = []
        events: Sequence[AnyEvent] = ()
        wire = salvage(self.wire, self.adapted(record), lost)
        if isinstance(wire, msgspec.Struct):
            try:
                events = self._makers[type(wire)](wire, number)
            except NotOursError as unknown:
                lost.append(str(unknown))
        elif not lost:
            lost.append(text_at(record, "type") or "object")
        return (*events, *(Unknown(line=number, name=name[: limits.MESSAGE_CHARS]) for name in lost))


def _bounded(digits: str) -> int:
    """An integer within range; one beyond it says nothing that can be used, and only its line must not be lost."""
    number = int(digits) if len(digits) <= 20 else limits.INTEGER_MAX
    return max(-limits.INTEGER_MAX, min(number, limits.INTEGER_MAX))


def _no_number(constant: str) -> None:
    """NaN and the infinities say nothing."""


def _bounded_float(digits: str) -> float:
    number = float(digits)
    return number if abs(number) < float("inf") else 0.0


def _printable(value: object) -> object:
    """`value` without lone surrogates, which neither a report nor a worker's channel can carry."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return value
