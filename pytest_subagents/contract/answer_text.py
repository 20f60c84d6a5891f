"""The text of a final message -> the one JSON value that it must be."""

from __future__ import annotations

from itertools import islice
from typing import Final

from pytest_subagents.contract.fences import Block, blocks
from pytest_subagents.contract.strict_json import Fault, NotJsonError, decode
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.spec import Extract
from pytest_subagents.model.value import Value

_ONLY: Final = "the final message must be exactly one JSON value and nothing else"
_OPT_IN: Final = (
    "the value stands alone in a fenced block: `contract: {extract: fenced}` takes it from there, "
    "or tell the agent to answer with the bare JSON value"
)


class Parsed(Value, frozen=True, kw_only=True):
    """A JSON value within our limits; whether it satisfies the contract is another question."""

    value: JsonValue


def parse(text: str | None, extract: Extract) -> Parsed | Reason:
    """The JSON value that a final message is, or why it is none (`no_message`, `not_json`).

    `strict` takes the value alone, blanks around it apart. `fenced` takes that or the text of the one fenced block
    (three or more backticks or tildes, with `json` or nothing behind them), whatever prose stands around it.
    """
    if text is None or not text.strip():
        return Reason(kind="no_message", message="the run has no final message", hint=_ONLY)
    try:
        return Parsed(value=decode(text, size=limits.ANSWER_BYTES, depth=limits.ANSWER_DEPTH))
    except NotJsonError as refusal:
        if len(text) > limits.ANSWER_BYTES:
            return _reason(refusal.fault, hint=None)
        return _from_block(text, refusal.fault, extract)


def _from_block(text: str, fault: Fault, extract: Extract) -> Parsed | Reason:
    found = tuple(islice(blocks(text), 2))
    if extract == "strict":
        alone = len(found) == 1 and isinstance(_block_value(found[0]), Parsed)
        return _reason(fault, hint=_OPT_IN if alone else _ONLY)
    if not found:
        return _reason(fault, hint=f"{_ONLY}, or it must hold exactly one fenced block")
    if len(found) > 1:
        second = Fault(what="a second fenced block", line=found[1].first_line, column=1)
        return _reason(second, hint="the final message must hold exactly one fenced block")
    return _block_value(found[0])


def _block_value(block: Block) -> Parsed | Reason:
    hint = "the fenced block must hold exactly one JSON value"
    if not block.closed:
        return _reason(Fault(what="a fenced block that is not closed", line=block.first_line, column=1), hint=hint)
    if block.language not in ("", "json"):
        what = f"a fenced block of {block.language[: limits.VALUE_CHARS]!r} instead of JSON"
        return _reason(Fault(what=what, line=block.first_line, column=1), hint=hint)
    try:
        value = decode(block.text, size=limits.ANSWER_BYTES, depth=limits.ANSWER_DEPTH, first_line=block.first_line)
    except NotJsonError as refusal:
        return _reason(refusal.fault, hint=hint)
    return Parsed(value=value)


def _reason(fault: Fault, *, hint: str | None) -> Reason:
    message = f"the final message is not exactly one JSON value: {fault}"
    return Reason(kind="not_json", message=message[: limits.MESSAGE_CHARS], at=fault.pointer or None, hint=hint)
