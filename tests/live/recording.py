"""A workflow in a copy of its folder, recorded with the real programs against scripted model servers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_servers.pointing import Pointing, home_and_env
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace

_SECONDS: Final = 300
_NAMES: Final = re.compile(r"env=\([^()]*\)\)")
_ENTRY: Final = re.compile(r"\n  vendors:.*\n(?:    .*\n)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with workflow files, in a git repository of its own, whose vendor talks to a scripted server."""

    folder: Path
    vendor: str
    pointing: Pointing
    clis: Path
    inside: NetworkNamespace

    def pytest(
        self, *arguments: str, env: Mapping[str, str] | None = None, model: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """`pytest --subagents` inside the namespace; with `model`, everything runs with this project's vendor and
        model, else as the files say."""
        return subprocess.run(
            self.command(*arguments, model=model),
            cwd=self.folder,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )

    def command(self, *arguments: str, model: bool = True) -> Sequence[str]:
        start = [sys.executable, "-m", "pytest", "--subagents", "-p", "no:cacheprovider"]
        which = [f"--subagents-vendor={self.vendor}", f"--subagents-model={self.pointing.model}"] if model else []
        return self.inside.command([*start, *which, *arguments])

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        home = self.folder.with_name(f"{self.folder.name}-person")
        home.mkdir(exist_ok=True)
        path = f"{self.clis}:{os.environ.get('PATH', os.defpath)}"
        return {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", **self.pointing.env, **(more or {})}

    def report(self) -> bytes:
        return (self.folder / "artifacts/subagents/report.json").read_bytes()


def project(
    source: Path, folder: Path, server: ModelServer, *, clis: Path, inside: NetworkNamespace, retries: int = 0
) -> Project:
    """A copy of the folder `source` at `folder`, with the server's vendor pointed at the server, as a person would."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("artifacts", ".subagents", "recordings"))
    pointing = home_and_env(server.vendor, server.url, retries=retries)
    home = folder / ".ci" / f"{server.vendor}-home"
    home.mkdir(parents=True)
    for name, text in pointing.files.items():
        (home / name).write_text(text, encoding="utf-8")
    entry = f"{{env: [{', '.join(pointing.env)}], home: .ci/{server.vendor}-home}}"
    for workflow in folder.glob("*subagents.yaml"):
        text = workflow.read_text(encoding="utf-8")
        assert _ENTRY.search(text), text
        new = _ENTRY.sub(f"\n  vendors:\n    {server.vendor}: {entry}\n", text)
        workflow.write_text(new, encoding="utf-8")
    for module in folder.glob("test_*.py"):
        text = module.read_text(encoding="utf-8")
        module.write_text(_NAMES.sub(f'env={tuple(pointing.env)!r}, home=".ci/{server.vendor}-home")', text), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / ".gitignore").write_text("artifacts/\n", encoding="utf-8")
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), (*who, "commit", "-q", "-m", "start")):
        subprocess.run(("git", *command), cwd=folder, check=True)
    return Project(folder=folder, vendor=server.vendor, pointing=pointing, clis=clis, inside=inside)
