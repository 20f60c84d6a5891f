"""What `contract` may hold: a built-in name, a file, a schema, or a map of these with how to read them."""

from __future__ import annotations

import os
from pathlib import Path, PurePath, PurePosixPath
from typing import Final

from msgspec.structs import replace

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import ContractRef, Extract
from pytest_subagents.model.value import Value
from pytest_subagents.specify.keys.field_map import FIELD_MAP
from pytest_subagents.specify.kinds.containers import Anything, OneOf
from pytest_subagents.specify.kinds.record import Key, Record
from pytest_subagents.specify.kinds.scalars import Choice
from pytest_subagents.specify.place import Place, Source, nearest
from pytest_subagents.specify.tree import Given, Leaf, Located


class _Named(Value, frozen=True, kw_only=True):
    """The name of a contract, or a path from the folder of the file that names it; in Python also a class."""

    words: str = "built-in name, path"

    def read(self, node: Located, at: Place) -> ContractRef:
        where = Place(at.source).where(node.line)
        match node:
            case Given(value=PurePath() as path):
                return ContractRef(path=_found(str(path), node, at), where=where)
            case Given(value=type() as described) if at.source.schema_of is not None:
                return ContractRef(schema=at.source.schema_of(described), where=where)
            case Leaf(value=str() as text) if text in at.source.contracts:
                return ContractRef(name=text, where=where)
            case Leaf(value=str() as text) if text.strip():
                return ContractRef(path=_found(text, node, at), where=where)
        raise at.wanted(node, "the name of a contract, the path of one, or a map of schema, map, extract")

    def schema(self) -> dict[str, JsonValue]:
        return {"type": "string", "minLength": 1}


def _found(text: str, node: Located, at: Place) -> PurePosixPath:
    """The contract's file, absolute; only its existence is asked of the file system."""
    source = at.source
    known = source.files.get(text)
    if known is not None:
        return known
    path = Path(os.path.normpath(source.folder / text)) if "\0" not in text else source.folder
    if not _is_below(path, source):
        raise at.refused(node, "lies outside the repository")
    if not os.path.isfile(path):
        near = nearest(text, source.contracts, lead="built in")
        what = "is no file" if "/" in text or "." in text else "is neither a built-in contract nor a file"
        raise at.refused(node, what, hint=f"{near}; a path starts from the folder of {source.shown.split('::')[0]}")
    source.files[text] = PurePosixPath(path)
    return source.files[text]


def _is_below(path: Path, source: Source) -> bool:
    """Links are followed first: what counts is where the file is."""
    try:
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(os.path.realpath(top)) for top in (source.rootdir, source.folder))
    except (OSError, ValueError):
        return False


class _Inline(Value, frozen=True, kw_only=True):
    """A JSON Schema in its own words."""

    words: str = "JSON Schema"

    def read(self, node: Located, at: Place) -> ContractRef:
        return ContractRef(schema=Anything().read(node, at), where=Place(at.source).where(node.line))

    def schema(self) -> dict[str, JsonValue]:
        return {"type": "object"}


_SCHEMA: Final = OneOf(
    text=_Named(), table=_Inline(), given=_Named(), wanted="the name of a contract, the path of one, or a JSON Schema"
)
EXTRACTS: Final[tuple[Extract, ...]] = ("strict", "fenced")


def _assembled(*, schema: ContractRef, **rest: object) -> ContractRef:
    return replace(schema, **rest)


_FULL: Final = Record(
    make=_assembled,
    words="`{schema, map, extract}`",
    keys=(
        Key(
            name="schema",
            kind=_SCHEMA,
            doc="Built-in name, path of a JSON Schema, or the schema itself",
            replay="honoured",
            required=True,
        ),
        Key(name="map", kind=FIELD_MAP, doc="Where the contract keeps what a report needs", replay="honoured"),
        Key(
            name="extract",
            kind=Choice(choices=EXTRACTS),
            doc="`fenced`: the answer may stand in a single fenced block",
            default="strict",
            replay="honoured",
        ),
    ),
)

CONTRACT: Final = OneOf(
    text=_Named(),
    table=_FULL,
    given=_Named(),
    wanted="the name of a contract, the path of one, or a map of schema, map, extract",
)
