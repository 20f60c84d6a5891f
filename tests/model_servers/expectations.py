"""What a script expects of the requests that it gets, and the words for where one is different."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from model_servers.seen import Seen, ToolResult
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Tool

_SHOWN: Final = 2000
"""So many characters of a text that is not as expected are shown, from its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Nothing is expected of what is left out, but that the request brings a key."""

    prompt: tuple[str, ...] = ()
    """Texts that the prompt contains."""
    system: tuple[str, ...] = ()
    """Texts that the instructions of the agent's maker contain, such as the state of its sandbox."""
    model: str | None = None
    contract: JsonValue = None
    """A JSON Schema that is handed over natively, or stands as JSON in the prompt."""
    native: bool | None = None
    """Whether any schema is handed over natively; None where either will do."""
    tools: frozenset[Tool] = frozenset()
    """What the model must be able to do."""
    no_tools: frozenset[Tool] = frozenset()
    """What it must not be able to do."""
    authorised: bool = True

    def differences(self, seen: Seen) -> Iterator[str]:
        """How `seen` is different, each as one line or more."""
        for wanted in self.prompt:
            if wanted not in seen.prompt:
                yield f"the prompt does not contain {wanted!r}; it ends with {seen.prompt[-_SHOWN:]!r}"
        for wanted in self.system:
            if wanted not in seen.system:
                yield f"the system text does not contain {wanted!r}; it ends with {seen.system[-_SHOWN:]!r}"
        if self.model is not None and seen.model != self.model:
            yield f"the model is {seen.model!r}, not {self.model!r}"
        if self.contract is not None and not _arrived(self.contract, seen):
            yield f"the contract arrived neither natively nor in the prompt; the native schema is {_json(seen.schema)}"
        if self.native not in (None, seen.schema is not None):
            yield "no schema is handed over natively" if self.native else f"a schema is: {_json(seen.schema)}"
        if missing := self.tools - seen.tools:
            yield f"the model cannot {', '.join(sorted(missing))}; it is offered {', '.join(seen.offered)}"
        if surplus := self.no_tools & seen.tools:
            yield f"the model can {', '.join(sorted(surplus))}; it is offered {', '.join(seen.offered)}"
        if self.authorised != seen.authorised:
            yield "there is a key" if seen.authorised else "there is no key"


def result_differences(returns: str, fails: bool | None, call: str, results: tuple[ToolResult, ...]) -> Iterator[str]:
    """How the result of the tool call with the id `call` is not what was expected of it."""
    result = next((one for one in results if one.call == call), None)
    if result is None:
        yield f"the tool call {call} has no result"
        return
    if returns not in result.text:
        yield f"the result of the tool call {call} does not contain {returns!r}: {result.text[-_SHOWN:]!r}"
    if fails is not None and result.failed != fails:
        yield f"the tool call {call} {'failed' if result.failed else 'did not fail'}: {result.text[-_SHOWN:]!r}"


def _arrived(contract: JsonValue, seen: Seen) -> bool:
    return seen.schema == contract or any(value == contract for value in _objects_in(seen.prompt))


def _objects_in(text: str) -> Iterator[JsonValue]:
    """The JSON objects that stand in `text`, those inside another left out."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
