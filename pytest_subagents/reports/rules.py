"""What the kinds of results mean in a SARIF file: a sentence for a list, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.model.severity import known_severity
from pytest_subagents.model.value import Value

FINDING: Final = "finding/"
"""How the rules of findings begin; then comes the severity."""


class Rule(Value, frozen=True, kw_only=True):
    title: str
    help: str


def rule_of(id: str) -> Rule:
    """The rule `finding/SEVERITY`, or that of a kind of reason."""
    if id.startswith(FINDING):
        severity = known_severity(id.removeprefix(FINDING))
        title = f"Finding of a subagent, severity {severity}"
        return Rule(title=title, help=_FINDING)
    return _KINDS.get(id, _OTHER)


_FINDING: Final = (
    "An AI coding subagent reports this about the code; the message is its own words. It was recorded with the rest of "
    "its answer, which satisfies its contract; whether it is right, a person must say. `subagents show AGENT` shows "
    "the whole answer. A known finding can be accepted with a baseline."
)
_PROVIDER: Final = (
    "The run ended in a failure of the provider, so there is no answer to judge. Record the subagent again: "
    "pytest --subagents --subagents-mode=once."
)
_STOPPED: Final = "Something outside ended the run before it had an answer. Raise the limit, or make the task smaller."
_LIMIT: Final = "The run reached a limit of its `limits`. Raise it, or make the task smaller."
_ANSWER: Final = (
    "The final message must be exactly one JSON value that satisfies the contract. `subagents show AGENT` shows it "
    "beside what is wrong; change the contract or the instructions, and record the subagent again."
)
_OTHER: Final = Rule(title="A subagent did not end well", help="`subagents show AGENT` shows why.")
_KINDS: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "declared": Rule(
            title="A subagent says itself that it did not succeed",
            help="Its answer has the status partial or failed. `subagents show AGENT` shows what it says about that.",
        ),
        "exit_code": Rule(
            title="A subagent's program exited with an error",
            help="The answer is valid, the exit code is not 0. The end of its standard error says more.",
        ),
        "incomplete": Rule(
            title="A subagent's transcript has no end",
            help="The stream stops before the vendor's own last event. Record the subagent again.",
        ),
        "provider_error": Rule(title="A subagent's provider failed", help=_PROVIDER),
        "rate_limit": Rule(title="A subagent hit a rate limit", help=_PROVIDER),
        "auth": Rule(title="A subagent could not log in", help=f"{_PROVIDER} Check its credentials first."),
        "context_limit": Rule(
            title="A subagent ran out of context",
            help="Give it less to read: a smaller scope, or shorter instructions.",
        ),
        "refusal": Rule(title="A model refused the task", help="Say in the instructions what the work is for."),
        "launch": Rule(
            title="A subagent's program could not be started",
            help="The program is not there, or refused its arguments. Install it, or correct `vendors`.",
        ),
        "timeout": Rule(title="A subagent ran out of time", help=_STOPPED),
        "idle_timeout": Rule(title="A subagent fell silent", help=_STOPPED),
        "killed": Rule(title="A subagent was killed", help=_STOPPED),
        "budget": Rule(title="A subagent reached its budget", help=_LIMIT),
        "turn_limit": Rule(title="A subagent reached its turn limit", help=_LIMIT),
        "output_limit": Rule(title="A subagent reached its output limit", help=_LIMIT),
        "no_protocol": Rule(
            title="A transcript has no event of a known vendor",
            help="No line of the file is an event. Name the right file, or install the vendor's plugin.",
        ),
        "no_message": Rule(title="A subagent gave no final message", help=_ANSWER),
        "not_json": Rule(title="A subagent's answer is not one JSON value", help=_ANSWER),
        "contract": Rule(title="A subagent's answer breaks its contract", help=_ANSWER),
        "assertion": Rule(
            title="The test around a subagent failed",
            help="The body of the marked test failed; pytest's output shows it.",
        ),
        "permission": Rule(
            title="A subagent was denied a tool", help="Allow it in `tools`, or tell the agent to do without."
        ),
        "scope": Rule(
            title="A subagent changed what is not its to change",
            help="The path lies outside of `scope.write`, or is protected. Look at the diff (`subagents diff AGENT`), "
            "then extend the scope, or tell the agent to leave it alone.",
        ),
        "checks": Rule(
            title="A check of a subagent's work failed",
            help="A `run:` criterion exited with another code than 0. Run the command on the recorded work with "
            "--subagents-checks=run.",
        ),
        "conflict": Rule(
            title="A subagent's work does not merge with that of others",
            help="Two changed the same place. Make one depend on the other, or part their scopes; `subagents merge` "
            "shows all sides.",
        ),
        "review": Rule(
            title="A subagent's diff waits for a person",
            help="Look at it (`subagents diff AGENT`) and approve it (`subagents approve AGENT`).",
        ),
        "lost": Rule(title="An attempt was not selected", help="Another attempt was better; nothing is to be done."),
        "verify": Rule(
            title="A verify function found fault with an answer",
            help="The message says what a function of the workflow's `verify` found.",
        ),
        "stale": Rule(
            title="A recording answers another prompt",
            help="Instructions, vendor or model have changed since it was recorded. Record it again: "
            "pytest --subagents --subagents-mode=once.",
        ),
        "missing_recording": Rule(
            title="A subagent has no recording", help="Record it: pytest --subagents --subagents-mode=once."
        ),
        "crashed": Rule(
            title="A worker died under a subagent",
            help="Its result is lost. pytest's output shows how the worker ended.",
        ),
        "expect": Rule(
            title="A subagent did not come out as expected",
            help="Its row is not what `expect` says. Correct the one or the other.",
        ),
        "dependency": Rule(
            title="A subagent did not run, as one that it needs failed", help="See to the other one; this one follows."
        ),
        "stopped": Rule(
            title="A subagent did not run, as the run ended early",
            help="-x, a budget or an interrupt ended the run. `--subagents-resume` goes on with it.",
        ),
    }
)
