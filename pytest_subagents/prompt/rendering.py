"""A brief -> the prompt that its subagent is started with."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.prompt.brief import Brief
from pytest_subagents.prompt.fences import fenced
from pytest_subagents.prompt.instructions import told
from pytest_subagents.prompt.templates import AGENT, SHARED

if TYPE_CHECKING:
    from jinja2 import Template

_NUL: Final = "\\u0000"
"""Written out: no program can be given a NUL in its arguments."""


def render(brief: Brief) -> str:
    """The prompt. The same brief gives the same text on every machine.

    It begins with `shared_part`. Raises `BadFile` where the instructions cannot be rendered, or the whole has more
    than `limits.PROMPT_BYTES`.
    """
    words = told(brief)
    criteria = brief.subagent.success_criteria
    own = _template(AGENT).render(
        id=brief.subagent.id,
        read=brief.subagent.scope.read,
        write=brief.subagent.scope.write,
        task=words.task.strip("\n"),
        instructions=words.instructions.strip("\n"),
        prose=[criterion.text.strip() for criterion in criteria if criterion.run is None],
        commands=[criterion.run for criterion in criteria if criterion.run is not None],
        results=_json({needed.id: needed.plain() for needed in brief.results}) if brief.results else "",
        schema=_json(brief.schema),
    )
    prompt = shared_part(brief) + _writable(own)
    size = len(prompt.encode())
    if size > limits.PROMPT_BYTES:
        raise BadFile(
            f"{brief.subagent.where} (agent {brief.subagent.id!r})".lstrip(),
            f"its prompt has {size:,} bytes, more than {limits.PROMPT_BYTES:,}",
            hint="shorten the context files, the instructions, or the answers of what it depends on",
        )
    return prompt


def shared_part(brief: Brief) -> str:
    """What every prompt of the workflow begins with, byte for byte: nothing of the subagent is in it."""
    text = _template(SHARED).render(
        workflow=brief.workflow,
        description=brief.description.strip("\n"),
        text=brief.context_text.strip("\n"),
        files=brief.context_files,
    )
    return _writable(text)


@lru_cache(maxsize=2)
def _template(source: str) -> Template:
    """One of our own; jinja2 is imported when the first prompt is rendered, and no earlier."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=False, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined
    )
    environment.filters["quoted"] = _json
    environment.globals = {"fenced": fenced}
    return environment.from_string(source)


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _writable(text: str) -> str:
    """`text` as a file and an argument can hold it: what came from JSON can have lone surrogates and NULs."""
    return text.replace("\0", _NUL).encode("utf-8", "backslashreplace").decode()
