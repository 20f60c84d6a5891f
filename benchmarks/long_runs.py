"""Long runs of Codex and Claude Code for `decode.py`, with the lines of the recordings in tests/data.

The recorded runs are short and what their tools say is shorter. Real agents read files and run tests: here a tool says
a piece of this project's own source, most often some hundred bytes and sometimes 30 kB, which comes to 2 to 5 kB a
line with a result, as in the transcripts that people publish.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "pytest_subagents"
SESSION = "9b97a950-62a7-4465-ba2e-48549cda983a"
ANSWER = json.dumps({"status": "success", "summary": "Reviewed.", "findings": []})


class Tools:
    """What tools say, the same in every run of the benchmark."""

    def __init__(self) -> None:
        self._text = "".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
        self._random = random.Random(0)

    def output(self) -> str:
        size = min(int(self._random.lognormvariate(7.0, 1.2)), 30_000)
        return self.said(size)

    def said(self, size: int) -> str:
        start = self._random.randrange(len(self._text) - size)
        return self._text[start : start + size]


def codex_run(tools: Tools, steps: int) -> Iterator[object]:
    """As `codex exec --json` writes it: a thought, then a command that starts and ends, again and again."""
    yield {"type": "thread.started", "thread_id": SESSION}
    yield {"type": "turn.started"}
    for step in range(steps):
        if step % 3 == 0:
            thought = {"id": f"item_{2 * step}", "type": "reasoning", "text": f"**Reading on**\n\n{tools.said(250)}"}
            yield {"type": "item.completed", "item": thought}
        if step % 20 == 0:
            text = tools.said(200)
            yield {"type": "item.completed", "item": {"id": f"item_m{step}", "type": "agent_message", "text": text}}
        command = {
            "id": f"item_{2 * step + 1}",
            "type": "command_execution",
            "command": "/bin/bash -lc 'sed -n 1,99p x'",
        }
        started = {**command, "aggregated_output": "", "exit_code": None, "status": "in_progress"}
        yield {"type": "item.started", "item": started}
        ended = {**command, "aggregated_output": tools.output(), "exit_code": 0, "status": "completed"}
        yield {"type": "item.completed", "item": ended}
    yield {"type": "item.completed", "item": {"id": "item_last", "type": "agent_message", "text": ANSWER}}
    usage = {"input_tokens": 7200, "cached_input_tokens": 6000, "output_tokens": 540, "reasoning_output_tokens": 180}
    yield {"type": "turn.completed", "usage": usage}


def claude_run(tools: Tools, steps: int) -> Iterator[object]:
    """As `claude -p --output-format stream-json` writes it: one block a line, results with their structured form."""
    init = {"cwd": "/run/repo", "tools": ["Bash", "Edit", "Read", "Write"], "model": "claude-opus-4-8"}
    yield {"type": "system", "subtype": "init", "session_id": SESSION, **init, "uuid": SESSION}
    for step in range(steps):
        if step % 3 == 0:
            yield _claude(step, {"type": "thinking", "thinking": tools.said(400), "signature": "ZmFrZQ" * 100})
        if step % 4 == 0:
            yield _claude(step, {"type": "text", "text": tools.said(300)})
        call = f"toolu_{step:024}"
        if step % 8 == 7:
            name, given = "Edit", {"file_path": f"/run/repo/src/{step % 50}.py", "new_string": tools.said(600)}
        elif step % 2:
            name, given = "Read", {"file_path": "/run/repo/src/app.py"}
        else:
            name, given = "Bash", {"command": "pytest -q 2>&1 | tail -50", "description": "Run the tests"}
        yield _claude(step, {"type": "tool_use", "id": call, "name": name, "input": given})
        output = f"The file /run/repo/src/{step % 50}.py has been updated." if name == "Edit" else tools.output()
        block = {"tool_use_id": call, "type": "tool_result", "content": output, "is_error": False}
        structured: dict[str, object] = {"stdout": output, "stderr": "", "interrupted": False, "isImage": False}
        if name == "Edit":
            path = given["file_path"]
            structured = {"filePath": path, "oldString": tools.said(600), "newString": given["new_string"]}
        line = {"type": "user", "message": {"role": "user", "content": [block]}, "parent_tool_use_id": None}
        yield {**line, "session_id": SESSION, "uuid": SESSION, "tool_use_result": structured}
    yield _claude(steps, {"type": "text", "text": ANSWER})
    usage = {"input_tokens": 2000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 100}
    ended = {"subtype": "success", "is_error": False, "duration_ms": 587, "num_turns": steps, "result": ANSWER}
    yield {"type": "result", **ended, "session_id": SESSION, "total_cost_usd": 0.0125, "usage": usage, "uuid": SESSION}


def _claude(step: int, block: object) -> object:
    usage = {"input_tokens": 1000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
    message = {"id": f"msg_{step:024}", "type": "message", "role": "assistant", "model": "claude-opus-4-8"}
    stop = {"stop_reason": None, "stop_sequence": None, "usage": usage, "context_management": None}
    line = {"type": "assistant", "message": {**message, "content": [block], **stop}, "parent_tool_use_id": None}
    return {**line, "session_id": SESSION, "uuid": SESSION, "request_id": f"req_{step:024}"}


def text_of(run: Iterator[object]) -> bytes:
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in run)
