"""From what a live run left behind to a recording that could be kept: redacted, with its metadata."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pytest_subagents.conduct.assignment import NO_TEAM, Assignment
from pytest_subagents.conduct.plain_answer import plain_answer
from pytest_subagents.conduct.situation import Situation
from pytest_subagents.model import limits
from pytest_subagents.model.base_parts import BaseParts
from pytest_subagents.model.outcome import CheckRecord, ProcessEnd
from pytest_subagents.model.spec import Subagent
from pytest_subagents.model.value import Value
from pytest_subagents.prompt.context import read_context
from pytest_subagents.prompt.templates import TEMPLATE_DIGEST
from pytest_subagents.runners.live_interface import Executed
from pytest_subagents.runners.vendor_settings import settings_of
from pytest_subagents.transcript.meta import OutsideChange, PatchFacts, RecordingMeta
from pytest_subagents.transcript.recording import Candidate, write_candidate
from pytest_subagents.transcript.redaction.redactor import Redactor, redactor_for
from pytest_subagents.transcript.redaction.secret_values import secrets_of
from pytest_subagents.transcript.staleness import instructions_digest
from pytest_subagents.workspace.change import Diff
from pytest_subagents.workspace.digests import digest_of_files
from pytest_subagents.writing import open_file


class Facts(Value, frozen=True, kw_only=True):
    """All that is known of one run when it is over."""

    executed: Executed
    workspace: Path
    checks: tuple[CheckRecord, ...] = ()
    diff: Diff | None = None
    """None for one that works in the person's files and cannot write."""
    base_of: BaseParts | None = None
    """What it started from, where that is more than HEAD."""
    outside: tuple[OutsideChange, ...] = ()
    """What changed where it does not work."""


def make_candidate(
    assignment: Assignment, facts: Facts, folder: Path, situation: Situation, redactor: Redactor
) -> Candidate:
    """The candidate, in `folder`. `OSError` where it cannot be written."""
    below = situation.run_directory.trusted
    with _stream(facts.executed, below) as stream:
        return write_candidate(
            folder,
            below=below,
            stream=stream,
            meta=_meta(assignment, facts, situation),
            redactor=redactor,
            patch=facts.diff.patch if facts.diff is not None else b"",
        )


def redactor_of(assignment: Assignment, facts: Facts, situation: Situation) -> Redactor:
    """What cuts the secrets and the paths of this run out of all that it left."""
    home, temporary = facts.executed.homes
    allowed = settings_of(assignment.subagent).env
    return redactor_for(
        secrets=secrets_of(situation.environ, allowed=allowed).values,
        workspaces=(str(facts.workspace), str(situation.rootdir)),
        homes=(home, os.path.expanduser("~")),
        temporaries=(temporary,),
        patterns=situation.redact,
        where="ini subagents_redact",
    )


def secrets_out(subagent: Subagent, situation: Situation) -> Redactor:
    """What cuts the secrets of a run out of what is told while it goes on."""
    return redactor_for(
        secrets=secrets_of(situation.environ, allowed=settings_of(subagent).env).values,
        patterns=situation.redact,
        where="ini subagents_redact",
    )


def _stream(executed: Executed, below: Path) -> BinaryIO:
    answer = plain_answer(executed)
    return BytesIO(answer) if answer is not None else open_file(executed.stream, below=below)


def _meta(assignment: Assignment, facts: Facts, situation: Situation) -> RecordingMeta:
    subagent, executed, diff = assignment.subagent, facts.executed, facts.diff
    read = subagent.scope.read
    return RecordingMeta(
        vendor=executed.vendor,
        cli_version=executed.cli_version,
        model=subagent.model,
        instructions_digest=instructions_digest(subagent),
        template_digest=TEMPLATE_DIGEST,
        context_digest=_context_digest(assignment, situation),
        scope_digest=digest_of_files(situation.rootdir, read) if read else None,
        contract_digest=f"sha256:{assignment.contract.digest}",
        process=_process(executed),
        checks={check.run: check for check in facts.checks},
        base=diff.base_tree if diff is not None else None,
        base_of=facts.base_of,
        outside=facts.outside,
        patch=_patch_facts(diff) if diff is not None else None,
    )


def _context_digest(assignment: Assignment, situation: Situation) -> str | None:
    team = assignment.team or NO_TEAM
    if not team.context.files and not team.context.text:
        return None
    files = read_context(team.context, rootdir=situation.rootdir, where=team.where)
    digest = hashlib.sha256(team.context.text.encode("utf-8", "surrogatepass"))
    for file in files:
        digest.update(f"\0{file.path}\0{file.text}".encode("utf-8", "surrogatepass"))
    return f"sha256:{digest.hexdigest()}"


def _patch_facts(diff: Diff) -> PatchFacts:
    return PatchFacts(
        tree=diff.tree,
        files=len(diff.differences),
        prefix="" if diff.prefix == Path() else diff.prefix.as_posix(),
        unkept=tuple((each.path, each.why) for each in diff.unkept),
    )


def _process(executed: Executed) -> ProcessEnd:
    progress = executed.progress
    return ProcessEnd(
        exit_code=executed.ending.exit_code,
        runtime_ms=executed.ending.runtime_ms,
        stderr_tail="".join(_tail(executed.stderr)),
        stop_kind=executed.stop_kind,
        stop_message=executed.stop_message,
        usd=progress.usd if progress.priced else None,
    )


def _tail(path: Path) -> Iterator[str]:
    """Far more than is kept of it, since a secret has to be found before anything is cut."""
    try:
        with open_file(path, below=path.parent) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16 * limits.STDERR_TAIL_CHARS))
            yield file.read().decode("utf-8", "replace")
    except OSError:
        return
