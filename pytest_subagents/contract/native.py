"""jsonschema-rs's validator of a bundled schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn, TypeAlias

import jsonschema_rs

from pytest_subagents.contract.drafts import DRAFT_7, DRAFT_2020_12, Draft
from pytest_subagents.contract.pointers import Part
from pytest_subagents.model.json_value import JsonValue

Accepts: TypeAlias = Callable[[object], bool]

_CLASSES: Final = {
    DRAFT_2020_12.name: jsonschema_rs.Draft202012Validator,
    DRAFT_7.name: jsonschema_rs.Draft7Validator,
}


class UnbuildableError(Exception):
    """jsonschema-rs takes the schema for none."""

    def __init__(self, path: tuple[Part, ...], what: str) -> None:
        super().__init__(what)
        self.path = path
        self.what = what


def build(schema: dict[str, JsonValue], draft: Draft) -> Accepts:
    """Says whether a value is valid; for a draft whose word would not count, never. Nothing is fetched.

    The schema is checked against its draft's own.
    """
    if not draft.compared:
        return _never
    try:
        return _CLASSES[draft.name](schema, validate_formats=False, retriever=_refuse).is_valid
    except jsonschema_rs.ValidationError as error:
        raise UnbuildableError(tuple(error.instance_path), error.message) from None
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise UnbuildableError((), str(error)) from None


def _never(value: object) -> bool:
    return False


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri!r} is not fetched")
