"""The drafts of JSON Schema that a contract may be written in: where each keeps its subschemas."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from pytest_subagents.model.value import Value

Shape: TypeAlias = Literal["one", "many", "map"]
"""A keyword's value is a subschema, an array of them, or an object of them by name."""

Reach: TypeAlias = Literal["same", "child", "names", "none"]
"""What of a value its subschemas judge: the value itself, what is inside it, its keys, or nothing by themselves."""


class Keyword(Value, frozen=True, kw_only=True):
    shapes: tuple[Shape, ...]
    reach: Reach


class Draft(Value, frozen=True, kw_only=True):
    name: str
    uri: str
    """As `$schema` names it, without an empty fragment."""
    applicators: Mapping[str, Keyword]
    """The keywords with subschemas."""
    keywords: frozenset[str]
    """All keywords, those of annotations too."""
    definitions: str
    """Where the draft keeps subschemas that are used by reference."""
    ref_hides_siblings: bool
    """Keywords beside `$ref` do not count."""
    identity: str = "$id"
    """The keyword that gives a schema a URI of its own."""
    compared: bool = False
    """Whether jsonschema-rs was held against jsonschema for it (`guard.py`); else jsonschema decides alone."""


def _keyword(reach: Reach, *shapes: Shape) -> Keyword:
    return Keyword(shapes=shapes, reach=reach)


_SHARED: Final[dict[str, Keyword]] = {
    "allOf": _keyword("same", "many"),
    "anyOf": _keyword("same", "many"),
    "oneOf": _keyword("same", "many"),
    "not": _keyword("same", "one"),
    "if": _keyword("same", "one"),
    "then": _keyword("same", "one"),
    "else": _keyword("same", "one"),
    "properties": _keyword("child", "map"),
    "patternProperties": _keyword("child", "map"),
    "additionalProperties": _keyword("child", "one"),
    "propertyNames": _keyword("names", "one"),
    "contains": _keyword("child", "one"),
    "definitions": _keyword("none", "map"),
    "$defs": _keyword("none", "map"),
}

_SHARED_WORDS: Final = frozenset(
    [
        "$schema",
        "$id",
        "$ref",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "readOnly",
        "writeOnly",
        "type",
        "enum",
        "const",
        "multipleOf",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "maxProperties",
        "minProperties",
        "required",
        "format",
        "contentMediaType",
        "contentEncoding",
    ]
)

DRAFT_7: Final = Draft(
    name="draft-07",
    uri="http://json-schema.org/draft-07/schema",
    applicators=MappingProxyType(
        {
            **_SHARED,
            "items": _keyword("child", "one", "many"),
            "additionalItems": _keyword("child", "one"),
            "dependencies": _keyword("same", "map"),
        }
    ),
    keywords=_SHARED_WORDS | _SHARED.keys() - {"$defs"} | {"items", "additionalItems", "dependencies"},
    definitions="definitions",
    ref_hides_siblings=True,
    compared=True,
)

_CONDITIONS: Final = frozenset({"if", "then", "else"})

DRAFT_6: Final = Draft(
    name="draft-06",
    uri="http://json-schema.org/draft-06/schema",
    applicators=MappingProxyType(
        {word: keyword for word, keyword in DRAFT_7.applicators.items() if word not in _CONDITIONS}
    ),
    keywords=DRAFT_7.keywords
    - _CONDITIONS
    - {"$comment", "readOnly", "writeOnly", "contentMediaType", "contentEncoding"},
    definitions="definitions",
    ref_hides_siblings=True,
)

_SINCE_6: Final = frozenset({"const", "contains", "propertyNames", "examples", "$id"})

DRAFT_4: Final = Draft(
    name="draft-04",
    uri="http://json-schema.org/draft-04/schema",
    applicators=MappingProxyType(
        {word: keyword for word, keyword in DRAFT_6.applicators.items() if word not in _SINCE_6}
    ),
    keywords=(DRAFT_6.keywords - _SINCE_6) | {"id"},
    definitions="definitions",
    ref_hides_siblings=True,
    identity="id",
)

_LATER: Final[dict[str, Keyword]] = {
    "items": _keyword("child", "one"),
    "prefixItems": _keyword("child", "many"),
    "dependentSchemas": _keyword("same", "map"),
    "unevaluatedItems": _keyword("child", "one"),
    "unevaluatedProperties": _keyword("child", "one"),
    "contentSchema": _keyword("none", "one"),
}

DRAFT_2020_12: Final = Draft(
    name="2020-12",
    uri="https://json-schema.org/draft/2020-12/schema",
    applicators=MappingProxyType({**_SHARED, **_LATER}),
    keywords=_SHARED_WORDS
    | _SHARED.keys()
    | _LATER.keys()
    | {
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$vocabulary",
        "minContains",
        "maxContains",
        "dependentRequired",
        "deprecated",
    },
    definitions="$defs",
    ref_hides_siblings=False,
    compared=True,
)

DRAFT_2019_09: Final = Draft(
    name="2019-09",
    uri="https://json-schema.org/draft/2019-09/schema",
    applicators=MappingProxyType(
        {
            **{word: keyword for word, keyword in DRAFT_2020_12.applicators.items() if word != "prefixItems"},
            "items": _keyword("child", "one", "many"),
            "additionalItems": _keyword("child", "one"),
        }
    ),
    keywords=(DRAFT_2020_12.keywords - {"prefixItems", "$dynamicRef", "$dynamicAnchor"})
    | {"additionalItems", "$recursiveRef", "$recursiveAnchor"},
    definitions="$defs",
    ref_hides_siblings=False,
)

DRAFTS: Final = (DRAFT_2020_12, DRAFT_2019_09, DRAFT_7, DRAFT_6, DRAFT_4)
"""The first one holds where a contract does not name its draft."""

_OTHERS: Final = frozenset(["divisibleBy", "disallow", "extends"])
"""Keywords of a draft that is none of these."""


def draft_of(uri: str) -> Draft | None:
    """The draft that `$schema` names; None for one that we do not know."""
    return next((draft for draft in DRAFTS if uri.removesuffix("#") == draft.uri), None)


def foreign_keywords(draft: Draft) -> frozenset[str]:
    """The keywords of other drafts, which mean nothing in `draft`."""
    return (_OTHERS | frozenset().union(*(other.keywords for other in DRAFTS))) - draft.keywords - {"$defs"}


DATA_KEYWORDS: Final = frozenset({"const", "enum", "default", "examples"})
"""Their values are values, not schemas, whatever they look like."""

REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
