"""Two subagents of one vendor in one run: `sick` meets a fault, `healthy` must not notice.

Both are readers that answer at once, so that a run takes little more than the programs need to start. Everything that
the run starts bears a mark in its environment, by which what is left of it is counted.
"""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
from live.recording import Project
from model_servers.faults import Fault
from model_servers.pointing import Pointing, home_and_env
from model_servers.script import Answer, ReadFile, Say, Script, Turn, Use
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace

SICK: Final = "sick"
HEALTHY: Final = "healthy"
MARK: Final = "SUBAGENTS_TEST_MARK"
ANSWER: Final[dict[str, Any]] = {"status": "success", "summary": "Nothing to say.", "findings": []}
TOLD: Final = {SICK: "Look at the first file.", HEALTHY: "Look at the second file."}
"""What each is told, by which the server tells their requests apart."""
SAID: Final = "I read the notes first."
NOTES: Final = "notes.txt"
NOTED: Final = "the word is beta"
_WHO: Final = ("-c", "user.name=t", "-c", "user.email=t@localhost")


def scripts(*faults: Fault) -> tuple[Script, ...]:
    """For a server: the sick one reads a file and meets `faults` then, one an attempt; the healthy one just answers."""
    answer = Answer(text=json.dumps(ANSWER))
    reads = Turn(actions=(Say(text=SAID), Use(tool=ReadFile(path=NOTES), returns=NOTED)))
    return (
        Script(turns=(reads, Turn(actions=(answer,), faults=faults)), match=TOLD[SICK], complete=False),
        Script(turns=(Turn(actions=(answer,)),), match=TOLD[HEALTHY]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A project with the two, in a git repository of its own."""

    folder: Path
    vendor: str
    pointing: Pointing
    clis: Path
    inside: NetworkNamespace
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the person, over those that everything needs; an empty one is taken away."""

    def pytest(self, *arguments: str, mode: str = "record") -> subprocess.CompletedProcess[str]:
        """`pytest --subagents` in one process, inside the namespace, to its end."""
        return subprocess.run(
            self.command(f"--subagents-mode={mode}", *arguments),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def command(self, *arguments: str) -> tuple[str, ...]:
        return (*self._project.command(*arguments),)

    def environment(self) -> dict[str, str]:
        whole = {**self._project.environment(), MARK: self.mark, **self.env}
        return {name: value for name, value in whole.items() if value}

    @property
    def _project(self) -> Project:
        return Project(
            folder=self.folder, vendor=self.vendor, pointing=self.pointing, clis=self.clis, inside=self.inside
        )

    def row(self, id: str = SICK) -> dict[str, Any]:
        """One subagent's row of the report."""
        report = json.loads((self.folder / "artifacts/subagents/report.json").read_bytes())
        (row,) = [row for row in report["agents"] if row["id"] == id]
        return dict(row)

    def kinds(self, id: str = SICK) -> list[str]:
        return [reason["kind"] for reason in self.row(id)["reasons"]]

    def said(self, id: str = SICK) -> str:
        """The messages of its reasons."""
        return "\n".join(reason["message"] for reason in self.row(id)["reasons"])

    def kept(self, id: str = SICK) -> Path:
        """Its folder in the directory of the newest run."""
        (found,) = (self.folder / ".subagents/latest").resolve().glob(f"*{id}")
        return found

    def recording(self, id: str = SICK) -> Path:
        return self.folder / "recordings" / "pair" / f"{id}.jsonl"

    def alive(self) -> list[str]:
        """The processes of the run that still live, each as its command line.

        By the mark; by the project's folder too, as a process can forbid to look at its environment (codex does).
        """
        return [words for process in psutil.process_iter() if (words := self._words(process))]

    def _words(self, process: psutil.Process) -> str:
        try:
            words = " ".join(process.cmdline())
            ours = str(self.folder) in words or process.environ().get(MARK) == self.mark
            return words or str(process) if ours and process.status() != psutil.STATUS_ZOMBIE else ""
        except psutil.Error:
            return ""


def make_pair(
    folder: Path,
    vendor: str,
    url: str,
    *,
    clis: Path,
    inside: NetworkNamespace,
    sick: Mapping[str, Any] | None = None,
    healthy: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Pair:
    """The project, in `folder`, which is made; its vendor is pointed at `url` as a person would.

    `sick` and `healthy` are further keys of the agents, `settings` of the vendor's entry.
    """
    pointing = home_and_env(vendor, url, retries=0)
    home = folder / ".ci" / "home"
    home.mkdir(parents=True)
    for name, text in pointing.files.items():
        (home / name).write_text(text, encoding="utf-8")
    entry = {"env": [*pointing.env, MARK], "home": ".ci/home", **(settings or {})}
    workflow = {
        "workflow": {
            "name": "pair",
            "defaults": {"limits": {"timeout": "60s"}, "retries": {"rate_limit": 0, "provider_error": 0}},
            "vendors": {vendor: entry},
        },
        "agents": [
            {"id": id, "instructions": TOLD[id], **(keys or {})} for id, keys in ((SICK, sick), (HEALTHY, healthy))
        ],
    }
    (folder / "subagents.yaml").write_text(json.dumps(workflow, indent=2), encoding="utf-8")
    (folder / NOTES).write_text(f"{NOTED}\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / ".gitignore").write_text("artifacts/\n", encoding="utf-8")
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), (*_WHO, "commit", "-q", "-m", "start")):
        subprocess.run(("git", *command), cwd=folder, check=True)
    return Pair(folder=folder, vendor=vendor, pointing=pointing, clis=clis, inside=inside, env=env or {})


def requests(server: ModelServer, script: int = 0) -> list[str]:
    """How each request of a script was answered: of the sick one's by default."""
    return [exchange.answered for exchange in server.exchanges if exchange.script == script]
