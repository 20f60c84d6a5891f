"""What a frozen value costs, against the same as a frozen dataclass: to make its class, and to make one of it.

    .venv/bin/python benchmarks/values.py

CPU time, the least of seven rounds, and the ratio.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from pytest_subagents.model.value import Value

BODY = """
    a: int
    b: str
    c: str = ""
    d: int | None = None
    e: tuple[str, ...] = ()
    f: int = 0
"""
HEADS = {
    "dataclass": "@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)\nclass Made:",
    "value": "class Made(Value, frozen=True, kw_only=True):",
}


def least(work: Callable[[], object], times: int) -> float:
    """Seconds of CPU for one call, in the best of seven rounds."""
    rounds = []
    for _ in range(7):
        start = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - start) / times)
    return min(rounds)


def main() -> None:
    print("| what | a class, µs | one, µs |\n|---|--:|--:|")
    found = {}
    for name, head in HEADS.items():
        code = compile(head + BODY, "made", "exec", dont_inherit=True)
        space: dict[str, Any] = {"__name__": __name__, "dataclasses": dataclasses, "Value": Value}
        of_class = least(partial(exec, code, space), 200)
        of_one = least(partial(space["Made"], a=1, b="x", c="y", d=3), 20_000)
        found[name] = (of_class, of_one)
        print(f"| {name} | {of_class * 1e6:.1f} | {of_one * 1e6:.2f} |")
    by_class, by_one = (old / new for old, new in zip(found["dataclass"], found["value"], strict=True))
    print(f"| times less | {by_class:.0f} | {by_one:.0f} |")


if __name__ == "__main__":
    main()
