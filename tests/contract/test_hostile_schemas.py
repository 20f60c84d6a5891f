"""Contracts that are meant to fetch, hang, overflow or say yes to everything (`INDEX.tsv` of the hostile payloads)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from contract_case import HOSTILE, contract_in, contract_of, told, verdict_on, verdict_on_text

import pytest_subagents
from pytest_subagents.contract.loading import load_contract
from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.spec import RESULT
from pytest_subagents.model.verdict import Accepted, Refused

SCHEMAS = HOSTILE / "schema"

REFUSED = {
    "allof-self.json": "applies itself to the same value for ever",
    "id-rebase.json": "(that is 'file:///tmp/hostile/secret.json') leads out of the folder of the contract",
    "metaschema-url.json": "is no draft that contracts are written in",
    "not-a-schema.json": "a contract is a JSON Schema, an object, not an array",
    "ref-cycle.json": "applies itself to the same value for ever",
    "ref-deep-chain-50k.json": "is larger than 262,144 bytes",
    "ref-exponential.json": "more than 100,000 schemas for one value",
    "ref-http-nested.json": "/properties/a/not/$ref: 'http://127.0.0.1:34785/lazy' leads out of the contract",
    "ref-http-template.json": "leads out of the contract",
    "ref-self.json": "applies itself to the same value for ever",
    "regex-deep-group.json": "is no regular expression: nested too deeply",
    "regex-invalid.json": "/properties/s/pattern: '[' is no regular expression",
}
TAKEN = {
    "error-flood.json",
    "multipleof.json",
    "pattern-differs.json",
    "redos-pattern.json",
    "unevaluated-deep.json",
    "vocab-none.json",
}


def test_every_payload_is_known() -> None:
    assert {path.name for path in SCHEMAS.glob("*.json")} == REFUSED.keys() | TAKEN


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_hostile_contract_is_a_mistake_told_in_one_line(name: str) -> None:
    with pytest.raises(BadUsage) as caught:
        contract_in(SCHEMAS / name)
    assert REFUSED[name] in caught.value.what
    assert caught.value.exit_code == 4
    assert len(str(caught.value)) < 1_000
    assert "\n" not in caught.value.what


def test_a_keyword_that_an_older_draft_does_not_know_is_told() -> None:
    contract = contract_in(SCHEMAS / "vocab-none.json")
    assert isinstance(verdict_on(contract, {"status": "failed"}), Accepted)
    (warning,) = contract.warnings
    assert warning.endswith(
        "/properties/status/const: 'const' is a keyword of another draft and means nothing in draft-04"
    )


def test_the_same_chain_is_refused_where_its_size_is_not() -> None:
    chain = {f"d{number}": {"$ref": f"#/$defs/d{number - 1}"} for number in range(1, 2_000)}
    with pytest.raises(BadUsage, match="more than 100 references, each to the next one"):
        contract_of({"$ref": "#/$defs/d1999", "$defs": {"d0": {}, **chain}})


def test_a_pattern_that_backtracks_for_ever_is_judged_at_once() -> None:
    contract = contract_in(SCHEMAS / "redos-pattern.json")
    answer = "a" * 200 + "!"
    assert told(contract, {"summary": answer})[0][0] == "/summary"
    assert isinstance(verdict_on(contract, {"summary": "a" * 5_000}), Accepted)


def test_a_pattern_that_only_re_can_judge_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VALIDATION_SECONDS", 0.05)
    contract = contract_in(SCHEMAS / "redos-pattern.json")
    for letter in ("é", "\n!", "\x1b"):
        assert told(contract, {"summary": "a" * 60 + letter}) == [
            (None, "too slow: a pattern of the contract takes more than 0.05 s of CPU time")
        ]


def test_jsonschemas_word_stands_where_patterns_differ() -> None:
    contract = contract_in(SCHEMAS / "pattern-differs.json")
    for answer in ("\u0661\u0662\u0663", "1\n"):
        assert isinstance(verdict_on(contract, answer), Accepted)


def test_a_flood_of_violations_is_small() -> None:
    contract = contract_in(SCHEMAS / "error-flood.json")
    verdict = verdict_on(contract, {"findings": ["a"] * 50_000})
    assert isinstance(verdict, Refused)
    assert (verdict.violations, len(verdict.reasons)) == (50_000, limits.VIOLATIONS_SHOWN)
    assert sum(len(reason.message) for reason in verdict.reasons) < 10_000
    verdict = verdict_on(contract, {"findings": [{"x": "y" * 300_000}, ["y" * 300_000], "y" * 300_000]})
    assert isinstance(verdict, Refused)
    assert max(len(reason.message) for reason in verdict.reasons) <= limits.MESSAGE_CHARS


def test_unique_items_are_compared_once_each() -> None:
    """jsonschema compares objects pairwise: 20,000 of them would take minutes."""
    contract = contract_of({"uniqueItems": True, "items": {"properties": {"a": {"multipleOf": 1}}}})
    items: list[Any] = [{"a": number, "b": [str(number)]} for number in range(20_000)]
    assert isinstance(verdict_on(contract, items), Accepted)
    assert told(contract, [*items, {"b": ["7"], "a": 7.0}]) == [("", "items 7 and 20,000 are equal")]


def test_overflow_and_division_are_verdicts() -> None:
    contract = contract_in(SCHEMAS / "multipleof.json")
    assert told(contract, 1e300) == [("", "1e+300 is not a multiple of 1e-300")]
    for text in ("0", "5e-324", "1.7976931348623157e308", "9223372036854775807", "-1"):
        assert isinstance(verdict_on_text(contract, text), Accepted | Refused)


def test_unevaluated_properties_in_a_deep_answer() -> None:
    contract = contract_in(SCHEMAS / "unevaluated-deep.json")
    answer: Any = {}
    for _ in range(98):
        answer = {"c": answer}
    assert isinstance(verdict_on(contract, answer), Accepted)
    assert told(contract, {"c": {"c": {"d": 1}}})[0][0] == "/c/c"


FORBIDDEN = ("subprocess.", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.spawn", "socket.", "urllib.")
OUR_FILES = (str(SCHEMAS), str(Path(pytest_subagents.__file__).parent))
_heard: list[str] | None = None


def _listen(event: str, arguments: Any) -> None:
    if _heard is None:
        return
    opened = event == "open" and isinstance(arguments[0], str) and not arguments[0].startswith(OUR_FILES)
    if opened or event.startswith(FORBIDDEN):
        _heard.append(f"{event} {arguments}")


@pytest.fixture(scope="module")
def _listener() -> None:
    sys.addaudithook(_listen)  # cannot be taken off again, so it listens only where a test says so


@pytest.mark.usefixtures("_listener")
def test_no_process_no_socket_and_no_other_file() -> None:
    """jsonschema-rs's own requests are out of a hook's hearing: for them there is a server in another test."""
    global _heard
    answers = ["{}", json.dumps({"summary": "a" * 40, "findings": ["x"]}), "prose", '"1\\n"']
    contract_in(SCHEMAS / "redos-pattern.json").judge.reference.judge(None)  # everything is imported
    _heard = []
    try:
        for path in sorted(SCHEMAS.glob("*.json")):
            _tried(path, answers)
        events = list(_heard)
    finally:
        _heard = None
    assert events == []


def _tried(path: Path, answers: list[str]) -> None:
    try:
        contracts = [contract_in(path)]
    except BadUsage:
        contracts = []
    for contract in [load_contract(RESULT), *contracts]:
        for text in answers:
            assert isinstance(verdict_on_text(contract, text), Accepted | Refused)
