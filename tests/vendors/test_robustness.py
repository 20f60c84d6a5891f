"""Whatever is done to a transcript, it gives a row, and never a better one than the whole of it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import RECORDINGS, judged, process_of, recording, written

from pytest_subagents.model.event import AnyEvent
from pytest_subagents.model.outcome import Outcome
from pytest_subagents.model.status import rank
from pytest_subagents.vendors.dialects.registry import ADDRESSES, dialect
from pytest_subagents.vendors.folding import Fold
from pytest_subagents.vendors.reading import iter_events, read_transcript

ALL = sorted(
    f"{path.parent.name}/{path.stem}" for path in RECORDINGS.glob("*/*.jsonl") if path.parent.name != "codex-sessions"
)
SMALL = [name for name in ALL if recording(name).stat().st_size < 12_000]
SESSIONS = sorted((RECORDINGS / "codex-sessions").glob("*.jsonl"))


def _objects() -> Iterator[bytes]:
    """Lines of real recordings that are JSON objects, without the largest ones."""
    paths = [recording(name) for name in ALL if name not in ("codex/20_big_2000_commands", "opencode/14_steps")]
    for path in (*paths, *SESSIONS[:6]):
        for line in path.read_bytes().split(b"\n"):
            if line.startswith(b'{"') and len(line) < 20_000:
                yield line


LINES = list(_objects())
LINE = st.integers(0, len(LINES) - 1).map(LINES.__getitem__)


@pytest.mark.parametrize("name", ALL)
def test_both_ways_of_reading_come_to_the_same(name: str) -> None:
    assert _folded(recording(name)) == _of_the_run(read_transcript(recording(name)))


@pytest.mark.parametrize("path", SESSIONS, ids=[path.name[:40] for path in SESSIONS])
def test_both_ways_of_reading_a_session_come_to_the_same(path: Path) -> None:
    assert _folded(path) == _of_the_run(read_transcript(path))


@pytest.mark.parametrize("name", ALL)
def test_a_transcript_that_is_cut_is_never_better(tmp_path: Path, name: str) -> None:
    """At the ends of its lines, one byte before and after them, and at some bytes between."""
    data, process = recording(name).read_bytes(), process_of(name)
    whole, _ = judged(recording(name), process)
    for cut in _cuts(data):
        path = tmp_path / "cut.jsonl"
        path.write_bytes(data[:cut])
        status, reasons = judged(path, process)
        assert rank(status) >= rank(whole), (cut, reasons)


@pytest.mark.parametrize("name", ["codex/08_full_turn", "claude/07_bash", "gemini/07_shell", "opencode/07_bash"])
def test_every_byte_may_be_the_last(tmp_path: Path, name: str) -> None:
    data, process = recording(name).read_bytes(), process_of(name)
    whole, _ = judged(recording(name), process)
    assert whole == "success"
    end = data.rstrip(b"\n")
    for cut in range(0, len(end), 17):
        path = tmp_path / "cut.jsonl"
        path.write_bytes(end[:cut])
        status, reasons = judged(path, process)
        assert status != "success", cut
        assert reasons


@pytest.mark.parametrize("name", SMALL)
def test_a_lost_line_is_survived(tmp_path: Path, name: str) -> None:
    lines = recording(name).read_bytes().split(b"\n")
    for index in range(len(lines)):
        judged(written(tmp_path, *lines[:index], *lines[index + 1 :]), process_of(name))


@pytest.mark.parametrize("reader", ADDRESSES)
@given(line=st.binary(max_size=200))
def test_no_bytes_make_a_decoder_raise(reader: str, line: bytes) -> None:
    dialect(reader).decode(line, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A line of a real recording with something in it replaced, taken away, or doubled."""
    record = json.loads(draw(LINE))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(record))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["replace", "remove", "rename", "wrap"])):
            case "replace":
                holder[key] = draw(JSON)
            case "remove":
                del holder[key]
            case "rename" if isinstance(holder, dict):
                holder[draw(st.text(max_size=8))] = holder.pop(key)
            case _:
                holder[key] = [holder[key]]
    return json.dumps(record).encode()


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(line=mutated())
def test_no_mutation_of_a_real_line_makes_a_decoder_raise(line: bytes) -> None:
    for name in ADDRESSES:
        dialect(name).decode(line, 1)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.one_of(mutated(), LINE, st.binary(max_size=30)), max_size=6))
def test_every_mutation_gives_a_row_and_the_same_one_on_both_ways(tmp_path: Path, lines: list[bytes]) -> None:
    path = written(tmp_path, *lines)
    status, reasons = judged(path)
    assert status == "success" or reasons
    outcome = read_transcript(path)
    assert _folded(path) == _of_the_run(outcome)
    assert all(character < "\ud800" or character > "\udfff" for character in repr(outcome))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(SMALL),
    at=st.floats(0, 1, exclude_max=True),
    noise=st.binary(max_size=6),
    taken=st.integers(0, 6),
)
def test_damaged_bytes_give_a_row(tmp_path: Path, name: str, at: float, noise: bytes, taken: int) -> None:
    data = recording(name).read_bytes()
    place = int(at * len(data))
    path = tmp_path / "damaged.jsonl"
    path.write_bytes(data[:place] + noise + data[place + taken :])
    judged(path, process_of(name))


def test_a_line_is_claimed_by_one_dialect() -> None:
    """A bare answer is claimed by none."""
    readers = {name: dialect(name) for name in ADDRESSES}
    for line in LINES:
        record = json.loads(line)
        claims = [name for name, reader in readers.items() if reader.claims(record)]
        assert len(claims) == (0 if record.keys() >= {"status", "summary", "findings"} else 1), (claims, line[:200])


def _folded(path: Path) -> Outcome:
    fold = Fold()
    events: Iterator[AnyEvent] = iter_events(path)
    for event in events:
        fold.take(event)
    return fold.outcome()


def _of_the_run(outcome: Outcome) -> Outcome:
    """Without what is known of the file."""
    plain = Outcome()
    return replace(
        outcome,
        vendor=plain.vendor,
        dialects=plain.dialects,
        lines=plain.lines,
        last_line=plain.last_line,
        unreadable=plain.unreadable,
        unreadable_lines=plain.unreadable_lines,
        damaged_line=plain.damaged_line,
        foreign=plain.foreign,
        text_excerpt=plain.text_excerpt,
        problem=plain.problem,
        exit_meanings=plain.exit_meanings,
    )


def _cuts(data: bytes) -> list[int]:
    cuts, end = set(), 0
    for line in data.split(b"\n")[:24]:
        end += len(line) + 1
        cuts |= {end - 2, end - 1, end}
    chosen = random.Random(len(data))
    cuts |= {chosen.randrange(len(data) + 1) for _ in range(12)}
    return sorted(cut for cut in cuts if 0 <= cut <= len(data))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a value that can be changed, as its holder and its key."""
    if isinstance(value, dict):
        for key in list(value):
            yield value, key
            yield from _places(value[key])
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value, index
            yield from _places(value[index])
