"""Contracts and answers for the tests of the contract stage, in one line each."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

from pytest_subagents.contract.checking import check
from pytest_subagents.contract.loading import Contract, load_contract
from pytest_subagents.model.outcome import FinalMessage
from pytest_subagents.model.spec import ContractRef, Extract, FieldMap
from pytest_subagents.model.verdict import Accepted, Answer, Refused, Verdict

HOSTILE = Path(__file__).parent / "data" / "hostile"

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2020_12 = "https://json-schema.org/draft/2020-12/schema"


def contract_of(schema: Any, *, map: FieldMap | None = None, extract: Extract = "strict") -> Contract:
    """The contract that a schema given in Python makes."""
    return load_contract(ContractRef(schema=schema, map=map, extract=extract))


def contract_in(path: Path, *, where: str = "subagents.yaml:4") -> Contract:
    """The contract in a file."""
    return load_contract(ContractRef(path=PurePosixPath(path), where=where))


def verdict_on(contract: Contract, value: Any) -> Verdict:
    """What the contract says of an answer given as a value."""
    return verdict_on_text(contract, json.dumps(value))


def verdict_on_text(contract: Contract, text: str) -> Verdict:
    return check(contract, FinalMessage(text=text, line=7))


def accepted(contract: Contract, value: Any) -> Answer:
    verdict = verdict_on(contract, value)
    assert isinstance(verdict, Accepted), verdict
    return verdict.answer


def refused(contract: Contract, value: Any) -> Refused:
    verdict = verdict_on(contract, value)
    assert isinstance(verdict, Refused), verdict
    return verdict


def told(contract: Contract, value: Any) -> list[tuple[str | None, str]]:
    """Pointer and message of every reason for which an answer is refused."""
    return [(reason.at, reason.message) for reason in refused(contract, value).reasons]
