"""`instructions` and `task`, which are templates: checked when they are collected, rendered when their agent starts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from pytest_subagents.errors import BadFile
from pytest_subagents.model.spec import Subagent
from pytest_subagents.model.value import Value
from pytest_subagents.prompt.brief import Brief
from pytest_subagents.prompt.confined import Job, Setup, run
from pytest_subagents.prompt.faults import TemplateFault

_Key: TypeAlias = Literal["task", "instructions"]

_SYNTAX: Final = ("{{", "{%", "{#")


class Told(Value, frozen=True, kw_only=True):
    """What one subagent is told to do, rendered."""

    task: str
    instructions: str


def is_template(text: str) -> bool:
    """Whether jinja2 could make anything else of `text`; what is none costs no process."""
    return any(mark in text for mark in _SYNTAX)


def check_templates(agents: Iterable[Subagent]) -> None:
    """Finds, before anything is started, what can never be rendered.

    That is bad syntax, whatever hangs or overflows the compiler, unknown names and filters, and results of subagents
    that are not in `depends_on`. `BadFile` tells the first one. At most one process is started, and none where
    nothing is a template.
    """
    everyone = tuple(agents)
    checked = [(agent, key, text) for agent in everyone for key, text in _texts(agent) if is_template(text)]
    if not checked:
        return
    jobs = [Job(source=text, needs=_needs(agent)) for agent, _, text in checked]
    setup = Setup(values={}, others=tuple(agent.id for agent in everyone))
    try:
        run(setup, jobs)
    except TemplateFault as fault:
        agent, key, _ = checked[fault.job]
        raise _bad(agent, key, fault) from None


def told(brief: Brief) -> Told:
    """The task and the instructions of a subagent. Raises `BadFile` where one of them cannot be rendered."""
    agent = brief.subagent
    texts = dict(_texts(agent))
    keys = [key for key, text in texts.items() if is_template(text)]
    if keys:
        needs = tuple(needed.id for needed in brief.results)
        pending = tuple(needed.id for needed in brief.results if needed.pending)
        jobs = [Job(source=texts[key], needs=needs, render=True) for key in keys]
        try:
            texts.update(zip(keys, run(Setup(values=brief.values(), pending=pending), jobs), strict=True))
        except TemplateFault as fault:
            raise _bad(agent, keys[fault.job], fault) from None
    return Told(task=texts["task"], instructions=texts["instructions"])


def _texts(agent: Subagent) -> tuple[tuple[_Key, str], ...]:
    return ("task", agent.task), ("instructions", agent.instructions)


def _needs(agent: Subagent) -> tuple[str, ...]:
    return tuple(dependency.agent for dependency in agent.depends_on)


def _bad(agent: Subagent, key: _Key, fault: TemplateFault) -> BadFile:
    """The place is that of the agent; the line in the text is told beside it."""
    line = f", line {fault.line}" if fault.line else ""
    spot = f"(agent {agent.id!r}, {key}{line})"
    return BadFile(f"{agent.where} {spot}" if agent.where else spot, fault.what, hint=fault.hint)
