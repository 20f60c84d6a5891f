"""A contract as it is used: loaded and checked once, then asked for every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_subagents.contract.drafts import Draft
from pytest_subagents.contract.mapping import Fields
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Extract

if TYPE_CHECKING:
    from pytest_subagents.contract.patterns import Pattern
    from pytest_subagents.contract.reference import Reference


class Judge:
    """jsonschema's validator of a contract, made when it is first needed: most runs never import the library."""

    __slots__ = ("_doubling", "_draft", "_patterns", "_reference", "_schema", "_searches")

    def __init__(
        self, schema: JsonValue, draft: Draft, patterns: Mapping[str, Pattern], *, searches: bool, doubling: bool
    ) -> None:
        self._schema = schema
        self._draft = draft
        self._patterns = patterns
        self._searches = searches
        self._doubling = doubling
        self._reference: Reference | None = None

    @property
    def reference(self) -> Reference:
        if self._reference is None:
            from pytest_subagents.contract.reference import Reference

            self._reference = Reference(
                self._schema, self._draft, self._patterns, searches=self._searches, doubling=self._doubling
            )
        return self._reference


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contract:
    """What a final message must be, and where the report finds its parts in it."""

    name: str
    """For people: `result`, the name of the file, the title of a schema given in Python."""
    schema: JsonValue
    """The schema as it was written."""
    accepts: Callable[[object], bool]
    """jsonschema-rs; its yes counts only where `guarded`."""
    judge: Judge
    guarded: bool
    """Whether jsonschema-rs is known to judge every answer as jsonschema does (`guard.py`)."""
    work: int
    """Keywords that one place of an answer may cost at most; see `may_accept`."""
    fields: Fields
    extract: Extract
    digest: str
    """SHA-256 of schema, neighbours, map and extract, in hexadecimal; it names no path."""
    warnings: tuple[str, ...] = ()
    """What is odd about it and no error, each `where: what`."""

    def may_accept(self, text: str) -> bool:
        """Whether jsonschema-rs may decide about the answer in `text`: it cannot be stopped, so its work is bounded."""
        if not self.guarded:
            return False
        if self.work * (1 + len(text)) <= limits.NATIVE_STEPS:
            return True
        places = 1 + text.count(",") + text.count("[") + text.count("{") + len(text) // 64
        return self.work * places <= limits.NATIVE_STEPS
