"""How fast transcripts are read, against the `json` of the standard library. One command, one table:

    .venv/bin/python benchmarks/decode.py [--gb] [--megabytes N] [FOLDER]

The first rows are long runs (see long_runs.py) of N megabytes, the others the recordings in tests/data one after the
other, which are little but beginnings and ends, repeated up to N megabytes; with FOLDER, a row for each folder in it.
`read_transcript` makes the whole outcome of a file, `json` only calls `json.loads` for each line, `read` only reads the
lines. CPU seconds, medians of interleaved rounds. Goal for long runs: 4 times less than `json`. With `--gb` also the
largest resident set after reading 1 MB and 1 GB, each in a process of its own. Exits 1 where a long run misses the
goal, or memory grows by more than 4 MB.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from long_runs import Tools, claude_run, codex_run, text_of

from pytest_subagents.vendors.reading import read_transcript

RECORDINGS = Path(__file__).parents[1] / "tests" / "data" / "recordings"
ROUNDS = 7
GOAL = 4.0
GROWTH_KB = 4 * 1024

PEAK = """
import re, sys
from pathlib import Path
from pytest_subagents.vendors.reading import read_transcript
outcome = read_transcript(Path(sys.argv[1]))
print(*re.findall(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()), outcome.lines)
"""
"""Linux only: what `getrusage` says of a process starts with the memory of the one that started it."""


def lines_of(paths: Iterable[Path]) -> bytes:
    lines = (line for path in sorted(paths) for line in path.read_bytes().splitlines(keepends=True))
    return b"".join(line for line in lines if is_json(line))


def is_json(line: bytes) -> bool:
    """`json` would raise on the others, which cost it nothing."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return line.endswith(b"\n")


def long_runs(size: int) -> Iterator[tuple[str, bytes]]:
    """Runs of about `size` bytes by their name."""
    tools = Tools()
    codex, claude = text_of(codex_run(tools, size // 2_600)), text_of(claude_run(tools, size // 6_500))
    yield "codex, long", codex
    yield "claude, long", claude
    yield "codex and claude, long", codex + claude


def recorded(folder: Path) -> Iterator[tuple[str, bytes]]:
    for inner in sorted(folder.iterdir()):
        if inner.is_dir() and (text := lines_of(inner.rglob("*.jsonl"))):
            yield inner.name, text


def write(path: Path, text: bytes, size: int) -> None:
    """Repeats `text` until the file has about `size` bytes."""
    with path.open("wb") as file:
        for _ in range(max(1, round(size / len(text)))):
            file.write(text)


def with_json(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def only_read(path: Path) -> None:
    with path.open("rb") as file:
        for _ in file:
            pass


def medians(path: Path, ways: tuple[Callable[[Path], object], ...]) -> list[float]:
    """CPU seconds of each way: all ways once a round, so that a slow moment of the machine is shared."""
    spent: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for way, seconds in zip(ways, spent, strict=True):
            start = time.process_time()
            way(path)
            seconds.append(time.process_time() - start)
    return [statistics.median(seconds) for seconds in spent]


def table(samples: Iterable[tuple[str, bytes]], scratch: Path, size: int) -> float:
    """Prints a row for each; the smallest ratio to `json`."""
    worst = math.inf
    for name, text in samples:
        path = scratch / "run.jsonl"
        write(path, text, size)
        megabytes = path.stat().st_size / 1e6
        ours, theirs, read = medians(path, (read_transcript, with_json, only_read))
        width = len(text) / text.count(b"\n")
        speeds = f"{width:.0f} | {megabytes / theirs:.0f} | {megabytes / ours:.0f}"
        print(f"| {name} | {speeds} | {theirs / ours:.1f} | {ours / read:.1f} |", flush=True)
        worst = min(worst, theirs / ours)
    return worst


def growth(scratch: Path) -> bool:
    """The second table; whether memory is flat."""
    text = dict(long_runs(800_000))["codex and claude, long"]
    path = scratch / "run.jsonl"
    peaks = []
    print("\n| size | lines | largest resident set |\n|---|---:|---:|")
    for name, size in (("1 MB", 10**6), ("1 GB", 10**9)):
        write(path, text, size)
        done = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True)
        peak, read = map(int, done.stdout.split())
        peaks.append(peak)
        print(f"| {name} | {read:,} | {peak / 1024:.1f} MB |", flush=True)
    return peaks[1] - peaks[0] <= GROWTH_KB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=RECORDINGS)
    parser.add_argument("--megabytes", type=int, default=16, help="size of each transcript")
    parser.add_argument("--gb", action="store_true", help="memory too, from 1 MB to 1 GB")
    options = parser.parse_args()
    size = options.megabytes * 1_000_000
    print("| transcript | bytes a line | `json` MB/s | `read_transcript` MB/s | times `json` | times a read |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        good = table(long_runs(size), Path(scratch), size) >= GOAL
        table(recorded(options.folder), Path(scratch), size)
        if options.gb:
            good = growth(Path(scratch)) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
