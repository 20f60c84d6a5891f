"""What runs in the process that renders templates; `confined.py` starts it.

Standard input: one JSON object with the values, then one for each template. Standard output: one JSON object for each
template, in the same order. Whatever a template does ends that object or this process, and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final

from jinja2 import Template
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError

from pytest_subagents.model import limits
from pytest_subagents.prompt.checking import check
from pytest_subagents.prompt.faults import TemplateFault
from pytest_subagents.prompt.sandbox import Placeholder, TemplateEnvironment

_TOLD_CHARS: Final = 1_000
"""Of a message or a hint: names in a template, and keys in an answer, can be of any length."""


def main() -> None:
    """Answers every template on standard input."""
    first, *jobs = sys.stdin.buffer.read().splitlines()
    setup = json.loads(first)
    values = _values(setup)
    environment = TemplateEnvironment(values)
    _warm_up(environment)
    _confine()
    for job in jobs:
        _allow_processor_time()
        answer = _answer(environment, values, json.loads(job), setup["others"])
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _warm_up(environment: TemplateEnvironment) -> None:
    """What Python and jinja2 import when they first need it, they cannot import later."""
    environment.from_string(r"{{ ['a\u00e9'] | join(1.5) }}").render()
    with contextlib.suppress(TemplateSyntaxError):
        environment.parse("{{")


def _values(setup: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = setup["values"]
    for id in setup["pending"]:
        for key in ("answer", "findings"):
            values["results"][id][key] = Placeholder(("results", id, key))
    return values


def _answer(
    environment: TemplateEnvironment, values: dict[str, Any], job: Mapping[str, Any], others: list[str]
) -> dict[str, Any]:
    """`{"text"}`, or `{"line", "what", "hint"}` with the line in the template."""
    try:
        return {"text": _rendered(environment, values, job, others)}
    except TemplateFault as fault:
        line, what, hint = fault.line, fault.what, fault.hint
    except TemplateSyntaxError as error:
        line, what, hint = error.lineno, error.message or "it is no template", None
    except (RecursionError, SyntaxError):  # Python's own compiler cannot nest as deeply as a template's text can
        line, what, hint = 0, "it is nested too deeply", None
    except MemoryError:
        line, what, hint = 0, f"it needs more than {limits.TEMPLATE_MEMORY_BYTES >> 20} MB of memory", None
    except Exception as error:
        line, what, hint = 0, _said(error), None
    return {"line": line or 0, "what": _cut(what), "hint": None if hint is None else _cut(hint)}


def _rendered(
    environment: TemplateEnvironment, values: dict[str, Any], job: Mapping[str, Any], others: list[str]
) -> str:
    """The text; an empty one where the job is only to check."""
    source: str = job["source"]
    tree = environment.parse(source)
    check(tree, source, needs=job["needs"], others=others, filters=environment.filters, tests=environment.tests)
    template = Template.from_code(environment, environment.compile(tree), environment.globals)
    if not job["render"]:
        return ""
    parts: list[str] = []
    size = 0
    try:
        for part in template.root_render_func(template.new_context(values)):
            size += len(part.encode("utf-8", "surrogatepass"))
            if size > limits.PROMPT_BYTES:
                raise SecurityError(f"its text has more than {limits.PROMPT_BYTES:,} bytes")
            parts.append(part)
    except (RecursionError, MemoryError):
        raise
    except Exception as error:
        what, _, hint = _said(error).partition("\n")
        raise TemplateFault(_line(template, error.__traceback__), what, hint or None) from None
    return "".join(parts)


def _said(error: Exception) -> str:
    """In words; of what jinja2 and we raise the message is one, and a hint may follow it on a second line."""
    match error:
        case UndefinedError() | SecurityError():
            return str(error.message)
        case ZeroDivisionError():
            return "it divides by zero"
        case OverflowError():
            return "a number in it is too large"
        case TypeError():
            return f"its values do not fit together: {error}"
    return f"it cannot be rendered: {type(error).__name__}: {error}"


def _line(template: Template, trace: TracebackType | None) -> int:
    """The line of the template in which an exception rose; 0 where it is not known."""
    found = 0
    while trace is not None:
        if trace.tb_frame.f_globals.get("__jinja_template__") is template:
            found = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return found


def _cut(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= _TOLD_CHARS else f"{first[:_TOLD_CHARS]}…"


def _confine() -> None:
    """From now on: bounded memory, no new file, and no event but computing."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_AS, _address_space() + limits.TEMPLATE_MEMORY_BYTES)
    sys.addaudithook(_forbid)


def _allow_processor_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + limits.TEMPLATE_CPU_SECONDS)


def _limit(kind: int, value: int) -> None:
    """The soft limit, so that the one for time can be moved; what a template is made into cannot call this."""
    _, hard = resource.getrlimit(kind)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some; the wall clock is left then
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _address_space() -> int:
    """Bytes that this process has mapped already."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return limits.TEMPLATE_MEMORY_BYTES


_FORBIDDEN = ("open", "os.", "socket.", "subprocess.", "shutil.", "ctypes.", "pty.", "mmap.", "fcntl.", "import")


def _forbid(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise SecurityError(f"a template does nothing but make text ({event})")


if __name__ == "__main__":
    main()
