"""Tells somebody of an event: the workflow file's own command, which gets it on its standard input."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model import limits
from pytest_subagents.model.spec import Notify, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.runners.environment import environment_of
from pytest_subagents.runners.private_home import private_home
from pytest_subagents.runners.supervision.order import Bounds, Ending, Order
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.supervise import supervise
from pytest_subagents.runners.vendor_settings import settings_of
from pytest_subagents.transcript.redaction.redactor import Redactor, redactor_for
from pytest_subagents.transcript.redaction.secret_values import secrets_of
from pytest_subagents.writing import make_folder, open_file, remove_file, write_file

_SAID_BYTES: Final = 16 * limits.LAST_WORDS_CHARS
_NEXT: Final = 1_000
"""Events of one run that are told."""


class Telling(Value, frozen=True, kw_only=True):
    """What all events of one workflow have in common."""

    notify: Notify
    rootdir: Path
    folder: Path
    """Of the run, where it is kept what was told; no link below it is followed."""
    homes: Path
    environ: Mapping[str, str]
    redactor: Redactor


def event_redactor(
    workflow: Workflow, *, rootdir: Path, environ: Mapping[str, str], patterns: Sequence[str] = ()
) -> Redactor:
    """What cuts the secrets of a workflow out of all that is told of it: the values of every variable that may pass to
    its agents or to its `notify` command, and what `patterns` (ini `subagents_redact`) match."""
    allowed = {name for agent in workflow.agents for name in settings_of(agent).env}
    allowed |= set(workflow.notify.env) if workflow.notify is not None else set()
    return redactor_for(
        secrets=secrets_of(environ, allowed=sorted(allowed)).values,
        workspaces=(str(rootdir),),
        patterns=patterns,
        where="ini subagents_redact",
    )


def tell(telling: Telling, event: str) -> str | None:
    """Runs the command for one event, a JSON text. Why it failed, in words, where it did; nothing is raised."""
    try:
        here = _new_folder(telling.folder)
        write_file(here / "event.json", telling.redactor.redact_text(event).encode(), below=telling.folder, mode=0o600)
        with private_home(telling.homes, config_folder=".config", rootdir=telling.rootdir) as home:
            env = environment_of(telling.environ, telling.notify.env, {}, home, where="notify.env").variables
            ending = supervise(
                Order(
                    argv=("/bin/sh", "-c", telling.notify.run),
                    env=env,
                    cwd=telling.rootdir,
                    stdin=here / "event.json",
                    stdout=here / "stdout.txt",
                    stderr=here / "stderr.txt",
                    end=here / "end.json",
                    bounds=Bounds(timeout=limits.NOTIFY_SECONDS, output_bytes=limits.CHECK_OUTPUT_BYTES),
                ),
                stop=Stop(),
            )
        return _fault(ending, _last_words(here, telling.redactor))
    except SubagentsError as error:
        return f"{error.where}: {error.what}"
    except OSError as error:
        return (error.strerror or str(error)).lower()


def _new_folder(run: Path) -> Path:
    for number in range(1, _NEXT):
        here = run / f"notify-{number}"
        if not os.path.lexists(here):
            make_folder(here, below=run, mode=0o700)
            return here
    raise OSError(0, f"more than {_NEXT - 1} events were told")


def _last_words(here: Path, redactor: Redactor) -> str:
    """The last line of standard error. What it printed may hold its secrets, so nothing else of it is kept."""
    said = ""
    with suppress(OSError), open_file(here / "stderr.txt", below=here) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _SAID_BYTES))
        lines = redactor.redact_text(file.read().decode("utf-8", "replace")).strip().splitlines()
        said = lines[-1][: limits.LAST_WORDS_CHARS] if lines else ""
    for name in ("stdout.txt", "stderr.txt"):
        with suppress(OSError):
            remove_file(here / name, below=here)
    return said


def _fault(ending: Ending, said: str) -> str | None:
    if ending.cause == "exited" and ending.exit_code == 0:
        return None
    if ending.cause == "exited":
        words = f"it exited with {ending.exit_code}"
    elif ending.cause == "timeout":
        words = f"it was stopped after {limits.NOTIFY_SECONDS:g} s"
    else:
        words = ending.message or ending.cause
    return f"{words}: {said}" if said else words
