"""What the model says when the examples are recorded: the answers that stand in their recordings."""

from __future__ import annotations

from typing import Any, Final

from model_servers.expectations import Expect
from model_servers.scenarios import review
from model_servers.script import Script

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
                "detail": "A negative multiple of a turn takes a branch that no test covers, and gives 2π.",
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
_READS: Final = {
    "math": ("packages/math/src/angle.ts", "TURN - (-angle % TURN)"),
    "element": ("packages/element/src/selection.ts", "boundsOf(element)"),
    "excalidraw-app": ("excalidraw-app/data/storage.ts", "console.warn(error)"),
}
_TOLD: Final = {
    "math": "Find test coverage gaps in packages/math.",
    "element": "Find performance hotspots in packages/element.",
    "excalidraw-app": "Find errors that excalidraw-app swallows",
}


def package_review_scripts(*, limited: str | None) -> tuple[Script, ...]:
    """What the model does for each subagent of the example; the one called `limited` meets a rate limit."""
    return tuple(
        review(
            answer,
            reads=_READS[id][0],
            finds=_READS[id][1],
            match=_TOLD[id],
            limited_at=-1 if id == limited else None,
            expect=Expect(
                prompt=(_TOLD[id], _READS[id][0].partition("/")[0]),
                tools=frozenset({"read"}),
                no_tools=frozenset({"edit", "subagents"}),
            ),
        )
        for id, answer in ANSWERS.items()
    )


_MARKS: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "Find test coverage gaps": (
        {
            "status": "success",
            "summary": "One exported function has a branch that no test reaches.",
            "findings": [
                {
                    "severity": "medium",
                    "file": "packages/math/angle.ts",
                    "line": 6,
                    "title": "normalizeRadians gives a whole turn for -2π",
                }
            ],
        },
        "packages/math/angle.ts",
        "TURN - (-angle % TURN)",
    ),
    "Find performance hotspots": (
        {
            "status": "success",
            "summary": "All boxes are sorted again for each of them, on every pointer move.",
            "findings": [
                {
                    "severity": "high",
                    "file": "packages/element/selection.ts",
                    "line": 9,
                    "title": "The filter sorts the whole list for every box",
                }
            ],
        },
        "packages/element/selection.ts",
        "[...boxes].sort",
    ),
    "Say in one sentence what packages/ is for": (
        {"status": "success", "summary": "Angles, and what lies within a selection.", "findings": []},
        "packages/math/angle.ts",
        "normalizeRadians",
    ),
}


def marks_scripts() -> tuple[Script, ...]:
    """What the model does for each subagent of the example with marks."""
    return tuple(
        review(
            answer,
            reads=reads,
            finds=finds,
            match=told,
            limited_at=None,
            expect=Expect(prompt=(told,), tools=frozenset({"read"}), no_tools=frozenset({"edit", "subagents"})),
        )
        for told, (answer, reads, finds) in _MARKS.items()
    )
