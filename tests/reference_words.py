"""What the pages say of each kind of reason and each metric; that none is missing is tested."""

from __future__ import annotations

from typing import Final

REASONS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("declared",), "the answer itself says partial or failed"),
    (("exit_code",), "non-zero exit although the contract is valid"),
    (("incomplete",), "no terminal event although the contract is valid (without a valid answer: failed)"),
    (("provider_error", "rate_limit", "auth", "context_limit", "refusal"), "the run ended in an API failure"),
    (("launch",), "the program could not be started, or refused its arguments"),
    (
        ("timeout", "idle_timeout", "killed"),
        "stopped from outside (where the stream had already ended well with a valid answer: partial)",
    ),
    (("budget", "turn_limit", "output_limit"), "a limit was reached"),
    (("no_protocol",), "no line of the transcript is an event of a known dialect"),
    (("no_message",), "there is no final message, or an empty one"),
    (("not_json",), "the final message is not exactly one JSON value (duplicate keys, `NaN`, trailing text count)"),
    (
        ("contract",),
        "the answer breaks the schema; every violation is listed by its JSON Pointer, the first 100 of them",
    ),
    (("verify",), "a `verify` function found fault"),
    (
        ("checks",),
        "a `run:` criterion exited with another code than 0, or no result of it was recorded ([checks.md](checks.md))",
    ),
    (("assertion",), "the body of its test failed, or a fixture around it"),
    (
        ("scope",),
        "it changed a path outside of its write scope, or a protected one, or left what no patch can carry\
 ([below](#what-was-changed))",
    ),
    (
        ("conflict",),
        "its work does not merge at the end of a run ([merging.md](merging.md)); or the work of those that it needs\
 does not go together (then not_run, [workspaces.md](workspaces.md#what-it-starts-from))",
    ),
    (
        ("review",),
        "a person must approve its diff, and has not: the exit code is 1 ([review.md](review.md))",
    ),
    (("permission",), "a tool was denied"),
    (("lost",), "its supervision itself was killed; or, of an attempt, why another one was selected"),
    (
        ("stale",),
        "the recording answers other instructions, another vendor or model (`subagents_stale = warn`: no change)",
    ),
    (("missing_recording",), "there is no recording, or its metadata cannot be used"),
    (("expect",), "the row is not what `expect:` says"),
    (("crashed",), "it was started and its worker died"),
    (("dependency",), "a subagent that it needs did not end well"),
    (("stopped",), "`-x`, `--maxfail`, an interrupt, a spent budget, `abort_on_failure`"),
)
AS_IT_SAYS: Final = ("declared", "verify")
"""Those that leave the status that the answer, or the function, speaks of."""

METRICS: Final[tuple[tuple[str, str], ...]] = (
    ("status", "of the report: `status >= partial`"),
    ("planned", "selected subagents, one row each"),
    ("success", "rows of that status, without those that came out as expected"),
    ("partial", "the same"),
    ("failed", "the same"),
    ("not_run", "the same"),
    ("expected", "rows that came out as their `expect` says"),
    ("deselected", "subagents that `-k`, `-m`, `--lf` or node ids left out"),
    ("success_rate", "0 to 1, of the rows that were not expected"),
    ("pass_rate", "0 to 1, the lowest of those that [repeat](attempts.md)"),
    ("findings", "of all rows that were not expected"),
    ("findings.critical", "those of one severity; so for `high`, `medium`, `low`, `info` and `other`"),
    (
        "new_findings",
        "those that a [baseline](baseline.md) does not have",
    ),
    ("new_findings.critical", "of one severity, as for `findings`"),
    ("violations", "places where answers break their contract"),
    ("conflicts", "rows that did not merge; known where a merge was made"),
    ("tokens", "input and output, cached included; known where every run reported them"),
    ("usd", "known where every run reported it, or has a price"),
    ("runtime_ms", "of all runs together"),
)
