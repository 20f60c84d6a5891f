"""`--subagents-mode=record` with the real programs: what is recorded is replayed to the same report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from live.example_scripts import ANSWERS, package_review_scripts
from live.recording import Project, project
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace

VENDORS: Final = ("codex", "claude", "gemini", "opencode")
SLOWEST: Final = ("gemini", "opencode")
EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "package-review"
Start: TypeAlias = Callable[..., ModelServer]


@pytest.fixture
def example(
    request: pytest.FixtureRequest, model_server: Start, clis: Path, in_namespace: NetworkNamespace, tmp_path: Path
) -> tuple[Project, ModelServer]:
    vendor = str(request.param)
    server = model_server(vendor, *package_review_scripts(limited="math"))
    made = project(EXAMPLE, tmp_path / "example", server, clis=clis, inside=in_namespace)
    return made, server


@pytest.mark.parametrize(
    "example",
    [pytest.param(vendor, marks=[pytest.mark.apart] if vendor in SLOWEST else []) for vendor in VENDORS],
    indirect=True,
)
def test_the_report_of_a_record_run_is_the_report_of_its_replay(example: tuple[Project, ModelServer]) -> None:
    here, server = example
    recorded = here.pytest("--subagents-mode=record", "-n", "0")
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    first = here.report()
    rows = {row["id"]: row for row in json.loads(first)["agents"]}
    assert {id: row["answer"] for id, row in rows.items()} == ANSWERS
    assert {id: row["status"] for id, row in rows.items()} == {id: answer["status"] for id, answer in ANSWERS.items()}
    assert {row["vendor"] for row in rows.values()} == {here.vendor}
    assert any(exchange.answered == "HttpError 429" for exchange in server.exchanges)
    asked = len(server.exchanges)
    replayed = here.pytest("-n", "0")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert here.report() == first
    assert len(server.exchanges) == asked
