"""The team of `examples/payment-feature` with two real programs in it, each against a scripted model: what they write
is isolated, audited and merged like what the others do, and comes to the same patches."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

from live.recording import Project
from model_servers.pointing import home_and_env
from model_servers.scenarios import edit
from model_servers.script import EditFile, Script, WriteFile
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "payment-feature"
PLAYED: Final = EXAMPLE / "base/agents"
Start: TypeAlias = Callable[..., ModelServer]


def _text(of: str, path: str) -> str:
    return (PLAYED / of / "files" / path).read_text(encoding="utf-8")


def _answer(of: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((PLAYED / of / "answer.json").read_text(encoding="utf-8"))
    return answer


def _service() -> Script:
    settings = "PAGE_SIZE = 50"
    added = _text("service", "shop/settings.py.more").rstrip("\n")
    changes = (
        WriteFile(path="shop/payments/__init__.py", content=_text("service", "shop/payments/__init__.py")),
        WriteFile(path="shop/payments/service.py", content=_text("service", "shop/payments/service.py")),
        EditFile(path="shop/settings.py", old=settings, new=f"{settings}\n{added}"),
    )
    return edit(_answer("service"), reads="shop/settings.py", finds=settings, changes=changes, limited_at=None)


def _tests() -> Script:
    """It reads what the service agent has written: without that in its checkout the run ends at once."""
    changes = (WriteFile(path="tests/check_payments.py", content=_text("tests", "tests/check_payments.py")),)
    read, found = "shop/payments/service.py", "class PaymentService"
    return edit(_answer("tests"), reads=read, finds=found, changes=changes, limited_at=None)


def _project(
    folder: Path, servers: dict[str, ModelServer], clis: Path, inside: NetworkNamespace
) -> tuple[Project, dict[str, str]]:
    """The repository of the example, in which real programs play these parts, and the variables that they need."""
    source = folder / "example"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", "recordings"))
    workflow = source / "subagents.yaml"
    text = workflow.read_text(encoding="utf-8")
    env: dict[str, str] = {}
    entries = []
    for id, server in servers.items():
        pointing = home_and_env(server.vendor, server.url)
        home = source / "base/.ci" / f"{server.vendor}-home"
        for name, content in pointing.files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(content, encoding="utf-8")
        home.mkdir(parents=True, exist_ok=True)
        (home / ".keep").touch()
        env |= pointing.env
        names = ", ".join(pointing.env)
        model = f"model: {pointing.model}"
        entries.append(f"{server.vendor}: {{env: [{names}], home: .ci/{server.vendor}-home, {model}}}")
        command = f"    command: [python3, agents/play.py, {id}]\n"
        assert command in text
        text = text.replace(command, f"    vendor: {server.vendor}\n")
    text = text.replace("  context:", f"  vendors: {{{', '.join(entries)}}}\n  context:", 1)
    workflow.write_text(text, encoding="utf-8")
    (source / "recordings").mkdir()
    place = folder / "shop"
    subprocess.run([sys.executable, source / "build.py", place], check=True, capture_output=True)
    some = next(iter(servers.values()))
    pointing = home_and_env(some.vendor, some.url)
    return Project(folder=place, vendor=some.vendor, pointing=pointing, clis=clis, inside=inside), env


def test_two_real_programs_in_the_team_come_to_what_the_players_come_to(
    model_server: Start, clis: Path, in_namespace: NetworkNamespace, tmp_path: Path
) -> None:
    servers = {"service": model_server("codex", _service()), "tests": model_server("claude", _tests())}
    here, env = _project(tmp_path, servers, clis, in_namespace)
    done = here.pytest("--subagents-mode=record", "-n", "2", env=env, model=False)
    assert done.returncode == 1, done.stdout + done.stderr
    rows = {row["id"]: row for row in json.loads(here.report())["agents"]}
    told = {id: row["status"] for id, row in rows.items()}
    assert told == {
        "schema": "success", "service": "success", "api": "failed", "frontend": "failed", "tests": "success",
    }, done.stdout + done.stderr  # fmt: skip
    assert {id: rows[id]["vendor"] for id in servers} == {"service": "codex", "tests": "claude"}
    for id in rows:
        ours = here.folder / f"recordings/payment-feature/{id}.patch"
        assert ours.read_bytes() == (EXAMPLE / f"recordings/payment-feature/{id}.patch").read_bytes()
    first = here.report()
    asked = sum(len(server.exchanges) for server in servers.values())
    assert here.pytest("-n", "0", model=False).returncode == 1
    assert here.report() == first
    assert sum(len(server.exchanges) for server in servers.values()) == asked
