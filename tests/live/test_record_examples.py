"""`--subagents-mode=record` with the real programs: what is recorded is replayed to the same report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
from live.recording import Project, project
from model_servers.expectations import Expect
from model_servers.scenarios import review
from model_servers.script import Script
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace

VENDORS: Final = ("codex", "claude", "gemini", "opencode")
EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "package-review"
Start: TypeAlias = Callable[..., ModelServer]

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "math": {
        "status": "success",
        "summary": "Two exported functions have branches that no test reaches.",
        "findings": [
            {
                "severity": "medium",
                "file": "packages/math/src/angle.ts",
                "line": 6,
                "title": "normalizeRadians gives a whole turn for -2π",
                "detail": "A negative multiple of a turn takes a branch that no test covers, and comes out as 2π, not 0.",
            },
            {
                "severity": "low",
                "file": "packages/math/src/point.ts",
                "line": 3,
                "title": "rotate is tested about the origin only",
                "detail": "A mistake in how the center is added would pass.",
            },
        ],
    },
    "element": {
        "status": "success",
        "summary": "Bounds are computed again for every element on every pointer move.",
        "findings": [
            {
                "severity": "high",
                "file": "packages/element/src/selection.ts",
                "line": 6,
                "title": "The selection computes the bounds of all elements for each event",
                "detail": "They are a function of the element's version, which is at hand: cache by it.",
            }
        ],
    },
    "excalidraw-app": {
        "status": "partial",
        "summary": "One of the two folders was read; excalidraw-app/share was not.",
        "findings": [
            {
                "severity": "high",
                "file": "excalidraw-app/data/storage.ts",
                "line": 9,
                "title": "A failed save is logged and looks like a success",
                "detail": "The promise resolves after the catch, so the caller shows the scene as stored.",
            },
            "Errors of the share dialog were not looked at.",
        ],
    },
}
READS: Final = {
    "math": ("packages/math/src/angle.ts", "TURN - (-angle % TURN)"),
    "element": ("packages/element/src/selection.ts", "boundsOf(element)"),
    "excalidraw-app": ("excalidraw-app/data/storage.ts", "console.warn(error)"),
}
TOLD: Final = {
    "math": "Find test coverage gaps in packages/math.",
    "element": "Find performance hotspots in packages/element.",
    "excalidraw-app": "Find errors that excalidraw-app swallows",
}


def scripts(vendor: str, model: str | None = None, *, limited: str | None = "math") -> tuple[Script, ...]:
    """What the model does for each subagent of the example; one of them meets a rate limit."""
    return tuple(
        review(
            answer,
            reads=READS[id][0],
            finds=READS[id][1],
            match=TOLD[id],
            limited_at=-1 if id == limited else None,
            expect=Expect(
                prompt=(TOLD[id], READS[id][0].partition("/")[0]),
                model=model,
                tools=frozenset({"read"}),
                no_tools=frozenset({"edit", "subagents"}),
            ),
        )
        for id, answer in ANSWERS.items()
    )


@pytest.fixture
def example(
    request: pytest.FixtureRequest, model_server: Start, clis: Path, in_namespace: NetworkNamespace, tmp_path: Path
) -> tuple[Project, ModelServer]:
    vendor = str(request.param)
    server = model_server(vendor, *scripts(vendor))
    made = project(EXAMPLE, tmp_path / "example", server, clis=clis, inside=in_namespace)
    return made, server


@pytest.mark.parametrize("example", VENDORS, indirect=True)
def test_the_report_of_a_record_run_is_the_report_of_its_replay(example: tuple[Project, ModelServer]) -> None:
    here, server = example
    recorded = here.pytest("--subagents-mode=record", "-n", "0")
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    first = here.report()
    rows = {row["id"]: row for row in json.loads(first)["agents"]}
    assert {id: row["answer"] for id, row in rows.items()} == ANSWERS
    assert {id: row["status"] for id, row in rows.items()} == {
        id: answer["status"] for id, answer in ANSWERS.items()
    }
    assert {row["vendor"] for row in rows.values()} == {here.vendor}
    assert any(exchange.answered == "HttpError 429" for exchange in server.exchanges)
    asked = len(server.exchanges)
    replayed = here.pytest("-n", "0")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert here.report() == first
    assert len(server.exchanges) == asked
