"""Whether a recording still answers the prompt that the specification gives today."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pytest_subagents.model.reason import Reason
from pytest_subagents.model.spec import Subagent
from pytest_subagents.transcript.meta import RecordingMeta


def instructions_digest(subagent: Subagent) -> str:
    """`sha256:` and the digest of what the subagent is told to do: its task and its instructions."""
    text = f"{subagent.task}\0{subagent.instructions}"
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stale_reasons(subagent: Subagent, meta: RecordingMeta, *, template: str | None = None) -> tuple[Reason, ...]:
    """One reason for each thing that changed since the recording. What was not recorded cannot be stale, nor can what
    nobody specifies: a transcript in a folder of them is told nothing.

    `template` is the digest of what makes a prompt of the instructions today; None where nobody asks for that.
    """
    return tuple(
        Reason(
            kind="stale",
            message=message,
            hint="record it again, or set 'subagents_stale = warn' to accept it as it is",
        )
        for message in _changes(subagent, meta, template)
    )


def _changes(subagent: Subagent, meta: RecordingMeta, template: str | None) -> Iterator[str]:
    if not (subagent.task or subagent.instructions):
        return
    if meta.instructions_digest is not None and meta.instructions_digest != instructions_digest(subagent):
        yield "the instructions are not those that were recorded"
    if meta.template_digest is not None and template is not None and meta.template_digest != template:
        yield "the template of the prompt is not the one that was recorded"
    if meta.vendor is not None and subagent.vendor is not None and meta.vendor != subagent.vendor:
        yield f"recorded with vendor {meta.vendor!r}, specified is {subagent.vendor!r}"
    if meta.model is not None and subagent.model is not None and meta.model != subagent.model:
        yield f"recorded with model {meta.model!r}, specified is {subagent.model!r}"
