"""What the reader makes of transcripts that other people published. One command, one table:

    .venv/bin/python benchmarks/public_transcripts.py FOLDER

Such files are not ours to copy, so they are no test data: the table is there to be read. Each file gets a row with its
dialects, the status and reasons that a replay would give it if any text were an answer, its final message, and how many
lines are no JSON (unreadable) or no protocol (foreign). Exits 1 where a file makes the reader raise.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from pytest_subagents.model.outcome import ProcessEnd
from pytest_subagents.model.reason import lowered
from pytest_subagents.model.verdict import Accepted, Answer
from pytest_subagents.transcript.judging import judge
from pytest_subagents.vendors.reading import iter_events, read_transcript

_SHOWN = 40
_ANY_ANSWER = Accepted(answer=Answer(status="success", summary="", findings=(), value=None))


def transcripts(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".jsonl", ".json", ".log", ".txt", ".ndjson"):
            yield path


def row(path: Path) -> list[str]:
    """Status and reasons are those of the stream alone: nothing is known of how the process ended."""
    outcome = read_transcript(path)
    answered = outcome.final is not None and outcome.final.text.strip()
    reasons = judge(outcome, ProcessEnd(), _ANY_ANSWER if answered else None)
    text = outcome.final.text if outcome.final is not None else None
    return [
        ", ".join(outcome.dialects) or "-",
        lowered(reasons),
        ", ".join(dict.fromkeys(reason.kind for reason in reasons)) or "-",
        "-" if text is None else f"{len(text)}: {text[:_SHOWN]!r}",
        str(outcome.lines),
        str(sum(1 for _ in iter_events(path))),
        str(outcome.unreadable),
        str(outcome.foreign),
    ]


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    raised = files = 0
    print("| file | dialects | status | reasons | final message | lines | events | unreadable | foreign |")
    print("|---|---|---|---|---|---:|---:|---:|---:|")
    for path in transcripts(folder):
        files += 1
        try:
            cells = row(path)
        except Exception:
            raised += 1
            traceback.print_exc()
            cells = ["traceback"]
        print(f"| {' | '.join([str(path.relative_to(folder)), *(cell.replace('|', '¦') for cell in cells)])} |")
    print(f"\n{files} files, {raised} tracebacks")
    sys.exit(1 if raised else 0)


if __name__ == "__main__":
    main()
