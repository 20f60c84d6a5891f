"""Replay of many recordings against other ways to check the same files. One command, one table:

    .venv/bin/python benchmarks/replay.py [--rounds 5] [--sizes 1000,10000] [--peers DIR]

Every contestant is a process of its own; what counts is the CPU time of its whole tree (user + system), as a ratio to
the plain parametrized pytest test in the same run. Rounds are interleaved, so that a noisy machine is unkind to all
alike. With `--peers DIR`, promptfoo (npm) and inspect-ai (PyPI) are installed below DIR and take part at 1,000.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from peers import inspect_command, promptfoo_command

SCHEMA = {
    "type": "object",
    "required": ["status", "summary", "findings"],
    "properties": {
        "status": {"enum": ["success", "partial", "failed"]},
        "summary": {"type": "string"},
        "findings": {"type": "array", "items": {"type": "object", "required": ["file"]}},
    },
}

CHECK = """
import json, pathlib, jsonschema
HERE = pathlib.Path(__file__).parent
VALIDATOR = jsonschema.Draft202012Validator(json.loads((HERE / "contract.json").read_text()))
FILES = sorted((HERE / "recordings" / "bench").glob("*.jsonl"))

def check(path):
    message = usage = None
    for line in path.read_bytes().split(b"\\n"):
        if not line:
            continue
        event = json.loads(line)
        if event["type"] == "item.completed" and event["item"]["type"] == "agent_message":
            message = event["item"]["text"]
        elif event["type"] == "turn.completed":
            usage = event["usage"]
    answer = json.loads(message)
    VALIDATOR.validate(answer)
    assert usage is not None
    assert answer["status"] == "success"
"""

PYTEST = (
    CHECK
    + """
import pytest

@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recording(path):
    check(path)
"""
)

STRICT = (
    PYTEST.replace("json.loads(message)", "json.loads(message, object_pairs_hook=unique, parse_constant=refuse)")
    + """
def unique(pairs):
    found = dict(pairs)
    assert len(found) == len(pairs), "a key is given twice"
    return found

def refuse(text):
    raise ValueError(text)

@pytest.fixture(autouse=True)
def exit_code(path):
    meta = path.with_suffix(".meta.json")
    if meta.exists():
        assert json.loads(meta.read_bytes()).get("exit_code", 0) == 0
"""
)

LOOP = (
    CHECK
    + """
for path in FILES:
    check(path)
"""
)


@dataclass(slots=True, kw_only=True)
class Contestant:
    name: str
    command: Sequence[str]
    cwd: Path
    cpu: list[float] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)


def write_recordings(root: Path, count: int) -> None:
    """`count` runs of Codex with two commands and an answer with three findings each, about 2 kB a file."""
    folder = root / "recordings" / "bench"
    folder.mkdir(parents=True)
    (root / "transcripts").symlink_to(folder)
    (root / "contract.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (folder / "contract.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    agents = []
    for number in range(count):
        findings = [
            {
                "severity": "low",
                "file": f"src/m{number}.py",
                "line": line,
                "title": f"finding {line}",
                "detail": "x" * 80,
            }
            for line in range(1, 4)
        ]
        answer = {"status": "success", "summary": f"Run {number}.", "findings": findings}
        lines: list[object] = [{"type": "thread.started", "thread_id": f"t{number}"}, {"type": "turn.started"}]
        for index in range(2):
            command = {"id": f"item_{index}", "type": "command_execution", "command": "ls", "exit_code": None}
            lines.append(
                {"type": "item.started", "item": {**command, "aggregated_output": "", "status": "in_progress"}}
            )
            done = {**command, "aggregated_output": "file.py\n" * 40, "exit_code": 0, "status": "completed"}
            lines.append({"type": "item.completed", "item": done})
        lines.append(
            {"type": "item.completed", "item": {"id": "m", "type": "agent_message", "text": json.dumps(answer)}}
        )
        usage = {"input_tokens": 1200, "cached_input_tokens": 1000, "output_tokens": 90}
        lines.append({"type": "turn.completed", "usage": usage})
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"a{number:05}.jsonl").write_text(text, encoding="utf-8")
        agents.append(f"  - {{id: a{number:05}, instructions: Review module {number}.}}\n")
    head = "workflow: {name: bench, contract: contract.json}\nagents:\n"
    (root / "subagents.yaml").write_text(head + "".join(agents), encoding="utf-8")
    (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (root / "test_plain.py").write_text(PYTEST, encoding="utf-8")
    (root / "test_strict.py").write_text(STRICT, encoding="utf-8")
    (root / "loop.py").write_text(LOOP, encoding="utf-8")


def contestants(root: Path, peers: Path | None) -> list[Contestant]:
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    found = [
        Contestant(name="pytest, parametrized", command=[*pytest, "-p", "no:subagents", "test_plain.py"], cwd=root),
        Contestant(
            name="pytest, parametrized, no less strict",
            command=[*pytest, "-p", "no:subagents", "test_strict.py"],
            cwd=root,
        ),
        Contestant(name="subagents, one workflow file", command=[*pytest, "--subagents", "subagents.yaml"], cwd=root),
        Contestant(
            name="subagents, a folder of files",
            command=[*pytest, "--subagents", "recordings", "-o", "subagents_transcripts=recordings/**/*.jsonl"],
            cwd=root,
        ),
        Contestant(name="loop, json + jsonschema", command=[sys.executable, "loop.py"], cwd=root),
    ]
    if peers is not None:
        for name, command in (("promptfoo", promptfoo_command), ("inspect-ai", inspect_command)):
            found.append(Contestant(name=name, command=command(peers, root), cwd=root))
    return found


def measure(contestant: Contestant) -> None:
    """One run: CPU seconds of the tree, and the largest resident set of any process in it, in kB."""
    pid = os.posix_spawnp(
        "sh",
        ["sh", "-c", 'cd "$1" && shift && exec "$@" > out.txt 2>&1', "sh", str(contestant.cwd), *contestant.command],
        # As on a machine that is used: what pytest compiles and rewrites once is there the next time.
        {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    )
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        tail = (contestant.cwd / "out.txt").read_text(encoding="utf-8", errors="replace")[-2000:]
        sys.exit(f"{contestant.name} failed with {os.waitstatus_to_exitcode(status)}:\n{tail}")
    contestant.cpu.append(usage.ru_utime + usage.ru_stime)
    contestant.rss.append(usage.ru_maxrss)


def table(title: str, found: Sequence[Contestant], count: int) -> None:
    reference = statistics.median(found[0].cpu)
    print(f"\n{title}\n\n| what | CPU s | x parametrized | ms a recording | largest RSS MB |\n|---|---|---|---|---|")
    for each in found:
        cpu = statistics.median(each.cpu)
        spread = f"{min(each.cpu):.2f} to {max(each.cpu):.2f}"
        print(
            f"| {each.name} | {cpu:.2f} ({spread}) | {cpu / reference:.2f} | {cpu / count * 1000:.2f} "
            f"| {statistics.median(each.rss) / 1024:.0f} |"
        )


def unused(rounds: int) -> None:
    """An empty run with the plugin installed and not switched on, against `-p no:subagents`, in pairs."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (root / "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        pair = [
            Contestant(name="-p no:subagents", command=[*pytest, "-p", "no:subagents"], cwd=root),
            Contestant(name="installed, unused", command=pytest, cwd=root),
        ]
        for number in range(rounds):
            for each in pair if number % 2 else reversed(pair):
                measure(each)
        differences = sorted(second - first for first, second in zip(pair[0].cpu, pair[1].cpu, strict=True))
        middle = statistics.median(differences) * 1000
        quarter = len(differences) // 4
        low, high = differences[quarter] * 1000, differences[-quarter - 1] * 1000
        median = statistics.median(pair[0].cpu) * 1000
        print(
            f"\nInstalled but unused: {middle:+.1f} ms CPU of {median:.0f}"
            f" ({rounds} pairs; middle half {low:+.1f} to {high:+.1f})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--peers", type=Path, help="a folder to install promptfoo and inspect-ai in")
    parser.add_argument("--unused-rounds", type=int, default=40)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, medians of {options.rounds} interleaved rounds")
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            write_recordings(root, size)
            found = contestants(root, options.peers if size <= 1000 else None)
            for each in found:  # once before it counts: the first run compiles
                measure(each)
                each.cpu.clear()
                each.rss.clear()
            for _ in range(options.rounds):
                for each in found:
                    measure(each)
            table(f"{size:,} recordings", found, size)
    unused(options.unused_rounds)


if __name__ == "__main__":
    main()
