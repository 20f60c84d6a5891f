"""Other tools on the same recorded runs: promptfoo from npm, inspect-ai from PyPI, each in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROMPTFOO = "0.123.1"
NODE = "22.23.3"
"""promptfoo wants a newer Node.js than Debian has; the npm package of this name brings the program."""
INSPECT = "0.3.285"

_PROVIDER = """
const fs = require('fs');
module.exports = class {
  id() { return 'recorded'; }
  async callApi(prompt, context) {
    let message = '';
    for (const line of fs.readFileSync(context.vars.path, 'utf8').split('\\n')) {
      if (!line) continue;
      const event = JSON.parse(line);
      if (event.type === 'item.completed' && event.item.type === 'agent_message') message = event.item.text;
    }
    return { output: message };
  }
};
"""

_TASK = """
import json, pathlib
import jsonschema
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.solver import solver

HERE = pathlib.Path(__file__).parent
VALIDATOR = jsonschema.Draft202012Validator(json.loads((HERE / "contract.json").read_text()))

@solver
def recorded():
    async def solve(state, generate):
        for line in pathlib.Path(state.input_text).read_bytes().split(b"\\n"):
            if line:
                event = json.loads(line)
                if event["type"] == "item.completed" and event["item"]["type"] == "agent_message":
                    state.output.completion = event["item"]["text"]
        return state
    return solve

@scorer(metrics=[accuracy()])
def contract():
    async def score(state, target):
        return Score(value=VALIDATOR.is_valid(json.loads(state.output.completion)))
    return score

@task
def replay():
    files = sorted((HERE / "recordings" / "bench").glob("*.jsonl"))
    samples = [Sample(input=str(path)) for path in files]
    return Task(dataset=MemoryDataset(samples), solver=recorded(), scorer=contract())
"""


def promptfoo_command(peers: Path, root: Path) -> Sequence[str]:
    """promptfoo over all recordings: a JavaScript provider reads each, `is-json` with the schema checks it."""
    home = peers.resolve() / "promptfoo"
    program = home / "node_modules" / ".bin" / "promptfoo"
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        wanted = [f"promptfoo@{PROMPTFOO}", f"node@{NODE}"]
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", *wanted], cwd=home, check=True)
    (root / "provider.js").write_text(_PROVIDER, encoding="utf-8")
    schema = json.loads((root / "contract.json").read_text(encoding="utf-8"))
    files = sorted((root / "recordings" / "bench").glob("*.jsonl"))
    config = {
        "prompts": ["{{path}}"],
        "providers": ["file://provider.js"],
        "tests": [{"vars": {"path": str(file)}, "assert": [{"type": "is-json", "value": schema}]} for file in files],
    }
    (root / "promptfoo.json").write_text(json.dumps(config), encoding="utf-8")
    quiet = ["PROMPTFOO_DISABLE_TELEMETRY=1", "PROMPTFOO_DISABLE_UPDATE=1", f"PROMPTFOO_CONFIG_DIR={home / 'state'}"]
    return [
        "env",
        f"PATH={program.parent}:{os.environ['PATH']}",
        *quiet,
        str(program),
        "eval",
        "-c",
        "promptfoo.json",
        "--no-cache",
        "--no-table",
        "--no-progress-bar",
    ]


def inspect_command(peers: Path, root: Path) -> Sequence[str]:
    """inspect-ai over all recordings: a solver reads each, a scorer checks it; no model is called."""
    home = peers.resolve() / "inspect"
    program = home / "bin" / "inspect"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "-q", f"inspect-ai=={INSPECT}", "jsonschema"], check=True)
    (root / "task.py").write_text(_TASK, encoding="utf-8")
    return [str(program), "eval", "task.py", "--model", "none", "--display", "none", "--log-dir", str(root / "logs")]
