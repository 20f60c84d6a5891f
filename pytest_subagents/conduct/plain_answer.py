"""The answer of a program that has no stream: what it wrote into its answer file, or all that it printed.

A recording is a stream all the same, so the answer becomes one, in the neutral dialect (docs/events.md).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.runners.live_interface import Executed
from pytest_subagents.vendors.dialects.subagents_events import FORMAT
from pytest_subagents.vendors.reading import read_transcript
from pytest_subagents.writing import open_file


def plain_answer(executed: Executed) -> bytes | None:
    """The stream that stands for the answer; None where the program has a stream of its own."""
    if executed.answer_file is not None:
        text = _read(executed.answer_file)
    elif executed.plain and not read_transcript(executed.stream).spoke:
        text = _read(executed.stream)
    else:
        return None
    if not text and executed.ending.exit_code not in (0, None):
        return b""  # it failed before it said anything
    progress = executed.progress
    records: list[dict[str, object]] = [{"type": "subagents.start", "format": FORMAT}]
    if progress.tokens is not None:
        records.append(
            {
                "type": "subagents.usage",
                "input_tokens": progress.input_tokens,
                "cached_input_tokens": progress.cached_input_tokens,
                "output_tokens": progress.output_tokens,
            }
        )
    if text:
        records.append({"type": "subagents.message", "text": text})
    if executed.ending.cause == "exited":
        records.append({"type": "subagents.end", "ok": True})
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)


def _read(path: Path) -> str:
    """Its text, of which no more than an answer may have is read."""
    try:
        with open_file(path, below=path.parent) as file:
            return file.read(limits.ANSWER_BYTES + 1).decode("utf-8", "replace").strip()
    except OSError:
        return ""
