"""What `pytest --subagents` makes of real recordings, against what each run really did. One command, one table:

    .venv/bin/python benchmarks/verdicts.py [FOLDER]

FOLDER holds `expected.tsv` (recording, status, reasons of which one must be given) beside the recordings; by default it
is tests/data/recordings: 201 runs of Codex, Claude Code, Gemini CLI and OpenCode, with exit codes and signals beside
them. Exits 1 where a status or a reason is another than expected.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path


def rows_of(folder: Path, scratch: Path) -> dict[str, tuple[str, set[str]]]:
    """Status and reasons by recording, as the report has them."""
    (scratch / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--subagents", "--rootdir", str(scratch), "-c", "pytest.ini"]
    glob = "subagents_transcripts=**/*.jsonl"
    done = subprocess.run([*command, "-o", glob, str(folder)], cwd=scratch, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stdout + done.stderr)
    report = json.loads((scratch / "artifacts/subagents/report.json").read_text(encoding="utf-8"))
    return {row["id"]: (row["status"], {reason["kind"] for reason in row["reasons"]}) for row in report["agents"]}


def main() -> None:
    default = Path(__file__).parents[1] / "tests" / "data" / "recordings"
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else default).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        rows = rows_of(folder, Path(scratch).resolve())
    right: Counter[tuple[str, str]] = Counter()
    whole: Counter[tuple[str, str]] = Counter()
    wrong = []
    for line in (folder / "expected.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, status, kinds = line.split("\t")
        found, reasons = rows.get(name, ("missing", set()))
        key = (name.partition("/")[0], status)
        whole[key] += 1
        if found == status and (kinds == "-" or reasons & set(kinds.split("|"))):
            right[key] += 1
        else:
            wrong.append(f"{name}: expected {status} ({kinds}), got {found} ({', '.join(sorted(reasons))})")
    print("| vendor | success | partial | failed |\n|---|---|---|---|")
    for vendor in sorted({vendor for vendor, _ in whole}):
        cells = (f"{right[vendor, status]} of {whole[vendor, status]}" for status in ("success", "partial", "failed"))
        print(f"| {vendor} | {' | '.join(cells)} |")
    print(f"\n{right.total()} of {whole.total()} with the right status and reason")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
