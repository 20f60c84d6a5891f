"""The real programs as a person would start them for a harmless run: to prove the servers without the plugin."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from network_namespace import NetworkNamespace

from model_servers.pointing import Pointing, home_and_env
from model_servers.server import ModelServer
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import Outcome
from pytest_subagents.vendors.reading import read_transcript

_SECONDS: Final = 120
"""A run takes one to ten; more only where the machine is busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What the program is to do, and where."""

    folder: Path
    """Empty, for the test alone; the workspace and a private home are made in it."""
    prompt: str
    schema: JsonValue
    writes: bool = False

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def home(self) -> Path:
        return self.folder / "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    exit_code: int
    outcome: Outcome
    """What our own readers make of its stream."""
    stdout: bytes
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""


def run_by_hand(errand: Errand, server: ModelServer, *, clis: Path, inside: NetworkNamespace) -> Ended:
    """Runs the program of the server's vendor inside the namespace, to its end."""
    pointing = home_and_env(server.vendor, server.url)
    _furnish(errand, pointing)
    start = _STARTS[server.vendor](errand, pointing)
    done = subprocess.run(
        inside.command(start.argv),
        cwd=errand.workspace,
        env={**_environment(errand, clis), **start.env, **pointing.env},
        input=start.stdin.encode(),
        capture_output=True,
        check=False,
        timeout=_SECONDS,
    )
    transcript = errand.folder / "stdout.jsonl"
    transcript.write_bytes(done.stdout)
    return Ended(
        exit_code=done.returncode,
        outcome=read_transcript(transcript),
        stdout=done.stdout,
        stderr=done.stderr.decode(errors="replace"),
    )


def _furnish(errand: Errand, pointing: Pointing) -> None:
    (errand.home / "tmp").mkdir(parents=True)
    errand.workspace.mkdir(exist_ok=True)
    _schema_file(errand).write_text(json.dumps(errand.schema), encoding="utf-8")
    for name, text in pointing.files.items():
        path = errand.home / pointing.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _schema_file(errand: Errand) -> Path:
    return errand.folder / "schema.json"


def _environment(errand: Errand, clis: Path) -> dict[str, str]:
    path = f"{clis}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {"PATH": path, "HOME": str(errand.home), "TMPDIR": str(errand.home / "tmp"), "LANG": "C.UTF-8"}


def _codex(errand: Errand, pointing: Pointing) -> _Start:
    sandbox = "workspace-write" if errand.writes else "read-only"
    quiet = ("agents.enabled=false", "analytics.enabled=false", "feedback.enabled=false")
    argv = ["codex", "exec", "--json", "--skip-git-repo-check", "--ephemeral", "--disable", "plugins"]
    argv += [word for setting in (*quiet, "check_for_update_on_startup=false") for word in ("-c", setting)]
    argv += ["-s", sandbox, "-m", pointing.model, "--output-schema", str(_schema_file(errand)), "--", errand.prompt]
    return _Start(argv=tuple(argv))


def _claude(errand: Errand, pointing: Pointing) -> _Start:
    tools, mode = ("Read,Edit,Write", "acceptEdits") if errand.writes else ("Read", "default")
    argv = ["claude", "-p", errand.prompt, "--output-format", "stream-json", "--verbose", "--model", pointing.model]
    argv += ["--json-schema", json.dumps(errand.schema), "--permission-mode", mode, "--tools", tools]
    return _Start(argv=tuple(argv), env={"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"})


def _gemini(errand: Errand, pointing: Pointing) -> _Start:
    mode = "auto_edit" if errand.writes else "default"
    argv = ["gemini", "-p", errand.prompt, "--output-format", "stream-json", "-m", pointing.model]
    env = {"GEMINI_CLI_TRUST_WORKSPACE": "true", "GEMINI_TELEMETRY_ENABLED": "false"}
    return _Start(argv=(*argv, "--approval-mode", mode), env=env)


def _opencode(errand: Errand, pointing: Pointing) -> _Start:
    """The prompt comes by stdin: an argument with a space in it would arrive in quotation marks."""
    denied = ("bash", "webfetch", "task") if errand.writes else ("bash", "webfetch", "task", "edit")
    settings = {"permission": dict.fromkeys(denied, "deny"), "autoupdate": False, "share": "disabled"}
    off = ("MODELS_FETCH", "AUTOUPDATE", "LSP_DOWNLOAD", "DEFAULT_PLUGINS")
    return _Start(
        argv=("opencode", "run", "--format", "json", "-m", pointing.model),
        env={"OPENCODE_CONFIG_CONTENT": json.dumps(settings), **{f"OPENCODE_DISABLE_{name}": "1" for name in off}},
        stdin=errand.prompt,
    )


_STARTS: Final[Mapping[str, Callable[[Errand, Pointing], _Start]]] = MappingProxyType(
    {"codex": _codex, "claude": _claude, "gemini": _gemini, "opencode": _opencode}
)
