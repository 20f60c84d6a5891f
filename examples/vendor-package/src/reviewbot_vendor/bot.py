"""reviewbot: reports every TODO below the current folder. A stand-in for a real agent: no model, no network.

It reads its instructions on standard input and writes one JSON object a line:

    {"bot": "reviewbot", "event": "start", "session": "...", "model": "..."}
    {"bot": "reviewbot", "event": "read", "path": "src/a.py"}
    {"bot": "reviewbot", "event": "answer", "text": "{...}"}
    {"bot": "reviewbot", "event": "end", "ok": true, "tokens": {"in": 120, "out": 30}}

Exit codes: 0; 2 for arguments that it does not know; 7 when it was asked too often.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

_MARK = "# TODO" + ":"


def main() -> int:
    parser = argparse.ArgumentParser(prog="reviewbot")
    parser.add_argument("--version", action="version", version="reviewbot 1.2.0")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--session", default="")
    parser.add_argument("--schema", type=Path)  # TODO: read what it says
    parser.add_argument("--allow-writes", action="store_true", help="also write what it found to TODOS.txt")
    parser.add_argument("--web", action="store_true")
    parser.add_argument("--helpers", action="store_true", help="may start helpers of its own")
    given = parser.parse_args()
    instructions = sys.stdin.read()
    say("start", session=given.session, model=given.model)
    findings = []
    for path in sorted(Path().rglob("*.py")):
        say("read", path=path.as_posix())
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            note = line.partition(_MARK)[2].strip()
            if note:
                findings.append({"severity": "low", "title": note, "file": path.as_posix(), "line": number})
    if given.allow_writes:
        Path("TODOS.txt").write_text("".join(f"{one['file']}:{one['line']}\n" for one in findings), encoding="utf-8")
        say("wrote", path="TODOS.txt")
    summary = f"{len(findings)} notes of work to do."
    say("answer", text=json.dumps({"status": "success", "summary": summary, "findings": findings}))
    say("end", ok=True, tokens={"in": len(instructions.split()), "out": 10 * len(findings)})
    return 0


def say(event: str, **fields: object) -> None:
    print(json.dumps({"bot": "reviewbot", "event": event, **fields}), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
