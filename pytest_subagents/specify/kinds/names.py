"""The kinds of text that name something, and the lists of them."""

from __future__ import annotations

from typing import Final

from pytest_subagents.model.ids import problem_of
from pytest_subagents.specify import wording
from pytest_subagents.specify.kinds.containers import Into, ListOf
from pytest_subagents.specify.kinds.scalars import Text


def _bad_id(text: str) -> str | None:
    problem = problem_of(text)
    return None if problem is None else f"cannot be an id: it {problem}"


ID: Final = Text(words="id", problem=_bad_id)
LINE: Final = Text(words="text", problem=wording.line_problem)
TITLE: Final = Into(of=Text(words="text", problem=wording.title_problem), build=str.strip, words="text")
PROSE: Final = Text(words="text")
GLOB: Final = Text(words="glob", problem=wording.glob_problem)
PATH: Final = Text(words="path", problem=wording.path_problem)
ADDRESS: Final = Text(
    words="`package.module:function`", problem=wording.address_problem, pattern=wording.ADDRESS_PATTERN
)
VARIABLE: Final = Text(words="name", problem=wording.variable_problem, pattern=wording.VARIABLE_PATTERN)

GLOBS: Final = ListOf(of=GLOB, plural="globs")
PATHS: Final = ListOf(of=PATH, plural="paths")
COMMANDS: Final = ListOf(of=PROSE, plural="commands")
