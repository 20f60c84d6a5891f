"""Hypothesis strategies for what an agent may answer under a contract, and for what it may not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeAlias

from pytest_subagents.contract.checking import check
from pytest_subagents.contract.loading import Contract, built_in_names, load_contract
from pytest_subagents.contract.one_schema import one_schema
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import FinalMessage
from pytest_subagents.model.spec import ContractRef
from pytest_subagents.model.verdict import Accepted, Refused
from pytest_subagents.testing.hypothesis_extra import st
from pytest_subagents.testing.schema_values import json_values, schema_values

Named: TypeAlias = str | Path | Mapping[str, Any] | ContractRef
"""A contract: the name of a built-in one (`result`), the path of a file, a schema, or as a `Subagent` has it."""

_PROSE: Final = (
    "",
    "Done.",
    "Here is the answer:\n{}",
    "```json\n{}\n``` and more",
    "{}{}",
    "{} // fine",
    "{'status': 'success'}",
    '{"a": 1, "a": 2}',
    '{"a": NaN}',
    '{"a": 1e999}',
)


def answers(contract: Named = "result") -> st.SearchStrategy[Any]:
    """JSON values that satisfy the contract, by the word of the contract itself."""
    ref = _ref(contract)
    loaded = load_contract(ref)
    return schema_values(one_schema(ref)).filter(lambda value: accepts(loaded, value))


def wrong_answers(contract: Named = "result") -> st.SearchStrategy[Any]:
    """JSON values that break the contract, most of them by little: a valid answer with one thing wrong.

    There is none for a contract that accepts everything (Hypothesis then calls the strategy unsatisfiable).
    """
    loaded = load_contract(_ref(contract))

    @st.composite
    def spoiled(draw: st.DrawFn) -> JsonValue:
        value: JsonValue = deepcopy(draw(answers(contract)))
        return _spoil(draw, value)

    return (spoiled() | json_values()).filter(lambda value: not accepts(loaded, value))


def wrong_messages(contract: Named = "result") -> st.SearchStrategy[str]:
    """Final messages that are no JSON value as the contract wants it: prose, cut answers, text around them."""
    loaded = load_contract(_ref(contract))

    @st.composite
    def garbled(draw: st.DrawFn) -> str:
        text = json.dumps(draw(answers(contract)), ensure_ascii=draw(st.booleans()))
        if draw(st.booleans()):
            return text[: draw(st.integers(0, len(text)))]
        return draw(st.sampled_from(_PROSE)).replace("{}", text) + draw(st.sampled_from(("", " ", "\n", ".")))

    return (garbled() | st.text()).filter(lambda text: _is_no_json(loaded, text))


def accepts(contract: Contract, value: JsonValue) -> bool:
    """Whether the contract takes `value` as an answer."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return False
    return isinstance(check(contract, FinalMessage(text=text, line=1)), Accepted)


def _ref(contract: Named) -> ContractRef:
    match contract:
        case ContractRef():
            return contract
        case str() if contract in built_in_names():
            return ContractRef(name=contract)
        case str() | Path():
            return ContractRef(path=PurePosixPath(Path(contract).absolute()))
    return ContractRef(schema=dict(contract), where="the schema of a strategy")


def _is_no_json(contract: Contract, text: str) -> bool:
    verdict = check(contract, FinalMessage(text=text, line=1))
    return isinstance(verdict, Refused) and verdict.reasons[0].kind in ("not_json", "no_message")


def _spoil(draw: st.DrawFn, value: JsonValue) -> JsonValue:
    """`value`, which is changed, with one place of it removed, renamed, replaced or added to."""
    holders = _holders(value)
    if not holders:
        other: JsonValue = draw(json_values())
        return other
    holder = draw(st.sampled_from(holders))
    match holder:
        case dict():
            key = draw(st.sampled_from(sorted(holder)))
            change = draw(st.sampled_from((_remove, _rename, _replace, _wrap)))
            change(draw, holder, key)
        case list():
            holder.insert(draw(st.integers(0, len(holder))), draw(json_values()))
    return value


def _holders(value: JsonValue) -> list[dict[str, JsonValue] | list[JsonValue]]:
    match value:
        case dict():
            inner = [holder for item in value.values() for holder in _holders(item)]
            return [value, *inner] if value else inner
        case list():
            return [value, *(holder for item in value for holder in _holders(item))]
    return []


_Change: TypeAlias = Callable[["st.DrawFn", dict[str, JsonValue], str], None]


def _remove(draw: st.DrawFn, holder: dict[str, JsonValue], key: str) -> None:
    del holder[key]


def _rename(draw: st.DrawFn, holder: dict[str, JsonValue], key: str) -> None:
    holder[draw(st.text(max_size=8))] = holder.pop(key)


def _replace(draw: st.DrawFn, holder: dict[str, JsonValue], key: str) -> None:
    holder[key] = draw(json_values())


def _wrap(draw: st.DrawFn, holder: dict[str, JsonValue], key: str) -> None:
    holder[key] = [holder[key]]
