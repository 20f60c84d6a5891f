"""The scenarios that every vendor goes through: a reader's, and a writer's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from model_servers.expectations import Expect
from model_servers.faults import HttpError
from model_servers.script import Answer, EditFile, ReadFile, Say, Script, Think, Turn, Use, WriteFile
from pytest_subagents.model.json_value import JsonValue

MISSING: Final = "there-is-no-such-file.txt"
"""What the failing tool of the scenarios asks for."""
RATE_LIMIT: Final = HttpError(status=429, message="slow down", retry_after=0)
"""Hits once; a retry may follow at once. Gemini CLI waits for about five seconds whatever it is told."""


def review(
    answer: JsonValue,
    *,
    reads: str,
    finds: str,
    match: str = "",
    expect: Expect | None = None,
    limited_at: int | None = -1,
) -> Script:
    """The model reads the file `reads` and must get `finds`, has a tool fail, meets a 429 once, and answers.

    `limited_at` is the turn that the 429 hits, counted as Python counts; None leaves it out.
    """
    return _limited([*_looking(reads, finds), _final(answer)], limited_at, match, expect)


def edit(
    answer: JsonValue,
    *,
    reads: str,
    finds: str,
    changes: tuple[WriteFile | EditFile, ...],
    match: str = "",
    expect: Expect | None = None,
    limited_at: int | None = -1,
) -> Script:
    """As `review`, and before it answers the model makes `changes`, one a turn, none of which may fail."""
    edits = [Turn(actions=(Use(tool=change),)) for change in changes]
    return _limited([*_looking(reads, finds), *edits, _final(answer)], limited_at, match, expect)


def _looking(reads: str, finds: str) -> list[Turn]:
    thought, said = Think(text="First I look at the file."), Say(text="I read the file first.")
    return [
        Turn(actions=(thought, said, Use(tool=ReadFile(path=reads), returns=finds))),
        Turn(actions=(Use(tool=ReadFile(path=MISSING), fails=True),)),
    ]


def _final(answer: JsonValue) -> Turn:
    return Turn(actions=(Answer(text=json.dumps(answer, ensure_ascii=False)),))


def _limited(turns: list[Turn], at: int | None, match: str, expect: Expect | None) -> Script:
    if at is not None:
        turns[at] = replace(turns[at], faults=(RATE_LIMIT,))
    return Script(turns=tuple(turns), match=match, expect=expect or Expect())
