"""Projects on disk, and the page that a run of pytest over them writes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from recorded import RECORDINGS
from screens import environment

from pytest_subagents.testing.scripted.speakers.registry import ADDRESSES
from pytest_subagents.testing.scripts import transcript_of
from pytest_subagents.testing.steps import Answer, Change, Deny, Run, Say, Spend, Step, Think, Use

_SHOP: Final = Path(__file__).parents[2] / "examples" / "payment-feature" / "build.py"
_REAL: Final = ("codex/01_success", "claude/10b_subagent_tools", "claude/07c_bash_denied", "gemini/01_success")
_DIALECTS: Final = sorted(ADDRESSES)
_NAMES: Final = (
    "<img src=x onerror=window.pwned=1>",
    '" onmouseover="window.pwned=1" x="',
    "javascript:window.pwned=1",
    "#agents",
    "a\u202egpj",
)
"""Of files, and so of subagents."""
_PLAIN: Final = frozenset("<>=/;:'!#%&@abcdefghijklmnopqrstuvwxyz0123456789")
"""Signs that mean themselves between the brackets of a pattern."""
_AT_ONCE: Final = 20
"""Violations of one answer, all of which a report has."""


def page_of(folder: Path, *options: str) -> Path:
    """The page that `pytest --subagents` writes for the project in `folder`."""
    words = [sys.executable, "-m", "pytest", "--subagents", "-q", "-p", "no:cacheprovider", *options]
    words.append("--subagents-report=page.html")
    done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return folder / "page.html"


def a_team(folder: Path) -> Path:
    """A team in which much happens: the shop of the examples, and recordings of real programs."""
    shop = folder / "shop"
    subprocess.run([sys.executable, _SHOP, shop], env=environment(), check=True, capture_output=True)
    for name in _REAL:
        place = shop / "transcripts" / name.replace("/", "-")
        place.parent.mkdir(exist_ok=True)
        for suffix in (".jsonl", ".meta.json"):
            shutil.copy((RECORDINGS / name).with_suffix(suffix), place.with_suffix(suffix))
    (shop / "transcripts" / "damaged.jsonl").write_bytes((RECORDINGS / "claude/01_success.jsonl").read_bytes()[:-300])
    return page_of(shop, "--subagents-gate=failed <= 0", "--subagents-gate=findings.high <= 3")


def hostile_transcripts(folder: Path, texts: Mapping[str, str]) -> Path:
    """Transcripts in every dialect in turn, each with one of `texts` in all that an agent says; and hostile names."""
    for number, text in enumerate(texts.values()):
        _transcript(folder / "transcripts" / f"{number:02}.jsonl", _DIALECTS[number % len(_DIALECTS)], text)
    for name in _NAMES:
        _transcript(folder / "transcripts" / f"{name}.jsonl", "claude_stream", name)
    _contract_broken(folder / "transcripts" / "contract", list(dict.fromkeys(map(_in_a_contract, texts.values()))))
    return page_of(folder)


def _in_a_contract(text: str) -> str:
    """As much of it as a person's contract can hold: it is read strictly, so that no surrogate stands alone."""
    return text[:300].encode("utf-8", "replace").decode("utf-8")


def _contract_broken(folder: Path, texts: Sequence[str]) -> None:
    """A contract of which `texts` are names, values and patterns, and answers that break it at each of them."""
    folder.mkdir()
    kinds: list[Callable[[str], dict[str, Any]]] = [
        lambda text: {"const": text},
        lambda text: {"enum": [text, f"other {text}"]},
        lambda text: {"pattern": "^" + "".join(f"[{sign}]" if sign in _PLAIN else "." for sign in text) + "$"},
    ]
    checked = {text: kinds[number % 3](text) for number, text in enumerate(texts)}
    schema = {"type": "object", "title": texts[0], "description": texts[1], "properties": checked}
    (folder / "contract.json").write_text(json.dumps(schema), encoding="utf-8")
    for first in range(0, len(texts), _AT_ONCE):
        answer = dict.fromkeys(texts[first : first + _AT_ONCE], "else")
        (folder / f"{first:02}.jsonl").write_bytes(transcript_of("claude_stream", Answer(answer)))


def _transcript(path: Path, dialect: str, text: str) -> None:
    finding = {"severity": text, "file": text, "line": 1, "title": text, "detail": text}
    lines = transcript_of(
        dialect,
        Say(text),
        Think(text),
        Run(text, output=text, exit_code=1),
        Change(text, text),
        Use(text, arguments={text: text}, output=text, failed=True),
        Deny(text, message=text),
        Spend(1_000, 90),
        Run("true"),
        Answer({"status": text, "summary": text, "findings": [finding], text: [text]}),
        model=text,
        cwd=text,
        session=text,
    )
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(lines + text.encode("utf-8", "surrogatepass") + b"\n")
    meta = {"exit_code": 1, "stderr_tail": text, "killed": text}
    path.with_suffix(".meta.json").write_text(json.dumps(meta), encoding="utf-8")


def many(folder: Path, *, subagents: int, size: int) -> Path:
    """So many subagents, whose transcripts are of `size` bytes each."""
    output = "".join(f"tests/test_{number}.py::test_it PASSED in 0.{number:03} s\n" for number in range(100))
    steps: list[Step] = [
        Run("pytest -v", output=output),
        Say("It goes on."),
        Use("Read", arguments={"path": "src/a.py"}, output=output),
    ]
    one = len(transcript_of("claude_stream", *steps))
    told = transcript_of(
        "claude_stream", *steps * (size // one), Answer({"status": "success", "summary": "Fine.", "findings": []})
    )
    (folder / "transcripts").mkdir()
    for number in range(subagents):
        (folder / "transcripts" / f"agent-{number:03}.jsonl").write_bytes(told)
    return page_of(folder)
