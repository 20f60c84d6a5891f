"""`subagents import`: existing transcripts and the vendors' own session files, as recordings."""

from __future__ import annotations

import json
import os
import re
import shlex
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import click

from pytest_subagents.cli.opencode_export import events_of
from pytest_subagents.cli.printing import print_file
from pytest_subagents.cli.session_files import Source, sources_of
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.outcome import Outcome
from pytest_subagents.model.value import Value
from pytest_subagents.plan.several_runs import runs_of
from pytest_subagents.reports.escape import terminal
from pytest_subagents.transcript.meta import NO_META, RecordingMeta, read_meta
from pytest_subagents.transcript.recording import publish, secrets_left, write_candidate, write_child
from pytest_subagents.transcript.redaction.redactor import redactor_for
from pytest_subagents.transcript.redaction.secret_values import secrets_of
from pytest_subagents.transcript.store import Recording, recording_of_agent, recording_of_run
from pytest_subagents.vendors.reading import read_transcript
from pytest_subagents.vendors.registry import VENDORS

_DEFAULT: Final = "transcripts"
_NAMED: Final = 5
_HOME: Final = re.compile(r"^(?:/(?:home|Users)/[^/]+|/root)(?=/)")
_CWD: Final = re.compile(rb'"(?:cwd|directory)"\s*:\s*"(/[^"\\]{1,1000})"')
_LEAST_FOLDERS: Final = 2
_RUN: Final = re.compile(r"(.+)\[([1-9][0-9]{0,3})\]")
"""One of several runs of an agent: `math[2]`."""
"""Folders of a path that an agent worked in which is replaced; a shorter one stands for too much."""


class _Imported(Value, frozen=True, kw_only=True):
    source: Source
    recording: str
    outcome: Outcome
    redacted: bool


class _Refused(Value, frozen=True, kw_only=True):
    source: Source
    why: str
    hint: str = ""


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--into", metavar="FOLDER", help=f"Where the recordings go.  [default: {_DEFAULT}]")
@click.option("--agent", metavar="ID", help="Make the one PATH the recording of this agent.")
@click.option("--workflow", metavar="FILE", help="The workflow file that declares it.")
@click.option("--redact", multiple=True, metavar="REGEX", help="What else is secret. Repeatable.")
@click.option("--force", is_flag=True, help="Write over recordings that are there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def import_(
    paths: tuple[str, ...],
    into: str | None,
    agent: str | None,
    workflow: str | None,
    redact: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Make recordings of transcripts you have.

    PATHs are files, or folders of them. What codex (~/.codex/sessions), Claude Code (~/.claude/projects) and others
    keep of their sessions is read like what they print. Secrets and the paths of this machine are cut out; nothing
    else is changed.

    With --json, one object: `imported`, `refused` and `passed_over`.

    \b
    Examples:
      subagents import logs/ --into tests/transcripts
      subagents import ~/.codex/sessions/2026/01/31
      subagents import run.jsonl --agent math --workflow subagents.yaml

    Exit codes: 0; 1 where something could not be imported; 4 for a bad argument, or a recording that is there already.
    """
    root = Path.cwd()
    sources, passed_over = sources_of([Path(path) for path in paths])
    targets = _targets(sources, into=into, agent=agent, workflow=workflow, root=root)
    if not force:
        _refuse_existing(targets.values(), root)
    secrets = secrets_of(os.environ)
    done = [
        _import(source, targets[source], secrets.values, redact, root=_trusted(targets[source], into, root))
        for source in sources
    ]
    if as_json:
        _print_json(done, passed_over, root)
    else:
        _print_text(done, passed_over, root, _next(into, agent, workflow))
    for refused in secrets.refused:
        click.echo(f"note: {terminal(refused)}", err=True)
    if not sources or any(isinstance(one, _Refused) for one in done):
        raise click.exceptions.Exit(1)


def _targets(
    sources: Sequence[Source], *, into: str | None, agent: str | None, workflow: str | None, root: Path
) -> dict[Source, Path]:
    if agent is None and workflow is None:
        return _below(sources, Path(os.path.abspath(into or _DEFAULT)))
    if agent is None or workflow is None:
        raise BadUsage("import", "--agent and --workflow belong together", hint="give both, or --into FOLDER")
    if into is not None:
        raise BadUsage("import", "--into and --agent exclude each other", hint="the agent says where its recording is")
    if len(sources) != 1:
        raise BadUsage("import", f"{len(sources)} transcripts are given for one agent", hint="name one file")
    return {sources[0]: _place_of(agent, workflow, root)}


def _place_of(agent: str, workflow: str, root: Path) -> Path:
    from pytest_subagents.specify.workflow_file import read_workflow

    path = Path(os.path.abspath(workflow))
    if not path.is_file():
        raise BadUsage(workflow, "there is no such workflow file")
    found = read_workflow(path, rootdir=root, vendors=VENDORS, contracts=built_in_names())
    agents = {each.id: each for each in found.agents}
    run = _RUN.fullmatch(agent)
    id, number = (run[1], int(run[2])) if run is not None else (agent, None)
    if id not in agents:
        raise BadUsage(workflow, f"no agent is called {id!r}", hint=f"known: {', '.join(sorted(agents)[:10])}")
    count = runs_of(agents[id])
    if (number is None) != (count == 1) or (number or 1) > count:
        what = f"{id!r} runs {count} times" if count > 1 else f"{id!r} runs once, and that has no number"
        raise BadUsage(workflow, what, hint=f"name one: --agent {id}[1]" if count > 1 else f"--agent {id}")
    recording = recording_of_agent(str(path.parent), found.name, id)
    return Path(recording if number is None else recording_of_run(recording, number))


def _below(sources: Sequence[Source], folder: Path) -> dict[Source, Path]:
    """Each by its own name; those that share one by their folders too."""
    names = [source.name for source in sources]
    targets = {
        source: folder / f"{source.name if names.count(source.name) == 1 else source.long_name}.jsonl"
        for source in sources
    }
    taken: dict[str, Source] = {}
    for source, target in targets.items():
        other = taken.setdefault(str(target).casefold(), source)
        if other is not source:
            hint = f"it is that of {other.path} too: import them one by one, with --into"
            raise BadUsage(str(source.path), f"its recording would be {target.name}", hint=hint)
    return targets


def _refuse_existing(targets: Iterable[Path], root: Path) -> None:
    there = [_shown(target, root) for target in targets if os.path.lexists(target)]
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise BadUsage(there[0], f"there is a recording already{more}", hint="--force writes over it")


def _trusted(target: Path, into: str | None, root: Path) -> Path:
    """The folder below which no link is followed: the current one, or where a person said that recordings go."""
    if target.is_relative_to(root):
        return root
    folder = Path(os.path.abspath(into)) if into is not None else target.parents[2]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _import(
    source: Source, target: Path, secrets: Sequence[str], patterns: Sequence[str], *, root: Path
) -> _Imported | _Refused:
    meta = _meta_beside(source)
    if isinstance(meta, str):
        return _Refused(source=source, why=meta, hint="mend or remove the file")
    with tempfile.TemporaryDirectory(prefix="subagents-") as name:
        folder = Path(name)
        path = _readable(source.path, folder)
        children = Recording(transcript=str(source.path)).children()
        outcome = read_transcript(path, children)
        if not outcome.spoke and (outcome.problem or meta is None):
            return _unreadable(source, outcome)
        redactor = redactor_for(
            secrets=secrets,
            patterns=patterns,
            workspaces=_workspaces(path, outcome),
            homes=_homes(path, outcome),
            where="--redact",
        )
        with path.open("rb") as stream:
            known = _known(meta or NO_META, outcome)
            candidate = write_candidate(folder, stream=stream, meta=known, redactor=redactor)
        for child in children:
            with child.open("rb") as stream:
                write_child(candidate, child.name, stream, redactor)
        if left := secrets_left(candidate, redactor):
            return _suspicious(source, left)
        redacted = _differ(path, Path(candidate.recording.transcript))
        publish(candidate, target, rootdir=root)
    return _Imported(source=source, recording=str(target), outcome=outcome, redacted=redacted)


def _readable(path: Path, folder: Path) -> Path:
    """`path`, or where it is an export of OpenCode's, a file of its events in `folder`."""
    if path.suffix != ".json" or not path.is_file() or path.stat().st_size > limits.WHOLE_FILE_BYTES:
        return path
    events = events_of(path.read_bytes())
    if events is None:
        return path
    made = folder / "export.jsonl"
    made.write_bytes(events)
    return made


def _suspicious(source: Source, left: Sequence[str]) -> _Refused:
    what = left[0].partition(": ")[2] + (f", and {len(left) - 1} more" if len(left) > 1 else "")
    return _Refused(
        source=source,
        why=f"it still looks like it holds a secret: {what}",
        hint="look at it; --redact REGEX cuts out what matches",
    )


def _unreadable(source: Source, outcome: Outcome) -> _Refused:
    if outcome.problem:
        return _Refused(source=source, why=outcome.problem)
    if not outcome.lines:
        return _Refused(source=source, why="it is empty")
    hint = "print events: opencode run --format json, gemini --output-format stream-json"
    return _Refused(source=source, why="none of its lines is an event of a known dialect", hint=hint)


def _meta_beside(source: Source) -> RecordingMeta | str | None:
    """The metadata beside a transcript, None where there is none, or why it cannot be used."""
    path = Path(Recording(transcript=str(source.path)).meta)
    if not source.path.name.endswith(".jsonl") or not path.is_file():
        return None
    with path.open("rb") as file:
        found = read_meta(file.read(limits.META_BYTES + 1))
    return f"{path.name}: {found}" if isinstance(found, str) else found


def _known(found: RecordingMeta, outcome: Outcome) -> RecordingMeta:
    """What is known of how it ended, and who made it; nothing that could make a recording stale by a guess."""
    return RecordingMeta(
        vendor=found.vendor or outcome.vendor,
        cli_version=found.cli_version or outcome.cli_version,
        model=found.model,
        instructions_digest=found.instructions_digest,
        template_digest=found.template_digest,
        context_digest=found.context_digest,
        scope_digest=found.scope_digest,
        contract_digest=found.contract_digest,
        process=found.process,
        checks=found.checks,
    )


def _cwds(path: Path, outcome: Outcome) -> list[str]:
    """Where the agent worked, as the stream says it, or the first lines of a session file."""
    with path.open("rb") as file:
        first = _CWD.search(file.read(limits.READ_BYTES))
    said = [] if first is None else [first[1].decode("utf-8", "replace")]
    return [cwd for cwd in (outcome.cwd, *said) if cwd is not None and cwd.startswith("/")]


def _workspaces(path: Path, outcome: Outcome) -> list[str]:
    return [cwd for cwd in _cwds(path, outcome) if cwd.strip("/").count("/") >= _LEAST_FOLDERS - 1]


def _homes(path: Path, outcome: Outcome) -> list[str]:
    """The home of whoever imports, and of whoever ran the agent."""
    return [os.path.expanduser("~"), *(home for cwd in _cwds(path, outcome) for home in _HOME.findall(f"{cwd}/"))]


def _differ(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        while data := first.read(limits.READ_BYTES):
            if data != second.read(limits.READ_BYTES):
                return True
        return bool(second.read(1))


def _shown(path: str | Path, root: Path) -> str:
    path = Path(path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _print_text(done: Sequence[_Imported | _Refused], passed_over: Sequence[str], root: Path, next: str | None) -> None:
    for one in done:
        match one:
            case _Imported():
                what = f"{one.outcome.vendor}, " if one.outcome.vendor else ""
                what += f"{one.outcome.lines} lines" + (", redacted" if one.redacted else "")
                click.echo(terminal(f"{_shown(one.recording, root)}  from {one.source.path} ({what})"))
            case _Refused():
                hint = f"\n  hint: {one.hint}" if one.hint else ""
                click.echo(terminal(f"{one.source.path}: not imported: {one.why}{hint}", multiline=True), err=True)
    for path in passed_over:
        click.echo(terminal(f"{path}; passed over"), err=True)
    imported = [one for one in done if isinstance(one, _Imported)]
    click.echo(f"{len(imported)} of {len(done)} imported" if done else "nothing to import was found")
    if imported:
        click.echo("Look through them before you commit them: redaction is a net, not a promise.")
        click.echo(f"Next: {next or _by_name(imported, root)}")


def _next(into: str | None, agent: str | None, workflow: str | None) -> str | None:
    """What replays the recordings; None where pytest has to be told each by its name."""
    if workflow is not None:
        return f"pytest --subagents {shlex.quote(f'{workflow}::{agent}')}"
    folder = into or _DEFAULT
    return f"pytest --subagents {shlex.quote(folder)}" if _DEFAULT in Path(os.path.abspath(folder)).parts else None


def _by_name(imported: Sequence[_Imported], root: Path) -> str:
    files = [shlex.quote(_shown(one.recording, root)) for one in imported]
    return f"pytest --subagents {' '.join(files[:_NAMED])}{' ...' if len(files) > _NAMED else ''}"


def _print_json(done: Sequence[_Imported | _Refused], passed_over: Sequence[str], root: Path) -> None:
    imported = [
        {
            "source": str(one.source.path),
            "recording": _shown(one.recording, root),
            "vendor": one.outcome.vendor,
            "dialects": list(one.outcome.dialects),
            "lines": one.outcome.lines,
            "redacted": one.redacted,
        }
        for one in done
        if isinstance(one, _Imported)
    ]
    refused = [{"source": str(one.source.path), "why": one.why} for one in done if isinstance(one, _Refused)]
    document = {"imported": imported, "refused": refused, "passed_over": list(passed_over)}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    print_file(text.encode("utf-8", "backslashreplace").decode("utf-8"))
