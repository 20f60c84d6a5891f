"""A final message against its contract."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_subagents.contract.answer_text import Parsed, parse
from pytest_subagents.contract.compiled import Contract
from pytest_subagents.contract.mapping import answer_of
from pytest_subagents.contract.pointers import format_pointer
from pytest_subagents.contract.tally import Tally
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import FinalMessage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.verdict import Accepted, Refused, Verdict


def check(contract: Contract, final: FinalMessage | None) -> Verdict:
    """Whether a final message is an answer, and what it says; whatever is wrong with it is a reason, never raised.

    jsonschema-rs's yes is enough where the contract is guarded. In every other case jsonschema decides, and its word
    stands where the two differ. Refusals have the kinds `no_message`, `not_json` or `contract`, the last with one
    reason for each of the first `limits.VIOLATIONS_SHOWN` violations, in the order of their places.
    """
    line = None if final is None else final.line
    text = "" if final is None else final.text
    parsed = parse(text, contract.extract)
    match parsed:
        case Reason():
            return Refused(reasons=(replace(parsed, line=line),))
        case Parsed(value=value):
            return _judged(contract, value, text, line)


def _judged(contract: Contract, value: JsonValue, text: str, line: int | None) -> Verdict:
    if contract.may_accept(text) and _accepted(contract, value):
        return Accepted(answer=answer_of(value, contract.fields))
    said = contract.judge.reference.judge(value)
    if not isinstance(said, Tally):
        reason = Reason(kind="contract", message=said.why, line=line)
        return Refused(reasons=(reason,), violations=1, value=value)
    if not said.count:
        return Accepted(answer=answer_of(value, contract.fields))
    reasons = tuple(
        Reason(kind="contract", message=message, at=format_pointer(path), line=line)
        for path, _, message in said.violations()
    )
    return Refused(reasons=reasons, violations=said.count, value=value)


def _accepted(contract: Contract, value: JsonValue) -> bool:
    try:
        return contract.accepts(value)
    except Exception:  # a value that jsonschema-rs cannot take: jsonschema decides
        return False
