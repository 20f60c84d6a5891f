"""Every key of an agent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import (
    Attempts,
    Checkpoint,
    Criterion,
    Dependency,
    Isolation,
    Limits,
    McpServer,
    Retries,
    Tool,
    VendorSettings,
)
from pytest_subagents.specify import wording
from pytest_subagents.specify.keys.contract import CONTRACT
from pytest_subagents.specify.keys.expectation import EXPECTATION
from pytest_subagents.specify.kinds.containers import Anything, Into, ListOf, MapOf, OneOf
from pytest_subagents.specify.kinds.names import ADDRESS, GLOB, GLOBS, ID, LINE, PATH, PROSE, TITLE, VARIABLE
from pytest_subagents.specify.kinds.record import Key, Record
from pytest_subagents.specify.kinds.scalars import Choice, Duration, Flag, Integer, Number, Text, VendorName

_TOOLS: Final[tuple[Tool, ...]] = ("read", "search", "edit", "shell", "web", "subagents")
_ISOLATIONS: Final[tuple[Isolation, ...]] = ("worktree", "copy", "none")

SCOPE: Final = Record(
    make=Scope,
    words="`{read: globs, write: globs}`",
    keys=(
        Key(
            name="read",
            kind=GLOBS,
            doc="What it may read; a directory means all below it, omitted means unknown",
            replay="honoured",
        ),
        Key(name="write", kind=GLOBS, doc="What it may write; omitted means nothing", default="[]", replay="honoured"),
    ),
)

LIMITS: Final = Record(
    make=Limits,
    keys=(
        Key(name="timeout", kind=Duration(), doc="The longest time of one run", default="30m"),
        Key(name="idle_timeout", kind=Duration(), doc="The longest time without an event", default="10m"),
        Key(name="max_turns", kind=Integer(at_least=1, suffixes=True), doc="Turns"),
        Key(name="max_tokens", kind=Integer(at_least=1, suffixes=True), doc="Tokens, input and output together"),
        Key(name="max_usd", kind=Number(least=0, exclusive=True), doc="US dollars"),
    ),
)

RETRIES: Final = Record(
    make=Retries,
    keys=(
        Key(name="rate_limit", kind=Integer(at_least=0, at_most=100), doc="After a rate limit", default="2"),
        Key(name="provider_error", kind=Integer(at_least=0, at_most=100), doc="After a provider error", default="1"),
    ),
)


CRITERION_OF_CHOICE: Final = Text(
    words="`fewest findings`, `smallest diff`, `cheapest` or `package.module:function`",
    problem=wording.choice_problem,
    pattern=wording.CHOICE_PATTERN,
)


def _counted(count: int) -> Attempts:
    return Attempts(count=count)


ATTEMPTS: Final = OneOf(
    number=Into(of=Integer(at_least=1, at_most=1000), build=_counted, words="int"),
    table=Record(
        make=Attempts,
        words="`{count, select, stop_early}`",
        keys=(
            Key(
                name="count", kind=Integer(at_least=1, at_most=1000), doc="How many run", default="1", replay="honoured"
            ),
            Key(
                name="select",
                kind=ListOf(of=CRITERION_OF_CHOICE, plural="criteria", distinct=True),
                doc="By what the best of those with the best status is picked, the first that tells them apart",
                replay="honoured",
            ),
            Key(
                name="stop_early",
                kind=Flag(),
                doc="Start no other when nothing could beat what is there",
                default="true",
                replay="honoured",
            ),
        ),
    ),
    wanted="a whole number, or a map of count, select, stop_early",
)


def _on(agent: str) -> Dependency:
    return Dependency(agent=agent)


DEPENDENCY: Final = OneOf(
    text=Into(of=LINE, build=_on, words="id"),
    table=Record(
        make=Dependency,
        words="`{agent, checkpoint}`",
        keys=(
            Key(name="agent", kind=LINE, doc="The id of the agent", replay="honoured", required=True),
            Key(name="checkpoint", kind=LINE, doc="Only up to this checkpoint of it", replay="honoured"),
        ),
    ),
    wanted="an id, or a map of agent, checkpoint",
)


def _at_the_end(condition: str) -> Mapping[str, str]:
    return {}


def _stated(**condition: str) -> Mapping[str, str]:
    return condition


def _checkpoint(*, id: str, condition: Mapping[str, str]) -> Checkpoint:
    return Checkpoint(id=id, writes=condition.get("writes"), says=condition.get("says"))


CHECKPOINT: Final = Record(
    make=_checkpoint,
    keys=(
        Key(name="id", kind=ID, doc="Its name in `depends_on`", replay="honoured", required=True),
        Key(
            name="condition",
            kind=OneOf(
                text=Into(of=Choice(choices=("write_complete",)), build=_at_the_end, words="`write_complete`"),
                table=Record(
                    make=_stated,
                    words="`{writes: glob}` \\| `{says: text}`",
                    keys=(
                        Key(name="writes", kind=GLOB, doc="It has written a path that matches", replay="honoured"),
                        Key(name="says", kind=PROSE, doc="It has said this", replay="honoured"),
                    ),
                    exactly_one=True,
                ),
                wanted="'write_complete', or a map of writes or says",
            ),
            doc="What must have happened",
            replay="honoured",
            required=True,
        ),
    ),
)


def _told(text: str) -> Criterion:
    return Criterion(text=text)


CRITERION: Final = OneOf(
    text=Into(of=PROSE, build=_told, words="prose"),
    table=Record(
        make=Criterion,
        words="`{run: command, timeout}`",
        keys=(
            Key(name="run", kind=PROSE, doc="A command; it must exit with 0", required=True),
            Key(name="timeout", kind=Duration(), doc="The longest time of the command"),
        ),
    ),
    wanted="prose, or a map of run, timeout",
)


def _servers(servers: Mapping[str, Mapping[str, JsonValue]]) -> tuple[McpServer, ...]:
    return tuple(McpServer(name=name, settings=settings) for name, settings in servers.items())


def _frozen(settings: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    return MappingProxyType(dict(settings))


def _settings(**fields: object) -> VendorSettings:
    return VendorSettings(vendor="", **fields)  # type: ignore[arg-type]


def _named(settings: Mapping[str, VendorSettings]) -> tuple[VendorSettings, ...]:
    return tuple(replace(one, vendor=vendor) for vendor, one in settings.items())


VENDORS: Final = MapOf(
    words="vendor -> `{model, args, env, home, mcp}`",
    names=VendorName(),
    build=_named,
    of=Record(
        make=_settings,
        keys=(
            Key(name="model", kind=LINE, doc="The model, where the agent names none"),
            Key(name="args", kind=ListOf(of=PROSE, plural="arguments"), doc="Further arguments of its program"),
            Key(
                name="env",
                kind=ListOf(of=VARIABLE, plural="names"),
                doc="Environment variables that may pass; nothing else does",
            ),
            Key(name="home", kind=PATH, doc="A folder that is copied as its private configuration"),
            Key(
                name="mcp",
                kind=MapOf(
                    of=MapOf(of=Anything(), build=_frozen, words="settings"), build=_servers, words="name -> settings"
                ),
                doc="The MCP servers it may use",
            ),
        ),
    ),
)

AGENT_KEYS: Final = (
    Key(name="id", kind=ID, doc="Its name, unique in the file", replay="honoured", required=True),
    Key(
        name="instructions",
        kind=PROSE,
        doc="What it is told: a Jinja2 template over `results`, `scope`, `context`, `workflow`",
    ),
    Key(
        name="task",
        kind=TITLE,
        doc="One line that names the work; it stands in for `instructions` where there are none",
        replay="honoured",
    ),
    Key(name="vendor", kind=VendorName(), doc="The maker of the agent's program", replay="honoured"),
    Key(name="model", kind=LINE, doc="The model it runs on", replay="honoured"),
    Key(
        name="command",
        kind=ListOf(of=PROSE, plural="arguments", not_empty=True),
        doc="The program of the vendor `command`, with its arguments",
    ),
    Key(name="runner", kind=Choice(choices=("process", "function")), doc="How it is run", default="process"),
    Key(name="function", kind=ADDRESS, doc="The Python function of the runner `function`"),
    Key(name="scope", kind=SCOPE, doc="What it may read and write", replay="honoured", merges=True),
    Key(
        name="resources",
        kind=ListOf(of=LINE, plural="names", distinct=True),
        doc="Things that are not files (a branch, a port) and that no two use at once",
        replay="honoured",
    ),
    Key(
        name="tools",
        kind=ListOf(of=Choice(choices=_TOOLS), plural="tools", distinct=True),
        doc="What it may use, mapped to the vendor's own permissions",
        default="what the scope needs",
    ),
    Key(
        name="isolation",
        kind=Choice(choices=_ISOLATIONS),
        doc="Where it works: in a checkout of its own, in a copy of your files, or in your files",
        default="worktree for writers and who needs one, none for other readers",
    ),
    Key(
        name="depends_on",
        kind=ListOf(of=DEPENDENCY, plural="ids", distinct=True),
        doc="The agents that must end well before it starts",
        replay="honoured",
    ),
    Key(
        name="checkpoints",
        kind=ListOf(of=CHECKPOINT, plural="checkpoints", distinct_by="id"),
        doc="Points that others can wait for while it runs",
        replay="honoured",
    ),
    Key(name="priority", kind=Integer(), doc="Higher starts first", default="0"),
    Key(name="contract", kind=CONTRACT, doc="What its answer must satisfy", default="result", replay="honoured"),
    Key(
        name="verify",
        kind=ListOf(of=ADDRESS, plural="addresses"),
        doc="Functions (answer, result) -> reasons, for what a schema cannot say",
        replay="honoured",
    ),
    Key(
        name="success_criteria",
        kind=ListOf(of=CRITERION, plural="criteria"),
        doc="Prose that it is told, or commands that must succeed",
    ),
    Key(name="attempts", kind=ATTEMPTS, doc="Best of N", default="1", replay="honoured"),
    Key(
        name="repeat",
        kind=Integer(at_least=1, at_most=1000),
        doc="N runs and a pass rate, without a selection",
        default="1",
        replay="honoured",
    ),
    Key(name="retries", kind=RETRIES, doc="The same attempt again, by the reason it failed for", merges=True),
    Key(name="limits", kind=LIMITS, doc="Bounds of one run", merges=True),
    Key(name="vendors", kind=VENDORS, doc="How each vendor's program is set up", merges=True),
    Key(name="expect", kind=EXPECTATION, doc="What a known recording must come to", replay="honoured"),
)

DEFAULT_KEYS: Final = tuple(key for key in AGENT_KEYS if key.name != "id")
"""What `workflow.defaults` may hold."""


def _fields(**fields: object) -> Mapping[str, object]:
    return fields


_WORKFLOW_ONLY: Final = (
    "audit", "context", "coordination", "defaults", "description", "execution", "merge", "notify", "protected",
    "review", "version",
)  # fmt: skip

AGENT: Final = Record(
    make=_fields,
    keys=AGENT_KEYS,
    elsewhere={name: f"{name!r} belongs under 'workflow'" for name in _WORKFLOW_ONLY},
)
DEFAULTS: Final = Record(
    make=_fields,
    keys=DEFAULT_KEYS,
    words="map of agent keys",
    elsewhere={**AGENT.elsewhere, "id": "an id belongs to one agent"},
)
