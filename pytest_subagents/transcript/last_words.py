"""What the end of a process says: its exit code, and the last words on its standard error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.event import FailureKind
from pytest_subagents.transcript.failure_words import kind_in_words

_SIGNALS: Final[dict[int, str]] = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
    11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
}  # fmt: skip
"""By number, as on Linux and macOS (SIGBUS is 10 there): a recording may be read on another system than its own."""
_SHELL: Final = frozenset({129, 130, 131, 134, 137, 139, 143})
"""128 + signal, as shells and many programs exit after one."""

_USAGE = re.compile(
    r"^\s*(?:usage:|options:|positionals:)|unknown (?:option|argument|flag)|unexpected argument"
    r"|unrecognized (?:option|argument)|invalid (?:option|choice)",
    re.IGNORECASE | re.MULTILINE,
)
_OPTION = re.compile(r"^\s+(?:-\w, )?--[a-z][\w-]+\s", re.MULTILINE)
_API = re.compile(
    r"API ?(?:Call|Connection|Timeout)?Error|Error when talking to|error code: [45]\d\d"
    r"|status(?: ?code)?[\"']?[:= ]+[45]\d\d\b|\"code\": ?[45]\d\d\b",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"error|fail|not |cannot|could not|denied|refus|must|no such|invalid|missing|require", re.IGNORECASE
)
_PLAIN_ERROR = re.compile(r"\b(?:error|fatal|panicked)\b", re.IGNORECASE)
_MESSAGE = re.compile(r'^\s*"message": "(.*?)",?$', re.MULTILINE)
_DENIED = re.compile(
    r"codex_core::tools::router: error="
    r"(patch rejected: .*|approval policy is .*|.*\bRejected\(.*|.* rejected by user.*)"
)
_LOGGED = re.compile(
    r'^timestamp=\S+ level=ERROR .*?\berror(?:\.error)?=(?:"((?:[^"\\\n]|\\.)*)"|([^\s"]+)).*$', re.MULTILINE
)
"""A line of OpenCode's log (seen with 1.18.33): only the error in it is words for a person."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_STACK = re.compile(r"^\s+at |^\s*[{}\]],?\s*$|^\s*\w+: (?:undefined|null|\[.*|\d+),?\s*$")
_CHATTER = ("Reading additional input from stdin", "Warning: ", "Ripgrep is not available", "YOLO mode", "[STARTUP]")


def exit_words(exit_code: int | None) -> str:
    """An exit code in words, with the signal that it stands for."""
    signal = is_death_by(exit_code)
    return f"exit code {exit_code} ({signal})" if signal is not None else f"exit code {exit_code}"


def is_death_by(exit_code: int | None) -> str | None:
    """The signal that a process died of, as its exit code tells it; None where it ended by itself."""
    if exit_code is None:
        return None
    number = -exit_code if exit_code < 0 else exit_code - 128 if exit_code in _SHELL else 0
    return _SIGNALS.get(number, f"signal {number}") if number > 0 else None


def launch_failure(stderr: str) -> FailureKind:
    """Why a program ended with an error before it printed an event.

    `launch` unless its last words say that it got as far as the provider, or that it could not log in.
    """
    if _is_usage(stderr):
        return "launch"
    kind = kind_in_words(stderr)
    if kind == "auth":
        return kind
    if _API.search(stderr):
        return kind if kind in ("rate_limit", "context_limit", "refusal") else "provider_error"
    return "launch"


def denials_in(stderr: str) -> Iterator[str]:
    """Tools that codex refused and told of on stderr alone (seen with 0.169)."""
    for line in stderr.splitlines():
        found = _DENIED.search(line)
        if found is not None:
            yield found[1]


def last_error(stderr: str) -> str:
    """What went wrong, in the program's own last words; cut."""
    text = _ESCAPES.sub("", stderr).rstrip()
    if logged := _LOGGED.fullmatch(text.rpartition("\n")[2]):
        return first_line(_logged(logged))
    text = _LOGGED.sub(_logged, text)
    if (reported := _MESSAGE.findall(text)) and text.rstrip().endswith("}"):
        return first_line(reported[-1])
    lines = [line.strip() for line in text.splitlines() if not _STACK.match(line)]
    told = [line for line in lines if line and not line.startswith(_CHATTER)]
    refused = [
        line
        for line in told
        if _USAGE.search(line) and not line.lower().startswith(("usage", "options", "positionals"))
    ]
    if not refused and _is_usage(text):
        return "it printed its usage"
    for candidates in (
        refused,
        [line for line in told if _PLAIN_ERROR.search(line)],
        [*filter(_ERROR.search, told)],
        told,
    ):
        if candidates:
            chosen = candidates[-1]
            after = told[told.index(chosen) + 1 :]
            return first_line(f"{chosen} {after[0]}" if chosen.endswith(":") and after else chosen)
    return ""


def _logged(found: re.Match[str]) -> str:
    quoted = found[1]
    return found[2] if quoted is None else quoted.replace('\\"', '"').replace("\\n", "\n")


def _is_usage(text: str) -> bool:
    return _USAGE.search(text) is not None or len(_OPTION.findall(text)) >= 3


def first_line(text: str) -> str:
    """The first line of a text that is not blank, cut."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= limits.LAST_WORDS_CHARS else line[: limits.LAST_WORDS_CHARS - 1] + "…"
