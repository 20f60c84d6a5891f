"""What each format of the report costs for 10, 100 and 1,000 subagents: time, size and memory. One command, one table:

    .venv/bin/python benchmarks/report.py [--sizes 10,100,1000] [--transcript 20000] [--formats .json,.md]

A team of that many is replayed once (ten findings to three subagents, one in ten broke its contract, transcripts of
some 20 kB), and then `subagents report -o` writes every format that the registry has, each in processes of its own.
*CPU* and its ratio to report.json of the same team are the median of `--rounds`; *file* is what is written, *beside*
what a format puts into a folder beside its file. *Memory* is the most that Python had allocated while the file was made
and written, beyond the report itself; *each* is what it grew by for every subagent more than in the row above: near 0
is flat. With `--transcript 200000` what shows transcripts must take no more, although there is ten times as much of it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_subagents.reports.registry import ADDRESSES

_OUTPUT_BYTES = 1_000
"""Of one command in a transcript."""

_WRITE = """
import json, sys, time, tracemalloc
from pathlib import Path
import pytest_subagents.cli.report as command
from pytest_subagents.cli.main import commands
from pytest_subagents.reports.registry import format_of

target, traced = sys.argv[1], sys.argv[2] == "memory"
format_of(Path(target))
write = command.write_reports

def measured(*arguments, **keywords):
    if traced:
        tracemalloc.start()
    start = time.process_time()
    written = write(*arguments, **keywords)
    cpu = time.process_time() - start
    print(json.dumps({"cpu": cpu, "memory": tracemalloc.get_traced_memory()[1] if traced else 0}))
    return written

command.write_reports = measured
commands(["report", "-o", target], standalone_mode=False)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one format and one team."""

    cpu: float
    memory: int
    file: int
    beside: int


def make_team(folder: Path, size: int, transcript: int) -> None:
    """A workflow with recordings, and its report, as pytest leaves it."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    lines = ["workflow: {name: team}", "agents:"]
    recordings = folder / "recordings" / "team"
    recordings.mkdir(parents=True)
    for number in range(size):
        id = f"a{number:05}"
        expect = ", expect: failed" if number % 10 == 9 else ""
        lines.append(
            f"  - {{id: {id}, instructions: Review part {number}., scope: {{read: [src/m{number}/]}}{expect}}}"
        )
        recorded = "".join(json.dumps(line) + "\n" for line in a_run(number, transcript))
        (recordings / f"{id}.jsonl").write_text(recorded, encoding="utf-8")
    (folder / "subagents.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--subagents", "-p", "no:xdist", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)


def a_run(number: int, transcript: int) -> Iterator[dict[str, Any]]:
    """What Codex would print: commands with their output, reasoning, and an answer."""
    yield {"type": "thread.started", "thread_id": "01a1f987-77df-7001-b219-b4e1d8f0038e"}
    yield {"type": "turn.started"}
    output = "".join(f"{line:4} def part_{number}_{line}(value): return value\n" for line in range(20))[:_OUTPUT_BYTES]
    for step in range(max(1, transcript // (_OUTPUT_BYTES + 200))):
        item = {"id": f"item_{step}", "type": "command_execution", "command": f"sed -n {step}p src/m{number}/a.py"}
        yield {"type": "item.completed", "item": {**item, "aggregated_output": output, "exit_code": 0}}
    findings = [
        {
            "severity": ("high", "medium", "low", "info")[(number + which) % 4],
            "file": f"src/m{number}/a.py",
            "line": 10 * which + 1,
            "title": f"Function part_{number}_{which} has a branch that no test reaches",
            "detail": "A negative value takes a branch that nothing covers; what it gives is not what it says.",
        }
        for which in range(3 + (number % 3 == 0))
    ]
    answer = {"status": "success", "summary": f"Part {number} was read from end to end.", "findings": findings}
    text = json.dumps(answer) if number % 10 != 9 else json.dumps({**answer, "status": 9})
    yield {"type": "item.completed", "item": {"id": "item_last", "type": "agent_message", "text": text}}
    yield {"type": "turn.completed", "usage": {"input_tokens": 9000, "cached_input_tokens": 7000, "output_tokens": 400}}


def cost_of(suffix: str, folder: Path, rounds: int) -> Cost:
    target = f"out/report{suffix}"
    cpu = statistics.median(written(target, folder, "time")["cpu"] for _ in range(rounds))
    memory = int(written(target, folder, "memory")["memory"])
    file = (folder / target).stat().st_size
    every = sum(path.stat().st_size for path in (folder / "out").rglob("*") if path.is_file())
    for path in sorted((folder / "out").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return Cost(cpu=cpu, memory=memory, file=file, beside=every - file)


def written(target: str, folder: Path, what: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _WRITE, target, what], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[0])
    return found


def rows_of(costs: dict[int, dict[str, Cost]], suffixes: Sequence[str]) -> Iterator[str]:
    sizes = sorted(costs)
    for suffix in suffixes:
        for before, size in zip([None, *sizes], sizes, strict=False):
            cost = costs[size][suffix]
            ratio = f"{cost.cpu / costs[size]['.json'].cpu:.1f}" if ".json" in costs[size] else "–"
            grown = (
                f"{(cost.memory - costs[before][suffix].memory) / 1_000 / (size - before):+.1f}"
                if before is not None
                else "–"
            )
            cells = [
                f"`{suffix}`", f"{size:,}", f"{cost.cpu * 1_000:,.0f}", ratio, f"{cost.file / 1_000:,.0f}",
                f"{cost.beside / 1_000:,.0f}", f"{cost.memory / 1e6:,.1f}", grown,
            ]  # fmt: skip
            yield f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10,100,1000", help="numbers of subagents")
    parser.add_argument("--transcript", type=int, default=20_000, help="bytes of one transcript")
    parser.add_argument("--formats", default=",".join(sorted(ADDRESSES)), help="suffixes")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    suffixes = given.formats.split(",")
    costs: dict[int, dict[str, Cost]] = {}
    for size in map(int, given.sizes.split(",")):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            make_team(folder, size, given.transcript)
            costs[size] = {suffix: cost_of(suffix, folder, given.rounds) for suffix in suffixes}
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, transcripts of {given.transcript:,} bytes\n")
    print("| format | subagents | CPU ms | × json | file kB | beside kB | memory MB | each kB |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    print("\n".join(rows_of(costs, suffixes)))


if __name__ == "__main__":
    main()
