"""What the results of `run:` criteria say of a subagent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_subagents.conduct.criteria import OUTPUT, check_folder, commands_of
from pytest_subagents.model import limits
from pytest_subagents.model.outcome import CheckRecord
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.spec import Subagent
from pytest_subagents.transcript.meta import RecordingMeta


def recorded_reasons(subagent: Subagent, meta: RecordingMeta) -> Iterator[Reason]:
    """By what was recorded of each command; one that was not recorded has not been met, and results of commands that
    the specification does not have say nothing."""
    for criterion in commands_of(subagent):
        command = str(criterion.run)
        record = meta.checks.get(command)
        if record is None:
            yield Reason(
                kind="checks",
                message=f"no result of {command!r} was recorded",
                hint="run it on what was recorded: --subagents-checks=run; or record the subagent again",
            )
        elif record.exit_code != 0:
            yield _failed(record, f"{command!r} exited with {record.exit_code} when it was recorded")


def fresh_reasons(subagent: Subagent, records: Iterable[CheckRecord], *, kept: str | None) -> Iterator[Reason]:
    """By what has just been run; `kept` is the folder of what was printed, as people are told of it."""
    found = {record.run: record for record in records}
    for number, criterion in enumerate(commands_of(subagent), start=1):
        command = str(criterion.run)
        record = found.get(command)
        if record is None:
            yield Reason(kind="checks", message=f"{command!r} was not run to its end: the run was stopped")
        elif record.exit_code != 0:
            hint = f"all that it printed: {kept}/{check_folder(number)}/{OUTPUT}" if kept else None
            yield _failed(record, f"{command!r} exited with {record.exit_code}", hint)


def _failed(record: CheckRecord, words: str, hint: str | None = None) -> Reason:
    lines = (line.strip().strip("=").strip() for line in record.output.splitlines())
    said = " | ".join([line for line in lines if line][-limits.CHECK_LINES_SHOWN :])
    message = f"{words}: {said}" if said else words
    return Reason(kind="checks", message=_cut(message), hint=hint)


def _cut(text: str) -> str:
    """The middle goes: a message begins with the command and ends with the last that it said."""
    most = limits.MESSAGE_CHARS
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most // 2 - 1) :]}"
