"""How fast transcripts are read, against the `json` of the standard library. One command, one table:

    .venv/bin/python benchmarks/decode.py [--gb] [--megabytes N] [FOLDER]

Each row is one long transcript, made of the lines of the recordings in tests/data (or of the `*.jsonl` below FOLDER, a
row for each folder) and repeated up to N megabytes. `read_transcript` makes the whole outcome of it; `json` only calls
`json.loads` for each line; `read` only reads and splits. CPU seconds, medians of interleaved rounds. Goal: 4 times
less than `json`. With `--gb` also the largest resident set after reading 1 MB and 1 GB, each in a process of its own.
Exits 1 where the mix of codex and claude misses the goal, or memory grows by more than 4 MB.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

from pytest_subagents.vendors.reading import read_transcript

RECORDINGS = Path(__file__).parents[1] / "tests" / "data" / "recordings"
ROUNDS = 7
GOAL = 4.0
GROWTH_KB = 4 * 1024
MIX = "codex and claude"

PEAK = """
import resource, sys
from pathlib import Path
from pytest_subagents.vendors.reading import read_transcript
outcome = read_transcript(Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, outcome.lines)
"""


def lines_of(paths: Iterable[Path]) -> list[bytes]:
    return [line for path in sorted(paths) for line in path.read_bytes().splitlines(keepends=True) if is_json(line)]


def is_json(line: bytes) -> bool:
    """`json` would raise on the others, which cost it nothing."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return line.endswith(b"\n")


def samples(folder: Path) -> dict[str, list[bytes]]:
    """Lines by the name of their row."""
    if folder != RECORDINGS:
        return {inner.name: lines_of(inner.rglob("*.jsonl")) for inner in sorted(folder.iterdir()) if inner.is_dir()}
    found = {name: lines_of((folder / name).glob("*.jsonl")) for name in ("codex", "claude", "gemini", "opencode")}
    found["codex sessions"] = lines_of((folder / "codex-sessions").glob("*.jsonl"))
    return {MIX: found["codex"] + found["claude"], **found}


def write(path: Path, lines: list[bytes], size: int) -> None:
    """Repeats `lines` until the file has about `size` bytes."""
    text = b"".join(lines)
    with path.open("wb") as file:
        for _ in range(max(1, size // len(text))):
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


def rates(folder: Path, scratch: Path, size: int) -> bool:
    """The first table; whether the mix is fast enough."""
    good = True
    print("| transcript | bytes a line | `json` MB/s | `read_transcript` MB/s | times `json` | times a read |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, lines in samples(folder).items():
        if not lines:
            continue
        path = scratch / "run.jsonl"
        write(path, lines, size)
        megabytes = path.stat().st_size / 1e6
        ours, theirs, read = medians(path, (read_transcript, with_json, only_read))
        width = sum(map(len, lines)) / len(lines)
        cells = (
            f"{width:.0f} | {megabytes / theirs:.0f} | {megabytes / ours:.0f} | {theirs / ours:.1f} | {ours / read:.1f}"
        )
        print(f"| {name} | {cells} |", flush=True)
        good = good and (name != MIX or theirs / ours >= GOAL)
    return good


def growth(scratch: Path) -> bool:
    """The second table; whether memory is flat."""
    lines = list(chain(*samples(RECORDINGS).values()))
    path = scratch / "run.jsonl"
    peaks = []
    print("\n| size | lines | largest resident set |\n|---|---:|---:|")
    for name, size in (("1 MB", 10**6), ("1 GB", 10**9)):
        write(path, lines, size)
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
    with tempfile.TemporaryDirectory() as scratch:
        good = rates(options.folder, Path(scratch), options.megabytes * 1_000_000)
        if options.gb:
            good = growth(Path(scratch)) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
