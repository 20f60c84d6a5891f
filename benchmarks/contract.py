"""The contract stage measured: `python benchmarks/contract.py [--documents N] [--seed S]`.

First table: what accepting an answer costs against a jsonschema validator that is kept (goal: 50 times less), and
what the whole check (parsing, validation, mapping) costs. Second table: how often the stage's verdict differs from
jsonschema's own, over the built-in contract with damaged answers and over random schemas of both drafts (goal: 0).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import jsonschema
from random_documents import Maker

from pytest_subagents.contract.checking import check
from pytest_subagents.contract.loading import Contract, load_contract
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.outcome import FinalMessage
from pytest_subagents.model.spec import RESULT, ContractRef
from pytest_subagents.model.verdict import Accepted

ROUNDS = 7
DOCUMENTS_A_SCHEMA = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=20_000, help="documents a row of the second table")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    contract = load_contract(RESULT)
    columns = "jsonschema us", "accept us", "ratio", "whole check us", "refusal ms"
    print(f"{'findings':>9}" + "".join(f"{column:>16}" for column in columns))
    for findings in (5, 50, 5_000):
        print(cost_row(contract, findings))
    print(f"\n{'documents':28} {'compared':>9} {'valid':>7} {'rs asked':>9} {'differences':>12}")
    for name, counts in (
        ("result, damaged answers", damaged_answers(contract, options.documents, options.seed)),
        ("random schemas, 2020-12", random_schemas(options.documents, options.seed, draft_7=False)),
        ("random schemas, draft-07", random_schemas(options.documents, options.seed, draft_7=True)),
    ):
        print(f"{name:28} {counts['documents']:>9} {counts['valid']:>7} {counts['asked']:>9} {counts['different']:>12}")


def cost_row(contract: Contract, findings: int) -> str:
    answer = result_answer(findings)
    final = FinalMessage(text=json.dumps(answer), line=1)
    wrong = FinalMessage(text=json.dumps(result_answer(findings, severity="severe")), line=1)
    stock = jsonschema.Draft202012Validator(cast(dict[str, Any], contract.schema))
    number = max(1, 20_000 // findings)
    slow = timed(lambda: stock.is_valid(answer), max(1, number // 50))
    fast = timed(lambda: contract.accepts(answer), number)
    whole = timed(lambda: check(contract, final), max(1, number // 10))
    refusal = timed(lambda: check(contract, wrong), max(1, number // 200))
    return (
        f"{findings:>9}{slow * 1e6:>16.1f}{fast * 1e6:>16.2f}{slow / fast:>16.0f}"
        f"{whole * 1e6:>16.1f}{refusal * 1e3:>16.2f}"
    )


def timed(function: Callable[[], object], number: int) -> float:
    """CPU seconds of one call, the median of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(number):
            function()
        rounds.append((time.process_time() - start) / number)
    return statistics.median(rounds)


def result_answer(findings: int, severity: str = "high") -> dict[str, Any]:
    finding = {"severity": severity, "file": "packages/math/a.ts", "line": 3, "title": "t" * 40, "detail": "d" * 60}
    return {"status": "success", "summary": "What was found.", "findings": [finding] * findings}


def damaged_answers(contract: Contract, documents: int, seed: int) -> Counter[str]:
    maker = Maker(seed, draft_7=False, anything=False)
    stock = jsonschema.Draft202012Validator(cast(dict[str, Any], contract.schema))
    counts: Counter[str] = Counter()
    for number in range(documents):
        value: Any = result_answer(number % 4)
        for _ in range(maker.random.randrange(3)):
            value = maker.mutated(value)
        compare(contract, stock, value, counts)
    return counts


def random_schemas(documents: int, seed: int, *, draft_7: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    number = 0
    while counts["documents"] < documents:
        number += 1
        maker = Maker(random.Random(f"{seed} {number}").getrandbits(32), draft_7=draft_7, anything=number % 3 == 0)
        schema = maker.schema()
        if draft_7:
            schema["$schema"] = "http://json-schema.org/draft-07/schema#"
        try:
            contract = load_contract(ContractRef(schema=schema))
        except BadUsage:
            counts["refused"] += 1
            continue
        stock = (jsonschema.Draft7Validator if draft_7 else jsonschema.Draft202012Validator)(schema)
        for _ in range(DOCUMENTS_A_SCHEMA):
            value = maker.fitting(schema, schema)
            compare(contract, stock, maker.mutated(value) if maker.random.random() < 0.5 else value, counts)
    return counts


def compare(contract: Contract, stock: Any, value: Any, counts: Counter[str]) -> None:
    text = json.dumps(value)
    counts["documents"] += 1
    counts["asked"] += contract.may_accept(text)
    expected = stock.is_valid(json.loads(text))
    counts["valid"] += expected
    accepted = isinstance(check(contract, FinalMessage(text=text, line=1)), Accepted)
    if accepted != expected:
        counts["different"] += 1
        print(f"  differs: {json.dumps(contract.schema)} {text}")


if __name__ == "__main__":
    main()
